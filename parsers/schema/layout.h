/* SPDX-License-Identifier: MIT */
/*
 * The layouts of private encodings, and facts about declared structures, as grammar/layouts has them (its README explains
 * the language). Here they are only data: schema/layouts.c loads them, read/ reads by them.
 */
#ifndef VMWIRE_SCHEMA_LAYOUT_H
#define VMWIRE_SCHEMA_LAYOUT_H

#include "vmwire/schema.h"

/* A field that was read before: its own name, and in front of it that of a structure that has ended since; NULL: none. */
struct layout_name {
    const char *structure, *name;
};

struct layout_conditions {
    const struct layout_condition *all;
    size_t count;
};

/* VALUE: a number. */
struct layout_value {
    enum layout_value_kind {
        LAYOUT_NUMBER,     /* this one */
        LAYOUT_FIELD,      /* the last one of the fields that is there */
        LAYOUT_REST,       /* the bytes that are left of a `sized` type */
        LAYOUT_CAPABILITY, /* an integer in a capability of a PCI configuration space */
        LAYOUT_MACHINE,    /* nothing on the wire tells it */
        LAYOUT_ONE_OF,     /* likewise, but it is one of these */
        LAYOUT_SECTIONS,   /* the number of sections of a name, up to here */
    } kind;
    uint64_t number;
    const struct layout_name
        *names; /* LAYOUT_FIELD; LAYOUT_CAPABILITY: of the configuration space */
    size_t name_count;
    uint32_t capability, offset, size;    /* of the integer, in bytes */
    const struct layout_value *otherwise; /* where the field is not there; NULL: it must be */
    /* Applied in this order. */
    uint64_t mask;                    /* 0: none */
    const struct layout_value *times; /* NULL: none */
    int64_t plus;
    const struct layout_value *divide; /* NULL: none */
    uint32_t unit, at_most;            /* LAYOUT_MACHINE: bytes of an element, the highest number */
    const struct layout_alternative *values; /* LAYOUT_ONE_OF */
    uint32_t value_count;
    uint32_t section; /* LAYOUT_SECTIONS: its place in `counted` */
};

/* What only QEMU's code or the machine knows, with the answers that there are. Of two without a name it is yes or no. */
struct layout_choice {
    const char *name;
    const char *const *answers; /* NULL: no and yes */
    uint32_t answer_count;
};

/* One of several numbers. It can be it only where the conditions hold. */
struct layout_alternative {
    struct layout_conditions when;
    const struct layout_value *value;
};

/* COND */
struct layout_condition {
    enum layout_condition_kind {
        LAYOUT_IF_FIELD,
        LAYOUT_IF_CHOSEN,
        LAYOUT_IF_CAPABILITY,
        LAYOUT_IF_VERSION_BELOW,
        LAYOUT_IF_WITHIN,
        LAYOUT_IF_ANY,
    } kind;
    struct layout_name name; /* LAYOUT_IF_FIELD; LAYOUT_IF_CAPABILITY: of the configuration space */
    enum layout_comparison {
        LAYOUT_IS_ONE_OF,
        LAYOUT_IS_NONE_OF,
        LAYOUT_HAS_BIT_OF,
        LAYOUT_IS_AT_MOST,
        LAYOUT_IS_ABOVE,
    } comparison;
    const int64_t *numbers;
    size_t number_count;
    const struct layout_choice *choice;
    uint32_t answer;
    uint32_t capability;
    enum { LAYOUT_NO, LAYOUT_YES, LAYOUT_NONE } otherwise; /* where the space is not there */
    const char *const *structures;                         /* LAYOUT_IF_WITHIN */
    size_t structure_count;
    struct layout_conditions any; /* LAYOUT_IF_ANY */
};

/* CLASS, where it is a set of integers. */
struct layout_values {
    const int64_t *values;
    size_t value_count;
    const struct layout_value *below; /* and those from 0 up to below it; NULL: none */
};

/* What a declaration does not tell of a field, or what stands in a layout for it. */
struct layout_rule {
    struct layout_conditions when;
    const struct layout_value
        *count; /* NULL: the declaration tells it; in a layout: it is no array */
    const struct layout_value
        *size; /* of a buffer in bytes, of a bitmap in bits; NULL: its type's */
    const struct layout_values *values; /* NULL: no set */
    const struct layout_facts *inside;  /* about the structure in the field; NULL: nothing */
};

/* Whether one of the conditions is of this kind, also as one of several of which any is enough. */
bool layout_conditions_ask(struct layout_conditions conditions, enum layout_condition_kind kind);

/* Whether the rule leaves it to a state, or to what only the machine knows, which bytes there are. NULL: no rule. */
bool layout_rule_is_open(const struct layout_rule *rule);

/* Whether it leaves that to a state: to the values of fields. */
bool layout_rule_asks_state(const struct layout_rule *rule);

/* Likewise how many elements there are. */
bool layout_rule_counts_by_state(const struct layout_rule *rule);

struct layout_group;

/* FIELD */
struct layout_field {
    const char *name;
    enum layout_field_kind {
        LAYOUT_PLAIN,     /* integers or bytes */
        LAYOUT_VALUE,     /* nothing on the wire */
        LAYOUT_GROUP,     /* the fields of `group`, without a tail */
        LAYOUT_LIST,      /* likewise, with a marker before each element */
        LAYOUT_STRUCTURE, /* a structure that the program declares */
    } kind;
    struct layout_rule rule;
    const char *type; /* LAYOUT_PLAIN, and of the marker of LAYOUT_LIST */
    uint32_t size;    /* likewise: bytes; 0: `rule` tells it */
    bool is_signed, little_endian;
    bool determines; /* another field of the type refers to it */
    enum vmwire_field_class class;
    const struct layout_group *group;
    const struct layout_value *value; /* LAYOUT_VALUE */
    /* LAYOUT_LIST: the name of the marker, and the ones that end the list. */
    const char *marker;
    const int64_t *ends;
    size_t end_count;
    const char *counter; /* the field that has the number of elements; NULL: none */
    /* LAYOUT_STRUCTURE: the structure's name, or one for each structure that the type is within. */
    const char *const *within, *const *structures;
    size_t structure_count;
};

/* TYPE, or the fields of a group in one. */
struct layout_group {
    const char *type;          /* NULL: a group */
    const char *const *within; /* NULL: everywhere */
    size_t within_count;
    const char *const *sections; /* NULL: it is no section of the old style */
    size_t section_count;
    bool sized; /* the field's size is told from outside */
    bool plain; /* of a size that is always the same, and any bytes: not split */
    const struct layout_field *fields;
    size_t field_count;
    const struct layout_group *next; /* the next type */
    const struct layout_group *next_of_name;
};

/* Names that are referred to: a run of `referred` below. */
struct layout_names {
    size_t first, count;
};

/* FACTS */
struct layout_facts {
    const char *structure;
    const char *has; /* only where a program declares a field of this name in it; NULL: anywhere */
    struct layout_conditions needed;
    bool has_needed;
    const struct layout_field_fact {
        const char *key; /* the field's name, or with "#2": the second one of this name */
        struct layout_rule rule;
        bool has_class;
        enum vmwire_field_class class;
    } * fields;
    size_t field_count;
    /* Numbers that several fields depend on. */
    const struct layout_number {
        const char *name;
        const struct layout_value *value;
    } * numbers;
    size_t number_count;
    struct layout_names names; /* that it refers to */
    const struct layout_facts *next;
};

enum { LAYOUT_COUNTED = 4 };

/* A hash table from names to the first object of that name; open addressing with linear probing. */
struct layout_table {
    struct layout_slot {
        const char *name; /* NULL: the slot is free */
        const void *object;
    } * slots;
    size_t size; /* a power of two; more than there are names */
};

/* A declared structure without a name, which QEMU's code gives one of these: it has all of these fields. */
struct layout_nameless {
    const char *const *names, *const *fields;
    size_t name_count, field_count;
    const struct layout_nameless *next;
};

struct vmwire_layouts {
    const struct layout_group *types; /* in the order of the files */
    struct layout_table types_of;     /* the first one by its name */
    const struct layout_facts *facts;
    struct layout_table facts_of; /* by the structure */
    const struct layout_nameless *nameless;
    /* The names that values and conditions refer to. */
    const struct layout_name *referred;
    size_t referred_count;
    struct layout_table referred_names;
    /* The idstrs whose sections are counted. */
    const char *counted[LAYOUT_COUNTED];
    uint32_t counted_count;
};

/* Marks a described field: what follows depends on its value. With another one the stream would have another layout, and
 * nothing tells which values are possible in this one. */
void mark_as_determining(struct vmwire_field *field);

/* The layout of a type in a structure (NULL: a section of the old style) of the section; NULL: there is none, or it is plain. */
const struct layout_group *layout_of_type(const struct vmwire_layouts *layouts, const char *type,
                                          const char *structure, const char *idstr);

/* Whether it depends on the state which bytes the group has. */
bool layout_group_asks_state(const struct layout_group *group);

/* What is known of a structure; NULL: nothing. `structure` is NULL if it has no name. */
const struct layout_facts *layout_facts_of(const struct vmwire_layouts *layouts,
                                           const char *structure);

/* Whether the facts refer to a field of the structure itself that has this name. */
bool layout_facts_refer_to(const struct vmwire_layouts *layouts, const struct layout_facts *facts,
                           const char *name);

/* Whether the facts of this structure refer to a field of this name that it does not have: one of a structure around it. */
bool layout_facts_refer_outside(const struct vmwire_layouts *layouts,
                                const struct layout_facts *facts,
                                const struct vmwire_structure *structure, const char *name);

/* The name, if a value or a condition refers to a field of this name; NULL: none does. */
const char *layout_referred_name(const struct vmwire_layouts *layouts, const char *name,
                                 size_t length);

#endif
