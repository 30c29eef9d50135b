/* SPDX-License-Identifier: MIT */
/*
 * The mutator of descriptions and dumps. It changes the JSON as a tree, so that the result is JSON: it removes and
 * repeats elements, replaces a part by another, nests one in itself, and changes numbers, strings and keys.
 * Sometimes, and where the input is no JSON, it mutates bytes.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mutator/fuzzing_engine.h"

enum { MOST_NODES = 1 << 14, MOST_CHANGES = 4, LONGEST_STRING = 1024, DEEPEST = 80 };

/* A value and its place. */
struct node {
    json_t *value, *parent; /* NULL: this is the root */
    const char *key;        /* in an object */
    size_t index;           /* in an array */
    size_t up;              /* the number of the parent */
};

struct tree {
    json_t *root;
    struct node nodes[MOST_NODES];
    size_t count;
    struct chooser chooser;
};

static void add_node(struct tree *tree, struct node node)
{
    if (tree->count < MOST_NODES)
        tree->nodes[tree->count++] = node;
}

/* Lists all values of the tree, each after its parent. */
static void list_nodes(struct tree *tree)
{
    tree->count = 0;
    add_node(tree, (struct node){.value = tree->root});
    for (size_t i = 0; i < tree->count; i++) {
        json_t *parent = tree->nodes[i].value, *value;
        const char *key;
        size_t index;
        if (json_is_object(parent))
            json_object_foreach(parent, key, value) add_node(
                tree, (struct node){.value = value, .parent = parent, .key = key, .up = i});
        else
            json_array_foreach(parent, index, value) add_node(
                tree, (struct node){.value = value, .parent = parent, .index = index, .up = i});
    }
}

/* The keys and types of descriptions and dumps. */
static const char *any_word(struct tree *tree)
{
    static const char *const words[] = {"devices",       "name",         "instance_id",
                                        "vmsd_name",     "version",      "fields",
                                        "subsections",   "struct",       "array_len",
                                        "index",         "type",         "size",
                                        "Description",   "Fields",       "Subsections",
                                        "version_id",    "field_exists", "minimum_version_id",
                                        "vmschkmachine", "page_size",    "uint8",
                                        "bool",          "buffer",       "unused_buffer",
                                        "nullptr",       "qtailq",       "uint8 equal",
                                        "virtio",        "tmp"};
    return words[choose(&tree->chooser, sizeof(words) / sizeof(words[0]))];
}

/* Returns a number at a limit, or one next to the old value. */
static json_t *any_number(struct tree *tree, const json_t *there)
{
    static const json_int_t numbers[] = {
        0,     1,       2,         -1,         7,
        64,    255,     256,       257,        65535,
        65536, 1 << 20, INT32_MAX, UINT32_MAX, (json_int_t)1 << 32};
    if (choose(&tree->chooser, 2))
        return json_integer((json_int_t)((uint64_t)json_integer_value(there) + 1 -
                                         2 * (uint64_t)choose(&tree->chooser, 2)));
    return json_integer(numbers[choose(&tree->chooser, sizeof(numbers) / sizeof(numbers[0]))]);
}

static json_t *any_string(struct tree *tree)
{
    static const size_t lengths[] = {0, 1, 254, 255, 256, 257, LONGEST_STRING};
    char text[LONGEST_STRING + 1];
    const json_t *other = tree->nodes[choose(&tree->chooser, tree->count)].value;
    size_t way = choose(&tree->chooser, 3);
    if (way == 0)
        return json_string(any_word(tree));
    if (way == 1 && json_is_string(other))
        return json_string(json_string_value(other));
    size_t length = lengths[choose(&tree->chooser, sizeof(lengths) / sizeof(lengths[0]))];
    memset(text, 'a', length);
    return json_stringn(text, length);
}

/* Replaces the node by a new value, which the tree then owns. */
static void replace(struct tree *tree, const struct node *node, json_t *value)
{
    if (json_is_object(node->parent)) {
        json_object_set_new(node->parent, node->key, value);
    } else if (node->parent) {
        json_array_set_new(node->parent, node->index, value);
    } else {
        json_decref(tree->root);
        tree->root = value;
    }
}

static void drop(const struct node *node)
{
    if (json_is_object(node->parent))
        json_object_del(node->parent, node->key);
    else if (node->parent)
        json_array_remove(node->parent, node->index);
}

/* Returns how often to repeat something: mostly once, and less often in a large tree. */
static size_t times(struct tree *tree, size_t most)
{
    size_t room = MOST_NODES / tree->count + 1;
    return choose(&tree->chooser, 8) ? 1 : choose(&tree->chooser, most < room ? most : room);
}

static void repeat(struct tree *tree, const struct node *node)
{
    if (json_is_object(node->parent))
        json_object_set_new(node->parent, any_word(tree), json_deep_copy(node->value));
    for (size_t left = times(tree, 300); left && json_is_array(node->parent); left--)
        json_array_insert_new(node->parent, node->index, json_deep_copy(node->value));
}

static json_t *inside(json_t *value, const struct tree *tree, const size_t *path, size_t length)
{
    for (; value && length; length--) {
        const struct node *node = &tree->nodes[path[length - 1]];
        value = node->key ? json_object_get(value, node->key) : json_array_get(value, node->index);
    }
    return value;
}

/* Replaces a node by a copy of an ancestor, several times. */
static void nest(struct tree *tree, size_t number)
{
    size_t path[DEEPEST], length = 0, around = number, above = 1 + choose(&tree->chooser, 6);
    for (; tree->nodes[around].parent && length < above; around = tree->nodes[around].up)
        path[length++] = around;
    const struct node *outer = &tree->nodes[around], *inner = &tree->nodes[number];
    json_t *nested = json_deep_copy(outer->value);
    for (size_t left = times(tree, DEEPEST); length && left; left--) {
        json_t *next = json_deep_copy(outer->value);
        struct node place = *inner;
        place.parent = inside(next, tree, path + 1, length - 1);
        replace(tree, &place, nested);
        nested = next;
    }
    replace(tree, outer, nested);
}

static void change(struct tree *tree)
{
    list_nodes(tree);
    size_t number = choose(&tree->chooser, tree->count);
    const struct node *node = &tree->nodes[number];
    const struct node *other = &tree->nodes[choose(&tree->chooser, tree->count)];
    switch (choose(&tree->chooser, 8)) {
    case 0:
        drop(node);
        break;
    case 1:
        repeat(tree, node);
        break;
    case 2:
        replace(tree, node, json_deep_copy(other->value));
        break;
    case 3:
        nest(tree, number);
        break;
    default:
        if (json_is_string(node->value))
            replace(tree, node, any_string(tree));
        else if (json_is_number(node->value))
            replace(tree, node, any_number(tree, node->value));
        break;
    }
}

unsigned input_kind(const uint8_t *data, size_t size)
{
    (void)data;
    (void)size;
    return INPUT_KINDS;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    static struct tree tree;
    json_error_t error;
    tree.chooser = (struct chooser){seed};
    tree.count = 0;
    tree.root = choose(&tree.chooser, 8) ? json_loadb((const char *)data, size, 0, &error) : NULL;
    if (!tree.root)
        return mutate_bytes(&tree.chooser, data, size, max_size);
    for (size_t left = 1 + choose(&tree.chooser, MOST_CHANGES); left && tree.count < MOST_NODES;
         left--)
        change(&tree);
    size_t made = json_dumpb(tree.root, (char *)data, max_size, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(tree.root);
    return made <= max_size && made ? made : mutate_bytes(&tree.chooser, data, size, max_size);
}
