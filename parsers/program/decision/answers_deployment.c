/* SPDX-License-Identifier: MIT */
/*
 * Who needs a flag day, and which files can be kept.
 */
#include "program/decision/answers.h"

#include <math.h>

#include "program/decision/commands_shown.h"

/* What becomes of streams between a column and today's. */
struct with_today {
    size_t exact, all;         /* read by today's reader, */
    size_t plain, plain_exact; /* of these without subsections; */
    size_t back, back_all;     /* today's streams, read by the column's reader */
};

static struct with_today count_with_today(const struct variant_sum *sum)
{
    const struct crossing *to = sum->crossings.all[NEW_TO_OLD][OLD_OPTIONS - 1];
    const struct crossing *from = sum->crossings.all[OLD_TO_NEW][OLD_OPTIONS - 1];
    struct with_today count = {.plain = count_crossing(&to[WITHOUT_SUBSECTIONS]),
                               .plain_exact =
                                   to[WITHOUT_SUBSECTIONS].outcomes[VMWIRE_OUTCOME_EXACT]};
    for (int i = 0; i < CROSSING_STATES; i++) {
        count.all += count_crossing(&to[i]);
        count.exact += to[i].outcomes[VMWIRE_OUTCOME_EXACT];
        count.back_all += count_crossing(&from[i]);
        count.back += from[i].outcomes[VMWIRE_OUTCOME_EXACT];
    }
    return count;
}

/* Today's readers refuse what it writes. */
static void put_flag_day(struct answer *answer, const struct decision *decision, size_t column,
                         const struct with_today *count)
{
    const struct variant variant = variant_at(column);
    const bool same_head = variant.writes->stream_version == variant.before->stream_version &&
                           variant.change != CHANGE_VERSIONS && variant.change != CHANGE_FIELDS;
    answer->grade = count->exact || same_head ? GRADE_FAIR : GRADE_BAD;
    if (same_head && count->plain_exact == count->plain && count->exact == count->plain) {
        answer->value = "for senders";
        answer->detail =
            "Today's readers read its streams that send no subsection, and refuse the others: for "
            "every machine that has to send one.";
    } else if (count->exact) {
        answer->value = "for some";
        answer->detail =
            say(decision, "Today's readers read %zu of the %zu streams that it writes.",
                count->exact, count->all);
    } else if (count->back || variant.change == CHANGE_FIELDS) {
        answer->value = "one way";
        answer->detail = "Today's readers refuse all that it writes; it reads today's streams.";
    } else {
        answer->value = "for all";
        answer->detail = "Today's readers refuse all that it writes, and it refuses all that they "
                         "write: a release has to hold both formats to migrate at all.";
    }
}

struct answer answer_flag_day(const struct decision *decision, size_t column,
                              const struct question *question)
{
    (void)question;
    SUM;
    const struct variant variant = variant_at(column);
    const struct with_today count = count_with_today(sum);
    struct answer answer = {.basis = BASIS_MEASURED, .number = NAN};
    answer.by = variant.change == CHANGE_NOTHING
                    ? show_crossing(decision, variant.writes, todays_option(),
                                    most_row(decision, column, is_not_read_before))
                    : show_compare(decision);
    if (variant.change == CHANGE_NEW_MACHINES) {
        answer.value = "new machines";
        answer.grade = GRADE_FAIR;
        answer.detail =
            "A new machine type needs a reader that knows the new format; old machine types "
            "migrate as before.";
    } else if (!count.all) {
        return not_asked(decision, "It can write none of the streams.");
    } else if (count.exact < count.all) {
        put_flag_day(&answer, decision, column, &count);
    } else {
        answer.value = "none";
        answer.grade = count.back == count.back_all ? GRADE_GOOD : GRADE_FAIR;
        answer.detail = say(decision,
                            "Today's readers read all that it writes, and it reads %zu of %zu "
                            "streams that they write, with subsections and without.",
                            count.back, count.back_all);
    }
    return answer;
}

/* Whether a release whose structures differ can misread in silence; `open`: whether that is not known. */
static bool misreads_differences(const struct decision *decision, size_t column, bool *open)
{
    const struct variant variant = variant_at(column);
    const struct difference_sum *sums = decision->sums[reader_of(column)].differences;
    *open = variant.change == CHANGE_FIELDS;
    for (int i = 0; i < RELEASE_DIFFERENCES; i++) {
        *open |= sums[i].undecided > 0;
        if (sums[i].silent && variant.change != CHANGE_FIELDS)
            return true;
    }
    return false;
}

struct answer answer_unknown_reader(const struct decision *decision, size_t column,
                                    const struct question *question)
{
    (void)question;
    SUM;
    const enum variant_change change = variant_at(column).change;
    const size_t silent = sum->silent + sum->unknown_silent + sum->unknown_can_be_silent;
    const size_t unsure = sum->undecided + sum->unknown_undecided;
    const bool reads = sum->own_reads == decision->table->row_count ||
                       (change == CHANGE_EXISTING && sum->own_reads == sum->streams);
    bool open;
    const bool misreads = misreads_differences(decision, column, &open);
    open |= unsure || leaves_streams(decision, sum);
    const bool bad = !reads || silent || sum->reject;
    return (struct answer){
        .value = silent                  ? "no: silent"
                 : !reads || sum->reject ? "no: refuses"
                 : misreads              ? "if same fields"
                 : open                  ? "yes, but ?"
                                         : "yes",
        .grade = bad                ? GRADE_BAD
                 : misreads || open ? GRADE_FAIR
                                    : GRADE_GOOD,
        .basis = BASIS_DECIDED,
        .by = show_compare(decision),
        .detail = say(
            decision,
            "A file is safe if its own release reads it back, and a release that differs "
            "refuses it: %zu of %zu streams read back, %zu tails that mislead its own reader "
            "loudly, %zu places silently, %zu undecided.%s",
            sum->own_reads, decision->table->row_count, sum->reject, silent, unsure,
            misreads ? " A release with other fields can misread it in silence (rows above)." : ""),
        .number = NAN};
}

struct answer answer_skip(const struct decision *decision, size_t column,
                          const struct question *question)
{
    (void)question;
    const struct vmwire_option *option = variant_at(column).writes;
    struct answer answer = {
        .value = "no",
        .grade = GRADE_BAD,
        .basis = BASIS_CONSTRUCTION,
        .by = say(decision, "grammar/pages/%s.txt: tail", option->name),
        .detail = "Nothing tells how long a section or a subsection is, so a reader that "
                  "lacks its layout cannot find its end.",
        .number = NAN};
    if (option->encoding == VMWIRE_ENCODING_DER) {
        answer.value = "could";
        answer.grade = GRADE_GOOD;
        answer.by = "grammar/asn1/framing.asn1: each item has a tag and a length";
        answer.detail = "Each value has its length, so a reader could skip it and warn. The reader "
                        "here refuses "
                        "it, because a state that is not loaded whole is another state.";
    } else if (option->look == VMWIRE_LOOK_DESCRIBED) {
        answer.value = "could, held";
        answer.grade = GRADE_FAIR;
        answer.by = "grammar/pages/described.txt: description";
        answer.detail = "The description at the stream's end has the size of each field that it "
                        "describes, which is not all of virtio. A reader that holds the whole "
                        "stream could skip what it does not know; the reader here refuses it.";
    } else if (option->framed) {
        answer.value = "fields only";
        answer.grade = GRADE_FAIR;
        answer.by = "grammar/pages/framed.txt: record";
        answer.detail =
            "The length of a record's fields stands before them. A subsection has fields with a "
            "length and ends with 00, so a chain of them could be skipped; the reader here refuses "
            "it.";
    }
    return answer;
}
