/* SPDX-License-Identifier: MIT */
/*
 * Prints the tree for machines. Writes each object while it walks over the item, and keeps nothing.
 */
#include "program/parse/json_tree.h"

#include <stdio.h>

#include "program/shared/json_writer.h"

static void write_data(const struct tree *tree, struct json_writer *json, struct vmwire_bytes bytes)
{
    bool fold = !tree->arguments->all && bytes.length > FOLD_BYTES;
    write_json_hex(json, "data", fold ? (struct vmwire_bytes){bytes.data, FOLD_BYTES} : bytes);
    if (fold)
        write_json_boolean(json, "folded", true);
}

static void write_place(const struct tree *tree, struct json_writer *json,
                        struct vmwire_bytes bytes)
{
    if (bytes.data)
        write_json_unsigned(json, "offset", tree_offset(tree, bytes.data));
    write_json_unsigned(json, "size", bytes.length);
}

/* ---- Records ----------------------------------------------------------------------------------- */

/* Leaves the value's object open: a record may follow in it. */
static void open_value(const struct tree *tree, struct json_writer *json,
                       const struct vmwire_value *value)
{
    const struct vmwire_field *field = value->field;
    open_json_object(json, NULL);
    write_json_string(json, "name", field->name);
    write_json_string(json, "type", field->type);
    write_json_string(json, "class", vmwire_field_class_name(field->class));
    if (field->index >= 0)
        write_json_signed(json, "index", field->index);
    else if (field->count > 1 && !value->record)
        write_json_unsigned(json, "array_len", field->count);
    else if (field->count > 1 || field->class == VMWIRE_FIELD_LIST)
        write_json_unsigned(json, "element", value->element);
    if (value->data.data) {
        write_place(tree, json, value->data);
        write_data(tree, json, value->data);
    }
}

static void open_subsection(const struct tree *tree, struct json_writer *json,
                            const struct vmwire_subsection_value *subsection)
{
    open_json_object(json, NULL);
    write_json_name(json, "name", subsection->name);
    write_json_unsigned(json, "version_id", subsection->version_id);
    if (subsection->subsection->source == VMWIRE_LAYOUT_ASSUMED)
        write_json_string(json, "layout", "assumed");
    write_place(tree, json, subsection->raw);
}

static void open_record(struct json_writer *json, const struct vmwire_record *record)
{
    const struct vmwire_structure *structure = record->structure;
    open_json_object(json, "record");
    if (structure->name) {
        write_json_string(json, "vmsd_name", structure->name);
        write_json_unsigned(json, "version", structure->described_version_id);
    }
    open_json_array(json, "fields");
}

/* Writes one step of the walk. These are open, from the outside: the record's object, its array of
 * fields or of subsections, the object of one of them, the object of the record in it, and so on. */
static void write_step(const struct tree *tree, struct json_writer *json,
                       enum vmwire_record_step step, const struct vmwire_record_walk *walk)
{
    switch (step) {
    case VMWIRE_RECORD_BEGIN:
        if (walk->value && !walk->value->data.length)
            open_value(tree, json, walk->value);
        open_record(json, walk->record);
        break;
    case VMWIRE_RECORD_VALUE:
        open_value(tree, json, walk->value);
        if (!walk->value->record)
            close_json_object(json);
        break;
    case VMWIRE_RECORD_SUBSECTION:
        if (walk->subsection == walk->frames[walk->depth - 1].record->subsections) {
            close_json_array(json);
            open_json_array(json, "subsections");
        }
        open_subsection(tree, json, walk->subsection);
        break;
    case VMWIRE_RECORD_END:
        close_json_array(json);
        close_json_object(json);
        if (walk->depth) /* the section's own record has no object around it */
            close_json_object(json);
        break;
    case VMWIRE_RECORD_DONE:
        break;
    }
}

static void write_record(const struct tree *tree, struct json_writer *json,
                         const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        write_step(tree, json, step, &walk);
}

/* ---- Items ------------------------------------------------------------------------------------- */

static void write_entry(const struct tree *tree, struct json_writer *json,
                        const struct vmwire_entry *entry)
{
    open_json_object(json, NULL);
    write_json_string(json, "kind", vmwire_entry_kind_name(entry));
    write_place(tree, json, entry->raw);
    write_json_unsigned(json, "value", entry->value);
    if (entry->name.length)
        write_json_name(json, "name", entry->name);
    if (entry->data.length)
        write_data(tree, json, entry->data);
    close_json_object(json);
}

static void write_entries(const struct tree *tree, struct json_writer *json,
                          const struct vmwire_entry *entries)
{
    size_t count = 0, shown = 0;
    for (const struct vmwire_entry *entry = entries; entry; entry = entry->next)
        count++;
    write_json_unsigned(json, "entry_count", count);
    open_json_array(json, "entries");
    for (const struct vmwire_entry *entry = entries; entry; entry = entry->next)
        if (tree->arguments->all || shown++ < FOLD_BYTES)
            write_entry(tree, json, entry);
    close_json_array(json);
}

static void write_section(struct json_writer *json, const struct vmwire_item *item)
{
    if (item->idstr.length) {
        write_json_unsigned(json, "section_id", item->section_id);
        write_json_name(json, "idstr", item->idstr);
    }
    if (item->kind == VMWIRE_ITEM_SECTION_START || item->kind == VMWIRE_ITEM_SECTION_FULL) {
        write_json_unsigned(json, "instance_id", item->instance_id);
        write_json_unsigned(json, "version_id", item->version_id);
    }
    if (item->idstr.length)
        write_json_boolean(json, "footer", item->footer);
}

void print_json_item(void *context, const struct vmwire_item *item)
{
    const struct tree *tree = context;
    struct json_writer json = {.output = stdout};
    open_json_object(&json, NULL);
    write_json_string(&json, "kind", vmwire_item_kind_name(item->kind));
    write_place(tree, &json, item->raw);
    write_section(&json, item);
    if (item->command)
        write_json_string(&json, "command", vmwire_command_name(item->command));
    if (item->kind == VMWIRE_ITEM_COMMAND)
        write_data(tree, &json, item->payload);
    if (item->kind == VMWIRE_ITEM_PACKAGE)
        write_json_unsigned(&json, "package_length", item->package.length);
    if (item->record)
        write_record(tree, &json, item->record);
    if (item->entries)
        write_entries(tree, &json, item->entries);
    end_json_line(&json);
}

void print_json_head(const struct tree *tree, const struct vmwire_cost *cost)
{
    const struct vmwire_option *option = tree->arguments->option;
    struct json_writer json = {.output = stdout};
    open_json_object(&json, NULL);
    write_json_string(&json, "kind", "stream");
    write_json_string(&json, "file", tree->file);
    write_json_string(&json, "option", option->name);
    write_json_unsigned(&json, "version", option->stream_version);
    write_json_unsigned(&json, "size", tree->stream.length);
    write_json_unsigned(&json, "sections", cost->sections);
    write_json_unsigned(&json, "records", cost->records);
    write_json_unsigned(&json, "subsections", cost->subsections);
    write_json_unsigned(&json, "pages", cost->pages);
    open_json_object(&json, "accounted");
    for (int account = 0; account < VMWIRE_ACCOUNT_COUNT; account++)
        write_json_unsigned(&json, vmwire_account_name((enum vmwire_account)account),
                            cost->accounted[account]);
    close_json_object(&json);
    end_json_line(&json);
}
