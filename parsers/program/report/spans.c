/* SPDX-License-Identifier: MIT */
/*
 * Makes the list of spans from the tokens that the reader tells.
 */
#include "program/report/spans.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NAME_LIMIT = 320, PATH_LIMIT = 2048 };

/* The place in the stream while it is read. */
struct span_reader {
    struct spans *spans;
    const uint8_t *begin;
    const char *section;
    const char *paths[VMWIRE_SCHEMA_NESTING_LIMIT + 1]; /* of the open records */
    unsigned depth;
    const char *last;       /* the kind of the token before */
    const char *subsection; /* whose record comes next; NULL: no subsection's */
};

static bool is(const char *kind, const char *other)
{
    return strcmp(kind, other) == 0;
}

/* The text of bytes that begin with their length. */
static const char *copy_str8(struct span_reader *reader, struct vmwire_bytes bytes)
{
    return bytes.length ? vmwire_arena_string(reader->spans->arena, (const char *)bytes.data + 1,
                                              bytes.length - 1)
                        : "";
}

static const char *copy_text(struct span_reader *reader, const char *text)
{
    return vmwire_arena_string(reader->spans->arena, text, strlen(text));
}

/* "SECTION_ID" becomes "section id". */
static const char *name_token(struct span_reader *reader, const char *kind)
{
    char *text = vmwire_arena_string(reader->spans->arena, kind, strlen(kind));
    for (char *letter = text; *letter; letter++) {
        const int lower = *letter == '_' ? ' ' : tolower((unsigned char)*letter);
        *letter = (char)lower;
    }
    return text;
}

static const char *name_field(struct span_reader *reader, const struct vmwire_token_event *event)
{
    char text[NAME_LIMIT];
    if (event->element < 0)
        return event->field->name;
    snprintf(text, sizeof(text), "%s[%lld]", event->field->name, (long long)event->element);
    return copy_text(reader, text);
}

static const char *path_here(const struct span_reader *reader)
{
    return reader->depth ? reader->paths[reader->depth - 1] : "";
}

static void open_record(struct span_reader *reader, const struct vmwire_token_event *event)
{
    char text[PATH_LIMIT];
    const char *around = path_here(reader);
    const char *name = event->field ? name_field(reader, event) : reader->subsection;
    snprintf(text, sizeof(text), "%s%s%s", around, *around && name ? "." : "", name ? name : "");
    if (reader->depth < sizeof(reader->paths) / sizeof(reader->paths[0]))
        reader->paths[reader->depth++] = copy_text(reader, text);
    reader->subsection = NULL;
}

static void close_record(struct span_reader *reader)
{
    reader->depth -= reader->depth > 0;
}

/* The bytes of a subsection's header belong to the subsection, not to the framing. */
static const char *find_kind(const struct span_reader *reader,
                             const struct vmwire_token_event *event)
{
    bool header = is(event->kind, "VERSION_ID") && reader->last && is(reader->last, "NAME");
    return vmwire_account_name(header ? VMWIRE_ACCOUNT_SUBSECTION : event->account);
}

static void add_span(struct span_reader *reader, const struct vmwire_token_event *event)
{
    struct spans *spans = reader->spans;
    spans->list = vmwire_arena_grow(spans->arena, spans->list, spans->count, &spans->room,
                                    sizeof(*spans->list));
    spans->list[spans->count++] = (struct span){
        .at = (uint64_t)(event->bytes.data - reader->begin),
        .length = event->bytes.length,
        .kind = find_kind(reader, event),
        .section = reader->section,
        .path = path_here(reader),
        .name = event->field ? name_field(reader, event) : name_token(reader, event->kind),
        .type = event->field ? event->field->type : "",
    };
}

static void note_token(void *context, const struct vmwire_token_event *event)
{
    struct span_reader *reader = context;
    if (is(event->kind, "IDSTR"))
        reader->section = copy_str8(reader, event->bytes);
    if (is(event->kind, "NAME"))
        reader->subsection = copy_str8(reader, event->bytes);
    if (is(event->kind, "RECORD"))
        open_record(reader, event);
    if (event->bytes.length)
        add_span(reader, event);
    if (is(event->kind, "END") || is(event->kind, "END_OF_STRUCT"))
        close_record(reader);
    if (is(event->kind, "SECTION_START") || is(event->kind, "SECTION_FULL") ||
        is(event->kind, "EOF"))
        reader->section = "";
    if (event->bytes.length)
        reader->last = event->kind;
}

/* ---- Where it ends ------------------------------------------------------------------------------- */

static uint64_t end_of_spans(const struct spans *spans)
{
    const struct span *last = spans->count ? &spans->list[spans->count - 1] : NULL;
    return last ? last->at + last->length : 0;
}

/* How many bytes the reader was about to take: a name has its length in front. */
static uint64_t refused_length(const struct span_reader *reader, struct vmwire_bytes input,
                               uint64_t at)
{
    uint64_t left = input.length - at, length = 1;
    if (reader->last && is(reader->last, "SUBSECTION") && left)
        length = UINT64_C(1) + input.data[at];
    else if (reader->last && is(reader->last, "NAME"))
        length = 4;
    return length < left ? length : left;
}

static void note_refusal(struct span_reader *reader, struct vmwire_bytes input)
{
    struct spans *spans = reader->spans;
    const uint64_t end = end_of_spans(spans), told = spans->error.offset;
    uint64_t at = told != VMWIRE_ERROR_NO_OFFSET && told > end ? told : end;
    at = at < input.length ? at : input.length;
    spans->refused = (struct span){
        .at = at,
        .length = at == end ? refused_length(reader, input, at) : at < input.length,
        .kind = "refused",
        .section = reader->section,
        .path = path_here(reader),
        .name = copy_text(reader, spans->error.message),
        .type = "",
    };
}

bool read_spans(struct spans *spans, const struct vmwire_option *option, struct vmwire_bytes input,
                const struct vmwire_schema *schema, struct vmwire_arena *arena)
{
    *spans = (struct spans){.arena = arena};
    struct span_reader reader = {.spans = spans, .begin = input.data, .section = ""};
    struct vmwire_cost cost;
    const struct vmwire_reading reading = {.option = option,
                                           .input = input,
                                           .schema = schema,
                                           .arena = arena,
                                           .token_observer = {&reader, note_token}};
    spans->stream = vmwire_stream_collect(reading, &cost, &spans->error);
    if (!spans->stream && spans->error.kind == VMWIRE_ERROR_MEMORY)
        return false;
    if (!spans->stream)
        note_refusal(&reader, input);
    return true;
}

bool is_same_span(const struct span *a, const struct span *b)
{
    return a->at == b->at && a->length == b->length && is(a->kind, b->kind) &&
           is(a->section, b->section) && is(a->path, b->path) && is(a->name, b->name);
}
