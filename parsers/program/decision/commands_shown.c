/* SPDX-License-Identifier: MIT */
/*
 * Writes down commands.
 */
#include "program/decision/commands_shown.h"

static bool is_todays_wire(const struct vmwire_option *option)
{
    return option->stream_version == vmwire_options[0].stream_version &&
           option->subsections == VMWIRE_SUBSECTION_INLINE;
}

/* The stream of an old machine type stays as it is. */
static struct variant variant_of(size_t column, const struct row *row)
{
    struct variant variant = variant_at(column);
    if (variant.change == CHANGE_NEW_MACHINES && !row->variants[column].changed)
        variant.writes = variant.reads = variant.old;
    return variant;
}

const char *show_command(const struct decision *decision, const char *command, size_t column,
                         const struct row *row)
{
    const struct variant variant = variant_of(column, row);
    const char *existing = variant.change == CHANGE_EXISTING ? row->existing : "";
    if (is_todays_wire(variant.writes))
        return say(decision, "vmwire %s --option %s%s %s", command, variant.reads->name,
                   row->schemas, row->word);
    return say(decision, "vmwire convert --to %s%s%s %s | vmwire %s --option %s%s%s -",
               variant.writes->name, row->schemas, existing, row->word, command,
               variant.reads->name, row->schemas, existing);
}

const char *show_crossing(const struct decision *decision, const struct vmwire_option *writes,
                          const struct vmwire_option *reads, const struct row *row)
{
    return say(decision, "vmwire convert --to %s%s %s | vmwire parse --stats --option %s%s -",
               writes->name, row->schemas, row->word, reads->name, row->schemas);
}

const char *show_compare(const struct decision *decision)
{
    return say(decision, "vmwire compare --json%s%s", decision->table->since_words,
               decision->table->words);
}

const char *show_costs(const struct decision *decision)
{
    return say(decision, "vmwire compare --costs --json%s", decision->table->words);
}

const char *show_guests(const struct decision *decision, const struct vmwire_option *reads)
{
    return is_todays_wire(reads)
               ? say(decision, "vmwire replay --json %s", decision->table->guests[0].folder)
               : show_compare(decision);
}
