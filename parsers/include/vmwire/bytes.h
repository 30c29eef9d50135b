/*
 * A bounded view of bytes that somebody else owns, and the stream's integers read out of it.
 * Knows nothing of streams, schemas or records.
 */
#ifndef VMWIRE_BYTES_H
#define VMWIRE_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *data;
    size_t length; /* bytes */
};

static inline struct bytes bytes_of_string(const char *string)
{
    return (struct bytes){(const uint8_t *)string, strlen(string)};
}

/* All integers of the stream are big-endian (QEMU migration/qemu-file.c, qemu_get_be16/32/64). */

static inline uint16_t be16(const uint8_t *data)
{
    return (uint16_t)(data[0] << 8 | data[1]);
}

static inline uint32_t be32(const uint8_t *data)
{
    return (uint32_t)be16(data) << 16 | be16(data + 2);
}

static inline uint64_t be64(const uint8_t *data)
{
    return (uint64_t)be32(data) << 32 | be32(data + 4);
}

/* FNV-1a, 64 bits: tells one file from another, but not from one made to look like it. */
static inline uint64_t fingerprint(struct bytes bytes)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < bytes.length; i++)
        hash = (hash ^ bytes.data[i]) * UINT64_C(0x100000001b3);
    return hash;
}

#endif
