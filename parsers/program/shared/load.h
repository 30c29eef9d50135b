/* SPDX-License-Identifier: MIT */
/*
 * Loads a file and its schema. Every command begins with it, and so does vmwire-verify.
 */
#ifndef VMWIRE_PROGRAM_SHARED_LOAD_H
#define VMWIRE_PROGRAM_SHARED_LOAD_H

#include <jansson.h>
#include <stdbool.h>

#include "program/shared/arguments.h"
#include "program/shared/leave_out_pages.h"

/* A file and the schema that reads it. */
struct loaded_file {
    struct vmwire_input input;
    struct vmwire_arena *arena; /* owns the schema; NULL before loading: a new one is made */
    struct vmwire_schema *schema;
    struct vmwire_error
        description; /* why the stream's own description is unusable, or VMWIRE_ERROR_NONE */
    struct vmwire_error
        undescribed;  /* why a program does not describe all of the stream, or VMWIRE_ERROR_NONE */
    bool schema_only; /* the file is a description or a dump, not a stream */
    enum omission omission;  /* the caller has set it: of `stream` */
    bool with_layouts;       /* likewise: the schema has grammar/layouts, also without a program */
    bool whole_encodings;    /* likewise: fields of private encodings are not split */
    struct paged_out stream; /* of a stream that validate_stream() has accepted */
};

/* Opens a stream and builds its schema. The stream's own description counts first, then --schema in
 * the order given; --existing marks the older subsections. On failure reports the error and returns
 * false. The caller calls unload() in both cases. */
bool load_stream(struct loaded_file *loaded, const char *file, const struct arguments *arguments);

/* Does the same, but also accepts a description or a dump instead of a stream. */
bool load_stream_or_schema(struct loaded_file *loaded, const char *file,
                           const struct arguments *arguments);

/* Does the same for a file that stands for a reader: without a description or a dump it is none, also where --schema tells
 * layouts. */
bool load_reader(struct loaded_file *loaded, const char *file, const struct arguments *arguments);

/* Where the reader is a program, and the writer's file a stream: what the reader's declarations leave open is found in the
 * stream's bytes, as far as it reads them. */
bool describe_reader(struct loaded_file *reader, const char *file, const struct loaded_file *writer,
                     const struct arguments *arguments);

/* Does the same for a file of which only the layouts matter. Those of --schema will do for a stream. */
bool load_layouts(struct loaded_file *loaded, const char *file, const struct arguments *arguments);

/* Describes a stream that has no description by the program of --schema, as the option reads it; load_stream() does so under
 * --option. A stream that has one, or without a program, stays as it is. On failure reports the error and returns false. */
bool describe_stream(struct loaded_file *loaded, const char *file,
                     const struct vmwire_option *option, const struct arguments *arguments);

/* What a file is. */
enum file_kind {
    FILE_STREAM,
    FILE_PROGRAM,
    FILE_DECLARATIONS,
    FILE_DESCRIPTION,
    FILE_DUMP,
    FILE_KINDS
};

/* A file that is opened once, so it can be a pipe. Begins as {0}; its owner calls close_file(). */
struct opened_file {
    struct vmwire_input input;
    enum file_kind kind;
    json_t *root; /* the layouts that it tells; of a stream its description, or NULL */
};

/* Opens a file. A program that is named without a folder may be in one of PATH. `described`: the description of a stream is
 * parsed, too; if there is none, or it cannot be read, that is no error. */
bool open_file(struct opened_file *opened, const char *file, bool described,
               struct vmwire_arena *arena, struct vmwire_error *error);

void close_file(struct opened_file *opened);

/* load_stream() of a file that is open: `loaded->input` is the stream, and unload() closes it. What a program leaves undescribed
 * is no error: `loaded->undescribed` tells it. Nor is a description that does not have QEMU's form: `loaded->description` tells it. */
bool load_opened_stream(struct loaded_file *loaded, const char *file,
                        const struct vmwire_option *option, const struct arguments *arguments);

/* The option that reads this stream: the first of these with its stream version, else any of that version; NULL: there is none. */
const struct vmwire_option *option_of_stream(struct vmwire_bytes stream,
                                             const struct vmwire_option *const *options,
                                             size_t count);

void unload(struct loaded_file *loaded);

/* Whether leave_out_pages() left bytes of the stream unread: then sets the error. */
bool refuse_unread(const struct loaded_file *loaded, struct vmwire_error *error);

/* Reads the stream once, and keeps `loaded->stream` of it. Returns EXIT_CLEAN if the reader accepts the stream and
 * no byte is left over; otherwise reports the error and returns EXIT_BAD_INPUT. */
int validate_stream(const struct arguments *arguments, const char *file, struct loaded_file *loaded,
                    struct vmwire_cost *cost);

#endif
