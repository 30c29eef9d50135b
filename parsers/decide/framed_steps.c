/* SPDX-License-Identifier: MIT */
/*
 * A length that the writer has written at the same byte is compared as a place: the reader's fields must end where the
 * writer's do. Any other length is four bytes that are required to be right. It must not know which fields a record has.
 */
#include "decide/framed_steps.h"

#include "vmwire/wire.h"

enum { VERSION_SIZE = 4, LENGTH_SIZE = 4, VERSIONS_LIMIT = 256 };

static const char too_many_versions[] = "a structure has more versions than are followed";
static const char crosses_optional[] =
    "the length of a record is read out of bytes that depend on optional subsections";

static void put_be32(uint8_t bytes[4], uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> 8 * (3 - i));
}

/* ---- Versions ------------------------------------------------------------------------------------ */

const char *refusal_of_record(const struct vmwire_structure *reads, uint32_t version_id)
{
    bool refused =
        reads->name && (version_id > reads->version_id || version_id < reads->minimum_version_id);
    return refused ? "the reader does not have this version of the structure" : NULL;
}

const char *unknown_record(const struct vmwire_structure *reads, uint32_t version_id)
{
    bool known = !reads->name || version_id == reads->described_version_id ||
                 (reads->assumed && reads->minimum_version_id <= version_id &&
                  version_id <= reads->version_id);
    return known ? NULL : "the reader's layout of this version of the structure is not known";
}

/* Requires this version. */
static bool require_version(struct engine *engine, struct requirements *required,
                            const struct places *places, uint32_t version_id)
{
    uint8_t bytes[VERSION_SIZE];
    size_t tried;
    put_be32(bytes, version_id);
    return require_bytes(engine, required, places, 0, bytes, sizeof(bytes), &tried);
}

/* The version that the stream has at these places. */
static uint32_t version_at(const struct engine *engine, const struct places *places)
{
    uint32_t version_id = 0;
    for (unsigned i = 0; i < VERSION_SIZE; i++)
        version_id = version_id << 8 | engine->writer.bytes.data[places->at[i]];
    return version_id;
}

static void begin_requirements(const struct engine *engine, struct requirements *required,
                               const struct places *places)
{
    require_nothing(required);
    note_optional_subsections(engine, required, places, VERSION_SIZE);
}

/* A version that the reader refuses: the one that is there, or it with one byte changed. */
static void refuse_version(struct engine *engine, size_t before, const struct places *places,
                           const struct vmwire_structure *structure)
{
    const uint32_t now = version_at(engine, places);
    for (unsigned i = 0; i < VERSION_SIZE << 8; i++) {
        struct requirements required;
        unsigned shift = i >> 8 << 3;
        uint32_t version_id = now ^ (uint32_t)(i & UINT8_MAX) << shift;
        begin_requirements(engine, &required, places);
        if (!refusal_of_record(structure, version_id) ||
            !require_version(engine, &required, places, version_id))
            continue;
        record_outcome(engine, before, &required, VMWIRE_OUTCOME_REJECT);
        return;
    }
}

/* The reader takes this version and reads the length behind it. False: no state has it. */
static bool take_version(struct engine *engine, size_t before, const struct places *places,
                         const struct pair *pair, uint32_t version_id)
{
    const struct node *here = node_at(&engine->reader, pair->frame, pair->node);
    struct requirements required;
    begin_requirements(engine, &required, places);
    if (refusal_of_record(here->structure, version_id) ||
        !require_version(engine, &required, places, version_id))
        return false;
    const char *unknown = unknown_record(here->structure, version_id);
    if (unknown)
        engine->undecided = unknown;
    else
        add_pair(engine, before, &required, places->at[VERSION_SIZE], pair->frame, pair->node + 1,
                 0);
    return true;
}

static void follow_version_at(struct engine *engine, size_t before, const struct places *places,
                              const struct pair *pair)
{
    const struct vmwire_structure *structure =
        node_at(&engine->reader, pair->frame, pair->node)->structure;
    struct requirements none;
    require_nothing(&none);
    if (places->count < VERSION_SIZE) {
        record_outcome(engine, before, &none, VMWIRE_OUTCOME_REJECT);
        return;
    }
    if (!structure->name) { /* it accepts any */
        begin_requirements(engine, &none, places);
        add_pair(engine, before, &none, places->at[VERSION_SIZE], pair->frame, pair->node + 1, 0);
        return;
    }
    refuse_version(engine, before, places, structure);
    if (structure->version_id - structure->minimum_version_id >= VERSIONS_LIMIT)
        engine->undecided = too_many_versions;
    for (uint32_t i = 0; i < VERSIONS_LIMIT; i++)
        if (structure->minimum_version_id + i <= structure->version_id)
            take_version(engine, before, places, pair, structure->minimum_version_id + i);
}

/* Whether a number of four bytes ends behind the fields that it is in, in every state. Has the reader refuse it. */
static bool ends_behind_fields(struct engine *engine, size_t before, const struct pair *pair)
{
    enum { NUMBER = 4 };
    const uint64_t limit = limit_of_node(&engine->reader, pair->frame, pair->node);
    struct requirements none;
    require_nothing(&none);
    if (next_skip_begins(&engine->writer, pair->offset) < limit || pair->offset + NUMBER <= limit)
        return false;
    record_outcome(engine, before, &none, VMWIRE_OUTCOME_REJECT);
    return true;
}

void follow_record_version(struct engine *engine, size_t before, const struct pair *pair)
{
    if (ends_behind_fields(engine, before, pair))
        return;
    struct places places;
    lay_first_places(&engine->writer, pair->offset, VERSION_SIZE, &places);
    do
        follow_version_at(engine, before, &places, pair);
    while (lay_next_places(&engine->writer, VERSION_SIZE, VERSION_SIZE, &places));
}

/* ---- Lengths ------------------------------------------------------------------------------------- */

size_t frame_with_length_at(struct engine *engine, size_t frame, uint64_t offset)
{
    const struct written_length *written = find_written_length(&engine->writer, offset);
    return frame_with_length(&engine->reader, frame, offset, written ? written->end : UINT64_MAX);
}

bool is_behind_fields(const struct engine *engine, const struct pair *pair)
{
    enum node_kind kind = node_at(&engine->reader, pair->frame, pair->node)->kind;
    return kind != NODE_END && kind != NODE_FIELDS_END && kind != NODE_RECORD &&
           pair->offset >= limit_of_node(&engine->reader, pair->frame, pair->node);
}

void follow_length(struct engine *engine, size_t before, const struct pair *pair)
{
    struct requirements none;
    require_nothing(&none);
    if (pair->offset + LENGTH_SIZE > engine->writer.limit) {
        record_outcome(engine, before, &none, VMWIRE_OUTCOME_REJECT);
        return;
    }
    if (ends_behind_fields(engine, before, pair))
        return;
    if (next_skip_begins(&engine->writer, pair->offset) < pair->offset + LENGTH_SIZE) {
        engine->undecided = crosses_optional;
        return;
    }
    size_t frame = frame_with_length_at(engine, pair->frame, pair->offset);
    add_pair(engine, before, &none, pair->offset + LENGTH_SIZE, frame, pair->node + 1, 0);
}

/* The four bytes are no length of the writer's: they hold this one, or the reader refuses the record. */
static void follow_read_length(struct engine *engine, size_t before, const struct pair *pair,
                               uint64_t length_at)
{
    struct requirements same, other;
    uint8_t bytes[LENGTH_SIZE];
    const uint64_t length = pair->offset - length_at - LENGTH_SIZE;
    bool can_hold = length <= UINT32_MAX;
    put_be32(bytes, (uint32_t)length);
    require_nothing(&same);
    for (unsigned i = 0; i < LENGTH_SIZE; i++) {
        require_nothing(&other);
        if (require_other_byte(engine, &other, length_at + i, bytes[i]))
            record_outcome(engine, before, &other, VMWIRE_OUTCOME_REJECT);
        can_hold = can_hold && require_byte(engine, &same, length_at + i, bytes[i]);
    }
    if (can_hold)
        add_pair(engine, before, &same, pair->offset, pair->frame, pair->node + 1, 0);
}

bool fields_have_their_length(struct engine *engine, size_t before, const struct pair *pair)
{
    const struct call_frame *frame = &engine->reader.frames[pair->frame];
    if (frame->fields_end != UINT64_MAX) {
        struct requirements none;
        require_nothing(&none);
        if (is_end_of_fields(&engine->writer, frame->fields_end, pair->offset))
            return true;
        record_outcome(engine, before, &none, VMWIRE_OUTCOME_REJECT);
    } else if (next_skip_begins(&engine->writer, frame->length_at) < pair->offset) {
        engine->undecided = crosses_optional;
    } else {
        follow_read_length(engine, before, pair, frame->length_at);
    }
    return false;
}
