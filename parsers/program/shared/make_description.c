/* SPDX-License-Identifier: MIT */
/*
 * Reads the stream, and describes each full section when it is read. So memory does not grow with the stream's RAM.
 */
#include "program/shared/make_description.h"

#include <stdlib.h>
#include <string.h>

#include "vmwire/description.h"

struct making {
    const struct vmwire_schema *schema;
    json_t *devices;               /* NULL: only the digest is made */
    uint64_t digest;               /* of all sections */
    size_t length;                 /* of the devices as text, in bytes */
    struct made_description *made; /* takes tails */
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

/* Takes over the device. */
static bool add_device(struct making *making, json_t *device)
{
    making->length += json_dumpb(device, NULL, 0, JSON_COMPACT | JSON_ENSURE_ASCII);
    if (json_array_append_new(making->devices, device) != 0)
        return vmwire_error_set_memory(making->error, 0);
    return making->length <= VMWIRE_SCHEMA_JSON_LIMIT ||
           vmwire_error_set(making->error, VMWIRE_ERROR_LIMIT, VMWIRE_ERROR_NO_OFFSET,
                            "a description of more than %zu bytes is not made",
                            VMWIRE_SCHEMA_JSON_LIMIT);
}

static void add_section(void *context, const struct vmwire_item *item)
{
    struct making *making = context;
    if (item->kind != VMWIRE_ITEM_SECTION_FULL || making->failed)
        return;
    digest_section(&making->digest, item);
    if (!making->devices || is_described(making, item))
        return;
    json_t *device = vmwire_description_of_section(item, making->error);
    making->failed = !device || !add_device(making, device);
}

static void ignore_entry(void *context, const struct vmwire_item *section,
                         const struct vmwire_entry *entry)
{
    (void)context, (void)section, (void)entry;
}

/* Notes a tail at which a subsection begins. */
static void note_tail(void *context, const struct vmwire_tail_event *event)
{
    struct making *making = context;
    struct made_description *made = making->made;
    if (!event->taken || making->failed)
        return;
    if (made->tail_count == made->tail_room) {
        size_t room = made->tail_room ? 2 * made->tail_room : 64;
        struct taken_tail *tails = realloc(made->tails, room * sizeof(*tails));
        if (!tails) {
            making->failed = true;
            vmwire_error_set_memory(making->error, 0);
            return;
        }
        made->tails = tails;
        made->tail_room = room;
    }
    made->tails[made->tail_count++] = (struct taken_tail){event->offset, event->owner->name};
}

/* The tails that were taken, from the next one on. */
struct taken_tails {
    const struct made_description *made;
    size_t next;
};

static bool takes_again(void *context, const struct vmwire_structure *owner, uint64_t offset)
{
    struct taken_tails *taken = context;
    if (taken->next == taken->made->tail_count)
        return false;
    const struct taken_tail *next = &taken->made->tails[taken->next];
    bool takes = next->offset == offset && owner->name && strcmp(next->owner, owner->name) == 0;
    taken->next += takes;
    return takes;
}

/* Reads the stream. `error` is of the reading, that of `making` of the description. */
static bool describe_sections(struct making *making, struct vmwire_reading *reading,
                              struct vmwire_error *error)
{
    struct vmwire_cost cost;
    reading->schema = making->schema;
    reading->sink = (struct vmwire_sink){making, add_section, false};
    reading->entry_sink = (struct vmwire_entry_sink){NULL, ignore_entry};
    bool accepted = vmwire_stream_read(reading, &cost, error);
    if (making->failed)
        *error = *making->error;
    return accepted && !making->failed;
}

bool make_description(struct made_description *made, const struct vmwire_option *option,
                      struct vmwire_bytes stream, const struct vmwire_schema *schema, bool splits,
                      struct vmwire_error *error)
{
    struct vmwire_error own = {0};
    *made = (struct made_description){.root = json_pack("{s:[]}", "devices")};
    if (!made->root)
        return vmwire_error_set_memory(error, 0);
    struct making making = {.schema = schema,
                            .devices = json_object_get(made->root, "devices"),
                            .made = made,
                            .error = &own};
    struct vmwire_reading reading = {
        .option = option, .input = stream, .splits = splits, .observer = {&making, note_tail}};
    made->accepted = describe_sections(&making, &reading, error);
    made->digest = making.digest;
    if (making.failed) {
        json_decref(made->root);
        made->root = NULL;
    }
    return made->accepted;
}

bool check_description(const struct made_description *made, const struct vmwire_option *option,
                       struct vmwire_bytes stream, const struct vmwire_schema *schema,
                       struct vmwire_error *error)
{
    struct vmwire_error own = {0};
    struct making making = {.schema = schema, .error = &own};
    struct taken_tails taken = {made, 0};
    struct vmwire_reading reading = {
        .option = option, .input = stream, .chooser = {&taken, takes_again}};
    bool accepted = describe_sections(&making, &reading, error);
    if (accepted == made->accepted && making.digest == made->digest)
        return true;
    if (!accepted && error->kind == VMWIRE_ERROR_MEMORY)
        return false;
    return vmwire_error_set(error, VMWIRE_ERROR_NO_LAYOUT, VMWIRE_ERROR_NO_OFFSET,
                            "what the program declares is read, but no description can tell it, as "
                            "where elements of a list have different layouts");
}

void free_description(struct made_description *made)
{
    json_decref(made->root);
    free(made->tails);
}
