/* SPDX-License-Identifier: MIT */
#include "program/diff/print_conclusion.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const subject_words[SUBJECT_KINDS][2] = {
    {"part of the framing", "parts of the framing"},
    {"command", "commands"},
    {"section", "sections"},
    {"subsection", "subsections"},
    {"field", "fields"},
    {"block of RAM", "blocks of RAM"},
    {"entry", "entries"},
    {"list of pages", "lists of pages"},
};

static void print_count(const char *before, uint64_t count, const char *one, const char *many)
{
    printf("%s%" PRIu64 " %s", before, count, count == 1 ? one : many);
}

/* What only one side has. Returns what stands before the next part of the sentence. */
static const char *print_only(const struct differences *differences, const char *before, int side)
{
    bool first = true;
    for (int subject = 0; subject < SUBJECT_KINDS; subject++) {
        uint64_t count = differences->by_kind[subject][only_side(side)];
        if (!count)
            continue;
        if (first)
            printf("%sonly %c has ", before, 'A' + side);
        print_count(first ? "" : ", ", count, subject_words[subject][0], subject_words[subject][1]);
        first = false;
    }
    return first ? before : "; ";
}

static uint64_t count_kind(const struct differences *differences, enum difference_kind kind)
{
    uint64_t count = 0;
    for (int subject = 0; subject < SUBJECT_KINDS; subject++)
        count += differences->by_kind[subject][kind];
    return count;
}

static const char *print_values(const struct differences *differences, const char *before)
{
    const uint64_t(*counts)[DIFFERENCE_KINDS] = differences->by_kind;
    uint64_t values =
        counts[SUBJECT_FIELD][DIFFERENCE_VALUE] + counts[SUBJECT_FIELD][DIFFERENCE_TYPE];
    if (!values)
        return before;
    print_count(before, values, "value", "values");
    print_count(" in ", differences->sections_with_other_values, "section", "sections");
    return ", ";
}

/* Of other things than fields. */
static const char *print_others(const struct differences *differences, const char *before)
{
    static const enum difference_subject subjects[] = {SUBJECT_COMMAND, SUBJECT_BLOCK,
                                                       SUBJECT_ENTRY};
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
        uint64_t count = differences->by_kind[subjects[i]][DIFFERENCE_VALUE];
        if (!count)
            continue;
        print_count(before, count, subject_words[subjects[i]][0], subject_words[subjects[i]][1]);
        before = ", ";
    }
    uint64_t versions = count_kind(differences, DIFFERENCE_VERSION);
    if (versions) {
        print_count(before, versions, "version", "versions");
        before = ", ";
    }
    uint64_t structures = differences->by_kind[SUBJECT_SECTION][DIFFERENCE_TYPE];
    if (structures) {
        print_count(before, structures, "structure of a section", "structures of sections");
        before = ", ";
    }
    return before;
}

static const char *print_pages(const struct differences *differences, const char *before)
{
    if (differences->page_differences) {
        print_count(before, differences->page_differences, "page", "pages");
        before = ", ";
    }
    if (differences->pages_not_compared) {
        print_count(before, differences->pages_not_compared,
                    "page that cannot be compared as it was sent",
                    "pages that cannot be compared as they were sent");
        before = ", ";
    }
    return before;
}

void print_conclusion(const struct differences *differences)
{
    if (!differences->count) {
        print_count("The same: ", differences->values, "value", "values");
        print_count(" in ", differences->sections, "section", "sections");
        if (differences->entries)
            print_count(", ", differences->entries, "entry", "entries");
        if (differences->pages)
            print_count(", ", differences->pages, "page", "pages");
        puts(".");
        return;
    }
    const char *before = print_values(differences, "They differ: ");
    before = print_others(differences, before);
    before = print_pages(differences, before);
    if (count_kind(differences, DIFFERENCE_ORDER)) {
        printf("%sthe order of the sections", before);
        before = ", ";
    }
    before = before[0] == ',' ? "; " : before;
    before = print_only(differences, before, SIDE_A);
    print_only(differences, before, SIDE_B);
    puts(".");
}
