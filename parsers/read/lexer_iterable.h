/* SPDX-License-Identifier: MIT */
/*
 * The functions of the rules in grammar/stream.re for dirty bitmaps, disks, the hash table of
 * pseries and the storage attributes of s390. They must not know the schema, which does not
 * describe these sections.
 */
#ifndef VMWIRE_READ_LEXER_ITERABLE_H
#define VMWIRE_READ_LEXER_ITERABLE_H

#include "read/lexer.h"

/* The condition in which this iterable section begins; -1: there is no grammar for it. */
int iterable_condition(const char *idstr, uint32_t version_id);

LEXER_MATCH(bitmap_chunk);
LEXER_RULE(node_name);
LEXER_RULE(bitmap_name);
LEXER_MATCH(bits_length);
LEXER_MATCH(disk_entry);
LEXER_RULE(disk_name);
LEXER_MATCH(htab_chunk);
LEXER_MATCH(stattr_entry);
LEXER_MATCH(stattr_count);
void lexer_after_chunk(struct lexer *lexer);
void lexer_after_sectors(struct lexer *lexer);

#endif
