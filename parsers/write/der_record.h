/* SPDX-License-Identifier: MIT */
/*
 * Writes a record as a DER SEQUENCE. Knows nothing of items.
 */
#ifndef VMWIRE_WRITE_DER_RECORD_H
#define VMWIRE_WRITE_DER_RECORD_H

#include "write/output.h"

/* Writes the record with its embedded records and its subsections. Returns false with `error` set: a value has no
 * encoding. */
bool put_der_record(struct vmwire_writer *writer, const struct vmwire_record *record,
                    struct vmwire_error *error);

#endif
