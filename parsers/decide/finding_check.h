/* SPDX-License-Identifier: MIT */
/*
 * Reads the witness of a finding with the reference reader before the finding is shown: the search can be
 * wrong about a state, the reader cannot. This file must not know the search.
 */
#ifndef VMWIRE_DECIDE_FINDING_CHECK_H
#define VMWIRE_DECIDE_FINDING_CHECK_H

#include "decide/writer_side.h"
#include "vmwire/decide.h"

/* What the reader does at a tail where it is in step with the writer. */
struct expected_tail {
    uint64_t offset;                      /* in the stream */
    const struct vmwire_structure *owner; /* the reader's */
    bool taken;                           /* it takes the subsection that is sent here */
    /* Where the optional subsections begin of which this is a part. */
    const uint64_t *within;
    size_t within_count;
};

struct finding_check {
    const struct vmwire_question *question;
    const struct writer_side *writer;
    struct vmwire_arena *work;  /* for the tails that are expected, and for each reading */
    uint8_t *room;              /* for the stream that is read */
    struct resumable *readings; /* of the short streams */
    size_t item;                /* the item that is being decided */
    /* Its tails, in the order of the stream, as far as reader and writer have come in step. */
    struct expected_tail *expected;
    size_t expected_count, expected_room;
    /* The items that start a section which goes on in later ones, and the last of these. */
    struct started_section {
        size_t start, last;
    } * started;
    size_t started_count, started_room;
    struct vmwire_finding
        calm; /* requires the bytes with which the items before do not mislead the reader */
};

/* All of it is in the arena `work`, also until that is destroyed. */
struct finding_check make_finding_check(const struct vmwire_question *question,
                                        const struct writer_side *writer,
                                        struct vmwire_arena *work);

/* Finds the sections that go on in later items. */
void note_started_sections(struct finding_check *check);

/* Forgets the tails of the item before. */
void begin_checked_item(struct finding_check *check, size_t item);

void expect_tail(struct finding_check *check, struct expected_tail tail);

/*
 * Whether the reader ends as the finding says, and is in step at all tails of this item before. At a tail
 * (`at_tail`: the last one that is expected) its decision must be another one than the writer's. `reach`: the
 * reader looks at no byte behind this offset before it ends, or is in step again.
 *
 * Where the stream's own bytes mislead the reader at a tail before, the finding gets one more required byte.
 * `arena` is for that.
 */
bool finding_holds(const struct finding_check *check, struct vmwire_finding *finding, bool at_tail,
                   uint64_t reach, struct vmwire_arena *arena);

/* Whether a state without optional subsections comes to the end of this item with the reader in step: no constant, and
 * nothing else that every such state has, misleads the reader. All its tails must be expected. Findings in later
 * items get the bytes that are needed for this. */
bool pass_item(struct finding_check *check, struct vmwire_arena *arena);

#endif
