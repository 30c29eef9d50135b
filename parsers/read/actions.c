/* SPDX-License-Identifier: MIT */
/*
 * Builds items, records and entries from tokens, and hands items to the sink one by one. It must not steer
 * the lexer, and decides nothing about the format.
 */
#include "read/actions.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "read/lexer_record.h"

#define NEW(reader, type) ((type *)arena_take((reader)->items, sizeof(type)))

void reader_count_rule(struct reader *reader)
{
    reader->cost->reductions++;
}

/* ---- Errors -------------------------------------------------------------------------------------- */

/* Two tokens need words: their names mean nothing to a user. */
static const char *token_phrase(int kind)
{
    if (kind == TOKEN_END)
        return "the end of the record";
    if (kind == TOKEN_END_OF_STRUCT)
        return "the sentinel 00";
    return token_name(kind);
}

void reader_unexpected(struct reader *reader, int kind, struct token token)
{
    struct lexer *lexer = &reader->lexer;
    const uint8_t *place = kind ? token.at : lexer->cursor;
    char byte[16] = "";
    if (place < lexer->limit)
        snprintf(byte, sizeof(byte), " (%02x)", *place);
    vmwire_error_set(reader->error, VMWIRE_ERROR_GRAMMAR, (uint64_t)(place - lexer->begin),
                     "found %s%s, expected", token_phrase(kind), byte);
    if (kind == TOKEN_END)
        lexer_return_to_record(lexer);
    lexer_locate(lexer, reader->error);
    reader->failed = true;
}

void reader_expects(struct reader *reader, int kind)
{
    char *message = reader->error->message;
    size_t length = strlen(message);
    bool first = message[length - 1] == 'd'; /* of "expected" */
    snprintf(message + length, sizeof(reader->error->message) - length, "%s %s", first ? "" : " or",
             token_phrase(kind));
}

void reader_overflow(struct reader *reader)
{
    uint64_t offset = (uint64_t)(reader->lexer.cursor - reader->lexer.begin);
    vmwire_error_set(reader->error, VMWIRE_ERROR_LIMIT, offset,
                     "nested too deep for the parser's stack");
    reader->failed = true;
}

/* ---- Bytes --------------------------------------------------------------------------------------- */

static const uint8_t *end_of(struct vmwire_bytes bytes)
{
    return bytes.data + bytes.length;
}

/* As reader_span(); `last` may be absent. */
static struct vmwire_bytes span(struct vmwire_bytes first, struct vmwire_bytes last)
{
    if (last.data)
        first.length = (size_t)(end_of(last) - first.data);
    return first;
}

struct vmwire_bytes reader_no_bytes(struct reader *reader)
{
    reader_count_rule(reader);
    return (struct vmwire_bytes){NULL, 0};
}

struct vmwire_bytes reader_bytes(struct reader *reader, struct token token)
{
    reader_count_rule(reader);
    return token.bytes;
}

struct vmwire_bytes reader_span(struct reader *reader, struct vmwire_bytes first,
                                struct vmwire_bytes last)
{
    reader_count_rule(reader);
    return span(first, last);
}

/* The string of a token, without the bytes before it (token.value says how many). */
static struct vmwire_bytes str8(struct token token)
{
    return (struct vmwire_bytes){token.bytes.data + token.value, token.bytes.length - token.value};
}

/* ---- Items --------------------------------------------------------------------------------------- */

static void deliver_item(struct reader *reader, const struct vmwire_item *item)
{
    if (reader->reading->sink.item && !reader->failed)
        reader->reading->sink.item(reader->reading->sink.context, item);
}

void reader_deliver_pending(struct reader *reader)
{
    if (reader->pending)
        deliver_item(reader, reader->pending);
    reader->pending = NULL;
    if (!reader->reading->sink.keep)
        vmwire_arena_reset(reader->items, reader->mark);
}

static struct vmwire_item *new_item(struct reader *reader, enum vmwire_item_kind kind,
                                    struct vmwire_bytes raw)
{
    struct vmwire_item *item = NEW(reader, struct vmwire_item);
    item->kind = kind;
    item->raw = raw;
    return item;
}

void reader_item(struct reader *reader, struct vmwire_item *item)
{
    reader_count_rule(reader);
    if (item)
        reader->pending = item;
}

void reader_configuration(struct reader *reader, struct token mark, struct vmwire_record *record,
                          struct token end)
{
    struct vmwire_item *item =
        new_item(reader, VMWIRE_ITEM_CONFIGURATION, span(mark.bytes, end.bytes));
    item->section_id = VMWIRE_CONFIGURATION_SECTION_ID;
    item->idstr = (struct vmwire_bytes){(const uint8_t *)VMWIRE_CONFIGURATION_IDSTR,
                                        strlen(VMWIRE_CONFIGURATION_IDSTR)};
    item->record = record;
    reader_item(reader, item);
}

/* Hands on an item that is no `item` of the grammar. Nothing can be attached to it, so it is not pending. */
static void deliver_outside_items(struct reader *reader, enum vmwire_item_kind kind,
                                  struct vmwire_bytes raw, size_t header_length)
{
    reader_count_rule(reader);
    reader_deliver_pending(reader);
    struct vmwire_item *item = new_item(reader, kind, raw);
    item->content = (struct vmwire_bytes){raw.data + header_length, raw.length - header_length};
    deliver_item(reader, item);
}

void reader_eof(struct reader *reader, struct token mark)
{
    deliver_outside_items(reader, VMWIRE_ITEM_EOF, mark.bytes, mark.bytes.length);
}

void reader_description(struct reader *reader, struct token description)
{
    deliver_outside_items(reader, VMWIRE_ITEM_DESCRIPTION, description.bytes,
                          (size_t)description.value);
}

void reader_unread(struct reader *reader, struct token unread)
{
    deliver_outside_items(reader, VMWIRE_ITEM_UNREAD, unread.bytes, (size_t)unread.value);
}

struct vmwire_item *reader_named(struct reader *reader, struct token section_id, struct token idstr,
                                 struct token instance_id, struct token version_id)
{
    reader_count_rule(reader);
    struct vmwire_item *item = new_item(reader, VMWIRE_ITEM_SECTION_FULL, section_id.bytes);
    item->section_id = (uint32_t)section_id.value;
    item->idstr = str8(idstr);
    item->instance_id = (uint32_t)instance_id.value;
    item->version_id = (uint32_t)version_id.value;
    return item;
}

/* The section's entries come next. */
static struct vmwire_item *begin_entries(struct reader *reader, struct vmwire_item *item,
                                         enum vmwire_item_kind kind, struct token mark)
{
    reader_count_rule(reader);
    item->kind = kind;
    item->raw = mark.bytes;
    reader->section = item;
    return item;
}

struct vmwire_item *reader_section_start(struct reader *reader, struct token mark,
                                         struct vmwire_item *item)
{
    return begin_entries(reader, item, VMWIRE_ITEM_SECTION_START, mark);
}

struct vmwire_item *reader_section_part(struct reader *reader, enum vmwire_item_kind kind,
                                        struct token mark, struct token section_id)
{
    struct vmwire_item *item = new_item(reader, kind, mark.bytes);
    item->section_id = (uint32_t)section_id.value;
    size_t length = strlen(section_id.idstr);
    const char *idstr = vmwire_arena_string(reader->items, section_id.idstr, length);
    item->idstr = (struct vmwire_bytes){(const uint8_t *)idstr, length};
    return begin_entries(reader, item, kind, mark);
}

/* Sets the members that all sections have. `footer` may be absent. */
static struct vmwire_item *finish_section(struct reader *reader, struct vmwire_item *item,
                                          struct token mark, struct vmwire_bytes content,
                                          struct vmwire_bytes footer)
{
    reader_count_rule(reader);
    item->raw = span(span(mark.bytes, content), footer);
    item->footer = footer.length > 0;
    return item;
}

struct vmwire_item *reader_iterable_section(struct reader *reader, struct vmwire_item *item,
                                            struct entries entries, struct vmwire_bytes footer)
{
    const struct token mark = {.bytes = item->raw};
    item->entries = entries.first;
    item->content = entries.content;
    return finish_section(reader, item, mark, entries.content, footer);
}

struct vmwire_item *reader_section_full(struct reader *reader, struct token mark,
                                        struct vmwire_item *item, struct vmwire_record *record,
                                        struct token end, struct vmwire_bytes footer)
{
    item->record = record;
    return finish_section(reader, item, mark, end.bytes, footer);
}

struct vmwire_item *reader_framed_named(struct reader *reader, struct token section_id,
                                        struct token idstr, struct token instance_id)
{
    return reader_named(reader, section_id, idstr, instance_id, (struct token){.value = 0});
}

struct vmwire_item *reader_framed_start(struct reader *reader, struct token mark,
                                        struct vmwire_item *item, struct token version_id)
{
    item->version_id = (uint32_t)version_id.value;
    return reader_section_start(reader, mark, item);
}

struct vmwire_item *reader_framed_full(struct reader *reader, struct token mark,
                                       struct vmwire_item *item, struct vmwire_record *record,
                                       struct token end, struct vmwire_bytes footer)
{
    item->version_id = vmwire_be32(record->header.data);
    return reader_section_full(reader, mark, item, record, end, footer);
}

struct vmwire_item *reader_command(struct reader *reader, struct token mark, struct token command,
                                   struct token payload)
{
    reader_count_rule(reader);
    struct vmwire_item *item =
        new_item(reader, VMWIRE_ITEM_COMMAND, span(mark.bytes, payload.bytes));
    item->command = (uint16_t)command.value;
    item->payload = payload.bytes;
    return item;
}

void reader_package(struct reader *reader, struct token mark, struct token command,
                    struct token command_length, struct token length)
{
    reader_count_rule(reader);
    reader_deliver_pending(reader);
    struct vmwire_item *item =
        new_item(reader, VMWIRE_ITEM_PACKAGE, span(mark.bytes, command_length.bytes));
    item->command = (uint16_t)command.value;
    item->package = (struct vmwire_bytes){end_of(length.bytes), (size_t)length.value};
    deliver_item(reader, item);
}

struct vmwire_item *reader_package_end(struct reader *reader, struct token end)
{
    reader_count_rule(reader);
    reader_deliver_pending(reader); /* the command that ended it */
    return new_item(reader, VMWIRE_ITEM_PACKAGE_END, end.bytes);
}

/* ---- Records ------------------------------------------------------------------------------------- */

/* The numbers do not come in order: an embedded record is complete before the record around it, which has the
 * smaller number. */
static void remember_record(struct reader *reader, size_t number, struct vmwire_record *record)
{
    while (number >= reader->record_room)
        reader->records =
            vmwire_arena_grow(reader->lexer.arena, reader->records, reader->record_room,
                              &reader->record_room, sizeof(struct vmwire_record *));
    reader->records[number] = record;
}

struct vmwire_record *reader_record(struct reader *reader, struct token mark, struct values values,
                                    struct subsection_values subsections)
{
    reader_count_rule(reader);
    struct vmwire_record *record = NEW(reader, struct vmwire_record);
    record->structure = mark.structure;
    record->values = values.first;
    record->subsections = subsections.first;
    record->last_subsection = subsections.last;
    record->field = mark.field;
    record->element = mark.element;
    if (reader->lexer.keeps_owners)
        remember_record(reader, (size_t)mark.value, record);
    return record;
}

struct vmwire_record *reader_framed_record(struct reader *reader, struct token mark,
                                           struct token version_id, struct token length,
                                           struct values values,
                                           struct subsection_values subsections)
{
    struct vmwire_record *record = reader_record(reader, mark, values, subsections);
    record->header = span(version_id.bytes, length.bytes);
    return record;
}

struct vmwire_record *reader_embedded_record(struct reader *reader, struct vmwire_record *record)
{
    reader_count_rule(reader);
    return record;
}

struct values reader_no_values(struct reader *reader)
{
    reader_count_rule(reader);
    return (struct values){NULL, NULL};
}

struct values reader_add_value(struct reader *reader, struct values values,
                               struct vmwire_value *value)
{
    reader_count_rule(reader);
    if (values.last)
        values.last->next = value;
    else
        values.first = value;
    values.last = value;
    return values;
}

static struct vmwire_value *new_value(struct reader *reader, struct token token,
                                      struct vmwire_record *record)
{
    reader_count_rule(reader);
    struct vmwire_value *value = NEW(reader, struct vmwire_value);
    value->field = token.field;
    value->element = token.element;
    value->data = token.bytes;
    value->record = record;
    return value;
}

struct vmwire_value *reader_data(struct reader *reader, struct token data)
{
    return new_value(reader, data, NULL);
}

struct vmwire_value *reader_embedded(struct reader *reader, struct vmwire_record *record)
{
    struct token none = {.field = record->field, .element = record->element};
    return new_value(reader, none, record);
}

struct vmwire_value *reader_list_element(struct reader *reader, struct token mark,
                                         struct vmwire_record *record)
{
    return new_value(reader, mark, record);
}

struct subsection_values reader_no_subsections(struct reader *reader)
{
    reader_count_rule(reader);
    return (struct subsection_values){NULL, NULL};
}

static struct vmwire_subsection_value *new_subsection(struct reader *reader,
                                                      struct vmwire_bytes raw, struct token name,
                                                      struct token version_id,
                                                      struct vmwire_record *record)
{
    reader_count_rule(reader);
    struct vmwire_subsection_value *value = NEW(reader, struct vmwire_subsection_value);
    value->subsection = version_id.subsection;
    value->record = record;
    value->raw = raw;
    value->name = str8(name);
    value->version_id = (uint32_t)version_id.value;
    return value;
}

static struct subsection_values append_subsection(struct subsection_values subsections,
                                                  struct vmwire_subsection_value *value)
{
    if (subsections.last)
        subsections.last->next = value;
    else
        subsections.first = value;
    subsections.last = value;
    return subsections;
}

struct subsection_values reader_add_subsection(struct reader *reader,
                                               struct subsection_values subsections,
                                               struct token mark, struct token name,
                                               struct token version_id,
                                               struct vmwire_record *record, struct token end)
{
    struct vmwire_bytes raw = span(mark.bytes, end.bytes);
    return append_subsection(subsections, new_subsection(reader, raw, name, version_id, record));
}

struct subsection_values reader_add_framed(struct reader *reader,
                                           struct subsection_values subsections, struct token mark,
                                           struct token name, struct vmwire_record *record,
                                           struct token end)
{
    struct token version_id = {.subsection = name.subsection,
                               .value = vmwire_be32(record->header.data)};
    return reader_add_subsection(reader, subsections, mark, name, version_id, record, end);
}

/* Inserts a subsection that was sent behind its section. It comes behind those that were sent so
 * before it. Among those that were sent inline, its place follows from the order in which the
 * structure declares them. */
static void insert_separate_subsection(const struct vmwire_option *option,
                                       struct vmwire_record *owner,
                                       struct vmwire_subsection_value *value)
{
    struct vmwire_subsection_value *before = owner->last_separate;
    struct vmwire_subsection_value *next = before ? before->next : owner->subsections;
    while (next && vmwire_option_sends_inline(option, next->subsection) &&
           next->subsection < value->subsection) {
        before = next;
        next = next->next;
    }
    value->next = next;
    if (before)
        before->next = value;
    else
        owner->subsections = value;
    if (!next)
        owner->last_subsection = value;
    owner->last_separate = value;
}

/* Gives a subsection to its owner. A subsection is no item, so this returns NULL. */
struct vmwire_item *reader_attach(struct reader *reader, struct token mark, struct token at,
                                  struct token name, struct token version_id,
                                  struct vmwire_record *record, struct token end,
                                  struct vmwire_bytes footer)
{
    struct vmwire_bytes raw = span(span(mark.bytes, end.bytes), footer);
    assert(reader->pending); /* the lexer refuses it anywhere but behind its owner's section */
    insert_separate_subsection(reader->reading->option, reader->records[at.value],
                               new_subsection(reader, raw, name, version_id, record));
    return NULL;
}

/* ---- Entries of iterable sections ---------------------------------------------------------------- */

static struct vmwire_entry *new_entry(struct reader *reader, struct token mark,
                                      struct vmwire_bytes last)
{
    struct vmwire_entry *entry = NEW(reader, struct vmwire_entry);
    entry->kind = mark.kind;
    entry->value = mark.value;
    entry->raw = span(mark.bytes, last);
    return entry;
}

/* Whether the sink gets the entries, and the item only those that a section must have. */
static bool passes_entries(const struct reader *reader)
{
    return reader->reading->entry_sink.entry != NULL;
}

static void pass_entry(const struct reader *reader, const struct vmwire_entry *entry)
{
    const struct vmwire_entry_sink *sink = &reader->reading->entry_sink;
    if (passes_entries(reader) && !reader->failed)
        sink->entry(sink->context, reader->section, entry);
}

static struct entries cover_entry(struct entries entries, const struct vmwire_entry *entry)
{
    entries.content = entries.content.data ? span(entries.content, entry->raw) : entry->raw;
    return entries;
}

static struct entries append_entry(struct entries entries, struct vmwire_entry *entry)
{
    if (entries.last)
        entries.last->next = entry;
    else
        entries.first = entry;
    entries.last = entry;
    return cover_entry(entries, entry);
}

struct entries reader_no_entries(struct reader *reader)
{
    return reader_entries(reader, (struct entries){.first = NULL});
}

struct entries reader_entries(struct reader *reader, struct entries entries)
{
    reader_count_rule(reader);
    return entries;
}

/* Memory of the arena, or that of the entry before, which the item does not keep: entries come in millions. */
static struct vmwire_entry *new_passing_entry(struct reader *reader, struct token mark,
                                              struct vmwire_bytes last)
{
    if (!passes_entries(reader))
        return new_entry(reader, mark, last);
    reader->passing = (struct vmwire_entry){
        .kind = mark.kind, .value = mark.value, .raw = span(mark.bytes, last)};
    return &reader->passing;
}

struct entries reader_add_entry(struct reader *reader, struct entries entries,
                                struct vmwire_entry *entry)
{
    reader_count_rule(reader);
    pass_entry(reader, entry);
    return passes_entries(reader) ? cover_entry(entries, entry) : append_entry(entries, entry);
}

struct entries reader_add_mark(struct reader *reader, struct entries entries, struct token mark)
{
    return reader_add_entry(reader, entries, new_passing_entry(reader, mark, mark.bytes));
}

static struct entries keep_entry(const struct reader *reader, struct entries entries,
                                 struct vmwire_entry *entry)
{
    pass_entry(reader, entry);
    return append_entry(entries, entry);
}

struct entries reader_last_entry(struct reader *reader, struct entries entries, struct token mark)
{
    reader_count_rule(reader);
    return keep_entry(reader, entries, new_entry(reader, mark, mark.bytes));
}

struct entries reader_first_entry(struct reader *reader, struct token mark)
{
    return reader_last_entry(reader, (struct entries){.first = NULL}, mark);
}

struct vmwire_entry *reader_mark_entry(struct reader *reader, struct token mark)
{
    reader_count_rule(reader);
    return new_passing_entry(reader, mark, mark.bytes);
}

struct vmwire_entry *reader_chunk(struct reader *reader, struct token mark, struct token data)
{
    reader_count_rule(reader);
    struct vmwire_entry *entry = new_passing_entry(reader, mark, data.bytes);
    entry->data = data.bytes;
    return entry;
}

/* A name on the wire, without its length byte. */
static struct vmwire_bytes without_length(struct vmwire_bytes name)
{
    return (struct vmwire_bytes){name.data + 1, name.length - 1};
}

struct vmwire_entry *reader_page(struct reader *reader, struct token mark, struct vmwire_bytes name,
                                 struct token data)
{
    reader_count_rule(reader);
    struct vmwire_entry *page = new_passing_entry(reader, mark, data.bytes);
    page->data = data.bytes;
    page->page = true;
    if (name.length)
        page->name = without_length(name);
    return page;
}

struct vmwire_entry *reader_disk_chunk(struct reader *reader, struct token mark, struct token name,
                                       struct token data)
{
    reader_count_rule(reader);
    struct vmwire_entry *entry = new_passing_entry(reader, mark, data.bytes);
    entry->name = without_length(name.bytes);
    entry->data = data.bytes;
    return entry;
}

struct vmwire_entry *reader_disk_zeroes(struct reader *reader, struct token mark, struct token name)
{
    reader_count_rule(reader);
    struct vmwire_entry *entry = new_passing_entry(reader, mark, name.bytes);
    entry->name = without_length(name.bytes);
    return entry;
}

static struct vmwire_bytes last_of_chunk(struct vmwire_bytes node_name,
                                         struct vmwire_bytes bitmap_name, struct vmwire_bytes body)
{
    return body.data ? body : bitmap_name.data ? bitmap_name : node_name;
}

/* The entry's name is the node's name and the bitmap's name, one behind the other with their length bytes. */
static struct vmwire_entry *set_chunk(struct vmwire_entry *entry, struct vmwire_bytes node_name,
                                      struct vmwire_bytes bitmap_name, struct vmwire_bytes body)
{
    entry->name = node_name.data ? span(node_name, bitmap_name) : bitmap_name;
    entry->data = body;
    return entry;
}

struct vmwire_entry *reader_bitmap_chunk(struct reader *reader, struct token mark,
                                         struct vmwire_bytes node_name,
                                         struct vmwire_bytes bitmap_name, struct vmwire_bytes body)
{
    reader_count_rule(reader);
    struct vmwire_bytes last = last_of_chunk(node_name, bitmap_name, body);
    return set_chunk(new_passing_entry(reader, mark, last), node_name, bitmap_name, body);
}

struct entries reader_last_bitmap_chunk(struct reader *reader, struct entries entries,
                                        struct token mark, struct vmwire_bytes node_name,
                                        struct vmwire_bytes bitmap_name, struct vmwire_bytes body)
{
    reader_count_rule(reader);
    struct vmwire_bytes last = last_of_chunk(node_name, bitmap_name, body);
    struct vmwire_entry *entry = new_entry(reader, mark, last);
    return keep_entry(reader, entries, set_chunk(entry, node_name, bitmap_name, body));
}

struct mapped reader_not_mapped(struct reader *reader)
{
    reader_count_rule(reader);
    return (struct mapped){.header = {NULL, 0}};
}

struct mapped reader_shared_header(struct reader *reader, struct token header)
{
    reader_count_rule(reader);
    return (struct mapped){.header = header.bytes};
}

struct mapped reader_mapped(struct reader *reader, struct token header, struct token bitmap,
                            struct token pages)
{
    reader_count_rule(reader);
    return (struct mapped){span(header.bytes, bitmap.bytes), pages.bytes};
}

struct vmwire_entry *reader_block(struct reader *reader, struct token name, struct token length,
                                  struct vmwire_bytes page_size, struct vmwire_bytes address,
                                  struct mapped mapped)
{
    reader_count_rule(reader);
    struct vmwire_bytes last = span(span(length.bytes, page_size), address);
    last = span(span(last, mapped.header), mapped.pages);
    struct vmwire_entry *entry = new_passing_entry(reader, name, last);
    entry->name = str8(name);
    entry->value = length.value;
    entry->header = mapped.header;
    entry->data = mapped.pages;
    return entry;
}

const char *vmwire_entry_kind_name(const struct vmwire_entry *entry)
{
    return token_name(entry->kind);
}
