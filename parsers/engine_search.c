/*
 * The search of the engine: from a tail on, over all pairs of positions that a wrong decision of the
 * reader can lead to.
 */
#include <assert.h>
#include <string.h>

#include "deciding.h"
#include "wire.h"

/* ---- Demands: the bytes of a step
 * ---------------------------------------------------------------- */

static bool demand(const struct engine *engine, struct demands *demands, uint64_t offset,
                   uint8_t value)
{
    if (!byte_possible(&engine->writer, offset, value))
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
    return byte_other(&engine->writer, offset, than, &value) &&
           demand(engine, demands, offset, value);
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
    return x->cost != y->cost ? x->cost < y->cost : x->offset < y->offset;
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

/* Whether all outcomes are known to happen with no more bytes than these. Whether there is another one
 * is not asked again once it is known to be undecided. */
static bool nothing_to_gain(const struct engine *engine, size_t cost)
{
    bool any = false;
    for (int outcome = OUTCOME_REJECT; outcome <= OUTCOME_CORRUPT; outcome++) {
        const struct best *best = &engine->best[outcome];
        if (best->found ? best->cost > cost : !engine->undecided)
            return false;
        any |= best->found;
    }
    return any;
}

/* A pair that can be reached. The cheapest is dequeued first, so a state is final then; the cheaper of
 * two ways to it counts. */
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
enum tail_look tail_look_of(const struct engine *engine, const struct structure *structure)
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
bool owner_declares(const struct engine *engine, size_t frame, const char *name)
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

/* A header with the name of `length` bytes at `name`, of which the first `fixed` must stand; without its
 * version. */
static bool demand_header(const struct engine *engine, struct demands *demands,
                          const struct passed_tails *passed, uint64_t offset, const uint8_t *name,
                          size_t length, size_t fixed)
{
    return passes_header(passed, name, length) &&
           demand(engine, demands, offset, QEMU_VM_SUBSECTION) &&
           demand(engine, demands, offset + 1, (uint8_t)length) &&
           demand_bytes(engine, demands, offset + 2, name, fixed);
}

/* Behind the name of a known subsection: its version, of which the low byte counts, and its record.
 * False where no other length of the name needs to be tried. */
static bool take_version(struct engine *engine, size_t before, const struct demands *header,
                         uint64_t version, size_t frame, size_t node,
                         const struct subsection *subsection)
{
    struct demands rejected = *header, demands = *header;
    if (version + 4 > engine->writer.bytes.length) {
        conclude(engine, before, header, OUTCOME_REJECT);
        return false;
    }
    if (subsection->version_id < UINT8_MAX &&
        demand(engine, &rejected, version + 3, (uint8_t)(subsection->version_id + 1)))
        conclude(engine, before, &rejected, OUTCOME_REJECT);
    if (!subsection->structure) {
        engine->undecided = "the layout of a subsection is not known";
        return false;
    }
    if (!demand(engine, &demands, version + 3,
                (uint8_t)subsection->structure->described_version_id))
        return true;
    if (frame_depth(engine, frame) >= SCHEMA_NESTING_LIMIT) {
        conclude(engine, before, &demands, OUTCOME_REJECT);
        return false;
    }
    size_t inner = frame_of(engine, subsection->structure, frame, node, false);
    reach(engine, before, &demands, version + 4, inner, 0);
    return true;
}

/* The reader takes a known subsection: its name may be followed by a NUL and more, up to the length
 * that the writer's byte can have. */
static void take_known(struct engine *engine, size_t before, const struct passed_tails *passed,
                       uint64_t offset, size_t frame, size_t node,
                       const struct subsection *subsection)
{
    const struct structure *owner = node_at(engine, frame, node)->structure;
    enum tail_look look = tail_look_of(engine, owner);
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
        size_t fixed = length > name_length ? name_length + 1 : name_length;
        if (!demand_header(engine, &demands, passed, offset, name, length, fixed))
            continue;
        if (!take_version(engine, before, &demands, offset + 2 + length, frame, node, subsection))
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
        if (changed == length ||
            !byte_other(&engine->writer, offset + changed, name[changed], &value))
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
    bool must_begin = tail_look_of(engine, owner) == LOOK_IF_PLAUSIBLE;
    size_t fixed = must_begin ? strlen(owner->name) : 0;
    size_t end = engine->writer.bytes.length;
    uint8_t name[256];
    if (!byte_possible(&engine->writer, offset, QEMU_VM_SUBSECTION))
        return;
    memcpy(name, owner->name, fixed);
    for (size_t length = fixed + (must_begin ? 1 : 0); length < 256; length++) {
        struct demands demands = {.count = 0};
        if (offset + 2 > end || length > end - offset - 2)
            return;
        if (unknown_name(engine, frame, owner, offset + 2, fixed, length, name) &&
            demand_header(engine, &demands, passed, offset, name, length, length)) {
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
    if (tail_look_of(engine, owner) == LOOK_NEVER ||
        !byte_possible(&engine->writer, offset, QEMU_VM_SUBSECTION))
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
    for (int item = QEMU_VM_SECTION_START; item <= QEMU_VM_COMMAND; item++)
        if (byte_possible(&engine->writer, offset, (uint8_t)item))
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
    for (size_t i = start; i < choice; i++) {
        if (nodes[i].kind == NODE_TAIL && looks_like_marker(&engine->writer, *offset))
            break;
        if (nodes[i].kind != NODE_DATA)
            continue;
        if (nodes[i].length >= engine->writer.bytes.length - *offset)
            break;
        *offset += nodes[i].length;
        *node = i + 1; /* what is passed behind the last bytes must be remembered */
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
            if (!byte_possible(&engine->writer, offset + i, VMS_NULLPTR_MARKER))
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
            if (tail_look_of(engine, here->structure) != LOOK_NEVER)
                passed->tails[passed->count++] =
                    (struct passed_tail){here->structure, tail_look_of(engine, here->structure)};
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
    if (tail_look_of(engine, owner) == LOOK_NEVER)
        return false;
    return tail_look_of(engine, owner) == LOOK_ALWAYS || plausible(owner, name->data, name->length);
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
        if (nothing_to_gain(engine, state.cost))
            return;
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
        assert(engine->states);
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
void decide_tail(struct engine *engine, struct tail *tail)
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
    if (verdict->verdict == VERDICT_CLEAN)
        certify(engine, tail);
}
