/* SPDX-License-Identifier: MIT */
/*
 * What the brute-force tests have in common: choices that are always the same for the same seed, the values that a
 * byte of a class can have, and the differences that are found, grouped by kind. Knows nothing of schemas.
 */
#ifndef VMWIRE_TESTS_BRUTE_H
#define VMWIRE_TESTS_BRUTE_H

#include "build.h"

enum { MOST_KINDS = 512, MOST_TEXT = 256 };

/* ---- Choices ----------------------------------------------------------------------------------- */

/* A source of choices that are always the same for the same state (splitmix64). */
struct chooser {
    uint64_t state;
};

static inline unsigned choose(struct chooser *chooser, unsigned count)
{
    uint64_t value = chooser->state += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return (unsigned)((value ^ value >> 31) >> 32) % count;
}

/* ---- Bytes ------------------------------------------------------------------------------------- */

/* Whether a state can have the value in a byte of this class that holds `now` in another state. */
static inline bool class_can_hold(uint8_t class, uint8_t now, uint8_t value)
{
    switch (class) {
    case VMWIRE_FIELD_FREE:
        return true;
    case VMWIRE_FIELD_BOOL:
        return value <= 1;
    default:
        return value == now;
    }
}

/* ---- Differences ------------------------------------------------------------------------------- */

struct differences {
    struct kind_of_difference {
        char text[MOST_TEXT];
        char where[MOST_TEXT]; /* under which options, for instance */
        size_t count;
        char *example; /* the shortest */
    } kinds[MOST_KINDS];
    size_t kind_count, count;
};

static inline struct kind_of_difference *kind_of(struct differences *differences, const char *text)
{
    struct kind_of_difference *kind = differences->kinds;
    struct kind_of_difference *end = kind + differences->kind_count;
    while (kind < end && strcmp(kind->text, text) != 0)
        kind++;
    if (kind == differences->kinds + MOST_KINDS)
        TEST_BROKEN("more than %d kinds of differences", MOST_KINDS);
    if (kind == end) {
        snprintf(kind->text, sizeof(kind->text), "%s", text);
        differences->kind_count++;
    }
    return kind;
}

/* Counts a difference. Takes the example, and keeps the shortest of each kind. */
static inline void add_difference(struct differences *differences, const char *text,
                                  const char *where, char *example)
{
    struct kind_of_difference *kind = kind_of(differences, text);
    size_t length = strlen(kind->where);
    if (!strstr(kind->where, where))
        snprintf(kind->where + length, sizeof(kind->where) - length, " %s", where);
    differences->count++;
    if (!kind->count++ || strlen(example) < strlen(kind->example)) {
        free(kind->example);
        kind->example = example;
    } else {
        free(example);
    }
}

static inline int compare_kinds(const void *a, const void *b)
{
    const struct kind_of_difference *x = a, *y = b;
    return (x->count < y->count) - (x->count > y->count);
}

/* Prints the kinds, the most frequent first, and releases their examples. */
static inline void print_differences(struct differences *differences)
{
    qsort(differences->kinds, differences->kind_count, sizeof(differences->kinds[0]),
          compare_kinds);
    for (size_t i = 0; i < differences->kind_count; i++) {
        const struct kind_of_difference *kind = &differences->kinds[i];
        fprintf(stderr, "%zu times %s (%s)\n  %s\n\n", kind->count, kind->text, kind->where + 1,
                kind->example);
        free(kind->example);
    }
}

/* ---- Answers ----------------------------------------------------------------------------------- */

static inline void put_verdict(FILE *text, const struct vmwire_tail_verdict *verdict)
{
    static const char *const names[] = {"clean", "findings", "undecided"};
    fprintf(text, "\n  decided %s", names[verdict->verdict]);
    if (verdict->verdict == VMWIRE_VERDICT_CLEAN)
        fprintf(text, ": %s", vmwire_clean_reason_name(verdict->clean));
    if (verdict->differs)
        fprintf(text, ", %s", verdict->differs);
    if (verdict->reason)
        fprintf(text, ", because %s", verdict->reason);
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++) {
        const struct vmwire_finding *finding = verdict->findings[outcome];
        if (!finding)
            continue;
        fprintf(text, "; %s", vmwire_outcome_name((enum vmwire_outcome)outcome));
        for (size_t j = 0; j < finding->required_count; j++)
            fprintf(text, " %llu=%02x", (unsigned long long)finding->required[j].offset,
                    finding->required[j].value);
        for (size_t j = 0; j < finding->send_count; j++)
            fprintf(text, " sends %llu", (unsigned long long)finding->sends[j].from);
    }
}

#endif
