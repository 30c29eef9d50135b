/* SPDX-License-Identifier: MIT */
/*
 * Writes the ASN.1 module of the structures of a schema. A structure's type names those of its embedded records. No type
 * contains itself, because no structure of a schema does. Knows nothing of streams.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmwire/asn1.h"

/* The text so far goes to the sink in pieces. */
struct module {
    const struct vmwire_schema *schema;
    const struct vmwire_byte_sink *sink;
    struct vmwire_error *error;
    bool refused;
    struct numbered {
        const struct vmwire_structure *structure;
        size_t number;
    } * numbers; /* sorted by address */
    size_t count;
};

static void print(struct module *module, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void print(struct module *module, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    struct vmwire_bytes bytes = {(const uint8_t *)text, strlen(text)};
    if (!module->refused)
        module->refused = !module->sink->write(module->sink->context, bytes, module->error);
}

/* ---- Names --------------------------------------------------------------------------------------- */

enum { NAME_LIMIT = 40 }; /* libtasn1 takes 64, with the number behind it */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters and digits, and single strokes for all else. Begins with `first`, unless the name begins with a letter. */
static void make_identifier(char identifier[NAME_LIMIT + 1], const char *name, const char *first)
{
    size_t length = 0;
    if (!is_letter(name[0]))
        length = (size_t)snprintf(identifier, NAME_LIMIT, "%s", first);
    for (; *name && length < NAME_LIMIT; name++)
        if (is_letter(*name) || is_digit(*name))
            identifier[length++] = *name;
        else if (length && identifier[length - 1] != '-')
            identifier[length++] = '-';
    while (length > 1 && identifier[length - 1] == '-')
        length--;
    identifier[length] = '\0';
}

static char to_case(char c, bool upper)
{
    static const char lower_case[] = "abcdefghijklmnopqrstuvwxyz";
    static const char upper_case[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *from = upper ? lower_case : upper_case, *to = upper ? upper_case : lower_case;
    const char *found = c ? strchr(from, c) : NULL;
    if (!found)
        return c;
    return to[found - from];
}

/* ---- Numbers: several structures can have one name ------------------------------------------------ */

static int compare_addresses(const void *a, const void *b)
{
    const struct numbered *one = a, *other = b;
    return one->structure < other->structure ? -1 : one->structure > other->structure;
}

/* Calls `visit` for all structures of the schema. */
static void visit_structures(struct module *module,
                             void (*visit)(struct module *module,
                                           const struct vmwire_structure *structure))
{
    for (const struct vmwire_structure *each = module->schema->structures; each; each = each->next)
        visit(module, each);
}

static void count_structure(struct module *module, const struct vmwire_structure *structure)
{
    (void)structure;
    module->count++;
}

static void number_structure(struct module *module, const struct vmwire_structure *structure)
{
    module->numbers[module->count] = (struct numbered){structure, module->count};
    module->count++;
}

static bool number_structures(struct module *module)
{
    visit_structures(module, count_structure);
    if (!module->count)
        return true;
    module->numbers = malloc(module->count * sizeof(*module->numbers));
    if (!module->numbers)
        return vmwire_error_set_memory(module->error, module->count * sizeof(*module->numbers));
    module->count = 0;
    visit_structures(module, number_structure);
    qsort(module->numbers, module->count, sizeof(*module->numbers), compare_addresses);
    return true;
}

static size_t number_of(const struct module *module, const struct vmwire_structure *structure)
{
    struct numbered key = {structure, 0};
    const struct numbered *found =
        bsearch(&key, module->numbers, module->count, sizeof(*module->numbers), compare_addresses);
    return found ? found->number : 0;
}

/* ---- Names of types and fields -------------------------------------------------------------------- */

void vmwire_asn1_type_name(const struct vmwire_structure *structure, size_t number,
                           char name[VMWIRE_ASN1_NAME_SIZE])
{
    char identifier[NAME_LIMIT + 1];
    make_identifier(identifier, structure->name ? structure->name : "Old", "S");
    identifier[0] = to_case(identifier[0], true);
    snprintf(name, VMWIRE_ASN1_NAME_SIZE, "%s-%zu", identifier, number);
}

void vmwire_asn1_field_name(const struct vmwire_structure *structure, size_t number,
                            char name[VMWIRE_ASN1_NAME_SIZE])
{
    char identifier[NAME_LIMIT + 1];
    make_identifier(identifier, structure->fields[number].name, "f");
    identifier[0] = to_case(identifier[0], false);
    snprintf(name, VMWIRE_ASN1_NAME_SIZE, "%s-%zu", identifier, number);
}

/* ---- Types --------------------------------------------------------------------------------------- */

static void print_integer(struct module *module, const struct vmwire_field *field, bool is_signed)
{
    uint64_t most = field->size < 8 ? ((uint64_t)1 << 8 * field->size) - 1 : UINT64_MAX;
    if (is_signed)
        print(module, "INTEGER (-%" PRIu64 "..%" PRIu64 ")", most / 2 + 1, most / 2);
    else
        print(module, "INTEGER (0..%" PRIu64 ")", most);
}

static void print_reference(struct module *module, const struct vmwire_structure *structure)
{
    char name[VMWIRE_ASN1_NAME_SIZE];
    if (!structure) { /* a list of which no element was sent */
        print(module, "NULL");
        return;
    }
    vmwire_asn1_type_name(structure, number_of(module, structure), name);
    print(module, "%s", name);
}

static void print_octets(struct module *module, const struct vmwire_field *field)
{
    uint64_t size = (uint64_t)field->size * field->count;
    if (field->length == VMWIRE_LENGTH_FIXED)
        print(module, "OCTET STRING (SIZE (%" PRIu64 "))", size);
    else
        print(module, "OCTET STRING");
}

static void print_type(struct module *module, const struct vmwire_field *field)
{
    const struct vmwire_element element = vmwire_field_element(field);
    bool counted = element.kind == VMWIRE_ELEMENT_LIST || element.kind == VMWIRE_ELEMENT_STRINGS;
    if (element.sequence_of && counted)
        print(module, "SEQUENCE OF ");
    else if (element.sequence_of)
        print(module, "SEQUENCE (SIZE (%u)) OF ", field->count);
    switch (element.kind) {
    case VMWIRE_ELEMENT_INTEGER:
        print_integer(module, field, element.is_signed);
        break;
    case VMWIRE_ELEMENT_BOOLEAN:
        print(module, "BOOLEAN");
        break;
    case VMWIRE_ELEMENT_OCTETS:
        print_octets(module, field);
        break;
    case VMWIRE_ELEMENT_STRINGS:
        print(module, "OCTET STRING (SIZE (0..255))");
        break;
    default:
        print_reference(module, field->structure);
        break;
    }
}

static bool is_absent(const struct vmwire_field *field)
{
    return vmwire_field_element(field).kind == VMWIRE_ELEMENT_OCTETS &&
           field->length == VMWIRE_LENGTH_FIXED && !field->size;
}

/* A comment must not end within a name. */
static void print_comment(struct module *module, const struct vmwire_structure *structure)
{
    char text[128] = "an old-style section";
    size_t length = 0;
    for (const char *c = structure->name; c && *c && length + 1 < sizeof(text); c++, length++)
        text[length] = (char)(*c >= ' ' && *c <= '~' && *c != '-' ? *c : '_');
    if (structure->name)
        text[length] = '\0';
    print(module, "\n-- %s, version %u%s\n", text, structure->described_version_id,
          structure->declared && structure->assumed
              ? ": one of its layouts, which depend on a state or on QEMU's code"
              : "");
}

static void print_structure(struct module *module, const struct vmwire_structure *structure)
{
    char name[VMWIRE_ASN1_NAME_SIZE];
    const char *separator = " {";
    print_comment(module, structure);
    print_reference(module, structure);
    print(module, " ::= SEQUENCE");
    for (size_t i = 0; i < structure->field_count; i++) {
        if (is_absent(&structure->fields[i]))
            continue;
        vmwire_asn1_field_name(structure, i, name);
        print(module, "%s\n    %s ", separator, name);
        print_type(module, &structure->fields[i]);
        separator = ",";
    }
    if (structure->name)
        print(module, "%s\n    subsections SubSecList OPTIONAL\n}\n", separator);
    else if (separator[0] == ',')
        print(module, "\n}\n");
    else /* libtasn1 takes no SEQUENCE without elements */
        print(module, " OF NULL\n");
}

bool vmwire_asn1_module(const struct vmwire_schema *schema, const struct vmwire_byte_sink *sink,
                        struct vmwire_error *error)
{
    struct module module = {.schema = schema, .sink = sink, .error = error};
    if (!number_structures(&module))
        return false;
    print(&module,
          "-- The records of a stream of the option asn1. The items around them are those of "
          "framing.asn1.\n\n"
          "VmwireRecords DEFINITIONS IMPLICIT TAGS ::= BEGIN\n\n"
          "SubSecList ::= [APPLICATION 10700] SEQUENCE OF SubSection\n\n"
          "SubSection ::= [APPLICATION 10707] SEQUENCE {\n"
          "    name OCTET STRING (SIZE (0..255)),\n"
          "    version-id INTEGER (0..4294967295),\n"
          "    record ANY\n"
          "}\n");
    visit_structures(&module, print_structure);
    print(&module, "\nEND\n");
    free(module.numbers);
    return !module.refused;
}
