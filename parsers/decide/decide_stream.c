/* SPDX-License-Identifier: MIT */
/*
 * The engine's entry. It walks over the stream with the reader in step with the writer, and has each tail
 * on the way decided. It also stops where the schemas of the two differ, and has that place decided. It
 * must not know what a reader does once it is out of step.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "decide/alignment.h"
#include "decide/elements.h"
#include "decide/finding_check.h"
#include "decide/framed_steps.h"
#include "decide/reader_device.h"
#include "decide/section_check.h"
#include "decide/separate_items.h"
#include "decide/tail_verdict.h"
#include "decide/ways.h"
#include "read/counted_readings.h"
#include "vmwire/wire.h"

#define OUT_OF_STEP_BY_DESCRIPTION                                                                 \
    "the reader goes by the description, and is not followed out of step"

/* Where a walk was before an optional subsection. */
struct resumption {
    size_t frame, node;
    uint64_t since;
    struct ways ways;
};

struct stream_walk {
    struct engine *engine;
    struct vmwire_decision *decision;
    size_t room;
    struct vmwire_record_walk records;
    uint64_t offset;
    size_t frame, node;
    uint64_t
        since; /* bytes of fields that the reader has read since `node` began; nodes may be behind it */
    struct ways ways; /* how states come here */
    const struct vmwire_option *writes;
    bool learned; /* a section has told the reader whether there are footers */
    const uint64_t *only_at;
    const struct vmwire_question *question;
    bool skewed;          /* the reader has a schema or an option of its own */
    bool differed;        /* an earlier section has a difference */
    const char *unsure;   /* why the rest of this section is undecided; NULL: it is not */
    bool parted;          /* the schemas differ here: the rest of this section is not in step */
    bool section_differs; /* the schemas differ anywhere in this section */

    /* Skewed: the reader's records of this section, each with the writer's in its place. */
    struct owners owners;
    size_t numbers[VMWIRE_SCHEMA_NESTING_LIMIT]; /* of the open records */
    struct owner root;                           /* the next record where a walk begins */
    uint64_t begins;                             /* its offset */
    const char *prefix;                          /* its path, with a dot behind it */

    /* For each open record of the writer, the reader's structure in its place. */
    struct twin {
        const struct vmwire_structure *structure; /* NULL: the reader has no such record */
        const struct alignment *alignment;
        bool told; /* a reader that goes by the description finds the record in it */
        size_t regions_begun;
        size_t tails_left; /* of the reader's records in the last one that has begun */
        /* Where the walk was before the optional subsection of this record that it is in. */
        struct resumption *before;
    } twins[VMWIRE_SCHEMA_NESTING_LIMIT];
};

/* ---- Where the walk is --------------------------------------------------------------------------- */

static void append_path(char *path, size_t size, const struct vmwire_record_walk_frame *frame)
{
    size_t length = strlen(path);
    const char *dot = length ? "." : "";
    const struct vmwire_value *value = frame->as_value;
    int64_t element = value ? shown_element(value->field, value->element) : -1;
    const char *name = value ? value->field->name : frame->as_subsection->subsection->name;
    if (element >= 0)
        snprintf(path + length, size - length, "%s%s[%lld]", dot, name, (long long)element);
    else
        snprintf(path + length, size - length, "%s%s", dot, name);
}

/* Tails that follow one another often have one path. */
static const char *path_of(const struct stream_walk *walk, unsigned depth)
{
    const struct vmwire_decision *decision = walk->decision;
    const char *last = decision->tail_count ? decision->tails[decision->tail_count - 1].path : "";
    char path[1024];
    snprintf(path, sizeof(path), "%s", walk->prefix);
    for (unsigned i = 1; i < depth; i++)
        append_path(path, sizeof(path), &walk->records.frames[i]);
    return strcmp(path, last) == 0 ? last
                                   : vmwire_arena_string(walk->engine->arena, path, strlen(path));
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

static struct twin make_twin(struct stream_walk *walk, const struct vmwire_structure *writes,
                             const struct vmwire_structure *reads)
{
    return (struct twin){.structure = reads,
                         .alignment = alignment_of(&walk->engine->reader, writes, reads)};
}

static struct twin *top_twin(struct stream_walk *walk)
{
    return &walk->twins[walk->records.depth - 1];
}

static size_t number_of_field(const struct vmwire_record *record, const struct vmwire_value *value)
{
    return (size_t)(value->field - record->structure->fields);
}

/* The reader's field in the place of the writer's, in the record that `value` is in. NULL: it is in a region, or the
 * reader has no such record. */
static const struct vmwire_field *twin_field(const struct twin *twin,
                                             const struct vmwire_record *record,
                                             const struct vmwire_value *value)
{
    size_t number;
    if (!twin->structure ||
        region_of_field(twin->alignment, number_of_field(record, value), &number))
        return NULL;
    return &twin->structure->fields[number];
}

/* ---- Deciding ------------------------------------------------------------------------------------ */

static struct vmwire_tail_verdict *add_verdict(struct stream_walk *walk,
                                               const struct vmwire_structure *owner, unsigned depth)
{
    struct vmwire_decision *decision = walk->decision;
    const char *path = path_of(walk, depth);
    decision->tails = vmwire_arena_grow(walk->engine->arena, decision->tails, decision->tail_count,
                                        &walk->room, sizeof(*decision->tails));
    struct vmwire_tail_verdict *verdict = &decision->tails[decision->tail_count++];
    *verdict = (struct vmwire_tail_verdict){
        .item = walk->engine->item,
        .owner = owner,
        .path = path,
        .offset = walk->offset,
        .behind_difference = walk->differed,
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

/* A clean verdict that is not certain. */
static void leave_open(struct vmwire_tail_verdict *verdict, const char *reason)
{
    verdict->reason = verdict->reason ? verdict->reason : reason;
    if (verdict->verdict == VMWIRE_VERDICT_CLEAN)
        verdict->verdict = VMWIRE_VERDICT_UNDECIDED;
}

/* Tells the check of findings what the reader does here. */
static void expect_tail_here(struct stream_walk *walk, const struct tail *tail,
                             const struct vmwire_structure *owner)
{
    struct vmwire_arena *work = walk->engine->reader.work;
    const struct vmwire_subsection_value *sent = tail->sent;
    bool optional = sent && sent->optional;
    size_t count = tail->within_count + optional;
    uint64_t *within = count ? vmwire_arena_alloc(work, count * sizeof(*within)) : NULL;
    for (size_t i = 0; i < tail->within_count; i++)
        within[i] = tail->within[i].from;
    if (optional)
        within[count - 1] = walk->offset;
    expect_tail(walk->engine->check, (struct expected_tail){
                                         .offset = walk->offset,
                                         .owner = owner,
                                         .taken = sent != NULL,
                                         .within = within,
                                         .within_count = count,
                                     });
}

/* Of two answers about one tail, for states that come to it in different ways: all that can happen. */
static void join_verdicts(struct vmwire_tail_verdict *verdict,
                          const struct vmwire_tail_verdict *other)
{
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++) {
        const struct vmwire_finding *one = verdict->findings[outcome],
                                    *two = other->findings[outcome];
        if (!one || (two && two->required_count < one->required_count))
            verdict->findings[outcome] = two;
    }
    if (other->verdict == VMWIRE_VERDICT_FINDINGS || verdict->verdict == VMWIRE_VERDICT_CLEAN)
        verdict->verdict = other->verdict;
    if (!verdict->reason)
        verdict->reason = other->reason;
    verdict->states += other->states;
}

/* Has the tail decided for the states of every way. */
static void decide_on_all_ways(struct stream_walk *walk, const struct tail *tail)
{
    if (walk->unsure) {
        tail->verdict->verdict = VMWIRE_VERDICT_UNDECIDED;
        tail->verdict->reason = walk->unsure;
        return;
    }
    for (size_t i = 0; i < walk->ways.count; i++) {
        const struct way *way = &walk->ways.list[i];
        struct vmwire_tail_verdict verdict = *tail->verdict;
        struct tail here = *tail;
        if (i)
            here.verdict = &verdict;
        verdict.verdict = VMWIRE_VERDICT_CLEAN;
        verdict.reason = NULL;
        memset(verdict.findings, 0, sizeof(verdict.findings));
        here.passed = way->passed;
        for (size_t need = 0; need < way->need_count; need++)
            here.within[here.within_count++] = way->needs[need];
        decide_tail(walk->engine, &here);
        if (i)
            join_verdicts(tail->verdict, &verdict);
    }
    if (walk->ways.full && !tail->verdict->reason)
        leave_open(tail->verdict, "there are more ways to this tail than are followed");
}

/* Whether a reader that counts has no reading in which this subsection stands here: its schema does not have it. */
static bool is_refused_by_count(const struct stream_walk *walk,
                                const struct vmwire_subsection_value *sent)
{
    const struct vmwire_structure *owner = walk->twins[walk->records.depth - 1].structure;
    const struct vmwire_subsection *reads =
        find_inline_subsection(walk->engine, owner, sent->subsection->name);
    return walk->skewed && walk->engine->reader.counts &&
           (sent->version_id > UINT8_MAX ||
            refusal_of_subsection(walk->engine->reader.option, reads, sent->version_id));
}

/* Two streams with the same bytes have the same description: both send the same subsections, or the description does
 * not tell which. */
static void decide_described_ambiguity(struct stream_walk *walk, const struct tail *tail,
                                       unsigned depth)
{
    struct vmwire_tail_verdict *verdict = tail->verdict;
    const struct vmwire_structure *reads = walk->twins[depth - 1].structure;
    verdict->verdict = VMWIRE_VERDICT_CLEAN;
    if (!walk->twins[depth - 1].told && reads->subsection_count)
        leave_open(verdict, "the description does not tell the elements of a list");
}

/* Has the tail of `record` decided. */
static void decide_tail_here(struct stream_walk *walk, const struct vmwire_record *record,
                             unsigned depth, const struct vmwire_subsection_value *sent)
{
    seek_node(walk, NODE_TAIL, NULL);
    struct tail tail = {
        .depth = depth,
        .frame = walk->frame,
        .node = walk->node,
        .done = walk->engine->reader.writes && !sent ? subsections_gone_past(record) : 0,
        .sent = sent,
        .refused = sent && is_refused_by_count(walk, sent),
    };
    for (unsigned i = 0; i < depth; i++)
        add_enclosing_optional(walk, &tail, walk->records.frames[i].as_subsection);
    expect_tail_here(walk, &tail, walk->twins[depth - 1].structure);
    if (walk->only_at && walk->offset != *walk->only_at)
        return;
    tail.verdict = add_verdict(walk, record->structure, depth);
    add_enclosing_optional(walk, &tail, sent);
    if (goes_by_description(walk->engine) &&
        walk->engine->reader.ambiguity == VMWIRE_AMBIGUITY_STREAM) {
        decide_described_ambiguity(walk, &tail, depth);
        return;
    }
    decide_on_all_ways(walk, &tail);
}

/* Sets the walk at the node of which the next byte is. */
static void step_over_read_nodes(struct stream_walk *walk)
{
    const struct node *node = node_at(&walk->engine->reader, walk->frame, walk->node);
    for (; walk->since && walk->since >= node->length; node++, walk->node++)
        walk->since -= node->length;
}

/* Has the place decided at which the two schemas part. `refused`: the subsection that the reader does not take. */
static void decide_difference(struct stream_walk *walk, const struct vmwire_structure *owner,
                              unsigned depth, const char *differs, enum parting parting,
                              const struct vmwire_subsection_value *refused)
{
    if (parting == PART_AT_FIELD && goes_by_description(walk->engine))
        walk->unsure = OUT_OF_STEP_BY_DESCRIPTION;
    struct tail tail = {
        .verdict = add_verdict(walk, owner, depth),
        .parting = parting,
        .depth = WITHIN_ANY,
        .frame = walk->frame,
        .node = walk->node,
    };
    for (unsigned i = 0; i < depth; i++)
        add_enclosing_optional(walk, &tail, walk->records.frames[i].as_subsection);
    add_enclosing_optional(walk, &tail, refused);
    tail.verdict->differs = differs;
    if (parting == PART_AT_FIELD)
        step_over_read_nodes(walk);
    tail.node = walk->node;
    tail.done = walk->since;
    decide_on_all_ways(walk, &tail);
    walk->parted = walk->section_differs = true;
}

/* `past`: how many of the owner's subsections a second writer has gone past when it returns. */
static void enter_frame(struct stream_walk *walk, const struct vmwire_structure *structure,
                        size_t past)
{
    walk->frame = frame_of(&walk->engine->reader, structure, walk->frame, walk->node, past);
    walk->node = 0;
    walk->since = 0;
}

/* Likewise for a record that is embedded in the one where the walk is. */
static void enter_embedded(struct stream_walk *walk, const struct vmwire_structure *structure)
{
    struct reader_side *reader = &walk->engine->reader;
    bool returns_to_list = node_at(reader, walk->frame, walk->node)->kind == NODE_LIST;
    walk->frame =
        embedded_frame(reader, structure, walk->frame, walk->node + (returns_to_list ? 0 : 1));
    walk->node = 0;
    walk->since = 0;
}

/* Reads the length of the record's fields, if the option frames records, and with it the version of an embedded one. */
static void read_record_header(struct stream_walk *walk)
{
    struct engine *engine = walk->engine;
    if (node_at(&engine->reader, walk->frame, walk->node)->kind == NODE_RECORD_VERSION) {
        walk->offset += 4;
        walk->node++;
    }
    if (node_at(&engine->reader, walk->frame, walk->node)->kind != NODE_LENGTH)
        return;
    walk->frame = frame_with_length_at(engine, walk->frame, walk->offset);
    walk->offset += 4;
    walk->node++;
    forget_ways(&walk->ways);
}

/* Reports a place behind which the rest of the section cannot be decided. */
static void leave_undecided(struct stream_walk *walk, const struct vmwire_structure *owner,
                            unsigned depth, const char *reason)
{
    struct vmwire_tail_verdict *verdict = add_verdict(walk, owner, depth);
    verdict->verdict = VMWIRE_VERDICT_UNDECIDED;
    verdict->reason = reason;
    walk->parted = walk->section_differs = true;
}

/* Leaves the section undecided where the reader's structure, just entered, is too large. */
static void check_frame_is_followed(struct stream_walk *walk, const struct vmwire_structure *owner,
                                    unsigned depth)
{
    if (!is_followed(&walk->engine->reader, walk->frame))
        leave_undecided(walk, owner, depth, PROGRAM_TOO_LARGE);
}

static void leave_frame(struct stream_walk *walk)
{
    const struct call_frame *frame = &walk->engine->reader.frames[walk->frame];
    walk->node = frame->return_node;
    walk->frame = frame->parent;
    walk->since = 0;
}

/* ---- The events of a walk ------------------------------------------------------------------------ */

/* Notes the reader's record that begins: subsections behind the section may be its own. `field`: the reader's
 * field that holds it. */
static void keep_owner(struct stream_walk *walk, const struct vmwire_structure *reads,
                       const struct vmwire_field *field)
{
    unsigned depth = walk->records.depth;
    struct owner owner = walk->root;
    if (depth > 1)
        owner = (struct owner){.around = walk->numbers[depth - 2], .element = -1};
    if (field) {
        owner.name = field->name;
        owner.element = shown_element(field, walk->records.value->element);
    } else if (walk->records.subsection) {
        owner.name = walk->records.subsection->subsection->name;
    }
    owner.structure = reads;
    owner.record = walk->records.record;
    walk->numbers[depth - 1] = owners_begin(&walk->owners, owner);
}

/* Whether the reader has no record in the place of the writer's that begins. */
static bool is_missing(const struct stream_walk *walk, unsigned depth)
{
    const struct vmwire_record *around = walk->records.frames[depth - 2].record;
    return !walk->twins[depth - 2].structure ||
           (!walk->records.subsection &&
            !twin_field(&walk->twins[depth - 2], around, walk->records.value));
}

/* Whether the reader does not take the version of the embedded record that begins, or it is not known what it makes of
 * it. Has the place decided then. */
static bool version_is_refused(struct stream_walk *walk, const struct vmwire_structure *around,
                               unsigned depth, const struct vmwire_structure *reads)
{
    uint32_t version_id = vmwire_record_version(walk->records.record);
    const char *refused = refusal_of_record(reads, version_id);
    const char *unknown = unknown_record(reads, version_id);
    if (refused)
        decide_difference(walk, around, depth, refused, PART_REJECTED, NULL);
    else if (unknown)
        leave_undecided(walk, around, depth, unknown);
    return refused || unknown;
}

/* Whether the description tells the record that begins: not in the elements of lists. */
static bool is_told(const struct stream_walk *walk, unsigned depth)
{
    bool in_list = walk->records.value && walk->records.value->data.length;
    return depth == 1 || (walk->twins[depth - 2].told && !in_list);
}

static bool is_same_name(const struct vmwire_field *writes, const struct vmwire_field *reads)
{
    return strcmp(writes->name, reads->name) == 0 && writes->index == reads->index &&
           writes->count == reads->count;
}

/* Whether the reader finds each of its embedded records in the description, which has the writer's names. */
static bool is_described_alike(const struct twin *twin)
{
    if (twin->alignment->region_count)
        return false;
    for (size_t i = 0; i < twin->alignment->same_fields; i++)
        if (twin->alignment->writes->fields[i].class == VMWIRE_FIELD_RECORD &&
            !is_same_name(&twin->alignment->writes->fields[i], &twin->structure->fields[i]))
            return false;
    return true;
}

/* Leaves open what the reader does in the rest of the section, where the description does not tell it. */
static void doubt_description(struct stream_walk *walk, const struct twin *twin)
{
    if (!goes_by_description(walk->engine))
        return;
    if (!twin->told &&
        (twin->structure->subsection_count || twin->alignment->writes->subsection_count))
        walk->unsure = "the description does not tell the elements of a list";
    else if (walk->skewed && !is_described_alike(twin))
        walk->unsure = "the reader goes by the description, which names the fields otherwise";
}

static void begin_record(struct stream_walk *walk)
{
    const struct vmwire_field *field = NULL;
    unsigned depth = walk->records.depth;
    const struct vmwire_value *value = walk->records.value;
    const struct vmwire_structure *reads = walk->twins[0].structure;
    if (depth > 1 && is_missing(walk, depth)) {
        *top_twin(walk) = (struct twin){.structure = NULL};
        return;
    }
    if (walk->records.subsection) {
        reads = vmwire_structure_subsection(walk->twins[depth - 2].structure,
                                            walk->records.subsection->subsection->name)
                    ->structure;
    } else if (value) {
        const struct vmwire_record *around = walk->records.frames[depth - 2].record;
        field = twin_field(&walk->twins[depth - 2], around, value);
        reads = field->structure;
        if (!reads) {
            leave_undecided(walk, around->structure, depth - 1,
                            "the reader's layout of the elements of a list is not known");
            return;
        }
        bool framed = walk->writes->framed;
        if (framed && version_is_refused(walk, around->structure, depth - 1, reads))
            return;
        if (value->data.length || framed) {
            seek_node(walk, value->data.length ? NODE_LIST : NODE_RECORD, field);
            enter_embedded(walk, reads);
            check_frame_is_followed(walk, around->structure, depth - 1);
        }
    }
    read_record_header(walk);
    *top_twin(walk) = make_twin(walk, walk->records.record->structure, reads);
    top_twin(walk)->told = is_told(walk, depth);
    doubt_description(walk, top_twin(walk));
    if (walk->skewed)
        keep_owner(walk, reads, field);
}

/* ---- Regions ------------------------------------------------------------------------------------- */

/* Decides the tail of a record that only the reader has: the walk is at its node. */
static void decide_reader_tail(struct stream_walk *walk, unsigned depth)
{
    const struct node *node = node_at(&walk->engine->reader, walk->frame, walk->node);
    struct tail tail = {.depth = WITHIN_ANY, .frame = walk->frame, .node = walk->node};
    for (unsigned i = 0; i < depth; i++)
        add_enclosing_optional(walk, &tail, walk->records.frames[i].as_subsection);
    expect_tail_here(walk, &tail, node->structure);
    if (!walk->only_at || walk->offset == *walk->only_at) {
        tail.verdict = add_verdict(walk, node->structure, depth);
        decide_on_all_ways(walk, &tail);
    }
    pass_tail_on_all_ways(walk->engine, &walk->ways, walk->frame, walk->node);
    walk->node++;
    walk->since = 0;
}

/* Decides the reader's tails that come before the next byte. */
static void decide_reader_tails(struct stream_walk *walk, unsigned depth, struct twin *twin)
{
    step_over_read_nodes(walk);
    while (twin->tails_left &&
           node_at(&walk->engine->reader, walk->frame, walk->node)->kind == NODE_TAIL) {
        decide_reader_tail(walk, depth);
        twin->tails_left--;
    }
}

/* Reads bytes of the writer's in a region. `depth`: of the record that has the region. */
static void read_region(struct stream_walk *walk, unsigned depth, uint64_t length)
{
    struct twin *twin = &walk->twins[depth - 1];
    while (length) {
        decide_reader_tails(walk, depth, twin);
        const struct node *node = node_at(&walk->engine->reader, walk->frame, walk->node);
        assert(node->kind == NODE_DATA || node->field->null_pointer);
        uint64_t read = node->length - walk->since < length ? node->length - walk->since : length;
        walk->offset += read;
        walk->since += read;
        length -= read;
        forget_ways(&walk->ways);
    }
}

/* Stands for the writer's record where there is none: a subsection of the writer's cannot be meant for it. */
static const struct vmwire_record only_the_readers;

static size_t count_values(const struct vmwire_field *field);

/* Whether the reader's fields in the region take all bytes. Records are not looked into. */
static bool region_has_all_values(const struct stream_walk *walk,
                                  const struct vmwire_structure *reads, const struct region *region)
{
    for (size_t i = region->reads_from; walk->engine->reader.counts && i < region->reads_to; i++)
        if (count_values(&reads->fields[i]) < 256 || reads->fields[i].class == VMWIRE_FIELD_RECORD)
            return false;
    return true;
}

/* Begins the next region: notes the records of the reader in it. */
static void begin_region(struct stream_walk *walk, unsigned depth)
{
    struct twin *twin = &walk->twins[depth - 1];
    const struct region *region = &twin->alignment->regions[twin->regions_begun++];
    twin->tails_left = region->tails;
    if (!region_has_all_values(walk, twin->structure, region))
        walk->section_differs = true;
    step_over_read_nodes(walk);
    if (walk->skewed)
        add_records_of_fields(&walk->owners, walk->numbers[depth - 1], twin->structure,
                              region->reads_from, region->reads_to, walk->offset - walk->begins,
                              &only_the_readers);
}

/* Comes to the writer's field of this number: the regions before it end, and one can begin. */
static void come_to_field(struct stream_walk *walk, unsigned depth, size_t field)
{
    struct twin *twin = &walk->twins[depth - 1];
    for (;;) {
        const struct region *next = &twin->alignment->regions[twin->regions_begun];
        bool open = twin->regions_begun && field < next[-1].writes_to;
        if (open)
            return;
        decide_reader_tails(walk, depth, twin);
        if (twin->regions_begun == twin->alignment->region_count || next->writes_from > field)
            return;
        begin_region(walk, depth);
    }
}

#define LISTS_OTHERWISE                                                                            \
    "the reader's program reads these bytes, but nothing tells whether as other fields"

/* Whether two lists of fields that differ can be the same fields: the reader's is made of its program, and has one for each
 * element. Fields that are the same together are only looked for where no sentinels stand between them (alignment.h), and what is
 * in a private encoding (NULL: no field of the writer's) the writer's description does not tell. */
static bool lists_otherwise(const struct stream_walk *walk, const struct vmwire_field *field)
{
    const struct reader_side *reader = &walk->engine->reader;
    return reader->schema->fitted &&
           (reader->option->sentinel || (field && field->class == VMWIRE_FIELD_OPAQUE));
}

/* Whether the reader's schema has the next field, too. Where not, has the place decided. */
static bool has_field(struct stream_walk *walk, const struct vmwire_record *record, unsigned depth,
                      const struct vmwire_value *value)
{
    const struct twin *twin = &walk->twins[depth - 1];
    size_t number = number_of_field(record, value);
    if (!twin->structure)
        return true;
    if (twin->alignment->region_count)
        come_to_field(walk, depth, number);
    if (number < twin->alignment->same_fields)
        return true;
    if (lists_otherwise(walk, value->field)) {
        leave_undecided(walk, record->structure, depth, LISTS_OTHERWISE);
        return false;
    }
    decide_difference(walk, record->structure, depth, "the reader has another field here",
                      PART_AT_FIELD, NULL);
    return false;
}

/* The depth of the innermost record that the reader has too. */
static unsigned depth_of_common_record(const struct stream_walk *walk)
{
    unsigned depth = walk->records.depth;
    while (!walk->twins[depth - 1].structure)
        depth--;
    return depth;
}

/* How many values each byte of such a field has. */
static size_t count_values(const struct vmwire_field *field)
{
    return field->class == VMWIRE_FIELD_ZEROS ? 1 : field->class == VMWIRE_FIELD_BOOL ? 2 : 256;
}

/* Whether the reader takes all that the writer can send in the field. */
static bool has_all_values(const struct stream_walk *walk, const struct vmwire_field *writes,
                           const struct vmwire_field *reads)
{
    return !walk->engine->reader.counts || count_values(writes) <= count_values(reads);
}

/* Has it decided that the reader does not take some values of a field. States with the others go on in step. */
static void decide_fewer_values(struct stream_walk *walk, const struct vmwire_structure *owner,
                                const struct vmwire_value *value, const struct vmwire_field *reads,
                                uint64_t begin)
{
    unsigned depth = walk->records.depth;
    walk->offset = begin;
    struct tail tail = {
        .verdict = add_verdict(walk, owner, depth),
        .parting = PART_AT_CLASS,
        .depth = WITHIN_ANY,
        .frame = walk->frame,
        .node = walk->node,
        .length = value->data.length,
        .allowed = count_values(reads),
    };
    for (unsigned i = 0; i < depth; i++)
        add_enclosing_optional(walk, &tail, walk->records.frames[i].as_subsection);
    tail.verdict->differs = "the reader's field has fewer values";
    decide_on_all_ways(walk, &tail);
    walk->section_differs = true;
}

static void read_value(struct stream_walk *walk)
{
    const struct vmwire_value *value = walk->records.value;
    const struct vmwire_record *record = walk->records.frames[walk->records.depth - 1].record;
    if (!has_field(walk, record, walk->records.depth, value))
        return;
    const struct vmwire_field *reads = twin_field(top_twin(walk), record, value);
    uint64_t begin = (uint64_t)(value->data.data - walk->engine->writer.bytes.data);
    if (reads && !has_all_values(walk, value->field, reads))
        decide_fewer_values(walk, record->structure, value, reads, begin);
    if (!reads) {
        walk->offset = begin;
        read_region(walk, depth_of_common_record(walk), value->data.length);
        return;
    }
    walk->offset = begin + value->data.length;
    walk->since += value->data.length;
    forget_ways(&walk->ways);
    bool list_ends = value->field->class == VMWIRE_FIELD_LIST && !value->record;
    if (list_ends || reads->length == VMWIRE_LENGTH_POINTERS) {
        seek_node(walk, list_ends ? NODE_LIST : NODE_BLIND, reads);
        walk->node++;
        walk->since = 0;
    }
}

static struct vmwire_extent extent_of(const struct stream_walk *walk,
                                      const struct vmwire_subsection_value *subsection)
{
    uint64_t from = (uint64_t)(subsection->raw.data - walk->engine->writer.bytes.data);
    return (struct vmwire_extent){from, from + subsection->raw.length};
}

/* What follows about this subsection is decided. A state that does not send it goes on. */
static void pass_over(struct stream_walk *walk, const struct vmwire_subsection_value *sent)
{
    walk->parted = !sent->optional;
    if (!sent->optional)
        return;
    vmwire_record_walk_skip(&walk->records);
    walk->offset = extent_of(walk, sent).to;
}

/* Remembers where the walk is before an optional subsection. */
static void note_resumption(struct stream_walk *walk, const struct vmwire_subsection_value *sent)
{
    struct twin *twin = top_twin(walk);
    if (!sent->optional)
        return;
    if (!twin->before)
        twin->before = vmwire_arena_alloc(walk->engine->reader.work, sizeof(*twin->before));
    *twin->before = (struct resumption){walk->frame, walk->node, walk->since, walk->ways};
}

/* Behind a difference, the states go on that do not send the innermost optional subsection around it. False: every
 * state has the difference. `event`: where the difference is; at the end of a record, the walk has left the record. */
static bool resume_behind_optional(struct stream_walk *walk, enum vmwire_record_step event)
{
    struct vmwire_record_walk *records = &walk->records;
    const struct vmwire_subsection_value *around = NULL;
    if (event == VMWIRE_RECORD_END && records->subsection && records->subsection->optional)
        around = records->subsection;
    for (unsigned i = records->depth; i > 1 && !around; i--)
        if (records->frames[i - 1].as_subsection && records->frames[i - 1].as_subsection->optional)
            around = records->frames[i - 1].as_subsection;
    if (!around)
        return false;
    while (event != VMWIRE_RECORD_END || records->subsection != around)
        event = vmwire_record_walk_next(records);
    const struct resumption *before = top_twin(walk)->before;
    walk->frame = before->frame;
    walk->node = before->node;
    walk->since = before->since;
    walk->ways = before->ways;
    walk->offset = extent_of(walk, around).to;
    walk->parted = false;
    return true;
}

static void begin_subsection(struct stream_walk *walk)
{
    const struct vmwire_subsection_value *sent = walk->records.subsection;
    const struct vmwire_record *owner = walk->records.frames[walk->records.depth - 1].record;
    if (!vmwire_option_sends_inline(walk->writes, sent->subsection)) {
        vmwire_record_walk_skip(&walk->records);
        return;
    }
    if (!top_twin(walk)->structure) {
        decide_difference(walk, owner->structure, walk->records.depth,
                          "the reader has another record here", PART_AT_FIELD, sent);
        pass_over(walk, sent);
        return;
    }
    if (!top_twin(walk)->structure->name) {
        decide_difference(walk, owner->structure, walk->records.depth,
                          "the reader's section is an old-style one, which has no subsections",
                          PART_REJECTED, sent);
        pass_over(walk, sent);
        return;
    }
    const bool refused_by_count = is_refused_by_count(walk, sent);
    walk->section_differs |= refused_by_count;
    decide_tail_here(walk, owner, walk->records.depth, sent);
    if (walk->skewed && !takes_name(walk->engine, walk->frame, walk->node, sent->name)) {
        pass_over(walk,
                  sent); /* it reads on in the subsection's bytes: decided at the tail above */
        return;
    }
    const struct vmwire_subsection *reads =
        find_inline_subsection(walk->engine, top_twin(walk)->structure, sent->subsection->name);
    const char *refused =
        refusal_of_subsection(walk->engine->reader.option, reads, sent->version_id);
    if (refused_by_count && !reads) {
        pass_over(walk, sent); /* the reader ends the record: decided at the tail above */
        return;
    }
    if (refused) {
        decide_difference(walk, owner->structure, walk->records.depth, refused, PART_REJECTED,
                          sent);
        pass_over(walk, sent);
        return;
    }
    const char *unknown = walk->skewed ? unknown_layout(reads, sent->version_id) : NULL;
    if (unknown) {
        leave_undecided(walk, owner->structure, walk->records.depth, unknown);
        pass_over(walk, sent);
        return;
    }
    note_resumption(walk, sent);
    walk->offset += 2 + sent->name.length + 4;
    forget_ways(&walk->ways);
    size_t past = (size_t)(reads - top_twin(walk)->structure->subsections) + 1;
    enter_frame(walk, reads->structure, walk->engine->reader.writes ? past : 0);
    check_frame_is_followed(walk, owner->structure, walk->records.depth);
}

static void end_record(struct stream_walk *walk)
{
    const struct engine *engine = walk->engine;
    const struct vmwire_structure *structure = walk->twins[walk->records.depth].structure;
    if (!structure)
        return;
    bool called = walk->records.value && (walk->records.value->data.length || walk->writes->framed);
    if (walk->skewed)
        owners_end(&walk->owners, walk->numbers[walk->records.depth], walk->offset - walk->begins);
    if (structure->name) {
        decide_tail_here(walk, walk->records.record, walk->records.depth + 1, NULL);
        if (node_at(&engine->reader, walk->frame, walk->node)->sentinel) {
            walk->offset++;
            forget_ways(&walk->ways);
        } else {
            pass_tail_on_all_ways(engine, &walk->ways, walk->frame, walk->node);
        }
        walk->node++;
        walk->since = 0;
    } else if (walk->writes->framed) {
        walk->offset++;
    }
    if (walk->records.subsection || called)
        leave_frame(walk);
    if (walk->records.subsection && walk->records.subsection->optional) {
        struct ways through = walk->ways;
        walk->ways = top_twin(walk)->before->ways;
        join_ways(&walk->ways, &through, extent_of(walk, walk->records.subsection));
    }
}

/* Whether the reader's fields end where the writer's do. Where not, has the place decided. */
static bool reader_fields_end(struct stream_walk *walk, const struct vmwire_record *record,
                              unsigned depth)
{
    const struct twin *twin = &walk->twins[depth - 1];
    if (!twin->structure)
        return true;
    if (twin->alignment->region_count)
        come_to_field(walk, depth, record->structure->field_count);
    if (twin->alignment->complete)
        return true;
    if (lists_otherwise(walk, NULL)) {
        leave_undecided(walk, record->structure, depth, LISTS_OTHERWISE);
        return false;
    }
    decide_difference(walk, record->structure, depth, "the reader has more fields", PART_AT_FIELD,
                      NULL);
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

/* What the reader expects behind this record. It learns from the first section of a stream, or the first
 * subsection behind the configuration; a second writer knows. */
static enum footer expected_footer(const struct stream_walk *walk,
                                   const struct vmwire_record *record)
{
    const struct engine *engine = walk->engine;
    if (engine->item->kind == VMWIRE_ITEM_CONFIGURATION && record == engine->item->record)
        return FOOTER_LATER;
    if (!walk->learned && !engine->reader.writes)
        return FOOTER_LEARNED;
    return engine->footers ? FOOTER_HERE : FOOTER_NONE;
}

/* Walks over one record of a section. `reads`: the reader's structure; `id_at`: where the section's id
 * stands. */
static void decide_record(struct stream_walk *walk, const struct vmwire_record *record,
                          const struct vmwire_structure *reads, uint64_t offset, uint64_t id_at)
{
    walk->offset = walk->begins = offset;
    walk->frame = section_frame(&walk->engine->reader, reads, expected_footer(walk, record), id_at,
                                walk->engine->check->item);
    walk->node = 0;
    walk->since = 0;
    forget_ways(&walk->ways);
    walk->parted = false;
    check_frame_is_followed(walk, record->structure, 0);
    walk->twins[0].structure = reads;
    vmwire_record_walk_begin(&walk->records, record);
    for (enum vmwire_record_step event = VMWIRE_RECORD_DONE;
         (!walk->parted || resume_behind_optional(walk, event)) &&
         (event = vmwire_record_walk_next(&walk->records)) != VMWIRE_RECORD_DONE;)
        take_event(walk, event);
}

/* ---- Subsections that are sent behind their section ---------------------------------------------- */

/* Sets the walk at a subsection of its own. The path of what is in it begins with the owner's. */
static void set_prefix(struct stream_walk *walk, const struct separate_item *separate)
{
    char prefix[2 * OWNER_PATH_LIMIT + 3];
    snprintf(prefix, sizeof(prefix), "%s%s%s", separate->path, separate->path[0] ? "." : "",
             separate->sent->subsection->name);
    walk->prefix = vmwire_arena_string(walk->engine->reader.work, prefix, strlen(prefix));
}

/* The reader is in step up to this item. */
static void decide_separate_item(struct stream_walk *walk, const struct vmwire_item *item,
                                 const struct separate_item *separate)
{
    const struct vmwire_structure *reads = separate->sent->record->structure;
    walk->prefix = separate->path;
    walk->offset = separate->begins;
    forget_ways(&walk->ways);
    if (walk->skewed) {
        struct separate_taking taking =
            ask_about_separate_item(walk->engine, walk->writes, item, separate, &walk->owners);
        const struct vmwire_structure *owner = separate->owner->structure;
        if (taking.answer == SEPARATE_REFUSED)
            decide_difference(walk, owner, 0, taking.why, PART_REJECTED, NULL);
        if (taking.answer == SEPARATE_UNKNOWN)
            leave_undecided(walk, owner, 0, taking.why);
        if (taking.answer != SEPARATE_TAKEN)
            return;
        reads = taking.reads->structure;
        walk->root =
            (struct owner){.around = taking.owner, .name = taking.reads->name, .element = -1};
    }
    set_prefix(walk, separate);
    decide_record(walk, separate->sent->record, reads, separate->record_at, separate->begins + 1);
    walk->learned = true;
}

/* Tells the search what the reader does when it comes to the first of the items. That is certain where it does not
 * depend on what the reader has read before: it has no such items, or reads this section in one way only. */
static void foresee_separate_items(struct stream_walk *walk, const struct vmwire_item *item,
                                   const struct separate_items *separate,
                                   const struct vmwire_structure *reads, uint64_t record_at)
{
    struct engine *engine = walk->engine;
    struct owners owners = {.arena = engine->reader.work};
    bool same_place = engine->reader.option->subsections == walk->writes->subsections;
    engine->separate_at = UINT64_MAX;
    if (!walk->skewed || !separate->count ||
        (same_place && !add_certain_owners(engine, item, reads, record_at, &owners)))
        return;
    enum separate_answer answer =
        ask_about_all_items(engine, walk->writes, item, separate, &owners);
    if (answer != SEPARATE_UNKNOWN)
        engine->separate_at = separate->list[0].begins;
    engine->separate_refused = answer == SEPARATE_REFUSED;
}

static bool is_section(const struct vmwire_item *item)
{
    return item->kind >= VMWIRE_ITEM_SECTION_START && item->kind <= VMWIRE_ITEM_SECTION_FULL;
}

/* Decides the section's record, then the subsections behind it. */
static void decide_section(struct stream_walk *walk, const struct vmwire_item *item,
                           const struct vmwire_structure *reads, uint64_t begin)
{
    uint64_t record_at = begin + vmwire_item_header_length(item);
    /* The header of a section has the version, wherever it is counted. Only the record of a configuration has one. */
    if (walk->writes->framed && item->kind == VMWIRE_ITEM_CONFIGURATION)
        record_at += 4;
    struct separate_items separate = list_separate_items(walk->engine, walk->writes, item);
    foresee_separate_items(walk, item, &separate, reads, record_at);
    owners_clear(&walk->owners);
    walk->root = (struct owner){.around = NO_OWNER, .element = -1};
    walk->unsure = NULL;
    decide_record(walk, item->record, reads, record_at, begin + 1);
    walk->engine->separate_at = UINT64_MAX;
    walk->learned |= is_section(item);
    for (size_t i = 0; i < separate.count && !(walk->skewed && walk->parted); i++)
        decide_separate_item(walk, item, &separate.list[i]);
    walk->prefix = "";
}

/* ---- Items --------------------------------------------------------------------------------------- */

static void note_package(struct engine *engine, struct vmwire_bytes content)
{
    const uint64_t from = (uint64_t)(content.data - engine->writer.bytes.data);
    engine->packages =
        vmwire_arena_grow(engine->reader.work, engine->packages, engine->package_count,
                          &engine->package_room, sizeof(*engine->packages));
    engine->packages[engine->package_count++] =
        (struct package){from, from + content.length, false};
}

/* Finds the last section, whether sections have footers, and the packages. */
static void survey_sections(struct stream_walk *walk, const struct vmwire_question *question)
{
    const struct vmwire_stream *stream = question->stream;
    struct engine *engine = walk->engine;
    unsigned depth = 0;
    for (size_t i = 0; i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (item->kind == VMWIRE_ITEM_PACKAGE)
            note_package(engine, item->package);
        if (item->kind == VMWIRE_ITEM_EOF && depth > 0)
            engine->packages[engine->package_count - 1].ends_with_eof = true;
        depth += item->kind == VMWIRE_ITEM_PACKAGE;
        depth -= item->kind == VMWIRE_ITEM_PACKAGE_END;
        engine->nested |= depth > 1;
        if (is_section(item))
            engine->last_section = (uint64_t)(item->raw.data - question->bytes.data);
        engine->footers |= item->footer;
    }
}

/* The reader's structure for the section. NULL: it refuses the section, and `differs` says why; or `unknown` says why that is not
 * known. */
static const struct vmwire_structure *reader_structure(const struct stream_walk *walk,
                                                       const struct vmwire_item *item,
                                                       const char **differs, const char **unknown)
{
    const struct vmwire_schema *schema = walk->engine->reader.schema;
    if (item->kind == VMWIRE_ITEM_CONFIGURATION)
        return schema->configuration;
    const struct vmwire_device *device = find_reader_device(schema, item, unknown);
    *differs = "the reader does not have this device";
    if (!device)
        return NULL;
    const struct vmwire_structure *structure = device->structure;
    *differs = "the reader does not have this version of the device";
    bool refused = structure->name && (item->version_id > structure->version_id ||
                                       item->version_id < structure->minimum_version_id);
    return refused ? NULL : structure;
}

/* The reader accepts this version, but its layout is known for another one only. NULL: it is known. */
static const char *unknown_section_version(const struct vmwire_item *item,
                                           const struct vmwire_structure *reads)
{
    bool known = !reads->name || item->kind == VMWIRE_ITEM_CONFIGURATION ||
                 item->version_id == reads->described_version_id ||
                 (reads->assumed && reads->minimum_version_id <= item->version_id &&
                  item->version_id <= reads->version_id);
    return known ? NULL : "the reader's layout of this version of the device is not known";
}

/* Counts the fields of which no rule says what they may hold, or where they end. */
static void count_opaque(struct vmwire_decision *decision, const struct vmwire_record *record)
{
    struct vmwire_record_walk records;
    vmwire_record_walk_begin(&records, record);
    for (enum vmwire_record_step event;
         (event = vmwire_record_walk_next(&records)) != VMWIRE_RECORD_DONE;) {
        if (event != VMWIRE_RECORD_VALUE)
            continue;
        const struct vmwire_field *field = records.value->field;
        if (field->class != VMWIRE_FIELD_OPAQUE && field->length != VMWIRE_LENGTH_POINTERS)
            continue;
        decision->opaque_fields++;
        decision->opaque_bytes += records.value->data.length;
    }
}

/* A reader that counts follows only so many places. Where a state can have more of them, it may reject the section. */
static void limit_readings(struct stream_walk *walk, size_t first_tail)
{
    const struct engine *engine = walk->engine;
    const uint64_t most = READINGS_SURE_FIELDS + READINGS_SURE_A_BYTE * engine->writer.bytes.length;
    if (!engine->reader.counts ||
        (engine->nodes_visited <= READINGS_SURE_PLACES && engine->fields_visited <= most))
        return;
    for (size_t i = first_tail; i < walk->decision->tail_count; i++)
        if (walk->decision->tails[i].clean != VMWIRE_CLEAN_NEVER_LOOKS)
            leave_open(&walk->decision->tails[i],
                       "the reader may come to more places than it follows");
}

/* Where the schemas differ, the writer's state may be no reading. Then it matters which of all other readings there are,
 * and the search follows one at a time. */
static void leave_section_open(struct stream_walk *walk, size_t first_tail)
{
    for (size_t i = first_tail; i < walk->decision->tail_count; i++)
        leave_open(&walk->decision->tails[i],
                   "the reader counts readings with another schema of this section");
}

/* A section of which all states are read exactly is read in this very state, too: a wrong "clean" costs more than reading it
 * once. (A reader that goes by the description has none of this section alone.) */
static void doubt_clean_section(struct stream_walk *walk, const struct vmwire_item *item,
                                size_t first_tail)
{
    struct vmwire_decision *decision = walk->decision;
    if (!walk->skewed || walk->only_at || walk->question->ambiguity ||
        goes_by_description(walk->engine) || first_tail == decision->tail_count)
        return;
    for (size_t i = first_tail; i < decision->tail_count; i++)
        if (decision->tails[i].verdict != VMWIRE_VERDICT_CLEAN)
            return;
    if (!reader_takes_section(walk->question, item, walk->engine->reader.work))
        leave_open(&decision->tails[decision->tail_count - 1],
                   "the reader refuses this section of the stream, which the search does not say");
}

/* Whether the structure, or one within it or its subsections, has a field or has it not, as only QEMU's code knows. Structures
 * that hold one another have no end: beyond a limit, it is taken for so. */
static bool has_either(const struct vmwire_structure *structure)
{
    enum { STEPS_LIMIT = 1 << 18 };
    struct {
        const struct vmwire_structure *structure;
        size_t next; /* field, then subsection */
    } open[VMWIRE_SCHEMA_NESTING_LIMIT + 1] = {{structure, 0}};
    size_t steps = 0;
    for (unsigned depth = 1; depth > 0; steps++) {
        const struct vmwire_structure *in = open[depth - 1].structure, *inner = NULL;
        if (in->either || steps == STEPS_LIMIT || depth > VMWIRE_SCHEMA_NESTING_LIMIT)
            return true;
        size_t next = open[depth - 1].next++;
        if (next < in->field_count)
            inner = in->fields[next].structure;
        else if (next < in->field_count + in->subsection_count)
            inner = in->subsections[next - in->field_count].structure;
        else
            depth--;
        if (inner) {
            open[depth].structure = inner;
            open[depth++].next = 0;
        }
    }
    return false;
}

/* A reader's program does not tell all of its layout. What it leaves to a function was taken as the stream's bytes fit. */
static void leave_readers_choice_open(struct stream_walk *walk,
                                      const struct vmwire_structure *reads, size_t first_tail)
{
    const bool either = walk->engine->reader.schema->fitted && has_either(reads);
    for (size_t i = first_tail; either && i < walk->decision->tail_count; i++)
        leave_open(&walk->decision->tails[i],
                   "only the reader's code knows which fields it has in this section");
}

static void decide_item(struct stream_walk *walk, const struct vmwire_item *item)
{
    if (!item->record)
        return;
    const size_t first_tail = walk->decision->tail_count;
    walk->engine->nodes_visited = 0;
    walk->section_differs = false;
    uint64_t begin = (uint64_t)(item->raw.data - walk->engine->writer.bytes.data);
    const char *differs = NULL, *unknown = NULL;
    const struct vmwire_structure *reads = item->record->structure;
    walk->engine->item = item;
    if (walk->skewed)
        reads = reader_structure(walk, item, &differs, &unknown);
    if (!reads && !unknown) {
        walk->offset = begin;
        forget_ways(&walk->ways);
        decide_difference(walk, item->record->structure, 0, differs, PART_REJECTED, NULL);
        return;
    }
    if (walk->skewed && reads)
        unknown = unknown_section_version(item, reads);
    if (unknown) {
        walk->offset = begin;
        leave_undecided(walk, item->record->structure, 0, unknown);
        return;
    }
    decide_section(walk, item, reads, begin);
    limit_readings(walk, first_tail);
    leave_readers_choice_open(walk, reads, first_tail);
    doubt_clean_section(walk, item, first_tail);
    if (walk->engine->reader.counts && walk->section_differs)
        leave_section_open(walk, first_tail);
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
        assert(packages->depth < VMWIRE_PACKAGE_NESTING_LIMIT && "as the writer made sure");
        packages->limits[packages->depth++] =
            (uint64_t)(item->package.data - all.data) + item->package.length;
    } else if (item->kind == VMWIRE_ITEM_PACKAGE_END) {
        packages->depth--;
    }
    engine->in_package = packages->depth > 0;
    engine->writer.limit = packages->depth ? packages->limits[packages->depth - 1] : all.length;
}

static bool sends(const struct vmwire_record *record, const struct vmwire_subsection *subsection)
{
    for (const struct vmwire_subsection_value *each = record->subsections; each; each = each->next)
        if (each->subsection == subsection)
            return true;
    return false;
}

/* The structures that a state can have once more: those of subsections that the record does not send. */
static void note_unsent_subsections(struct engine *engine, const struct vmwire_record *record)
{
    for (size_t i = 0; i < record->structure->subsection_count; i++)
        if (!sends(record, &record->structure->subsections[i]))
            note_unsent(&engine->reader, record->structure->subsections[i].structure);
}

/* A list can have more elements in another state. */
static void note_constant_value(struct engine *engine, const struct vmwire_value *value)
{
    const bool second_writer = engine->reader.writes;
    const bool tells = value->field->determines && (!second_writer || engine->reader.counts);
    if (tells || (second_writer && value->field->class == VMWIRE_FIELD_CONSTANT))
        note_constant(&engine->reader, value->field, value->data);
    if (second_writer && value->field->class == VMWIRE_FIELD_LIST)
        note_unsent(&engine->reader, value->field->structure);
}

static void note_constants_of(struct engine *engine, const struct vmwire_record *record)
{
    struct vmwire_record_walk records;
    vmwire_record_walk_begin(&records, record);
    for (enum vmwire_record_step event;
         (event = vmwire_record_walk_next(&records)) != VMWIRE_RECORD_DONE;) {
        if (event == VMWIRE_RECORD_VALUE)
            note_constant_value(engine, records.value);
        if (event == VMWIRE_RECORD_END && engine->reader.writes)
            note_unsent_subsections(engine, records.record);
        engine->separate |=
            engine->reader.writes && event == VMWIRE_RECORD_SUBSECTION &&
            !vmwire_option_sends_inline(engine->reader.option, records.subsection->subsection);
    }
}

/* What the fields hold that have one value in all states, or decide what follows. */
static void note_constants(struct engine *engine)
{
    for (size_t i = 0; i < engine->stream->item_count; i++)
        if (engine->stream->items[i]->record)
            note_constants_of(engine, engine->stream->items[i]->record);
    spread_unsent(&engine->reader);
}

/* A question while it is decided. */
struct deciding {
    const struct vmwire_question *question;
    struct vmwire_arena *arena; /* of the decision */
    struct vmwire_arena *work;  /* of what is only needed meanwhile */
    struct vmwire_decision *decision;
};

static struct engine *make_engine(const struct deciding *deciding)
{
    const struct vmwire_question *question = deciding->question;
    struct engine *engine = vmwire_arena_alloc(deciding->work, sizeof(*engine));
    const bool counts = question->ambiguity == VMWIRE_AMBIGUITY_NONE &&
                        question->reader.option->look == VMWIRE_LOOK_IF_ONLY_READING;
    *engine = (struct engine){
        .reader = {.option = question->reader.option,
                   .schema = question->reader.schema,
                   .writes = counts || question->ambiguity != VMWIRE_AMBIGUITY_NONE,
                   .counts = counts,
                   .ambiguity = counts ? VMWIRE_AMBIGUITY_SECTION : question->ambiguity,
                   .work = deciding->work},
        .skewed = question->skewed || question->option != question->reader.option,
        .separate_at = UINT64_MAX,
        .pairs_left = ALL_PAIRS_LIMIT,
        .arena = deciding->arena,
        .scratch = vmwire_arena_create_within(deciding->work),
        .writer =
            make_writer_side(question->option, question->stream, question->bytes, deciding->work),
        .kept = vmwire_arena_create_within(deciding->work),
        .stream = question->stream,
    };
    return engine;
}

static struct stream_walk *make_walk(const struct deciding *deciding, struct engine *engine)
{
    struct stream_walk *walk = vmwire_arena_alloc(deciding->work, sizeof(*walk));
    walk->engine = engine;
    walk->decision = deciding->decision;
    walk->writes = deciding->question->option;
    walk->only_at = deciding->question->only_at;
    walk->question = deciding->question;
    walk->skewed = engine->skewed;
    walk->owners.arena = deciding->work;
    walk->prefix = "";
    return walk;
}

static bool decide_stream(void *context)
{
    struct deciding *deciding = context;
    const struct vmwire_question *question = deciding->question;
    struct packages packages = {.depth = 0};
    deciding->work = vmwire_arena_create_within(deciding->arena);
    for (size_t i = 0; i < question->stream->item_count; i++)
        if (question->stream->items[i]->record)
            count_opaque(deciding->decision, question->stream->items[i]->record);
    if (question->option->encoding == VMWIRE_ENCODING_DER)
        return decide_elements(question, deciding->arena, deciding->work, deciding->decision);
    struct engine *engine = make_engine(deciding);
    struct finding_check check = make_finding_check(question, &engine->writer, deciding->work);
    note_started_sections(&check);
    engine->check = &check;
    note_constants(engine);
    struct stream_walk *walk = make_walk(deciding, engine);
    survey_sections(walk, question);
    for (size_t i = 0; i < question->stream->item_count; i++) {
        enter_or_leave_package(&packages, engine, question->stream->items[i]);
        begin_checked_item(&check, i);
        decide_item(walk, question->stream->items[i]);
        walk->differed =
            walk->differed || walk->parted || walk->unsure || !pass_item(&check, deciding->arena);
        walk->learned |= is_section(question->stream->items[i]);
    }
    return true;
}

/* Whether the section's layout is one of several that the program declares: it depends on more than a state tells. */
static bool is_one_of_several_layouts(const struct vmwire_item *item)
{
    const struct vmwire_structure *structure =
        item && item->record ? item->record->structure : NULL;
    return structure && structure->declared && structure->assumed;
}

/* In the other layouts of a section more may happen, unless the option leaves no doubt in any. */
static void leave_other_layouts_open(const struct vmwire_question *question,
                                     struct vmwire_decision *decision)
{
    if (question->option->exact && !question->skewed && question->option == question->reader.option)
        return;
    for (size_t i = 0; i < decision->tail_count; i++) {
        struct vmwire_tail_verdict *tail = &decision->tails[i];
        if (tail->clean == VMWIRE_CLEAN_NEVER_LOOKS || !is_one_of_several_layouts(tail->item))
            continue;
        if (tail->verdict == VMWIRE_VERDICT_CLEAN)
            tail->verdict = VMWIRE_VERDICT_UNDECIDED;
        if (!tail->reason)
            tail->reason =
                "the layout of the section depends on what only a state or QEMU's code tells";
    }
}

bool vmwire_decide(const struct vmwire_question *question, struct vmwire_arena *arena,
                   struct vmwire_decision *decision, struct vmwire_error *error)
{
    struct deciding deciding = {.question = question, .arena = arena, .decision = decision};
    *decision = (struct vmwire_decision){0};
    bool decided = vmwire_arena_attempt(arena, decide_stream, &deciding, error);
    vmwire_arena_destroy(deciding.work);
    leave_other_layouts_open(question, decision);
    return decided;
}
