/* SPDX-License-Identifier: MIT */
/*
 * Why the reader does what it does with a stream: the outcome, its cause, and where in the stream. Knows nothing of how it is
 * printed.
 */
#ifndef VMWIRE_PROGRAM_EXPLAIN_EXPLANATION_H
#define VMWIRE_PROGRAM_EXPLAIN_EXPLANATION_H

#include "program/explain/misreading.h"
#include "program/explain/sent_stream.h"

enum explained_outcome {
    EXPLAINED_ACCEPT,
    EXPLAINED_REJECT,
    EXPLAINED_TRUNCATED,
    EXPLAINED_CORRUPT,
    EXPLAINED_UNDECIDED,
};

/* A line about bytes of the stream. */
struct place_line {
    uint64_t offset; /* in the file; VMWIRE_ERROR_NO_OFFSET: none */
    uint64_t bytes;
    unsigned depth;
    const char *text;
};

struct lines {
    struct place_line *list;
    size_t count, room;
};

/* A cause that was found. */
struct found_cause {
    const struct vmwire_difference *difference; /* offsets are those in the bytes that were read */
    uint64_t position;                          /* of its section, or of the place itself */
    const struct vmwire_item *section;          /* as it was sent; NULL: none, or cut off */
    enum cause_kind {
        CAUSE_DIFFERENCE, /* between the sides */
        CAUSE_MISREADING, /* a value that misleads the reader */
        CAUSE_STREAM,     /* the stream itself: cut off, damaged, not described */
    } kind;
};

struct explanation {
    const struct arguments *arguments;
    struct side_files *writer;
    const struct side_files *reader;
    struct vmwire_arena *arena;
    struct sent_stream sent;
    struct misreading misreading;
    struct vmwire_differences differences;
    struct vmwire_differences if_unlike; /* with what the reader's command line can have otherwise;
                                            empty: the files tell it, or no message is given */
    struct found_cause *causes;          /* certain ones */
    size_t cause_count, cause_room;
    const struct vmwire_difference **open; /* those that are not decided, of this stream */
    size_t open_count;
    size_t unsent_count; /* those that need another state */
    size_t asked_count;  /* those that the reader's machine decides, or what else is not given */
    const struct found_cause *
        *later; /* certain refusals behind the cause, of each section and rule one */
    size_t later_count;

    enum explained_outcome outcome;
    struct found_cause cause; /* difference NULL: there is none */
    const struct vmwire_difference *
        *others; /* of MESSAGE_POSSIBLE: they can be the cause as well */
    size_t other_count;
    const char *sentence; /* the conclusion; no capital, no full stop */
    const char
        *bytes_words; /* how many bytes more or fewer the writer sends there; NULL: as many */
    size_t sections_read, sections_unread;
    const char *unread_names; /* of the first ones; NULL: none */
    const char *read_names;   /* likewise, of those before the cause of which all is decided */
    size_t read_before;       /* how many these are */
    enum message_match {
        MESSAGE_EXPLAINED,    /* the cause is that of --message */
        MESSAGE_POSSIBLE,     /* it can be, and what is not given decides that */
        MESSAGE_NOT_TOLD,     /* the files do not tell its cause */
        MESSAGE_READ_OFF,     /* neither; but the message has the values in it */
        MESSAGE_CONTRADICTED, /* by the files the reader does not say it */
        MESSAGE_FOREIGN,      /* it is none of a QEMU that loads a stream */
        MESSAGE_OTHER, /* it names nothing of this stream, or nothing at all: the cause is the stream's own */
    } message_match;
    struct lines tree;  /* the stream around the cause */
    const char **notes; /* what was compared, and what was not */
    size_t note_count, note_room;
};

/* The offset in the file of a byte that was read. */
uint64_t offset_in_sent_file(const struct explanation *explanation, uint64_t offset);

/* Whether the reader comes to the end of a section that was sent. */
bool is_section_read(const struct explanation *explanation, const struct vmwire_item *section);

const char *explained_outcome_name(enum explained_outcome outcome);

const char *message_match_name(enum message_match match);

#endif
