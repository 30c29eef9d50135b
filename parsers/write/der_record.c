/* SPDX-License-Identifier: MIT */
/*
 * Writes a record as a DER SEQUENCE: an element for each field, then the list of its subsections. Walks the fields of
 * the structure beside the values: an array without elements has no value, but an element. Knows nothing of items.
 */
#include "write/der_record.h"

#include <assert.h>

#include "vmwire/asn1.h"
#include "write/der_values.h"

/* A record that is not complete yet. The places are those that begin_value() returns; 0: not begun. */
struct open_record {
    const struct vmwire_structure *structure;
    size_t field;    /* the one that is written */
    size_t sequence; /* the record */
    size_t elements; /* the SEQUENCE OF of the field */
    size_t list, subsection;
};

struct record_writing {
    struct vmwire_writer *writer;
    struct vmwire_error *error;
    struct open_record open[VMWIRE_SCHEMA_NESTING_LIMIT];
};

/* The record that is open at this depth, from 1 on. */
static struct open_record *open_at(struct record_writing *writing, unsigned depth)
{
    struct open_record *open = &writing->open[depth - 1];
    assert(open->structure);
    return open;
}

static void begin_elements(struct record_writing *writing, struct open_record *open)
{
    if (!open->elements)
        open->elements = begin_value(writing->writer, DER_TAG(VMWIRE_DER_SEQUENCE));
}

static void end_elements(struct record_writing *writing, struct open_record *open)
{
    end_value(writing->writer, open->elements);
    open->elements = 0;
}

/* Ends the fields before this one. Those that had no value are arrays without elements, or absent. */
static void advance_to(struct record_writing *writing, struct open_record *open, size_t field)
{
    for (; open->field < field; open->field++) {
        if (!vmwire_field_element(&open->structure->fields[open->field]).sequence_of)
            continue;
        begin_elements(writing, open);
        end_elements(writing, open);
    }
}

static bool refuse_value(struct record_writing *writing, const struct vmwire_value *value,
                         const char *what, unsigned byte)
{
    return cannot_write(writing->error, "field \"%s\" is %s, and has the byte %02x",
                        value->field->name, what, byte);
}

static bool put_scalar(struct record_writing *writing, const struct vmwire_value *value,
                       struct vmwire_element element, struct vmwire_bytes bytes)
{
    static const uint8_t octets[] = {0x00, 0xff};
    if (element.kind == VMWIRE_ELEMENT_INTEGER) {
        put_der_integer(writing->writer, bytes, element.is_signed);
        return true;
    }
    uint8_t byte = bytes.data ? bytes.data[0] : 0;
    if (byte > 1)
        return refuse_value(writing, value, "a BOOLEAN", byte);
    put_value(writing->writer, VMWIRE_DER_BOOLEAN, (struct vmwire_bytes){&octets[byte], 1});
    return true;
}

/* All elements of a field are one value of the record. */
static bool put_scalars(struct record_writing *writing, struct open_record *open,
                        const struct vmwire_value *value, struct vmwire_element element)
{
    const size_t size = value->field->size;
    if (value->data.length != size * value->field->count)
        return cannot_write(writing->error, "field \"%s\" has %zu bytes, expected %zu",
                            value->field->name, value->data.length, size * value->field->count);
    for (size_t at = 0; at < value->data.length; at += size) {
        const uint8_t *data = value->data.data ? value->data.data + at : NULL;
        if (!put_scalar(writing, value, element, (struct vmwire_bytes){data, size}))
            return false;
    }
    if (element.sequence_of)
        end_elements(writing, open);
    return true;
}

/* The marker before an element, or behind the last one. QEMU writes 01 and 00. */
static bool put_marker(struct record_writing *writing, struct open_record *open,
                       const struct vmwire_value *value)
{
    uint8_t expected = value->record != NULL;
    uint8_t byte = value->data.data ? value->data.data[0] : 0;
    if (byte != expected)
        return refuse_value(writing, value, expected ? "an element of a list" : "the end of a list",
                            byte);
    if (!value->record)
        advance_to(writing, open, open->field + 1);
    return true;
}

static bool put_value_of_field(struct record_writing *writing, struct open_record *open,
                               const struct vmwire_value *value)
{
    const struct vmwire_element element = vmwire_field_element(value->field);
    struct vmwire_bytes data = value->data;
    advance_to(writing, open, (size_t)(value->field - open->structure->fields));
    if (element.sequence_of)
        begin_elements(writing, open);
    switch (element.kind) {
    case VMWIRE_ELEMENT_INTEGER:
    case VMWIRE_ELEMENT_BOOLEAN:
        if (!put_scalars(writing, open, value, element))
            return false;
        open->field++;
        return true;
    case VMWIRE_ELEMENT_STRINGS:
        put_value(writing->writer, VMWIRE_DER_OCTET_STRING,
                  (struct vmwire_bytes){data.data + 1, data.length - 1});
        return true;
    case VMWIRE_ELEMENT_OCTETS:
        put_value(writing->writer, VMWIRE_DER_OCTET_STRING, data);
        open->field++;
        return true;
    default:
        return put_marker(writing, open, value);
    }
}

static void begin_subsection(struct record_writing *writing, struct open_record *open,
                             const struct vmwire_subsection_value *subsection)
{
    struct vmwire_writer *writer = writing->writer;
    advance_to(writing, open, open->structure->field_count);
    if (!open->list)
        open->list = begin_value(writer, VMWIRE_DER_SUBSECTION_LIST);
    open->subsection = begin_value(writer, VMWIRE_DER_SUBSECTION);
    put_value(writer, VMWIRE_DER_OCTET_STRING, subsection->name);
    put_der_number(writer, subsection->version_id);
}

static void begin_record(struct record_writing *writing, const struct vmwire_record_walk *walk)
{
    struct open_record *open = &writing->open[walk->depth - 1];
    if (walk->value && walk->depth > 1) {
        const struct vmwire_field *field = walk->value->field;
        struct open_record *around = open_at(writing, walk->depth - 1);
        advance_to(writing, around, (size_t)(field - around->structure->fields));
        if (vmwire_field_element(field).sequence_of)
            begin_elements(writing, around);
        else
            around->field++;
    }
    *open = (struct open_record){.structure = walk->record->structure};
    open->sequence = begin_value(writing->writer, DER_TAG(VMWIRE_DER_SEQUENCE));
}

static void end_record(struct record_writing *writing, const struct vmwire_record_walk *walk)
{
    struct open_record *open = open_at(writing, walk->depth + 1);
    advance_to(writing, open, open->structure->field_count);
    if (open->list)
        end_value(writing->writer, open->list);
    end_value(writing->writer, open->sequence);
    if (walk->subsection && walk->depth)
        end_value(writing->writer, open[-1].subsection);
}

bool put_der_record(struct vmwire_writer *writer, const struct vmwire_record *record,
                    struct vmwire_error *error)
{
    struct record_writing writing = {.writer = writer, .error = error};
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (;;) {
        switch (vmwire_record_walk_next(&walk)) {
        case VMWIRE_RECORD_BEGIN:
            begin_record(&writing, &walk);
            break;
        case VMWIRE_RECORD_VALUE:
            if (!put_value_of_field(&writing, open_at(&writing, walk.depth), walk.value))
                return false;
            break;
        case VMWIRE_RECORD_SUBSECTION:
            begin_subsection(&writing, open_at(&writing, walk.depth), walk.subsection);
            break;
        case VMWIRE_RECORD_END:
            end_record(&writing, &walk);
            break;
        case VMWIRE_RECORD_DONE:
            return true;
        }
    }
}
