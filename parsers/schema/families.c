/* SPDX-License-Identifier: MIT */
/*
 * Finds the families of structures, and merges their versions and subsections. Knows nothing of the
 * kinds of sources.
 */
#include "schema/families.h"

#include <inttypes.h>
#include <string.h>

enum {
    VERSIONS_LIMIT = 8, /* of one family; QEMU 11.1 reaches 2; further ones are ignored */
    FAMILIES_LIMIT = 8, /* of one name; QEMU 11.1 reaches 3; further structures join the last */
    COMPARED_FIELDS_LIMIT = 64, /* of one structure; further fields are not compared */
};

/* A subsection that a structure of the family has. */
struct member_subsection {
    const struct symbol *symbol;
    const struct layout *sent;     /* from the first source that sent it, or NULL */
    const struct layout *declared; /* from the first source that declares it, or NULL */
    /* From the first source that declares it and determines its layout on the wire, or NULL. */
    const struct layout *with_layout;
    bool several_layouts; /* a program declares several of this name */
    size_t
        rank; /* its place in the order of the family's declarer, from 1; 0: not declared there */
    struct member_subsection *next;
};

struct family {
    const struct layout *declarer; /* the first that declares its subsections, in their order */
    struct family *next;           /* the next family of the same name */
    const struct vmwire_structure
        *structure; /* the first structure of the family that has fields */
    struct version_range {
        uint32_t version_id, minimum_version_id;
    } versions[VERSIONS_LIMIT]; /* the versions that dumps declare */
    size_t version_count;
    struct member_subsection *subsections, **subsections_end;
    size_t subsection_count;
    uint64_t sender_count;            /* the number of structures that sent a subsection */
    struct vmwire_subsection *shared; /* the subsections of all structures that sent none */
    bool shared_order_unknown;
};

/* The length of a field's name without the "[n]" that a description adds to repeated names. */
static size_t length_without_index(const char *name)
{
    size_t length = strlen(name);
    size_t digits = length;
    if (length == 0 || name[length - 1] != ']')
        return length;
    digits--;
    while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9')
        digits--;
    return digits > 1 && name[digits - 1] == '[' ? digits - 1 : length;
}

/* Every VMSTATE_UNUSED has the same name; a description adds "[n]" when there are several. */
static bool is_unused_field(const char *name)
{
    static const char unused[] = "unused";
    return length_without_index(name) == sizeof(unused) - 1 &&
           memcmp(name, unused, sizeof(unused) - 1) == 0;
}

static bool has_field_named(const struct vmwire_structure *structure, const char *name)
{
    size_t length = length_without_index(name);
    for (size_t i = 0; i < structure->field_count && i < COMPARED_FIELDS_LIMIT; i++)
        if (length_without_index(structure->fields[i].name) == length &&
            memcmp(structure->fields[i].name, name, length) == 0)
            return true;
    return false;
}

/*
 * Whether two structures of one name share a field. Different releases of one structure do. Some
 * structures of QEMU share only their name: the core's "timer" and a board's, the PCI device
 * "ne2000" and the "ne2000" embedded in it. A VMSTATE_UNUSED does not count, because it always has
 * the same name.
 */
static bool resembles(const struct vmwire_structure *a, const struct vmwire_structure *b)
{
    if (a->field_count == 0 || b->field_count == 0)
        return true;
    for (size_t i = 0; i < a->field_count && i < COMPARED_FIELDS_LIMIT; i++)
        if (!is_unused_field(a->fields[i].name) && has_field_named(b, a->fields[i].name))
            return true;
    return false;
}

/* Returns the family of the structure. Makes one when no family of this name resembles it. */
static struct family *find_or_add_family(struct vmwire_schema *schema, struct layout *layout)
{
    struct family **end = &layout->symbol->family;
    size_t count = 0;
    for (; *end != NULL; end = &(*end)->next) {
        struct family *family = *end;
        if (!resembles(family->structure, &layout->structure) && ++count < FAMILIES_LIMIT)
            continue;
        /* Everything resembles a structure without fields: the first one with fields replaces
         * it. */
        if (family->structure->field_count == 0)
            family->structure = &layout->structure;
        return family;
    }
    struct family *family = vmwire_arena_alloc(schema->arena, sizeof(*family));
    family->structure = &layout->structure;
    family->subsections_end = &family->subsections;
    *end = family;
    return family;
}

static struct member_subsection *find_member(const struct family *family,
                                             const struct symbol *symbol)
{
    struct member_subsection *subsection = family->subsections;
    while (subsection != NULL && subsection->symbol != symbol)
        subsection = subsection->next;
    return subsection;
}

bool family_has_subsection(const struct family *family, const char *name)
{
    const struct member_subsection *subsection = family->subsections;
    while (subsection != NULL && strcmp(subsection->symbol->text, name) != 0)
        subsection = subsection->next;
    return subsection != NULL;
}

/* Counts subsections that vmwire_schema_finish() will allocate, and refuses too many. */
static bool reserve_merged_subsections(struct source_walk *walk, uint64_t count)
{
    struct vmwire_schema_loading *loading = walk->schema->loading;
    if (count > MERGED_SUBSECTIONS_LIMIT - loading->merged_subsections)
        return vmwire_error_set(walk->error, VMWIRE_ERROR_LIMIT, VMWIRE_ERROR_NO_OFFSET,
                                "more than %" PRIu64 " subsections in all structures together",
                                MERGED_SUBSECTIONS_LIMIT);
    loading->merged_subsections += count;
    return true;
}

/* Whether two declared layouts of one name are of one declaration, or have the same fields. */
static bool are_the_same(const struct layout *a, const struct layout *b)
{
    const struct vmwire_structure *one = &a->structure, *other = &b->structure;
    if (a->origin == b->origin || a->source != b->source)
        return true;
    bool same = one->version_id == other->version_id && one->field_count == other->field_count &&
                a->unknown_on_wire == b->unknown_on_wire;
    for (size_t i = 0; same && i < one->field_count; i++) {
        const struct vmwire_field *x = &one->fields[i], *y = &other->fields[i];
        same = x->name == y->name && x->type == y->type && x->size == y->size &&
               x->count == y->count && !x->structure && !y->structure;
    }
    return same;
}

static bool add_member_subsection(struct source_walk *walk, struct family *family,
                                  const struct layout *owner, const struct layout *layout,
                                  size_t place)
{
    struct member_subsection *subsection = find_member(family, layout->symbol);
    if (subsection == NULL) {
        if (family->subsection_count == SUBSECTION_LIMIT)
            return vmwire_error_set(walk->error, VMWIRE_ERROR_LIMIT, VMWIRE_ERROR_NO_OFFSET,
                                    "more than %d different subsections of \"%s\"",
                                    SUBSECTION_LIMIT, owner->symbol->text);
        if (!reserve_merged_subsections(walk, family->sender_count + 1))
            return false;
        subsection = vmwire_arena_alloc(walk->schema->arena, sizeof(*subsection));
        subsection->symbol = layout->symbol;
        *family->subsections_end = subsection;
        family->subsections_end = &subsection->next;
        family->subsection_count++;
    }
    const struct layout **known = walk->form->declares ? &subsection->declared : &subsection->sent;
    if (*known == NULL)
        *known = layout;
    subsection->several_layouts |= *known != layout && layout->structure.declared &&
                                   (*known)->structure.declared && !are_the_same(*known, layout);
    if (owner == family->declarer && subsection->rank == 0)
        subsection->rank = place + 1;
    if (walk->form->declares && subsection->with_layout == NULL && !layout->unknown_on_wire)
        subsection->with_layout = layout;
    return true;
}

static void add_version_range(struct family *family, const struct vmwire_structure *structure)
{
    for (size_t i = 0; i < family->version_count; i++)
        if (family->versions[i].version_id == structure->version_id &&
            family->versions[i].minimum_version_id == structure->minimum_version_id)
            return;
    if (family->version_count == VERSIONS_LIMIT)
        return;
    family->versions[family->version_count++] = (struct version_range){
        .version_id = structure->version_id,
        .minimum_version_id = structure->minimum_version_id,
    };
}

bool add_to_family(struct source_walk *walk, struct layout *layout)
{
    struct vmwire_structure *structure = &layout->structure;
    if (layout->symbol == NULL)
        return true;
    struct family *family = find_or_add_family(walk->schema, layout);
    layout->family = family;
    if (layout->declares_version)
        add_version_range(family, structure);
    if (walk->form->declares && structure->sent_count > 0 && family->declarer == NULL)
        family->declarer = layout;
    for (size_t i = 0; i < structure->sent_count; i++) {
        const struct vmwire_structure *subsection = structure->subsections[i].structure;
        if (!add_member_subsection(walk, family, layout, (const struct layout *)subsection, i))
            return false;
    }
    if (structure->declared && structure->sent_count > 0) {
        if (!reserve_merged_subsections(walk, structure->sent_count))
            return false;
        layout->own = structure->subsections;
        layout->own_count = structure->sent_count;
    }
    if (walk->form->declares) {
        structure->sent_count = 0;
    } else if (structure->sent_count > 0) {
        if (!reserve_merged_subsections(walk, family->subsection_count))
            return false;
        family->sender_count++;
    }
    return true;
}

/* ---- Merging ---- */

/* The layout that a stream sent in another place; NULL: none, or the owner decides about it. */
static const struct layout *sent_elsewhere(const struct member_subsection *known)
{
    return known->declared && known->declared->depends_on_place ? NULL : known->sent;
}

static struct vmwire_subsection make_merged_subsection(const struct member_subsection *known)
{
    const struct layout *versions = known->declared,
                        *layout = known->several_layouts ? NULL : known->with_layout;
    if (versions == NULL || (versions->structure.assumed && known->sent != NULL)) {
        versions = known->sent;
        layout = sent_elsewhere(known);
    }
    struct vmwire_subsection merged = {
        .name = known->symbol->text,
        .version_id = versions->structure.version_id,
        .minimum_version_id = versions->structure.minimum_version_id,
        .source = VMWIRE_LAYOUT_UNKNOWN,
    };
    if (layout != NULL) {
        merged.structure = &layout->structure;
        merged.source = layout->structure.assumed ? VMWIRE_LAYOUT_ASSUMED : VMWIRE_LAYOUT_OTHER;
    } else if (known->declared != NULL && known->declared->structure.declared) {
        merged.dependent = &known->declared->structure;
    }
    return merged;
}

/* Chooses a version range that dumps declare. Structures of a family can still be different ones.
 * So a range with the structure's own version as its highest is best, then a range that includes
 * it, then the first. */
static void merge_version(struct layout *layout)
{
    struct vmwire_structure *structure = &layout->structure;
    const struct family *family = layout->family;
    if (family->version_count == 0 || layout->declares_version)
        return;
    const struct version_range *best = &family->versions[0];
    bool best_includes = false;
    for (size_t i = 0; i < family->version_count; i++) {
        const struct version_range *range = &family->versions[i];
        bool includes = range->minimum_version_id <= structure->version_id &&
                        structure->version_id <= range->version_id;
        if (includes && range->version_id == structure->version_id) {
            best = range;
            break;
        }
        if (includes && !best_includes) {
            best = range;
            best_includes = true;
        }
    }
    structure->version_id = best->version_id;
    structure->minimum_version_id = best->minimum_version_id;
}

static bool was_sent(const struct vmwire_structure *structure, const char *name)
{
    for (size_t i = 0; i < structure->sent_count; i++)
        if (structure->subsections[i].name == name)
            return true;
    return false;
}

/* Makes the list of a structure's subsections: those that it sent, then those of its family. */
static size_t rank_of(const struct family *family, const struct vmwire_subsection *subsection)
{
    const struct member_subsection *known = family->subsections;
    while (known != NULL && strcmp(known->symbol->text, subsection->name) != 0)
        known = known->next;
    return known == NULL ? 0 : known->rank;
}

/* Puts the subsections in the order in which a source declares them. The order is not known where a source that
 * declares none has more than it sent here, or sent them in another order. */
static void order_subsections(struct vmwire_schema *schema, struct vmwire_structure *structure,
                              const struct family *family)
{
    struct vmwire_subsection *list = structure->subsections;
    size_t count = structure->subsection_count;
    struct vmwire_arena_mark mark = vmwire_arena_mark(schema->arena);
    size_t *ranks = vmwire_arena_alloc(schema->arena, count * sizeof(*ranks));
    bool known = true;
    for (size_t i = 0; i < count; i++) {
        ranks[i] = rank_of(family, &list[i]);
        bool sent_behind = i > 0 && i < structure->sent_count;
        known &= ranks[i] > 0 && (!sent_behind || ranks[i] >= ranks[i - 1]);
    }
    structure->order_unknown = !known && count > structure->sent_count && count > 1;
    for (size_t i = 1; known && i < count; i++)
        for (size_t at = i; at > 0 && ranks[at] < ranks[at - 1]; at--) {
            struct vmwire_subsection kept = list[at];
            size_t rank = ranks[at];
            list[at] = list[at - 1];
            ranks[at] = ranks[at - 1];
            list[at - 1] = kept;
            ranks[at - 1] = rank;
        }
    vmwire_arena_reset(schema->arena, mark);
}

static void mark_hidden_subsections(struct vmwire_structure *structure)
{
    struct vmwire_subsection *list = structure->subsections;
    for (size_t i = 1; i < structure->subsection_count; i++)
        for (size_t before = 0; before < i && !list[i].hidden; before++)
            list[i].hidden = list[before].name == list[i].name; /* each name is there once */
}

/* Makes the list of a structure that a program declares: just what that declares. Where a layout depends on something, a
 * stream that sent the subsection tells one. */
static void list_own_subsections(struct vmwire_schema *schema, struct layout *layout)
{
    struct vmwire_structure *structure = &layout->structure;
    size_t count = layout->own_count;
    struct vmwire_subsection *own = vmwire_arena_alloc(schema->arena, count * sizeof(*own));
    for (size_t i = 0; i < count; i++) {
        const struct layout *declared = (const struct layout *)layout->own[i].structure;
        const struct layout *known =
            declared->unknown_on_wire
                ? sent_elsewhere(find_member(layout->family, declared->symbol))
                : declared;
        own[i] = (struct vmwire_subsection){
            .name = declared->structure.name,
            .version_id = declared->structure.version_id,
            .minimum_version_id = declared->structure.minimum_version_id,
            .structure = known ? &known->structure : NULL,
            .dependent = declared->unknown_on_wire ? &declared->structure : NULL,
            .source = known ? VMWIRE_LAYOUT_OTHER : VMWIRE_LAYOUT_UNKNOWN,
        };
    }
    structure->subsections = own;
    structure->subsection_count = count;
    structure->order_unknown = false;
    mark_hidden_subsections(structure);
}

static void merge_subsections(struct vmwire_schema *schema, struct layout *layout)
{
    struct vmwire_structure *structure = &layout->structure;
    struct family *family = layout->family;
    if (structure->declared) {
        list_own_subsections(schema, layout);
        return;
    }
    bool shares = structure->sent_count == 0;
    structure->subsection_count = family->subsection_count;
    if (shares && family->shared != NULL) {
        structure->subsections = family->shared;
        structure->order_unknown = family->shared_order_unknown;
        return;
    }
    size_t room = structure->sent_count + family->subsection_count;
    struct vmwire_subsection *merged = vmwire_arena_alloc(schema->arena, room * sizeof(*merged));
    size_t count = structure->sent_count;
    for (size_t i = 0; i < count; i++) {
        const struct vmwire_structure *sent = structure->subsections[i].structure;
        merged[i] = (struct vmwire_subsection){
            .name = sent->name,
            .version_id = sent->version_id,
            .minimum_version_id = sent->minimum_version_id,
            .structure = sent,
            .source = VMWIRE_LAYOUT_SENT,
        };
    }
    for (const struct member_subsection *known = family->subsections; known != NULL;
         known = known->next)
        if (!was_sent(structure, known->symbol->text))
            merged[count++] = make_merged_subsection(known);
    structure->subsections = merged;
    structure->subsection_count = count;
    order_subsections(schema, structure, family);
    mark_hidden_subsections(structure);
    if (shares) {
        family->shared = merged;
        family->shared_order_unknown = structure->order_unknown;
    }
}

void merge_structures(struct vmwire_schema *schema)
{
    struct vmwire_structure *first = schema->loading->structures;
    for (struct vmwire_structure *structure = first; structure != NULL; structure = structure->next)
        if (structure->name != NULL)
            merge_version((struct layout *)structure);
    for (struct vmwire_structure *structure = first; structure != NULL; structure = structure->next)
        if (structure->name != NULL)
            merge_subsections(schema, (struct layout *)structure);
    schema->structures = first;
}
