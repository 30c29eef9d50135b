/* SPDX-License-Identifier: MIT */
/* Walks over an accepted stream and checks each part; see accepted_stream_check.h. */
#include "properties/accepted_stream_check.h"
#include "vmwire/asn1.h"

#include <string.h>

#include "properties/findings.h"

struct check_context {
    const char *option, *schema; /* names, for people */
    uint64_t accounted;          /* bytes of all items checked so far */
};

#define REQUIRE(context, condition, what)                                                          \
    fuzz_require(condition, "%s under %s: %s", (context)->schema, (context)->option, what)

/* Whether the bytes up to a NUL or their end are this text. */
static bool same_text(const char *text, struct vmwire_bytes bytes)
{
    size_t length = strnlen((const char *)bytes.data, bytes.length);
    return strlen(text) == length && memcmp(text, bytes.data, length) == 0;
}

static bool is_version_accepted(const struct vmwire_structure *structure, uint32_t highest,
                                uint32_t lowest, uint32_t version_id)
{
    return version_id >= lowest && version_id <= highest &&
           (structure->assumed || version_id == structure->described_version_id);
}

/* ---- Records --------------------------------------------------------------------------------------- */

/* Returns the count in a field: how many bytes or strings the next field has. */
static uint64_t count_before(const struct vmwire_value *before)
{
    return before && before->data.length == 4 ? vmwire_be32(before->data.data) : 0;
}

static void require_data(const struct check_context *context, const struct vmwire_field *field,
                         const struct vmwire_value *value, const struct vmwire_value *before)
{
    struct vmwire_bytes data = value->data;
    if (field->length == VMWIRE_LENGTH_COUNTED)
        REQUIRE(context, data.length == count_before(before), field->name);
    if (field->length == VMWIRE_LENGTH_FIXED)
        REQUIRE(context, data.length == (uint64_t)field->size * field->count, field->name);
    for (size_t i = 0;
         field->null_pointer && field->length == VMWIRE_LENGTH_FIXED && i < data.length; i++)
        REQUIRE(context, data.data[i] == VMWIRE_VMS_NULLPTR_MARKER, field->name);
}

/* Checks the values of one field, from `value` on. Returns the value behind them. */
static const struct vmwire_value *require_field(const struct check_context *context,
                                                const struct vmwire_field *field,
                                                const struct vmwire_value *value,
                                                const struct vmwire_value *before)
{
    bool strings = field->length == VMWIRE_LENGTH_STR8, list = field->class == VMWIRE_FIELD_LIST;
    bool plain = field->class != VMWIRE_FIELD_RECORD && !list && !strings;
    uint64_t count = strings ? count_before(before) : plain ? 1 : field->count;
    if (plain && field->length == VMWIRE_LENGTH_FIXED && !field->size)
        return value;
    for (uint64_t i = 0; list || i < count; i++, value = value->next) {
        REQUIRE(context, value && value->field == field, field->name);
        if (list && !value->record)
            break;
        REQUIRE(context, plain == !value->record || strings, field->name);
        if (!plain)
            REQUIRE(context, value->element == i, field->name);
        if (value->record)
            REQUIRE(context, value->record->structure == field->structure, field->name);
        if (strings)
            REQUIRE(context, value->data.length == 1 + (size_t)value->data.data[0], field->name);
        if (plain)
            require_data(context, field, value, before);
    }
    return list ? value->next : value;
}

static void require_record(const struct check_context *context, const struct vmwire_record *record)
{
    const struct vmwire_structure *structure = record->structure;
    const struct vmwire_value *value = record->values, *before = NULL;
    for (size_t i = 0; i < structure->field_count; i++) {
        const struct vmwire_value *first = value;
        value = require_field(context, &structure->fields[i], value, before);
        before = first;
    }
    REQUIRE(context, !value, "values behind the last field");
}

static void require_subsection(const struct check_context *context,
                               const struct vmwire_record *owner,
                               const struct vmwire_subsection_value *value)
{
    const struct vmwire_subsection *subsection = value->subsection;
    size_t place = (size_t)(subsection - owner->structure->subsections);
    REQUIRE(context, place < owner->structure->subsection_count, "a subsection of another owner");
    REQUIRE(context, same_text(subsection->name, value->name), subsection->name);
    REQUIRE(context, value->record->structure == subsection->structure, subsection->name);
    REQUIRE(context,
            is_version_accepted(subsection->structure, subsection->version_id,
                                subsection->minimum_version_id, (uint8_t)value->version_id),
            subsection->name);
}

/* Checks all records of a section. A subsection behind the section is not part of its bytes, but names the
 * section. */
static void require_records(struct check_context *context, const struct vmwire_option *option,
                            const struct vmwire_item *item)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step == VMWIRE_RECORD_BEGIN)
            require_record(context, walk.record);
        if (step != VMWIRE_RECORD_SUBSECTION)
            continue;
        require_subsection(context, walk.frames[walk.depth - 1].record, walk.subsection);
        if (vmwire_option_sends_inline(option, walk.subsection->subsection))
            continue;
        REQUIRE(context, vmwire_be32(walk.subsection->raw.data + 1) == item->section_id,
                "a subsection that names another section");
        context->accounted += walk.subsection->raw.length;
    }
}

/* ---- Items ----------------------------------------------------------------------------------------- */

static bool is_section(const struct vmwire_item *item)
{
    return item->kind >= VMWIRE_ITEM_SECTION_START && item->kind <= VMWIRE_ITEM_SECTION_FULL;
}

/* In DER: a SEQUENCE of one INTEGER of 1 to 5 bytes. */
static bool is_der_footer(const uint8_t *end, uint32_t section_id)
{
    for (int length = 1; length <= 5; length++) {
        uint64_t value = 0;
        for (int i = length; i > 0; i--)
            value = value << 8 | end[-i];
        if (value == section_id && end[-length - 1] == length &&
            end[-length - 2] == VMWIRE_DER_INTEGER && end[-length - 3] == length + 2 &&
            end[-length - 4] == VMWIRE_DER_FOOTER)
            return true;
    }
    return false;
}

static void require_footer(const struct check_context *context, const struct vmwire_option *option,
                           const struct vmwire_item *item)
{
    const uint8_t *end = item->raw.data + item->raw.length;
    if (item->footer && option->encoding == VMWIRE_ENCODING_DER)
        REQUIRE(context, is_der_footer(end, item->section_id), "a wrong footer");
    else if (item->footer)
        REQUIRE(context,
                end[-5] == VMWIRE_QEMU_VM_SECTION_FOOTER &&
                    vmwire_be32(end - 4) == item->section_id,
                "a wrong footer");
}

static void require_device(const struct check_context *context, const struct vmwire_schema *schema,
                           const struct vmwire_item *item)
{
    const struct vmwire_structure *structure = item->record->structure;
    const struct vmwire_device *device = schema->devices, *end = device + schema->device_count;
    while (device < end &&
           (device->instance_id != item->instance_id || !same_text(device->idstr, item->idstr)))
        device++;
    REQUIRE(context, device < end && device->structure == structure, "a section of another device");
    REQUIRE(context,
            !structure->name ||
                is_version_accepted(structure, structure->version_id, structure->minimum_version_id,
                                    item->version_id),
            device->idstr);
}

void require_accepted_stream(const struct test_case *test_case, const struct vmwire_option *option,
                             struct vmwire_bytes bytes, const struct vmwire_stream *stream)
{
    struct check_context context = {option->name, test_case->name, 8};
    const struct vmwire_item *section = NULL;
    for (size_t i = 0; i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        context.accounted += item->raw.length;
        if (item->kind == VMWIRE_ITEM_PACKAGE && option->encoding == VMWIRE_ENCODING_QEMU)
            context.accounted += 4; /* its length */
        if (is_section(item)) {
            REQUIRE(&context, !section || section->footer == item->footer,
                    "only some sections have footers");
            require_footer(&context, option, item);
            section = item;
        }
        if (item->kind == VMWIRE_ITEM_SECTION_FULL)
            require_device(&context, test_case->schema, item);
        if (item->record)
            require_records(&context, option, item);
    }
    REQUIRE(&context, context.accounted == bytes.length, "bytes that belong to no item");
}
