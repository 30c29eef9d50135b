/* SPDX-License-Identifier: MIT */
/*
 * Commits a source: puts each loaded structure into its family, then adds the structures and
 * devices to the schema. Knows nothing of the kinds of sources.
 */
#include "schema/commit.h"

#include "schema/families.h"

bool walk_commit(struct source_walk *walk)
{
    struct vmwire_schema_loading *loading = walk->schema->loading;
    for (struct vmwire_structure *structure = walk->structures; structure != NULL;
         structure = structure->next)
        if (!add_to_family(walk, (struct layout *)structure))
            return false;
    if (walk->structures != NULL) {
        *loading->structures_end = walk->structures;
        loading->structures_end = walk->structures_end;
    }
    if (walk->devices != NULL) {
        *loading->devices_end = walk->devices;
        loading->devices_end = walk->devices_end;
        loading->device_count += walk->device_count;
    }
    return true;
}
