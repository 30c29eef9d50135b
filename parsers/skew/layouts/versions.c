/* SPDX-License-Identifier: MIT */
#include "skew/layouts/versions.h"

#include "skew/layouts/layout_difference.h"
#include "skew/layouts/subsections.h"
#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/shared/release.h"

static const struct vmwire_structure *known_of(struct view view)
{
    return view.declared ? view.declared : view.dumped ? view.dumped : view.described;
}

/* The versions that a reader takes. */
struct versions {
    uint32_t lowest, highest;
};

static struct versions versions_of(const struct vmwire_structure *structure)
{
    struct versions versions = {structure->described_minimum_version_id,
                                structure->described_version_id};
    if (versions.lowest > versions.highest)
        versions.lowest = versions.highest;
    return versions;
}

/* The version that a section says, or one of a structure within it. */
static const char *rule_of(const struct waiting *of, bool newer)
{
    return !newer ? "version-older" : of->path[0] == 0 ? "version-newer" : "structure-newer";
}

static const char *refused_version(const struct comparison *comparison, const struct waiting *of,
                                   const struct vmwire_skew_rule *rule, uint32_t limit)
{
    const struct skew *skew = comparison->skew;
    const char *version = vmwire_text(skew->arena, "%u", of->writer.version_id),
               *own = vmwire_text(skew->arena, "%u", limit);
    const char *const of_section[] = {version, comparison->section->idstr, own},
                      *const of_structure[] = {view_name(of->writer), version, own};
    return fill_message(skew->arena, reader_message(skew, rule),
                        rule == skew_rule("version-newer") ? of_section : of_structure, 3);
}

bool compare_versions(const struct comparison *comparison, const struct waiting *of)
{
    const struct vmwire_structure *structure = known_of(of->reader);
    const struct skew *skew = comparison->skew;
    const struct versions reader = versions_of(structure);
    const uint32_t version = of->writer.version_id;
    bool newer = version > reader.highest, older = version < reader.lowest;
    if (!of->versioned || !view_name(of->writer) || structure->version_id == UINT32_MAX ||
        (!newer && !older))
        return true;
    struct vmwire_difference difference = begin_difference(comparison, of, rule_of(of, newer));
    difference.writer = vmwire_text(skew->arena, "version %u", version);
    difference.reader =
        reader.lowest < reader.highest
            ? vmwire_text(skew->arena, "versions %u to %u", reader.lowest, reader.highest)
            : vmwire_text(skew->arena, "version %u", reader.highest);
    difference.message =
        refused_version(comparison, of, difference.rule, newer ? reader.highest : reader.lowest);
    difference.offset = of->path[0]
                            ? offset_of_subsection(skew->writer, comparison->section->written,
                                                   view_name(of->writer))
                            : VMWIRE_ERROR_NO_OFFSET;
    if (difference.offset == VMWIRE_ERROR_NO_OFFSET)
        difference.offset = difference.section_offset;
    const char *need = of->path[0] ? need_of_subsection(view_name(of->writer)) : NULL;
    if (need)
        difference.advice = vmwire_text(skew->arena, "%s %s", need, difference.rule->advice);
    if (older && !of->reader.declared && !of->reader.dumped)
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "nothing tells from which version on the reader accepts it; give its program");
    add_difference(comparison->skew, difference);
    return false;
}
