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
    json_t *devices; /* NULL: memory has run out */
};

/* Whether another description tells the section's layout. */
static bool is_described(const struct making *making, const struct vmwire_item *section)
{
    char idstr[UINT8_MAX + 1] = "";
    memcpy(idstr, section->idstr.data, section->idstr.length);
    return vmwire_schema_device(making->schema, idstr, section->instance_id) != NULL;
}

static void add_section(void *context, const struct vmwire_item *item)
{
    struct making *making = context;
    struct vmwire_error error;
    if (item->kind != VMWIRE_ITEM_SECTION_FULL || !making->devices || is_described(making, item))
        return;
    json_t *device = vmwire_description_of_section(item, &error);
    if (device && json_array_append_new(making->devices, device) == 0)
        return;
    json_decref(making->devices);
    making->devices = NULL;
}

static void ignore_entry(void *context, const struct vmwire_item *section,
                         const struct vmwire_entry *entry)
{
    (void)context, (void)section, (void)entry;
}

static char *print_description(json_t *devices, struct vmwire_error *error)
{
    char *text = NULL;
    size_t length;
    json_t *root = json_object();
    FILE *stream = open_memstream(&text, &length);
    put_json(&root, "devices", json_incref(devices));
    bool printed = stream && print_json(stream, root, JSON_COMPACT);
    if (stream && fclose(stream) == 0 && printed)
        return text;
    free(text);
    vmwire_error_set_memory(error, 0);
    return NULL;
}

char *make_description(const struct vmwire_option *option, struct vmwire_bytes stream,
                       const struct vmwire_schema *schema, struct vmwire_error *error)
{
    struct making making = {.schema = schema, .devices = json_array()};
    struct vmwire_reading reading = {
        .option = option,
        .input = stream,
        .schema = schema,
        .sink = {&making, add_section, false},
        .entry_sink = {NULL, ignore_entry},
    };
    struct vmwire_cost cost;
    bool accepted = vmwire_stream_read(&reading, &cost, error);
    if (accepted && !making.devices)
        vmwire_error_set_memory(error, 0);
    char *text = accepted && making.devices ? print_description(making.devices, error) : NULL;
    json_decref(making.devices);
    return text;
}
