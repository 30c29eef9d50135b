/* SPDX-License-Identifier: MIT */
/*
 * The engine's entry. It walks over the stream with the reader in step with the writer, and has each tail
 * on the way decided. It also stops where the schemas of the two differ, and has that place decided. It
 * must not know what a reader does once it is out of step.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide/tail_verdict.h"
#include "vmwire/wire.h"

struct stream_walk {
    struct engine *engine;
    struct vmwire_decision *decision;
    size_t room;
    struct vmwire_record_walk records;
    uint64_t offset;
    size_t frame, node;
    uint64_t since; /* bytes of fields that the reader has read since `node` began */
    struct passed_tails passed;
    const struct vmwire_option *writes;
    const struct vmwire_item *first_section;
    const uint64_t *only_at;
    bool skewed; /* the reader has a schema of its own */
    bool parted; /* the schemas differ here: the rest of this section is not in step */

    /* For each open record of the writer, the reader's structure in its place. */
    struct twin {
        const struct vmwire_structure *structure;
        size_t same_fields; /* how many of its first fields equal the writer's */
        bool blocked; /* tails were passed before its first subsection: they take what it would */
    } twins[VMWIRE_SCHEMA_NESTING_LIMIT];
};

/* ---- Where the walk is --------------------------------------------------------------------------- */

static void append_path(char *path, size_t size, const struct vmwire_record_walk_frame *frame)
{
    size_t length = strlen(path);
    const char *dot = length ? "." : "";
    if (frame->as_subsection)
        snprintf(path + length, size - length, "%s%s", dot, frame->as_subsection->subsection->name);
    else if (frame->as_value->field->index >= 0)
        snprintf(path + length, size - length, "%s%s[%d]", dot, frame->as_value->field->name,
                 frame->as_value->field->index);
    else if (frame->as_value->field->count > 1 ||
             frame->as_value->field->class == VMWIRE_FIELD_LIST)
        snprintf(path + length, size - length, "%s%s[%u]", dot, frame->as_value->field->name,
                 frame->as_value->element);
    else
        snprintf(path + length, size - length, "%s%s", dot, frame->as_value->field->name);
}

static const char *path_of(const struct stream_walk *walk, unsigned depth)
{
    char path[1024] = "";
    for (unsigned i = 1; i < depth; i++)
        append_path(path, sizeof(path), &walk->records.frames[i]);
    return vmwire_arena_string(walk->engine->arena, path, strlen(path));
}

/* Moves on to the next node of this kind. */
static void seek_node(struct stream_walk *walk, enum node_kind kind,
                      const struct vmwire_field *field)
{
    const struct node *node = node_at(&walk->engine->reader, walk->frame, walk->node);
    while (node->kind != kind || (field && node->field != field)) {
        assert(node->kind != NODE_END && node->kind != NODE_TAIL);
        node++;
        walk->node++;
    }
}

/* ---- Two schemas --------------------------------------------------------------------------------- */

/* Compares the fields' bytes. An embedded structure is compared when the walk enters it. */
static bool same_on_wire(const struct vmwire_field *a, const struct vmwire_field *b)
{
    bool record = a->class == VMWIRE_FIELD_RECORD, list = a->class == VMWIRE_FIELD_LIST;
    if (record != (b->class == VMWIRE_FIELD_RECORD) || list != (b->class == VMWIRE_FIELD_LIST))
        return false;
    return list || (a->count == b->count && a->length == b->length &&
                    a->null_pointer == b->null_pointer && (record || a->size == b->size));
}

static struct twin make_twin(const struct vmwire_structure *writes,
                             const struct vmwire_structure *reads)
{
    struct twin twin = {.structure = reads, .same_fields = writes->field_count};
    if (writes == reads)
        return twin;
    twin.same_fields = 0;
    while (twin.same_fields < writes->field_count && twin.same_fields < reads->field_count &&
           same_on_wire(&writes->fields[twin.same_fields], &reads->fields[twin.same_fields]))
        twin.same_fields++;
    return twin;
}

static struct twin *top_twin(struct stream_walk *walk)
{
    return &walk->twins[walk->records.depth - 1];
}

/* The reader's field in the place of the writer's, in the record that `value` is in. */
static const struct vmwire_field *twin_field(const struct twin *twin,
                                             const struct vmwire_record *record,
                                             const struct vmwire_value *value)
{
    return &twin->structure->fields[value->field - record->structure->fields];
}

/* ---- Deciding ------------------------------------------------------------------------------------ */

static struct vmwire_tail_verdict *add_verdict(struct stream_walk *walk,
                                               const struct vmwire_structure *owner, unsigned depth)
{
    struct vmwire_decision *decision = walk->decision;
    decision->tails = vmwire_arena_grow(walk->engine->arena, decision->tails, decision->tail_count,
                                        &walk->room, sizeof(*decision->tails));
    struct vmwire_tail_verdict *verdict = &decision->tails[decision->tail_count++];
    *verdict = (struct vmwire_tail_verdict){
        .item = walk->engine->item,
        .owner = owner,
        .path = path_of(walk, depth),
        .offset = walk->offset,
    };
    return verdict;
}

static void add_enclosing_optional(const struct stream_walk *walk, struct tail *tail,
                                   const struct vmwire_subsection_value *subsection)
{
    if (!subsection || !subsection->optional)
        return;
    uint64_t from = (uint64_t)(subsection->raw.data - walk->engine->writer.bytes.data);
    tail->within[tail->within_count++] =
        (struct vmwire_extent){from, from + subsection->raw.length};
}

/* How many of the owner's subsections a second writer has gone past at the end of the record: those up to
 * the last one sent, if every state sends that one. */
static size_t subsections_gone_past(const struct vmwire_record *record)
{
    const struct vmwire_subsection_value *last = record->last_subsection;
    if (!last || last->optional)
        return 0;
    return (size_t)(last->subsection - record->structure->subsections) + 1;
}

/* Has the tail of `record` decided. A tail that was passed before the record's subsections can take what
 * this tail would take, unless a subsection stands between them: so the state has to send one. */
static void decide_tail_here(struct stream_walk *walk, const struct vmwire_record *record,
                             unsigned depth, const struct vmwire_subsection_value *sent)
{
    seek_node(walk, NODE_TAIL, NULL);
    if (walk->only_at && walk->offset != *walk->only_at)
        return;
    struct tail tail = {
        .verdict = add_verdict(walk, record->structure, depth),
        .frame = walk->frame,
        .node = walk->node,
        .done = walk->engine->reader.writes && !sent ? subsections_gone_past(record) : 0,
        .passed = walk->passed,
        .sent = sent,
    };
    for (unsigned i = 0; i < depth; i++)
        add_enclosing_optional(walk, &tail, walk->records.frames[i].as_subsection);
    if (!sent && walk->twins[depth - 1].blocked)
        add_enclosing_optional(walk, &tail, record->last_subsection);
    decide_tail(walk->engine, &tail);
}

/* Has the place decided at which the two schemas part. */
static void decide_difference(struct stream_walk *walk, const struct vmwire_structure *owner,
                              unsigned depth, const char *differs, enum parting parting)
{
    struct tail tail = {
        .verdict = add_verdict(walk, owner, depth),
        .parting = parting,
        .frame = walk->frame,
        .node = walk->node,
        .passed = walk->passed,
    };
    tail.verdict->differs = differs;
    tail.done = walk->since;
    if (parting == PART_AT_FIELD)
        for (const struct node *node = node_at(&walk->engine->reader, tail.frame, tail.node);
             tail.done && tail.done >= node->length; node++, tail.node++)
            tail.done -= node->length;
    decide_tail(walk->engine, &tail);
    walk->parted = true;
}

/* `past`: how many of the owner's subsections a second writer has gone past when it returns. */
static void enter_frame(struct stream_walk *walk, const struct vmwire_structure *structure,
                        size_t past, bool element)
{
    walk->frame =
        frame_of(&walk->engine->reader, structure, walk->frame, walk->node, past, element);
    walk->node = 0;
    walk->since = 0;
}

static void leave_frame(struct stream_walk *walk)
{
    const struct call_frame *frame = &walk->engine->reader.frames[walk->frame];
    walk->node = frame->return_node;
    walk->frame = frame->parent;
    walk->since = 0;
}

/* ---- The events of a walk ------------------------------------------------------------------------ */

static void begin_record(struct stream_walk *walk)
{
    unsigned depth = walk->records.depth;
    const struct vmwire_value *value = walk->records.value;
    const struct vmwire_structure *reads = walk->twins[0].structure;
    if (walk->records.subsection) {
        reads = vmwire_structure_subsection(walk->twins[depth - 2].structure,
                                            walk->records.subsection->subsection->name)
                    ->structure;
    } else if (value) {
        const struct vmwire_record *around = walk->records.frames[depth - 2].record;
        const struct vmwire_field *field = twin_field(&walk->twins[depth - 2], around, value);
        reads = field->structure;
        if (value->data.length) {
            seek_node(walk, NODE_LIST, field);
            enter_frame(walk, reads, 0, true);
        }
    }
    *top_twin(walk) = make_twin(walk->records.record->structure, reads);
}

/* Whether the reader's schema has the next field, too. Where not, has the place decided. */
static bool has_field(struct stream_walk *walk, const struct vmwire_record *record, unsigned depth,
                      const struct vmwire_value *value)
{
    const struct twin *twin = &walk->twins[depth - 1];
    if ((size_t)(value->field - record->structure->fields) < twin->same_fields)
        return true;
    decide_difference(walk, record->structure, depth, "the reader has another field here",
                      PART_AT_FIELD);
    return false;
}

static void read_value(struct stream_walk *walk)
{
    const struct vmwire_value *value = walk->records.value;
    const struct vmwire_record *record = walk->records.frames[walk->records.depth - 1].record;
    if (!has_field(walk, record, walk->records.depth, value))
        return;
    walk->offset =
        (uint64_t)(value->data.data - walk->engine->writer.bytes.data) + value->data.length;
    walk->since += value->data.length;
    forget_passed_tails(&walk->passed);
    if (value->field->class == VMWIRE_FIELD_LIST && !value->record) {
        seek_node(walk, NODE_LIST, twin_field(top_twin(walk), record, value));
        walk->node++;
        walk->since = 0;
    }
}

/* Why the reader refuses what is sent, or NULL. */
static const char *refusal_reason(const struct vmwire_subsection *reads, uint8_t version_id)
{
    if (!reads)
        return "the reader does not have this subsection";
    if (version_id > reads->version_id || version_id < reads->minimum_version_id)
        return "the reader does not have this version of the subsection";
    return NULL;
}

static void begin_subsection(struct stream_walk *walk)
{
    const struct vmwire_subsection_value *sent = walk->records.subsection;
    const struct vmwire_record *owner = walk->records.frames[walk->records.depth - 1].record;
    if (!vmwire_option_sends_inline(walk->writes, sent->subsection)) {
        vmwire_record_walk_skip(&walk->records);
        return;
    }
    decide_tail_here(walk, owner, walk->records.depth, sent);
    top_twin(walk)->blocked |= sent == owner->subsections && walk->passed.count > 0;
    const struct vmwire_subsection *reads =
        vmwire_structure_subsection(top_twin(walk)->structure, sent->subsection->name);
    const char *refused = refusal_reason(reads, (uint8_t)sent->version_id);
    if (refused) {
        decide_difference(walk, owner->structure, walk->records.depth, refused, PART_REJECTED);
        return;
    }
    if (!reads->structure) {
        struct vmwire_tail_verdict *verdict =
            add_verdict(walk, owner->structure, walk->records.depth);
        verdict->verdict = VMWIRE_VERDICT_UNDECIDED;
        verdict->reason = "the reader's layout of a subsection is not known";
        walk->parted = true;
        return;
    }
    walk->offset += 2 + sent->name.length + 4;
    forget_passed_tails(&walk->passed);
    size_t past = (size_t)(reads - top_twin(walk)->structure->subsections) + 1;
    enter_frame(walk, reads->structure, walk->engine->reader.writes ? past : 0, false);
}

static void end_record(struct stream_walk *walk)
{
    const struct engine *engine = walk->engine;
    const struct vmwire_structure *structure = walk->twins[walk->records.depth].structure;
    bool element = walk->records.value && walk->records.value->data.length;
    if (structure->name) {
        decide_tail_here(walk, walk->records.record, walk->records.depth + 1, NULL);
        add_passed_tail(engine, &walk->passed, walk->frame, walk->node);
        if (engine->reader.option->sentinel && walk->records.value) {
            walk->offset++;
            forget_passed_tails(&walk->passed);
        }
        walk->node++;
        walk->since = 0;
    }
    if (walk->records.subsection || element)
        leave_frame(walk);
}

/* Whether the reader's fields end where the writer's do. Where not, has the place decided. */
static bool reader_fields_end(struct stream_walk *walk, const struct vmwire_record *record,
                              unsigned depth)
{
    const struct twin *twin = &walk->twins[depth - 1];
    if (twin->same_fields == twin->structure->field_count)
        return true;
    decide_difference(walk, record->structure, depth, "the reader has more fields", PART_AT_FIELD);
    return false;
}

static void take_event(struct stream_walk *walk, enum vmwire_record_step event)
{
    struct vmwire_record_walk *records = &walk->records;
    if (event == VMWIRE_RECORD_BEGIN) {
        if (records->value && !records->value->data.length &&
            !has_field(walk, records->frames[records->depth - 2].record, records->depth - 1,
                       records->value))
            return;
        begin_record(walk);
    } else if (event == VMWIRE_RECORD_VALUE && records->value->data.length) {
        read_value(walk);
    } else if (event == VMWIRE_RECORD_SUBSECTION) {
        if (reader_fields_end(walk, records->frames[records->depth - 1].record, records->depth))
            begin_subsection(walk);
    } else if (event == VMWIRE_RECORD_END) {
        if (reader_fields_end(walk, records->record, records->depth + 1))
            end_record(walk);
    }
}

/* What the reader expects behind this section. It learns from the first section of a stream; a second
 * writer knows. */
static enum footer expected_footer(const struct stream_walk *walk)
{
    const struct engine *engine = walk->engine;
    if (engine->item->kind == VMWIRE_ITEM_CONFIGURATION)
        return FOOTER_LATER;
    if (engine->item == walk->first_section && !engine->reader.writes)
        return FOOTER_LEARNED;
    return engine->footers ? FOOTER_HERE : FOOTER_NONE;
}

/* Walks over one record of a section. `reads`: the reader's structure; `id_at`: where the section's id
 * stands. */
static void decide_record(struct stream_walk *walk, const struct vmwire_record *record,
                          const struct vmwire_structure *reads, uint64_t offset, uint64_t id_at)
{
    walk->offset = offset;
    walk->frame = section_frame(&walk->engine->reader, reads, expected_footer(walk), id_at);
    walk->node = 0;
    walk->since = 0;
    forget_passed_tails(&walk->passed);
    walk->parted = false;
    walk->twins[0].structure = reads;
    vmwire_record_walk_begin(&walk->records, record);
    for (enum vmwire_record_step event;
         !walk->parted && (event = vmwire_record_walk_next(&walk->records)) != VMWIRE_RECORD_DONE;)
        take_event(walk, event);
}

/* ---- Subsections that are sent behind their section ---------------------------------------------- */

static int compare_places(const void *a, const void *b)
{
    const struct vmwire_subsection_value *const *x = a, *const *y = b;
    return ((*x)->raw.data > (*y)->raw.data) - ((*x)->raw.data < (*y)->raw.data);
}

static void decide_separate_subsections(struct stream_walk *walk, const struct vmwire_item *item)
{
    const struct vmwire_subsection_value **separate = NULL;
    size_t count = 0, room = 0;
    struct vmwire_record_walk records;
    vmwire_record_walk_begin(&records, item->record);
    for (enum vmwire_record_step event;
         (event = vmwire_record_walk_next(&records)) != VMWIRE_RECORD_DONE;)
        if (event == VMWIRE_RECORD_SUBSECTION &&
            !vmwire_option_sends_inline(walk->writes, records.subsection->subsection)) {
            separate = vmwire_arena_grow(walk->engine->reader.work, separate, count, &room,
                                         sizeof(*separate));
            separate[count++] = records.subsection;
        }
    if (count)
        qsort(separate, count, sizeof(*separate), compare_places);
    for (size_t i = 0; i < count; i++) {
        size_t header = 1 + 4 + 4 + 1 + separate[i]->name.length + 4;
        if (walk->writes->subsections == VMWIRE_SUBSECTION_SECTION)
            header += item->idstr.length + 1;
        uint64_t begin = (uint64_t)(separate[i]->raw.data - walk->engine->writer.bytes.data);
        decide_record(walk, separate[i]->record, separate[i]->record->structure, begin + header,
                      begin + 1);
    }
}

/* ---- Items --------------------------------------------------------------------------------------- */

/* Finds the first and the last section, and whether sections have footers. */
static void survey_sections(struct stream_walk *walk, const struct vmwire_question *question)
{
    const struct vmwire_stream *stream = question->stream;
    for (size_t i = 0; i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        bool section =
            item->kind >= VMWIRE_ITEM_SECTION_START && item->kind <= VMWIRE_ITEM_SECTION_FULL;
        if (section && !walk->first_section)
            walk->first_section = item;
        if (section)
            walk->engine->last_section = (uint64_t)(item->raw.data - question->bytes.data);
        walk->engine->footers |= item->footer;
    }
}

/* The reader's structure for the section. NULL: it refuses the section, and `differs` says why. */
static const struct vmwire_structure *reader_structure(const struct stream_walk *walk,
                                                       const struct vmwire_item *item,
                                                       const char **differs)
{
    const struct vmwire_schema *schema = walk->engine->reader.schema;
    if (item->kind == VMWIRE_ITEM_CONFIGURATION)
        return item->record->structure;
    char idstr[256] = {0};
    memcpy(idstr, item->idstr.data, item->idstr.length);
    const struct vmwire_device *device = vmwire_schema_device(schema, idstr, item->instance_id);
    *differs = "the reader does not have this device";
    if (!device)
        return NULL;
    const struct vmwire_structure *structure = device->structure;
    *differs = "the reader does not have this version of the device";
    bool refused = structure->name && (item->version_id > structure->version_id ||
                                       item->version_id < structure->minimum_version_id);
    return refused ? NULL : structure;
}

static void decide_item(struct stream_walk *walk, const struct vmwire_item *item)
{
    if (!item->record)
        return;
    uint64_t begin = (uint64_t)(item->raw.data - walk->engine->writer.bytes.data);
    const char *differs = NULL;
    const struct vmwire_structure *reads = item->record->structure;
    walk->engine->item = item;
    if (walk->skewed)
        reads = reader_structure(walk, item, &differs);
    if (!reads) {
        walk->offset = begin;
        forget_passed_tails(&walk->passed);
        decide_difference(walk, item->record->structure, 0, differs, PART_REJECTED);
        return;
    }
    decide_record(walk, item->record, reads, begin + vmwire_item_header_length(item), begin + 1);
    if (!walk->skewed)
        decide_separate_subsections(walk, item);
}

/* Where the open packages end. */
struct packages {
    uint64_t limits[VMWIRE_PACKAGE_NESTING_LIMIT];
    unsigned depth;
};

static void enter_or_leave_package(struct packages *packages, struct engine *engine,
                                   const struct vmwire_item *item)
{
    const struct vmwire_bytes all = engine->writer.bytes;
    if (item->kind == VMWIRE_ITEM_PACKAGE) {
        const uint8_t *begin = item->raw.data + item->raw.length;
        assert(packages->depth < VMWIRE_PACKAGE_NESTING_LIMIT && "as the writer made sure");
        packages->limits[packages->depth++] = (uint64_t)(begin - all.data) + vmwire_be32(begin - 4);
    } else if (item->kind == VMWIRE_ITEM_PACKAGE_END) {
        packages->depth--;
    }
    engine->in_package = packages->depth > 0;
    engine->writer.limit = packages->depth ? packages->limits[packages->depth - 1] : all.length;
}

struct vmwire_decision vmwire_decide(const struct vmwire_question *question,
                                     struct vmwire_arena *arena)
{
    struct vmwire_arena *work = vmwire_arena_create();
    struct engine *engine = vmwire_arena_alloc(work, sizeof(*engine));
    struct stream_walk *walk = vmwire_arena_alloc(work, sizeof(*walk));
    struct vmwire_decision decision = {0};
    struct packages packages = {.depth = 0};
    *engine = (struct engine){
        .reader = {.option = question->reader.option,
                   .schema = question->reader.schema,
                   .writes = question->ambiguity,
                   .work = work},
        .skewed = question->skewed,
        .arena = arena,
        .scratch = vmwire_arena_create(),
        .writer = make_writer_side(question->stream, question->bytes, work),
    };
    walk->engine = engine;
    walk->decision = &decision;
    walk->writes = question->option;
    walk->only_at = question->only_at;
    walk->skewed = question->skewed;
    survey_sections(walk, question);
    for (size_t i = 0; i < question->stream->item_count; i++) {
        enter_or_leave_package(&packages, engine, question->stream->items[i]);
        decide_item(walk, question->stream->items[i]);
    }
    vmwire_arena_destroy(engine->scratch);
    vmwire_arena_destroy(work);
    return decision;
}
