/*
 * Walks over a stream with reader and writer in step, and has each tail on the way decided.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide/tail_verdict.h"
#include "vmwire/wire.h"

/* The walk over a section in which reader and writer are in step. */
struct in_step {
    struct engine *engine;
    struct decision *decision;
    size_t room;
    struct record_walk walk;
    uint64_t offset;
    size_t frame, node;
    uint64_t since; /* bytes of fields read since the reader was at the beginning of `node` */
    struct passed_tails passed;
    const struct protocol_option *writes;
    const struct item *first_section;
    const uint64_t *only_at;
    bool skewed; /* the reader has a schema of its own */
    bool parted; /* nothing that follows in this section is in step */

    /* The reader's structure of each record that is open, and how many of its first fields are the
     * writer's. */
    struct twin {
        const struct structure *structure;
        size_t same_fields;
        bool blocked; /* tails were passed before its first subsection: they take what it would */
    } twins[SCHEMA_NESTING_LIMIT];
};

static void append_path(char *path, size_t size, const struct record_walk_frame *frame)
{
    size_t length = strlen(path);
    const char *dot = length ? "." : "";
    if (frame->as_subsection)
        snprintf(path + length, size - length, "%s%s", dot, frame->as_subsection->subsection->name);
    else if (frame->as_value->field->index >= 0)
        snprintf(path + length, size - length, "%s%s[%d]", dot, frame->as_value->field->name,
                 frame->as_value->field->index);
    else if (frame->as_value->field->count > 1 || frame->as_value->field->class == FIELD_LIST)
        snprintf(path + length, size - length, "%s%s[%u]", dot, frame->as_value->field->name,
                 frame->as_value->element);
    else
        snprintf(path + length, size - length, "%s%s", dot, frame->as_value->field->name);
}

static const char *path_of(const struct in_step *step, unsigned depth)
{
    char path[1024] = "";
    for (unsigned i = 1; i < depth; i++)
        append_path(path, sizeof(path), &step->walk.frames[i]);
    return arena_string(step->engine->arena, path, strlen(path));
}

static void seek(struct in_step *step, enum node_kind kind, const struct field *field)
{
    const struct node *node = node_at(&step->engine->reader, step->frame, step->node);
    while (node->kind != kind || (field && node->field != field)) {
        assert(node->kind != NODE_END && node->kind != NODE_TAIL);
        node++;
        step->node++;
    }
}

/* ---- What two schemas have in common ------------------------------------------------------------- */

/* The same on the wire; what is in an embedded structure is compared when it is come to. */
static bool same_field(const struct field *a, const struct field *b)
{
    bool record = a->class == FIELD_RECORD, list = a->class == FIELD_LIST;
    if (record != (b->class == FIELD_RECORD) || list != (b->class == FIELD_LIST))
        return false;
    return list || (a->count == b->count && a->length == b->length &&
                    a->null_pointer == b->null_pointer && (record || a->size == b->size));
}

static struct twin twin_of(const struct structure *writes, const struct structure *reads)
{
    struct twin twin = {.structure = reads, .same_fields = writes->field_count};
    if (writes == reads)
        return twin;
    twin.same_fields = 0;
    while (twin.same_fields < writes->field_count && twin.same_fields < reads->field_count &&
           same_field(&writes->fields[twin.same_fields], &reads->fields[twin.same_fields]))
        twin.same_fields++;
    return twin;
}

static struct twin *top_twin(struct in_step *step)
{
    return &step->twins[step->walk.depth - 1];
}

/* The reader's field in the place of the writer's, in the record that `value` is in. */
static const struct field *twin_field(const struct twin *twin, const struct record *record,
                                      const struct value *value)
{
    return &twin->structure->fields[value->field - record->structure->fields];
}

/* ---- Deciding ------------------------------------------------------------------------------------ */

static struct tail_verdict *add_verdict(struct in_step *step, const struct structure *owner,
                                        unsigned depth)
{
    struct decision *decision = step->decision;
    decision->tails = arena_grow(step->engine->arena, decision->tails, decision->tail_count,
                                 &step->room, sizeof(*decision->tails));
    struct tail_verdict *verdict = &decision->tails[decision->tail_count++];
    *verdict = (struct tail_verdict){
        .item = step->engine->item,
        .owner = owner,
        .path = path_of(step, depth),
        .offset = step->offset,
    };
    return verdict;
}

static void add_within(const struct in_step *step, struct tail *tail,
                       const struct subsection_value *subsection)
{
    if (!subsection || !subsection->optional)
        return;
    uint64_t from = (uint64_t)(subsection->raw.data - step->engine->writer.bytes.data);
    tail->within[tail->within_count++] = (struct extent){from, from + subsection->raw.length};
}

/* How many of the owner's subsections a second writer has gone past with the first one: those that every
 * state sends. */
static size_t gone_past(const struct record *record)
{
    const struct subsection_value *last = record->last_subsection;
    if (!last || last->optional)
        return 0;
    return (size_t)(last->subsection - record->structure->subsections) + 1;
}

/* `depth`: of the record. At its end a tail that was passed before its subsections blocks no more, if
 * one is sent. */
static void decide_here(struct in_step *step, const struct record *record, unsigned depth,
                        const struct subsection_value *sent)
{
    seek(step, NODE_TAIL, NULL);
    if (step->only_at && step->offset != *step->only_at)
        return;
    struct tail tail = {
        .verdict = add_verdict(step, record->structure, depth),
        .frame = step->frame,
        .node = step->node,
        .done = step->engine->reader.writes && !sent ? gone_past(record) : 0,
        .passed = step->passed,
        .sent = sent,
    };
    for (unsigned i = 0; i < depth; i++)
        add_within(step, &tail, step->walk.frames[i].as_subsection);
    if (!sent && step->twins[depth - 1].blocked)
        add_within(step, &tail, record->last_subsection);
    decide_tail(step->engine, &tail);
}

/* The two schemas part here. */
static void decide_difference(struct in_step *step, const struct structure *owner, unsigned depth,
                              const char *differs, enum parting parting)
{
    struct tail tail = {
        .verdict = add_verdict(step, owner, depth),
        .parting = parting,
        .frame = step->frame,
        .node = step->node,
        .passed = step->passed,
    };
    tail.verdict->differs = differs;
    tail.done = step->since;
    if (parting == PART_AT_FIELD)
        for (const struct node *node = node_at(&step->engine->reader, tail.frame, tail.node);
             tail.done && tail.done >= node->length; node++, tail.node++)
            tail.done -= node->length;
    decide_tail(step->engine, &tail);
    step->parted = true;
}

/* `past`: how many of the owner's subsections a second writer will have gone past behind it. */
static void enter_frame(struct in_step *step, const struct structure *structure, size_t past,
                        bool element)
{
    step->frame =
        frame_of(&step->engine->reader, structure, step->frame, step->node, past, element);
    step->node = 0;
    step->since = 0;
}

static void leave_frame(struct in_step *step)
{
    const struct frame_position *frame = &step->engine->reader.frames[step->frame];
    step->node = frame->return_node;
    step->frame = frame->parent;
    step->since = 0;
}

/* ---- The events of a walk ------------------------------------------------------------------------ */

static void begin_record(struct in_step *step)
{
    unsigned depth = step->walk.depth;
    const struct value *value = step->walk.value;
    const struct structure *reads = step->twins[0].structure;
    if (step->walk.subsection) {
        reads = structure_subsection(step->twins[depth - 2].structure,
                                     step->walk.subsection->subsection->name)
                    ->structure;
    } else if (value) {
        const struct record *around = step->walk.frames[depth - 2].record;
        const struct field *field = twin_field(&step->twins[depth - 2], around, value);
        reads = field->structure;
        if (value->data.length) {
            seek(step, NODE_LIST, field);
            enter_frame(step, reads, 0, true);
        }
    }
    *top_twin(step) = twin_of(step->walk.record->structure, reads);
}

/* Whether the reader's schema has the field that comes next, too. */
static bool has_field(struct in_step *step, const struct record *record, unsigned depth,
                      const struct value *value)
{
    const struct twin *twin = &step->twins[depth - 1];
    if ((size_t)(value->field - record->structure->fields) < twin->same_fields)
        return true;
    decide_difference(step, record->structure, depth, "the reader has another field here",
                      PART_AT_FIELD);
    return false;
}

static void read_value(struct in_step *step)
{
    const struct value *value = step->walk.value;
    const struct record *record = step->walk.frames[step->walk.depth - 1].record;
    if (!has_field(step, record, step->walk.depth, value))
        return;
    step->offset =
        (uint64_t)(value->data.data - step->engine->writer.bytes.data) + value->data.length;
    step->since += value->data.length;
    passed_forget(&step->passed);
    if (value->field->class == FIELD_LIST && !value->record) {
        seek(step, NODE_LIST, twin_field(top_twin(step), record, value));
        step->node++;
        step->since = 0;
    }
}

/* Why the reader refuses what is sent, or NULL. */
static const char *refusal(const struct subsection *reads, uint8_t version_id)
{
    if (!reads)
        return "the reader does not have this subsection";
    if (version_id > reads->version_id || version_id < reads->minimum_version_id)
        return "the reader does not have this version of the subsection";
    return NULL;
}

static void begin_subsection(struct in_step *step)
{
    const struct subsection_value *sent = step->walk.subsection;
    const struct record *owner = step->walk.frames[step->walk.depth - 1].record;
    if (!option_sends_inline(step->writes, sent->subsection)) {
        record_walk_skip(&step->walk);
        return;
    }
    decide_here(step, owner, step->walk.depth, sent);
    top_twin(step)->blocked |= sent == owner->subsections && step->passed.count > 0;
    const struct subsection *reads =
        structure_subsection(top_twin(step)->structure, sent->subsection->name);
    const char *refused = refusal(reads, (uint8_t)sent->version_id);
    if (refused) {
        decide_difference(step, owner->structure, step->walk.depth, refused, PART_REJECTED);
        return;
    }
    if (!reads->structure) {
        struct tail_verdict *verdict = add_verdict(step, owner->structure, step->walk.depth);
        verdict->verdict = VERDICT_UNDECIDED;
        verdict->reason = "the reader's layout of a subsection is not known";
        step->parted = true;
        return;
    }
    step->offset += 2 + sent->name.length + 4;
    passed_forget(&step->passed);
    size_t past = (size_t)(reads - top_twin(step)->structure->subsections) + 1;
    enter_frame(step, reads->structure, step->engine->reader.writes ? past : 0, false);
}

static void end_record(struct in_step *step)
{
    const struct engine *engine = step->engine;
    const struct structure *structure = step->twins[step->walk.depth].structure;
    bool element = step->walk.value && step->walk.value->data.length;
    if (structure->name) {
        decide_here(step, step->walk.record, step->walk.depth + 1, NULL);
        passed_add(engine, &step->passed, step->frame, step->node);
        if (engine->reader.option->sentinel && step->walk.value) {
            step->offset++;
            passed_forget(&step->passed);
        }
        step->node++;
        step->since = 0;
    }
    if (step->walk.subsection || element)
        leave_frame(step);
}

/* At the end of the writer's fields: whether those of the reader end as well. */
static bool ends_too(struct in_step *step, const struct record *record, unsigned depth)
{
    const struct twin *twin = &step->twins[depth - 1];
    if (twin->same_fields == twin->structure->field_count)
        return true;
    decide_difference(step, record->structure, depth, "the reader has more fields", PART_AT_FIELD);
    return false;
}

static void take_event(struct in_step *step, enum record_step event)
{
    struct record_walk *walk = &step->walk;
    if (event == RECORD_BEGIN) {
        if (walk->value && !walk->value->data.length &&
            !has_field(step, walk->frames[walk->depth - 2].record, walk->depth - 1, walk->value))
            return;
        begin_record(step);
    } else if (event == RECORD_VALUE && walk->value->data.length) {
        read_value(step);
    } else if (event == RECORD_SUBSECTION) {
        if (ends_too(step, walk->frames[walk->depth - 1].record, walk->depth))
            begin_subsection(step);
    } else if (event == RECORD_END) {
        if (ends_too(step, walk->record, walk->depth + 1))
            end_record(step);
    }
}

/* What the reader expects behind the section: the first one of a stream tells it of all. A second writer of
 * the same bytes knows. */
static enum footer footer_of(const struct in_step *step)
{
    const struct engine *engine = step->engine;
    if (engine->item->kind == ITEM_CONFIGURATION)
        return FOOTER_LATER;
    if (engine->item == step->first_section && !engine->reader.writes)
        return FOOTER_LEARNED;
    return engine->footers ? FOOTER_HERE : FOOTER_NONE;
}

/* `reads`: what the reader takes the record for; `id_at`: where the section's id stands. */
static void decide_record(struct in_step *step, const struct record *record,
                          const struct structure *reads, uint64_t offset, uint64_t id_at)
{
    step->offset = offset;
    step->frame = section_frame(&step->engine->reader, reads, footer_of(step), id_at);
    step->node = 0;
    step->since = 0;
    passed_forget(&step->passed);
    step->parted = false;
    step->twins[0].structure = reads;
    record_walk_begin(&step->walk, record);
    for (enum record_step event;
         !step->parted && (event = record_walk_next(&step->walk)) != RECORD_DONE;)
        take_event(step, event);
}

/* ---- Subsections that are sent behind their section: sections of their own ------------------------ */

static int in_order_of_stream(const void *a, const void *b)
{
    const struct subsection_value *const *x = a, *const *y = b;
    return ((*x)->raw.data > (*y)->raw.data) - ((*x)->raw.data < (*y)->raw.data);
}

static void decide_separate(struct in_step *step, const struct item *item)
{
    const struct subsection_value **separate = NULL;
    size_t count = 0, room = 0;
    struct record_walk walk;
    record_walk_begin(&walk, item->record);
    for (enum record_step event; (event = record_walk_next(&walk)) != RECORD_DONE;)
        if (event == RECORD_SUBSECTION &&
            !option_sends_inline(step->writes, walk.subsection->subsection)) {
            separate =
                arena_grow(step->engine->reader.work, separate, count, &room, sizeof(*separate));
            separate[count++] = walk.subsection;
        }
    if (count)
        qsort(separate, count, sizeof(*separate), in_order_of_stream);
    for (size_t i = 0; i < count; i++) {
        size_t header = 1 + 4 + 4 + 1 + separate[i]->name.length + 4;
        if (step->writes->subsections == SUBSECTION_SECTION)
            header += item->idstr.length + 1;
        uint64_t begin = (uint64_t)(separate[i]->raw.data - step->engine->writer.bytes.data);
        decide_record(step, separate[i]->record, separate[i]->record->structure, begin + header,
                      begin + 1);
    }
}

/* ---- Items --------------------------------------------------------------------------------------- */

/* Whether there are footers, the first section and the last one. */
static void find_footers(struct in_step *step, const struct question *question)
{
    const struct stream *stream = question->stream;
    for (size_t i = 0; i < stream->item_count; i++) {
        const struct item *item = stream->items[i];
        bool section = item->kind >= ITEM_SECTION_START && item->kind <= ITEM_SECTION_FULL;
        if (section && !step->first_section)
            step->first_section = item;
        if (section)
            step->engine->last_section = (uint64_t)(item->raw.data - question->bytes.data);
        step->engine->footers |= item->footer;
    }
}

/* What the reader takes the section for; NULL, with what differs: it refuses it. */
static const struct structure *reader_structure(const struct in_step *step, const struct item *item,
                                                const char **differs)
{
    const struct schema *schema = step->engine->reader.schema;
    if (item->kind == ITEM_CONFIGURATION)
        return item->record->structure;
    char idstr[256] = {0};
    memcpy(idstr, item->idstr.data, item->idstr.length);
    const struct device *device = schema_device(schema, idstr, item->instance_id);
    *differs = "the reader does not have this device";
    if (!device)
        return NULL;
    const struct structure *structure = device->structure;
    *differs = "the reader does not have this version of the device";
    bool refused = structure->name && (item->version_id > structure->version_id ||
                                       item->version_id < structure->minimum_version_id);
    return refused ? NULL : structure;
}

static void decide_item(struct in_step *step, const struct item *item)
{
    if (!item->record)
        return;
    uint64_t begin = (uint64_t)(item->raw.data - step->engine->writer.bytes.data);
    const char *differs = NULL;
    const struct structure *reads = item->record->structure;
    step->engine->item = item;
    if (step->skewed)
        reads = reader_structure(step, item, &differs);
    if (!reads) {
        step->offset = begin;
        passed_forget(&step->passed);
        decide_difference(step, item->record->structure, 0, differs, PART_REJECTED);
        return;
    }
    decide_record(step, item->record, reads, begin + item_header_length(item), begin + 1);
    if (!step->skewed)
        decide_separate(step, item);
}

/* Where the items end among which those behind this one are. */
struct packages {
    uint64_t limits[PACKAGE_NESTING_LIMIT];
    unsigned depth;
};

static void enter_or_leave(struct packages *packages, struct engine *engine,
                           const struct item *item)
{
    const struct bytes all = engine->writer.bytes;
    if (item->kind == ITEM_PACKAGE) {
        const uint8_t *begin = item->raw.data + item->raw.length;
        assert(packages->depth < PACKAGE_NESTING_LIMIT && "as the writer made sure");
        packages->limits[packages->depth++] = (uint64_t)(begin - all.data) + be32(begin - 4);
    } else if (item->kind == ITEM_PACKAGE_END) {
        packages->depth--;
    }
    engine->in_package = packages->depth > 0;
    engine->writer.limit = packages->depth ? packages->limits[packages->depth - 1] : all.length;
}

struct decision engine_decide(const struct question *question, struct arena *arena)
{
    struct arena *work = arena_create();
    struct engine *engine = arena_alloc(work, sizeof(*engine));
    struct in_step *step = arena_alloc(work, sizeof(*step));
    struct decision decision = {0};
    struct packages packages = {.depth = 0};
    *engine = (struct engine){
        .reader = {.option = question->reader.option,
                   .schema = question->reader.schema,
                   .writes = question->ambiguity,
                   .work = work},
        .skewed = question->skewed,
        .arena = arena,
        .scratch = arena_create(),
        .writer = writer_side_of(question->stream, question->bytes, work),
    };
    step->engine = engine;
    step->decision = &decision;
    step->writes = question->option;
    step->only_at = question->only_at;
    step->skewed = question->skewed;
    find_footers(step, question);
    for (size_t i = 0; i < question->stream->item_count; i++) {
        enter_or_leave(&packages, engine, question->stream->items[i]);
        decide_item(step, question->stream->items[i]);
    }
    arena_destroy(engine->scratch);
    arena_destroy(work);
    return decision;
}
