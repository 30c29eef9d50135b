/* SPDX-License-Identifier: MIT */
/*
 * What a field of a declaration, or of a stream's layout, says of an element: whether it is there, and how long it is. Knows
 * one field at a time, and not where it stands in the row.
 */
#ifndef VMWIRE_SKEW_LAYOUTS_ELEMENT_FIELDS_H
#define VMWIRE_SKEW_LAYOUTS_ELEMENT_FIELDS_H

#include "skew/layouts/element.h"

/* Whether the field holds structures. */
bool is_record(const struct vmwire_field *field);

/* Whether the structure has a field of this name. */
bool declares_field(const struct vmwire_structure *structure, const char *name);

/* Whether the version that is on the wire has the field. */
bool has_version(const struct vmwire_field *field, uint32_t version_id);

/* What decides whether the declared field is there. */
enum element_presence presence_of(const struct vmwire_field *field);

/* What the function says that decides whether the field exists; -1: that is not known, or there is none. */
int ask_field(const struct view *view, const struct vmwire_field *field);

/* Sets what the declaration says of the element. */
void set_declared(struct element *element, const struct view *view,
                  const struct vmwire_field *field);

/* Sets what the stream's layout says of the element, of which `count` fields of the structure are parts. `layouts`: of
 * list_elements(). */
void set_described(struct element *element, const struct vmwire_structure *structure,
                   const struct vmwire_field *fields, size_t count,
                   const struct vmwire_layouts *layouts);

#endif
