/* SPDX-License-Identifier: MIT */
/* Generates descriptions from numbers; see schema_generator.h. Every choice here is part of the meaning of kept
 * inputs. */
#include "inputs/schema_generator.h"

#include <assert.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MOST_STRUCTURES = 3,
    MOST_SUBSECTIONS = 2,
    NEST_SUBSECTIONS = 3,
    MOST_NODES = MOST_STRUCTURES + NEST_SUBSECTIONS,
};

/* Devices of these numbers have a subsection in a subsection. All other numbers mean the same as before this
 * range was added. */
enum { FIRST_NESTED = 0xe000, END_NESTED = 0xf800 };

struct chooser {
    uint64_t state;
};

/* splitmix64 */
static unsigned choose(struct chooser *chooser, unsigned count)
{
    assert(count);
    uint64_t value = chooser->state += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return (unsigned)((value ^ value >> 31) >> 32) % count;
}

const char *difference_name(enum difference difference)
{
    static const char *const names[] = {"none", "subsection", "field", "version", "embedded"};
    return names[difference];
}

static json_t *structure(const char *name)
{
    return json_pack("{s:s, s:i, s:[]}", "vmsd_name", name, "version", 1, "fields");
}

static void add_field(json_t *structure, const char *name, const char *type, int size)
{
    json_array_append_new(json_object_get(structure, "fields"),
                          json_pack("{s:s, s:s, s:i}", "name", name, "type", type, "size", size));
}

/* Adds a field that is not embedded. */
static void generate_field(struct chooser *chooser, json_t *structure)
{
    static const struct {
        const char *type;
        int least, range; /* bytes */
    } kinds[] = {{"uint8", 1, 1},  {"uint16", 2, 1},  {"uint32", 4, 1},
                 {"uint64", 8, 1}, {"bool", 1, 1},    {"unused_buffer", 1, 12},
                 {"buffer", 1, 8}, {"buffer", 8, 40}, {"buffer", 8, 40}};
    unsigned kind = choose(chooser, sizeof(kinds) / sizeof(kinds[0]));
    char name[16];
    snprintf(name, sizeof(name), "f%zu", json_array_size(json_object_get(structure, "fields")));
    add_field(structure, name, kinds[kind].type,
              kinds[kind].least + (int)choose(chooser, (unsigned)kinds[kind].range));
}

static void generate_fields(struct chooser *chooser, json_t *structure)
{
    for (unsigned count = choose(chooser, 3); count; count--)
        generate_field(chooser, structure);
}

/* Embeds a structure once, or twice if its elements have bytes: a description has no empty elements. */
static void embed(struct chooser *chooser, json_t *outer, const char *name, json_t *inner)
{
    const json_t *first = json_array_get(json_object_get(inner, "fields"), 0);
    bool bytes = first && !json_object_get(first, "struct");
    json_t *field = json_pack("{s:s, s:s, s:i, s:O}", "name", name, "type", "struct", "size", 0,
                              "struct", inner);
    if (choose(chooser, 3) == 0 && bytes)
        json_object_set_new(field, "array_len", json_integer(2));
    json_array_append_new(json_object_get(outer, "fields"), field);
}

static void add_subsection(json_t *owner, json_t *subsection)
{
    if (!json_object_get(owner, "subsections"))
        json_object_set_new(owner, "subsections", json_array());
    json_array_append(json_object_get(owner, "subsections"), subsection);
}

/* Names the subsection as QEMU does, OWNER/NAME, and sometimes otherwise. */
static json_t *generate_subsection(struct chooser *chooser, const json_t *owner, unsigned number)
{
    char name[64];
    const char *of = json_string_value(json_object_get(owner, "vmsd_name"));
    const char *between = choose(chooser, 8) ? "/" : "";
    if (choose(chooser, 10) == 0)
        snprintf(name, sizeof(name), "x%u", number);
    else
        snprintf(name, sizeof(name), "%s%s%c", of, between, 'a' + number);
    json_t *subsection = structure(name);
    generate_fields(chooser, subsection);
    return subsection;
}

/* The size of a structure counts all bytes of its record, including subsections and their headers. */
static json_int_t set_sizes(json_t *structure)
{
    json_int_t total = 0;
    size_t i;
    json_t *field;
    json_array_foreach(json_object_get(structure, "fields"), i, field)
    {
        json_t *inner = json_object_get(field, "struct");
        if (inner) /* the depth is at most the number of structures */
            json_object_set_new(field, "size", json_integer(set_sizes(inner)));
        json_t *count = json_object_get(field, "array_len");
        total += json_integer_value(json_object_get(field, "size")) *
                 (count ? json_integer_value(count) : 1);
    }
    json_array_foreach(json_object_get(structure, "subsections"), i, field)
    {
        total += 1 + 1 + (json_int_t)json_string_length(json_object_get(field, "vmsd_name")) + 4 +
                 set_sizes(field);
    }
    return total;
}

static void apply_difference(struct chooser *chooser, enum difference difference, json_t **nodes,
                             unsigned structures, unsigned subsections)
{
    json_t *changed = nodes[choose(chooser, structures)];
    json_t *added = NULL;
    unsigned number;
    switch (difference) {
    case DIFFERENCE_SUBSECTION:
        added = generate_subsection(chooser, changed, 2);
        add_subsection(changed, added);
        break;
    case DIFFERENCE_FIELD:
        generate_field(chooser, changed);
        break;
    case DIFFERENCE_VERSION:
        /* Only the device and its subsections have a version on the wire, not embedded structures. */
        number = choose(chooser, 1 + subsections);
        json_object_set_new(nodes[number ? structures - 1 + number : 0], "version",
                            json_integer(2));
        break;
    case DIFFERENCE_EMBEDDED:
        added = structure("N");
        generate_field(chooser, added);
        embed(chooser, changed, "anew", added);
        break;
    default:
        break;
    }
    json_decref(added);
}

/* Generates a subsection with a subsection of its own, and one beside it, whose header follows both. */
static void generate_nest(struct chooser *chooser, json_t **nodes, unsigned structures)
{
    json_t *owner = nodes[choose(chooser, structures)];
    json_t **nest = nodes + structures;
    nest[0] = generate_subsection(chooser, owner, 0);
    nest[1] = generate_subsection(chooser, nest[0], 1);
    nest[2] = generate_subsection(chooser, owner, 3); /* DIFFERENCE_SUBSECTION adds number 2 */
    add_subsection(owner, nest[0]);
    add_subsection(nest[0], nest[1]);
    add_subsection(owner, nest[2]);
}

/* Generates a field that decides, and one or two fields of the structure behind it that have so many elements. */
static void generate_dependence(struct chooser *chooser, json_t *structure)
{
    static const int sizes[] = {1, 4, 1};
    json_t *fields = json_object_get(structure, "fields");
    size_t at = choose(chooser, (unsigned)json_array_size(fields) + 1);
    int count = 1 + (int)choose(chooser, 5), size = sizes[choose(chooser, 3)];
    char name[16];
    snprintf(name, sizeof(name), DECIDING_FIELD "%d_%zu", count, json_array_size(fields));
    json_array_insert_new(fields, at++,
                          json_pack("{s:s, s:s, s:i, s:s, s:b}", "name", name, "type",
                                    size == 1 ? "uint8" : "uint32", "size", size, "class",
                                    "checked", "determines", true));
    for (unsigned uses = 1 + choose(chooser, 2); uses; uses--) {
        at += choose(chooser, (unsigned)(json_array_size(fields) - at) + 1);
        bool buffer = choose(chooser, 2);
        snprintf(name, sizeof(name), "c%zu", json_array_size(fields));
        json_array_insert_new(
            fields, at,
            json_pack("{s:s, s:s, s:i, s:i}", "name", name, "type", buffer ? "buffer" : "bool",
                      "size", buffer ? 1 + (int)choose(chooser, 8) : 1, "array_len", count));
    }
}

/* What a device has beside structures and subsections. */
enum features { PLAIN_DEVICE, NESTED_SUBSECTION, DEPENDENT_LAYOUT };

/* Generates the structure of one device and the structures that it embeds. */
static json_t *generate_device(struct chooser *chooser, enum difference difference,
                               enum features features)
{
    const bool nest = features == NESTED_SUBSECTION;
    static const char *const names[][MOST_STRUCTURES] = {{"D", "S", "T"},
                                                         {"D", "S", "ST"},
                                                         {"D", "DS", "DST"},
                                                         {"D", "D/a", "S"},
                                                         {"dev", "S/a", "S"}};
    const char *const *named = names[choose(chooser, sizeof(names) / sizeof(names[0]))];
    unsigned structures = 1 + choose(chooser, MOST_STRUCTURES);
    unsigned subsections = choose(chooser, MOST_SUBSECTIONS + 1);
    if (nest)
        subsections = NEST_SUBSECTIONS;
    json_t *nodes[MOST_NODES] = {NULL};
    unsigned parents[MOST_NODES] = {0};
    for (unsigned i = 0; i < structures; i++) {
        nodes[i] = structure(named[i]);
        parents[i] = i ? choose(chooser, i) : 0;
        generate_fields(chooser, nodes[i]);
    }
    if (nest)
        generate_nest(chooser, nodes, structures);
    unsigned owner = 0;
    for (unsigned i = structures; !nest && i < structures + subsections; i++) {
        owner = choose(chooser, 3) ? choose(chooser, i) : owner;
        nodes[i] = generate_subsection(chooser, nodes[owner], i - structures);
        add_subsection(nodes[owner], nodes[i]);
    }
    for (unsigned i = structures - 1; i > 0; i--) {
        char name[16];
        snprintf(name, sizeof(name), "e%u", i);
        embed(chooser, nodes[parents[i]], name, nodes[i]);
        generate_fields(chooser, nodes[parents[i]]);
    }
    for (unsigned i = 0; features == DEPENDENT_LAYOUT && i < 2; i++)
        if (!i || choose(chooser, 3) == 0)
            generate_dependence(chooser, nodes[choose(chooser, structures + subsections)]);
    struct chooser different = *chooser; /* the choices below are the same in both releases */
    apply_difference(&different, difference, nodes, structures, subsections);
    choose(chooser, structures);
    json_t *root = json_incref(nodes[0]);
    for (unsigned i = 0; i < structures + subsections; i++)
        json_decref(nodes[i]);
    set_sizes(root);
    return root;
}

char *generate_description(unsigned number, enum difference difference)
{
    struct chooser chooser = {number};
    enum features features = number >= FIRST_DEPENDENT                       ? DEPENDENT_LAYOUT
                             : number >= FIRST_NESTED && number < END_NESTED ? NESTED_SUBSECTION
                                                                             : PLAIN_DEVICE;
    json_t *devices = json_array();
    unsigned count = 1 + choose(&chooser, 2);
    for (unsigned i = 0; i < count; i++) {
        json_t *device = generate_device(&chooser, i ? DIFFERENCE_NONE : difference, features);
        const char idstr[] = {(char)('d' + i), '\0'};
        json_object_set_new(device, "name", json_string(idstr));
        json_object_set_new(device, "instance_id", json_integer(0));
        json_array_append_new(devices, device);
    }
    json_t *description = json_pack("{s:i, s:o}", "page_size", 4096, "devices", devices);
    char *text = json_dumps(description, JSON_COMPACT);
    json_decref(description);
    return text;
}
