/*
 * What a reader did, counted: the same input always costs the same, so hot spots can be compared
 * and searched for. Times are not counted here.
 */
#ifndef VMWIRE_COST_H
#define VMWIRE_COST_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

/* What a byte of a stream is part of: every byte read is one of these. */
enum account {
    ACCOUNT_FRAMING,    /* magic, version, section headers, footers, commands, end */
    ACCOUNT_FIELD,      /* data of fields */
    ACCOUNT_SUBSECTION, /* marker, name and version of a subsection; sentinels */
    ACCOUNT_RAM,        /* everything inside a ram section, pages included */
    ACCOUNT_ITERABLE,   /* everything inside the other iterable sections */
    ACCOUNT_DESCRIPTION,
    ACCOUNT_UNREAD, /* behind the end of the stream */
    ACCOUNT_COUNT,
};

struct cost {
    uint64_t tokens;
    uint64_t reductions;        /* grammar rules applied */
    uint64_t bytes_examined;    /* bytes whose value was looked at; look-ahead counts each time; the
                                   payload of RAM pages is skipped, not looked at */
    uint64_t longest_lookahead; /* bytes looked at before deciding what they are */
    uint64_t bytes_allocated;   /* by the reader, in all */
    uint64_t peak_memory;       /* bytes held by the reader at one time */
    uint64_t records;
    uint64_t subsections;
    uint64_t sections; /* with a record */
    uint64_t footers;
    uint64_t pages;                    /* RAM pages of any kind */
    uint64_t accounted[ACCOUNT_COUNT]; /* bytes; their sum is what was read */
};

const char *account_name(enum account account);

/* Bytes accounted for in all. */
uint64_t cost_bytes_read(const struct cost *cost);

#pragma GCC visibility pop

#endif
