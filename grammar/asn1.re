/* SPDX-License-Identifier: MIT */
/*
 * The tokens of grammar/stream.y where the stream is DER (option asn1). grammar/stream.re includes this file: the two
 * share the names of the conditions. A rule matches the identifier octets of the value that a condition expects; a
 * function of parsers/read/lexer_asn1.c reads its length (grammar/der.re) and its contents. grammar/asn1/framing.asn1
 * has the same as an ASN.1 module.
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

    <stream>          "QEVM"       => stream_version { EMIT(MAGIC); }
    <stream>          byte         { return lexer_not_a_stream(lexer); }
    <stream_version>  be32         => item { return lexer_stream_version(lexer, token, cursor); }

    // An item has the tag [APPLICATION N]; N is the byte that QEMU begins it with.

    <item>            "\x40"       { return lexer_der_eof(lexer, token, cursor); }
    <item>            "\x61"       => section_id   { return lexer_der_item(lexer, token, cursor, TOKEN_SECTION_START); }
    <item>            "\x62"       => continued_id { return lexer_der_item(lexer, token, cursor, TOKEN_SECTION_PART); }
    <item>            "\x63"       => continued_id { return lexer_der_item(lexer, token, cursor, TOKEN_SECTION_END); }
    <item>            "\x64"       => section_id   { return lexer_der_item(lexer, token, cursor, TOKEN_SECTION_FULL); }
    <item>            "\x67"       => record       { return lexer_der_configuration(lexer, token, cursor); }
    <item>            "\x68"       => command_id   { return lexer_der_item(lexer, token, cursor, TOKEN_COMMAND); }
    <item>            $            { return lexer_der_missing(lexer); }

    <after_eof>       "\x46"       => unread { return lexer_der_description(lexer, token, cursor); }
    <after_eof>       "\x4d"       => unread { return lexer_der_unread(lexer, token, cursor); }
    <after_eof>       $            { return 0; }
    <unread>          "\x4d"       { return lexer_der_unread(lexer, token, cursor); }
    <unread>          $            { return 0; }

    // ---- Sections --------------------------------------------------------------------------

    <section_id>      "\x02"       => idstr { return lexer_der_section_id(lexer, token, cursor); }
    <idstr>           "\x04"       { return lexer_der_idstr(lexer, token, cursor); }
    <instance_id>     "\x02"       => section_version { return lexer_der_instance_id(lexer, token, cursor); }
    <section_version> "\x02"       { return lexer_der_section_version(lexer, token, cursor); }
    <continued_id>    "\x02"       { return lexer_der_continued_id(lexer, token, cursor); }

    <footer>          "\x6b"       { return lexer_der_footer(lexer, token, cursor); }
    <footer>          byte         { return lexer_der_no_footer(lexer); }
    <footer>          $            { return lexer_der_no_footer(lexer); }
    <footer_id>       "\x02"       => item { return lexer_der_footer_id(lexer, token, cursor); }

    // ---- Records: the schema knows the types of the fields -----------------------------------

    <record>          "\x30"       { return lexer_der_record(lexer, token, cursor); }
    <field>           byte         { return lexer_der_field(lexer, token); }
    <field>           $            { return lexer_der_field(lexer, token); }
    <elements>        "\x30"       => field { return lexer_der_elements(lexer, token, cursor); }
    <integer>         "\x02"       => field { return lexer_der_integer(lexer, token, cursor); }
    <boolean>         "\x01"       => field { return lexer_der_boolean(lexer, token, cursor); }
    <octets>          "\x04"       => field { return lexer_der_octets(lexer, token, cursor); }
    <string>          "\x04"       => field { return lexer_der_string(lexer, token, cursor); }

    // ---- Tails: the end of the SEQUENCE, or a list of subsections: [APPLICATION 10700] and 10707 ----

    <tail_asn1, tail_chosen> "\x7f\xd3\x4c" => subsection_list { return lexer_der_subsection_list(lexer, token, cursor); }
    <tail_asn1, tail_chosen> $     { return lexer_der_end_of_record(lexer, token); }
    <subsection_list> "\x7f\xd3\x53" => name { return lexer_der_subsection(lexer, token, cursor); }
    <subsection_list> $            => after_list { return lexer_der_end_of_list(lexer); }
    <after_list>      byte         { return lexer_der_wrong_value(lexer); }
    <after_list>      $            { return lexer_der_end_of_record(lexer, token); }
    <name>            "\x04"       => name_version { return lexer_der_name(lexer, token, cursor); }
    <name_version>    "\x02"       => record { return lexer_der_subsection_version(lexer, token, cursor); }

    // ---- Commands --------------------------------------------------------------------------

    <command_id>      "\x02"       => command_length { return lexer_der_command_id(lexer, token, cursor); }
    <command_length>  "\x04"       { return lexer_der_payload(lexer, token, cursor); }
    <command_length>  "\xa0"       => package_length { return lexer_der_package(lexer, token, cursor); }
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
