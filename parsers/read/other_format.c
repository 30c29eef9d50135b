/* SPDX-License-Identifier: MIT */
#include "read/other_format.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "wire_rows.h"

enum { FILTERS_MOST = 6 };

struct other_format {
    const char *magic;
    size_t length; /* of the magic */
    const char *is;
    const char *filters[FILTERS_MOST]; /* by the number in its header; "": the stream is as it is */
    size_t filter_count;               /* 0: there is no stream in it */
    /* Bytes before a text that is before the stream; where the header has the text's length and the filter's number. 0: there is
     * no header. */
    size_t header, length_at, filter_at;
};

static const struct other_format formats[] = {OTHER_FORMAT_ROWS};

static uint32_t little_endian(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static const struct other_format *find_format(struct vmwire_bytes bytes)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (bytes.length >= formats[i].length &&
            memcmp(bytes.data, formats[i].magic, formats[i].length) == 0)
            return &formats[i];
    return NULL;
}

bool describe_other_format(struct vmwire_bytes bytes, char *text, size_t size)
{
    const struct other_format *format = find_format(bytes);
    if (!format)
        return false;
    if (format->header && bytes.length >= format->header) {
        const uint32_t length = little_endian(bytes.data + format->length_at),
                       filter = little_endian(bytes.data + format->filter_at);
        const char *name = filter < format->filter_count ? format->filters[filter] : "...";
        snprintf(text, size, "%s: tail -c +%" PRIu64 " FILE%s%s | vmwire parse -", format->is,
                 (uint64_t)format->header + length + 1, *name ? " | " : "", name);
    } else if (format->filter_count && !format->header) {
        snprintf(text, size, "%s: %s FILE | vmwire parse -", format->is, format->filters[0]);
    } else {
        snprintf(text, size, "%s", format->is);
    }
    return true;
}
