/* SPDX-License-Identifier: MIT */
/*
 * Small schemas for the brute force: a plan lists structures, fields, subsections and devices. A plan is chosen at
 * random, edited to make another release's plan, and written as a description and a dump. Knows nothing of streams.
 */
#ifndef VMWIRE_TESTS_BRUTE_PLAN_H
#define VMWIRE_TESTS_BRUTE_PLAN_H

#include "brute.h"

enum {
    MOST_FIELDS = 8,
    MOST_PARTS = 8,
    MOST_SUBSECTIONS_OF_PART = 4,
    MOST_DEVICES = 3,
    NO_PART = -1,
};

enum holds { HOLDS_PLAIN, HOLDS_STRUCTURE, HOLDS_ARRAY, HOLDS_LIST };

struct plan_field {
    unsigned name;    /* a number: two plans with it have the same field */
    const char *type; /* HOLDS_PLAIN */
    unsigned size;
    enum holds holds;
    int part;       /* the structure in it */
    unsigned count; /* HOLDS_ARRAY, HOLDS_LIST: elements */
    unsigned shows; /* which of its structure's subsections are sent here, one of SHOWS_ */
};

/* A structure that stands in two places may send some subsections here, the others there: then nobody knows in which
 * order it would send both. */
enum { SHOWS_ALL, SHOWS_EVEN, SHOWS_ODD };

/* A structure, or a subsection's record. */
struct plan_part {
    char name[16];
    unsigned version;         /* as described */
    unsigned highest, lowest; /* as a dump declares them */
    bool subsection;
    struct plan_field fields[MOST_FIELDS];
    unsigned field_count;
    int subsections[MOST_SUBSECTIONS_OF_PART];
    unsigned subsection_count;
};

struct plan {
    struct plan_part parts[MOST_PARTS];
    unsigned part_count;
    struct {
        const char *idstr;
        int part;
    } devices[MOST_DEVICES];
    unsigned device_count;
    unsigned next_name;
    unsigned usual_size; /* of a subsection's record, so that two states can have the same length */
    bool dump;           /* beside the description there is a dump */
    unsigned undescribed; /* a bit for each part: a subsection that only the dump tells */
    unsigned older;       /* a bit for each part: a subsection that an older release has, too */
};

/* ---- Choosing ---------------------------------------------------------------------------------- */

static inline int add_part(struct plan *plan, const char *name)
{
    struct plan_part *part = &plan->parts[plan->part_count];
    *part = (struct plan_part){.version = 1, .highest = 1, .lowest = 1};
    snprintf(part->name, sizeof(part->name), "%s", name);
    return (int)plan->part_count++;
}

static inline struct plan_field *insert_field(struct plan_part *part, unsigned at,
                                              struct plan_field field)
{
    if (part->field_count == MOST_FIELDS)
        return NULL;
    memmove(&part->fields[at + 1], &part->fields[at],
            (part->field_count - at) * sizeof(part->fields[0]));
    part->fields[at] = field;
    part->field_count++;
    return &part->fields[at];
}

static inline void remove_field(struct plan_part *part, unsigned at)
{
    part->field_count--;
    memmove(&part->fields[at], &part->fields[at + 1],
            (part->field_count - at) * sizeof(part->fields[0]));
}

struct plain_type {
    const char *type;
    unsigned size;
};

/* Several of one kind where it shall be chosen more often. Few free bytes: then all strings can be tried. Constants
 * hold what a header is made of. */
static inline struct plan_field choose_plain_field(struct plan *plan, struct chooser *chooser,
                                                   bool wide)
{
    static const struct plain_type narrow_types[] = {
        {"uint8", 1},         {"uint8", 1},         {"uint8", 1},        {"uint16", 2},
        {"uint8 equal", 1},   {"uint8 equal", 1},   {"uint16 equal", 2}, {"uint32 equal", 4},
        {"uint32 equal", 4},  {"int64 equal", 8},   {"bool", 1},         {"bool", 1},
        {"unused_buffer", 1}, {"unused_buffer", 3}, {"nullptr", 1},      {"uint8", 1},
    };
    static const struct plain_type wide_types[] = {
        {"buffer", 5},  {"buffer", 8},       {"buffer", 9},  {"buffer", 10},
        {"buffer", 12}, {"buffer", 16},      {"buffer", 18}, {"buffer", 26},
        {"uint32", 4},  {"uint64", 8},       {"uint8", 1},   {"buffer", 40},
        {"bool", 1},    {"uint32 equal", 4}, {"buffer", 9},  {"unused_buffer", 3},
    };
    const struct plain_type *type = (wide ? wide_types : narrow_types) + choose(chooser, 16);
    return (struct plan_field){
        .name = plan->next_name++, .type = type->type, .size = type->size, .part = NO_PART};
}

static inline void choose_plain_fields(struct plan *plan, struct chooser *chooser, int part,
                                       bool wide, unsigned least)
{
    unsigned count = least + choose(chooser, wide ? 2 : 4);
    for (unsigned i = 0; i < count; i++)
        insert_field(&plan->parts[part], plan->parts[part].field_count,
                     choose_plain_field(plan, chooser, wide));
}

static inline void choose_embedded(struct plan *plan, struct chooser *chooser, const char *name,
                                   bool wide, unsigned least)
{
    static const enum holds ways[] = {HOLDS_STRUCTURE, HOLDS_STRUCTURE, HOLDS_STRUCTURE,
                                      HOLDS_ARRAY,     HOLDS_LIST,      HOLDS_LIST};
    int owner = (int)choose(chooser, plan->part_count);
    enum holds holds = ways[choose(chooser, 6)];
    int part = add_part(plan, name);
    struct plan_field field = {.name = plan->next_name++, .holds = holds, .part = part, .count = 1};
    choose_plain_fields(plan, chooser, part, wide, holds == HOLDS_ARRAY ? 1 : least);
    if (holds == HOLDS_ARRAY)
        field.count = 2;
    else if (holds == HOLDS_LIST)
        field.count = choose(chooser, 3);
    struct plan_part *around = &plan->parts[owner];
    insert_field(around, choose(chooser, around->field_count + 1), field);
}

static inline bool owner_has_name(const struct plan *plan, int owner, const char *name)
{
    for (unsigned i = 0; i < plan->parts[owner].subsection_count; i++)
        if (strcmp(plan->parts[plan->parts[owner].subsections[i]].name, name) == 0)
            return true;
    return false;
}

/* Adds a subsection of any structure, with a name that begins as another's more often than not. */
static inline void choose_subsection(struct plan *plan, struct chooser *chooser, bool wide)
{
    static const char *const letters[] = {"x", "y", "xx", "x"};
    int owner = (int)choose(chooser, plan->part_count);
    int named_after = choose(chooser, 4) ? owner : (int)choose(chooser, plan->part_count);
    char name[16];
    snprintf(name, sizeof(name), "%.8s%s", choose(chooser, 6) ? plan->parts[named_after].name : "",
             letters[choose(chooser, 4)]);
    struct plan_part *around = &plan->parts[owner];
    if (around->subsection_count == MOST_SUBSECTIONS_OF_PART || owner_has_name(plan, owner, name))
        return;
    int part = add_part(plan, name);
    plan->parts[part].subsection = true;
    around->subsections[around->subsection_count++] = part;
    if (plan->usual_size && choose(chooser, 2))
        insert_field(&plan->parts[part], 0,
                     (struct plan_field){.name = plan->next_name++,
                                         .type = "buffer",
                                         .size = plan->usual_size,
                                         .part = NO_PART});
    else
        choose_plain_fields(plan, chooser, part, wide, 1);
}

/* Puts a structure with subsections in a second place, which sends others of them. */
static inline void choose_second_place(struct plan *plan, struct chooser *chooser)
{
    struct plan_part *root = &plan->parts[0];
    for (unsigned i = 0; i < root->field_count; i++) {
        struct plan_field *field = &root->fields[i];
        if (field->holds != HOLDS_STRUCTURE || field->shows != SHOWS_ALL ||
            plan->parts[field->part].subsection_count < 2 || !plan->parts[field->part].field_count)
            continue;
        field->shows = SHOWS_EVEN;
        struct plan_field second = *field;
        second.shows = SHOWS_ODD;
        second.name = plan->next_name++;
        insert_field(root, choose(chooser, root->field_count + 1), second);
        return;
    }
}

static inline void choose_devices(struct plan *plan, struct chooser *chooser)
{
    if (choose(chooser, 2)) {
        plan->devices[plan->device_count].idstr = "c";
        plan->devices[plan->device_count++].part = add_part(plan, "q");
    }
    plan->devices[plan->device_count].idstr = "a";
    plan->devices[plan->device_count++].part = 0;
    if (choose(chooser, 3) == 0) {
        plan->devices[plan->device_count].idstr = "b";
        plan->devices[plan->device_count++].part = add_part(plan, "z");
        choose_plain_fields(plan, chooser, (int)plan->part_count - 1, choose(chooser, 4) == 0, 0);
    }
}

static inline void choose_dump(struct plan *plan, struct chooser *chooser)
{
    plan->dump = choose(chooser, 3) == 0;
    for (unsigned i = 0; i < plan->part_count; i++) {
        struct plan_part *part = &plan->parts[i];
        unsigned version = part->version = choose(chooser, 2) + 1;
        part->highest = version + (choose(chooser, 3) == 0);
        part->lowest = choose(chooser, 2) ? version : choose(chooser, version + 1);
        if (part->subsection && choose(chooser, 4) == 0)
            plan->undescribed |= 1U << i;
    }
}

static inline void choose_plan(struct plan *plan, struct chooser *chooser)
{
    static const char *const names[][3] = {
        {"a", "b", "c"}, {"a", "ab", "abc"}, {"ab", "a", "b"}, {"a", "ax", "d"}};
    const char *const *chosen = names[choose(chooser, 4)];
    bool wide = choose(chooser, 4) == 0;
    static const unsigned sizes[] = {0, 1, 4, 8, 9};
    *plan = (struct plan){.older = choose(chooser, 1U << MOST_PARTS)};
    if (wide)
        plan->usual_size = sizes[choose(chooser, 5)];
    add_part(plan, chosen[0]);
    choose_plain_fields(plan, chooser, 0, wide, 0);
    for (unsigned i = 0, count = choose(chooser, 3); i < count; i++)
        choose_embedded(plan, chooser, chosen[i + 1], wide && choose(chooser, 2), 0);
    for (unsigned i = 0, count = choose(chooser, 4); i < count; i++)
        choose_subsection(plan, chooser, wide && choose(chooser, 2));
    if (choose(chooser, 2))
        choose_second_place(plan, chooser);
    choose_devices(plan, chooser);
    choose_dump(plan, chooser);
}

/* ---- Sizes ------------------------------------------------------------------------------------- */

/* Whether the structure's subsection of this number is described where the structure shows these. */
static inline bool is_described(const struct plan *plan, const struct plan_part *of,
                                unsigned number, unsigned shows)
{
    return (!plan->dump || !(plan->undescribed >> of->subsections[number] & 1)) &&
           (shows == SHOWS_ALL || number % 2 == (shows == SHOWS_ODD));
}

static inline unsigned part_size(const struct plan *plan, int part, unsigned shows);

static inline unsigned field_size(const struct plan *plan, const struct plan_field *field)
{
    switch (field->holds) {
    case HOLDS_PLAIN:
        return field->size;
    case HOLDS_LIST:
        return 1 + field->count * (1 + part_size(plan, field->part, field->shows));
    default:
        return part_size(plan, field->part, field->shows);
    }
}

/* Bytes of a record with all its subsections that are described. */
static inline unsigned part_size(const struct plan *plan, int part, unsigned shows)
{
    const struct plan_part *of = &plan->parts[part];
    unsigned size = 0;
    for (unsigned i = 0; i < of->field_count; i++)
        size += field_size(plan, &of->fields[i]) *
                (of->fields[i].holds == HOLDS_ARRAY ? of->fields[i].count : 1);
    for (unsigned i = 0; i < of->subsection_count; i++)
        if (is_described(plan, of, i, shows))
            size += 2 + (unsigned)strlen(plan->parts[of->subsections[i]].name) + 4 +
                    part_size(plan, of->subsections[i], SHOWS_ALL);
    return size;
}

static inline unsigned least_size(const struct plan *plan, int part)
{
    unsigned size = 0;
    for (unsigned i = 0; i < plan->parts[part].field_count; i++) {
        const struct plan_field *field = &plan->parts[part].fields[i];
        if (field->holds == HOLDS_PLAIN || field->holds == HOLDS_LIST)
            size += field->holds == HOLDS_LIST ? 1 : field->size;
        else
            size += least_size(plan, field->part);
    }
    return size;
}

/* Whether an array has elements that can be of no bytes: such a description is refused. */
static inline bool has_empty_elements(const struct plan *plan)
{
    for (unsigned i = 0; i < plan->part_count; i++)
        for (unsigned j = 0; j < plan->parts[i].field_count; j++)
            if (plan->parts[i].fields[j].holds == HOLDS_ARRAY &&
                !least_size(plan, plan->parts[i].fields[j].part))
                return true;
    return false;
}

/* ---- As a description -------------------------------------------------------------------------- */

static inline void put_part(const struct plan *plan, FILE *text, int part, unsigned shows);

static inline void put_field(const struct plan *plan, FILE *text, const struct plan_field *field)
{
    unsigned size = field_size(plan, field);
    fprintf(text, "{'name':'f%u',", field->name);
    if (field->holds == HOLDS_PLAIN) {
        fprintf(text, "'type':'%s','size':%u}", field->type, size);
        return;
    }
    if (field->holds == HOLDS_LIST) {
        fprintf(text, "'type':'qtailq','size':%u", size);
        if (field->count) {
            fputc(',', text);
            put_part(plan, text, field->part, field->shows);
        }
        fputc('}', text);
        return;
    }
    if (field->holds == HOLDS_ARRAY)
        fprintf(text, "'array_len':%u,", field->count);
    fprintf(text, "'type':'struct','size':%u,'struct':{", size);
    put_part(plan, text, field->part, field->shows);
    fputs("}}", text);
}

static inline void put_part(const struct plan *plan, FILE *text, int part, unsigned shows)
{
    const struct plan_part *of = &plan->parts[part];
    fprintf(text, "'vmsd_name':'%s','version':%u,'fields':[", of->name, of->version);
    for (unsigned i = 0; i < of->field_count; i++) {
        fputs(i ? "," : "", text);
        put_field(plan, text, &of->fields[i]);
    }
    fputc(']', text);
    bool any = false;
    for (unsigned i = 0; i < of->subsection_count; i++) {
        if (!is_described(plan, of, i, shows))
            continue;
        fputs(any ? ",{" : ",'subsections':[{", text);
        put_part(plan, text, of->subsections[i], SHOWS_ALL);
        fputc('}', text);
        any = true;
    }
    fputs(any ? "]" : "", text);
}

/* The caller frees it. */
static inline char *description_of_plan(const struct plan *plan)
{
    char *description = NULL;
    size_t size = 0;
    FILE *text = must(open_memstream(&description, &size));
    fputs("{'devices':[", text);
    for (unsigned i = 0; i < plan->device_count; i++) {
        fprintf(text, "%s{'name':'%s','instance_id':0,", i ? "," : "", plan->devices[i].idstr);
        put_part(plan, text, plan->devices[i].part, SHOWS_ALL);
        fputc('}', text);
    }
    fputs("]}", text);
    fclose(text);
    return description;
}

/* ---- As a dump --------------------------------------------------------------------------------- */

static inline void dump_part(const struct plan *plan, FILE *text, int part)
{
    const struct plan_part *of = &plan->parts[part];
    fprintf(text, "'name':'%s','version_id':%u,'minimum_version_id':%u,'Fields':[", of->name,
            of->highest, of->lowest);
    for (unsigned i = 0; i < of->field_count; i++) {
        const struct plan_field *field = &of->fields[i];
        fprintf(text, "%s{'field':'f%u','version_id':0,'field_exists':false,'size':%u%s",
                i ? "," : "", field->name, field->holds == HOLDS_PLAIN ? field->size : 8,
                field->holds == HOLDS_PLAIN ? "" : ",'Description':{");
        if (field->holds != HOLDS_PLAIN) {
            dump_part(plan, text, field->part);
            fputc('}', text);
        }
        fputc('}', text);
    }
    fputc(']', text);
    for (unsigned i = 0; i < of->subsection_count; i++) {
        fputs(i ? ",{" : ",'Subsections':[{", text);
        dump_part(plan, text, of->subsections[i]);
        fputc('}', text);
    }
    fputs(of->subsection_count ? "]" : "", text);
}

/* NULL where the plan has none; the caller frees it. */
static inline char *dump_of_plan(const struct plan *plan)
{
    if (!plan->dump)
        return NULL;
    char *dump = NULL;
    size_t size = 0;
    FILE *text = must(open_memstream(&dump, &size));
    fputc('{', text);
    for (unsigned i = 0; i < plan->device_count; i++) {
        fprintf(text, "%s'%s':{'Name':'%s','version_id':1,'minimum_version_id':1,'Description':{",
                i ? "," : "", plan->devices[i].idstr, plan->devices[i].idstr);
        dump_part(plan, text, plan->devices[i].part);
        fputs("}}", text);
    }
    fputc('}', text);
    fclose(text);
    return dump;
}

static inline struct vmwire_schema *schema_of_plan(struct vmwire_arena *arena,
                                                   const struct plan *plan)
{
    char *description = description_of_plan(plan), *dump = dump_of_plan(plan);
    struct vmwire_schema *schema = schema_of(arena, description, dump);
    free(description);
    free(dump);
    return schema;
}

/* The place of a subsection among those that its owner declares; a large number where the plan has no such one. */
static inline unsigned declared_place(const struct plan *plan, const char *owner, const char *name)
{
    for (unsigned i = 0; i < plan->part_count; i++)
        for (unsigned j = 0; j < plan->parts[i].subsection_count; j++)
            if (strcmp(plan->parts[i].name, owner) == 0 &&
                strcmp(plan->parts[plan->parts[i].subsections[j]].name, name) == 0)
                return j;
    return MOST_SUBSECTIONS_OF_PART;
}

/* The plan of an older release: with those subsections only that it has, too. */
static inline struct plan older_plan(const struct plan *plan)
{
    struct plan older = *plan;
    for (unsigned i = 0; i < older.part_count; i++) {
        struct plan_part *part = &older.parts[i];
        unsigned kept = 0;
        for (unsigned j = 0; j < part->subsection_count; j++)
            if (older.older >> part->subsections[j] & 1)
                part->subsections[kept++] = part->subsections[j];
        part->subsection_count = kept;
    }
    return older;
}

/* ---- Edits ------------------------------------------------------------------------------------- */

static inline bool edit_fields(struct plan *plan, struct chooser *chooser, struct plan_part *part)
{
    unsigned at = part->field_count ? choose(chooser, part->field_count) : 0;
    struct plan_field *field = &part->fields[at];
    bool plain = part->field_count && field->holds == HOLDS_PLAIN;
    switch (choose(chooser, 7)) {
    case 0:
        return insert_field(part, choose(chooser, part->field_count + 1),
                            choose_plain_field(plan, chooser, false));
    case 1:
        if (part->field_count < 2)
            return false;
        remove_field(part, at);
        return true;
    case 2: /* another size */
        if (!plain ||
            (strcmp(field->type, "buffer") != 0 && strcmp(field->type, "unused_buffer") != 0))
            return false;
        field->size += choose(chooser, 2) || field->size == 1 ? 1 : -1U;
        return true;
    case 3: /* another class or type */
        if (!plain)
            return false;
        *field = choose_plain_field(plan, chooser, false);
        return true;
    case 4: /* moved */
        if (part->field_count < 2 || at + 1 == part->field_count)
            return false;
        insert_field(part, at + 2, part->fields[at]);
        remove_field(part, at);
        return true;
    case 5: /* an array's elements */
        if (!part->field_count || field->holds != HOLDS_ARRAY)
            return false;
        field->count = field->count == 2 && choose(chooser, 2) ? 3 : 1;
        return true;
    default: /* a structure or list more */
        if (plan->part_count == MOST_PARTS)
            return false;
        choose_embedded(plan, chooser, choose(chooser, 2) ? "e" : "ae", false, 1);
        return true;
    }
}

static inline struct plan_field buffer_field(struct plan *plan, unsigned size)
{
    return (struct plan_field){
        .name = plan->next_name++, .type = "buffer", .size = size, .part = NO_PART};
}

/* A field becomes as many bytes as a framed record of it, or the reverse. */
static inline bool edit_frame(struct plan *plan, struct chooser *chooser, struct plan_part *part)
{
    enum { FRAME = 4 + 4 + 1 };
    unsigned at = part->field_count ? choose(chooser, part->field_count) : 0;
    struct plan_field *field = &part->fields[at];
    if (!part->field_count || field->holds == HOLDS_LIST || field->holds == HOLDS_ARRAY)
        return false;
    if (field->holds == HOLDS_STRUCTURE) {
        *field = buffer_field(plan, FRAME + least_size(plan, field->part));
        return true;
    }
    if (field->size <= FRAME || plan->part_count == MOST_PARTS)
        return false;
    unsigned size = field->size - FRAME;
    *field = (struct plan_field){.name = plan->next_name++,
                                 .holds = HOLDS_STRUCTURE,
                                 .part = add_part(plan, choose(chooser, 2) ? "g" : "ag"),
                                 .count = 1};
    insert_field(&plan->parts[field->part], 0, buffer_field(plan, size));
    return true;
}

/* Puts the same bytes into other fields. */
static inline bool edit_shape(struct plan *plan, struct chooser *chooser, struct plan_part *part)
{
    unsigned at = part->field_count ? choose(chooser, part->field_count) : 0;
    struct plan_field *field = &part->fields[at], was = *field;
    bool plain = part->field_count && field->holds == HOLDS_PLAIN;
    bool room = plan->part_count < MOST_PARTS && part->field_count < MOST_FIELDS;
    switch (choose(chooser, 6)) {
    case 0: /* one or two fields come into a structure */
        if (!room || !plain)
            return false;
        *field = (struct plan_field){.name = plan->next_name++,
                                     .holds = HOLDS_STRUCTURE,
                                     .part = add_part(plan, choose(chooser, 2) ? "g" : "ag"),
                                     .count = 1};
        insert_field(&plan->parts[field->part], 0, was);
        if (at + 1 < part->field_count && choose(chooser, 2)) {
            insert_field(&plan->parts[field->part], 1, part->fields[at + 1]);
            remove_field(part, at + 1);
        }
        return true;
    case 1: /* or out of it */
        if (!part->field_count || field->holds != HOLDS_STRUCTURE ||
            part->field_count + plan->parts[field->part].field_count > MOST_FIELDS)
            return false;
        remove_field(part, at);
        for (unsigned i = 0; i < plan->parts[was.part].field_count; i++)
            insert_field(part, at + i, plan->parts[was.part].fields[i]);
        return true;
    case 2: /* a field becomes two */
        if (!room || !plain || was.size < 2 || strcmp(was.type, "nullptr") == 0)
            return false;
        *field = buffer_field(plan, 1 + choose(chooser, was.size - 1));
        insert_field(part, at + 1, buffer_field(plan, was.size - field->size));
        return true;
    case 3: /* two become one */
        if (at + 1 >= part->field_count || !plain || field[1].holds != HOLDS_PLAIN)
            return false;
        *field = buffer_field(plan, was.size + field[1].size);
        remove_field(part, at + 1);
        return true;
    case 4: /* an array of structures becomes unused bytes */
        if (!part->field_count || field->holds != HOLDS_ARRAY)
            return false;
        *field = (struct plan_field){.name = was.name,
                                     .type = "unused_buffer",
                                     .size = was.count * least_size(plan, was.part),
                                     .part = NO_PART};
        return true;
    default: /* a structure without bytes */
        if (!room)
            return false;
        return insert_field(
            part, at,
            (struct plan_field){.name = plan->next_name++,
                                .holds = HOLDS_STRUCTURE,
                                .part = add_part(plan, choose(chooser, 2) ? "h" : "ah"),
                                .count = 1});
    }
}

static inline bool edit_subsections(struct plan *plan, struct chooser *chooser,
                                    struct plan_part *part)
{
    unsigned at = part->subsection_count ? choose(chooser, part->subsection_count) : 0;
    unsigned before = plan->part_count;
    switch (choose(chooser, 3)) {
    case 0:
        if (before == MOST_PARTS)
            return false;
        choose_subsection(plan, chooser, false);
        return plan->part_count > before;
    case 1:
        if (!part->subsection_count)
            return false;
        memmove(&part->subsections[at], &part->subsections[at + 1],
                (--part->subsection_count - at) * sizeof(part->subsections[0]));
        return true;
    default:
        if (!part->subsection_count)
            return false;
        strcat(plan->parts[part->subsections[at]].name, choose(chooser, 2) ? "w" : "x");
        return true;
    }
}

static inline bool edit_versions(struct plan *plan, struct chooser *chooser, struct plan_part *part)
{
    int by = choose(chooser, 2) || !part->lowest ? 1 : -1;
    if (plan->dump && choose(chooser, 2)) {
        part->highest += 1;
        return true;
    }
    part->version += (unsigned)by;
    part->highest += (unsigned)by;
    part->lowest += (unsigned)by;
    return true;
}

static inline bool edit_devices(struct plan *plan, struct chooser *chooser)
{
    if (plan->device_count > 1 && choose(chooser, 2)) {
        unsigned at = choose(chooser, plan->device_count);
        plan->devices[at] = plan->devices[--plan->device_count];
        return true;
    }
    if (plan->device_count == MOST_DEVICES || plan->part_count == MOST_PARTS)
        return false;
    plan->devices[plan->device_count].idstr = "d";
    plan->devices[plan->device_count++].part = add_part(plan, "v");
    choose_plain_fields(plan, chooser, (int)plan->part_count - 1, false, 0);
    return true;
}

/* Makes one edit: what another release may differ in. */
static inline void edit_plan(struct plan *plan, struct chooser *chooser)
{
    const struct plan before = *plan;
    for (unsigned tries = 0; tries < 20; tries++) {
        struct plan_part *part = &plan->parts[choose(chooser, plan->part_count)];
        bool done;
        switch (choose(chooser, 12)) {
        case 8:
        case 9:
            done = edit_shape(plan, chooser, part);
            break;
        case 10:
        case 11:
            done = edit_frame(plan, chooser, part);
            break;
        case 0:
            done = edit_devices(plan, chooser);
            break;
        case 1:
            done = edit_versions(plan, chooser, part);
            break;
        case 2:
        case 3:
            done = edit_subsections(plan, chooser, part);
            break;
        default:
            done = edit_fields(plan, chooser, part);
        }
        if (done && !has_empty_elements(plan))
            return;
        *plan = before;
    }
}

#endif
