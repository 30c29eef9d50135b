/* SPDX-License-Identifier: MIT */
/*
 * The writer's state, and the bytes that it writes. Knows nothing of items.
 */
#ifndef VMWIRE_WRITE_OUTPUT_H
#define VMWIRE_WRITE_OUTPUT_H

#include "model/owners.h"
#include "vmwire/wire.h"
#include "vmwire/writer.h"

/* Bytes that grow. */
struct output {
    uint8_t *data;
    size_t length, size;
};

/* An open package. One within another is an output of its own. */
struct open_package {
    size_t begin;         /* where its length stands in the output */
    struct output around; /* the package around it */
    struct output behind; /* the packages within it */
};

struct vmwire_writer {
    struct vmwire_writing writing;
    struct vmwire_arena *arena; /* the writer's own. Attempts are made on it */
    struct output output;
    uint64_t taken; /* bytes before the output, which the sink has */
    /* Where entries come apart: whether the section is begun; and where its bytes are copied, the first one that is not
     * written yet. */
    bool in_section;
    const uint8_t *next;
    bool refused; /* the sink has refused bytes: `refusal` says why */
    struct vmwire_error refusal;
    /* Where the option sends subsections behind their section: the records of this section. */
    bool keeps_owners;
    struct owners owners;
    struct {
        bool here; /* it is the item before */
        uint32_t section_id;
        char idstr[256]; /* a C string */
    } owner;
    struct open_package packages[VMWIRE_PACKAGE_NESTING_LIMIT];
    unsigned package_depth;
};

/* Appends zeros to an output, and returns them for the caller to overwrite. Leaves the attempt when memory runs out. */
uint8_t *append_zeros_to(struct vmwire_writer *writer, struct output *output, size_t length);
uint8_t *append_zeros(struct vmwire_writer *writer, size_t length);

/* Append bytes; NULL data are zeros. put_large() does not copy what the sink can take from where it is. */
void put(struct vmwire_writer *writer, struct vmwire_bytes bytes);
void put_large(struct vmwire_writer *writer, struct vmwire_bytes bytes);
void put_byte(struct vmwire_writer *writer, uint8_t value);
void put_be32(struct vmwire_writer *writer, uint32_t value);

/* Writes an integer into `length` bytes. */
void put_integer(uint8_t *data, unsigned length, uint64_t value);

/* Gives what is written to the sink. In a package it stays: the length of the package comes before it. */
void flush_output(struct vmwire_writer *writer);

void free_output(const struct vmwire_writer *writer, struct output *output);

/* Appends an output to another one, and empties it. */
void move_output(struct vmwire_writer *writer, struct output *to, struct output *from);

/* Sets VMWIRE_ERROR_CANNOT_WRITE. Returns false. */
bool cannot_write(struct vmwire_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
