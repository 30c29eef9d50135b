/* SPDX-License-Identifier: MIT */
#include "skew/layouts/sent_values.h"

#include <string.h>

#include "schema/layout.h"
#include "skew/layouts/on_wire.h"
#include "skew/shared/places.h"

static bool is_one_number(const struct vmwire_value *value)
{
    return value->data.length <= 8 && value->field->count == 1;
}

bool is_sent_before(const struct vmwire_record *record, const struct vmwire_field *field,
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
        if (step == VMWIRE_RECORD_VALUE && is_one_number(value) &&
            value->field->class != VMWIRE_FIELD_LIST && number_of_bytes(value->data) == number)
            return true;
    }
    return false;
}

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
            !is_one_number(walk.value))
            continue;
        const int64_t sent = (int64_t)number_of_bytes(walk.value->data);
        if (found++ && *number != sent)
            return false;
        *number = sent;
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

/* The number that the writer's section has in the field, also as one of several elements of a structure; false: in none, or they
 * are not alike. */
static bool find_number(const struct vmwire_record *record, const struct vmwire_field *field,
                        uint64_t *number)
{
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    size_t found = 0;
    vmwire_record_walk_begin(&walk, record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE) {
        if (step != VMWIRE_RECORD_VALUE || walk.value->field != field)
            continue;
        const uint64_t sent = is_one_number(walk.value) ? number_of_bytes(walk.value->data) : 0;
        if (!is_one_number(walk.value) || (found++ && *number != sent))
            return false;
        *number = sent;
    }
    return found > 0;
}

/* The element of the other side that has the place of the one that tells the number of elements; NULL: it has none. */
static const struct element *find_counter(const struct elements *own, const int32_t *others,
                                          const struct elements *other, const struct element *of)
{
    for (size_t i = 0; of->counter && i < own->count; i++)
        if (own->list[i].owner == of->owner && strcmp(own->list[i].name, of->counter) == 0)
            return others[i] == NO_ELEMENT ? NULL : &other->list[others[i]];
    return NULL;
}

bool goes_by_another_count(const struct rows *rows, const struct element *writer,
                           const struct element *reader)
{
    const struct vmwire_item *own = rows->comparison->section->own;
    const struct element *counter =
        find_counter(&rows->writer, rows->alignment.of_writer, &rows->reader, writer);
    uint64_t number;
    if (reader->declared || !reader->described || !counter || !counter->described ||
        writer->here == HERE_UNKNOWN || sent_count(writer) == sent_count(reader))
        return false;
    return !own || !own->record ||
           (find_number(own->record, counter->described, &number) &&
            number * writer->counter_factor != reader->count);
}

/* An element that a side's stream lacks can have none, or a function said that it is not there: the number that is sent tells. */
static void follow_own_counts(struct elements *elements, const struct vmwire_item *item)
{
    for (size_t i = 0; item && item->record && i < elements->count; i++) {
        struct element *element = &elements->list[i];
        if (element->here != NOT_HERE || element->presence != PRESENCE_BY_CODE || !element->counter)
            continue;
        for (size_t k = 0; k < elements->count; k++) {
            const struct element *counter = &elements->list[k];
            uint64_t number;
            if (counter->owner == element->owner && strcmp(counter->name, element->counter) == 0 &&
                counter->described && find_number(item->record, counter->described, &number) &&
                number)
                element->may_be_empty = false;
        }
    }
}

void follow_counts(struct rows *rows)
{
    enum { MOST = 1 << 20 }; /* elements: more are damaged bytes */
    const struct vmwire_item *item = rows->comparison->section->written;
    follow_own_counts(&rows->writer, item);
    follow_own_counts(&rows->reader, rows->comparison->section->own);
    for (size_t i = 0; i < rows->reader.count; i++) {
        struct element *element = &rows->reader.list[i];
        const struct element *counter =
            find_counter(&rows->reader, rows->alignment.of_reader, &rows->writer, element);
        uint64_t number;
        if (!counter || element->presence != PRESENCE_ALWAYS)
            continue;
        if (!item) { /* the reader's own stream shows another number */
            element->here = element->may_be_empty ? HERE_UNKNOWN : element->here;
        } else if (item->record && counter->described &&
                   find_number(item->record, counter->described, &number) && number <= MOST) {
            element->told = true;
            element->count = number * element->counter_factor;
            element->bytes = element->count * element->each;
            element->here = element->count ? HERE : NOT_HERE;
        }
    }
}

void follow_writer(struct rows *rows)
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
