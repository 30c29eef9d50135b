/* SPDX-License-Identifier: MIT */
/* Finds the other release, reads with it and asks the engine; see release_skew.h. */
#include "properties/release_skew.h"

#include <string.h>

#include "inputs/must.h"
#include "properties/bounded_read.h"
#include "properties/tail_decisions.h"

/* ---- The releases -------------------------------------------------------------------------------- */

/* The name of a shipped schema begins with its release. */
static bool same_release(const char *a, const char *b)
{
    size_t length = strcspn(a, "-");
    return strncmp(a, b, length + 1) == 0;
}

static bool share_device(const struct vmwire_schema *a, const struct vmwire_schema *b)
{
    for (size_t i = 0; i < a->device_count; i++)
        if (vmwire_schema_device(b, a->devices[i].idstr, a->devices[i].instance_id))
            return true;
    return false;
}

/* Returns the next shipped schema of another release that shares a device; the test case's own schema: there is
 * none. */
static const struct vmwire_schema *other_release(const struct test_case *test_case)
{
    for (unsigned i = 1; i < shipped_schema_count(); i++) {
        const char *name;
        const struct vmwire_schema *other = schema_by_number(
            (test_case->number + i) % shipped_schema_count(), DIFFERENCE_NONE, &name);
        if (!same_release(name, test_case->name) && share_device(other, test_case->schema))
            return other;
    }
    return test_case->schema;
}

bool find_releases(struct release_skew *skew, const struct test_case *test_case)
{
    const char *name;
    *skew = (struct release_skew){.difference = difference_name(test_case->difference),
                                  .option = chosen_option(test_case),
                                  .writer = test_case->schema,
                                  .reader = test_case->schema};
    if (test_case->difference == DIFFERENCE_NONE)
        return true;
    if (test_case->generated) {
        enum difference of_reader = test_case->later ? DIFFERENCE_NONE : test_case->difference;
        skew->reader = schema_by_number(test_case->number, of_reader, &name);
    } else {
        skew->difference = "release";
        skew->reader = other_release(test_case);
    }
    return skew->reader != skew->writer;
}

/* ---- Reading ----------------------------------------------------------------------------------- */

static bool same_bytes(struct vmwire_bytes a, struct vmwire_bytes b)
{
    return a.length == b.length && (!a.length || memcmp(a.data, b.data, a.length) == 0);
}

static bool same_record(const struct vmwire_record *a, const struct vmwire_record *b)
{
    struct vmwire_record_walk x, y;
    enum vmwire_record_step step;
    vmwire_record_walk_begin(&x, a);
    vmwire_record_walk_begin(&y, b);
    do {
        step = vmwire_record_walk_next(&x);
        if (step != vmwire_record_walk_next(&y) ||
            (step == VMWIRE_RECORD_VALUE && !same_bytes(x.value->data, y.value->data)) ||
            (step == VMWIRE_RECORD_SUBSECTION &&
             !same_bytes(x.subsection->name, y.subsection->name)))
            return false;
    } while (step != VMWIRE_RECORD_DONE);
    return true;
}

static bool same_item(const struct vmwire_item *a, const struct vmwire_item *b)
{
    struct vmwire_item twin = *b;
    if (!a->record != !b->record || (a->record && !same_record(a->record, b->record)))
        return false;
    twin.record = a->record;
    return vmwire_item_equal(a, &twin);
}

static bool same_stream(const struct vmwire_stream *a, const struct vmwire_stream *b)
{
    if (a->item_count != b->item_count)
        return false;
    for (size_t i = 0; i < a->item_count; i++)
        if (!same_item(a->items[i], b->items[i]))
            return false;
    return true;
}

static enum vmwire_outcome outcome_of_skew(const struct vmwire_stream *state,
                                           const struct read_result *read)
{
    if (!read->stream)
        return VMWIRE_OUTCOME_REJECT;
    if (same_stream(state, read->stream))
        return VMWIRE_OUTCOME_EXACT;
    return vmwire_is_truncated(state, read->stream) ? VMWIRE_OUTCOME_TRUNCATED
                                                    : VMWIRE_OUTCOME_CORRUPT;
}

struct roundtrip read_across_releases(const struct test_case *test_case,
                                      const struct release_skew *skew,
                                      const struct vmwire_stream *state, struct vmwire_bytes bytes,
                                      const struct vmwire_option *option)
{
    struct roundtrip roundtrip = {.option = option, .written = true, .bytes = bytes};
    roundtrip.description = description_of(test_case, state, skew->option, option);
    struct read_result read = read_within_bounds(
        test_case, (struct vmwire_reading){.option = option,
                                           .input = bytes,
                                           .schema = skew->reader,
                                           .description = roundtrip.description});
    roundtrip.read = read.stream;
    roundtrip.cost = read.cost;
    roundtrip.error = read.error;
    roundtrip.outcome = outcome_of_skew(state, &read);
    roundtrip.undecided = (!read.stream && read.error.kind == VMWIRE_ERROR_NO_LAYOUT) ||
                          counts_in_unsent(&roundtrip, state);
    roundtrip.other_layout = read.stream && has_other_layout(read.stream);
    return roundtrip;
}

/* ---- The engine --------------------------------------------------------------------------------- */

/* Returns the offset of the reader's first unintended decision; the length of the bytes: there is none. */
static uint64_t find_first_offset(const struct test_case *test_case,
                                  const struct release_skew *skew,
                                  const struct roundtrip *roundtrip,
                                  const struct vmwire_template *written_state)
{
    /* The records of a template do not stand in DER, and a reader of it makes no decision that is not intended. */
    if (skew->option->encoding == VMWIRE_ENCODING_DER)
        return roundtrip->bytes.length;
    struct tail_decisions actual = {.arena = test_case->arena},
                          intended = {.arena = test_case->arena};
    read_within_bounds(test_case, (struct vmwire_reading){.option = roundtrip->option,
                                                          .input = roundtrip->bytes,
                                                          .schema = skew->reader,
                                                          .description = roundtrip->description,
                                                          .observer = record_decisions(&actual)});
    list_intended_decisions(&intended, skew->option, written_state);
    size_t first = find_first_difference(&intended, &actual, true);
    return first < intended.count ? intended.events[first].offset : roundtrip->bytes.length;
}

/* Looks at the verdict of the tail at `offset` and at the differences before it. If a reader may read wrong data
 * there and go on, all later tails count, too. */
static enum possibility possibility_from(const struct vmwire_decision *decision, uint64_t offset,
                                         enum vmwire_outcome outcome, bool *may_desynchronize)
{
    enum possibility possible = IMPOSSIBLE;
    *may_desynchronize = false;
    for (size_t i = 0; i < decision->tail_count; i++) {
        const struct vmwire_tail_verdict *tail = &decision->tails[i];
        bool here = tail->differs ? tail->offset <= offset : tail->offset == offset;
        if ((here || *may_desynchronize) && tail->findings[outcome])
            return POSSIBLE;
        if ((here || *may_desynchronize) && tail->reason)
            possible = NOT_DECIDED;
        *may_desynchronize |= here && tail->findings[VMWIRE_OUTCOME_CORRUPT];
    }
    return possible;
}

enum possibility ask_engine_about_skew(const struct test_case *test_case,
                                       const struct release_skew *skew,
                                       const struct vmwire_stream *state,
                                       const struct roundtrip *roundtrip)
{
    struct vmwire_error error;
    struct vmwire_template written_state;
    if (!vmwire_template_of_state(&written_state, skew->option, state, test_case->arena, &error))
        return NOT_DECIDED;
    uint64_t offset = find_first_offset(test_case, skew, roundtrip, &written_state);
    struct vmwire_question question = {.option = skew->option,
                                       .stream = &written_state.stream,
                                       .bytes = written_state.bytes,
                                       .reader = {roundtrip->option, skew->reader},
                                       .only_at = &offset, /* and at differences */
                                       .skewed = skew->reader != skew->writer};
    bool may_desynchronize;
    struct vmwire_decision decision = must_decide(&question, test_case->arena);
    enum possibility possible =
        possibility_from(&decision, offset, roundtrip->outcome, &may_desynchronize);
    if (possible != IMPOSSIBLE || !may_desynchronize)
        return possible;
    question.only_at = NULL;
    decision = must_decide(&question, test_case->arena);
    return possibility_from(&decision, offset, roundtrip->outcome, &may_desynchronize);
}
