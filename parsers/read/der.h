/* SPDX-License-Identifier: MIT */
/*
 * The octets of a DER value, as grammar/der.re defines them. Knows nothing of streams.
 */
#ifndef VMWIRE_READ_DER_H
#define VMWIRE_READ_DER_H

#include <stddef.h>
#include <stdint.h>

/* Reads the length octets at `octets`, of which `limit` is the end. Sets how many they are, and the length that they
 * say. Returns NULL, or in words what is wrong; "" if the octets end too early. */
const char *der_length(const uint8_t *octets, const uint8_t *limit, size_t *count,
                       uint64_t *length);

/* What is wrong with identifier octets that no rule takes, in words; NULL: nothing but that they are of another
 * type. */
const char *der_identifier_fault(const uint8_t *octets, const uint8_t *limit);

/* What is wrong with the contents of an INTEGER, in words, or NULL. */
const char *der_integer_fault(const uint8_t *octets, const uint8_t *limit);

#endif
