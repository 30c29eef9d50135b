/* SPDX-License-Identifier: MIT */
/*
 * A reader in the middle of a stream: the lexer, the parser, and what the actions have built. It must not know why a
 * stream is read.
 */
#ifndef VMWIRE_READ_WORKSPACE_H
#define VMWIRE_READ_WORKSPACE_H

#include "read/parsers.h"

/* The parser and its tokens point into it: it must stay where it is. */
struct workspace {
    struct reader reader;
    const struct grammar *grammar;
    max_align_t parser[]; /* need not be zeroed: lemon's ParseInit sets what it needs */
};

/* Bytes. */
size_t workspace_size(const struct vmwire_option *option);

/* Sets the reader at the beginning of the stream. The items are built in one arena, the lexer has the other one. */
void begin_reading(struct workspace *workspace, const struct vmwire_reading *reading,
                   struct vmwire_arena *items, struct vmwire_arena *lexer_arena,
                   struct vmwire_cost *cost, struct vmwire_error *error);

/* Releases what the parser holds. */
void end_reading(struct workspace *workspace);

/* Feeds the next token; `token` is where it is kept meanwhile. False: it was the last one, or the reader has failed. */
bool feed_token(struct workspace *workspace, struct token *token);

#endif
