/* SPDX-License-Identifier: MIT */
/*
 * The structures that are to be compared wait in a list, so nothing recurses. Bytes that only one side has are added up for
 * each structure: where the sum is 0, the reader goes on in step, and fields have changed their places.
 */
#include "skew/layouts.h"

#include <inttypes.h>
#include <string.h>

#include "schema/layout.h"
#include "skew/align.h"
#include "skew/conditions.h"

/* Two structures that are to be compared, and when the stream has them. */
struct waiting {
    struct view writer, reader;
    const char *path;
    const char *when; /* NULL: always */
    bool versioned;   /* the writer sends its version: it is a section's, or a subsection */
};

struct comparison {
    struct skew *skew;
    const struct compared_section *section;
    struct waiting *list;
    size_t count, room;
};

/* One structure of each side as rows of elements. */
struct rows {
    struct comparison *comparison;
    const struct waiting *of;
    struct elements writer, reader;
    struct alignment alignment;
};

static void wait_for(struct comparison *comparison, struct waiting waiting)
{
    if (is_unknown_view(waiting.writer) || is_unknown_view(waiting.reader))
        return;
    comparison->list =
        vmwire_arena_grow(comparison->skew->arena, comparison->list, comparison->count,
                          &comparison->room, sizeof(*comparison->list));
    comparison->list[comparison->count++] = waiting;
}

/* ---- Places ---- */

static const char *join(const struct skew *skew, const char *path, const char *name)
{
    return skew_text(skew, "%s%s%s", path, path[0] && name[0] ? "." : "", name);
}

static const char *path_of(const struct rows *rows, const struct element *element)
{
    return join(rows->comparison->skew, rows->of->path, element->path);
}

/* Where the value of the field begins in the writer's stream. */
static uint64_t offset_of_field(const struct comparison *comparison,
                                const struct vmwire_field *field)
{
    const struct vmwire_item *item = comparison->section->written;
    const struct vmwire_bytes stream = comparison->skew->writer->bytes;
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    bool within = false;
    if (!item || !item->record || !field)
        return VMWIRE_ERROR_NO_OFFSET;
    vmwire_record_walk_begin(&walk, item->record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE) {
        if (step != VMWIRE_RECORD_VALUE && step != VMWIRE_RECORD_BEGIN)
            continue;
        within |= walk.value && walk.value->field == field;
        if (within && step == VMWIRE_RECORD_VALUE)
            return (uint64_t)(vmwire_value_place(walk.value, stream) - stream.data);
    }
    return VMWIRE_ERROR_NO_OFFSET;
}

static uint64_t offset_of_section(const struct comparison *comparison)
{
    const struct vmwire_item *item = comparison->section->written;
    return item ? (uint64_t)(item->raw.data - comparison->skew->writer->bytes.data)
                : VMWIRE_ERROR_NO_OFFSET;
}

/* Where a run of elements begins: at its first one that the stream has, or the first one behind it. */
static uint64_t offset_of_run(const struct rows *rows, size_t first)
{
    for (size_t i = first; i < rows->writer.count; i++)
        if (rows->writer.list[i].described)
            return offset_of_field(rows->comparison, rows->writer.list[i].described);
    return VMWIRE_ERROR_NO_OFFSET;
}

/* ---- Adding ---- */

static struct vmwire_difference begin_difference(const struct comparison *comparison,
                                                 const struct waiting *of, const char *rule)
{
    const char *name = view_name(of->writer);
    return (struct vmwire_difference){
        .certainty = of->when ? VMWIRE_WHEN_NEEDED : VMWIRE_CERTAIN,
        .outcome = VMWIRE_OUTCOME_REJECT,
        .rule = skew_rule(rule),
        .section = comparison->section->idstr,
        .instance_id = comparison->section->instance_id,
        .structure = name ? name : view_name(of->reader),
        .path = of->path,
        .when = of->when,
        .offset = VMWIRE_ERROR_NO_OFFSET,
        .section_offset = offset_of_section(comparison),
    };
}

static const char *footer_message(const struct comparison *comparison)
{
    return skew_text(comparison->skew, "Missing section footer for %s", comparison->section->idstr);
}

/* A difference that holds only when something is so, or of which it is not known whether it holds. */
static void set_when(struct vmwire_difference *difference, enum vmwire_certainty certainty,
                     const struct skew *skew, const char *when)
{
    difference->certainty = certainty;
    difference->when =
        difference->when ? skew_text(skew, "%s, and %s", difference->when, when) : when;
}

/* Likewise: the function that decides over the element says so, or the contrary. `otherwise`: where nothing tells what it
 * asks. */
static void set_asked(struct vmwire_difference *difference, const struct skew *skew,
                      const struct element *element, bool says, const char *otherwise)
{
    const char *asked = describe_condition(skew, element->asks, &element->at, says);
    set_when(difference, VMWIRE_WHEN_NEEDED, skew, asked ? asked : otherwise);
    const char *advice = advise_condition(skew, element->asks, &element->at);
    if (advice)
        difference->advice = advice;
}

/* ---- Words ---- */

static const char *name_width(const struct skew *skew, const struct element *element)
{
    switch (element->width) {
    case WIDTH_SENT:
        return "of a length that is sent";
    case WIDTH_MACHINE:
        return element->here == HERE ? skew_text(skew, "%" PRIu64 " bytes", element->bytes)
                                     : "of a length that the machine knows";
    case WIDTH_PRIVATE:
        return "of a private encoding";
    case WIDTH_IN_MEMORY:
        return skew_text(skew, "%" PRIu64 " bytes in memory", element->each);
    case WIDTH_FIXED:
        break;
    }
    if (element->count != 1 && is_unknown_view(element->inside))
        return skew_text(skew, "%" PRIu64 " times %" PRIu64 " bytes", element->count,
                         element->each);
    return skew_text(skew, "%" PRIu64 " byte%s", element->bytes, element->bytes == 1 ? "" : "s");
}

static const char *describe_element(const struct rows *rows, const struct element *element)
{
    const struct skew *skew = rows->comparison->skew;
    const char *type =
        !is_unknown_view(element->inside) ? view_name(element->inside) : element->type;
    return skew_text(skew, "%s (%s%s%s)", element->path, type ? type : "",
                     type && type[0] ? ", " : "", name_width(skew, element));
}

/* Whether it is known that the element is on the wire. One of which there can be none is not. */
static bool is_certain(const struct element *element)
{
    /* What it depends on is sent, so the other side goes by it. */
    if (!element->declared && element->presence == PRESENCE_BY_STATE)
        return false;
    return element->here == HERE || (element->here == HERE_UNKNOWN && !element->may_be_empty &&
                                     element->presence == PRESENCE_ALWAYS);
}

enum { SHOWN = 4 };

/* The elements from `first` up to `end` that are on the wire, in words; NULL: there are none. */
static const char *describe_run(const struct rows *rows, const struct elements *elements,
                                size_t first, size_t end)
{
    const struct skew *skew = rows->comparison->skew;
    const int32_t *others =
        elements == &rows->writer ? rows->alignment.of_writer : rows->alignment.of_reader;
    const char *text = NULL;
    size_t count = 0;
    for (size_t i = first; i < end; i++) {
        const struct element *element = &elements->list[i];
        if (!is_certain(element) || others[i] != NO_ELEMENT)
            continue;
        if (count++ < SHOWN)
            text = skew_text(skew, "%s%s%s", text ? text : "", text ? ", " : "",
                             describe_element(rows, element));
    }
    return count > SHOWN ? skew_text(skew, "%s and %zu more", text, count - SHOWN) : text;
}

/* ---- Elements that both have ---- */

/* A number that the section's record has sent before this field, which is that of its elements on both sides. */
static bool is_sent_before(const struct vmwire_record *record, const struct vmwire_field *field,
                           uint64_t number)
{
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    vmwire_record_walk_begin(&walk, record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE) {
        const struct vmwire_value *value = walk.value;
        if (!value || (step != VMWIRE_RECORD_VALUE && step != VMWIRE_RECORD_BEGIN))
            continue;
        if (value->field == field)
            return false;
        uint64_t sent = 0;
        bool integer = step == VMWIRE_RECORD_VALUE && value->data.length <= 8 &&
                       value->field->class != VMWIRE_FIELD_LIST;
        for (size_t i = 0; integer && i < value->data.length; i++)
            sent = sent << 8 | value->data.data[i];
        if (integer && value->field->count == 1 && sent == number)
            return true;
    }
    return false;
}

/* The number of elements, or the bytes of the only one. */
static uint64_t length_of(const struct element *element)
{
    return element->count == 1 && is_unknown_view(element->inside) ? element->bytes
                                                                   : element->count;
}

/* Whether both streams have sent the number of elements: then the reader goes by it. */
static bool both_send_count(const struct rows *rows, const struct element *writer,
                            const struct element *reader)
{
    const struct compared_section *section = rows->comparison->section;
    const bool declared = writer->declared && reader->declared;
    return !declared && writer->described && reader->described && section->written &&
           section->own && section->written->record && section->own->record &&
           is_sent_before(section->written->record, writer->described, length_of(writer)) &&
           is_sent_before(section->own->record, reader->described, length_of(reader));
}

static uint64_t sent_bytes(const struct element *element)
{
    return element->here == NOT_HERE ? 0 : element->bytes;
}

static uint64_t sent_count(const struct element *element)
{
    return element->here == NOT_HERE ? 0 : element->count;
}

/* How the number of elements is known. */
enum numbering {
    NUMBER_FIXED,   /* it is always the same */
    NUMBER_SHOWN,   /* this machine's stream shows it */
    NUMBER_SENT,    /* the writer sends it, in a field before, or as a list */
    NUMBER_MACHINE, /* only the machine knows it */
    NUMBER_PRIVATE, /* the encoding has it, or sizes in memory do not tell it */
};

static enum numbering numbering_of(const struct element *element)
{
    if (element->width == WIDTH_PRIVATE || element->width == WIDTH_IN_MEMORY)
        return NUMBER_PRIVATE;
    if (element->width == WIDTH_SENT)
        return NUMBER_SENT;
    if (element->declared && !element->counted)
        return NUMBER_FIXED; /* elements of one length or another */
    if (element->width == WIDTH_MACHINE)
        return element->here == HERE_UNKNOWN ? NUMBER_MACHINE : NUMBER_SHOWN;
    return NUMBER_FIXED;
}

/* Whether the numbers of elements, or their bytes in these streams, are known not to be the same. */
static bool have_other_counts(const struct element *writer, const struct element *reader)
{
    const enum numbering writes = numbering_of(writer), reads = numbering_of(reader);
    if (writes == NUMBER_FIXED && reads == NUMBER_FIXED)
        return writer->count != reader->count;
    const bool shown = (writes == NUMBER_SHOWN || writes == NUMBER_FIXED) &&
                       (reads == NUMBER_SHOWN || reads == NUMBER_FIXED);
    if (!shown)
        return false;
    /* Structures can send subsections, or not: their bytes do not tell how many there are. */
    return is_unknown_view(writer->inside) ? sent_bytes(writer) != sent_bytes(reader)
                                           : sent_count(writer) != sent_count(reader);
}

/* Whether streams show other numbers, and it is not known whether the reader goes by what is sent. */
static bool shows_other_count(const struct element *writer, const struct element *reader)
{
    const bool count = numbering_of(writer) != NUMBER_PRIVATE && is_unknown_view(writer->inside);
    return count && !reader->declared && writer->here == HERE && reader->here == HERE &&
           writer->bytes != reader->bytes;
}

/* Whether one side has always as many elements, and the other as many as something tells. */
static bool is_counted_on_one_side(const struct element *writer, const struct element *reader)
{
    const enum numbering writes = numbering_of(writer), reads = numbering_of(reader);
    return writer->declared && reader->declared &&
           ((writes == NUMBER_FIXED && (reads == NUMBER_SENT || reads == NUMBER_MACHINE)) ||
            (reads == NUMBER_FIXED && (writes == NUMBER_SENT || writes == NUMBER_MACHINE)) ||
            (writes == NUMBER_SENT && reads == NUMBER_MACHINE) ||
            (writes == NUMBER_MACHINE && reads == NUMBER_SENT));
}

static void compare_counts(const struct rows *rows, const struct element *writer,
                           const struct element *reader)
{
    const struct comparison *comparison = rows->comparison;
    const struct skew *skew = comparison->skew;
    const bool one_side = is_counted_on_one_side(writer, reader),
               unlike = have_other_counts(writer, reader) || shows_other_count(writer, reader);
    if ((!unlike && !one_side) || both_send_count(rows, writer, reader))
        return;
    struct vmwire_difference difference = begin_difference(comparison, rows->of, "array-length");
    difference.path = path_of(rows, writer);
    difference.writer = describe_element(rows, writer);
    difference.reader = describe_element(rows, reader);
    difference.message = footer_message(comparison);
    difference.bytes = (int64_t)writer->bytes - (int64_t)reader->bytes;
    difference.offset = offset_of_field(comparison, writer->described);
    if (one_side)
        set_when(
            &difference, VMWIRE_WHEN_NEEDED, skew,
            "the number of elements is not the same: only one side goes by what is sent, or by "
            "its machine");
    else if (!is_certain(writer))
        set_when(&difference, VMWIRE_WHEN_NEEDED, skew, "the field is sent");
    else if (!reader->declared)
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "nothing tells whether the number of elements is sent; give the program of the "
                 "reader");
    add_difference(comparison->skew, difference);
}

/* Whether the field is there, with elements or without. */
static bool is_present(const struct element *element)
{
    return element->here == HERE || (element->presence == PRESENCE_ALWAYS &&
                                     (element->may_be_empty || element->here == HERE_UNKNOWN));
}

/* Whether it is known not to be there. One that the stream does not show can have no elements. */
static bool is_left_out(const struct element *element)
{
    return element->here == NOT_HERE && !element->may_be_empty;
}

/* What a function of QEMU decides on one side only, or otherwise on the other one. */
static void compare_presence(const struct rows *rows, const struct element *writer,
                             const struct element *reader)
{
    const struct comparison *comparison = rows->comparison;
    const struct skew *skew = comparison->skew;
    const bool writer_has = is_present(writer), reader_has = is_present(reader);
    const bool writer_known = writer_has || is_left_out(writer),
               reader_known = reader_has || is_left_out(reader);
    /* Both go by the same bytes, or by what may be the same function. */
    if (reader->presence == PRESENCE_BY_STATE ||
        (writer->presence == PRESENCE_BY_STATE && !reader->declared) ||
        (!writer_known && !reader->declared) ||
        (writer_known && reader_known && writer_has == reader_has) ||
        (!reader_known &&
         (!writer_known || !writer->declared || writer->presence != PRESENCE_ALWAYS)))
        return;
    if (!writer_known && reader->presence != PRESENCE_ALWAYS && reader->declared)
        return;
    struct vmwire_difference difference = begin_difference(comparison, rows->of, "condition");
    difference.path = path_of(rows, writer);
    difference.writer = writer_known && !writer_has ? "not sent"
                        : writer_known              ? describe_element(rows, writer)
                                                    : skew_text(skew, "%s, if a function says so",
                                                                describe_element(rows, writer));
    difference.reader = reader_known && !reader_has ? "not read"
                        : reader_known              ? describe_element(rows, reader)
                                                    : skew_text(skew, "%s, if a function says so",
                                                                describe_element(rows, reader));
    difference.message = footer_message(comparison);
    difference.bytes = writer_has ? (int64_t)writer->bytes : -(int64_t)reader->bytes;
    difference.offset = offset_of_run(rows, (size_t)(writer - rows->writer.list));
    if (!writer_known)
        set_asked(&difference, skew, writer, false,
                  "the writer's function decides that the field is not sent");
    else if (!reader_known)
        set_asked(&difference, skew, reader, !writer_has,
                  "the reader's function decides otherwise than the writer");
    add_difference(comparison->skew, difference);
}

/* Parts of a private encoding that are structures of their own: those that the writer's stream has in it. */
static void wait_for_parts(const struct rows *rows, const struct element *writer,
                           const struct element *reader)
{
    const struct vmwire_schema *writers = rows->comparison->skew->writer->declared;
    const struct vmwire_schema *readers = rows->comparison->skew->reader->declared;
    for (size_t i = 0; i < writer->described_count; i++) {
        const struct vmwire_field *field = &writer->described[i];
        struct view own = {.described = field->structure}, other = {.declared = NULL};
        if (field->class != VMWIRE_FIELD_RECORD || !field->structure || !field->structure->name)
            continue;
        own.version_id = field->structure->described_version_id;
        for (size_t k = 0; k < reader->described_count && !other.described; k++)
            if (strcmp(reader->described[k].name, field->name) == 0)
                other.described = reader->described[k].structure;
        own.declared = writers ? vmwire_schema_declared(writers, field->structure->name, 0) : NULL;
        other.declared =
            readers ? vmwire_schema_declared(readers, field->structure->name, 0) : NULL;
        other.version_id = other.declared    ? other.declared->version_id
                           : other.described ? other.described->described_version_id
                                             : 0;
        const struct skew *skew = rows->comparison->skew;
        wait_for(rows->comparison,
                 (struct waiting){own, other, join(skew, rows->of->path, field->name),
                                  rows->of->when, false});
    }
}

static void compare_same(const struct rows *rows, const struct element *writer,
                         const struct element *reader)
{
    compare_presence(rows, writer, reader);
    if (writer->width != WIDTH_PRIVATE)
        compare_counts(rows, writer, reader);
}

/* The structures of an element that both have are compared later. */
static void wait_for_inside(const struct rows *rows, const struct element *writer,
                            const struct element *reader)
{
    const struct skew *skew = rows->comparison->skew;
    const char *when = rows->of->when;
    if (writer->width == WIDTH_PRIVATE) {
        wait_for_parts(rows, writer, reader);
        return;
    }
    if (is_unknown_view(writer->inside))
        return;
    const bool shown = writer->here == HERE && (!writer->described || writer->inside.described);
    bool may_be_empty = !shown && (writer->width == WIDTH_SENT || writer->may_be_empty ||
                                   writer->presence != PRESENCE_ALWAYS);
    if (may_be_empty && !when)
        when = skew_text(skew, "%s is sent", path_of(rows, writer));
    wait_for(rows->comparison,
             (struct waiting){writer->inside, reader->inside, path_of(rows, writer), when, false});
}

/* ---- Elements that only one has ---- */

/* Whether it is known that it is not there. */
static bool is_absent(const struct element *element)
{
    return element->here == NOT_HERE ||
           (!element->declared && element->presence == PRESENCE_BY_STATE);
}

/* Of a run of elements that the other side does not have. */
struct run_sum {
    uint64_t bytes; /* that are on the wire for certain */
    size_t certain; /* elements that are there */
    bool in_memory; /* the bytes are those in memory */
    bool open;      /* some have a length that is not known */
};

static struct run_sum sum_run(const struct elements *elements, const int32_t *others, size_t first,
                              size_t end)
{
    struct run_sum sum = {0};
    for (size_t i = first; i < end; i++) {
        const struct element *element = &elements->list[i];
        if (!is_certain(element) || others[i] != NO_ELEMENT)
            continue;
        sum.certain++;
        sum.bytes += element->bytes;
        sum.in_memory |= element->width == WIDTH_IN_MEMORY;
        /* What one state has is not what each has. */
        sum.open |= element->width == WIDTH_SENT ||
                    (element->here != HERE && element->width != WIDTH_FIXED &&
                     element->width != WIDTH_IN_MEMORY);
    }
    return sum;
}

static size_t base_length(const char *name)
{
    const char *number = strrchr(name, '[');
    return number && name[strlen(name) - 1] == ']' ? (size_t)(number - name) : strlen(name);
}

/* Whether another conditional field of the structure has the same name: mostly only one of them can be there. */
static bool has_twin(const struct elements *elements, const struct element *element)
{
    const size_t length = base_length(element->name);
    for (size_t i = 0; i < elements->count; i++) {
        const struct element *each = &elements->list[i];
        if (each != element && each->owner == element->owner && each->presence != PRESENCE_ALWAYS &&
            base_length(each->name) == length && strncmp(each->name, element->name, length) == 0)
            return true;
    }
    return false;
}

/* An element that only one side has, and of which it is not known whether it is on the wire. */
static bool is_open_condition(const struct elements *elements, const int32_t *others, size_t index)
{
    const struct element *element = &elements->list[index];
    const bool counted_by_state = element->may_be_empty && element->width == WIDTH_SENT;
    return others[index] == NO_ELEMENT && !is_certain(element) &&
           (!is_absent(element) || counted_by_state) &&
           (element->presence == PRESENCE_ALWAYS || !has_twin(elements, element));
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
           reader->width == writer->width &&
           (counted ? reader->each == writer->each : reader->bytes == writer->bytes);
}

/* Pairs such elements where both stand between the same neighbours. */
static void pair_renamed(const struct rows *rows, size_t writer_first, size_t writer_end,
                         size_t reader_first, size_t reader_end)
{
    const struct alignment *alignment = &rows->alignment;
    for (size_t i = writer_first, k = reader_first; i < writer_end; i++)
        for (size_t next = k; next < reader_end; next++)
            if (can_be_renamed(&rows->writer.list[i], &rows->reader.list[next])) {
                alignment->of_writer[i] = (int32_t)next;
                alignment->of_reader[next] = (int32_t)i;
                k = next + 1;
                break;
            }
}

/* A conditional element of the reader that the writer does not have, or the reverse. */
static void compare_conditional(const struct rows *rows, const struct elements *elements,
                                size_t index)
{
    const struct comparison *comparison = rows->comparison;
    const struct skew *skew = comparison->skew;
    const bool reads = elements == &rows->reader;
    const struct element *element = &elements->list[index];
    const struct view other = reads ? rows->of->writer : rows->of->reader;
    const bool by_state = element->presence == PRESENCE_BY_STATE,
               counted = element->presence == PRESENCE_ALWAYS;
    struct vmwire_difference difference = begin_difference(comparison, rows->of, "condition");
    const char *text = describe_element(rows, element);
    /* What the stream's own bytes tell is the same for both; another layout would have the field. */
    if ((by_state || (counted && element->width == WIDTH_SENT)) && !other.declared)
        return;
    difference.path = path_of(rows, element);
    difference.writer = reads ? NULL : text;
    difference.reader = reads ? text : NULL;
    difference.message = footer_message(comparison);
    difference.bytes = reads ? -(int64_t)element->bytes : (int64_t)element->bytes;
    difference.offset = difference.section_offset;
    const bool declares = other.declared && !other.in_memory;
    const bool same_version = rows->of->writer.version_id == rows->of->reader.version_id;
    if (!by_state && describe_condition(skew, element->asks, &element->at, true)) {
        set_asked(&difference, skew, element, true, "");
        add_difference(comparison->skew, difference);
        return;
    }
    set_when(&difference,
             declares && (by_state || counted || !reads || same_version) ? VMWIRE_WHEN_NEEDED
                                                                         : VMWIRE_NOT_DECIDED,
             skew,
             by_state  ? "fields that are sent before say that it is there"
             : counted ? "there is at least one element of it"
             : reads ? "a function of the reader says that it is there (it asks a property of the "
                       "machine, the state, or the version)"
                     : "a function of the writer says that it is sent");
    add_difference(comparison->skew, difference);
}

static bool has_moved(const struct rows *rows, const struct elements *elements, size_t index);

static void compare_conditionals(const struct rows *rows, const struct elements *elements,
                                 const int32_t *others)
{
    for (size_t i = 0; i < elements->count; i++)
        if (is_open_condition(elements, others, i) && !has_moved(rows, elements, i))
            compare_conditional(rows, elements, i);
}

/* Two fields of one type under different names, of lengths that are not known. */
static bool is_renamed(const struct rows *rows, size_t writer, size_t reader)
{
    const struct element *one = &rows->writer.list[writer], *other = &rows->reader.list[reader];
    const bool declared = one->declared && other->declared;
    return (one->width != WIDTH_FIXED || other->width != WIDTH_FIXED) && one->type[0] &&
           strcmp(one->type, other->type) == 0 && (!declared || one->counted == other->counted);
}

/* One field on both sides, whose length is sent. */
static bool is_one_buffer(const struct rows *rows, size_t writer_first, size_t writer_end,
                          size_t reader_first, size_t reader_end)
{
    if (writer_end - writer_first != 1 || reader_end - reader_first != 1)
        return false;
    const struct element *writer = &rows->writer.list[writer_first],
                         *reader = &rows->reader.list[reader_first];
    return strcmp(writer->name, reader->name) == 0 && both_send_count(rows, writer, reader);
}

/* The first element of a run that is on the wire; NULL: none is. */
static const struct element *first_certain(const struct elements *elements, const int32_t *others,
                                           size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        if (is_certain(&elements->list[i]) && others[i] == NO_ELEMENT)
            return &elements->list[i];
    return NULL;
}

enum { NEIGHBOURS = 3, MOST_BESIDE = 24 };

static void add_beside(const struct rows *rows, struct vmwire_beside *list, size_t *count,
                       const struct element *writer, const struct element *reader, bool differs)
{
    writer = writer && is_certain(writer) ? writer : NULL;
    reader = reader && is_certain(reader) ? reader : NULL;
    if (*count == MOST_BESIDE || (!writer && !reader))
        return;
    list[(*count)++] = (struct vmwire_beside){
        .writer = writer ? describe_element(rows, writer) : NULL,
        .reader = reader ? describe_element(rows, reader) : NULL,
        .offset =
            writer ? offset_of_field(rows->comparison, writer->described) : VMWIRE_ERROR_NO_OFFSET,
        .differs = differs,
    };
}

/* The fields of a run, between some that both have. */
static void set_beside(const struct rows *rows, struct vmwire_difference *difference,
                       size_t writer_first, size_t writer_end, size_t reader_first,
                       size_t reader_end)
{
    struct vmwire_beside *list =
        vmwire_arena_alloc(rows->comparison->skew->arena, MOST_BESIDE * sizeof(*list));
    const int32_t *others = rows->alignment.of_writer;
    const size_t before = writer_first < NEIGHBOURS ? 0 : writer_first - NEIGHBOURS;
    for (size_t i = before; i < writer_first; i++)
        if (others[i] != NO_ELEMENT)
            add_beside(rows, list, &difference->beside_count, &rows->writer.list[i],
                       &rows->reader.list[others[i]], false);
    for (size_t i = writer_first, k = reader_first; i < writer_end || k < reader_end; i++, k++)
        add_beside(rows, list, &difference->beside_count,
                   i < writer_end ? &rows->writer.list[i] : NULL,
                   k < reader_end ? &rows->reader.list[k] : NULL, true);
    for (size_t i = writer_end; i < rows->writer.count && i < writer_end + NEIGHBOURS; i++)
        if (others[i] != NO_ELEMENT)
            add_beside(rows, list, &difference->beside_count, &rows->writer.list[i],
                       &rows->reader.list[others[i]], false);
    difference->beside = list;
}

/* Whether the state decides if the element is there, or how many bytes it has. What a function decides is taken as the machine's
 * choice. */
static bool is_dependent(const struct element *element, const struct vmwire_layouts *layouts)
{
    if (element->declared)
        return element->presence == PRESENCE_BY_STATE || element->counted;
    const struct layout_facts *facts = layouts && element->in && element->in->name
                                           ? layout_facts_of(layouts, element->in->name)
                                           : NULL;
    for (size_t i = 0; facts && i < facts->field_count; i++)
        if (strcmp(facts->fields[i].key, element->name) == 0 &&
            (layout_rule_asks_state(&facts->fields[i].rule) ||
             layout_rule_counts_by_state(&facts->fields[i].rule)))
            return true;
    return false;
}

/* What grammar/layouts tells of structures; NULL when memory runs out. */
static const struct vmwire_layouts *layouts_of(struct skew *skew)
{
    struct vmwire_error error;
    if (skew->layouts)
        return skew->layouts;
    struct vmwire_schema *schema = vmwire_schema_create(skew->arena, &error);
    if (schema && vmwire_schema_add_layouts(schema, &error))
        skew->layouts = schema->layouts;
    return skew->layouts;
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

/* Whether the element is of a structure of which the writer has an older version: the reader can leave it out then. */
static bool is_of_newer_version(const struct rows *rows, const struct element *reader)
{
    const struct view view = rows->reader.parts[reader->owner].view;
    const char *name = view_name(view);
    for (size_t i = 0; name && !view.declared && i < rows->writer.part_count; i++) {
        const struct view own = rows->writer.parts[i].view;
        if (view_name(own) && strcmp(view_name(own), name) == 0)
            return own.version_id < view.version_id;
    }
    return false;
}

/* Whether elements that only one side has can be there, or not, on both: the other side's program is not known. */
static bool can_depend(const struct rows *rows, size_t writer_first, size_t writer_end,
                       size_t reader_first, size_t reader_end)
{
    const struct vmwire_layouts *layouts = layouts_of(rows->comparison->skew);
    bool depends = false;
    for (size_t i = writer_first; i < writer_end; i++) {
        const struct element *writer = &rows->writer.list[i];
        depends |= is_certain(writer) &&
                   ((!rows->of->reader.declared && is_dependent(writer, layouts)) ||
                    has_other_length(&rows->reader, reader_first, reader_end, writer));
    }
    for (size_t k = reader_first; k < reader_end && !rows->of->writer.declared; k++)
        depends |=
            is_certain(&rows->reader.list[k]) && is_dependent(&rows->reader.list[k], layouts);
    for (size_t k = reader_first; k < reader_end; k++)
        depends |=
            is_certain(&rows->reader.list[k]) && is_of_newer_version(rows, &rows->reader.list[k]);
    return depends;
}

/* Compares what stands between two elements that both have. */
static void compare_run(const struct rows *rows, size_t writer_first, size_t writer_end,
                        size_t reader_first, size_t reader_end)
{
    const struct comparison *comparison = rows->comparison;
    const struct skew *skew = comparison->skew;
    pair_renamed(rows, writer_first, writer_end, reader_first, reader_end);
    struct run_sum writer =
        sum_run(&rows->writer, rows->alignment.of_writer, writer_first, writer_end);
    struct run_sum reader =
        sum_run(&rows->reader, rows->alignment.of_reader, reader_first, reader_end);
    const bool both = writer.certain && reader.certain;
    const bool open = writer.open || reader.open;
    if ((writer.bytes == reader.bytes && !open) ||
        is_one_buffer(rows, writer_first, writer_end, reader_first, reader_end) ||
        (writer.in_memory != reader.in_memory && both) ||
        (writer_end - writer_first == 1 && reader_end - reader_first == 1 &&
         is_renamed(rows, writer_first, reader_first)))
        return;
    struct vmwire_difference difference = begin_difference(comparison, rows->of, "fields");
    const struct element *first =
        first_certain(&rows->writer, rows->alignment.of_writer, writer_first, writer_end);
    first = first
                ? first
                : first_certain(&rows->reader, rows->alignment.of_reader, reader_first, reader_end);
    difference.path = path_of(rows, first);
    difference.writer = describe_run(rows, &rows->writer, writer_first, writer_end);
    difference.reader = describe_run(rows, &rows->reader, reader_first, reader_end);
    if (!writer.in_memory && !reader.in_memory)
        difference.bytes = (int64_t)writer.bytes - (int64_t)reader.bytes;
    difference.message = footer_message(comparison);
    difference.offset = offset_of_run(rows, writer_first);
    set_beside(rows, &difference, writer_first, writer_end, reader_first, reader_end);
    if (open && both)
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "the lengths of these fields are not known to be the same");
    else if (can_depend(rows, writer_first, writer_end, reader_first, reader_end))
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "what is sent of these fields can depend on the state; give the programs of both "
                 "sides");
    add_difference(comparison->skew, difference);
}

/* ---- Fields that have changed their places ---- */

/* Whether two elements, which are not in the same place, are the same one. */
static bool is_moved(const struct element *writer, const struct element *reader)
{
    const bool known = (writer->here == HERE || writer->width == WIDTH_FIXED) &&
                       (reader->here == HERE || reader->width == WIDTH_FIXED);
    const bool sizes = known ? reader->bytes == writer->bytes : reader->each == writer->each;
    return strcmp(reader->name, writer->name) == 0 && reader->filler == writer->filler &&
           (sizes || (reader->width == WIDTH_MACHINE && !is_unknown_view(reader->inside))) &&
           is_unknown_view(reader->inside) == is_unknown_view(writer->inside) &&
           (!reader->declared || !writer->declared || reader->presence == writer->presence);
}

/* The element of the reader's row that it is, which is none of the writer's in this place; NO_ELEMENT: there is none. */
static int32_t find_moved(const struct rows *rows, const struct element *writer)
{
    for (size_t k = 0; k < rows->reader.count; k++)
        if (rows->alignment.of_reader[k] == NO_ELEMENT && !is_left_out(&rows->reader.list[k]) &&
            is_moved(writer, &rows->reader.list[k]))
            return (int32_t)k;
    return NO_ELEMENT;
}

/* Whether the other row has the element, too, in another place. */
static bool has_moved(const struct rows *rows, const struct elements *elements, size_t index)
{
    if (elements == &rows->writer)
        return find_moved(rows, &elements->list[index]) != NO_ELEMENT;
    for (size_t i = 0; i < rows->writer.count; i++)
        if (rows->alignment.of_writer[i] == NO_ELEMENT && !is_left_out(&rows->writer.list[i]) &&
            is_moved(&rows->writer.list[i], &elements->list[index]))
            return true;
    return false;
}

/* The bytes before an element; `all`: also of those that need not be there. Of those that both have, the sizes are the writer's:
 * in another state they can be others. */
static int64_t bytes_before(const struct rows *rows, bool reads, size_t index, bool all)
{
    const struct elements *elements = reads ? &rows->reader : &rows->writer;
    const int32_t *others = rows->alignment.of_reader;
    int64_t bytes = 0;
    for (size_t i = 0; i < index; i++) {
        const bool both = reads && others[i] != NO_ELEMENT;
        const struct element *element = both ? &rows->writer.list[others[i]] : &elements->list[i];
        if (is_certain(element) || (all && !is_left_out(element)))
            bytes += (int64_t)element->bytes;
        if (both && have_other_counts(element, &elements->list[i]))
            bytes += (int64_t)sent_bytes(&elements->list[i]) - (int64_t)sent_bytes(element);
    }
    return bytes;
}

/* Whether a structure has a subsection that no function can leave out. */
static bool always_sends(struct view view)
{
    const struct vmwire_structure *declared = view.in_memory ? NULL : view.declared;
    for (size_t i = 0; declared && i < declared->subsection_count; i++) {
        const struct vmwire_structure *layout = declared->subsections[i].structure
                                                    ? declared->subsections[i].structure
                                                    : declared->subsections[i].dependent;
        if (layout && !layout->conditional)
            return true;
    }
    return false;
}

/* Whether the stream sends a subsection of the elements from `first` up to `end`. */
static bool sends_subsections(const struct elements *elements, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        const struct element *element = &elements->list[i];
        const struct view inside = element->inside, owner = elements->parts[element->owner].view;
        if ((inside.described && inside.described->sent_count) || always_sends(inside) ||
            (element->owner &&
             ((owner.described && owner.described->sent_count) || always_sends(owner))))
            return true;
    }
    return false;
}

/* An element has another place. Subsections between the two places are not where the reader looks for them: it refuses them. */
static void add_moved(const struct rows *rows, size_t index, size_t other, const char *when)
{
    const struct comparison *comparison = rows->comparison;
    const struct skew *skew = comparison->skew;
    const struct element *writer = &rows->writer.list[index], *reader = &rows->reader.list[other];
    const int64_t from = bytes_before(rows, false, index, when),
                  to = bytes_before(rows, true, other, when);
    struct vmwire_difference difference = begin_difference(comparison, rows->of, "fields-moved");
    size_t first = index, end = index + 1;
    while (end < rows->writer.count && bytes_before(rows, false, end, when) < to)
        end++;
    while (first > 0 && bytes_before(rows, false, first, when) > to)
        first--;
    difference.outcome = sends_subsections(&rows->writer, first, end) ? VMWIRE_OUTCOME_REJECT
                                                                      : VMWIRE_OUTCOME_CORRUPT;
    difference.path = path_of(rows, writer);
    difference.writer = skew_text(skew, "%s, at byte %" PRIi64 " of %s",
                                  describe_element(rows, writer), from, difference.structure);
    difference.reader = skew_text(skew, "%s, at byte %" PRIi64, describe_element(rows, reader), to);
    difference.offset = offset_of_field(comparison, writer->described);
    if (when)
        set_when(&difference, VMWIRE_WHEN_NEEDED, skew, when);
    add_difference(comparison->skew, difference);
}

/* Fields that both have, in the same order, of which those before have not the same bytes: the first of each row of them. */
static void compare_shifts(const struct rows *rows)
{
    int64_t before = 0;
    for (size_t i = 0; i < rows->writer.count; i++) {
        const struct element *writer = &rows->writer.list[i];
        const int32_t other = rows->alignment.of_writer[i];
        if (other == NO_ELEMENT || writer->filler || is_left_out(writer) ||
            rows->reader.list[other].filler || is_left_out(&rows->reader.list[other]))
            continue;
        const bool sent = is_certain(writer) && is_certain(&rows->reader.list[other]);
        const int64_t shift =
            bytes_before(rows, true, (size_t)other, false) - bytes_before(rows, false, i, false);
        if (shift && shift != before)
            add_moved(rows, i, (size_t)other, sent ? NULL : "the field is sent");
        before = sent || !shift ? shift : before; /* a later one can be certain */
    }
}

/* An element that stands elsewhere in the reader's row: also where it need not be there, or fields between the two places. */
static void compare_place(const struct rows *rows, size_t index, size_t other)
{
    const bool certain = is_certain(&rows->writer.list[index]);
    if (certain &&
        bytes_before(rows, false, index, false) != bytes_before(rows, true, other, false))
        add_moved(rows, index, other, NULL);
    else if (bytes_before(rows, false, index, true) != bytes_before(rows, true, other, true))
        add_moved(rows, index, other,
                  certain ? "fields that it has changed places with are sent"
                          : "the field is sent");
}

/* Adds the fields that both have, in another order. */
static void compare_order(const struct rows *rows)
{
    const size_t first = rows->comparison->skew->count;
    for (size_t i = 0; i < rows->writer.count; i++) {
        const struct element *writer = &rows->writer.list[i];
        if (rows->alignment.of_writer[i] != NO_ELEMENT || is_left_out(writer) || writer->filler)
            continue;
        const int32_t other = find_moved(rows, writer);
        if (other != NO_ELEMENT)
            compare_place(rows, i, (size_t)other);
    }
    const bool in_memory = rows->of->writer.in_memory || rows->of->reader.in_memory;
    if (rows->comparison->skew->count == first && !in_memory)
        compare_shifts(rows);
}

/* ---- The bytes of the whole structure ---- */

enum { MOST_OPEN = 12 };

/* How many bytes more the writer has in a structure's fields. What is not known of an element can make up for others. */
struct balance {
    int64_t bytes;           /* of all that is certain */
    int64_t open[MOST_OPEN]; /* each can come to them, or not */
    size_t open_count;
    bool any_more, any_less; /* any number of bytes can come to them */
};

static void add_open(struct balance *balance, int64_t bytes)
{
    if (balance->open_count < MOST_OPEN)
        balance->open[balance->open_count++] = bytes;
    else
        *(bytes > 0 ? &balance->any_more : &balance->any_less) = true;
}

/* An element that only one side has. */
static void add_to_balance(struct balance *balance, const struct element *element, bool writes)
{
    const int64_t bytes = writes ? (int64_t)element->bytes : -(int64_t)element->bytes;
    const bool known =
        element->here == HERE || element->width == WIDTH_FIXED || element->width == WIDTH_IN_MEMORY;
    if (is_absent(element))
        return;
    if (!known) {
        *(writes ? &balance->any_more : &balance->any_less) = true;
        if (is_certain(element)) /* at least one */
            balance->bytes += writes ? 1 : -1;
    } else if (is_certain(element))
        balance->bytes += bytes;
    else
        add_open(balance, bytes);
}

/* Whether they have other names, and functions decide whether they are there: these can be other ones, too. */
static bool ask_other_functions(const struct element *writer, const struct element *reader)
{
    return strcmp(writer->name, reader->name) != 0 && writer->presence == PRESENCE_BY_CODE &&
           reader->presence == PRESENCE_BY_CODE && writer->width == WIDTH_FIXED &&
           reader->width == WIDTH_FIXED;
}

/* An element that both have: it can have another number of elements, or be on one side only. */
static void add_both_to_balance(struct balance *balance, const struct element *writer,
                                const struct element *reader)
{
    const int64_t more = (int64_t)sent_bytes(writer) - (int64_t)sent_bytes(reader);
    if (have_other_counts(writer, reader) && is_certain(writer))
        balance->bytes += more;
    else if (have_other_counts(writer, reader))
        add_open(balance, more);
    else if (ask_other_functions(writer, reader)) {
        add_to_balance(balance, writer, true);
        add_to_balance(balance, reader, false);
    } else if (is_counted_on_one_side(writer, reader))
        balance->any_more = balance->any_less = true;
    else if (is_certain(writer) != is_certain(reader) && !is_absent(writer) && !is_absent(reader))
        add_open(balance, is_certain(writer) ? (int64_t)writer->bytes : -(int64_t)reader->bytes);
    else if (is_certain(writer) && is_absent(reader))
        balance->bytes += (int64_t)writer->bytes;
    else if (is_certain(reader) && is_absent(writer))
        balance->bytes -= (int64_t)reader->bytes;
}

/* Whether it is known how many bytes it has. */
static bool is_measured(const struct element *element)
{
    return is_certain(element) && (element->here == HERE || element->width == WIDTH_FIXED ||
                                   element->width == WIDTH_IN_MEMORY);
}

static struct balance find_balance(const struct rows *rows)
{
    struct balance balance = {.bytes = 0};
    bool *moved = vmwire_arena_alloc(rows->comparison->skew->arena, rows->reader.count + 1);
    memset(moved, 0, rows->reader.count + 1);
    for (size_t i = 0; i < rows->writer.count; i++) {
        const struct element *writer = &rows->writer.list[i];
        int32_t other = rows->alignment.of_writer[i];
        if (other != NO_ELEMENT) {
            add_both_to_balance(&balance, writer, &rows->reader.list[other]);
            continue;
        }
        other = find_moved(rows, writer);
        /* It has as many bytes there, whatever they are. */
        if (other != NO_ELEMENT && !is_absent(writer) && !moved[other] &&
            !(is_measured(writer) && is_measured(&rows->reader.list[other])))
            moved[other] = true;
        else
            add_to_balance(&balance, writer, true);
    }
    for (size_t k = 0; k < rows->reader.count; k++)
        if (rows->alignment.of_reader[k] == NO_ELEMENT && !moved[k])
            add_to_balance(&balance, &rows->reader.list[k], false);
    return balance;
}

/* Whether what is not known can make up for the bytes. */
static bool can_make_up(const struct balance *balance)
{
    if ((balance->bytes > 0 && balance->any_less) || (balance->bytes < 0 && balance->any_more))
        return true;
    for (uint32_t chosen = 0; chosen < UINT32_C(1) << balance->open_count; chosen++) {
        int64_t sum = balance->bytes;
        for (size_t i = 0; i < balance->open_count; i++)
            sum += chosen >> i & 1 ? balance->open[i] : 0;
        if (sum == 0)
            return true;
    }
    return false;
}

/* Takes back the differences from `first` on that are of fields alone, and known: in another state there can be others. */
static void drop_fields(struct skew *skew, size_t first)
{
    const struct vmwire_skew_rule *fields = skew_rule("fields"),
                                  *length = skew_rule("array-length");
    size_t kept = first;
    for (size_t i = first; i < skew->count; i++)
        if (skew->list[i].certainty == VMWIRE_NOT_DECIDED ||
            (skew->list[i].rule != fields && skew->list[i].rule != length))
            skew->list[kept++] = skew->list[i];
    skew->count = kept;
}

/* Says what the differences of a structure, from `first` on, lead to together. Where their bytes add up to nothing, the reader
 * goes on in step: fields have moved. Where something that is not known can make up for them, nothing is certain. */
static void settle(const struct rows *rows, size_t first)
{
    struct skew *skew = rows->comparison->skew;
    const struct balance balance = find_balance(rows);
    const bool steady = !balance.open_count && !balance.any_more && !balance.any_less;
    if (balance.bytes == 0 && steady) {
        drop_fields(skew, first);
        compare_order(rows);
        return;
    }
    if (!can_make_up(&balance) || (balance.bytes == 0 && steady))
        return;
    const struct vmwire_skew_rule *condition = skew_rule("condition");
    for (size_t i = first; i < skew->count; i++)
        if (skew->list[i].certainty == VMWIRE_CERTAIN ||
            (skew->list[i].certainty == VMWIRE_WHEN_NEEDED && skew->list[i].rule != condition &&
             rows->of->when))
            set_when(&skew->list[i], VMWIRE_NOT_DECIDED, skew,
                     "other fields of the structure, of which not all is known, do not make up for "
                     "it");
}

/* ---- Subsections ---- */

static const struct vmwire_structure *layout_of(const struct vmwire_subsection *subsection)
{
    return subsection->structure ? subsection->structure : subsection->dependent;
}

/* The layout of a subsection that a dump only names. */
static const struct vmwire_structure *find_dumped(const struct vmwire_schema *schema,
                                                  const char *name)
{
    for (const struct vmwire_structure *each = schema ? schema->structures : NULL; each;
         each = each->next)
        if (each->name && strcmp(each->name, name) == 0)
            return each;
    return NULL;
}

/* A subsection that the stream has sent with this very structure; NULL: it has not. */
static const struct vmwire_subsection *find_sent_here(struct view owner, const char *name)
{
    for (size_t i = 0; owner.described && i < owner.described->subsection_count; i++) {
        const struct vmwire_subsection *each = &owner.described->subsections[i];
        if (each->source == VMWIRE_LAYOUT_SENT && strcmp(each->name, name) == 0)
            return each;
    }
    return NULL;
}

static struct view view_of_subsection(struct view owner, const char *name,
                                      const struct vmwire_side *side)
{
    const struct vmwire_subsection *declared =
        owner.declared ? vmwire_structure_subsection(owner.declared, name) : NULL;
    const struct vmwire_subsection *sent = find_sent_here(owner, name);
    struct view view = {.in_memory = owner.in_memory, .at = owner.at};
    if (declared)
        view.declared = owner.in_memory ? find_dumped(side->dumped, name) : layout_of(declared);
    if (sent)
        view.described = layout_of(sent);
    view.version_id = view.described  ? view.described->described_version_id
                      : view.declared ? view.declared->version_id
                                      : 0;
    return view;
}

/* When the writer sends a subsection. */
static const char *name_need(const struct skew *skew, struct view owner,
                             const struct vmwire_structure *layout, const char *name)
{
    const char *asked = layout ? describe_condition(skew, layout->needed, &owner.at, true) : NULL;
    const char *machines = layout ? advise_condition(skew, layout->needed, &owner.at) : NULL;
    if (!asked)
        return skew_text(skew, "the state needs the subsection %s", name);
    return skew_text(skew, "the state needs the subsection %s: %s%s%s%s", name, asked,
                     machines ? " (" : "", machines ? machines : "", machines ? ")" : "");
}

/* The structure of an owner's subsection on the reader's side, and whether all that it can have are known. */
static void compare_subsection(const struct rows *rows, struct view writer, struct view reader,
                               const char *path, const char *name, bool always)
{
    const struct comparison *comparison = rows->comparison;
    const struct skew *skew = comparison->skew;
    const bool sent = find_sent_here(writer, name) != NULL;
    struct view own = view_of_subsection(writer, name, skew->writer),
                other = view_of_subsection(reader, name, skew->reader);
    struct waiting of = *rows->of;
    const bool known = (reader.declared && vmwire_structure_subsection(reader.declared, name)) ||
                       (reader.described && vmwire_structure_subsection(reader.described, name));
    of.writer = own;
    of.path = join(skew, path, name);
    if (!sent && !always)
        of.when = name_need(skew, writer, own.declared, name);
    if (known) {
        if (own.declared || own.described)
            other.version_id = own.version_id;
        wait_for(rows->comparison, (struct waiting){own, other, of.path, of.when, true});
        return;
    }
    /* A stream shows only what it has sent. */
    if (!reader.declared && !sent && !always)
        return;
    struct vmwire_difference difference = begin_difference(comparison, &of, "subsection-unknown");
    difference.structure = view_name(writer);
    difference.writer = skew_text(skew, "%s, version %u", name, own.version_id);
    difference.message =
        skew_text(skew, "VM subsection '%s' in '%s' does not exist", name, view_name(writer));
    if (!reader.declared)
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "the reader's stream does not send it, so nothing tells whether it knows it; give "
                 "its program");
    add_difference(comparison->skew, difference);
}

static void compare_subsections(const struct rows *rows, struct view writer, struct view reader,
                                const char *path)
{
    const struct vmwire_structure *declared = writer.declared, *described = writer.described;
    for (size_t i = 0; declared && i < declared->subsection_count; i++) {
        const struct vmwire_subsection *each = &declared->subsections[i];
        const struct vmwire_structure *layout = layout_of(each);
        int needed = layout && !described
                         ? decide_condition(layout->needed, writer.version_id, &writer.at)
                         : -1;
        bool always =
            needed == 1 || (!writer.in_memory && layout && !layout->conditional && !described);
        if (!each->hidden && needed != 0)
            compare_subsection(rows, writer, reader, path, each->name, always);
    }
    for (size_t i = 0; described && i < described->subsection_count; i++) {
        const char *name = described->subsections[i].name;
        if (described->subsections[i].source != VMWIRE_LAYOUT_SENT)
            continue;
        if (!declared || !vmwire_structure_subsection(declared, name))
            compare_subsection(rows, writer, reader, path, name, false);
    }
}

/* The part of the reader's row that is this one of the writer's: the one of that name, from `*next` on. */
static const struct part *find_part(const struct elements *elements, const struct part *writer,
                                    size_t *next)
{
    const char *name = view_name(writer->view);
    for (size_t i = *next; name && elements->parts && i < elements->part_count; i++) {
        const char *own = view_name(elements->parts[i].view);
        if (own && strcmp(own, name) == 0) {
            *next = i + 1;
            return &elements->parts[i];
        }
    }
    return NULL;
}

static void compare_parts(const struct rows *rows)
{
    const struct skew *skew = rows->comparison->skew;
    size_t next = 1;
    for (size_t i = 0; i < rows->writer.part_count; i++) {
        const struct part *writer = &rows->writer.parts[i];
        const struct part *reader =
            i == 0 ? rows->reader.parts : find_part(&rows->reader, writer, &next);
        /* Where the reader has the fields without their structure, it knows none of its subsections. */
        struct view none = {.declared = rows->of->reader.declared,
                            .in_memory = rows->of->reader.in_memory};
        compare_subsections(rows, writer->view, reader ? reader->view : none,
                            join(skew, rows->of->path, writer->path));
    }
}

/* ---- Versions ---- */

static const struct vmwire_structure *known_of(struct view view)
{
    return view.declared ? view.declared : view.described;
}

/* The versions that a reader takes. */
struct versions {
    uint32_t lowest, highest;
};

static struct versions versions_of(const struct vmwire_structure *structure)
{
    struct versions versions = {structure->described_minimum_version_id,
                                structure->described_version_id};
    if (versions.lowest > versions.highest)
        versions.lowest = versions.highest;
    return versions;
}

static const char *refused_version(const struct comparison *comparison, const struct waiting *of,
                                   struct versions reader)
{
    const struct skew *skew = comparison->skew;
    const uint32_t version = of->writer.version_id;
    const char *name = view_name(of->writer);
    if (version < reader.lowest)
        return skew_text(skew,
                         "%s: incoming version_id %u is too old for local minimum version_id  %u",
                         name, version, reader.lowest);
    if (of->path[0] == '\0')
        return skew_text(skew, "savevm: unsupported version %u for '%s' v%u", version,
                         comparison->section->idstr, reader.highest);
    return skew_text(skew, "%s: incoming version_id %u is too new for local version_id %u", name,
                     version, reader.highest);
}

/* Returns false where the reader refuses the version, or where its layout is not known. */
static bool compare_versions(const struct comparison *comparison, const struct waiting *of)
{
    const struct vmwire_structure *structure = known_of(of->reader);
    const struct skew *skew = comparison->skew;
    const struct versions reader = versions_of(structure);
    const uint32_t version = of->writer.version_id;
    bool newer = version > reader.highest, older = version < reader.lowest;
    if (!of->versioned || !view_name(of->writer) || structure->version_id == UINT32_MAX ||
        (!newer && !older))
        return true;
    struct vmwire_difference difference =
        begin_difference(comparison, of, newer ? "version-newer" : "version-older");
    difference.writer = skew_text(skew, "version %u", version);
    difference.reader = reader.lowest < reader.highest
                            ? skew_text(skew, "versions %u to %u", reader.lowest, reader.highest)
                            : skew_text(skew, "version %u", reader.highest);
    difference.message = refused_version(comparison, of, reader);
    difference.offset = difference.section_offset;
    if (older && !of->reader.declared)
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "nothing tells from which version on the reader accepts it; give its program");
    add_difference(comparison->skew, difference);
    return false;
}

/* ---- One structure ---- */

/* The number that the writer's section has under this name; false: it has none, or several. */
static bool find_sent(const struct comparison *comparison, const struct layout_name *name,
                      int64_t *number)
{
    const struct vmwire_item *item = comparison->section->written;
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    size_t found = 0;
    if (!item || !item->record)
        return false;
    vmwire_record_walk_begin(&walk, item->record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE) {
        if (step != VMWIRE_RECORD_VALUE || strcmp(walk.value->field->name, name->name) != 0 ||
            walk.value->data.length > 8 || walk.value->field->count != 1)
            continue;
        uint64_t value = 0;
        for (size_t i = 0; i < walk.value->data.length; i++)
            value = value << 8 | walk.value->data.data[i];
        if (found++ && *number != (int64_t)value)
            return false;
        *number = (int64_t)value;
    }
    return found > 0;
}

static bool holds(const struct layout_condition *condition, int64_t number)
{
    bool listed = false, bits = false;
    for (size_t i = 0; i < condition->number_count; i++) {
        listed |= condition->numbers[i] == number;
        bits |= (condition->numbers[i] & number) != 0;
    }
    switch (condition->comparison) {
    case LAYOUT_IS_ONE_OF:
        return listed;
    case LAYOUT_IS_NONE_OF:
        return !listed;
    case LAYOUT_HAS_BIT_OF:
        return bits;
    case LAYOUT_IS_AT_MOST:
        return number <= condition->numbers[0];
    case LAYOUT_IS_ABOVE:
        return number > condition->numbers[0];
    }
    return false;
}

/* Whether the reader's section has this number, but not in the version that is sent. */
static bool is_not_of_version(const struct comparison *comparison, const struct layout_name *name)
{
    const struct vmwire_structure *root = comparison->list[0].reader.declared;
    const uint32_t version = comparison->list[0].writer.version_id;
    for (size_t i = 0; root && i < root->field_count; i++)
        if (strcmp(root->fields[i].name, name->name) == 0)
            return root->fields[i].dependence && version < root->fields[i].dependence->since;
    return false;
}

/* What the writer's bytes tell the reader: whether the element is there. */
static enum element_here find_out(const struct comparison *comparison,
                                  const struct layout_conditions *when)
{
    enum element_here here = HERE;
    for (size_t i = 0; i < when->count; i++) {
        int64_t number;
        if (when->all[i].kind != LAYOUT_IF_FIELD)
            return HERE_UNKNOWN;
        if (is_not_of_version(comparison, &when->all[i].name))
            number = 0; /* as QEMU's memory is at first */
        else if (!find_sent(comparison, &when->all[i].name, &number))
            return HERE_UNKNOWN;
        if (!holds(&when->all[i], number))
            here = NOT_HERE;
    }
    return here;
}

/* Whether the reader's fields are there is told by the bytes that it reads, not by those that its own machine has written. */
static void follow_writer(struct rows *rows)
{
    for (size_t i = 0; i < rows->reader.count; i++) {
        struct element *element = &rows->reader.list[i];
        if (element->rule)
            element->here = find_out(rows->comparison, &element->rule->when);
        else if (element->presence == PRESENCE_BY_CODE &&
                 rows->of->writer.version_id != rows->of->reader.version_id)
            element->here = HERE_UNKNOWN; /* the function can ask for the version */
    }
}

/* Compares what only one side has. */
static void compare_others(const struct rows *rows)
{
    const struct alignment *alignment = &rows->alignment;
    size_t i = 0, k = 0;
    for (size_t next = 0; next <= rows->writer.count; next++) {
        bool end = next == rows->writer.count;
        if (!end && alignment->of_writer[next] == NO_ELEMENT)
            continue;
        size_t other = end ? rows->reader.count : (size_t)alignment->of_writer[next];
        if (next > i || other > k)
            compare_run(rows, i, next, k, other);
        i = next + 1;
        k = other + 1;
    }
    compare_conditionals(rows, &rows->writer, alignment->of_writer);
    compare_conditionals(rows, &rows->reader, alignment->of_reader);
}

/* Does so with each element that both have. */
static void for_shared(const struct rows *rows,
                       void (*what)(const struct rows *rows, const struct element *writer,
                                    const struct element *reader))
{
    for (size_t i = 0; i < rows->writer.count; i++)
        if (rows->alignment.of_writer[i] != NO_ELEMENT)
            what(rows, &rows->writer.list[i], &rows->reader.list[rows->alignment.of_writer[i]]);
}

/* A structure that only one row takes apart, because on the other side there can be several, is kept in both. */
static bool keep_unlike(const struct rows *rows, struct kept_paths *keeps,
                        const struct elements *apart, const struct elements *whole)
{
    const size_t before = keeps->count;
    for (size_t i = 0; i < whole->count; i++)
        for (size_t k = 1; k < apart->part_count; k++)
            if (!is_unknown_view(whole->list[i].inside) &&
                strcmp(whole->list[i].path, apart->parts[k].path) == 0) {
                keeps->paths = vmwire_arena_grow(rows->comparison->skew->arena, keeps->paths,
                                                 keeps->count, &keeps->room, sizeof(*keeps->paths));
                keeps->paths[keeps->count++] = apart->parts[k].path;
            }
    return keeps->count > before;
}

static void list_both(struct rows *rows)
{
    struct vmwire_arena *arena = rows->comparison->skew->arena;
    const struct waiting *of = rows->of;
    struct kept_paths keeps = {.inlines = of->writer.in_memory == of->reader.in_memory};
    bool again = true;
    while (again) {
        rows->writer = list_elements(arena, of->writer, &keeps);
        rows->reader = list_elements(arena, of->reader, &keeps);
        again = keep_unlike(rows, &keeps, &rows->writer, &rows->reader) ||
                keep_unlike(rows, &keeps, &rows->reader, &rows->writer);
    }
}

/* Whether a stream shows a field, or none, where its program says otherwise for the machine type: then a command line has set
 * the property, and that of the reader can have done so, too. */
static bool is_set_by_hand(const struct elements *elements)
{
    for (size_t i = 0; i < elements->count; i++) {
        const struct element *element = &elements->list[i];
        if ((element->asked == 1 && element->here == NOT_HERE) ||
            (element->asked == 0 && element->here == HERE))
            return true;
    }
    return false;
}

static void compare_structures(struct comparison *comparison, struct waiting of)
{
    struct vmwire_arena *arena = comparison->skew->arena;
    const bool taken = compare_versions(comparison, &of);
    if (!taken && comparison->section->written)
        return;
    /* The version is that of the writer, also where the reader has a later one. */
    if (of.path[0] == '\0')
        of.reader.version_id = of.writer.version_id;
    struct rows rows = {.comparison = comparison, .of = &of};
    list_both(&rows);
    if (of.reader.at.machine && is_set_by_hand(&rows.writer)) {
        of.reader.at.machine = NULL;
        list_both(&rows);
    }
    follow_writer(&rows);
    rows.alignment = align_elements(arena, &rows.writer, &rows.reader);
    const size_t first = comparison->skew->count;
    if (taken) { /* otherwise other fields are no wonder */
        compare_others(&rows);
        for_shared(&rows, compare_same);
        settle(&rows, first);
    }
    for_shared(&rows, wait_for_inside);
    compare_parts(&rows);
}

void compare_layouts(struct skew *skew, const struct compared_section *section, struct view writer,
                     struct view reader)
{
    struct comparison comparison = {.skew = skew, .section = section};
    if (!writer.in_memory)
        writer.at = place_of_device(writer.declared, machine_of_side(skew, skew->writer));
    if (!reader.in_memory)
        reader.at = place_of_device(reader.declared, machine_of_side(skew, skew->reader));
    /* Nothing tells then what a command line has set. */
    if (writer.described && !writer.declared)
        reader.at.machine = NULL;
    wait_for(&comparison, (struct waiting){writer, reader, "", NULL, true});
    for (size_t i = 0; i < comparison.count; i++)
        compare_structures(&comparison, comparison.list[i]);
}
