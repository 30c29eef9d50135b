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
    {"uint32", VMWIRE_FIELD_FREE, 4, false, 0},
    {"uint8", VMWIRE_FIELD_FREE, 1, false, 0},
    {"struct", VMWIRE_FIELD_RECORD, 0, false, 0},
    {"uint64", VMWIRE_FIELD_FREE, 8, false, 0},
    {"int32", VMWIRE_FIELD_FREE, 4, false, 0},
    {"bool", VMWIRE_FIELD_BOOL, 1, false, 0},
    {"uint16", VMWIRE_FIELD_FREE, 2, false, 0},
    {"int64", VMWIRE_FIELD_FREE, 8, false, 0},
    {"int16", VMWIRE_FIELD_FREE, 2, false, 0},
    {"int8", VMWIRE_FIELD_FREE, 1, false, 0},
    {"buffer", VMWIRE_FIELD_FREE, 0, true, 0},
    {"unused_buffer", VMWIRE_FIELD_ZEROS, 0, true, 0},
    {"timer", VMWIRE_FIELD_FREE, 8, false, 0},
    {"bitmap", VMWIRE_FIELD_FREE, 0, false, 0},
    {"CPU_Double_U", VMWIRE_FIELD_FREE, 8, false, 0},
    {"vstruct", VMWIRE_FIELD_RECORD, 0, false, 0},
    {"tmp", VMWIRE_FIELD_RECORD, 0, false, 0},
    {"qtailq", VMWIRE_FIELD_LIST, 0, false, 0},
    {"qlist", VMWIRE_FIELD_LIST, 0, false, 0},
    {"int32 equal", VMWIRE_FIELD_CONSTANT, 4, false, 0},
    {"uint8 equal", VMWIRE_FIELD_CONSTANT, 1, false, 0},
    {"uint16 equal", VMWIRE_FIELD_CONSTANT, 2, false, 0},
    {"uint32 equal", VMWIRE_FIELD_CONSTANT, 4, false, 0},
    {"int64 equal", VMWIRE_FIELD_CONSTANT, 8, false,
     0}, /* QEMU's name for a comparison of a uint64 */
    {"nullptr", VMWIRE_FIELD_CONSTANT, 1, false, 0},
    {"ptr-marker", VMWIRE_FIELD_CONSTANT, 1, false, 0}, /* since QEMU 11.1, for nullptr */

    /* hw/ */
    {"capability", VMWIRE_FIELD_CHECKED, 0, false, 0},
    {"int32 le", VMWIRE_FIELD_OPAQUE, 4, false,
     INT32_MAX}, /* less or equal: the reader refuses more than its own */
    {"pci config", VMWIRE_FIELD_OPAQUE, 0, true, 0},
    {"pci irq state", VMWIRE_FIELD_OPAQUE, 16, false, 1},
    {"msix state", VMWIRE_FIELD_FREE, 0, false, 0},
    {"shpc", VMWIRE_FIELD_FREE, 0, false, 0},
    {"int32_as_uint16", VMWIRE_FIELD_FREE, 2, false, 0},
    {"uint16_from_uint8", VMWIRE_FIELD_FREE, 1, false, 0},

    /* target/: packed registers; some have different sizes in two architectures */
    {"fpreg", VMWIRE_FIELD_FREE, 10, false, 0},
    {"fpreg_1_mmx", VMWIRE_FIELD_FREE, 8, false, 0},
    {"fpreg_1_no_mmx", VMWIRE_FIELD_FREE, 8, false, 0},
    {"uint64_as_uint32", VMWIRE_FIELD_FREE, 4, false, 0},
    {"avr", VMWIRE_FIELD_FREE, 16, false, 0},
    {"fpr", VMWIRE_FIELD_FREE, 0, false, 0},
    {"vsr", VMWIRE_FIELD_FREE, 8, false, 0},
    {"slbe", VMWIRE_FIELD_FREE, 16, false, 0},
    {"cpu/altivec/vscr", VMWIRE_FIELD_FREE, 4, false, 0},
    {"cpsr", VMWIRE_FIELD_FREE, 4, false, 0},
    {"fpscr", VMWIRE_FIELD_FREE, 4, false, 0},
    {"powered_off", VMWIRE_FIELD_BOOL, 1, false, 0},
    {"fpcr", VMWIRE_FIELD_FREE, 8, false, 0},
    {"fpsr", VMWIRE_FIELD_FREE, 8, false, 0},
    {"pstate64", VMWIRE_FIELD_FREE, 8, false, 0},
    {"psr", VMWIRE_FIELD_FREE, 0, false, 0},
    {"psw", VMWIRE_FIELD_FREE, 0, false, 0},
    {"msr", VMWIRE_FIELD_FREE, 0, false, 0},
    {"sr", VMWIRE_FIELD_FREE, 0, false, 0},
    {"sreg", VMWIRE_FIELD_FREE, 0, false, 0},
    {"rampD", VMWIRE_FIELD_FREE, 0, false, 0},
    {"rampX", VMWIRE_FIELD_FREE, 0, false, 0},
    {"rampY", VMWIRE_FIELD_FREE, 0, false, 0},
    {"rampZ", VMWIRE_FIELD_FREE, 0, false, 0},
    {"eind", VMWIRE_FIELD_FREE, 0, false, 0},
    {"tlb entry", VMWIRE_FIELD_FREE, 0, false, 0},
    {"tlb_entry", VMWIRE_FIELD_FREE, 0, false, 0},
};

static const struct field_type opaque_type = {"", VMWIRE_FIELD_OPAQUE, 0, false, 0};

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

const char *vmwire_field_class_name(enum vmwire_field_class class)
{
    static const char *const names[] = {
        [VMWIRE_FIELD_FREE] = "free",     [VMWIRE_FIELD_ZEROS] = "zeros",
        [VMWIRE_FIELD_BOOL] = "bool",     [VMWIRE_FIELD_CONSTANT] = "constant",
        [VMWIRE_FIELD_OPAQUE] = "opaque", [VMWIRE_FIELD_CHECKED] = "checked",
        [VMWIRE_FIELD_RECORD] = "record", [VMWIRE_FIELD_LIST] = "list",
    };
    size_t number = class;
    return number < sizeof(names) / sizeof(names[0]) ? names[number] : "unknown";
}
