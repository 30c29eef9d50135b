/* What a reader must refuse because of its schema: a version that it accepts and knows no layout of, and
 * sections that have no end of records; see altered.h. */
#include "altering.h"

static void *copy_of(const struct subject *subject, const void *data, size_t size)
{
    return memcpy(arena_alloc(subject->arena, size), data, size);
}

/* ---- Versions ------------------------------------------------------------------------------------ */

/* The schema with one structure in the place of another one, wherever a device is of that. */
static const struct schema *with_structure(const struct subject *subject,
                                           const struct structure *old,
                                           const struct structure *structure)
{
    struct schema *schema = copy_of(subject, subject->schema, sizeof(*schema));
    struct device *devices =
        copy_of(subject, schema->devices, schema->device_count * sizeof(*devices));
    for (size_t i = 0; i < schema->device_count; i++)
        if (devices[i].structure == old)
            devices[i].structure = structure;
    schema->devices = devices;
    return schema;
}

/* A release accepts more than one version, as a dump says, and a description tells the layout of one. */
bool undescribed_version(struct accepted *accepted, struct alteration *alteration)
{
    const struct item *item = some_item(accepted, has_version);
    if (!item || item->record->structure->assumed)
        return false;
    const struct structure *old = item->record->structure;
    uint32_t described = old->described_version_id;
    bool newer = some(accepted, 2) || !described;
    if (newer && described == UINT32_MAX)
        return false;
    struct structure *wider = copy_of(accepted->subject, old, sizeof(*wider));
    wider->version_id = described + newer;
    wider->minimum_version_id = described - !newer;
    alteration->schema = with_structure(accepted->subject, old, wider);
    return refuse_number(alteration, version_of_section(item), 4, described + (newer ? 1 : -1U),
                         ERROR_NO_LAYOUT);
}

/* ---- Records ------------------------------------------------------------------------------------- */

#define LAST_IDSTR "\xff" /* devices are sorted */

static bool put_section_of(struct accepted *accepted, struct alteration *alteration,
                           const struct structure *structure)
{
    const struct subject *subject = accepted->subject;
    struct schema *schema = copy_of(subject, subject->schema, sizeof(*schema));
    struct device *devices =
        arena_alloc(subject->arena, (schema->device_count + 1) * sizeof(*devices));
    if (schema->device_count)
        memcpy(devices, schema->devices, schema->device_count * sizeof(*devices));
    devices[schema->device_count++] = (struct device){LAST_IDSTR, 0, structure};
    schema->devices = devices;
    alteration->schema = schema;
    put_integer(&alteration->put, 1, QEMU_VM_SECTION_FULL);
    put_integer(&alteration->put, 4, 0);
    put_string(&alteration->put, LAST_IDSTR);
    put_integer(&alteration->put, 4, 0);
    put_integer(&alteration->put, 4, 0);
    alteration->fate = REFUSED;
    alteration->kind = ERROR_LIMIT;
    alteration->into = alteration->put.count;
    return put_before(accepted, alteration);
}

/* A structure in itself. */
bool endless_nest(struct accepted *accepted, struct alteration *alteration)
{
    static struct structure nest;
    static struct field field = {
        .name = "f", .type = "struct", .structure = &nest, .count = 1, .class = FIELD_RECORD};
    nest = (struct structure){.name = "~", .fields = &field, .field_count = 1};
    return put_section_of(accepted, alteration, &nest);
}

/* Records of no bytes, so many that the stream has one more than it may have for its length. */
bool endless_records(struct accepted *accepted, struct alteration *alteration)
{
    enum { RECORDS_PER_BYTE = 2, RECORDS_BESIDES = 16384, LONGEST = 4 << 10, MOST_PUT_IN = 32 };
    static const struct structure empty = {.name = NULL};
    static struct field field = {
        .name = "f", .type = "struct", .structure = &empty, .class = FIELD_RECORD};
    static struct structure outer = {.name = "~", .fields = &field, .field_count = 1};
    size_t length = accepted->bytes.length;
    if (length > LONGEST || accepted->option->sentinel) /* which is a byte of each of them */
        return false;
    field.count = (uint32_t)(RECORDS_PER_BYTE * (length + MOST_PUT_IN) + RECORDS_BESIDES);
    return put_section_of(accepted, alteration, &outer);
}
