/* Two releases; see skew.h. */
#include "skew.h"

#include <string.h>

#include "checked.h"
#include "decisions.h"

/* ---- Which two ----------------------------------------------------------------------------------- */

/* A shipped schema is named after the release that it is of. */
static bool same_release(const char *a, const char *b)
{
    size_t length = strcspn(a, "-");
    return strncmp(a, b, length + 1) == 0;
}

static bool share_device(const struct schema *a, const struct schema *b)
{
    for (size_t i = 0; i < a->device_count; i++)
        if (schema_device(b, a->devices[i].idstr, a->devices[i].instance_id))
            return true;
    return false;
}

/* The next one that is of another release and has one of the devices; the input's own: there is none. */
static const struct schema *other_release(const struct subject *subject)
{
    for (unsigned i = 1; i < shipped_count(); i++) {
        const char *name;
        const struct schema *other =
            schema_of_number((subject->number + i) % shipped_count(), DIFFERENCE_NONE, &name);
        if (!same_release(name, subject->name) && share_device(other, subject->schema))
            return other;
    }
    return subject->schema;
}

bool skew_of(struct skew *skew, const struct subject *subject)
{
    const char *name;
    *skew = (struct skew){.difference = difference_name(subject->difference),
                          .option = subject_turn(subject),
                          .writer = subject->schema,
                          .reader = subject->schema};
    if (subject->difference == DIFFERENCE_NONE)
        return true;
    if (subject->drawn) {
        enum difference of_reader = subject->later ? DIFFERENCE_NONE : subject->difference;
        skew->reader = schema_of_number(subject->number, of_reader, &name);
    } else {
        skew->difference = "release";
        skew->reader = other_release(subject);
    }
    return skew->reader != skew->writer;
}

/* ---- What becomes of a state --------------------------------------------------------------------- */

static bool same_bytes(struct bytes a, struct bytes b)
{
    return a.length == b.length && (!a.length || memcmp(a.data, b.data, a.length) == 0);
}

static bool same_record(const struct record *a, const struct record *b)
{
    struct record_walk x, y;
    enum record_step step;
    record_walk_begin(&x, a);
    record_walk_begin(&y, b);
    do {
        step = record_walk_next(&x);
        if (step != record_walk_next(&y) ||
            (step == RECORD_VALUE && !same_bytes(x.value->data, y.value->data)) ||
            (step == RECORD_SUBSECTION && !same_bytes(x.subsection->name, y.subsection->name)))
            return false;
    } while (step != RECORD_DONE);
    return true;
}

static bool same_item(const struct item *a, const struct item *b)
{
    struct item twin = *b;
    if (!a->record != !b->record || (a->record && !same_record(a->record, b->record)))
        return false;
    twin.record = a->record;
    return item_equal(a, &twin);
}

static bool same_stream(const struct stream *a, const struct stream *b)
{
    if (a->item_count != b->item_count)
        return false;
    for (size_t i = 0; i < a->item_count; i++)
        if (!same_item(a->items[i], b->items[i]))
            return false;
    return true;
}

static enum outcome outcome_of_skew(const struct stream *state, const struct checked *read)
{
    if (!read->stream)
        return OUTCOME_REJECT;
    if (same_stream(state, read->stream))
        return OUTCOME_EXACT;
    return is_truncated(state, read->stream) ? OUTCOME_TRUNCATED : OUTCOME_CORRUPT;
}

struct round skew_read(const struct subject *subject, const struct skew *skew,
                       const struct stream *state, struct bytes bytes,
                       const struct protocol_option *option)
{
    struct round round = {.option = option, .written = true, .bytes = bytes};
    struct checked read = checked_read(
        subject, (struct reading){.option = option, .input = bytes, .schema = skew->reader});
    round.read = read.stream;
    round.cost = read.cost;
    round.error = read.error;
    round.outcome = outcome_of_skew(state, &read);
    round.undecided = !read.stream && read.error.kind == ERROR_NO_LAYOUT;
    return round;
}

/* ---- What the engine says ------------------------------------------------------------------------ */

/* Where the reader's first decision is not the one that was meant; the end of the bytes: nowhere. */
static uint64_t first_part(const struct subject *subject, const struct skew *skew,
                           const struct round *round, const struct template *laid)
{
    struct decisions made = {.arena = subject->arena}, meant = {.arena = subject->arena};
    checked_read(subject, (struct reading){.option = round->option,
                                           .input = round->bytes,
                                           .schema = skew->reader,
                                           .observer = decisions_observer(&made)});
    decisions_meant(&meant, skew->option, laid);
    size_t first = decisions_part(&meant, &made, true);
    return first < meant.count ? meant.events[first].offset : round->bytes.length;
}

/* Of that tail, of the differences before it and, where what is read wrongly there may do no more harm than
 * that, of all behind it. */
static enum possible possible_of(const struct decision *decision, uint64_t part,
                                 enum outcome outcome, bool *goes_on)
{
    enum possible possible = IMPOSSIBLE;
    *goes_on = false;
    for (size_t i = 0; i < decision->tail_count; i++) {
        const struct tail_verdict *tail = &decision->tails[i];
        bool here = tail->differs ? tail->offset <= part : tail->offset == part;
        if ((here || *goes_on) && tail->findings[outcome])
            return POSSIBLE;
        if ((here || *goes_on) && tail->reason)
            possible = NOT_DECIDED;
        *goes_on |= here && tail->findings[OUTCOME_CORRUPT];
    }
    return possible;
}

enum possible skew_possible(const struct subject *subject, const struct skew *skew,
                            const struct stream *state, const struct round *round)
{
    struct error error;
    struct template laid;
    if (!template_of_state(&laid, skew->option, state, subject->arena, &error))
        return NOT_DECIDED;
    uint64_t part = first_part(subject, skew, round, &laid);
    struct question question = {.option = skew->option,
                                .stream = &laid.stream,
                                .bytes = laid.bytes,
                                .reader = {round->option, skew->reader},
                                .only_at = &part, /* and at differences */
                                .skewed = skew->reader != skew->writer};
    bool goes_on;
    struct decision decision = engine_decide(&question, subject->arena);
    enum possible possible = possible_of(&decision, part, round->outcome, &goes_on);
    if (possible != IMPOSSIBLE || !goes_on)
        return possible;
    question.only_at = NULL;
    decision = engine_decide(&question, subject->arena);
    return possible_of(&decision, part, round->outcome, &goes_on);
}
