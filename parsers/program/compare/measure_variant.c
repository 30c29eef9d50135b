/* SPDX-License-Identifier: MIT */
/*
 * Measures one stream under one variant. It must not know the names of variants, only their properties.
 */
#include "program/compare/measure_variant.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "program/compare/older_schema.h"
#include "program/compare/write_and_read.h"

/* Where a subsection is sent. */
struct sent_place {
    const struct vmwire_item *item; /* the section, */
    size_t turn;                    /* and which subsection of it, from 0 */
    struct sent_place *next;
};

/* A subsection that the stream sends. */
struct sent_name {
    const char *owner, *name;
    bool existing;
    struct sent_place *places;
};

struct measuring {
    const struct variant_subject *subject;
    struct vmwire_arena *arena;
    struct vmwire_error *error;
    struct stream_setting setting;
    struct variant_cell *cells;
    struct sent_name *sent;
    size_t sent_count, sent_room;
    uint64_t today;                  /* bytes of the stream, as today's writer writes it */
    struct new_structures *sections; /* each section with structures that no earlier stream had */
    size_t section_count;
};

/* ---- Tails ------------------------------------------------------------------------------------------- */

/* The length of the name at which the reader looks. */
static size_t seen_name(const struct vmwire_option *reads, const struct vmwire_structure *owner)
{
    const bool looks = reads->look == VMWIRE_LOOK_IF_PLAUSIBLE ||
                       reads->look == VMWIRE_LOOK_IF_DECLARED_AND_PLAUSIBLE;
    return looks && owner->name ? strlen(owner->name) : 0;
}

/* Bytes that the finding needs, of those that all headers share: the marker, and behind the length the structure's name. Most values
 * of the length and of what follows mislead as well. It needs fewer where bytes of the stream are fixed. */
static size_t count_shared(const struct vmwire_finding *finding, size_t name)
{
    size_t count = 0;
    for (size_t i = 0; i < finding->required_count; i++) {
        const uint64_t at = finding->required[i].offset - finding->offset;
        count += at == 0 || (at >= 2 && at < 2 + name);
    }
    return count;
}

/* The chance that random bytes mislead the reader at the tail, at most. A tail that is undecided counts as one with a finding. */
static double chance_of(const struct vmwire_tail_verdict *verdict,
                        const struct vmwire_option *reads)
{
    const size_t name = seen_name(reads, verdict->owner);
    size_t fewest = 1 + name;
    bool some = verdict->reason != NULL;
    for (int i = VMWIRE_OUTCOME_REJECT; i <= VMWIRE_OUTCOME_CORRUPT; i++) {
        if (!verdict->findings[i])
            continue;
        const size_t count = count_shared(verdict->findings[i], name);
        fewest = count < fewest ? count : fewest;
        some = true;
    }
    return some ? pow(256, -(double)fewest) : 0;
}

static void count_verdict(struct variant_cell *cell, const struct vmwire_tail_verdict *verdict,
                          const struct vmwire_option *reads)
{
    cell->tails++;
    cell->reject += verdict->findings[VMWIRE_OUTCOME_REJECT] != NULL;
    cell->silent += verdict->findings[VMWIRE_OUTCOME_TRUNCATED] != NULL ||
                    verdict->findings[VMWIRE_OUTCOME_CORRUPT] != NULL;
    cell->undecided += verdict->reason != NULL;
    cell->chance = fmin(1, cell->chance + chance_of(verdict, reads));
}

/* The question of the variant. Without a stream there is none: its own reader does not read it. */
static struct vmwire_question make_question(const struct measuring *measuring,
                                            const struct variant *variant,
                                            struct vmwire_bytes bytes)
{
    const struct vmwire_stream *stream =
        lay_stream(&measuring->setting, variant->writes, measuring->subject->stream, &bytes);
    return (struct vmwire_question){.option = variant->writes,
                                    .stream = stream,
                                    .bytes = bytes,
                                    .reader = {variant->reads, measuring->subject->schema}};
}

/* Has the tails decided; false when memory runs out. */
static bool decide_tails(const struct measuring *measuring, size_t number,
                         const struct vmwire_question *question)
{
    struct variant_cell *cell = &measuring->cells[number];
    struct vmwire_decision decision;
    if (!vmwire_decide(question, measuring->arena, &decision, measuring->error))
        return false;
    cell->decided = true;
    for (size_t i = 0; i < decision.tail_count; i++) {
        count_verdict(cell, &decision.tails[i], question->reader.option);
        add_signatures(measuring->subject->signatures, number, measuring->subject->file,
                       &decision.tails[i]);
    }
    return true;
}

/* An earlier row of the same writer and reader has the same tails. */
static const struct variant_cell *find_same_tails(const struct measuring *measuring, size_t number)
{
    struct variant variant = variant_at(number);
    for (size_t i = 0; i < number; i++) {
        struct variant earlier = variant_at(i);
        if (earlier.writes == variant.writes && earlier.reads == variant.reads &&
            variant.change != CHANGE_EXISTING && earlier.change != CHANGE_EXISTING)
            return &measuring->cells[i];
    }
    return NULL;
}

/* ---- A subsection that the reader does not know ------------------------------------------------------- */

static struct sent_name *find_sent(struct measuring *measuring, const char *owner, const char *name)
{
    for (size_t i = 0; i < measuring->sent_count; i++)
        if (strcmp(measuring->sent[i].name, name) == 0 &&
            strcmp(measuring->sent[i].owner, owner) == 0)
            return &measuring->sent[i];
    return NULL;
}

static void note_sent(struct measuring *measuring, const struct vmwire_record *owner,
                      const struct vmwire_subsection *subsection, const struct vmwire_item *item,
                      size_t turn)
{
    const char *name = subsection->name, *of = owner->structure->name;
    struct sent_name *sent = find_sent(measuring, of, name);
    struct sent_place *place = vmwire_arena_alloc(measuring->arena, sizeof(*place));
    if (!sent) {
        measuring->sent =
            vmwire_arena_grow(measuring->arena, measuring->sent, measuring->sent_count,
                              &measuring->sent_room, sizeof(*measuring->sent));
        sent = &measuring->sent[measuring->sent_count++];
        *sent = (struct sent_name){of, name, subsection->existing, NULL};
    }
    *place = (struct sent_place){item, turn, sent->places};
    sent->places = place;
}

static void list_sent(struct measuring *measuring)
{
    const struct vmwire_stream *stream = measuring->subject->stream;
    struct vmwire_record_walk walk;
    measuring->sent_count = 0;
    for (size_t i = 0; i < stream->item_count; i++) {
        if (stream->items[i]->kind != VMWIRE_ITEM_SECTION_FULL)
            continue;
        size_t turn = 0;
        vmwire_record_walk_begin(&walk, stream->items[i]->record);
        for (enum vmwire_record_step step;
             (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
            if (step == VMWIRE_RECORD_SUBSECTION)
                note_sent(measuring, walk.frames[walk.depth - 1].record,
                          walk.subsection->subsection, stream->items[i], turn++);
    }
}

/* Where the subsection stands in the stream that the variant has written. */
static uint64_t find_place(const struct sent_place *sent, const struct measuring *measuring,
                           const struct vmwire_stream *laid, struct vmwire_bytes bytes)
{
    const struct vmwire_stream *stream = measuring->subject->stream;
    struct vmwire_record_walk walk;
    size_t number = 0, turn = 0;
    while (stream->items[number] != sent->item)
        number++;
    vmwire_record_walk_begin(&walk, laid->items[number]->record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_SUBSECTION && turn++ == sent->turn)
            return (uint64_t)(walk.subsection->raw.data - bytes.data);
    return UINT64_MAX;
}

/* Whether a state can be read wrongly in silence, or whether that is not known. */
struct unknown_answer {
    bool silent, undecided;
};

/* Asks about one place at which the reader does not know the subsection. */
static bool ask_at_place(const struct measuring *measuring, struct unknown_answer *answer,
                         const struct vmwire_question *question, uint64_t at)
{
    struct vmwire_question here = *question;
    struct vmwire_decision decision;
    here.only_at = &at;
    here.skewed = true;
    if (!vmwire_decide(&here, measuring->arena, &decision, measuring->error))
        return false;
    for (size_t i = 0; i < decision.tail_count; i++) {
        const struct vmwire_tail_verdict *verdict = &decision.tails[i];
        if (verdict->offset != at)
            continue;
        answer->silent |= verdict->findings[VMWIRE_OUTCOME_TRUNCATED] ||
                          verdict->findings[VMWIRE_OUTCOME_CORRUPT];
        answer->undecided |= verdict->reason != NULL;
    }
    return true;
}

/* Asks place by place, until one can be silent. A subsection that is an item of its own has no place at a tail. */
static bool ask_about_unknown(const struct measuring *measuring, struct unknown_answer *answer,
                              const struct vmwire_question *question, const struct sent_name *sent)
{
    const bool is_inline = question->option->subsections == VMWIRE_SUBSECTION_INLINE;
    /* A reader that refuses the stream with the subsection, too, cannot be asked about other values. */
    answer->undecided = !question->stream && is_inline;
    if (!question->stream || !is_inline)
        return true;
    for (const struct sent_place *place = sent->places; place && !answer->silent;
         place = place->next) {
        struct vmwire_arena_mark mark = vmwire_arena_mark(measuring->arena);
        if (!ask_at_place(measuring, answer, question,
                          find_place(place, measuring, question->stream, question->bytes)))
            return false;
        vmwire_arena_reset(measuring->arena, mark);
    }
    return true;
}

/* Takes each subsection out of the reader's schema, one after another, and reads. */
static bool read_without_each(const struct measuring *measuring, struct variant_cell *cell,
                              const struct vmwire_question *question)
{
    const struct vmwire_schema *schema = measuring->subject->schema;
    for (size_t i = 0; i < measuring->sent_count; i++) {
        struct vmwire_arena_mark mark = vmwire_arena_mark(measuring->arena);
        const struct sent_name *sent = &measuring->sent[i];
        struct vmwire_cost cost;
        struct vmwire_reading reading = {
            .option = question->reader.option, .input = question->bytes, .schema = schema};
        if (sent->existing) /* the release before has it */
            continue;
        struct kept_list *kept =
            leave_out_subsection(schema, sent->owner, sent->name, measuring->arena);
        struct unknown_answer answer = {0};
        bool accepted = vmwire_stream_read(&reading, &cost, measuring->error);
        bool asked = ask_about_unknown(measuring, &answer, question, sent);
        restore_subsection(kept);
        vmwire_arena_reset(measuring->arena, mark);
        if (!asked || (!accepted && is_out_of_memory(&measuring->setting)))
            return false;
        *(accepted ? &cell->unknown_silent : &cell->unknown_refused) += 1;
        cell->unknown_can_be_silent += answer.silent && !accepted;
        cell->unknown_undecided += answer.undecided && !answer.silent && !accepted;
    }
    return true;
}

/* ---- Streams as they are ------------------------------------------------------------------------------ */

/* What the variant's own reader holds, and what the release before makes of the stream. */
static bool read_as_it_is(const struct measuring *measuring, struct variant_cell *cell,
                          const struct variant *variant, struct vmwire_bytes bytes)
{
    struct vmwire_cost cost;
    const struct vmwire_stream *read =
        read_under(&measuring->setting, variant->reads, bytes, &cost);
    if (!read && is_out_of_memory(&measuring->setting))
        return false;
    cell->held = cost.longest_lookahead;
    cell->own = vmwire_outcome_of(measuring->subject->stream, read);
    read = read_under(&measuring->setting, variant->before, bytes, &cost);
    cell->before = vmwire_outcome_of(measuring->subject->stream, read);
    return read || !is_out_of_memory(&measuring->setting);
}

static bool measure_plain(struct measuring *measuring, size_t number)
{
    struct variant variant = variant_at(number);
    struct variant_cell *cell = &measuring->cells[number];
    const struct variant_cell *same = find_same_tails(measuring, number);
    struct vmwire_bytes bytes;
    assert(measuring->cells && "the caller has made them");
    if (!write_under(&measuring->setting, variant.writes, measuring->subject->stream, &bytes))
        return !is_out_of_memory(&measuring->setting);
    if (same)
        *cell = *same;
    cell->applies = true;
    cell->added = (int64_t)(bytes.length - measuring->today);
    if (same)
        return read_as_it_is(measuring, cell, &variant, bytes);
    if (!read_as_it_is(measuring, cell, &variant, bytes))
        return false;
    /* Of a reader that refuses the stream as it is, there is nothing to decide. */
    struct vmwire_question question = {.option = variant.writes,
                                       .bytes = bytes,
                                       .reader = {variant.reads, measuring->subject->schema}};
    if (cell->own == VMWIRE_OUTCOME_EXACT)
        question = make_question(measuring, &variant, bytes);
    if (!question.stream && is_out_of_memory(&measuring->setting))
        return false;
    return (!question.stream || decide_tails(measuring, number, &question)) &&
           read_without_each(measuring, cell, &question) &&
           add_crossings(&cell->crossings, &measuring->setting, variant.writes, variant.reads,
                         measuring->subject->stream, measuring->subject->stream);
}

/* ---- The changes --------------------------------------------------------------------------------------- */

static bool can_send_subsections(const struct vmwire_record *record)
{
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;)
        if (step == VMWIRE_RECORD_BEGIN && walk.record->structure->subsection_count)
            return true;
    return false;
}

/* The stream with the versions one higher of all sections, or of those that can send subsections. */
static const struct vmwire_stream *with_higher_versions(const struct measuring *measuring,
                                                        struct variant_cell *cell, bool all)
{
    const struct vmwire_stream *stream = measuring->subject->stream;
    struct vmwire_stream *changed = vmwire_arena_alloc(measuring->arena, sizeof(*changed));
    changed->items =
        vmwire_arena_alloc(measuring->arena, stream->item_count * sizeof(*changed->items));
    changed->item_count = stream->item_count;
    cell->sections = cell->refused_sections = 0;
    for (size_t i = 0; i < stream->item_count; i++) {
        changed->items[i] = stream->items[i];
        if (stream->items[i]->kind != VMWIRE_ITEM_SECTION_FULL)
            continue;
        cell->sections++;
        if (!all && !can_send_subsections(stream->items[i]->record))
            continue;
        struct vmwire_item *item = vmwire_arena_alloc(measuring->arena, sizeof(*item));
        *item = *stream->items[i];
        item->version_id++;
        changed->items[i] = item;
        cell->refused_sections++;
    }
    return changed;
}

static bool measure_versions(struct measuring *measuring, size_t number)
{
    struct variant variant = variant_at(number);
    struct variant_cell *cell = &measuring->cells[number];
    const struct variant_cell *same = find_same_tails(measuring, number);
    struct vmwire_cost cost;
    struct vmwire_bytes bytes;
    *cell = *same;
    const struct vmwire_stream *changed = with_higher_versions(measuring, cell, false);
    if (!write_under(&measuring->setting, variant.writes, changed, &bytes))
        return false;
    memset(&cell->crossings, 0, sizeof(cell->crossings));
    if (!add_crossings(&cell->crossings, &measuring->setting, variant.writes, variant.reads,
                       measuring->subject->stream, changed))
        return false;
    const struct vmwire_stream *read =
        read_under(&measuring->setting, variant.before, bytes, &cost);
    cell->before = read ? VMWIRE_OUTCOME_EXACT : VMWIRE_OUTCOME_REJECT;
    cell->unknown_refused = measuring->sent_count; /* by the version of the section */
    cell->unknown_silent = cell->unknown_can_be_silent = cell->unknown_undecided = 0;
    return read || !is_out_of_memory(&measuring->setting);
}

/* ---- What depends on the option alone ------------------------------------------------------------------ */

static bool is_same_wire(const struct vmwire_option *a, const struct vmwire_option *b)
{
    return a->stream_version == b->stream_version && a->sentinel == b->sentinel &&
           a->framed == b->framed && a->flat == b->flat && a->subsections == b->subsections &&
           a->encoding == b->encoding;
}

/* Looks for two states with the same bytes of what the option writes. */
static bool decide_ambiguity(const struct measuring *measuring, const struct vmwire_option *option,
                             struct variant_cell *cell)
{
    struct vmwire_template all;
    struct vmwire_decision decision;
    if (!vmwire_template_of_stream(&all, option, measuring->subject->stream, measuring->arena,
                                   measuring->error)) {
        cell->ambiguity_undecided++;
        return !is_out_of_memory(&measuring->setting);
    }
    struct vmwire_question question = {.option = option,
                                       .stream = &all.stream,
                                       .bytes = all.bytes,
                                       .reader = {option, measuring->subject->schema},
                                       .ambiguity = VMWIRE_AMBIGUITY_STREAM};
    if (!vmwire_decide(&question, measuring->arena, &decision, measuring->error))
        return false;
    for (size_t i = 0; i < decision.tail_count; i++) {
        cell->ambiguous += decision.tails[i].findings[VMWIRE_OUTCOME_CORRUPT] != NULL;
        cell->ambiguity_undecided += decision.tails[i].reason != NULL;
    }
    return true;
}

/* The option that stands for all of its wire: today's, or the first. They have the same ambiguities. */
const struct vmwire_option *wire_of(const struct vmwire_option *option)
{
    const struct vmwire_option *first = variant_at(0).before;
    for (size_t i = 0; !is_same_wire(first, option); i++)
        first = &vmwire_options[i];
    return first;
}

/* Once for each wire. */
static bool measure_ambiguity(const struct measuring *measuring)
{
    struct variant_cell *cells = measuring->cells;
    for (size_t i = 0; i < vmwire_option_count; i++) {
        struct vmwire_arena_mark mark = vmwire_arena_mark(measuring->arena);
        if (wire_of(&vmwire_options[i]) == &vmwire_options[i] &&
            !decide_ambiguity(measuring, &vmwire_options[i], &cells[i]))
            return false;
        vmwire_arena_reset(measuring->arena, mark);
    }
    for (size_t i = 0; i < vmwire_option_count; i++) {
        const struct variant_cell *same = &cells[wire_of(&vmwire_options[i]) - vmwire_options];
        cells[i].ambiguous = same->ambiguous;
        cells[i].ambiguity_undecided = same->ambiguity_undecided;
    }
    return true;
}

/* Has the reader read a stream whose sections all have a newer version. */
static bool measure_newer(const struct measuring *measuring, size_t number)
{
    const struct vmwire_option *option = &vmwire_options[number];
    struct variant_cell *cell = &measuring->cells[number];
    struct vmwire_cost cost;
    struct vmwire_bytes bytes;
    const struct vmwire_stream *newer = with_higher_versions(measuring, cell, true);
    if (!write_under(&measuring->setting, option, newer, &bytes))
        return !is_out_of_memory(&measuring->setting);
    cell->newer_refused = !read_under(&measuring->setting, option, bytes, &cost);
    return !cell->newer_refused || !is_out_of_memory(&measuring->setting);
}

static bool measure_differences(const struct measuring *measuring, size_t number)
{
    for (size_t i = 0; i < measuring->section_count; i++) {
        struct vmwire_arena_mark mark = vmwire_arena_mark(measuring->arena);
        if (!decide_differences(measuring->cells[number].differences, &measuring->setting,
                                &vmwire_options[number], &measuring->sections[i]))
            return false;
        vmwire_arena_reset(measuring->arena, mark);
    }
    return true;
}

static bool measure_options(struct measuring *measuring)
{
    if (!measure_ambiguity(measuring))
        return false;
    for (size_t i = 0; i < vmwire_option_count; i++) {
        struct vmwire_arena_mark mark = vmwire_arena_mark(measuring->arena);
        if (!measure_newer(measuring, i) || !measure_differences(measuring, i))
            return false;
        vmwire_arena_reset(measuring->arena, mark);
    }
    return true;
}

/* The structures that no earlier stream had, section by section. */
static void list_sections(struct measuring *measuring)
{
    const struct variant_subject *subject = measuring->subject;
    measuring->sections = vmwire_arena_alloc(measuring->arena, subject->stream->item_count *
                                                                   sizeof(*measuring->sections));
    for (size_t i = 0; i < subject->stream->item_count; i++) {
        if (subject->stream->items[i]->kind != VMWIRE_ITEM_SECTION_FULL)
            continue;
        measuring->sections[measuring->section_count] =
            list_new_structures(subject->stream->items[i], subject->seen, subject->keeps);
        measuring->section_count += measuring->sections[measuring->section_count].count > 0;
    }
}

/* The bytes of a subsection's header. */
static size_t header_of(const struct vmwire_subsection *subsection)
{
    return 1 + 1 + strlen(subsection->name) + 4;
}

/* Counts the headers in the template, and the layouts that are only assumed. */
static uint64_t count_headers(const struct vmwire_template *all, struct variant_cell *cell)
{
    struct vmwire_record_walk walk;
    uint64_t headers = 0;
    for (size_t i = 0; i < all->stream.item_count; i++) {
        if (all->stream.items[i]->kind != VMWIRE_ITEM_SECTION_FULL)
            continue;
        vmwire_record_walk_begin(&walk, all->stream.items[i]->record);
        for (enum vmwire_record_step step;
             (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
            if (step != VMWIRE_RECORD_SUBSECTION)
                continue;
            headers += header_of(walk.subsection->subsection);
            cell->assumed += walk.subsection->subsection->source == VMWIRE_LAYOUT_ASSUMED;
        }
    }
    return headers;
}

/* Every stream carries what a template of it has, without the headers of subsections. There are no tails. */
static bool measure_fields(struct measuring *measuring, size_t number)
{
    struct variant variant = variant_at(number);
    struct variant_cell *cell = &measuring->cells[number];
    struct vmwire_template all;
    if (!measure_versions(measuring, number))
        return false;
    if (!vmwire_template_of_stream(&all, variant.writes, measuring->subject->stream,
                                   measuring->arena, measuring->error)) {
        *cell = (struct variant_cell){.applies = false};
        return !is_out_of_memory(&measuring->setting);
    }
    cell->added = (int64_t)(all.bytes.length - count_headers(&all, cell) - measuring->today);
    cell->not_known =
        all.omitted[VMWIRE_OMITTED_UNKNOWN].count + all.omitted[VMWIRE_OMITTED_LARGE].count;
    cell->reject = cell->silent = cell->undecided = 0;
    cell->held = 0;
    cell->decided = true;
    return true;
}

static bool measure_existing(struct measuring *measuring, size_t number)
{
    const struct variant_subject *subject = measuring->subject;
    if (!subject->existing)
        return true;
    if (!vmwire_schema_set_existing(subject->schema, subject->existing, measuring->error))
        return false;
    list_sent(measuring);
    bool measured =
        measure_plain(measuring, number) &&
        decide_ambiguity(measuring, variant_at(number).writes, &measuring->cells[number]);
    forget_existing(subject->schema);
    list_sent(measuring);
    return measured;
}

/* The choice depends on the machine types of all streams: choose_by_machine() makes it. */
static bool measure_later(struct measuring *measuring, size_t number)
{
    (void)measuring;
    (void)number;
    return true;
}

static bool (*const measures[])(struct measuring *, size_t) = {
    [CHANGE_NOTHING] = measure_plain,     [CHANGE_VERSIONS] = measure_versions,
    [CHANGE_EXISTING] = measure_existing, [CHANGE_NEW_MACHINES] = measure_later,
    [CHANGE_FIELDS] = measure_fields,
};

static bool measure_all(struct measuring *measuring)
{
    struct vmwire_bytes today;
    list_sent(measuring);
    list_sections(measuring);
    if (!write_under(&measuring->setting, variant_at(0).before, measuring->subject->stream, &today))
        return false;
    measuring->today = today.length;
    for (size_t i = 0; i < count_variants(); i++) {
        struct vmwire_arena_mark mark = vmwire_arena_mark(measuring->arena);
        if (!measures[variant_at(i).change](measuring, i))
            return false;
        if (variant_at(i).change != CHANGE_EXISTING) /* it has listed the subsections anew */
            vmwire_arena_reset(measuring->arena, mark);
    }
    return measure_options(measuring);
}

bool measure_variants(struct variant_cell *cells, const struct variant_subject *subject,
                      struct vmwire_error *error)
{
    struct measuring measuring = {
        .subject = subject,
        .arena = subject->arena,
        .error = error,
        .cells = cells,
        .setting = {subject->schema, subject->footers, subject->arena, error}};
    memset(error, 0, sizeof(*error));
    return measure_all(&measuring);
}

/* ---- Machine types -------------------------------------------------------------------------------------- */

const char *machine_version(const char *machine)
{
    const char *dash = machine ? strrchr(machine, '-') : NULL;
    return dash && isdigit((unsigned char)dash[1]) && strchr(dash, '.') ? dash + 1 : NULL;
}

int compare_versions(const char *a, const char *b)
{
    for (;;) {
        char *a_end, *b_end;
        unsigned long x = strtoul(a, &a_end, 10), y = strtoul(b, &b_end, 10);
        if (x != y)
            return x < y ? -1 : 1;
        if (*a_end != '.' || *b_end != '.')
            return (*a_end == '.') - (*b_end == '.');
        a = a_end + 1;
        b = b_end + 1;
    }
}

/* A machine type without a version is of no release: it may change at any time. Before 2.4 streams name none: old. */
static bool is_new_machine(const char *machine, const char *since)
{
    const char *version = machine_version(machine);
    return machine && since && (!version || compare_versions(version, since) >= 0);
}

void choose_by_machine(struct variant_cell *cells, const char *machine, const char *since)
{
    for (size_t i = 0; i < count_variants(); i++) {
        struct variant variant = variant_at(i);
        if (variant.change != CHANGE_NEW_MACHINES)
            continue;
        bool new_one = is_new_machine(machine, since);
        const struct vmwire_option *writes = new_one ? variant.writes : variant.old;
        cells[i] = cells[writes - vmwire_options]; /* options are the first rows */
        cells[i].changed = new_one;
    }
}
