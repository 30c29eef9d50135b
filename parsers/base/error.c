/* SPDX-License-Identifier: MIT */
/*
 * Makes errors and turns them into text. All errors are made here. Knows nothing of what went
 * wrong, and prints nothing.
 */
#include "vmwire/error.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const char *const kind_names[] = {
    [VMWIRE_ERROR_NONE] = "none",
    [VMWIRE_ERROR_FILE] = "file",
    [VMWIRE_ERROR_NOT_A_STREAM] = "not-a-stream",
    [VMWIRE_ERROR_STREAM_VERSION] = "stream-version",
    [VMWIRE_ERROR_TRUNCATED] = "truncated",
    [VMWIRE_ERROR_ITEM] = "item",
    [VMWIRE_ERROR_SECTION_ID] = "section-id",
    [VMWIRE_ERROR_FOOTER] = "footer",
    [VMWIRE_ERROR_NO_LAYOUT] = "no-layout",
    [VMWIRE_ERROR_UNKNOWN_SUBSECTION] = "unknown-subsection",
    [VMWIRE_ERROR_NESTED_SUBSECTION] = "nested-subsection",
    [VMWIRE_ERROR_OWNER] = "owner",
    [VMWIRE_ERROR_VERSION_ID] = "version-id",
    [VMWIRE_ERROR_LENGTH] = "length",
    [VMWIRE_ERROR_NO_READING] = "no-reading",
    [VMWIRE_ERROR_TWO_READINGS] = "two-readings",
    [VMWIRE_ERROR_GRAMMAR] = "grammar",
    [VMWIRE_ERROR_ENCODING] = "encoding",
    [VMWIRE_ERROR_LIMIT] = "limit",
    [VMWIRE_ERROR_PROGRAM] = "program",
    [VMWIRE_ERROR_SCHEMA] = "schema",
    [VMWIRE_ERROR_UNREAD] = "unread",
    [VMWIRE_ERROR_CANNOT_WRITE] = "cannot-write",
    [VMWIRE_ERROR_NOT_DESCRIBED] = "not-described",
    [VMWIRE_ERROR_MEMORY] = "memory",
};

const char *vmwire_error_kind_name(enum vmwire_error_kind kind)
{
    size_t count = sizeof(kind_names) / sizeof(kind_names[0]);
    return (size_t)kind < count ? kind_names[kind] : "unknown";
}

bool vmwire_error_set(struct vmwire_error *error, enum vmwire_error_kind kind, uint64_t offset,
                      const char *format, ...)
{
    error->kind = kind;
    error->offset = offset;
    error->file[0] = '\0';
    error->section[0] = '\0';
    error->path[0] = '\0';
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof(error->message), format, arguments);
    va_end(arguments);
    return false;
}

bool vmwire_error_set_memory(struct vmwire_error *error, size_t bytes)
{
    if (bytes == 0)
        return vmwire_error_set(error, VMWIRE_ERROR_MEMORY, VMWIRE_ERROR_NO_OFFSET,
                                "out of memory");
    return vmwire_error_set(error, VMWIRE_ERROR_MEMORY, VMWIRE_ERROR_NO_OFFSET,
                            "out of memory: cannot allocate %zu bytes", bytes);
}

/* A text under construction. `size` is the room in bytes, with the NUL. */
struct text_line {
    char *text;
    size_t size;
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void append_to_line(struct text_line *line,
                                                                 const char *format, ...)
{
    if (line->length + 1 >= line->size)
        return;
    size_t left = line->size - line->length;
    va_list arguments;
    va_start(arguments, format);
    int added = vsnprintf(line->text + line->length, left, format, arguments);
    va_end(arguments);
    if (added > 0)
        line->length += (size_t)added < left ? (size_t)added : left - 1;
}

/* Names come from the input. Without control characters they cannot add lines or move a terminal's
 * cursor. */
static void replace_control_characters(struct text_line *line)
{
    for (size_t i = 0; i < line->length; i++) {
        unsigned char byte = (unsigned char)line->text[i];
        if (byte < 0x20 || byte == 0x7f)
            line->text[i] = '?';
    }
}

const char *vmwire_error_text(const struct vmwire_error *error, char *text, size_t size)
{
    if (size == 0)
        return text;
    struct text_line line = {.text = text, .size = size};
    text[0] = '\0';
    if (error->file[0] != '\0')
        append_to_line(&line, "%s: ", error->file);

    size_t place = line.length;
    if (error->offset != VMWIRE_ERROR_NO_OFFSET)
        append_to_line(&line, "offset 0x%" PRIx64 " (%" PRIu64 ")", error->offset, error->offset);
    if (error->section[0] != '\0')
        append_to_line(&line, "%ssection %s", line.length > place ? ", " : "", error->section);
    if (error->path[0] != '\0')
        append_to_line(&line, "%spath %s", line.length > place ? ", " : "", error->path);
    append_to_line(&line, "%s%s", line.length > place ? ": " : "", error->message);
    replace_control_characters(&line);
    return text;
}
