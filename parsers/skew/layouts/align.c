/* SPDX-License-Identifier: MIT */
/*
 * The longest row of elements that both have in the same order. What is the same at both ends is taken first: mostly that is
 * all.
 */
#include "skew/layouts/align.h"

#include <string.h>

enum { CELLS_LIMIT = 1 << 22 }; /* of the table; above it elements are taken as they come */

/* Whether the sizes can be the same on the wire. A dump of old releases shows an array as one element. */
static bool have_like_width(const struct element *a, const struct element *b)
{
    if (a->width == WIDTH_IN_MEMORY && b->width == WIDTH_IN_MEMORY)
        return a->each == b->each;
    if (a->width != WIDTH_FIXED || b->width != WIDTH_FIXED)
        return !a->sized || !b->sized || a->width == WIDTH_IN_MEMORY ||
               b->width == WIDTH_IN_MEMORY || a->each == b->each;
    bool arrays = a->each == b->each && (a->count != 1 || b->count != 1);
    return a->bytes == b->bytes || arrays;
}

/* A dump does not number the fields of one name. */
static bool have_same_name(const struct element *a, const struct element *b)
{
    const bool mixed = (a->width == WIDTH_IN_MEMORY) != (b->width == WIDTH_IN_MEMORY);
    const size_t length = strlen(a->name), other = strlen(b->name);
    const size_t shared = length < other ? length : other;
    if (strncmp(a->name, b->name, shared) != 0)
        return false;
    return length == other || (mixed && (a->name[shared] == '[' || b->name[shared] == '['));
}

static bool are_same(const struct element *a, const struct element *b)
{
    if (!have_same_name(a, b))
        return false;
    /* One that is null is described as a field of another type. */
    if (a->pointers || b->pointers)
        return true;
    const bool structures = !is_unknown_view(a->inside), others = !is_unknown_view(b->inside);
    /* A list, or an array of pointers, can be described without an element; a dump has the structure behind a private encoding. */
    if (structures != others)
        return (a->width == WIDTH_SENT && b->width == WIDTH_SENT) ||
               (a->width == WIDTH_PRIVATE && b->width == WIDTH_IN_MEMORY) ||
               (a->width == WIDTH_IN_MEMORY && b->width == WIDTH_PRIVATE);
    /* Some private encodings are those of an integer. */
    if ((a->width == WIDTH_PRIVATE) != (b->width == WIDTH_PRIVATE) && a->type[0] && b->type[0])
        return a->bytes == b->bytes && !structures;
    return structures || have_like_width(a, b);
}

static void take(struct alignment *alignment, size_t i, size_t k)
{
    alignment->of_writer[i] = (int32_t)k;
    alignment->of_reader[k] = (int32_t)i;
}

/* What is between: the longest common row, by the lengths of all rows from each pair on. */
static void align_between(struct vmwire_arena *arena, struct alignment *alignment,
                          const struct element *writer, size_t writers,
                          const struct element *reader, size_t readers, size_t from)
{
    const size_t width = readers + 1;
    if (!writers || !readers)
        return;
    if ((uint64_t)(writers + 1) * width > CELLS_LIMIT) {
        for (size_t i = 0, k = 0; i < writers; i++)
            for (size_t next = k; next < readers; next++)
                if (are_same(&writer[i], &reader[next])) {
                    take(alignment, from + i, from + next);
                    k = next + 1;
                    break;
                }
        return;
    }
    struct vmwire_arena_mark mark = vmwire_arena_mark(arena);
    uint32_t *longest = vmwire_arena_alloc(arena, (writers + 1) * width * sizeof(*longest));
    for (size_t i = writers; i-- > 0;)
        for (size_t k = readers; k-- > 0;) {
            uint32_t right = longest[i * width + k + 1], below = longest[(i + 1) * width + k];
            longest[i * width + k] = are_same(&writer[i], &reader[k])
                                         ? longest[(i + 1) * width + k + 1] + 1
                                     : right > below ? right
                                                     : below;
        }
    for (size_t i = 0, k = 0; i < writers && k < readers;) {
        if (are_same(&writer[i], &reader[k]))
            take(alignment, from + i++, from + k++);
        else if (longest[(i + 1) * width + k] >= longest[i * width + k + 1])
            i++;
        else
            k++;
    }
    vmwire_arena_reset(arena, mark);
}

struct alignment align_elements(struct vmwire_arena *arena, const struct elements *writer,
                                const struct elements *reader)
{
    struct alignment alignment = {
        vmwire_arena_alloc(arena, writer->count * sizeof(*alignment.of_writer)),
        vmwire_arena_alloc(arena, reader->count * sizeof(*alignment.of_reader))};
    size_t first = 0, writers = writer->count, readers = reader->count;
    for (size_t i = 0; i < writer->count; i++)
        alignment.of_writer[i] = NO_ELEMENT;
    for (size_t k = 0; k < reader->count; k++)
        alignment.of_reader[k] = NO_ELEMENT;
    for (;
         first < writers && first < readers && are_same(&writer->list[first], &reader->list[first]);
         first++)
        take(&alignment, first, first);
    while (writers > first && readers > first &&
           are_same(&writer->list[writers - 1], &reader->list[readers - 1]))
        take(&alignment, --writers, --readers);
    if (writers > first && readers > first)
        align_between(arena, &alignment, writer->list + first, writers - first,
                      reader->list + first, readers - first, first);
    return alignment;
}
