/* SPDX-License-Identifier: MIT */
/*
 * Old and new options, and releases that differ.
 */
#include "program/decision/answers.h"

#include "program/decision/commands_shown.h"

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

struct answer answer_crossing(const struct decision *decision, size_t column,
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

struct answer answer_unknown(const struct decision *decision, size_t column,
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

struct answer answer_newer(const struct decision *decision, size_t column,
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

struct answer answer_difference(const struct decision *decision, size_t column,
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
        .by = say(
            decision, "%s; one pair: vmwire skew --contrived --option %s --to %s WRITER READER",
            show_compare(decision), variant_at(column).reads->name, variant_at(column).reads->name),
        .detail = say(decision,
                      "Of %zu structures of the streams, each changed in the reader's release: at "
                      "%zu a state is "
                      "read wrongly in silence, at %zu all that differ are refused, %zu are "
                      "undecided, %zu change "
                      "nothing.",
                      all, sum->silent, sum->refused, sum->undecided, sum->harmless),
        .number = (double)sum->silent};
}
