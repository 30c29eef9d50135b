/* SPDX-License-Identifier: MIT */
/*
 * Opens one side of a migration: a stream, a program, declarations, a description or a dump, or several of them. Does not know
 * what is compared.
 */
#ifndef VMWIRE_PROGRAM_SHARED_SIDE_FILES_H
#define VMWIRE_PROGRAM_SHARED_SIDE_FILES_H

#include "program/shared/load.h"
#include "vmwire/skew.h"

/* One file of a side, or of --schema. */
struct side_part {
    const char *name;
    struct opened_file file;
    bool added; /* by --schema */
};

struct side_files {
    const char *words; /* the side, as the command line has it */
    struct vmwire_arena *arena;
    struct side_part *parts; /* those of the side first */
    size_t part_count;
    const char *stream_name;            /* the file of the stream; NULL: there is none */
    const struct vmwire_option *option; /* that the stream is read by */
    struct loaded_file stream;          /* it, and what reads it */
    struct vmwire_bytes whole;          /* all bytes of its file */
    /* Why the stream is not read to its end; VMWIRE_ERROR_NONE: it is. side.stream then has the items before that, and
     * side.bytes is all of the file. */
    struct vmwire_error refused;
    struct vmwire_side side;
};

/*
 * Opens a side: the words of the command line are the names of files with `+` between them. A file whose name has a `+` is found
 * first. The layouts of --schema are added, but those of another program or dump not where the side has its own. `options`: the
 * stream is read by this one; of several by the first that has its stream version, as option_of_stream() says.
 *
 * Returns false with the error reported; a stream that is refused is no error. The caller calls close_side() in both cases.
 */
bool open_side(struct side_files *files, const char *words,
               const struct vmwire_option *const *options, size_t option_count,
               const struct arguments *arguments);

/* The arguments, with the names of the layouts that the side's stream is read by as their schemas: a dump does not tell those on
 * the wire. */
struct arguments layouts_of_side(const struct side_files *files, const struct arguments *arguments);

/*
 * Reads the side's stream again, under another option: `bytes` are the first ones of files->whole. With other bytes, or where
 * `layouts` has schemas, its layouts are loaded anew: its own description, where the bytes still have one, and these schemas.
 * Errors are those of open_side(). Everything is in files->arena, within an attempt of the caller.
 */
bool read_side_again(struct side_files *files, const struct vmwire_option *option,
                     struct vmwire_bytes bytes, const struct arguments *layouts);

/* The name of the last section that begins before this byte of side.bytes; NULL: none does. It is in `arena`. */
const char *section_before(const struct side_files *files, uint64_t offset,
                           struct vmwire_arena *arena);

/* The bytes before the item that the stream's description is. It has one. */
struct vmwire_bytes bytes_before_description(struct vmwire_bytes stream);

/* Reports why the stream is refused. Always returns EXIT_BAD_INPUT. */
int report_refused_side(const struct arguments *arguments, const struct side_files *files);

/* Whether a file of these words is standard input: only one file can be. */
bool names_standard_input(const char *words);

void close_side(struct side_files *files);

/* Whether both sides have the same file as their stream: it is of one machine, and what another one has already is not asked. */
bool have_one_stream(const struct side_files *writer, const struct side_files *reader);

#endif
