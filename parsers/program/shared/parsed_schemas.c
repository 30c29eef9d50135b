/* SPDX-License-Identifier: MIT */
/*
 * Keeps the JSON of schemas in a list. A run names few.
 */
#include "program/shared/parsed_schemas.h"

#include <stdlib.h>
#include <string.h>

struct parsed_schema {
    struct parsed_schema *next;
    char *file, *folder; /* as it was named, and the folder in which it had to be; NULL: anywhere */
    json_t *root;
};

static bool is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

json_t *find_parsed_schema(const struct parsed_schemas *parsed, const char *file,
                           const struct place *place)
{
    for (const struct parsed_schema *each = parsed->first; each; each = each->next)
        if (is_same(each->file, file) && is_same(each->folder, place->folder))
            return each->root;
    return NULL;
}

static void release(struct parsed_schema *schema)
{
    free(schema->file);
    free(schema->folder);
    json_decref(schema->root);
    free(schema);
}

void keep_parsed_schema(struct parsed_schemas *parsed, const char *file, const struct place *place,
                        json_t *root)
{
    struct parsed_schema *kept = calloc(1, sizeof(*kept));
    if (!kept)
        return;
    kept->file = strdup(file);
    kept->folder = place->folder ? strdup(place->folder) : NULL;
    if (!kept->file || (place->folder && !kept->folder)) {
        release(kept);
        return;
    }
    kept->root = json_incref(root);
    kept->next = parsed->first;
    parsed->first = kept;
}

void forget_parsed_schemas(struct parsed_schemas *parsed)
{
    while (parsed->first) {
        struct parsed_schema *next = parsed->first->next;
        release(parsed->first);
        parsed->first = next;
    }
}
