/* SPDX-License-Identifier: MIT */
/*
 * What a QEMU declares: its structures (VMStateDescription), their fields (VMStateField) and the types of these
 * (VMStateInfo), as they lie in the executable and its modules (QEMU include/migration/vmstate.h). Nothing is run, and
 * no symbol is needed. Knows nothing of streams.
 */
#ifndef VMWIRE_DECLARATIONS_H
#define VMWIRE_DECLARATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/arena.h"
#include "vmwire/bytes.h"
#include "vmwire/error.h"
#include "vmwire/program_facts.h"

#pragma GCC visibility push(default)

/* A field's flags (QEMU's enum VMStateFlags, VMS_...). QEMU has a flag for each size of integer that counts the elements of
 * an array: here it is one flag, and num_bytes. */
enum vmwire_declared_flag {
    VMWIRE_DECLARED_SINGLE = 0x1,
    VMWIRE_DECLARED_POINTER = 0x2,
    VMWIRE_DECLARED_ARRAY = 0x4,   /* `num` elements */
    VMWIRE_DECLARED_STRUCT = 0x8,  /* each element is a structure */
    VMWIRE_DECLARED_VARRAY = 0x10, /* the number of elements is an integer at `num_offset` */
    VMWIRE_DECLARED_BUFFER = 0x20,
    VMWIRE_DECLARED_ARRAY_OF_POINTER = 0x40, /* a marker stands for each element that is null */
    VMWIRE_DECLARED_VBUFFER = 0x100,         /* the size is an integer at `size_offset` */
    VMWIRE_DECLARED_MULTIPLY = 0x200,        /* that size is multiplied with `size` */
    VMWIRE_DECLARED_MUST_EXIST = 0x1000,     /* a check when loading: it is not on the wire */
    VMWIRE_DECLARED_ALLOC = 0x2000,
    VMWIRE_DECLARED_MULTIPLY_ELEMENTS =
        0x4000,                           /* the number at `num_offset` is multiplied with `num` */
    VMWIRE_DECLARED_VSTRUCT = 0x8000,     /* as STRUCT, of version `struct_version_id` */
    VMWIRE_DECLARED_AUTO_ALLOC = 0x10000, /* an array of pointers with a marker for each element */
};

struct vmwire_declared_structure;

/* A field. `offset`, `num_offset` and `size_offset` are places in the structure in QEMU's memory: of the field, of the
 * integer with the number of its elements, of the one with the size of an element. */
struct vmwire_declared_field {
    const char *name;
    const char *type; /* the name of its VMStateInfo; NULL: it has none */
    const struct vmwire_declared_structure *structure;     /* NULL: none */
    uint64_t offset, size, start, num_offset, size_offset; /* bytes */
    uint8_t num_bytes,
        size_bytes; /* of the integers at num_offset and size_offset; 0: there is none */
    uint32_t num;
    uint32_t flags;      /* enum vmwire_declared_flag */
    uint32_t version_id; /* the field exists from this version of the structure on */
    uint32_t struct_version_id;
    uint32_t
        condition; /* a function decides whether it exists (field_exists): its number among the conditions; 0: none */
};

struct vmwire_declared_structure {
    /* Empty: a stub of a device that the program is built without; with fields, one that gets its name when QEMU runs. */
    const char *name;
    uint64_t address; /* in the program's memory, or that of a module */
    uint32_t version_id, minimum_version_id;
    int32_t priority; /* of the device among all, when saved */
    bool unmigratable;
    bool early_setup; /* sent when migration is set up */
    bool conditional; /* a function decides whether it is sent (needed) */
    uint32_t needed;  /* its number among the conditions; 0: there is none, or it is not known */
    bool has_fields;  /* false: no list of fields at all */
    struct vmwire_declared_field *fields;
    size_t field_count;
    const struct vmwire_declared_structure **subsections; /* in the order in which they are sent */
    size_t subsection_count;
};

struct vmwire_declarations {
    const char *shape; /* the row of the table that the program fits: releases of QEMU */
    struct vmwire_declared_structure *structures; /* sorted by address */
    size_t structure_count;
    /* Conditions, and types and machine types of a program of x86-64: of others nothing is known. */
    struct vmwire_program_facts facts;
};

/*
 * Finds the declarations of a program (files[0]) and its modules. The files must outlive the declarations, which live in
 * `arena`. Returns NULL with `error` set (the offset is in bytes of the file with this number; `*fault` is set to it):
 * VMWIRE_ERROR_PROGRAM when it is no program that can be read, or none that declares structures in a known way;
 * VMWIRE_ERROR_TRUNCATED; VMWIRE_ERROR_LIMIT when it has more fields than its bytes can have: time and memory are bounded
 * by the size of the files; VMWIRE_ERROR_MEMORY.
 */
const struct vmwire_declarations *vmwire_declarations_find(struct vmwire_arena *arena,
                                                           const struct vmwire_bytes *files,
                                                           size_t file_count, size_t *fault,
                                                           struct vmwire_error *error);

/* Whether the program has this text as a string of its own: QEMU has the names of its modules so. */
bool vmwire_program_names(struct vmwire_bytes program, const char *text);

/* Whether the module is of the same build as the program: QEMU loads no other ones (util/module.c: the name of a function,
 * "qemu_stamp_..."). True for a module that has no such name: those of QEMU before 2.0. */
bool vmwire_program_loads(struct vmwire_bytes program, struct vmwire_bytes module);

/* The flag's name, for instance "array"; NULL: no such flag. The string is constant. */
const char *vmwire_declared_flag_name(uint32_t flag);

#pragma GCC visibility pop

#endif
