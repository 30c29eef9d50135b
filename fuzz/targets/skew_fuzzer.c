/* SPDX-License-Identifier: MIT */
/*
 * Property: the engine predicts every outcome of a stream between two releases.
 *
 * A state is written with the schema and option of one release, and read with those of another (release_skew.h).
 * Every outcome but exact is a finding: difference, options, outcome. The engine must have decided that it is
 * possible where the reader first differed. Between equal schemas, an option that claims to be exact must be.
 */
#include <stdio.h>

#include "properties/findings.h"
#include "properties/release_skew.h"
#include "targets/target.h"

static void require_decided(const struct test_case *test_case, const struct release_skew *skew,
                            const struct vmwire_stream *state, const struct roundtrip *roundtrip)
{
    fuzz_require(ask_engine_about_skew(test_case, skew, state, roundtrip) != IMPOSSIBLE,
                 "%s, %s: %s under %s-%s, which the engine excludes: %s", test_case->name,
                 skew->difference, vmwire_outcome_name(roundtrip->outcome), skew->option->name,
                 roundtrip->option->name, roundtrip->read ? "accepted" : roundtrip->error.message);
}

static void keep_outcome(const struct test_case *test_case, const struct release_skew *skew,
                         const struct vmwire_stream *state, const struct roundtrip *roundtrip)
{
    char options[64];
    const char *outcome = vmwire_outcome_name(roundtrip->outcome);
    snprintf(options, sizeof(options), "%s-%s", skew->option->name, roundtrip->option->name);
    uint64_t key = vmwire_fingerprint(vmwire_bytes_of_string(skew->difference));
    key =
        (key * 31 + vmwire_fingerprint(vmwire_bytes_of_string(options))) * 31 + roundtrip->outcome;
    bool sends_inline = skew->option->subsections == VMWIRE_SUBSECTION_INLINE;
    if (sends_inline && is_new_key((key * 31 + test_case->number) * 31 + test_case->choice))
        require_decided(test_case, skew, state, roundtrip);
    if (roundtrip->other_layout || !is_new_finding(test_case, key))
        return;
    show_line("%s, %s: %s under %s: %s", test_case->name, skew->difference, outcome, options,
              roundtrip->read ? "accepted" : roundtrip->error.message);
    const char *const parts[] = {skew->difference, options, outcome};
    keep_finding(test_case, parts, 3);
}

static void read_under_all(const struct test_case *test_case, const struct release_skew *skew,
                           const struct vmwire_stream *state, struct vmwire_bytes bytes)
{
    for (size_t i = 0; i < vmwire_option_count; i++) {
        const struct vmwire_option *option = &vmwire_options[i];
        if (option->stream_version != skew->option->stream_version)
            continue; /* rejects the version */
        struct roundtrip roundtrip = read_across_releases(test_case, skew, state, bytes, option);
        if (roundtrip.undecided || roundtrip.outcome == VMWIRE_OUTCOME_EXACT)
            continue;
        fuzz_require(option != skew->option || skew->writer != skew->reader ||
                         !claims_exactness(test_case, option),
                     "%s: %s under %s", test_case->name, vmwire_outcome_name(roundtrip.outcome),
                     option->name);
        keep_outcome(test_case, skew, state, &roundtrip);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_case test_case;
    struct release_skew skew;
    struct vmwire_bytes bytes;
    struct vmwire_error error;
    if (!parse_test_case(&test_case, data, size) || !find_releases(&skew, &test_case))
        return 0;
    const struct vmwire_stream *state = read_state(&test_case);
    if (state && write_state(&test_case, state, skew.option, &bytes, &error))
        read_under_all(&test_case, &skew, state, bytes);
    return 0;
}
