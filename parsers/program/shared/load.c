/* SPDX-License-Identifier: MIT */
/*
 * Loads a file and its schema.
 */
#include "program/shared/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program/shared/confined_file.h"
#include "program/shared/exit_status.h"
#include "program/shared/make_description.h"
#include "program/shared/parsed_schemas.h"
#include "program/shared/program_files.h"
#include "program/shared/report_error.h"
#include "vmwire/declared_json.h"
#include "vmwire/parsed_schema.h"

static const struct place anywhere = {NULL, NULL};

static bool begins_as_stream(struct vmwire_bytes bytes)
{
    static const char magic[4] = "QEVM"; /* grammar/stream.re */
    size_t length = bytes.length < sizeof(magic) ? bytes.length : sizeof(magic);
    return memcmp(bytes.data, magic, length) == 0;
}

enum { STREAM_HEAD = 8 }; /* bytes: the magic and the stream version */

/* What a pipe is judged with. */
struct pipe_kind {
    const struct vmwire_option *option; /* NULL: the first one of the stream's version */
    struct vmwire_arena *arena;         /* of the schema; NULL: not needed yet */
    struct vmwire_schema *schema;       /* knows the configuration, but no device */
};

/* Returns false when memory runs out. */
static bool make_pipe_schema(struct pipe_kind *kind)
{
    struct vmwire_error error;
    if (kind->schema)
        return true;
    if (!kind->arena)
        kind->arena = vmwire_arena_create();
    struct vmwire_schema *schema = kind->arena ? vmwire_schema_create(kind->arena, &error) : NULL;
    if (!schema || !vmwire_schema_finish(schema, &error))
        return false;
    kind->schema = schema;
    return true;
}

static const struct vmwire_option *option_of_version(uint32_t stream_version)
{
    size_t i = 0;
    while (i < vmwire_option_count && vmwire_options[i].stream_version != stream_version)
        i++;
    return i < vmwire_option_count ? &vmwire_options[i] : NULL;
}

const struct vmwire_option *option_of_stream(struct vmwire_bytes stream,
                                             const struct vmwire_option *const *options,
                                             size_t count)
{
    if (stream.length < STREAM_HEAD || !begins_as_stream(stream))
        return options[0];
    uint32_t version = vmwire_be32(stream.data + 4);
    for (size_t i = 0; i < count; i++)
        if (options[i]->stream_version == version)
            return options[i];
    return option_of_version(version);
}

/* The flags of an entry are bits below the size of a page, which the description behind all sections can tell. */
static bool depends_on_page_size(const struct vmwire_error *error)
{
    static const char section[] = "\"ram\"";
    return strncmp(error->section, section, sizeof(section) - 1) == 0;
}

/* How far a pipe with a stream is copied. That it is none shows at its head, or where it ends there and goes on. */
static uint64_t limit_of_stream(struct pipe_kind *kind, struct vmwire_bytes head)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    if (head.length < STREAM_HEAD)
        return VMWIRE_INPUT_LIMIT;
    const struct vmwire_option *option =
        kind->option ? kind->option : option_of_version(vmwire_be32(head.data + 4));
    if (!option)
        return 0;
    if (!make_pipe_schema(kind))
        return VMWIRE_INPUT_LIMIT; /* whoever loads it runs out of memory, too, and says so */
    struct vmwire_reading reading = {.option = option, .input = head, .schema = kind->schema};
    bool ended = vmwire_stream_read(&reading, &cost, &error);
    /* Before the first section, nothing depends on a description: only bytes that are missing can mend an error. */
    bool refused =
        ended ? cost.accounted[VMWIRE_ACCOUNT_UNREAD] > 0 && !cost.pages
              : !cost.sections && !depends_on_page_size(&error) &&
                    error.kind != VMWIRE_ERROR_TRUNCATED && error.kind != VMWIRE_ERROR_NO_LAYOUT &&
                    error.kind != VMWIRE_ERROR_NOT_DESCRIBED &&
                    error.kind != VMWIRE_ERROR_NO_READING && error.kind != VMWIRE_ERROR_MEMORY;
    return refused ? 0 : VMWIRE_INPUT_LIMIT;
}

/* Judges a pipe: it has a stream, or JSON. */
static uint64_t limit_of_pipe(void *context, struct vmwire_bytes head)
{
    if (begins_as_stream(head))
        return limit_of_stream(context, head);
    static const char blank[] = {' ', '\t', '\r', '\n'};
    size_t blanks = 0;
    while (blanks < head.length && memchr(blank, head.data[blanks], sizeof(blank)))
        blanks++;
    bool json = blanks < head.length ? head.data[blanks] == '{' : blanks < VMWIRE_INPUT_HEAD;
    return json ? VMWIRE_SCHEMA_JSON_LIMIT + 1 : 0;
}

/* Opens a file of the command line, or, with a folder, one that a manifest names. `option`: of the stream; NULL: any. */
static bool open_input(struct vmwire_input *input, const char *file, const struct place *place,
                       const struct vmwire_option *option, struct vmwire_error *error)
{
    if (place->folder)
        return open_confined_input(input, place, file, error);
    struct pipe_kind kind = {.option = option};
    const struct vmwire_input_judge judge = {&kind, limit_of_pipe};
    bool opened = vmwire_input_open(input, file, &judge, error);
    vmwire_arena_destroy(kind.arena);
    return opened;
}

static bool begins_as_program(struct vmwire_bytes bytes)
{
    static const char magic[4] = "\x7f"
                                 "ELF";
    return bytes.length >= sizeof(magic) && memcmp(bytes.data, magic, sizeof(magic)) == 0;
}

static json_t *find_declared(const struct vmwire_bytes *files, size_t count, size_t *fault,
                             struct vmwire_arena *arena, struct vmwire_error *error)
{
    const struct vmwire_declarations *found =
        vmwire_declarations_find(arena, files, count, fault, error);
    return found ? vmwire_declarations_json(found, error) : NULL;
}

static bool begins_as_json(struct vmwire_bytes bytes)
{
    return bytes.length && bytes.data[0] == '{';
}

/* A program and its modules while they are read: known outside of an attempt, so that they are closed when memory runs out. */
struct reading_program {
    struct program_files files;
    const char *file;
    struct vmwire_arena *arena;
    json_t *root;
    struct vmwire_error *error;
};

static bool find_declared_in_files(void *context)
{
    struct reading_program *reading = context;
    struct program_files *files = &reading->files;
    struct vmwire_bytes bytes[PROGRAM_FILES_LIMIT];
    struct program_request request = {.program = reading->file};
    size_t fault = 0;
    if (!open_program_files(files, &request, reading->arena, reading->error))
        return false;
    for (size_t i = 0; i < files->count; i++)
        bytes[i] = files->inputs[i].bytes;
    reading->root = find_declared(bytes, files->count, &fault, reading->arena, reading->error);
    if (!reading->root)
        snprintf(reading->error->file, sizeof(reading->error->file), "%s", files->names[fault]);
    return reading->root;
}

/* What a program and its modules declare. */
static json_t *find_declared_with_modules(const char *file, struct vmwire_arena *arena,
                                          struct vmwire_error *error)
{
    struct reading_program reading = {
        .files = {.count = 0}, .file = file, .arena = arena, .error = error};
    vmwire_arena_attempt(arena, find_declared_in_files, &reading, error);
    close_program_files(&reading.files);
    return reading.root;
}

/* What a program declares. One that a manifest names has no modules. */
static json_t *parse_program(struct vmwire_arena *owner, const char *file,
                             const struct place *place, struct vmwire_bytes program,
                             struct vmwire_error *error)
{
    size_t fault = 0;
    struct vmwire_arena *arena = vmwire_arena_create_within(owner);
    if (!arena) {
        vmwire_error_set_memory(error, 0);
        return NULL;
    }
    json_t *root = place->folder ? find_declared(&program, 1, &fault, arena, error)
                                 : find_declared_with_modules(file, arena, error);
    vmwire_arena_destroy(arena);
    return root;
}

static enum file_kind kind_of_json(const json_t *root)
{
    const json_t *devices = json_object_get(root, "devices");
    if (json_object_get(root, "declarations") && json_object_get(root, "structures"))
        return FILE_DECLARATIONS;
    return devices && !json_is_object(devices) ? FILE_DESCRIPTION : FILE_DUMP;
}

static bool parse_opened(struct opened_file *opened, struct vmwire_error *error)
{
    opened->root = vmwire_schema_parse(opened->input.bytes, error);
    opened->kind = kind_of_json(opened->root);
    return opened->root;
}

/* What is wrong with the description, whoever loads the stream will say. */
static bool parse_own_description(struct opened_file *opened, struct vmwire_error *error)
{
    struct vmwire_bytes json;
    error->kind = VMWIRE_ERROR_NONE;
    if (vmwire_description_locate(opened->input.bytes, &json, error) && json.length)
        opened->root = vmwire_schema_parse(json, error);
    return error->kind != VMWIRE_ERROR_MEMORY;
}

/* Not in the folder where the command runs. */
static bool is_in_path(const char *file)
{
    return strcmp(file, "-") != 0 && !strchr(file, '/') && access(file, F_OK) != 0;
}

bool open_file(struct opened_file *opened, const char *file, bool described,
               struct vmwire_arena *arena, struct vmwire_error *error)
{
    bool program = is_in_path(file);
    if (!program && !open_input(&opened->input, file, &anywhere, NULL, error))
        return false;
    if (program || begins_as_program(opened->input.bytes)) {
        opened->kind = FILE_PROGRAM;
        opened->root = parse_program(arena, file, &anywhere, opened->input.bytes, error);
        return opened->root;
    }
    if (begins_as_json(opened->input.bytes))
        return parse_opened(opened, error);
    opened->kind = FILE_STREAM;
    return !described || parse_own_description(opened, error);
}

void close_file(struct opened_file *opened)
{
    vmwire_input_close(&opened->input);
    json_decref(opened->root);
    opened->root = NULL;
}

/* Parses a file and adds its layouts to the schema. `keeps`: keeps them for other schemas; NULL: none does. */
static bool parse_and_add(struct vmwire_schema *schema, const char *file, const struct place *place,
                          struct vmwire_bytes bytes, struct parsed_schemas *keeps,
                          struct vmwire_error *error)
{
    json_t *root = begins_as_program(bytes)
                       ? parse_program(schema->arena, file, place, bytes, error)
                       : vmwire_schema_parse(bytes, error);
    if (root && keeps)
        keep_parsed_schema(keeps, file, place, root);
    bool added = root && vmwire_schema_add_json(schema, root, error);
    json_decref(root);
    return added;
}

/* Adds the layouts of a file to the schema. `keeps`: likewise. */
static bool add_layouts(struct vmwire_schema *schema, const char *file, const struct place *place,
                        struct vmwire_bytes bytes, struct parsed_schemas *keeps,
                        struct vmwire_error *error)
{
    return begins_as_stream(bytes) ? vmwire_schema_add(schema, bytes, error)
                                   : parse_and_add(schema, file, place, bytes, keeps, error);
}

/* Opens a file, and adds its layouts to the schema. */
static bool open_and_add_layouts(struct vmwire_schema *schema, const char *file,
                                 const struct place *place, const struct arguments *arguments,
                                 struct vmwire_error *error)
{
    struct vmwire_input input = {0};
    bool added = open_input(&input, file, place, NULL, error) &&
                 add_layouts(schema, file, place, input.bytes, arguments->parsed, error);
    vmwire_input_close(&input);
    return added;
}

/* Adds the layouts of a stream, a description, a dump or a program to the schema. */
static bool add_schema_file(struct vmwire_schema *schema, const char *file,
                            const struct place *place, const struct arguments *arguments)
{
    struct vmwire_error error = {0};
    json_t *parsed = arguments->parsed ? find_parsed_schema(arguments->parsed, file, place) : NULL;
    if (parsed ? vmwire_schema_add_json(schema, parsed, &error)
               : open_and_add_layouts(schema, file, place, arguments, &error))
        return true;
    report_error(arguments, file, &error);
    return false;
}

/* Adds the description at the stream's end. A stream without one is no error here: --schema may have
 * the layouts. validate_stream() reports a layout that is missing. `must`: one that is not of QEMU's form is an error. */
static bool add_own_description(struct loaded_file *loaded, const char *file, bool must,
                                const struct arguments *arguments)
{
    struct vmwire_bytes description;
    struct vmwire_error error = {0};
    loaded->description = (struct vmwire_error){.kind = VMWIRE_ERROR_NONE};
    if (!vmwire_description_locate(loaded->input.bytes, &description, &loaded->description))
        return true;
    if (!description.length || vmwire_schema_add_description(loaded->schema, description, &error))
        return true;
    if (error.offset != VMWIRE_ERROR_NO_OFFSET)
        error.offset += (uint64_t)(description.data - loaded->input.bytes.data);
    if (!must && error.kind != VMWIRE_ERROR_MEMORY) {
        loaded->description = error;
        return true;
    }
    report_error(arguments, file, &error);
    return false;
}

/* Marks the subsections that the release of --existing has already. */
static bool mark_existing_subsections(struct loaded_file *loaded, const struct arguments *arguments)
{
    if (!arguments->existing)
        return true;
    struct vmwire_error error;
    struct vmwire_schema *older = vmwire_schema_create(loaded->arena, &error);
    if (older && !add_schema_file(older, arguments->existing, &anywhere, arguments))
        return false;
    if (older && vmwire_schema_finish(older, &error) &&
        vmwire_schema_set_existing(loaded->schema, older, &error))
        return true;
    report_error(arguments, arguments->existing, &error);
    return false;
}

static bool add_own_schema(struct loaded_file *loaded, const char *file,
                           const struct arguments *arguments, const struct place *place)
{
    struct vmwire_error error = {0};
    if (!loaded->schema_only)
        return add_own_description(loaded, file, true, arguments);
    if (add_layouts(loaded->schema, file, place, loaded->input.bytes, NULL, &error))
        return true;
    report_error(arguments, file, &error);
    return false;
}

/* Makes the arena and an empty schema. */
static bool begin_schema(struct loaded_file *loaded, struct vmwire_error *error)
{
    if (!loaded->arena)
        loaded->arena = vmwire_arena_create();
    if (!loaded->arena)
        return vmwire_error_set_memory(error, 0);
    loaded->schema = vmwire_schema_create(loaded->arena, error);
    return loaded->schema != NULL &&
           (!loaded->with_layouts || vmwire_schema_add_layouts(loaded->schema, error));
}

static bool complete_schema(struct loaded_file *loaded, const char *file,
                            const struct arguments *arguments);

/* Adds what the stream of --schema number `index`, which has no description, shows of the layouts that programs before it
 * declare. Returns false with the error reported. */
static bool add_shown_layouts(struct vmwire_schema *schema, size_t index, const struct place *place,
                              const struct arguments *arguments)
{
    const char *file = arguments->schemas[index];
    struct arguments before = *arguments;
    struct loaded_file shown = {.arena = NULL};
    struct made_description made = {.root = NULL};
    struct vmwire_error error = {0};
    before.schema_count = index;
    bool added =
        begin_schema(&shown, &error) &&
        open_input(&shown.input, file, place, arguments->option, &error) &&
        complete_schema(&shown, file, &before) &&
        make_description(&made, arguments->option, shown.input.bytes, shown.schema, true, &error) &&
        vmwire_schema_add_made_json(schema, made.root, &error);
    free_description(&made);
    unload(&shown);
    if (!added)
        report_error(arguments, file, &error);
    return added;
}

/* A stream without a description, behind a program. */
static bool is_shown_by_program(size_t index, const struct place *place,
                                const struct arguments *arguments)
{
    struct vmwire_error error;
    struct vmwire_input input = {0};
    if (arguments->parsed &&
        find_parsed_schema(arguments->parsed, arguments->schemas[index], place))
        return false;
    bool shown = index && open_input(&input, arguments->schemas[index], place, NULL, &error) &&
                 begins_as_stream(input.bytes) && !vmwire_description_find(input.bytes).length;
    vmwire_input_close(&input);
    return shown;
}

static bool add_schema_number(struct vmwire_schema *schema, size_t index,
                              const struct arguments *arguments)
{
    const struct place beside = {arguments->folder, SCHEMAS_FOLDER};
    const struct place *place = index < arguments->folder_schema_count ? &beside : &anywhere;
    return is_shown_by_program(index, place, arguments)
               ? add_shown_layouts(schema, index, place, arguments)
               : add_schema_file(schema, arguments->schemas[index], place, arguments);
}

/* Adds the layouts of --schema, and finishes the schema. */
static bool complete_schema(struct loaded_file *loaded, const char *file,
                            const struct arguments *arguments)
{
    struct vmwire_error error = {0};
    for (size_t i = 0; i < arguments->schema_count; i++)
        if (!add_schema_number(loaded->schema, i, arguments))
            return false;
    if (vmwire_schema_finish(loaded->schema, &error))
        return true;
    report_error(arguments, file, &error);
    return false;
}

/* Makes the schema anew: with the stream's own description, behind a made one (NULL: none), and --schema. */
static bool load_schemas(struct loaded_file *loaded, const char *file, json_t *made,
                         const struct arguments *arguments)
{
    struct vmwire_error error = {0};
    struct vmwire_bytes own = vmwire_description_find(loaded->input.bytes);
    const struct vmwire_schema *before = loaded->schema;
    bool begun = begin_schema(loaded, &error);
    if (begun)
        vmwire_schema_share_layouts(loaded->schema, before);
    bool described = begun && vmwire_schema_add_layouts(loaded->schema, &error) &&
                     (!made || vmwire_schema_add_made_json(loaded->schema, made, &error)) &&
                     (!own.length || loaded->description.kind != VMWIRE_ERROR_NONE ||
                      vmwire_schema_add_description(loaded->schema, own, &error));
    if (!described)
        report_error(arguments, file, &error);
    return described && complete_schema(loaded, file, arguments);
}

/* The option that reads what the stream's own description leaves open. With a description it is the one that goes by it: no
 * value misleads it. NULL: none. */
static const struct vmwire_option *describing_option(const struct vmwire_option *option,
                                                     bool described)
{
    bool as_today = option->subsections == VMWIRE_SUBSECTION_INLINE &&
                    option->encoding == VMWIRE_ENCODING_QEMU && !option->sentinel &&
                    !option->framed;
    if (!described || !as_today)
        return option;
    return option->look == VMWIRE_LOOK_DESCRIBED ? NULL : vmwire_option_find("described");
}

/* Where a program is given, what a stream's own description leaves open is found in the bytes, and described: sections that it
 * does not have, and what is in fields of private encodings. From then on the stream counts as described. `must`: it is an error
 * where nothing else describes the stream, and that fails. Otherwise whoever reads the stream says what is at fault. */
static bool describe_by_program(struct loaded_file *loaded, const char *file,
                                const struct vmwire_option *option, bool must,
                                const struct arguments *arguments)
{
    struct vmwire_error error = {0};
    struct made_description made;
    const struct vmwire_bytes stream = loaded->input.bytes;
    const bool described = vmwire_description_find(stream).length > 0;
    const struct vmwire_option *describing = describing_option(option, described);
    if (loaded->schema_only || !loaded->schema->declared_count || !describing)
        return true;
    must = must && !described && !loaded->schema->device_count;
    bool found = make_description(&made, describing, stream, loaded->schema,
                                  !loaded->whole_encodings, &error) ||
                 (made.root && !must && error.kind != VMWIRE_ERROR_MEMORY);
    bool loads = !found || load_schemas(loaded, file, made.root, arguments);
    if (found && loads && !check_description(&made, option, stream, loaded->schema, &error)) {
        found = false;
        loads = must || load_schemas(loaded, file, NULL, arguments);
    }
    if (!found || !made.accepted)
        loaded->undescribed = error;
    free_description(&made);
    if (!found && (must || error.kind == VMWIRE_ERROR_MEMORY)) {
        report_error(arguments, file, &error);
        return false;
    }
    return loads;
}

bool describe_stream(struct loaded_file *loaded, const char *file,
                     const struct vmwire_option *option, const struct arguments *arguments)
{
    return (!option || describe_by_program(loaded, file, option, true, arguments)) &&
           mark_existing_subsections(loaded, arguments);
}

static bool load_as(struct loaded_file *loaded, const char *file, const struct arguments *arguments,
                    const struct vmwire_option *option, bool may_be_schema)
{
    struct vmwire_error error = {0};
    const struct place place = {arguments->folder, may_be_schema ? SCHEMAS_FOLDER : NULL};
    if (!begin_schema(loaded, &error) ||
        !open_input(&loaded->input, file, &place, option, &error)) {
        report_error(arguments, file, &error);
        return false;
    }
    loaded->schema_only = may_be_schema && (begins_as_json(loaded->input.bytes) ||
                                            begins_as_program(loaded->input.bytes));
    return add_own_schema(loaded, file, arguments, &place) &&
           complete_schema(loaded, file, arguments) &&
           describe_stream(loaded, file, option, arguments);
}

bool load_stream(struct loaded_file *loaded, const char *file, const struct arguments *arguments)
{
    return load_as(loaded, file, arguments, arguments->option, false);
}

bool load_stream_or_schema(struct loaded_file *loaded, const char *file,
                           const struct arguments *arguments)
{
    return load_as(loaded, file, arguments, arguments->option, true);
}

/* Whether the file itself tells layouts. */
static bool tells_layouts(const struct loaded_file *loaded)
{
    bool devices = loaded->schema->device_count + loaded->schema->type_count > 0;
    return loaded->schema_only || (begins_as_stream(loaded->input.bytes) && devices &&
                                   loaded->description.kind == VMWIRE_ERROR_NONE);
}

static bool refuse_without_layouts(const struct loaded_file *loaded, const char *file,
                                   const struct arguments *arguments)
{
    struct vmwire_error error = loaded->description;
    if (error.kind == VMWIRE_ERROR_NONE)
        vmwire_error_set(&error, VMWIRE_ERROR_SCHEMA, 0,
                         "no layout of a reader: expected a stream with a description, a "
                         "description, a dump, or a QEMU program");
    report_error(arguments, file, &error);
    return false;
}

/* Loads a file of which only the layouts matter. A stream is read as today's QEMU does, if that succeeds. */
static bool load_for_layouts(struct loaded_file *loaded, const char *file,
                             const struct arguments *arguments)
{
    const struct vmwire_option *today = vmwire_option_find("heuristic");
    return load_as(loaded, file, arguments, NULL, true) &&
           describe_by_program(loaded, file, today, false, arguments) &&
           mark_existing_subsections(loaded, arguments);
}

bool load_reader(struct loaded_file *loaded, const char *file, const struct arguments *arguments)
{
    return load_for_layouts(loaded, file, arguments) &&
           (tells_layouts(loaded) || refuse_without_layouts(loaded, file, arguments));
}

bool load_layouts(struct loaded_file *loaded, const char *file, const struct arguments *arguments)
{
    if (!load_for_layouts(loaded, file, arguments))
        return false;
    bool others = arguments->schema_count && begins_as_stream(loaded->input.bytes);
    return others || tells_layouts(loaded) || refuse_without_layouts(loaded, file, arguments);
}

/* Makes the schema of a program anew: what it declares, behind a description (NULL: none). */
static bool load_program(struct loaded_file *loaded, const char *file, json_t *made,
                         const struct arguments *arguments)
{
    struct vmwire_error error = {0};
    const struct place place = {arguments->folder, SCHEMAS_FOLDER};
    bool loads = begin_schema(loaded, &error) &&
                 vmwire_schema_add_layouts(loaded->schema, &error) &&
                 (!made || vmwire_schema_add_made_json(loaded->schema, made, &error)) &&
                 add_layouts(loaded->schema, file, &place, loaded->input.bytes, NULL, &error) &&
                 vmwire_schema_finish(loaded->schema, &error);
    if (!loads)
        report_error(arguments, file, &error);
    return loads && mark_existing_subsections(loaded, arguments);
}

bool describe_reader(struct loaded_file *reader, const char *file, const struct loaded_file *writer,
                     const struct arguments *arguments)
{
    struct vmwire_error error = {0};
    struct made_description made;
    const struct vmwire_bytes stream = writer->input.bytes;
    const bool described = vmwire_description_find(stream).length > 0;
    const struct vmwire_option *describing = describing_option(arguments->option, described);
    if (!reader->schema_only || !reader->schema->declared_count || writer->schema_only ||
        !describing)
        return true;
    if (!load_program(reader, file, NULL, arguments))
        return false;
    /* Both sides split private encodings, or none does. */
    const bool splits = writer->schema->declared_count && !writer->whole_encodings;
    make_description(&made, describing, stream, reader->schema, splits, &error);
    bool loads =
        error.kind != VMWIRE_ERROR_MEMORY && load_program(reader, file, made.root, arguments);
    if (loads)
        reader->schema->fitted = true;
    free_description(&made);
    return loads;
}

bool load_opened_stream(struct loaded_file *loaded, const char *file,
                        const struct vmwire_option *option, const struct arguments *arguments)
{
    struct vmwire_error error = {0};
    if (!begin_schema(loaded, &error)) {
        report_error(arguments, file, &error);
        return false;
    }
    return add_own_description(loaded, file, false, arguments) &&
           complete_schema(loaded, file, arguments) &&
           describe_by_program(loaded, file, option, false, arguments);
}

void unload(struct loaded_file *loaded)
{
    vmwire_input_close(&loaded->input);
    vmwire_arena_destroy(loaded->arena);
}

/* A stream that nothing describes cannot be read: says what to give. */
static void name_missing_description(const struct loaded_file *loaded, struct vmwire_error *error)
{
    const struct vmwire_schema *schema = loaded->schema;
    const size_t length = strlen(error->message);
    if (error->kind != VMWIRE_ERROR_NO_LAYOUT || schema->device_count || schema->declared_count ||
        vmwire_description_find(loaded->input.bytes).length)
        return;
    snprintf(error->message + length, sizeof(error->message) - length,
             ". The stream has no description at its end: it is cut off, or was written with "
             "suppress-vmdesc=on. Give the QEMU that wrote it with --schema, or capture it with "
             "suppress-vmdesc=off");
}

bool refuse_unread(const struct loaded_file *loaded, struct vmwire_error *error)
{
    const struct vmwire_bytes all = loaded->input.bytes, unread = loaded->stream.unread;
    const uint64_t offset = unread.data ? (uint64_t)(unread.data - all.data) : 0;
    const bool in_package = offset + unread.length < all.length;
    if (!unread.data)
        return false;
    if (loaded->description.kind != VMWIRE_ERROR_NONE && loaded->description.offset == offset &&
        unread.data[0] == VMWIRE_QEMU_VM_VMDESCRIPTION)
        /* It is the description that ends too early. */
        vmwire_error_set(error, VMWIRE_ERROR_UNREAD, offset, "%s", loaded->description.message);
    else
        vmwire_error_set(error, VMWIRE_ERROR_UNREAD, offset,
                         "expected the end of the %s, found %zu more bytes",
                         in_package ? "package" : "file", unread.length);
    return true;
}

int validate_stream(const struct arguments *arguments, const char *file, struct loaded_file *loaded,
                    struct vmwire_cost *cost)
{
    const struct vmwire_bytes all = loaded->input.bytes;
    struct vmwire_error error;
    const struct omitting omitting = {loaded->omission, arguments->option, all, loaded->schema,
                                      loaded->arena};
    if (!leave_out_pages(&loaded->stream, &omitting, cost, &error)) {
        struct vmwire_error description = loaded->description;
        bool why = error.kind == VMWIRE_ERROR_NO_LAYOUT && description.kind != VMWIRE_ERROR_NONE;
        name_missing_description(loaded, &error);
        return report_error(arguments, file, why ? &description : &error);
    }
    return refuse_unread(loaded, &error) ? report_error(arguments, file, &error) : EXIT_CLEAN;
}
