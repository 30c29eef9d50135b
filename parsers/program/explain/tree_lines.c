/* SPDX-License-Identifier: MIT */
/*
 * Sections that are read as they were sent are one line; of the one with the cause the fields around it are shown.
 */
#include "program/explain/tree_lines.h"

#include <inttypes.h>
#include <string.h>

#include "program/explain/places.h"
#include "program/explain/rules.h"
#include "program/shared/phrase.h"
#include "program/shared/report_error.h"

enum {
    FIELDS_BEFORE = 3, /* shown in front of the cause */
    HEX_SHOWN = 16,    /* bytes of a value */
    HEX_OF_RANGE = 32, /* of a part that misleads */
};

static uint64_t offset_of(const struct explanation *explanation, const uint8_t *byte)
{
    return (uint64_t)(byte - explanation->writer->side.bytes.data);
}

/* `offset` is in the bytes that were read. */
static void add_line(struct explanation *explanation, uint64_t offset, uint64_t bytes,
                     unsigned depth, const char *text)
{
    struct lines *tree = &explanation->tree;
    tree->list = vmwire_arena_grow(explanation->arena, tree->list, tree->count, &tree->room,
                                   sizeof(*tree->list));
    tree->list[tree->count++] =
        (struct place_line){offset_in_sent_file(explanation, offset), bytes, depth, text};
}

static void add_note(struct explanation *explanation, const char *text)
{
    add_line(explanation, VMWIRE_ERROR_NO_OFFSET, 0, 0, text);
}

/* ---- Fields of a section ---- */

/* Fields that are wanted: those of a range of bytes, and some before it. */
struct field_search {
    struct explanation *explanation;
    const uint8_t *begin, *end;
    struct field_place before[FIELDS_BEFORE];
    size_t before_count;
    const char *first; /* the path of the first field that has bytes of the range */
};

static bool has_bytes_of(const struct field_search *search, const uint8_t *begin, size_t length)
{
    return begin < search->end && begin + length > search->begin;
}

static bool wants_range(void *context, const uint8_t *begin, size_t length)
{
    return has_bytes_of(context, begin, length);
}

/* The paths of those before are made only when their number is known. */
static bool wants_before(void *context, const uint8_t *begin, size_t length)
{
    struct field_search *search = context;
    if (begin + length > search->begin)
        return false;
    memmove(search->before, search->before + 1, (FIELDS_BEFORE - 1) * sizeof(search->before[0]));
    search->before[FIELDS_BEFORE - 1] = (struct field_place){.begin = begin};
    search->before_count += search->before_count < FIELDS_BEFORE;
    return false;
}

static bool wants_one_before(void *context, const uint8_t *begin, size_t length)
{
    struct field_search *search = context;
    (void)length;
    for (size_t i = FIELDS_BEFORE - search->before_count; i < FIELDS_BEFORE; i++)
        if (search->before[i].begin == begin)
            return true;
    return false;
}

static void ignore_field(void *context, const struct field_place *place)
{
    (void)context, (void)place;
}

static void add_value_line(void *context, const struct field_place *place)
{
    struct explanation *explanation = ((struct field_search *)context)->explanation;
    struct vmwire_arena *arena = explanation->arena;
    const struct vmwire_value *value = place->value;
    add_line(explanation, offset_of(explanation, place->begin), value->data.length, 1,
             vmwire_text(arena, "%s %s = %s", place->path, value->field->type,
                         phrase_hex(arena, value->data, HEX_SHOWN)));
}

/* The part of the field in the range. */
static void add_range_line(void *context, const struct field_place *place)
{
    struct field_search *search = context;
    struct explanation *explanation = search->explanation;
    struct vmwire_arena *arena = explanation->arena;
    const uint8_t *end = place->begin + place->value->data.length,
                  *begin = place->begin < search->begin ? search->begin : place->begin;
    end = end > search->end ? search->end : end;
    const struct vmwire_bytes bytes = {begin, (size_t)(end - begin)};
    add_line(explanation, offset_of(explanation, begin), bytes.length, 2,
             vmwire_text(arena, "%s  %s  in %s, byte %zu", phrase_hex(arena, bytes, HEX_OF_RANGE),
                         phrase_characters(arena, bytes), place->path,
                         (size_t)(begin - place->begin)));
}

/* The field of the cause; and its byte, where that is not among those that are shown. */
static void add_cause_line(void *context, const struct field_place *place)
{
    const struct field_search *search = context;
    add_value_line(context, place);
    if (search->begin >= place->begin + HEX_SHOWN)
        add_range_line(context, place);
}

static void visit(const struct explanation *explanation, const struct vmwire_item *item,
                  struct field_search *search,
                  bool (*wants)(void *context, const uint8_t *begin, size_t length),
                  void (*field)(void *context, const struct field_place *place))
{
    const struct field_visitor visitor = {search, wants, field};
    if (item->record)
        visit_fields(item, explanation->writer->side.bytes, explanation->arena, &visitor);
}

static void add_fields_before(struct explanation *explanation, const struct vmwire_item *item,
                              const uint8_t *byte)
{
    struct field_search search = {.explanation = explanation, .begin = byte};
    visit(explanation, item, &search, wants_before, ignore_field);
    visit(explanation, item, &search, wants_one_before, add_value_line);
}

static void note_first(void *context, const struct field_place *place)
{
    struct field_search *search = context;
    if (!search->first)
        search->first = place->path;
}

const char *name_field_at(const struct explanation *explanation, uint64_t offset)
{
    const struct vmwire_stream *stream = explanation->misreading.meant;
    const uint8_t *byte = explanation->writer->side.bytes.data + offset;
    const struct vmwire_item *item = stream ? item_at(stream, byte) : NULL;
    struct field_search search = {.begin = byte, .end = byte + 1};
    if (item)
        visit(explanation, item, &search, wants_range, note_first);
    return search.first;
}

/* ---- Sections ---- */

static const char *section_head(struct explanation *explanation, const struct vmwire_item *item)
{
    return vmwire_text(explanation->arena, "%s %u \"%s\" instance %u version %u",
                       vmwire_item_kind_name(item->kind), item->section_id,
                       name_section(explanation->arena, item), item->instance_id, item->version_id);
}

static void add_sections_before(struct explanation *explanation)
{
    const size_t count = explanation->read_before;
    if (count)
        add_note(explanation,
                 vmwire_text(explanation->arena, "%zu section%s read as %s sent: %s", count,
                             count == 1 ? " is" : "s are", count == 1 ? "it was" : "they were",
                             explanation->read_names));
}

/* ---- A misreading ---- */

static const char *end_of_reading(const struct explanation *explanation)
{
    const struct misreading *misreading = &explanation->misreading;
    struct vmwire_arena *arena = explanation->arena;
    if (misreading->error.kind == VMWIRE_ERROR_NONE)
        return vmwire_text(arena, "the reader comes to a byte 00%s%s, and takes it for the end",
                           name_field_at(explanation, misreading->end) ? " in " : "",
                           name_field_at(explanation, misreading->end)
                               ? name_field_at(explanation, misreading->end)
                               : "");
    return vmwire_text(arena, "the reader stops: %s", misreading->error.message);
}

/* The bytes that it takes for a subsection's header. */
static size_t misread_length(const struct misreading *misreading)
{
    enum { MARKER = 1, LENGTH = 1, VERSION = 4 };
    size_t left = misreading->bytes.length - (size_t)misreading->tail;
    if (left < MARKER + LENGTH)
        return left;
    size_t name = misreading->bytes.data[misreading->tail + MARKER];
    size_t read = strlen(misreading->name);
    bool unknown = misreading->error.kind == VMWIRE_ERROR_UNKNOWN_SUBSECTION;
    size_t length = MARKER + LENGTH + name + (unknown ? 0 : VERSION);
    /* A NUL ends the name. What is behind it says nothing. */
    length = read < name ? MARKER + LENGTH + read + 1 : length;
    return length < left ? length : left;
}

static void add_misreading_lines(struct explanation *explanation)
{
    const struct misreading *misreading = &explanation->misreading;
    struct vmwire_arena *arena = explanation->arena;
    const uint8_t *tail = misreading->bytes.data + misreading->tail;
    const struct vmwire_item *item = misreading->section;
    if (!misreading->parts || !item)
        return;
    add_line(explanation, offset_of(explanation, item->raw.data), item->raw.length, 0,
             begins_section(item) ? section_head(explanation, item)
                                  : vmwire_item_kind_name(item->kind));
    add_fields_before(explanation, item, tail);
    add_line(explanation, misreading->tail, misread_length(misreading), 1,
             vmwire_text(arena, "the end of %s%s%s: the reader takes what follows for %s",
                         misreading->owner, misreading->path && *misreading->path ? ", " : "",
                         misreading->path ? misreading->path : "",
                         explanation->cause.difference->reader));
    struct field_search search = {
        .explanation = explanation, .begin = tail, .end = tail + misread_length(misreading)};
    visit(explanation, item, &search, wants_range, add_range_line);
    const struct vmwire_error *error = &misreading->error;
    bool end = misreading->outcome == VMWIRE_OUTCOME_TRUNCATED;
    if (error->kind != VMWIRE_ERROR_NONE || end)
        add_line(explanation, end ? misreading->end : error->offset, end, 1,
                 end_of_reading(explanation));
}

/* ---- A stream that ends too early ---- */

enum { TOKENS_KEPT = 4 };

struct last_token {
    const char *name, *type;
    int64_t element;
    struct vmwire_bytes bytes;
};

/* The last fields that were read. */
struct last_tokens {
    struct last_token list[TOKENS_KEPT];
    size_t count;
};

static void note_token(void *context, const struct vmwire_token_event *event)
{
    struct last_tokens *last = context;
    if (event->account == VMWIRE_ACCOUNT_FRAMING && event->bytes.length)
        last->count = 0; /* another section */
    if (event->account != VMWIRE_ACCOUNT_FIELD || !event->field || !event->bytes.length)
        return;
    memmove(last->list, last->list + 1, (TOKENS_KEPT - 1) * sizeof(last->list[0]));
    last->list[TOKENS_KEPT - 1] =
        (struct last_token){event->field->name, event->field->type, event->element, event->bytes};
    last->count += last->count < TOKENS_KEPT;
}

/* Returns false with the error reported when memory runs out. */
static bool add_last_tokens(struct explanation *explanation)
{
    const struct side_files *writer = explanation->writer;
    struct vmwire_arena *arena = explanation->arena;
    struct last_tokens last = {.count = 0};
    struct vmwire_cost cost;
    struct vmwire_error error;
    const struct vmwire_reading reading = {.option = writer->option,
                                           .input = writer->side.bytes,
                                           .schema = writer->stream.schema,
                                           .token_observer = {&last, note_token}};
    if (!vmwire_stream_read(&reading, &cost, &error) && error.kind == VMWIRE_ERROR_MEMORY) {
        report_error(explanation->arguments, writer->stream_name, &error);
        return false;
    }
    for (size_t i = TOKENS_KEPT - last.count; i < TOKENS_KEPT; i++) {
        const struct last_token *token = &last.list[i];
        add_line(explanation, offset_of(explanation, token->bytes.data), token->bytes.length, 1,
                 vmwire_text(
                     arena, "%s%s %s = %s", token->name,
                     token->element < 0 ? "" : vmwire_text(arena, "[%" PRId64 "]", token->element),
                     token->type, phrase_hex(arena, token->bytes, HEX_SHOWN)));
    }
    return true;
}

/* Where the section begins that is not read to its end: behind the last item. */
static uint64_t begin_of_rest(const struct explanation *explanation)
{
    const struct vmwire_stream *stream = explanation->writer->side.stream;
    if (!stream || !stream->item_count)
        return VMWIRE_ERROR_NO_OFFSET;
    const struct vmwire_item *last = stream->items[stream->item_count - 1];
    return offset_of(explanation, last->raw.data + last->raw.length);
}

static bool add_stream_lines(struct explanation *explanation)
{
    const struct vmwire_difference *difference = explanation->cause.difference;
    struct vmwire_arena *arena = explanation->arena;
    const uint64_t begin = begin_of_rest(explanation);
    const size_t length = explanation->writer->side.bytes.length;
    if (difference->section && begin != VMWIRE_ERROR_NO_OFFSET && begin < length)
        add_line(explanation, begin, length - begin, 0,
                 vmwire_text(arena, "\"%s\" instance %" PRIu32 ", not read to its end",
                             difference->section, difference->instance_id));
    if (explanation->sent.error.kind == VMWIRE_ERROR_TRUNCATED && !add_last_tokens(explanation))
        return false;
    if (difference->offset != VMWIRE_ERROR_NO_OFFSET && difference->writer)
        add_line(explanation, difference->offset,
                 difference->offset < length ? length - difference->offset : 0, 1,
                 vmwire_text(arena, "%s%s%s", difference->path ? difference->path : "",
                             difference->path ? ": " : "", difference->writer));
    return true;
}

/* ---- The whole ---- */

static void add_difference_lines(struct explanation *explanation)
{
    const struct found_cause *cause = &explanation->cause;
    const struct vmwire_difference *difference = cause->difference;
    if (!cause->section)
        return;
    add_line(explanation, cause->position, cause->section->raw.length, 0,
             section_head(explanation, cause->section));
    if (difference->beside_count || difference->offset == VMWIRE_ERROR_NO_OFFSET ||
        difference->offset == difference->section_offset)
        return;
    const uint8_t *byte = explanation->writer->side.bytes.data + difference->offset;
    const struct vmwire_bytes subsection = subsection_at(cause->section, byte);
    struct field_search search = {.explanation = explanation, .begin = byte, .end = byte + 1};
    add_fields_before(explanation, cause->section, byte);
    if (subsection.length)
        add_line(explanation, difference->offset, subsection.length, 1,
                 vmwire_text(explanation->arena, "subsection %s", difference->path));
    else
        visit(explanation, cause->section, &search, wants_range, add_cause_line);
}

/* Sections that the reader does not come to, behind that of the cause. */
static void note_unread(struct explanation *explanation)
{
    const bool shown = explanation->cause.section;
    const size_t count = explanation->sections_unread - shown;
    /* How far it comes is not known. */
    if (explanation->cause.difference->rule == stream_rule(RULE_NOTHING_NAMED))
        return;
    if (count)
        add_note(explanation,
                 vmwire_text(explanation->arena, "the reader does not come to %zu %ssection%s",
                             count, shown ? "more " : "", count == 1 ? "" : "s"));
}

bool make_tree_lines(struct explanation *explanation)
{
    const struct found_cause *cause = &explanation->cause;
    add_sections_before(explanation);
    if (!cause->difference)
        return true;
    if (cause->kind == CAUSE_STREAM && !add_stream_lines(explanation))
        return false;
    if (cause->kind == CAUSE_MISREADING)
        add_misreading_lines(explanation);
    else if (cause->kind == CAUSE_DIFFERENCE)
        add_difference_lines(explanation);
    if (explanation->outcome == EXPLAINED_REJECT && cause->kind != CAUSE_STREAM)
        note_unread(explanation);
    else if (explanation->unread_names)
        add_note(explanation, vmwire_text(explanation->arena, "%zu section%s left unread: %s",
                                          explanation->sections_unread,
                                          explanation->sections_unread == 1 ? " is" : "s are",
                                          explanation->unread_names));
    return true;
}
