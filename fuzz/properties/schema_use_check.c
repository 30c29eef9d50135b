/* Loads JSON and uses its devices; see schema_use_check.h. */
#include "properties/schema_use_check.h"

#include "properties/findings.h"
#include "properties/roundtrip.h"

enum {
    LONGEST_SOURCE = 64 << 10,
    LONGEST_RECORD = 64 << 10, /* bytes on the wire of a device that is used */
    MEMORY_PER_BYTE = 4,       /* of a schema; tests/test_mutation.c */
    MEMORY_BESIDES = 16 << 20,
    FOOTER_AND_END = 1 + 4 + 1, /* bytes */
};

/* An error without an offset has a path; an empty path means the whole source. */
static void require_error(const struct error *error, struct bytes json)
{
    fuzz_require(error->kind == ERROR_SCHEMA || error->kind == ERROR_LIMIT, "%s", error->message);
    fuzz_require(error->message[0], "%s", error_kind_name(error->kind));
    fuzz_require(error->offset == ERROR_NO_OFFSET || error->offset <= json.length, "%s at %llu",
                 error->message, (unsigned long long)error->offset);
}

bool load_source(struct test_case *test_case, struct bytes json, source_loader *add)
{
    struct error error = {0};
    if (json.length > LONGEST_SOURCE)
        return false;
    struct arena *arena = arena_create();
    struct schema *schema = schema_create(arena);
    bool taken = add(schema, json, &error);
    schema_finish(schema);
    if (!taken) {
        require_error(&error, json);
        fuzz_require(!schema->device_count && !schema->type_count,
                     "a refused source left devices: %s", error.message);
    }
    fuzz_require(arena_peak(arena) <= MEMORY_PER_BYTE * json.length + MEMORY_BESIDES, "%llu",
                 (unsigned long long)arena_peak(arena));
    *test_case = (struct test_case){.input = json,
                                    .name = "own",
                                    .schema = schema,
                                    .repeated_names = find_repeated_names(schema),
                                    .arena = arena};
    if (!taken)
        arena_destroy(arena);
    return taken;
}

/* ---- Devices ------------------------------------------------------------------------------------- */

/* Returns about how many bytes a record has with everything that it can send, and one more for each part.
 * Returns little more than LONGEST_RECORD if it is longer, or nested beyond the limit. */
static uint64_t longest(const struct structure *structure, unsigned depth, size_t *steps_left)
{
    uint64_t length = 1;
    if (depth == SCHEMA_NESTING_LIMIT || !*steps_left)
        return LONGEST_RECORD;
    --*steps_left;
    for (size_t i = 0; i < structure->field_count && length < LONGEST_RECORD; i++) {
        const struct field *field = &structure->fields[i];
        uint64_t size = field->class == FIELD_RECORD
                            ? longest(field->structure, depth + 1, steps_left)
                            : (uint64_t)field->size + 1;
        length += size * field->count < LONGEST_RECORD ? size * field->count : LONGEST_RECORD;
    }
    for (size_t i = 0; i < structure->subsection_count && length < LONGEST_RECORD; i++) {
        const struct subsection *subsection = &structure->subsections[i];
        length += 2 + strlen(subsection->name) + 4;
        if (subsection->structure)
            length += longest(subsection->structure, depth + 1, steps_left);
    }
    return length;
}

/* A reader reads only the low byte of a subsection's version, so it refuses larger ones. */
static bool versions_are_kept(const struct schema *schema)
{
    for (const struct structure *each = schema->structures; each; each = each->next)
        for (size_t i = 0; i < each->subsection_count; i++)
            if (each->subsections[i].version_id > UINT8_MAX)
                return false;
    return true;
}

static void require_roundtrip(const struct test_case *test_case, const struct stream *state,
                              const struct protocol_option *option)
{
    struct roundtrip roundtrip = run_roundtrip(test_case, state, option);
    if (!roundtrip.written) {
        fuzz_require(roundtrip.error.kind == ERROR_CANNOT_WRITE, "%s", roundtrip.error.message);
        return;
    }
    fuzz_require(!claims_exactness(test_case, option) || roundtrip.outcome == OUTCOME_EXACT ||
                     (!roundtrip.read && roundtrip.error.kind == ERROR_LIMIT),
                 "%s: %s: %s", option->name, outcome_name(roundtrip.outcome),
                 roundtrip.error.message);
}

/* The engine reads everything, and decides what can happen at the end of the record. */
static void require_decision(const struct test_case *test_case,
                             const struct protocol_option *option, const struct template *all)
{
    const uint64_t end = all->bytes.length - FOOTER_AND_END;
    struct question question = {.option = option,
                                .stream = &all->stream,
                                .bytes = all->bytes,
                                .reader = {option, test_case->schema},
                                .only_at = &end};
    struct decision decision = engine_decide(&question, test_case->arena);
    for (size_t i = 0; i < decision.tail_count; i++)
        fuzz_require(decision.tails[i].verdict != VERDICT_UNDECIDED || decision.tails[i].reason,
                     "%s: undecided without a reason", option->name);
}

void require_device_usable(const struct test_case *test_case, const struct device *device,
                           bool readable)
{
    size_t steps = LONGEST_RECORD;
    if (longest(device->structure, 0, &steps) >= LONGEST_RECORD)
        return;
    /* A section always has a name, whatever the description says. */
    bool claimed = readable && device->idstr[0] && versions_are_kept(test_case->schema);
    struct arena_mark mark = arena_mark(test_case->arena);
    for (size_t i = 0; i < protocol_option_count; i++) {
        struct template all;
        struct error error;
        bool made =
            template_of_device(&all, &protocol_options[i], device, test_case->arena, &error);
        fuzz_require(made || error.kind == ERROR_CANNOT_WRITE, "%s: %s", protocol_options[i].name,
                     error.message);
        if (made)
            require_decision(test_case, &protocol_options[i], &all);
        /* The first option sends everything inline, so its stream is a state for all options. */
        for (size_t j = 0; made && claimed && i == 0 && j < protocol_option_count; j++)
            require_roundtrip(test_case, &all.stream, &protocol_options[j]);
        arena_reset(test_case->arena, mark);
    }
}
