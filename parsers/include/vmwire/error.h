/*
 * An error as a value: what was wrong, at which offset, in which section, at which path of the
 * schema. Made in one place (error_set), printed by whoever has somewhere to print.
 */
#ifndef VMWIRE_ERROR_H
#define VMWIRE_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

enum error_kind {
    ERROR_NONE,
    ERROR_FILE,           /* cannot be opened, read or written */
    ERROR_NOT_A_STREAM,   /* no magic; for instance a dump given as a stream */
    ERROR_STREAM_VERSION, /* not the version that this option reads */
    ERROR_TRUNCATED,      /* the input ends before what was expected */
    ERROR_ITEM,           /* an item, command, flag or marker that the format does not have */
    ERROR_SECTION_ID,     /* a section id that was never started, or a footer for another one */
    ERROR_FOOTER,         /* no footer where the stream has footers */
    ERROR_NO_LAYOUT,      /* idstr, iterable or subsection whose layout is not known: not decided */
    ERROR_UNKNOWN_SUBSECTION, /* a subsection that the structure does not have */
    ERROR_VERSION_ID,         /* a version_id above the reader's own or below its minimum */
    ERROR_GRAMMAR,            /* a token that the option's grammar does not allow here */
    ERROR_LIMIT,              /* nesting or a count beyond this program's limits */
    ERROR_SCHEMA,             /* a description or dump that is not what QEMU writes */
    ERROR_UNREAD,             /* bytes left over behind the end of the stream */
    ERROR_CANNOT_WRITE,       /* a record that the option's wire format has no room for */
};

#define ERROR_NO_OFFSET UINT64_MAX

struct error {
    enum error_kind kind;
    uint64_t offset;   /* bytes from the start of the file, or ERROR_NO_OFFSET */
    char file[256];    /* filled in by whoever knows the file's name */
    char section[300]; /* idstr and instance, or empty */
    char path[512];    /* from the section's root structure down to the field, or empty */
    char message[512]; /* what was expected, and what was found instead */
};

/* Sets kind, offset and message (printf-like); leaves section, path and file empty. Returns false,
 * so that `return error_set(...)` reads well. */
bool error_set(struct error *error, enum error_kind kind, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* One line for a person: file, offset, section, path, message; no newline. Returns `text`. */
const char *error_text(const struct error *error, char *text, size_t size);

/* The kind's name for machines, for instance "truncated". */
const char *error_kind_name(enum error_kind kind);

#pragma GCC visibility pop

#endif
