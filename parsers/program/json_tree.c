/*
 * vmwire parse for machines: one JSON object an item, written while the item is walked.
 */
#include <stdio.h>

#include "json_writer.h"
#include "text.h"
#include "tree.h"

static void put_hex(const struct tree *tree, struct json_writer *json, struct bytes bytes)
{
    bool fold = !tree->arguments->all && bytes.length > FOLD_BYTES;
    json_writer_hex(json, "data", fold ? (struct bytes){bytes.data, FOLD_BYTES} : bytes);
    if (fold)
        json_writer_boolean(json, "folded", true);
}

static void put_place(const struct tree *tree, struct json_writer *json, struct bytes bytes)
{
    if (bytes.data)
        json_writer_unsigned(json, "offset", tree_offset(tree, bytes.data));
    json_writer_unsigned(json, "size", bytes.length);
}

/* ---- Records -----------------------------------------------------------------------------------
 */

/* Its object stays open: a record may follow in it. */
static void open_value(const struct tree *tree, struct json_writer *json, const struct value *value)
{
    const struct field *field = value->field;
    json_writer_open_object(json, NULL);
    json_writer_string(json, "name", field->name);
    json_writer_string(json, "type", field->type);
    json_writer_string(json, "class", field_class_name(field->class));
    if (field->index >= 0)
        json_writer_signed(json, "index", field->index);
    else if (field->count > 1 && !value->record)
        json_writer_unsigned(json, "array_len", field->count);
    else if (field->count > 1 || field->class == FIELD_LIST)
        json_writer_unsigned(json, "element", value->element);
    if (value->data.data) {
        put_place(tree, json, value->data);
        put_hex(tree, json, value->data);
    }
}

static void open_subsection(const struct tree *tree, struct json_writer *json,
                            const struct subsection_value *subsection)
{
    json_writer_open_object(json, NULL);
    json_writer_name(json, "name", subsection->name);
    json_writer_unsigned(json, "version_id", subsection->version_id);
    if (subsection->subsection->source == LAYOUT_ASSUMED)
        json_writer_string(json, "layout", "assumed");
    put_place(tree, json, subsection->raw);
}

static void open_record(struct json_writer *json, const struct record *record)
{
    const struct structure *structure = record->structure;
    json_writer_open_object(json, "record");
    if (structure->name) {
        json_writer_string(json, "vmsd_name", structure->name);
        json_writer_unsigned(json, "version", structure->described_version_id);
    }
    json_writer_open_array(json, "fields");
}

/* One step of the walk. Open are, from the outside: the object of the record, its array of fields
 * or of subsections, the object of one of these, the object of the record in it, and so on. */
static void put_step(const struct tree *tree, struct json_writer *json, enum record_step step,
                     const struct record_walk *walk)
{
    switch (step) {
    case RECORD_BEGIN:
        if (walk->value && !walk->value->data.length)
            open_value(tree, json, walk->value);
        open_record(json, walk->record);
        break;
    case RECORD_VALUE:
        open_value(tree, json, walk->value);
        if (!walk->value->record)
            json_writer_close_object(json);
        break;
    case RECORD_SUBSECTION:
        if (walk->subsection == walk->frames[walk->depth - 1].record->subsections) {
            json_writer_close_array(json);
            json_writer_open_array(json, "subsections");
        }
        open_subsection(tree, json, walk->subsection);
        break;
    case RECORD_END:
        json_writer_close_array(json);
        json_writer_close_object(json);
        if (walk->depth) /* not the section's own: there is an object around it */
            json_writer_close_object(json);
        break;
    case RECORD_DONE:
        break;
    }
}

static void put_record(const struct tree *tree, struct json_writer *json,
                       const struct record *record)
{
    struct record_walk walk;
    record_walk_begin(&walk, record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;)
        put_step(tree, json, step, &walk);
}

/* ---- Items -------------------------------------------------------------------------------------
 */

static void put_entry(const struct tree *tree, struct json_writer *json, const struct entry *entry)
{
    json_writer_open_object(json, NULL);
    json_writer_string(json, "kind", entry_kind_name(entry));
    put_place(tree, json, entry->raw);
    json_writer_unsigned(json, "value", entry->value);
    if (entry->name.length)
        json_writer_name(json, "name", entry->name);
    if (entry->data.length)
        put_hex(tree, json, entry->data);
    json_writer_close_object(json);
}

static void put_entries(const struct tree *tree, struct json_writer *json,
                        const struct entry *entries)
{
    size_t count = 0, shown = 0;
    for (const struct entry *entry = entries; entry; entry = entry->next)
        count++;
    json_writer_unsigned(json, "entry_count", count);
    json_writer_open_array(json, "entries");
    for (const struct entry *entry = entries; entry; entry = entry->next)
        if (tree->arguments->all || shown++ < FOLD_BYTES)
            put_entry(tree, json, entry);
    json_writer_close_array(json);
}

static void put_section(struct json_writer *json, const struct item *item)
{
    if (item->idstr.length) {
        json_writer_unsigned(json, "section_id", item->section_id);
        json_writer_name(json, "idstr", item->idstr);
    }
    if (item->kind == ITEM_SECTION_START || item->kind == ITEM_SECTION_FULL) {
        json_writer_unsigned(json, "instance_id", item->instance_id);
        json_writer_unsigned(json, "version_id", item->version_id);
    }
    if (item->idstr.length)
        json_writer_boolean(json, "footer", item->footer);
}

void json_tree_item(void *context, const struct item *item)
{
    const struct tree *tree = context;
    struct json_writer json = {.output = stdout};
    json_writer_open_object(&json, NULL);
    json_writer_string(&json, "kind", item_kind_name(item->kind));
    put_place(tree, &json, item->raw);
    put_section(&json, item);
    if (item->command)
        json_writer_string(&json, "command", command_name(item->command));
    if (item->kind == ITEM_COMMAND)
        put_hex(tree, &json, item->payload);
    if (item->kind == ITEM_PACKAGE)
        json_writer_unsigned(&json, "package_length", item->package_length);
    if (item->record)
        put_record(tree, &json, item->record);
    if (item->entries)
        put_entries(tree, &json, item->entries);
    json_writer_end_line(&json);
}

void json_tree_begin(const struct tree *tree, const struct cost *cost)
{
    const struct protocol_option *option = tree->arguments->option;
    struct json_writer json = {.output = stdout};
    json_writer_open_object(&json, NULL);
    json_writer_string(&json, "kind", "stream");
    json_writer_string(&json, "file", tree->file);
    json_writer_string(&json, "option", option->name);
    json_writer_unsigned(&json, "version", option->stream_version);
    json_writer_unsigned(&json, "size", tree->stream.length);
    json_writer_unsigned(&json, "sections", cost->sections);
    json_writer_unsigned(&json, "records", cost->records);
    json_writer_unsigned(&json, "subsections", cost->subsections);
    json_writer_unsigned(&json, "pages", cost->pages);
    json_writer_open_object(&json, "accounted");
    for (int account = 0; account < ACCOUNT_COUNT; account++)
        json_writer_unsigned(&json, account_name((enum account)account), cost->accounted[account]);
    json_writer_close_object(&json);
    json_writer_end_line(&json);
}
