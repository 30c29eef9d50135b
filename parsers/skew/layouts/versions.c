/* SPDX-License-Identifier: MIT */
#include "skew/layouts/versions.h"

#include "skew/layouts/layout_difference.h"

static const struct vmwire_structure *known_of(struct view view)
{
    return view.declared ? view.declared : view.described;
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

static const char *refused_version(const struct comparison *comparison, const struct waiting *of,
                                   struct versions reader)
{
    const struct skew *skew = comparison->skew;
    const uint32_t version = of->writer.version_id;
    const char *name = view_name(of->writer);
    if (version < reader.lowest)
        return skew_text(skew,
                         "%s: incoming version_id %u is too old for local minimum version_id  %u",
                         name, version, reader.lowest);
    if (of->path[0] == '\0')
        return skew_text(skew, "savevm: unsupported version %u for '%s' v%u", version,
                         comparison->section->idstr, reader.highest);
    return skew_text(skew, "%s: incoming version_id %u is too new for local version_id %u", name,
                     version, reader.highest);
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
    struct vmwire_difference difference =
        begin_difference(comparison, of, newer ? "version-newer" : "version-older");
    difference.writer = skew_text(skew, "version %u", version);
    difference.reader = reader.lowest < reader.highest
                            ? skew_text(skew, "versions %u to %u", reader.lowest, reader.highest)
                            : skew_text(skew, "version %u", reader.highest);
    difference.message = refused_version(comparison, of, reader);
    difference.offset = difference.section_offset;
    if (older && !of->reader.declared)
        set_when(&difference, VMWIRE_NOT_DECIDED, skew,
                 "nothing tells from which version on the reader accepts it; give its program");
    add_difference(comparison->skew, difference);
    return false;
}
