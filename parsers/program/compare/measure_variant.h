/* SPDX-License-Identifier: MIT */
/*
 * Measures one stream under one variant: bytes, tails that can be misled, and what the release before makes of it.
 */
#ifndef VMWIRE_PROGRAM_COMPARE_MEASURE_VARIANT_H
#define VMWIRE_PROGRAM_COMPARE_MEASURE_VARIANT_H

#include "program/compare/crossing.h"
#include "program/compare/differences.h"
#include "program/compare/signatures.h"
#include "program/compare/variants.h"
#include "vmwire/vmwire.h"

/* One stream under one variant. */
struct variant_cell {
    bool applies;  /* false: nothing is known of it, or the variant cannot write the stream */
    int64_t added; /* bytes, against the stream as it is */
    bool decided;  /* the next four are known */
    size_t tails, reject; /* all; those at which a state can make its own reader reject, */
    size_t silent;        /* and those at which one misleads it silently */
    size_t undecided;
    /* The chance that uniformly random fields mislead the reader somewhere, at most: the sum over the tails, of which those that are
     * undecided count as misleading. */
    double chance;
    enum vmwire_outcome own; /* what its own reader makes of the stream as it is, */
    enum vmwire_outcome
        before; /* what the reader of the release before makes of the stream as it is */
    /* One after another, each subsection that is sent is unknown to the variant's reader: */
    size_t unknown_refused, unknown_silent;          /* in the stream as it is, */
    size_t unknown_can_be_silent, unknown_undecided; /* and in any state of it */
    uint64_t held; /* bytes that the reader holds before it knows what the first of them are */
    bool changed;  /* CHANGE_NEW_MACHINES: the machine type is a new one */
    size_t sections, refused_sections; /* with another version: CHANGE_VERSIONS, CHANGE_FIELDS */
    struct crossings crossings;
    /* Two states with the same bytes, of what `writes` writes: tails with such a pair, and those where that is undecided. */
    size_t ambiguous, ambiguity_undecided;
    /* What becomes of the structures that no earlier stream had, where the reader's release has another one. */
    struct difference_sum differences[RELEASE_DIFFERENCES];
    bool newer_refused; /* the reader refuses the stream if each section has a newer version */
    size_t assumed,
        not_known; /* CHANGE_FIELDS: subsections with a layout from a dump, or with none */
};

/* A stream, read under today's option. The caller owns all of it. */
struct variant_subject {
    const struct vmwire_stream *stream;
    struct vmwire_schema *schema;
    const struct vmwire_schema *existing; /* of the release before; NULL: not known */
    bool footers;
    const char *file;
    struct vmwire_arena *arena; /* for all that is needed meanwhile */
    struct vmwire_arena *keeps; /* of the next two */
    struct seen_names *seen;    /* structures of earlier streams */
    struct signatures *signatures;
};

/* Measures all variants of the stream, in their order, but for those that depend on the machine type. Returns false with
 * `error` set when memory runs out. */
bool measure_variants(struct variant_cell *cells, const struct variant_subject *subject,
                      struct vmwire_error *error);

/* The option that stands for all options of its wire: they have the same two states with the same bytes. */
const struct vmwire_option *wire_of(const struct vmwire_option *option);

/* The version at the end of a machine type, for instance "7.2"; NULL: none. */
const char *machine_version(const char *machine);

/* Compares two such versions number by number, as strcmp() does. */
int compare_versions(const char *a, const char *b);

/* Completes the cells of the variants that write new machine types otherwise: those with the version `since` or a later
 * one. */
void choose_by_machine(struct variant_cell *cells, const char *machine, const char *since);

#endif
