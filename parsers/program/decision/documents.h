/* SPDX-License-Identifier: MIT */
/*
 * Documents that are part of the program. The Makefile says of which files they are made.
 */
#ifndef VMWIRE_PROGRAM_DECISION_DOCUMENTS_H
#define VMWIRE_PROGRAM_DECISION_DOCUMENTS_H

#include <jansson.h>

#include "vmwire/error.h"

enum document {
    DOCUMENT_GRAMMAR,       /* the pages of the grammar */
    DOCUMENT_BYTE_GRAMMARS, /* what lemon says of grammars on bytes (proofs/bytes) */
    DOCUMENT_COSTS,         /* the worst costs that fuzzing has found (fuzz/baseline) */
};

/* Parses it. NULL with `error` set: memory ran out. */
json_t *load_document(enum document document, struct vmwire_error *error);

/* The grammar of an option as lemon counts it. */
struct grammar_size {
    const char *option;
    unsigned rules, states, conflicts;
};

/* In the order of the options. */
extern const struct grammar_size grammar_sizes[];

#endif
