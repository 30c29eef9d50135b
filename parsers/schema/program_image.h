/* SPDX-License-Identifier: MIT */
/*
 * A program and its modules as they would lie in memory: the segments of their ELF files, with the relocations applied.
 * Nothing is run. Knows ELF (System V ABI, chapters 4 and 5; each processor's supplement) and nothing of QEMU.
 *
 * An address here is one of the program or of a module: each file has a range of its own. A symbol that no file defines
 * has an address too, at which nothing lies.
 */
#ifndef VMWIRE_SCHEMA_PROGRAM_IMAGE_H
#define VMWIRE_SCHEMA_PROGRAM_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/arena.h"
#include "vmwire/bytes.h"
#include "vmwire/error.h"

/* What a file says to be loaded. */
struct image_segment {
    uint64_t address;
    struct vmwire_bytes bytes; /* those that the file has; the rest are zeros */
    uint64_t length;           /* bytes in memory */
    bool strings; /* a string may lie here: not among what is written, nor among code */
    bool fixed;   /* the file lies where it says: any word can be an address */
    bool written; /* the program can write to it */
    bool code;
    /* A bit for each word of eight bytes: a relocation makes it an address. NULL: no word is one, or `fixed`. */
    uint8_t *relocated;
};

struct image_symbol {
    const char *name;
    uint64_t address;
};

/* An array of functions that are called when the program starts, or the module is loaded (DT_INIT_ARRAY). */
struct image_functions {
    uint64_t address, length; /* bytes */
};

struct program_image {
    struct vmwire_arena *arena; /* for all that the image holds; it points into the files, too */
    struct image_segment *segments;
    size_t segment_count, segment_room;
    struct image_symbol *symbols; /* those of the program, sorted by name: modules use them */
    size_t symbol_count;
    const char **undefined; /* names of symbols that no file defines */
    size_t undefined_count, undefined_room;
    struct image_functions *begins; /* of each file that has one */
    size_t begin_count, begin_room;
    uint64_t next_base; /* where the next file may lie */
    uint16_t machine;   /* of the program: modules must be for the same */
    bool big_endian;
};

/* Adds a file: first the program, then its modules. `file` must outlive the image. Returns false with `error` set
 * (VMWIRE_ERROR_PROGRAM, _TRUNCATED, _LIMIT, _MEMORY; the offset is in bytes of the file). */
bool program_image_add(struct program_image *image, struct vmwire_bytes file,
                       struct vmwire_error *error);

/* The segment that has the byte at this address; NULL: none. */
const struct image_segment *program_image_segment(const struct program_image *image,
                                                  uint64_t address);

/* Reads a number of 1, 2, 4 or 8 bytes. Returns false when the address has not so many. */
bool program_image_number(const struct program_image *image, uint64_t address, unsigned size,
                          uint64_t *number);

/* Reads a pointer. Returns false when the word there cannot be one. A null pointer is 0. */
bool program_image_pointer(const struct program_image *image, uint64_t address, uint64_t *pointer);

/* The C string at this address, if it is printable ASCII and has 1 to 255 bytes; else NULL. */
const char *program_image_string(const struct program_image *image, uint64_t address);

/* The bytes of code at this address, up to the end of their segment; length 0: there is no code. */
struct vmwire_bytes program_image_code(const struct program_image *image, uint64_t address);

/* The name of the symbol that no file defines and that has this address; NULL: it is none. */
const char *program_image_undefined(const struct program_image *image, uint64_t address);

#endif
