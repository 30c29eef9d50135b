/* SPDX-License-Identifier: MIT */
/*
 * Asks a real QEMU about a stream of the manifest: the command and the capabilities are the entry's.
 */
#include "program/replay/ask_about_stream.h"

#include <string.h>

#include "program/replay/ask_qemu.h"

/* Seconds for one stream. A copy that takes longer is not believed, but a fresh process is asked, which has to start. */
enum { PATIENCE = 30, PATIENCE_WITH_COPY = 3, PATIENCE_BEHIND_COPY = 10 };

static int find_patience(const struct standbys *asked, const struct standbys *behind)
{
    return asked ? PATIENCE_WITH_COPY : behind ? PATIENCE_BEHIND_COPY : PATIENCE;
}

/* ---- Private encodings ------------------------------------------------------------------------- */

struct private_field {
    const char *structure, *field;
};

/* Whether the field is split in another structure of this name (load.c): that one describes the stream, and is not the stream's
 * own description. */
static bool is_split(const struct vmwire_schema *schema, const struct vmwire_structure *structure,
                     const char *field)
{
    size_t length = strlen(field);
    for (const struct vmwire_structure *each = schema->structures; each; each = each->next)
        for (size_t i = 0;
             each->name && strcmp(each->name, structure->name) == 0 && i < each->field_count; i++)
            if (strncmp(each->fields[i].name, field, length) == 0 &&
                each->fields[i].name[length] == '.')
                return true;
    return false;
}

/* Fields with a private encoding. The schema knows their length only. */
struct private_fields {
    const struct private_field *fields;
    size_t count;
};

static struct private_fields list_private_fields(const struct vmwire_schema *schema,
                                                 struct vmwire_arena *arena)
{
    struct private_field *fields = NULL;
    size_t count = 0, room = 0;
    for (const struct vmwire_structure *each = schema->structures; each; each = each->next)
        for (size_t i = 0; each->name && !each->declared && i < each->field_count; i++)
            if (each->fields[i].class == VMWIRE_FIELD_OPAQUE &&
                !is_split(schema, each, each->fields[i].name)) {
                fields = vmwire_arena_grow(arena, fields, count, &room, sizeof(*fields));
                fields[count++] = (struct private_field){each->name, each->fields[i].name};
            }
    return (struct private_fields){fields, count};
}

/* A description numbers fields of the same name, "name[1]"; a trace does not. */
static bool same_field(const char *described, const char *traced)
{
    size_t length = strlen(traced);
    return strncmp(described, traced, length) == 0 &&
           (described[length] == '\0' || described[length] == '[');
}

static bool is_private(const void *context, const char *structure, const char *field)
{
    const struct private_fields *private = context;
    for (size_t i = 0; i < private->count; i++)
        if (same_field(private->fields[i].field, field) &&
            strcmp(private->fields[i].structure, structure) == 0)
            return true;
    return false;
}

/* ---- Asking ------------------------------------------------------------------------------------ */

static bool lists_name(const json_t *capabilities, const char *name)
{
    size_t i;
    json_t *each;
    json_array_foreach(capabilities, i, each)
    {
        if (strcmp(json_string_value(each), name) == 0)
            return true;
    }
    return false;
}

/* Returns why QEMU cannot load the stream, NULL if it can. */
static const char *find_obstacle(const json_t *capabilities)
{
    /* The pages of multifd go through other channels, which no capture has. */
    return lists_name(capabilities, "multifd") ? "multifd: a capture has the main channel alone"
                                               : NULL;
}

bool ask_about_stream(struct qemu_answer *answer, const struct replay_stream *stream,
                      struct vmwire_bytes bytes, struct standbys *standbys,
                      struct vmwire_error *error)
{
    const struct replay_entry *entry = stream->entry;
    struct private_fields private = list_private_fields(stream->loaded.schema, stream->arena);
    const json_t *capabilities = json_object_get(entry->json, "capabilities");
    struct qemu_question question = {
        .launch = {.program = entry->with.qemu,
                   .root = entry->with.root,
                   .safeguards = stream->safeguards,
                   .command = json_object_get(entry->json, "command"),
                   .folder = entry->with.folder,
                   .file = bytes.data == stream->bytes.data ? entry->file : entry->original,
                   .seekable = lists_name(capabilities, "mapped-ram")},
        .standbys = standbys,
        .capabilities = capabilities,
        .stream = bytes,
        .patience = find_patience(standbys, stream->standbys),
        .private_encodings = {is_private, &private},
    };
    const char *obstacle = find_obstacle(capabilities);
    if (obstacle) {
        *answer = (struct qemu_answer){QEMU_UNABLE, .version = "", .message = obstacle, .rule = ""};
        return true;
    }
    return ask_qemu(&question, stream->arena, answer, error);
}
