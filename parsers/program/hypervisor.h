/*
 * A real QEMU as one more reader: it is started as the capture's was, fed with a stream, and asked
 * what it made of it. What comes back is its verdict and, from its trace events, what it decided at
 * each tail. Knows how QEMU is driven and what it says; knows nothing of the reference readers.
 */
#ifndef VMWIRE_HYPERVISOR_H
#define VMWIRE_HYPERVISOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "vmwire.h"

struct hypervisor {
    const char *program;
    const char *root; /* the folder that it is shut in before it starts; NULL: none */
    int patience;     /* seconds for one stream */
};

/* In the order in which a summary lists them. */
enum answer {
    ANSWER_ACCEPT,    /* the migration completed */
    ANSWER_TRUNCATED, /* it completed, and sections were left unread; the caller tells, who knows how
                         many there are */
    ANSWER_REJECT,   /* the bytes are not what the format says: what a reference reader tells too */
    ANSWER_SEMANTIC, /* refused for reasons of its own, that are no part of the format */
    ANSWER_CRASH,    /* it ended by a signal */
    ANSWER_HANG,     /* its time ran out */
    ANSWER_UNABLE, /* it did not come so far: a machine, a device or a capability it does not know */
    ANSWER_COUNT
};

const char *answer_name(enum answer answer);

/* What it is asked. */
struct trial {
    const json_t *command;      /* a list of strings: the command line of the capture */
    const json_t *capabilities; /* likewise: the migration capabilities to set; NULL: none */
    const char *file;           /* the stream's name, for those that must be read out of order */
    struct bytes stream;
    bool seekable; /* give it the file itself: mapped-ram */
    /* Whether what is loaded within this field is its private encoding, of which the format knows
     * nothing: tails in it are not reported. */
    bool (*is_private)(const void *context, const char *structure, const char *field);
    const void *context;
};

/* One decision at a tail, as its trace tells. */
struct decision_made {
    const char *owner;
    const char *name; /* of a subsection that is taken; NULL: the record ends */
    bool known;       /* false: it has no subsection of that name, and refuses */
    uint64_t
        fields; /* a digest of which fields of the owner it has loaded, and of how many elements */
};

struct testimony {
    enum answer answer;
    const char *version; /* as it says over QMP; "" where it did not come so far */
    const char *message; /* the line that the answer was told by; "" where it said nothing */
    const char *rule;    /* of QEMU's loader, that the line belongs to; "" where it accepted */
    struct decision_made *decisions;
    size_t decision_count;
    size_t hidden;   /* tails in private encodings */
    size_t sections; /* full ones that it began to load */
};

/* False with `error` set when the program cannot be started at all. What comes back lives in
 * `arena`. The process has ended when this returns. */
bool hypervisor_ask(const struct hypervisor *hypervisor, const struct trial *trial,
                    struct arena *arena, struct testimony *testimony, struct error *error);

#endif
