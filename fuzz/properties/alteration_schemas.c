/* SPDX-License-Identifier: MIT */
/* Changes the schema together with the stream; see alteration_schemas.h. */
#include "properties/alteration_schemas.h"

#include <string.h>

static void *copy_of(const struct test_case *test_case, const void *data, size_t size)
{
    return memcpy(vmwire_arena_alloc(test_case->arena, size), data, size);
}

/* ---- Versions ------------------------------------------------------------------------------------ */

/* Returns the schema with `structure` in place of `old` in every device. */
static const struct vmwire_schema *with_structure(const struct test_case *test_case,
                                                  const struct vmwire_structure *old,
                                                  const struct vmwire_structure *structure)
{
    struct vmwire_schema *schema = copy_of(test_case, test_case->schema, sizeof(*schema));
    struct vmwire_device *devices =
        copy_of(test_case, schema->devices, schema->device_count * sizeof(*devices));
    for (size_t i = 0; i < schema->device_count; i++)
        if (devices[i].structure == old)
            devices[i].structure = structure;
    schema->devices = devices;
    return schema;
}

/* A dump can accept several versions. A description tells the layout of only one of them. */
bool alter_to_undescribed_version(struct accepted_stream *accepted, struct alteration *alteration)
{
    const struct vmwire_item *item = pick_item(accepted, has_version);
    if (!item || item->record->structure->assumed)
        return false;
    const struct vmwire_structure *old = item->record->structure;
    uint32_t described = old->described_version_id;
    bool newer = pick(accepted, 2) || !described;
    if (newer && described == UINT32_MAX)
        return false;
    struct vmwire_structure *wider = copy_of(accepted->test_case, old, sizeof(*wider));
    wider->version_id = described + newer;
    wider->minimum_version_id = described - !newer;
    alteration->schema = with_structure(accepted->test_case, old, wider);
    return replace_number(alteration, version_of_section(item), 4, described + (newer ? 1 : -1U),
                          VMWIRE_ERROR_NO_LAYOUT);
}

/* ---- Records ------------------------------------------------------------------------------------- */

#define LAST_IDSTR "\xff" /* devices are sorted: this one is the last */

/* Adds a device to the schema and inserts the header of a section of it. */
static bool insert_section(struct accepted_stream *accepted, struct alteration *alteration,
                           const struct vmwire_structure *structure)
{
    const struct test_case *test_case = accepted->test_case;
    if (accepted->option->framed) /* the records here have no version and no length */
        return false;
    struct vmwire_schema *schema = copy_of(test_case, test_case->schema, sizeof(*schema));
    struct vmwire_device *devices =
        vmwire_arena_alloc(test_case->arena, (schema->device_count + 1) * sizeof(*devices));
    if (schema->device_count)
        memcpy(devices, schema->devices, schema->device_count * sizeof(*devices));
    devices[schema->device_count++] =
        (struct vmwire_device){.idstr = LAST_IDSTR, .structure = structure};
    schema->devices = devices;
    alteration->schema = schema;
    put_integer(&alteration->put, 1, VMWIRE_QEMU_VM_SECTION_FULL);
    put_integer(&alteration->put, 4, 0);
    put_string(&alteration->put, LAST_IDSTR);
    put_integer(&alteration->put, 4, 0);
    put_integer(&alteration->put, 4, 0);
    return insert_before_item(accepted, alteration);
}

static bool insert_endless_record(struct accepted_stream *accepted, struct alteration *alteration,
                                  const struct vmwire_structure *structure)
{
    bool put = insert_section(accepted, alteration, structure);
    alteration->expectation = EXPECT_REFUSED;
    alteration->kind = VMWIRE_ERROR_LIMIT;
    alteration->error_at = alteration->put.count;
    return put;
}

/* A structure that embeds itself. */
bool insert_endless_nest(struct accepted_stream *accepted, struct alteration *alteration)
{
    static struct vmwire_structure nest;
    static struct vmwire_field field = {.name = "f",
                                        .type = "struct",
                                        .structure = &nest,
                                        .count = 1,
                                        .class = VMWIRE_FIELD_RECORD};
    nest = (struct vmwire_structure){.name = "~", .fields = &field, .field_count = 1};
    return insert_endless_record(accepted, alteration, &nest);
}

/* Empty records: one more than the limit for a stream of this length. */
bool insert_endless_records(struct accepted_stream *accepted, struct alteration *alteration)
{
    enum { RECORDS_PER_BYTE = 2, RECORDS_BESIDES = 16384, LONGEST = 4 << 10, MOST_PUT_IN = 32 };
    static const struct vmwire_structure empty = {.name = NULL};
    static struct vmwire_field field = {
        .name = "f", .type = "struct", .structure = &empty, .class = VMWIRE_FIELD_RECORD};
    static struct vmwire_structure outer = {.name = "~", .fields = &field, .field_count = 1};
    size_t length = accepted->bytes.length;
    if (length > LONGEST || accepted->option->sentinel) /* a sentinel is a byte of each record */
        return false;
    field.count = (uint32_t)(RECORDS_PER_BYTE * (length + MOST_PUT_IN) + RECORDS_BESIDES);
    return insert_endless_record(accepted, alteration, &outer);
}

/* ---- Owners -------------------------------------------------------------------------------------- */

enum { ELEMENTS = 3, VERSION = 0 };

/* The header of an empty subsection, as the option sends it. Its owner is the last element, which has no bytes. */
static void put_header(const struct accepted_stream *accepted, struct replacement *put,
                       const char *name)
{
    const struct vmwire_option *option = accepted->option;
    bool section = option->subsections == VMWIRE_SUBSECTION_SECTION;
    static const char path[] = "f[2]";
    char idstr[32] = LAST_IDSTR "/";
    put_integer(put, 1, section ? VMWIRE_QEMU_VM_SECTION_FULL : VMWIRE_QEMU_VM_SUBSECTION);
    if (option->subsections != VMWIRE_SUBSECTION_INLINE)
        put_integer(put, 4, 0);
    if (option->subsections == VMWIRE_SUBSECTION_ITEM) {
        put_string(put, path);
        put_integer(put, 4, 0);
    }
    put_string(put, section ? strcat(strcat(strcat(idstr, path), "/"), name) : name);
    if (section)
        put_integer(put, 4, 0);
    put_integer(put, 4, VERSION);
}

/* A subsection with a subsection of its own, and then a second subsection of the outer owner. Only inline options can
 * give it to the wrong owner; a flat one has no such subsections. */
bool insert_next_subsection_of_owner(struct accepted_stream *accepted,
                                     struct alteration *alteration)
{
    static const struct vmwire_structure inner = {.name = "~/a/b"}, next = {.name = "~/c"};
    static struct vmwire_subsection of_nest[] = {
        {.name = "~/a/b", .structure = &inner, .source = VMWIRE_LAYOUT_SENT}};
    static const struct vmwire_structure nest = {
        .name = "~/a", .subsections = of_nest, .subsection_count = 1, .sent_count = 1};
    static struct vmwire_subsection of_outer[] = {
        {.name = "~/a", .structure = &nest, .source = VMWIRE_LAYOUT_SENT},
        {.name = "~/c", .structure = &next, .source = VMWIRE_LAYOUT_SENT}};
    static const struct vmwire_structure outer = {
        .name = "~", .subsections = of_outer, .subsection_count = 2, .sent_count = 2};
    const struct vmwire_item *other =
        pick_item(accepted, is_any_section); /* tells whether sections have footers */
    if (accepted->option->subsections != VMWIRE_SUBSECTION_INLINE || accepted->option->flat ||
        !other || !insert_section(accepted, alteration, &outer))
        return false;
    put_header(accepted, &alteration->put, nest.name);
    put_header(accepted, &alteration->put, inner.name);
    put_sentinel(accepted, &alteration->put);
    put_sentinel(accepted, &alteration->put);
    put_header(accepted, &alteration->put, next.name);
    put_sentinel(accepted, &alteration->put);
    if (other->footer)
        put_footer(&alteration->put, 0);
    alteration->expectation = EXPECT_SAME;
    alteration->added_items = 1;
    return true;
}

/* Only the last element of an array has a subsection. All elements end at the same place. */
bool insert_subsection_of_last_element(struct accepted_stream *accepted,
                                       struct alteration *alteration)
{
    static const struct vmwire_structure sent = {.name = "e/x"};
    static struct vmwire_subsection subsections[] = {
        {.name = "e/x", .structure = &sent, .source = VMWIRE_LAYOUT_SENT}};
    static const struct vmwire_structure element = {
        .name = "e", .subsections = subsections, .subsection_count = 1, .sent_count = 1};
    static struct vmwire_field field = {.name = "f",
                                        .type = "struct",
                                        .structure = &element,
                                        .count = ELEMENTS,
                                        .index = -1,
                                        .class = VMWIRE_FIELD_RECORD};
    static const struct vmwire_structure outer = {.name = "~", .fields = &field, .field_count = 1};
    bool separate = accepted->option->subsections != VMWIRE_SUBSECTION_INLINE;
    const struct vmwire_item *other =
        pick_item(accepted, is_any_section); /* tells whether sections have footers */
    struct replacement *put = &alteration->put;
    if (!other || !insert_section(accepted, alteration, &outer))
        return false;
    for (unsigned i = 0; i < ELEMENTS; i++) {
        if (!separate && i == ELEMENTS - 1) {
            put_header(accepted, put, sent.name);
            put_sentinel(accepted, put);
        }
        put_sentinel(accepted, put);
    }
    if (other->footer)
        put_footer(put, 0);
    if (separate)
        put_header(accepted, put, sent.name);
    if (separate && other->footer)
        put_footer(put, 0);
    alteration->expectation = EXPECT_SAME;
    alteration->added_items = 1;
    return true;
}
