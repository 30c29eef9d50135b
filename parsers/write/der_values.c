/* SPDX-License-Identifier: MIT */
/*
 * Writes single DER values (X.690). The contents of a value come first; then they move to make room for the length.
 * Knows nothing of records and items.
 */
#include "write/der_values.h"

#include <string.h>

#include "vmwire/asn1.h"

unsigned der_length_octets(uint64_t length)
{
    unsigned octets = 1;
    if (length >= 0x80)
        for (; length; length >>= 8)
            octets++;
    return octets;
}

static void put_length(uint8_t *octets, uint64_t length)
{
    unsigned count = der_length_octets(length);
    if (count > 1)
        *octets++ = (uint8_t)(0x80 | (count - 1));
    put_integer(octets, count > 1 ? count - 1 : 1, length);
}

size_t vmwire_der_header(uint8_t octets[VMWIRE_DER_HEADER_MOST], uint8_t identifier,
                         uint64_t length)
{
    octets[0] = identifier;
    put_length(octets + 1, length);
    return 1 + der_length_octets(length);
}

size_t begin_value(struct vmwire_writer *writer, const char *identifier)
{
    size_t length = strlen(identifier);
    put(writer, (struct vmwire_bytes){(const uint8_t *)identifier, length});
    append_zeros(writer, 1);
    return writer->output.length;
}

void end_value(struct vmwire_writer *writer, size_t contents)
{
    size_t length = writer->output.length - contents;
    size_t more = der_length_octets(length) - 1;
    if (more) {
        append_zeros(writer, more);
        uint8_t *from = writer->output.data + contents;
        memmove(from + more, from, length);
    }
    put_length(writer->output.data + contents - 1, length);
}

void put_value_header(struct vmwire_writer *writer, uint8_t identifier, uint64_t length)
{
    put_byte(writer, identifier);
    put_length(append_zeros(writer, der_length_octets(length)), length);
}

void put_value(struct vmwire_writer *writer, uint8_t identifier, struct vmwire_bytes contents)
{
    put_value_header(writer, identifier, contents.length);
    put(writer, contents);
}

void put_der_integer(struct vmwire_writer *writer, struct vmwire_bytes bytes, bool is_signed)
{
    static const uint8_t zero[1];
    if (!bytes.data)
        bytes = (struct vmwire_bytes){zero, 1};
    const uint8_t *digits = bytes.data, *last = bytes.data + bytes.length - 1;
    while (digits < last && ((*digits == 0 && (!is_signed || !(digits[1] & 0x80))) ||
                             (is_signed && *digits == 0xff && digits[1] & 0x80)))
        digits++;
    bool padded = !is_signed && *digits & 0x80;
    size_t length = (size_t)(last - digits) + 1;
    put_value_header(writer, VMWIRE_DER_INTEGER, length + padded);
    if (padded)
        put_byte(writer, 0);
    put(writer, (struct vmwire_bytes){digits, length});
}

void put_der_number(struct vmwire_writer *writer, uint64_t value)
{
    uint8_t bytes[8];
    put_integer(bytes, sizeof(bytes), value);
    put_der_integer(writer, (struct vmwire_bytes){bytes, sizeof(bytes)}, false);
}
