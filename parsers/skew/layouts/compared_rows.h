/* SPDX-License-Identifier: MIT */
/*
 * The two rows of elements of one structure while they are compared, and the structures that wait for it. Tells where an
 * element is: its path, and its place in the writer's stream. Adds no difference.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_COMPARED_ROWS_H
#define VMWIRE_SKEW_LAYOUTS_COMPARED_ROWS_H

#include "skew/layouts/align.h"
#include "skew/layouts/compared_section.h"
#include "skew/layouts/elements.h"
#include "skew/shared/found.h"

/* Two structures that are to be compared, and when the stream has them. */
struct waiting {
    struct view writer, reader;
    const char *path;
    const char *when; /* NULL: always */
    bool versioned;   /* the writer sends its version: it is a section's, or a subsection */
};

/* Of one section. */
struct comparison {
    struct skew *skew;
    const struct compared_section *section;
    struct waiting *list; /* the section's own structures first */
    size_t count, room;
};

/* One structure of each side as rows of elements. */
struct rows {
    struct comparison *comparison;
    const struct waiting *of;
    struct elements writer, reader;
    struct alignment alignment;
};

/* Elements of each row between two that both have: from a first one up to an end. */
struct run {
    size_t writer_first, writer_end, reader_first, reader_end;
};

/* Adds two structures to the list. Where nothing is known of one of them, there is nothing to compare. */
void compare_later(struct comparison *comparison, struct waiting waiting);

/* Fills both rows. A structure that only one side can take apart is one element in both. */
void list_rows(struct rows *rows);

/* From the section's root. */
const char *path_of_element(const struct rows *rows, const struct element *element);

/* Where the value of the field begins in the writer's stream. */
uint64_t offset_of_field(const struct comparison *comparison, const struct vmwire_field *field);

/* Of its header. */
uint64_t offset_of_section(const struct comparison *comparison);

/* Where a run of elements begins: at its first one that the stream has, or the first one behind it. */
uint64_t offset_of_run(const struct rows *rows, size_t first);

#endif
