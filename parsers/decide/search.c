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
    for (size_t i = 0; offset < required->beyond && i < required->count; i++)
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
    for (size_t i = engine->followed; i != NO_PAIR; i = engine->pairs[i].required_before) {
        const struct pair *pair = &engine->pairs[i];
        if (find_packed_byte(pair->required, pair->required_count, pair->from, offset, value))
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
    if (byte_depends_on_state(&engine->writer, offset)) {
        engine->undecided = LENGTH_VARIES;
        return false;
    }
    if (!byte_can_hold(&engine->writer, offset, value))
        return false;
    if (!byte_can_change(&engine->writer, offset))
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
    if (offset >= required->beyond)
        required->beyond = offset + 1;
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

static bool comes_first(const struct engine *engine, size_t a, size_t b)
{
    const struct pair *x = &engine->pairs[a], *y = &engine->pairs[b];
    return x->cost != y->cost ? x->cost < y->cost : x->offset < y->offset;
}

static void swap(uint32_t *a, uint32_t *b)
{
    uint32_t kept = *a;
    *a = *b;
    *b = kept;
}

static void enqueue(struct engine *engine, size_t pair)
{
    engine->queue = vmwire_arena_grow(engine->scratch, engine->queue, engine->queue_count,
                                      &engine->queue_room, sizeof(*engine->queue));
    size_t i = engine->queue_count++;
    engine->queue[i] = (uint32_t)pair;
    for (; i && comes_first(engine, engine->queue[i], engine->queue[(i - 1) / 2]); i = (i - 1) / 2)
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
            comes_first(engine, engine->queue[child + 1], engine->queue[child]))
            child++;
        if (!comes_first(engine, engine->queue[child], engine->queue[i]))
            return first;
        swap(&engine->queue[i], &engine->queue[child]);
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
    return pair == NO_PAIR ? 0 : engine->pairs[pair].cost;
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
    if (!engine->one_value || pair == NO_PAIR || engine->pairs[pair].required_count)
        return pair;
    return engine->pairs[pair].required_before;
}

/* ---- The table of pairs -------------------------------------------------------------------------- */

static uint32_t *bucket_of(const struct engine *engine, const struct pair *pair)
{
    const uint64_t keys[4] = {pair->offset, pair->frame, pair->node, pair->done};
    return &engine->buckets[hash_keys(keys) & (engine->bucket_count - 1)];
}

static void enter_pair(struct engine *engine, size_t index)
{
    uint32_t *bucket = bucket_of(engine, &engine->pairs[index]);
    engine->pairs[index].next = *bucket;
    *bucket = (uint32_t)index;
}

/* The buckets are as many as the pairs, at least. */
static void add_buckets(struct engine *engine)
{
    engine->bucket_count = engine->pair_room;
    engine->buckets =
        vmwire_arena_alloc(engine->scratch, engine->bucket_count * sizeof(*engine->buckets));
    for (size_t i = 0; i < engine->bucket_count; i++)
        engine->buckets[i] = NO_PAIR;
    for (size_t i = 0; i < engine->pair_count; i++)
        enter_pair(engine, i);
}

size_t cheapest_pair_at(const struct engine *engine, const struct pair *pair)
{
    size_t i = engine->bucket_count ? *bucket_of(engine, pair) : NO_PAIR;
    for (; i != NO_PAIR; i = engine->pairs[i].next) {
        const struct pair *other = &engine->pairs[i];
        if (other->offset == pair->offset && other->frame == pair->frame &&
            other->node == pair->node && other->done == pair->done)
            return i;
    }
    return NO_PAIR;
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
    size_t known = cheapest_pair_at(engine, &pair);
    if (known != NO_PAIR && engine->pairs[known].cost <= pair.cost)
        return;
    pair.required =
        pack_bytes(&engine->packing, engine->scratch, required->list, required->count, pair.from);
    pair.required_count = (uint32_t)required->count;
    pair.required_before = (uint32_t)last_required(engine, before);
    pair.optionals = copy_optionals(engine->scratch, required);
    pair.optional_count = (uint32_t)required->optional_count;
    engine->pairs = vmwire_arena_grow(engine->scratch, engine->pairs, engine->pair_count,
                                      &engine->pair_room, sizeof(struct pair));
    if (engine->bucket_count < engine->pair_room)
        add_buckets(engine);
    engine->pairs[engine->pair_count] = pair;
    enter_pair(engine, engine->pair_count);
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

void forget_search(struct engine *engine)
{
    engine->pairs = NULL;
    engine->packing = (struct packing_room){0};
    engine->buckets = NULL;
    engine->bucket_count = 0;
    engine->pair_count = engine->pair_room = 0;
    engine->queue = NULL;
    engine->queue_count = engine->queue_room = 0;
    engine->undecided = NULL;
    engine->followed = NO_PAIR;
    memset(engine->best, 0, sizeof(engine->best));
}
