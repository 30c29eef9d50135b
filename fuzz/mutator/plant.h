/* SPDX-License-Identifier: MIT */
/*
 * Mutates the bytes of fields. Planting tries to mislead a reader: it writes the bytes of a header, a footer or an
 * end of stream into the fields that follow a tail.
 */
#ifndef VMWIRE_FUZZ_PLANT_H
#define VMWIRE_FUZZ_PLANT_H

#include "mutator/mutation.h"

/* Writes any bytes into one field. */
void mutate_fields(struct mutation *mutation);

/* Writes bytes behind one tail that the reader may take for something else, and then what that reader expects
 * next. */
void plant(struct mutation *mutation);

#endif
