/* SPDX-License-Identifier: MIT */
/*
 * Loads grammar/layouts. The files are checked against grammar/layouts/layouts.schema.json in the tests, so here a mistake in
 * them is only asserted not to be there. The functions call themselves as deep as the files are nested.
 */
#include "schema/layouts.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "schema/field_types.h"
#include "schema/json.h"
#include "schema/symbols.h"

/* Not in the function: there clang-tidy follows each of 66,000 bytes for minutes. */
static const uint8_t layouts_json[] = {
#include "layouts.bytes.inc"
};

json_t *parse_layouts(struct vmwire_error *error)
{
    json_t *files = parse_json((struct vmwire_bytes){layouts_json, sizeof(layouts_json)}, error);
    assert((files || error->kind == VMWIRE_ERROR_MEMORY) && "grammar/layouts is JSON");
    return files;
}

struct loading {
    struct vmwire_schema *schema;
    struct vmwire_arena *arena;
    const json_t *files;
    struct vmwire_layouts *layouts;
    struct layout_name *referred;
    size_t referred_count, referred_room;
    /* Choices by their name. */
    struct layout_choice **choices;
    size_t choice_count, choice_room;
};

static void *allocate(const struct loading *loading, size_t count, size_t size)
{
    return count ? vmwire_arena_alloc(loading->arena, count * size) : NULL;
}

/* ---- Texts and numbers ---- */

static const char *copy_text(const struct loading *loading, const json_t *json)
{
    assert(json_is_string(json));
    return vmwire_arena_string(loading->arena, json_string_value(json), json_string_length(json));
}

static const char *text_of(const struct loading *loading, const json_t *object, const char *key)
{
    const json_t *json = json_object_get(object, key);
    return json ? copy_text(loading, json) : NULL;
}

/* A list of texts; NULL where there is none. */
static const char *const *load_texts(const struct loading *loading, const json_t *array,
                                     size_t *count)
{
    const char **texts = allocate(loading, json_array_size(array), sizeof(*texts));
    size_t index;
    const json_t *text;
    json_array_foreach(array, index, text)
    {
        texts[index] = copy_text(loading, text);
    }
    *count = json_array_size(array);
    return texts;
}

/* A list of integers, or one. */
static const int64_t *load_numbers(const struct loading *loading, const json_t *json, size_t *count)
{
    *count = json_is_array(json) ? json_array_size(json) : 1;
    int64_t *numbers = allocate(loading, *count, sizeof(*numbers));
    for (size_t i = 0; i < *count; i++) {
        const json_t *number = json_is_array(json) ? json_array_get(json, i) : json;
        assert(json_is_integer(number));
        numbers[i] = json_integer_value(number);
    }
    return numbers;
}

static uint32_t number_of(const json_t *object, const char *key)
{
    return (uint32_t)json_integer_value(json_object_get(object, key));
}

/* ---- References ---- */

static struct layout_name load_name(struct loading *loading, const json_t *json)
{
    const char *text = copy_text(loading, json), *slash = strrchr(text, '/');
    struct layout_name name = {.name = slash ? slash + 1 : text};
    if (slash)
        name.structure = vmwire_arena_string(loading->arena, text, (size_t)(slash - text));
    loading->referred =
        vmwire_arena_grow(loading->arena, loading->referred, loading->referred_count,
                          &loading->referred_room, sizeof(*loading->referred));
    loading->referred[loading->referred_count++] = name;
    return name;
}

static const struct layout_name *load_names(struct loading *loading, const json_t *json,
                                            size_t *count)
{
    *count = json_is_array(json) ? json_array_size(json) : 1;
    struct layout_name *names = allocate(loading, *count, sizeof(*names));
    for (size_t i = 0; i < *count; i++)
        names[i] = load_name(loading, json_is_array(json) ? json_array_get(json, i) : json);
    return names;
}

/* ---- Values ---- */

static const struct layout_value *load_value(struct loading *loading, const json_t *json);
static struct layout_conditions load_conditions(struct loading *loading, const json_t *json);

/* One of several values. */
static void load_one_of(struct loading *loading, const json_t *array, struct layout_value *value)
{
    value->kind = LAYOUT_ONE_OF;
    value->value_count = (uint32_t)json_array_size(array);
    struct layout_alternative *values = allocate(loading, value->value_count, sizeof(*values));
    for (uint32_t i = 0; i < value->value_count; i++) {
        const json_t *json = json_array_get(array, i), *when = json_object_get(json, "when");
        values[i].when = load_conditions(loading, when);
        values[i].value = load_value(loading, when ? json_object_get(json, "value") : json);
    }
    value->values = values;
}

/* The number of sections of an idstr. */
static void load_sections(struct loading *loading, const json_t *idstr, struct layout_value *value)
{
    struct vmwire_layouts *layouts = loading->layouts;
    value->kind = LAYOUT_SECTIONS;
    while (value->section < layouts->counted_count &&
           strcmp(layouts->counted[value->section], json_string_value(idstr)) != 0)
        value->section++;
    if (value->section < layouts->counted_count)
        return;
    assert(layouts->counted_count < LAYOUT_COUNTED);
    layouts->counted[layouts->counted_count++] = copy_text(loading, idstr);
}

/* NULL where there is none. */
static const struct layout_value *load_value(struct loading *loading, const json_t *json)
{
    if (!json)
        return NULL;
    struct layout_value *value = allocate(loading, 1, sizeof(*value));
    value->kind = LAYOUT_NUMBER;
    if (json_is_integer(json)) {
        value->number = (uint64_t)json_integer_value(json);
        return value;
    }
    const json_t *field = json_is_string(json) ? json : json_object_get(json, "field");
    if (field) {
        value->kind = LAYOUT_FIELD;
        value->names = load_names(loading, field, &value->name_count);
    } else if (json_object_get(json, "values")) {
        load_one_of(loading, json_object_get(json, "values"), value);
    } else if (json_object_get(json, "sections")) {
        load_sections(loading, json_object_get(json, "sections"), value);
    } else if (json_object_get(json, "rest")) {
        value->kind = LAYOUT_REST;
    } else if (json_object_get(json, "machine")) {
        value->kind = LAYOUT_MACHINE;
        value->unit = json_object_get(json, "unit") ? number_of(json, "unit") : 1;
        value->at_most = json_object_get(json, "at_most") ? number_of(json, "at_most") : UINT32_MAX;
    } else {
        assert(json_object_get(json, "capability"));
        value->kind = LAYOUT_CAPABILITY;
        value->names = load_names(loading, json_object_get(json, "in"), &value->name_count);
        value->capability = number_of(json, "capability");
        value->offset = number_of(json, "offset");
        value->size = number_of(json, "size");
    }
    value->otherwise = load_value(loading, json_object_get(json, "default"));
    value->mask = number_of(json, "mask");
    value->times = load_value(loading, json_object_get(json, "times"));
    value->plus = json_integer_value(json_object_get(json, "plus"));
    value->divide = load_value(loading, json_object_get(json, "divide"));
    return value;
}

/* ---- Conditions ---- */

/* Adds all answers that any condition asks for, so that the number of a choice's answers is known. */
static void find_answers(struct loading *loading, const json_t *json, struct layout_choice *choice)
{
    const char *key;
    const json_t *inner, *is = json_object_get(json, "is"), *name = json_object_get(json, "either");
    size_t index;
    if (json_is_string(is) && json_is_string(name) &&
        strcmp(json_string_value(name), choice->name) == 0) {
        const char **answers = (const char **)choice->answers; /* they are being loaded */
        for (uint32_t i = 0; i < choice->answer_count; i++)
            if (strcmp(answers[i], json_string_value(is)) == 0)
                return;
        size_t room = choice->answer_count;
        answers = vmwire_arena_grow(loading->arena, answers, choice->answer_count, &room,
                                    sizeof(*answers));
        answers[choice->answer_count++] = copy_text(loading, is);
        choice->answers = answers;
        return;
    }
    json_object_foreach((json_t *)json, key, inner)
    {
        find_answers(loading, inner, choice);
    }
    json_array_foreach(json, index, inner)
    {
        find_answers(loading, inner, choice);
    }
}

static const struct layout_choice *load_choice(struct loading *loading, const json_t *name,
                                               bool named_answers)
{
    for (size_t i = 0; i < loading->choice_count; i++)
        if (strcmp(loading->choices[i]->name, json_string_value(name)) == 0)
            return loading->choices[i];
    struct layout_choice *choice = allocate(loading, 1, sizeof(*choice));
    choice->name = copy_text(loading, name);
    if (named_answers)
        find_answers(loading, loading->files, choice);
    else
        choice->answer_count = 2;
    loading->choices = vmwire_arena_grow(loading->arena, loading->choices, loading->choice_count,
                                         &loading->choice_room, sizeof(struct layout_choice *));
    loading->choices[loading->choice_count++] = choice;
    return choice;
}

static void load_either(struct loading *loading, const json_t *json,
                        struct layout_condition *condition)
{
    const json_t *is = json_object_get(json, "is");
    bool named = json_is_string(is);
    condition->kind = LAYOUT_IF_CHOSEN;
    condition->choice = load_choice(loading, json_object_get(json, "either"), named);
    condition->answer = is ? json_is_true(is) : 1;
    for (uint32_t i = 0; named && i < condition->choice->answer_count; i++)
        if (strcmp(condition->choice->answers[i], json_string_value(is)) == 0)
            condition->answer = i;
}

static void load_comparison(struct loading *loading, const json_t *json,
                            struct layout_condition *condition)
{
    static const struct {
        const char *key;
        enum layout_comparison comparison;
    } comparisons[] = {
        {"equals", LAYOUT_IS_ONE_OF},  {"in", LAYOUT_IS_ONE_OF},    {"not", LAYOUT_IS_NONE_OF},
        {"not_in", LAYOUT_IS_NONE_OF}, {"mask", LAYOUT_HAS_BIT_OF}, {"at_most", LAYOUT_IS_AT_MOST},
        {"above", LAYOUT_IS_ABOVE},
    };
    condition->kind = LAYOUT_IF_FIELD;
    condition->name = load_name(loading, json_object_get(json, "field"));
    for (size_t i = 0; i < sizeof(comparisons) / sizeof(comparisons[0]); i++) {
        const json_t *numbers = json_object_get(json, comparisons[i].key);
        if (!numbers)
            continue;
        condition->comparison = comparisons[i].comparison;
        condition->numbers = load_numbers(loading, numbers, &condition->number_count);
        return;
    }
    assert(!"a condition compares a field with something");
}

static void load_condition(struct loading *loading, const json_t *json,
                           struct layout_condition *condition)
{
    const json_t *any = json_object_get(json, "any"), *within = json_object_get(json, "within");
    if (any) {
        condition->kind = LAYOUT_IF_ANY;
        condition->any = load_conditions(loading, any);
    } else if (within) {
        condition->kind = LAYOUT_IF_WITHIN;
        condition->structures = load_texts(loading, within, &condition->structure_count);
    } else if (json_object_get(json, "version_below")) {
        condition->kind = LAYOUT_IF_VERSION_BELOW;
        condition->numbers =
            load_numbers(loading, json_object_get(json, "version_below"), &condition->number_count);
    } else if (json_object_get(json, "either")) {
        load_either(loading, json, condition);
    } else if (json_object_get(json, "capability")) {
        const json_t *otherwise = json_object_get(json, "default");
        condition->kind = LAYOUT_IF_CAPABILITY;
        condition->name = load_name(loading, json_object_get(json, "in"));
        condition->capability = number_of(json, "capability");
        condition->otherwise = !otherwise                ? LAYOUT_NONE
                               : json_is_true(otherwise) ? LAYOUT_YES
                                                         : LAYOUT_NO;
    } else {
        load_comparison(loading, json, condition);
    }
}

/* One condition, or a list of them. */
static struct layout_conditions load_conditions(struct loading *loading, const json_t *json)
{
    size_t count = json_is_array(json) ? json_array_size(json) : json != NULL;
    struct layout_condition *all = allocate(loading, count, sizeof(*all));
    for (size_t i = 0; i < count; i++)
        load_condition(loading, json_is_array(json) ? json_array_get(json, i) : json, &all[i]);
    return (struct layout_conditions){all, count};
}

/* ---- Classes ---- */

/* A set of integers: the reader refuses others, or takes them for a number of elements. */
static const struct layout_values *load_set(struct loading *loading, const json_t *json)
{
    if (!json_is_object(json) || json_object_get(json, "counts"))
        return NULL;
    struct layout_values *values = allocate(loading, 1, sizeof(*values));
    const json_t *listed = json_object_get(json, "values");
    if (listed)
        values->values = load_numbers(loading, listed, &values->value_count);
    values->below = load_value(loading, json_object_get(json, "below"));
    return values;
}

static enum vmwire_field_class load_class(const json_t *json)
{
    static const struct {
        const char *name;
        enum vmwire_field_class class;
    } classes[] = {
        {"free", VMWIRE_FIELD_FREE},       {"zeros", VMWIRE_FIELD_ZEROS},
        {"bool", VMWIRE_FIELD_BOOL},       {"constant", VMWIRE_FIELD_CONSTANT},
        {"checked", VMWIRE_FIELD_CHECKED},
    };
    for (size_t i = 0; json_is_string(json) && i < sizeof(classes) / sizeof(classes[0]); i++)
        if (strcmp(json_string_value(json), classes[i].name) == 0)
            return classes[i].class;
    assert(json_is_object(json));
    return VMWIRE_FIELD_CHECKED;
}

/* ---- Fields ---- */

static const struct layout_field *load_fields(struct loading *loading, const json_t *array,
                                              size_t *count);

static const struct layout_group *load_group(struct loading *loading, const json_t *fields)
{
    struct layout_group *group = allocate(loading, 1, sizeof(*group));
    group->fields = load_fields(loading, fields, &group->field_count);
    return group;
}

/* An integer, a number of bytes, or the name of another layout, which is found when all are loaded. */
static void load_plain(struct loading *loading, const json_t *json, struct layout_field *field)
{
    const char *text = json_string_value(json_object_get(json, "type"));
    const char *order = json_string_value(json_object_get(json, "order"));
    const json_t *class = json_object_get(json, "class");
    struct symbol *symbol = intern_name(loading->schema, text, strlen(text));
    const struct field_type *type = field_type(symbol);
    field->type = symbol->text;
    field->size = type->size;
    field->class = class ? load_class(class) : type->class;
    field->is_signed = strncmp(text, "int", 3) == 0;
    field->little_endian = order && strcmp(order, "big") != 0; /* all hosts that are met are so */
}

static void load_list(struct loading *loading, const json_t *json, struct layout_field *field)
{
    static const int64_t zero = 0, bools[] = {0, 1};
    static const struct layout_values are_bools = {bools, 2, NULL};
    const json_t *list = json_object_get(json, "list"), *end = json_object_get(list, "end"),
                 *class = json_object_get(list, "class");
    field->kind = LAYOUT_LIST;
    load_plain(loading, list, field);
    field->marker = text_of(loading, list, "name");
    field->group = load_group(loading, json_object_get(json, "fields"));
    field->ends = end ? load_numbers(loading, end, &field->end_count) : &zero;
    field->end_count = end ? field->end_count : 1;
    bool is_marker = strcmp(field->marker, "marker") == 0;
    field->rule.values = class ? load_set(loading, class) : is_marker ? &are_bools : NULL;
}

/* The name of one structure, or of one for each structure around it. */
static void load_structures(struct loading *loading, const json_t *json, struct layout_field *field)
{
    const char *key, **within, **structures;
    const json_t *name;
    size_t count = json_is_string(json) ? 1 : json_object_size(json), next = 0;
    field->kind = LAYOUT_STRUCTURE;
    structures = allocate(loading, count, sizeof(*structures));
    within = allocate(loading, count, sizeof(*within));
    if (json_is_string(json))
        structures[0] = copy_text(loading, json);
    json_object_foreach((json_t *)json, key, name)
    {
        within[next] = vmwire_arena_string(loading->arena, key, strlen(key));
        structures[next++] = copy_text(loading, name);
    }
    field->within = json_is_string(json) ? NULL : within;
    field->structures = structures;
    field->structure_count = count;
}

static void load_field(struct loading *loading, const json_t *json, struct layout_field *field)
{
    const json_t *structure = json_object_get(json, "structure");
    field->name = text_of(loading, json, "name");
    field->rule.when = load_conditions(loading, json_object_get(json, "when"));
    field->rule.count = load_value(loading, json_object_get(json, "count"));
    field->rule.size = load_value(loading, json_object_get(json, "size"));
    field->rule.values = load_set(loading, json_object_get(json, "class"));
    if (json_object_get(json, "value")) {
        field->kind = LAYOUT_VALUE;
        field->value = load_value(loading, json_object_get(json, "value"));
    } else if (structure) {
        load_structures(loading, structure, field);
    } else if (json_object_get(json, "list")) {
        load_list(loading, json, field);
    } else if (json_object_get(json, "fields")) {
        field->kind = LAYOUT_GROUP;
        field->group = load_group(loading, json_object_get(json, "fields"));
    } else {
        load_plain(loading, json, field);
    }
}

/* The field that says how many elements a list of the same group has. */
static void find_counter(const json_t *array, struct layout_field *list,
                         const struct layout_field *fields)
{
    size_t index;
    const json_t *json;
    json_array_foreach(array, index, json)
    {
        const char *counts =
            json_string_value(json_object_get(json_object_get(json, "class"), "counts"));
        if (counts && strcmp(counts, list->name) == 0)
            list->counter = fields[index].name;
    }
}

static const struct layout_field *load_fields(struct loading *loading, const json_t *array,
                                              size_t *count)
{
    struct layout_field *fields = allocate(loading, json_array_size(array), sizeof(*fields));
    size_t index;
    const json_t *json;
    json_array_foreach(array, index, json)
    {
        load_field(loading, json, &fields[index]);
        find_counter(array, &fields[index], fields);
    }
    *count = json_array_size(array);
    return fields;
}

/* ---- Types and facts ---- */

static void load_type(struct loading *loading, const json_t *json, const struct layout_group ***end)
{
    struct layout_group *type = allocate(loading, 1, sizeof(*type));
    const char *name = json_string_value(json_object_get(json, "type"));
    const struct field_type *known = field_type(intern_name(loading->schema, name, strlen(name)));
    type->type = text_of(loading, json, "type");
    type->plain = known->class != VMWIRE_FIELD_OPAQUE && known->size > 0;
    type->within = load_texts(loading, json_object_get(json, "within"), &type->within_count);
    type->sections = load_texts(loading, json_object_get(json, "section"), &type->section_count);
    type->sized = json_object_get(json, "sized") != NULL;
    type->fields = load_fields(loading, json_object_get(json, "fields"), &type->field_count);
    **end = type;
    *end = &type->next;
}

static void load_numbers_of_facts(struct loading *loading, const json_t *array,
                                  struct layout_facts *facts)
{
    facts->number_count = json_array_size(array);
    struct layout_number *numbers = allocate(loading, facts->number_count, sizeof(*numbers));
    size_t index;
    const json_t *json;
    json_array_foreach(array, index, json)
    {
        numbers[index].name = text_of(loading, json, "name");
        numbers[index].value = load_value(loading, json_object_get(json, "value"));
    }
    facts->numbers = numbers;
}

/* What is known of the fields of a structure. */
static void load_field_facts(struct loading *loading, json_t *fields, struct layout_facts *facts)
{
    struct layout_field_fact *fact = allocate(loading, json_object_size(fields), sizeof(*fact));
    const char *key;
    const json_t *row;
    facts->fields = fact;
    facts->field_count = json_object_size(fields);
    json_object_foreach(fields, key, row)
    {
        const json_t *class = json_object_get(row, "class"), *bits = json_object_get(row, "bits");
        json_t *inside = json_object_get(row, "inside");
        fact->key = vmwire_arena_string(loading->arena, key, strlen(key));
        fact->rule.when = load_conditions(loading, json_object_get(row, "when"));
        fact->rule.count = load_value(loading, json_object_get(row, "count"));
        fact->rule.size = load_value(loading, bits ? bits : json_object_get(row, "size"));
        fact->rule.values = load_set(loading, class);
        if (inside) {
            struct layout_facts *inner = allocate(loading, 1, sizeof(*inner));
            load_field_facts(loading, inside, inner);
            fact->rule.inside = inner;
        }
        fact->has_class = class != NULL;
        fact->class = class ? load_class(class) : VMWIRE_FIELD_FREE;
        fact++;
    }
}

static void load_facts(struct loading *loading, const json_t *json,
                       const struct layout_facts ***end)
{
    struct layout_facts *facts = allocate(loading, 1, sizeof(*facts));
    const size_t first = loading->referred_count;
    facts->structure = text_of(loading, json, "structure");
    facts->has = text_of(loading, json, "has");
    facts->has_needed = json_object_get(json, "needed") != NULL;
    facts->needed = load_conditions(loading, json_object_get(json, "needed"));
    load_numbers_of_facts(loading, json_object_get(json, "numbers"), facts);
    load_field_facts(loading, json_object_get(json, "fields"), facts);
    facts->names = (struct layout_names){first, loading->referred_count - first};
    **end = facts;
    *end = &facts->next;
}

static void load_nameless(struct loading *loading, const json_t *json)
{
    struct layout_nameless *nameless = allocate(loading, 1, sizeof(*nameless));
    nameless->names = load_texts(loading, json_object_get(json, "names"), &nameless->name_count);
    nameless->fields = load_texts(loading, json_object_get(json, "fields"), &nameless->field_count);
    nameless->next = loading->layouts->nameless;
    loading->layouts->nameless = nameless;
}

/* Whether one of the names is that of a field that is not in a structure. */
static bool refers(const struct layout_name *referred, struct layout_names names, const char *name)
{
    for (size_t i = names.first; i < names.first + names.count; i++)
        if (!referred[i].structure && strcmp(referred[i].name, name) == 0)
            return true;
    return false;
}

/* Marks the integers of the group, and of those in it, that a name can be of. What is inside of a group sees its fields: also
 * other types, and structures. */
static void mark_determining(const struct vmwire_layouts *layouts, const struct layout_group *group)
{
    for (size_t i = 0; i < group->field_count; i++) {
        struct layout_field *field = (struct layout_field *)&group->fields[i]; /* being loaded */
        if (field->kind == LAYOUT_GROUP || field->kind == LAYOUT_LIST)
            mark_determining(layouts, field->group);
        if (field->kind == LAYOUT_PLAIN)
            field->determines = refers(
                layouts->referred, (struct layout_names){0, layouts->referred_count}, field->name);
    }
}

/* ---- Tables ---- */

static size_t hash_name(const char *name, size_t length)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)name[i]) * UINT64_C(0x100000001b3);
    return (size_t)(hash ^ hash >> 32);
}

/* The slot of the name, or the free slot where it would go. */
static struct layout_slot *slot_of(const struct layout_table *table, const char *name,
                                   size_t length)
{
    size_t i = hash_name(name, length) & (table->size - 1);
    while (table->slots[i].name && (strncmp(table->slots[i].name, name, length) != 0 ||
                                    table->slots[i].name[length] != '\0'))
        i = (i + 1) & (table->size - 1);
    return &table->slots[i];
}

static const void *find_object(const struct layout_table *table, const char *name, size_t length)
{
    return slot_of(table, name, length)->object;
}

static void make_table(const struct loading *loading, struct layout_table *table, size_t names)
{
    table->size = 16;
    while (table->size < 2 * names)
        table->size *= 2;
    table->slots = allocate(loading, table->size, sizeof(*table->slots));
}

/* Of several objects with one name, the first stays. */
static void enter_object(struct layout_table *table, const char *name, const void *object)
{
    struct layout_slot *slot = slot_of(table, name, strlen(name));
    if (!slot->name)
        *slot = (struct layout_slot){name, object};
}

static void enter_types(const struct loading *loading, struct vmwire_layouts *layouts)
{
    size_t count = 0;
    for (const struct layout_group *type = layouts->types; type; type = type->next)
        count++;
    make_table(loading, &layouts->types_of, count);
    for (const struct layout_group *type = layouts->types; type; type = type->next) {
        struct layout_group *last = /* they are being loaded */
            (struct layout_group *)find_object(&layouts->types_of, type->type, strlen(type->type));
        while (last && last->next_of_name)
            last = (struct layout_group *)last->next_of_name;
        if (last)
            last->next_of_name = type;
        enter_object(&layouts->types_of, type->type, type);
    }
}

static void make_tables(const struct loading *loading, struct vmwire_layouts *layouts)
{
    size_t count = 0;
    enter_types(loading, layouts);
    for (const struct layout_facts *facts = layouts->facts; facts; facts = facts->next)
        count++;
    make_table(loading, &layouts->facts_of, count);
    for (const struct layout_facts *facts = layouts->facts; facts; facts = facts->next)
        enter_object(&layouts->facts_of, facts->structure, facts);
    make_table(loading, &layouts->referred_names, layouts->referred_count);
    for (size_t i = 0; i < layouts->referred_count; i++)
        enter_object(&layouts->referred_names, layouts->referred[i].name,
                     layouts->referred[i].name);
}

/* A field of a type that is itself a layout becomes a group. */
static void find_group(const struct vmwire_layouts *layouts, struct layout_field *field)
{
    if (field->kind != LAYOUT_PLAIN || field->size || field->rule.size)
        return;
    field->kind = LAYOUT_GROUP;
    field->group = layout_of_type(layouts, field->type, NULL, NULL);
    assert(field->group && "a type of grammar/layouts is there");
}

static void find_groups(const struct vmwire_layouts *layouts, const struct layout_group *group)
{
    for (size_t i = 0; i < group->field_count; i++) {
        struct layout_field *field = (struct layout_field *)&group->fields[i]; /* as above */
        if (field->kind == LAYOUT_GROUP || field->kind == LAYOUT_LIST)
            find_groups(layouts, field->group);
        else
            find_group(layouts, field);
    }
}

bool load_all_layouts(struct vmwire_schema *schema, json_t *all, struct vmwire_error *error)
{
    struct vmwire_layouts *layouts = vmwire_arena_alloc(schema->arena, sizeof(*layouts));
    struct loading loading = {
        .schema = schema, .arena = schema->arena, .files = all, .layouts = layouts};
    const struct layout_group **types_end = &layouts->types;
    const struct layout_facts **facts_end = &layouts->facts;
    size_t i, k;
    const json_t *file, *json;
    (void)error;
    json_array_foreach(all, i, file)
    {
        json_array_foreach(json_object_get(file, "types"), k, json)
        {
            load_type(&loading, json, &types_end);
        }
        json_array_foreach(json_object_get(file, "structures"), k, json)
        {
            load_facts(&loading, json, &facts_end);
        }
        json_array_foreach(json_object_get(file, "nameless"), k, json)
        {
            load_nameless(&loading, json);
        }
    }
    layouts->referred = loading.referred;
    layouts->referred_count = loading.referred_count;
    for (const struct layout_group *type = layouts->types; type; type = type->next)
        mark_determining(layouts, type);
    make_tables(&loading, layouts);
    for (const struct layout_group *type = layouts->types; type; type = type->next)
        find_groups(layouts, type);
    schema->layouts = layouts;
    return true;
}

/* ---- Finding ---- */

bool layout_rule_is_open(const struct layout_rule *rule)
{
    return rule && (rule->when.count || (rule->count && rule->count->kind != LAYOUT_NUMBER) ||
                    (rule->size && rule->size->kind != LAYOUT_NUMBER));
}

bool layout_conditions_ask(struct layout_conditions conditions, enum layout_condition_kind kind)
{
    for (size_t i = 0; i < conditions.count; i++) {
        const struct layout_condition *each = &conditions.all[i];
        bool asks = each->kind == kind;
        for (size_t k = 0; !asks && k < each->any.count; k++)
            asks = each->any.all[k].kind == kind;
        if (asks)
            return true;
    }
    return false;
}

static bool asks_state(const struct layout_value *value)
{
    bool asks = value && (value->kind == LAYOUT_FIELD || asks_state(value->times) ||
                          asks_state(value->divide));
    for (size_t i = 0; value && !asks && i < value->value_count; i++)
        asks = asks_state(value->values[i].value) ||
               layout_conditions_ask(value->values[i].when, LAYOUT_IF_FIELD);
    return asks;
}

bool layout_rule_asks_state(const struct layout_rule *rule)
{
    return rule && (layout_conditions_ask(rule->when, LAYOUT_IF_FIELD) || asks_state(rule->count) ||
                    asks_state(rule->size));
}

bool layout_rule_counts_by_state(const struct layout_rule *rule)
{
    return rule && asks_state(rule->count);
}

bool layout_group_asks_state(const struct layout_group *group)
{
    for (size_t i = 0; i < group->field_count; i++) {
        const struct layout_field *field = &group->fields[i];
        if (field->kind == LAYOUT_LIST || layout_rule_asks_state(&field->rule) ||
            (field->kind == LAYOUT_GROUP && layout_group_asks_state(field->group)))
            return true;
    }
    return false;
}

static bool is_listed(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; name && i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The idstr of a section is the name, or the device's path and the name. */
static bool is_section(const struct layout_group *type, const char *idstr)
{
    for (const char *name = idstr; name; name = strchr(name, '/'), name = name ? name + 1 : NULL)
        if (is_listed(type->sections, type->section_count, name))
            return true;
    return false;
}

const struct layout_group *layout_of_type(const struct vmwire_layouts *layouts, const char *type,
                                          const char *structure, const char *idstr)
{
    const struct layout_group *each = find_object(&layouts->types_of, type, strlen(type));
    for (; each; each = each->next_of_name) {
        bool fits = each->sections
                        ? !structure && is_section(each, idstr)
                        : !each->within || is_listed(each->within, each->within_count, structure);
        if (fits)
            return each->plain ? NULL : each;
    }
    return NULL;
}

const struct layout_facts *layout_facts_of(const struct vmwire_layouts *layouts,
                                           const char *structure)
{
    return layouts && structure ? find_object(&layouts->facts_of, structure, strlen(structure))
                                : NULL;
}

const char *layout_referred_name(const struct vmwire_layouts *layouts, const char *name,
                                 size_t length)
{
    return find_object(&layouts->referred_names, name, length);
}

bool layout_facts_refer_to(const struct vmwire_layouts *layouts, const struct layout_facts *facts,
                           const char *name)
{
    return refers(layouts->referred, facts->names, name);
}

static bool has_number(const struct layout_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->number_count; i++)
        if (strcmp(facts->numbers[i].name, name) == 0)
            return true;
    return false;
}

static bool has_field(const struct vmwire_structure *structure, const char *name)
{
    for (size_t i = 0; i < structure->field_count; i++)
        if (strcmp(structure->fields[i].name, name) == 0)
            return true;
    return false;
}

bool layout_facts_refer_outside(const struct vmwire_layouts *layouts,
                                const struct layout_facts *facts,
                                const struct vmwire_structure *structure, const char *name)
{
    return layout_facts_refer_to(layouts, facts, name) && !has_number(facts, name) &&
           !has_field(structure, name);
}

void mark_as_determining(struct vmwire_field *field)
{
    field->determines = true;
    if (field->class == VMWIRE_FIELD_FREE || field->class == VMWIRE_FIELD_BOOL)
        field->class = VMWIRE_FIELD_CHECKED;
}
