/* SPDX-License-Identifier: MIT */
/*
 * Prints the tree for machines. An item may have millions of values and pages, more than memory holds as JSON.
 * So the objects and arrays that hold others are opened and closed here. What they hold is printed by jansson, one value
 * at a time.
 */
#include "program/parse/json_tree.h"

#include <stdio.h>

#include "program/shared/json_line.h"

/* ---- What holds others ------------------------------------------------------------------------- */

struct open_item {
    struct tree *tree;
    bool needs_comma; /* the innermost object or array has a member already */
};

/* Where memory has run out, nothing more is printed. `opening` is a bracket, with its key if it has one. */
static void open_json(struct open_item *open, const char *opening)
{
    if (open->tree->incomplete)
        return;
    printf("%s%s", open->needs_comma ? "," : "", opening);
    open->needs_comma = false;
}

static void close_json(struct open_item *open, char bracket)
{
    if (open->tree->incomplete)
        return;
    putchar(bracket);
    open->needs_comma = true;
}

/* Prints the members of an object into the innermost one. */
static void print_members(struct open_item *open, json_t *members)
{
    if (open->needs_comma && !open->tree->incomplete)
        putchar(',');
    open->needs_comma = true;
    if (open->tree->incomplete)
        json_decref(members);
    else if (!print_json(stdout, members, JSON_EMBED))
        open->tree->incomplete = true;
}

/* ---- Values ------------------------------------------------------------------------------------ */

static void put_data(const struct tree *tree, json_t **object, struct vmwire_bytes bytes)
{
    bool fold = !tree->arguments->all && bytes.length > FOLD_BYTES;
    put_json_hex(object, "data", fold ? (struct vmwire_bytes){bytes.data, FOLD_BYTES} : bytes);
    if (fold)
        put_json_boolean(object, "folded", true);
}

static void put_place(const struct tree *tree, json_t **object, struct vmwire_bytes bytes)
{
    if (bytes.data)
        put_json_unsigned(object, "offset", tree_offset(tree, bytes.data));
    put_json_unsigned(object, "size", bytes.length);
}

static json_t *make_value(const struct tree *tree, const struct vmwire_value *value)
{
    const struct vmwire_field *field = value->field;
    json_t *made = json_object();
    put_json_string(&made, "name", field->name);
    put_json_string(&made, "type", field->type);
    put_json_string(&made, "class", vmwire_field_class_name(field->class));
    if (field->index >= 0)
        put_json_signed(&made, "index", field->index);
    else if (field->count > 1 && !value->record)
        put_json_unsigned(&made, "array_len", field->count);
    else if (field->count > 1 || field->class == VMWIRE_FIELD_LIST)
        put_json_unsigned(&made, "element", value->element);
    if (value->data.data) {
        put_place(
            tree, &made,
            (struct vmwire_bytes){vmwire_value_place(value, tree->stream), value->data.length});
        put_data(tree, &made, value->data);
    }
    return made;
}

static json_t *make_subsection(const struct tree *tree,
                               const struct vmwire_subsection_value *subsection)
{
    json_t *made = json_object();
    put_json_name(&made, "name", subsection->name);
    put_json_unsigned(&made, "version_id", subsection->version_id);
    if (subsection->subsection->source == VMWIRE_LAYOUT_ASSUMED)
        put_json_string(&made, "layout", "assumed");
    put_place(tree, &made, subsection->raw);
    return made;
}

static json_t *make_structure(const struct vmwire_structure *structure)
{
    json_t *made = json_object();
    put_json_string(&made, "vmsd_name", structure->name);
    put_json_unsigned(&made, "version", structure->described_version_id);
    return made;
}

/* ---- Records ----------------------------------------------------------------------------------- */

/* Leaves the value's object open: a record may follow in it. */
static void open_value(struct open_item *open, const struct vmwire_value *value)
{
    open_json(open, "{");
    print_members(open, make_value(open->tree, value));
}

static void open_subsection(struct open_item *open,
                            const struct vmwire_subsection_value *subsection)
{
    open_json(open, "{");
    print_members(open, make_subsection(open->tree, subsection));
}

static void open_record(struct open_item *open, const struct vmwire_record *record)
{
    open_json(open, "\"record\":{");
    if (record->structure->name)
        print_members(open, make_structure(record->structure));
    open_json(open, "\"fields\":[");
}

/* Prints one step of the walk. These are open, from the outside: the record's object, its array of
 * fields or of subsections, the object of one of them, the object of the record in it, and so on. */
static void print_step(struct open_item *open, enum vmwire_record_step step,
                       const struct vmwire_record_walk *walk)
{
    switch (step) {
    case VMWIRE_RECORD_BEGIN:
        if (walk->value && !walk->value->data.length)
            open_value(open, walk->value);
        open_record(open, walk->record);
        break;
    case VMWIRE_RECORD_VALUE:
        open_value(open, walk->value);
        if (!walk->value->record)
            close_json(open, '}');
        break;
    case VMWIRE_RECORD_SUBSECTION:
        if (walk->subsection == walk->frames[walk->depth - 1].record->subsections) {
            close_json(open, ']');
            open_json(open, "\"subsections\":[");
        }
        open_subsection(open, walk->subsection);
        break;
    case VMWIRE_RECORD_END:
        close_json(open, ']');
        close_json(open, '}');
        if (walk->depth) /* the section's own record has no object around it */
            close_json(open, '}');
        break;
    case VMWIRE_RECORD_DONE:
        break;
    }
}

static void print_record(struct open_item *open, const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE && !open->tree->incomplete;)
        print_step(open, step, &walk);
}

/* ---- Items ------------------------------------------------------------------------------------- */

static json_t *make_entry(const struct tree *tree, const struct vmwire_entry *entry)
{
    json_t *made = json_object();
    put_json_string(&made, "kind", vmwire_entry_kind_name(entry));
    put_place(tree, &made, entry->raw);
    put_json_unsigned(&made, "value", entry->value);
    if (entry->name.length)
        put_json_name(&made, "name", entry->name);
    if (entry->data.length)
        put_data(tree, &made, entry->data);
    return made;
}

static json_t *make_entry_count(const struct vmwire_entry *entries)
{
    size_t count = 0;
    json_t *made = json_object();
    for (const struct vmwire_entry *entry = entries; entry; entry = entry->next)
        count++;
    put_json_unsigned(&made, "entry_count", count);
    return made;
}

static void print_entries(struct open_item *open, const struct vmwire_entry *entries)
{
    size_t shown = 0;
    print_members(open, make_entry_count(entries));
    open_json(open, "\"entries\":[");
    for (const struct vmwire_entry *entry = entries; entry && !open->tree->incomplete;
         entry = entry->next)
        if (open->tree->arguments->all || shown++ < FOLD_BYTES) {
            open_json(open, "{");
            print_members(open, make_entry(open->tree, entry));
            close_json(open, '}');
        }
    close_json(open, ']');
}

static void put_section(json_t **object, const struct vmwire_item *item)
{
    if (item->idstr.length) {
        put_json_unsigned(object, "section_id", item->section_id);
        put_json_name(object, "idstr", item->idstr);
    }
    if (item->kind == VMWIRE_ITEM_SECTION_START || item->kind == VMWIRE_ITEM_SECTION_FULL) {
        put_json_unsigned(object, "instance_id", item->instance_id);
        put_json_unsigned(object, "version_id", item->version_id);
    }
    if (item->idstr.length)
        put_json_boolean(object, "footer", item->footer);
}

static json_t *make_item(const struct tree *tree, const struct vmwire_item *item)
{
    json_t *made = json_object();
    put_json_string(&made, "kind", vmwire_item_kind_name(item->kind));
    put_place(tree, &made, item->raw);
    put_section(&made, item);
    if (item->command)
        put_json_string(&made, "command", vmwire_command_name(item->command));
    if (item->kind == VMWIRE_ITEM_COMMAND)
        put_data(tree, &made, item->payload);
    if (item->kind == VMWIRE_ITEM_PACKAGE)
        put_json_unsigned(&made, "package_length", item->package.length);
    return made;
}

void print_json_item(void *context, const struct vmwire_item *item)
{
    struct tree *tree = context;
    struct open_item open = {tree, false};
    if (tree->incomplete)
        return;
    open_json(&open, "{");
    print_members(&open, make_item(tree, item));
    if (item->record)
        print_record(&open, item->record);
    if (item->entries)
        print_entries(&open, item->entries);
    close_json(&open, '}');
    if (!tree->incomplete)
        putchar('\n');
}

void print_json_head(struct tree *tree, const struct vmwire_cost *cost)
{
    const struct vmwire_option *option = tree->arguments->option;
    json_t *line = json_object(), *accounted = json_object();
    put_json_string(&line, "kind", "stream");
    put_json_string(&line, "file", tree->file);
    put_json_string(&line, "option", option->name);
    put_json_unsigned(&line, "version", option->stream_version);
    put_json_unsigned(&line, "size", tree->stream.length);
    put_json_unsigned(&line, "sections", cost->sections);
    put_json_unsigned(&line, "records", cost->records);
    put_json_unsigned(&line, "subsections", cost->subsections);
    put_json_unsigned(&line, "pages", cost->pages);
    for (int account = 0; account < VMWIRE_ACCOUNT_COUNT; account++)
        put_json_unsigned(&accounted, vmwire_account_name((enum vmwire_account)account),
                          cost->accounted[account]);
    put_json(&line, "accounted", accounted);
    if (!print_json_line(stdout, line))
        tree->incomplete = true;
}
