/* SPDX-License-Identifier: MIT */
/*
 * Keeps the pairs in a hash table and in a queue by cost (Dijkstra's algorithm), with the required bytes of
 * each step. It must not know what a step reads.
 */
#include "decide/search.h"

#include <assert.h>
#include <string.h>

#include "vmwire/wire.h"

/* ---- Required bytes ------------------------------------------------------------------------------ */

static bool find_here(const struct requirements *required, uint64_t offset, uint8_t *value)
{
    if (!(required->rests[offset / 64 % 4] >> offset % 64 & 1))
        return false;
    for (size_t i = 0; i < required->count; i++)
        if (required->list[i].offset == offset) {
            *value = required->list[i].value;
            return true;
        }
    return false;
}

static bool find_before(const struct engine *engine, uint64_t offset, uint8_t *value)
{
    if (!engine->one_value)
        return false;
    for (size_t i = engine->followed; i != NO_PAIR; i = pair_at(engine, i)->required_before) {
        const struct pair *pair = pair_at(engine, i);
        if (find_packed_byte(pair->required, pair->required_count, pair->from, offset,
                             (uint8_t)pair->last, value))
            return true;
    }
    return false;
}

bool find_required(const struct engine *engine, const struct requirements *required,
                   uint64_t offset, uint8_t *value)
{
    return find_here(required, offset, value) || find_before(engine, offset, value);
}

bool require_byte(struct engine *engine, struct requirements *required, uint64_t offset,
                  uint8_t value)
{
    uint8_t before;
    const bool free = byte_is_free(&engine->writer, offset); /* most are */
    if (!free && byte_depends_on_state(&engine->writer, offset)) {
        engine->undecided = LENGTH_VARIES;
        return false;
    }
    if (!free && !byte_can_hold(&engine->writer, offset, value))
        return false;
    if (!free && !byte_can_change(&engine->writer, offset))
        return true; /* the byte has this value in every state */
    if (find_here(required, offset, &before))
        return before == value;
    if (find_before(engine, offset, &before)) {
        if (before != value)
            engine->undecided = ONE_VALUE;
        return before == value;
    }
    assert(required->count < sizeof(required->list) / sizeof(required->list[0]));
    required->list[required->count++] = (struct vmwire_required_byte){offset, value};
    required->rests[offset / 64 % 4] |= UINT64_C(1) << offset % 64;
    return true;
}

bool require_bytes(struct engine *engine, struct requirements *required,
                   const struct places *places, size_t first, const void *bytes, size_t length,
                   size_t *tried)
{
    for (size_t i = 0; i < length; i++)
        if (first + i >= places->count ||
            !require_byte(engine, required, places->at[first + i], ((const uint8_t *)bytes)[i])) {
            *tried = first + i;
            return false;
        }
    return true;
}

void note_optional_subsections(const struct engine *engine, struct requirements *required,
                               const struct places *places, size_t count)
{
    bool any = engine->writer.skip_count > 0;
    for (size_t i = 0;
         any && i < count && i < places->count && required->optional_count < PLACES_LIMIT; i++)
        if (marks_at(&engine->writer, places->at[i]) & SKIP_BEGINS)
            required->optionals[required->optional_count++] = places->at[i];
}

bool require_byte_except(struct engine *engine, struct requirements *required, uint64_t offset,
                         const uint8_t *than, size_t than_count)
{
    uint8_t value;
    if (find_here(required, offset, &value))
        return !memchr(than, value, than_count);
    if (find_before(engine, offset, &value)) {
        if (memchr(than, value, than_count))
            engine->undecided = ONE_VALUE;
        return !memchr(than, value, than_count);
    }
    return find_value_except(&engine->writer, offset, than, than_count, &value) &&
           require_byte(engine, required, offset, value);
}

static uint64_t *copy_optionals(struct vmwire_arena *arena, const struct requirements *required)
{
    if (!required->optional_count)
        return NULL;
    uint64_t *list = vmwire_arena_alloc(arena, required->optional_count * sizeof(*list));
    memcpy(list, required->optionals, required->optional_count * sizeof(*list));
    return list;
}

/* ---- The queue ----------------------------------------------------------------------------------- */

static bool comes_first(const struct queued *x, const struct queued *y)
{
    return x->cost != y->cost ? x->cost < y->cost : x->offset < y->offset;
}

static void swap(struct queued *a, struct queued *b)
{
    struct queued kept = *a;
    *a = *b;
    *b = kept;
}

static void enqueue(struct engine *engine, size_t index)
{
    engine->queue = vmwire_arena_grow(engine->kept, engine->queue, engine->queue_count,
                                      &engine->queue_room, sizeof(*engine->queue));
    struct queued *queue = engine->queue;
    const struct pair *pair = pair_at(engine, index);
    size_t i = engine->queue_count++;
    queue[i] = (struct queued){pair->offset, pair->cost, (uint32_t)index};
    for (; i && comes_first(&queue[i], &queue[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&queue[i], &queue[(i - 1) / 2]);
}

static size_t dequeue(struct engine *engine)
{
    struct queued *queue = engine->queue;
    size_t first = queue[0].pair;
    queue[0] = queue[--engine->queue_count];
    for (size_t i = 0;;) {
        size_t child = 2 * i + 1;
        if (child >= engine->queue_count)
            return first;
        if (child + 1 < engine->queue_count && comes_first(&queue[child + 1], &queue[child]))
            child++;
        if (!comes_first(&queue[child], &queue[i]))
            return first;
        swap(&queue[i], &queue[child]);
        i = child;
    }
}

bool next_pair(struct engine *engine, size_t *pair)
{
    if (!engine->queue_count)
        return false;
    *pair = dequeue(engine);
    return true;
}

/* ---- Pairs and outcomes -------------------------------------------------------------------------- */

size_t cost_of_pair(const struct engine *engine, size_t pair)
{
    return pair == NO_PAIR ? 0 : pair_at(engine, pair)->cost;
}

bool cannot_improve(const struct engine *engine, size_t cost)
{
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++) {
        const struct best *best = &engine->best[outcome];
        if (!best->found || best->cost > cost)
            return false;
    }
    return true;
}

static void keep_outcome(struct engine *engine, size_t before, const struct requirements *required,
                         enum vmwire_outcome outcome)
{
    struct best *best = &engine->best[outcome];
    size_t cost = cost_of_pair(engine, before) + required->count;
    if (best->found && best->cost <= cost)
        return;
    *best = (struct best){
        .found = true,
        .cost = cost,
        .pair = before,
        .required = pack_bytes(&engine->packing, engine->scratch, required->list, required->count,
                               engine->reached),
        .required_count = required->count,
        .optionals = copy_optionals(engine->scratch, required),
        .optional_count = required->optional_count,
        .reached = engine->reached,
    };
}

void record_outcome(struct engine *engine, size_t before, const struct requirements *required,
                    enum vmwire_outcome outcome)
{
    if (!engine->seeks_pair || is_behind(engine, before))
        keep_outcome(engine, before, required, outcome);
}

/* A reader that counts rejects the bytes of two states. */
void record_pair(struct engine *engine, size_t before, const struct requirements *required)
{
    keep_outcome(engine, before, required,
                 engine->reader.counts ? VMWIRE_OUTCOME_REJECT : VMWIRE_OUTCOME_CORRUPT);
}

/* Of the pair and those before it on the way, the last one whose step required any byte. */
static size_t last_required(const struct engine *engine, size_t pair)
{
    if (!engine->one_value || pair == NO_PAIR || pair_at(engine, pair)->required_count)
        return pair;
    return pair_at(engine, pair)->required_before;
}

/* ---- The table of pairs -------------------------------------------------------------------------- */

/* Pairs are often added for consecutive offsets, or bytes of one node. A line of so many slots holds them together: it is one
 * of the cache. */
enum { LINE = 8 };

static uint32_t hash_pair(const struct pair *pair)
{
    const uint64_t keys[4] = {pair->offset / LINE, pair->done / LINE, pair->frame, pair->node};
    const uint64_t line = hash_keys(keys);
    return (uint32_t)(line * LINE + ((pair->offset + pair->done) ^ line >> 32) % LINE);
}

/* The place of a slot to look at, after `tries` others: in the next line, as long as there is one that was not looked at. */
static size_t slot_place(const struct engine *engine, uint32_t hash, size_t tries)
{
    const size_t lines = engine->slot_count / LINE;
    assert(lines > 0);
    const size_t round = tries < lines ? 0 : tries / lines;
    return (hash + tries * LINE + round) & (engine->slot_count - 1);
}

/* The slot of the pair's positions, or the free slot where they would go. */
static struct pair_slot *slot_of(const struct engine *engine, const struct pair *pair,
                                 uint32_t hash)
{
    for (size_t tries = 0;; tries++) {
        struct pair_slot *slot = &engine->slots[slot_place(engine, hash, tries)];
        if (!slot->pair)
            return slot;
        if (slot->hash != hash)
            continue;
        const struct pair *other = pair_at(engine, slot->pair - 1);
        if (other->offset == pair->offset && other->frame == pair->frame &&
            other->node == pair->node && other->done == pair->done)
            return slot;
    }
}

/* Enters a pair that has no slot. */
static void enter_slot(struct engine *engine, struct pair_slot entered)
{
    size_t tries = 0;
    while (engine->slots[slot_place(engine, entered.hash, tries)].pair)
        tries++;
    engine->slots[slot_place(engine, entered.hash, tries)] = entered;
}

/* Slots that are all free, twice as many as before. */
static void take_slots(struct engine *engine)
{
    enum { FEWEST = 7 };
    unsigned size = FEWEST;
    while (engine->slot_count >> size)
        size++;
    engine->slot_count = (size_t)1 << size;
    const size_t bytes = engine->slot_count * sizeof(struct pair_slot);
    struct pair_slot **slots = &engine->slots_of_size[size];
    if (*slots)
        memset(*slots, 0, bytes);
    else
        *slots = vmwire_arena_alloc(engine->kept, bytes);
    engine->slots = *slots;
}

/* Makes room for one more pair in the table: more than a third of its slots stays free. */
static void make_slots(struct engine *engine)
{
    const struct pair_slot *old = engine->slots;
    const size_t old_count = engine->slot_count;
    if (8 * (engine->pair_count + 1) <= 5 * old_count)
        return;
    take_slots(engine);
    for (size_t i = 0; i < old_count; i++)
        if (old[i].pair)
            enter_slot(engine, old[i]);
}

size_t cheapest_pair_at(const struct engine *engine, const struct pair *pair)
{
    if (!engine->slot_count)
        return NO_PAIR;
    const struct pair_slot *slot = slot_of(engine, pair, hash_pair(pair));
    return slot->pair ? slot->pair - 1 : NO_PAIR;
}

static void make_room_for_pair(struct engine *engine)
{
    if (engine->pair_count < engine->chunk_count * PAIRS_CHUNK)
        return;
    engine->pair_chunks = vmwire_arena_grow(engine->kept, engine->pair_chunks, engine->chunk_count,
                                            &engine->chunk_room, sizeof(struct pair *));
    engine->pair_chunks[engine->chunk_count++] =
        vmwire_arena_alloc(engine->kept, PAIRS_CHUNK * sizeof(struct pair));
}

static const uint8_t *pack_required(struct engine *engine, const struct requirements *required)
{
    struct shared_form *shared = required->shared;
    const uint64_t last = required->count ? required->list[required->count - 1].offset : 0;
    if (shared && shared->packed && shared->count == required->count && shared->last == last)
        return shared->packed;
    const uint8_t *packed = pack_bytes(&engine->packing, engine->scratch, required->list,
                                       required->count, engine->reached);
    if (shared)
        *shared = (struct shared_form){packed, required->count, last};
    return packed;
}

/* A cheaper way to a known pair gets a new entry. The old entry stays in the queue; search_pairs() passes
 * over it. */
static void add_pair_at(struct engine *engine, size_t before, const struct requirements *required,
                        uint64_t offset, size_t frame, size_t node, size_t done)
{
    struct pair pair = {
        .offset = offset,
        .done = done,
        .from = engine->reached,
        .frame = (uint32_t)frame,
        .node = (uint32_t)node,
        .before = (uint32_t)before,
        .behind = engine->reader.counts && (frame == NO_FRAME || is_behind(engine, before)),
        .cost = (uint32_t)(cost_of_pair(engine, before) + required->count),
    };
    make_slots(engine);
    const uint32_t hash = hash_pair(&pair);
    struct pair_slot *slot = slot_of(engine, &pair, hash);
    if (slot->pair && pair_at(engine, slot->pair - 1)->cost <= pair.cost)
        return;
    pair.required = pack_required(engine, required);
    pair.required_count = (uint16_t)required->count;
    pair.last = required->count ? required->list[required->count - 1].value : 0;
    pair.required_before = (uint32_t)last_required(engine, before);
    pair.optionals = copy_optionals(engine->scratch, required);
    pair.optional_count = (uint16_t)required->optional_count;
    make_room_for_pair(engine);
    *pair_at(engine, engine->pair_count) = pair;
    *slot = (struct pair_slot){hash, (uint32_t)engine->pair_count + 1};
    enqueue(engine, engine->pair_count++);
}

/* Whether the reader needs more bytes than there are: it can only reject. */
static bool must_run_out(const struct engine *engine, uint64_t offset, size_t frame, size_t node,
                         size_t done)
{
    if (frame == NO_FRAME)
        return false;
    uint64_t least =
        node_at(&engine->reader, frame, node)->least + engine->reader.frames[frame].least_behind;
    return offset + least > engine->writer.limit + done;
}

/* The first item from here on that is no command. Commands cannot mislead a reader; nor can the end of a package, which
 * it passes too, if it knows of the package. */
static uint64_t skip_commands(const struct writer_side *writer, uint64_t offset, bool in_packages)
{
    while (writer->bytes.data[offset] == VMWIRE_QEMU_VM_COMMAND ||
           (in_packages && writer->bytes.data[offset] == VMWIRE_QEMU_VM_EOF))
        do
            offset++;
        while (!(marks_at(writer, offset) & ITEM_BEGINS));
    return offset;
}

/* The reader begins an item where the writer begins a subsection of this section. False: the search has to follow
 * it. */
static bool come_to_separate_item(struct engine *engine, size_t before,
                                  const struct requirements *required, enum footer footer)
{
    if (!engine->separate_refused && engine->footers != (footer == FOOTER_HERE))
        return false;
    record_outcome(engine, before, required,
                   engine->separate_refused ? VMWIRE_OUTCOME_REJECT : VMWIRE_OUTCOME_CORRUPT);
    return true;
}

bool is_refused_behind(const struct engine *engine, uint64_t offset, enum footer footer)
{
    bool learned = footer == FOOTER_NONE || footer == FOOTER_HERE;
    return learned && engine->footers != (footer == FOOTER_HERE) && offset <= engine->last_section;
}

/* The package that the writer has begun behind this section, and that holds the offset. NULL: none. */
static const struct package *missed_package(const struct engine *engine, uint64_t offset)
{
    const uint64_t now = (uint64_t)(engine->item->raw.data - engine->writer.bytes.data);
    for (size_t i = 0; i < engine->package_count; i++) {
        const struct package *package = &engine->packages[i];
        if (package->from > now && offset >= package->from && offset < package->to)
            return package;
    }
    return NULL;
}

/* The reader begins an item where the writer begins one. It is in step again, unless it has missed the command that
 * begins the package around the item: then the end of the package is the end of the stream for it. Or it has learned
 * wrongly whether the stream has footers. Then it rejects behind the next section, or something misleads it in that
 * section before. False: the search has to follow it into that section. */
static bool rejoin_writer(struct engine *engine, size_t before, const struct requirements *required,
                          uint64_t *offset, enum footer footer)
{
    bool refused = is_refused_behind(engine, *offset, footer);
    const struct package *missed = missed_package(engine, *offset);
    if (missed && !missed->ends_with_eof) {
        engine->undecided = BEHIND_PACKAGE;
        return true;
    }
    if ((refused || missed) && engine->skewed)
        return false;
    if (refused)
        *offset = skip_commands(&engine->writer, *offset, !missed);
    if (refused && engine->writer.bytes.data[*offset] == VMWIRE_QEMU_VM_SECTION_FULL) {
        if (*offset < engine->writer.limit)
            return false;
        engine->undecided = BEHIND_PACKAGE;
    }
    bool ends = missed && (!refused || engine->writer.bytes.data[*offset] == VMWIRE_QEMU_VM_EOF);
    engine->reached = *offset;
    record_outcome(engine, before, required,
                   ends      ? VMWIRE_OUTCOME_TRUNCATED
                   : refused ? VMWIRE_OUTCOME_REJECT
                             : VMWIRE_OUTCOME_CORRUPT);
    return true;
}

void note_end_of_bytes(struct engine *engine)
{
    *engine->writer.furthest = engine->writer.limit;
}

void add_pair(struct engine *engine, size_t before, const struct requirements *required,
              uint64_t offset, size_t frame, size_t node, size_t done)
{
    if (cannot_improve(engine, cost_of_pair(engine, before) + required->count))
        return;
    if (engine->best[VMWIRE_OUTCOME_REJECT].found &&
        must_run_out(engine, offset, frame, node, done)) {
        note_end_of_bytes(engine);
        return;
    }
    /* At the end of a package the reader is out of step: the writer has ended the package before. */
    const bool reads_items = !engine->reader.writes || engine->reader.counts;
    if (frame == NO_FRAME && reads_items && offset < engine->writer.limit &&
        marks_at(&engine->writer, offset) & ITEM_BEGINS &&
        rejoin_writer(engine, before, required, &offset, (enum footer)node))
        return;
    if (frame == NO_FRAME && reads_items && offset == engine->separate_at &&
        come_to_separate_item(engine, before, required, (enum footer)node))
        return;
    /* A step that reads nothing: what the writer sends here is chosen already. */
    bool chosen = offset == engine->reached;
    do
        add_pair_at(engine, before, required, offset, frame, node, done);
    while (!chosen && find_skip(&engine->writer, offset, &offset));
}

struct reached_versions *reached_versions_of(struct engine *engine, size_t header)
{
    for (; engine->reached_count <= header; engine->reached_count++) {
        engine->reached_versions =
            vmwire_arena_grow(engine->kept, engine->reached_versions, engine->reached_count,
                              &engine->reached_room, sizeof(*engine->reached_versions));
        engine->reached_versions[engine->reached_count] = (struct reached_versions){0};
    }
    return &engine->reached_versions[header];
}

void forget_search(struct engine *engine)
{
    engine->reached_count = 0;
    engine->packing = (struct packing_room){0};
    engine->slots = NULL;
    engine->slot_count = 0;
    engine->pair_count = 0;
    engine->queue_count = 0;
    engine->undecided = NULL;
    engine->followed = NO_PAIR;
    memset(engine->best, 0, sizeof(engine->best));
}
