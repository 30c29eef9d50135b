/* SPDX-License-Identifier: MIT */
/*
 * Counts the entries of each part of an iterable section, and makes differences of them.
 */
#include "program/diff/entry_owners.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- Finding ----------------------------------------------------------------------------------- */

struct adding {
    struct entry_owners *owners;
    struct entry_owner owner;
    struct entry_owner **bucket, *added;
};

static bool add_owner(void *context)
{
    struct adding *adding = context;
    struct entry_owners *owners = adding->owners;
    struct entry_owner *owner = vmwire_arena_alloc(owners->arena, sizeof(*owner));
    *owner = adding->owner;
    owner->name.data = (const uint8_t *)vmwire_arena_string(
        owners->arena, (const char *)owner->name.data, owner->name.length);
    owners->by_number = vmwire_arena_grow(owners->arena, owners->by_number, owners->count,
                                          &owners->room, sizeof(struct entry_owner *));
    owner->number = (uint32_t)owners->count;
    owners->by_number[owners->count++] = owner;
    owner->next_in_bucket = *adding->bucket;
    *adding->bucket = owner;
    *owners->end = owner;
    owners->end = &owner->next;
    adding->added = owner;
    return true;
}

static bool is_owner(const struct entry_owner *owner, const struct compared_section *section,
                     enum owner_kind kind, struct vmwire_bytes name)
{
    return owner->section == section && owner->kind == kind && owner->name.length == name.length &&
           memcmp(owner->name.data, name.data, name.length) == 0;
}

struct entry_owner *find_owner(struct entry_owners *owners, struct compared_section *section,
                               enum owner_kind kind, struct vmwire_bytes name,
                               struct vmwire_error *error)
{
    if (!name.length)
        name = vmwire_bytes_of_string("");
    struct entry_owner **bucket =
        &owners->buckets[(vmwire_fingerprint(name) + (uint64_t)kind) % OWNER_BUCKETS];
    for (struct entry_owner *owner = *bucket; owner; owner = owner->next_in_bucket)
        if (is_owner(owner, section, kind, name))
            return owner;
    struct adding adding = {owners, {.section = section, .name = name, .kind = kind}, bucket, NULL};
    return vmwire_arena_attempt(owners->arena, add_owner, &adding, error) ? adding.added : NULL;
}

/* ---- Counting ---------------------------------------------------------------------------------- */

bool is_counted_only(const struct entry_owner *owner)
{
    return owner->kind == OWNER_PAGES || owner->kind == OWNER_DISK;
}

static struct side_value show_content(struct content content)
{
    if (content.class == CONTENT_NONE)
        return (struct side_value){.form = SIDE_HAS_NOTHING};
    return side_bytes((struct vmwire_bytes){content.data, content.length}, 8);
}

static void list_entry(struct entry_owners *owners, struct entry_owner *owner,
                       const struct table_slot *slot)
{
    if (is_counted_only(owner) || owner->listed_count == LISTED_MOST)
        return;
    owner->listed = vmwire_arena_grow(owners->arena, owner->listed, owner->listed_count,
                                      &owner->listed_room, sizeof(*owner->listed));
    owner->listed[owner->listed_count++] = (struct listed_entry){
        slot->number, {show_content(slot->content[SIDE_A]), show_content(slot->content[SIDE_B])}};
}

void tally_entry(struct entry_owners *owners, const struct table_slot *slot)
{
    struct entry_owner *owner = owners->by_number[slot->owner];
    struct entry_counts *counts = &owner->counts;
    enum slot_answer answer = compare_slot(slot);
    counts->sent[SIDE_A] += answer != SLOT_ONLY_B;
    counts->sent[SIDE_B] += answer != SLOT_ONLY_A;
    counts->only[SIDE_A] += answer == SLOT_ONLY_A;
    counts->only[SIDE_B] += answer == SLOT_ONLY_B;
    counts->differing += answer == SLOT_DIFFERS;
    counts->not_compared += answer == SLOT_NOT_COMPARED;
    owner->equal += answer == SLOT_EQUAL;
    if (answer != SLOT_EQUAL)
        list_entry(owners, owner, slot);
}

void forget_counts(struct entry_owners *owners)
{
    for (struct entry_owner *owner = owners->first; owner; owner = owner->next) {
        owner->counts = (struct entry_counts){{0, 0}, {0, 0}, 0, 0};
        owner->equal = 0;
        owner->listed_count = 0;
    }
}

/* ---- Differences ------------------------------------------------------------------------------- */

static struct vmwire_bytes join(struct vmwire_arena *arena, const char *before,
                                struct vmwire_bytes name, const char *behind)
{
    return make_text(arena, "%s%.*s%s", before, (int)name.length, (const char *)name.data, behind);
}

/* The path of an entry that is listed. */
static struct vmwire_bytes entry_path(struct vmwire_arena *arena, const struct entry_owner *owner,
                                      uint64_t number)
{
    char place[64];
    switch (owner->kind) {
    case OWNER_BITMAP:
        snprintf(place, sizeof(place), " sector %" PRIu64, number);
        break;
    case OWNER_BITMAP_SETTING:
        snprintf(place, sizeof(place), " flags %02" PRIx64, number);
        break;
    case OWNER_HASH_TABLE:
        snprintf(place, sizeof(place), "entry %" PRIu64, number);
        break;
    case OWNER_HASH_INVALID:
        snprintf(place, sizeof(place), "not valid from entry %" PRIu64 " on", number);
        break;
    case OWNER_HASH_SHIFT:
        return vmwire_bytes_of_string("shift");
    default:
        snprintf(place, sizeof(place), "page %" PRIu64, number);
        break;
    }
    return join(arena, "", owner->name, place);
}

static void add_blocks(struct differences *differences, const struct entry_owner *owner)
{
    const struct owner_block *a = &owner->block[SIDE_A], *b = &owner->block[SIDE_B];
    struct compared_section *section = owner->section;
    bool both = a->listed && b->listed;
    if (a->listed != b->listed || (both && a->length != b->length)) {
        enum difference_kind kind =
            both ? DIFFERENCE_VALUE : only_side(a->listed ? SIDE_A : SIDE_B);
        struct difference *made =
            add_difference(differences, kind, SUBJECT_BLOCK, section,
                           join(differences->arena, "block ", owner->name, ""));
        for (int side = 0; side < SIDE_COUNT; side++)
            if (owner->block[side].listed)
                made->side[side] = side_words(
                    make_text(differences->arena, "%" PRIu64 " bytes", owner->block[side].length));
    }
    if (!both || a->rest.length != b->rest.length || !a->rest.length ||
        memcmp(a->rest.data, b->rest.data, a->rest.length) == 0)
        return;
    struct difference *made =
        add_difference(differences, DIFFERENCE_VALUE, SUBJECT_BLOCK, section,
                       join(differences->arena, "block ", owner->name, ", page size or address"));
    for (int side = 0; side < SIDE_COUNT; side++)
        made->side[side] = side_bytes(owner->block[side].rest, 8);
}

static void add_counts(struct differences *differences, const struct entry_owner *owner)
{
    const struct entry_counts *counts = &owner->counts;
    differences->pages += owner->equal + counts->differing + counts->not_compared;
    differences->page_differences +=
        counts->differing + counts->only[SIDE_A] + counts->only[SIDE_B];
    differences->pages_not_compared += counts->not_compared;
    if (!(counts->differing + counts->not_compared + counts->only[SIDE_A] + counts->only[SIDE_B]))
        return;
    const char *what = owner->kind == OWNER_DISK ? "chunks of " : "pages of ";
    struct difference *made =
        add_difference(differences, DIFFERENCE_PAGES, SUBJECT_PAGES, owner->section,
                       join(differences->arena, what, owner->name, ""));
    made->counts = *counts;
    for (int side = 0; side < SIDE_COUNT; side++)
        made->side[side] = side_number(counts->sent[side]);
}

static int compare_numbers(const void *first, const void *second)
{
    uint64_t a = ((const struct listed_entry *)first)->number,
             b = ((const struct listed_entry *)second)->number;
    return (a > b) - (a < b);
}

static void add_listed(struct differences *differences, struct entry_owner *owner)
{
    size_t run = ++differences->run_count;
    const struct entry_counts *counts = &owner->counts;
    differences->entries += owner->equal + counts->differing + counts->not_compared;
    if (owner->listed_count)
        qsort(owner->listed, owner->listed_count, sizeof(*owner->listed), compare_numbers);
    for (size_t i = 0; i < owner->listed_count; i++) {
        const struct listed_entry *entry = &owner->listed[i];
        bool has_a = entry->side[SIDE_A].form != SIDE_HAS_NOTHING,
             has_b = entry->side[SIDE_B].form != SIDE_HAS_NOTHING;
        enum difference_kind kind =
            has_a && has_b ? DIFFERENCE_VALUE : only_side(has_a ? SIDE_A : SIDE_B);
        struct difference *made =
            add_difference(differences, kind, SUBJECT_ENTRY, owner->section,
                           entry_path(differences->arena, owner, entry->number));
        memcpy(made->side, entry->side, sizeof(made->side));
        made->run = run;
    }
    uint64_t all = counts->differing + counts->only[SIDE_A] + counts->only[SIDE_B];
    if (all == owner->listed_count)
        return;
    struct difference *made = add_difference(
        differences, DIFFERENCE_PAGES, SUBJECT_ENTRY, owner->section,
        join(differences->arena, owner->name.length ? "all of " : "all", owner->name, ""));
    made->counts = *counts;
    for (int side = 0; side < SIDE_COUNT; side++)
        made->side[side] = side_number(counts->sent[side]);
}

void add_owner_differences(struct differences *differences, const struct entry_owners *owners)
{
    for (const struct compared_section *section = differences->first_section; section;
         section = section->next)
        for (struct entry_owner *owner = section->iterable ? owners->first : NULL; owner;
             owner = owner->next) {
            if (owner->section != section || !section->in_both)
                continue;
            if (owner->kind == OWNER_PAGES)
                add_blocks(differences, owner);
            if (is_counted_only(owner))
                add_counts(differences, owner);
            else
                add_listed(differences, owner);
        }
}
