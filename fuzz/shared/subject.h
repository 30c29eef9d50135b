/*
 * What an input of a target stands for: a stream, and the schema that it is read with.
 *
 *     input = be16:schema byte:choice stream      the schema by its number
 *           | stream                              as captured: its own description is its schema
 *
 * The second form begins with "QEVM". A number below DRAWN is one of the shipped schemas, which the build
 * packs out of corpus/witnesses/originals (fuzz/inputs/pack): real sections that show every signature known. The
 * others are small schemas that are drawn by their number (drawn.h). `choice` chooses what the target is to
 * do with it: the option, and how another release differs from the one that the stream is of.
 */
#ifndef VMWIRE_FUZZ_SUBJECT_H
#define VMWIRE_FUZZ_SUBJECT_H

#include "drawn.h"
#include "vmwire.h"

enum { CASE_HEAD = 3 }; /* bytes before the stream of the first form */

/* Names of subsections that do not tell which one it is. */
enum repeated_names {
    NAMES_REPEATED_NOWHERE,
    NAMES_REPEATED_AROUND, /* that of one is that of one of those around it, or beside those */
    NAMES_REPEATED_BESIDE, /* a structure has two of one name */
};

enum repeated_names schema_repeated_names(const struct schema *schema);

struct subject {
    struct bytes input; /* the caller's */
    unsigned number;    /* of the schema; SUBJECT_OWN: the stream's own description */
    bool drawn;         /* the schema is one of those that are drawn by their number */
    const char *name;   /* of the schema, for people */
    const struct schema *schema;
    enum repeated_names repeated_names;
    const struct protocol_option *option; /* whose stream version it has; else today's */
    uint8_t choice;
    enum difference difference; /* between the stream's release and the other one */
    bool later;                 /* of a drawn schema: the stream's is the one that differs */
    uint8_t *data;              /* the stream: a copy of its own, exactly as long as it is */
    struct bytes bytes;
    struct arena *arena; /* of all that is made of this input; reset by the next one */
};

#define SUBJECT_OWN UINT32_MAX

/* False where there is nothing to begin with: no bytes, or a description that is none. */
bool subject_of(struct subject *subject, const uint8_t *data, size_t size);

/* The state: what the option's reader makes of the stream, with zeros and bools put right. NULL where it
 * does not accept it or leaves something unread: such an input stands for no state. */
const struct stream *subject_state(const struct subject *subject);

/* Each run of a target does one thing, and quickly: a case is about the option that its `choice` names. A stream as
 * captured is about all of them. */
const struct protocol_option *subject_turn(const struct subject *subject);
bool subject_has_turn(const struct subject *subject, const struct protocol_option *option);
void subject_give_turn(struct subject *subject, const struct protocol_option *option);

/* How another release differs from the stream's, which is not the later one. */
void subject_give_difference(struct subject *subject, enum difference difference);

/* Another schema; what was read of the stream is void. */
void subject_give_schema(struct subject *subject, unsigned number, uint8_t choice);

/* Whether the option claims that every state of this schema comes back as it was (option.h, `exact`): where
 * two subsections of a structure have one name none can, where one has a name that its owner has too none
 * that goes by the name (grammar/README.md). */
bool subject_claims(const struct subject *subject, const struct protocol_option *option);

/* Whether RAM blocks say where in the stream their pages lie: then nothing may be put before those, and a writer
 * moves them to the next mebibyte. */
bool has_mapped_blocks(const struct stream *stream);

/* Shipped schemas, and one of them by its number: any number will do. */
unsigned shipped_count(void);
const struct schema *schema_of_number(unsigned number, enum difference difference,
                                      const char **name);

#endif
