/* Alterations, and what must come of them; see altered.h. */
#include "altering.h"

#include "checked.h"
#include "findings.h"
#include "round.h"

/* ---- What the ways are made of ------------------------------------------------------------------- */

unsigned some(struct accepted *accepted, size_t count)
{
    fuzz_require(count, "something to choose from");
    accepted->state = accepted->state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)((accepted->state >> 33) % count);
}

void put_bytes(struct put *put, const void *bytes, size_t count)
{
    fuzz_require(count <= MOST_PUT - put->count, "room for what is put in");
    memcpy(put->bytes + put->count, bytes, count);
    put->count += count;
}

void put_integer(struct put *put, unsigned width, uint64_t value)
{
    while (width--) {
        uint8_t byte = (uint8_t)(value >> 8 * width);
        put_bytes(put, &byte, 1);
    }
}

void put_string(struct put *put, const char *string)
{
    put_integer(put, 1, strlen(string));
    put_bytes(put, string, strlen(string));
}

void put_footer(struct put *put, uint32_t section_id)
{
    put_integer(put, 1, QEMU_VM_SECTION_FOOTER);
    put_integer(put, 4, section_id);
}

bool is_section(const struct item *item)
{
    return item->kind >= ITEM_SECTION_START && item->kind <= ITEM_SECTION_FULL;
}

bool is_iterable(const struct item *item)
{
    return is_section(item) && item->kind != ITEM_SECTION_FULL;
}

bool was_started(const struct stream *stream, uint32_t section_id)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->kind == ITEM_SECTION_START &&
            stream->items[i]->section_id == section_id)
            return true;
    return false;
}

bool is_separate(const struct accepted *accepted, const struct subsection_value *value)
{
    return !option_sends_inline(accepted->option, value->subsection);
}

bool has_separate(const struct accepted *accepted, const struct item *item)
{
    struct record_walk walk;
    if (!item->record || accepted->option->subsections == SUBSECTION_INLINE)
        return false;
    record_walk_begin(&walk, item->record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;)
        if (step == RECORD_SUBSECTION && is_separate(accepted, walk.subsection))
            return true;
    return false;
}

const struct item *some_item(struct accepted *accepted,
                             bool (*fits)(const struct accepted *, const struct item *))
{
    const struct item *chosen = NULL;
    size_t count = 0;
    for (size_t i = 0; i < accepted->stream->item_count; i++)
        if (fits(accepted, accepted->stream->items[i]) && !some(accepted, ++count))
            chosen = accepted->stream->items[i];
    return chosen;
}

/* ---- What comes of it ---------------------------------------------------------------------------- */

static struct bytes altered_bytes(const struct accepted *accepted,
                                  const struct alteration *alteration)
{
    size_t before = (size_t)(alteration->at - accepted->bytes.data);
    size_t behind = accepted->bytes.length - before - alteration->removed;
    size_t length = before + alteration->put.count + behind;
    uint8_t *bytes = arena_alloc(accepted->subject->arena, length);
    memcpy(bytes, accepted->bytes.data, before);
    memcpy(bytes + before, alteration->put.bytes, alteration->put.count);
    memcpy(bytes + before + alteration->put.count, alteration->at + alteration->removed, behind);
    return (struct bytes){bytes, length};
}

/* The next item from `place` on that is none of these bytes; a package is nothing of its own. */
static const struct item *next_beside(const struct stream *stream, size_t *place, struct bytes left)
{
    while (*place < stream->item_count) {
        const struct item *item = stream->items[(*place)++];
        bool within = item->raw.data >= left.data && item->raw.data < left.data + left.length;
        if (!within && item->kind != ITEM_PACKAGE && item->kind != ITEM_PACKAGE_END)
            return item;
    }
    return NULL;
}

static bool same_beside(const struct stream *was, struct bytes removed, const struct stream *is,
                        struct bytes put)
{
    size_t i = 0, j = 0;
    const struct item *a, *b;
    do {
        a = next_beside(was, &i, removed);
        b = next_beside(is, &j, put);
        if (!a != !b || (a && !item_equal(a, b)))
            return false;
    } while (a);
    return true;
}

/* What is sent behind its section may come in another order; all else is written as it came. */
static void require_written(const struct accepted *accepted, const struct schema *schema,
                            const struct stream *stream, struct bytes bytes)
{
    struct bytes written;
    struct error error = {0};
    const struct protocol_option *option = accepted->option;
    if (has_mapped_blocks(stream) ||
        !write_state(accepted->subject, stream, option, &written, &error))
        return;
    if (written.length == bytes.length && memcmp(written.data, bytes.data, bytes.length) == 0)
        return;
    fuzz_require(option->subsections != SUBSECTION_INLINE,
                 "%s under %s: altered, and not written as it came", accepted->subject->name,
                 option->name);
    struct checked again = checked_read(
        accepted->subject, (struct reading){.option = option, .input = written, .schema = schema});
    fuzz_require(again.stream && stream_equal(stream, again.stream),
                 "%s under %s: altered, written and read again: %s", accepted->subject->name,
                 option->name, again.error.message);
}

static void require_fate(const struct accepted *accepted, const struct alteration *alteration)
{
    const struct subject *subject = accepted->subject;
    const char *option = accepted->option->name;
    struct bytes bytes = altered_bytes(accepted, alteration);
    uint64_t at = (uint64_t)(alteration->at - accepted->bytes.data);
    unsigned long long offset = at + alteration->into;
    struct checked altered = checked_read(
        subject,
        (struct reading){.option = accepted->option, .input = bytes, .schema = alteration->schema});
    if (alteration->fate == REFUSED) {
        fuzz_require(!altered.stream, "%s under %s: altered, and accepted, at %#llx", subject->name,
                     option, offset);
        fuzz_require(alteration->kind == ERROR_NONE ||
                         (altered.error.kind == alteration->kind && altered.error.offset == offset),
                     "%s under %s: refused for %s at %#llx, not %s", subject->name, option,
                     error_kind_name(alteration->kind), offset, altered.error.message);
        return;
    }
    fuzz_require(altered.stream, "%s under %s: as good as before, and refused: %s", subject->name,
                 option, altered.error.message);
    if (alteration->fate == ANOTHER) {
        fuzz_require(!stream_equal(accepted->stream, altered.stream),
                     "%s under %s: altered, and held to be the same, at %#llx", subject->name,
                     option, offset);
        return;
    }
    struct bytes removed = {alteration->at, alteration->removed};
    struct bytes put = {bytes.data + at, alteration->put.count};
    fuzz_require(altered.stream->item_count == accepted->stream->item_count + alteration->more &&
                     same_beside(accepted->stream, removed, altered.stream, put),
                 "%s under %s: what is beside what was put in at %#llx", subject->name, option,
                 offset);
    require_written(accepted, alteration->schema, altered.stream, bytes);
}

static bool try_ways(struct accepted *accepted, alter *const *ways, size_t count)
{
    static struct alteration alteration; /* too large for a stack */
    size_t first = some(accepted, count);
    for (size_t i = 0; i < count; i++) {
        alteration = (struct alteration){.removed = 0};
        if (!ways[(first + i) % count](accepted, &alteration))
            continue;
        require_fate(accepted, &alteration);
        return true;
    }
    return false;
}

static size_t count_ways(alter *const *ways)
{
    size_t count = 0;
    while (ways[count])
        count++;
    return count;
}

void require_altered(const struct subject *subject, const struct protocol_option *option,
                     struct bytes bytes, const struct stream *stream)
{
    struct accepted accepted = {subject, option, bytes, stream, fingerprint(bytes)};
    /* An own schema may have names that are made of what is put in. */
    if (subject->number == SUBJECT_OWN)
        return;
    bool items = subject_claims(subject, option) && !has_mapped_blocks(stream);
    if (items && some(&accepted, 2) && try_ways(&accepted, alter_items, count_ways(alter_items)))
        return;
    try_ways(&accepted, alter_numbers, count_ways(alter_numbers));
}
