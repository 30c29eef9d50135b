/* SPDX-License-Identifier: MIT */
#include "skew/layouts/element_fields.h"

#include <string.h>

#include "schema/layout.h"
#include "skew/conditions/conditions.h"

bool declares_field(const struct vmwire_structure *structure, const char *name)
{
    for (size_t i = 0; i < structure->field_count; i++)
        if (strcmp(structure->fields[i].name, name) == 0)
            return true;
    return false;
}

bool is_record(const struct vmwire_field *field)
{
    return field->class == VMWIRE_FIELD_RECORD || field->class == VMWIRE_FIELD_LIST;
}

/* A function goes before a version (QEMU migration/vmstate.c, vmstate_field_exists). */
bool has_version(const struct vmwire_field *field, uint32_t version_id)
{
    const struct vmwire_dependence *dependence = field->dependence;
    const struct layout_rule *rule = field->rule;
    if (dependence && (version_id < dependence->since ||
                       (dependence->before && version_id >= dependence->before)))
        return false;
    if (rule && rule->when.count == 1 && rule->when.all[0].kind == LAYOUT_IF_VERSION_BELOW)
        return version_id < (uint32_t)rule->when.all[0].numbers[0];
    return true;
}

/* A choice is what only QEMU's code knows. */
static enum element_presence presence_by(struct layout_conditions conditions)
{
    return layout_conditions_ask(conditions, LAYOUT_IF_CHOSEN) ? PRESENCE_BY_CODE
                                                               : PRESENCE_BY_STATE;
}

enum element_presence presence_of(const struct vmwire_field *field)
{
    const struct layout_rule *rule = field->rule;
    bool only_version =
        rule && rule->when.count == 1 && rule->when.all[0].kind == LAYOUT_IF_VERSION_BELOW;
    if (rule && rule->when.count && !only_version)
        return presence_by(rule->when);
    bool conditional = field->dependence && field->dependence->condition && !only_version;
    return conditional ? PRESENCE_BY_CODE : PRESENCE_ALWAYS;
}

int ask_field(const struct view *view, const struct vmwire_field *field)
{
    return field->dependence && presence_of(field) == PRESENCE_BY_CODE
               ? decide_condition(field->dependence->asks, view->version_id, &view->at)
               : -1;
}

/* Whether a field of the structure, or of an owner, has the number of this slot. */
static bool is_sent(const struct vmwire_structure *structure, uint8_t slot)
{
    for (size_t i = 0; i < structure->field_count; i++)
        if (structure->fields[i].dependence && structure->fields[i].dependence->sets == slot)
            return true;
    return structure->inherited && structure->inherited->slots[slot - 1];
}

/* A number of the structure's facts by its name; NULL: there is none. */
static const struct layout_value *find_number(const struct layout_facts *facts, const char *name)
{
    for (size_t i = 0; facts && i < facts->number_count; i++)
        if (strcmp(facts->numbers[i].name, name) == 0)
            return facts->numbers[i].value;
    return NULL;
}

/* A value can be a number of the facts, and that one of those before it. */
static bool is_told_by_machine(const struct vmwire_structure *structure,
                               const struct layout_value *value)
{
    const struct layout_value *number = value;
    for (size_t left = structure->facts ? structure->facts->number_count : 0;
         left && number && number->kind == LAYOUT_FIELD && number->name_count; left--) {
        number = find_number(structure->facts, number->names[0].name);
        value = number ? number : value;
    }
    return value && (value->kind == LAYOUT_MACHINE || value->kind == LAYOUT_ONE_OF);
}

static enum element_width width_of(const struct vmwire_structure *structure,
                                   const struct vmwire_field *field)
{
    const struct vmwire_dependence *dependence = field->dependence;
    const struct layout_rule *rule = field->rule;
    bool ruled = rule && ((rule->count && rule->count->kind != LAYOUT_NUMBER) ||
                          (rule->size && rule->size->kind != LAYOUT_NUMBER));
    if (field->class == VMWIRE_FIELD_LIST || field->length != VMWIRE_LENGTH_FIXED)
        return WIDTH_SENT;
    if (ruled)
        return is_told_by_machine(structure, rule->count) ||
                       is_told_by_machine(structure, rule->size)
                   ? WIDTH_MACHINE
                   : WIDTH_SENT;
    if (dependence && (dependence->count || dependence->size))
        return (dependence->count && !is_sent(structure, dependence->count)) ||
                       (dependence->size && !is_sent(structure, dependence->size))
                   ? WIDTH_MACHINE
                   : WIDTH_SENT;
    if (dependence && (dependence->pointers || dependence->markers))
        return WIDTH_SENT;
    return WIDTH_FIXED;
}

/* Whether a number that is not always the same can be 0, so that nothing of the field is on the wire. */
static bool can_have_none(const struct vmwire_field *field)
{
    const struct vmwire_dependence *dependence = field->dependence;
    const bool numbered = (dependence && (dependence->count || dependence->size)) ||
                          (field->rule && (field->rule->count || field->rule->size));
    return field->class != VMWIRE_FIELD_LIST && (numbered || field->length != VMWIRE_LENGTH_FIXED);
}

/* The field whose value is the number of elements; NULL: none is, or more decides. */
static const char *counter_of(const struct vmwire_structure *structure,
                              const struct vmwire_field *field)
{
    const struct vmwire_dependence *dependence = field->dependence;
    if (!dependence || !dependence->count || dependence->size || dependence->pointers ||
        dependence->markers || (field->rule && (field->rule->count || field->rule->size)))
        return NULL;
    for (size_t i = 0; i < structure->field_count; i++)
        if (structure->fields[i].dependence &&
            structure->fields[i].dependence->sets == dependence->count)
            return structure->fields[i].name;
    return NULL;
}

static uint64_t elements_of(const struct vmwire_field *field)
{
    const struct vmwire_dependence *dependence = field->dependence;
    return dependence && dependence->elements ? dependence->elements : field->count;
}

/* Unused bytes: a dump does not tell the type, but all of them have the name that the macro gives them. */
static bool is_filler(const struct view *view, const struct vmwire_field *field)
{
    return field->class == VMWIRE_FIELD_ZEROS ||
           (view->in_memory && strcmp(field->name, "unused") == 0);
}

void set_declared(struct element *element, const struct view *view,
                  const struct vmwire_field *field)
{
    const struct vmwire_dependence *dependence = field->dependence;
    element->declared = true;
    element->markers = dependence && dependence->markers    ? MARKERS_OF_ALL
                       : dependence && dependence->pointers ? MARKERS_OF_NULL
                                                            : MARKERS_UNKNOWN;
    element->name = field->name;
    element->type = field->type;
    element->filler = is_filler(view, field);
    element->each = field->size;
    element->count = elements_of(field);
    element->bytes = element->each * element->count;
    element->asked = ask_field(view, field);
    element->presence = element->asked == 1 ? PRESENCE_ALWAYS : presence_of(field);
    element->asks = dependence ? dependence->asks : NULL;
    element->at = view->at;
    element->rule = element->presence == PRESENCE_BY_STATE ? field->rule : NULL;
    element->width = width_of(view->declared, field);
    element->counted = element->width != WIDTH_FIXED;
    element->counter = view->in_memory ? NULL : counter_of(view->declared, field);
    element->counter_factor = dependence && dependence->count_factor ? dependence->count_factor : 1;
    element->may_be_empty = element->counted && can_have_none(field);
    element->by_state = element->presence == PRESENCE_BY_STATE || element->counted;
    element->sized = !is_record(field) && field->class != VMWIRE_FIELD_OPAQUE &&
                     !(dependence && dependence->size) && !(field->rule && field->rule->size);
    if (field->class == VMWIRE_FIELD_OPAQUE)
        element->width = WIDTH_PRIVATE;
    if (!is_record(field)) {
        if (view->in_memory)
            element->width = WIDTH_IN_MEMORY;
        return;
    }
    element->inside =
        (struct view){.declared = field->structure,
                      .version_id = dependence && dependence->versioned ? dependence->version_id
                                    : field->structure ? field->structure->version_id
                                                       : 0,
                      .in_memory = view->in_memory,
                      .at = place_inside(&view->at, field)};
    if (element->width == WIDTH_FIXED && field->structure &&
        (view->in_memory || field->structure->assumed))
        element->width = view->in_memory ? WIDTH_IN_MEMORY : WIDTH_MACHINE;
}

/* What grammar/layouts tells of a field of the structure, by its name without a number; NULL: nothing. */
static const struct layout_field_fact *find_fact(const struct vmwire_layouts *layouts,
                                                 const struct vmwire_structure *structure,
                                                 const char *name)
{
    const struct layout_facts *facts =
        layouts && structure->name ? layout_facts_of(layouts, structure->name) : NULL;
    const size_t length = strcspn(name, "[");
    if (facts && facts->has && !declares_field(structure, facts->has))
        facts = NULL;
    for (size_t i = 0; facts && i < facts->field_count; i++) {
        const char *key = facts->fields[i].key;
        if (strncmp(key, name, length) == 0 && (!key[length] || key[length] == '#'))
            return &facts->fields[i];
    }
    return NULL;
}

/* Without a program, facts of all releases tell of some fields that their presence or length depends on the state. */
static void apply_facts(struct element *element, const struct vmwire_layouts *layouts,
                        const struct vmwire_structure *structure)
{
    const struct layout_field_fact *fact = find_fact(layouts, structure, element->name);
    element->by_state = fact && layout_rule_asks_state(&fact->rule);
    if (fact && fact->rule.when.count)
        element->presence = presence_by(fact->rule.when);
    if (element->by_state && element->presence == PRESENCE_ALWAYS)
        element->width = WIDTH_SENT;
}

/* Whether the field only says that the next one is the element, and not that there is none. */
static bool is_marker_of_next(const struct element *element, const struct vmwire_field *fields,
                              size_t count, size_t index)
{
    return element->markers != MARKERS_OF_NULL && is_pointer_marker(&fields[index]) &&
           !fields[index].null_pointer && index + 1 < count &&
           !is_pointer_marker(&fields[index + 1]);
}

void set_described(struct element *element, const struct vmwire_structure *structure,
                   const struct vmwire_field *fields, size_t count,
                   const struct vmwire_layouts *layouts)
{
    const struct vmwire_field *record = NULL;
    bool alike = true, sent = false;
    uint64_t bytes = 0, elements = 0;
    for (size_t i = 0; i < count; i++) {
        element->pointers |= is_pointer_marker(&fields[i]);
        record = !record && is_record(&fields[i]) ? &fields[i] : record;
        bytes += fields[i].class == VMWIRE_FIELD_LIST ? fields[i].size
                                                      : (uint64_t)fields[i].size * fields[i].count;
        elements += is_marker_of_next(element, fields, count, i) ? 0 : fields[i].count;
        alike &= fields[i].size == fields[0].size && fields[i].class == fields[0].class;
        sent |= fields[i].class == VMWIRE_FIELD_LIST || fields[i].null_pointer ||
                fields[i].length != VMWIRE_LENGTH_FIXED;
    }
    element->here = HERE;
    element->described = fields;
    element->described_count = count;
    element->bytes = bytes;
    const bool private = element->declared && element->width == WIDTH_PRIVATE;
    element->inside.described = record && !private ? record->structure : NULL;
    if (element->inside.described)
        element->inside.version_id = element->inside.described->described_version_id;
    if (element->declared && element->counted)
        element->count = elements;
    if (element->declared)
        return;
    element->name = fields[0].name;
    element->type = fields[0].type;
    element->filler = fields[0].class == VMWIRE_FIELD_ZEROS;
    element->count = elements;
    element->each = fields[0].size;
    element->sized = fields[0].class != VMWIRE_FIELD_OPAQUE && !is_record(&fields[0]) &&
                     !strstr(element->type, "buffer") && !strstr(element->type, "bitmap");
    element->width = sent || !alike                           ? WIDTH_SENT
                     : fields[0].class == VMWIRE_FIELD_OPAQUE ? WIDTH_PRIVATE
                                                              : WIDTH_FIXED;
    apply_facts(element, layouts, structure);
}
