/*
 * The program around the library: what its commands share. The library knows nothing of it.
 */
#ifndef VMWIRE_PROGRAM_H
#define VMWIRE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "vmwire.h"

/* Exit codes. */
enum { EXIT_CLEAN = 0, EXIT_FINDINGS = 1, EXIT_BAD_INPUT = 2 };

struct arguments {
    const struct protocol_option *option; /* --option */
    const struct protocol_option *to;     /* --to */
    const char *output;                   /* --output */
    const char *existing;                 /* --existing */
    const char *emit;                     /* --emit */
    const char **schemas;                 /* --schema, in the order given */
    size_t schema_count;
    bool json, stats, all, drop_ram;
    bool all_states, ambiguity; /* --all-states, --ambiguity */
    char **files;
    size_t file_count;
};

/* A stream with the schema that reads it. */
struct loaded {
    struct input input;
    struct arena *arena;
    struct schema *schema;
    struct error description; /* why its own description is of no use, or kind ERROR_NONE */
    bool schema_only;         /* the file is a description or a dump (load_any) */
};

/* Opens the stream and makes its schema: its own description first, then --schema and --existing.
 * False after the error has been reported. The caller ends it with unload(), also then. */
bool load(struct loaded *loaded, const char *file, const struct arguments *arguments);
void unload(struct loaded *loaded);

/* The same, and takes a file that is no stream but a schema. */
bool load_any(struct loaded *loaded, const char *file, const struct arguments *arguments);

/* Prints the error on standard error, as a JSON object with --json. Always EXIT_BAD_INPUT. */
int report(const struct arguments *arguments, const char *file, struct error *error);

/* Reads it once without acting on it: exit code 0 only if all of it was accepted and accounted for;
 * otherwise the error has been reported. */
int validate(const struct arguments *arguments, const char *file, const struct loaded *loaded,
             struct cost *cost);

int run_parse(const struct arguments *arguments);
int run_convert(const struct arguments *arguments);
int run_compare(const struct arguments *arguments);
int run_check(const struct arguments *arguments);
int run_skew(const struct arguments *arguments);

#endif
