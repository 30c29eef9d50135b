/* SPDX-License-Identifier: MIT */
/*
 * The table from a protocol option to its parser. The build makes one parser per option of
 * grammar/stream.y. This file must not know how the options differ.
 */
#ifndef VMWIRE_READ_PARSERS_H
#define VMWIRE_READ_PARSERS_H

#include <stddef.h>

#include "read/actions.h"

/* A parser that lemon made of grammar/stream.y. */
struct grammar {
    size_t size; /* bytes of the parser */
    void (*begin)(void *parser, struct reader *reader);
    void (*feed)(void *parser, int kind, struct token token);
    void (*end)(void *parser);
};

struct parser {
    const char *option;            /* the option's name */
    int tail;                      /* the lexer's condition at a tail */
    int record;                    /* where a record begins */
    int instance;                  /* where a full section has its instance */
    const struct grammar *grammar; /* lemon's parser */
    token_rules *rules;            /* re2c's lexer */
};

/* The parser of an option. Every option has one. */
const struct parser *parser_of(const struct vmwire_option *option);

#endif
