/*
 * Property: what one release writes comes back in another as the engine says.
 *
 * Two schemas that differ as releases do, and two options: a state is written with the one and read with
 * the other (skew.h). Every outcome but exact is a finding: the difference, the pair of options, the
 * outcome; the engine must have decided it to be possible where the reader first went another way. Where
 * there is no difference, an option that claims to be exact is.
 */
#include <stdio.h>

#include "findings.h"
#include "skew.h"
#include "target.h"

static void require_decided(const struct subject *subject, const struct skew *skew,
                            const struct stream *state, const struct round *round)
{
    fuzz_require(skew_possible(subject, skew, state, round) != IMPOSSIBLE,
                 "%s, %s: %s under %s-%s, which the engine says cannot be: %s", subject->name,
                 skew->difference, outcome_name(round->outcome), skew->option->name,
                 round->option->name, round->read ? "accepted" : round->error.message);
}

static void keep(const struct subject *subject, const struct skew *skew, const struct stream *state,
                 const struct round *round)
{
    char options[64];
    const char *outcome = outcome_name(round->outcome);
    snprintf(options, sizeof(options), "%s-%s", skew->option->name, round->option->name);
    uint64_t key = fingerprint(bytes_of_string(skew->difference));
    key = (key * 31 + fingerprint(bytes_of_string(options))) * 31 + round->outcome;
    bool inline_ones = skew->option->subsections == SUBSECTION_INLINE;
    if (inline_ones && key_is_new((key * 31 + subject->number) * 31 + subject->choice))
        require_decided(subject, skew, state, round);
    if (!finding_is_news(subject, key))
        return;
    finding_show("%s, %s: %s under %s: %s", subject->name, skew->difference, outcome, options,
                 round->read ? "accepted" : round->error.message);
    const char *const parts[] = {skew->difference, options, outcome};
    finding_keep(subject, parts, 3);
}

static void read_under_all(const struct subject *subject, const struct skew *skew,
                           const struct stream *state, struct bytes bytes)
{
    for (size_t i = 0; i < protocol_option_count; i++) {
        const struct protocol_option *option = &protocol_options[i];
        if (option->stream_version != skew->option->stream_version)
            continue; /* rejects at the fourth byte */
        struct round round = skew_read(subject, skew, state, bytes, option);
        if (round.undecided || round.outcome == OUTCOME_EXACT)
            continue;
        fuzz_require(option != skew->option || skew->writer != skew->reader ||
                         !subject_claims(subject, option),
                     "%s: %s under %s", subject->name, outcome_name(round.outcome), option->name);
        keep(subject, skew, state, &round);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct subject subject;
    struct skew skew;
    struct bytes bytes;
    struct error error;
    if (!subject_of(&subject, data, size) || !skew_of(&skew, &subject))
        return 0;
    const struct stream *state = subject_state(&subject);
    if (state && write_state(&subject, state, skew.option, &bytes, &error))
        read_under_all(&subject, &skew, state, bytes);
    return 0;
}
