/*
 * Property: bytes that a writer could have sent for two states are those where the engine says so.
 *
 * Of each input all ways to read it under its writer's grammar are looked for (two_ways.h). Two of them are
 * a finding, told by whose tail it is where they part; under an option that claims to be exact there are
 * none, and elsewhere the engine must have decided it to be possible at that very tail. The other way round,
 * of each schema that is met what the engine says to be possible must be found in its witness.
 */
#include "findings.h"
#include "target.h"
#include "two_ways.h"

enum { SCHEMAS = 1 << 16 };

static struct decision ask_engine(const struct subject *subject, const struct template *asked,
                                  const uint64_t *only_at, struct question *question)
{
    *question = (struct question){.option = subject->option,
                                  .stream = &asked->stream,
                                  .bytes = asked->bytes,
                                  .reader = {subject->option, subject->schema},
                                  .only_at = only_at,
                                  .ambiguity = true};
    return engine_decide(question, subject->arena);
}

/* Whether the engine allows the state that passes to be two at that tail. */
static bool is_decided(const struct subject *subject, const struct two_ways *found)
{
    struct error error;
    struct template laid;
    struct question question;
    if (!template_of_state(&laid, subject->option, found->ways[0].stream, subject->arena, &error))
        return true;
    struct decision decision = ask_engine(subject, &laid, &found->part->offset, &question);
    for (size_t i = 0; i < decision.tail_count; i++) {
        const struct tail_verdict *tail = &decision.tails[i];
        if (tail->offset == found->part->offset && tail->owner == found->part->owner &&
            (tail->findings[OUTCOME_CORRUPT] || tail->reason))
            return true;
    }
    return false;
}

static void keep(const struct subject *subject, const struct two_ways *found)
{
    const char *owner = found->part->owner->name;
    const char *option = subject->option->name;
    unsigned long long offset = found->part->offset;
    fuzz_require(!subject_claims(subject, subject->option),
                 "%s: two readings part at the tail of %s at %#llx under %s", subject->name, owner,
                 offset, option);
    uint64_t key =
        fingerprint(bytes_of_string(subject->name)) * 31 + fingerprint(bytes_of_string(owner));
    key = key * 31 + (uint64_t)(subject->option - protocol_options) * 2 + found->in_step;
    if (!finding_is_news(subject, key))
        return;
    fuzz_require(!found->in_step || is_decided(subject, found),
                 "%s: two readings part at the tail of %s at %#llx under %s, which the engine says "
                 "cannot be",
                 subject->name, owner, offset, option);
    finding_show("%s: two readings part at the tail of %s at %#llx", subject->name, owner, offset);
    const char *const parts[] = {option, subject->drawn ? "(drawn)" : owner,
                                 found->in_step ? "ambiguous" : "ambiguous-sections"};
    finding_keep(subject, parts, 3);
}

/* ---- The engine's own ---------------------------------------------------------------------------- */

/* The input that the witness is. */
static struct subject case_of(const struct subject *subject, struct bytes witness)
{
    struct subject result = *subject;
    uint8_t *input = arena_alloc(subject->arena, CASE_HEAD + witness.length);
    memcpy(input, subject->input.data, CASE_HEAD);
    memcpy(input + CASE_HEAD, witness.data, witness.length);
    result.input = (struct bytes){input, CASE_HEAD + witness.length};
    result.data = input + CASE_HEAD;
    result.bytes = (struct bytes){result.data, witness.length};
    return result;
}

static void require_found(const struct subject *subject, const struct question *question,
                          const struct finding *finding)
{
    struct bytes witness = engine_witness(question, finding, subject->arena);
    struct subject shown = case_of(subject, witness);
    struct two_ways found = two_ways(&shown, question->option, witness);
    fuzz_require(found.count == 2,
                 "%s: the engine says that two states may part at the tail of %s at %#llx of %s",
                 subject->name, finding->owner->name, (unsigned long long)finding->offset,
                 question->option->name);
    keep(&shown, &found);
}

static void require_witnesses(const struct subject *subject, const struct device *device)
{
    struct error error;
    struct template asked;
    struct question question;
    if (!template_of_device(&asked, subject->option, device, subject->arena, &error))
        return;
    struct decision decision = ask_engine(subject, &asked, NULL, &question);
    for (size_t i = 0; i < decision.tail_count; i++)
        if (decision.tails[i].findings[OUTCOME_CORRUPT])
            require_found(subject, &question, decision.tails[i].findings[OUTCOME_CORRUPT]);
}

/* Of this schema under this option. */
static bool is_first_sight(const struct subject *subject)
{
    static uint8_t seen[SCHEMAS];
    uint8_t option = (uint8_t)(1U << (subject->option - protocol_options));
    if (subject->number >= SCHEMAS || seen[subject->number] & option)
        return false;
    seen[subject->number] |= option;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct subject subject;
    if (!subject_of(&subject, data, size) || subject.option->look == LOOK_NEVER)
        return 0;
    struct two_ways found = two_ways(&subject, subject.option, subject.bytes);
    if (found.count == 2)
        keep(&subject, &found);
    if (is_first_sight(&subject))
        for (size_t i = 0; i < subject.schema->device_count; i++)
            require_witnesses(&subject, &subject.schema->devices[i]);
    return 0;
}
