/* SPDX-License-Identifier: MIT */
/*
 * How the structures of QEMU that hold its declarations lie in memory, in its releases. Knows nothing of ELF.
 */
#ifndef VMWIRE_SCHEMA_PROGRAM_SHAPES_H
#define VMWIRE_SCHEMA_PROGRAM_SHAPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a member lies, in bytes from the start; ABSENT: there is none. */
enum { ABSENT = 0xffff };

/* A row of the table: VMStateDescription and VMStateField in some releases of QEMU, on a 64-bit host (QEMU
 * include/migration/vmstate.h; before 2.0 hw/hw.h; the rows were compared with what a compiler makes of these headers). */
struct program_shape {
    const char *releases;
    struct structure_shape {
        /* An int, or two bools in an int's place. */
        uint16_t unmigratable, early_setup;
        uint16_t version, minimum_version, priority;
        uint16_t padding;                   /* four bytes of zeros */
        uint16_t functions, function_count; /* pointers to functions, one behind the other */
        uint16_t needed;
        uint16_t fields, subsections;
        uint16_t size;
        /* A subsection is a pointer to the structure and one to its `needed` (until 2.3). */
        bool subsections_with_needed;
    } structure;
    struct field_shape {
        uint16_t size_of_one;
        uint16_t hint; /* a string, or NULL */
        uint16_t offset, size, start, num, num_offset, size_offset;
        /* num_offset and size_offset are four bytes, and behind them one with the integer's size. */
        bool sized_offsets;
        uint16_t info, flags, structure, version, struct_version, exists;
        uint32_t end;        /* the flags of the entry behind the last field; 0: it has no name */
        uint32_t auto_alloc; /* the flag of an array of pointers with a marker each; 0: none */
        uint32_t flags_known;
    } field;
};

extern const struct program_shape program_shapes[];
extern const size_t program_shape_count;

#endif
