/* SPDX-License-Identifier: MIT */
/*
 * One row per protocol option: its condition at a tail, and its parser. It must not know how the options
 * differ.
 */
#include "read/parsers.h"

#include <assert.h>
#include <string.h>

extern const struct grammar grammar_legacy, grammar_guarded, grammar_heuristic, grammar_flagday,
    grammar_standalone, grammar_toplevel, grammar_framed, grammar_consistent, grammar_combined,
    grammar_described;

static const struct parser parsers[] = {
    {"legacy", yyctail_legacy, yycfield, yycinstance_id, &grammar_legacy},
    {"guarded", yyctail_guarded, yycfield, yycinstance_id, &grammar_guarded},
    {"heuristic", yyctail_heuristic, yycfield, yycinstance_id, &grammar_heuristic},
    {"flagday", yyctail_flagday, yycfield, yycinstance_id, &grammar_flagday},
    {"standalone", yyctail_standalone, yycfield, yycinstance_id, &grammar_standalone},
    {"toplevel", yyctail_toplevel, yycfield, yycinstance_id, &grammar_toplevel},
    {"framed", yyctail_framed, yycrecord_version, yycframed_instance, &grammar_framed},
    {"consistent", yyctail_consistent, yycfield, yycinstance_id, &grammar_consistent},
    {"combined", yyctail_combined, yycfield, yycinstance_id, &grammar_combined},
    {"described", yyctail_described, yycfield, yycinstance_id, &grammar_described},
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
