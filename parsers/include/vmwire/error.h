/* SPDX-License-Identifier: MIT */
/*
 * An error as a value: its kind, the offset, the section, the path in the schema and a message.
 * Every error is made by vmwire_error_set(). The library never prints an error and never exits.
 *
 * Any function that takes a `struct vmwire_error *` may run out of memory. It then sets VMWIRE_ERROR_MEMORY, and has
 * released what it has allocated, except in an arena of the caller.
 */
#ifndef VMWIRE_ERROR_H
#define VMWIRE_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

/* The kinds of errors, for machines. */
enum vmwire_error_kind {
    VMWIRE_ERROR_NONE,
    VMWIRE_ERROR_FILE,         /* cannot be opened, read or written */
    VMWIRE_ERROR_NOT_A_STREAM, /* the magic is missing: a dump was given as a stream, for instance */
    VMWIRE_ERROR_STREAM_VERSION, /* another stream version than this option reads */
    VMWIRE_ERROR_TRUNCATED,      /* the input ends too early */
    VMWIRE_ERROR_ITEM,           /* an unknown item, command, flag or marker */
    VMWIRE_ERROR_SECTION_ID, /* a section id that was never started, or another section's footer */
    VMWIRE_ERROR_FOOTER,     /* a footer is missing in a stream that has footers (since QEMU 2.4) */
    VMWIRE_ERROR_NO_LAYOUT,  /* the layout of this idstr, iterable or subsection is not known */
    VMWIRE_ERROR_UNKNOWN_SUBSECTION, /* the structure has no such subsection */
    VMWIRE_ERROR_NESTED_SUBSECTION,  /* a subsection of a subsection, which the option has not */
    VMWIRE_ERROR_OWNER, /* no record of the section has this path, or none of this path ends there */
    VMWIRE_ERROR_VERSION_ID,    /* a version_id above the reader's own, or below its minimum */
    VMWIRE_ERROR_LENGTH,        /* fields that do not have the length which their record says */
    VMWIRE_ERROR_NO_READING,    /* no writer could have sent the section's bytes (consistent) */
    VMWIRE_ERROR_TWO_READINGS,  /* two states of the section have the same bytes (consistent) */
    VMWIRE_ERROR_GRAMMAR,       /* a token that the option's grammar does not allow here */
    VMWIRE_ERROR_ENCODING,      /* asn1: not DER, or not the element that the module has here */
    VMWIRE_ERROR_LIMIT,         /* nesting or a count beyond this program's limits */
    VMWIRE_ERROR_PROGRAM,       /* no program, or none with declarations of a known shape */
    VMWIRE_ERROR_SCHEMA,        /* a description or dump that does not have QEMU's form */
    VMWIRE_ERROR_UNREAD,        /* bytes follow the end of the stream */
    VMWIRE_ERROR_CANNOT_WRITE,  /* the option's wire format cannot express this item */
    VMWIRE_ERROR_NOT_DESCRIBED, /* the description is missing, or does not tell what was sent here */
    VMWIRE_ERROR_MEMORY,        /* memory has run out; every function that allocates may fail so */
};

#define VMWIRE_ERROR_NO_OFFSET UINT64_MAX

/* All texts are C strings. A text that is too long is cut off. */
struct vmwire_error {
    enum vmwire_error_kind kind;
    uint64_t offset;   /* bytes from the start of the file, or VMWIRE_ERROR_NO_OFFSET */
    char file[256];    /* the caller who knows the file's name fills it in */
    char section[300]; /* idstr and instance, or empty */
    char path[512];    /* from the section's root structure down to the field, or empty */
    char message[512]; /* what was found, and what was expected */
};

/* Sets the kind, the offset and the message (as printf does); empties file, section and path.
 * `offset` is in bytes, or VMWIRE_ERROR_NO_OFFSET. Returns false, so that a caller can write `return
 * vmwire_error_set(...)`. */
bool vmwire_error_set(struct vmwire_error *error, enum vmwire_error_kind kind, uint64_t offset,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Sets VMWIRE_ERROR_MEMORY: `bytes` could not be allocated; 0: how many is not known. Returns false. */
bool vmwire_error_set_memory(struct vmwire_error *error, size_t bytes);

/* Writes one line for a person into `text`: file, offset, section, path and message, without a
 * newline. `size` is the size of `text` in bytes, with the NUL; a longer line is cut off. Control
 * characters become "?". Returns `text`. */
const char *vmwire_error_text(const struct vmwire_error *error, char *text, size_t size);

/* The kind's name for machines, for instance "truncated". The string is constant. */
const char *vmwire_error_kind_name(enum vmwire_error_kind kind);

#pragma GCC visibility pop

#endif
