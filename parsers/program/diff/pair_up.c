/* SPDX-License-Identifier: MIT */
/*
 * Pairs what two sides have.
 */
#include "program/diff/pair_up.h"

#include <stdlib.h>
#include <string.h>

/* The table of a longest common subsequence has at most so many cells. Longer lists are paired by position. */
enum { CELLS_MOST = 1 << 20 };

static void append(struct pairs *pairs, size_t a, size_t b)
{
    pairs->pairs[pairs->count++] = (struct pair){{a, b}};
}

/* ---- By name ----------------------------------------------------------------------------------- */

static int compare_bytes(struct vmwire_bytes a, struct vmwire_bytes b)
{
    size_t length = a.length < b.length ? a.length : b.length;
    int order = length ? memcmp(a.data, b.data, length) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

static int compare_keys(const struct named *a, const struct named *b)
{
    int order = compare_bytes(a->name, b->name);
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

static int compare_named(const void *first, const void *second)
{
    const struct named *a = *(struct named *const *)first, *b = *(struct named *const *)second;
    int order = compare_keys(a, b);
    return order ? order : (a->position > b->position) - (a->position < b->position);
}

/* Sorts them, and counts those of one key. */
static struct named **sort(struct vmwire_arena *arena, struct named *named, size_t count)
{
    struct named **sorted = vmwire_arena_alloc(arena, (count + 1) * sizeof(struct named *));
    for (size_t i = 0; i < count; i++) {
        named[i].position = i;
        named[i].partner = NULL;
        sorted[i] = &named[i];
    }
    qsort(sorted, count, sizeof(struct named *), compare_named);
    for (size_t i = 0; i < count; i++)
        sorted[i]->occurrence =
            i && compare_keys(sorted[i - 1], sorted[i]) == 0 ? sorted[i - 1]->occurrence + 1 : 0;
    return sorted;
}

static int compare_occurrences(const struct named *a, const struct named *b)
{
    int order = compare_keys(a, b);
    return order ? order : (a->occurrence > b->occurrence) - (a->occurrence < b->occurrence);
}

struct pairs pair_by_name(struct vmwire_arena *arena, struct named *a, size_t a_count,
                          struct named *b, size_t b_count)
{
    struct named **sorted_a = sort(arena, a, a_count), **sorted_b = sort(arena, b, b_count);
    for (size_t i = 0, j = 0; i < a_count && j < b_count;) {
        int order = compare_occurrences(sorted_a[i], sorted_b[j]);
        if (order == 0) {
            sorted_a[i]->partner = sorted_b[j];
            sorted_b[j]->partner = sorted_a[i];
        }
        i += order <= 0;
        j += order >= 0;
    }
    struct pairs pairs = {vmwire_arena_alloc(arena, (a_count + b_count + 1) * sizeof(struct pair)),
                          0};
    for (size_t j = 0; j < b_count && !b[j].partner; j++)
        append(&pairs, SIZE_MAX, j);
    for (size_t i = 0; i < a_count; i++) {
        size_t partner = a[i].partner ? a[i].partner->position : SIZE_MAX;
        append(&pairs, i, partner);
        for (size_t j = partner; a[i].partner && ++j < b_count && !b[j].partner;)
            append(&pairs, SIZE_MAX, j);
    }
    return pairs;
}

/* ---- In order ---------------------------------------------------------------------------------- */

static void append_gap(struct pairs *pairs, size_t a, size_t a_end, size_t b, size_t b_end)
{
    while (a < a_end || b < b_end) {
        append(pairs, a < a_end ? a : SIZE_MAX, b < b_end ? b : SIZE_MAX);
        a += a < a_end;
        b += b < b_end;
    }
}

/* Two sequences that begin and end with different digests, and the pairs of those before them. */
struct middle {
    const uint64_t *a, *b;
    size_t a_count, b_count;
    size_t before;
};

/* cells[i * (b_count + 1) + j]: how long a common subsequence of a[i..] and b[j..] can be. */
static uint32_t *measure(struct vmwire_arena *arena, const struct middle *middle)
{
    const size_t width = middle->b_count + 1;
    uint32_t *cells = vmwire_arena_alloc(arena, (middle->a_count + 1) * width * sizeof(*cells));
    for (size_t i = middle->a_count; i-- > 0;)
        for (size_t j = middle->b_count; j-- > 0;) {
            uint32_t down = cells[(i + 1) * width + j], right = cells[i * width + j + 1];
            cells[i * width + j] = middle->a[i] == middle->b[j] ? cells[(i + 1) * width + j + 1] + 1
                                                                : (down > right ? down : right);
        }
    return cells;
}

static void append_middle(struct vmwire_arena *arena, struct pairs *pairs,
                          const struct middle *middle)
{
    const size_t width = middle->b_count + 1, before = middle->before;
    size_t a = 0, b = 0; /* what is not paired yet begins here */
    bool fits = middle->a_count && middle->b_count && middle->a_count < CELLS_MOST / width;
    const uint32_t *cells = fits ? measure(arena, middle) : NULL;
    for (size_t i = 0, j = 0; cells && i < middle->a_count && j < middle->b_count;) {
        if (middle->a[i] == middle->b[j]) {
            append_gap(pairs, before + a, before + i, before + b, before + j);
            append(pairs, before + i++, before + j++);
            a = i;
            b = j;
        } else if (cells[(i + 1) * width + j] >= cells[i * width + j + 1]) {
            i++;
        } else {
            j++;
        }
    }
    append_gap(pairs, before + a, before + middle->a_count, before + b, before + middle->b_count);
}

struct pairs pair_in_order(struct vmwire_arena *arena, const uint64_t *a, size_t a_count,
                           const uint64_t *b, size_t b_count)
{
    struct pairs pairs = {vmwire_arena_alloc(arena, (a_count + b_count + 1) * sizeof(struct pair)),
                          0};
    size_t before = 0, behind = 0, least = a_count < b_count ? a_count : b_count;
    while (before < least && a[before] == b[before])
        before++;
    while (behind < least - before && a[a_count - 1 - behind] == b[b_count - 1 - behind])
        behind++;
    for (size_t i = 0; i < before; i++)
        append(&pairs, i, i);
    const struct middle middle = {a + before, b + before, a_count - before - behind,
                                  b_count - before - behind, before};
    append_middle(arena, &pairs, &middle);
    for (size_t i = 0; i < behind; i++)
        append(&pairs, a_count - behind + i, b_count - behind + i);
    return pairs;
}
