/* SPDX-License-Identifier: MIT */
/*
 * The tokens of grammar/stream.y, and the bytes of each. A condition names the place in the stream; each
 * condition has one group of rules. This file says what each byte means. Where a rule needs the schema, a
 * length or an earlier byte, it calls a function of parsers/read/lexer_*.c; the rules must not look at those
 * themselves. A rule without `=>` calls a function that sets the next condition.
 */
#include "read/lexer_described.h"
#include "read/lexer_asn1.h"
#include "read/lexer_framing.h"
#include "read/lexer_iterable.h"
#include "read/lexer_ram.h"
#include "read/lexer_record.h"
#include "read/lexer_rules.h"

/*!re2c
    re2c:api = custom;
    re2c:api:style = free-form;
    re2c:define:YYCTYPE = uint8_t;
    re2c:define:YYPEEK = "(cursor < lexer->limit ? *cursor : 0)";
    re2c:define:YYSKIP = "++cursor;";
    re2c:define:YYBACKUP = "marker = cursor;";
    re2c:define:YYRESTORE = "cursor = marker;";
    re2c:define:YYLESSTHAN = "cursor >= lexer->limit";
    re2c:define:YYGETCONDITION = "lexer->condition";
    re2c:define:YYGETCONDITION:naked = 1;
    re2c:define:YYSETCONDITION = "lexer->condition = @@;";
    re2c:define:YYSETCONDITION:naked = 1;
    re2c:yyfill:enable = 0;
    re2c:eof = 0;
    re2c:indent:top = 1;

    byte = [^];
    be16 = byte{2};
    be32 = byte{4};
    be64 = byte{8};
*/

/* The names of bytes, made of grammar/wire.toml. */
/*!include:re2c "wire.re" */

#define EMIT(kind) return lexer_emit(lexer, token, TOKEN_##kind, cursor)

/* A 05 at a tail. `takes`: 1, a subsection begins; 0, the record ends; LEXER_ERROR or LEXER_ASKS. */
#define TAKE_SUBSECTION_IF(takes)                                                                  \
    do {                                                                                           \
        int taken = (takes);                                                                       \
        if (taken < 0)                                                                             \
            return taken;                                                                          \
        if (taken)                                                                                 \
            EMIT(SUBSECTION);                                                                      \
        return lexer_not_a_subsection(lexer, token);                                               \
    } while (0)

int stream_token(struct lexer *lexer, struct token *token)
{
    const uint8_t *cursor = lexer->cursor;
    const uint8_t *marker = cursor;

    /*!re2c
    // ---- The stream ------------------------------------------------------------------------

    <stream>          "QEVM"       => stream_version { EMIT(MAGIC); }
    <stream>          byte         { return lexer_not_a_stream(lexer); }
    <stream_version>  be32         => item { return lexer_stream_version(lexer, token, cursor); }

    <item>            QEMU_VM_EOF            { return lexer_eof(lexer, token, cursor); }
    <item>            QEMU_VM_SECTION_START  => section_id    { EMIT(SECTION_START); }
    <item>            QEMU_VM_SECTION_PART   => continued_id  { EMIT(SECTION_PART); }
    <item>            QEMU_VM_SECTION_END    => continued_id  { EMIT(SECTION_END); }
    <item>            QEMU_VM_SECTION_FULL   => section_id    { EMIT(SECTION_FULL); }
    <item>            QEMU_VM_SUBSECTION     => separate_id   { EMIT(SUBSECTION); }
    <item>            QEMU_VM_VMDESCRIPTION  => after_eof     { EMIT(DESCRIPTION); }
    <item>            QEMU_VM_CONFIGURATION  => record        { return lexer_configuration(lexer, token, cursor); }
    <item>            QEMU_VM_COMMAND        => command_id    { EMIT(COMMAND); }
    <item>            QEMU_VM_SECTION_FOOTER => footer_id     { EMIT(FOOTER); }
    <item>            byte                   { return lexer_unknown_item(lexer); }
    <item>            $                      { return lexer_truncated(lexer); }

    <after_eof>       QEMU_VM_VMDESCRIPTION be32   => unread { return lexer_description(lexer, token, cursor); }
    <after_eof>       byte                   => unread { return LEXER_AGAIN; }
    <after_eof>       $                      { return 0; }
    <unread>          byte         { return lexer_unread(lexer, token); }
    <unread>          $            { return 0; }

    // ---- Sections --------------------------------------------------------------------------

    // Behind the version, a full section has a record. A section that starts an iterable has the grammar that
    // its idstr and version name (grammar/wire.toml, iterable).

    <section_id>      be32         => idstr { EMIT(SECTION_ID); }
    <idstr>           byte         { return lexer_idstr(lexer, token); }
    <instance_id>     be32         => section_version { EMIT(INSTANCE_ID); }
    <section_version> be32         { return lexer_section_version(lexer, token, cursor); }
    // framed: behind the instance comes the section's record, which begins with the version.
    <framed_instance> be32         => section_record { EMIT(INSTANCE_ID); }
    <section_record>  be32         { return lexer_section_record(lexer, token); }
    <continued_id>    be32         { return lexer_continued_id(lexer, token, cursor); }

    <footer>          QEMU_VM_SECTION_FOOTER { return lexer_footer(lexer, token, cursor); }
    <footer>          byte                   { return lexer_no_footer(lexer); }
    <footer>          $                      { return lexer_no_footer(lexer); }
    <footer_id>       be32         => item { return lexer_footer_id(lexer, token, cursor); }

    // ---- Records: the schema knows the bytes ------------------------------------------------

    <record>          byte         { return lexer_record(lexer, token); }
    <record>          $            { return lexer_record(lexer, token); }
    // framed: a record begins with its version, and the length of its fields.
    <record_version>  be32         => fields_length { return lexer_record_version(lexer, token, cursor); }
    <fields_length>   be32         => field { return lexer_fields_length(lexer, token, cursor); }
    <field>           byte         { return lexer_field(lexer, token); }
    <field>           $            { return lexer_field(lexer, token); }
    <list>            "\x00"       => field { return lexer_list_end(lexer, token, cursor); }
    <list>            byte         => record { return lexer_list_element(lexer, token, cursor); }

    // ---- Tails: is a 05 behind the last field a subsection? ---------------------------------
    // At the end of the input ($) there is none. No stream and no package ends with a record, so the reader
    // refuses it there, or where it expects what is behind the record.

    // legacy: always. The reader of QEMU 0.13 (commit 811814bd28).

    <tail_legacy>     QEMU_VM_SUBSECTION     => name  { EMIT(SUBSECTION); }
    <tail_legacy>     byte                   { return lexer_not_a_subsection(lexer, token); }
    <tail_legacy>     $                      { return lexer_end_of_record(lexer, token); }

    // guarded: if the structure declares any subsection. QEMU 0.14.0 to 0.15.1 (commit eb60260de0).

    <tail_guarded>    QEMU_VM_SUBSECTION     => name  { TAKE_SUBSECTION_IF(lexer_declares_any(lexer)); }
    <tail_guarded>    byte                   { return lexer_not_a_subsection(lexer, token); }
    <tail_guarded>    $                      { return lexer_end_of_record(lexer, token); }

    // heuristic: if a plausible name follows. QEMU 1.0 to today (commit c63807244f). It is an error to look
    // beyond the end of the stream, or of the package.

    <tail_heuristic>  QEMU_VM_SUBSECTION     => name  { TAKE_SUBSECTION_IF(lexer_plausible_name(lexer)); }
    <tail_heuristic>  byte                   { return lexer_not_a_subsection(lexer, token); }
    <tail_heuristic>  $                      { return lexer_looks_beyond_end(lexer); }

    // flagday: always. A 00 closes each record but a section's own and the configuration's.

    <tail_flagday>    QEMU_VM_SUBSECTION     => name  { EMIT(SUBSECTION); }
    <tail_flagday>    FLAGDAY_END_OF_STRUCT  { return lexer_end_of_struct(lexer, token, cursor); }
    <tail_flagday>    byte                   { return lexer_not_a_subsection(lexer, token); }
    <tail_flagday>    $                      { return lexer_end_of_record(lexer, token); }

    // framed: always. A 00 closes each record. Nothing else can stand here.

    <tail_framed>     QEMU_VM_SUBSECTION     => framed_name { EMIT(SUBSECTION); }
    <tail_framed>     FLAGDAY_END_OF_STRUCT  { return lexer_end_of_framed(lexer, token, cursor); }
    <tail_framed>     byte                   { return lexer_no_end_of_record(lexer); }

    // standalone: never.

    <tail_standalone> byte                   { return lexer_end_of_record(lexer, token); }
    <tail_standalone> $                      { return lexer_end_of_record(lexer, token); }

    // toplevel: as heuristic if an older release declared a subsection here; otherwise never.

    <tail_toplevel>   QEMU_VM_SUBSECTION     => name  { TAKE_SUBSECTION_IF(lexer_declares_existing(lexer) ? lexer_plausible_name(lexer) : 0); }
    <tail_toplevel>   byte                   { return lexer_not_a_subsection(lexer, token); }
    <tail_toplevel>   $                      { return lexer_end_of_record(lexer, token); }

    // consistent: if the only reading of the whole section has one here. The readings were counted where the section's
    // record began (read/readings.h); none, or two, is an error.

    <tail_consistent> QEMU_VM_SUBSECTION     => name  { TAKE_SUBSECTION_IF(lexer_only_reading_takes(lexer)); }
    <tail_consistent> byte                   { return lexer_not_a_subsection(lexer, token); }
    <tail_consistent> $                      { return lexer_end_of_record(lexer, token); }

    // combined: if the structure declares any subsection, and a plausible name follows. No release has it.

    <tail_combined>   QEMU_VM_SUBSECTION     => name  { TAKE_SUBSECTION_IF(lexer_declares_any(lexer) ? lexer_plausible_name(lexer) : 0); }
    <tail_combined>   byte                   { return lexer_not_a_subsection(lexer, token); }
    <tail_combined>   $                      { return lexer_end_of_record(lexer, token); }

    // described: if the description at the end of the stream says so. No release has it.

    <tail_described>  QEMU_VM_SUBSECTION     => name  { TAKE_SUBSECTION_IF(lexer_described_here(lexer)); }
    <tail_described>  byte                   { return lexer_end_as_described(lexer, token); }
    <tail_described>  $                      { return lexer_end_as_described(lexer, token); }

    // chosen: no option has this rule. The reader's caller chooses (reader.h, tail_chooser).

    <tail_chosen>     QEMU_VM_SUBSECTION     => name  { if (lexer->option->framed) lexer->condition = yycframed_name;
                                     TAKE_SUBSECTION_IF(lexer_chooser_takes(lexer)); }
    <tail_chosen>     FLAGDAY_END_OF_STRUCT  { if (lexer->option->framed) return lexer_end_of_framed(lexer, token, cursor);
                                     if (lexer->option->sentinel) return lexer_end_of_struct(lexer, token, cursor);
                                     return lexer_not_a_subsection(lexer, token); }
    <tail_chosen>     byte                   { return lexer_not_a_subsection(lexer, token); }
    <tail_chosen>     $                      { return lexer_end_of_record(lexer, token); }

    <name>            byte         => name_version { return lexer_name(lexer, token); }
    <name>            $            { return lexer_name(lexer, token); }
    <name_version>    be32         => record { return lexer_subsection_version(lexer, token, cursor); }
    // framed: the subsection's record begins with the version.
    <framed_name>     byte         => subsection_record { return lexer_name(lexer, token); }
    <framed_name>     $            => subsection_record { return lexer_name(lexer, token); }
    <subsection_record> be32       { return lexer_subsection_record(lexer, token); }

    // ---- Subsections behind their owner's section: standalone, toplevel ---------------------

    // standalone: path, at, name. toplevel: path and name are the idstr (lexer_idstr), at is the instance id.

    <separate_id>      be32        => separate_path { return lexer_owner_id(lexer, token, cursor); }
    <separate_path>    byte        => separate_at { return lexer_path(lexer, token); }
    <separate_at>      be32        => separate_name { return lexer_at(lexer, token, cursor); }
    <separate_name>    byte        => separate_version { return lexer_separate_name(lexer, token); }
    <idstr_name>       byte        => instance_at { return lexer_idstr_name(lexer, token); }
    <idstr_name>       $           => instance_at { return lexer_idstr_name(lexer, token); }
    <instance_at>      be32        => separate_version { return lexer_instance_at(lexer, token, cursor); }
    <separate_version> be32        => record { return lexer_separate_version(lexer, token, cursor); }

    // ---- Commands --------------------------------------------------------------------------

    // grammar/wire.toml has their numbers and lengths.

    <command_id>      be16         => command_length { return lexer_command_id(lexer, token, cursor); }
    <command_length>  be16         { return lexer_command_length(lexer, token, cursor); }
    <package_length>  be32         => item { return lexer_package(lexer, token, cursor); }
    // The command postcopy-run in a package, and what is left of a package that has ended.
    <postcopy_run>    byte         => package_rest { return lexer_postcopy_run(lexer, token); }
    <postcopy_run>    $            => package_rest { return lexer_postcopy_run(lexer, token); }
    <package_rest>    byte         { return lexer_unread(lexer, token); }
    <package_rest>    $            { return lexer_package_end(lexer, token); }
    <loadvm_quit>     byte         => package_rest { return lexer_loadvm_quit(lexer, token); }
    <loadvm_quit>     $            => package_rest { return lexer_loadvm_quit(lexer, token); }

    // A run of bytes of known length: a page, a bitmap, a command's bytes, ...
    <payload>         byte         { return lexer_payload(lexer, token); }
    <payload>         $            { return lexer_payload(lexer, token); }

    // ---- ram, versions 3 and 4 --------------------------------------------------------------

    // The flags beside the address decide which entry this is and what follows (grammar/wire.toml, entries).

    <ram>             be64         { return lexer_ram_entry(lexer, token, cursor); }
    <ram_3>           be64         { return lexer_ram_3_entry(lexer, token, cursor); }
    <block_name>      byte         { return lexer_block_name(lexer, token); }
    <block_list>      byte         => block_length { return lexer_listed_block(lexer, token); }
    <block_length>    be64         { return lexer_block_length(lexer, token, cursor); }
    // A size has its low 12 bits clear and begins with 00; a name's length and an entry's flags do not.
    <block_page_size> "\x00" byte{5} [\x00\x10\x20\x30\x40\x50\x60\x70\x80\x90\xa0\xb0\xc0\xd0\xe0\xf0] "\x00"
                                   { lexer_after_page_size(lexer); EMIT(BLOCK_PAGE_SIZE); }
    <block_page_size> byte         { lexer_after_page_size(lexer); return LEXER_AGAIN; }
    <block_page_size> $            { return lexer_no_page_size(lexer); }
    <block_address>   be64         { lexer_after_address(lexer); EMIT(BLOCK_ADDRESS); }
    <mapped_header>   byte{28}     { return lexer_mapped_header(lexer, token, cursor); }
    <fill>            byte         { lexer_after_fill(lexer); EMIT(FILL); }
    <xbzrle>          ENCODING_FLAG_XBZRLE be16 { return lexer_compressed_page(lexer, token, TOKEN_XBZRLE_HEADER, cursor); }
    <xbzrle>          byte         { return lexer_unknown_xbzrle(lexer); }
    <compressed>      be32         { return lexer_compressed_page(lexer, token, TOKEN_COMPRESSED_LENGTH, cursor); }

    // ---- dirty-bitmap, version 1: flags of one, two or four bytes ---------------------------

    <bitmap>          [\x00-\x7f]                    { return lexer_bitmap_chunk(lexer, token, cursor); }
    <bitmap>          [\x80-\xff] [\x00-\x7f]        { return lexer_bitmap_chunk(lexer, token, cursor); }
    <bitmap>          [\x80-\xff] [\x80-\xff] be16   { return lexer_bitmap_chunk(lexer, token, cursor); }
    <node_name>       byte         { return lexer_node_name(lexer, token); }
    <bitmap_name>     byte         { return lexer_bitmap_name(lexer, token); }
    <granularity>     be32         => start_flags { EMIT(GRANULARITY); }
    <start_flags>     byte         { lexer_after_chunk(lexer); EMIT(START_FLAGS); }
    <first_sector>    be64         => sector_count { EMIT(FIRST_SECTOR); }
    <sector_count>    be32         { lexer_after_sectors(lexer); EMIT(SECTOR_COUNT); }
    <bits_length>     be64         { return lexer_bits_length(lexer, token, cursor); }

    // ---- spapr/htab, version 1 --------------------------------------------------------------

    <htab>            "\x00\x00\x00\x00" => htab_chunk { EMIT(HTAB_HEADER); }
    <htab>            be32         => footer { EMIT(HTAB_SHIFT); }
    <htab_chunk>      "\x00"{8}    => footer { EMIT(HTAB_END); }
    <htab_chunk>      be32 be16 be16 { return lexer_htab_chunk(lexer, token, cursor); }

    // ---- s390-storage_attributes, version 0: address and flags ------------------------------

    <stattr>          be64         { return lexer_stattr_entry(lexer, token, cursor); }
    <stattr_count>    be64         { return lexer_stattr_count(lexer, token, cursor); }

    // ---- block, version 1: a sector and flags -----------------------------------------------

    <disk>            be64         { return lexer_disk_entry(lexer, token, cursor); }
    <disk_name>       byte         { return lexer_disk_name(lexer, token); }

    // ---- The input ends within a token ------------------------------------------------------

    <*>               $            { return lexer_truncated(lexer); }
    <*>               *            { return lexer_truncated(lexer); }
    */
}

/* The rules of DER are in a file of their own. They share the conditions' names. */
/*!include:re2c "asn1.re" */
