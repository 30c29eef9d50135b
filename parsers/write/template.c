/* SPDX-License-Identifier: MIT */
/*
 * Makes templates: copies the records of a stream, adds the subsections that a state could send as well,
 * has the writer write them, and points the records into the written bytes. It must not know the engine.
 */
#include "vmwire/template.h"

#include <string.h>

#include "vmwire/wire.h"
#include "vmwire/writer.h"

/* The most records that are added to a template. */
enum { ADDED_RECORDS_LIMIT = 1 << 16 };

/* A record of the template that is not complete yet. */
struct unfinished_record {
    struct vmwire_record *record;
    const struct vmwire_structure *structure;
    const struct vmwire_value *old_value;                  /* the next value to copy */
    const struct vmwire_subsection_value *old_subsections; /* the subsections that were sent */
    bool added;               /* the stream has no such record to copy */
    size_t field, subsection; /* the next ones to add */
    uint32_t element;
    struct vmwire_value **values_end;
};

struct maker {
    const struct vmwire_option *option;
    struct vmwire_arena *arena;
    bool as_sent; /* copy only: add nothing, make nothing optional */
    struct unfinished_record open[VMWIRE_SCHEMA_NESTING_LIMIT];
    unsigned depth;
    size_t added;
    bool incomplete;
};

static struct vmwire_record *open_record(struct maker *maker,
                                         const struct vmwire_structure *structure,
                                         const struct vmwire_record *old)
{
    struct vmwire_record *record = vmwire_arena_alloc(maker->arena, sizeof(*record));
    record->structure = structure;
    maker->open[maker->depth++] = (struct unfinished_record){
        .record = record,
        .structure = structure,
        .old_value = old ? old->values : NULL,
        .old_subsections = old ? old->subsections : NULL,
        .added = !old,
        .values_end = &record->values,
    };
    maker->added += !old;
    return record;
}

static struct vmwire_value *add_value(struct maker *maker, struct unfinished_record *unfinished,
                                      struct vmwire_value value)
{
    struct vmwire_value *added = vmwire_arena_alloc(maker->arena, sizeof(*added));
    *added = value;
    added->next = NULL;
    *unfinished->values_end = added;
    unfinished->values_end = &added->next;
    return added;
}

static void copy_value(struct maker *maker, struct unfinished_record *unfinished)
{
    const struct vmwire_value *old = unfinished->old_value;
    unfinished->old_value = old->next;
    struct vmwire_value *value = add_value(maker, unfinished, *old);
    if (old->record) {
        value->record = open_record(maker, old->record->structure, old->record);
        value->record->field = old->record->field;
        value->record->element = old->record->element;
    }
}

/* The bytes of a field that was not sent: an empty list, null pointers, or zeros. Zeros are no memory until
 * they are written. */
static struct vmwire_bytes default_bytes(const struct maker *maker,
                                         const struct vmwire_field *field)
{
    size_t length = field->class == VMWIRE_FIELD_LIST ? 1 : (size_t)field->size * field->count;
    if (!field->null_pointer && field->length != VMWIRE_LENGTH_POINTERS)
        return (struct vmwire_bytes){NULL, length};
    uint8_t *data = vmwire_arena_alloc(maker->arena, length);
    memset(data, VMWIRE_VMS_NULLPTR_MARKER, length);
    return (struct vmwire_bytes){data, length};
}

/* Adds the next element of the current field, and moves on to the next field behind the last one. */
static void add_element(struct maker *maker, struct unfinished_record *unfinished)
{
    const struct vmwire_field *field = &unfinished->structure->fields[unfinished->field];
    uint32_t element = unfinished->element++;
    bool record = field->class == VMWIRE_FIELD_RECORD;
    if (unfinished->element >= field->count || !record) {
        unfinished->field++;
        unfinished->element = 0;
    }
    if (record && field->count) {
        struct vmwire_value *value =
            add_value(maker, unfinished, (struct vmwire_value){.field = field, .element = element});
        value->record = open_record(maker, field->structure, NULL);
        value->record->field = field;
        value->record->element = element;
    } else if (!record && (field->size || field->class == VMWIRE_FIELD_LIST)) {
        add_value(maker, unfinished,
                  (struct vmwire_value){.field = field, .data = default_bytes(maker, field)});
    }
}

/* The subsection as the stream sent it, or NULL. */
static const struct vmwire_subsection_value *find_sent(const struct unfinished_record *unfinished,
                                                       const struct vmwire_subsection *subsection)
{
    const struct vmwire_subsection_value *value = unfinished->old_subsections;
    while (value && value->subsection != subsection)
        value = value->next;
    return value;
}

static void append_subsection(struct maker *maker, struct unfinished_record *unfinished,
                              const struct vmwire_subsection_value *sent,
                              struct vmwire_subsection_value value)
{
    struct vmwire_record *record = unfinished->record;
    struct vmwire_subsection_value *added = vmwire_arena_alloc(maker->arena, sizeof(*added));
    *added = value;
    added->next = NULL;
    added->record = open_record(maker, value.subsection->structure, sent ? sent->record : NULL);
    if (record->last_subsection)
        record->last_subsection->next = added;
    else
        record->subsections = added;
    record->last_subsection = added;
}

static void copy_subsection(struct maker *maker, struct unfinished_record *unfinished)
{
    const struct vmwire_subsection_value *old = unfinished->old_subsections;
    unfinished->old_subsections = old->next;
    append_subsection(maker, unfinished, old, *old);
}

static void add_subsection(struct maker *maker, struct unfinished_record *unfinished,
                           const struct vmwire_subsection *subsection)
{
    const struct vmwire_subsection_value *old = find_sent(unfinished, subsection);
    if (!vmwire_option_sends_inline(maker->option, subsection))
        return;
    if (!old && (!subsection->structure || maker->added > ADDED_RECORDS_LIMIT)) {
        maker->incomplete = true;
        return;
    }
    struct vmwire_subsection_value value = {
        .subsection = subsection,
        .name = {(const uint8_t *)subsection->name, strlen(subsection->name)},
        .version_id = old ? 0 : subsection->structure->described_version_id,
    };
    if (old)
        value = *old;
    value.optional = true;
    append_subsection(maker, unfinished, old, value);
}

/* Makes a record and all that is embedded in it; `maker->open` is the stack of those that are not
 * complete. */
static struct vmwire_record *make_record(struct maker *maker,
                                         const struct vmwire_structure *structure,
                                         const struct vmwire_record *old)
{
    struct vmwire_record *made = open_record(maker, structure, old);
    while (maker->depth) {
        struct unfinished_record *unfinished = &maker->open[maker->depth - 1];
        bool room = maker->depth < VMWIRE_SCHEMA_NESTING_LIMIT;
        if (unfinished->old_value)
            copy_value(maker, unfinished);
        else if (unfinished->added && unfinished->field < unfinished->structure->field_count &&
                 room)
            add_element(maker, unfinished);
        else if (maker->as_sent && unfinished->old_subsections)
            copy_subsection(maker, unfinished);
        else if (!maker->as_sent &&
                 unfinished->subsection < unfinished->structure->subsection_count && room)
            add_subsection(maker, unfinished,
                           &unfinished->structure->subsections[unfinished->subsection++]);
        else
            maker->depth--;
    }
    return made;
}

/* ---- Laying records over bytes ------------------------------------------------------------------- */

/* Points the values and subsections of a record into its bytes, which begin at `at`. */
static void lay_record(const struct vmwire_option *option, const struct vmwire_record *record,
                       const uint8_t *at)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        struct vmwire_value *value = (struct vmwire_value *)(uintptr_t)walk.value;
        struct vmwire_subsection_value *subsection =
            (struct vmwire_subsection_value *)(uintptr_t)walk.subsection;
        if (step == VMWIRE_RECORD_VALUE) {
            value->data.data = at;
            at += value->data.length;
        } else if (step == VMWIRE_RECORD_SUBSECTION) {
            subsection->raw.data = at;
            at += 2 + subsection->name.length + 4;
        } else if (step == VMWIRE_RECORD_END && subsection) {
            subsection->raw.length = (size_t)(at - subsection->raw.data);
        } else if (step == VMWIRE_RECORD_END && value && option->sentinel) {
            at++;
        }
    }
}

static bool write_items(struct vmwire_template *made, struct vmwire_writer *writer, size_t *ends,
                        struct vmwire_error *error)
{
    for (size_t i = 0; i < made->stream.item_count; i++) {
        if (!vmwire_writer_item(writer, made->stream.items[i], error))
            return false;
        ends[i] = vmwire_writer_output(writer).length;
    }
    made->bytes = vmwire_writer_output(writer);
    return true;
}

/* Writes the items, and points them into the written bytes. `footers`: the stream's sections have footers. */
static bool write_template(struct vmwire_template *made, const struct vmwire_option *option,
                           bool footers, struct vmwire_arena *arena, struct vmwire_error *error)
{
    struct vmwire_writing writing = {.option = option, .footers = footers, .arena = arena};
    struct vmwire_writer *writer = vmwire_writer_create(&writing);
    size_t *ends = vmwire_arena_alloc(arena, made->stream.item_count * sizeof(*ends));
    size_t begin = vmwire_writer_output(writer).length;
    bool written = write_items(made, writer, ends, error);
    for (size_t i = 0; written && i < made->stream.item_count; i++) {
        struct vmwire_item *item = (struct vmwire_item *)(uintptr_t)made->stream.items[i];
        item->raw = (struct vmwire_bytes){made->bytes.data + begin, ends[i] - begin};
        if (item->record)
            lay_record(option, item->record, item->raw.data + vmwire_item_header_length(item));
        begin = ends[i];
    }
    vmwire_writer_destroy(writer);
    return written;
}

/* ---- Templates ----------------------------------------------------------------------------------- */

static bool make_template(struct vmwire_template *made, struct maker *maker,
                          const struct vmwire_stream *stream, struct vmwire_error *error)
{
    const struct vmwire_item **items =
        vmwire_arena_alloc(maker->arena, stream->item_count * sizeof(*items));
    bool footers = false;
    for (size_t i = 0; i < stream->item_count; i++) {
        struct vmwire_item *item = vmwire_arena_alloc(maker->arena, sizeof(*item));
        *item = *stream->items[i];
        if (item->record)
            item->record = make_record(maker, item->record->structure, item->record);
        footers |= item->footer;
        items[i] = item;
    }
    *made = (struct vmwire_template){.stream = {items, stream->item_count},
                                     .incomplete = maker->incomplete};
    return write_template(made, maker->option, footers, maker->arena, error);
}

bool vmwire_template_of_stream(struct vmwire_template *made, const struct vmwire_option *option,
                               const struct vmwire_stream *stream, struct vmwire_arena *arena,
                               struct vmwire_error *error)
{
    struct maker maker = {.option = option, .arena = arena};
    return make_template(made, &maker, stream, error);
}

bool vmwire_template_of_state(struct vmwire_template *made, const struct vmwire_option *option,
                              const struct vmwire_stream *stream, struct vmwire_arena *arena,
                              struct vmwire_error *error)
{
    struct maker maker = {.option = option, .arena = arena, .as_sent = true};
    return make_template(made, &maker, stream, error);
}

bool vmwire_template_of_device(struct vmwire_template *made, const struct vmwire_option *option,
                               const struct vmwire_device *device, struct vmwire_arena *arena,
                               struct vmwire_error *error)
{
    static const uint8_t eof[] = {VMWIRE_QEMU_VM_EOF};
    struct maker maker = {.option = option, .arena = arena};
    struct vmwire_item *section = vmwire_arena_alloc(arena, sizeof(*section));
    struct vmwire_item *end = vmwire_arena_alloc(arena, sizeof(*end));
    const struct vmwire_item **items = vmwire_arena_alloc(arena, 2 * sizeof(*items));
    *section = (struct vmwire_item){
        .kind = VMWIRE_ITEM_SECTION_FULL,
        .idstr = {(const uint8_t *)device->idstr, strlen(device->idstr)},
        .instance_id = device->instance_id,
        .version_id = device->structure->described_version_id,
        .footer = true,
        .record = make_record(&maker, device->structure, NULL),
    };
    *end = (struct vmwire_item){.kind = VMWIRE_ITEM_EOF, .raw = {eof, sizeof(eof)}};
    items[0] = section;
    items[1] = end;
    *made = (struct vmwire_template){.stream = {items, 2}, .incomplete = maker.incomplete};
    return write_template(made, option, true, arena, error);
}
