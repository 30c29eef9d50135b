/* SPDX-License-Identifier: MIT */
/*
 * Counters of the work that a reader does. The same input always gives the same counts, so that
 * costs can be compared and a fuzzer can search for expensive inputs. Knows nothing of time.
 */
#ifndef VMWIRE_COST_H
#define VMWIRE_COST_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(default)

/* The part of a stream that a byte belongs to. Every byte that was read belongs to exactly one. */
enum vmwire_account {
    VMWIRE_ACCOUNT_FRAMING,    /* magic, version, section headers, footers, commands, end */
    VMWIRE_ACCOUNT_FIELD,      /* data of fields */
    VMWIRE_ACCOUNT_SUBSECTION, /* marker, name and version_id of a subsection; sentinels */
    VMWIRE_ACCOUNT_RAM,        /* everything inside a ram section, pages included */
    VMWIRE_ACCOUNT_ITERABLE,   /* everything inside the other iterable sections */
    VMWIRE_ACCOUNT_DESCRIPTION,
    VMWIRE_ACCOUNT_UNREAD, /* bytes behind the end of the stream */
    VMWIRE_ACCOUNT_COUNT,
};

/* The counters of one reading. */
struct vmwire_cost {
    uint64_t tokens;
    uint64_t reductions;     /* grammar rules applied */
    uint64_t bytes_examined; /* bytes whose value the reader examined; look-ahead counts each time;
                                the reader skips the payload of RAM pages */
    uint64_t longest_lookahead; /* bytes examined at most before the reader decided what they are */
    uint64_t bytes_allocated;   /* by the reader, in total */
    uint64_t peak_memory;       /* bytes that the reader held at one time, at most */
    uint64_t
        pairs; /* of a byte and a place in the schema that the reader has gone over to count the readings
                       of sections; 0: it does not count them */
    uint64_t records;
    uint64_t subsections;
    uint64_t sections; /* sections with a record */
    uint64_t footers;
    uint64_t pages;                           /* RAM pages of any kind */
    uint64_t accounted[VMWIRE_ACCOUNT_COUNT]; /* bytes of each part */
};

/* The name of a part, for instance "framing". The string is constant. */
const char *vmwire_account_name(enum vmwire_account account);

/* The sum of `accounted`: the bytes that were read. */
uint64_t vmwire_cost_bytes_read(const struct vmwire_cost *cost);

#pragma GCC visibility pop

#endif
