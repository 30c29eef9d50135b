/* SPDX-License-Identifier: MIT */
#include "skew/layouts/one_sided_fields.h"

#include <string.h>

#include "schema/layout.h"
#include "skew/conditions/condition_words.h"
#include "skew/layouts/element_counts.h"
#include "skew/layouts/element_presence.h"
#include "skew/layouts/element_words.h"
#include "skew/layouts/layout_difference.h"
#include "skew/layouts/on_wire.h"
#include "skew/layouts/sent_values.h"

/* Of a run of elements that the other side does not have. */
struct run_sum {
    uint64_t bytes;              /* that are on the wire for certain */
    const struct element *first; /* that is there; NULL: none is */
    bool in_memory;              /* the bytes are those in memory */
    bool open;                   /* some have a length that is not known */
};

/* Whether a field before it sends their number, which is the same in each state (VMSTATE_..._EQUAL), and the stream tells it. */
static bool has_steady_count(const struct elements *elements, const struct element *element)
{
    static const char equal[] = " equal";
    for (size_t i = 0; element->counter && i < elements->count; i++) {
        const struct element *each = &elements->list[i];
        const size_t length = strlen(each->type);
        if (each->owner == element->owner && strcmp(each->name, element->counter) == 0)
            return element->here == HERE && length >= sizeof(equal) - 1 &&
                   strcmp(each->type + length - (sizeof(equal) - 1), equal) == 0;
    }
    return false;
}

static struct run_sum sum_run(const struct elements *elements, const int32_t *others, size_t first,
                              size_t end)
{
    struct run_sum sum = {0};
    for (size_t i = first; i < end; i++) {
        const struct element *element = &elements->list[i];
        if (!is_certain(element) || others[i] != NO_ELEMENT)
            continue;
        if (!sum.first)
            sum.first = element;
        sum.bytes += element->bytes;
        sum.in_memory |= element->width == WIDTH_IN_MEMORY;
        /* What one state has is not what each has. */
        sum.open |= (element->width == WIDTH_SENT && !has_steady_count(elements, element)) ||
                    (element->here != HERE && element->width != WIDTH_FIXED &&
                     element->width != WIDTH_IN_MEMORY);
    }
    return sum;
}

/* Whether two functions ask the same as far as that is known. Places in memory differ from release to release. */
static bool ask_alike(const struct vmwire_condition *a, const struct vmwire_condition *b)
{
    const bool known = a && a->understood, other = b && b->understood;
    if (!known || !other)
        return known == other;
    if (a->way_count != b->way_count)
        return false;
    for (size_t i = 0; i < a->way_count; i++) {
        if (a->ways[i].count != b->ways[i].count)
            return false;
        for (size_t k = 0; k < a->ways[i].count; k++) {
            const struct vmwire_test *one = &a->ways[i].list[k], *two = &b->ways[i].list[k];
            if (one->kind != two->kind || one->relation != two->relation ||
                one->number != two->number || one->size != two->size)
                return false;
        }
    }
    return true;
}

/* Whether bytes before them decide alike over both. */
static bool go_by_alike(const struct layout_rule *a, const struct layout_rule *b)
{
    if (!a || !b)
        return a == b;
    if (a->when.count != b->when.count)
        return false;
    for (size_t i = 0; i < a->when.count; i++) {
        const struct layout_condition *one = &a->when.all[i], *other = &b->when.all[i];
        if (one->kind != other->kind || one->comparison != other->comparison ||
            one->number_count != other->number_count || one->any.count != other->any.count ||
            (one->number_count &&
             memcmp(one->numbers, other->numbers, one->number_count * sizeof(*one->numbers)) != 0))
            return false;
    }
    return true;
}

/* Whether two elements of other names can be one: they depend on something, in the same way, or have the same structure. */
static bool can_be_renamed(const struct element *writer, const struct element *reader)
{
    const char *inside = view_name(writer->inside), *other = view_name(reader->inside);
    const bool depend = writer->presence != PRESENCE_ALWAYS || writer->may_be_empty;
    const bool counted = writer->counted && reader->counted;
    if ((writer->here == HERE && reader->here == NOT_HERE) ||
        (writer->here == NOT_HERE && reader->here == HERE))
        return false;
    if (inside && other && strcmp(inside, other) == 0)
        return (writer->counted == reader->counted || !writer->declared || !reader->declared) &&
               (writer->counted || reader->counted || writer->count == reader->count);
    return depend && writer->declared && reader->declared && reader->presence == writer->presence &&
           reader->width == writer->width && ask_alike(writer->asks, reader->asks) &&
           go_by_alike(writer->rule, reader->rule) &&
           (counted ? reader->each == writer->each : reader->bytes == writer->bytes);
}

/* Pairs such elements where both stand between the same neighbours. */
static void pair_renamed(const struct rows *rows, struct run run)
{
    const struct alignment *alignment = &rows->alignment;
    for (size_t i = run.writer_first, k = run.reader_first; i < run.writer_end; i++)
        for (size_t next = k; next < run.reader_end; next++)
            if (can_be_renamed(&rows->writer.list[i], &rows->reader.list[next])) {
                alignment->of_writer[i] = (int32_t)next;
                alignment->of_reader[next] = (int32_t)i;
                k = next + 1;
                break;
            }
}

/* Two fields of one type under different names, of lengths that are not known. */
static bool is_renamed(const struct rows *rows, size_t writer, size_t reader)
{
    const struct element *one = &rows->writer.list[writer], *other = &rows->reader.list[reader];
    const bool declared = one->declared && other->declared;
    const char *inside = view_name(one->inside), *others = view_name(other->inside);
    if ((inside || others) && !(inside && others && strcmp(inside, others) == 0))
        return false;
    /* What a machine knows, its stream shows. */
    if (one->width == WIDTH_MACHINE || other->width == WIDTH_MACHINE || is_left_out(one) ||
        is_left_out(other) || (one->here == NOT_HERE) != (other->here == NOT_HERE))
        return false;
    return (one->width != WIDTH_FIXED || other->width != WIDTH_FIXED) && one->type[0] &&
           strcmp(one->type, other->type) == 0 && (!declared || one->counted == other->counted);
}

/* One field on both sides, whose length is sent. */
static bool is_one_buffer(const struct rows *rows, struct run run)
{
    if (run.writer_end - run.writer_first != 1 || run.reader_end - run.reader_first != 1)
        return false;
    const struct element *writer = &rows->writer.list[run.writer_first],
                         *reader = &rows->reader.list[run.reader_first];
    return strcmp(writer->name, reader->name) == 0 && both_send_count(rows, writer, reader);
}

/* Whether both streams have the buffer, with other lengths: nothing tells whether the length is sent. */
static bool has_other_length(const struct elements *elements, size_t first, size_t end,
                             const struct element *writer)
{
    for (size_t k = first; k < end; k++) {
        const struct element *reader = &elements->list[k];
        const bool steady = (writer->declared && !writer->counted) ||
                            (reader->declared && !reader->counted) ||
                            (writer->declared && reader->declared);
        if (!steady && strcmp(reader->name, writer->name) == 0 &&
            strcmp(writer->type, "buffer") == 0 && strcmp(reader->type, "buffer") == 0)
            return true;
    }
    return false;
}

/* Whether one path is the other, or leads to it. */
static bool leads_to(const char *path, const char *other)
{
    const size_t length = strlen(path);
    return strncmp(path, other, length) == 0 && (!other[length] || other[length] == '.');
}

/* Whether the element is in a structure of which the writer has an older version: the reader can leave it out then. */
static bool is_of_newer_version(const struct rows *rows, const struct element *reader)
{
    for (size_t i = 0; i < rows->reader.part_count; i++) {
        const struct part *part = &rows->reader.parts[i];
        const char *name = view_name(part->view);
        if (!name || part->view.declared || (part->path[0] && !leads_to(part->path, reader->path)))
            continue;
        for (size_t k = 0; k < rows->writer.part_count; k++) {
            const struct view own = rows->writer.parts[k].view;
            if (view_name(own) && strcmp(view_name(own), name) == 0 &&
                own.version_id < part->view.described->described_version_id)
                return true;
        }
    }
    return false;
}

/* Whether the state can decide over the element, which has no declaration: an array of pointers can have none. */
static bool goes_by_state(const struct element *element)
{
    return is_certain(element) && (element->by_state || (!element->declared && element->pointers));
}

/* Whether elements that only one side has can be there, or not, on both: the other side's program is not known. */
static bool can_depend(const struct rows *rows, struct run run)
{
    bool depends = false;
    for (size_t i = run.writer_first; i < run.writer_end; i++) {
        const struct element *writer = &rows->writer.list[i];
        depends |= (!rows->of->reader.declared && goes_by_state(writer)) ||
                   (is_certain(writer) &&
                    has_other_length(&rows->reader, run.reader_first, run.reader_end, writer));
    }
    for (size_t k = run.reader_first; k < run.reader_end && !rows->of->writer.declared; k++)
        depends |= goes_by_state(&rows->reader.list[k]);
    for (size_t k = run.reader_first; k < run.reader_end; k++)
        depends |=
            is_certain(&rows->reader.list[k]) && is_of_newer_version(rows, &rows->reader.list[k]);
    return depends;
}

/* Whether declarations show of a side's elements on the wire that it always has them, and that the other side knows nothing of
 * them. */
static bool are_always_sent(const struct elements *elements, const int32_t *others, size_t first,
                            size_t end, const struct elements *other)
{
    const struct view view = other->parts[0].view;
    for (size_t i = first; i < end; i++) {
        const struct element *element = &elements->list[i];
        if (!is_certain(element) || others[i] != NO_ELEMENT)
            continue;
        if (!element->declared || element->presence != PRESENCE_ALWAYS || element->asks ||
            element->counted || element->width == WIDTH_IN_MEMORY || !view.declared ||
            view.in_memory || declares_name(other, element))
            return false;
    }
    return true;
}

/* Whether both sides of a run have fields of the same name, or of the structure that the other side has whole. */
static bool shares_name(const struct rows *rows, struct run run)
{
    for (size_t i = run.writer_first; i < run.writer_end; i++)
        for (size_t k = run.reader_first; k < run.reader_end; k++) {
            const struct element *writer = &rows->writer.list[i], *reader = &rows->reader.list[k];
            if (strcmp(writer->name, reader->name) == 0 || leads_to(writer->path, reader->path) ||
                leads_to(reader->path, writer->path))
                return true;
        }
    return false;
}

/* Then no machine can leave them out, whatever its properties. */
static bool no_property_decides(const struct rows *rows, struct run run)
{
    return are_always_sent(&rows->writer, rows->alignment.of_writer, run.writer_first,
                           run.writer_end, &rows->reader) &&
           are_always_sent(&rows->reader, rows->alignment.of_reader, run.reader_first,
                           run.reader_end, &rows->writer);
}

static bool tells_properties(struct view view)
{
    return view.at.known && view.at.program && view.at.program->type_count;
}

/* What the function asks that decides over the first of these elements that a property decides over; NULL: none does. */
static const char *describe_asked(const struct skew *skew, const struct elements *elements,
                                  size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        const struct element *element = &elements->list[i];
        if (is_certain(element) && asks_property(element->asks, &element->at))
            return describe_with_machines(skew, element->asks, &element->at);
    }
    return NULL;
}

/* What to do about fields that only one side has. NULL: nothing is known but the rule. */
static const char *advise_run(const struct rows *rows, struct run run)
{
    const struct skew *skew = rows->comparison->skew;
    if (no_property_decides(rows, run))
        return "No property leaves the field out: what has it cannot be migrated this way.";
    const char *asked = describe_asked(skew, &rows->writer, run.writer_first, run.writer_end),
               *side = "writer";
    if (!asked) {
        asked = describe_asked(skew, &rows->reader, run.reader_first, run.reader_end);
        side = "reader";
    }
    if (asked)
        return vmwire_text(skew->arena,
                           "The field is there if %s: see whether that can be switched at the %s "
                           "(machine type, -global, -device).",
                           asked, side);
    return tells_properties(rows->of->writer) && tells_properties(rows->of->reader)
               ? "The programs ask no property about these fields: most likely what has them "
                 "cannot be migrated this way."
               : NULL;
}

/* Compares what stands between two elements that both have. */
static void compare_run(const struct rows *rows, struct run run)
{
    const struct comparison *comparison = rows->comparison;
    const struct skew *skew = comparison->skew;
    pair_renamed(rows, run);
    struct run_sum writer =
        sum_run(&rows->writer, rows->alignment.of_writer, run.writer_first, run.writer_end);
    struct run_sum reader =
        sum_run(&rows->reader, rows->alignment.of_reader, run.reader_first, run.reader_end);
    const bool both = writer.first && reader.first;
    const bool open = writer.open || reader.open;
    const bool renamed = run.writer_end - run.writer_first == 1 &&
                         run.reader_end - run.reader_first == 1 &&
                         is_renamed(rows, run.writer_first, run.reader_first);
    if ((writer.bytes == reader.bytes && !open) || is_one_buffer(rows, run) ||
        (renamed && both &&
         !goes_by_another_count(rows, &rows->writer.list[run.writer_first],
                                &rows->reader.list[run.reader_first])))
        return;
    struct vmwire_difference difference = begin_difference(comparison, rows->of, "fields");
    difference.path = path_of_element(rows, writer.first ? writer.first : reader.first);
    difference.writer = describe_run(rows, &rows->writer, run.writer_first, run.writer_end);
    difference.reader = describe_run(rows, &rows->reader, run.reader_first, run.reader_end);
    if (!writer.in_memory && !reader.in_memory)
        difference.bytes = (int64_t)writer.bytes - (int64_t)reader.bytes;
    difference.message = footer_message(comparison);
    difference.offset = offset_of_run(rows, run.writer_first);
    set_beside(rows, &difference, run);
    if ((open && both) || renamed)
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "the lengths of these fields are not known to be the same");
    else if (both && writer.in_memory && !shares_name(rows, run))
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "a dump does not tell how many elements a field has: these can be the same under "
                 "other names; give the programs");
    else if (can_depend(rows, run))
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "what is sent of these fields can depend on the state; give the programs of both "
                 "sides");
    if (difference.certainty == VMWIRE_CERTAIN)
        difference.advice = advise_run(rows, run);
    add_difference(comparison->skew, difference);
}

void compare_others(const struct rows *rows)
{
    const struct alignment *alignment = &rows->alignment;
    size_t i = 0, k = 0;
    for (size_t next = 0; next <= rows->writer.count; next++) {
        bool end = next == rows->writer.count;
        if (!end && alignment->of_writer[next] == NO_ELEMENT)
            continue;
        size_t other = end ? rows->reader.count : (size_t)alignment->of_writer[next];
        if (next > i || other > k)
            compare_run(rows, (struct run){i, next, k, other});
        i = next + 1;
        k = other + 1;
    }
    compare_conditionals(rows, &rows->writer, alignment->of_writer);
    compare_conditionals(rows, &rows->reader, alignment->of_reader);
}
