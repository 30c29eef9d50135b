/*
 * What every command begins with: a file, its schema, a first reading that acts on nothing.
 */
#include <stdio.h>

#include "json_writer.h"
#include "program.h"
#include "text.h"

static void report_json(const struct error *error)
{
    struct json_writer json = {.output = stderr};
    json_writer_open_object(&json, NULL);
    json_writer_string(&json, "error", error_kind_name(error->kind));
    json_writer_string(&json, "file", error->file);
    json_writer_string(&json, "section", error->section);
    json_writer_string(&json, "path", error->path);
    json_writer_text(&json, "message", bytes_of_string(error->message));
    if (error->offset != ERROR_NO_OFFSET)
        json_writer_unsigned(&json, "offset", error->offset);
    json_writer_end_line(&json);
}

int report(const struct arguments *arguments, const char *file, struct error *error)
{
    if (!error->file[0])
        snprintf(error->file, sizeof(error->file), "%s", file);
    if (arguments->json) {
        report_json(error);
        return EXIT_BAD_INPUT;
    }
    char text[2048];
    fprintf(stderr, "vmwire: ");
    print_text(stderr, bytes_of_string(error_text(error, text, sizeof(text))));
    fputc('\n', stderr);
    return EXIT_BAD_INPUT;
}

/* Adds a file of any kind to the schema. */
static bool add_file(struct schema *schema, const char *file, const struct arguments *arguments)
{
    struct input input = {0};
    struct error error = {0};
    bool added = input_open(&input, file, &error) && schema_add(schema, input.bytes, &error);
    input_close(&input);
    if (!added)
        report(arguments, file, &error);
    return added;
}

static bool add_own_description(struct loaded *loaded, const char *file,
                                const struct arguments *arguments)
{
    struct bytes description;
    struct error error = {0};
    loaded->description = (struct error){.kind = ERROR_NONE};
    if (!description_locate(loaded->input.bytes, &description, &loaded->description))
        return true; /* validate() reports it where a layout is missing */
    if (!description.length || schema_add_description(loaded->schema, description, &error))
        return true;
    if (error.offset != ERROR_NO_OFFSET)
        error.offset += (uint64_t)(description.data - loaded->input.bytes.data);
    report(arguments, file, &error);
    return false;
}

static bool mark_existing(struct loaded *loaded, const struct arguments *arguments)
{
    if (!arguments->existing)
        return true;
    struct schema *older = schema_create(loaded->arena);
    if (!add_file(older, arguments->existing, arguments))
        return false;
    schema_finish(older);
    schema_set_existing(loaded->schema, older);
    return true;
}

static bool begins_as_json(struct bytes bytes)
{
    return bytes.length && bytes.data[0] == '{';
}

static bool add_own_schema(struct loaded *loaded, const char *file,
                           const struct arguments *arguments)
{
    struct error error = {0};
    if (!loaded->schema_only)
        return add_own_description(loaded, file, arguments);
    if (schema_add(loaded->schema, loaded->input.bytes, &error))
        return true;
    report(arguments, file, &error);
    return false;
}

static bool load_as(struct loaded *loaded, const char *file, const struct arguments *arguments,
                    bool may_be_schema)
{
    struct error error = {0};
    loaded->arena = arena_create();
    loaded->schema = schema_create(loaded->arena);
    if (!input_open(&loaded->input, file, &error)) {
        report(arguments, file, &error);
        return false;
    }
    loaded->schema_only = may_be_schema && begins_as_json(loaded->input.bytes);
    if (!add_own_schema(loaded, file, arguments))
        return false;
    for (size_t i = 0; i < arguments->schema_count; i++)
        if (!add_file(loaded->schema, arguments->schemas[i], arguments))
            return false;
    schema_finish(loaded->schema);
    return mark_existing(loaded, arguments);
}

bool load(struct loaded *loaded, const char *file, const struct arguments *arguments)
{
    return load_as(loaded, file, arguments, false);
}

bool load_any(struct loaded *loaded, const char *file, const struct arguments *arguments)
{
    return load_as(loaded, file, arguments, true);
}

void unload(struct loaded *loaded)
{
    input_close(&loaded->input);
    arena_destroy(loaded->arena);
}

int validate(const struct arguments *arguments, const char *file, const struct loaded *loaded,
             struct cost *cost)
{
    struct reading reading = {
        .option = arguments->option, .input = loaded->input.bytes, .schema = loaded->schema};
    struct error error;
    if (!stream_read(&reading, cost, &error)) {
        struct error description = loaded->description;
        bool why = error.kind == ERROR_NO_LAYOUT && description.kind != ERROR_NONE;
        return report(arguments, file, why ? &description : &error);
    }
    uint64_t unread = cost->accounted[ACCOUNT_UNREAD];
    if (unread) {
        error_set(&error, ERROR_UNREAD, loaded->input.bytes.length - unread,
                  "expected the end of the file, found %llu more bytes",
                  (unsigned long long)unread);
        return report(arguments, file, &error);
    }
    return EXIT_CLEAN;
}
