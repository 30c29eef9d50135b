/* SPDX-License-Identifier: MIT */
/*
 * Is the wire unambiguous?
 */
#include "program/decision/answers.h"

#include <string.h>

#include "program/decision/commands_shown.h"

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

struct answer answer_ambiguous(const struct decision *decision, size_t column,
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

struct answer answer_byte_grammar(const struct decision *decision, size_t column,
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
