/* SPDX-License-Identifier: MIT */
#include "skew/layouts/byte_balance.h"

#include <string.h>

#include "skew/layouts/element_counts.h"
#include "skew/layouts/layout_difference.h"
#include "skew/layouts/moved_fields.h"
#include "skew/layouts/on_wire.h"

enum { MOST_OPEN = 12 };

/* How many bytes more the writer has in a structure's fields. What is not known of an element can make up for others. */
struct balance {
    int64_t bytes;                  /* of all that is certain */
    int64_t open[MOST_OPEN];        /* each can come to them, or not */
    size_t open_count, state_count; /* of them, by what the stream has before: without a program it
                                       is not known for the other side's stream */
    bool any_more, any_less;        /* any number of bytes can come to them */
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
    if (is_left_to_state(element) && element->here == HERE) {
        add_open(balance, bytes);
        balance->state_count++;
        return;
    }
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
    if (have_other_counts(writer, reader) && more == 0) /* of elements that are not all alike */
        balance->any_more = balance->any_less = true;
    else if (have_other_counts(writer, reader) && (is_certain(writer) || writer->here == NOT_HERE))
        balance->bytes += more;
    else if (have_other_counts(writer, reader) && is_measured(reader) && !is_absent(writer)) {
        balance->bytes -= (int64_t)sent_bytes(reader); /* whether the writer has it, or not */
        add_open(balance, (int64_t)sent_bytes(writer));
    } else if (have_other_counts(writer, reader))
        add_open(balance, more);
    else if (ask_other_functions(writer, reader)) {
        add_to_balance(balance, writer, true);
        add_to_balance(balance, reader, false);
    } else if (is_counted_on_one_side(writer, reader))
        balance->any_more = balance->any_less = true;
    else if (writer->here == HERE && reader->here == HERE)
        return; /* the same bytes before them say so */
    else if (writer->presence == PRESENCE_BY_CODE && reader->presence == PRESENCE_BY_CODE &&
             (writer->here == HERE_UNKNOWN || reader->here == HERE_UNKNOWN))
        return; /* by what may be the same function */
    else if (is_certain(writer) != is_certain(reader) && !is_absent(writer) && !is_absent(reader))
        add_open(balance, is_certain(writer) ? (int64_t)writer->bytes : -(int64_t)reader->bytes);
    else if (is_certain(writer) && is_absent(reader))
        balance->bytes += (int64_t)writer->bytes;
    else if (is_certain(reader) && is_absent(writer))
        balance->bytes -= (int64_t)reader->bytes;
}

static bool is_steady(const struct balance *balance)
{
    return balance->open_count == balance->state_count && !balance->any_more && !balance->any_less;
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

/* Of the differences from `first` on that are of lengths: the bytes of those that are certain, and of those that are not decided,
 * which can make up for them. */
static struct balance balance_of_found(const struct skew *skew, size_t first)
{
    struct balance balance = {.bytes = 0};
    for (size_t i = first; i < skew->count; i++) {
        const struct vmwire_difference *each = &skew->list[i];
        if (each->certainty == VMWIRE_CERTAIN)
            balance.bytes += each->bytes;
        else if (each->certainty == VMWIRE_NOT_DECIDED)
            add_open(&balance, each->bytes);
    }
    return balance;
}

/* Takes back the differences from `first` on that are of lengths alone, and known: in another state there can be others. */
static void drop_lengths(struct skew *skew, size_t first)
{
    const struct vmwire_skew_rule *fields = skew_rule("fields"),
                                  *length = skew_rule("array-length"),
                                  *condition = skew_rule("condition");
    size_t kept = first;
    for (size_t i = first; i < skew->count; i++) {
        const struct vmwire_difference *each = &skew->list[i];
        if (each->certainty == VMWIRE_NOT_DECIDED ||
            !(each->rule == fields || each->rule == length ||
              (each->rule == condition && each->certainty == VMWIRE_CERTAIN)))
            skew->list[kept++] = *each;
    }
    skew->count = kept;
}

static bool is_steady_element(const struct element *element, bool writes)
{
    struct balance balance = {.bytes = 0};
    add_to_balance(&balance, element, writes);
    return is_steady(&balance);
}

/* The first elements of both rows, up to one that can have another number of bytes: these are where they are in each state. */
static struct rows steady_part(const struct rows *rows)
{
    struct rows part = *rows;
    part.reader.count = 0;
    for (size_t i = 0; i < rows->writer.count; i++) {
        const struct element *writer = &rows->writer.list[i];
        const int32_t other = rows->alignment.of_writer[i];
        struct balance both = {.bytes = 0};
        for (; other != NO_ELEMENT && part.reader.count < (size_t)other &&
               is_steady_element(&rows->reader.list[part.reader.count], false);)
            part.reader.count++;
        if (other == NO_ELEMENT)
            add_to_balance(&both, writer, true);
        else
            add_both_to_balance(&both, writer, &rows->reader.list[other]);
        if (!is_steady(&both) || (other != NO_ELEMENT && part.reader.count < (size_t)other)) {
            part.writer.count = i;
            break;
        }
        part.reader.count += other != NO_ELEMENT;
    }
    return part;
}

void settle(const struct rows *rows, size_t first)
{
    struct skew *skew = rows->comparison->skew;
    const struct balance balance = find_balance(rows);
    if (balance.bytes == 0 && is_steady(&balance)) {
        drop_lengths(skew, first);
        compare_order(rows, first);
        return;
    }
    if (balance.bytes == 0 && skew->count == first) {
        const struct rows part = steady_part(rows);
        compare_order(&part, first);
        return;
    }
    const struct balance found = balance_of_found(skew, first);
    if (!can_make_up(&balance) && !(found.open_count && can_make_up(&found)))
        return;
    const struct vmwire_skew_rule *condition = skew_rule("condition"),
                                  *fields = skew_rule("fields");
    for (size_t i = first; i < skew->count; i++) {
        struct vmwire_difference *each = &skew->list[i];
        if (each->certainty != VMWIRE_CERTAIN &&
            (each->certainty != VMWIRE_WHEN_NEEDED || each->rule == condition || !rows->of->when))
            continue;
        set_when(each, VMWIRE_NOT_DECIDED, skew,
                 "other fields of the structure, of which not all is known, do not make up for it");
        if (each->rule == fields) /* a property can decide over those others */
            each->advice = fields->advice;
    }
}
