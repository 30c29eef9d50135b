/* SPDX-License-Identifier: MIT */
/*
 * The streams of a corpus folder, each with the schema that reads it. An empty folder, a stream
 * that the manifest does not list, or one that it lists and that is not there is an error: a test
 * over a corpus that is not there must fail.
 */
#ifndef VMWIRE_TESTS_CORPUS_H
#define VMWIRE_TESTS_CORPUS_H

#include "build.h"

#include <dirent.h>
#include <jansson.h>

struct capture {
    char *name;      /* of the file */
    char *described; /* the path of the stream whose description fits: its own, or another's */
    char *dump;      /* the path of the dump of the same program */
    struct vmwire_input input;
    struct vmwire_arena *arena;
    struct vmwire_schema *schema; /* of the description alone */
};

struct corpus {
    struct capture *captures; /* in the order of the manifest */
    size_t count;
};

static inline char *path_in(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = must(malloc(size));
    snprintf(path, size, "%s/%s", folder, name);
    return path;
}

static inline bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), of_ending = strlen(ending);
    return length >= of_ending && strcmp(text + length - of_ending, ending) == 0;
}

static inline struct vmwire_input open_file(const char *path)
{
    struct vmwire_error error = {0};
    struct vmwire_input input;
    if (!vmwire_input_open(&input, path, NULL, &error))
        TEST_BROKEN("%s: %s", path, error.message);
    return input;
}

static inline void add_file(struct vmwire_schema *schema, const char *path)
{
    struct vmwire_error error = {0};
    struct vmwire_input input = open_file(path);
    if (!vmwire_schema_add(schema, input.bytes, &error))
        TEST_BROKEN("%s: %s: %s", path, error.path, error.message);
    vmwire_input_close(&input);
}

/* The caller frees it. */
static inline char *manifest_path(const char *folder, const json_t *name)
{
    if (!json_is_string(name))
        TEST_BROKEN("an entry of the manifest without \"file\" or \"schemas\"");
    return path_in(folder, json_string_value(name));
}

/* Of the schemas that belong to a stream, another stream is there because its own has none. */
static inline void load_capture(struct capture *capture, const char *folder, const json_t *entry)
{
    char *path = manifest_path(folder, json_object_get(entry, "file"));
    capture->name = must(strdup(json_string_value(json_object_get(entry, "file"))));
    capture->input = open_file(path);
    capture->described = path;
    json_t *schemas = json_object_get(entry, "schemas"), *schema;
    size_t i;
    json_array_foreach(schemas, i, schema)
    {
        path = manifest_path(folder, schema);
        char **place = ends_with(path, ".vmstate") ? &capture->described : &capture->dump;
        free(*place);
        *place = path;
    }
    capture->arena = vmwire_arena_create();
    capture->schema = must_create_schema(capture->arena);
    add_file(capture->schema, capture->described);
    must_finish_schema(capture->schema);
}

static inline size_t count_streams(const char *folder)
{
    DIR *listing = opendir(folder);
    if (!listing)
        TEST_BROKEN("no folder %s", folder);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(listing));)
        count += ends_with(entry->d_name, ".vmstate");
    closedir(listing);
    return count;
}

/* The corpus of a folder; `folder` NULL: corpus/streams. */
static inline struct corpus corpus_open(const char *folder)
{
    folder = folder ? folder : "corpus/streams";
    char *path = path_in(folder, "manifest.json");
    json_error_t error;
    json_t *manifest = json_load_file(path, 0, &error);
    if (!manifest || !json_is_array(manifest))
        TEST_BROKEN("%s: %s", path, manifest ? "not an array" : error.text);
    struct corpus corpus = {.count = json_array_size(manifest)};
    if (!corpus.count || corpus.count != count_streams(folder))
        TEST_BROKEN("%s lists %zu streams, and there are %zu", path, corpus.count,
                    count_streams(folder));
    corpus.captures = must(calloc(corpus.count, sizeof(*corpus.captures)));
    for (size_t i = 0; i < corpus.count; i++)
        load_capture(&corpus.captures[i], folder, json_array_get(manifest, i));
    json_decref(manifest);
    free(path);
    return corpus;
}

static inline void corpus_close(struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->count; i++) {
        struct capture *capture = &corpus->captures[i];
        vmwire_input_close(&capture->input);
        vmwire_arena_destroy(capture->arena);
        free(capture->name);
        free(capture->described);
        free(capture->dump);
    }
    free(corpus->captures);
}

/* Reads without keeping anything. */
static inline bool read_only(const struct vmwire_option *option, struct vmwire_bytes bytes,
                             const struct vmwire_schema *schema, struct vmwire_cost *cost,
                             struct vmwire_error *error)
{
    struct vmwire_reading reading = {.option = option, .input = bytes, .schema = schema};
    return vmwire_stream_read(&reading, cost, error);
}

#endif
