/* SPDX-License-Identifier: MIT */
#include "skew/layouts/subsections.h"

#include <string.h>

#include "skew/conditions/condition_words.h"
#include "skew/conditions/conditions.h"
#include "skew/layouts/layout_difference.h"
#include "skew/shared/likeness.h"
#include "skew/shared/loader_tables.h"
#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/shared/release.h"

static const struct vmwire_structure *
layout_of_subsection(const struct vmwire_subsection *subsection)
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

/* Whether the walk is within an element of a list. */
static bool is_in_list(const struct vmwire_record_walk *walk)
{
    for (unsigned i = 0; i < walk->depth; i++)
        if (walk->frames[i].as_value && walk->frames[i].as_value->data.length)
            return true;
    return false;
}

/* Whether an element of a list has sent it: no description tells that, as these can be unlike. `owner`: the name of the structure that
 * has it. */
static bool is_sent_in_list(const struct vmwire_item *section, const char *owner, const char *name)
{
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    if (!section || !section->record || !owner)
        return false;
    vmwire_record_walk_begin(&walk, section->record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE)
        if (step == VMWIRE_RECORD_SUBSECTION && walk.record->structure->name &&
            strcmp(walk.record->structure->name, owner) == 0 &&
            strcmp(walk.subsection->subsection->name, name) == 0 && is_in_list(&walk))
            return true;
    return false;
}

/* Which subsections a structure can have: a program or a dump tells. NULL: nothing does. */
static const struct vmwire_structure *tells_subsections(struct view view)
{
    return view.declared ? view.declared : view.dumped;
}

/* Whether a program declares several subsections of the name: a reader takes the first, whichever of them its own stream has. */
static bool is_declared_again(struct view owner, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; owner.declared && i < owner.declared->subsection_count; i++)
        count += strcmp(owner.declared->subsections[i].name, name) == 0;
    return count > 1;
}

/* The subsection that the program declares under this name: the one that was sent, or else the first. NULL: none. */
static const struct vmwire_subsection *find_known(const struct vmwire_structure *owner,
                                                  const char *name,
                                                  const struct vmwire_structure *sent)
{
    const struct vmwire_subsection *best = owner ? vmwire_structure_subsection(owner, name) : NULL;
    for (size_t i = 0; best && sent && i < owner->subsection_count; i++) {
        const struct vmwire_subsection *each = &owner->subsections[i];
        const struct vmwire_structure *layout = layout_of_subsection(each);
        if (layout && layout_of_subsection(best) && strcmp(each->name, name) == 0 &&
            likeness(layout, sent) > likeness(layout_of_subsection(best), sent))
            best = each;
    }
    return best;
}

static struct view view_of_subsection(struct view owner, const char *name,
                                      const struct vmwire_side *side, bool reads)
{
    const struct vmwire_subsection *sent =
        reads && is_declared_again(owner, name) ? NULL : find_sent_here(owner, name);
    const struct vmwire_subsection *known =
        find_known(tells_subsections(owner), name, sent ? layout_of_subsection(sent) : NULL);
    const bool dumped = owner.in_memory || owner.dumped;
    struct view view = {.at = owner.at};
    if (sent)
        view.described = layout_of_subsection(sent);
    if (known && sent && dumped)
        view.dumped = find_dumped(side->dumped, name);
    else if (known)
        view.declared = dumped ? find_dumped(side->dumped, name) : layout_of_subsection(known);
    view.in_memory = view.declared && dumped;
    view.version_id = view.described  ? view.described->described_version_id
                      : view.declared ? view.declared->version_id
                                      : 0;
    return view;
}

/* What decides whether the writer sends a subsection; NULL: that is not known. */
static const char *describe_need(const struct skew *skew, struct view owner,
                                 const struct vmwire_structure *layout)
{
    return layout ? describe_with_machines(skew, layout->needed, &owner.at) : NULL;
}

const char *need_of_subsection(const char *name)
{
    for (size_t i = 0; i < need_row_count; i++)
        if (strcmp(need_rows[i].subsection, name) == 0)
            return need_rows[i].advice;
    return NULL;
}

/* When the writer sends a subsection. */
static const char *name_need(const struct skew *skew, struct view owner,
                             const struct vmwire_structure *layout, const char *name)
{
    const char *asked = describe_need(skew, owner, layout);
    return asked ? vmwire_text(skew->arena, "the state needs the subsection %s: %s", name, asked)
                 : "the state needs the subsection";
}

/* Whether the place in memory that a test looks at is a field of the structure. */
static bool sends_tested(const struct vmwire_structure *structure, const struct vmwire_test *test)
{
    for (size_t i = 0; i < structure->field_count; i++) {
        const struct vmwire_field *field = &structure->fields[i];
        if (field->placed && !field->structure && test->offset >= field->place &&
            test->offset - field->place < (uint64_t)field->size * field->count)
            return true;
    }
    return false;
}

/* Whether the function says yes of every state. */
static bool is_always_sent(const struct vmwire_structure *layout)
{
    const struct vmwire_condition *condition = layout->needed;
    for (size_t i = 0; condition && i < condition->way_count; i++)
        if (condition->ways[i].count == 0)
            return true;
    return !layout->conditional;
}

/* Whether only the fields of the subsection itself decide whether it is sent: the device's state, then. Other memory can be set by
 * what the program does not show, as the features of a processor, even where it is sent elsewhere. */
static bool asks_only_state(const struct vmwire_structure *layout)
{
    const struct vmwire_condition *condition = layout->needed;
    for (size_t i = 0; condition && i < condition->way_count; i++)
        for (size_t k = 0; k < condition->ways[i].count; k++) {
            const struct vmwire_test *test = &condition->ways[i].list[k];
            if (test->kind != VMWIRE_TEST_PLACE || !sends_tested(layout, test))
                return false;
        }
    return condition && condition->understood;
}

/* What to do about a subsection that the reader does not know. NULL: nothing is known but the rule. */
static const char *advise_subsection(const struct skew *skew, struct view owner, const char *name,
                                     const struct vmwire_structure *layout, bool sent)
{
    static const char unknown[] =
        "Read with a QEMU that has the subsection. The writer's program does not show what decides "
        "whether it is sent: the state, or a property, often one of the machine type or of the "
        "processor's model.";
    const char *asked = describe_need(skew, owner, layout), *need = need_of_subsection(name);
    if (need)
        return vmwire_text(skew->arena, "%s Or read with a QEMU that has the subsection.", need);
    if (asked && sent)
        return vmwire_text(
            skew->arena,
            "It is sent if %s: see whether that can be switched at the writer (machine "
            "type, -global, -device), or read with a QEMU that has the subsection.",
            asked);
    if (asked)
        return "See whether that can be switched at the writer (machine type, -global, -device), "
               "or "
               "read with a QEMU that has the subsection.";
    if (layout && is_always_sent(layout))
        return "It is always sent: read with a QEMU that has the subsection.";
    if (layout && asks_only_state(layout))
        return "No property is known that decides whether it is sent, only the device's state: "
               "read with a QEMU that has it, or migrate when the guest has left that state.";
    const struct vmwire_schema *program = skew->writer->declared;
    return program && program->program && program->program->type_count ? unknown : NULL;
}

/* Only younger readers name the subsection. */
static const char *unknown_message(const struct rows *rows, const struct vmwire_difference *of,
                                   const char *name, struct view owner)
{
    const struct skew *skew = rows->comparison->skew;
    const char *message = reader_message(skew, of->rule);
    const char *const places[] = {vmwire_text(skew->arena, "%x", (unsigned)of->instance_id),
                                  of->section},
                      *const names[] = {name, view_name(owner)};
    return fill_message(skew->arena, message, message == of->rule->message ? places : names, 2);
}

/* The structure of an owner's subsection on the reader's side, and whether all that it can have are known. */
static void compare_subsection(const struct rows *rows, struct view writer, struct view reader,
                               const char *path, const char *name, bool always)
{
    const struct comparison *comparison = rows->comparison;
    const struct skew *skew = comparison->skew;
    const bool in_list = is_sent_in_list(comparison->section->written, view_name(writer), name),
               sent = in_list || find_sent_here(writer, name);
    struct view own = view_of_subsection(writer, name, skew->writer, false),
                other = view_of_subsection(reader, name, skew->reader, true);
    struct waiting of = *rows->of;
    const struct vmwire_structure *tells = tells_subsections(reader);
    const bool known = (tells && vmwire_structure_subsection(tells, name)) ||
                       (reader.described && vmwire_structure_subsection(reader.described, name));
    of.writer = own;
    of.path = join_path(skew->arena, path, name);
    if (in_list)
        of.when = NULL; /* the list is not empty */
    else if (!sent && !always)
        of.when = name_need(skew, writer, own.declared, name);
    if (known) {
        if (own.declared || own.described)
            other.version_id = own.version_id;
        compare_later(rows->comparison, (struct waiting){own, other, of.path, of.when, true});
        return;
    }
    /* A stream shows only what it has sent. */
    if (!tells && !sent && !always)
        return;
    struct vmwire_difference difference = begin_difference(comparison, &of, "subsection-unknown");
    difference.structure = view_name(writer);
    difference.writer = vmwire_text(skew->arena, "%s, version %u", name, own.version_id);
    difference.message = unknown_message(rows, &difference, name, writer);
    difference.offset =
        offset_of_subsection(skew->writer, rows->comparison->section->written, name);
    difference.advice =
        advise_subsection(skew, writer, name, own.in_memory ? NULL : own.declared, sent || always);
    if (!tells)
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "the reader's stream does not send it, so nothing tells whether it knows it; give "
                 "its program");
    add_difference(comparison->skew, difference);
}

static void compare_subsections(const struct rows *rows, struct view writer, struct view reader,
                                const char *path)
{
    const struct vmwire_structure *declared = tells_subsections(writer),
                                  *described = writer.described;
    for (size_t i = 0; declared && i < declared->subsection_count; i++) {
        const struct vmwire_subsection *each = &declared->subsections[i];
        const struct vmwire_structure *layout = layout_of_subsection(each);
        int needed = layout && !described
                         ? decide_condition(layout->needed, writer.version_id, &writer.at)
                         : -1;
        bool always = needed == 1 || (writer.declared && !writer.in_memory && layout &&
                                      !layout->conditional && !described);
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

/* The part of the reader's row that has this name, from `*next` on; `none`: there is no such. */
static struct view find_part(const struct elements *elements, const char *name, size_t *next,
                             struct view none)
{
    for (size_t i = *next; name && elements->parts && i < elements->part_count; i++) {
        const char *own = view_name(elements->parts[i].view);
        if (own && strcmp(own, name) == 0) {
            *next = i + 1;
            return elements->parts[i].view;
        }
    }
    return none;
}

void compare_parts(const struct rows *rows)
{
    const struct waiting *of = rows->of;
    /* Where the reader has the fields without their structure, it knows none of its subsections. */
    const struct view none = {.declared = of->reader.declared, .in_memory = of->reader.in_memory};
    struct view reader = rows->reader.parts[0].view;
    size_t next = 1;
    for (size_t i = 0; i < rows->writer.part_count; i++) {
        const struct part *writer = &rows->writer.parts[i];
        if (i > 0)
            reader = find_part(&rows->reader, view_name(writer->view), &next, none);
        compare_subsections(rows, writer->view, reader,
                            join_path(rows->comparison->skew->arena, of->path, writer->path));
    }
}

/* Whether a structure has a subsection that no function can leave out. */
static bool always_sends(struct view view)
{
    const struct vmwire_structure *declared = view.in_memory ? NULL : view.declared;
    for (size_t i = 0; declared && i < declared->subsection_count; i++) {
        const struct vmwire_structure *layout = layout_of_subsection(&declared->subsections[i]);
        if (layout && !layout->conditional)
            return true;
    }
    return false;
}

bool sends_subsections(const struct elements *elements, size_t first, size_t end)
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
