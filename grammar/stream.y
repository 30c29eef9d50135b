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

stream ::= MAGIC VERSION configuration items eof description unread. { reader_count_rule(reader); }

configuration ::= .                                  { reader_count_rule(reader); }
%ifdef FRAMED
configuration ::= CONFIGURATION(T) record(R) END_OF_STRUCT(E).
                                                     { reader_configuration(reader, T, R, E); }
%else
configuration ::= CONFIGURATION(T) record(R) END(E). { reader_configuration(reader, T, R, E); }
%endif

items ::= .                                          { reader_count_rule(reader); }
items ::= items item(I).                             { reader_item(reader, I); }

eof ::= EOF(T).                                      { reader_eof(reader, T); }

description ::= .                                    { reader_count_rule(reader); }
description ::= DESCRIPTION(T).                      { reader_description(reader, T); }

/* Bytes behind the end of a stream or of a package. QEMU does not notice them. */
unread ::= .                                         { reader_count_rule(reader); }
unread ::= UNREAD(T).                                { reader_unread(reader, T); }

/* ---- Sections ------------------------------------------------------------------------------ */

item(A) ::= iterable_header(H) iterable(C) footer(F).
                                    { A = reader_iterable_section(reader, H, C, F); }
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

named(A) ::= SECTION_ID(S) IDSTR(N) INSTANCE_ID(I).
                                    { A = reader_framed_named(reader, S, N, I); }
%else
item(A) ::= SECTION_FULL(T) named(H) record(R) END(E) footer(F).
                                    { A = reader_section_full(reader, T, H, R, E, F); }

named(A) ::= SECTION_ID(S) IDSTR(N) INSTANCE_ID(I) VERSION_ID(V).
                                    { A = reader_named(reader, S, N, I, V); }
%endif

/* Since QEMU 2.4. The lexer refuses a stream in which some sections have a footer and others have none. */
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

%ifdef FRAMED
record(A) ::= RECORD(T) VERSION_ID(V) FIELDS_LENGTH(L) fields(F) tail(S).
                                            { A = reader_framed_record(reader, T, V, L, F, S); }
%else
record(A) ::= RECORD(T) fields(F) tail(S).  { A = reader_record(reader, T, F, S); }
%endif

fields(A) ::= .                             { A = reader_no_values(reader); }
fields(A) ::= fields(B) field(F).           { A = reader_add_value(reader, B, F); }

field(A) ::= DATA(T).                       { A = reader_data(reader, T); }
field(A) ::= embedded(R).                   { A = reader_embedded(reader, R); }
/* qtailq, qlist: a byte that is not 00 before each element, and a 00 behind the last one. */
field(A) ::= LIST_ELEMENT(T) embedded(R).   { A = reader_list_element(reader, T, R); }
field(A) ::= LIST_END(T).                   { A = reader_data(reader, T); }

/* Where a record within a record ends: the question of 2011. */
%ifdef SENTINEL
embedded(A) ::= record(R) END_OF_STRUCT.    { A = reader_embedded_record(reader, R); }
%else
embedded(A) ::= record(R) END.              { A = reader_embedded_record(reader, R); }
%endif

tail(A) ::= .                               { A = reader_no_subsections(reader); }
%ifdef LIST
/* The lexer refuses an empty list. Behind the last subsection, the end of the list is that of the record. */
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

/* A package: a length, and so many bytes. QEMU loads them as it loads a stream (loadvm_handle_cmd_packaged).
   Postcopy sends the state of the devices in one. A package must be ended by something in it: */
item(A) ::= package items package_end unread PACKAGE_END(E). { A = reader_package_end(reader, E); }
package ::= COMMAND(T) COMMAND_ID(C) COMMAND_LENGTH(L) PACKAGE(P).
                                    { reader_package(reader, T, C, L, P); }

/* a 00: the stream goes on behind the package, */
package_end ::= eof.                { reader_count_rule(reader); }
/* or the command that starts the guest: the listening thread reads the stream on behind the package. */
package_end ::= COMMAND(T) COMMAND_ID(C) COMMAND_LENGTH POSTCOPY_RUN(P).
                                    { reader_item(reader, reader_command(reader, T, C, P)); }
/* That command ends the packages around its own, too. */
package_end ::= LOADVM_QUIT.        { reader_count_rule(reader); }

/* ---- Iterable sections: ram, versions 3 and 4 ------------------------------------------------ */

/* In version 3 (QEMU 0.12; read until 1.2) no entry names a block, and no block is listed: all RAM is one space of
   addresses. */

/* An entry is complete with its rule. So the entries come in the order of the stream, and the section's header before
   them. */
iterable(A) ::= ram_entries(L) RAM_EOS(T).          { A = reader_last_entry(reader, L, T); }

ram_entries(A) ::= .                                { A = reader_no_entries(reader); }
ram_entries(A) ::= ram_entries(B) ram_entry(E).     { A = reader_add_entry(reader, B, E); }
ram_entries(A) ::= ram_blocks(L).                   { A = reader_entries(reader, L); }

ram_entry(A) ::= RAM_ZERO(T) block(N) FILL(D).      { A = reader_page(reader, T, N, D); }
ram_entry(A) ::= RAM_PAGE(T) block(N) PAGE(D).      { A = reader_page(reader, T, N, D); }
ram_entry(A) ::= RAM_XBZRLE(T) block(N) XBZRLE_HEADER PAGE(D).
                                                    { A = reader_page(reader, T, N, D); }
ram_entry(A) ::= RAM_COMPRESS(T) block(N) COMPRESSED_LENGTH PAGE(D).
                                                    { A = reader_page(reader, T, N, D); }
ram_entry(A) ::= RAM_HOOK(T).                       { A = reader_mark_entry(reader, T); }
ram_entry(A) ::= RAM_MULTIFD_FLUSH(T).              { A = reader_mark_entry(reader, T); }

/* A page without a name belongs to the block of the entry before (RAM_SAVE_FLAG_CONTINUE). */
block(A) ::= .                                      { A = reader_no_bytes(reader); }
block(A) ::= BLOCK_NAME(T).                         { A = reader_bytes(reader, T); }

ram_blocks(A) ::= ram_entries(B) RAM_MEM_SIZE(T).   { A = reader_add_mark(reader, B, T); }
ram_blocks(A) ::= ram_blocks(B) ram_block(E).       { A = reader_add_entry(reader, B, E); }
ram_block(A) ::= BLOCK_NAME(N) BLOCK_LENGTH(L) block_page_size(P) block_address(G) mapped(M).
                                                    { A = reader_block(reader, N, L, P, G, M); }

/* Only behind the command postcopy-advise, and only if the block has pages of another size. */
block_page_size(A) ::= .                            { A = reader_no_bytes(reader); }
block_page_size(A) ::= BLOCK_PAGE_SIZE(T).          { A = reader_bytes(reader, T); }
/* Capability x-ignore-shared. */
block_address(A) ::= .                              { A = reader_no_bytes(reader); }
block_address(A) ::= BLOCK_ADDRESS(T).              { A = reader_bytes(reader, T); }
/* Capability mapped-ram: a bitmap says which pages are present; the pages lie at an offset of the file behind
   it. A shared block has the header only. */
mapped(A) ::= .                                     { A = reader_not_mapped(reader); }
mapped(A) ::= MAPPED_HEADER(H).                     { A = reader_shared_header(reader, H); }
mapped(A) ::= MAPPED_HEADER(H) MAPPED_BITMAP(B) MAPPED_PAGES(P).
                                                    { A = reader_mapped(reader, H, B, P); }

/* ---- Iterable sections: dirty-bitmap, version 1 --------------------------------------------- */

iterable(A) ::= bitmap_chunks(L) BITMAP_LAST_CHUNK(T) node_name(N) bitmap_name(M) bitmap_body(D).
                                                    { A = reader_last_bitmap_chunk(reader, L, T, N, M, D); }

bitmap_chunks(A) ::= .                              { A = reader_no_entries(reader); }
bitmap_chunks(A) ::= bitmap_chunks(B) bitmap_chunk(E). { A = reader_add_entry(reader, B, E); }
bitmap_chunk(A) ::= BITMAP_CHUNK(T) node_name(N) bitmap_name(M) bitmap_body(D).
                                                    { A = reader_bitmap_chunk(reader, T, N, M, D); }

node_name(A) ::= .                                  { A = reader_no_bytes(reader); }
node_name(A) ::= NODE_NAME(T).                      { A = reader_bytes(reader, T); }
bitmap_name(A) ::= .                                { A = reader_no_bytes(reader); }
bitmap_name(A) ::= BITMAP_NAME(T).                  { A = reader_bytes(reader, T); }

bitmap_body(A) ::= .                                { A = reader_no_bytes(reader); }
bitmap_body(A) ::= GRANULARITY(G) START_FLAGS(T).   { A = reader_span(reader, G.bytes, T.bytes); }
bitmap_body(A) ::= FIRST_SECTOR(S) SECTOR_COUNT(C). { A = reader_span(reader, S.bytes, C.bytes); }
bitmap_body(A) ::= FIRST_SECTOR(S) SECTOR_COUNT BITS_LENGTH BITS(T).
                                                    { A = reader_span(reader, S.bytes, T.bytes); }

/* ---- Iterable sections: spapr/htab, version 1 ----------------------------------------------- */

iterable(A) ::= HTAB_SHIFT(T).                      { A = reader_first_entry(reader, T); }
iterable(A) ::= htab_chunks(L) HTAB_END(T).         { A = reader_last_entry(reader, L, T); }

htab_chunks(A) ::= HTAB_HEADER(T).                  { A = reader_first_entry(reader, T); }
htab_chunks(A) ::= htab_chunks(B) htab_chunk(E).    { A = reader_add_entry(reader, B, E); }
htab_chunk(A) ::= HTAB_CHUNK(T) HPTES(D).           { A = reader_chunk(reader, T, D); }

/* ---- Iterable sections: s390-storage_attributes, version 0 ---------------------------------- */

iterable(A) ::= stattr_chunks(L) STATTR_EOS(T).     { A = reader_last_entry(reader, L, T); }

stattr_chunks(A) ::= .                              { A = reader_no_entries(reader); }
stattr_chunks(A) ::= stattr_chunks(B) stattr_chunk(E). { A = reader_add_entry(reader, B, E); }
stattr_chunk(A) ::= STATTR_MORE(T) STATTR_COUNT STATTR_VALUES(D).
                                                    { A = reader_chunk(reader, T, D); }
stattr_chunk(A) ::= STATTR_DONE(T).                 { A = reader_mark_entry(reader, T); }

/* ---- Iterable sections: block, version 1 ---------------------------------------------------- */

/* The contents of disks (`migrate -b`), until QEMU 8.2. QEMU 0.11 to 0.15 send the section, with its end only, even where no
   disk is sent. A chunk is as long in front of the end of a disk as elsewhere. */
iterable(A) ::= disk_chunks(L) DISK_EOS(T).         { A = reader_last_entry(reader, L, T); }

disk_chunks(A) ::= .                                { A = reader_no_entries(reader); }
disk_chunks(A) ::= disk_chunks(B) disk_chunk(E).    { A = reader_add_entry(reader, B, E); }
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
