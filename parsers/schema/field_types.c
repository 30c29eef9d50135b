/*
 * The table of QEMU's types of fields. Knows nothing of JSON.
 */
#include "schema/field_types.h"

#include <string.h>

/*
 * A type is FIELD_FREE only when QEMU's reader accepts all bytes of the described size. A type that
 * is not in this table is FIELD_OPAQUE. Among these are "int32 le", "pci config" and "pci irq
 * state", which refuse some values, and "virtio", "gtree" and "scsi-requests", which have a format
 * of their own.
 */
static const struct field_type types[] = {
    {"uint32", FIELD_FREE, 4},
    {"uint8", FIELD_FREE, 1},
    {"struct", FIELD_RECORD, 0},
    {"uint64", FIELD_FREE, 8},
    {"int32", FIELD_FREE, 4},
    {"bool", FIELD_BOOL, 1},
    {"uint16", FIELD_FREE, 2},
    {"int64", FIELD_FREE, 8},
    {"int16", FIELD_FREE, 2},
    {"int8", FIELD_FREE, 1},
    {"buffer", FIELD_FREE, 0},
    {"unused_buffer", FIELD_ZEROS, 0},
    {"timer", FIELD_FREE, 8},
    {"bitmap", FIELD_FREE, 0},
    {"CPU_Double_U", FIELD_FREE, 8},
    {"vstruct", FIELD_RECORD, 0},
    {"tmp", FIELD_RECORD, 0},
    {"qtailq", FIELD_LIST, 0},
    {"qlist", FIELD_LIST, 0},
    {"int32 equal", FIELD_CONSTANT, 4},
    {"uint8 equal", FIELD_CONSTANT, 1},
    {"uint16 equal", FIELD_CONSTANT, 2},
    {"uint32 equal", FIELD_CONSTANT, 4},
    {"int64 equal", FIELD_CONSTANT, 8}, /* QEMU's name for a comparison of a uint64 */
    {"nullptr", FIELD_CONSTANT, 1},
    {"ptr-marker", FIELD_CONSTANT, 1}, /* since QEMU 11.1, for nullptr */

    /* hw/ */
    {"msix state", FIELD_FREE, 0},
    {"shpc", FIELD_FREE, 0},
    {"int32_as_uint16", FIELD_FREE, 2},
    {"uint16_from_uint8", FIELD_FREE, 1},

    /* target/: packed registers; some have different sizes in two architectures */
    {"avr", FIELD_FREE, 0},
    {"fpr", FIELD_FREE, 0},
    {"vsr", FIELD_FREE, 0},
    {"slbe", FIELD_FREE, 0},
    {"cpu/altivec/vscr", FIELD_FREE, 0},
    {"cpsr", FIELD_FREE, 0},
    {"fpscr", FIELD_FREE, 0},
    {"powered_off", FIELD_BOOL, 1},
    {"fpcr", FIELD_FREE, 0},
    {"psr", FIELD_FREE, 0},
    {"psw", FIELD_FREE, 0},
    {"msr", FIELD_FREE, 0},
    {"sr", FIELD_FREE, 0},
    {"sreg", FIELD_FREE, 0},
    {"rampD", FIELD_FREE, 0},
    {"rampX", FIELD_FREE, 0},
    {"rampY", FIELD_FREE, 0},
    {"rampZ", FIELD_FREE, 0},
    {"eind", FIELD_FREE, 0},
    {"tlb entry", FIELD_FREE, 0},
    {"tlb_entry", FIELD_FREE, 0},
};

static const struct field_type opaque_type = {"", FIELD_OPAQUE, 0};

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
