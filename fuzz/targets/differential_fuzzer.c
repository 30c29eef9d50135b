/* SPDX-License-Identifier: MIT */
/*
 * Property: readers of today's format agree on the same bytes unless they decide otherwise at a tail
 * (reader_differential.h), and options that claim to be exact agree on the same state.
 *
 * A difference is a finding, named after the two options and the two outcomes.
 */
#include <stdio.h>

#include "properties/findings.h"
#include "properties/reader_differential.h"
#include "properties/roundtrip.h"
#include "targets/target.h"

enum { MOST_OPTIONS = 16 };

struct pair {
    const char *compared; /* bytes or state */
    const struct vmwire_option *options[2];
    const char *verdicts[2];
};

static bool is_new_pair(const struct test_case *test_case, const struct pair *pair)
{
    uint64_t key = vmwire_fingerprint(vmwire_bytes_of_string(pair->compared));
    for (unsigned i = 0; i < 2; i++)
        key = (key * 31 + (uint64_t)(pair->options[i] - vmwire_options)) * 31 +
              vmwire_fingerprint(vmwire_bytes_of_string(pair->verdicts[i]));
    return is_new_finding(test_case, key);
}

static void keep_pair(const struct test_case *test_case, const struct pair *pair,
                      const struct vmwire_structure *owner, uint64_t offset)
{
    char options[64], verdicts[64];
    snprintf(options, sizeof(options), "%s-%s", pair->options[0]->name, pair->options[1]->name);
    snprintf(verdicts, sizeof(verdicts), "%s-%s", pair->verdicts[0], pair->verdicts[1]);
    show_line("%s: %s differ on the %s at the tail of %s at %#llx: %s", test_case->name, options,
              pair->compared, owner ? owner->name : "none", (unsigned long long)offset, verdicts);
    const char *const parts[] = {pair->compared, options, verdicts};
    keep_finding(test_case, parts, 3);
}

static void compare_on_bytes(const struct test_case *test_case)
{
    struct reader_run runs[MOST_OPTIONS];
    size_t count = 0;
    for (size_t i = 0; i < vmwire_option_count && count < MOST_OPTIONS; i++) {
        if (!reads_current_format(&vmwire_options[i]))
            continue;
        const struct reader_run *b = &runs[count];
        runs[count] = run_reader(test_case, &vmwire_options[i]);
        for (const struct reader_run *a = runs; a < b; a++) {
            const struct vmwire_tail_event *event = compare_readers(test_case, a, b);
            struct pair pair = {"bytes", {a->option, b->option}, {a->verdict, b->verdict}};
            if (event && a->verdict && b->verdict && is_new_pair(test_case, &pair))
                keep_pair(test_case, &pair, event->owner, event->offset);
        }
        count++;
    }
}

static void keep_roundtrips(const struct test_case *test_case, const struct vmwire_stream *state,
                            const struct roundtrip *a, const struct roundtrip *b)
{
    struct pair pair = {"state",
                        {a->option, b->option},
                        {vmwire_outcome_name(a->outcome), vmwire_outcome_name(b->outcome)}};
    if (a->outcome == b->outcome || !is_new_pair(test_case, &pair))
        return;
    struct misled_tail misled =
        find_misled_tail(test_case, state, a->outcome == VMWIRE_OUTCOME_EXACT ? b : a, NULL);
    keep_pair(test_case, &pair, misled.owner, misled.offset);
}

static void compare_on_state(const struct test_case *test_case)
{
    struct roundtrip roundtrips[MOST_OPTIONS];
    const struct vmwire_stream *state = read_state(test_case);
    size_t count = 0;
    for (size_t i = 0; state && i < vmwire_option_count && count < MOST_OPTIONS; i++) {
        struct roundtrip *roundtrip = &roundtrips[count];
        *roundtrip = run_roundtrip(test_case, state, &vmwire_options[i]);
        if (!roundtrip->written || roundtrip->undecided)
            continue;
        fuzz_require(!claims_exactness(test_case, roundtrip->option) ||
                         roundtrip->outcome == VMWIRE_OUTCOME_EXACT,
                     "%s: %s under %s", test_case->name, vmwire_outcome_name(roundtrip->outcome),
                     roundtrip->option->name);
        for (size_t j = 0; j < count; j++)
            keep_roundtrips(test_case, state, &roundtrips[j], roundtrip);
        count++;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_case test_case;
    if (!parse_test_case(&test_case, data, size))
        return 0;
    compare_on_state(&test_case);
    compare_on_bytes(&test_case);
    return 0;
}
