/*
 * Property: readers part only where they may, and otherwise agree: those of today's wire format on the same
 * bytes (versus.h), those that claim to be exact on the same state.
 *
 * Where two part is a finding, told by the pair of options and the pair of what became of it.
 */
#include <stdio.h>

#include "findings.h"
#include "round.h"
#include "target.h"
#include "versus.h"

enum { MOST_OPTIONS = 16 };

struct pair {
    const char *of; /* bytes or state */
    const struct protocol_option *options[2];
    const char *fates[2];
};

static bool pair_is_news(const struct subject *subject, const struct pair *pair)
{
    uint64_t key = fingerprint(bytes_of_string(pair->of));
    for (unsigned i = 0; i < 2; i++)
        key = (key * 31 + (uint64_t)(pair->options[i] - protocol_options)) * 31 +
              fingerprint(bytes_of_string(pair->fates[i]));
    return finding_is_news(subject, key);
}

static void keep(const struct subject *subject, const struct pair *pair,
                 const struct structure *owner, uint64_t offset)
{
    char options[64], fates[64];
    snprintf(options, sizeof(options), "%s-%s", pair->options[0]->name, pair->options[1]->name);
    snprintf(fates, sizeof(fates), "%s-%s", pair->fates[0], pair->fates[1]);
    finding_show("%s: %s part over the %s at the tail of %s at %#llx: %s", subject->name, options,
                 pair->of, owner ? owner->name : "none", (unsigned long long)offset, fates);
    const char *const parts[] = {pair->of, options, fates};
    finding_keep(subject, parts, 3);
}

static void compare_on_bytes(const struct subject *subject)
{
    struct opponent opponents[MOST_OPTIONS];
    size_t count = 0;
    for (size_t i = 0; i < protocol_option_count && count < MOST_OPTIONS; i++) {
        if (!reads_today(&protocol_options[i]))
            continue;
        const struct opponent *b = &opponents[count];
        opponents[count] = opponent_of(subject, &protocol_options[i]);
        for (const struct opponent *a = opponents; a < b; a++) {
            const struct tail_event *event = versus(subject, a, b);
            struct pair pair = {"bytes", {a->option, b->option}, {a->fate, b->fate}};
            if (event && a->fate && b->fate && pair_is_news(subject, &pair))
                keep(subject, &pair, event->owner, event->offset);
        }
        count++;
    }
}

static void keep_rounds(const struct subject *subject, const struct stream *state,
                        const struct round *a, const struct round *b)
{
    struct pair pair = {
        "state", {a->option, b->option}, {outcome_name(a->outcome), outcome_name(b->outcome)}};
    if (a->outcome == b->outcome || !pair_is_news(subject, &pair))
        return;
    struct misled misled = round_misled(subject, state, a->outcome == OUTCOME_EXACT ? b : a, NULL);
    keep(subject, &pair, misled.owner, misled.offset);
}

static void compare_on_state(const struct subject *subject)
{
    struct round rounds[MOST_OPTIONS];
    const struct stream *state = subject_state(subject);
    size_t count = 0;
    for (size_t i = 0; state && i < protocol_option_count && count < MOST_OPTIONS; i++) {
        struct round *round = &rounds[count];
        *round = round_trip(subject, state, &protocol_options[i]);
        if (!round->written || round->undecided)
            continue;
        fuzz_require(!subject_claims(subject, round->option) || round->outcome == OUTCOME_EXACT,
                     "%s: %s under %s", subject->name, outcome_name(round->outcome),
                     round->option->name);
        for (size_t j = 0; j < count; j++)
            keep_rounds(subject, state, &rounds[j], round);
        count++;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct subject subject;
    if (!subject_of(&subject, data, size))
        return 0;
    compare_on_state(&subject);
    compare_on_bytes(&subject);
    return 0;
}
