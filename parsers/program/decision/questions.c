/* SPDX-License-Identifier: MIT */
/*
 * The rows: which question is asked, and who answers it.
 */
#include "program/decision/questions.h"

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
     "rules, tokens changed",
     "Rules and tokens of its page that today's grammar has otherwise.",
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

void answer_all(struct decision *decision)
{
    const size_t columns = count_variants();
    decision->answers =
        vmwire_arena_alloc(decision->arena, question_count * columns * sizeof(*decision->answers));
    for (size_t i = 0; i < question_count; i++)
        for (size_t j = 0; j < columns; j++)
            decision->answers[i * columns + j] = answer_question(decision, &questions[i], j);
}

const struct answer *answer_at(const struct decision *decision, size_t question, size_t column)
{
    return &decision->answers[question * count_variants() + column];
}
