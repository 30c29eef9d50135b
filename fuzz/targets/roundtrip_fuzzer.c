/* SPDX-License-Identifier: MIT */
/*
 * Property: a reader restores exactly the state that its writer sent.
 *
 * This must hold for every schema and state under an option that claims it (option.h, `exact`). Under other options
 * every other outcome is a finding: option, owner, outcome. The engine must have decided that this outcome is
 * possible at the tail where it happened; otherwise the engine or the reader is wrong. The target also checks every
 * accepted stream (accepted_stream_check.h), and one alteration of it (single_alteration.h).
 */
#include "properties/accepted_stream_check.h"
#include "properties/findings.h"
#include "properties/roundtrip.h"
#include "properties/single_alteration.h"
#include "targets/target.h"

/* Distinguishes the owners of a shipped schema, so that one that often misleads does not hide the others. */
static uint64_t finding_key(const struct test_case *test_case, const struct vmwire_stream *state,
                            const struct roundtrip *roundtrip)
{
    uint64_t key = vmwire_fingerprint(vmwire_bytes_of_string(test_case->name));
    key = key * 31 + (uint64_t)(roundtrip->option - vmwire_options);
    key =
        key * 31 + roundtrip->outcome + (roundtrip->other_layout ? VMWIRE_OUTCOME_CORRUPT + 1 : 0);
    if (test_case->generated)
        return key;
    if (!roundtrip->read)
        return key ^ (vmwire_fingerprint(vmwire_bytes_of_string(roundtrip->error.path)) +
                      roundtrip->error.kind);
    struct misled_tail misled = find_misled_tail(test_case, state, roundtrip, NULL);
    return misled.owner ? key ^ vmwire_fingerprint(vmwire_bytes_of_string(misled.owner->name))
                        : key;
}

static void keep_roundtrip(const struct test_case *test_case, const struct vmwire_stream *state,
                           const struct roundtrip *roundtrip, bool ask_engine)
{
    enum possibility possible = NOT_DECIDED;
    const char *option = roundtrip->option->name,
               *outcome = vmwire_outcome_name(roundtrip->outcome);
    struct misled_tail misled =
        find_misled_tail(test_case, state, roundtrip, ask_engine ? &possible : NULL);
    const char *owner = misled.owner ? misled.owner->name : "none";
    if (misled.unknown)
        return;
    fuzz_require(possible != IMPOSSIBLE,
                 "%s: %s at the tail of %s at %#llx under %s, which the engine excludes",
                 test_case->name, outcome, owner, (unsigned long long)misled.offset, option);
    fuzz_require(misled.owner, "%s: %s under %s, although no tail was misread: %s", test_case->name,
                 outcome, option, roundtrip->error.message);
    if (roundtrip->other_layout)
        return;
    show_line("%s under %s: the tail of %s at %#llx, %s \"%s\": %s: %s", test_case->name, option,
              owner, (unsigned long long)misled.offset,
              misled.taken ? "taken for subsection" : "passed", misled.name, outcome,
              roundtrip->read ? "accepted" : roundtrip->error.message);
    const char *const parts[] = {option, test_case->generated ? GENERATED_OWNER : owner, outcome};
    keep_finding(test_case, parts, 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_case test_case;
    const struct vmwire_stream *state =
        parse_test_case(&test_case, data, size) ? read_state(&test_case) : NULL;
    if (state)
        require_accepted_stream(&test_case, test_case.option, test_case.bytes, state);
    for (size_t i = 0; state && i < vmwire_option_count; i++) {
        if (!covers_option(&test_case, &vmwire_options[i]))
            continue;
        struct roundtrip roundtrip = run_roundtrip(&test_case, state, &vmwire_options[i]);
        /* Without its description the stream is not accepted again. */
        if (roundtrip.read && !roundtrip.description)
            require_accepted_stream(&test_case, roundtrip.option, roundtrip.bytes, roundtrip.read);
        if (roundtrip.read && !roundtrip.description)
            require_alteration_handled(&test_case, roundtrip.option, roundtrip.bytes,
                                       roundtrip.read);
        if (!roundtrip.written || roundtrip.undecided || roundtrip.outcome == VMWIRE_OUTCOME_EXACT)
            continue;
        fuzz_require(!claims_exactness(&test_case, roundtrip.option), "%s: %s under %s: %s",
                     test_case.name, vmwire_outcome_name(roundtrip.outcome), roundtrip.option->name,
                     roundtrip.error.message);
        uint64_t key = finding_key(&test_case, state, &roundtrip);
        if (is_new_finding(
                &test_case,
                key)) /* the engine is asked once for each key, not again for a smaller input */
            keep_roundtrip(&test_case, state, &roundtrip, is_new_key(~key));
    }
    return 0;
}
