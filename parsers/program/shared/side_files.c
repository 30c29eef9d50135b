/* SPDX-License-Identifier: MIT */
/*
 * Opens the files of a side, and builds its schemas.
 */
#include "program/shared/side_files.h"

#include <ctype.h>
#include <string.h>

#include "program/shared/exit_status.h"
#include "program/shared/parsed_schemas.h"
#include "program/shared/report_error.h"
#include "program/shared/side_names.h"
#include "vmwire/parsed_schema.h"

enum { PARTS_MOST = 16, ENTRIES_MOST = 1 << 12 };

/* A side while it is opened. */
struct opening {
    struct side_files *files;
    const struct vmwire_option *const *options;
    size_t option_count;
    const struct arguments *arguments;
};

static bool fail(const struct opening *opening, const char *file, struct vmwire_error *error)
{
    report_error(opening->arguments, file, error);
    return false;
}

/* ---- The names ---- */

static void add_part(struct side_files *files, const char *name, bool added)
{
    files->parts[files->part_count++] = (struct side_part){.name = name, .added = added};
}

static bool name_parts(const struct opening *opening, struct vmwire_error *error)
{
    struct side_files *files = opening->files;
    const struct arguments *arguments = opening->arguments;
    const size_t room = PARTS_MOST + arguments->schema_count;
    files->parts = vmwire_arena_alloc(files->arena, room * sizeof(*files->parts));
    struct side_names names;
    if (!split_side(&names, files->words, files->arena, error))
        return false;
    if (names.count > PARTS_MOST)
        return vmwire_error_set(error, VMWIRE_ERROR_LIMIT, VMWIRE_ERROR_NO_OFFSET,
                                "more than %d files in one side", PARTS_MOST);
    for (size_t i = 0; i < names.count; i++)
        add_part(files, names.names[i], false);
    for (size_t i = 0; i < arguments->schema_count; i++)
        add_part(files, arguments->schemas[i], true);
    return true;
}

/* ---- The files ---- */

static bool is_own_stream(const struct side_part *part)
{
    return part->file.kind == FILE_STREAM && !part->added;
}

static enum file_kind program_or_declarations(enum file_kind kind)
{
    return kind == FILE_DECLARATIONS ? FILE_PROGRAM : kind;
}

/* A side has one stream, one program, one dump. */
static bool is_second(const struct side_files *files, const struct side_part *part)
{
    for (const struct side_part *each = files->parts; each < part; each++)
        if (!each->added && !part->added &&
            program_or_declarations(each->file.kind) == program_or_declarations(part->file.kind))
            return true;
    return false;
}

static bool open_part(const struct opening *opening, struct side_part *part)
{
    static const char *const names[FILE_KINDS] = {
        [FILE_STREAM] = "stream",
        [FILE_PROGRAM] = "program",
        [FILE_DECLARATIONS] = "program",
        [FILE_DESCRIPTION] = "description",
        [FILE_DUMP] = "dump",
    };
    struct side_files *files = opening->files;
    const struct arguments *arguments = opening->arguments;
    const struct place anywhere = {NULL, NULL};
    struct vmwire_error error = {0};
    if (!open_file(&part->file, part->name, part->added, files->arena, &error))
        return fail(opening, part->name, &error);
    if (is_second(files, part)) {
        vmwire_error_set(&error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                         "a second %s in one side: a side is one machine", names[part->file.kind]);
        return fail(opening, part->name, &error);
    }
    /* So whoever reads the layouts again need not open it again. */
    if (part->file.root && arguments->parsed &&
        !find_parsed_schema(arguments->parsed, part->name, &anywhere))
        keep_parsed_schema(arguments->parsed, part->name, &anywhere, part->file.root);
    return true;
}

static bool open_parts(const struct opening *opening)
{
    struct side_files *files = opening->files;
    for (size_t i = 0; i < files->part_count; i++)
        if (!open_part(opening, &files->parts[i]))
            return false;
    return true;
}

/* ---- The schemas ---- */

static bool has_own(const struct side_files *files, enum file_kind kind)
{
    for (size_t i = 0; i < files->part_count; i++)
        if (!files->parts[i].added && program_or_declarations(files->parts[i].file.kind) == kind)
            return true;
    return false;
}

/* Not what another program declares, or dumps, beside the side's own. */
static bool counts(const struct side_files *files, const struct side_part *part)
{
    enum file_kind kind = program_or_declarations(part->file.kind);
    return !part->added || (kind != FILE_PROGRAM && kind != FILE_DUMP) || !has_own(files, kind);
}

/* Makes a schema of all files of this kind. Leaves it NULL where there is none. */
static bool build_schema(const struct opening *opening, enum file_kind kind,
                         const struct vmwire_schema **schema)
{
    struct side_files *files = opening->files;
    struct vmwire_schema *built = NULL;
    struct vmwire_error error = {0};
    for (size_t i = 0; i < files->part_count; i++) {
        const struct side_part *part = &files->parts[i];
        if (program_or_declarations(part->file.kind) != kind || !counts(files, part))
            continue;
        built = built ? built : vmwire_schema_create(files->arena, &error);
        if (!built || !vmwire_schema_add_json(built, part->file.root, &error))
            return fail(opening, part->name, &error);
    }
    if (built && !vmwire_schema_finish(built, &error))
        return fail(opening, files->words, &error);
    *schema = built;
    return true;
}

struct arguments layouts_of_side(const struct side_files *files, const struct arguments *arguments)
{
    struct arguments layouts = *arguments;
    layouts.schemas =
        vmwire_arena_alloc(files->arena, files->part_count * sizeof(*layouts.schemas));
    layouts.schema_count = 0;
    for (size_t i = 0; i < files->part_count; i++) {
        const struct side_part *part = &files->parts[i];
        if (!is_own_stream(part) && part->file.kind != FILE_DUMP && counts(files, part))
            layouts.schemas[layouts.schema_count++] = part->name;
    }
    return layouts;
}

/* ---- The stream ---- */

/* Items are kept while a stream is read, also where it is refused in the end. */
struct keeping {
    struct vmwire_arena *arena;
    const struct vmwire_item **items;
    size_t count, room;
};

static void keep_item(void *context, const struct vmwire_item *item)
{
    struct keeping *keeping = context;
    keeping->items = vmwire_arena_grow(keeping->arena, keeping->items, keeping->count,
                                       &keeping->room, sizeof(struct vmwire_item *));
    keeping->items[keeping->count++] = item;
}

static void ignore_entry(void *context, const struct vmwire_item *section,
                         const struct vmwire_entry *entry)
{
    (void)context, (void)section, (void)entry;
}

static void count_entry(void *context, const struct vmwire_item *section,
                        const struct vmwire_entry *entry)
{
    size_t *count = context;
    (void)section, (void)entry;
    ++*count;
}

/* A machine has few blocks of RAM. Of a stream with more entries than any has they are not kept. */
static bool has_few_entries(const struct side_files *files)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    size_t count = 0;
    struct vmwire_reading reading = {.option = files->option,
                                     .input = files->side.bytes,
                                     .schema = files->stream.schema,
                                     .entry_sink = {&count, count_entry}};
    return vmwire_stream_read(&reading, &cost, &error) && count <= ENTRIES_MOST;
}

/* Keeps the items of the bytes. `all_entries`: those of RAM, too. Returns false when memory runs out. */
static bool read_items(struct side_files *files, bool all_entries, struct vmwire_error *error)
{
    struct vmwire_cost cost;
    struct keeping keeping = {.arena = files->arena};
    struct vmwire_reading reading = {
        .option = files->option,
        .input = files->side.bytes,
        .schema = files->stream.schema,
        .arena = files->arena,
        .sink = {&keeping, keep_item, true},
        .entry_sink = {NULL, all_entries ? NULL : ignore_entry},
    };
    if (!vmwire_stream_read(&reading, &cost, error) && error->kind == VMWIRE_ERROR_MEMORY)
        return false;
    struct vmwire_stream *stream = vmwire_arena_alloc(files->arena, sizeof(*stream));
    *stream = (struct vmwire_stream){keeping.items, keeping.count};
    files->side.stream = stream;
    return true;
}

/* Why the stream is refused, as far as it is known: a stream that nothing describes cannot be read. */
static struct vmwire_error reason_of(const struct side_files *files, struct vmwire_error error)
{
    const struct loaded_file *stream = &files->stream;
    if (error.kind != VMWIRE_ERROR_NO_LAYOUT)
        return error;
    if (stream->undescribed.kind != VMWIRE_ERROR_NONE)
        return stream->undescribed;
    if (stream->description.kind != VMWIRE_ERROR_NONE)
        return stream->description;
    if (!vmwire_description_find(stream->input.bytes).length && !files->side.declared)
        vmwire_error_set(&error, VMWIRE_ERROR_NO_LAYOUT, stream->input.bytes.length,
                         "no description at the end of the stream: it is cut off, or was written "
                         "with suppress-vmdesc=on; "
                         "give the program that wrote it, as FILE+PROGRAM or --schema PROGRAM");
    return error;
}

/* Reads the stream to its end, without the pages of RAM. */
static bool read_whole(struct side_files *files, struct vmwire_error *error)
{
    struct loaded_file *stream = &files->stream;
    struct vmwire_cost cost;
    const struct omitting omitting = {OMIT_RAM, files->option, stream->input.bytes, stream->schema,
                                      files->arena};
    return leave_out_pages(&stream->stream, &omitting, &cost, error) &&
           !refuse_unread(stream, error);
}

/* The blocks of mapped RAM have their pages elsewhere in the file, so nothing is left out. */
static bool read_stream(const struct opening *opening)
{
    struct side_files *files = opening->files;
    struct loaded_file *stream = &files->stream;
    struct vmwire_error error = {0};
    files->side.described = stream->schema;
    if (!read_whole(files, &error)) {
        if (error.kind == VMWIRE_ERROR_MEMORY)
            return fail(opening, files->stream_name, &error);
        files->refused = reason_of(files, error);
    }
    bool paged_out = files->refused.kind == VMWIRE_ERROR_NONE && !stream->stream.has_mapped_ram;
    if (!paged_out)
        stream->stream.gap_count = 0;
    files->side.entry_kinds = stream->stream.entry_kinds;
    files->side.lost_pages = stream->stream.pages.lost;
    files->side.lost_page_count = stream->stream.pages.lost_count;
    files->side.ram = ram_seen(&stream->stream.pages);
    files->side.drives = stream->stream.pages.drives;
    files->side.drive_count = stream->stream.pages.drive_count;
    files->side.bitmaps = stream->stream.pages.bitmaps;
    files->side.bitmap_count = stream->stream.pages.bitmap_count;
    files->side.bytes = paged_out ? stream->stream.bytes : stream->input.bytes;
    return read_items(files, paged_out || has_few_entries(files), &error) ||
           fail(opening, files->stream_name, &error);
}

bool read_side_again(struct side_files *files, const struct vmwire_option *option,
                     struct vmwire_bytes bytes, const struct arguments *layouts)
{
    struct loaded_file *stream = &files->stream;
    const struct opening opening = {files, &option, 1, layouts};
    const bool same = bytes.length == stream->input.bytes.length;
    files->option = option;
    files->refused = (struct vmwire_error){.kind = VMWIRE_ERROR_NONE};
    stream->input.bytes = bytes;
    if (!same || layouts->schema_count) {
        stream->undescribed = (struct vmwire_error){.kind = VMWIRE_ERROR_NONE};
        if (!load_opened_stream(stream, files->stream_name, option, layouts))
            return false;
    }
    return read_stream(&opening);
}

struct vmwire_bytes bytes_before_description(struct vmwire_bytes stream)
{
    enum { HEADER = 1 + 4 }; /* its type and its length */
    const struct vmwire_bytes json = vmwire_description_find(stream);
    return (struct vmwire_bytes){stream.data, (size_t)(json.data - stream.data) - HEADER};
}

/* A description tells the elements of a list by the first one, and some have each another length: then the side's own program
 * alone may read the stream. */
static bool read_by_program(struct side_files *files, const struct arguments *layouts)
{
    if (files->refused.kind == VMWIRE_ERROR_NONE || !files->side.declared ||
        files->option->encoding == VMWIRE_ENCODING_DER ||
        !vmwire_description_find(files->whole).length)
        return true;
    if (!read_side_again(files, files->option, bytes_before_description(files->whole), layouts))
        return false;
    return files->refused.kind == VMWIRE_ERROR_NONE ||
           read_side_again(files, files->option, files->whole, layouts);
}

/* There is no option of this stream version. */
static void refuse_version(struct side_files *files)
{
    const struct vmwire_bytes bytes = files->stream.input.bytes;
    vmwire_error_set(&files->refused, VMWIRE_ERROR_STREAM_VERSION, 4,
                     "stream version %u, which no option has", vmwire_be32(bytes.data + 4));
    files->side.bytes = bytes;
}

static bool load_own_stream(const struct opening *opening, struct side_part *part)
{
    struct side_files *files = opening->files;
    const struct arguments layouts = layouts_of_side(files, opening->arguments);
    files->stream.arena = files->arena;
    files->stream.with_layouts = true;      /* facts tell what depends on the state */
    files->stream.input = part->file.input; /* unload() closes it */
    part->file.input = (struct vmwire_input){{NULL, 0}};
    files->stream_name = part->name;
    files->whole = files->stream.input.bytes;
    files->option =
        opening->option_count == 1
            ? opening->options[0]
            : option_of_stream(files->stream.input.bytes, opening->options, opening->option_count);
    if (!files->option) {
        refuse_version(files);
        return true;
    }
    return load_opened_stream(&files->stream, part->name, files->option, &layouts) &&
           read_stream(opening) && read_by_program(files, &layouts);
}

static bool is_printable(struct vmwire_bytes text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!isprint(text.data[i]))
            return false;
    return true;
}

/* Whether the side's program can have written its stream, which it has not read to its end: it has the machine type. Else what it
 * declares is that of other devices. */
static bool is_of_program(const struct opening *opening)
{
    struct side_files *files = opening->files;
    const struct vmwire_schema *declared = files->side.declared;
    const struct vmwire_program_facts *program = declared ? declared->program : NULL;
    const struct vmwire_bytes machine = vmwire_stream_machine(files->side.stream);
    if (files->refused.kind == VMWIRE_ERROR_NONE || !program || !program->machine_count ||
        !machine.length || !is_printable(machine))
        return true;
    for (size_t i = 0; i < program->machine_count; i++)
        if (strncmp((const char *)machine.data, program->machines[i].name, machine.length) == 0)
            return true;
    struct vmwire_error error;
    vmwire_error_set(&error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                     "the program that is given with it has %zu machine types, and not this "
                     "stream's \"%.*s\": expected the program that wrote it",
                     program->machine_count, (int)machine.length, (const char *)machine.data);
    return fail(opening, files->stream_name, &error);
}

/* ---- The side ---- */

/* Without a stream, `described` is a description, or nothing. */
static bool build_side(const struct opening *opening)
{
    struct side_files *files = opening->files;
    struct vmwire_error error = {0};
    if (!build_schema(opening, FILE_PROGRAM, &files->side.declared) ||
        !build_schema(opening, FILE_DUMP, &files->side.dumped))
        return false;
    for (size_t i = 0; i < files->part_count; i++)
        if (is_own_stream(&files->parts[i]))
            return load_own_stream(opening, &files->parts[i]) && is_of_program(opening);
    if (!build_schema(opening, FILE_DESCRIPTION, &files->side.described))
        return false;
    if (files->side.described || files->side.declared || files->side.dumped)
        return true;
    vmwire_error_set(&error, VMWIRE_ERROR_NO_LAYOUT, VMWIRE_ERROR_NO_OFFSET, "no layout");
    return fail(opening, files->words, &error);
}

static bool open_within_attempt(void *context)
{
    const struct opening *opening = context;
    struct vmwire_error error = {0};
    if (!name_parts(opening, &error))
        return fail(opening, opening->files->words, &error);
    return open_parts(opening) && build_side(opening);
}

const char *section_before(const struct side_files *files, uint64_t offset,
                           struct vmwire_arena *arena)
{
    const struct vmwire_stream *stream = files->side.stream;
    const struct vmwire_item *last = NULL;
    for (size_t i = 0; stream && i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (item->idstr.length && item->kind != VMWIRE_ITEM_CONFIGURATION &&
            (uint64_t)(item->raw.data - files->side.bytes.data) < offset)
            last = item;
    }
    return last ? vmwire_arena_string(arena, (const char *)last->idstr.data, last->idstr.length)
                : NULL;
}

bool open_side(struct side_files *files, const char *words,
               const struct vmwire_option *const *options, size_t option_count,
               const struct arguments *arguments)
{
    struct vmwire_error error = {0};
    struct opening opening = {files, options, option_count, arguments};
    *files = (struct side_files){.words = words, .arena = vmwire_arena_create()};
    if (!files->arena) {
        vmwire_error_set_memory(&error, 0);
        return fail(&opening, words, &error);
    }
    bool opened = vmwire_arena_attempt(files->arena, open_within_attempt, &opening, &error);
    /* Errors of the body are reported already. */
    return opened || (error.kind == VMWIRE_ERROR_MEMORY && fail(&opening, words, &error));
}

int report_refused_side(const struct arguments *arguments, const struct side_files *files)
{
    struct vmwire_error error = files->refused;
    return report_error(arguments, files->stream_name, &error);
}

bool names_standard_input(const char *words)
{
    for (const char *name = words; name; name = strchr(name, '+')) {
        name += *name == '+';
        if (name[0] == '-' && (!name[1] || name[1] == '+'))
            return true;
    }
    return false;
}

void close_side(struct side_files *files)
{
    for (size_t i = 0; i < files->part_count; i++)
        close_file(&files->parts[i].file);
    if (files->whole.data)
        files->stream.input.bytes = files->whole;
    vmwire_input_close(&files->stream.input);
    vmwire_arena_destroy(files->arena);
}

bool have_one_stream(const struct side_files *writer, const struct side_files *reader)
{
    return writer->stream_name && reader->stream_name &&
           strcmp(writer->stream_name, reader->stream_name) == 0;
}
