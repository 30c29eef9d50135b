/* SPDX-License-Identifier: MIT */
/*
 * Counts the answers of all parts, and draws the conclusion.
 */
#include "program/check/conclusion.h"

#include "program/shared/exit_status.h"

static void count_tail(struct conclusion *conclusion, const struct vmwire_tail_verdict *tail)
{
    conclusion->tails++;
    conclusion->clean += tail->verdict == VMWIRE_VERDICT_CLEAN;
    conclusion->undecided += tail->reason != NULL;
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++)
        conclusion->outcomes[outcome] += tail->findings[outcome] != NULL;
}

static void count_part(struct conclusion *conclusion, const struct part *part)
{
    for (size_t i = 0; i < part->decision.tail_count; i++)
        count_tail(conclusion, &part->decision.tails[i]);
    for (int reason = 0; reason < VMWIRE_OMISSION_REASONS; reason++)
        *(reason == VMWIRE_OMITTED_ELEMENTS ? &conclusion->unfollowed_lists
                                            : &conclusion->unfollowed_subsections) +=
            part->omitted[reason].count;
    conclusion->unfollowed_devices += part->too_large != NULL;
    conclusion->opaque_fields += part->decision.opaque_fields;
    conclusion->opaque_bytes += part->decision.opaque_bytes;
}

static bool has_silent_finding(const struct conclusion *conclusion)
{
    return conclusion->outcomes[VMWIRE_OUTCOME_TRUNCATED] ||
           conclusion->outcomes[VMWIRE_OUTCOME_CORRUPT];
}

static unsigned collect_answers(const struct conclusion *conclusion)
{
    unsigned answers = ANSWER_CLEAN;
    if (conclusion->outcomes[VMWIRE_OUTCOME_REJECT] || has_silent_finding(conclusion))
        answers |= ANSWER_FINDING;
    if (conclusion->undecided || conclusion->unfollowed_subsections ||
        conclusion->unfollowed_lists || conclusion->unfollowed_devices)
        answers |= ANSWER_UNDECIDED;
    if (conclusion->opaque_fields)
        answers |= ANSWER_NOT_ANALYSED;
    return answers;
}

/* The sentences by what is found: nothing, a rejection only, a silent outcome, an ambiguity. In each row: nothing
 * else is open; something is undecided. */
static const char *const sentences[][2] = {
    {"clean", "undecided"},
    {"the reader can be made to reject", "the reader can be made to reject, and more is undecided"},
    {"the reader can be misled silently",
     "the reader can be misled silently, and more is undecided"},
    {"ambiguous", "ambiguous, and more is undecided"},
};

static const char *choose_sentence(const struct conclusion *conclusion, bool ambiguity)
{
    bool undecided = conclusion->answers & ANSWER_UNDECIDED;
    if (!(conclusion->answers & ANSWER_FINDING))
        return sentences[0][undecided];
    if (ambiguity)
        return sentences[3][undecided];
    return sentences[has_silent_finding(conclusion) ? 2 : 1][undecided];
}

struct conclusion conclude(const struct examination *examination)
{
    struct conclusion conclusion = {0};
    for (size_t i = 0; i < examination->part_count; i++)
        count_part(&conclusion, &examination->parts[i]);
    conclusion.answers = collect_answers(&conclusion);
    conclusion.sentence = choose_sentence(&conclusion, examination->arguments->ambiguity);
    return conclusion;
}

int answers_exit_status(unsigned answers, bool strict)
{
    unsigned open = answers & (strict ? ANSWER_UNDECIDED | ANSWER_NOT_ANALYSED : ANSWER_UNDECIDED);
    if (answers & ANSWER_BAD_INPUT)
        return EXIT_BAD_INPUT;
    if (open && (strict || !(answers & ANSWER_FINDING)))
        return EXIT_UNDECIDED;
    return answers & ANSWER_FINDING ? EXIT_FINDINGS : EXIT_CLEAN;
}
