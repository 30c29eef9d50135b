/*
 * The search of the engine: from a tail on, over all pairs of positions that a wrong decision of the
 * reader can lead to.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "deciding.h"
#include "wire.h"

/* ---- Demands: the bytes of a step --------------------------------------------------------------- */

bool demand(const struct engine *engine, struct demands *demands, uint64_t offset, uint8_t value)
{
    if (!byte_possible(&engine->writer, offset, value))
        return false;
    if (!byte_settable(&engine->writer, offset))
        return true; /* it is there already */
    assert(demands->count < sizeof(demands->list) / sizeof(demands->list[0]));
    demands->list[demands->count++] = (struct demand){offset, value};
    return true;
}

bool demand_places(const struct engine *engine, struct demands *demands,
                   const struct places *places, size_t first, const void *bytes, size_t length,
                   size_t *tried)
{
    for (size_t i = 0; i < length; i++)
        if (first + i >= places->count ||
            !demand(engine, demands, places->at[first + i], ((const uint8_t *)bytes)[i])) {
            *tried = first + i;
            return false;
        }
    return true;
}

/* The first `count` places are read: those at which an optional subsection begins, too. */
void visit(const struct engine *engine, struct demands *demands, const struct places *places,
           size_t count)
{
    if (!places->met)
        return;
    for (size_t i = 1; i < count && demands->visit_count < 64; i++)
        if (marks_at(&engine->writer, places->at[i]) & SKIP_BEGINS)
            demands->visits[demands->visit_count++] = places->at[i];
}

bool demand_another(const struct engine *engine, struct demands *demands, uint64_t offset,
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

static uint64_t *keep_visits(struct arena *arena, const struct demands *demands)
{
    uint64_t *list = arena_alloc(arena, demands->visit_count * sizeof(*list));
    memcpy(list, demands->visits, demands->visit_count * sizeof(*list));
    return list;
}

/* ---- Reaching states and outcomes ---------------------------------------------------------------- */

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

size_t cost_of(const struct engine *engine, size_t state)
{
    return state == NO_FRAME ? 0 : engine->states[state].cost;
}

/* Whether all outcomes are known to happen with no more bytes than these. */
bool nothing_to_gain(const struct engine *engine, size_t cost)
{
    for (int outcome = OUTCOME_REJECT; outcome <= OUTCOME_CORRUPT; outcome++) {
        const struct best *best = &engine->best[outcome];
        if (!best->found || best->cost > cost)
            return false;
    }
    return true;
}

void conclude(struct engine *engine, size_t before, const struct demands *demands,
              enum outcome outcome)
{
    struct best *best = &engine->best[outcome];
    size_t cost = cost_of(engine, before) + demands->count;
    if ((best->found && best->cost <= cost) ||
        (engine->reader_writes && outcome != OUTCOME_CORRUPT))
        return;
    *best = (struct best){
        .found = true,
        .cost = cost,
        .state = before,
        .demands = keep(engine->scratch, demands),
        .demand_count = demands->count,
        .visits = keep_visits(engine->scratch, demands),
        .visit_count = demands->visit_count,
    };
}

/* A pair that can be reached. The cheapest is dequeued first, so a state is final then; the cheaper of
 * two ways to it counts. */
static void reach_place(struct engine *engine, size_t before, const struct demands *demands,
                        uint64_t offset, size_t frame, size_t node, size_t done)
{
    size_t cost = cost_of(engine, before) + demands->count;
    const uint64_t keys[4] = {offset, frame, node, done};
    struct slot *slot = table_find(&engine->state_table, engine->scratch, keys);
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
        .done = done,
        .before = before,
        .demands = keep(engine->scratch, demands),
        .demand_count = demands->count,
        .visits = keep_visits(engine->scratch, demands),
        .visit_count = demands->visit_count,
        .cost = cost,
    };
    slot->value = state + 1;
    enqueue(engine, state);
}

/* Whether all that the reader can come to from here is the end of the stream within a field. */
static bool runs_out(const struct engine *engine, uint64_t offset, size_t frame, size_t node,
                     size_t done)
{
    if (frame == NO_FRAME)
        return false;
    uint64_t least = node_at(engine, frame, node)->least + engine->frames[frame].least_behind;
    return offset + least > engine->writer.limit + done;
}

/* The item that begins here, or the first one behind it that is no command: nobody is misled by those. */
static uint64_t behind_commands(const struct writer_side *writer, uint64_t offset)
{
    while (writer->bytes.data[offset] == QEMU_VM_COMMAND)
        do
            offset++;
        while (!(marks_at(writer, offset) & ITEM_BEGINS));
    return offset;
}

/* The reader begins an item where the writer does. It is in step again, unless it has learned wrongly whether
 * there are footers: then it rejects behind the next section, or is misled in it before. False where it has
 * to be followed into that. */
static bool in_step_again(struct engine *engine, size_t before, const struct demands *demands,
                          uint64_t *offset, enum footer footer)
{
    bool learned = footer == FOOTER_NONE || footer == FOOTER_HERE;
    bool refused =
        learned && engine->footers != (footer == FOOTER_HERE) && *offset <= engine->last_section;
    if (refused && engine->skewed)
        return false;
    if (refused)
        *offset = behind_commands(&engine->writer, *offset);
    if (refused && engine->writer.bytes.data[*offset] == QEMU_VM_SECTION_FULL)
        return false;
    conclude(engine, before, demands, refused ? OUTCOME_REJECT : OUTCOME_CORRUPT);
    return true;
}

/* Where optional subsections begin the writer sends the first, or the second, ... or none. */
void reach(struct engine *engine, size_t before, const struct demands *demands, uint64_t offset,
           size_t frame, size_t node, size_t done)
{
    if (nothing_to_gain(engine, cost_of(engine, before) + demands->count) ||
        (engine->best[OUTCOME_REJECT].found && runs_out(engine, offset, frame, node, done)))
        return;
    /* Behind a package the reader is where the writer is. */
    if (frame == NO_FRAME && offset <= engine->writer.limit &&
        offset < engine->writer.bytes.length && marks_at(&engine->writer, offset) & ITEM_BEGINS &&
        in_step_again(engine, before, demands, &offset, (enum footer)node))
        return;
    do
        reach_place(engine, before, demands, offset, frame, node, done);
    while (!(frame == NO_FRAME && done) && skip_from(&engine->writer, offset, &offset));
}

/* ---- Decisions at a tail ------------------------------------------------------------------------ */

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

static bool is_embedded(const struct engine *engine, size_t frame, size_t node)
{
    const struct program *program = engine->frames[frame].program;
    return program->nodes[node].embedded ||
           (engine->frames[frame].element && program->nodes[node + 1].kind == NODE_END);
}

bool left_to_owner(const struct engine *engine, size_t frame, size_t node, const char *name)
{
    if (!engine->option->sentinel ||
        structure_subsection(node_at(engine, frame, node)->structure, name))
        return false;
    while (!is_embedded(engine, frame, node) && engine->frames[frame].parent != NO_FRAME) {
        node = engine->frames[frame].return_node;
        frame = engine->frames[frame].parent;
        if (structure_subsection(node_at(engine, frame, node)->structure, name))
            return true;
    }
    return false;
}

static bool always_takes(const struct passed_tails *passed)
{
    for (size_t i = 0; i < passed->count; i++)
        if (passed->tails[i].look == LOOK_ALWAYS)
            return true;
    return false;
}

/* Whether a tail that was passed takes all headers of names that are not known here. (What it leaves to an
 * owner is known to that owner.) */
static bool takes_all_unknown(const struct passed_tails *passed, const struct structure *owner,
                              bool by_name)
{
    for (size_t i = 0; by_name && i < passed->count; i++) {
        const char *name = passed->tails[i].owner->name;
        if (strncmp(owner->name, name, strlen(name)) == 0)
            return true;
    }
    return always_takes(passed);
}

void passed_add(const struct engine *engine, struct passed_tails *passed, size_t frame, size_t node)
{
    const struct structure *owner = node_at(engine, frame, node)->structure;
    enum tail_look look = tail_look_of(engine, owner);
    bool leaves_some = engine->option->sentinel;
    if (look == LOOK_NEVER || engine->reader_writes ||
        (!leaves_some && takes_all_unknown(passed, owner, look == LOOK_IF_PLAUSIBLE)))
        return;
    if (passed->count == sizeof(passed->tails) / sizeof(passed->tails[0]))
        passed->full = true;
    else
        passed->tails[passed->count++] = (struct passed_tail){owner, look, frame, node};
}

static bool passes(const struct engine *engine, const struct passed_tail *tail, const char *name,
                   size_t length)
{
    if (tail->look == LOOK_ALWAYS)
        return left_to_owner(engine, tail->frame, tail->node, name);
    return !plausible(tail->owner, (const uint8_t *)name, length);
}

/* Whether all tails that were passed without reading on take a header of this name for no
 * subsection. */
static bool passes_header(const struct engine *engine, const struct passed_tails *passed,
                          const uint8_t *name, size_t length)
{
    char text[256] = {0};
    memcpy(text, name, length);
    for (size_t i = 0; i < passed->count; i++)
        if (!passes(engine, &passed->tails[i], text, length))
            return false;
    return true;
}

bool can_pass(const struct engine *engine, const struct passed_tails *passed, uint64_t offset,
              bool *another)
{
    const struct bytes *bytes = &engine->writer.bytes;
    uint8_t value;
    *another = false;
    if (!passed->count || offset >= engine->writer.limit ||
        bytes->data[offset] != QEMU_VM_SUBSECTION)
        return true;
    *another = byte_other(&engine->writer, offset, QEMU_VM_SUBSECTION, &value);
    if (*another)
        return true;
    size_t left = engine->writer.limit - offset;
    size_t length = left >= 2 ? bytes->data[offset + 1] : 0;
    bool there = left >= 2 && left - 2 >= length;
    return there ? passes_header(engine, passed, bytes->data + offset + 2, length)
                 : !always_takes(passed);
}

/* The reader reads the byte at the offset as something else than a marker: the passed tails must
 * not have taken it for one. */
bool pass(const struct engine *engine, const struct passed_tails *passed, struct demands *demands,
          uint64_t offset)
{
    bool another;
    return can_pass(engine, passed, offset, &another) &&
           (!another || demand_another(engine, demands, offset, QEMU_VM_SUBSECTION));
}

static const struct subsection *known_inline(const struct engine *engine,
                                             const struct structure *owner, const char *name)
{
    const struct subsection *subsection = structure_subsection(owner, name);
    return subsection && option_sends_inline(engine->option, subsection) ? subsection : NULL;
}

/* The byte is a version that the reader refuses, preferably the one that it is. */
static bool demand_refused_version(const struct engine *engine, struct demands *demands,
                                   uint64_t offset, const struct subsection *subsection)
{
    const uint8_t now = engine->writer.bytes.data[offset];
    for (unsigned i = 0; i <= UINT8_MAX; i++) {
        uint8_t value = (uint8_t)(now + i);
        bool refused = value > subsection->version_id || value < subsection->minimum_version_id;
        if (refused && demand(engine, demands, offset, value))
            return true;
    }
    return false;
}

/* Behind the name of a known subsection: its version, of which the low byte counts, and its record. */
static void follow_version_at(struct engine *engine, size_t before, const struct places *places,
                              const struct subsection *subsection,
                              const struct frame_position *header)
{
    struct demands rejected = {.count = 0};
    size_t tried;
    visit(engine, &rejected, places, 4);
    struct demands demands = rejected;
    if (places->count < 4) {
        conclude(engine, before, &rejected, OUTCOME_REJECT);
        return;
    }
    if (demand_refused_version(engine, &rejected, places->at[3], subsection))
        conclude(engine, before, &rejected, OUTCOME_REJECT);
    if (!subsection->structure) {
        engine->undecided = "the layout of a subsection is not known";
        return;
    }
    if (!demand(engine, &demands, places->at[3],
                (uint8_t)subsection->structure->described_version_id) ||
        (engine->reader_writes &&
         !demand_places(engine, &demands, places, 0, (const uint8_t[3]){0}, 3, &tried)))
        return;
    if (!has_room(engine, subsection->structure, header->parent, header->return_node)) {
        conclude(engine, before, &demands, OUTCOME_REJECT);
        return;
    }
    size_t inner = frame_of(engine, subsection->structure, header->parent, header->return_node,
                            header->return_done, false);
    reach(engine, before, &demands, places->at[4], inner, 0, 0);
}

static void follow_version(struct engine *engine, size_t before, const struct state *state)
{
    enum { VERSION = 4 };
    struct frame_position header = engine->frames[state->frame];
    const struct subsection *subsection = node_at(engine, state->frame, state->node)->subsection;
    struct places places;
    places_first(&engine->writer, state->offset, VERSION, &places);
    do
        follow_version_at(engine, before, &places, subsection, &header);
    while (places_next(&engine->writer, VERSION, VERSION, &places));
}

/* The reader takes a known subsection: its name may be followed by a NUL and more, up to the length
 * that the writer's byte can have. A writer's name is not. */
static void take_known_at(struct engine *engine, size_t before, const struct passed_tails *passed,
                          const struct places *places, size_t frame, size_t node,
                          const struct subsection *subsection, size_t after, size_t *tried)
{
    const struct structure *owner = node_at(engine, frame, node)->structure;
    size_t name_length = strlen(subsection->name);
    size_t longest = engine->reader_writes ? name_length : UINT8_MAX;
    bool by_name = tail_look_of(engine, owner) == LOOK_IF_PLAUSIBLE && !engine->reader_writes;
    const uint8_t marker = QEMU_VM_SUBSECTION;
    struct demands name = {.count = 0};
    if (!demand_places(engine, &name, places, 0, &marker, 1, tried) ||
        !demand_places(engine, &name, places, 2, subsection->name, name_length, tried))
        return;
    size_t header = header_frame(engine, subsection, frame, node, after);
    visit(engine, &name, places, 2 + name_length);
    for (size_t length = name_length; length <= longest; length++) {
        struct demands demands = name;
        bool longer = length > name_length;
        size_t end = 2 + name_length + longer, fill = length - name_length - longer;
        uint8_t read[256] = {0};
        memcpy(read, subsection->name, name_length);
        if ((by_name && !plausible(owner, read, length)) || places->count < end ||
            places->at[end] + fill > engine->writer.limit ||
            !passes_header(engine, passed, read, length) ||
            !demand(engine, &demands, places->at[1], (uint8_t)length) ||
            (longer && !demand(engine, &demands, places->at[end - 1], 0)))
            continue;
        reach(engine, before, &demands, places->at[end], header, fill ? 0 : 1,
              fill ? HEADER_FILL - fill : 0);
    }
}

static void take_known(struct engine *engine, size_t before, const struct passed_tails *passed,
                       uint64_t offset, size_t frame, size_t node,
                       const struct subsection *subsection, size_t after)
{
    size_t count = 2 + strlen(subsection->name) + 1, tried;
    struct places places;
    places_first(&engine->writer, offset, count, &places);
    do {
        tried = count;
        take_known_at(engine, before, passed, &places, frame, node, subsection, after, &tried);
    } while (places_next(&engine->writer, count, tried, &places));
}

/* A header with the name of `length` bytes at `name`, without its version. */
static bool demand_header(const struct engine *engine, struct demands *demands,
                          const struct passed_tails *passed, const struct places *places,
                          const uint8_t *name, size_t length)
{
    const uint8_t begin[] = {QEMU_VM_SUBSECTION, (uint8_t)length};
    size_t tried;
    return places->count >= 2 + length && passes_header(engine, passed, name, length) &&
           demand_places(engine, demands, places, 0, begin, sizeof(begin), &tried) &&
           demand_places(engine, demands, places, 2, name, length, &tried);
}

/* Whether a header of this name makes the reader take a subsection that the owner does not have. */
static bool misleads(const struct engine *engine, const struct passed_tails *passed, size_t frame,
                     size_t node, const uint8_t *name, size_t length)
{
    const struct structure *owner = node_at(engine, frame, node)->structure;
    char text[256] = {0};
    memcpy(text, name, length);
    return passes_header(engine, passed, name, length) && !known_inline(engine, owner, text) &&
           !left_to_owner(engine, frame, node, text);
}

/* The bytes of such a name, of this length: as they are, or with one of them changed, which is enough: the
 * first one that can be changed tells it from all names at once. False where there is none. */
static bool unknown_name(const struct engine *engine, const struct passed_tails *passed,
                         size_t frame, size_t node, const struct places *places, size_t fixed,
                         size_t length, uint8_t *name)
{
    for (size_t i = fixed; i < length; i++)
        name[i] = engine->writer.bytes.data[places->at[2 + i]];
    if (misleads(engine, passed, frame, node, name, length))
        return true;
    size_t changed = fixed;
    while (changed < length && !byte_settable(&engine->writer, places->at[2 + changed]))
        changed++;
    for (unsigned value = 0; changed < length && value <= UINT8_MAX; value++) {
        name[changed] = (uint8_t)value;
        if (byte_possible(&engine->writer, places->at[2 + changed], name[changed]) &&
            misleads(engine, passed, frame, node, name, length))
            return true;
    }
    return false;
}

/* The reader takes for a subsection what has a name that the structure does not have. */
static void take_unknown(struct engine *engine, size_t before, const struct passed_tails *passed,
                         const struct places *places, size_t frame, size_t node)
{
    const struct structure *owner = node_at(engine, frame, node)->structure;
    bool must_begin = tail_look_of(engine, owner) == LOOK_IF_PLAUSIBLE;
    size_t fixed = must_begin ? strlen(owner->name) : 0;
    uint8_t name[256];
    if (takes_all_unknown(passed, owner, must_begin))
        return;
    memcpy(name, owner->name, fixed);
    for (size_t length = fixed + (must_begin ? 1 : 0); length < 256; length++) {
        struct demands demands = {.count = 0};
        if (2 + length > places->count)
            return;
        if (byte_possible(&engine->writer, places->at[1], (uint8_t)length) &&
            unknown_name(engine, passed, frame, node, places, fixed, length, name) &&
            demand_header(engine, &demands, passed, places, name, length)) {
            visit(engine, &demands, places, 2 + length);
            conclude(engine, before, &demands, OUTCOME_REJECT);
            return;
        }
    }
}

/* A name that is longer than what is left: no subsection to a reader that looks for plausible ones. */
static void take_beyond(struct engine *engine, size_t before, const struct passed_tails *passed,
                        const struct places *places, const struct structure *owner)
{
    struct demands demands = {.count = 0};
    enum tail_look look = tail_look_of(engine, owner);
    if (look == LOOK_IF_PLAUSIBLE || passed->count ||
        !demand(engine, &demands, places->at[0], QEMU_VM_SUBSECTION))
        return;
    size_t left = places->count > 1 ? places->count - 2 : 0;
    bool beyond = places->count < 2 || engine->writer.bytes.data[places->at[1]] > left;
    if (beyond || (left < UINT8_MAX && demand(engine, &demands, places->at[1], UINT8_MAX)))
        conclude(engine, before, &demands, OUTCOME_REJECT);
}

/* A writer sends its subsections in the order in which they are declared, each at most once. A reader takes
 * the first one of a name. */
static void take_known_ones(struct engine *engine, size_t before, const struct passed_tails *passed,
                            uint64_t offset, size_t frame, size_t node, size_t done)
{
    const struct structure *owner = node_at(engine, frame, node)->structure;
    for (size_t i = done; i < owner->subsection_count; i++) {
        const struct subsection *subsection = &owner->subsections[i];
        bool first = structure_subsection(owner, subsection->name) == subsection;
        if (option_sends_inline(engine->option, subsection) && (first || engine->reader_writes))
            take_known(engine, before, passed, offset, frame, node, subsection,
                       engine->reader_writes ? i + 1 : 0);
    }
}

/* What rejects: names that are not known. Behind the part of a name that must stand, the bytes of one
 * state are as good as those of another. */
static void take_wrong_ones(struct engine *engine, size_t before, const struct passed_tails *passed,
                            uint64_t offset, size_t frame, size_t node)
{
    const struct structure *owner = node_at(engine, frame, node)->structure;
    enum { HEADER = 2 + UINT8_MAX };
    bool by_name = tail_look_of(engine, owner) == LOOK_IF_PLAUSIBLE;
    const uint8_t marker = QEMU_VM_SUBSECTION;
    size_t fixed = by_name ? strlen(owner->name) : 0, tried;
    struct places places;
    places_first(&engine->writer, offset, HEADER, &places);
    do {
        struct demands demands = {.count = 0};
        tried = 2 + fixed;
        if (!demand_places(engine, &demands, &places, 0, &marker, 1, &tried) ||
            !demand_places(engine, &demands, &places, 2, owner->name, fixed, &tried))
            continue;
        for (int skipping = 0; skipping < (places.met ? 2 : 1); skipping++) {
            struct places onward = places;
            places_onward(&engine->writer, HEADER, 2 + fixed, skipping, &onward);
            take_unknown(engine, before, passed, &onward, frame, node);
            take_beyond(engine, before, passed, &onward, owner);
        }
    } while (places_next(&engine->writer, HEADER, tried, &places));
}

/* All ways in which the reader can take a subsection at a tail. */
static void take(struct engine *engine, size_t before, const struct passed_tails *passed,
                 uint64_t offset, size_t frame, size_t node, size_t done)
{
    const struct structure *owner = node_at(engine, frame, node)->structure;
    if ((tail_look_of(engine, owner) == LOOK_NEVER && !engine->reader_writes) ||
        !byte_possible(&engine->writer, offset, QEMU_VM_SUBSECTION))
        return;
    if (!engine->reader_writes)
        take_wrong_ones(engine, before, passed, offset, frame, node);
    take_known_ones(engine, before, passed, offset, frame, node, done);
}

/* ---- Following the reader ------------------------------------------------------------------------ */

static void follow_list(struct engine *engine, size_t before, const struct passed_tails *passed,
                        uint64_t offset, size_t frame, size_t node)
{
    const struct field *field = node_at(engine, frame, node)->field;
    struct demands end = {.count = 0}, more = {.count = 0};
    if (offset >= engine->writer.limit)
        conclude(engine, before, &more, OUTCOME_REJECT);
    if (demand(engine, &end, offset, 0))
        reach(engine, before, &end, offset + 1, frame, node + 1, 0);
    if (!demand_another(engine, &more, offset, 0) || !pass(engine, passed, &more, offset))
        return;
    if (!field->structure) {
        engine->undecided = "the elements of a list are not described";
        return;
    }
    if (!has_room(engine, field->structure, frame, node)) {
        conclude(engine, before, &more, OUTCOME_REJECT);
        return;
    }
    size_t inner = frame_of(engine, field->structure, frame, node, 0, true);
    reach(engine, before, &more, offset + 1, inner, 0, 0);
}

static bool looks_like_marker(const struct writer_side *writer, uint64_t offset)
{
    return offset < writer->limit && writer->bytes.data[offset] == QEMU_VM_SUBSECTION;
}

/* Tails that know no subsection can only be passed or reject. Once a way to reject is known, the reader
 * runs over them without a choice, up to one before which a byte looks like a marker as it is. */
static bool run(const struct engine *engine, const struct passed_tails *passed, uint64_t *offset,
                size_t frame, size_t *node)
{
    const struct node *nodes = engine->frames[frame].program->nodes;
    size_t start = *node, choice = nodes[start].next_choice;
    if (!engine->best[OUTCOME_REJECT].found || engine->reader_writes ||
        (passed->count && looks_like_marker(&engine->writer, *offset)))
        return false;
    uint64_t limit = next_skip(&engine->writer, *offset);
    if (limit > engine->writer.limit)
        limit = engine->writer.limit;
    for (size_t i = start; i < choice; i++) {
        if (nodes[i].kind == NODE_TAIL && looks_like_marker(&engine->writer, *offset))
            break;
        if (nodes[i].kind != NODE_DATA)
            continue;
        if (nodes[i].length >= limit - *offset)
            break;
        *offset += nodes[i].length;
        *node = i + 1; /* what is passed behind the last bytes must be remembered */
    }
    return *node > start;
}

/* What a writer's field of this class can hold is less than what a reader takes. */
static bool demand_class(const struct engine *engine, struct demands *demands, uint64_t offset,
                         enum field_class class)
{
    if (class == FIELD_FREE || class == FIELD_OPAQUE || class == FIELD_CONSTANT)
        return true;
    if (byte_possible(&engine->writer, offset, 0))
        return demand(engine, demands, offset, 0);
    return class == FIELD_BOOL && demand(engine, demands, offset, 1);
}

/* Each byte of a field that does not take them all: one a step. */
static void follow_narrow(struct engine *engine, size_t before, const struct node *narrow,
                          struct demands *demands, const struct state *state)
{
    bool whole = state->done + 1 == narrow->length;
    if (narrow->kind == NODE_NULLS) {
        struct demands other = {.count = 0};
        if (demand_another(engine, &other, state->offset, VMS_NULLPTR_MARKER))
            conclude(engine, before, &other, OUTCOME_REJECT);
        if (!demand(engine, demands, state->offset, VMS_NULLPTR_MARKER))
            return;
    } else if (!demand_class(engine, demands, state->offset, narrow->class)) {
        return;
    }
    reach(engine, before, demands, state->offset + 1, state->frame, state->node + whole,
          whole ? 0 : state->done + 1);
}

static bool is_narrow(const struct engine *engine, const struct node *node)
{
    return node->kind == NODE_NULLS ||
           (engine->reader_writes && (node->class == FIELD_ZEROS || node->class == FIELD_BOOL));
}

static void follow_data(struct engine *engine, size_t before, const struct passed_tails *passed,
                        const struct state *state)
{
    const struct node *data = node_at(engine, state->frame, state->node);
    struct demands demands = {.count = 0};
    if (!pass(engine, passed, &demands, state->offset))
        return;
    uint64_t left = data->length - state->done;
    if (left > engine->writer.limit - state->offset) {
        conclude(engine, before, &demands, OUTCOME_REJECT);
        return;
    }
    if (is_narrow(engine, data)) {
        follow_narrow(engine, before, data, &demands, state);
        return;
    }
    uint64_t room = next_skip(&engine->writer, state->offset) - state->offset;
    if (room < left)
        reach(engine, before, &demands, state->offset + room, state->frame, state->node,
              state->done + room);
    else
        reach(engine, before, &demands, state->offset + left, state->frame, state->node + 1, 0);
}

/* The byte 00 behind an embedded record. */
static void follow_sentinel(struct engine *engine, size_t before, const struct passed_tails *passed,
                            uint64_t offset, size_t frame, size_t node)
{
    struct demands sentinel = {.count = 0}, other = {.count = 0};
    (void)passed; /* a tail that is passed reads its own sentinel first */
    if (demand(engine, &sentinel, offset, FLAGDAY_END_OF_STRUCT))
        reach(engine, before, &sentinel, offset + 1, frame, node + 1, 0);
    if (offset >= engine->writer.limit || demand(engine, &other, offset, 0xff) ||
        (engine->writer.bytes.data[offset] != FLAGDAY_END_OF_STRUCT &&
         engine->writer.bytes.data[offset] != QEMU_VM_SUBSECTION))
        conclude(engine, before, &other, OUTCOME_REJECT);
}

static void remember_passed(struct engine *engine, struct passed_tails *passed, size_t frame,
                            size_t node)
{
    passed_add(engine, passed, frame, node);
    if (passed->full)
        engine->undecided = TAILS_FULL;
}

/* From a pair of positions on, to all that the reader can reach by reading one thing. */
static void follow(struct engine *engine, size_t before, struct passed_tails *passed,
                   struct state state)
{
    for (;;) {
        const struct node *here = node_at(engine, state.frame, state.node);
        switch (here->kind) {
        case NODE_DATA:
        case NODE_NULLS:
            if (state.done || !run(engine, passed, &state.offset, state.frame, &state.node)) {
                follow_data(engine, before, passed, &state);
                return;
            }
            passed_forget(passed);
            break;
        case NODE_LIST:
            follow_list(engine, before, passed, state.offset, state.frame, state.node);
            return;
        case NODE_BLIND:
            engine->undecided = "the reader runs into a field of which the length is not known";
            return;
        case NODE_VERSION:
            follow_version(engine, before, &state);
            return;
        case NODE_TAIL:
            take(engine, before, passed, state.offset, state.frame, state.node, state.done);
            remember_passed(engine, passed, state.frame, state.node);
            if (engine->option->sentinel && is_embedded(engine, state.frame, state.node)) {
                follow_sentinel(engine, before, passed, state.offset, state.frame, state.node);
                return;
            }
            state.node++;
            state.done = 0;
            break;
        case NODE_END: {
            const struct frame_position *frame = &engine->frames[state.frame];
            if (frame->parent == NO_FRAME) {
                follow_end_of_section(engine, before, passed, state.offset, frame);
                return;
            }
            state.node = frame->return_node;
            state.done = frame->return_done;
            state.frame = frame->parent;
            break;
        }
        }
    }
}

/* ---- One tail ------------------------------------------------------------------------------------ */

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
    const struct structure *owner = node_at(engine, tail->frame, tail->node)->structure;
    const struct bytes *name = &tail->sent->name;
    char text[256] = {0};
    memcpy(text, name->data, name->length);
    switch (tail_look_of(engine, owner)) {
    case LOOK_NEVER:
        return false;
    case LOOK_ALWAYS:
        return !left_to_owner(engine, tail->frame, tail->node, text);
    default:
        return plausible(owner, name->data, name->length);
    }
}

static void take_in_all_states(struct engine *engine, struct tail *tail)
{
    uint64_t offset = tail->verdict->offset;
    do
        take(engine, NO_FRAME, &tail->passed, offset, tail->frame, tail->node, tail->done);
    while (skip_from(&engine->writer, offset, &offset));
}

/* The reader's first step out of step with the writer. */
static void part(struct engine *engine, struct tail *tail)
{
    const struct demands none = {.count = 0};
    struct state state = {.offset = tail->verdict->offset,
                          .frame = tail->frame,
                          .node = tail->node,
                          .done = tail->done};
    if (tail->parting == PART_REJECTED)
        conclude(engine, NO_FRAME, &none, OUTCOME_REJECT);
    else if (tail->parting == PART_AT_FIELD)
        follow(engine, NO_FRAME, &tail->passed, state);
    else if (!tail->sent)
        take_in_all_states(engine, tail);
    else if (!engine->reader_writes && !takes_rightly(engine, tail))
        follow(engine, NO_FRAME, &tail->passed, state);
}

static void search(struct engine *engine, struct tail *tail)
{
    part(engine, tail);
    while (engine->queue_count) {
        size_t index = dequeue(engine);
        if (engine->state_count > PAIRS_LIMIT) {
            engine->undecided = "there are more pairs of positions than are followed";
            return;
        }
        struct state state = engine->states[index];
        if (nothing_to_gain(engine, state.cost))
            return;
        const uint64_t keys[4] = {state.offset, state.frame, state.node, state.done};
        if (table_slot(&engine->state_table, keys)->value != index + 1)
            continue; /* a cheaper way to the same pair was found */
        struct passed_tails passed = {.count = 0};
        if (state.frame == NO_FRAME)
            follow_item(engine, index, state.offset, (enum footer)state.node, (unsigned)state.done);
        else
            follow(engine, index, &passed, state);
    }
}

static int by_offset(const void *a, const void *b)
{
    const struct demand *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* The demands of all steps that led to an outcome. */
static void gather_demands(const struct engine *engine, const struct best *best,
                           struct finding *finding)
{
    struct demand *demands = arena_alloc(engine->arena, best->cost * sizeof(*demands));
    size_t end = best->cost - best->demand_count;
    memcpy(demands + end, best->demands, best->demand_count * sizeof(*demands));
    for (size_t i = best->state; i != NO_FRAME; i = engine->states[i].before) {
        assert(engine->states);
        end -= engine->states[i].demand_count;
        memcpy(demands + end, engine->states[i].demands,
               engine->states[i].demand_count * sizeof(*demands));
    }
    qsort(demands, best->cost, sizeof(*demands), by_offset);
    finding->demands = demands;
    finding->demand_count = best->cost;
}

static bool is_in(const struct extent *span, uint64_t offset)
{
    return offset >= span->from && offset < span->to;
}

static bool visits(const uint64_t *visited, size_t count, const struct extent *span)
{
    for (size_t i = 0; i < count; i++)
        if (visited[i] == span->from)
            return true;
    return false;
}

/* Whether the way to an outcome leads through the bytes of an optional subsection. */
static bool passes_through(const struct engine *engine, const struct tail *tail,
                           const struct best *best, const struct finding *finding,
                           const struct extent *span)
{
    for (size_t i = 0; i < tail->within_count; i++)
        if (tail->within[i].from == span->from)
            return true;
    for (size_t i = 0; i < finding->demand_count; i++)
        if (is_in(span, finding->demands[i].offset))
            return true;
    if (visits(best->visits, best->visit_count, span))
        return true;
    for (size_t i = best->state; i != NO_FRAME; i = engine->states[i].before)
        if (is_in(span, engine->states[i].offset) ||
            visits(engine->states[i].visits, engine->states[i].visit_count, span))
            return true;
    return false;
}

static void gather_sends(const struct engine *engine, const struct tail *tail,
                         const struct best *best, struct finding *finding)
{
    const struct writer_side *writer = &engine->writer;
    struct extent *sends = arena_alloc(engine->arena, writer->skip_count * sizeof(*sends));
    for (size_t i = 0; i < writer->skip_count; i++)
        if (passes_through(engine, tail, best, finding, &writer->skips[i]))
            sends[finding->send_count++] = writer->skips[i];
    finding->sends = sends;
}

static bool is_assumed(const struct engine *engine, size_t frame)
{
    for (; frame != NO_FRAME; frame = engine->frames[frame].parent) {
        const struct structure *structure = engine->frames[frame].program->structure;
        if (structure && structure->assumed)
            return true;
    }
    return false;
}

static bool reads_assumed(const struct engine *engine, const struct best *best)
{
    for (size_t i = best->state; i != NO_FRAME; i = engine->states[i].before) {
        assert(engine->states);
        if (is_assumed(engine, engine->states[i].frame))
            return true;
    }
    return false;
}

static const struct finding *finding_of(const struct engine *engine, enum outcome outcome,
                                        const struct tail *tail)
{
    const struct tail_verdict *verdict = tail->verdict;
    const struct best *best = &engine->best[outcome];
    struct finding *finding = arena_alloc(engine->arena, sizeof(*finding));
    *finding = (struct finding){
        .item = verdict->item,
        .owner = verdict->owner,
        .path = verdict->path,
        .differs = verdict->differs,
        .offset = verdict->offset,
        .outcome = outcome,
    };
    finding->assumed = reads_assumed(engine, best);
    gather_demands(engine, best, finding);
    gather_sends(engine, tail, best, finding);
    return finding;
}

/* Nothing is left that could be undecided. */
static bool all_found(const struct engine *engine)
{
    return nothing_to_gain(engine, SIZE_MAX);
}

/* Decides with the opaque bytes as the stream has them; where that finds nothing, asks whether
 * other opaque bytes could make a difference. */
void decide_tail(struct engine *engine, struct tail *tail)
{
    struct tail_verdict *verdict = tail->verdict;
    const uint64_t limit = engine->writer.limit;
    struct arena_mark mark = arena_mark(engine->scratch);
    bool any = tail->passed.full;
    if (any) {
        verdict->verdict = VERDICT_UNDECIDED;
        verdict->reason = TAILS_FULL;
    }
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
                verdict->findings[outcome] = finding_of(engine, (enum outcome)outcome, tail);
        }
        verdict->verdict = any ? (opaque ? VERDICT_UNDECIDED : VERDICT_FINDINGS) : VERDICT_CLEAN;
        if (any && opaque)
            verdict->reason = "it depends on opaque bytes";
        if (engine->undecided && !all_found(engine)) {
            verdict->reason = engine->undecided;
            if (!any)
                verdict->verdict = VERDICT_UNDECIDED;
            any = true;
        }
        arena_reset(engine->scratch, mark);
    }
    if (verdict->verdict != VERDICT_CLEAN)
        return;
    /* What keeps a reader from taking a header holds whether a package ends there or not. */
    engine->writer.limit = engine->writer.bytes.length;
    certify(engine, tail);
    engine->writer.limit = limit;
}
