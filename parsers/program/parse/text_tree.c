/* SPDX-License-Identifier: MIT */
/*
 * Prints the tree for people. Names come from the stream, so all of them go through print_text().
 */
#include "program/parse/text_tree.h"

#include <inttypes.h>
#include <stdio.h>

#include "program/parse/statistics.h"
#include "program/shared/terminal_text.h"

static void print_line(const struct tree *tree, struct vmwire_bytes bytes, unsigned depth)
{
    printf("%9" PRIx64 " %9zu  %*s", tree_offset(tree, bytes.data), bytes.length, 2 * (int)depth,
           "");
}

static void print_string(const char *name)
{
    print_text(stdout, vmwire_bytes_of_string(name));
}

static void print_quoted(struct vmwire_bytes name)
{
    printf(" \"");
    print_text(stdout, name);
    putchar('"');
}

/* ---- Values ------------------------------------------------------------------------------------ */

static bool is_all_zero(struct vmwire_bytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++)
        if (bytes.data[i])
            return false;
    return true;
}

/* Prints hex in groups of one element. Folds zeros and long values. */
static void print_value_bytes(const struct tree *tree, struct vmwire_bytes bytes, size_t element)
{
    bool fold = !tree->arguments->all && bytes.length > FOLD_BYTES;
    if (fold && is_all_zero(bytes)) {
        printf("00 ... (all zero)");
        return;
    }
    size_t shown = fold ? FOLD_BYTES : bytes.length;
    for (size_t i = 0; i < shown; i++)
        printf("%s%02x", i && element && i % element == 0 ? " " : "", bytes.data[i]);
    if (fold)
        printf(" ...");
}

static void print_index(const struct vmwire_value *value)
{
    if (value->field->index >= 0)
        printf("[%d]", value->field->index);
    else if (value->record && (value->field->count > 1 || value->field->class == VMWIRE_FIELD_LIST))
        printf("[%u]", value->element);
    else if (value->field->count > 1)
        printf("[%u]", value->field->count);
}

static void print_value(const struct tree *tree, const struct vmwire_value *value, unsigned depth)
{
    struct vmwire_bytes place = {vmwire_value_place(value, tree->stream), value->data.length};
    print_line(tree, place, depth);
    print_string(value->field->name);
    print_index(value);
    putchar(' ');
    print_string(value->field->type);
    if (value->field->class == VMWIRE_FIELD_OPAQUE)
        printf(" (opaque)");
    printf(" = ");
    print_value_bytes(tree, value->data, value->field->size <= 8 ? value->field->size : 4);
    putchar('\n');
}

/* ---- Records ----------------------------------------------------------------------------------- */

/* Returns the place of the record's first byte; NULL data if it has no bytes. */
static struct vmwire_bytes find_record_begin(const struct tree *tree,
                                             const struct vmwire_record *record)
{
    struct vmwire_bytes none = {NULL, 0};
    while (record->values && !record->values->data.data && record->values->record)
        record = record->values->record;
    if (record->values)
        none.data = vmwire_value_place(record->values, tree->stream);
    return none;
}

static void print_record_begin(const struct tree *tree, const struct vmwire_record_walk *walk,
                               unsigned depth)
{
    if (!walk->value)
        return; /* the line of the section or subsection names this record */
    struct vmwire_bytes begin = find_record_begin(tree, walk->record);
    if (begin.data)
        printf("%9" PRIx64 " %9s  ", tree_offset(tree, begin.data), "");
    else
        printf("%9s %9s  ", "", "");
    printf("%*s", 2 * (int)depth, "");
    print_string(walk->value->field->name);
    print_index(walk->value);
    printf(": ");
    print_string(walk->record->structure->name);
    printf(" version %u\n", walk->record->structure->described_version_id);
}

static void print_subsection(const struct tree *tree,
                             const struct vmwire_subsection_value *subsection, unsigned depth)
{
    print_line(tree, subsection->raw, depth);
    printf("subsection");
    print_quoted(subsection->name);
    printf(" version %u%s\n", subsection->version_id,
           subsection->subsection->source == VMWIRE_LAYOUT_ASSUMED ? " (layout assumed from a dump)"
                                                                   : "");
}

static void print_record(const struct tree *tree, const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step == VMWIRE_RECORD_BEGIN)
            print_record_begin(tree, &walk, walk.depth - 1);
        else if (step == VMWIRE_RECORD_VALUE)
            print_value(tree, walk.value, walk.depth);
        else if (step == VMWIRE_RECORD_SUBSECTION)
            print_subsection(tree, walk.subsection, walk.depth);
    }
}

/* ---- Items ------------------------------------------------------------------------------------- */

static void print_entry(const struct tree *tree, const struct vmwire_entry *entry)
{
    print_line(tree, entry->raw, 1);
    printf("%s %" PRIx64, vmwire_entry_kind_name(entry), entry->value);
    if (entry->name.length)
        print_quoted(entry->name);
    if (entry->data.length) {
        printf(" = ");
        print_value_bytes(tree, entry->data, 8);
    }
    putchar('\n');
}

/* Counts the entries that one line stands for: pages come in thousands, so a run of entries of one kind
 * is folded. Sets `last` to the last one. */
static size_t count_run(const struct tree *tree, const struct vmwire_entry *first,
                        const struct vmwire_entry **last)
{
    size_t count = 1;
    *last = first;
    while (!tree->arguments->all && (*last)->next && (*last)->next->kind == first->kind &&
           !(*last)->next->name.length) {
        *last = (*last)->next;
        count++;
    }
    return count;
}

static void print_run(const struct tree *tree, const struct vmwire_entry *first,
                      const struct vmwire_entry *last, size_t count)
{
    struct vmwire_bytes run = {first->raw.data,
                               (size_t)(last->raw.data + last->raw.length - first->raw.data)};
    print_line(tree, run, 1);
    printf("%s %" PRIx64 "..%" PRIx64, vmwire_entry_kind_name(first), first->value, last->value);
    if (first->name.length)
        print_quoted(first->name);
    printf(", %zu of them\n", count);
}

static void print_entries(const struct tree *tree, const struct vmwire_entry *entry)
{
    while (entry) {
        const struct vmwire_entry *last;
        size_t count = count_run(tree, entry, &last);
        if (count == 1)
            print_entry(tree, entry);
        else
            print_run(tree, entry, last, count);
        entry = last->next;
    }
}

/* Prints the rest of an item's line, behind its kind. */
static void print_item_head(const struct tree *tree, const struct vmwire_item *item)
{
    switch (item->kind) {
    case VMWIRE_ITEM_SECTION_START:
    case VMWIRE_ITEM_SECTION_FULL:
        printf(" %u", item->section_id);
        print_quoted(item->idstr);
        printf(" instance %u version %u", item->instance_id, item->version_id);
        break;
    case VMWIRE_ITEM_SECTION_PART:
    case VMWIRE_ITEM_SECTION_END:
        printf(" %u", item->section_id);
        print_quoted(item->idstr);
        break;
    case VMWIRE_ITEM_COMMAND:
        printf(" %s", vmwire_command_name(item->command));
        if (item->payload.length) {
            printf(" = ");
            print_value_bytes(tree, item->payload, 4);
        }
        break;
    case VMWIRE_ITEM_PACKAGE:
        printf(" of %zu bytes", item->package.length);
        break;
    default:
        break;
    }
}

void print_text_item(void *context, const struct vmwire_item *item)
{
    const struct tree *tree = context;
    print_line(tree, item->raw, 0);
    printf("%s", vmwire_item_kind_name(item->kind));
    print_item_head(tree, item);
    if (item->record && item->record->structure->name) {
        printf(": ");
        print_string(item->record->structure->name);
    }
    puts(item->footer ? ", footer" : "");
    if (item->record)
        print_record(tree, item->record);
    print_entries(tree, item->entries);
}

void print_text_head(const struct tree *tree, const struct vmwire_cost *cost)
{
    const struct vmwire_option *option = tree->arguments->option;
    print_string(tree->file);
    printf(": accepted by %s, all of its %zu bytes accounted for: %" PRIu64 " sections, %" PRIu64
           " records, %" PRIu64 " subsections, %" PRIu64 " RAM pages\n",
           option->name, tree->stream.length, cost->sections, cost->records, cost->subsections,
           cost->pages);
    print_accounts(cost);
    printf("\n%9s %9s\n%9x %9u  magic QEVM, stream version %u\n", "offset", "bytes", 0, 8,
           option->stream_version);
}
