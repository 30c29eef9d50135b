/* SPDX-License-Identifier: MIT */
/*
 * The table from QEMU's types of fields to ASN.1's. Knows nothing of DER.
 */
#include <string.h>

#include "vmwire/asn1.h"

/* Types that are integers on the wire. All others are BOOLEAN, or OCTET STRING. */
static const struct {
    const char *type;
    bool is_signed;
} integers[] = {
    {"uint32", false},
    {"uint8", false},
    {"uint64", false},
    {"int32", true},
    {"uint16", false},
    {"int64", true},
    {"int16", true},
    {"int8", true},
    {"timer", true}, /* an expiry time; -1: not pending */
    {"int32 equal", true},
    {"uint8 equal", false},
    {"uint16 equal", false},
    {"uint32 equal", false},
    {"int64 equal", false}, /* QEMU's name for a comparison of a uint64 */
    {"int32_as_uint16", false},
    {"uint16_from_uint8", false},
};

struct vmwire_element vmwire_field_element(const struct vmwire_field *field)
{
    const bool array = field->count != 1;
    if (field->class == VMWIRE_FIELD_RECORD)
        return (struct vmwire_element){VMWIRE_ELEMENT_RECORD, false, array};
    if (field->class == VMWIRE_FIELD_LIST)
        return (struct vmwire_element){VMWIRE_ELEMENT_LIST, false, true};
    if (field->length == VMWIRE_LENGTH_STR8)
        return (struct vmwire_element){VMWIRE_ELEMENT_STRINGS, false, true};
    const struct vmwire_element octets = {VMWIRE_ELEMENT_OCTETS, false, false};
    if (field->length != VMWIRE_LENGTH_FIXED || field->null_pointer || !field->size ||
        field->size > 8)
        return octets;
    if (field->class == VMWIRE_FIELD_BOOL && field->size == 1)
        return (struct vmwire_element){VMWIRE_ELEMENT_BOOLEAN, false, array};
    for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++)
        if (strcmp(integers[i].type, field->type) == 0)
            return (struct vmwire_element){VMWIRE_ELEMENT_INTEGER, integers[i].is_signed, array};
    return octets;
}
