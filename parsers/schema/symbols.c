/* SPDX-License-Identifier: MIT */
/*
 * A hash table of names. It doubles when it has as many names as buckets. Knows nothing of what
 * they name.
 */
#include "schema/symbols.h"

#include <string.h>

enum { FIRST_BUCKETS = 1024 };

/* The seed is an address. So nobody can write a description whose names all fall into one
 * bucket. */
static uint64_t hash_name(const struct vmwire_schema *schema, const char *text, size_t length)
{
    uint64_t hash = (uint64_t)(uintptr_t)schema * UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
        hash ^= hash >> 29;
    }
    return hash ^ hash >> 32;
}

struct bucket {
    struct symbol *first;
};

static void bucket_add(struct bucket *bucket, struct symbol *symbol)
{
    symbol->next = bucket->first;
    bucket->first = symbol;
}

static void double_buckets(struct vmwire_schema *schema)
{
    struct vmwire_schema_loading *loading = schema->loading;
    size_t count = loading->bucket_count == 0 ? FIRST_BUCKETS : 2 * loading->bucket_count;
    struct bucket *buckets = vmwire_arena_alloc(schema->arena, count * sizeof(*buckets));
    for (size_t i = 0; i < loading->bucket_count; i++) {
        struct symbol *symbol = loading->buckets[i].first;
        while (symbol != NULL) {
            struct symbol *next = symbol->next;
            bucket_add(&buckets[symbol->hash & (count - 1)], symbol);
            symbol = next;
        }
    }
    loading->buckets = buckets;
    loading->bucket_count = count;
}

struct symbol *intern_name(struct vmwire_schema *schema, const char *text, size_t length)
{
    struct vmwire_schema_loading *loading = schema->loading;
    if (loading->symbol_count >= loading->bucket_count)
        double_buckets(schema);
    uint64_t hash = hash_name(schema, text, length);
    struct bucket *bucket = &loading->buckets[hash & (loading->bucket_count - 1)];
    for (struct symbol *symbol = bucket->first; symbol != NULL; symbol = symbol->next)
        if (symbol->hash == hash && strcmp(symbol->text, text) == 0)
            return symbol;

    struct symbol *symbol = vmwire_arena_alloc(schema->arena, sizeof(*symbol) + length + 1);
    symbol->hash = hash;
    memcpy(symbol->text, text, length);
    bucket_add(bucket, symbol);
    loading->symbol_count++;
    return symbol;
}
