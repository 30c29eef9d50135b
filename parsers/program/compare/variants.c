/* SPDX-License-Identifier: MIT */
/*
 * The table of variants. It must not know streams.
 */
#include "program/compare/variants.h"

/* The release before has today's reader, unless the row says otherwise. */
static const char today[] = "heuristic";

static const struct variant_names {
    const char *name, *about, *writes, *reads, *before, *old;
    enum variant_change change;
} names[] = {
    {"older-legacy", "today's streams, and the release before reads as legacy", "heuristic",
     "legacy", "legacy", NULL, CHANGE_NOTHING},
    {"older-guarded", "today's streams, and the release before reads as guarded", "heuristic",
     "guarded", "guarded", NULL, CHANGE_NOTHING},
    {"backported",
     "today's streams; the release before read as guarded, and gets heuristic in an update",
     "heuristic", "heuristic", "heuristic", NULL, CHANGE_NOTHING},
    {"bumped", "heuristic, and each device that has subsections gets another version", "heuristic",
     "heuristic", "heuristic", NULL, CHANGE_VERSIONS},
    {"toplevel-existing", "toplevel, and what the release before declares stays inline", "toplevel",
     "toplevel", "heuristic", NULL, CHANGE_EXISTING},
    {"flagday-new", "flagday for new machine types, heuristic for old ones", "flagday", "flagday",
     "heuristic", "heuristic", CHANGE_NEW_MACHINES},
    {"fields", "no subsections: each is fields that are always sent, and another version",
     "heuristic", "heuristic", "heuristic", NULL, CHANGE_FIELDS},
};

size_t count_variants(void)
{
    return vmwire_option_count + sizeof(names) / sizeof(names[0]);
}

struct variant variant_at(size_t index)
{
    if (index < vmwire_option_count) {
        const struct vmwire_option *option = &vmwire_options[index];
        return (struct variant){
            .name = option->name,
            .about = option->about,
            .writes = option,
            .reads = option,
            .before = vmwire_option_find(today),
        };
    }
    const struct variant_names *row = &names[index - vmwire_option_count];
    return (struct variant){
        .name = row->name,
        .about = row->about,
        .writes = vmwire_option_find(row->writes),
        .reads = vmwire_option_find(row->reads),
        .before = vmwire_option_find(row->before),
        .old = row->old ? vmwire_option_find(row->old) : NULL,
        .change = row->change,
    };
}
