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
    grammar_standalone, grammar_toplevel, grammar_framed, grammar_consistent, grammar_combined,
    grammar_described, grammar_asn1;

static const struct parser parsers[] = {
    {"legacy", yyctail_legacy, yycfield, yycinstance_id, &grammar_legacy, stream_token},
    {"guarded", yyctail_guarded, yycfield, yycinstance_id, &grammar_guarded, stream_token},
    {"heuristic", yyctail_heuristic, yycfield, yycinstance_id, &grammar_heuristic, stream_token},
    {"flagday", yyctail_flagday, yycfield, yycinstance_id, &grammar_flagday, stream_token},
    {"standalone", yyctail_standalone, yycfield, yycinstance_id, &grammar_standalone, stream_token},
    {"toplevel", yyctail_toplevel, yycfield, yycinstance_id, &grammar_toplevel, stream_token},
    {"framed", yyctail_framed, yycrecord_version, yycframed_instance, &grammar_framed,
     stream_token},
    {"consistent", yyctail_consistent, yycfield, yycinstance_id, &grammar_consistent, stream_token},
    {"combined", yyctail_combined, yycfield, yycinstance_id, &grammar_combined, stream_token},
    {"described", yyctail_described, yycfield, yycinstance_id, &grammar_described, stream_token},
    {"asn1", yyctail_asn1, yycfield, yycinstance_id, &grammar_asn1, asn1_token},
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
