/* SPDX-License-Identifier: MIT */
/*
 * One row per protocol option: its condition at a tail, and its parser. It must not know how the options
 * differ.
 */
#include "read/parsers.h"

#include <assert.h>
#include <string.h>

#include "read/lexer_rules.h"

extern const struct grammar grammar_legacy, grammar_guarded, grammar_heuristic, grammar_flagday,
    grammar_standalone, grammar_toplevel, grammar_asn1;

static const struct parser parsers[] = {
    {"legacy", yyctail_legacy, &grammar_legacy, stream_token},
    {"guarded", yyctail_guarded, &grammar_guarded, stream_token},
    {"heuristic", yyctail_heuristic, &grammar_heuristic, stream_token},
    {"flagday", yyctail_flagday, &grammar_flagday, stream_token},
    {"standalone", yyctail_standalone, &grammar_standalone, stream_token},
    {"toplevel", yyctail_toplevel, &grammar_toplevel, stream_token},
    {"asn1", yyctail_asn1, &grammar_asn1, asn1_token},
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
