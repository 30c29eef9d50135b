/* SPDX-License-Identifier: MIT */
/*
 * Tries the ways in which the stream can be read, the surest one first.
 */
#include "program/explain/sent_stream.h"

#include <string.h>

#include "program/shared/parsed_schemas.h"
#include "vmwire/parsed_schema.h"

bool is_todays_wire(const struct vmwire_option *option)
{
    return option->subsections == VMWIRE_SUBSECTION_INLINE &&
           option->encoding == VMWIRE_ENCODING_QEMU && !option->sentinel && !option->framed;
}

const struct vmwire_option *option_as_sent(size_t number)
{
    /* What is within a private encoding no description tells. There, the only reading counts, or one that takes no undeclared
     * subsection. */
    static const char *const names[] = {"described", "consistent", "combined", "heuristic"};
    return number < sizeof(names) / sizeof(names[0]) ? vmwire_option_find(names[number]) : NULL;
}

/* Of a stream without a description: where a value misleads the first, the second may read on. */
static const struct vmwire_option *undescribed_option(size_t number)
{
    static const char *const names[] = {"heuristic", "combined"};
    return number < sizeof(names) / sizeof(names[0]) ? vmwire_option_find(names[number]) : NULL;
}

static bool is_read(const struct side_files *writer)
{
    return writer->refused.kind == VMWIRE_ERROR_NONE;
}

/* ---- The layouts ---- */

/* The file of the side's program; NULL: it has none. */
static const char *program_of(const struct side_files *side)
{
    for (size_t i = 0; i < side->part_count; i++) {
        enum file_kind kind = side->parts[i].file.kind;
        if (kind == FILE_PROGRAM || kind == FILE_DECLARATIONS)
            return side->parts[i].name;
    }
    return NULL;
}

/* A stream that was a pipe cannot be opened again, so what it describes is kept. Returns false if it describes nothing. */
static bool keep_description(const struct side_files *reader, const char *name,
                             const struct arguments *arguments)
{
    const struct place anywhere = {NULL, NULL};
    struct vmwire_error error;
    struct vmwire_bytes json = vmwire_description_find(reader->whole);
    if (!json.length || !arguments->parsed)
        return json.length > 0;
    if (find_parsed_schema(arguments->parsed, name, &anywhere))
        return true;
    json_t *root = vmwire_schema_parse(json, &error);
    if (root)
        keep_parsed_schema(arguments->parsed, name, &anywhere, root);
    json_decref(root);
    return root != NULL;
}

/* The layouts of the reader: of its program, or what its own stream describes. */
static struct arguments layouts_of_reader(const struct sent_stream *sent,
                                          const struct arguments *arguments)
{
    const struct side_files *reader = sent->reader;
    const bool program = program_of(reader) != NULL;
    struct arguments layouts = *arguments;
    layouts.schemas = vmwire_arena_alloc(sent->writer->arena,
                                         (reader->part_count + 1) * sizeof(*layouts.schemas));
    layouts.schema_count = 0;
    for (size_t i = 0; i < reader->part_count; i++) {
        const struct side_part *part = &reader->parts[i];
        bool stream = part->file.kind == FILE_STREAM;
        if (part->file.kind == FILE_DUMP ||
            (stream &&
             (part->added || program || !keep_description(reader, part->name, arguments))))
            continue;
        layouts.schemas[layouts.schema_count++] = part->name;
    }
    return layouts;
}

/* The layouts that tell what the stream's own description does not. */
static struct arguments find_layouts(struct sent_stream *sent, const struct arguments *arguments)
{
    struct arguments own = layouts_of_side(sent->writer, arguments);
    sent->by_reader = !program_of(sent->writer) && !own.schema_count;
    return sent->by_reader ? layouts_of_reader(sent, arguments) : own;
}

static const char *name_layouts(const struct sent_stream *sent, const struct arguments *layouts)
{
    struct vmwire_arena *arena = sent->writer->arena;
    const char *names = "what these tell: ";
    if (layouts->schema_count == 1)
        return vmwire_text(arena, "what %s tells", layouts->schemas[0]);
    for (size_t i = 0; i < layouts->schema_count; i++)
        names = vmwire_text(arena, "%s%s%s", names, i ? ", " : "", layouts->schemas[i]);
    return names;
}

/* ---- Reading ---- */

/* By the layouts alone. The error of the first option counts where none reads it. */
static bool read_without_description(struct sent_stream *sent, struct vmwire_bytes bytes,
                                     const struct arguments *layouts)
{
    const struct vmwire_option *option;
    for (size_t i = 0; (option = undescribed_option(i)); i++) {
        if (!read_side_again(sent->writer, option, bytes, layouts))
            return false;
        if (is_read(sent->writer) || sent->writer->refused.kind == VMWIRE_ERROR_TRUNCATED ||
            sent->writer->refused.kind == VMWIRE_ERROR_UNREAD)
            return true;
    }
    return read_side_again(sent->writer, undescribed_option(0), bytes, layouts);
}

/* By its own description, whatever the option. Returns false with the error reported; `fits`: it is read. */
static bool read_by_description(struct sent_stream *sent, const struct arguments *arguments,
                                bool *fits)
{
    struct side_files *writer = sent->writer;
    const struct vmwire_option *option;
    struct arguments none = *arguments;
    none.schema_count = 0;
    *fits = false;
    for (size_t i = 0; (option = option_as_sent(i)) && !*fits; i++) {
        if (!read_side_again(writer, option, writer->whole, &none))
            return false;
        bool last = !option_as_sent(i + 1);
        *fits = is_read(writer) || (last && writer->refused.kind == VMWIRE_ERROR_UNREAD);
        if (i == 0 || *fits)
            sent->misdescribed = writer->refused;
    }
    if (*fits)
        sent->misdescribed = (struct vmwire_error){.kind = VMWIRE_ERROR_NONE};
    return true;
}

/* The description does not fit: the layouts alone may. */
static bool read_misdescribed(struct sent_stream *sent, const struct arguments *arguments)
{
    struct side_files *writer = sent->writer;
    struct arguments layouts = find_layouts(sent, arguments);
    if (layouts.schema_count) {
        if (!read_without_description(sent, bytes_before_description(writer->whole), &layouts))
            return false;
        sent->layouts = name_layouts(sent, &layouts);
        sent->described = false;
        if (is_read(writer) || writer->refused.kind == VMWIRE_ERROR_UNREAD)
            return true;
        if (program_of(sent->by_reader ? sent->reader : writer))
            sent->misdeclared = writer->refused;
    }
    sent->by_reader = false;
    sent->described = true;
    sent->layouts = "its description";
    struct arguments own = layouts_of_side(writer, arguments);
    return read_side_again(writer, option_as_sent(0), writer->whole, &own);
}

static bool read_described(struct sent_stream *sent, const struct arguments *arguments)
{
    bool fits;
    const struct vmwire_error *malformed = &sent->writer->stream.description;
    sent->described = true;
    sent->layouts = "its description";
    if (malformed->kind != VMWIRE_ERROR_NONE) {
        sent->misdescribed = *malformed;
        return read_misdescribed(sent, arguments);
    }
    return read_by_description(sent, arguments, &fits) &&
           (fits || read_misdescribed(sent, arguments));
}

/* Without a description: QEMU does not miss it. */
static bool read_undescribed(struct sent_stream *sent, const struct arguments *arguments)
{
    struct side_files *writer = sent->writer;
    const struct vmwire_error *description = &writer->stream.description;
    struct vmwire_bytes bytes = writer->whole;
    struct arguments layouts = find_layouts(sent, arguments);
    sent->description_cut = description->kind == VMWIRE_ERROR_TRUNCATED;
    if (sent->description_cut && description->offset < bytes.length)
        bytes.length = (size_t)description->offset;
    sent->layouts = name_layouts(sent, &layouts);
    if (!layouts.schema_count) {
        sent->layouts = NULL;
        sent->no_layouts = "the program that wrote the stream, as STREAM+PROGRAM, or the reader's";
    }
    return read_without_description(sent, bytes, &layouts);
}

bool read_as_sent(struct sent_stream *sent, const struct arguments *arguments)
{
    struct side_files *writer = sent->writer;
    bool read = true;
    if (writer->option && is_todays_wire(writer->option))
        read = vmwire_description_find(writer->whole).length ? read_described(sent, arguments)
                                                             : read_undescribed(sent, arguments);
    else
        sent->layouts = "its description";
    if (!read)
        return false;
    if (sent->by_reader) /* then these are the writer's, too */
        writer->side.declared = sent->reader->side.declared;
    sent->unread = writer->stream.stream.unread;
    sent->error = writer->refused;
    if (sent->error.kind == VMWIRE_ERROR_UNREAD)
        sent->error = (struct vmwire_error){.kind = VMWIRE_ERROR_NONE};
    return true;
}

bool load_by_reader(struct loaded_file *loaded, const struct sent_stream *sent,
                    const struct vmwire_option *option, const struct arguments *arguments)
{
    const struct side_files *writer = sent->writer;
    const char *program = program_of(sent->reader);
    struct arguments layouts = *arguments;
    *loaded = (struct loaded_file){.input = {writer->side.bytes}, .arena = writer->arena};
    if (!program)
        return true;
    layouts.schemas = vmwire_arena_alloc(writer->arena, sizeof(*layouts.schemas));
    layouts.schemas[0] = program;
    layouts.schema_count = 1;
    return load_opened_stream(loaded, writer->stream_name, option, &layouts);
}
