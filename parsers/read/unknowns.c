/* SPDX-License-Identifier: MIT */
/*
 * Tries the possibilities one after the other, from the last one that was taken backwards. A section's end tells whether
 * they are right: its footer stands there, or in a stream without footers the next item.
 */
#include "read/unknowns.h"

#include <string.h>

#include "model/alike.h"
#include "read/choices.h"
#include "read/groups.h"
#include "read/lexer_rules.h"

enum {
    UNKNOWNS_LIMIT = 256,     /* of a section */
    SECTIONS_LIMIT = 1 << 16, /* a section's number is below it */
    COMMANDS_LIMIT = 1 << 8,  /* likewise a command's */
    COPY = 16,                /* a copy of the lexer takes as long as so many tokens */
    SEARCHED = 512,           /* bytes: to search them for a footer takes as long as a token, */
    CHECKED = 256,            /* likewise to check a value of so many bytes */
    FOOTER = 5,               /* bytes: the mark, and the section's number */
};

/* A possibility that was taken, and the lexer as it asked. */
struct taken {
    struct lexer lexer;
    uint32_t choice, limit;
};

/* A possibility that fits, and the field that it is about. */
struct fitting {
    uint32_t choice;
    const char *structure, *field;
    const char *what; /* that was asked */
};

struct search {
    const struct lexer *from; /* where the record begins */
    struct lexer trial;
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct taken *taken;
    size_t taken_count, taken_room;
    size_t structures; /* how many of them the section can have */
    uint64_t *steps_left;
    const uint8_t *end; /* where the section is to end; NULL: in front of some item */
    /* What fits. */
    const struct vmwire_structure *structure; /* NULL: nothing yet */
    struct fitting *fitting;
    size_t fitting_count;
    bool several;
    bool exhausted; /* it took too long to tell */
    bool missed;    /* what is before the field would tell something */
    bool misled;    /* a value may have looked like a subsection: QEMU may refuse what was sent */
    struct fitting one, other; /* where two that fit part; no field: they are of two structures */
    uint64_t furthest;         /* the offset up to which a trial came */
    struct vmwire_error last;  /* what was wrong there */
    struct vmwire_error cut;   /* where the first trial that came to the end of the bytes did so */
};

static bool is_started(const struct lexer *lexer, uint32_t section_id)
{
    for (unsigned i = 0; i < lexer->iterable_count; i++)
        if (lexer->iterables[i].section_id == section_id)
            return true;
    return false;
}

/* Whether the header of a section that starts or is full stands here: it has an idstr. */
static bool may_be_named(const uint8_t *at, size_t left)
{
    enum { FIXED = 1 + 4 + 1 }; /* the byte, the section's id, the length of the idstr */
    if (left < FIXED)
        return true;
    if (vmwire_be32(at + 1) >= SECTIONS_LIMIT || at[5] == 0)
        return false;
    for (size_t i = 0; i < at[5] && FIXED + i < left; i++)
        if (at[FIXED + i] < ' ' || at[FIXED + i] > '~')
            return false;
    return true;
}

/* The bytes at the head of an item, which a stream that is cut off need not have. */
static size_t head_length(const uint8_t *at, size_t left)
{
    enum { FIXED = 1 + 4 };
    switch (at[0]) {
    case VMWIRE_QEMU_VM_EOF: /* and behind it the description */
        return left == 1 ? 1 : left < 6 ? 6 : 6 + (size_t)vmwire_be32(at + 2);
    case VMWIRE_QEMU_VM_COMMAND:
        return left < FIXED ? FIXED : FIXED + (size_t)vmwire_be16(at + 3);
    case VMWIRE_QEMU_VM_SECTION_START:
    case VMWIRE_QEMU_VM_SECTION_FULL:
        return left <= FIXED ? FIXED + 1 : FIXED + 1 + (size_t)at[FIXED];
    default:
        return FIXED;
    }
}

/* Whether an item begins here (grammar/stream.y). Behind a footer the stream can be cut off, or have anything behind its end. */
static bool may_be_item(const struct lexer *lexer, const uint8_t *at)
{
    const size_t left = (size_t)(lexer->limit - at);
    if (left == 0 || left < head_length(at, left)) {
        if (lexer->footers != FOOTERS_PRESENT)
            return false;
        if (left < 5)
            return left == 0 || at[0] <= VMWIRE_QEMU_VM_COMMAND;
    }
    switch (at[0]) {
    case VMWIRE_QEMU_VM_EOF:
        return lexer->footers == FOOTERS_PRESENT || left == 1 ||
               (at[1] == VMWIRE_QEMU_VM_VMDESCRIPTION && left == head_length(at, left));
    case VMWIRE_QEMU_VM_COMMAND:
        return vmwire_be16(at + 1) < COMMANDS_LIMIT;
    case VMWIRE_QEMU_VM_SECTION_START:
    case VMWIRE_QEMU_VM_SECTION_FULL:
        return may_be_named(at, left);
    case VMWIRE_QEMU_VM_SUBSECTION:
        return lexer->option->subsections == VMWIRE_SUBSECTION_ITEM &&
               vmwire_be32(at + 1) == lexer->section_id;
    case VMWIRE_QEMU_VM_SECTION_PART:
    case VMWIRE_QEMU_VM_SECTION_END:
        return is_started(lexer, vmwire_be32(at + 1));
    default:
        return false;
    }
}

static void spend(struct search *search, uint64_t steps)
{
    *search->steps_left -= *search->steps_left < steps ? *search->steps_left : steps;
}

/* The next footer of the section, behind which an item begins; NULL: there is none. */
static const uint8_t *find_footer(struct search *search, const uint8_t *begin)
{
    const struct lexer *from = search->from;
    uint8_t footer[FOOTER] = {VMWIRE_QEMU_VM_SECTION_FOOTER};
    for (unsigned i = 0; i < 4; i++)
        footer[1 + i] = (uint8_t)(from->section_id >> 8 * (3 - i));
    const uint8_t *at = from->footers == FOOTERS_ABSENT ? NULL : begin;
    while (at && *search->steps_left > 0) {
        const uint8_t *found = memmem(at, (size_t)(from->limit - at), footer, FOOTER);
        spend(search, 1 + (uint64_t)((found ? found : from->limit) - at) / SEARCHED);
        if (found && may_be_item(from, found + FOOTER))
            return found;
        at = found ? found + 1 : NULL;
    }
    return NULL;
}

/* Whether the section can end where the trial is. */
static bool ends_here(const struct search *search)
{
    const struct lexer *trial = &search->trial;
    return search->end ? trial->cursor == search->end : may_be_item(trial, trial->cursor);
}

/* There may be several. */
static void give_up(struct search *search)
{
    search->several = search->exhausted = true;
}

enum trial_result { TRIAL_FITS, TRIAL_ASKS, TRIAL_FAILS };

static enum trial_result run_trial(struct search *search)
{
    struct lexer *trial = &search->trial;
    struct token token = {0};
    while (*search->steps_left > 0) {
        int kind = trial->rules(trial, &token);
        search->missed |= trial->unknowns.missed;
        spend(search, 1 + trial->unknowns.checked / CHECKED);
        trial->unknowns.checked = 0;
        if (kind == LEXER_ASKS)
            return TRIAL_ASKS;
        if (kind == LEXER_SPLIT)
            return TRIAL_FITS;
        if (kind == LEXER_ERROR) {
            search->misled |= trial->unknowns.refused_at_tail;
            if (search->error.offset >= search->furthest) {
                search->furthest = search->error.offset;
                search->last = search->error;
            }
            if (search->error.kind == VMWIRE_ERROR_TRUNCATED &&
                search->cut.kind == VMWIRE_ERROR_NONE) {
                search->cut = search->error;
                lexer_locate(trial, &search->cut);
            }
            return TRIAL_FAILS;
        }
        if (search->end && trial->cursor > search->end)
            return TRIAL_FAILS;
        if (trial->depth == 0)
            return ends_here(search) ? TRIAL_FITS : TRIAL_FAILS;
    }
    give_up(search);
    return TRIAL_FAILS;
}

/* Answers what the trial asks. The lexer is copied each time. */
static void answer(struct search *search, uint32_t choice)
{
    spend(search, COPY);
    search->trial.unknowns.answered = true;
    search->trial.unknowns.answer = choice;
}

/* Copies a lexer without the frames that are not in use: they are most of it. */
static void copy_lexer(struct lexer *to, const struct lexer *from)
{
    const size_t used = offsetof(struct lexer, frames) + from->depth * sizeof(from->frames[0]);
    const size_t behind = offsetof(struct lexer, depth);
    memcpy(to, from, used);
    memcpy((char *)to + behind, (const char *)from + behind, sizeof(*to) - behind);
}

/* Takes the first possibility of what the trial asks. */
static void take(struct search *search)
{
    search->taken = vmwire_arena_grow(search->from->arena, search->taken, search->taken_count,
                                      &search->taken_room, sizeof(*search->taken));
    struct taken *taken = &search->taken[search->taken_count++];
    copy_lexer(&taken->lexer, &search->trial);
    taken->choice = 0;
    taken->limit = search->trial.unknowns.limit;
    answer(search, 0);
}

/* Takes the next possibility of the last one that has more. Returns false when there is none. */
static bool take_next(struct search *search)
{
    while (search->taken_count > 0) {
        struct taken *last = &search->taken[search->taken_count - 1];
        if (++last->choice < last->limit) {
            copy_lexer(&search->trial, &last->lexer);
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
    const char *field = NULL; /* at the end of a record it is about none */
    if (frame->group && frame->field < frame->group->field_count)
        field = frame->group->fields[frame->field].name;
    else if (!frame->group && frame->field < frame->structure->field_count)
        field = frame->structure->fields[frame->field].name;
    return (struct fitting){taken->choice, frame->structure->name, field,
                            taken->lexer.unknowns.what};
}

/* Notes where another way that fits parts from the first one. */
static void note_other(struct search *search, const struct vmwire_structure *structure)
{
    if (search->structure != structure) {
        search->several = !are_alike(search->structure, structure);
        return;
    }
    search->several = true;
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
    search->fitting =
        vmwire_arena_alloc(search->from->arena, search->taken_count * sizeof(*search->fitting));
    for (size_t i = 0; i < search->taken_count; i++)
        search->fitting[i] = fitting_of(&search->taken[i]);
}

static void begin_trial(struct search *search, unsigned split)
{
    search->trial = *search->from;
    struct lexer *trial = &search->trial;
    trial->cost = &search->cost;
    trial->error = &search->error;
    trial->observer.tail = NULL;
    trial->keeps_owners = false;
    trial->unknowns = (struct unknowns){.asking = true, .end = search->end, .split = split};
    search->taken_count = 0;
}

/* Tries all possibilities of one structure, or of a field in it, until two fit. The trial has begun. */
static void try_all(struct search *search, const struct vmwire_structure *structure)
{
    do {
        enum trial_result result = run_trial(search);
        while (result == TRIAL_ASKS && search->taken_count < UNKNOWNS_LIMIT) {
            take(search);
            result = run_trial(search);
        }
        if (result == TRIAL_ASKS)
            give_up(search);
        if (result == TRIAL_FITS)
            keep(search, structure);
    } while (!search->several && take_next(search));
}

static void try_structure(struct search *search, const struct vmwire_structure *structure)
{
    begin_trial(search, 0);
    search->trial.entering.structure = structure;
    try_all(search, structure);
}

static bool accepts_version(const struct vmwire_structure *structure, uint32_t version_id)
{
    return structure->minimum_version_id <= version_id && version_id <= structure->version_id;
}

const struct vmwire_structure *find_declared(struct lexer *lexer, uint32_t version_id)
{
    const struct vmwire_structure *structure,
        *first = vmwire_schema_declared(lexer->schema, lexer->idstr, 0);
    for (size_t i = 0; lexer->trials_left > 0; i++, lexer->trials_left--) {
        structure = vmwire_schema_declared(lexer->schema, lexer->idstr, i);
        if (!structure || accepts_version(structure, version_id))
            return structure ? structure : first;
    }
    return first;
}

/* Whether a value may be taken for a subsection. No value misleads a reader that goes by the description. */
static bool is_misled(const struct search *search)
{
    return search->misled && !search->from->goes_by_description;
}

/* No footer of the section follows, and the bytes end within what the program declares: there are no more of them, whatever
 * the section has. */
static bool is_cut_off(struct search *search)
{
    return search->from->footers == FOOTERS_PRESENT && *search->steps_left > 0 &&
           search->cut.kind == VMWIRE_ERROR_TRUNCATED && !find_footer(search, search->from->cursor);
}

static int fail_at_cut(struct lexer *lexer, const struct search *search)
{
    *lexer->error = search->cut;
    return LEXER_ERROR;
}

static int fail_without_fit(struct lexer *lexer, struct search *search)
{
    const char *own = lexer->entering.structure->name, *name = own ? own : lexer->idstr;
    if (search->several && search->one.field)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT,
                    "the bytes of \"%s\" fit what the program declares in more than one way: with "
                    "%u for \"%s\", or with %u for \"%s\"; a description is needed",
                    name, search->one.choice, search->one.field, search->other.choice,
                    search->other.field);
    if (search->structure && is_misled(search) && !search->several)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT,
                    "the bytes of \"%s\" fit in one way, but in another a value looks like a "
                    "subsection, which the reader refuses: a description is needed",
                    name);
    if (search->several)
        return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT, "%s \"%s\": a description is needed",
                    search->exhausted ? "it takes too long to find how the bytes fit"
                                      : "the bytes fit two structures",
                    name);
    if (is_cut_off(search))
        return fail_at_cut(lexer, search);
    return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT,
                "the bytes do not fit \"%s\" as the program declares it; the best try ended at "
                "%llu: %s",
                name, (unsigned long long)search->furthest,
                search->last.message[0] ? search->last.message : "no section footer");
}

/* Tries the structures that the section can have: first those that none refers to. */
static void try_structures(struct search *search)
{
    const struct lexer *from = search->from;
    const struct vmwire_structure *structure;
    search->structures = 0;
    for (size_t i = 0;
         !search->several && (structure = vmwire_schema_declared(from->schema, from->idstr, i)) &&
         !(structure->referred && search->structure);
         i++) {
        spend(search, 1);
        if (!accepts_version(structure, from->entering.version_id))
            continue;
        search->structures++;
        try_structure(search, structure);
    }
}

/* Tries all ends that the section can have. A value of the section can have the bytes of a footer. */
static void try_ends(struct search *search)
{
    search->end = find_footer(search, search->from->cursor);
    try_structures(search);
    while (search->end && !search->several) {
        bool settled = search->structure && search->fitting_count == 0 && search->structures == 1;
        search->end = settled ? NULL : find_footer(search, search->end + 1);
        if (search->end)
            try_structures(search);
    }
    if (*search->steps_left == 0)
        give_up(search);
}

/* Gives the arena back, but for the choices that fit. */
static void keep_choices(struct lexer *lexer, const struct search *search,
                         struct vmwire_arena_mark mark)
{
    uint32_t choices[UNKNOWNS_LIMIT];
    for (size_t i = 0; i < search->fitting_count; i++)
        choices[i] = search->fitting[i].choice;
    vmwire_arena_reset(lexer->arena, mark);
    uint32_t *chosen = vmwire_arena_alloc(lexer->arena, search->fitting_count * sizeof(*chosen));
    memcpy(chosen, choices, search->fitting_count * sizeof(*chosen));
    lexer->unknowns = (struct unknowns){.chosen = chosen, .count = search->fitting_count};
}

/* Takes the tokens of one search out of those of the stream. What is left goes back to them. */
static uint64_t take_trials(struct lexer *lexer)
{
    uint64_t steps = lexer->trials_left < SECTION_TRIALS ? lexer->trials_left : SECTION_TRIALS;
    lexer->trials_left -= steps;
    return steps;
}

int find_unknowns(struct lexer *lexer)
{
    struct vmwire_arena_mark mark = vmwire_arena_mark(lexer->arena);
    uint64_t steps = take_trials(lexer);
    struct search search = {.from = lexer, .steps_left = &steps};
    lexer->unknowns = (struct unknowns){0};
    try_ends(&search);
    lexer->trials_left += steps;
    if (search.several || is_misled(&search) || !search.structure) {
        vmwire_arena_reset(lexer->arena, mark);
        return fail_without_fit(lexer, &search);
    }
    keep_choices(lexer, &search, mark);
    lexer->entering.structure = search.structure;
    return 0;
}

int enter_without_trial(struct lexer *lexer)
{
    const struct vmwire_structure *structure;
    size_t structures = 0;
    for (size_t i = 0; lexer->trials_left > 0 &&
                       (structure = vmwire_schema_declared(lexer->schema, lexer->idstr, i));
         i++, lexer->trials_left--)
        structures += accepts_version(structure, lexer->entering.version_id);
    lexer->unknowns = (struct unknowns){0};
    if (structures == 1)
        return 0;
    return FAIL(lexer, VMWIRE_ERROR_NO_LAYOUT,
                "the program declares %zu structures for the section \"%s\"", structures,
                lexer->idstr);
}

bool split_field(struct lexer *lexer, const struct layout_group *group, const uint8_t *end)
{
    struct vmwire_arena_mark mark = vmwire_arena_mark(lexer->arena);
    uint64_t steps = take_trials(lexer);
    struct search search = {.from = lexer, .steps_left = &steps, .end = end};
    begin_trial(&search, lexer->depth);
    if (enter_group(&search.trial, group, end, true) == LEXER_AGAIN)
        try_all(&search, lexer->frames[lexer->depth - 1].structure);
    lexer->trials_left += steps;
    bool fits = search.structure && !search.several && !is_misled(&search);
    if (fits)
        keep_choices(lexer, &search, mark);
    else
        vmwire_arena_reset(lexer->arena, mark);
    return fits;
}

/* ---- All ways in which a field can be read ---- */

/* The trial has come to the end of the field. */
static void keep_way(const struct search *search, struct private_ways *ways, size_t *room)
{
    struct vmwire_arena *arena = search->from->arena;
    struct private_answer *answers =
        vmwire_arena_alloc(arena, search->taken_count * sizeof(*answers));
    for (size_t i = 0; i < search->taken_count; i++) {
        const struct fitting taken = fitting_of(&search->taken[i]);
        answers[i] = (struct private_answer){taken.structure, taken.field, taken.choice,
                                             taken.what == question_of_presence};
    }
    ways->list = vmwire_arena_grow(arena, ways->list, ways->count, room, sizeof(*ways->list));
    ways->list[ways->count++] = (struct private_way){
        (uint64_t)(search->trial.cursor - search->from->cursor), answers, search->taken_count};
}

struct private_ways find_ways(struct lexer *lexer, const struct layout_group *group,
                              const uint8_t *end, bool exact)
{
    uint64_t steps = take_trials(lexer);
    struct search search = {.from = lexer, .steps_left = &steps, .end = end};
    struct private_ways ways = {.list = NULL};
    size_t room = 0;
    begin_trial(&search, lexer->depth);
    if (enter_group(&search.trial, group, end, exact) != LEXER_AGAIN)
        return ways;
    do {
        enum trial_result result = run_trial(&search);
        while (result == TRIAL_ASKS && search.taken_count < UNKNOWNS_LIMIT) {
            take(&search);
            result = run_trial(&search);
        }
        if (result == TRIAL_ASKS)
            give_up(&search);
        if (result == TRIAL_FITS)
            keep_way(&search, &ways, &room);
    } while (!search.exhausted && ways.count <= PRIVATE_WAYS_LIMIT && take_next(&search));
    lexer->trials_left += steps;
    ways.complete =
        !search.exhausted && !search.misled && !search.missed && ways.count <= PRIVATE_WAYS_LIMIT;
    return ways;
}
