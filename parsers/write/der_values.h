/* SPDX-License-Identifier: MIT */
/*
 * Writes single DER values. Knows nothing of records and items.
 */
#ifndef VMWIRE_WRITE_DER_VALUES_H
#define VMWIRE_WRITE_DER_VALUES_H

#include "write/output.h"

/* Identifier octets as a C string. */
#define DER_TAG(octet) ((const char[]){(char)(octet), '\0'})

/* Begins a value that holds others. Returns where its contents begin, which end_value() takes. */
size_t begin_value(struct vmwire_writer *writer, const char *identifier);
void end_value(struct vmwire_writer *writer, size_t contents);

/* How many octets the length has. */
unsigned der_length_octets(uint64_t length);

/* The identifier and the length of a value. */
void put_value_header(struct vmwire_writer *writer, uint8_t identifier, uint64_t length);

/* A primitive value. NULL data are zeros. */
void put_value(struct vmwire_writer *writer, uint8_t identifier, struct vmwire_bytes contents);

/* An INTEGER of the big-endian bytes of a field. NULL data are zeros. */
void put_der_integer(struct vmwire_writer *writer, struct vmwire_bytes bytes, bool is_signed);
void put_der_number(struct vmwire_writer *writer, uint64_t value);

#endif
