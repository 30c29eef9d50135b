/*
 * The search over pairs of positions. The writer's position is an offset in the stream, each byte
 * of which may hold what its field's class allows; the reader's is a node of a program, which is
 * what is left to read of a record when it is written down as a list. See engine.h for what is
 * decided.
 */
#include "engine.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

/* ---- The writer's side: what each byte can be --------------------------------------------------
 */

enum { ITEM_BEGINS = 0x80 }; /* beside the field class of a byte */

struct writer_side {
    struct bytes bytes;
    uint8_t *classes; /* of every byte; framing is FIELD_CONSTANT */
    bool opaque_is_free;
};

static uint8_t class_at(const struct writer_side *writer, uint64_t offset)
{
    return writer->classes[offset] & (uint8_t)~ITEM_BEGINS;
}

/* Whether the byte can hold the value. */
static bool possible(const struct writer_side *writer, uint64_t offset, uint8_t value)
{
    if (offset >= writer->bytes.length)
        return false;
    uint8_t now = writer->bytes.data[offset];
    switch (class_at(writer, offset)) {
    case FIELD_FREE:
        return true;
    case FIELD_ZEROS:
        return value == 0;
    case FIELD_BOOL:
        return value <= 1;
    case FIELD_OPAQUE:
        return writer->opaque_is_free || value == now;
    default:
        return value == now;
    }
}

/* A value of the byte that is not `value`: preferably the one it has. False when there is none. */
static bool another(const struct writer_side *writer, uint64_t offset, uint8_t value,
                    uint8_t *result)
{
    if (offset >= writer->bytes.length)
        return false;
    *result = writer->bytes.data[offset];
    for (unsigned other = 0; *result == value && other < 3; other++)
        if (other != value && possible(writer, offset, (uint8_t)other))
            *result = (uint8_t)other;
    return *result != value;
}

static void set_class(struct writer_side *writer, struct bytes bytes, enum field_class class)
{
    memset(writer->classes + (bytes.data - writer->bytes.data), class, bytes.length);
}

static void set_classes_of_record(struct writer_side *writer, const struct record *record)
{
    struct record_walk walk;
    record_walk_begin(&walk, record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;)
        if (step == RECORD_VALUE && walk.value->field->class != FIELD_LIST)
            set_class(writer, walk.value->data, walk.value->field->class);
}

static struct writer_side writer_side_of(const struct stream *stream, struct bytes bytes,
                                         struct arena *arena)
{
    struct writer_side writer = {.bytes = bytes, .classes = arena_alloc(arena, bytes.length + 1)};
    memset(writer.classes, FIELD_CONSTANT, bytes.length);
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->record)
            set_classes_of_record(&writer, stream->items[i]->record);
    for (size_t i = 0; i < stream->item_count; i++)
        writer.classes[stream->items[i]->raw.data - bytes.data] |= ITEM_BEGINS;
    return writer;
}

/* ---- The reader's side: records as programs ----------------------------------------------------
 */

enum node_kind {
    NODE_DATA,  /* `length` bytes, whatever they hold */
    NODE_NULLS, /* `length` markers of null pointers */
    NODE_LIST,  /* a byte that is not 00 and a record, or 00 */
    NODE_BLIND, /* a field whose length the schema does not tell */
    NODE_TAIL,  /* of `structure` */
    NODE_END,   /* of the program */
};

struct node {
    enum node_kind kind;
    bool embedded; /* the tail of an embedded record */
    const struct structure *structure;
    const struct field *field;
    uint64_t length;
    size_t next_choice; /* the next node at which the reader can do more than read on or reject */
};

/* All that there is to read of one structure, what is embedded in it included. */
struct program {
    const struct structure *structure;
    struct node *nodes;
    size_t count, room;
};

/* A program that is being read, and where its reader goes on behind it. */
struct frame_position {
    const struct program *program;
    size_t parent; /* NO_FRAME: the section's own record */
    size_t return_node;
    bool element; /* of a list: an embedded record */
};

#define NO_FRAME SIZE_MAX

/* ---- The search --------------------------------------------------------------------------------
 */

/* A pair of positions: the reader is about to read `node` at `offset`. */
struct state {
    uint64_t offset;
    size_t frame, node;     /* frame NO_FRAME: between two items */
    size_t before;          /* the state that it was reached from, NO_FRAME: the tail itself */
    struct demand *demands; /* of the step that led here */
    size_t demand_count;
    size_t cost; /* demands in all, from the tail on */
};

/* A tail that the reader has passed without having read a byte since: the next byte must not look
 * like a subsection to it. */
struct passed_tail {
    const struct structure *owner;
    enum tail_look look;
};

struct passed_tails {
    struct passed_tail tails[2 * SCHEMA_NESTING_LIMIT + 2];
    size_t count;
};

/* An index from three numbers to a position in an array. */
struct table {
    struct slot {
        uint64_t keys[3];
        size_t value; /* plus one; 0: free */
    } * slots;
    size_t size, count;
};

struct engine {
    const struct protocol_option *option;
    const struct schema *schema;
    struct arena *arena;   /* of what is returned */
    struct arena *work;    /* of programs and frames */
    struct arena *scratch; /* of the tail that is being decided */
    struct writer_side writer;

    struct table program_table, frame_table;
    struct program **programs;
    size_t program_count, program_room;
    struct frame_position *frames;
    size_t frame_count, frame_room;

    /* Of the tail that is being decided. */
    const struct item *item;
    struct table state_table;
    struct state *states;
    size_t state_count, state_room;
    size_t *queue; /* states by offset, then cost: a binary heap */
    size_t queue_count, queue_room;
    struct best {
        bool found;
        size_t cost;
        size_t state;
        struct demand *demands;
        size_t demand_count;
    } best[OUTCOME_CORRUPT + 1];
    const char *undecided;
};

static uint64_t hash(const uint64_t keys[3])
{
    uint64_t value = 0;
    for (int i = 0; i < 3; i++) {
        value = (value ^ keys[i]) * UINT64_C(0x9e3779b97f4a7c15);
        value ^= value >> 29;
    }
    return value;
}

static struct slot *table_slot(const struct table *table, const uint64_t keys[3])
{
    size_t i = hash(keys) & (table->size - 1);
    while (table->slots[i].value &&
           memcmp(table->slots[i].keys, keys, sizeof(table->slots[i].keys)))
        i = (i + 1) & (table->size - 1);
    return &table->slots[i];
}

/* The slot of the keys; its value is 0 where they are new, and to be set then. */
static struct slot *table_find(struct table *table, struct arena *arena, uint64_t a, uint64_t b,
                               uint64_t c)
{
    if (2 * table->count >= table->size) {
        struct table grown = {.size = table->size ? 2 * table->size : 256, .count = table->count};
        grown.slots = arena_alloc(arena, grown.size * sizeof(*grown.slots));
        for (size_t i = 0; i < table->size; i++)
            if (table->slots[i].value)
                *table_slot(&grown, table->slots[i].keys) = table->slots[i];
        *table = grown;
    }
    uint64_t keys[3] = {a, b, c};
    struct slot *slot = table_slot(table, keys);
    if (!slot->value) {
        memcpy(slot->keys, keys, sizeof(keys));
        table->count++;
    }
    return slot;
}

/* ---- Making programs ---------------------------------------------------------------------------
 */

static void add_node(struct engine *engine, struct program *program, struct node node)
{
    struct node *last = program->count ? &program->nodes[program->count - 1] : NULL;
    if (node.kind == NODE_DATA && last && last->kind == NODE_DATA) {
        last->length += node.length;
        return;
    }
    program->nodes = arena_grow(engine->work, program->nodes, program->count, &program->room,
                                sizeof(struct node));
    program->nodes[program->count++] = node;
}

static void add_field(struct engine *engine, struct program *program, const struct field *field)
{
    struct node node = {
        .kind = NODE_DATA, .field = field, .length = (uint64_t)field->size * field->count};
    if (field->class == FIELD_LIST)
        node.kind = NODE_LIST;
    else if (field->length != LENGTH_FIXED)
        node.kind = NODE_BLIND;
    else if (field->null_pointer)
        node.kind = NODE_NULLS;
    if (node.kind != NODE_DATA || node.length)
        add_node(engine, program, node);
}

struct open_record {
    const struct structure *structure;
    size_t field;
    uint32_t element;
};

static void add_tail(struct engine *engine, struct program *program,
                     const struct structure *structure, bool embedded)
{
    if (structure->name)
        add_node(engine, program,
                 (struct node){.kind = NODE_TAIL, .embedded = embedded, .structure = structure});
}

static void write_down(struct engine *engine, struct program *program)
{
    struct open_record open[SCHEMA_NESTING_LIMIT];
    size_t depth = 1;
    open[0] = (struct open_record){.structure = program->structure};
    while (depth) {
        struct open_record *record = &open[depth - 1];
        if (record->field == record->structure->field_count) {
            add_tail(engine, program, record->structure, --depth > 0);
            continue;
        }
        const struct field *field = &record->structure->fields[record->field];
        if (field->class != FIELD_RECORD) {
            add_field(engine, program, field);
            record->field++;
        } else if (record->element == field->count) {
            record->element = 0;
            record->field++;
        } else {
            record->element++;
            assert(depth < SCHEMA_NESTING_LIMIT);
            open[depth++] = (struct open_record){.structure = field->structure};
        }
    }
    add_node(engine, program, (struct node){.kind = NODE_END});
}

static bool has_inline_subsections(const struct engine *engine, const struct structure *structure)
{
    for (size_t i = 0; i < structure->subsection_count; i++)
        if (option_sends_inline(engine->option, &structure->subsections[i]))
            return true;
    return false;
}

static bool is_choice(const struct engine *engine, const struct node *node)
{
    if (node->kind == NODE_TAIL)
        return engine->option->sentinel || has_inline_subsections(engine, node->structure);
    return node->kind != NODE_DATA;
}

static void find_choices(const struct engine *engine, struct program *program)
{
    size_t choice = program->count - 1;
    for (size_t i = program->count; i-- > 0;) {
        if (is_choice(engine, &program->nodes[i]))
            choice = i;
        program->nodes[i].next_choice = choice;
    }
}

static const struct program *program_of(struct engine *engine, const struct structure *structure)
{
    struct slot *slot =
        table_find(&engine->program_table, engine->work, (uint64_t)(uintptr_t)structure, 0, 0);
    if (!slot->value) {
        struct program *program = arena_alloc(engine->work, sizeof(*program));
        program->structure = structure;
        write_down(engine, program);
        find_choices(engine, program);
        engine->programs = arena_grow(engine->work, engine->programs, engine->program_count,
                                      &engine->program_room, sizeof(struct program *));
        engine->programs[engine->program_count++] = program;
        slot->value = engine->program_count;
    }
    return engine->programs[slot->value - 1];
}

/* The same program called from the same place is the same frame. */
static size_t frame_of(struct engine *engine, const struct structure *structure, size_t parent,
                       size_t return_node, bool element)
{
    const struct program *program = program_of(engine, structure);
    struct slot *slot = table_find(&engine->frame_table, engine->work, (uint64_t)(uintptr_t)program,
                                   parent, return_node);
    if (!slot->value) {
        engine->frames = arena_grow(engine->work, engine->frames, engine->frame_count,
                                    &engine->frame_room, sizeof(struct frame_position));
        engine->frames[engine->frame_count++] =
            (struct frame_position){program, parent, return_node, element};
        slot->value = engine->frame_count;
    }
    return slot->value - 1;
}

static const struct node *node_at(const struct engine *engine, size_t frame, size_t node)
{
    return &engine->frames[frame].program->nodes[node];
}

static unsigned frame_depth(const struct engine *engine, size_t frame)
{
    unsigned depth = 0;
    for (; frame != NO_FRAME; frame = engine->frames[frame].parent)
        depth++;
    return depth;
}

/* ---- Demands: the bytes of a step
 * ---------------------------------------------------------------- */

/* What one step asks of the writer's bytes. Bytes are read once, so no two demands can differ. */
struct demands {
    struct demand list[2 + 255 + 4 + 1];
    size_t count;
};

static bool demand(const struct engine *engine, struct demands *demands, uint64_t offset,
                   uint8_t value)
{
    if (!possible(&engine->writer, offset, value))
        return false;
    assert(demands->count < sizeof(demands->list) / sizeof(demands->list[0]));
    demands->list[demands->count++] = (struct demand){offset, value};
    return true;
}

static bool demand_bytes(const struct engine *engine, struct demands *demands, uint64_t offset,
                         const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!demand(engine, demands, offset + i, ((const uint8_t *)bytes)[i]))
            return false;
    return true;
}

static bool demand_another(const struct engine *engine, struct demands *demands, uint64_t offset,
                           uint8_t than)
{
    uint8_t value;
    return another(&engine->writer, offset, than, &value) && demand(engine, demands, offset, value);
}

static struct demand *keep(struct arena *arena, const struct demands *demands)
{
    struct demand *list = arena_alloc(arena, demands->count * sizeof(*list));
    memcpy(list, demands->list, demands->count * sizeof(*list));
    return list;
}

/* ---- Reaching states and outcomes
 * ---------------------------------------------------------------- */

static bool earlier(const struct engine *engine, size_t a, size_t b)
{
    const struct state *x = &engine->states[a], *y = &engine->states[b];
    return x->offset != y->offset ? x->offset < y->offset : x->cost < y->cost;
}

static void swap(size_t *a, size_t *b)
{
    size_t kept = *a;
    *a = *b;
    *b = kept;
}

static void enqueue(struct engine *engine, size_t state)
{
    engine->queue = arena_grow(engine->scratch, engine->queue, engine->queue_count,
                               &engine->queue_room, sizeof(size_t));
    size_t i = engine->queue_count++;
    engine->queue[i] = state;
    for (; i && earlier(engine, engine->queue[i], engine->queue[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&engine->queue[i], &engine->queue[(i - 1) / 2]);
}

static size_t dequeue(struct engine *engine)
{
    size_t first = engine->queue[0];
    engine->queue[0] = engine->queue[--engine->queue_count];
    for (size_t i = 0;;) {
        size_t child = 2 * i + 1;
        if (child >= engine->queue_count)
            return first;
        if (child + 1 < engine->queue_count &&
            earlier(engine, engine->queue[child + 1], engine->queue[child]))
            child++;
        if (!earlier(engine, engine->queue[child], engine->queue[i]))
            return first;
        swap(&engine->queue[i], &engine->queue[child]);
        i = child;
    }
}

static size_t cost_of(const struct engine *engine, size_t state)
{
    return state == NO_FRAME ? 0 : engine->states[state].cost;
}

/* A pair that can be reached. All that reach an offset come from smaller ones, so a state is final
 * once it is dequeued; the cheaper of two ways to it counts. */
static void reach(struct engine *engine, size_t before, const struct demands *demands,
                  uint64_t offset, size_t frame, size_t node)
{
    size_t cost = cost_of(engine, before) + demands->count;
    struct slot *slot = table_find(&engine->state_table, engine->scratch, offset, frame, node);
    bool known = slot->value > 0;
    if (known && engine->states[slot->value - 1].cost <= cost)
        return;
    engine->states = arena_grow(engine->scratch, engine->states, engine->state_count,
                                &engine->state_room, sizeof(struct state));
    size_t state = engine->state_count++;
    engine->states[state] = (struct state){
        .offset = offset,
        .frame = frame,
        .node = node,
        .before = before,
        .demands = keep(engine->scratch, demands),
        .demand_count = demands->count,
        .cost = cost,
    };
    slot->value = state + 1;
    enqueue(engine, state);
}

static void conclude(struct engine *engine, size_t before, const struct demands *demands,
                     enum outcome outcome)
{
    struct best *best = &engine->best[outcome];
    size_t cost = cost_of(engine, before) + demands->count;
    if (best->found && best->cost <= cost)
        return;
    *best = (struct best){
        .found = true,
        .cost = cost,
        .state = before,
        .demands = keep(engine->scratch, demands),
        .demand_count = demands->count,
    };
}

/* ---- Decisions at a tail
 * ------------------------------------------------------------------------- */

/* When the reader of this option looks at the tail of this structure. */
static enum tail_look look_at(const struct engine *engine, const struct structure *structure)
{
    enum tail_look look = engine->option->look;
    if (look == LOOK_IF_DECLARED)
        return structure->subsection_count ? LOOK_ALWAYS : LOOK_NEVER;
    if (engine->option->subsections == SUBSECTION_INLINE)
        return look;
    return has_inline_subsections(engine, structure) ? look : LOOK_NEVER;
}

static bool plausible(const struct structure *owner, const uint8_t *name, size_t length)
{
    size_t owner_length = strlen(owner->name);
    return length >= owner_length + 1 && memcmp(name, owner->name, owner_length) == 0;
}

/* Whether all tails that were passed without reading on take a header of this name for no
 * subsection. */
static bool passes_header(const struct passed_tails *passed, const uint8_t *name, size_t length)
{
    for (size_t i = 0; i < passed->count; i++)
        if (passed->tails[i].look == LOOK_ALWAYS || plausible(passed->tails[i].owner, name, length))
            return false;
    return true;
}

/* The reader reads the byte at the offset as something else than a marker: the passed tails must
 * not have taken it for one. */
static bool pass(const struct engine *engine, const struct passed_tails *passed,
                 struct demands *demands, uint64_t offset)
{
    const struct bytes *bytes = &engine->writer.bytes;
    if (!passed->count || offset >= bytes->length || bytes->data[offset] != QEMU_VM_SUBSECTION)
        return true;
    if (demand_another(engine, demands, offset, QEMU_VM_SUBSECTION))
        return true;
    size_t left = bytes->length - offset;
    size_t length = left >= 2 ? bytes->data[offset + 1] : 0;
    return left < 2 || left - 2 < length || passes_header(passed, bytes->data + offset + 2, length);
}

static const struct subsection *known_inline(const struct engine *engine,
                                             const struct structure *owner, const char *name)
{
    const struct subsection *subsection = structure_subsection(owner, name);
    return subsection && option_sends_inline(engine->option, subsection) ? subsection : NULL;
}

/* flagday: behind the record of a subsection a name may belong to one of the owners. */
static bool owner_declares(const struct engine *engine, size_t frame, const char *name)
{
    while (engine->option->sentinel && engine->frames[frame].parent != NO_FRAME &&
           !engine->frames[frame].element) {
        size_t node = engine->frames[frame].return_node;
        frame = engine->frames[frame].parent;
        const struct node *tail = node_at(engine, frame, node);
        if (structure_subsection(tail->structure, name))
            return true;
        if (tail->embedded)
            break;
    }
    return false;
}

/* A header with the name of `length` bytes at `name`; without its version. */
static bool demand_header(const struct engine *engine, struct demands *demands,
                          const struct passed_tails *passed, uint64_t offset, const uint8_t *name,
                          size_t length)
{
    return passes_header(passed, name, length) &&
           demand(engine, demands, offset, QEMU_VM_SUBSECTION) &&
           demand(engine, demands, offset + 1, (uint8_t)length) &&
           demand_bytes(engine, demands, offset + 2, name, length);
}

/* The reader takes a known subsection: its name may be followed by a NUL and more, up to the length
 * that the writer's byte can have. */
static void take_known(struct engine *engine, size_t before, const struct passed_tails *passed,
                       uint64_t offset, size_t frame, size_t node,
                       const struct subsection *subsection)
{
    const struct structure *owner = node_at(engine, frame, node)->structure;
    enum tail_look look = look_at(engine, owner);
    size_t name_length = strlen(subsection->name);
    uint8_t name[256] = {0};
    struct demands demands = {.count = 0};
    if (!demand_bytes(engine, &demands, offset + 2, subsection->name, name_length))
        return;
    memcpy(name, subsection->name, name_length);
    for (size_t length = name_length; length < 256; length++) {
        demands.count = 0;
        if (look == LOOK_IF_PLAUSIBLE && !plausible(owner, name, length))
            continue;
        for (size_t i = name_length + 1; i < length; i++)
            if (offset + 2 + i < engine->writer.bytes.length)
                name[i] = engine->writer.bytes.data[offset + 2 + i];
        if (!demand_header(engine, &demands, passed, offset, name, length))
            continue;
        uint64_t version = offset + 2 + length;
        struct demands rejected = demands;
        if (demand(engine, &rejected, version + 3, (uint8_t)(subsection->version_id + 1)) ||
            version + 4 > engine->writer.bytes.length)
            conclude(engine, before, &rejected, OUTCOME_REJECT);
        if (!subsection->structure) {
            engine->undecided = "the layout of a subsection is not known";
            return;
        }
        uint32_t id = subsection->structure->described_version_id;
        uint8_t bytes[4] = {(uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8),
                            (uint8_t)id};
        if (!demand_bytes(engine, &demands, version, bytes, sizeof(bytes)))
            continue;
        if (frame_depth(engine, frame) >= SCHEMA_NESTING_LIMIT) {
            conclude(engine, before, &demands, OUTCOME_REJECT);
            return;
        }
        size_t inner = frame_of(engine, subsection->structure, frame, node, false);
        reach(engine, before, &demands, version + 4, inner, 0);
        return;
    }
}

/* The bytes of a name that the structure does not have, of this length: as they are, or with one of
 * them changed. False where every name that the writer's bytes can have is known. */
static bool unknown_name(const struct engine *engine, size_t frame, const struct structure *owner,
                         uint64_t offset, size_t fixed, size_t length, uint8_t *name)
{
    const struct bytes *bytes = &engine->writer.bytes;
    for (size_t i = fixed; i < length; i++)
        name[i] = bytes->data[offset + i];
    char text[256] = {0};
    memcpy(text, name, length);
    for (size_t changed = fixed; changed <= length; changed++) {
        if (!known_inline(engine, owner, text) && !owner_declares(engine, frame, text))
            return true;
        uint8_t value;
        if (changed == length || !another(&engine->writer, offset + changed, name[changed], &value))
            continue;
        text[changed] = (char)value;
        if (!known_inline(engine, owner, text) && !owner_declares(engine, frame, text)) {
            name[changed] = value;
            return true;
        }
        text[changed] = (char)name[changed];
    }
    return false;
}

/* The reader takes for a subsection what has a name that the structure does not have. */
static void take_unknown(struct engine *engine, size_t before, const struct passed_tails *passed,
                         uint64_t offset, size_t frame, const struct structure *owner)
{
    bool must_begin = look_at(engine, owner) == LOOK_IF_PLAUSIBLE;
    size_t fixed = must_begin ? strlen(owner->name) : 0;
    size_t end = engine->writer.bytes.length;
    uint8_t name[256];
    if (!possible(&engine->writer, offset, QEMU_VM_SUBSECTION))
        return;
    memcpy(name, owner->name, fixed);
    for (size_t length = fixed + (must_begin ? 1 : 0); length < 256; length++) {
        struct demands demands = {.count = 0};
        if (offset + 2 > end || length > end - offset - 2)
            return;
        if (unknown_name(engine, frame, owner, offset + 2, fixed, length, name) &&
            demand_header(engine, &demands, passed, offset, name, length)) {
            conclude(engine, before, &demands, OUTCOME_REJECT);
            return;
        }
    }
}

/* All ways in which the reader can take a subsection at a tail. */
static void take(struct engine *engine, size_t before, const struct passed_tails *passed,
                 uint64_t offset, size_t frame, size_t node)
{
    const struct structure *owner = node_at(engine, frame, node)->structure;
    if (look_at(engine, owner) == LOOK_NEVER ||
        !possible(&engine->writer, offset, QEMU_VM_SUBSECTION))
        return;
    take_unknown(engine, before, passed, offset, frame, owner);
    for (size_t i = 0; i < owner->subsection_count; i++)
        if (option_sends_inline(engine->option, &owner->subsections[i]))
            take_known(engine, before, passed, offset, frame, node, &owner->subsections[i]);
}

/* ---- Following the reader
 * ------------------------------------------------------------------------ */

/* Between two items: in step with the writer again, at the end, or reading what is no item. */
static void follow_item(struct engine *engine, size_t before, uint64_t offset)
{
    struct demands none = {.count = 0}, end = none, other = none;
    if (offset < engine->writer.bytes.length && engine->writer.classes[offset] & ITEM_BEGINS) {
        conclude(engine, before, &none, OUTCOME_CORRUPT);
        return;
    }
    if (demand(engine, &end, offset, QEMU_VM_EOF))
        conclude(engine, before, &end, OUTCOME_TRUNCATED);
    if (offset >= engine->writer.bytes.length) {
        conclude(engine, before, &none, OUTCOME_REJECT);
        return;
    }
    /* Any byte from 09 on but the footer's is no item; a byte that can be that and more is free. */
    if (demand(engine, &other, offset, 0xff) || engine->writer.bytes.data[offset] > QEMU_VM_COMMAND)
        conclude(engine, before, &other, OUTCOME_REJECT);
    for (uint8_t item = QEMU_VM_SECTION_START; item <= QEMU_VM_COMMAND; item++)
        if (possible(&engine->writer, offset, item))
            engine->undecided = "the reader can read items out of the data of fields";
}

static void follow_end_of_section(struct engine *engine, size_t before,
                                  const struct passed_tails *passed, uint64_t offset)
{
    struct demands demands = {.count = 0};
    if (!engine->item->footer) {
        if (pass(engine, passed, &demands, offset))
            reach(engine, before, &demands, offset, NO_FRAME, 0);
        return;
    }
    uint32_t id = engine->item->section_id;
    const uint8_t footer[] = {QEMU_VM_SECTION_FOOTER, (uint8_t)(id >> 24), (uint8_t)(id >> 16),
                              (uint8_t)(id >> 8), (uint8_t)id};
    if (demand_bytes(engine, &demands, offset, footer, sizeof(footer)))
        reach(engine, before, &demands, offset + sizeof(footer), NO_FRAME, 0);
    for (size_t i = 0; i < sizeof(footer); i++) {
        struct demands other = {.count = 0};
        if (offset + i >= engine->writer.bytes.length ||
            (demand_another(engine, &other, offset + i, footer[i]) &&
             (i > 0 || pass(engine, passed, &other, offset)))) {
            conclude(engine, before, &other, OUTCOME_REJECT);
            return;
        }
    }
}

static void follow_list(struct engine *engine, size_t before, const struct passed_tails *passed,
                        uint64_t offset, size_t frame, size_t node)
{
    const struct field *field = node_at(engine, frame, node)->field;
    struct demands end = {.count = 0}, more = {.count = 0};
    if (demand(engine, &end, offset, 0))
        reach(engine, before, &end, offset + 1, frame, node + 1);
    if (!demand_another(engine, &more, offset, 0) || !pass(engine, passed, &more, offset))
        return;
    if (!field->structure) {
        engine->undecided = "the elements of a list are not described";
        return;
    }
    size_t inner = frame_of(engine, field->structure, frame, node, true);
    reach(engine, before, &more, offset + 1, inner, 0);
}

static bool looks_like_marker(const struct writer_side *writer, uint64_t offset)
{
    return offset < writer->bytes.length && writer->bytes.data[offset] == QEMU_VM_SUBSECTION;
}

/* Tails that know no subsection can only be passed or reject. Once a way to reject is known, the reader
 * runs over them without a choice, up to one before which a byte looks like a marker as it is. */
static bool run(const struct engine *engine, const struct passed_tails *passed, uint64_t *offset,
                size_t frame, size_t *node)
{
    const struct node *nodes = engine->frames[frame].program->nodes;
    size_t start = *node, choice = nodes[start].next_choice;
    if (!engine->best[OUTCOME_REJECT].found ||
        (passed->count && looks_like_marker(&engine->writer, *offset)))
        return false;
    for (; *node < choice; (*node)++) {
        if (nodes[*node].kind == NODE_TAIL && looks_like_marker(&engine->writer, *offset))
            break;
        if (nodes[*node].kind != NODE_DATA)
            continue;
        if (nodes[*node].length >= engine->writer.bytes.length - *offset)
            break;
        *offset += nodes[*node].length;
    }
    return *node > start;
}

static void follow_data(struct engine *engine, size_t before, const struct passed_tails *passed,
                        uint64_t offset, size_t frame, size_t node)
{
    const struct node *data = node_at(engine, frame, node);
    struct demands demands = {.count = 0};
    if (!pass(engine, passed, &demands, offset))
        return;
    if (data->length > engine->writer.bytes.length - offset) {
        conclude(engine, before, &demands, OUTCOME_REJECT);
        return;
    }
    if (data->kind == NODE_NULLS) {
        for (uint64_t i = 0; i < data->length; i++) {
            struct demands other = {.count = 0};
            if (demand_another(engine, &other, offset + i, VMS_NULLPTR_MARKER))
                conclude(engine, before, &other, OUTCOME_REJECT);
            if (!possible(&engine->writer, offset + i, VMS_NULLPTR_MARKER))
                return;
        }
    }
    reach(engine, before, &demands, offset + data->length, frame, node + 1);
}

/* The byte 00 behind an embedded record. */
static void follow_sentinel(struct engine *engine, size_t before, const struct passed_tails *passed,
                            uint64_t offset, size_t frame, size_t node)
{
    struct demands sentinel = {.count = 0}, other = {.count = 0};
    (void)passed; /* a tail that is passed reads its own sentinel first */
    if (demand(engine, &sentinel, offset, FLAGDAY_END_OF_STRUCT))
        reach(engine, before, &sentinel, offset + 1, frame, node + 1);
    if (demand(engine, &other, offset, 0xff) ||
        (offset < engine->writer.bytes.length &&
         engine->writer.bytes.data[offset] != FLAGDAY_END_OF_STRUCT &&
         engine->writer.bytes.data[offset] != QEMU_VM_SUBSECTION))
        conclude(engine, before, &other, OUTCOME_REJECT);
}

static bool is_embedded(const struct engine *engine, size_t frame, size_t node)
{
    const struct program *program = engine->frames[frame].program;
    return program->nodes[node].embedded ||
           (engine->frames[frame].element && program->nodes[node + 1].kind == NODE_END);
}

/* From a pair of positions on, to all that the reader can reach by reading one thing. */
static void follow(struct engine *engine, size_t before, struct passed_tails *passed,
                   uint64_t offset, size_t frame, size_t node)
{
    for (;;) {
        const struct node *here = node_at(engine, frame, node);
        switch (here->kind) {
        case NODE_DATA:
        case NODE_NULLS:
            if (!run(engine, passed, &offset, frame, &node)) {
                follow_data(engine, before, passed, offset, frame, node);
                return;
            }
            passed->count = 0;
            break;
        case NODE_LIST:
            follow_list(engine, before, passed, offset, frame, node);
            return;
        case NODE_BLIND:
            engine->undecided = "the reader runs into a field of which the length is not known";
            return;
        case NODE_TAIL:
            take(engine, before, passed, offset, frame, node);
            if (look_at(engine, here->structure) != LOOK_NEVER)
                passed->tails[passed->count++] =
                    (struct passed_tail){here->structure, look_at(engine, here->structure)};
            if (engine->option->sentinel && is_embedded(engine, frame, node)) {
                follow_sentinel(engine, before, passed, offset, frame, node);
                return;
            }
            node++;
            break;
        case NODE_END:
            if (engine->frames[frame].parent == NO_FRAME) {
                follow_end_of_section(engine, before, passed, offset);
                return;
            }
            node = engine->frames[frame].return_node;
            frame = engine->frames[frame].parent;
            break;
        }
    }
}

/* ---- One tail
 * ------------------------------------------------------------------------------------ */

/* A tail at which reader and writer are in step, and what the writer does there. */
struct tail {
    struct tail_verdict *verdict;
    size_t frame, node;
    struct passed_tails passed;
    const struct subsection_value *sent; /* that begins here; NULL: the record ends */
};

static void forget(struct engine *engine)
{
    engine->state_table = (struct table){0};
    engine->states = NULL;
    engine->state_count = engine->state_room = 0;
    engine->queue = NULL;
    engine->queue_count = engine->queue_room = 0;
    engine->undecided = NULL;
    memset(engine->best, 0, sizeof(engine->best));
}

/* Whether the reader takes the subsection that the writer sends here for what it is. */
static bool takes_rightly(const struct engine *engine, const struct tail *tail)
{
    const struct structure *owner = tail->verdict->owner;
    const struct bytes *name = &tail->sent->name;
    if (look_at(engine, owner) == LOOK_NEVER)
        return false;
    return look_at(engine, owner) == LOOK_ALWAYS || plausible(owner, name->data, name->length);
}

static void search(struct engine *engine, struct tail *tail)
{
    uint64_t offset = tail->verdict->offset;
    if (!tail->sent)
        take(engine, NO_FRAME, &tail->passed, offset, tail->frame, tail->node);
    else if (!takes_rightly(engine, tail))
        follow(engine, NO_FRAME, &tail->passed, offset, tail->frame, tail->node);
    while (engine->queue_count) {
        size_t index = dequeue(engine);
        struct state state = engine->states[index];
        uint64_t keys[3] = {state.offset, state.frame, state.node};
        if (table_slot(&engine->state_table, keys)->value != index + 1)
            continue; /* a cheaper way to the same pair was found */
        struct passed_tails passed = {.count = 0};
        if (state.frame == NO_FRAME)
            follow_item(engine, index, state.offset);
        else
            follow(engine, index, &passed, state.offset, state.frame, state.node);
    }
}

static const struct finding *finding_of(const struct engine *engine, enum outcome outcome,
                                        const struct tail_verdict *verdict)
{
    const struct best *best = &engine->best[outcome];
    struct finding *finding = arena_alloc(engine->arena, sizeof(*finding));
    struct demand *demands = arena_alloc(engine->arena, best->cost * sizeof(*demands));
    size_t end = best->cost - best->demand_count;
    memcpy(demands + end, best->demands, best->demand_count * sizeof(*demands));
    for (size_t i = best->state; i != NO_FRAME; i = engine->states[i].before) {
        end -= engine->states[i].demand_count;
        memcpy(demands + end, engine->states[i].demands,
               engine->states[i].demand_count * sizeof(*demands));
    }
    *finding = (struct finding){
        .item = verdict->item,
        .owner = verdict->owner,
        .path = verdict->path,
        .offset = verdict->offset,
        .outcome = outcome,
        .demands = demands,
        .demand_count = best->cost,
    };
    return finding;
}

/* Decides with the opaque bytes as the stream has them; where that finds nothing, asks whether
 * other opaque bytes could make a difference. */
static void decide(struct engine *engine, struct tail *tail)
{
    struct tail_verdict *verdict = tail->verdict;
    struct arena_mark mark = arena_mark(engine->scratch);
    bool any = false;
    for (int opaque = 0; opaque < 2 && !any; opaque++) {
        forget(engine);
        engine->writer.opaque_is_free = opaque;
        search(engine, tail);
        verdict->states += engine->state_count;
        for (int outcome = OUTCOME_REJECT; outcome <= OUTCOME_CORRUPT; outcome++) {
            if (!engine->best[outcome].found)
                continue;
            any = true;
            if (!opaque)
                verdict->findings[outcome] = finding_of(engine, (enum outcome)outcome, verdict);
        }
        verdict->verdict = any ? (opaque ? VERDICT_UNDECIDED : VERDICT_FINDINGS) : VERDICT_CLEAN;
        if (any && opaque)
            verdict->reason = "it depends on opaque bytes";
        if (engine->undecided) {
            verdict->reason = engine->undecided;
            if (!any)
                verdict->verdict = VERDICT_UNDECIDED;
            any = true;
        }
        arena_reset(engine->scratch, mark);
    }
}

/* ---- All tails
 * ----------------------------------------------------------------------------------- */

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
    struct tail tail = {verdict, step->frame, step->node, step->passed, sent};
    decide(step->engine, &tail);
}

static void enter_frame(struct in_step *step, const struct structure *structure, bool element)
{
    step->frame = frame_of(step->engine, structure, step->frame, step->node, element);
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
        if (look_at(engine, structure) != LOOK_NEVER)
            step->passed.tails[step->passed.count++] =
                (struct passed_tail){structure, look_at(engine, structure)};
        if (engine->option->sentinel && step->walk.value) {
            step->offset++;
            step->passed.count = 0;
        }
        step->node++;
    }
    if (step->walk.subsection || element)
        leave_frame(step);
}

static void decide_record(struct in_step *step, const struct record *record, uint64_t offset)
{
    struct engine *engine = step->engine;
    step->offset = offset;
    step->frame = frame_of(engine, record->structure, NO_FRAME, 0, false);
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

/* Bytes of an item before its record. */
static size_t header_length(const struct item *item)
{
    return item->kind == ITEM_CONFIGURATION ? 1 : 1 + 4 + 1 + item->idstr.length + 4 + 4;
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
        decide_record(step, walk.subsection->record,
                      (uint64_t)(walk.subsection->raw.data - step->engine->writer.bytes.data) +
                          header);
    }
}

struct decision engine_decide(const struct protocol_option *option, const struct stream *stream,
                              struct bytes bytes, const struct schema *schema, struct arena *arena)
{
    struct arena *work = arena_create();
    struct engine *engine = arena_alloc(work, sizeof(*engine));
    struct in_step *step = arena_alloc(work, sizeof(*step));
    struct decision decision = {0};
    engine->option = option;
    engine->schema = schema;
    engine->arena = arena;
    engine->work = work;
    engine->scratch = arena_create();
    engine->writer = writer_side_of(stream, bytes, work);
    step->engine = engine;
    step->decision = &decision;
    for (size_t i = 0; i < stream->item_count; i++) {
        const struct item *item = stream->items[i];
        if (!item->record)
            continue;
        engine->item = item;
        decide_record(step, item->record,
                      (uint64_t)(item->raw.data - bytes.data) + header_length(item));
        decide_separate(step, item);
    }
    arena_destroy(engine->scratch);
    arena_destroy(work);
    return decision;
}
