/* SPDX-License-Identifier: MIT */
/*
 * Finds the description at the end of a stream (since QEMU 2.3). Knows only the description's
 * header and the beginning of its JSON; knows nothing of the rest of the stream.
 */
#include <string.h>

#include "vmwire/asn1.h"
#include "vmwire/schema.h"
#include "vmwire/wire.h"

enum {
    DESCRIPTION_HEADER = 5, /* bytes: the marker and the be32 length */
    LONGEST_HEADER = 6,     /* in DER: the marker, and a length of five octets */
};

/* Bytes at the end of a stream in which a damaged description is searched for. */
#define DAMAGED_DESCRIPTION_REACH (4 * VMWIRE_SCHEMA_JSON_LIMIT)

static const uint8_t *skip_blanks(const uint8_t *text, const uint8_t *end)
{
    while (text < end && (*text == ' ' || *text == '\t' || *text == '\n' || *text == '\r'))
        text++;
    return text;
}

/* Whether the stream is DER (asn1.h). Its version says so. */
static bool is_der(struct vmwire_bytes stream)
{
    return stream.length >= 8 && vmwire_be32(stream.data + 4) == VMWIRE_ASN1_FILE_VERSION;
}

/* Whether the stream ends in front of the marker. Without that, bytes of a JSON text look like a marker in DER. */
static bool is_behind_eof(const uint8_t *marker, const uint8_t *first, bool der)
{
    return !der || (marker - first >= 2 && marker[-2] == VMWIRE_DER_EOF && marker[-1] == 0);
}

/* Bytes of the marker and of the length behind it, if that is the length of all bytes behind; otherwise 0. */
static size_t description_header(const uint8_t *marker, const uint8_t *end, bool der)
{
    if (!der)
        return vmwire_be32(marker + 1) == (size_t)(end - marker) - DESCRIPTION_HEADER
                   ? DESCRIPTION_HEADER
                   : 0;
    size_t octets = marker[1] > 0x80 ? marker[1] & 0x7f : 0;
    if (octets > 4 || (size_t)(end - marker) < 2 + octets)
        return 0;
    uint64_t length = octets ? 0 : marker[1];
    for (size_t i = 0; i < octets; i++)
        length = length << 8 | marker[2 + i];
    return length == (size_t)(end - marker) - 2 - octets ? 2 + octets : 0;
}

struct vmwire_bytes vmwire_description_find(struct vmwire_bytes stream)
{
    const struct vmwire_bytes none = {.data = NULL, .length = 0};
    if (stream.length <= DESCRIPTION_HEADER)
        return none;
    const bool der = is_der(stream);
    const int first_byte = der ? VMWIRE_DER_VMDESCRIPTION : VMWIRE_QEMU_VM_VMDESCRIPTION;
    size_t limit = VMWIRE_SCHEMA_JSON_LIMIT + (der ? LONGEST_HEADER : DESCRIPTION_HEADER);
    const uint8_t *end = stream.data + stream.length;
    const uint8_t *first = stream.length > limit ? end - limit : stream.data;
    size_t left = (size_t)(end - first) - DESCRIPTION_HEADER;
    while (left > 0) {
        const uint8_t *marker = memrchr(first, first_byte, left);
        if (marker == NULL)
            return none;
        const uint8_t *json = marker + description_header(marker, end, der);
        if (json > marker && is_behind_eof(marker, first, der)) {
            const uint8_t *text = skip_blanks(json, end);
            if (text < end && *text == '{')
                return (struct vmwire_bytes){.data = json, .length = (size_t)(end - json)};
        }
        left = (size_t)(marker - first);
    }
    return none;
}

/* Whether a text begins as QEMU's descriptions do. The text may end early. */
static bool begins_like_description(const uint8_t *text, const uint8_t *end)
{
    static const char *const keys[] = {"\"page_size\"", "\"configuration\"", "\"devices\""};
    text = skip_blanks(text, end);
    if (text == end || *text != '{')
        return false;
    text = skip_blanks(text + 1, end);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        size_t length = strlen(keys[i]), left = (size_t)(end - text);
        if (memcmp(text, keys[i], left < length ? left : length) == 0)
            return true;
    }
    return false;
}

/* Searches a stream without a usable description for a damaged one, and returns its marker, or
 * NULL. Prefers the last one that begins as a description; otherwise takes the last one whose
 * length is right. */
static const uint8_t *find_damaged_description(struct vmwire_bytes stream)
{
    if (stream.length <= DESCRIPTION_HEADER || is_der(stream))
        return NULL;
    const uint8_t *end = stream.data + stream.length;
    const uint8_t *first =
        stream.length > DAMAGED_DESCRIPTION_REACH ? end - DAMAGED_DESCRIPTION_REACH : stream.data;
    const uint8_t *other = NULL;
    const uint8_t *marker = end - DESCRIPTION_HEADER;
    while ((marker = memrchr(first, VMWIRE_QEMU_VM_VMDESCRIPTION, (size_t)(marker - first))) !=
           NULL) {
        if (marker == first || marker[-1] != VMWIRE_QEMU_VM_EOF)
            continue;
        const uint8_t *json = marker + DESCRIPTION_HEADER;
        if (begins_like_description(json, end))
            return marker;
        if (other == NULL && vmwire_be32(marker + 1) == (size_t)(end - json))
            other = marker;
    }
    return other;
}

bool vmwire_description_locate(struct vmwire_bytes stream, struct vmwire_bytes *description,
                               struct vmwire_error *error)
{
    *description = vmwire_description_find(stream);
    const uint8_t *marker = description->length > 0 ? NULL : find_damaged_description(stream);
    if (marker == NULL)
        return true;
    size_t offset = (size_t)(marker - stream.data);
    size_t length = vmwire_be32(marker + 1), left = stream.length - offset - DESCRIPTION_HEADER;
    if (length > left)
        return vmwire_error_set(error, VMWIRE_ERROR_TRUNCATED, offset,
                                "a description of %zu bytes, but only %zu are left", length, left);
    if (length > VMWIRE_SCHEMA_JSON_LIMIT)
        return vmwire_error_set(error, VMWIRE_ERROR_LIMIT, offset,
                                "a description of %zu bytes; a schema has at most %zu", length,
                                VMWIRE_SCHEMA_JSON_LIMIT);
    if (length < left)
        return vmwire_error_set(error, VMWIRE_ERROR_UNREAD, offset + DESCRIPTION_HEADER + length,
                                "%zu bytes follow the description", left - length);
    return vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, offset + DESCRIPTION_HEADER,
                            "the description is not JSON: no object");
}
