/* SPDX-License-Identifier: MIT */
/* Loads JSON and uses its devices; see schema_use_check.h. */
#include "properties/schema_use_check.h"

#include "inputs/must.h"
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
static void require_error(const struct vmwire_error *error, struct vmwire_bytes json)
{
    fuzz_require(error->kind == VMWIRE_ERROR_SCHEMA || error->kind == VMWIRE_ERROR_LIMIT, "%s",
                 error->message);
    fuzz_require(error->message[0], "%s", vmwire_error_kind_name(error->kind));
    fuzz_require(error->offset == VMWIRE_ERROR_NO_OFFSET || error->offset <= json.length,
                 "%s at %llu", error->message, (unsigned long long)error->offset);
}

bool load_source(struct test_case *test_case, struct vmwire_bytes json, source_loader *add)
{
    struct vmwire_error error = {0};
    if (json.length > LONGEST_SOURCE)
        return false;
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = must_create_schema(arena);
    bool taken = add(schema, json, &error);
    must_finish_schema(schema);
    if (!taken) {
        require_error(&error, json);
        fuzz_require(!schema->device_count && !schema->type_count,
                     "a refused source left devices: %s", error.message);
    }
    fuzz_require(vmwire_arena_peak(arena) <= MEMORY_PER_BYTE * json.length + MEMORY_BESIDES, "%llu",
                 (unsigned long long)vmwire_arena_peak(arena));
    *test_case = (struct test_case){.input = json,
                                    .name = "own",
                                    .schema = schema,
                                    .repeated_names = repeats_names(schema),
                                    .arena = arena};
    if (!taken)
        vmwire_arena_destroy(arena);
    return taken;
}

/* ---- Devices ------------------------------------------------------------------------------------- */

/* Returns about how many bytes a record has with everything that it can send, and one more for each part.
 * Returns little more than LONGEST_RECORD if it is longer, or nested beyond the limit. */
static uint64_t longest(const struct vmwire_structure *structure, unsigned depth,
                        size_t *steps_left)
{
    uint64_t length = 1;
    if (depth == VMWIRE_SCHEMA_NESTING_LIMIT || !*steps_left)
        return LONGEST_RECORD;
    --*steps_left;
    for (size_t i = 0; i < structure->field_count && length < LONGEST_RECORD; i++) {
        const struct vmwire_field *field = &structure->fields[i];
        uint64_t size = field->class == VMWIRE_FIELD_RECORD
                            ? longest(field->structure, depth + 1, steps_left)
                            : (uint64_t)field->size + 1;
        length += size * field->count < LONGEST_RECORD ? size * field->count : LONGEST_RECORD;
    }
    for (size_t i = 0; i < structure->subsection_count && length < LONGEST_RECORD; i++) {
        const struct vmwire_subsection *subsection = &structure->subsections[i];
        length += 2 + strlen(subsection->name) + 4;
        if (subsection->structure)
            length += longest(subsection->structure, depth + 1, steps_left);
    }
    return length;
}

/* A reader reads only the low byte of a subsection's version, so it refuses larger ones. */
static bool versions_are_kept(const struct vmwire_schema *schema)
{
    for (const struct vmwire_structure *each = schema->structures; each; each = each->next)
        for (size_t i = 0; i < each->subsection_count; i++)
            if (each->subsections[i].version_id > UINT8_MAX)
                return false;
    return true;
}

static void require_roundtrip(const struct test_case *test_case, const struct vmwire_stream *state,
                              const struct vmwire_option *option)
{
    struct roundtrip roundtrip = run_roundtrip(test_case, state, option);
    if (!roundtrip.written) {
        fuzz_require(roundtrip.error.kind == VMWIRE_ERROR_CANNOT_WRITE, "%s",
                     roundtrip.error.message);
        return;
    }
    fuzz_require(!claims_exactness(test_case, option) ||
                     roundtrip.outcome == VMWIRE_OUTCOME_EXACT ||
                     (!roundtrip.read && roundtrip.error.kind == VMWIRE_ERROR_LIMIT),
                 "%s: %s: %s", option->name, vmwire_outcome_name(roundtrip.outcome),
                 roundtrip.error.message);
}

/* The engine reads everything, and decides what can happen at the end of the record. */
static void require_decision(const struct test_case *test_case, const struct vmwire_option *option,
                             const struct vmwire_template *all)
{
    const uint64_t end = all->bytes.length - FOOTER_AND_END;
    struct vmwire_question question = {.option = option,
                                       .stream = &all->stream,
                                       .bytes = all->bytes,
                                       .reader = {option, test_case->schema},
                                       .only_at = &end};
    struct vmwire_decision decision = must_decide(&question, test_case->arena);
    for (size_t i = 0; i < decision.tail_count; i++)
        fuzz_require(decision.tails[i].verdict != VMWIRE_VERDICT_UNDECIDED ||
                         decision.tails[i].reason,
                     "%s: undecided without a reason", option->name);
}

void require_device_usable(const struct test_case *test_case, const struct vmwire_device *device,
                           bool readable)
{
    size_t steps = LONGEST_RECORD;
    if (longest(device->structure, 0, &steps) >= LONGEST_RECORD)
        return;
    /* A section always has a name, whatever the description says. */
    bool claimed = readable && device->idstr[0] && versions_are_kept(test_case->schema);
    struct vmwire_arena_mark mark = vmwire_arena_mark(test_case->arena);
    for (size_t i = 0; i < vmwire_option_count; i++) {
        struct vmwire_template all;
        struct vmwire_error error;
        bool made =
            vmwire_template_of_device(&all, &vmwire_options[i], device, test_case->arena, &error);
        fuzz_require(made || error.kind == VMWIRE_ERROR_CANNOT_WRITE ||
                         error.kind == VMWIRE_ERROR_LIMIT,
                     "%s: %s", vmwire_options[i].name, error.message);
        if (made)
            require_decision(test_case, &vmwire_options[i], &all);
        /* The first option sends everything inline, so its stream is a state for all options. */
        for (size_t j = 0; made && claimed && i == 0 && j < vmwire_option_count; j++)
            require_roundtrip(test_case, &all.stream, &vmwire_options[j]);
        vmwire_arena_reset(test_case->arena, mark);
    }
}
