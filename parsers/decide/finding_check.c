/* SPDX-License-Identifier: MIT */
/*
 * Makes a short stream of a finding's state, reads it, and compares the reader's decisions with those of the
 * walk. The stream has the configuration, a section without content in place of those before, the section of
 * the finding, and as many items behind it as the reader can look at.
 */
#include "decide/finding_check.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "read/resumable.h"
#include "vmwire/wire.h"

enum {
    REACH_MARGIN = 1024, /* bytes: a header and its look-ahead have 600 at most */
    CALMED_LIMIT = 16,   /* tails before that the stream's own bytes mislead */
};

/* What is heard of a reading. */
struct heard_notes {
    size_t next;     /* the next tail that is expected */
    size_t wrong;    /* the first tail at which the reader decides otherwise; SIZE_MAX: none yet */
    uint64_t eof;    /* where it met the end */
    uint64_t unread; /* bytes that it left unread, also in packages */
    bool rejoins;    /* it has begun a later item of the stream where the writer does */
};

struct finding_check make_finding_check(const struct vmwire_question *question,
                                        const struct writer_side *writer, struct vmwire_arena *work)
{
    enum { ADDED = 64 }; /* bytes that the stream does not have */
    const size_t longest = question->bytes.length + ADDED;
    return (struct finding_check){
        .question = question,
        .writer = writer,
        .work = work,
        .room = vmwire_arena_alloc(work, longest),
        .readings = resumable_begin(question->reader.option, question->reader.schema, longest,
                                    sizeof(struct heard_notes), work),
    };
}

static struct started_section *find_started(struct finding_check *check, uint32_t section_id)
{
    const struct vmwire_stream *all = check->question->stream;
    for (size_t i = check->started_count; i > 0; i--)
        if (all->items[check->started[i - 1].start]->section_id == section_id)
            return &check->started[i - 1];
    return NULL;
}

void note_started_sections(struct finding_check *check)
{
    const struct vmwire_stream *all = check->question->stream;
    for (size_t i = 0; i < all->item_count; i++) {
        const struct vmwire_item *item = all->items[i];
        bool later =
            item->kind == VMWIRE_ITEM_SECTION_PART || item->kind == VMWIRE_ITEM_SECTION_END;
        struct started_section *started = later ? find_started(check, item->section_id) : NULL;
        if (started)
            started->last = i;
        if (item->kind != VMWIRE_ITEM_SECTION_START)
            continue;
        check->started = vmwire_arena_grow(check->work, check->started, check->started_count,
                                           &check->started_room, sizeof(*check->started));
        check->started[check->started_count++] = (struct started_section){i, i};
    }
}

/* Whether a section that is started by an item from `from` up to `to`, without `to`, goes on at `at` or behind it. */
static bool goes_on(const struct finding_check *check, size_t from, size_t to, size_t at)
{
    for (size_t i = 0; i < check->started_count; i++)
        if (check->started[i].start >= from && check->started[i].start < to &&
            check->started[i].last >= at)
            return true;
    return false;
}

void begin_checked_item(struct finding_check *check, size_t item)
{
    check->item = item;
    check->expected = NULL;
    check->expected_count = check->expected_room = 0;
    resumable_forget(check->readings);
}

void expect_tail(struct finding_check *check, struct expected_tail tail)
{
    check->expected = vmwire_arena_grow(check->work, check->expected, check->expected_count,
                                        &check->expected_room, sizeof(tail));
    check->expected[check->expected_count++] = tail;
}

/* ---- The short stream ---------------------------------------------------------------------------- */

struct short_stream {
    const struct finding_check *check;
    const struct vmwire_finding *finding;
    uint8_t *data;
    size_t length;
    size_t required;  /* of the finding's bytes: those that are in place */
    size_t sends;     /* of the optional subsections that it needs: those passed */
    size_t placed;    /* of the tails that are expected: those of which the place is known */
    uint64_t *places; /* of each, in this stream; UINT64_MAX: it is left out */
    uint64_t
        own; /* where the finding's own bytes begin; before, all findings of the item have the same */
    uint64_t end;    /* where the stream ends as the writer means it */
    uint64_t unread; /* bytes that the writer means to be left unread */
    bool
        counts; /* the reader counts readings: it may take another than the one that was followed */
    uint64_t behind; /* where the item behind the finding's begins; 0: there is none */
    size_t packages[VMWIRE_PACKAGE_NESTING_LIMIT]; /* where the contents of open packages begin */
    unsigned package_depth;
};

static uint64_t item_begins(const struct finding_check *check, size_t item)
{
    const struct vmwire_stream *stream = check->question->stream;
    return item < stream->item_count
               ? (uint64_t)(stream->items[item]->raw.data - check->question->bytes.data)
               : check->question->bytes.length;
}

static void put_byte(struct short_stream *stream, uint8_t value)
{
    stream->data[stream->length++] = value;
}

static void put_be32(struct short_stream *stream, uint32_t value)
{
    for (unsigned shift = 32; shift; shift -= 8)
        put_byte(stream, (uint8_t)(value >> (shift - 8)));
}

static void put_length(uint8_t *place, size_t length)
{
    for (unsigned i = 0; i < 4; i++)
        place[i] = (uint8_t)(length >> 8 * (3 - i));
}

static bool is_needed(const struct vmwire_finding *finding, uint64_t from)
{
    for (size_t i = 0; i < finding->send_count; i++)
        if (finding->sends[i].from == from)
            return true;
    return false;
}

static bool is_left_out(const struct short_stream *stream, const struct expected_tail *tail)
{
    for (size_t i = 0; i < tail->within_count; i++)
        if (!is_needed(stream->finding, tail->within[i]))
            return true;
    return false;
}

/* Those of the tails up to `to` that have no place yet: what stands at `from` comes at the end of the short
 * stream now. */
static void place_tails(struct short_stream *stream, uint64_t from, uint64_t to)
{
    const struct finding_check *check = stream->check;
    for (; stream->placed < check->expected_count; stream->placed++) {
        const struct expected_tail *tail = &check->expected[stream->placed];
        if (tail->offset > to)
            return;
        uint64_t behind = tail->offset > from ? tail->offset - from : 0;
        stream->places[stream->placed] =
            is_left_out(stream, tail) ? UINT64_MAX : stream->length + behind;
    }
}

static void note_own(struct short_stream *stream, uint64_t offset)
{
    if (offset < stream->own)
        stream->own = offset;
}

/* Whether the finding sends an optional subsection in these fields. */
static bool sends_within(const struct vmwire_finding *finding, const struct written_length *length)
{
    for (size_t i = 0; i < finding->send_count; i++)
        if (finding->sends[i].from > length->at && finding->sends[i].from < length->end)
            return true;
    return false;
}

/* Sets the lengths in a run that depend on which optional subsections the state sends. */
static void put_lengths(struct short_stream *stream, uint64_t from, uint64_t to, uint8_t *run)
{
    const struct writer_side *writer = stream->check->writer;
    const struct vmwire_finding *finding = stream->finding;
    for (size_t i = written_length_index(writer, from);
         i < writer->length_count && writer->lengths[i].at < to; i++) {
        const struct written_length *length = &writer->lengths[i];
        if (!length->varies)
            continue;
        if (sends_within(finding, length))
            note_own(stream, stream->length + (length->at - from));
        put_length(run + (length->at - from),
                   length_in_state(writer, length, finding->sends, finding->send_count));
    }
}

/* The bytes from one offset to another, between which no skip begins. */
static void put_run(struct short_stream *stream, uint64_t from, uint64_t to)
{
    const struct vmwire_finding *finding = stream->finding;
    uint8_t *run = stream->data + stream->length;
    memcpy(run, stream->check->writer->bytes.data + from, to - from);
    put_lengths(stream, from, to, run);
    for (; stream->required < finding->required_count; stream->required++) {
        const struct vmwire_required_byte *required = &finding->required[stream->required];
        if (required->offset >= to)
            break;
        if (required->offset < from)
            continue;
        run[required->offset - from] = required->value;
        note_own(stream, stream->length + (required->offset - from));
    }
    place_tails(stream, from, to);
    stream->length += to - from;
}

/* The bytes from one offset to another, as the finding's state has them. */
static void put_extent(struct short_stream *stream, uint64_t from, uint64_t to)
{
    const struct writer_side *writer = stream->check->writer;
    for (uint64_t at = from, next; at < to; at = next) {
        if (find_skip(writer, at, &next)) {
            if (!is_needed(stream->finding, at))
                continue;
            note_own(stream, stream->length);
        }
        next = next_skip_begins(writer, at);
        if (next > to)
            next = to;
        put_run(stream, at, next);
    }
    place_tails(stream, to, to);
}

/* A section that every reader accepts, so that this one has learned whether there are footers. */
static void put_section_before(struct short_stream *stream, bool footer)
{
    static const char idstr[] = "\003ram";
    const uint32_t id = 0x7ffffffe;
    put_byte(stream, VMWIRE_QEMU_VM_SECTION_START);
    put_be32(stream, id);
    for (size_t i = 0; i < 4; i++)
        put_byte(stream, (uint8_t)idstr[i]);
    put_be32(stream, 0); /* instance */
    put_be32(stream, 4); /* version */
    put_be32(stream, 0);
    put_be32(stream, VMWIRE_RAM_SAVE_FLAG_EOS);
    if (!footer)
        return;
    put_byte(stream, VMWIRE_QEMU_VM_SECTION_FOOTER);
    put_be32(stream, id);
}

/* Keeps the lengths of packages right, of which parts are left out. */
static void note_package(struct short_stream *stream, const struct vmwire_item *item)
{
    if (item->kind == VMWIRE_ITEM_PACKAGE)
        stream->packages[stream->package_depth++] = stream->length;
    if (item->kind != VMWIRE_ITEM_PACKAGE_END)
        return;
    size_t begin = stream->packages[--stream->package_depth];
    put_length(stream->data + begin - 4, stream->length - begin);
}

static bool is_section(const struct vmwire_item *item)
{
    return item->kind >= VMWIRE_ITEM_SECTION_START && item->kind <= VMWIRE_ITEM_SECTION_FULL;
}

/* From a section before, the reader has learned whether sections have footers. */
struct section_before {
    bool any; /* there was one */
    bool footer;
    unsigned depth; /* of the packages around the section that stands for it */
};

/* Without its contents a package would not be accepted: leaves it out. */
static void leave_out_package(struct short_stream *stream, struct section_before *before)
{
    const size_t package_header = 1 + 2 + 2 + 4;
    stream->length = stream->packages[--stream->package_depth] - package_header;
    if (before->depth <= stream->package_depth)
        return;
    before->depth = stream->package_depth;
    put_section_before(stream, before->footer);
}

/* The items before the finding's: what is around it, one section if there was any, and those that go on later. */
static void put_items_before(struct short_stream *stream)
{
    const struct finding_check *check = stream->check;
    const struct vmwire_stream *all = check->question->stream;
    struct section_before before = {.any = false};
    put_extent(stream, 0, item_begins(check, 0));
    for (size_t i = 0; i < check->item; i++) {
        const struct vmwire_item *item = all->items[i];
        bool started = !stream->package_depth && goes_on(check, i, i + 1, check->item);
        bool kept =
            item->kind == VMWIRE_ITEM_CONFIGURATION || item->kind == VMWIRE_ITEM_PACKAGE || started;
        before.any |= started;
        if (is_section(item) && !before.any) {
            before = (struct section_before){true, item->footer, stream->package_depth};
            put_section_before(stream, item->footer);
        }
        if (item->kind == VMWIRE_ITEM_PACKAGE_END)
            leave_out_package(stream, &before);
        if (kept)
            put_extent(stream, item_begins(check, i), item_begins(check, i + 1));
        if (item->kind == VMWIRE_ITEM_PACKAGE)
            note_package(stream, item);
    }
}

/* The finding's item and those behind it, up to the first that the reader cannot look at. A section that it starts, and
 * may miss, goes on to its end. */
static void put_items_from(struct short_stream *stream, uint64_t reach)
{
    const struct finding_check *check = stream->check;
    const struct vmwire_stream *all = check->question->stream;
    const uint64_t last = reach < UINT64_MAX - REACH_MARGIN ? reach + REACH_MARGIN : reach;
    stream->end = UINT64_MAX;
    for (size_t i = check->item; i < all->item_count; i++) {
        const struct vmwire_item *item = all->items[i];
        uint64_t from = item_begins(check, i);
        if (i > check->item && from > last && !stream->package_depth &&
            item->kind < VMWIRE_ITEM_EOF && !goes_on(check, check->item, i, i)) {
            stream->end = stream->length;
            put_byte(stream, VMWIRE_QEMU_VM_EOF);
            return;
        }
        if (i == check->item + 1)
            stream->behind = stream->length;
        if (item->kind == VMWIRE_ITEM_EOF)
            stream->end = stream->length;
        if (item->kind == VMWIRE_ITEM_UNREAD)
            stream->unread += item->raw.length;
        put_extent(stream, from, item_begins(check, i + 1));
        note_package(stream, item);
    }
}

static struct vmwire_bytes make_short_stream(struct short_stream *stream, uint64_t reach)
{
    const struct finding_check *check = stream->check;
    stream->data = check->room;
    stream->places =
        vmwire_arena_alloc(check->work, (check->expected_count + 1) * sizeof(*stream->places));
    put_items_before(stream);
    put_items_from(stream, reach);
    return (struct vmwire_bytes){stream->data, stream->length};
}

/* ---- Reading it ---------------------------------------------------------------------------------- */

struct heard {
    const struct short_stream *stream;
    uint64_t begins; /* the first tail that is expected: tails of the configuration come before */
    const uint8_t *begin;
    struct heard_notes notes;
};

/* The next tail that is expected and that the state has. */
static size_t next_expected(struct heard *heard)
{
    size_t *next = &heard->notes.next;
    while (*next < heard->stream->check->expected_count &&
           heard->stream->places[*next] == UINT64_MAX)
        (*next)++;
    return *next;
}

static void hear_tail(void *context, const struct vmwire_tail_event *event)
{
    struct heard *heard = context;
    const struct finding_check *check = heard->stream->check;
    size_t next = next_expected(heard);
    if (heard->notes.wrong != SIZE_MAX || next == check->expected_count ||
        event->offset < heard->begins)
        return;
    const struct expected_tail *expected = &check->expected[next];
    bool same = event->offset == heard->stream->places[next] && event->owner == expected->owner &&
                event->taken == expected->taken;
    if (!same)
        heard->notes.wrong = next;
    heard->notes.next++;
}

/* Stands for the description of the state: the reader takes the subsections that the state sends, and no others. Behind
 * the item of the finding it takes none; what the reader does there is not asked. */
static bool tell_tail(void *context, const struct vmwire_structure *owner, uint64_t offset)
{
    struct heard *heard = context;
    size_t next = next_expected(heard);
    if (offset < heard->begins)
        return owner->subsection_count > 0; /* of the configuration */
    return next < heard->stream->check->expected_count && offset == heard->stream->places[next] &&
           heard->stream->check->expected[next].taken;
}

static void hear_item(void *context, const struct vmwire_item *item)
{
    struct heard *heard = context;
    uint64_t end = (uint64_t)(item->raw.data - heard->begin) + item->raw.length;
    heard->notes.rejoins |= item->record && end == heard->stream->behind;
    if (item->kind == VMWIRE_ITEM_EOF)
        heard->notes.eof = (uint64_t)(item->raw.data - heard->begin);
    if (item->kind == VMWIRE_ITEM_UNREAD)
        heard->notes.unread += item->raw.length;
}

/* The reader has no such section. Where it only lacks a layout, a real reader would go on. */
static bool lacks_section(const struct vmwire_error *error)
{
    static const char words[] = "no description of section";
    return strncmp(error->message, words, sizeof(words) - 1) == 0;
}

static bool ends_as_found(const struct vmwire_finding *finding, const struct heard *heard,
                          bool accepted, const struct vmwire_error *error, bool in_schema)
{
    bool early =
        heard->notes.eof < heard->stream->end || heard->notes.unread > heard->stream->unread;
    switch (finding->outcome) {
    case VMWIRE_OUTCOME_REJECT:
        return !accepted && !(heard->stream->counts && heard->notes.rejoins) &&
               (error->kind != VMWIRE_ERROR_NO_LAYOUT || (!in_schema && lacks_section(error)));
    case VMWIRE_OUTCOME_TRUNCATED:
        return accepted && early;
    default:
        return accepted && !early;
    }
}

/* What one reading shows. */
struct shown {
    bool holds;   /* the finding does */
    size_t wrong; /* as in struct heard */
    bool in_step; /* at all tails that are expected */
};

/* The place of the last tail that is expected and that the state has; 0: there is none. */
static uint64_t last_place(const struct short_stream *stream)
{
    size_t i = stream->check->expected_count;
    while (i > 0 && stream->places[i - 1] == UINT64_MAX)
        i--;
    return i ? stream->places[i - 1] : 0;
}

/* Up to here the reading of the next finding is the same: behind the last tail that is expected, more of them can be
 * expected then. */
static uint64_t same_until(const struct short_stream *stream)
{
    uint64_t last = last_place(stream);
    return last < stream->own ? last : stream->own;
}

/* Reads the finding's state once. */
static struct shown read_state(const struct finding_check *check,
                               const struct vmwire_finding *finding, bool at_tail, uint64_t reach)
{
    struct vmwire_arena_mark mark = vmwire_arena_mark(check->work);
    struct short_stream stream = {
        .check = check,
        .finding = finding,
        .own = UINT64_MAX,
        .counts = check->question->reader.option->look == VMWIRE_LOOK_IF_ONLY_READING,
    };
    struct vmwire_bytes bytes = make_short_stream(&stream, reach);
    struct heard heard = {.stream = &stream, .begin = bytes.data, .notes = {.wrong = SIZE_MAX}};
    struct resumed_reading reading = {
        .input = bytes,
        .same_until = same_until(&stream),
        .sink = {&heard, hear_item, true},
        .observer = {&heard, hear_tail},
        .notes = &heard.notes,
    };
    if (check->question->reader.option->look == VMWIRE_LOOK_DESCRIBED)
        reading.chooser = (struct vmwire_tail_chooser){&heard, tell_tail};
    struct vmwire_error error;
    size_t first = next_expected(&heard);
    heard.begins = first < check->expected_count ? stream.places[first] : 0;
    bool accepted = resumable_read(check->readings, &reading, &error);
    size_t last = check->expected_count - at_tail, next = next_expected(&heard);
    size_t wrong = heard.notes.wrong;
    bool differs = !at_tail || wrong == last || (!accepted && wrong == SIZE_MAX && next == last);
    struct shown shown = {
        .holds = differs && next >= last && (wrong == SIZE_MAX || wrong >= last) &&
                 ends_as_found(finding, &heard, accepted, &error, !finding->differs),
        .wrong = wrong,
        .in_step = wrong == SIZE_MAX && next == check->expected_count,
    };
    vmwire_arena_reset(check->work, mark);
    return shown;
}

static int compare_required(const void *a, const void *b)
{
    const struct vmwire_required_byte *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* Requires what another finding requires, too. */
static void require_all(struct vmwire_finding *finding, const struct vmwire_finding *other,
                        struct vmwire_arena *arena)
{
    size_t count = finding->required_count + other->required_count;
    struct vmwire_required_byte *required = vmwire_arena_alloc(arena, count * sizeof(*required));
    if (finding->required_count)
        memcpy(required, finding->required, finding->required_count * sizeof(*required));
    memcpy(required + finding->required_count, other->required,
           other->required_count * sizeof(*required));
    qsort(required, count, sizeof(*required), compare_required);
    finding->required = required;
    finding->required_count = count;
}

/* The stream's own byte is a marker at a tail before: the state has another one there. */
static bool calm_tail(const struct finding_check *check, struct vmwire_finding *finding,
                      uint64_t offset, struct vmwire_arena *arena)
{
    uint8_t other;
    if (!byte_can_change(check->writer, offset) ||
        !find_other_value(check->writer, offset, VMWIRE_QEMU_VM_SUBSECTION, &other))
        return false;
    for (size_t i = 0; i < finding->required_count; i++)
        if (finding->required[i].offset == offset)
            return false;
    const struct vmwire_required_byte byte = {offset, other};
    require_all(finding, &(struct vmwire_finding){.required = &byte, .required_count = 1}, arena);
    return true;
}

static bool can_be_read(const struct finding_check *check, const struct vmwire_item *item)
{
    char idstr[256] = {0};
    if (item->kind == VMWIRE_ITEM_CONFIGURATION)
        return true;
    memcpy(idstr, item->idstr.data, item->idstr.length);
    return vmwire_schema_device(check->question->reader.schema, idstr, item->instance_id);
}

static bool is_confirmed(const struct finding_check *check, struct vmwire_finding *finding,
                         bool at_tail, uint64_t reach, struct vmwire_arena *arena)
{
    /* A second writer is no reader; of a device type that only a dump declares there is no stream to read. */
    if (check->question->ambiguity || !can_be_read(check, finding->item))
        return true;
    for (unsigned calmed = 0; calmed < CALMED_LIMIT; calmed++) {
        struct shown shown = read_state(check, finding, at_tail, reach);
        if (shown.holds)
            return true;
        if (shown.wrong >= check->expected_count - at_tail || check->expected[shown.wrong].taken ||
            !calm_tail(check, finding, check->expected[shown.wrong].offset, arena))
            return false;
    }
    return false;
}

bool finding_holds(const struct finding_check *check, struct vmwire_finding *finding, bool at_tail,
                   uint64_t reach, struct vmwire_arena *arena)
{
    if (!is_confirmed(check, finding, at_tail, reach, arena))
        return false;
    if (check->calm.required_count)
        require_all(finding, &check->calm, arena);
    return true;
}

bool pass_item(struct finding_check *check, struct vmwire_arena *arena)
{
    const struct vmwire_item *item = check->question->stream->items[check->item];
    struct vmwire_finding none = {.item = item};
    if (check->question->ambiguity || !item->record || !can_be_read(check, item))
        return true;
    for (;;) {
        struct shown shown = read_state(check, &none, false, item_begins(check, check->item + 1));
        if (shown.in_step)
            break;
        if (shown.wrong == SIZE_MAX || check->expected[shown.wrong].taken ||
            !calm_tail(check, &none, check->expected[shown.wrong].offset, arena))
            return false;
    }
    if (none.required_count)
        require_all(&check->calm, &none, arena);
    return true;
}
