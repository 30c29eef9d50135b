/* SPDX-License-Identifier: MIT */
/*
 * What two streams differ in: a list of differences, and counts of what was compared. Knows nothing of how they are found or
 * printed.
 */
#ifndef VMWIRE_PROGRAM_DIFF_DIFFERENCE_H
#define VMWIRE_PROGRAM_DIFF_DIFFERENCE_H

#include "vmwire/vmwire.h"

enum { SIDE_A, SIDE_B, SIDE_COUNT };

enum difference_kind {
    DIFFERENCE_VALUE,  /* both have it, with other values */
    DIFFERENCE_ONLY_A, /* only A has it */
    DIFFERENCE_ONLY_B,
    DIFFERENCE_TYPE,    /* both have it, with another size or structure */
    DIFFERENCE_VERSION, /* of a section, a subsection or a structure */
    DIFFERENCE_ORDER,   /* of the sections */
    DIFFERENCE_PAGES,   /* some pages of a block, or other entries that are counted */
    DIFFERENCE_KINDS
};

/* What a difference is about. */
enum difference_subject {
    SUBJECT_STREAM, /* footers, the description, ... */
    SUBJECT_COMMAND,
    SUBJECT_SECTION,
    SUBJECT_SUBSECTION,
    SUBJECT_FIELD, /* also an element of an array or a list */
    SUBJECT_BLOCK, /* of RAM */
    SUBJECT_ENTRY, /* of another iterable section */
    SUBJECT_PAGES,
    SUBJECT_KINDS
};

struct difference;

/* In the order in which they are shown. */
struct difference_list {
    struct difference *first, *last;
};

/* A section that both streams have, or one of them. The configuration has no instance. */
struct compared_section {
    struct compared_section *next;
    struct vmwire_bytes idstr;
    uint32_t instance_id;
    bool has_instance;
    bool iterable; /* for a side that has it */
    bool in_both;
    bool has_other_values;
    struct difference_list list;
};

/* What one side has. */
struct side_value {
    enum { SIDE_HAS_NOTHING, SIDE_HAS_BYTES, SIDE_HAS_NUMBER, SIDE_HAS_WORDS } form;
    struct vmwire_bytes bytes; /* as in the stream; WORDS: the text */
    uint64_t number;
    size_t unit; /* bytes: of one element; 0: they are not grouped */
};

/* Entries of one block, or of another part of an iterable section. */
struct entry_counts {
    uint64_t
        sent[SIDE_COUNT]; /* different ones: of a page that was sent twice, the last one counts */
    uint64_t only[SIDE_COUNT];
    uint64_t differing; /* both have them */
    uint64_t
        not_compared; /* both have them, but one side sent changes of what it had sent before, or in another compression */
};

struct difference {
    struct difference *next;
    enum difference_kind kind;
    enum difference_subject subject;
    struct vmwire_bytes path;
    struct side_value side[SIDE_COUNT];
    size_t
        run; /* differences of one array or part of an iterable follow one another with the same number; 0: none */
    struct entry_counts counts; /* DIFFERENCE_PAGES */
};

/* Everything lives in the arena. */
struct differences {
    struct vmwire_arena *arena;
    struct difference_list of_stream;
    struct compared_section *first_section;
    size_t count;
    size_t run_count;
    uint64_t sections, values;                            /* that were compared: both have them */
    uint64_t pages, page_differences, pages_not_compared; /* likewise, of RAM and disks */
    uint64_t entries;                                     /* likewise, of other iterable sections */
    uint64_t by_kind[SUBJECT_KINDS][DIFFERENCE_KINDS];
    uint64_t sections_with_other_values;
};

/* Bytes of a value: from the first that differs to the last. */
struct byte_span {
    size_t begin, end;
    size_t differing;
};

/* Appends a difference without sides to those of the section, or of the stream (NULL). The arena must be within an attempt. */
struct difference *add_difference(struct differences *differences, enum difference_kind kind,
                                  enum difference_subject subject, struct compared_section *section,
                                  struct vmwire_bytes path);

/* Text that lives in the arena. */
__attribute__((format(printf, 2, 3))) struct vmwire_bytes make_text(struct vmwire_arena *arena,
                                                                    const char *format, ...);

struct side_value side_words(struct vmwire_bytes words);
struct side_value side_number(uint64_t number);
struct side_value side_bytes(struct vmwire_bytes bytes, size_t unit);

/* The kind of a difference that only this side has. */
enum difference_kind only_side(int side);

/* Where two values of the same length differ; of others, the whole of the longer one. */
struct byte_span find_differing_bytes(const struct difference *difference);

/* Constant names, for machines. */
const char *difference_kind_name(enum difference_kind kind);
const char *difference_subject_name(enum difference_subject subject);

#endif
