/* SPDX-License-Identifier: MIT */
/*
 * Builds a program for each structure, and keeps the frames of their calls. It must not know the writer's
 * bytes.
 */
#include "decide/reader_side.h"

#include <assert.h>
#include <string.h>

#include "vmwire/wire.h"

/* ---- Programs ------------------------------------------------------------------------------------ */

/* Joins a run of data to the one before it. A second writer keeps their classes apart. */
/* A second writer's bytes of such a field are its own: they are not joined with others. */
static bool has_own_value(const struct node *node)
{
    return node->class == VMWIRE_FIELD_CONSTANT || vmwire_field_class_is_unknown(node->class);
}

static void add_node(struct reader_side *reader, struct program *program, struct node node)
{
    struct node *last = program->count ? &program->nodes[program->count - 1] : NULL;
    bool alike = !program->others &&
                 (!reader->writes || (last && last->class == node.class && !has_own_value(&node)));
    node.others = program->others;
    node.told = program->told;
    program->others = NULL;
    program->told |= node.kind == NODE_TOLD;
    if (node.kind == NODE_DATA && last && last->kind == NODE_DATA && alike) {
        last->length += node.length;
        last->fields += node.fields;
        return;
    }
    program->nodes = vmwire_arena_grow(reader->work, program->nodes, program->count, &program->room,
                                       sizeof(struct node));
    program->nodes[program->count++] = node;
}

static void add_field(struct reader_side *reader, struct program *program,
                      const struct vmwire_field *field, unsigned open)
{
    struct node node = {
        .kind = NODE_DATA,
        .open = open,
        .field = field,
        .length = (uint64_t)field->size * field->count,
        .class = field->class,
        .fields = 1,
    };
    if (reader->counts && has_own_value(&node))
        node.class = VMWIRE_FIELD_FREE;
    if (field->class == VMWIRE_FIELD_LIST)
        node.kind = NODE_LIST;
    else if (field->length != VMWIRE_LENGTH_FIXED)
        node.kind = NODE_BLIND;
    else if (field->determines && (!reader->writes || reader->counts) && node.length)
        node.kind = NODE_TOLD;
    else if (field->null_pointer)
        node.kind = NODE_NULLS;
    if (node.kind != NODE_DATA || node.length)
        add_node(reader, program, node);
    else if (program->count)
        program->nodes[program->count - 1].fields++;
}

struct open_record {
    const struct vmwire_structure *structure;
    size_t field;
    uint32_t element;
};

/* What stands in front of the fields of a framed record. */
static void add_record_header(struct reader_side *reader, struct program *program)
{
    if (program->embedded)
        add_node(
            reader, program,
            (struct node){.kind = NODE_RECORD_VERSION, .structure = program->structure, .open = 1});
    add_node(reader, program, (struct node){.kind = NODE_LENGTH, .open = 1});
}

/* The end of a framed record. QEMU's old-style sections have one, too. */
static void add_record_end(struct reader_side *reader, struct program *program)
{
    add_node(reader, program, (struct node){.kind = NODE_FIELDS_END, .open = 1});
    add_node(reader, program,
             (struct node){
                 .kind = NODE_TAIL, .sentinel = true, .structure = program->structure, .open = 1});
}

static void add_tail(struct reader_side *reader, struct program *program,
                     const struct vmwire_structure *structure, unsigned open)
{
    bool embedded = open > 1;
    if (reader->option->framed && !embedded)
        add_record_end(reader, program);
    else if (structure->name && !reader->option->framed)
        add_node(reader, program,
                 (struct node){.kind = NODE_TAIL,
                               .sentinel = embedded ? reader->option->sentinel : program->closed,
                               .structure = structure,
                               .open = open});
}

/* How many steps there may have been when the next program is built. */
static size_t last_step(const struct reader_side *reader)
{
    return reader->step_count + PROGRAM_LIMIT < PROGRAMS_LIMIT ? reader->step_count + PROGRAM_LIMIT
                                                               : PROGRAMS_LIMIT;
}

/* Lists the nodes of the structure. False: the program would be too large. */
static bool list_nodes(struct reader_side *reader, struct program *program)
{
    const size_t last = last_step(reader);
    const bool framed = reader->option->framed;
    struct open_record open[VMWIRE_SCHEMA_NESTING_LIMIT];
    unsigned depth = 1;
    program->deepest = 1;
    open[0] = (struct open_record){.structure = program->structure};
    if (framed)
        add_record_header(reader, program);
    for (; depth; reader->step_count++) {
        struct open_record *record = &open[depth - 1];
        if (reader->step_count == last)
            return false;
        if (record->field == record->structure->field_count) {
            if (record->structure->unsteady_end)
                program->others = record->structure->name;
            add_tail(reader, program, record->structure, depth--);
            continue;
        }
        const struct vmwire_field *field = &record->structure->fields[record->field];
        if (field->unsteady)
            program->others = field->name;
        if (field->class != VMWIRE_FIELD_RECORD) {
            if (!framed || depth == 1)
                add_field(reader, program, field, depth);
            record->field++;
        } else if (record->element == field->count) {
            record->element = 0;
            record->field++;
        } else {
            if (framed && depth == 1)
                add_node(reader, program,
                         (struct node){.kind = NODE_RECORD,
                                       .structure = field->structure,
                                       .field = field,
                                       .open = 1});
            record->element++;
            assert(depth < VMWIRE_SCHEMA_NESTING_LIMIT);
            open[depth++] = (struct open_record){.structure = field->structure};
            if (depth > program->deepest)
                program->deepest = depth;
        }
    }
    return true;
}

static void build_program(struct reader_side *reader, struct program *program)
{
    const struct vmwire_structure *structure = program->structure;
    struct vmwire_arena_mark mark = vmwire_arena_mark(reader->work);
    if (!list_nodes(reader, program)) {
        vmwire_arena_reset(reader->work, mark);
        *program = (struct program){.structure = structure, .deepest = 1};
        add_node(reader, program,
                 (struct node){.kind = NODE_UNFOLLOWED, .structure = structure, .open = 1});
    }
    add_node(reader, program, (struct node){.kind = NODE_END});
}

bool has_inline_subsections(const struct reader_side *reader,
                            const struct vmwire_structure *structure)
{
    for (size_t i = 0; i < structure->subsection_count; i++)
        if (vmwire_option_sends_inline(reader->option, &structure->subsections[i]))
            return true;
    return false;
}

static bool is_choice(const struct reader_side *reader, const struct node *node)
{
    if (node->kind == NODE_TAIL)
        return node->sentinel || has_inline_subsections(reader, node->structure);
    return node->kind != NODE_DATA || reader->writes;
}

static uint64_t least_length(const struct node *node)
{
    if (node->kind == NODE_LIST)
        return 1;
    if (node->kind == NODE_VERSION || node->kind == NODE_RECORD_VERSION ||
        node->kind == NODE_LENGTH)
        return 4;
    if (node->kind == NODE_RECORD)
        return VMWIRE_FRAMED_HEADER_SIZE + 1;
    if (node->kind == NODE_TAIL)
        return node->sentinel ? 1 : 0;
    return node->kind == NODE_DATA || node->kind == NODE_NULLS || node->kind == NODE_TOLD
               ? node->length
               : 0;
}

/* Goes backwards, so that each node knows what follows it. */
static void find_choices(const struct reader_side *reader, struct program *program)
{
    size_t choice = program->count - 1;
    for (size_t i = program->count; i-- > 0;) {
        if (is_choice(reader, &program->nodes[i]))
            choice = i;
        program->nodes[i].next_choice = choice;
        program->length += least_length(&program->nodes[i]);
        /* With another value of a field that decides, what stands here can be shorter. */
        if (program->nodes[i].others)
            program->length = 0;
        program->nodes[i].least = program->length;
    }
    program->plain = choice == program->count - 1;
}

/* Returns the number of the program, from 1. */
static size_t register_program(struct reader_side *reader, struct program *program)
{
    find_choices(reader, program);
    reader->programs = vmwire_arena_grow(reader->work, reader->programs, reader->program_count,
                                         &reader->program_room, sizeof(struct program *));
    reader->programs[reader->program_count++] = program;
    return reader->program_count;
}

/* What a program is of: a record that no sentinel closes, one that a sentinel closes, one that begins with its version, or
 * a header. */
enum program_key { KEY_OPEN, KEY_CLOSED, KEY_EMBEDDED, KEY_HEADER };

static const struct program *find_or_build_program(struct reader_side *reader,
                                                   const struct vmwire_structure *structure,
                                                   enum program_key key)
{
    const uint64_t keys[4] = {(uint64_t)(uintptr_t)structure, key};
    struct slot *slot = table_find(&reader->program_table, reader->work, keys);
    if (!slot->value) {
        struct program *program = vmwire_arena_alloc(reader->work, sizeof(*program));
        program->structure = structure;
        program->closed = key != KEY_OPEN;
        program->embedded = key == KEY_EMBEDDED;
        build_program(reader, program);
        slot->value = register_program(reader, program);
    }
    return reader->programs[slot->value - 1];
}

const struct program *program_of(struct reader_side *reader,
                                 const struct vmwire_structure *structure)
{
    return find_or_build_program(reader, structure, KEY_OPEN);
}

static const struct program *inner_program(struct reader_side *reader,
                                           const struct vmwire_structure *structure)
{
    return find_or_build_program(reader, structure,
                                 reader->option->sentinel ? KEY_CLOSED : KEY_OPEN);
}

/* ---- Frames -------------------------------------------------------------------------------------- */

/* Frames that agree in these are the same. The parent of a section's own record is NO_FRAME. */
static size_t find_or_add_frame(struct reader_side *reader, struct call_frame position)
{
    const bool section = position.parent == NO_FRAME;
    const uint64_t returns =
        section ? (uint64_t)position.item << 2 | position.footer : position.return_node;
    const uint64_t keys[4] = {(uint64_t)(uintptr_t)position.program,
                              (uint64_t)position.parent << 32 | returns,
                              section ? position.id_at : position.return_done, position.length_at};
    struct slot *slot = table_find(&reader->frame_table, reader->work, keys);
    if (!slot->value) {
        reader->frames = vmwire_arena_grow(reader->work, reader->frames, reader->frame_count,
                                           &reader->frame_room, sizeof(struct call_frame));
        reader->frames[reader->frame_count++] = position;
        slot->value = reader->frame_count;
    }
    return slot->value - 1;
}

/* Where the fields of a record end at the latest; UINT64_MAX: not known. */
static uint64_t limit_of_fields(const struct call_frame *frame)
{
    return frame->fields_end < frame->limit_around ? frame->fields_end : frame->limit_around;
}

static size_t frame_called_at(struct reader_side *reader, const struct program *program,
                              size_t parent, size_t return_node, size_t return_done)
{
    const struct node *behind = node_at(reader, parent, return_node);
    const struct call_frame *around = &reader->frames[parent];
    bool subsection = behind->kind == NODE_TAIL;
    return find_or_add_frame(
        reader, (struct call_frame){.program = program,
                                    .parent = parent,
                                    .return_node = return_node,
                                    .return_done = return_done,
                                    .least_behind = behind->least + around->least_behind,
                                    .length_at = UINT64_MAX,
                                    .fields_end = UINT64_MAX,
                                    .limit_around = subsection ? around->limit_around
                                                               : limit_of_fields(around)});
}

size_t frame_with_length(struct reader_side *reader, size_t frame, uint64_t length_at,
                         uint64_t fields_end)
{
    struct call_frame known = reader->frames[frame];
    known.length_at = length_at;
    known.fields_end = fields_end;
    return find_or_add_frame(reader, known);
}

uint64_t limit_of_node(const struct reader_side *reader, size_t frame, size_t node)
{
    const struct call_frame *here = &reader->frames[frame];
    enum node_kind kind = here->program->nodes[node].kind;
    return kind == NODE_TAIL || kind == NODE_END ? here->limit_around : limit_of_fields(here);
}

size_t embedded_frame(struct reader_side *reader, const struct vmwire_structure *structure,
                      size_t parent, size_t return_node)
{
    const struct program *program = reader->option->framed
                                        ? find_or_build_program(reader, structure, KEY_EMBEDDED)
                                        : inner_program(reader, structure);
    return frame_called_at(reader, program, parent, return_node, 0);
}

size_t frame_of(struct reader_side *reader, const struct vmwire_structure *structure, size_t parent,
                size_t return_node, size_t return_done)
{
    return frame_called_at(reader, inner_program(reader, structure), parent, return_node,
                           return_done);
}

static const struct program *header_program(struct reader_side *reader,
                                            const struct vmwire_subsection *subsection)
{
    const uint64_t keys[4] = {(uint64_t)(uintptr_t)subsection, KEY_HEADER};
    struct slot *slot = table_find(&reader->program_table, reader->work, keys);
    if (!slot->value) {
        struct program *program = vmwire_arena_alloc(reader->work, sizeof(*program));
        add_node(reader, program, (struct node){.kind = NODE_DATA, .length = HEADER_FILL});
        add_node(reader, program, (struct node){.kind = NODE_VERSION, .subsection = subsection});
        add_node(reader, program, (struct node){.kind = NODE_END});
        slot->value = register_program(reader, program);
    }
    return reader->programs[slot->value - 1];
}

size_t header_frame(struct reader_side *reader, const struct vmwire_subsection *subsection,
                    size_t parent, size_t return_node, size_t return_done)
{
    return frame_called_at(reader, header_program(reader, subsection), parent, return_node,
                           return_done);
}

size_t section_frame(struct reader_side *reader, const struct vmwire_structure *structure,
                     enum footer footer, uint64_t id_at, size_t item)
{
    return find_or_add_frame(reader, (struct call_frame){.program = program_of(reader, structure),
                                                         .parent = NO_FRAME,
                                                         .footer = footer,
                                                         .id_at = id_at,
                                                         .item = item,
                                                         .length_at = UINT64_MAX,
                                                         .fields_end = UINT64_MAX,
                                                         .limit_around = UINT64_MAX});
}

void note_constant(struct reader_side *reader, const struct vmwire_field *field,
                   struct vmwire_bytes value)
{
    const uint64_t keys[4] = {(uint64_t)(uintptr_t)field};
    struct slot *slot = table_find(&reader->constant_table, reader->work, keys);
    if (slot->value) {
        struct constant *known = &reader->constants[slot->value - 1];
        known->differs |= known->value.length != value.length ||
                          memcmp(known->value.data, value.data, value.length) != 0;
        return;
    }
    reader->constants = vmwire_arena_grow(reader->work, reader->constants, reader->constant_count,
                                          &reader->constant_room, sizeof(*reader->constants));
    reader->constants[reader->constant_count++] = (struct constant){.value = value};
    slot->value = reader->constant_count;
}

static struct constant *find_constant(const struct reader_side *reader,
                                      const struct vmwire_field *field)
{
    const uint64_t keys[4] = {(uint64_t)(uintptr_t)field};
    if (!reader->constant_table.size)
        return NULL;
    const struct slot *slot = table_slot(&reader->constant_table, keys);
    return slot->value ? &reader->constants[slot->value - 1] : NULL;
}

const struct constant *constant_of(const struct reader_side *reader,
                                   const struct vmwire_field *field)
{
    const struct constant *known = find_constant(reader, field);
    return known && !known->differs ? known : NULL;
}

void note_unsent(struct reader_side *reader, const struct vmwire_structure *structure)
{
    const uint64_t keys[4] = {(uint64_t)(uintptr_t)structure};
    struct slot *slot = structure ? table_find(&reader->unsent_table, reader->work, keys) : NULL;
    if (!slot || slot->value)
        return;
    reader->unsent =
        vmwire_arena_grow(reader->work, reader->unsent, reader->unsent_count, &reader->unsent_room,
                          sizeof(const struct vmwire_structure *));
    reader->unsent[reader->unsent_count++] = structure;
    slot->value = reader->unsent_count;
}

void spread_unsent(struct reader_side *reader)
{
    for (size_t i = 0; i < reader->unsent_count; i++) {
        const struct vmwire_structure *structure = reader->unsent[i];
        for (size_t j = 0; j < structure->field_count; j++) {
            struct constant *known = find_constant(reader, &structure->fields[j]);
            if (known)
                known->elsewhere = true;
            note_unsent(reader, structure->fields[j].structure);
        }
        for (size_t j = 0; j < structure->subsection_count; j++)
            note_unsent(reader, structure->subsections[j].structure);
    }
}

const struct node *node_at(const struct reader_side *reader, size_t frame, size_t node)
{
    return &reader->frames[frame].program->nodes[node];
}

bool is_followed(const struct reader_side *reader, size_t frame)
{
    return node_at(reader, frame, 0)->kind != NODE_UNFOLLOWED;
}

bool fits_nesting_limit(struct reader_side *reader, const struct vmwire_structure *structure,
                        size_t frame, size_t node)
{
    unsigned open = program_of(reader, structure)->deepest;
    while (frame != NO_FRAME) {
        open += node_at(reader, frame, node)->open;
        node = reader->frames[frame].return_node;
        frame = reader->frames[frame].parent;
    }
    return open <= VMWIRE_SCHEMA_NESTING_LIMIT;
}
