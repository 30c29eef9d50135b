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

const char *show_command(const struct decision *decision, const char *command, size_t column,
                         const struct row *row)
{
    struct variant variant = variant_at(column);
    if (!is_todays_wire(variant.writes))
        return say(decision, "vmwire convert --to %s%s %s | vmwire %s --option %s%s -",
                   variant.writes->name, row->schemas, row->file, command, variant.writes->name,
                   row->schemas);
    if (variant.reads == variant.writes)
        return say(decision, "vmwire %s --option %s%s %s", command, variant.reads->name,
                   row->schemas, row->file);
    return say(decision, "vmwire skew --option %s --to %s%s %s %s", variant.writes->name,
               variant.reads->name, row->schemas, row->file, row->file);
}

const char *show_crossing(const struct decision *decision, const struct vmwire_option *writes,
                          const struct vmwire_option *reads, const struct row *row)
{
    return say(decision, "vmwire convert --to %s%s %s | vmwire parse --stats --option %s%s -",
               writes->name, row->schemas, row->file, reads->name, row->schemas);
}

const char *show_compare(const struct decision *decision)
{
    return say(decision, "vmwire compare --json %s", decision->table->files);
}
