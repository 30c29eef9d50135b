/* SPDX-License-Identifier: MIT */
/*
 * Property: bytes that a writer may have sent for two different states are exactly those that the engine predicts.
 *
 * The target looks for all readings of an input under its writer's grammar (ambiguous_readings.h). Two readings are
 * a finding, named after the owner of the tail where they differ. An option that claims to be exact has none. For
 * other options the engine must have decided that two readings are possible at that tail. Conversely, for each new
 * schema the target checks that the engine's witnesses have two readings. Where the input is of today's format, the
 * reader of consistent accepts no bytes that have two readings, and else the only one (consistent_reading.h).
 */
#include "inputs/must.h"
#include "properties/ambiguous_readings.h"
#include "properties/consistent_reading.h"
#include "properties/findings.h"
#include "targets/target.h"

enum { SCHEMAS = 1 << 16 };

static struct vmwire_decision ask_engine(const struct test_case *test_case,
                                         const struct vmwire_template *asked,
                                         const uint64_t *only_at, struct vmwire_question *question)
{
    *question = (struct vmwire_question){.option = test_case->option,
                                         .stream = &asked->stream,
                                         .bytes = asked->bytes,
                                         .reader = {test_case->option, test_case->schema},
                                         .only_at = only_at,
                                         .ambiguity = VMWIRE_AMBIGUITY_STREAM};
    return must_decide(question, test_case->arena);
}

/* Whether the engine decides that the state which passes by may be read as another one at that tail. */
static bool is_decided(const struct test_case *test_case, const struct ambiguous_readings *found)
{
    struct vmwire_error error;
    struct vmwire_template written_state;
    struct vmwire_question question;
    if (!vmwire_template_of_state(&written_state, test_case->option, found->alternatives[0].stream,
                                  test_case->arena, &error))
        return true;
    struct vmwire_decision decision =
        ask_engine(test_case, &written_state, &found->difference->offset, &question);
    for (size_t i = 0; i < decision.tail_count; i++) {
        const struct vmwire_tail_verdict *tail = &decision.tails[i];
        if (tail->offset == found->difference->offset && tail->owner == found->difference->owner &&
            (tail->findings[VMWIRE_OUTCOME_CORRUPT] || tail->reason))
            return true;
    }
    return false;
}

static void keep_ambiguity(const struct test_case *test_case,
                           const struct ambiguous_readings *found)
{
    const char *owner = found->difference->owner->name;
    const char *option = test_case->option->name;
    unsigned long long offset = found->difference->offset;
    fuzz_require(!claims_exactness(test_case, test_case->option),
                 "%s: two readings differ at the tail of %s at %#llx under %s", test_case->name,
                 owner, offset, option);
    uint64_t key = vmwire_fingerprint(vmwire_bytes_of_string(test_case->name)) * 31 +
                   vmwire_fingerprint(vmwire_bytes_of_string(owner));
    key = key * 31 + (uint64_t)(test_case->option - vmwire_options) * 2 + found->same_boundaries;
    /* With other numbers in fields that decide, a reading is no state: that would be written otherwise. */
    const bool other_layout = has_other_layout(found->alternatives[0].stream) ||
                              has_other_layout(found->alternatives[1].stream);
    key = key * 31 + other_layout;
    if (!is_new_finding(test_case, key))
        return;
    fuzz_require(
        !found->same_boundaries || is_decided(test_case, found),
        "%s: two readings differ at the tail of %s at %#llx under %s, which the engine says "
        "cannot be",
        test_case->name, owner, offset, option);
    if (other_layout)
        return;
    show_line("%s: two readings differ at the tail of %s at %#llx", test_case->name, owner, offset);
    const char *const parts[] = {option, test_case->generated ? GENERATED_OWNER : owner,
                                 found->same_boundaries ? "ambiguous" : "ambiguous-sections"};
    keep_finding(test_case, parts, 3);
}

/* ---- Witnesses ---------------------------------------------------------------------------------- */

/* Returns the witness as a test case. */
static struct test_case test_case_of_witness(const struct test_case *test_case,
                                             struct vmwire_bytes witness)
{
    struct test_case result = *test_case;
    uint8_t *input = vmwire_arena_alloc(test_case->arena, TEST_CASE_HEADER + witness.length);
    memcpy(input, test_case->input.data, TEST_CASE_HEADER);
    memcpy(input + TEST_CASE_HEADER, witness.data, witness.length);
    result.input = (struct vmwire_bytes){input, TEST_CASE_HEADER + witness.length};
    result.data = input + TEST_CASE_HEADER;
    result.bytes = (struct vmwire_bytes){result.data, witness.length};
    return result;
}

static void require_found(const struct test_case *test_case, const struct vmwire_question *question,
                          const struct vmwire_finding *finding)
{
    struct vmwire_bytes witness = must_make_witness(question, finding, test_case->arena);
    struct test_case shown = test_case_of_witness(test_case, witness);
    struct ambiguous_readings found = find_ambiguous_readings(&shown, question->option, witness);
    fuzz_require(
        found.count == 2,
        "%s: the engine's witness for the tail of %s at %#llx under %s has fewer than two readings",
        test_case->name, finding->owner->name, (unsigned long long)finding->offset,
        question->option->name);
    keep_ambiguity(&shown, &found);
}

static void require_witnesses(const struct test_case *test_case, const struct vmwire_device *device)
{
    struct vmwire_error error;
    struct vmwire_template asked;
    struct vmwire_question question;
    if (!vmwire_template_of_device(&asked, test_case->option, device, test_case->arena, &error))
        return;
    struct vmwire_decision decision = ask_engine(test_case, &asked, NULL, &question);
    for (size_t i = 0; i < decision.tail_count; i++)
        if (decision.tails[i].findings[VMWIRE_OUTCOME_CORRUPT])
            require_found(test_case, &question, decision.tails[i].findings[VMWIRE_OUTCOME_CORRUPT]);
}

/* Whether this schema is new under this option. */
static bool is_first_sight(const struct test_case *test_case)
{
    static uint32_t seen[SCHEMAS];
    uint32_t option = (uint32_t)(1U << (test_case->option - vmwire_options));
    if (test_case->number >= SCHEMAS || seen[test_case->number] & option)
        return false;
    seen[test_case->number] |= option;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_case test_case;
    if (!parse_test_case(&test_case, data, size) || test_case.option->look == VMWIRE_LOOK_NEVER)
        return 0;
    struct ambiguous_readings found =
        find_ambiguous_readings(&test_case, test_case.option, test_case.bytes);
    require_consistent_reading(&test_case, &found);
    if (found.count == 2)
        keep_ambiguity(&test_case, &found);
    if (is_first_sight(&test_case))
        for (size_t i = 0; i < test_case.schema->device_count; i++)
            require_witnesses(&test_case, &test_case.schema->devices[i]);
    return 0;
}
