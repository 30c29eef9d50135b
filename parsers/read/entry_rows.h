/* SPDX-License-Identifier: MIT */
/*
 * The entries of an iterable section that begin with an address and flags in one be64: the rows that grammar/wire.toml has
 * of them (wire_rows.h). It must not know which section they are of.
 */
#ifndef VMWIRE_READ_ENTRY_ROWS_H
#define VMWIRE_READ_ENTRY_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct entry_row {
    uint32_t flags; /* all that are there */
    int token;
    int condition; /* behind the entry, and behind the name of its block, if there is one */
    /* A page: the name of its block follows, unless a flag says that it is that of the entry before. */
    bool of_block;
    const char *refused; /* these flags are an error, with these words; NULL: they are none */
};

/* The row of these flags; NULL: there is none. */
static inline const struct entry_row *find_entry_row(const struct entry_row *rows, size_t count,
                                                     uint32_t flags)
{
    for (const struct entry_row *row = rows; row < rows + count; row++)
        if (row->flags == flags)
            return row;
    return NULL;
}

#endif
