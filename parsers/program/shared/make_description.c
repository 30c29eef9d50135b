/* SPDX-License-Identifier: MIT */
/*
 * Reads the stream, and describes each full section when it is read. So memory does not grow with the stream's RAM.
 */
#include "program/shared/make_description.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/shared/json_line.h"
#include "vmwire/description.h"

struct making {
    const struct vmwire_schema *schema;
    FILE *text;      /* NULL: only the digest is made */
    uint64_t digest; /* of all sections */
    size_t length;   /* of the text so far, in bytes */
    size_t device_count;
    struct vmwire_error *error;
    bool failed;
};

static bool has_field(const struct vmwire_structure *structure, const struct vmwire_field *field)
{
    return field >= structure->fields && field < structure->fields + structure->field_count;
}

/* Whether a field of a private encoding was split: then there are fields that their structure does not have. */
static bool is_split(const struct vmwire_item *section)
{
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    vmwire_record_walk_begin(&walk, section->record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE) {
        bool embedded = step == VMWIRE_RECORD_BEGIN && walk.value;
        if (step != VMWIRE_RECORD_VALUE && !embedded)
            continue;
        const struct vmwire_record *around = walk.frames[walk.depth - 1 - embedded].record;
        if (!has_field(around->structure, walk.value->field))
            return true;
    }
    return false;
}

/* Whether another description tells all of the section's layout. */
static bool is_described(const struct making *making, const struct vmwire_item *section)
{
    char idstr[UINT8_MAX + 1] = "";
    memcpy(idstr, section->idstr.data, section->idstr.length);
    return vmwire_schema_device(making->schema, idstr, section->instance_id) != NULL &&
           !is_split(section);
}

/* Adds to a digest of the tree: where each value and each record ends. Two readings with one digest have cut the bytes in one
 * way. */
static void add_to_digest(uint64_t *digest, uint64_t number)
{
    const uint64_t prime = UINT64_C(0x100000001b3); /* FNV-1a, a word at a time */
    *digest = (*digest ^ number) * prime;
}

static void digest_section(uint64_t *digest, const struct vmwire_item *section)
{
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    uint64_t position = 0;
    vmwire_record_walk_begin(&walk, section->record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE) {
        if (step == VMWIRE_RECORD_VALUE)
            position += walk.value->data.length;
        if (step != VMWIRE_RECORD_VALUE || walk.value->data.length > 0) {
            add_to_digest(digest, (uint64_t)step);
            add_to_digest(digest, position);
        }
    }
}

/* Prints the device and gives it up, so that no more than one is kept as JSON. */
static bool print_device(struct making *making, json_t *device)
{
    size_t length = json_dumpb(device, NULL, 0, JSON_COMPACT | JSON_ENSURE_ASCII);
    making->length += length;
    if (making->length > VMWIRE_SCHEMA_JSON_LIMIT) {
        json_decref(device);
        return vmwire_error_set(making->error, VMWIRE_ERROR_LIMIT, VMWIRE_ERROR_NO_OFFSET,
                                "a description of more than %zu bytes is not made",
                                VMWIRE_SCHEMA_JSON_LIMIT);
    }
    bool separated = fputs(making->device_count++ ? "," : "", making->text) >= 0;
    bool printed = print_json(making->text, device, JSON_COMPACT);
    return (separated && printed && length > 0) || vmwire_error_set_memory(making->error, 0);
}

static void add_section(void *context, const struct vmwire_item *item)
{
    struct making *making = context;
    if (item->kind != VMWIRE_ITEM_SECTION_FULL || making->failed)
        return;
    digest_section(&making->digest, item);
    if (!making->text || is_described(making, item))
        return;
    json_t *device = vmwire_description_of_section(item, making->error);
    making->failed = !device || !print_device(making, device);
}

static void ignore_entry(void *context, const struct vmwire_item *section,
                         const struct vmwire_entry *entry)
{
    (void)context, (void)section, (void)entry;
}

/* Reads the stream. `error` is of the reading, that of `making` of the description. */
static bool describe_sections(struct making *making, const struct vmwire_option *option,
                              struct vmwire_bytes stream, struct vmwire_error *error)
{
    struct vmwire_reading reading = {
        .option = option,
        .input = stream,
        .schema = making->schema,
        .splits = making->text != NULL,
        .sink = {making, add_section, false},
        .entry_sink = {NULL, ignore_entry},
    };
    struct vmwire_cost cost;
    bool accepted = vmwire_stream_read(&reading, &cost, error);
    if (making->failed)
        *error = *making->error;
    return accepted && !making->failed;
}

char *make_description(const struct vmwire_option *option, struct vmwire_bytes stream,
                       const struct vmwire_schema *schema, uint64_t *digest,
                       struct vmwire_error *error)
{
    char *text = NULL;
    size_t length;
    struct vmwire_error own = {0};
    struct making making = {
        .schema = schema, .text = open_memstream(&text, &length), .error = &own};
    bool begun = making.text && fputs("{\"devices\":[", making.text) >= 0;
    bool made = begun && describe_sections(&making, option, stream, error);
    begun = begun && (!made || fputs("]}", making.text) >= 0);
    *digest = making.digest;
    bool closed = !making.text || fclose(making.text) == 0;
    if (!begun || (made && !closed))
        made = vmwire_error_set_memory(error, 0);
    if (made)
        return text;
    free(text);
    return NULL;
}

bool check_description(const struct vmwire_option *option, struct vmwire_bytes stream,
                       const struct vmwire_schema *schema, uint64_t digest,
                       struct vmwire_error *error)
{
    struct vmwire_error own = {0};
    struct making making = {.schema = schema, .error = &own};
    bool accepted = describe_sections(&making, option, stream, error);
    if (accepted && making.digest == digest)
        return true;
    if (!accepted && error->kind == VMWIRE_ERROR_MEMORY)
        return false;
    return vmwire_error_set(error, VMWIRE_ERROR_NO_LAYOUT, VMWIRE_ERROR_NO_OFFSET,
                            "what the program declares is read, but no description can tell it, as "
                            "where elements of a list have different layouts");
}
