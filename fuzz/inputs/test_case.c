/* SPDX-License-Identifier: MIT */
/* Takes inputs apart and keeps the schemas that they name; see test_case.h. Its state belongs to the process: a
 * target reads one input at a time, and making a schema takes longer than most inputs. */
#include "inputs/test_case.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/must.h"
#include "inputs/packed_schemas.h"

enum {
    OWN_KEPT = 32,
    GENERATED_KEPT = 1 << 10, /* a power of two */
};

/* A schema and the arena that it lives in. */
struct kept {
    uint64_t key; /* tells what it was made of */
    struct vmwire_arena *arena;
    struct vmwire_schema *schema;
    bool repeated_names;
    const char *name;
};

static bool has_two_of_one_name(const struct vmwire_structure *structure)
{
    for (size_t i = 0; i < structure->subsection_count; i++)
        if (vmwire_structure_subsection(structure, structure->subsections[i].name) !=
            &structure->subsections[i])
            return true;
    return false;
}

bool repeats_names(const struct vmwire_schema *schema)
{
    for (const struct vmwire_structure *each = schema->structures; each; each = each->next)
        if (has_two_of_one_name(each))
            return true;
    return false;
}

/* Returns false if the JSON is not a description. */
static bool load(struct kept *kept, struct vmwire_bytes json,
                 bool (*add)(struct vmwire_schema *schema, struct vmwire_bytes json,
                             struct vmwire_error *error))
{
    struct vmwire_error error;
    kept->arena = vmwire_arena_create();
    kept->schema = must_create_schema(kept->arena);
    bool made = !json.length || add(kept->schema, json, &error);
    must_finish_schema(kept->schema);
    kept->repeated_names = repeats_names(kept->schema);
    return made;
}

static bool load_description(struct kept *kept, struct vmwire_bytes json)
{
    return load(kept, json, vmwire_schema_add_description);
}

/* ---- Shipped ------------------------------------------------------------------------------------- */

struct packed {
    struct kept kept;
    struct vmwire_bytes name, json;
};

static struct {
    struct packed *schemas;
    unsigned count;
} shipped;

static void index_pack(void)
{
    const uint8_t *at = packed_schemas, *end = packed_schemas_end;
    while (at < end) {
        const uint8_t *tab = memchr(at, '\t', (size_t)(end - at));
        const uint8_t *newline = tab ? memchr(tab, '\n', (size_t)(end - tab)) : NULL;
        assert(newline && "fuzz/inputs/pack writes lines with a tab");
        shipped.schemas = realloc(shipped.schemas, (shipped.count + 1) * sizeof(struct packed));
        shipped.schemas[shipped.count++] = (struct packed){
            .name = {at, (size_t)(tab - at)}, .json = {tab + 1, (size_t)(newline - tab - 1)}};
        at = newline + 1;
    }
}

unsigned shipped_schema_count(void)
{
    if (!shipped.count)
        index_pack();
    assert(shipped.count && "the pack has schemas");
    return shipped.count;
}

static const struct kept *shipped_schema(unsigned number)
{
    unsigned place = number % shipped_schema_count();
    struct packed *packed = &shipped.schemas[place];
    if (!packed->kept.schema) {
        bool made = load_description(&packed->kept, packed->json);
        assert(made && "a shipped schema loads");
        (void)made;
        packed->kept.name = vmwire_arena_string(packed->kept.arena, (const char *)packed->name.data,
                                                packed->name.length);
    }
    return &packed->kept;
}

/* ---- Generated, and from the stream itself -------------------------------------------------------------------- */

static const struct kept *generated_schema(unsigned number, enum difference difference)
{
    static struct kept generated[GENERATED_KEPT];
    uint64_t key = (uint64_t)number << 8 | difference;
    struct kept *kept = &generated[(number ^ (unsigned)difference * 37) % GENERATED_KEPT];
    if (kept->key == key)
        return kept;
    vmwire_arena_destroy(kept->arena);
    char *json = generate_description(number, difference);
    bool made = load(kept, (struct vmwire_bytes){(const uint8_t *)json, strlen(json)},
                     number < FIRST_DEPENDENT ? vmwire_schema_add_description
                                              : vmwire_schema_add_made_description);
    assert(made && "a generated schema loads");
    (void)made;
    free(json);
    char name[32];
    int length =
        snprintf(name, sizeof(name), "generated-%u-%s", number, difference_name(difference));
    kept->name = vmwire_arena_string(kept->arena, name, (size_t)length);
    kept->key = key;
    return kept;
}

static const struct kept *own_schema(struct vmwire_bytes stream)
{
    static struct kept own[OWN_KEPT];
    struct vmwire_bytes json = vmwire_description_find(stream);
    uint64_t key = json.length ? vmwire_fingerprint(json) | 1 : 1;
    struct kept *kept = &own[key / 2 % OWN_KEPT];
    if (kept->key == key)
        return kept;
    vmwire_arena_destroy(kept->arena);
    *kept = (struct kept){.name = "own", .key = key};
    if (!load_description(kept, json)) {
        vmwire_arena_destroy(kept->arena);
        *kept = (struct kept){0};
    }
    return kept;
}

static const struct kept *kept_by_number(unsigned number, enum difference difference)
{
    return number < FIRST_GENERATED ? shipped_schema(number) : generated_schema(number, difference);
}

const struct vmwire_schema *schema_by_number(unsigned number, enum difference difference,
                                             const char **name)
{
    const struct kept *kept = kept_by_number(number, difference);
    *name = kept->name;
    return kept->schema;
}

/* ---- Inputs ---------------------------------------------------------------------------------------- */

/* Allocates exactly `size` bytes for the stream, so that a sanitizer sees a read beyond it. */
static uint8_t *stream_memory(size_t size)
{
    static uint8_t *memory;
    free(memory);
    memory = malloc(size);
    assert(memory && "out of memory");
    return memory;
}

static struct vmwire_arena *input_arena(void)
{
    static struct vmwire_arena *arena;
    static struct vmwire_arena_mark mark;
    if (arena) {
        vmwire_arena_reset(arena, mark);
    } else {
        arena = vmwire_arena_create();
        mark = vmwire_arena_mark(arena);
    }
    return arena;
}

static const struct vmwire_option *option_by_version(struct vmwire_bytes stream)
{
    const struct vmwire_option *today = vmwire_option_find("heuristic");
    uint32_t version = stream.length < 8 ? 0 : vmwire_be32(stream.data + 4);
    for (size_t i = 0; version != today->stream_version && i < vmwire_option_count; i++)
        if (vmwire_options[i].stream_version == version)
            return &vmwire_options[i];
    return today;
}

static void use_schema(struct test_case *test_case, const struct kept *kept)
{
    test_case->schema = kept->schema;
    test_case->repeated_names = kept->repeated_names;
    test_case->name = kept->name;
}

void choose_schema(struct test_case *test_case, unsigned number, uint8_t choice)
{
    unsigned rest = choice / (unsigned)vmwire_option_count;
    test_case->number = number;
    test_case->choice = choice;
    test_case->generated = number >= FIRST_GENERATED;
    test_case->difference = (enum difference)(rest % DIFFERENCE_COUNT);
    test_case->later = test_case->generated && rest / DIFFERENCE_COUNT % 2;
    use_schema(test_case,
               kept_by_number(number, test_case->later ? test_case->difference : DIFFERENCE_NONE));
}

bool parse_test_case(struct test_case *test_case, const uint8_t *data, size_t size)
{
    static const uint8_t magic[] = {'Q', 'E', 'V', 'M'};
    bool own = size >= sizeof(magic) && memcmp(data, magic, sizeof(magic)) == 0;
    size_t head = own ? 0 : TEST_CASE_HEADER;
    if (size <= head)
        return false;
    *test_case = (struct test_case){
        .input = {data, size}, .data = stream_memory(size - head), .arena = input_arena()};
    memcpy(test_case->data, data + head, size - head);
    test_case->bytes = (struct vmwire_bytes){test_case->data, size - head};
    test_case->option = option_by_version(test_case->bytes);
    test_case->number = SCHEMA_FROM_STREAM;
    if (own)
        use_schema(test_case, own_schema(test_case->bytes));
    else
        choose_schema(test_case, vmwire_be16(data), data[TEST_CASE_HEADER - 1]);
    return test_case->schema;
}

const struct vmwire_option *chosen_option(const struct test_case *test_case)
{
    return &vmwire_options[test_case->choice % vmwire_option_count];
}

bool covers_option(const struct test_case *test_case, const struct vmwire_option *option)
{
    return test_case->number == SCHEMA_FROM_STREAM || chosen_option(test_case) == option;
}

static void encode_choice(struct test_case *test_case, size_t turn)
{
    size_t rest = test_case->difference + (test_case->later ? DIFFERENCE_COUNT : 0);
    test_case->choice = (uint8_t)(rest * vmwire_option_count + turn);
}

void choose_option(struct test_case *test_case, const struct vmwire_option *option)
{
    encode_choice(test_case, (size_t)(option - vmwire_options));
}

void choose_difference(struct test_case *test_case, enum difference difference)
{
    assert(!test_case->later && "the difference would change the schema of the stream");
    test_case->difference = difference;
    encode_choice(test_case, test_case->choice % vmwire_option_count);
}

/* Whether the elements of a list may have subsections, themselves or in them. A description does not tell those. */
static bool lists_send_subsections(const struct vmwire_schema *schema)
{
    for (const struct vmwire_structure *each = schema->structures; each; each = each->next)
        for (size_t i = 0; i < each->field_count; i++) {
            const struct vmwire_structure *element = each->fields[i].structure;
            if (each->fields[i].class != VMWIRE_FIELD_LIST || !element)
                continue;
            for (size_t j = 0; j < element->field_count; j++)
                if (element->fields[j].structure)
                    return true;
            if (element->subsection_count)
                return true;
        }
    return false;
}

bool claims_exactness(const struct test_case *test_case, const struct vmwire_option *option)
{
    return option->exact && !test_case->repeated_names &&
           (option->look != VMWIRE_LOOK_DESCRIBED || !lists_send_subsections(test_case->schema));
}

/* The number in a deciding field's name (schema_generator.h), as the field has it on the wire. */
static uint8_t deciding_byte(const struct vmwire_value *value, size_t at)
{
    unsigned long number = strtoul(value->field->name + strlen(DECIDING_FIELD), NULL, 10);
    return at + 1 == value->data.length ? (uint8_t)number : 0;
}

bool decides_otherwise(const struct vmwire_value *value)
{
    for (size_t i = 0; value->field->determines && i < value->data.length; i++)
        if (value->data.data[i] != deciding_byte(value, i))
            return true;
    return false;
}

static bool record_decides_otherwise(const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_VALUE && decides_otherwise(walk.value))
            return true;
    return false;
}

bool has_other_layout(const struct vmwire_stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->record && record_decides_otherwise(stream->items[i]->record))
            return true;
    return false;
}

/* A writer sends zeros as zeros, bools as 0 or 1, and a field that decides what follows with what it decides: the state must
 * have these. */
static void correct_values(const struct test_case *test_case, const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step != VMWIRE_RECORD_VALUE)
            continue;
        uint8_t *data = test_case->data + (walk.value->data.data - test_case->bytes.data);
        if (walk.value->field->class == VMWIRE_FIELD_ZEROS)
            memset(data, 0, walk.value->data.length);
        for (size_t i = 0;
             walk.value->field->class == VMWIRE_FIELD_BOOL && i < walk.value->data.length; i++)
            data[i] &= 1;
        for (size_t i = 0; walk.value->field->determines && i < walk.value->data.length; i++)
            data[i] = deciding_byte(walk.value, i);
    }
}

const struct vmwire_stream *read_state(const struct test_case *test_case)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    const struct vmwire_stream *stream = vmwire_stream_read_whole(
        test_case->option, test_case->bytes, test_case->schema, test_case->arena, &cost, &error);
    if (!stream || cost.accounted[VMWIRE_ACCOUNT_UNREAD])
        return NULL;
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->record && stream->items[i]->kind != VMWIRE_ITEM_CONFIGURATION)
            correct_values(test_case, stream->items[i]->record);
    return stream;
}

bool has_mapped_blocks(const struct vmwire_stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        for (const struct vmwire_entry *entry = stream->items[i]->entries; entry;
             entry = entry->next)
            if (vmwire_mapped_bitmap_size(entry))
                return true;
    return false;
}

void set_stream_version(const struct test_case *test_case, const struct vmwire_option *option)
{
    if (test_case->bytes.length < 8)
        return;
    for (unsigned i = 0; i < 4; i++)
        test_case->data[4 + i] = (uint8_t)(option->stream_version >> 8 * (3 - i));
}
