/* SPDX-License-Identifier: MIT */
/*
 * Loads declarations into a schema (QEMU include/migration/vmstate.h and migration/vmstate.c, vmstate_save_state_v).
 * A declaration tells the bytes on the wire but for what only a state or QEMU's code knows: such a layout is marked as
 * assumed.
 */
#include "schema/declared.h"

#include <stdio.h>
#include <string.h>

#include "schema/commit.h"
#include "schema/declared_facts.h"
#include "schema/field_types.h"
#include "schema/json.h"
#include "schema/layout.h"
#include "schema/symbols.h"

enum {
    FORMAT = 1, /* of the JSON */
    /* In all places: QEMU 11.1's aarch64 program has 1513 structures and 7529 fields. */
    STRUCTURES_LIMIT = 1 << 16,
    FIELDS_LIMIT = 1 << 19,
    OWN_FIELDS_LIMIT = 1 << 10, /* of a structure: QEMU's reach 70 */
    FLAGS_LIMIT = 32,           /* of a field */
};

static bool has_flag(const json_t *json, const char *name)
{
    size_t index;
    const json_t *flag, *flags = json_object_get(json, "flags");
    json_array_foreach(flags, index, flag)
    {
        if (json_is_string(flag) && strcmp(json_string_value(flag), name) == 0)
            return true;
    }
    return false;
}

/* A member that is left out is 0. */
static bool load_number(struct source_walk *walk, const json_t *json, const char *key,
                        uint32_t *number)
{
    *number = 0;
    return json_object_get(json, key) == NULL || walk_number(walk, json, key, number);
}

static struct layout *open_layout(const struct source_walk *walk)
{
    return walk->open[walk->open_count - 1].layout;
}

/* Marks the structure: its layout on the wire depends on something. */
static void mark_as_dependent(const struct source_walk *walk)
{
    open_layout(walk)->unknown_on_wire = true;
}

/* What the field depends on; nothing yet where it is asked for the first time. */
static struct vmwire_dependence *dependence_of(const struct source_walk *walk,
                                               struct vmwire_field *field)
{
    if (!field->dependence)
        field->dependence = vmwire_arena_alloc(walk->schema->arena, sizeof(*field->dependence));
    return (struct vmwire_dependence *)field->dependence; /* it is still being loaded */
}

/* The structure of this number. */
static bool find_structure(struct source_walk *walk, const json_t *number, const char *key,
                           const json_t **structure)
{
    const json_t *structures = json_object_get(walk->root, "structures");
    if (!json_is_integer(number))
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, key, "not an integer");
    json_int_t index = json_integer_value(number);
    if (index < 0 || (uint64_t)index >= json_array_size(structures))
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, key,
                         "structure %" JSON_INTEGER_FORMAT " of %zu", index,
                         json_array_size(structures));
    *structure = json_array_get(structures, (size_t)index);
    return true;
}

static bool load_subsection(struct source_walk *walk, const json_t **subsection)
{
    return find_structure(walk, *subsection, NULL, subsection);
}

static const struct layout_field_fact *find_key(const struct layout_facts *facts, const char *key)
{
    for (size_t i = 0; facts && i < facts->field_count; i++)
        if (strcmp(facts->fields[i].key, key) == 0)
            return &facts->fields[i];
    return NULL;
}

/* Whether one of the keys may be that of a field of this name. */
static bool may_have_key(const struct layout_facts *facts, const char *name, size_t length)
{
    for (size_t i = 0; facts && i < facts->field_count; i++) {
        const char *key = facts->fields[i].key;
        if (strncmp(key, name, length) == 0 && (!key[length] || key[length] == '#'))
            return true;
    }
    return false;
}

/* Whether one of the structures, or fields, has this name. */
static bool declares_named(const json_t *list, const char *name)
{
    size_t index;
    const json_t *each;
    json_array_foreach(list, index, each)
    {
        const char *own = json_string_value(json_object_get(each, "name"));
        if (own && strcmp(own, name) == 0)
            return true;
    }
    return false;
}

/* What grammar/layouts tells of a field; NULL: nothing. Its key there is its name, or where others have it too, that and which
 * one it is. What the field around tells of its structure, where only that place has it so, goes first. */
static const struct layout_field_fact *find_fact(const struct source_walk *walk, const json_t *json)
{
    const struct open_structure *open = &walk->open[walk->open_count - 1];
    const struct layout_facts *facts =
        layout_facts_of(walk->schema->layouts, open->layout->structure.name);
    if (facts && facts->has && !declares_named(open->fields, facts->has))
        facts = NULL;
    const struct layout_rule *around = open->embedding ? open->embedding->rule : NULL;
    const struct layout_facts *inside = around ? around->inside : NULL;
    const char *name = json_string_value(json_object_get(json, "name"));
    const json_t *other;
    char key[2 * UINT8_MAX];
    size_t index, number = 0;
    const size_t length = name ? strlen(name) : 0;
    if (!name || length > UINT8_MAX ||
        (!may_have_key(facts, name, length) && !may_have_key(inside, name, length)))
        return NULL;
    json_array_foreach(open->fields, index, other)
    {
        const char *same = json_string_value(json_object_get(other, "name"));
        number += same && strcmp(same, name) == 0;
        if (other == json)
            break;
    }
    snprintf(key, sizeof(key), "%s#%zu", name, number);
    const struct layout_field_fact *fact = find_key(inside, key);
    fact = fact ? fact : find_key(inside, name);
    fact = fact ? fact : find_key(facts, key);
    return fact ? fact : find_key(facts, name);
}

/* The first version of the structure without the field; UINT32_MAX: none is known. */
static uint32_t find_version_without(const struct source_walk *walk, const json_t *json)
{
    const struct layout_field_fact *fact =
        json_object_get(json, "condition") != NULL ? find_fact(walk, json) : NULL;
    return fact && fact->rule.when.count == 1 &&
                   fact->rule.when.all[0].kind == LAYOUT_IF_VERSION_BELOW
               ? (uint32_t)fact->rule.when.all[0].numbers[0]
               : UINT32_MAX;
}

/* A field is not on the wire where it only checks something when loading, has no elements, or belongs to another version. The
 * version counts only where no function decides (vmstate_field_exists). */
static bool is_absent(struct source_walk *walk, const json_t *json, bool *absent)
{
    uint32_t version_id, num, condition;
    if (json_array_size(json_object_get(json, "flags")) > FLAGS_LIMIT)
        return walk_fail(walk, VMWIRE_ERROR_LIMIT, "flags", "more than %d", FLAGS_LIMIT);
    if (!load_number(walk, json, "version_id", &version_id) ||
        !load_number(walk, json, "condition", &condition) || !load_number(walk, json, "num", &num))
        return false;
    const struct vmwire_structure *structure = &open_layout(walk)->structure;
    *absent = has_flag(json, "must_exist") || (has_flag(json, "array") && num == 0) ||
              (!condition && version_id > structure->version_id) ||
              find_version_without(walk, json) <= structure->minimum_version_id;
    return true;
}

/* The number of elements. */
static bool load_count(struct source_walk *walk, const json_t *json, struct vmwire_field *field)
{
    uint32_t num;
    if (!load_number(walk, json, "num", &num))
        return false;
    bool array = has_flag(json, "array"); /* it is asked for first (vmstate_n_elems) */
    field->count = array ? num : 1;
    if (!array && has_flag(json, "varray"))
        dependence_of(walk, field)->count_factor = has_flag(json, "multiply_elements") ? num : 1;
    if (has_flag(json, "auto_alloc"))
        dependence_of(walk, field)->markers = true;
    else if (has_flag(json, "array_of_pointer"))
        dependence_of(walk, field)->pointers = true;
    return true;
}

/* Where the field lies, if it is one thing in the structure itself. */
static void load_place(const json_t *json, struct vmwire_field *field)
{
    const json_t *offset = json_object_get(json, "offset");
    field->placed = json_is_integer(offset) && !has_flag(json, "pointer") &&
                    !has_flag(json, "array") && !has_flag(json, "varray");
    field->place = field->placed ? (uint64_t)json_integer_value(offset) : 0;
}

/* A structure in the field: one, or a list of them. */
static bool load_embedded(struct source_walk *walk, const json_t *json, struct vmwire_field *field,
                          const json_t **inner)
{
    uint32_t version_id;
    const json_t *number = json_object_get(json, "structure");
    if (!number)
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, "structure", "missing");
    walk->steps[walk->step_count - 1].inner = "structure";
    if (!find_structure(walk, number, "structure", inner) ||
        !load_number(walk, json, "struct_version_id", &version_id))
        return false;
    if (has_flag(json, "vstruct") && !has_flag(json, "struct") &&
        json_integer_value(json_object_get(*inner, "version_id")) != version_id) {
        dependence_of(walk, field)->versioned = true;
        dependence_of(walk, field)->version_id = version_id;
        mark_as_dependent(walk);
    }
    if (field->class == VMWIRE_FIELD_LIST)
        field->size = 1; /* empty */
    return true;
}

/* A value, the bytes of which its type tells, or the declaration where the type has any size. */
static void load_plain(struct source_walk *walk, const json_t *json, struct vmwire_field *field,
                       const struct field_type *type)
{
    static const char bitmap[] = "bitmap";
    bool counted = has_flag(json, "vbuffer");
    if (type->size > 0) {
        field->size = type->size;
    } else if (counted || !type->declared_size) {
        struct vmwire_dependence *dependence = dependence_of(walk, field);
        dependence->size_factor = counted && has_flag(json, "multiply") ? field->size : 1;
        dependence->size_in_bits = strcmp(field->type, bitmap) == 0;
    }
}

/* The type's name: QEMU names a structure's field by its flag (vmfield_get_type_name). */
static bool load_type(struct source_walk *walk, const json_t *json, struct symbol **type)
{
    static const char structure[] = "struct", versioned[] = "vstruct";
    if (json_object_get(json, "type") != NULL)
        return walk_name(walk, json, "type", type);
    *type = has_flag(json, "vstruct") ? intern_name(walk->schema, versioned, sizeof(versioned) - 1)
                                      : intern_name(walk->schema, structure, sizeof(structure) - 1);
    return true;
}

/* What the declaration does not tell of the field. */
static void load_rule(struct source_walk *walk, const json_t *json, struct vmwire_field *field)
{
    const struct layout_field_fact *fact = find_fact(walk, json);
    if (!fact)
        return;
    struct layout_rule *rule = vmwire_arena_alloc(walk->schema->arena, sizeof(*rule));
    *rule = fact->rule;
    /* A version is no condition (find_condition_slot), and a program may have the field without one. */
    if (!json_object_get(json, "condition") || find_version_without(walk, json) != UINT32_MAX)
        rule->when.count = 0;
    field->rule = rule;
    dependence_of(walk, field);
    if (fact->has_class)
        field->class = fact->class;
}

static bool load_field(struct source_walk *walk, const json_t *json, struct vmwire_field *field,
                       const json_t **inner)
{
    struct symbol *name, *type;
    if (!walk_name(walk, json, "name", &name))
        return false;
    walk->steps[walk->step_count - 1] = (struct path_step){.key = name->text};
    if (!load_type(walk, json, &type) || !load_number(walk, json, "size", &field->size) ||
        !load_count(walk, json, field))
        return false;
    load_place(json, field);
    const struct field_type *known = field_type(type);
    field->name = name->text;
    field->type = type->text;
    field->index = -1;
    field->class = known->class;
    field->word_limit = known->word_limit;
    load_rule(walk, json, field);
    if (known->class == VMWIRE_FIELD_RECORD || known->class == VMWIRE_FIELD_LIST)
        return load_embedded(walk, json, field, inner);
    load_plain(walk, json, field, known);
    return true;
}

static bool take_embedded(struct source_walk *walk, struct vmwire_field *field,
                          const struct layout *layout)
{
    if (field->class == VMWIRE_FIELD_RECORD) {
        field->size = (uint32_t)layout->size;
        /* Of such elements a few bytes of JSON could give anyone who walks over them work for hours. */
        if (layout->minimum_size == 0 && field->count > 1) {
            dependence_of(walk, field)->elements = field->count;
            field->count = 1;
            mark_as_dependent(walk);
        }
    }
    if (layout->unknown_on_wire)
        mark_as_dependent(walk);
    open_layout(walk)->depends_on_place |= layout->depends_on_place;
    return true;
}

/* ---- Slots ---- */

/* What a slot holds: the integer at a place in QEMU's memory, what a function says, or the size of a value of this field. */
struct slot {
    enum slot_kind { SLOT_PLACE, SLOT_CONDITION, SLOT_SIZE_OF } kind;
    uint32_t key;
    uint32_t bytes; /* SLOT_PLACE: of the integer */
};

/* An integer of the structure and its place in QEMU's memory. */
struct placed_field {
    uint32_t place, bytes;
    struct vmwire_field *field;
};

/* The slots of a structure. Those of an owner are kept for its subsections, which QEMU gives the owner's memory. */
struct declared_slots {
    struct source_walk *walk;
    struct slot slots[VMWIRE_SLOTS];
    unsigned count;
    struct placed_field *integers;
    size_t integer_count;
};

/* The slot's number plus one; 0 with the error set when there are too many. */
static uint8_t find_slot(struct declared_slots *slots, struct slot slot)
{
    for (unsigned i = 0; i < slots->count; i++)
        if (slots->slots[i].kind == slot.kind && slots->slots[i].key == slot.key &&
            slots->slots[i].bytes == slot.bytes)
            return (uint8_t)(i + 1);
    if (slots->count == VMWIRE_SLOTS) {
        walk_fail(slots->walk, VMWIRE_ERROR_LIMIT, NULL, "fields depend on more than %d numbers",
                  VMWIRE_SLOTS);
        return 0;
    }
    slots->slots[slots->count++] = slot;
    return (uint8_t)slots->count;
}

/* What the condition of this number asks; NULL: nothing is known. */
static const struct vmwire_condition *find_asked(const struct source_walk *walk, uint32_t number)
{
    const struct vmwire_program_facts *facts = walk->facts;
    return number && number <= facts->condition_count && facts->conditions[number - 1].understood
               ? &facts->conditions[number - 1]
               : NULL;
}

/* Whether the field exists. */
static bool find_condition_slot(struct declared_slots *slots, const json_t *json,
                                struct vmwire_field *field)
{
    struct source_walk *walk = slots->walk;
    uint32_t condition, since;
    if (!load_number(walk, json, "condition", &condition) ||
        !load_number(walk, json, "version_id", &since))
        return false;
    uint32_t without = find_version_without(walk, json);
    if (without != UINT32_MAX) {
        dependence_of(walk, field)->before = without;
        return true;
    }
    if (condition && field->rule && field->rule->when.count)
        return true;
    if (condition) {
        struct vmwire_dependence *dependence = dependence_of(walk, field);
        dependence->condition = find_slot(slots, (struct slot){SLOT_CONDITION, condition, 0});
        dependence->asks = find_asked(walk, condition);
        return dependence->condition != 0;
    }
    if (since > open_layout(walk)->structure.minimum_version_id)
        dependence_of(walk, field)->since = since;
    return true;
}

/* The integer at a place in QEMU's memory. */
static bool find_place_slot(struct declared_slots *slots, const json_t *json, const char *place_key,
                            const char *bytes_key, uint8_t *slot)
{
    uint32_t place, bytes;
    if (!load_number(slots->walk, json, place_key, &place) ||
        !load_number(slots->walk, json, bytes_key, &bytes))
        return false;
    *slot = find_slot(slots, (struct slot){SLOT_PLACE, place, bytes});
    return *slot != 0;
}

/* A number that is not on the wire: always the same, or left to the field's rule. */
static bool has_own_number(const struct layout_value *value, uint32_t *number)
{
    if (value && value->kind == LAYOUT_NUMBER)
        *number = (uint32_t)value->number;
    return value != NULL;
}

/* Gives the field the slots that it depends on. */
static bool find_own_slots(struct declared_slots *slots, const json_t *json,
                           struct vmwire_field *field, size_t index)
{
    if (!find_condition_slot(slots, json, field))
        return false;
    struct vmwire_dependence *dependence = (struct vmwire_dependence *)field->dependence;
    if (dependence && field->rule && has_own_number(field->rule->count, &field->count))
        dependence->count_factor = 0;
    if (dependence && dependence->count_factor &&
        !find_place_slot(slots, json, "num_offset", "num_bytes", &dependence->count))
        return false;
    if (dependence && field->rule && has_own_number(field->rule->size, &field->size))
        dependence->size_factor = 0;
    if (dependence && dependence->size_in_bits && field->rule && field->rule->size &&
        field->rule->size->kind == LAYOUT_NUMBER) {
        /* A description of the field has its bytes, which are those of whole words. */
        field->size = (field->size + 63) / 64 * 8;
        dependence->size_in_bits = false;
    }
    if (!dependence || !dependence->size_factor)
        return true;
    if (has_flag(json, "vbuffer"))
        return find_place_slot(slots, json, "size_offset", "size_bytes", &dependence->size);
    dependence->size = find_slot(slots, (struct slot){SLOT_SIZE_OF, (uint32_t)index, 0});
    return dependence->size != 0;
}

/* Notes the field where its value is an integer that others can depend on. */
static bool note_integer(struct declared_slots *slots, const json_t *json,
                         struct vmwire_field *field)
{
    struct placed_field placed = {.field = field};
    bool integer = field->class != VMWIRE_FIELD_RECORD && field->class != VMWIRE_FIELD_LIST;
    if (!integer || field->count != 1 || field->size > 8 || has_flag(json, "pointer"))
        return true;
    if (!load_number(slots->walk, json, "offset", &placed.place) ||
        !load_number(slots->walk, json, "size", &placed.bytes))
        return false;
    slots->integers[slots->integer_count++] = placed;
    return true;
}

/* Whether a field is the integer of the slot: of the same place and as many bytes. All that are set it. */
static bool set_by_fields(const struct declared_slots *slots, struct slot slot, uint8_t number)
{
    bool found = false;
    for (size_t i = 0; slot.kind == SLOT_PLACE && i < slots->integer_count; i++) {
        const struct placed_field *integer = &slots->integers[i];
        if (integer->place != slot.key || integer->bytes != slot.bytes)
            continue;
        found = true;
        if (number)
            dependence_of(slots->walk, integer->field)->sets = number;
    }
    return found;
}

static struct vmwire_inheritance *inheritance_of(const struct source_walk *walk, unsigned level)
{
    struct vmwire_structure *structure = &walk->open[level].layout->structure;
    if (!structure->inherited) {
        struct vmwire_inheritance *added = vmwire_arena_alloc(walk->schema->arena, sizeof(*added));
        added->owner = &walk->open[level - 1].layout->structure;
        structure->inherited = added;
    }
    return (struct vmwire_inheritance *)structure->inherited; /* it is still being loaded */
}

/* A number of a subsection that none of its fields is can be a field of the nearest owner that has it. Those between them pass
 * it on. */
static bool inherit_slot(struct source_walk *walk, struct slot slot)
{
    unsigned last = (unsigned)walk->open_count - 1, level = last;
    const struct open_structure *open = walk->open;
    bool found = false;
    while (!found && level > 0 && !open[level].embedding)
        found = set_by_fields(open[--level].layout->slots, slot, 0);
    for (; found && level < last; level++) {
        struct declared_slots *owner = open[level].layout->slots;
        uint8_t of_owner = find_slot(owner, slot),
                own = of_owner ? find_slot(open[level + 1].layout->slots, slot) : 0;
        if (!own)
            return false;
        set_by_fields(owner, slot, of_owner);
        inheritance_of(walk, level + 1)->slots[own - 1] = of_owner;
    }
    return true;
}

/* Walks over the fields that are on the wire, with their JSON. */
static bool next_field(struct source_walk *walk, size_t *next, const json_t **json)
{
    const json_t *fields = walk->open[walk->open_count - 1].fields;
    bool absent = true;
    while (absent) {
        *json = json_array_get(fields, (*next)++);
        if (!is_absent(walk, *json, &absent))
            return false;
    }
    return true;
}

/* Whether the field's bytes are not known. A version does tell which fields it has. */
static bool is_open(const struct vmwire_dependence *dependence)
{
    return dependence && (dependence->condition || dependence->before || dependence->count ||
                          dependence->size || dependence->pointers || dependence->markers ||
                          dependence->versioned || dependence->elements);
}

/* Whether the number in the slot is a field, of the structure or of an owner, and not the same in all states. */
static bool is_free_field(const struct vmwire_structure *structure,
                          const struct declared_slots *slots, uint8_t number)
{
    const struct slot slot = number ? slots->slots[number - 1] : (struct slot){SLOT_SIZE_OF, 0, 0};
    bool constant = false;
    for (size_t i = 0; i < slots->integer_count; i++) {
        const struct placed_field *integer = &slots->integers[i];
        constant |= slot.kind == SLOT_PLACE && integer->place == slot.key &&
                    integer->bytes == slot.bytes && integer->field->class == VMWIRE_FIELD_CONSTANT;
    }
    return number && !constant &&
           (set_by_fields(slots, slot, 0) ||
            (structure->inherited && structure->inherited->slots[number - 1]));
}

/* Marks the field where its bytes depend on the state: whether it is there, how many elements it has, how long it is. What only
 * the machine knows is the same in all its states; what a function of QEMU asks nobody knows. */
static void mark_unsteady(const struct declared_slots *slots,
                          const struct vmwire_structure *structure, struct vmwire_field *field)
{
    const struct vmwire_dependence *dependence = field->dependence;
    const struct layout_group *split =
        field->class == VMWIRE_FIELD_OPAQUE
            ? layout_of_type(slots->walk->schema->layouts, field->type, structure->name, NULL)
            : NULL;
    bool counted =
        dependence && (is_free_field(structure, slots, dependence->count) || dependence->markers ||
                       dependence->pointers || layout_rule_counts_by_state(field->rule));
    field->unsteady =
        counted || (dependence &&
                    (dependence->condition || is_free_field(structure, slots, dependence->size) ||
                     layout_rule_asks_state(field->rule)));
    field->unsteady_end = counted || (split && layout_group_asks_state(split));
}

static struct declared_slots *add_slots(struct source_walk *walk, size_t field_count)
{
    struct vmwire_arena *arena = walk->schema->arena;
    struct declared_slots *slots = vmwire_arena_alloc(arena, sizeof(*slots));
    slots->walk = walk;
    slots->integers = vmwire_arena_alloc(arena, field_count * sizeof(*slots->integers));
    open_layout(walk)->slots = slots;
    return slots;
}

static bool find_needed(struct source_walk *walk, struct vmwire_structure *structure)
{
    uint32_t needed;
    if (!load_number(walk, open_layout(walk)->origin, "needed", &needed))
        return false;
    structure->needed = find_asked(walk, needed);
    return true;
}

/* Finds what fields depend on, first for those that do, then for those whose values tell it. */
static bool find_dependences(struct source_walk *walk, struct vmwire_structure *structure)
{
    struct declared_slots *slots = add_slots(walk, structure->field_count);
    const json_t *json;
    size_t next = 0;
    for (size_t i = 0; i < structure->field_count; i++)
        if (!next_field(walk, &next, &json) ||
            !find_own_slots(slots, json, &structure->fields[i], i) ||
            !note_integer(slots, json, &structure->fields[i]))
            return false;
    for (unsigned i = 0; i < slots->count; i++) {
        if (set_by_fields(slots, slots->slots[i], (uint8_t)(i + 1)))
            continue;
        open_layout(walk)->depends_on_place = true;
        if (!inherit_slot(walk, slots->slots[i]))
            return false;
    }
    for (size_t i = 0; i < structure->field_count; i++) {
        bool open = layout_rule_is_open(structure->fields[i].rule);
        open_layout(walk)->depends_on_place |= open;
        if (open || is_open(structure->fields[i].dependence))
            mark_as_dependent(walk);
        mark_unsteady(slots, structure, &structure->fields[i]);
        structure->either |=
            structure->fields[i].dependence && structure->fields[i].dependence->condition;
    }
    structure->declared = true;
    if (!find_needed(walk, structure))
        return false;
    const struct layout_facts *facts = layout_facts_of(walk->schema->layouts, structure->name);
    if (facts && facts->number_count)
        structure->facts = facts;
    structure->assumed = open_layout(walk)->unknown_on_wire;
    return true;
}

static const struct source_form declared_form = {
    .name = "name",
    .version = "version_id",
    .minimum_version = "minimum_version_id",
    .conditional = "conditional",
    .unmigratable = "unmigratable",
    .fields = "fields",
    .subsections = "subsections",
    .fields_optional = true,
    .structures_limit = STRUCTURES_LIMIT,
    .fields_limit = FIELDS_LIMIT,
    .own_fields_limit = OWN_FIELDS_LIMIT,
    .declares = true,
    .is_absent = is_absent,
    .load_field = load_field,
    .load_subsection = load_subsection,
    .complete_fields = find_dependences,
    .fit_embedded_size = take_embedded,
};

/* ---- The whole ---- */

static void mark_referred(bool *referred, size_t count, const json_t *number)
{
    json_int_t index = json_is_integer(number) ? json_integer_value(number) : -1;
    if (index >= 0 && (uint64_t)index < count)
        referred[index] = true;
}

/* How a structure is referred to. */
struct references {
    bool *at_all, *as_subsection;
};

/* Finds the structures that others refer to. */
static void find_referred(const json_t *structures, struct references references)
{
    size_t count = json_array_size(structures), i, k;
    const json_t *structure, *inner;
    json_array_foreach(structures, i, structure)
    {
        json_array_foreach(json_object_get(structure, "fields"), k, inner)
        {
            mark_referred(references.at_all, count, json_object_get(inner, "structure"));
        }
        json_array_foreach(json_object_get(structure, "subsections"), k, inner)
        {
            mark_referred(references.at_all, count, inner);
            mark_referred(references.as_subsection, count, inner);
        }
    }
}

/* `name`: in place of the one in the source, if it is not NULL. */
static bool load_declaration(struct source_walk *walk, const json_t *json, size_t index,
                             struct references references, const char *name)
{
    walk->name = name;
    walk->steps[walk->step_count++] = (struct path_step){
        .key = "structures",
        .indexed = true,
        .index = index,
        .name = json_string_value(json_object_get(json, "name")),
    };
    struct layout *layout = walk_structure(walk, json, false);
    if (layout == NULL)
        return false;
    const bool referred = references.at_all[index];
    layout->structure.referred = referred;
    layout->structure.is_subsection = references.as_subsection[index];
    layout->structure.program = walk->facts;
    layout->structure.number = index;
    struct vmwire_device device = {.idstr = layout->structure.name,
                                   .structure = &layout->structure};
    walk_add_device(walk, device, !referred)->declared = true;
    walk->step_count--;
    return true;
}

static bool has_field(const json_t *structure, const char *name)
{
    size_t index;
    const json_t *field;
    json_array_foreach(json_object_get(structure, "fields"), index, field)
    {
        const char *own = json_string_value(json_object_get(field, "name"));
        if (own && strcmp(own, name) == 0)
            return true;
    }
    return false;
}

/* The names that QEMU's code gives a structure that has none; NULL: it has one, or they are not known. */
static const struct layout_nameless *find_names(const struct source_walk *walk,
                                                const json_t *structure)
{
    const char *name = json_string_value(json_object_get(structure, "name"));
    const struct layout_nameless *each = walk->schema->layouts->nameless;
    for (; name && !name[0] && each; each = each->next) {
        size_t found = 0;
        while (found < each->field_count && has_field(structure, each->fields[found]))
            found++;
        if (found == each->field_count)
            return each;
    }
    return NULL;
}

/* A structure that has its name only when QEMU runs is loaded under each name that it can have. */
static bool load_named(struct source_walk *walk, const json_t *json, size_t index,
                       struct references references)
{
    const struct layout_nameless *nameless = find_names(walk, json);
    bool loaded = nameless || load_declaration(walk, json, index, references, NULL);
    for (size_t i = 0; nameless && loaded && i < nameless->name_count; i++)
        loaded = load_declaration(walk, json, index, references, nameless->names[i]);
    return loaded;
}

/* A section of the old style has no structure. One field stands for all its bytes: a private encoding that has a layout. */
static void add_old_style(struct source_walk *walk, const char *idstr)
{
    static const char name[] = "data", type[] = "buffer";
    struct vmwire_arena *arena = walk->schema->arena;
    struct layout *layout = vmwire_arena_alloc(arena, sizeof(*layout));
    struct vmwire_structure *structure = &layout->structure;
    struct vmwire_dependence *dependence = vmwire_arena_alloc(arena, sizeof(*dependence));
    *dependence = (struct vmwire_dependence){.size = 1, .size_factor = 1};
    structure->version_id = structure->described_version_id = UINT32_MAX;
    structure->fields = vmwire_arena_alloc(arena, sizeof(*structure->fields));
    structure->field_count = 1;
    structure->fields[0] = (struct vmwire_field){
        .name = intern_name(walk->schema, name, sizeof(name) - 1)->text,
        .type = intern_name(walk->schema, type, sizeof(type) - 1)->text,
        .count = 1,
        .index = -1,
        .class = VMWIRE_FIELD_OPAQUE,
        .dependence = dependence,
    };
    structure->declared = structure->assumed = true;
    walk_add_device(walk, (struct vmwire_device){.idstr = idstr, .structure = structure}, false)
        ->declared = true;
}

/* A section was of the old style only until its device declared a structure. */
static void add_old_styles(struct source_walk *walk, const json_t *structures)
{
    for (const struct layout_group *type = walk->schema->layouts->types; type; type = type->next)
        for (size_t i = 0; i < type->section_count; i++)
            if (!declares_named(structures, type->sections[i]))
                add_old_style(walk, type->sections[i]);
}

static bool load_structures(struct source_walk *walk)
{
    const json_t *structures;
    uint32_t format;
    if (!walk_number(walk, walk->root, "declarations", &format) ||
        !walk_array(walk, walk->root, "structures", false, &structures))
        return false;
    if (format != FORMAT)
        return walk_fail(walk, VMWIRE_ERROR_SCHEMA, "declarations", "%u where %d was expected",
                         format, FORMAT);
    const char *shape = json_string_value(json_object_get(walk->root, "shape"));
    if (shape)
        walk->schema->releases = vmwire_arena_string(walk->schema->arena, shape, strlen(shape));
    size_t count = json_array_size(structures);
    struct references references = {vmwire_arena_alloc(walk->schema->arena, count),
                                    vmwire_arena_alloc(walk->schema->arena, count)};
    find_referred(structures, references);
    walk->facts = load_facts(walk, count);
    if (!walk->facts)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!load_named(walk, json_array_get(structures, i), i, references))
            return false;
    add_old_styles(walk, structures);
    if (!walk_commit(walk))
        return false;
    walk->schema->program = walk->facts;
    return true;
}

bool load_declared(struct vmwire_schema *schema, json_t *root, struct vmwire_error *error)
{
    struct source_walk walk;
    walk_begin(&walk, schema, &declared_form, error);
    walk.root = root;
    return load_structures(&walk);
}

bool is_declared(const json_t *root)
{
    return json_object_get(root, "declarations") != NULL &&
           json_object_get(root, "structures") != NULL;
}
