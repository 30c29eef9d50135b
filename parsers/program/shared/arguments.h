/* SPDX-License-Identifier: MIT */
/*
 * The values of the command line. Knows neither how they are read nor who uses them.
 */
#ifndef VMWIRE_PROGRAM_SHARED_ARGUMENTS_H
#define VMWIRE_PROGRAM_SHARED_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmwire/vmwire.h"

struct arguments {
    const struct vmwire_option *option; /* --option */
    const struct vmwire_option *to;     /* --to */
    const char *output;                 /* --output */
    const char *html;                   /* --html */
    const char *existing;               /* --existing */
    const char *emit;                   /* --emit */
    const char *qemu;                   /* --qemu */
    const char *root;                   /* --root */
    const char *standby;                /* --standby */
    const char *certificate;            /* --certificate */
    const char **schemas;               /* --schema, in the order given */
    size_t schema_count;
    /* Where an entry of a manifest is read: its folder, in which the file and the first schemas must be; see
     * confined_file.h. NULL: they may be anywhere. */
    const char *folder;
    size_t folder_schema_count;
    struct parsed_schemas *parsed;   /* those that are parsed already; NULL: none is kept */
    bool json;                       /* --json */
    bool stats;                      /* --stats */
    bool all;                        /* --all */
    bool drop_ram;                   /* --drop-ram */
    bool all_states;                 /* --all-states */
    enum vmwire_ambiguity ambiguity; /* --ambiguity[=section] */
    bool strict;                     /* --strict */
    bool trust;                      /* --trust */
    bool verify;                     /* --verify */
    bool costs;                      /* --costs */
    bool csv;                        /* --csv */
    bool contrived;                  /* --contrived */
    bool both;                       /* --both */
    bool sarif;                      /* --sarif */
    bool junit;                      /* --junit */
    const char *machine;             /* --machine */
    const char *baseline;            /* --baseline */
    const char *since;               /* --since */
    const char *message;             /* --message */
    uint64_t given; /* the options that were given; only read_options.c knows the bits */
    char **files;   /* the FILE, FOLDER and READER arguments */
    size_t file_count;
};

#endif
