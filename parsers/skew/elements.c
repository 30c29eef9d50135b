/* SPDX-License-Identifier: MIT */
/*
 * Where a side has both, the declaration and the stream's layout are walked in step: the declaration tells what depends on
 * what, the layout which fields there are.
 */
#include "skew/elements.h"

#include <stdio.h>
#include <string.h>

#include "schema/layout.h"
#include "skew/conditions.h"

/* A structure whose fields are being listed. */
struct level {
    size_t part;
    size_t declared, described; /* the next field of each */
};

struct listing {
    struct vmwire_arena *arena;
    struct elements elements;
    const struct kept_paths *keeps;
    const struct vmwire_layouts *layouts;
    struct level levels[VMWIRE_SCHEMA_NESTING_LIMIT];
    size_t depth;
};

const char *view_name(struct view view)
{
    return view.declared ? view.declared->name : view.described ? view.described->name : NULL;
}

const char *join_path(struct vmwire_arena *arena, const char *path, const char *name)
{
    const size_t length = strlen(path) + strlen(name) + 2;
    char *joined = vmwire_arena_alloc(arena, length);
    snprintf(joined, length, "%s%s%s", path, path[0] && name[0] ? "." : "", name);
    return joined;
}

static void begin_level(struct listing *listing, struct view view, const char *path)
{
    struct elements *elements = &listing->elements;
    elements->parts = vmwire_arena_grow(listing->arena, elements->parts, elements->part_count,
                                        &elements->part_room, sizeof(*elements->parts));
    elements->parts[elements->part_count] = (struct part){view, path};
    listing->levels[listing->depth++] = (struct level){.part = elements->part_count++};
}

/* Several fields of a structure can have one name. A description numbers them then (QEMU migration/vmstate.c, vmfield_name_num);
 * a dump does not. */
static const char *number_name(struct vmwire_arena *arena, const struct view *view, size_t index)
{
    const struct vmwire_field *fields = view->declared->fields;
    const char *name = fields[index].name;
    size_t before = 0, all = 0;
    for (size_t i = 0; i < view->declared->field_count; i++) {
        bool same = strcmp(fields[i].name, name) == 0;
        all += same;
        before += same && i < index;
    }
    if (all == 1 || view->in_memory)
        return name;
    const size_t length = strlen(name) + 24;
    char *numbered = vmwire_arena_alloc(arena, length);
    snprintf(numbered, length, "%s[%zu]", name, before);
    return numbered;
}

static bool declares_field(const struct vmwire_structure *structure, const char *name)
{
    for (size_t i = 0; i < structure->field_count; i++)
        if (strcmp(structure->fields[i].name, name) == 0)
            return true;
    return false;
}

size_t base_length(const char *name)
{
    const char *number = strrchr(name, '[');
    return number && name[strlen(name) - 1] == ']' ? (size_t)(number - name) : strlen(name);
}

bool declares_name(const struct elements *elements, const struct element *element)
{
    const size_t length = base_length(element->name);
    for (size_t i = 0; i < elements->part_count; i++) {
        const struct vmwire_structure *declared = elements->parts[i].view.declared;
        for (size_t k = 0; declared && k < declared->field_count; k++) {
            const char *name = declared->fields[k].name;
            if (base_length(name) == length && strncmp(name, element->name, length) == 0)
                return true;
        }
    }
    return false;
}

static bool is_record(const struct vmwire_field *field)
{
    return field->class == VMWIRE_FIELD_RECORD || field->class == VMWIRE_FIELD_LIST;
}

/* Whether a described field is the declared one, or a part of it: a private encoding can be described by its parts. */
static bool is_part_of(const char *described, const struct vmwire_structure *declared,
                       const struct vmwire_field *field, const char *name)
{
    const size_t length = strlen(name);
    if (strcmp(described, name) == 0)
        return true;
    return !is_record(field) && strncmp(described, name, length) == 0 &&
           (described[length] == '.' || described[length] == '[') &&
           !declares_field(declared, described);
}

/* Whether the version that is on the wire has the field. A function goes before a version (vmstate_field_exists). */
static bool has_version(const struct vmwire_field *field, uint32_t version_id)
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

/* Whether a choice that only QEMU's code knows is among the conditions. */
static bool asks_code(struct layout_conditions conditions)
{
    for (size_t i = 0; i < conditions.count; i++) {
        const struct layout_condition *each = &conditions.all[i];
        bool asks = each->kind == LAYOUT_IF_CHOSEN;
        for (size_t k = 0; !asks && k < each->any.count; k++)
            asks = each->any.all[k].kind == LAYOUT_IF_CHOSEN;
        if (asks)
            return true;
    }
    return false;
}

static enum element_presence presence_of(const struct vmwire_field *field)
{
    const struct layout_rule *rule = field->rule;
    bool only_version =
        rule && rule->when.count == 1 && rule->when.all[0].kind == LAYOUT_IF_VERSION_BELOW;
    if (rule && rule->when.count && !only_version)
        return asks_code(rule->when) ? PRESENCE_BY_CODE : PRESENCE_BY_STATE;
    bool conditional = field->dependence && field->dependence->condition && !only_version;
    return conditional ? PRESENCE_BY_CODE : PRESENCE_ALWAYS;
}

/* What the function says that decides whether the field exists; -1: that is not known, or there is none. */
static int ask_field(const struct view *view, const struct vmwire_field *field)
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

static uint64_t elements_of(const struct vmwire_field *field)
{
    const struct vmwire_dependence *dependence = field->dependence;
    return dependence && dependence->elements ? dependence->elements : field->count;
}

/* What the declaration says of the element. */
static void set_declared(struct element *element, const struct view *view,
                         const struct vmwire_field *field)
{
    const struct vmwire_dependence *dependence = field->dependence;
    element->declared = true;
    element->name = field->name;
    element->type = field->type;
    element->filler = field->class == VMWIRE_FIELD_ZEROS;
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
        element->presence = asks_code(fact->rule.when) ? PRESENCE_BY_CODE : PRESENCE_BY_STATE;
    if (element->by_state && element->presence == PRESENCE_ALWAYS)
        element->width = WIDTH_SENT;
}

/* What the stream's layout says of it: `count` fields that are one. */
static void set_described(const struct listing *listing, struct element *element,
                          const struct view *view, const struct vmwire_field *fields, size_t count)
{
    bool alike = true, sent = false;
    uint64_t bytes = 0, elements = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += fields[i].class == VMWIRE_FIELD_LIST ? fields[i].size
                                                      : (uint64_t)fields[i].size * fields[i].count;
        elements += fields[i].count;
        alike &= fields[i].size == fields[0].size && fields[i].class == fields[0].class;
        sent |= fields[i].class == VMWIRE_FIELD_LIST || fields[i].null_pointer ||
                fields[i].length != VMWIRE_LENGTH_FIXED;
    }
    element->here = HERE;
    element->described = fields;
    element->described_count = count;
    element->bytes = bytes;
    const bool private = element->declared && element->width == WIDTH_PRIVATE;
    element->inside.described = is_record(&fields[0]) && !private ? fields[0].structure : NULL;
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
    apply_facts(element, listing->layouts, view->described);
}

static bool is_kept(const struct listing *listing, const char *path)
{
    for (size_t i = 0; i < listing->keeps->count; i++)
        if (strcmp(listing->keeps->paths[i], path) == 0)
            return true;
    return false;
}

/* Whether the element is one structure that is always there: its fields are part of the row. */
static bool is_taken_apart(const struct listing *listing, const struct element *element,
                           const char *path)
{
    const struct vmwire_field *described = element->described;
    bool one = described ? element->described_count == 1 && described->count == 1 &&
                               described->class == VMWIRE_FIELD_RECORD
                         : element->count == 1;
    bool steady = !element->declared || (element->presence == PRESENCE_ALWAYS &&
                                         !element->counted && element->here != NOT_HERE);
    return listing->keeps->inlines && !is_unknown_view(element->inside) && one && steady &&
           listing->depth < VMWIRE_SCHEMA_NESTING_LIMIT && !is_kept(listing, path);
}

static void add_element(struct listing *listing, struct element element)
{
    struct elements *elements = &listing->elements;
    element.owner = listing->levels[listing->depth - 1].part;
    element.path = join_path(listing->arena, elements->parts[element.owner].path, element.name);
    if (is_taken_apart(listing, &element, element.path)) {
        begin_level(listing, element.inside, element.path);
        return;
    }
    elements->list = vmwire_arena_grow(listing->arena, elements->list, elements->count,
                                       &elements->room, sizeof(*elements->list));
    elements->list[elements->count++] = element;
}

/* The described fields from `first` on that are this declared one. */
static size_t count_described(const struct view *view, size_t first,
                              const struct vmwire_field *field, const char *name)
{
    size_t count = 0;
    while (first + count < view->described->field_count &&
           is_part_of(view->described->fields[first + count].name, view->declared, field, name))
        count++;
    return count;
}

/* Whether a described field from `first` on is this declared one. */
static bool comes_later(const struct view *view, size_t first, const struct vmwire_field *field,
                        const char *name)
{
    for (size_t i = first; i < view->described->field_count; i++)
        if (is_part_of(view->described->fields[i].name, view->declared, field, name))
            return true;
    return false;
}

/* Whether the next described field is the declared one under another name: the stream is of a writer that calls it otherwise. */
static bool is_renamed_here(const struct view *view, size_t next, const struct vmwire_field *field,
                            const char *name)
{
    if (next >= view->described->field_count || presence_of(field) != PRESENCE_ALWAYS)
        return false;
    const struct vmwire_field *described = &view->described->fields[next];
    return !is_record(described) && !is_record(field) && described->size == field->size &&
           described->count == field->count && !declares_field(view->declared, described->name) &&
           !comes_later(view, next, field, name);
}

/* Adds the next described field, and those that are the next elements of the same array. */
static void add_described(struct listing *listing, struct level *level, const struct view *view)
{
    const struct vmwire_field *fields = &view->described->fields[level->described];
    size_t left = view->described->field_count - level->described, count = 1;
    bool array = fields[0].index >= 0 || fields[0].null_pointer || is_record(&fields[0]);
    while (array && count < left && strcmp(fields[count].name, fields[0].name) == 0)
        count++;
    struct element element = {.name = NULL, .asked = -1};
    set_described(listing, &element, view, fields, count);
    level->described += count;
    add_element(listing, element);
}

/* Adds the next declared field, with the described ones that it is. */
static void add_declared(struct listing *listing, struct level *level, const struct view *view)
{
    const struct vmwire_field *field = &view->declared->fields[level->declared];
    struct element element = {.name = NULL, .asked = -1};
    const char *name = number_name(listing->arena, view, level->declared);
    size_t count = view->described ? count_described(view, level->described, field, name) : 0;
    if (view->described && !count && is_renamed_here(view, level->described, field, name))
        count = 1;
    /* A stream shows what its writer's function has said. */
    if (!has_version(field, view->version_id) ||
        (!count && ask_field(view, field) == 0)) { /* the stream's layout can be of a later one */
        level->described += count;
        level->declared++;
        return;
    }
    if (view->described && !count && presence_of(field) == PRESENCE_ALWAYS &&
        comes_later(view, level->described, field, name)) {
        add_described(listing, level, view); /* the declaration does not have it */
        return;
    }
    set_declared(&element, view, field);
    element.name = name;
    if (count)
        set_described(listing, &element, view, &view->described->fields[level->described], count);
    else if (view->described)
        element.here = NOT_HERE;
    level->described += count;
    level->declared++;
    add_element(listing, element);
}

static void list_next(struct listing *listing)
{
    struct level *level = &listing->levels[listing->depth - 1];
    const struct view view = listing->elements.parts[level->part].view;
    if (view.declared && level->declared < view.declared->field_count)
        add_declared(listing, level, &view);
    else if (view.described && level->described < view.described->field_count)
        add_described(listing, level, &view);
    else
        listing->depth--;
}

struct elements list_elements(struct vmwire_arena *arena, struct view root,
                              const struct kept_paths *keeps, const struct vmwire_layouts *layouts)
{
    struct listing listing = {.arena = arena, .keeps = keeps, .layouts = layouts};
    begin_level(&listing, root, "");
    while (listing.depth > 0)
        list_next(&listing);
    return listing.elements;
}
