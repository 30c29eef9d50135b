/* SPDX-License-Identifier: MIT */
/*
 * A view of bytes that somebody else owns, and functions that decode big-endian integers.
 * Knows nothing of streams, schemas or records.
 */
#ifndef VMWIRE_BYTES_H
#define VMWIRE_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A pointer and a length. The view never owns the bytes. */
struct vmwire_bytes {
    const uint8_t *data;
    size_t length; /* bytes */
};

/* A view of a C string without its NUL. It is valid as long as the string. */
static inline struct vmwire_bytes vmwire_bytes_of_string(const char *string)
{
    return (struct vmwire_bytes){(const uint8_t *)string, strlen(string)};
}

/* be16, be32 and be64 decode the 2, 4 or 8 bytes at `data`. The caller checks that they are there.
 * All integers of the stream's framing are big-endian (QEMU migration/qemu-file.c, qemu_get_be16,
 * qemu_get_be32 and qemu_get_be64). */

static inline uint16_t vmwire_be16(const uint8_t *data)
{
    return (uint16_t)(data[0] << 8 | data[1]);
}

static inline uint32_t vmwire_be32(const uint8_t *data)
{
    return (uint32_t)vmwire_be16(data) << 16 | vmwire_be16(data + 2);
}

static inline uint64_t vmwire_be64(const uint8_t *data)
{
    return (uint64_t)vmwire_be32(data) << 32 | vmwire_be32(data + 4);
}

/* The 64-bit FNV-1a hash of the bytes. It identifies a file. It is not cryptographic: somebody can
 * make another file with the same hash. */
static inline uint64_t vmwire_fingerprint(struct vmwire_bytes bytes)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < bytes.length; i++)
        hash = (hash ^ bytes.data[i]) * UINT64_C(0x100000001b3);
    return hash;
}

#endif
