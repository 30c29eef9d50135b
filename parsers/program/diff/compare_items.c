/* SPDX-License-Identifier: MIT */
/*
 * Compares the items of two streams.
 */
#include "program/diff/compare_items.h"

#include <inttypes.h>

#include "program/diff/compare_records.h"
#include "program/diff/pair_up.h"

/* The items of one kind of both streams. */
struct chosen {
    const struct vmwire_item **items;
    struct named *names;
    uint64_t *digests;
    size_t count;
};

struct item_comparison {
    struct differences *differences;
    struct vmwire_arena *scratch;
    const struct vmwire_stream *streams[SIDE_COUNT];
    struct compared_section **end; /* where the next section is linked */
};

/* ---- Choosing ---------------------------------------------------------------------------------- */

static bool is_section(const struct vmwire_item *item)
{
    return item->kind == VMWIRE_ITEM_SECTION_START || item->kind == VMWIRE_ITEM_SECTION_FULL ||
           item->kind == VMWIRE_ITEM_CONFIGURATION;
}

static bool is_command(const struct vmwire_item *item)
{
    return item->kind == VMWIRE_ITEM_COMMAND || item->kind == VMWIRE_ITEM_PACKAGE;
}

static uint64_t digest_of_command(const struct vmwire_item *item)
{
    return vmwire_fingerprint(item->payload) ^
           (uint64_t)item->command * UINT64_C(0x9e3779b97f4a7c15);
}

static struct chosen choose(struct vmwire_arena *arena, const struct vmwire_stream *stream,
                            bool (*is_chosen)(const struct vmwire_item *))
{
    size_t room = stream->item_count + 1;
    struct chosen chosen = {vmwire_arena_alloc(arena, room * sizeof(struct vmwire_item *)),
                            vmwire_arena_alloc(arena, room * sizeof(struct named)),
                            vmwire_arena_alloc(arena, room * sizeof(uint64_t)), 0};
    for (size_t i = 0; i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (!is_chosen(item))
            continue;
        bool configuration = item->kind == VMWIRE_ITEM_CONFIGURATION; /* has no name */
        chosen.names[chosen.count].name = configuration ? vmwire_bytes_of_string("") : item->idstr;
        chosen.names[chosen.count].number = configuration ? UINT32_MAX : item->instance_id;
        chosen.digests[chosen.count] = digest_of_command(item);
        chosen.items[chosen.count++] = item;
    }
    return chosen;
}

/* ---- The stream as a whole --------------------------------------------------------------------- */

static void compare_commands(struct item_comparison *comparison)
{
    struct differences *differences = comparison->differences;
    struct chosen chosen[SIDE_COUNT];
    for (int side = 0; side < SIDE_COUNT; side++)
        chosen[side] = choose(comparison->scratch, comparison->streams[side], is_command);
    struct pairs pairs =
        pair_in_order(comparison->scratch, chosen[SIDE_A].digests, chosen[SIDE_A].count,
                      chosen[SIDE_B].digests, chosen[SIDE_B].count);
    for (size_t i = 0; i < pairs.count; i++) {
        const struct vmwire_item *items[SIDE_COUNT] = {NULL, NULL};
        for (int side = 0; side < SIDE_COUNT; side++)
            if (pairs.pairs[i].at[side] != SIZE_MAX)
                items[side] = chosen[side].items[pairs.pairs[i].at[side]];
        bool both = items[SIDE_A] && items[SIDE_B];
        if (both && digest_of_command(items[SIDE_A]) == digest_of_command(items[SIDE_B]))
            continue;
        bool one_command = both && items[SIDE_A]->command == items[SIDE_B]->command;
        struct difference *made = NULL;
        for (int side = 0; side < SIDE_COUNT; side++) {
            if (!items[side])
                continue;
            if (!made || !one_command)
                made = add_difference(
                    differences, one_command ? DIFFERENCE_VALUE : only_side(side), SUBJECT_COMMAND,
                    NULL, vmwire_bytes_of_string(vmwire_command_name(items[side]->command)));
            made->side[side] = items[side]->payload.length
                                   ? side_bytes(items[side]->payload, 4)
                                   : side_words(vmwire_bytes_of_string("sent"));
        }
    }
}

static const struct vmwire_item *find_item(const struct vmwire_stream *stream,
                                           enum vmwire_item_kind kind)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->kind == kind)
            return stream->items[i];
    return NULL;
}

static bool has_footers(const struct vmwire_stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->footer)
            return true;
    return false;
}

/* What one stream has as a whole and the other has not. */
static void compare_presence(struct item_comparison *comparison, const char *path, bool a, bool b)
{
    if (a == b)
        return;
    int side = a ? SIDE_A : SIDE_B;
    struct difference *made = add_difference(comparison->differences, only_side(side),
                                             SUBJECT_STREAM, NULL, vmwire_bytes_of_string(path));
    made->side[side] = side_words(vmwire_bytes_of_string("sent"));
}

static void compare_framing(struct item_comparison *comparison)
{
    const struct vmwire_stream *a = comparison->streams[SIDE_A], *b = comparison->streams[SIDE_B];
    compare_presence(comparison, "footers", has_footers(a), has_footers(b));
    compare_presence(comparison, "description", find_item(a, VMWIRE_ITEM_DESCRIPTION) != NULL,
                     find_item(b, VMWIRE_ITEM_DESCRIPTION) != NULL);
    compare_commands(comparison);
}

/* ---- Sections ---------------------------------------------------------------------------------- */

static struct compared_section *add_section(struct item_comparison *comparison,
                                            const struct vmwire_item *item)
{
    struct compared_section *section =
        vmwire_arena_alloc(comparison->differences->arena, sizeof(*section));
    bool configuration = item->kind == VMWIRE_ITEM_CONFIGURATION;
    section->idstr = configuration ? vmwire_bytes_of_string("configuration") : item->idstr;
    section->instance_id = item->instance_id;
    section->has_instance = !configuration;
    section->iterable = item->kind == VMWIRE_ITEM_SECTION_START;
    *comparison->end = section;
    comparison->end = &section->next;
    return section;
}

static struct vmwire_bytes describe_section(struct vmwire_arena *arena,
                                            const struct vmwire_item *item)
{
    if (item->kind == VMWIRE_ITEM_CONFIGURATION)
        return make_text(arena, "%zu bytes", item->raw.length);
    if (item->kind == VMWIRE_ITEM_SECTION_START)
        return make_text(arena, "version %" PRIu32, item->version_id);
    return make_text(arena, "version %" PRIu32 ", %zu bytes", item->version_id, item->raw.length);
}

static void add_only_section(struct differences *differences, struct compared_section *section,
                             int side, const struct vmwire_item *item)
{
    struct difference *made = add_difference(differences, only_side(side), SUBJECT_SECTION, section,
                                             vmwire_bytes_of_string(""));
    made->side[side] = side_words(describe_section(differences->arena, item));
}

static void compare_version(struct differences *differences, struct compared_section *section,
                            const struct vmwire_item *a, const struct vmwire_item *b)
{
    if (a->version_id == b->version_id)
        return;
    struct difference *made = add_difference(differences, DIFFERENCE_VERSION, SUBJECT_SECTION,
                                             section, vmwire_bytes_of_string("version"));
    made->side[SIDE_A] = side_number(a->version_id);
    made->side[SIDE_B] = side_number(b->version_id);
}

/* A section of the old style has a structure without a name. */
static struct vmwire_bytes structure_name(const struct vmwire_item *item)
{
    const char *name = item->record ? item->record->structure->name : "entries";
    return vmwire_bytes_of_string(name ? name : "no name");
}

static bool texts_equal(struct vmwire_bytes a, struct vmwire_bytes b)
{
    return a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
}

static void compare_sections(struct item_comparison *comparison, const struct vmwire_item *a,
                             const struct vmwire_item *b)
{
    struct differences *differences = comparison->differences;
    const struct vmwire_item *item = a ? a : b;
    if (!item)
        return; /* it is in one of them */
    struct compared_section *section = add_section(comparison, item);
    if (!a || !b) {
        add_only_section(differences, section, a ? SIDE_A : SIDE_B, item);
        return;
    }
    differences->sections++;
    section->in_both = true;
    compare_version(differences, section, a, b);
    struct vmwire_bytes names[SIDE_COUNT] = {structure_name(a), structure_name(b)};
    if (!texts_equal(names[SIDE_A], names[SIDE_B])) {
        struct difference *made = add_difference(differences, DIFFERENCE_TYPE, SUBJECT_SECTION,
                                                 section, vmwire_bytes_of_string("structure"));
        for (int side = 0; side < SIDE_COUNT; side++)
            made->side[side] = side_words(names[side]);
    }
    if (!a->record || !b->record)
        return;
    struct vmwire_arena_mark mark = vmwire_arena_mark(comparison->scratch);
    compare_records(differences, comparison->scratch, section, a->record, b->record);
    vmwire_arena_reset(comparison->scratch, mark);
}

static struct vmwire_bytes name_section(struct vmwire_arena *arena, const struct vmwire_item *item)
{
    return make_text(arena, "%.*s, instance %" PRIu32, (int)item->idstr.length,
                     (const char *)item->idstr.data, item->instance_id);
}

/* Tells the first two sections that come the other way round in B. */
static void compare_order(struct item_comparison *comparison, const struct chosen *a,
                          const struct pairs *pairs)
{
    struct differences *differences = comparison->differences;
    const struct pair *last = NULL;
    for (size_t i = 0; i < pairs->count; i++) {
        const struct pair *pair = &pairs->pairs[i];
        if (pair->at[SIDE_A] == SIZE_MAX || pair->at[SIDE_B] == SIZE_MAX)
            continue;
        if (last && pair->at[SIDE_B] < last->at[SIDE_B]) {
            struct difference *made =
                add_difference(differences, DIFFERENCE_ORDER, SUBJECT_STREAM, NULL,
                               vmwire_bytes_of_string("order of the sections"));
            const struct vmwire_item *items[] = {a->items[last->at[SIDE_A]],
                                                 a->items[pair->at[SIDE_A]]};
            for (int side = 0; side < SIDE_COUNT; side++) {
                struct vmwire_bytes first = name_section(differences->arena, items[side]);
                struct vmwire_bytes second = name_section(differences->arena, items[!side]);
                made->side[side] = side_words(make_text(
                    differences->arena, "%.*s before %.*s", (int)first.length,
                    (const char *)first.data, (int)second.length, (const char *)second.data));
            }
            return;
        }
        last = pair;
    }
}

void compare_items(struct differences *differences, struct vmwire_arena *scratch,
                   const struct vmwire_stream *a, const struct vmwire_stream *b)
{
    struct item_comparison comparison = {differences, scratch, {a, b}, &differences->first_section};
    compare_framing(&comparison);
    struct chosen chosen[SIDE_COUNT] = {choose(scratch, a, is_section),
                                        choose(scratch, b, is_section)};
    struct pairs pairs = pair_by_name(scratch, chosen[SIDE_A].names, chosen[SIDE_A].count,
                                      chosen[SIDE_B].names, chosen[SIDE_B].count);
    compare_order(&comparison, &chosen[SIDE_A], &pairs);
    for (size_t i = 0; i < pairs.count; i++) {
        const struct pair *pair = &pairs.pairs[i];
        bool has_a = pair->at[SIDE_A] != SIZE_MAX, has_b = pair->at[SIDE_B] != SIZE_MAX;
        compare_sections(&comparison, has_a ? chosen[SIDE_A].items[pair->at[SIDE_A]] : NULL,
                         has_b ? chosen[SIDE_B].items[pair->at[SIDE_B]] : NULL);
    }
}
