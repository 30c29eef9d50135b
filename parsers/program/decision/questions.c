/* SPDX-License-Identifier: MIT */
/*
 * The questions to each option and variant, and how an answer follows from what was measured. Each answer names the command that
 * shows it, or the rule that makes it so.
 */
#include "program/decision/questions.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "program/decision/commands_shown.h"
#include "program/decision/documents.h"

/* ---- Helpers ------------------------------------------------------------------------------------------ */

#define SUM const struct variant_sum *sum = &decision->sums[column]

/* The option whose bytes the column's writer sends; of a variant too. */
static size_t option_of(size_t column)
{
    return (size_t)(variant_at(column).writes - vmwire_options);
}

/* The option of the column's reader. */
static size_t reader_of(size_t column)
{
    return (size_t)(variant_at(column).reads - vmwire_options);
}

static const struct row *first_row(const struct decision *decision)
{
    return &decision->table->rows[0];
}

/* The stream that shows most of it: silent tails, then those that reject. */
static const struct row *telling_row(const struct decision *decision, size_t column)
{
    const struct table *table = decision->table;
    const struct row *best = &table->rows[0];
    for (size_t i = 0; i < table->row_count; i++) {
        const struct variant_cell *cell = &table->rows[i].variants[column];
        const struct variant_cell *than = &best->variants[column];
        if (cell->silent > than->silent ||
            (cell->silent == than->silent && cell->reject > than->reject))
            best = &table->rows[i];
    }
    return best;
}

/* The stream with the most that `value` says of its cells. */
static const struct row *most_row(const struct decision *decision, size_t column,
                                  size_t (*value)(const struct variant_cell *cell))
{
    const struct table *table = decision->table;
    const struct row *best = &table->rows[0];
    for (size_t i = 0; i < table->row_count; i++)
        if (value(&table->rows[i].variants[column]) > value(&best->variants[column]))
            best = &table->rows[i];
    return best;
}

static struct answer not_asked(const struct decision *decision, const char *why)
{
    return (struct answer){.value = "-",
                           .basis = BASIS_NONE,
                           .by = show_compare(decision),
                           .detail = why,
                           .number = NAN};
}

/* A reader that refuses the streams as they are: of its tails nothing is decided. */
static bool decides_nothing(const struct variant_sum *sum)
{
    return !sum->decided;
}

/* Something is not decided of a stream: its writer cannot write it, its reader refuses it, or a dump is missing. */
static bool leaves_streams(const struct decision *decision, const struct variant_sum *sum)
{
    return sum->decided < decision->table->row_count;
}

static const struct json_t *find_costs(const struct decision *decision, const char *option)
{
    size_t i;
    json_t *each;
    json_array_foreach(json_object_get(decision->costs, "options"), i, each)
    {
        const char *name = json_string_value(json_object_get(each, "option"));
        if (name && strcmp(name, option) == 0)
            return each;
    }
    return NULL;
}

/* ---- Is the wire unambiguous? -------------------------------------------------------------------------- */

static size_t count_ambiguous(const struct variant_cell *cell)
{
    return cell->ambiguous;
}

static size_t is_read(const struct variant_cell *cell)
{
    return cell->applies && cell->own == VMWIRE_OUTCOME_EXACT;
}

/* Of two states with the same bytes the reader restores one at most. */
static struct answer answer_exact(const struct decision *decision, size_t column)
{
    SUM;
    const struct vmwire_option *option = variant_at(column).writes;
    const bool all = sum->own_reads == decision->table->row_count;
    if (!sum->own_reads)
        return not_asked(decision, "It reads none of the streams.");
    return (struct answer){
        .value = all ? "no" : "no, where read",
        .grade = all ? GRADE_GOOD : GRADE_FAIR,
        .basis = BASIS_CONSTRUCTION,
        .by = option->encoding == VMWIRE_ENCODING_DER
                  ? "grammar/asn1/framing.asn1: each value has a tag and a length"
                  : say(decision, "grammar/pages/%s.txt: tail; %s", option->name,
                        show_command(decision, "check --ambiguity", column,
                                     most_row(decision, column, is_read))),
        .detail = say(decision,
                      "The reader restores every state that it reads, so no two of these have the "
                      "same bytes. Brute force and fuzzing hold it to that. (It reads %zu of %zu "
                      "streams.)",
                      sum->own_reads, decision->table->row_count),
        .number = 0};
}

/* The column whose sums count the ambiguities: that of the wire. */
static size_t column_of_wire(size_t column)
{
    const struct variant variant = variant_at(column);
    return variant.change == CHANGE_EXISTING || variant.change == CHANGE_NEW_MACHINES
               ? column
               : (size_t)(wire_of(variant.writes) - vmwire_options);
}

/* Without subsections. */
static struct answer answer_no_tail(const char *value)
{
    return (struct answer){.value = value,
                           .grade = GRADE_GOOD,
                           .basis = BASIS_CONSTRUCTION,
                           .by = "grammar/stream.y: no tail has a subsection",
                           .detail = "No reader has to look at a tail: nothing optional is sent.",
                           .number = 0};
}

static struct answer answer_ambiguous(const struct decision *decision, size_t column,
                                      const struct question *question)
{
    (void)question;
    const struct variant variant = variant_at(column);
    const bool refuses = variant.reads->look == VMWIRE_LOOK_IF_ONLY_READING;
    const size_t shown = column_of_wire(column);
    const struct variant_sum *sum = &decision->sums[shown];
    const bool open = sum->ambiguity_undecided || sum->streams < decision->table->row_count;
    if (variant.change == CHANGE_FIELDS)
        return answer_no_tail("no");
    if (variant.writes->exact && variant.change == CHANGE_NOTHING)
        return answer_exact(decision, column);
    return (struct answer){
        .value = say(decision, sum->ambiguous ? "%zu tails" : "none found", sum->ambiguous),
        .grade = sum->ambiguous ? (refuses ? GRADE_FAIR : GRADE_BAD)
                 : open         ? GRADE_FAIR
                                : GRADE_GOOD,
        .basis = BASIS_DECIDED,
        .by = show_command(decision, "check --ambiguity", shown,
                           most_row(decision, shown, count_ambiguous)),
        .detail =
            say(decision,
                "At %zu tails two states have the same bytes, whatever reads them; at %zu it is "
                "undecided.%s",
                sum->ambiguous, sum->ambiguity_undecided,
                refuses && sum->ambiguous ? " This reader refuses both." : ""),
        .number = (double)sum->ambiguous};
}

static bool names_option(const json_t *options, const char *name)
{
    size_t i;
    json_t *each;
    json_array_foreach((json_t *)options, i, each)
    {
        if (json_is_string(each) && strcmp(json_string_value(each), name) == 0)
            return true;
    }
    return false;
}

static struct answer answer_byte_grammar(const struct decision *decision, size_t column,
                                         const struct question *question)
{
    (void)question;
    const char *option = variant_at(column).writes->name;
    size_t i, all = 0, ambiguous = 0, proved = 0, gone_through = 0;
    json_t *each;
    json_array_foreach(json_object_get(decision->byte_grammars, "results"), i, each)
    {
        const char *verdict = json_string_value(json_object_get(each, "verdict"));
        if (!verdict || !names_option(json_object_get(each, "options"), option))
            continue;
        all++;
        ambiguous += strcmp(verdict, "ambiguous") == 0;
        gone_through += strcmp(verdict, "conflict only") == 0;
        proved += strcmp(verdict, "unambiguous") == 0 || strcmp(verdict, "unique decoding") == 0;
    }
    if (!all)
        return not_asked(decision, "No grammar on bytes was made for it.");
    return (struct answer){.value =
                               ambiguous ? say(decision, "%zu of %zu", ambiguous, all) : "none",
                           .grade = ambiguous                      ? GRADE_BAD
                                    : proved + gone_through == all ? GRADE_GOOD
                                                                   : GRADE_FAIR,
                           .basis = BASIS_PROVED,
                           .by = "proofs/bytes/prove",
                           .detail = say(decision,
                                         "Of %zu schemas, written as grammars whose tokens are "
                                         "bytes, %zu have an input with two "
                                         "parses. %zu have none because lemon finds no conflict, "
                                         "or because lengths lead a decoder; of "
                                         "%zu lemon finds a conflict, and no pair of derivations "
                                         "has the same bytes: all were gone "
                                         "through.",
                                         all, ambiguous, proved, gone_through),
                           .number = (double)ambiguous};
}

/* ---- Its own writer and reader ------------------------------------------------------------------------- */

static size_t is_not_read(const struct variant_cell *cell)
{
    return cell->applies && cell->own != VMWIRE_OUTCOME_EXACT;
}

static struct answer answer_read_back(const struct decision *decision, size_t column,
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

static struct answer answer_reject(const struct decision *decision, size_t column,
                                   const struct question *question)
{
    (void)question;
    return answer_tails(decision, column, decision->sums[column].reject,
                        "have a state that makes the reader refuse a stream of its own release",
                        true);
}

static struct answer answer_silent(const struct decision *decision, size_t column,
                                   const struct question *question)
{
    (void)question;
    return answer_tails(
        decision, column, decision->sums[column].silent,
        "have a state that it takes for another one, or half-loads, without an error", true);
}

static struct answer answer_undecided(const struct decision *decision, size_t column,
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

static struct answer answer_signatures(const struct decision *decision, size_t column,
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

static struct answer answer_guest(const struct decision *decision, size_t column,
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
        .basis = strcmp(variant.reads->name, "heuristic") == 0 ? BASIS_SEEN : BASIS_MEASURED,
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

/* ---- Old and new --------------------------------------------------------------------------------------- */

static size_t is_not_read_before(const struct variant_cell *cell)
{
    return cell->applies && cell->before != VMWIRE_OUTCOME_EXACT;
}

static size_t count_crossing(const struct crossing *crossing)
{
    size_t all = 0;
    for (int i = 0; i <= VMWIRE_OUTCOME_CORRUPT; i++)
        all += crossing->outcomes[i];
    return all;
}

/* The stream that shows most: one that is not restored, if there is one. NULL: none is sent as it is in the file. */
static const struct row *crossing_row(const struct decision *decision, size_t column,
                                      const struct question *question)
{
    const int direction = question->which[0], old = question->which[1], state = question->which[2];
    const struct row *found = NULL;
    for (size_t i = 0; i < decision->table->row_count; i++) {
        const struct row *row = &decision->table->rows[i];
        const struct crossing *crossings = row->variants[column].crossings.all[direction][old];
        if (!count_crossing(&crossings[state]) ||
            (state == WITHOUT_SUBSECTIONS && (count_crossing(&crossings[WITH_SUBSECTIONS]) ||
                                              crossings[WITH_SUBSECTIONS].not_written)))
            continue; /* its subsections were taken out */
        if (!found || !crossings[state].outcomes[VMWIRE_OUTCOME_EXACT])
            found = row;
    }
    return found;
}

/* Only what `convert` writes can be shown so: not other versions, and not one of two formats. */
static const char *show_crossing_of(const struct decision *decision, size_t column,
                                    const struct question *question)
{
    const struct row *row = crossing_row(decision, column, question);
    const struct vmwire_option *old = old_option((size_t)question->which[1]);
    const struct variant variant = variant_at(column);
    if (!row || variant.change != CHANGE_NOTHING)
        return show_compare(decision);
    return question->which[0] == OLD_TO_NEW ? show_crossing(decision, old, variant.reads, row)
                                            : show_crossing(decision, variant.writes, old, row);
}

static struct answer answer_crossing(const struct decision *decision, size_t column,
                                     const struct question *question)
{
    SUM;
    const struct crossing *crossing =
        &sum->crossings.all[question->which[0]][question->which[1]][question->which[2]];
    const size_t all = count_crossing(crossing), exact = crossing->outcomes[VMWIRE_OUTCOME_EXACT],
                 refused = crossing->outcomes[VMWIRE_OUTCOME_REJECT],
                 silent = all - exact - refused;
    if (variant_at(column).change == CHANGE_FIELDS && question->which[0] == OLD_TO_NEW)
        return not_asked(decision,
                         "The new reader has to know the old subsections beside the fields: as "
                         "heuristic then.");
    if (!all)
        return not_asked(decision, question->which[2] == WITH_SUBSECTIONS
                                       ? "No stream with subsections of a device can be written so."
                                       : "No stream without subsections can be written so (a "
                                         "configuration keeps its own).");
    return (struct answer){
        .value = exact == all ? "all"
                 : silent     ? say(decision, "%zu silent", silent)
                 : exact      ? say(decision, "%zu of %zu", exact, all)
                              : "none",
        .grade = exact == all       ? GRADE_GOOD
                 : silent || !exact ? GRADE_BAD
                                    : GRADE_FAIR,
        .basis = BASIS_MEASURED,
        .by = show_crossing_of(decision, column, question),
        .detail = say(decision,
                      "%zu streams: %zu read exactly, %zu refused, %zu read wrongly in silence. "
                      "%zu more cannot be written so.",
                      all, exact, refused, silent, crossing->not_written),
        .number = (double)exact};
}

#define NEWER_VERSION                                                                              \
    "migration/savevm.c, qemu_loadvm_section_start_full: \"unsupported version %d for '%s' v%d\""

static struct answer answer_unknown(const struct decision *decision, size_t column,
                                    const struct question *question)
{
    (void)question;
    SUM;
    const size_t silent = sum->unknown_silent + sum->unknown_can_be_silent;
    const size_t all = sum->unknown_refused + sum->unknown_silent;
    const enum variant_change change = variant_at(column).change;
    if (!all)
        return not_asked(decision, "No subsection is sent that it could lack.");
    if (change == CHANGE_VERSIONS || change == CHANGE_FIELDS)
        return (struct answer){.value = "refused",
                               .grade = GRADE_GOOD,
                               .basis = BASIS_CONSTRUCTION,
                               .by = NEWER_VERSION,
                               .detail = "A section with something new has a newer version, if "
                                         "who adds it remembers that.",
                               .number = 0};
    if (decides_nothing(sum))
        return not_asked(decision, "It refuses the streams with all their subsections known, too.");
    return (struct answer){
        .value = silent                   ? say(decision, "%zu silent", silent)
                 : sum->unknown_undecided ? say(decision, "refused, %zu ?", sum->unknown_undecided)
                                          : "refused",
        .grade = silent                   ? GRADE_BAD
                 : sum->unknown_undecided ? GRADE_FAIR
                                          : GRADE_GOOD,
        .basis = BASIS_DECIDED,
        .by = show_compare(decision),
        .detail = say(
            decision,
            "Each of the %zu subsections that the streams send was made unknown to the reader, one "
            "after another: %zu are refused, %zu are read wrongly as they are; %zu more with other "
            "values in the fields; %zu undecided.",
            all, sum->unknown_refused, sum->unknown_silent, sum->unknown_can_be_silent,
            sum->unknown_undecided),
        .number = (double)silent};
}

static struct answer answer_newer(const struct decision *decision, size_t column,
                                  const struct question *question)
{
    (void)question;
    const struct variant_sum *sum = &decision->sums[reader_of(column)];
    return (struct answer){
        .value = sum->newer_refused == sum->streams
                     ? "refused"
                     : say(decision, "%zu of %zu", sum->newer_refused, sum->streams),
        .grade = sum->newer_refused == sum->streams ? GRADE_GOOD : GRADE_BAD,
        .basis = BASIS_CONSTRUCTION,
        .by = NEWER_VERSION,
        .detail = say(
            decision,
            "Sections of a newer version are refused; tried on %zu streams with all versions one "
            "higher: %zu refused.",
            sum->streams, sum->newer_refused),
        .number = (double)(sum->streams - sum->newer_refused)};
}

static struct answer answer_difference(const struct decision *decision, size_t column,
                                       const struct question *question)
{
    const struct difference_sum *sum =
        &decision->sums[reader_of(column)].differences[question->which[0]];
    const size_t all = sum->silent + sum->refused + sum->undecided + sum->harmless;
    if (variant_at(column).change == CHANGE_NEW_MACHINES)
        return not_asked(decision,
                         "As flagday for the new machine types, as heuristic for the old.");
    if (variant_at(column).change == CHANGE_EXISTING)
        return not_asked(decision, "As toplevel for new subsections, as heuristic for the others.");
    if (variant_at(column).change == CHANGE_FIELDS)
        return not_asked(decision, "Its structures are others; they were not tried.");
    if (!all)
        return not_asked(decision, "It writes and reads no such structure.");
    return (struct answer){
        .value = sum->silent             ? say(decision, "%zu silent", sum->silent)
                 : sum->undecided == all ? "undecided"
                 : sum->undecided        ? say(decision, "refused, %zu ?", sum->undecided)
                                         : "refused",
        .grade = sum->silent      ? GRADE_BAD
                 : sum->undecided ? GRADE_FAIR
                                  : GRADE_GOOD,
        .basis = BASIS_DECIDED,
        .by = say(decision, "%s; one pair: vmwire skew --option %s --to %s WRITER READER",
                  show_compare(decision), variant_at(column).reads->name,
                  variant_at(column).reads->name),
        .detail = say(decision,
                      "Of %zu structures of the streams, each changed in the reader's release: at "
                      "%zu a state is "
                      "read wrongly in silence, at %zu all that differ are refused, %zu are "
                      "undecided, %zu change "
                      "nothing.",
                      all, sum->silent, sum->refused, sum->undecided, sum->harmless),
        .number = (double)sum->silent};
}

/* ---- Deployment ---------------------------------------------------------------------------------------- */

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

static struct answer answer_flag_day(const struct decision *decision, size_t column,
                                     const struct question *question)
{
    (void)question;
    SUM;
    const struct variant variant = variant_at(column);
    const struct with_today count = count_with_today(sum);
    struct answer answer = {.basis = BASIS_MEASURED, .number = NAN};
    answer.by = variant.change == CHANGE_NOTHING
                    ? show_crossing(decision, variant.writes, old_option(OLD_OPTIONS - 1),
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

static struct answer answer_unknown_reader(const struct decision *decision, size_t column,
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

static struct answer answer_skip(const struct decision *decision, size_t column,
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

/* ---- Costs --------------------------------------------------------------------------------------------- */

static double percent_of_state(const struct row *row, int64_t added)
{
    return row->state ? 100 * (double)added / (double)row->state : 0;
}

static struct answer answer_added(const struct decision *decision, size_t column,
                                  const struct question *question)
{
    SUM;
    const struct table *table = decision->table;
    uint64_t state = 0;
    double worst = -INFINITY;
    const struct row *worst_row = NULL;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct variant_cell *cell = &table->rows[i].variants[column];
        if (!cell->applies)
            continue;
        state += table->rows[i].state;
        double percent = percent_of_state(&table->rows[i], cell->added);
        if (percent > worst) {
            worst = percent;
            worst_row = &table->rows[i];
        }
    }
    if (!worst_row)
        return not_asked(decision, "It writes none of the streams.");
    double mean = state ? 100 * (double)sum->added / (double)state : 0;
    double number = question->which[0] ? worst : mean;
    return (struct answer){
        .value = say(decision, fabs(number) < 0.005 ? "0 %%" : "%+.2f %%", number),
        .grade = number < 1 && !sum->not_known ? GRADE_GOOD
                 : number < 10                 ? GRADE_FAIR
                                               : GRADE_BAD,
        .basis = BASIS_MEASURED,
        .by = show_compare(decision),
        .detail = say(
            decision,
            "%+" PRId64 " bytes over %zu streams, %.3f %% of the state of their devices; at most "
            "%.2f %% (%s).%s",
            sum->added, sum->streams, mean, worst, worst_row->file,
            sum->not_known ? say(decision,
                                 " At least: %zu subsections have no known layout and are "
                                 "not counted.",
                                 sum->not_known)
                           : ""),
        .number = number};
}

static size_t count_held(const struct variant_cell *cell)
{
    return cell->applies ? (size_t)cell->held : 0;
}

static struct answer answer_held(const struct decision *decision, size_t column,
                                 const struct question *question)
{
    (void)question;
    SUM;
    if (variant_at(column).change == CHANGE_FIELDS)
        return answer_no_tail("0");
    if (!sum->own_reads)
        return not_asked(decision, "It reads none of the streams.");
    return (struct answer){
        .value = say(decision, "%" PRIu64, sum->held),
        .grade = sum->held <= 1     ? GRADE_GOOD
                 : sum->held < 1024 ? GRADE_FAIR
                                    : GRADE_BAD,
        .basis = BASIS_MEASURED,
        .by =
            show_command(decision, "parse --stats", column, most_row(decision, column, count_held)),
        .detail =
            say(decision,
                "The most bytes that the reader has to see before it knows what the first of them "
                "are: %" PRIu64 " in these streams.%s",
                sum->held,
                variant_at(column).reads->look == VMWIRE_LOOK_DESCRIBED
                    ? " Pages of RAM are not counted; it has to hold them, too."
                    : ""),
        .number = (double)sum->held};
}

static struct answer answer_worst_cost(const struct decision *decision, size_t column,
                                       const struct question *question)
{
    const char *option = variant_at(column).reads->name;
    const json_t *costs = find_costs(decision, option);
    if (variant_at(column).change == CHANGE_NEW_MACHINES)
        return not_asked(decision,
                         "As flagday for the new machine types, as heuristic for the old.");
    const json_t *value =
        json_object_get(costs, question->which[0] ? "exponent" : "examined_per_byte");
    if (!json_is_number(value))
        return not_asked(decision, "No worst input was looked for.");
    double number = json_number_value(value);
    const char *how = json_string_value(json_object_get(costs, "how"));
    return (struct answer){
        .value = say(decision, number < 100 ? "%.2f" : "%.0f", number),
        .grade = question->which[0] ? (number < 1.1 ? GRADE_GOOD : GRADE_BAD)
                                    : (number < 3     ? GRADE_GOOD
                                       : number < 300 ? GRADE_FAIR
                                                      : GRADE_BAD),
        .basis = BASIS_MEASURED,
        .by = "fuzz/tools/costs --check",
        .detail =
            say(decision,
                "The worst that fuzzing and inputs made on purpose have found for its reader: %s.",
                how ? how : "fuzz/baseline/costs.json"),
        .number = number};
}

/* Seconds of reading under two options, over the streams that both read. Returns false if there are none. */
static bool sum_seconds(const struct decision *decision, size_t option, size_t other,
                        double seconds[2])
{
    const struct table *table = decision->table;
    seconds[0] = seconds[1] = 0;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct cell *a = &table->rows[i].cells[option], *b = &table->rows[i].cells[other];
        if (a->outcome != VMWIRE_OUTCOME_EXACT || b->outcome != VMWIRE_OUTCOME_EXACT)
            continue;
        seconds[0] += a->seconds;
        seconds[1] += b->seconds;
    }
    return seconds[0] > 0 && seconds[1] > 0;
}

static struct answer answer_speed(const struct decision *decision, size_t column,
                                  const struct question *question)
{
    (void)question;
    const size_t option = (size_t)(variant_at(column).reads - vmwire_options);
    const size_t today = (size_t)(vmwire_option_find("heuristic") - vmwire_options);
    double seconds[2];
    if (variant_at(column).change == CHANGE_FIELDS)
        return not_asked(decision, "Its streams were measured, and not written.");
    if (!sum_seconds(decision, option, today, seconds))
        return not_asked(decision, "It reads none of the streams.");
    const double ratio = seconds[1] / seconds[0];
    return (struct answer){.value = say(decision, "%.2f", ratio),
                           .grade = ratio > 0.9   ? GRADE_GOOD
                                    : ratio > 0.3 ? GRADE_FAIR
                                                  : GRADE_BAD,
                           .basis = BASIS_MEASURED,
                           .by = show_costs(decision),
                           .detail = say(decision,
                                         "Reading took %.1f ms, and %.1f ms under heuristic in the "
                                         "same run, of the streams that both "
                                         "read.",
                                         1000 * seconds[0], 1000 * seconds[1]),
                           .number = ratio};
}

/* ---- The grammar --------------------------------------------------------------------------------------- */

/* Rules of the pages that one option has and the other has not. */
static size_t count_other_rules(const struct decision *decision, const char *option,
                                const char *than)
{
    size_t i, count = 0;
    json_t *rule;
    json_array_foreach(json_object_get(decision->grammar, "rules"), i, rule)
    {
        const json_t *options = json_object_get(rule, "options");
        count += names_option(options, option) && !names_option(options, than);
    }
    return count;
}

static struct answer answer_grammar(const struct decision *decision, size_t column,
                                    const struct question *question)
{
    (void)question;
    const size_t option = option_of(column);
    const struct grammar_size *size = &grammar_sizes[option];
    return (struct answer){
        .value = say(decision, "%u, %u", size->rules, size->states),
        .grade = GRADE_NONE,
        .basis = BASIS_MEASURED,
        .by = "make build/generated/grammar_sizes.inc && cat build/generated/grammar_sizes.inc",
        .detail =
            say(decision,
                "%u rules and %u states of the parser; %u conflicts (END has no bytes there; see "
                "the grammar on bytes).",
                size->rules, size->states, size->conflicts),
        .number = size->rules};
}

static struct answer answer_changed_rules(const struct decision *decision, size_t column,
                                          const struct question *question)
{
    (void)question;
    const struct variant variant = variant_at(column);
    const char *option = variant.reads->name;
    const size_t changed = count_other_rules(decision, option, "heuristic");
    return (struct answer){
        .value = say(decision, "%zu", changed),
        .grade = changed <= 1  ? GRADE_GOOD
                 : changed < 6 ? GRADE_FAIR
                               : GRADE_BAD,
        .basis = BASIS_CONSTRUCTION,
        .by = say(decision, "diff grammar/pages/heuristic.txt grammar/pages/%s.txt", option),
        .detail =
            say(decision, "%zu rules of its page are not heuristic's; the tail rule counts as one.",
                changed),
        .number = (double)changed};
}

/* What the properties of an option ask of a loader, the first that fits. */
static const char *loader_change(const struct vmwire_option *option)
{
    const bool today = strcmp(option->name, "heuristic") == 0;
    return option->encoding == VMWIRE_ENCODING_DER            ? "a codec"
           : option->framed                                   ? "frames"
           : option->sentinel                                 ? "a byte a record"
           : option->subsections == VMWIRE_SUBSECTION_ITEM    ? "an item kind"
           : option->subsections == VMWIRE_SUBSECTION_SECTION ? "sections"
           : option->look == VMWIRE_LOOK_IF_ONLY_READING      ? "count readings"
           : option->look == VMWIRE_LOOK_DESCRIBED            ? "hold all"
           : today                                            ? "nothing"
                                                              : "a condition";
}

static const char *loader_detail(const struct vmwire_option *option)
{
    return option->encoding == VMWIRE_ENCODING_DER
               ? "Reader and writer get another codec, with a type for each field."
           : option->framed
               ? "Reader and writer handle version and length around each record; each structure's "
                 "version goes onto the wire."
           : option->sentinel
               ? "The writer sends 00 behind each record within a record, and the reader expects "
                 "it: a line in vmstate_save_state and one in vmstate_load_state."
           : option->subsections == VMWIRE_SUBSECTION_ITEM
               ? "A new kind of item; owners are found by path and place, so loading a record must "
                 "keep them."
           : option->subsections == VMWIRE_SUBSECTION_SECTION
               ? "Sections whose name is the owner's path; owners are found by path and place, so "
                 "loading a "
                 "record must keep them."
           : option->look == VMWIRE_LOOK_IF_ONLY_READING
               ? "The reader holds a section and goes over all its readings before it loads the "
                 "first field; "
                 "needs every layout as data."
           : option->look == VMWIRE_LOOK_DESCRIBED
               ? "The reader holds the whole stream, because the description comes last; the "
                 "writer must "
                 "describe virtio."
           : option == variant_at(0).before
               ? "It is the loader of today."
               : "One condition where vmstate_subsection_load looks at the next byte.";
}

static struct answer answer_loader(const struct decision *decision, size_t column,
                                   const struct question *question)
{
    (void)question;
    const struct variant variant = variant_at(column);
    struct answer answer = {.value = loader_change(variant.reads),
                            .grade = GRADE_NONE,
                            .basis = BASIS_CONSTRUCTION,
                            .by = say(decision, "grammar/pages/%s.txt", variant.reads->name),
                            .detail = loader_detail(variant.reads),
                            .number = NAN};
    if (variant.change == CHANGE_NOTHING && column >= vmwire_option_count) {
        answer.value = variant.reads == variant_at(0).before ? "old: a cond." : "nothing";
        answer.detail = variant.reads == variant_at(0).before
                            ? "Nothing in today's loader. That of the older release gets today's "
                              "condition in vmstate_subsection_load, in a stable update."
                            : "It is the loader of an older release, as it is.";
    } else if (variant.change == CHANGE_NEW_MACHINES) {
        answer.detail =
            say(decision, "%s Beside it the loader of today stays, for old machine types.",
                answer.detail);
    } else if (variant.change == CHANGE_VERSIONS) {
        answer.value = "versions";
        answer.detail = "The version of each device that has subsections goes up by one.";
    } else if (variant.change == CHANGE_FIELDS) {
        answer.value = "each device";
        answer.detail = "Each subsection of each device becomes fields, and its version goes up.";
    }
    return answer;
}

/* ---- The table ----------------------------------------------------------------------------------------- */

#define CROSSING(name, title, direction, old, state, about)                                        \
    {                                                                                              \
        name, "Old and new", title, about, answer_crossing,                                        \
        {                                                                                          \
            direction, old, state                                                                  \
        }                                                                                          \
    }

const struct question questions[] = {
    {"ambiguous",
     "Can the wire be read at all?",
     "two states, same bytes",
     "Are there two states of a device with the same bytes? Then no reader can be right about "
     "both.",
     answer_ambiguous,
     {0}},
    {"byte_grammar",
     "Can the wire be read at all?",
     "grammar on bytes: two parses",
     "Small and real structures as a grammar whose tokens are bytes: does an input have two "
     "parses? "
     "lemon without a conflict proves that none has.",
     answer_byte_grammar,
     {0}},
    {"read_back",
     "Its own reader",
     "streams read back",
     "Each stream is written and read back, with the values that the devices had.",
     answer_read_back,
     {0}},
    {"reject",
     "Its own reader",
     "tails that can refuse",
     "At how many tails does a state exist that makes the reader refuse the stream? The migration "
     "fails, and "
     "a guest that can set these bytes has a denial of service.",
     answer_reject,
     {0}},
    {"silent",
     "Its own reader",
     "tails misled in silence",
     "At how many tails does a state exist that the reader takes for another one, or of which it "
     "leaves "
     "sections unread, and reports success?",
     answer_silent,
     {0}},
    {"undecided",
     "Its own reader",
     "tails undecided",
     "Where the search does not know. Never counted as clean.",
     answer_undecided,
     {0}},
    {"signatures",
     "Its own reader",
     "signatures, worst",
     "Pairs of a structure whose tail is misread and an outcome, and the worst outcome: reject, "
     "truncated "
     "(sections left unread), corrupt (another state).",
     answer_signatures,
     {0}},
    {"guest",
     "Its own reader",
     "can a guest stop it?",
     "Guests bring a field of a real QEMU to hold the bytes that mislead, from a boot sector or an "
     "unprivileged "
     "process. How many of them stop their migration, or have it half-loaded?",
     answer_guest,
     {0}},
    CROSSING("old0_new_without", "written as 0.13, plain", OLD_TO_NEW, 0, WITHOUT_SUBSECTIONS,
             "A stream without subsections, written by the rules of 0.13 (legacy), and read by "
             "this reader. All "
             "devices are today's: only the rule at a tail is old."),
    CROSSING("old0_new_with", "written as 0.13, subs.", OLD_TO_NEW, 0, WITH_SUBSECTIONS,
             "A stream with subsections, written by the rules of 0.13 (legacy), and read by this "
             "reader."),
    CROSSING("old1_new_without", "written as 0.14, plain", OLD_TO_NEW, 1, WITHOUT_SUBSECTIONS,
             "A stream without subsections, written by the rules of 0.14 and 0.15 (guarded), and "
             "read by this reader. All "
             "devices are today's: only the rule at a tail is old."),
    CROSSING("old1_new_with", "written as 0.14, subs.", OLD_TO_NEW, 1, WITH_SUBSECTIONS,
             "A stream with subsections, written by the rules of 0.14 and 0.15 (guarded), and read "
             "by this reader."),
    CROSSING("old2_new_without", "written as today, plain", OLD_TO_NEW, 2, WITHOUT_SUBSECTIONS,
             "A stream without subsections, written by the rules of today's QEMU (heuristic), and "
             "read by this reader. All "
             "devices are today's: only the rule at a tail is old."),
    CROSSING("old2_new_with", "written as today, subs.", OLD_TO_NEW, 2, WITH_SUBSECTIONS,
             "A stream with subsections, written by the rules of today's QEMU (heuristic), and "
             "read by this reader."),
    CROSSING("new_old0_without", "read as 0.13, plain", NEW_TO_OLD, 0, WITHOUT_SUBSECTIONS,
             "This writer's stream without subsections, read by the rules of 0.13 (legacy). All "
             "devices are "
             "today's: only the rule at a tail is old."),
    CROSSING("new_old0_with", "read as 0.13, subs.", NEW_TO_OLD, 0, WITH_SUBSECTIONS,
             "This writer's stream with subsections, read by the rules of 0.13 (legacy)."),
    CROSSING("new_old1_without", "read as 0.14, plain", NEW_TO_OLD, 1, WITHOUT_SUBSECTIONS,
             "This writer's stream without subsections, read by the rules of 0.14 and 0.15 "
             "(guarded). All devices are "
             "today's: only the rule at a tail is old."),
    CROSSING(
        "new_old1_with", "read as 0.14, subs.", NEW_TO_OLD, 1, WITH_SUBSECTIONS,
        "This writer's stream with subsections, read by the rules of 0.14 and 0.15 (guarded)."),
    CROSSING("new_old2_without", "read as today, plain", NEW_TO_OLD, 2, WITHOUT_SUBSECTIONS,
             "This writer's stream without subsections, read by the rules of today's QEMU "
             "(heuristic). All devices are "
             "today's: only the rule at a tail is old."),
    CROSSING(
        "new_old2_with", "read as today, subs.", NEW_TO_OLD, 2, WITH_SUBSECTIONS,
        "This writer's stream with subsections, read by the rules of today's QEMU (heuristic)."),
    {"unknown",
     "Two releases that differ",
     "reader lacks a subsection",
     "The reader does not know a subsection that is sent. It should refuse.",
     answer_unknown,
     {0}},
    {"newer",
     "Two releases that differ",
     "writer's version is newer",
     "The sections have a newer version than the reader knows. It should refuse.",
     answer_newer,
     {0}},
    {"field_more",
     "Two releases that differ",
     "reader has a field more",
     "The reader's structure has a field of four bytes more: what can become of the section at "
     "worst?",
     answer_difference,
     {RELEASE_FIELD_MORE}},
    {"field_fewer",
     "Two releases that differ",
     "reader has a field fewer",
     "The reader's structure lacks the last field: what can become of the section at worst?",
     answer_difference,
     {RELEASE_FIELD_FEWER}},
    {"structure_more",
     "Two releases that differ",
     "reader embeds one more",
     "The reader's structure has an embedded structure of four bytes more.",
     answer_difference,
     {RELEASE_STRUCTURE_MORE}},
    {"structure_fewer",
     "Two releases that differ",
     "reader embeds one fewer",
     "The reader's structure lacks the last embedded structure.",
     answer_difference,
     {RELEASE_STRUCTURE_FEWER}},
    {"flag_day",
     "Deployment",
     "flag day",
     "Who can no longer migrate to today's QEMU?",
     answer_flag_day,
     {0}},
    {"unknown_reader",
     "Deployment",
     "file, reader unknown",
     "A file is written, and nobody knows which release will read it. Is it read rightly, or "
     "refused?",
     answer_unknown_reader,
     {0}},
    {"skip",
     "Deployment",
     "can skip what is new",
     "Could a reader pass over what it does not know?",
     answer_skip,
     {0}},
    {"added_mean",
     "Cost",
     "bytes added, mean",
     "In per cent of the state of the devices, over all streams.",
     answer_added,
     {0}},
    {"added_worst", "Cost", "bytes added, worst", "The stream that grows most.", answer_added, {1}},
    {"held",
     "Cost",
     "look-ahead, bytes",
     "How many bytes must the reader see before it knows what the first of them are?",
     answer_held,
     {0}},
    {"worst_cost",
     "Cost",
     "worst cost a byte",
     "Bytes examined for each byte of the stream, in the worst input found.",
     answer_worst_cost,
     {0}},
    {"exponent",
     "Cost",
     "cost grows as size^",
     "The exponent with which the cost of the worst inputs grows when they are made longer.",
     answer_worst_cost,
     {1}},
    {"speed",
     "Cost",
     "speed, heuristic = 1",
     "Reading, beside today's reader in the same run.",
     answer_speed,
     {0}},
    {"grammar", "Cost", "rules, states", "The size of the grammar.", answer_grammar, {0}},
    {"changed_rules",
     "Cost",
     "rules changed",
     "Rules of its page that today's grammar has otherwise.",
     answer_changed_rules,
     {0}},
    {"loader",
     "Cost",
     "a loader must change",
     "What QEMU's loader would have to change.",
     answer_loader,
     {0}},
};

const size_t question_count = sizeof(questions) / sizeof(questions[0]);

/* What is known of a column without a stream. */
static bool needs_no_stream(const struct question *question)
{
    return question->answer == answer_byte_grammar || question->answer == answer_skip ||
           question->answer == answer_worst_cost || question->answer == answer_grammar ||
           question->answer == answer_changed_rules || question->answer == answer_loader;
}

struct answer answer_question(const struct decision *decision, const struct question *question,
                              size_t column)
{
    if (decision->sums[column].streams || needs_no_stream(question))
        return question->answer(decision, column, question);
    return not_asked(decision, variant_at(column).change == CHANGE_EXISTING
                                   ? "Of none of the streams the release before is known: "
                                     "--existing names its dump."
                                   : "Its writer can write none of the streams.");
}
