/* SPDX-License-Identifier: MIT */
/*
 * Splits a side of a comparison into its files.
 */
#include "program/shared/side_names.h"

#include <string.h>
#include <unistd.h>

struct splitting {
    struct side_names *side;
    const char *word;
    struct vmwire_arena *arena;
    size_t room;
    bool empty; /* a name is empty */
};

static const char *next_plus(const char *text)
{
    const char *plus = strchr(text, '+');
    return plus ? plus : text + strlen(text);
}

/* Returns the name that the text begins with, and sets its end. */
static const char *take_name(struct vmwire_arena *arena, const char *text, const char **end)
{
    const char *name = NULL, *at = text;
    for (bool last = false; !last; at++) {
        at = next_plus(at);
        last = !*at;
        const char *longer = vmwire_arena_string(arena, text, (size_t)(at - text));
        if (name && access(longer, F_OK) != 0)
            continue;
        name = longer;
        *end = at;
    }
    return name;
}

static bool split_within_attempt(void *context)
{
    struct splitting *splitting = context;
    struct side_names *side = splitting->side;
    const char *end = splitting->word - 1;
    do {
        side->names = vmwire_arena_grow(splitting->arena, side->names, side->count,
                                        &splitting->room, sizeof(*side->names));
        const char *name = take_name(splitting->arena, end + 1, &end);
        side->names[side->count++] = name;
        splitting->empty |= !*name;
    } while (*end);
    return true;
}

bool split_side(struct side_names *side, const char *word, struct vmwire_arena *arena,
                struct vmwire_error *error)
{
    struct splitting splitting = {side, word, arena, 0, false};
    *side = (struct side_names){NULL, 0};
    if (!vmwire_arena_attempt(arena, split_within_attempt, &splitting, error))
        return false;
    return !splitting.empty || vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                                                "expected the name of a file on each side of a +");
}
