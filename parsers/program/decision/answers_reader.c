/* SPDX-License-Identifier: MIT */
/*
 * What an option's own reader makes of its own writer's streams.
 */
#include "program/decision/answers.h"

#include "program/decision/commands_shown.h"

static size_t is_not_read(const struct variant_cell *cell)
{
    return cell->applies && cell->own != VMWIRE_OUTCOME_EXACT;
}

struct answer answer_read_back(const struct decision *decision, size_t column,
                               const struct question *question)
{
    (void)question;
    SUM;
    const size_t all = decision->table->row_count;
    const enum variant_change change = variant_at(column).change;
    const bool asks_some = change == CHANGE_EXISTING;
    if (change == CHANGE_FIELDS)
        return not_asked(decision, "Its streams were measured, and not written.");
    return (struct answer){
        .value = say(decision, "%zu of %zu", sum->own_reads, asks_some ? sum->streams : all),
        .grade = sum->own_reads == all                         ? GRADE_GOOD
                 : asks_some && sum->own_reads == sum->streams ? GRADE_FAIR
                                                               : GRADE_BAD,
        .basis = BASIS_MEASURED,
        .by = show_command(decision, "parse --stats", column,
                           most_row(decision, column, is_not_read)),
        .detail = say(
            decision,
            "Of %zu streams its writer can write %zu, and its reader restores %zu of them exactly, "
            "with the values that the devices had.%s",
            all, sum->streams, sum->own_reads,
            asks_some ? " (Of the others no release before is known.)" : ""),
        .number = (double)sum->own_reads};
}

static struct answer answer_tails(const struct decision *decision, size_t column, size_t count,
                                  const char *what, bool undecided_counts)
{
    SUM;
    const bool some = leaves_streams(decision, sum);
    const bool open = some || (undecided_counts && sum->undecided);
    if (variant_at(column).change == CHANGE_FIELDS)
        return answer_no_tail("0");
    if (decides_nothing(sum))
        return not_asked(decision,
                         "It reads none of the streams as they are, so there is nothing to "
                         "mislead.");
    return (struct answer){
        .value = some ? say(decision, "%zu in %zu str.", count, sum->decided)
                      : say(decision, "%zu", count),
        .grade = count  ? GRADE_BAD
                 : open ? GRADE_FAIR
                        : GRADE_GOOD,
        .basis = BASIS_DECIDED,
        .by = show_command(decision, "check", column, telling_row(decision, column)),
        .detail =
            say(decision,
                "%zu of %zu tails %s; at %zu tails something is undecided. Decided for the %zu "
                "streams that it reads back, of %zu. The command shows the one with the most.",
                count, sum->tails, what, sum->undecided, sum->decided, decision->table->row_count),
        .number = (double)count};
}

struct answer answer_reject(const struct decision *decision, size_t column,
                            const struct question *question)
{
    (void)question;
    return answer_tails(decision, column, decision->sums[column].reject,
                        "have a state that makes the reader refuse a stream of its own release",
                        true);
}

struct answer answer_silent(const struct decision *decision, size_t column,
                            const struct question *question)
{
    (void)question;
    return answer_tails(
        decision, column, decision->sums[column].silent,
        "have a state that it takes for another one, or half-loads, without an error", true);
}

struct answer answer_undecided(const struct decision *decision, size_t column,
                               const struct question *question)
{
    (void)question;
    SUM;
    struct answer answer = answer_tails(decision, column, sum->undecided,
                                        "have something that the search cannot decide", false);
    if (answer.grade == GRADE_BAD)
        answer.grade = GRADE_FAIR;
    return answer;
}

/* The first column that has the same tails: its signatures were listed. */
static size_t column_with_signatures(size_t column)
{
    struct variant variant = variant_at(column);
    for (size_t i = 0; i < column; i++) {
        struct variant earlier = variant_at(i);
        if (earlier.writes == variant.writes && earlier.reads == variant.reads)
            return variant.change == CHANGE_EXISTING ? column : i;
    }
    return column;
}

struct answer answer_signatures(const struct decision *decision, size_t column,
                                const struct question *question)
{
    (void)question;
    SUM;
    const struct signatures *signatures = &decision->table->signatures;
    const struct variant variant = variant_at(column);
    const size_t listed = column_with_signatures(column);
    if (variant.change == CHANGE_NEW_MACHINES)
        return not_asked(decision,
                         say(decision, "Those of %s for the old machine types, none for the new.",
                             variant.old->name));
    if (variant.change == CHANGE_FIELDS)
        return answer_no_tail("none");
    if (decides_nothing(sum))
        return not_asked(decision, "It reads none of the streams as they are.");
    const struct signature *worst = worst_signature(signatures, listed);
    if (!worst)
        return (struct answer){
            .value = "none",
            .grade = sum->undecided || leaves_streams(decision, sum) ? GRADE_FAIR : GRADE_GOOD,
            .basis = BASIS_DECIDED,
            .by = show_command(decision, "check", column, first_row(decision)),
            .detail = say(decision,
                          "No structure's tail misleads it, in the %zu of %zu streams "
                          "that it reads back.",
                          sum->decided, decision->table->row_count),
            .number = 0};
    size_t counts[VMWIRE_OUTCOME_CORRUPT + 1], all = 0;
    for (int i = VMWIRE_OUTCOME_REJECT; i <= VMWIRE_OUTCOME_CORRUPT; i++)
        all += counts[i] = count_signatures(signatures, listed, (enum vmwire_outcome)i);
    return (struct answer){
        .value = say(decision, "%zu, %s", all, vmwire_outcome_name(worst->outcome)),
        .grade = GRADE_BAD,
        .basis = BASIS_DECIDED,
        .by = show_command(decision, "check", column, telling_row(decision, column)),
        .detail = say(decision,
                      "Pairs of structure and outcome: %zu reject, %zu truncated, %zu corrupt. The "
                      "worst, for "
                      "instance: %s, %s in %s.",
                      counts[VMWIRE_OUTCOME_REJECT], counts[VMWIRE_OUTCOME_TRUNCATED],
                      counts[VMWIRE_OUTCOME_CORRUPT], vmwire_outcome_name(worst->outcome),
                      worst->owner, worst->file),
        .number = (double)all};
}

/* They were made for heuristic: that none of them misleads another reader shows only that none of these does. */
static enum grade grade_of_guests(const struct guest_count *count, const struct variant_sum *sum)
{
    const bool open = sum->reject + sum->silent + sum->undecided || count->not_asked;
    return count->refused + count->silent ? GRADE_BAD : open ? GRADE_FAIR : GRADE_GOOD;
}

struct answer answer_guest(const struct decision *decision, size_t column,
                           const struct question *question)
{
    (void)question;
    SUM;
    const struct variant variant = variant_at(column);
    const struct guest_count count =
        count_guests(decision->table->guests, decision->table->guest_count, column);
    if (!decision->table->guest_count)
        return not_asked(decision, "No guests were given: corpus/guest has some.");
    if (variant.change != CHANGE_NOTHING)
        return not_asked(decision, "The streams of the guests are today's, and it writes others.");
    if (!count.all)
        return not_asked(decision,
                         "It refuses the controls, too, in which the guest does nothing.");
    return (struct answer){
        .value = say(decision, "%zu of %zu", count.refused + count.silent, count.all),
        .grade = grade_of_guests(&count, sum),
        .basis = variant.reads == todays_option() ? BASIS_SEEN : BASIS_MEASURED,
        .by = show_guests(decision, variant.reads),
        .detail =
            say(decision,
                "Of %zu guests that brought a real QEMU's field to hold a witness while they ran, "
                "%zu make this reader refuse and %zu mislead it in silence. It reads their "
                "controls, with one byte changed. Of %zu guests it refuses the control, too. They "
                "were made to mislead heuristic; another guest could mislead another reader.",
                count.all, count.refused, count.silent, count.not_asked),
        .number = (double)(count.refused + count.silent)};
}
