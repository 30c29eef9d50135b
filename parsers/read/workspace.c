/* SPDX-License-Identifier: MIT */
/*
 * Feeds the lexer's tokens to the parser. It must not know what the tokens mean.
 */
#include "read/workspace.h"

#include <string.h>

#include "read/lexer_rules.h"
#include "read/page_size.h"
#include "read/readings.h"

/* Behind these tokens the item before is complete, and nothing of the next one is built yet. So the memory
 * of the item before can be freed here. */
static bool ends_item(int kind)
{
    return kind == TOKEN_IDSTR || kind == TOKEN_SECTION_PART || kind == TOKEN_SECTION_END ||
           kind == TOKEN_COMMAND || kind == TOKEN_PACKAGE_END || kind == 0;
}

/* Behind these tokens the content of an iterable section can begin. */
static bool begins_iterable(int kind)
{
    return kind == TOKEN_VERSION_ID || kind == TOKEN_SECTION_ID;
}

/* Tells the caller what was read. */
static void report_token(const struct reader *reader, int kind, const struct token *token)
{
    const struct vmwire_token_observer *observer = &reader->reading->token_observer;
    if (!observer->token)
        return;
    const uint8_t *cursor = reader->lexer.cursor;
    bool with_field = kind == TOKEN_DATA || kind == TOKEN_LIST_ELEMENT || kind == TOKEN_LIST_END ||
                      kind == TOKEN_RECORD;
    const struct vmwire_field *field = with_field ? token->field : NULL;
    struct vmwire_token_event event = {
        .kind = token_name(kind),
        .account = token_account(kind),
        .bytes = {token->at, cursor > token->at ? (size_t)(cursor - token->at) : 0},
        .field = field,
        .element = field ? shown_element(field, token->element) : -1,
        .structure = kind == TOKEN_RECORD ? token->structure : NULL,
    };
    observer->token(observer->context, &event);
}

bool feed_token(struct workspace *workspace, struct token *token)
{
    struct reader *reader = &workspace->reader;
    int kind = lexer_token(&reader->lexer, token);
    if (kind == LEXER_AGAIN)
        return true;
    if (kind != LEXER_ERROR && readings_have_ended(&reader->lexer))
        kind = LEXER_ERROR;
    if (kind == LEXER_ERROR) {
        lexer_locate(&reader->lexer, reader->error);
        reader->failed = true;
        return false;
    }
    token->kind = kind;
    if (kind)
        report_token(reader, kind, token);
    workspace->grammar->feed(workspace->parser, kind, *token);
    if (ends_item(kind))
        reader_deliver_pending(reader);
    if (begins_iterable(kind) && lexer_begins_ram(&reader->lexer))
        find_page_size(&reader->lexer);
    return kind && !reader->failed;
}

size_t workspace_size(const struct vmwire_option *option)
{
    return sizeof(struct workspace) + parser_of(option)->grammar->size;
}

static bool can_split(const struct vmwire_reading *reading)
{
    const struct vmwire_option *option = reading->option;
    return reading->schema->layouts && option->subsections == VMWIRE_SUBSECTION_INLINE &&
           option->encoding == VMWIRE_ENCODING_QEMU && !option->sentinel && !option->framed &&
           option->look != VMWIRE_LOOK_IF_ONLY_READING;
}

void begin_reading(struct workspace *workspace, const struct vmwire_reading *reading,
                   struct vmwire_arena *items, struct vmwire_arena *lexer_arena,
                   struct vmwire_cost *cost, struct vmwire_error *error)
{
    const struct parser *parser = parser_of(reading->option);
    workspace->grammar = parser->grammar;
    memset(&workspace->reader, 0, sizeof(workspace->reader));
    memset(cost, 0, sizeof(*cost));
    memset(error, 0, sizeof(*error));
    struct reader *reader = &workspace->reader;
    reader->reading = reading;
    reader->cost = cost;
    reader->error = error;
    reader->items = items;
    reader->mark = vmwire_arena_mark(reader->items);
    reader->lexer.option = reading->option;
    reader->lexer.schema = reading->schema;
    reader->lexer.observer = reading->observer;
    reader->lexer.chooser = reading->chooser;
    reader->lexer.declared_sections = reading->declared_sections;
    reader->lexer.cost = cost;
    reader->lexer.error = error;
    reader->lexer.arena = lexer_arena;
    reader->lexer.values = items;
    reader->lexer.rules = parser->rules;
    reader->lexer.owners.arena = reader->lexer.arena;
    reader->lexer.keeps_owners = reading->option->subsections != VMWIRE_SUBSECTION_INLINE;
    reader->lexer.counts_readings =
        reading->option->look == VMWIRE_LOOK_IF_ONLY_READING && !reading->chooser.takes;
    reader->lexer.goes_by_description =
        reading->option->look == VMWIRE_LOOK_DESCRIBED && !reading->chooser.takes;
    reader->lexer.description = reading->description;
    reader->lexer.can_split = can_split(reading);
    reader->lexer.splits_all = reading->splits && reader->lexer.can_split;
    reader->lexer.splits = reader->lexer.splits_all;
    reader->lexer.begin = reading->input.data;
    reader->lexer.limit = reading->input.data + reading->input.length;
    reader->lexer.record = parser->record;
    reader->lexer.instance = parser->instance;
    reader->lexer.tail = reading->chooser.takes ? yyctail_chosen : parser->tail;
    lexer_begin(&reader->lexer);
    parser->grammar->begin(workspace->parser, reader);
}

void end_reading(struct workspace *workspace)
{
    workspace->grammar->end(workspace->parser);
}
