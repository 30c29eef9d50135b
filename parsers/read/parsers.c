/* SPDX-License-Identifier: MIT */
/*
 * One row per protocol option: its condition at a tail, and its parser. It must not know how the options
 * differ.
 */
#include "read/parsers.h"

#include <assert.h>
#include <string.h>

extern const struct grammar grammar_legacy, grammar_guarded, grammar_heuristic, grammar_flagday,
    grammar_standalone, grammar_toplevel, grammar_combined, grammar_described;

static const struct parser parsers[] = {
    {"legacy", yyctail_legacy, &grammar_legacy},
    {"guarded", yyctail_guarded, &grammar_guarded},
    {"heuristic", yyctail_heuristic, &grammar_heuristic},
    {"flagday", yyctail_flagday, &grammar_flagday},
    {"standalone", yyctail_standalone, &grammar_standalone},
    {"toplevel", yyctail_toplevel, &grammar_toplevel},
    {"combined", yyctail_combined, &grammar_combined},
    {"described", yyctail_described, &grammar_described},
};

const struct parser *parser_of(const struct vmwire_option *option)
{
    const struct parser *parser = parsers;
    while (strcmp(parser->option, option->name) != 0) {
        parser++;
        assert(parser < parsers + sizeof(parsers) / sizeof(parsers[0]));
    }
    return parser;
}
