/* SPDX-License-Identifier: MIT */
/*
 * The table of QEMU's types of fields. Knows nothing of JSON.
 */
#include "schema/field_types.h"

#include <string.h>

/*
 * A type is VMWIRE_FIELD_FREE only when QEMU's reader accepts all bytes of the described size. A type that
 * is not in this table is VMWIRE_FIELD_OPAQUE. Among these are "virtio", "gtree" and "scsi-requests", which have a format
 * of their own. "int32 le", "pci config" and "pci irq state" refuse some values.
 */
static const struct field_type types[] = {
    {"uint32", VMWIRE_FIELD_FREE, 4, false},
    {"uint8", VMWIRE_FIELD_FREE, 1, false},
    {"struct", VMWIRE_FIELD_RECORD, 0, false},
    {"uint64", VMWIRE_FIELD_FREE, 8, false},
    {"int32", VMWIRE_FIELD_FREE, 4, false},
    {"bool", VMWIRE_FIELD_BOOL, 1, false},
    {"uint16", VMWIRE_FIELD_FREE, 2, false},
    {"int64", VMWIRE_FIELD_FREE, 8, false},
    {"int16", VMWIRE_FIELD_FREE, 2, false},
    {"int8", VMWIRE_FIELD_FREE, 1, false},
    {"buffer", VMWIRE_FIELD_FREE, 0, true},
    {"unused_buffer", VMWIRE_FIELD_ZEROS, 0, true},
    {"timer", VMWIRE_FIELD_FREE, 8, false},
    {"bitmap", VMWIRE_FIELD_FREE, 0, false},
    {"CPU_Double_U", VMWIRE_FIELD_FREE, 8, false},
    {"vstruct", VMWIRE_FIELD_RECORD, 0, false},
    {"tmp", VMWIRE_FIELD_RECORD, 0, false},
    {"qtailq", VMWIRE_FIELD_LIST, 0, false},
    {"qlist", VMWIRE_FIELD_LIST, 0, false},
    {"int32 equal", VMWIRE_FIELD_CONSTANT, 4, false},
    {"uint8 equal", VMWIRE_FIELD_CONSTANT, 1, false},
    {"uint16 equal", VMWIRE_FIELD_CONSTANT, 2, false},
    {"uint32 equal", VMWIRE_FIELD_CONSTANT, 4, false},
    {"int64 equal", VMWIRE_FIELD_CONSTANT, 8, false}, /* QEMU's name for a comparison of a uint64 */
    {"nullptr", VMWIRE_FIELD_CONSTANT, 1, false},
    {"ptr-marker", VMWIRE_FIELD_CONSTANT, 1, false}, /* since QEMU 11.1, for nullptr */

    /* hw/ */
    {"int32 le", VMWIRE_FIELD_OPAQUE, 4, false}, /* less or equal: the reader refuses more than its own */
    {"pci config", VMWIRE_FIELD_OPAQUE, 0, true},
    {"pci irq state", VMWIRE_FIELD_OPAQUE, 16, false},
    {"msix state", VMWIRE_FIELD_FREE, 0, false},
    {"shpc", VMWIRE_FIELD_FREE, 0, false},
    {"int32_as_uint16", VMWIRE_FIELD_FREE, 2, false},
    {"uint16_from_uint8", VMWIRE_FIELD_FREE, 1, false},

    /* target/: packed registers; some have different sizes in two architectures */
    {"avr", VMWIRE_FIELD_FREE, 16, false},
    {"fpr", VMWIRE_FIELD_FREE, 0, false},
    {"vsr", VMWIRE_FIELD_FREE, 8, false},
    {"slbe", VMWIRE_FIELD_FREE, 16, false},
    {"cpu/altivec/vscr", VMWIRE_FIELD_FREE, 4, false},
    {"cpsr", VMWIRE_FIELD_FREE, 4, false},
    {"fpscr", VMWIRE_FIELD_FREE, 4, false},
    {"powered_off", VMWIRE_FIELD_BOOL, 1, false},
    {"fpcr", VMWIRE_FIELD_FREE, 0, false},
    {"psr", VMWIRE_FIELD_FREE, 0, false},
    {"psw", VMWIRE_FIELD_FREE, 0, false},
    {"msr", VMWIRE_FIELD_FREE, 0, false},
    {"sr", VMWIRE_FIELD_FREE, 0, false},
    {"sreg", VMWIRE_FIELD_FREE, 0, false},
    {"rampD", VMWIRE_FIELD_FREE, 0, false},
    {"rampX", VMWIRE_FIELD_FREE, 0, false},
    {"rampY", VMWIRE_FIELD_FREE, 0, false},
    {"rampZ", VMWIRE_FIELD_FREE, 0, false},
    {"eind", VMWIRE_FIELD_FREE, 0, false},
    {"tlb entry", VMWIRE_FIELD_FREE, 0, false},
    {"tlb_entry", VMWIRE_FIELD_FREE, 0, false},
};

static const struct field_type opaque_type = {"", VMWIRE_FIELD_OPAQUE, 0, false};

const struct field_type *field_type(struct symbol *symbol)
{
    if (symbol->type != NULL)
        return symbol->type;
    symbol->type = &opaque_type;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i].name, symbol->text) == 0)
            symbol->type = &types[i];
    return symbol->type;
}
