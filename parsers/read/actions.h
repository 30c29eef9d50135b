/*
 * The actions of grammar/stream.y. An action builds the value of its rule's left side from the tokens and
 * values of its right side. It must not steer the lexer, and decides nothing about the format.
 */
#ifndef VMWIRE_READ_ACTIONS_H
#define VMWIRE_READ_ACTIONS_H

#include "read/lexer.h"

struct reader {
    struct lexer lexer;
    const struct reading *reading;
    struct cost *cost;
    struct error *error;
    struct arena *items;     /* holds the items */
    struct arena_mark mark;  /* where they begin in it */
    struct item *pending;    /* the last item: subsections that follow it may still be attached */
    struct record **records; /* of the last section, by ordinal */
    size_t record_room;
    bool failed;
};

struct values {
    struct value *first, *last;
};

struct subsection_values {
    struct subsection_value *first, *last;
};

struct entries {
    struct entry *first, *last;
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
void reader_configuration(struct reader *reader, struct token mark, struct record *record,
                          struct token end);
void reader_item(struct reader *reader, struct item *item);
void reader_eof(struct reader *reader, struct token mark);
void reader_description(struct reader *reader, struct token description);
void reader_unread(struct reader *reader, struct token unread);
struct item *reader_named(struct reader *reader, struct token section_id, struct token idstr,
                          struct token instance_id, struct token version_id);
struct item *reader_section_start(struct reader *reader, struct token mark, struct item *item,
                                  struct entries entries, struct bytes footer);
struct item *reader_section_part(struct reader *reader, enum item_kind kind, struct token mark,
                                 struct token section_id, struct entries entries,
                                 struct bytes footer);
struct item *reader_section_full(struct reader *reader, struct token mark, struct item *item,
                                 struct record *record, struct token end, struct bytes footer);
struct item *reader_attach(struct reader *reader, struct token mark, struct token ordinal,
                           struct token name, struct token version_id, struct record *record,
                           struct token end, struct bytes footer);
struct item *reader_command(struct reader *reader, struct token mark, struct token command,
                            struct token payload);
void reader_package(struct reader *reader, struct token mark, struct token command,
                    struct token length);
struct item *reader_package_end(struct reader *reader, struct token end);

/* Records. */
struct record *reader_record(struct reader *reader, struct token mark, struct values values,
                             struct subsection_values subsections);
struct record *reader_embedded_record(struct reader *reader, struct record *record);
struct values reader_no_values(struct reader *reader);
struct values reader_add_value(struct reader *reader, struct values values, struct value *value);
struct value *reader_data(struct reader *reader, struct token data);
struct value *reader_embedded(struct reader *reader, struct record *record);
struct value *reader_list_element(struct reader *reader, struct token mark, struct record *record);
struct subsection_values reader_no_subsections(struct reader *reader);
struct subsection_values reader_add_subsection(struct reader *reader,
                                               struct subsection_values subsections,
                                               struct token mark, struct token name,
                                               struct token version_id, struct record *record,
                                               struct token end);

/* Entries of iterable sections. */
struct entries reader_no_entries(struct reader *reader);
struct entries reader_add_entry(struct reader *reader, struct entries entries, struct entry *entry);
struct entries reader_add_blocks(struct reader *reader, struct entries entries, struct token mark,
                                 struct entries blocks);
struct entries reader_last_entry(struct reader *reader, struct entries entries, struct token mark);
struct entries reader_only_entry(struct reader *reader, struct token mark);
struct entries reader_enclosed(struct reader *reader, struct token header, struct entries entries,
                               struct token end);
struct entry *reader_page(struct reader *reader, struct token mark, struct bytes name,
                          struct token data);
struct entry *reader_mark_entry(struct reader *reader, struct token mark);
struct entry *reader_chunk(struct reader *reader, struct token mark, struct token data);
struct entry *reader_bitmap_chunk(struct reader *reader, struct token mark, struct bytes node_name,
                                  struct bytes bitmap_name, struct bytes body);
struct entries reader_last_bitmap_chunk(struct reader *reader, struct entries entries,
                                        struct token mark, struct bytes node_name,
                                        struct bytes bitmap_name, struct bytes body);
struct entry *reader_block(struct reader *reader, struct token name, struct token length,
                           struct bytes page_size, struct bytes address, struct entry *mapped);
struct entry *reader_not_mapped(struct reader *reader);
struct entry *reader_shared_header(struct reader *reader, struct token header);
struct entry *reader_mapped(struct reader *reader, struct token header, struct token bitmap,
                            struct token pages);

/* Bytes: none; those of a token; all from the first byte of `first` to the last of `last`. */
struct bytes reader_no_bytes(struct reader *reader);
struct bytes reader_bytes(struct reader *reader, struct token token);
struct bytes reader_span(struct reader *reader, struct bytes first, struct bytes last);

#endif
