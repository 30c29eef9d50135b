/*
 * Walks over a stream with reader and writer in step, and has each tail on the way decided.
 */
#include "engine.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "deciding.h"

/* The walk over a section in which reader and writer are in step. */
struct in_step {
    struct engine *engine;
    struct decision *decision;
    size_t room;
    struct record_walk walk;
    uint64_t offset;
    size_t frame, node;
    struct passed_tails passed;
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
    const struct node *node = node_at(step->engine, step->frame, step->node);
    while (node->kind != kind || (field && node->field != field)) {
        assert(node->kind != NODE_END && node->kind != NODE_TAIL);
        node++;
        step->node++;
    }
}

static void decide_here(struct in_step *step, const struct record *record, unsigned depth,
                        const struct subsection_value *sent)
{
    seek(step, NODE_TAIL, NULL);
    struct decision *decision = step->decision;
    decision->tails = arena_grow(step->engine->arena, decision->tails, decision->tail_count,
                                 &step->room, sizeof(*decision->tails));
    struct tail_verdict *verdict = &decision->tails[decision->tail_count++];
    *verdict = (struct tail_verdict){
        .item = step->engine->item,
        .owner = record->structure,
        .path = path_of(step, depth),
        .offset = step->offset,
    };
    struct tail tail = {
        .verdict = verdict,
        .frame = step->frame,
        .node = step->node,
        .passed = step->passed,
        .sent = sent,
    };
    decide_tail(step->engine, &tail);
}

static void enter_frame(struct in_step *step, const struct structure *structure, bool element)
{
    step->frame = frame_of(step->engine, structure, step->frame, step->node, 0, element);
    step->node = 0;
}

static void leave_frame(struct in_step *step)
{
    const struct frame_position *frame = &step->engine->frames[step->frame];
    step->node = frame->return_node;
    step->frame = frame->parent;
}

static void end_of_record(struct in_step *step)
{
    const struct engine *engine = step->engine;
    const struct structure *structure = step->walk.record->structure;
    bool element = step->walk.value && step->walk.value->data.length;
    if (structure->name) {
        decide_here(step, step->walk.record, step->walk.depth + 1, NULL);
        if (tail_look_of(engine, structure) != LOOK_NEVER)
            step->passed.tails[step->passed.count++] =
                (struct passed_tail){structure, tail_look_of(engine, structure)};
        if (engine->option->sentinel && step->walk.value) {
            step->offset++;
            step->passed.count = 0;
        }
        step->node++;
    }
    if (step->walk.subsection || element)
        leave_frame(step);
}

/* `id_at`: where the section's id stands. */
static void decide_record(struct in_step *step, const struct record *record, uint64_t offset,
                          uint64_t id_at)
{
    struct engine *engine = step->engine;
    step->offset = offset;
    step->frame = section_frame(engine, record->structure, engine->item->footer, id_at);
    step->node = 0;
    step->passed.count = 0;
    record_walk_begin(&step->walk, record);
    for (enum record_step event; (event = record_walk_next(&step->walk)) != RECORD_DONE;) {
        const struct value *value = step->walk.value;
        const struct subsection_value *subsection = step->walk.subsection;
        if (event == RECORD_BEGIN && value && value->data.length) {
            seek(step, NODE_LIST, value->field);
            enter_frame(step, value->record->structure, true);
        } else if (event == RECORD_VALUE && value->data.length) {
            step->offset =
                (uint64_t)(value->data.data - engine->writer.bytes.data) + value->data.length;
            step->passed.count = 0;
        } else if (event == RECORD_SUBSECTION) {
            if (!option_sends_inline(engine->option, subsection->subsection)) {
                record_walk_skip(&step->walk);
                continue;
            }
            decide_here(step, step->walk.frames[step->walk.depth - 1].record, step->walk.depth,
                        subsection);
            step->offset += 2 + subsection->name.length + 4;
            step->passed.count = 0;
            enter_frame(step, subsection->record->structure, false);
        } else if (event == RECORD_END) {
            end_of_record(step);
        }
    }
}

/* The subsections that are sent behind their section are sections of their own. */
static void decide_separate(struct in_step *step, const struct item *item)
{
    const struct protocol_option *option = step->engine->option;
    struct record_walk walk;
    record_walk_begin(&walk, item->record);
    for (enum record_step event; (event = record_walk_next(&walk)) != RECORD_DONE;) {
        if (event != RECORD_SUBSECTION || option_sends_inline(option, walk.subsection->subsection))
            continue;
        size_t header = 1 + 4 + 4 + 1 + walk.subsection->name.length + 4;
        if (option->subsections == SUBSECTION_SECTION)
            header += item->idstr.length + 1;
        uint64_t begin = (uint64_t)(walk.subsection->raw.data - step->engine->writer.bytes.data);
        decide_record(step, walk.subsection->record, begin + header, begin + 1);
    }
}

static bool has_footers(const struct stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->footer)
            return true;
    return false;
}

static void decide_item(struct in_step *step, const struct item *item)
{
    if (!item->record)
        return;
    uint64_t begin = (uint64_t)(item->raw.data - step->engine->writer.bytes.data);
    step->engine->item = item;
    decide_record(step, item->record, begin + item_header_length(item), begin + 1);
    decide_separate(step, item);
}

struct decision engine_decide(const struct question *question, struct arena *arena)
{
    struct arena *work = arena_create();
    struct engine *engine = arena_alloc(work, sizeof(*engine));
    struct in_step *step = arena_alloc(work, sizeof(*step));
    struct decision decision = {0};
    *engine = (struct engine){
        .option = question->option,
        .schema = question->schema,
        .reader_writes = question->ambiguity,
        .footers = has_footers(question->stream),
        .arena = arena,
        .work = work,
        .scratch = arena_create(),
        .writer = writer_side_of(question->stream, question->bytes, work),
    };
    step->engine = engine;
    step->decision = &decision;
    for (size_t i = 0; i < question->stream->item_count; i++)
        decide_item(step, question->stream->items[i]);
    arena_destroy(engine->scratch);
    arena_destroy(work);
    return decision;
}
