/* SPDX-License-Identifier: MIT */
/*
 * The name of a field as a description spells it.
 */
#ifndef VMWIRE_MODEL_FIELD_NAME_H
#define VMWIRE_MODEL_FIELD_NAME_H

#include "vmwire/schema.h"

/* Room for a field's name with its number, and a NUL. */
enum { FIELD_NAME_ROOM = 300 };

/* Writes the name. One that several fields of a declared structure have gets a number (QEMU migration/vmstate.c,
 * vmfield_name_num). Returns its length. */
size_t write_field_name(const struct vmwire_structure *structure, const struct vmwire_field *field,
                        char name[FIELD_NAME_ROOM]);

#endif
