/* SPDX-License-Identifier: MIT */
/*
 * The tokens of grammar/stream.y, and the bytes of each. A condition names the place in the stream; each
 * condition has one group of rules. This file says what each byte means. Where a rule needs the schema, a
 * length or an earlier byte, it calls a function of parsers/read/lexer_*.c; the rules must not look at those
 * themselves. A rule without `=>` calls a function that sets the next condition.
 *
 * Lines that begin with //: are about the token that the rules behind them make, and go to the pages (grammar/pages.py):
 *
 *     //: TOKEN = bytes        a byte in hexadecimal, a constant of wire.toml, be16 be32 be64 u8, byte[n], str8, name:any of
 *                              these. pages.py checks the beginning against the rule's pattern
 *     //: - words              as in stream.y, also {options}, `if` and `source:`
 *     //: tail {option}        more of the rule `tail` of stream.y. When it takes a subsection, the rule <tail_option> says
 *     //: when FUNCTION = words   what it means that this function of the lexer says yes
 *     //: entries NAME         the tokens of this table of wire.toml
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

    //: MAGIC = 51 45 56 4d
    //: source: migration/savevm.h, QEMU_VM_FILE_MAGIC
    <stream>          "QEVM"       => stream_version { EMIT(MAGIC); }
    <stream>          byte         { return lexer_not_a_stream(lexer); }
    //: VERSION = be32(QEMU_VM_FILE_VERSION)
    //: source: migration/savevm.h, QEMU_VM_FILE_VERSION
    //: {flagday} VERSION = be32(FLAGDAY_FILE_VERSION)
    //: - A reconstruction: the bytes of the patch of 2011 are lost.
    //: source: none; a proposal
    //: {standalone} VERSION = be32(STANDALONE_FILE_VERSION)
    //: source: none; a proposal
    //: {framed} VERSION = be32(FRAMED_FILE_VERSION)
    //: source: none; a proposal
    <stream_version>  be32         => item { return lexer_stream_version(lexer, token, cursor); }

    //: EOF = QEMU_VM_EOF
    //: source: migration/savevm.c, qemu_loadvm_state_main
    <item>            QEMU_VM_EOF            { return lexer_eof(lexer, token, cursor); }
    //: SECTION_START = QEMU_VM_SECTION_START
    //: - Begins an iterable section.
    //: source: migration/savevm.c, qemu_loadvm_state_main
    <item>            QEMU_VM_SECTION_START  => section_id    { EMIT(SECTION_START); }
    //: SECTION_PART = QEMU_VM_SECTION_PART
    //: - Continues an iterable section.
    //: source: migration/savevm.c, qemu_loadvm_state_main
    <item>            QEMU_VM_SECTION_PART   => continued_id  { EMIT(SECTION_PART); }
    //: SECTION_END = QEMU_VM_SECTION_END
    //: - Continues an iterable section for the last time.
    //: source: migration/savevm.c, qemu_loadvm_state_main
    <item>            QEMU_VM_SECTION_END    => continued_id  { EMIT(SECTION_END); }
    //: SECTION_FULL = QEMU_VM_SECTION_FULL
    //: - The whole state of one device.
    //: source: migration/savevm.c, qemu_loadvm_state_main
    <item>            QEMU_VM_SECTION_FULL   => section_id    { EMIT(SECTION_FULL); }
    //: SUBSECTION = QEMU_VM_SUBSECTION
    //: source: migration/vmstate.c, vmstate_subsection_load
    <item>            QEMU_VM_SUBSECTION     => separate_id   { EMIT(SUBSECTION); }
    <item>            QEMU_VM_VMDESCRIPTION  => after_eof     { EMIT(DESCRIPTION); }
    //: CONFIGURATION = QEMU_VM_CONFIGURATION
    //: source: migration/savevm.c, qemu_loadvm_state_header
    <item>            QEMU_VM_CONFIGURATION  => record        { return lexer_configuration(lexer, token, cursor); }
    //: COMMAND = QEMU_VM_COMMAND
    //: source: migration/savevm.c, loadvm_process_command
    <item>            QEMU_VM_COMMAND        => command_id    { EMIT(COMMAND); }
    <item>            QEMU_VM_SECTION_FOOTER => footer_id     { EMIT(FOOTER); }
    <item>            byte                   { return lexer_unknown_item(lexer); }
    <item>            $                      { return lexer_truncated(lexer); }

    //: DESCRIPTION = QEMU_VM_VMDESCRIPTION length:be32 json:byte[length]
    //: - If fewer bytes are left than length, QEMU does not notice.
    //: source: migration/savevm.c, qemu_loadvm_state and should_send_vmdesc
    <after_eof>       QEMU_VM_VMDESCRIPTION be32   => unread { return lexer_description(lexer, token, cursor); }
    <after_eof>       byte                   => unread { return LEXER_AGAIN; }
    <after_eof>       $                      { return 0; }
    //: UNREAD = byte[all that are left]
    //: source: migration/savevm.c, qemu_loadvm_state
    <unread>          byte         { return lexer_unread(lexer, token); }
    <unread>          $            { return 0; }

    // ---- Sections --------------------------------------------------------------------------

    // Behind the version, a full section has a record. A section that starts an iterable has the grammar that
    // its idstr and version name (grammar/wire.toml, iterable).

    //: SECTION_ID = be32
    //: source: migration/savevm.c, qemu_loadvm_section_start_full
    <section_id>      be32         => idstr { EMIT(SECTION_ID); }
    //: IDSTR = length:u8 text:byte[length]
    //: - A reader MUST refuse an empty one. A NUL in it ends the text.
    //: source: migration/qemu-file.c, qemu_get_counted_string
    <idstr>           byte         { return lexer_idstr(lexer, token); }
    //: INSTANCE_ID = be32
    //: - Tells devices of one idstr apart.
    //: source: migration/savevm.c, qemu_loadvm_section_start_full
    <instance_id>     be32         => section_version { EMIT(INSTANCE_ID); }
    //: VERSION_ID = be32
    //: source: migration/savevm.c, qemu_loadvm_section_start_full; migration/vmstate.c, vmstate_subsection_load
    <section_version> be32         { return lexer_section_version(lexer, token, cursor); }
    // framed: behind the instance comes the section's record, which begins with the version.
    <framed_instance> be32         => section_record { EMIT(INSTANCE_ID); }
    <section_record>  be32         { return lexer_section_record(lexer, token); }
    <continued_id>    be32         { return lexer_continued_id(lexer, token, cursor); }

    //: FOOTER = QEMU_VM_SECTION_FOOTER
    //: source: migration/savevm.c, check_section_footer
    <footer>          QEMU_VM_SECTION_FOOTER { return lexer_footer(lexer, token, cursor); }
    <footer>          byte                   { return lexer_no_footer(lexer); }
    <footer>          $                      { return lexer_no_footer(lexer); }
    <footer_id>       be32         => item { return lexer_footer_id(lexer, token, cursor); }

    // ---- Records: the schema knows the bytes ------------------------------------------------

    //: RECORD = (no bytes)
    //: - The schema says that a record begins here.
    //: source: migration/vmstate.c, vmstate_load_state
    //: END = (no bytes)
    //: - The schema says that a record has no more fields, and nothing says that a subsection follows.
    //: source: migration/vmstate.c, vmstate_load_state
    <record>          byte         { return lexer_record(lexer, token); }
    <record>          $            { return lexer_record(lexer, token); }
    // framed: a record begins with its version, and the length of its fields.
    <record_version>  be32         => fields_length { return lexer_record_version(lexer, token, cursor); }
    //: FIELDS_LENGTH = be32
    //: source: none; a proposal
    <fields_length>   be32         => field { return lexer_fields_length(lexer, token, cursor); }
    //: DATA = byte[size * array_len]
    //: - The value of a field, or of all elements of an array of plain values. A null pointer is 30.
    //: - Before QEMU 10.0, an array of pointers is told by its first element. Where this is a null pointer ("size" 1) and "array_len"
    //:  is more than 1, but not all of these bytes are 30, the description does not tell the length of the array, nor what is in it.
    //: - {!asn1 framed} Then a tool can find its end in one case: it is in the section's own record, the sections have footers, the
    //:  structure declares no subsection, and all fields behind it are DATA of known size. It takes the first 7e SECTION_ID that
    //:  leaves room for array_len bytes and these fields: they stand right before it, and the array is what comes before them.
    //:  Otherwise it MUST stop here.
    //: - {framed} Then a tool can find its end where all fields behind it are DATA of known size: FIELDS_LENGTH tells where these end.
    //:  Otherwise it MUST stop here.
    //: source: migration/vmstate.c, vmstate_load_state; migration/vmstate-types.c
    <field>           byte         { return lexer_field(lexer, token); }
    <field>           $            { return lexer_field(lexer, token); }
    //: LIST_END = 00
    //: source: migration/vmstate-types.c, get_qtailq and get_qlist
    <list>            "\x00"       => field { return lexer_list_end(lexer, token, cursor); }
    //: LIST_ELEMENT = u8
    //: - 01; QEMU's reader takes any byte but 00.
    //: source: migration/vmstate-types.c, get_qtailq and get_qlist
    <list>            byte         => record { return lexer_list_element(lexer, token, cursor); }

    // ---- Tails: is a 05 behind the last field a subsection? ---------------------------------
    // b0, b1, ... are the next bytes; owner is the structure whose record ends here.
    //: when lexer_declares_any = owner declares a subsection
    //: when lexer_plausible_name = b1 > len(owner), b2... begins with owner
    //: when lexer_declares_existing = an older release has a subsection of owner
    //: when lexer_only_reading_takes = the only reading of the section has a subsection here
    //: when lexer_described_here = the description has a subsection of owner here
    // At the end of the input ($) there is none. No stream and no package ends with a record, so the reader
    // refuses it there, or where it expects what is behind the record.

    //: tail {legacy}
    //: - A byte 05 always begins a subsection. So behind a subsection a 05 begins one of that subsection's own: two in a row are an error.
    //: - The reader of QEMU 0.13 (commit 811814bd28).

    <tail_legacy>     QEMU_VM_SUBSECTION     => name  { EMIT(SUBSECTION); }
    <tail_legacy>     byte                   { return lexer_not_a_subsection(lexer, token); }
    <tail_legacy>     $                      { return lexer_end_of_record(lexer, token); }

    //: tail {guarded}
    //: - A reader MUST NOT look at the byte where the owner declares no subsection. A subsection MUST declare none itself: reader and
    //:  writer abort.
    //: - The reader of QEMU 0.14.0 to 0.15.1 (commit eb60260de0).

    <tail_guarded>    QEMU_VM_SUBSECTION     => name  { TAKE_SUBSECTION_IF(lexer_declares_any(lexer)); }
    <tail_guarded>    byte                   { return lexer_not_a_subsection(lexer, token); }
    <tail_guarded>    $                      { return lexer_end_of_record(lexer, token); }

    //: tail {heuristic}
    //: - It is a subsection if a plausible name follows: a length byte of at least len(owner) + 1, and so many bytes that begin with the
    //:  owner's name. Otherwise the record ends, and the 05 belongs to what follows.
    //: - A reader needs b0 always, b1 if b0 = 05, and the b1 bytes behind it if also b1 > len(owner). It MUST refuse the stream if one
    //:  that it needs is behind the end of the stream, or of the package.
    //: - The reader of QEMU 1.0 to today (commit c63807244f).

    <tail_heuristic>  QEMU_VM_SUBSECTION     => name  { TAKE_SUBSECTION_IF(lexer_plausible_name(lexer)); }
    <tail_heuristic>  byte                   { return lexer_not_a_subsection(lexer, token); }
    <tail_heuristic>  $                      { return lexer_looks_beyond_end(lexer); }

    //: tail {flagday}
    //: - A byte 05 always begins a subsection. A 00 closes each record but a section's own and the configuration's.

    <tail_flagday>    QEMU_VM_SUBSECTION     => name  { EMIT(SUBSECTION); }
    //: END_OF_STRUCT = FLAGDAY_END_OF_STRUCT
    //: - Closes a record.
    //: source: none; a proposal
    <tail_flagday>    FLAGDAY_END_OF_STRUCT  { return lexer_end_of_struct(lexer, token, cursor); }
    <tail_flagday>    byte                   { return lexer_not_a_subsection(lexer, token); }
    <tail_flagday>    $                      { return lexer_end_of_record(lexer, token); }

    //: tail {framed}
    //: - A byte 05 always begins a subsection, and a 00 closes each record. A reader MUST refuse any other byte.

    <tail_framed>     QEMU_VM_SUBSECTION     => framed_name { EMIT(SUBSECTION); }
    <tail_framed>     FLAGDAY_END_OF_STRUCT  { return lexer_end_of_framed(lexer, token, cursor); }
    <tail_framed>     byte                   { return lexer_no_end_of_record(lexer); }

    //: tail {standalone}
    //: - Never: subsections are items of their own behind the section.

    <tail_standalone> byte                   { return lexer_end_of_record(lexer, token); }
    <tail_standalone> $                      { return lexer_end_of_record(lexer, token); }

    //: tail {toplevel}
    //: - As heuristic where an older release declared a subsection of the owner; otherwise never. New subsections are sections of their
    //:  own.

    <tail_toplevel>   QEMU_VM_SUBSECTION     => name  { TAKE_SUBSECTION_IF(lexer_declares_existing(lexer) ? lexer_plausible_name(lexer) : 0); }
    <tail_toplevel>   byte                   { return lexer_not_a_subsection(lexer, token); }
    <tail_toplevel>   $                      { return lexer_end_of_record(lexer, token); }

    //: tail {consistent}
    //: - A writing of a structure is its fields in order, each byte one that its type allows (unused bytes 00, bools 00 or 01, null
    //:  pointers 30, list markers 00 or 01, else any), then any of its declared subsections, in declared order, each at most once, with
    //:  the exact name, a version in range, and a writing of its structure. A reading of a section is a writing of its structure that
    //:  ends where 7e and its own section_id stand, within the stream or package.
    //: - A reader MUST count the readings of the section before it takes any of it. None is an error, and so are two.

    <tail_consistent> QEMU_VM_SUBSECTION     => name  { TAKE_SUBSECTION_IF(lexer_only_reading_takes(lexer)); }
    <tail_consistent> byte                   { return lexer_not_a_subsection(lexer, token); }
    <tail_consistent> $                      { return lexer_end_of_record(lexer, token); }

    //: tail {combined}
    //: - guarded and heuristic together. No release has it.

    <tail_combined>   QEMU_VM_SUBSECTION     => name  { TAKE_SUBSECTION_IF(lexer_declares_any(lexer) ? lexer_plausible_name(lexer) : 0); }
    <tail_combined>   byte                   { return lexer_not_a_subsection(lexer, token); }
    <tail_combined>   $                      { return lexer_end_of_record(lexer, token); }

    //: tail {described}
    //: - A reader MUST refuse a stream whose description says that one was sent where b0 is not 05, or does not tell it (elements of
    //:  lists, private encodings). Behind the configuration, if the description does not have it, a 05 is a subsection. No release has it.

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

    //: NAME = length:u8 text:byte[length]
    //: - A reader MUST compare it as a C string with the names that the owner declares: a NUL ends it.
    //: source: migration/vmstate.c, vmstate_subsection_load and vmstate_get_subsection
    //: {consistent} NAME = length:u8 text:byte[length]
    //: - A reader MUST compare all length bytes.
    //: source: none; a proposal
    //: {toplevel} NAME = text:byte[the rest of the length of PATH]
    //: - Of a subsection inline: length:u8 text:byte[length], as SUBSECTION stands before it.
    //: source: none; a proposal
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
    //: {standalone} PATH = length:u8 text:byte[length]
    //: - The names of the fields from the section's record to the owner, with the elements of arrays: "s[1].g"; empty: the section's own
    //:  record. Where the owner lies in a subsection, its name is a part: "s[1].S/a.g".
    //: source: none; a proposal
    //: {toplevel} PATH = length:u8 byte[up to the "/" before NAME, and it]
    //: - The idstr is that of the section, "/", path, "/", name. In the path each "/" stands twice, so a single one ends it. The path is
    //:  the names of the fields from the section's record to the owner, with the elements of arrays: "s[1].g".
    //: source: none; a proposal
    <separate_path>    byte        => separate_at { return lexer_path(lexer, token); }
    //: {standalone} AT = be32
    //: - How many bytes of the item's record come before the end of the owner's record.
    //: source: none; a proposal
    //: {toplevel} AT = be32
    //: - Stands in the place of the instance_id. How many bytes of the item's record, with its subsections inline, come before the end of
    //:  the owner's record.
    //: source: none; a proposal
    <separate_at>      be32        => separate_name { return lexer_at(lexer, token, cursor); }
    <separate_name>    byte        => separate_version { return lexer_separate_name(lexer, token); }
    <idstr_name>       byte        => instance_at { return lexer_idstr_name(lexer, token); }
    <idstr_name>       $           => instance_at { return lexer_idstr_name(lexer, token); }
    <instance_at>      be32        => separate_version { return lexer_instance_at(lexer, token, cursor); }
    <separate_version> be32        => record { return lexer_separate_version(lexer, token, cursor); }

    // ---- Commands --------------------------------------------------------------------------

    // grammar/wire.toml has their numbers and lengths.

    //: COMMAND_ID = be16
    //: - The commands, and how many bytes each has:
    //: table: commands
    //: source: migration/savevm.c, loadvm_process_command and mig_cmd_args
    <command_id>      be16         => command_length { return lexer_command_id(lexer, token, cursor); }
    //: COMMAND_LENGTH = length:be16
    //: source: migration/savevm.c, loadvm_process_command
    <command_length>  be16         { return lexer_command_length(lexer, token, cursor); }
    //: PACKAGE = length:be32
    //: - So many bytes follow, which are the package.
    //: source: migration/savevm.c, loadvm_handle_cmd_packaged
    <package_length>  be32         => item { return lexer_package(lexer, token, cursor); }
    // The command postcopy-run in a package, and what is left of a package that has ended.
    //: POSTCOPY_RUN = (no bytes)
    //: - The command is postcopy-run, within a package.
    //: source: migration/savevm.c, loadvm_postcopy_handle_run
    <postcopy_run>    byte         => package_rest { return lexer_postcopy_run(lexer, token); }
    <postcopy_run>    $            => package_rest { return lexer_postcopy_run(lexer, token); }
    //: PACKAGE_END = (no bytes)
    //: - The end of the package's bytes.
    //: source: migration/savevm.c, loadvm_handle_cmd_packaged
    <package_rest>    byte         { return lexer_unread(lexer, token); }
    <package_rest>    $            { return lexer_package_end(lexer, token); }
    //: LOADVM_QUIT = (no bytes)
    //: - postcopy-run ended a package within this one.
    //: source: migration/savevm.c, qemu_loadvm_state_main
    <loadvm_quit>     byte         => package_rest { return lexer_loadvm_quit(lexer, token); }
    <loadvm_quit>     $            => package_rest { return lexer_loadvm_quit(lexer, token); }

    // A run of bytes of known length: a page, a bitmap, a command's bytes, ...
    //: PAYLOAD = byte[COMMAND_LENGTH]
    //: source: migration/savevm.c, loadvm_process_command
    //: PAGE = byte[n]
    //: - n is the page size behind RAM_PAGE, the length in XBZRLE_HEADER behind that, and COMPRESSED_LENGTH behind that.
    //: source: migration/ram.c, ram_load_precopy
    //: MAPPED_BITMAP = byte[pages_offset - bitmap_offset]
    //: - A bit for each page; then bytes up to the offset of the pages.
    //: source: migration/ram.c, parse_ramblock_mapped_ram
    //: MAPPED_PAGES = byte[BLOCK_LENGTH]
    //: source: migration/ram.c, parse_ramblock_mapped_ram
    //: BITS = byte[BITS_LENGTH]
    //: source: migration/block-dirty-bitmap.c, dirty_bitmap_load_bits
    //: HPTES = byte[valid * 16]
    //: - valid is of HTAB_CHUNK; an entry of the table has 16 bytes.
    //: source: hw/ppc/spapr.c, htab_load
    //: STATTR_VALUES = byte[STATTR_COUNT]
    //: source: hw/s390x/s390-stattrib.c, cmma_load
    //: DISK_DATA = byte[1048576]
    //: - BLK_MIG_BLOCK_SIZE bytes, also where the disk ends before.
    //: source: migration/block.c, block_load
    <payload>         byte         { return lexer_payload(lexer, token); }
    <payload>         $            { return lexer_payload(lexer, token); }

    // ---- ram, versions 3 and 4 --------------------------------------------------------------

    // The flags beside the address decide which entry this is and what follows (grammar/wire.toml, entries).

    //: entries ram
    <ram>             be64         { return lexer_ram_entry(lexer, token, cursor); }
    <ram_3>           be64         { return lexer_ram_3_entry(lexer, token, cursor); }
    //: BLOCK_NAME = length:u8 text:byte[length]
    //: source: migration/ram.c, ram_block_from_stream and parse_ramblocks
    <block_name>      byte         { return lexer_block_name(lexer, token); }
    <block_list>      byte         => block_length { return lexer_listed_block(lexer, token); }
    //: BLOCK_LENGTH = be64
    //: - In bytes.
    //: source: migration/ram.c, parse_ramblocks
    <block_length>    be64         { return lexer_block_length(lexer, token, cursor); }
    // A size has its low 12 bits clear and begins with 00; a name's length and an entry's flags do not.
    //: BLOCK_PAGE_SIZE = be64
    //: source: migration/ram.c, parse_ramblock
    <block_page_size> "\x00" byte{5} [\x00\x10\x20\x30\x40\x50\x60\x70\x80\x90\xa0\xb0\xc0\xd0\xe0\xf0] "\x00"
                                   { lexer_after_page_size(lexer); EMIT(BLOCK_PAGE_SIZE); }
    <block_page_size> byte         { lexer_after_page_size(lexer); return LEXER_AGAIN; }
    <block_page_size> $            { return lexer_no_page_size(lexer); }
    //: BLOCK_ADDRESS = be64
    //: source: migration/ram.c, parse_ramblock
    <block_address>   be64         { lexer_after_address(lexer); EMIT(BLOCK_ADDRESS); }
    //: MAPPED_HEADER = version:be32 page_size:be64 bitmap_offset:be64 pages_offset:be64
    //: - The offsets are of the file. bitmap_offset MUST be that of the byte behind this header.
    //: source: migration/ram.c, mapped_ram_read_header
    <mapped_header>   byte{28}     { return lexer_mapped_header(lexer, token, cursor); }
    //: FILL = u8
    //: - All bytes of the page have this value. QEMU's writer sends 00.
    //: source: migration/ram.c, ram_load_precopy
    <fill>            byte         { lexer_after_fill(lexer); EMIT(FILL); }
    //: XBZRLE_HEADER = ENCODING_FLAG_XBZRLE length:be16
    //: - length MUST be at most the page size.
    //: source: migration/ram.c, load_xbzrle
    <xbzrle>          ENCODING_FLAG_XBZRLE be16 { return lexer_compressed_page(lexer, token, TOKEN_XBZRLE_HEADER, cursor); }
    <xbzrle>          byte         { return lexer_unknown_xbzrle(lexer); }
    //: COMPRESSED_LENGTH = be32
    //: - At most zlib's compressBound() of the page size. What follows is a zlib stream.
    //: source: migration/ram.c, ram_load_precopy (until QEMU 9.0)
    <compressed>      be32         { return lexer_compressed_page(lexer, token, TOKEN_COMPRESSED_LENGTH, cursor); }

    // ---- dirty-bitmap, version 1: flags of one, two or four bytes ---------------------------

    //: BITMAP_CHUNK = flags:u8, be16 or be32
    //: - The first byte has the flag 80 if a second one follows; that has it if two more follow. The flags are those of the last byte.
    //:  01 (EOS) is not there.
    //: table: bitmap flags
    //: source: migration/block-dirty-bitmap.c, qemu_get_bitmap_flags
    //: BITMAP_LAST_CHUNK = flags:u8, be16 or be32
    //: - As BITMAP_CHUNK, but the flag 01 (EOS) is there.
    //: source: migration/block-dirty-bitmap.c, qemu_get_bitmap_flags
    <bitmap>          [\x00-\x7f]                    { return lexer_bitmap_chunk(lexer, token, cursor); }
    <bitmap>          [\x80-\xff] [\x00-\x7f]        { return lexer_bitmap_chunk(lexer, token, cursor); }
    <bitmap>          [\x80-\xff] [\x80-\xff] be16   { return lexer_bitmap_chunk(lexer, token, cursor); }
    //: NODE_NAME = length:u8 text:byte[length]
    //: source: migration/block-dirty-bitmap.c, dirty_bitmap_load_header
    <node_name>       byte         { return lexer_node_name(lexer, token); }
    //: BITMAP_NAME = length:u8 text:byte[length]
    //: source: migration/block-dirty-bitmap.c, dirty_bitmap_load_header
    <bitmap_name>     byte         { return lexer_bitmap_name(lexer, token); }
    //: GRANULARITY = be32
    //: source: migration/block-dirty-bitmap.c, dirty_bitmap_load_start
    <granularity>     be32         => start_flags { EMIT(GRANULARITY); }
    //: START_FLAGS = u8
    //: - 01 enabled, 02 persistent, 04 autoload.
    //: source: migration/block-dirty-bitmap.c, dirty_bitmap_load_start
    <start_flags>     byte         { lexer_after_chunk(lexer); EMIT(START_FLAGS); }
    //: FIRST_SECTOR = be64
    //: source: migration/block-dirty-bitmap.c, dirty_bitmap_load_bits
    <first_sector>    be64         => sector_count { EMIT(FIRST_SECTOR); }
    //: SECTOR_COUNT = be32
    //: source: migration/block-dirty-bitmap.c, dirty_bitmap_load_bits
    <sector_count>    be32         { lexer_after_sectors(lexer); EMIT(SECTOR_COUNT); }
    //: BITS_LENGTH = be64
    //: - A reader MUST refuse more than 10240.
    //: source: migration/block-dirty-bitmap.c, dirty_bitmap_load_bits
    <bits_length>     be64         { return lexer_bits_length(lexer, token, cursor); }

    // ---- spapr/htab, version 1 --------------------------------------------------------------

    //: HTAB_HEADER = 00 00 00 00
    //: - The size is that of the start: chunks follow.
    //: source: hw/ppc/spapr.c, htab_load
    <htab>            "\x00\x00\x00\x00" => htab_chunk { EMIT(HTAB_HEADER); }
    //: HTAB_SHIFT = be32
    //: - Not 0: the table has 2 to the power of it bytes, and begins empty. Nothing follows.
    //: source: hw/ppc/spapr.c, htab_load
    <htab>            be32         => footer { EMIT(HTAB_SHIFT); }
    //: HTAB_END = 00 00 00 00 00 00 00 00
    //: source: hw/ppc/spapr.c, htab_load
    <htab_chunk>      "\x00"{8}    => footer { EMIT(HTAB_END); }
    //: HTAB_CHUNK = index:be32 valid:be16 invalid:be16
    //: source: hw/ppc/spapr.c, htab_load
    <htab_chunk>      be32 be16 be16 { return lexer_htab_chunk(lexer, token, cursor); }

    // ---- s390-storage_attributes, version 0: address and flags ------------------------------

    //: entries stattr
    <stattr>          be64         { return lexer_stattr_entry(lexer, token, cursor); }
    //: STATTR_COUNT = be64
    //: - In bytes.
    //: source: hw/s390x/s390-stattrib.c, cmma_load
    <stattr_count>    be64         { return lexer_stattr_count(lexer, token, cursor); }

    // ---- block, version 1: a sector and flags -----------------------------------------------

    //: entries disk
    <disk>            be64         { return lexer_disk_entry(lexer, token, cursor); }
    //: DISK_NAME = length:u8 text:byte[length]
    //: source: migration/block.c, block_load
    <disk_name>       byte         { return lexer_disk_name(lexer, token); }

    // ---- The input ends within a token ------------------------------------------------------

    <*>               $            { return lexer_truncated(lexer); }
    <*>               *            { return lexer_truncated(lexer); }
    */
}

/* The rules of DER are in a file of their own. They share the conditions' names. */
/*!include:re2c "asn1.re" */
