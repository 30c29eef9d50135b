/* SPDX-License-Identifier: MIT */
/*
 * Tries the possibilities one after the other, from the last one that was taken backwards. A section's end tells whether
 * they are right: its footer stands there, or in a stream without footers the next item.
 */
#include "read/unknowns.h"

#include "read/lexer_rules.h"

enum {
    UNKNOWNS_LIMIT = 256,   /* of a section */
    STEPS_LIMIT = 1 << 20, /* tokens that are tried */
    SECTIONS_LIMIT = 1 << 16, /* a section's number is below it */
};

int choose(struct lexer *lexer, uint32_t limit, const char *what, uint32_t *choice)
{
    struct unknowns *unknowns = &lexer->unknowns;
    if (unknowns->asking) {
        unknowns->limit = limit;
        if (!unknowns->answered)
            return LEXER_ASKS;
        unknowns->answered = false;
        *choice = unknowns->answer;
        return 0;
    }
    if (unknowns->next == unknowns->count)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT, "nothing in the stream tells %s", what);
    *choice = unknowns->chosen[unknowns->next++];
    return 0;
}

/* A possibility that was taken, and the lexer as it asked. */
struct taken {
    struct lexer lexer;
    uint32_t choice, limit;
};

/* A possibility that fits, and the field that it is about. */
struct fitting {
    uint32_t choice;
    const char *field;
};

struct search {
    const struct lexer *from; /* where the record begins */
    struct lexer trial;
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct taken *taken;
    size_t taken_count, taken_room;
    uint64_t steps_left;
    /* What fits. */
    const struct vmwire_structure *structure; /* NULL: nothing yet */
    struct fitting *fitting;
    size_t fitting_count;
    bool several;
    struct fitting one, other; /* where two that fit part; a field NULL: they are two structures, or it took too long */
    uint64_t furthest; /* the offset up to which a trial came */
    struct vmwire_error last; /* what was wrong there */
};

/* Whether an item begins here, in a stream without footers: the end, or a section that has an idstr. */
static bool may_be_item(const uint8_t *at, size_t left)
{
    if (left == 0 || at[0] == VMWIRE_QEMU_VM_EOF)
        return left > 0;
    bool named = at[0] == VMWIRE_QEMU_VM_SECTION_START || at[0] == VMWIRE_QEMU_VM_SECTION_FULL;
    if (!named)
        return at[0] <= VMWIRE_QEMU_VM_COMMAND && left >= 5 && vmwire_be32(at + 1) < SECTIONS_LIMIT;
    size_t length = left > 5 ? at[5] : 0;
    if (length == 0 || left < 6 + length || vmwire_be32(at + 1) >= SECTIONS_LIMIT)
        return false;
    for (size_t i = 0; i < length; i++)
        if (at[6 + i] < ' ' || at[6 + i] > '~')
            return false;
    return true;
}

/* Whether the section can end where the trial is. */
static bool ends_here(const struct lexer *trial)
{
    const uint8_t *at = trial->cursor;
    size_t left = bytes_left(trial);
    if (trial->footers != FOOTERS_ABSENT && left >= 5 && at[0] == VMWIRE_QEMU_VM_SECTION_FOOTER &&
        vmwire_be32(at + 1) == trial->section_id)
        return true;
    if (trial->footers == FOOTERS_PRESENT)
        return false;
    return may_be_item(at, left);
}

enum trial_result { TRIAL_FITS, TRIAL_ASKS, TRIAL_FAILS };

static enum trial_result run_trial(struct search *search)
{
    struct lexer *trial = &search->trial;
    struct token token = {0};
    while (search->steps_left > 0) {
        search->steps_left--;
        int kind = trial->rules(trial, &token);
        if (kind == LEXER_ASKS)
            return TRIAL_ASKS;
        if (kind == LEXER_ERROR) {
            if (search->error.offset >= search->furthest) {
                search->furthest = search->error.offset;
                search->last = search->error;
            }
            return TRIAL_FAILS;
        }
        if (trial->depth == 0)
            return ends_here(trial) ? TRIAL_FITS : TRIAL_FAILS;
    }
    search->several = true; /* it may be */
    return TRIAL_FAILS;
}

static void answer(struct search *search, uint32_t choice)
{
    search->trial.unknowns.answered = true;
    search->trial.unknowns.answer = choice;
}

/* Takes the first possibility of what the trial asks. */
static void take(struct search *search)
{
    search->taken = vmwire_arena_grow(search->from->arena, search->taken, search->taken_count,
                                      &search->taken_room, sizeof(*search->taken));
    search->taken[search->taken_count++] =
        (struct taken){search->trial, 0, search->trial.unknowns.limit};
    answer(search, 0);
}

/* Takes the next possibility of the last one that has more. Returns false when there is none. */
static bool take_next(struct search *search)
{
    while (search->taken_count > 0) {
        struct taken *last = &search->taken[search->taken_count - 1];
        if (++last->choice < last->limit) {
            search->trial = last->lexer;
            answer(search, last->choice);
            return true;
        }
        search->taken_count--;
    }
    return false;
}

static struct fitting fitting_of(const struct taken *taken)
{
    const struct frame *frame = &taken->lexer.frames[taken->lexer.depth - 1];
    return (struct fitting){taken->choice, frame->structure->fields[frame->field].name};
}

/* Notes where another way that fits parts from the first one. */
static void note_other(struct search *search, const struct vmwire_structure *structure)
{
    search->several = true;
    if (search->structure != structure)
        return;
    for (size_t i = 0; i < search->taken_count && i < search->fitting_count; i++) {
        struct fitting other = fitting_of(&search->taken[i]);
        if (other.choice == search->fitting[i].choice)
            continue;
        search->one = search->fitting[i];
        search->other = other;
        return;
    }
}

static void keep(struct search *search, const struct vmwire_structure *structure)
{
    if (search->structure) {
        note_other(search, structure);
        return;
    }
    search->structure = structure;
    search->fitting_count = search->taken_count;
    search->fitting = vmwire_arena_alloc(search->from->arena,
                                         search->taken_count * sizeof(*search->fitting));
    for (size_t i = 0; i < search->taken_count; i++)
        search->fitting[i] = fitting_of(&search->taken[i]);
}

/* Tries all possibilities of one structure, until two fit. */
static void try_structure(struct search *search, const struct vmwire_structure *structure)
{
    search->trial = *search->from;
    struct lexer *trial = &search->trial;
    trial->cost = &search->cost;
    trial->error = &search->error;
    trial->observer.tail = NULL;
    trial->keeps_owners = false;
    trial->unknowns = (struct unknowns){.asking = true};
    trial->entering.structure = structure;
    search->taken_count = 0;
    do {
        enum trial_result result = run_trial(search);
        while (result == TRIAL_ASKS && search->taken_count < UNKNOWNS_LIMIT) {
            take(search);
            result = run_trial(search);
        }
        if (result == TRIAL_FITS)
            keep(search, structure);
    } while (!search->several && take_next(search));
}

static bool accepts_version(const struct vmwire_structure *structure, uint32_t version_id)
{
    return structure->minimum_version_id <= version_id && version_id <= structure->version_id;
}

static int fail_without_fit(struct lexer *lexer, const struct search *search)
{
    const char *name = lexer->entering.structure->name;
    if (search->several && search->one.field)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT,
                    "the bytes of \"%s\" fit what the program declares in more than one way: with "
                    "%u for \"%s\", or with %u for \"%s\"; a description is needed",
                    name, search->one.choice, search->one.field, search->other.choice,
                    search->other.field);
    if (search->several)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT,
                    "the bytes of \"%s\" fit what the program declares in more than one way, or it "
                    "takes too long to tell: a description is needed",
                    name);
    return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT,
                "the bytes do not fit \"%s\" as the program declares it; the best try ended at "
                "%llu: %s",
                name, (unsigned long long)search->furthest,
                search->last.message[0] ? search->last.message : "no section footer");
}

int find_unknowns(struct lexer *lexer)
{
    const struct vmwire_structure *structure = lexer->entering.structure;
    lexer->unknowns = (struct unknowns){0};
    struct search search = {.from = lexer, .steps_left = STEPS_LIMIT};
    for (size_t i = 0;
         !search.several && (structure = vmwire_schema_declared(lexer->schema, lexer->idstr, i));
         i++)
        if (accepts_version(structure, lexer->entering.version_id))
            try_structure(&search, structure);
    if (search.several || !search.structure)
        return fail_without_fit(lexer, &search);
    lexer->entering.structure = search.structure;
    uint32_t *chosen = vmwire_arena_alloc(lexer->arena, search.fitting_count * sizeof(*chosen));
    for (size_t i = 0; i < search.fitting_count; i++)
        chosen[i] = search.fitting[i].choice;
    lexer->unknowns.chosen = chosen;
    lexer->unknowns.count = search.fitting_count;
    return 0;
}
