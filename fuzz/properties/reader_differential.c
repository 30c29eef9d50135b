/* SPDX-License-Identifier: MIT */
/* Runs readers, checks their decisions and compares them; see reader_differential.h. */
#include "properties/reader_differential.h"

#include <string.h>

#include "properties/findings.h"
#include "vmwire/wire.h"

bool reads_current_format(const struct vmwire_option *option)
{
    return option->stream_version == VMWIRE_QEMU_VM_FILE_VERSION &&
           option->subsections == VMWIRE_SUBSECTION_INLINE &&
           option->look != VMWIRE_LOOK_IF_ONLY_READING && option->look != VMWIRE_LOOK_DESCRIBED;
}

/* Whether a rule that goes by names looks for bytes behind the last of `left`. It refuses the stream then. */
static bool looks_beyond_end(const struct vmwire_structure *owner, struct vmwire_bytes left)
{
    return left.length < 2 ||
           (left.data[1] > strlen(owner->name) && left.length - 2 < left.data[1]);
}

/* The rule at the tails of this structure. */
static enum vmwire_tail_look look_at(enum vmwire_tail_look look,
                                     const struct vmwire_structure *owner)
{
    if (look != VMWIRE_LOOK_IF_DECLARED_AND_PLAUSIBLE)
        return look;
    return owner->subsection_count ? VMWIRE_LOOK_IF_PLAUSIBLE : VMWIRE_LOOK_NEVER;
}

/* Whether the rule takes a subsection at a tail, or would if the bytes did not end: the design, section 3. */
static bool takes_subsection(enum vmwire_tail_look look, const struct vmwire_structure *owner,
                             struct vmwire_bytes left)
{
    size_t length = strlen(owner->name);
    if (!left.length || left.data[0] != VMWIRE_QEMU_VM_SUBSECTION)
        return false;
    if (look == VMWIRE_LOOK_IF_DECLARED)
        return owner->subsection_count > 0;
    if (look == VMWIRE_LOOK_IF_PLAUSIBLE)
        return looks_beyond_end(owner, left) ||
               (left.data[1] > length && memcmp(left.data + 2, owner->name, length) == 0);
    return look == VMWIRE_LOOK_ALWAYS;
}

/* Returns how many bytes the rule examines before it decides. The bytes of a subsection that it takes are read
 * again. */
static uint64_t looked_ahead(enum vmwire_tail_look look, const struct vmwire_structure *owner,
                             struct vmwire_bytes left)
{
    if (look != VMWIRE_LOOK_IF_PLAUSIBLE || !left.length ||
        left.data[0] != VMWIRE_QEMU_VM_SUBSECTION)
        return 0;
    if (looks_beyond_end(owner, left))
        return left.length;
    return left.data[1] <= strlen(owner->name) ? 2 : 2 + (uint64_t)left.data[1];
}

/* Returns the bytes that are left for a reader at that offset: the rest of a package, or of the stream. */
static struct vmwire_bytes left_at(struct vmwire_bytes bytes, const struct vmwire_stream *stream,
                                   uint64_t offset)
{
    uint64_t end = bytes.length;
    for (size_t i = 0; i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (item->kind != VMWIRE_ITEM_PACKAGE)
            continue;
        uint64_t begin = (uint64_t)(item->package.data - bytes.data);
        if (begin <= offset && offset <= begin + item->package.length)
            end = begin + item->package.length;
    }
    return (struct vmwire_bytes){bytes.data + offset, (size_t)(end - offset)};
}

/* A rejected stream does not tell its packages. Finds the next command that may begin one around the offset. False:
 * there is none. `from` is then behind it. */
static bool find_package_around(struct vmwire_bytes bytes, uint64_t offset, uint64_t *from,
                                struct vmwire_bytes *left)
{
    static const uint8_t head[] = {VMWIRE_QEMU_VM_COMMAND, 0, VMWIRE_MIG_CMD_PACKAGED, 0, 4};
    for (;;) {
        const uint8_t *found =
            memmem(bytes.data + *from, (size_t)(offset - *from), head, sizeof(head));
        if (!found || bytes.length - (size_t)(found - bytes.data) < sizeof(head) + 4)
            return false;
        uint64_t begin = (uint64_t)(found - bytes.data) + sizeof(head) + 4;
        uint64_t end = begin + vmwire_be32(found + sizeof(head));
        *from = begin < offset ? begin : offset;
        if (begin <= offset && offset <= end && end <= bytes.length) {
            *left = (struct vmwire_bytes){bytes.data + offset, (size_t)(end - offset)};
            return true;
        }
    }
}

/* Whether the reader decided as its rule says. `left`: the bytes that the rule could see. */
static bool keeps_rule(const struct test_case *test_case, const struct reader_run *run,
                       const struct vmwire_tail_event *event, struct vmwire_bytes *left)
{
    const struct vmwire_bytes bytes = test_case->bytes;
    const struct vmwire_stream *stream = run->result.stream;
    uint64_t from = 0;
    *left = stream ? left_at(bytes, stream, event->offset)
                   : (struct vmwire_bytes){bytes.data + event->offset,
                                           bytes.length - (size_t)event->offset};
    while (takes_subsection(look_at(run->option->look, event->owner), event->owner, *left) !=
           event->taken)
        if (stream || !find_package_around(bytes, event->offset, &from, left))
            return false;
    return true;
}

static void require_rule(const struct test_case *test_case, struct reader_run *run)
{
    if (run->option->look == VMWIRE_LOOK_IF_ONLY_READING)
        return; /* the bytes at a tail do not tell (consistent_reading.h) */
    for (size_t i = 0; i < run->decisions.count; i++) {
        const struct vmwire_tail_event *event = &run->decisions.events[i];
        struct vmwire_bytes left;
        fuzz_require(keeps_rule(test_case, run, event, &left),
                     "%s breaks its rule at the tail of %s at %#llx", run->option->name,
                     event->owner->name, (unsigned long long)event->offset);
        run->lookahead +=
            looked_ahead(look_at(run->option->look, event->owner), event->owner, left);
    }
}

static const char *verdict_of(const struct read_result *result)
{
    if (!result->stream)
        return result->error.kind == VMWIRE_ERROR_NO_LAYOUT
                   ? NULL
                   : vmwire_outcome_name(VMWIRE_OUTCOME_REJECT);
    return result->cost.accounted[VMWIRE_ACCOUNT_UNREAD]
               ? vmwire_outcome_name(VMWIRE_OUTCOME_TRUNCATED)
               : "accept";
}

struct reader_run run_reader(const struct test_case *test_case, const struct vmwire_option *option)
{
    struct reader_run run = {.option = option, .decisions = {.arena = test_case->arena}};
    struct vmwire_reading reading = {.option = option,
                                     .observer = record_decisions(&run.decisions)};
    set_stream_version(test_case, option);
    run.result = read_within_bounds(test_case, reading);
    run.verdict = verdict_of(&run.result);
    require_rule(test_case, &run);
    return run;
}

/* Whether the reader has found the end where it expected more bytes at a tail or in a header. */
static bool runs_out_at_tail(const struct reader_run *run)
{
    const struct tail_decisions *decisions = &run->decisions;
    const struct vmwire_tail_event *last =
        decisions->count ? &decisions->events[decisions->count - 1] : NULL;
    return !run->result.stream && run->result.error.kind == VMWIRE_ERROR_TRUNCATED && last &&
           (run->result.error.offset == last->offset || (last->taken && !last->name[0]));
}

static void require_agreement(const struct reader_run *a, const struct reader_run *b)
{
    const char *first = a->option->name, *second = b->option->name;
    bool rejected = !a->result.stream;
    fuzz_require(rejected == !b->result.stream, "%s and %s decide alike, and only one accepts",
                 first, second);
    if (rejected && !(runs_out_at_tail(a) && runs_out_at_tail(b)))
        fuzz_require(a->result.error.kind == b->result.error.kind &&
                         a->result.error.offset == b->result.error.offset,
                     "%s: %s; %s: %s", first, a->result.error.message, second,
                     b->result.error.message);
    else if (!rejected)
        fuzz_require(vmwire_stream_equal(a->result.stream, b->result.stream) &&
                         a->result.cost.bytes_examined - a->lookahead ==
                             b->result.cost.bytes_examined - b->lookahead,
                     "%s and %s decide alike, and read differently", first, second);
}

/* Whether the reader refused the last subsection that it took, because the option has none that declares
 * subsections. */
static bool refused_nested(const struct reader_run *run)
{
    return !run->result.stream && run->result.error.kind == VMWIRE_ERROR_NESTED_SUBSECTION;
}

const struct vmwire_tail_event *compare_readers(const struct test_case *test_case,
                                                const struct reader_run *a,
                                                const struct reader_run *b)
{
    size_t first = find_first_difference(&a->decisions, &b->decisions, false);
    if ((refused_nested(a) && first == a->decisions.count) ||
        (refused_nested(b) && first == b->decisions.count))
        return &a->decisions.events[first - 1];
    if (first == a->decisions.count && first == b->decisions.count) {
        require_agreement(a, b);
        return NULL;
    }
    if (runs_out_at_tail(a) || runs_out_at_tail(b))
        return NULL; /* one of them looks for bytes that are not there, the other one need not */
    bool ends = first == a->decisions.count;
    const struct vmwire_tail_event *event = &(ends ? b : a)->decisions.events[first];
    fuzz_require(test_case->bytes.data[event->offset] == VMWIRE_QEMU_VM_SUBSECTION,
                 "%s and %s differ at %#llx", a->option->name, b->option->name,
                 (unsigned long long)event->offset);
    /* If one reader made no further decision, it rejected the header at that tail. */
    if (ends || first == b->decisions.count)
        fuzz_require(!(ends ? a : b)->result.stream, "%s and %s differ at %#llx", a->option->name,
                     b->option->name, (unsigned long long)event->offset);
    return event;
}
