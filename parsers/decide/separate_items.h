/* SPDX-License-Identifier: MIT */
/*
 * Subsections that are items of their own, behind their section: what a reader of another schema or option does
 * with each. It attaches one, refuses it, or nobody knows. This file must not know how the walk came to the
 * section, nor add pairs.
 */
#ifndef VMWIRE_DECIDE_SEPARATE_ITEMS_H
#define VMWIRE_DECIDE_SEPARATE_ITEMS_H

#include "decide/search.h"
#include "model/owners.h"

struct separate_item {
    const struct vmwire_subsection_value *sent;
    const struct vmwire_record *owner;
    const char *path;         /* of the owner */
    uint64_t begins, ends_at; /* the item's offset; where the owner ends, as the item says */
    uint64_t record_at;       /* the offset of the subsection's record */
};

struct separate_items {
    struct separate_item *list; /* in the order of the stream */
    size_t count;
};

/* Lists those of the item that this option, the writer's, sends behind it. */
struct separate_items list_separate_items(const struct engine *engine,
                                          const struct vmwire_option *writes,
                                          const struct vmwire_item *item);

enum separate_answer {
    SEPARATE_TAKEN,
    SEPARATE_REFUSED,
    SEPARATE_UNKNOWN,
};

struct separate_taking {
    enum separate_answer answer;
    const char *why; /* it is refused, or not known */
    const struct vmwire_subsection *reads;
    size_t owner; /* its number in `owners` */
};

/* What the reader does with the item. `owners`: the reader's records of the section. Those that have a `record`
 * stand in the place of that record of the writer's. */
struct separate_taking ask_about_separate_item(const struct engine *engine,
                                               const struct vmwire_option *writes,
                                               const struct vmwire_item *item,
                                               const struct separate_item *separate,
                                               struct owners *owners);

/* The reader's fields of this section are not the writer's. Where it reads as many bytes in any case, its records
 * are certain: adds them to `owners`, and returns true. */
bool add_certain_owners(struct engine *engine, const struct vmwire_item *item,
                        const struct vmwire_structure *reads, uint64_t record_at,
                        struct owners *owners);

/* What the reader does with all of the items, if its records are those of `owners`. */
enum separate_answer ask_about_all_items(struct engine *engine, const struct vmwire_option *writes,
                                         const struct vmwire_item *item,
                                         const struct separate_items *separate,
                                         struct owners *owners);

/* Why the reader refuses the version of a subsection, or does not have it (`reads` is NULL); NULL: it does not. */
const char *refusal_of_subsection(const struct vmwire_option *option,
                                  const struct vmwire_subsection *reads, uint32_t version_id);

/* Why nobody knows how the reader reads this version; NULL: its layout is known. */
const char *unknown_layout(const struct vmwire_subsection *reads, uint32_t version_id);

/* Adds the records in some fields of a structure without lists, of which the first begins at `offset` of the section's
 * record. `around`: the record that has the fields; `record`: what is noted for each. Returns where they end. */
uint64_t add_records_of_fields(struct owners *owners, size_t around,
                               const struct vmwire_structure *structure, size_t from, size_t to,
                               uint64_t offset, const struct vmwire_record *record);

#endif
