/* SPDX-License-Identifier: MIT */
/*
 * Alterations that also change the schema: a version without a layout, records without end, subsections whose
 * owner is not the nearest record.
 */
#ifndef VMWIRE_FUZZ_ALTERATION_SCHEMAS_H
#define VMWIRE_FUZZ_ALTERATION_SCHEMAS_H

#include "properties/alteration.h"

alteration_function alter_to_undescribed_version, insert_endless_nest, insert_endless_records,
    insert_next_subsection_of_owner, insert_subsection_of_last_element;

#endif
