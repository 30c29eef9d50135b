/*
 * What a replay found out, a row a stream: what the command fills in and its report prints.
 */
#ifndef VMWIRE_REPLAY_H
#define VMWIRE_REPLAY_H

#include "hypervisor.h"
#include "program.h"

/* One stream under one option. */
struct replay_cell {
    bool applies; /* the option reads streams of this version */
    enum outcome outcome;
    const char *message; /* of a reject */
    uint64_t offset;     /* of the same */
    bool undecided;      /* it is only that no schema at hand has the layout of what comes next */
    bool expects;        /* the manifest says what should come out */
    enum outcome expected;
};

/* How the reference reader and the real one relate. */
enum relation {
    SAME_ACCEPT, /* in the order of `enum answer`, as far as both answer */
    SAME_TRUNCATED,
    SAME_REJECT,
    APART_SEMANTIC, /* the real one refused, crashed or could not begin, for reasons of its own; the */
    APART_CRASH,    /* decisions up to there are the same */
    APART_UNABLE,
    APART_SKEW,      /* they part, but this is another release than the writer of the stream */
    APART_UNDECIDED, /* the reference does not know the layout of what comes next, or of what came
                        before they part: a private encoding, a dump's guess */
    APART_LAYOUT,    /* they part where the real one has loaded other fields than of the original: a
                        condition or a count that a changed value answers differently */
    DIFFERENT_DECISION,
    DIFFERENT_ANSWER,
    RELATION_COUNT
};

const char *relation_name(enum relation relation);

struct replay_row {
    const char *folder, *name, *file;
    struct replay_cell *cells;  /* one an option */
    bool asked;                 /* a real one was, and the rest is set */
    struct testimony testimony; /* without the decisions themselves */
    enum relation relation;
    size_t compared;     /* decisions that are the same */
    uint64_t part;       /* where they part: bytes from the start of the stream */
    const char *parting; /* what each does there; NULL: they do not part */
    const char *seen;    /* what the manifest says that this version answered, where it now answers
                            something else; NULL otherwise */
};

struct replay {
    struct arena *arena;
    const struct arguments *arguments;
    struct replay_row *rows;
    size_t row_count, row_room;
};

/* Whether something is not as the manifest says, or the readers are not the same. */
bool replay_row_differs(const struct replay_row *row);

/* Prints to standard output. */
void replay_print_text(const struct replay *replay);
void replay_print_json(const struct replay_row *row);

#endif
