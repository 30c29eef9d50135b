/* SPDX-License-Identifier: MIT */
#include "skew/layouts/layout_difference.h"

#include "skew/conditions/condition_words.h"

struct vmwire_difference begin_difference(const struct comparison *comparison,
                                          const struct waiting *of, const char *rule)
{
    const char *name = view_name(of->writer);
    struct vmwire_difference difference = certain_difference(rule);
    difference.certainty = of->when ? VMWIRE_WHEN_NEEDED : VMWIRE_CERTAIN;
    difference.section = comparison->section->idstr;
    difference.instance_id = comparison->section->instance_id;
    difference.structure = name ? name : view_name(of->reader);
    difference.path = of->path;
    difference.when = of->when;
    difference.unsent =
        of->when && comparison->section->written && comparison->section->written->record;
    difference.section_offset = offset_of_section(comparison);
    return difference;
}

const char *footer_message(const struct comparison *comparison)
{
    return vmwire_text(comparison->skew->arena, "Missing section footer for %s",
                       comparison->section->idstr);
}

void set_when(struct vmwire_difference *difference, enum vmwire_certainty certainty,
              const struct skew *skew, const char *when)
{
    difference->certainty = certainty;
    difference->when =
        difference->when ? vmwire_text(skew->arena, "%s, and %s", difference->when, when) : when;
}

void set_asked(struct vmwire_difference *difference, const struct skew *skew,
               const struct element *element, bool says, const char *otherwise)
{
    const char *asked = describe_condition(skew, element->asks, &element->at, says);
    set_when(difference, VMWIRE_WHEN_NEEDED, skew, asked ? asked : otherwise);
    const char *advice = advise_condition(skew, element->asks, &element->at);
    if (advice)
        difference->advice = vmwire_text(skew->arena,
                                         "Give both machines one type and the same properties "
                                         "(-global, -device): %s.",
                                         advice);
}
