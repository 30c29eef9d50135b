/* SPDX-License-Identifier: MIT */
/*
 * The tables of grammar/loader.toml, which says what their columns mean. Knows nothing of sides and differences.
 */
#ifndef VMWIRE_SKEW_SHARED_LOADER_TABLES_H
#define VMWIRE_SKEW_SHARED_LOADER_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VALUE_ROW_LIMIT = 64 };

enum value_comparison { COMPARE_EQUAL, COMPARE_AT_MOST, COMPARE_NEEDS, COMPARE_LIMIT };

/* The newest release that is known, 1002 for 10.2. */
extern const unsigned newest_release;

/* Values of fields that are compared. */
struct value_row {
    const char *rule;
    const char *structure;     /* its name, or how it begins with * at the end; NULL: any */
    const char *const *fields; /* ends with NULL; NULL: any */
    const char *type;          /* its name, or how it ends with * at the beginning; NULL: any */
    const char *const *limits; /* COMPARE_LIMIT: names of the reader's field; ends with NULL */
    const char *unless;        /* a subsection of the reader's section; NULL: none */
    bool missing_is_0;         /* of an element that the reader's array lacks */
    bool own_length;           /* the reader takes as many elements as it has */
    const char *adds;      /* how a section's name ends whose reader can add elements; NULL: none */
    const char *adds_when; /* what decides it then */
    const char *when;      /* NULL: a difference decides */
    unsigned since;        /* the first release with the rule, 1002 for 10.2; 0: any */
    const char *property;  /* NULL: none */
    const char *message;   /* NULL: that of the rule */
    const char *places;    /* of the message, a letter each: see value_text() in values.c */
    enum value_comparison comparison;
    bool first_name; /* the reader's field has the first of the names */
};

extern const struct value_row value_rows[];
extern const size_t value_row_count;

/* Capabilities of the machine pseries. */
struct spapr_row {
    const char *subsection, *name;
    bool is_switch; /* it has the levels 0 and 1 */
};

extern const struct spapr_row spapr_rows[];
extern const size_t spapr_row_count;

/* Subsections that a machine sends exactly where its device has what they are of. */
struct pointer_row {
    const char *subsection, *advice;
    const char *
        unless; /* what decides where the reader's section has none of that name; NULL: it is decided */
    unsigned until,
        since; /* every device has it up to this release, 702 for 7.2; not every one from this one on; 0: never */
};

extern const struct pointer_row pointer_rows[];
extern const size_t pointer_row_count;

/* What decides whether a subsection is sent, where its function asks no property. */
struct need_row {
    const char *subsection, *advice;
};

extern const struct need_row need_rows[];
extern const size_t need_row_count;

/* Structures of which a function sends some fields, which looks at wrong memory. */
struct unsure_row {
    const char *structure;
    size_t steady; /* elements for which it says the same in each process */
    const char *when, *advice;
};

extern const struct unsure_row unsure_rows[];
extern const size_t unsure_row_count;

/* Structures, or names, of sections that a machine sends only when it needs to. */
extern const char *const at_need_rows[];
extern const size_t at_need_row_count;

/* System registers of Arm that no guest can change: those whose number has these bits. The first row that fits decides. */
struct arm_constant_row {
    uint64_t mask, value;
    bool is_written; /* a stream sets it: it is none of them */
};

extern const struct arm_constant_row arm_constant_rows[];
extern const size_t arm_constant_row_count;

/* Second instance ids of sections. */
struct alias_row {
    const char *section;   /* its idstr */
    uint32_t id, instance; /* the second one, and that of the section in the reader's own stream */
    unsigned last,
        until; /* the last release that has it, 1000 for 10.0, and the first that has not; 0: all have it */
    uint32_t movable; /* other ids, from this one on, can be those of a machine; 0: none */
};

extern const struct alias_row alias_rows[];
extern const size_t alias_row_count;

/* RAM blocks that can be resized. */
struct resizable_row {
    const char *name; /* how it begins */
    uint64_t limit;   /* bytes; 0: the reader's own length */
};

extern const struct resizable_row resizable_rows[];
extern const size_t resizable_row_count;

/* What makes a RAM block, by its name. The last row fits any. */
struct ram_origin_row {
    const char *name;   /* its whole, or with * how it begins or ends */
    const char *advice; /* with a place for the name, or without */
};

extern const struct ram_origin_row ram_origin_rows[];
extern const size_t ram_origin_row_count;

/* A feature of virtio devices, and the property that sets it, or the field that has it and those behind it. */
struct feature_row {
    const char *structure; /* NULL: any */
    unsigned bit;
    const char *name;
};

/* Fields of a section that have the features which the guest uses; of several with one bit the first that is there. */
extern const struct feature_row negotiated_rows[];
extern const size_t negotiated_row_count;

/* In the program, the others of its word are features, too. */
extern const struct feature_row feature_word_rows[];
extern const size_t feature_word_row_count;

/* Those that are no bit of such a word. */
extern const struct feature_row feature_rows[];
extern const size_t feature_row_count;

/* Iterable sections that younger readers do not have. */
struct removed_row {
    const char *idstr;
    unsigned until; /* the first release without it, 901 for 9.1 */
    const char *advice;
};

extern const struct removed_row removed_rows[];
extern const size_t removed_row_count;

/* Records of RAM that not every reader takes. */
struct ram_record_row {
    const char *entry; /* its token */
    unsigned flags;    /* on the wire */
    unsigned since,
        until; /* releases that take it, 801 for 8.1: before `until`; 0: from the first, to the last */
    const char *capability; /* that they need for it; NULL: none */
    const char *message;    /* of one without it */
    const char *advice;
};

extern const struct ram_record_row ram_record_rows[];
extern const size_t ram_record_row_count;

/* A register of the PCI configuration: little-endian, as its masks. */
struct pci_register {
    uint16_t at; /* from the beginning of the header, or of the capability */
    uint8_t bytes;
    uint64_t cmask, wmask, w1cmask;
    uint64_t older_cmask; /* of releases before `older_until`; that 0: the same */
    unsigned older_until;
    uint64_t may;         /* written, or not compared, in some devices only */
    uint64_t unless_set;  /* not known where the reader's own value is 0 */
    uint64_t number_mask; /* bits that are a number, ... */
    uint8_t number_plus;  /* which is so much more; 0, 0: it is none */
    const char *name, *advice, *when_unless_set;
};

struct pci_header_row {
    int header; /* type; -1: any */
    struct pci_register register_;
};

extern const struct pci_header_row pci_header_rows[];
extern const size_t pci_header_row_count;

struct pci_capability {
    uint16_t id;
    uint16_t vendor; /* of the header; 0: any */
    uint16_t match_at, match_mask, match_value;
    uint16_t size;               /* bytes; 0: as a number in it says */
    uint16_t size_at, size_mask; /* that number */
    const char *name;
    const char *made_by; /* what a user sets so that a device has it; NULL: nothing is known */
    const struct pci_register *registers;
    size_t register_count;
};

extern const struct pci_capability pci_capabilities[], pci_extended_capabilities[];
extern const size_t pci_capability_count, pci_extended_capability_count;

/* What a kind of device has otherwise. */
struct pci_device_row {
    uint16_t vendor, device;
    const struct pci_register *registers;
    size_t register_count;
};

extern const struct pci_device_row pci_device_rows[];
extern const size_t pci_device_row_count;

/* What sets a register in devices of a vendor, or in one device. */
struct pci_advice_row {
    const char *register_;   /* its name */
    uint16_t vendor, device; /* device 0: any */
    const char *advice;
};

extern const struct pci_advice_row pci_advice_rows[];
extern const size_t pci_advice_row_count;

#endif
