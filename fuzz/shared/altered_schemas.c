/* What comes of a stream because of the schema: a version that a reader accepts and knows no layout of, sections
 * that have no end of records, and subsections whose owner is not the nearest record; see altered.h. */
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

/* The head of a section of a device that the schema has besides. */
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
    return put_before(accepted, alteration);
}

static bool put_endless(struct accepted *accepted, struct alteration *alteration,
                        const struct structure *structure)
{
    bool put = put_section_of(accepted, alteration, structure);
    alteration->fate = REFUSED;
    alteration->kind = ERROR_LIMIT;
    alteration->into = alteration->put.count;
    return put;
}

/* A structure in itself. */
bool endless_nest(struct accepted *accepted, struct alteration *alteration)
{
    static struct structure nest;
    static struct field field = {
        .name = "f", .type = "struct", .structure = &nest, .count = 1, .class = FIELD_RECORD};
    nest = (struct structure){.name = "~", .fields = &field, .field_count = 1};
    return put_endless(accepted, alteration, &nest);
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
    return put_endless(accepted, alteration, &outer);
}

/* ---- Owners -------------------------------------------------------------------------------------- */

enum { ELEMENTS = 3, VERSION = 0 };

/* Its header where the option has it; the subsection has no bytes. */
static void put_header(const struct accepted *accepted, struct put *put, const char *name)
{
    const struct protocol_option *option = accepted->option;
    bool section = option->subsections == SUBSECTION_SECTION;
    char idstr[16] = LAST_IDSTR "/";
    put_integer(put, 1, section ? QEMU_VM_SECTION_FULL : QEMU_VM_SUBSECTION);
    if (option->subsections != SUBSECTION_INLINE)
        put_integer(put, 4, 0);
    if (option->subsections == SUBSECTION_ITEM)
        put_integer(put, 4, ELEMENTS);
    put_string(put, section ? strcat(idstr, name) : name);
    if (section)
        put_integer(put, 4, ELEMENTS);
    put_integer(put, 4, VERSION);
}

/* A subsection with one of its own, and behind both another one of the first one's owner. Where they are sent
 * behind their section nothing else can take it. */
bool next_of_owner(struct accepted *accepted, struct alteration *alteration)
{
    static const struct structure inner = {.name = "~/a/b"}, next = {.name = "~/c"};
    static struct subsection of_nest[] = {
        {.name = "~/a/b", .structure = &inner, .source = LAYOUT_SENT}};
    static const struct structure nest = {
        .name = "~/a", .subsections = of_nest, .subsection_count = 1, .sent_count = 1};
    static struct subsection of_outer[] = {
        {.name = "~/a", .structure = &nest, .source = LAYOUT_SENT},
        {.name = "~/c", .structure = &next, .source = LAYOUT_SENT}};
    static const struct structure outer = {
        .name = "~", .subsections = of_outer, .subsection_count = 2, .sent_count = 2};
    const struct item *other = some_item(accepted, is_any_section); /* tells of all footers */
    if (accepted->option->subsections != SUBSECTION_INLINE || !other ||
        !put_section_of(accepted, alteration, &outer))
        return false;
    put_header(accepted, &alteration->put, nest.name);
    put_header(accepted, &alteration->put, inner.name);
    put_header(accepted, &alteration->put, next.name);
    if (other->footer)
        put_footer(&alteration->put, 0);
    alteration->fate = THE_SAME;
    alteration->more = 1;
    return true;
}

/* Of the elements of an array the last one has a subsection: its ordinal is how many there are. */
bool last_element(struct accepted *accepted, struct alteration *alteration)
{
    static const struct structure sent = {.name = "e/x"};
    static struct subsection subsections[] = {
        {.name = "e/x", .structure = &sent, .source = LAYOUT_SENT}};
    static const struct structure element = {
        .name = "e", .subsections = subsections, .subsection_count = 1, .sent_count = 1};
    static struct field field = {.name = "f",
                                 .type = "struct",
                                 .structure = &element,
                                 .count = ELEMENTS,
                                 .class = FIELD_RECORD};
    static const struct structure outer = {.name = "~", .fields = &field, .field_count = 1};
    bool separate = accepted->option->subsections != SUBSECTION_INLINE;
    const struct item *other = some_item(accepted, is_any_section); /* tells of all footers */
    struct put *put = &alteration->put;
    if (!other || !put_section_of(accepted, alteration, &outer))
        return false;
    for (unsigned i = 0; i < ELEMENTS; i++) {
        if (!separate && i == ELEMENTS - 1)
            put_header(accepted, put, sent.name);
        if (accepted->option->sentinel)
            put_integer(put, 1, FLAGDAY_END_OF_STRUCT);
    }
    if (other->footer)
        put_footer(put, 0);
    if (separate)
        put_header(accepted, put, sent.name);
    if (separate && other->footer)
        put_footer(put, 0);
    alteration->fate = THE_SAME;
    alteration->more = 1;
    return true;
}
