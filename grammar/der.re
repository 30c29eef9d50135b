/* SPDX-License-Identifier: MIT */
/*
 * DER's own rules for the octets of one value (X.690, chapters 8 and 10): one encoding for each value. What BER allows
 * beside it is refused here, each with its own words. grammar/asn1.re says which values a stream has.
 */
#include "read/der.h"

/*!re2c
    re2c:api = custom;
    re2c:api:style = free-form;
    re2c:define:YYCTYPE = uint8_t;
    re2c:define:YYPEEK = "(cursor < limit ? *cursor : 0)";
    re2c:define:YYSKIP = "++cursor;";
    re2c:define:YYBACKUP = "marker = cursor;";
    re2c:define:YYRESTORE = "cursor = marker;";
    re2c:define:YYLESSTHAN = "cursor >= limit";
    re2c:yyfill:enable = 0;
    re2c:eof = 0;

    byte      = [^];
    positive  = [\x00-\x7f];
    negative  = [\x80-\xff];
    long_tag  = [\x1f\x3f\x5f\x7f\x9f\xbf\xdf\xff];
*/

/* 8.1.3 and 10.1: the definite form, in the fewest octets. */
const char *der_length(const uint8_t *octets, const uint8_t *limit, size_t *count, uint64_t *length)
{
    const uint8_t *cursor = octets, *marker = octets;
    /*!re2c
    positive                        { goto short_form; }
    "\x81" negative                 { goto long_form; }
    "\x82" [\x01-\xff] byte         { goto long_form; }
    "\x83" [\x01-\xff] byte{2}      { goto long_form; }
    "\x84" [\x01-\xff] byte{3}      { goto long_form; }
    "\x85" [\x01-\xff] byte{4}      { goto long_form; }
    "\x86" [\x01-\xff] byte{5}      { goto long_form; }
    "\x87" [\x01-\xff] byte{6}      { goto long_form; }
    "\x88" [\x01-\xff] byte{7}      { goto long_form; }
    "\x80"                          { return "an indefinite length"; }
    "\x81" positive                 { return "a length in the long form that the short form could say"; }
    [\x82-\x88] "\x00"              { return "a length that begins with 00"; }
    [\x89-\xff]                     { return "a length of more than 8 octets"; }
    *                               { return ""; }
    $                               { return ""; }
    */
short_form:
    *count = 1;
    *length = octets[0];
    return NULL;
long_form:
    *count = (size_t)(cursor - octets);
    *length = 0;
    for (const uint8_t *octet = octets + 1; octet < cursor; octet++)
        *length = *length << 8 | *octet;
    return NULL;
}

/* 8.1.2 and 10.2. */
const char *der_identifier_fault(const uint8_t *octets, const uint8_t *limit)
{
    const uint8_t *cursor = octets, *marker = octets;
    (void)marker;
    /*!re2c
    long_tag "\x80"                 { return "a tag number that begins with zeros"; }
    long_tag [\x00-\x1e]            { return "a tag number below 31 in the long form"; }
    "\x21"                          { return "a constructed BOOLEAN"; }
    "\x22"                          { return "a constructed INTEGER"; }
    "\x24"                          { return "a constructed OCTET STRING"; }
    "\x10"                          { return "a primitive SEQUENCE"; }
    "\x00"                          { return "end-of-contents octets, which no definite length has"; }
    *                               { return NULL; }
    $                               { return NULL; }
    */
}

/* 8.3.2: the fewest octets. */
const char *der_integer_fault(const uint8_t *octets, const uint8_t *limit)
{
    const uint8_t *cursor = octets, *marker = octets;
    (void)marker;
    /*!re2c
    "\x00" positive                 { return "an INTEGER padded with 00"; }
    "\xff" negative                 { return "an INTEGER padded with ff"; }
    byte                            { return NULL; }
    *                               { return NULL; }
    $                               { return "an INTEGER without contents"; }
    */
}
