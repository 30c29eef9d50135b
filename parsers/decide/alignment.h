/* SPDX-License-Identifier: MIT */
/*
 * Which fields of two structures are the same bytes on the wire. A field can have another name or type at the reader,
 * be split, or stand in a structure of its own. It must not know the stream.
 */
#ifndef VMWIRE_DECIDE_ALIGNMENT_H
#define VMWIRE_DECIDE_ALIGNMENT_H

#include "decide/reader_side.h"

/* Fields that are equally many bytes together, and not one by one. `from` is a number of a field, `to` the one behind. */
struct region {
    size_t writes_from, writes_to;
    size_t reads_from, reads_to;
    size_t tails; /* of the reader's records in it: the writer has none there */
};

struct alignment {
    const struct vmwire_structure *writes, *reads;
    size_t same_fields;     /* of the writer's fields, these first ones are the same */
    bool complete;          /* all fields of both are */
    struct region *regions; /* all other fields are the same one by one */
    size_t region_count, region_room;
};

/* The number of the structure's only field of this one's name; field_count: there is none, or more than one. Unused
 * bytes have no name. */
size_t find_namesake(const struct vmwire_structure *structure, const struct vmwire_field *field);

/* Whether the one field is read as the other, although the reader has the one elsewhere, or the writer the other. The
 * numbers are those of the fields in their structures. */
bool has_moved(const struct vmwire_structure *writes, size_t written,
               const struct vmwire_structure *reads, size_t read);

/* The alignment of two structures. Each is found when it is first asked for. */
const struct alignment *alignment_of(struct reader_side *reader,
                                     const struct vmwire_structure *writes,
                                     const struct vmwire_structure *reads);

/* The region that the writer's field is in; NULL: it is the same as one field of the reader's, and `reads` receives the
 * number of that. The field must be one of the first `same_fields`. */
const struct region *region_of_field(const struct alignment *alignment, size_t writes,
                                     size_t *reads);

#endif
