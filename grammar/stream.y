/* SPDX-License-Identifier: MIT */
/*
 * The migration stream of QEMU/KVM, version 3, and how each protocol option changes it.
 *
 * This file defines the stream. lemon makes one parser per option of it. A few rules differ between the
 * options, under these names (grammar/options.mk gives each option its names):
 *
 *     INLINE      a subsection stands at its owner's tail               legacy guarded heuristic
 *                                                                       flagday toplevel framed consistent
 *                                                                       combined described asn1
 *     SENTINEL    a byte 00 closes a record within a record             flagday framed
 *     STANDALONE  a subsection is an item of its own behind the section standalone
 *     TOPLEVEL    a new subsection is a full section behind its owner's toplevel
 *     FRAMED      each record has its version and the length of its     framed
 *                 fields in front, and a 00 at its end
 *     LIST        a list holds the subsections of a record              asn1
 *
 * grammar/stream.re makes the tokens, and says which bytes each of them has. RECORD and END have no bytes:
 * only the schema knows where a record begins and ends. The lexer walks the schema by itself. This file must
 * not steer the lexer; its actions only build what was read.
 *
 * grammar/asn1.re makes the same tokens of DER.
 *
 * A comment that begins with a colon is about the rule behind it, and goes to its page (grammar/pages.py):
 *
 *     - words              what a reader or writer must do. {asn1 framed}: under these options; {!asn1}: under all others
 *     if SYMBOL: when      the alternative that begins with SYMBOL is taken if this holds. Where nothing says so, the next
 *                          token decides
 *     source: file, function of QEMU; ...
 *     part: TITLE          the words behind it are a part of their own on the page
 */

%include {
#include <assert.h>

#include "read/actions.h"
#include "read/parsers.h"
}
%token_prefix TOKEN_
%token_type {struct token}
%extra_context {struct reader *reader}
%start_symbol stream
%stack_size 512

/* All tokens are declared here, so that they have the same numbers under every option. The order of the
   groups matters: the lexer's token_account() goes by it. */
%token MAGIC VERSION CONFIGURATION EOF DESCRIPTION UNREAD.
%token SECTION_START SECTION_PART SECTION_END SECTION_FULL FOOTER.
%token SECTION_ID IDSTR INSTANCE_ID VERSION_ID FIELDS_LENGTH.
%token COMMAND COMMAND_ID COMMAND_LENGTH PAYLOAD POSTCOPY_RUN LOADVM_QUIT PACKAGE PACKAGE_END.
%token RECORD DATA LIST_ELEMENT LIST_END END END_OF_STRUCT.
%token SUBSECTION_LIST SUBSECTION PATH AT NAME.
%token RAM_MEM_SIZE RAM_ZERO RAM_PAGE RAM_XBZRLE RAM_COMPRESS RAM_HOOK RAM_MULTIFD_FLUSH RAM_EOS.
%token BLOCK_NAME BLOCK_LENGTH BLOCK_PAGE_SIZE BLOCK_ADDRESS.
%token MAPPED_HEADER MAPPED_BITMAP MAPPED_PAGES.
%token FILL PAGE XBZRLE_HEADER COMPRESSED_LENGTH.
%token BITMAP_CHUNK BITMAP_LAST_CHUNK NODE_NAME BITMAP_NAME GRANULARITY START_FLAGS.
%token FIRST_SECTOR SECTOR_COUNT BITS_LENGTH BITS.
%token HTAB_SHIFT HTAB_HEADER HTAB_CHUNK HPTES HTAB_END.
%token STATTR_MORE STATTR_COUNT STATTR_VALUES STATTR_DONE STATTR_EOS.
%token DISK_CHUNK DISK_ZEROES DISK_NAME DISK_DATA DISK_PROGRESS DISK_EOS.

%type item                  {struct vmwire_item *}
%type named                 {struct vmwire_item *}
%type iterable_header       {struct vmwire_item *}
%type footer                {struct vmwire_bytes}
%type record                {struct vmwire_record *}
%type embedded              {struct vmwire_record *}
%type fields                {struct values}
%type field                 {struct vmwire_value *}
%type tail                  {struct subsection_values}
%type iterable              {struct entries}
%type ram_entries           {struct entries}
%type ram_entry             {struct vmwire_entry *}
%type ram_blocks            {struct entries}
%type ram_block             {struct vmwire_entry *}
%type block                 {struct vmwire_bytes}
%type block_page_size       {struct vmwire_bytes}
%type block_address         {struct vmwire_bytes}
%type mapped                {struct mapped}
%type bitmap_chunks         {struct entries}
%type bitmap_chunk          {struct vmwire_entry *}
%type node_name             {struct vmwire_bytes}
%type bitmap_name           {struct vmwire_bytes}
%type bitmap_body           {struct vmwire_bytes}
%type htab_chunks           {struct entries}
%type htab_chunk            {struct vmwire_entry *}
%type stattr_chunks         {struct entries}
%type stattr_chunk          {struct vmwire_entry *}
%type disk_chunks           {struct entries}
%type disk_chunk            {struct vmwire_entry *}

%syntax_error { SYNTAX_ERROR(yypParser, yymajor, TOKEN); }
%stack_overflow { reader_overflow(reader); }

/* ---- The stream ---------------------------------------------------------------------------- */

/*:
 - A reader MUST refuse another magic and another stream version.
 - All numbers are big-endian and unsigned, where nothing else is said. (Fields: see their types.)
 source: migration/savevm.c, qemu_loadvm_state_header and qemu_loadvm_state
*/
stream ::= MAGIC VERSION configuration items eof description unread. { reader_count_rule(reader); }

/*:
 - Its structure is fixed.
 - {!framed} The stream has no version of it.
 - {framed} It is version 1.
 - Its fields are a be32 length and so many bytes, the name of the machine. Its subsections:
   "configuration/target-page-bits" (version 1: a be32, the page size of RAM is 2 to the power of it),
   "configuration/capabilities" (version 1: a be32 count, and so many names, each a length:u8 and text:byte[length]),
   "configuration/uuid" (version 1: 16 bytes).
 - {asn1} As values: the length, the count and the page bits are INTEGERs, the name is an OCTET STRING, the uuid a SEQUENCE (30 L)
   of 16 INTEGERs, the names of the capabilities a SEQUENCE of OCTET STRINGs.
 - A reader MUST refuse another machine, and capabilities that it has not switched on, or has and the writer has not.
 - Its tail is that of any record; the owner's name is "configuration".
 - {flagday} No 00 closes this record.
 source: migration/savevm.c, qemu_loadvm_state_header, configuration_post_load and vmstate_configuration
*/
configuration ::= .                                  { reader_count_rule(reader); }
%ifdef FRAMED
configuration ::= CONFIGURATION(T) record(R) END_OF_STRUCT(E).
                                                     { reader_configuration(reader, T, R, E); }
%else
configuration ::= CONFIGURATION(T) record(R) END(E). { reader_configuration(reader, T, R, E); }
%endif

/*:
 - A reader MUST read one item after another until the byte that ends them. Any other byte is an error.
 source: migration/savevm.c, qemu_loadvm_state_main
*/
items ::= .                                          { reader_count_rule(reader); }
items ::= items item(I).                             { reader_item(reader, I); }

/*:
 - The state is complete here. A reader MUST NOT take what follows for state.
 source: migration/savevm.c, qemu_loadvm_state_main
*/
eof ::= EOF(T).                                      { reader_eof(reader, T); }

/*:
 - JSON. It tells the layout of the sections that the writer has sent. A reader that knows the structures does not need it. QEMU
   writes none with postcopy, and none for some old machine types.
 - {described} A reader MUST have it before it reads the first record, since it tells where subsections are.
 - A tool MUST find it before it reads the first record. It goes from the end of the file towards the beginning, and takes the first
   place that has the bytes of DESCRIPTION, a length that is the number of all bytes behind the length, up to the end of the file,
   and there, perhaps behind blanks, "{".
 - {asn1} 40 00 (EOF) MUST stand in front of it.
 - So there is none where it is cut off, or where UNREAD stands behind it. Then a tool knows no layouts by this stream: it MUST take
   those of another stream of the same machine, or stop at the first record. It MUST NOT guess.
 - {!asn1} To say why there is none, a tool can look for 00 06, a be32, "{", and "page_size", "configuration" or "devices" in quotes.
   That is no proof: the memory of a guest can hold such bytes.
 part: Fields by the description: how a tool reads a record
 - The object has "devices" and perhaps "page_size" (of RAM) and "configuration" (a structure; QEMU 10.0 writes it, 7.2 does not).
   "devices" has an entry for each full section, in the order of the stream, also for those in packages: "name" (the idstr),
   "instance_id", and the keys of a structure. Iterable sections have no entry.
 - A structure has "vmsd_name" (its name), "version", "fields" and, if subsections were sent, "subsections": a list of structures in
   the order in which they were sent; "vmsd_name" is then NAME. An entry of "devices" without "vmsd_name" is an old-style section:
   one field of bytes, and no tail.
 - {!framed} "version" of a section or a subsection is the VERSION_ID in front of its record (of a subsection: the low byte of it). A
   tool MUST refuse another VERSION_ID: it does not know that layout. A structure in a field has no version in the stream.
 - {framed} "version" is the VERSION_ID of the record (of a subsection: the low byte of it). A tool MUST refuse another one: it does
   not know that layout.
 - A field has "name", "type", "size" (the bytes of one element), perhaps "array_len" (so many elements; otherwise one) and "index" (it
   is this element of an array). Brackets in a name mean nothing: QEMU adds [0], [1] where a structure has several fields of one name.
 - A field of type struct has the structure under "struct". One of type vstruct or tmp, and a list, has the keys of the structure
   beside its own.
 - "size" of a structure counts the whole record of one element, with all that is in it and with its subsections, which are counted
   as 05 NAME VERSION_ID record. A tool SHOULD check it: a wrong description shows itself so.
 - {flagday} The 00s that close records are not counted.
 - {framed} The VERSION_ID and FIELDS_LENGTH of records and the 00s that close them are not counted; the VERSION_ID of a subsection is.
 - {standalone toplevel} Subsections are counted there, too, although they are items of their own.
 - {asn1} No tag and no length is counted: the description is the same as under heuristic.
 - A null pointer in an array of pointers is one byte 30 in the place of the element, and no record. It has type nullptr
   (ptr-marker since QEMU 11.1). Before QEMU 10.0 it has the type of the other elements and "size" 1: type struct with an empty
   "struct", or vstruct without "vmsd_name", or a type that has more bytes (timer).
 - {flagday framed} No 00 stands behind a null pointer.
 - Neighbouring fields of one name are one array. Call a field null if it is a null pointer. There are three cases.
 - Case 1: two neighbours are both null, or both are not, or no "array_len" is above 1. Each field is one element; "array_len" is to be
   ignored (QEMU 10.0 writes a wrong one).
 - Case 2: otherwise, and the first field is null. Null ones and others take turns, and each is a run of "array_len" elements. Example:
   null with "array_len" 254, struct, null: 256 elements, of which the one before the last is a record.
 - Case 3: otherwise, and the first field is not null. As case 2, but QEMU has written the length of the whole array as the first
   "array_len", so those of the other fields are to be subtracted. Example: struct with "array_len" 256, null with 254: 2 records, 254
   null pointers.
 - A list (type qtailq or qlist): "fields" stands there once for each element that was sent, so a JSON parser has the last one, and
   "size" is that of all its bytes. It tells the elements' fields, not how many elements there are: the stream does. An empty list has
   "size" 1 and no structure.
 - A field whose type has an encoding of its own (virtio, gtree, scsi-requests, ...) is "size" bytes of DATA for a tool: the description
   does not divide them. There can be records with subsections in it.
 - {flagday framed} Nothing in such a field is changed: its records have no 00 behind them, and nothing in front.
 - Types, and what the bytes of one element are:
 table: types
 source: migration/savevm.c, qemu_savevm_state_complete_precopy_non_iterable; migration/vmstate.c, vmsd_desc_field_start
*/
description ::= .                                    { reader_count_rule(reader); }
description ::= DESCRIPTION(T).                      { reader_description(reader, T); }

/*:
 - Bytes behind the end of a stream or of a package. QEMU does not notice them. A reader SHOULD report them: a state that
   misleads it can end the stream early.
 source: migration/savevm.c, qemu_loadvm_state and loadvm_handle_cmd_packaged
*/
unread ::= .                                         { reader_count_rule(reader); }
unread ::= UNREAD(T).                                { reader_unread(reader, T); }

/* ---- Sections ------------------------------------------------------------------------------ */

/*:
 - A full section holds the record of one device. A reader MUST find the device by idstr and instance_id, and MUST refuse a
   section of a device that it does not have. A version_id above its own or below its minimum MUST be refused.
 - The other sections are iterable: a start, then parts, then an end. They hold what is sent while the guest runs: RAM, dirty bitmaps.
 - A command is a message to the reader. An unknown command, or a length that the command does not have, MUST be refused.
 - {standalone} A subsection is an item, behind the section (or the configuration) of its owner and before any other section.
   SECTION_ID is that of the section; ff ff ff ff is the configuration. PATH, AT and NAME name the owner: a reader MUST refuse
   it where no record of the section has this path, ends at this place and declares the name.
 - {toplevel} A full section whose SECTION_ID is that of the full section before (or that of a subsection of it), and whose
   idstr begins with that section's idstr and "/", is a subsection of it; ff ff ff ff and "configuration" stand for the
   configuration. A reader MUST refuse it where no record of the section has this path, ends at this place and declares the name.
 - {asn1} An item is one value, and its elements MUST fill it exactly. Behind an iterable_header, and behind the record of a full
   section, the value ends: entries and FOOTER are values of their own. The elements of FOOTER and COMMAND fill these.
 if COMMAND: the command is not packaged, and it is not postcopy-run in a package
 if package: the command is packaged
 {toplevel} if PATH: it is a subsection of the section before
 source: migration/savevm.c, qemu_loadvm_section_start_full, qemu_loadvm_section_part_end and loadvm_process_command
*/
item(A) ::= iterable_header(H) iterable(C) footer(F).
                                    { A = reader_iterable_section(reader, H, C, F); }
/*:
 - A part or an end MUST name a section that was started. It continues in the grammar that the start's idstr and version_id
   choose (iterable).
 source: migration/savevm.c, qemu_loadvm_section_start_full and qemu_loadvm_section_part_end
*/
%ifdef FRAMED
iterable_header(A) ::= SECTION_START(T) named(H) VERSION_ID(V).
                                    { A = reader_framed_start(reader, T, H, V); }
%else
iterable_header(A) ::= SECTION_START(T) named(H).
                                    { A = reader_section_start(reader, T, H); }
%endif
iterable_header(A) ::= SECTION_PART(T) SECTION_ID(S).
                                    { A = reader_section_part(reader, VMWIRE_ITEM_SECTION_PART, T, S); }
iterable_header(A) ::= SECTION_END(T) SECTION_ID(S).
                                    { A = reader_section_part(reader, VMWIRE_ITEM_SECTION_END, T, S); }
%ifdef FRAMED
item(A) ::= SECTION_FULL(T) named(H) record(R) END_OF_STRUCT(E) footer(F).
                                    { A = reader_framed_full(reader, T, H, R, E, F); }

/*:
 - The section_id is a number that the writer chooses. No two devices of a stream have the same.
 - The version of a full section is the first number of its record.
 source: migration/savevm.c, qemu_loadvm_section_start_full
*/
named(A) ::= SECTION_ID(S) IDSTR(N) INSTANCE_ID(I).
                                    { A = reader_framed_named(reader, S, N, I); }
%else
item(A) ::= SECTION_FULL(T) named(H) record(R) END(E) footer(F).
                                    { A = reader_section_full(reader, T, H, R, E, F); }

/*:
 - The section_id is a number that the writer chooses. No two devices of a stream have the same.
 source: migration/savevm.c, qemu_loadvm_section_start_full
*/
named(A) ::= SECTION_ID(S) IDSTR(N) INSTANCE_ID(I) VERSION_ID(V).
                                    { A = reader_named(reader, S, N, I, V); }
%endif

/*:
 - Since QEMU 2.4. The first section of a stream tells whether it has footers. If it has one, a reader MUST refuse a section
   without; if it has none, a section with one.
 - The section_id MUST be that of the section that ends.
 if FOOTER: the sections of the stream have footers
 source: migration/savevm.c, check_section_footer
*/
footer(A) ::= .                             { A = reader_no_bytes(reader); }
footer(A) ::= FOOTER(T) SECTION_ID(S).      { A = reader_span(reader, T.bytes, S.bytes); }

/* ---- Subsections sent behind their owner's section ------------------------------------------ */

/* The owner is the record at PATH. AT is where it ends, in bytes of its item's record. */

%ifdef STANDALONE
item(A) ::= SUBSECTION(T) SECTION_ID PATH AT(O) NAME(N) VERSION_ID(V) record(R) END(E) footer(F).
                                    { A = reader_attach(reader, T, O, N, V, R, E, F); }
%endif
%ifdef TOPLEVEL
item(A) ::= SECTION_FULL(T) SECTION_ID PATH NAME(N) AT(O) VERSION_ID(V) record(R) END(E) footer(F).
                                    { A = reader_attach(reader, T, O, N, V, R, E, F); }
%endif

/* ---- Records ------------------------------------------------------------------------------- */

/*:
 - A record is the fields of one structure, then its subsections. A field or a subsection can hold another record.
 - {framed} The version_id is that of the structure's layout; a version_id above the reader's own or below its minimum MUST be
   refused. FIELDS_LENGTH counts from behind itself to the tail: the fields with all that is in them, not the record's own
   subsections. A reader MUST refuse it if its fields end anywhere else.
 - {asn1} A SEQUENCE; its elements MUST fill it exactly.
 source: migration/vmstate.c, vmstate_load_state
*/
%ifdef FRAMED
record(A) ::= RECORD(T) VERSION_ID(V) FIELDS_LENGTH(L) fields(F) tail(S).
                                            { A = reader_framed_record(reader, T, V, L, F, S); }
%else
record(A) ::= RECORD(T) fields(F) tail(S).  { A = reader_record(reader, T, F, S); }
%endif

/*:
 - The schema says which fields a record has, how long each is, and in which order they are. Nothing in the record does. A
   device's code is the schema of QEMU's reader; a tool takes the description.
 - A reader MUST read the fields in the order of the schema, all of them, with nothing between them.
 source: migration/vmstate.c, vmstate_load_state
*/
fields(A) ::= .                             { A = reader_no_values(reader); }
fields(A) ::= fields(B) field(F).           { A = reader_add_value(reader, B, F); }

/*:
 - Array: its elements one after another. Of structures, each element is a record of its own, with a tail of its own.
 - {!asn1} A null pointer in an array of pointers is DATA: one byte 30 in the place of the element.
 - {asn1} A null pointer in an array of pointers is DATA in the place of the element. A run of them that has one entry in the schema is
   one OCTET STRING (04) of so many bytes 30.
 - {!asn1} A list is *( LIST_ELEMENT embedded ) LIST_END: a byte that is not 00 (a writer MUST send 01) before each element, and a 00
   behind the last one.
 - {asn1} An array of structures ("array_len"), or a list, is a SEQUENCE 30 L around its elements, also around none. Elements that
   the schema tells one by one ("index") have no such SEQUENCE. A list has no bytes between its elements.
 - {asn1} A field of size 0 has no value.
 if DATA: the field is a null pointer, or its type is none of the following
 if embedded: its type is struct, vstruct or tmp; so often as it has elements
 {!asn1} if LIST_ELEMENT: its type is qtailq or qlist, and b0 is not 00
 {!asn1} if LIST_END: its type is qtailq or qlist, and b0 = 00
 {asn1} if LIST_ELEMENT: its type is qtailq or qlist, and the SEQUENCE has bytes left
 {asn1} if LIST_END: its type is qtailq or qlist, and the SEQUENCE has no bytes left
 source: migration/vmstate.c, vmstate_load_state; migration/vmstate-types.c, get_qtailq and get_nullptr
*/
field(A) ::= DATA(T).                       { A = reader_data(reader, T); }
field(A) ::= embedded(R).                   { A = reader_embedded(reader, R); }
field(A) ::= LIST_ELEMENT(T) embedded(R).   { A = reader_list_element(reader, T, R); }
field(A) ::= LIST_END(T).                   { A = reader_data(reader, T); }

/*:
 - Where a record within a record ends is the question of 2011: what follows it is the next field of the record around it, and
   that can have any bytes.
 - {flagday framed} A reader MUST refuse a record that no 00 closes.
 {!flagday framed asn1} source: migration/vmstate.c, vmstate_load_state
 {flagday framed asn1} source: none; a proposal
*/
%ifdef SENTINEL
embedded(A) ::= record(R) END_OF_STRUCT.    { A = reader_embedded_record(reader, R); }
%else
embedded(A) ::= record(R) END.              { A = reader_embedded_record(reader, R); }
%endif

/*:
 - {!standalone} The owner is the structure whose record has this tail. Its name is "vmsd_name" of the description: never the idstr,
   never the name of a field. A reader MUST look again behind each subsection: there can be more.
 - {!standalone} NAME MUST be one that the owner declares; another one MUST be refused. QEMU's code declares subsections. For a tool,
   a structure declares those that the description has under "subsections" of any structure of this "vmsd_name" that has
   these fields.
 - {!described standalone} The bytes tell whether a subsection is there, not the description. Where they differ, a tool SHOULD say so.
 - {!standalone framed} VERSION_ID: QEMU keeps its low byte, and refuses one above the subsection's own or below its minimum.
 - {standalone} A reader MUST NOT look for a subsection here.
 - {flagday} A subsection's record is closed by a 00, too.
 - {asn1} SUBSECTION_LIST stands before the first subsection. A reader MUST refuse an empty list.
 {!flagday framed standalone asn1} source: migration/vmstate.c, vmstate_subsection_load
 {flagday framed standalone asn1} source: none; a proposal
*/
tail(A) ::= .                               { A = reader_no_subsections(reader); }
%ifdef LIST
/* Behind the last subsection, the end of the list is that of the record. */
tail(A) ::= SUBSECTION_LIST.                { A = reader_no_subsections(reader); }
%endif
%ifdef FRAMED
tail(A) ::= tail(B) SUBSECTION(T) NAME(N) record(R) END_OF_STRUCT(E).
                                    { A = reader_add_framed(reader, B, T, N, R, E); }
%else
%ifdef INLINE
%ifdef SENTINEL
tail(A) ::= tail(B) SUBSECTION(T) NAME(N) VERSION_ID(V) record(R) END_OF_STRUCT(E).
                                    { A = reader_add_subsection(reader, B, T, N, V, R, E); }
%else
tail(A) ::= tail(B) SUBSECTION(T) NAME(N) VERSION_ID(V) record(R) END(E).
                                    { A = reader_add_subsection(reader, B, T, N, V, R, E); }
%endif
%endif
%endif

/* ---- Commands ------------------------------------------------------------------------------ */

item(A) ::= COMMAND(T) COMMAND_ID(C) COMMAND_LENGTH PAYLOAD(P).
                                    { A = reader_command(reader, T, C, P); }

/* Postcopy sends the state of the devices in a package. */
item(A) ::= package items package_end unread PACKAGE_END(E). { A = reader_package_end(reader, E); }
/*:
 - The bytes of a package are read as items, as a stream of their own. A reader MUST NOT read beyond their end. QEMU sends the full
   sections so for postcopy.
 - {!asn1} Example: 08 0007 0004 0000000a, then the 10 bytes of the package: 08 0002 0004 00000009 (a ping) and 00 (EOF). Behind them
   the stream goes on.
 - {!asn1} A package within a package: QEMU takes its length and its bytes out of the stream itself. So they follow behind the
   bytes of the outermost package. A writer MUST NOT send one. Example: 08 0007 0004 0000000f, then 15 bytes: 08 0007 0004 (the inner
   package is read at this place), a ping and 00. Behind these 15 bytes stand the length and the bytes of the inner package: 0000000a,
   a ping and 00.
 source: migration/savevm.c, loadvm_handle_cmd_packaged
*/
package ::= COMMAND(T) COMMAND_ID(C) COMMAND_LENGTH(L) PACKAGE(P).
                                    { reader_package(reader, T, C, L, P); }

/*:
 - Something in a package MUST end it; a reader refuses a package that just ends. A 00: the stream goes on behind the package,
   and what is left of the package is not read. The command postcopy-run starts the guest, and the stream goes on behind the
   package; it ends the packages around its own, too (LOADVM_QUIT).
 if COMMAND: the command is postcopy-run
 if LOADVM_QUIT: postcopy-run ended a package within this one
 source: migration/savevm.c, qemu_loadvm_state_main and loadvm_postcopy_handle_run
*/
package_end ::= eof.                { reader_count_rule(reader); }
package_end ::= COMMAND(T) COMMAND_ID(C) COMMAND_LENGTH POSTCOPY_RUN(P).
                                    { reader_item(reader, reader_command(reader, T, C, P)); }
package_end ::= LOADVM_QUIT.        { reader_count_rule(reader); }

/* ---- Iterable sections: ram, versions 3 and 4 ------------------------------------------------ */

/* An entry is complete with its rule. So the entries come in the order of the stream, and the section's header before
   them. */
/*:
 - The idstr and the version_id of the section's start choose the alternative:
 table: iterables
 - A reader MUST refuse a section of another idstr or version that was started so.
 - {asn1} Each entry is an item of its own, 4a L, and holds the bytes below. An entry is what one line of ram_entries adds, one
   chunk, or the token that ends the section.
 if ram_entries: idstr "ram", version 4, or version 3
 if bitmap_chunks: idstr "dirty-bitmap", version 1
 if HTAB_SHIFT: idstr "spapr/htab", version 1, and the be32 is not 0
 if htab_chunks: idstr "spapr/htab", version 1, and the be32 is 0
 if stattr_chunks: idstr "s390-storage_attributes", version 0
 if disk_chunks: idstr "block", version 1
 source: migration/savevm.c, vmstate_load
*/
iterable(A) ::= ram_entries(L) RAM_EOS(T).          { A = reader_last_entry(reader, L, T); }

/*:
 - Each entry begins with a be64: the bits from the page size on are an address, those below are flags. A reader MUST refuse a
   combination of flags that no entry has. A section can have no page at all.
 - The page size is that of the target. A tool takes it of configuration/target-page-bits; where that is not sent, "page_size" of the
   description; where there is none, 4096, or if the section cannot be read to RAM_EOS so, the largest of 65536, 32768, ... 256 by which
   it can.
 - In version 3 (sent by QEMU 0.12, read until 1.2) all RAM is one space of addresses: no entry has a BLOCK_NAME, no block follows
   RAM_MEM_SIZE, and the flag CONTINUE does not exist.
 - In version 4, behind RAM_MEM_SIZE follow blocks, until the sum of BLOCK_LENGTH is the total of RAM_MEM_SIZE. A reader MUST refuse a block
   that exceeds it.
 source: migration/ram.c, ram_load_precopy and parse_ramblocks; version 3: arch_init.c, ram_load
*/
ram_entries(A) ::= .                                { A = reader_no_entries(reader); }
ram_entries(A) ::= ram_entries(B) ram_entry(E).     { A = reader_add_entry(reader, B, E); }
ram_entries(A) ::= ram_blocks(L).                   { A = reader_entries(reader, L); }

/*:
 - A page at the address within its block.
 source: migration/ram.c, ram_load_precopy, load_xbzrle and decompress_data_with_multi_threads
*/
ram_entry(A) ::= RAM_ZERO(T) block(N) FILL(D).      { A = reader_page(reader, T, N, D); }
ram_entry(A) ::= RAM_PAGE(T) block(N) PAGE(D).      { A = reader_page(reader, T, N, D); }
ram_entry(A) ::= RAM_XBZRLE(T) block(N) XBZRLE_HEADER PAGE(D).
                                                    { A = reader_page(reader, T, N, D); }
ram_entry(A) ::= RAM_COMPRESS(T) block(N) COMPRESSED_LENGTH PAGE(D).
                                                    { A = reader_page(reader, T, N, D); }
ram_entry(A) ::= RAM_HOOK(T).                       { A = reader_mark_entry(reader, T); }
ram_entry(A) ::= RAM_MULTIFD_FLUSH(T).              { A = reader_mark_entry(reader, T); }

/*:
 - The page belongs to this block; without a name, to the block of the page before. A reader MUST refuse the first page if it has
   no name.
 if BLOCK_NAME: the flag 20 (CONTINUE) is not there
 source: migration/ram.c, ram_block_from_stream
*/
block(A) ::= .                                      { A = reader_no_bytes(reader); }
block(A) ::= BLOCK_NAME(T).                         { A = reader_bytes(reader, T); }

ram_blocks(A) ::= ram_entries(B) RAM_MEM_SIZE(T).   { A = reader_add_mark(reader, B, T); }
ram_blocks(A) ::= ram_blocks(B) ram_block(E).       { A = reader_add_entry(reader, B, E); }
/*:
 - A block of RAM, by name. A reader MUST refuse a block that it does not have.
 source: migration/ram.c, parse_ramblock
*/
ram_block(A) ::= BLOCK_NAME(N) BLOCK_LENGTH(L) block_page_size(P) block_address(G) mapped(M).
                                                    { A = reader_block(reader, N, L, P, G, M); }

/*:
 - Only behind the command postcopy-advise, and only for a block whose pages have another size. The reader knows its own blocks;
   a tool tells it by the bytes: a page size begins with 00 and has its low 12 bits clear, and a name or an entry does not.
 if BLOCK_PAGE_SIZE: postcopy-advise came before, and b0 = 00, b6 has its low 4 bits clear, b7 = 00
 source: migration/ram.c, parse_ramblock
*/
block_page_size(A) ::= .                            { A = reader_no_bytes(reader); }
block_page_size(A) ::= BLOCK_PAGE_SIZE(T).          { A = reader_bytes(reader, T); }
/*:
 - The address of the block in the guest.
 if BLOCK_ADDRESS: configuration/capabilities has "x-ignore-shared"
 source: migration/ram.c, parse_ramblock
*/
block_address(A) ::= .                              { A = reader_no_bytes(reader); }
block_address(A) ::= BLOCK_ADDRESS(T).              { A = reader_bytes(reader, T); }
/*:
 - A bitmap says which pages are present; the pages lie at an offset of the file behind it. A shared block has the header only:
   both offsets are 0.
 - A reader MUST refuse a header version above 1.
 if MAPPED_HEADER: configuration/capabilities has "mapped-ram"
 if MAPPED_BITMAP: not both offsets are 0
 source: migration/ram.c, mapped_ram_setup_ramblock and parse_ramblock_mapped_ram
*/
mapped(A) ::= .                                     { A = reader_not_mapped(reader); }
mapped(A) ::= MAPPED_HEADER(H).                     { A = reader_shared_header(reader, H); }
mapped(A) ::= MAPPED_HEADER(H) MAPPED_BITMAP(B) MAPPED_PAGES(P).
                                                    { A = reader_mapped(reader, H, B, P); }

/* ---- Iterable sections: dirty-bitmap, version 1 --------------------------------------------- */

iterable(A) ::= bitmap_chunks(L) BITMAP_LAST_CHUNK(T) node_name(N) bitmap_name(M) bitmap_body(D).
                                                    { A = reader_last_bitmap_chunk(reader, L, T, N, M, D); }

/*:
 - The last chunk of a section has the flag EOS (01).
 source: migration/block-dirty-bitmap.c, dirty_bitmap_load
*/
bitmap_chunks(A) ::= .                              { A = reader_no_entries(reader); }
bitmap_chunks(A) ::= bitmap_chunks(B) bitmap_chunk(E). { A = reader_add_entry(reader, B, E); }
/*:
 - The flags say what follows, in this order.
 source: migration/block-dirty-bitmap.c, dirty_bitmap_load_header
*/
bitmap_chunk(A) ::= BITMAP_CHUNK(T) node_name(N) bitmap_name(M) bitmap_body(D).
                                                    { A = reader_bitmap_chunk(reader, T, N, M, D); }

/*:
 - Without it the node of the chunk before is meant.
 if NODE_NAME: the flag 08 (DEVICE_NAME) is there
 source: migration/block-dirty-bitmap.c, dirty_bitmap_load_header
*/
node_name(A) ::= .                                  { A = reader_no_bytes(reader); }
node_name(A) ::= NODE_NAME(T).                      { A = reader_bytes(reader, T); }
/*:
 - Without it the bitmap of the chunk before is meant.
 if BITMAP_NAME: the flag 04 (BITMAP_NAME) is there
 source: migration/block-dirty-bitmap.c, dirty_bitmap_load_header
*/
bitmap_name(A) ::= .                                { A = reader_no_bytes(reader); }
bitmap_name(A) ::= BITMAP_NAME(T).                  { A = reader_bytes(reader, T); }

/*:
 - Of START, COMPLETE and BITS the first that is there counts. COMPLETE has no bytes. With ZEROES (02) the bits are not sent.
 if GRANULARITY: the flag 10 (START) is there
 if FIRST_SECTOR: neither START nor COMPLETE (20) is there, BITS (40) is
 if BITS_LENGTH: ZEROES (02) is not there
 source: migration/block-dirty-bitmap.c, dirty_bitmap_load_start and dirty_bitmap_load_bits
*/
bitmap_body(A) ::= .                                { A = reader_no_bytes(reader); }
bitmap_body(A) ::= GRANULARITY(G) START_FLAGS(T).   { A = reader_span(reader, G.bytes, T.bytes); }
bitmap_body(A) ::= FIRST_SECTOR(S) SECTOR_COUNT(C). { A = reader_span(reader, S.bytes, C.bytes); }
bitmap_body(A) ::= FIRST_SECTOR(S) SECTOR_COUNT BITS_LENGTH BITS(T).
                                                    { A = reader_span(reader, S.bytes, T.bytes); }

/* ---- Iterable sections: spapr/htab, version 1 ----------------------------------------------- */

iterable(A) ::= HTAB_SHIFT(T).                      { A = reader_first_entry(reader, T); }
iterable(A) ::= htab_chunks(L) HTAB_END(T).         { A = reader_last_entry(reader, L, T); }

/*:
 - Chunks until one of eight bytes 00.
 source: hw/ppc/spapr.c, htab_load
*/
htab_chunks(A) ::= HTAB_HEADER(T).                  { A = reader_first_entry(reader, T); }
htab_chunks(A) ::= htab_chunks(B) htab_chunk(E).    { A = reader_add_entry(reader, B, E); }
/*:
 - Valid entries of the table from this index on, then invalid ones, which have no bytes.
 source: hw/ppc/spapr.c, htab_load
*/
htab_chunk(A) ::= HTAB_CHUNK(T) HPTES(D).           { A = reader_chunk(reader, T, D); }

/* ---- Iterable sections: s390-storage_attributes, version 0 ---------------------------------- */

iterable(A) ::= stattr_chunks(L) STATTR_EOS(T).     { A = reader_last_entry(reader, L, T); }

/*:
 - Each entry begins with a be64: the bits from the page size on are an address, those below are flags. A reader MUST refuse
   other flags.
 source: hw/s390x/s390-stattrib.c, cmma_load
*/
stattr_chunks(A) ::= .                              { A = reader_no_entries(reader); }
stattr_chunks(A) ::= stattr_chunks(B) stattr_chunk(E). { A = reader_add_entry(reader, B, E); }
/*:
 - Attributes of so many pages from this address on.
 source: hw/s390x/s390-stattrib.c, cmma_load
*/
stattr_chunk(A) ::= STATTR_MORE(T) STATTR_COUNT STATTR_VALUES(D).
                                                    { A = reader_chunk(reader, T, D); }
stattr_chunk(A) ::= STATTR_DONE(T).                 { A = reader_mark_entry(reader, T); }

/* ---- Iterable sections: block, version 1 ---------------------------------------------------- */

iterable(A) ::= disk_chunks(L) DISK_EOS(T).         { A = reader_last_entry(reader, L, T); }

/*:
 - The contents of disks (`migrate -b`), until QEMU 8.2. QEMU up to 1.0 sends the section, with its end only, also where no disk is
   sent. Each entry begins with a be64: the lowest 9 bits are flags, those above a number. A reader MUST refuse other flags.
 source: migration/block.c, block_load
*/
disk_chunks(A) ::= .                                { A = reader_no_entries(reader); }
disk_chunks(A) ::= disk_chunks(B) disk_chunk(E).    { A = reader_add_entry(reader, B, E); }
/*:
 - A chunk of the disk of this name, from this sector on; or the percentage that is done.
 source: migration/block.c, block_load
*/
disk_chunk(A) ::= DISK_CHUNK(T) DISK_NAME(N) DISK_DATA(D).
                                                    { A = reader_disk_chunk(reader, T, N, D); }
disk_chunk(A) ::= DISK_ZEROES(T) DISK_NAME(N).      { A = reader_disk_zeroes(reader, T, N); }
disk_chunk(A) ::= DISK_PROGRESS(T).                 { A = reader_mark_entry(reader, T); }

/* This option's row for parsers/read/parsers.c. */
%code {
const struct grammar GRAMMAR = {
    .size = sizeof(yyParser),
    .begin = ParseInit,
    .feed = Parse,
    .end = ParseFinalize,
};
}
