/* SPDX-License-Identifier: MIT */
/*
 * What an option costs: bytes, time, and changes of the grammar and of a loader.
 */
#include "program/decision/answers.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "program/decision/commands_shown.h"
#include "program/decision/documents.h"

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

static double percent_of_state(const struct row *row, int64_t added)
{
    return row->state ? 100 * (double)added / (double)row->state : 0;
}

struct answer answer_added(const struct decision *decision, size_t column,
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
    const bool fields = variant_at(column).change == CHANGE_FIELDS;
    double mean = state ? 100 * (double)sum->added / (double)state : 0;
    double number = question->which[0] ? worst : mean;
    return (struct answer){
        .value = say(decision, fabs(number) < 0.005 ? "0 %%" : "%+.2f %%", number),
        .grade = number < 1 && !fields ? GRADE_GOOD
                 : number < 10         ? GRADE_FAIR
                                       : GRADE_BAD,
        .basis = BASIS_MEASURED,
        .by = show_compare(decision),
        .detail = say(
            decision,
            "%+" PRId64 " bytes over %zu streams, %.3f %% of the state of their devices; at most "
            "%.2f %% (%s).%s",
            sum->added, sum->streams, mean, worst, worst_row->file,
            fields ? say(decision,
                         " At least: a description declares only the subsections that were sent, "
                         "and %zu others have no known layout.",
                         sum->not_known)
                   : ""),
        .number = number};
}

static size_t count_held(const struct variant_cell *cell)
{
    return cell->applies ? (size_t)cell->held : 0;
}

struct answer answer_held(const struct decision *decision, size_t column,
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

struct answer answer_worst_cost(const struct decision *decision, size_t column,
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

struct answer answer_speed(const struct decision *decision, size_t column,
                           const struct question *question)
{
    (void)question;
    const size_t option = (size_t)(variant_at(column).reads - vmwire_options);
    const size_t today = (size_t)(todays_option() - vmwire_options);
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

/* Whether the option has a rule or token of the same name and form, with these words or others. */
static bool has_one_like(const json_t *list, const char *option, const char *form,
                         const json_t *like)
{
    size_t i;
    json_t *each;
    json_array_foreach((json_t *)list, i, each)
    {
        if (names_option(json_object_get(each, "options"), option) &&
            json_equal(json_object_get(each, "name"), json_object_get(like, "name")) &&
            json_equal(json_object_get(each, form), json_object_get(like, form)))
            return true;
    }
    return false;
}

/* Those of the list that the option has, and the other one has not in this form. */
static size_t count_others(const json_t *list, const char *form, const char *option,
                           const char *than)
{
    size_t i, count = 0;
    json_t *each;
    json_array_foreach((json_t *)list, i, each)
    {
        count += names_option(json_object_get(each, "options"), option) &&
                 !has_one_like(list, than, form, each);
    }
    return count;
}

struct answer answer_grammar(const struct decision *decision, size_t column,
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

struct answer answer_changed_rules(const struct decision *decision, size_t column,
                                   const struct question *question)
{
    (void)question;
    const struct variant variant = variant_at(column);
    const char *option = variant.reads->name;
    const size_t rules = count_others(json_object_get(decision->grammar, "rules"), "ebnf", option,
                                      todays_option()->name);
    const size_t tokens = count_others(json_object_get(decision->grammar, "terminals"), "bytes",
                                       option, todays_option()->name);
    return (struct answer){
        .value = say(decision, "%zu, %zu", rules, tokens),
        .grade = rules + tokens <= 1   ? GRADE_GOOD
                 : rules + tokens < 12 ? GRADE_FAIR
                                       : GRADE_BAD,
        .basis = BASIS_CONSTRUCTION,
        .by = say(decision, "diff grammar/pages/heuristic.txt grammar/pages/%s.txt", option),
        .detail = say(
            decision,
            "%zu rules and the bytes of %zu tokens of its page are not heuristic's; the tail rule "
            "counts as one.",
            rules, tokens),
        .number = (double)(rules + tokens)};
}

/* What the properties of an option ask of a loader, the first that fits. */
static const char *loader_change(const struct vmwire_option *option)
{
    const bool today = option == todays_option();
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

struct answer answer_loader(const struct decision *decision, size_t column,
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
