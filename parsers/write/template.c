/* SPDX-License-Identifier: MIT */
/*
 * Makes templates: copies the records of a stream, adds the subsections that a state could send as well,
 * has the writer write them, and points the records into the written bytes. It must not know the engine.
 */
#include "vmwire/template.h"

#include <string.h>

#include "vmwire/wire.h"
#include "vmwire/writer.h"

/* The most that is added to a template: records and values, and the bytes of these values. A machine with 256
 * virtual CPUs adds less than two thirds of it. */
enum { ADDED_NODES_LIMIT = 1 << 18, ADDED_BYTES_LIMIT = 64 << 20 };

/* A record of the template that is not complete yet. */
struct unfinished_record {
    struct vmwire_record *record;
    const struct vmwire_structure *structure;
    const struct vmwire_value *old_value;                  /* the next value to copy */
    const struct vmwire_subsection_value *old_subsections; /* the subsections that were sent */
    bool added;                               /* the stream has no such record to copy */
    struct vmwire_subsection_value *addition; /* it is the record of this added subsection */
    struct vmwire_subsection_value *before_addition;
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
    size_t added_nodes; /* those of subsections that were taken out again count too */
    uint64_t added_bytes;
    struct vmwire_omission omitted[VMWIRE_OMISSION_REASONS];
};

static void note_omission(struct maker *maker, enum vmwire_omission_reason reason, const char *name)
{
    struct vmwire_omission *omission = &maker->omitted[reason];
    if (!omission->count++)
        omission->first = name;
}

/* A list has one number of elements in the template, and so have fields that another one counts. */
static void note_list(struct maker *maker, const struct vmwire_field *field)
{
    bool counts = field->determines && field->class == VMWIRE_FIELD_CHECKED;
    if (field->class == VMWIRE_FIELD_LIST || counts)
        note_omission(maker, VMWIRE_OMITTED_ELEMENTS, field->name);
}

/* False: the template would be too large. */
static bool count_added(struct maker *maker, uint64_t bytes)
{
    if (maker->added_nodes >= ADDED_NODES_LIMIT || bytes > ADDED_BYTES_LIMIT - maker->added_bytes)
        return false;
    maker->added_nodes++;
    maker->added_bytes += bytes;
    return true;
}

static struct vmwire_record *open_record(struct maker *maker,
                                         const struct vmwire_structure *structure,
                                         const struct vmwire_record *old)
{
    struct vmwire_record *record = vmwire_arena_alloc(maker->arena, sizeof(*record));
    record->structure = structure;
    if (old)
        record->header = old->header; /* for its version */
    maker->open[maker->depth++] = (struct unfinished_record){
        .record = record,
        .structure = structure,
        .old_value = old ? old->values : NULL,
        .old_subsections = old ? old->subsections : NULL,
        .added = !old,
        .values_end = &record->values,
    };
    maker->added_nodes += !old;
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
    if (!old->record)
        note_list(maker, old->field);
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

/* The bytes that a value of the field adds. An embedded record has values of its own. */
static uint64_t added_length(const struct vmwire_field *field)
{
    if (field->class == VMWIRE_FIELD_RECORD)
        return 0;
    return field->class == VMWIRE_FIELD_LIST ? 1 : (uint64_t)field->size * field->count;
}

/* Adds the next element of the current field, and moves on to the next field behind the last one. False: the
 * record has no room in the template. */
static bool add_element(struct maker *maker, struct unfinished_record *unfinished)
{
    const struct vmwire_field *field = &unfinished->structure->fields[unfinished->field];
    uint32_t element = unfinished->element++;
    bool record = field->class == VMWIRE_FIELD_RECORD;
    if ((record && maker->depth == VMWIRE_SCHEMA_NESTING_LIMIT) ||
        !count_added(maker, added_length(field)))
        return false;
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
        note_list(maker, field);
        add_value(maker, unfinished,
                  (struct vmwire_value){.field = field, .data = default_bytes(maker, field)});
    }
    return true;
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
    if (!sent) {
        maker->open[maker->depth - 1].addition = added;
        maker->open[maker->depth - 1].before_addition = record->last_subsection;
    }
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

/* Whether a field of the structure, or of one within it, decides what follows: the layout, which another stream sent, is then
 * that of its value there, which is not known here. */
static bool depends_on_values(const struct vmwire_structure *structure)
{
    struct {
        const struct vmwire_structure *structure;
        size_t field; /* the next one */
    } open[VMWIRE_SCHEMA_NESTING_LIMIT + 1] = {{structure, 0}};
    unsigned depth = 1;
    while (depth > 0) {
        const struct vmwire_structure *in = open[depth - 1].structure;
        if (open[depth - 1].field == in->field_count) {
            depth--;
            continue;
        }
        const struct vmwire_field *field = &in->fields[open[depth - 1].field++];
        if (field->determines)
            return true;
        if (field->class == VMWIRE_FIELD_RECORD && depth <= VMWIRE_SCHEMA_NESTING_LIMIT) {
            open[depth].structure = field->structure;
            open[depth++].field = 0;
        }
    }
    return false;
}

static void add_subsection(struct maker *maker, struct unfinished_record *unfinished,
                           const struct vmwire_subsection *subsection)
{
    const struct vmwire_subsection_value *old = find_sent(unfinished, subsection);
    if (!vmwire_option_sends_inline(maker->option, subsection)) {
        note_omission(maker, VMWIRE_OMITTED_SEPARATE, subsection->name);
        return;
    }
    if (!old && vmwire_option_refuses(maker->option, subsection))
        return; /* no state sends it */
    if (!old && (!subsection->structure || depends_on_values(subsection->structure))) {
        note_omission(maker, VMWIRE_OMITTED_UNKNOWN, subsection->name);
        return;
    }
    if (maker->depth == VMWIRE_SCHEMA_NESTING_LIMIT || (!old && !count_added(maker, 0))) {
        note_omission(maker, VMWIRE_OMITTED_LARGE, subsection->name);
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

/* Takes out the innermost subsection that is being added. False: there is none, so the record that the
 * template is of is itself too large. */
static bool omit_unfinished_subsection(struct maker *maker)
{
    while (maker->depth) {
        const struct unfinished_record *unfinished = &maker->open[--maker->depth];
        if (!unfinished->addition)
            continue;
        struct vmwire_record *owner = maker->open[maker->depth - 1].record;
        owner->last_subsection = unfinished->before_addition;
        if (owner->last_subsection)
            owner->last_subsection->next = NULL;
        else
            owner->subsections = NULL;
        note_omission(maker, VMWIRE_OMITTED_LARGE, unfinished->addition->subsection->name);
        return true;
    }
    return false;
}

/* Makes a record and all that is embedded in it; `maker->open` is the stack of those that are not
 * complete. NULL: it is larger than a template may be. */
static struct vmwire_record *make_record(struct maker *maker,
                                         const struct vmwire_structure *structure,
                                         const struct vmwire_record *old)
{
    struct vmwire_record *made = open_record(maker, structure, old);
    while (maker->depth) {
        struct unfinished_record *unfinished = &maker->open[maker->depth - 1];
        bool fields_left =
            unfinished->added && unfinished->field < unfinished->structure->field_count;
        if (unfinished->old_value) {
            copy_value(maker, unfinished);
        } else if (fields_left) {
            if (!add_element(maker, unfinished) && !omit_unfinished_subsection(maker))
                return NULL;
        } else if (maker->as_sent && unfinished->old_subsections) {
            copy_subsection(maker, unfinished);
        } else if (!maker->as_sent &&
                   unfinished->subsection < unfinished->structure->subsection_count) {
            add_subsection(maker, unfinished,
                           &unfinished->structure->subsections[unfinished->subsection++]);
        } else {
            maker->depth--;
        }
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
        if (step == VMWIRE_RECORD_BEGIN) {
            struct vmwire_record *begun = (struct vmwire_record *)(uintptr_t)walk.record;
            begun->header =
                (struct vmwire_bytes){at, option->framed ? VMWIRE_FRAMED_HEADER_SIZE : 0};
            at += begun->header.length;
        } else if (step == VMWIRE_RECORD_VALUE) {
            value->data.data = at;
            at += value->data.length;
        } else if (step == VMWIRE_RECORD_SUBSECTION) {
            subsection->raw.data = at;
            at += 2 + subsection->name.length + (option->framed ? 0 : 4);
        } else if (step == VMWIRE_RECORD_END && subsection) {
            at += option->sentinel;
            subsection->raw.length = (size_t)(at - subsection->raw.data);
        } else if (step == VMWIRE_RECORD_END && value) {
            at += option->sentinel;
        }
    }
}

/* Refuses a package within a package: their bytes do not stand in the order of the items. */
static bool write_items(struct vmwire_template *made, struct vmwire_writer *writer, size_t *ends,
                        struct vmwire_error *error)
{
    unsigned depth = 0;
    for (size_t i = 0; i < made->stream.item_count; i++) {
        depth += made->stream.items[i]->kind == VMWIRE_ITEM_PACKAGE;
        depth -= made->stream.items[i]->kind == VMWIRE_ITEM_PACKAGE_END;
        if (depth > 1)
            return vmwire_error_set(error, VMWIRE_ERROR_CANNOT_WRITE, VMWIRE_ERROR_NO_OFFSET,
                                    "a package within a package has no template");
        if (!vmwire_writer_item(writer, made->stream.items[i], error))
            return false;
        ends[i] = vmwire_writer_output(writer).length;
    }
    made->bytes = vmwire_writer_output(writer);
    return true;
}

/* The writer has put the length of the package behind the command. */
static void lay_package(struct vmwire_item *item)
{
    item->raw.length -= 4;
    const uint8_t *length = item->raw.data + item->raw.length;
    item->package = (struct vmwire_bytes){length + 4, vmwire_be32(length)};
}

/* A framed record begins with the version of the section. */
static const uint8_t *first_record_byte(const struct vmwire_option *option,
                                        const struct vmwire_item *item)
{
    bool version_within = option->framed && item->kind == VMWIRE_ITEM_SECTION_FULL;
    return item->raw.data + vmwire_item_header_length(item) - (version_within ? 4 : 0);
}

/* Writes the items, and points them into the written bytes. `footers`: the stream's sections have footers. */
static bool write_template(struct vmwire_template *made, const struct vmwire_option *option,
                           bool footers, struct vmwire_arena *arena, struct vmwire_error *error)
{
    struct vmwire_writing writing = {.option = option, .footers = footers, .arena = arena};
    size_t *ends = vmwire_arena_alloc(arena, made->stream.item_count * sizeof(*ends));
    struct vmwire_writer *writer = vmwire_writer_create(&writing, error);
    if (!writer)
        return false;
    size_t begin = vmwire_writer_output(writer).length;
    bool written = write_items(made, writer, ends, error);
    /* In DER, a value is not where its field's bytes are, and a package's items are written before it. */
    const bool lay = option->encoding != VMWIRE_ENCODING_DER;
    for (size_t i = 0; written && i < made->stream.item_count; i++) {
        struct vmwire_item *item = (struct vmwire_item *)(uintptr_t)made->stream.items[i];
        item->raw = (struct vmwire_bytes){made->bytes.data + begin, ends[i] - begin};
        if (item->record && lay)
            lay_record(option, item->record, first_record_byte(option, item));
        if (item->kind == VMWIRE_ITEM_PACKAGE && lay)
            lay_package(item);
        begin = ends[i];
    }
    vmwire_writer_destroy(writer);
    return written;
}

/* ---- Templates ----------------------------------------------------------------------------------- */

/* What a template is made from, for an attempt. */
struct template_request {
    struct vmwire_template *made;
    struct maker maker;
    const struct vmwire_stream *stream; /* NULL: it is made from the device */
    const struct vmwire_device *device;
    struct vmwire_error *error;
};

static bool make_from_stream(struct template_request *request)
{
    const struct vmwire_stream *stream = request->stream;
    struct maker *maker = &request->maker;
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
    *request->made = (struct vmwire_template){.stream = {items, stream->item_count}};
    memcpy(request->made->omitted, maker->omitted, sizeof(maker->omitted));
    return write_template(request->made, maker->option, footers, maker->arena, request->error);
}

static bool make_from_device(struct template_request *request)
{
    static const uint8_t eof[] = {VMWIRE_QEMU_VM_EOF};
    const struct vmwire_device *device = request->device;
    struct maker *maker = &request->maker;
    struct vmwire_item *section = vmwire_arena_alloc(maker->arena, sizeof(*section));
    struct vmwire_item *end = vmwire_arena_alloc(maker->arena, sizeof(*end));
    const struct vmwire_item **items = vmwire_arena_alloc(maker->arena, 2 * sizeof(*items));
    *section = (struct vmwire_item){
        .kind = VMWIRE_ITEM_SECTION_FULL,
        .idstr = {(const uint8_t *)device->idstr, strlen(device->idstr)},
        .instance_id = device->instance_id,
        .version_id = device->structure->described_version_id,
        .footer = true,
        .record = make_record(maker, device->structure, NULL),
    };
    if (!section->record)
        return vmwire_error_set(request->error, VMWIRE_ERROR_LIMIT, VMWIRE_ERROR_NO_OFFSET,
                                "\"%s\" has more than %d fields and records, or more than %d bytes",
                                device->idstr, ADDED_NODES_LIMIT, ADDED_BYTES_LIMIT);
    *end = (struct vmwire_item){.kind = VMWIRE_ITEM_EOF, .raw = {eof, sizeof(eof)}};
    items[0] = section;
    items[1] = end;
    *request->made = (struct vmwire_template){.stream = {items, 2}};
    memcpy(request->made->omitted, maker->omitted, sizeof(maker->omitted));
    return write_template(request->made, maker->option, true, maker->arena, request->error);
}

static bool make_template(void *context)
{
    struct template_request *request = context;
    return request->stream ? make_from_stream(request) : make_from_device(request);
}

bool vmwire_template_of_stream(struct vmwire_template *made, const struct vmwire_option *option,
                               const struct vmwire_stream *stream, struct vmwire_arena *arena,
                               struct vmwire_error *error)
{
    struct template_request request = {.made = made,
                                       .maker = {.option = option, .arena = arena},
                                       .stream = stream,
                                       .error = error};
    return vmwire_arena_attempt(arena, make_template, &request, error);
}

bool vmwire_template_of_state(struct vmwire_template *made, const struct vmwire_option *option,
                              const struct vmwire_stream *stream, struct vmwire_arena *arena,
                              struct vmwire_error *error)
{
    struct template_request request = {.made = made,
                                       .maker = {.option = option, .arena = arena, .as_sent = true},
                                       .stream = stream,
                                       .error = error};
    return vmwire_arena_attempt(arena, make_template, &request, error);
}

bool vmwire_template_of_device(struct vmwire_template *made, const struct vmwire_option *option,
                               const struct vmwire_device *device, struct vmwire_arena *arena,
                               struct vmwire_error *error)
{
    struct template_request request = {.made = made,
                                       .maker = {.option = option, .arena = arena},
                                       .device = device,
                                       .error = error};
    return vmwire_arena_attempt(arena, make_template, &request, error);
}
