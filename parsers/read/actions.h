/* SPDX-License-Identifier: MIT */
/*
 * The actions of grammar/stream.y. An action builds the value of its rule's left side from the tokens and
 * values of its right side. It must not steer the lexer, and decides nothing about the format.
 */
#ifndef VMWIRE_READ_ACTIONS_H
#define VMWIRE_READ_ACTIONS_H

#include "read/lexer.h"

struct reader {
    struct lexer lexer;
    const struct vmwire_reading *reading;
    struct vmwire_cost *cost;
    struct vmwire_error *error;
    struct vmwire_arena *items;    /* holds the items */
    struct vmwire_arena_mark mark; /* where they begin in it */
    struct vmwire_item
        *pending; /* the last item: subsections that follow it may still be attached */
    struct vmwire_record **records; /* of the last section, by their numbers in lexer->owners */
    size_t record_room;
    const struct vmwire_item *section; /* whose entries are read, with its header only */
    struct vmwire_entry passing;       /* the last entry, where the item does not keep it */
    bool failed;
};

struct values {
    struct vmwire_value *first, *last;
};

struct subsection_values {
    struct vmwire_subsection_value *first, *last;
};

struct entries {
    struct vmwire_entry *first, *last; /* those that the item keeps */
    struct vmwire_bytes content;       /* all entries */
};

/* What a block of mapped RAM has behind its length. */
struct mapped {
    struct vmwire_bytes header; /* with its bitmap and the padding; none: the block is not mapped */
    struct vmwire_bytes pages;  /* none: the block is shared */
};

/* %syntax_error. lemon's tables, which only its own code sees, tell which tokens the parser expects. */
#define SYNTAX_ERROR(parser, kind, token)                                                          \
    do {                                                                                           \
        reader_unexpected(reader, kind, token);                                                    \
        for (int expected = 0; expected < YYNTOKEN; expected++)                                    \
            if (yy_find_shift_action((YYCODETYPE)expected, (parser)->yytos->stateno) !=            \
                YY_ERROR_ACTION)                                                                   \
                reader_expects(reader, expected);                                                  \
    } while (0)

void reader_unexpected(struct reader *reader, int kind, struct token token);
void reader_expects(struct reader *reader, int kind);
void reader_overflow(struct reader *reader);

/* Counts a reduction. Every action calls it once. */
void reader_count_rule(struct reader *reader);

/* Hands the pending item to the sink: nothing more can be attached to it. */
void reader_deliver_pending(struct reader *reader);

/* Items. */
void reader_configuration(struct reader *reader, struct token mark, struct vmwire_record *record,
                          struct token end);
void reader_item(struct reader *reader, struct vmwire_item *item);
void reader_eof(struct reader *reader, struct token mark);
void reader_description(struct reader *reader, struct token description);
void reader_unread(struct reader *reader, struct token unread);
struct vmwire_item *reader_named(struct reader *reader, struct token section_id, struct token idstr,
                                 struct token instance_id, struct token version_id);
struct vmwire_item *reader_section_start(struct reader *reader, struct token mark,
                                         struct vmwire_item *item);
struct vmwire_item *reader_section_part(struct reader *reader, enum vmwire_item_kind kind,
                                        struct token mark, struct token section_id);
struct vmwire_item *reader_iterable_section(struct reader *reader, struct vmwire_item *item,
                                            struct entries entries, struct vmwire_bytes footer);
struct vmwire_item *reader_section_full(struct reader *reader, struct token mark,
                                        struct vmwire_item *item, struct vmwire_record *record,
                                        struct token end, struct vmwire_bytes footer);
struct vmwire_item *reader_framed_named(struct reader *reader, struct token section_id,
                                        struct token idstr, struct token instance_id);
struct vmwire_item *reader_framed_start(struct reader *reader, struct token mark,
                                        struct vmwire_item *item, struct token version_id);
struct vmwire_item *reader_framed_full(struct reader *reader, struct token mark,
                                       struct vmwire_item *item, struct vmwire_record *record,
                                       struct token end, struct vmwire_bytes footer);
struct vmwire_item *reader_attach(struct reader *reader, struct token mark, struct token at,
                                  struct token name, struct token version_id,
                                  struct vmwire_record *record, struct token end,
                                  struct vmwire_bytes footer);
struct vmwire_item *reader_command(struct reader *reader, struct token mark, struct token command,
                                   struct token payload);
void reader_package(struct reader *reader, struct token mark, struct token command,
                    struct token command_length, struct token length);
struct vmwire_item *reader_package_end(struct reader *reader, struct token end);

/* Records. */
struct vmwire_record *reader_record(struct reader *reader, struct token mark, struct values values,
                                    struct subsection_values subsections);
struct vmwire_record *reader_framed_record(struct reader *reader, struct token mark,
                                           struct token version_id, struct token length,
                                           struct values values,
                                           struct subsection_values subsections);
struct vmwire_record *reader_embedded_record(struct reader *reader, struct vmwire_record *record);
struct values reader_no_values(struct reader *reader);
struct values reader_add_value(struct reader *reader, struct values values,
                               struct vmwire_value *value);
struct vmwire_value *reader_data(struct reader *reader, struct token data);
struct vmwire_value *reader_embedded(struct reader *reader, struct vmwire_record *record);
struct vmwire_value *reader_list_element(struct reader *reader, struct token mark,
                                         struct vmwire_record *record);
struct subsection_values reader_no_subsections(struct reader *reader);
struct subsection_values reader_add_subsection(struct reader *reader,
                                               struct subsection_values subsections,
                                               struct token mark, struct token name,
                                               struct token version_id,
                                               struct vmwire_record *record, struct token end);

struct subsection_values reader_add_framed(struct reader *reader,
                                           struct subsection_values subsections, struct token mark,
                                           struct token name, struct vmwire_record *record,
                                           struct token end);

/* Entries of iterable sections. */
struct entries reader_no_entries(struct reader *reader);
struct entries reader_add_entry(struct reader *reader, struct entries entries,
                                struct vmwire_entry *entry);
struct entries reader_entries(struct reader *reader, struct entries entries);
struct entries reader_add_mark(struct reader *reader, struct entries entries, struct token mark);
struct entries reader_last_entry(struct reader *reader, struct entries entries, struct token mark);
struct entries reader_first_entry(struct reader *reader, struct token mark);
struct vmwire_entry *reader_page(struct reader *reader, struct token mark, struct vmwire_bytes name,
                                 struct token data);
struct vmwire_entry *reader_mark_entry(struct reader *reader, struct token mark);
struct vmwire_entry *reader_chunk(struct reader *reader, struct token mark, struct token data);
struct vmwire_entry *reader_disk_chunk(struct reader *reader, struct token mark, struct token name,
                                       struct token data);
struct vmwire_entry *reader_disk_zeroes(struct reader *reader, struct token mark,
                                        struct token name);
struct vmwire_entry *reader_bitmap_chunk(struct reader *reader, struct token mark,
                                         struct vmwire_bytes node_name,
                                         struct vmwire_bytes bitmap_name, struct vmwire_bytes body);
struct entries reader_last_bitmap_chunk(struct reader *reader, struct entries entries,
                                        struct token mark, struct vmwire_bytes node_name,
                                        struct vmwire_bytes bitmap_name, struct vmwire_bytes body);
struct vmwire_entry *reader_block(struct reader *reader, struct token name, struct token length,
                                  struct vmwire_bytes page_size, struct vmwire_bytes address,
                                  struct mapped mapped);
struct mapped reader_not_mapped(struct reader *reader);
struct mapped reader_shared_header(struct reader *reader, struct token header);
struct mapped reader_mapped(struct reader *reader, struct token header, struct token bitmap,
                            struct token pages);

/* Bytes: none; those of a token; all from the first byte of `first` to the last of `last`. */
struct vmwire_bytes reader_no_bytes(struct reader *reader);
struct vmwire_bytes reader_bytes(struct reader *reader, struct token token);
struct vmwire_bytes reader_span(struct reader *reader, struct vmwire_bytes first,
                                struct vmwire_bytes last);

#endif
