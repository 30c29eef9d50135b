/* SPDX-License-Identifier: MIT */
/*
 * The tokens of grammar/stream.y where the stream is DER (option asn1). grammar/stream.re includes this file: the two
 * share the names of the conditions. A rule matches the identifier octets of the value that a condition expects; a
 * function of parsers/read/lexer_asn1.c reads its length (grammar/der.re) and its contents. grammar/asn1/framing.asn1
 * has the same as an ASN.1 module.
 *
 * Lines that begin with //: are as in stream.re. L is a length as der.re reads it; a number is a DER INTEGER, 02 L byte[L], as
 * short as it can be.
 *
 * `lexer->limit` is the end of the value that holds the next one. So $ is the end of a SEQUENCE.
 */

int asn1_token(struct lexer *lexer, struct token *token)
{
    const uint8_t *cursor = lexer->cursor;
    const uint8_t *marker = cursor;

    lexer->expects = lexer->condition;
    /* In an entry of an iterable section are the bytes that QEMU writes. */
    if (lexer->in_entry)
        return lexer_entry_token(lexer, stream_token(lexer, token));

    /*!re2c
    // ---- The stream ------------------------------------------------------------------------

    //: MAGIC = 51 45 56 4d
    //: source: migration/savevm.h, QEMU_VM_FILE_MAGIC
    <stream>          "QEVM"       => stream_version { EMIT(MAGIC); }
    <stream>          byte         { return lexer_not_a_stream(lexer); }
    //: VERSION = be32(ASN1_FILE_VERSION)
    //: source: none; a proposal
    <stream_version>  be32         => item { return lexer_stream_version(lexer, token, cursor); }

    // An item has the tag [APPLICATION N]; N is the byte that QEMU begins it with.

    //: EOF = 40 00
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <item>            "\x40"       { return lexer_der_eof(lexer, token, cursor); }
    //: SECTION_START = 61 L
    //: - Begins an iterable section. Its entries and its footer follow behind this value.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <item>            "\x61"       => section_id   { return lexer_der_item(lexer, token, cursor, TOKEN_SECTION_START); }
    //: SECTION_PART = 62 L
    //: - Continues an iterable section.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <item>            "\x62"       => continued_id { return lexer_der_item(lexer, token, cursor, TOKEN_SECTION_PART); }
    //: SECTION_END = 63 L
    //: - Continues an iterable section for the last time.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <item>            "\x63"       => continued_id { return lexer_der_item(lexer, token, cursor, TOKEN_SECTION_END); }
    //: SECTION_FULL = 64 L
    //: - The whole state of one device.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <item>            "\x64"       => section_id   { return lexer_der_item(lexer, token, cursor, TOKEN_SECTION_FULL); }
    //: CONFIGURATION = 67 L
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <item>            "\x67"       => record       { return lexer_der_configuration(lexer, token, cursor); }
    //: COMMAND = 68 L
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <item>            "\x68"       => command_id   { return lexer_der_item(lexer, token, cursor, TOKEN_COMMAND); }
    <item>            $            { return lexer_der_missing(lexer); }

    //: DESCRIPTION = 46 L json:byte[L]
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <after_eof>       "\x46"       => unread { return lexer_der_description(lexer, token, cursor); }
    <after_eof>       "\x4d"       => unread { return lexer_der_unread(lexer, token, cursor); }
    <after_eof>       $            { return 0; }
    //: UNREAD = 4d L byte[L]
    //: - A reader MUST refuse an empty one.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <unread>          "\x4d"       { return lexer_der_unread(lexer, token, cursor); }
    <unread>          $            { return 0; }

    // ---- Sections --------------------------------------------------------------------------

    //: SECTION_ID = 02 L byte[L]
    //: - INTEGER, 0 to 4294967295.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <section_id>      "\x02"       => idstr { return lexer_der_section_id(lexer, token, cursor); }
    //: IDSTR = 04 L text:byte[L]
    //: - At most 255 bytes.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <idstr>           "\x04"       { return lexer_der_idstr(lexer, token, cursor); }
    //: INSTANCE_ID = 02 L byte[L]
    //: - INTEGER, 0 to 4294967295.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <instance_id>     "\x02"       => section_version { return lexer_der_instance_id(lexer, token, cursor); }
    //: VERSION_ID = 02 L byte[L]
    //: - INTEGER, 0 to 4294967295.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <section_version> "\x02"       { return lexer_der_section_version(lexer, token, cursor); }
    <continued_id>    "\x02"       { return lexer_der_continued_id(lexer, token, cursor); }

    //: FOOTER = 6b L
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <footer>          "\x6b"       { return lexer_der_footer(lexer, token, cursor); }
    <footer>          byte         { return lexer_der_no_footer(lexer); }
    <footer>          $            { return lexer_der_no_footer(lexer); }
    <footer_id>       "\x02"       => item { return lexer_der_footer_id(lexer, token, cursor); }

    // ---- Records: the schema knows the types of the fields -----------------------------------

    //: RECORD = 30 L
    //: - SEQUENCE.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    //: END = (no bytes)
    //: - The end of the SEQUENCE of the record.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    //: LIST_ELEMENT = (no bytes)
    //: - An element of a list begins: its SEQUENCE follows.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    //: LIST_END = (no bytes)
    //: - The SEQUENCE OF of the list has no bytes left.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <record>          "\x30"       { return lexer_der_record(lexer, token, cursor); }
    //: DATA = 02 L byte[L], 01 01 byte, 04 L byte[L], or 30 L around several of these
    //: - By the field's type. intN, uintN, timer, N equal, int32_as_uint16, uint16_from_uint8: INTEGER with the range and sign of its bytes. bool and powered_off of one byte: BOOLEAN, 00 or ff. All else: OCTET STRING (04) of all its bytes.
    //: - An array (array_len) of INTEGERs or BOOLEANs is a SEQUENCE OF (30 L) of them, one for each element.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <field>           byte         { return lexer_der_field(lexer, token); }
    <field>           $            { return lexer_der_field(lexer, token); }
    <elements>        "\x30"       => field { return lexer_der_elements(lexer, token, cursor); }
    <integer>         "\x02"       => field { return lexer_der_integer(lexer, token, cursor); }
    <boolean>         "\x01"       => field { return lexer_der_boolean(lexer, token, cursor); }
    <octets>          "\x04"       => field { return lexer_der_octets(lexer, token, cursor); }
    <string>          "\x04"       => field { return lexer_der_string(lexer, token, cursor); }

    // ---- Tails: the end of the SEQUENCE, or a list of subsections: [APPLICATION 10700] and 10707 ----

    //: tail {asn1}
    //: if SUBSECTION_LIST: 7f d3 4c is next
    //: - A tag and a length stand before each value, so nothing is guessed. Otherwise the SEQUENCE of the record MUST end here.
    //: SUBSECTION_LIST = 7f d3 4c L
    //: - [APPLICATION 10700], the name and number that Gilbert chose in 2014.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <tail_asn1, tail_chosen> "\x7f\xd3\x4c" => subsection_list { return lexer_der_subsection_list(lexer, token, cursor); }
    <tail_asn1, tail_chosen> $     { return lexer_der_end_of_record(lexer, token); }
    //: SUBSECTION = 7f d3 53 L
    //: - [APPLICATION 10707]. It holds NAME, VERSION_ID and the record.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <subsection_list> "\x7f\xd3\x53" => name { return lexer_der_subsection(lexer, token, cursor); }
    <subsection_list> $            => after_list { return lexer_der_end_of_list(lexer); }
    <after_list>      byte         { return lexer_der_wrong_value(lexer); }
    <after_list>      $            { return lexer_der_end_of_record(lexer, token); }
    //: NAME = 04 L text:byte[L]
    //: - At most 255 bytes. A reader MUST compare it as a C string with the names that the owner declares: a NUL ends it.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <name>            "\x04"       => name_version { return lexer_der_name(lexer, token, cursor); }
    <name_version>    "\x02"       => record { return lexer_der_subsection_version(lexer, token, cursor); }

    // ---- Commands --------------------------------------------------------------------------

    //: COMMAND_ID = 02 L byte[L]
    //: - INTEGER, 0 to 65535. The commands, and how many bytes each has (packaged: a package instead):
    //: table: commands
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <command_id>      "\x02"       => command_length { return lexer_der_command_id(lexer, token, cursor); }
    //: COMMAND_LENGTH = 04 L
    //: - a0 L where the command is packaged.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    //: PAYLOAD = byte[L]
    //: - L of COMMAND_LENGTH.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <command_length>  "\x04"       { return lexer_der_payload(lexer, token, cursor); }
    <command_length>  "\xa0"       => package_length { return lexer_der_package(lexer, token, cursor); }
    //: PACKAGE = (no bytes)
    //: - The package is the contents of a0 L.
    //: source: none; a proposal (grammar/asn1/framing.asn1)
    <package_length>  byte         => item { return lexer_der_package_begins(lexer, token); }
    <package_length>  $            => item { return lexer_der_package_begins(lexer, token); }
    <postcopy_run>    byte         => package_rest { return lexer_postcopy_run(lexer, token); }
    <postcopy_run>    $            => package_rest { return lexer_postcopy_run(lexer, token); }
    <package_rest>    "\x4d"       { return lexer_der_unread(lexer, token, cursor); }
    <package_rest>    $            { return lexer_der_package_end(lexer, token); }
    <loadvm_quit>     byte         => package_rest { return lexer_loadvm_quit(lexer, token); }
    <loadvm_quit>     $            => package_rest { return lexer_loadvm_quit(lexer, token); }
    <payload>         byte         { return lexer_payload(lexer, token); }
    <payload>         $            { return lexer_payload(lexer, token); }

    // ---- Iterable sections: each entry is a value of its own -----------------------------------

    <entry>           "\x4a"       { return lexer_der_entry(lexer, cursor); }

    // ---- Any other value, or none --------------------------------------------------------------

    <*>               $            { return lexer_der_missing(lexer); }
    <*>               *            { return lexer_der_wrong_value(lexer); }
    */
}
