/*
 * Finds the family of a structure, and merges what the sources tell of it.
 */
#include "schema/families.h"

#include <inttypes.h>
#include <string.h>

enum {
    VERSIONS_LIMIT = 8,     /* of one family; QEMU 11.1 reaches 2, more are left out */
    FAMILIES_LIMIT = 8,     /* of one name; QEMU 11.1 reaches 3, more are taken for the last one */
    RESEMBLING_FIELDS = 64, /* how many fields of a structure are compared */
};

/* A subsection that some structure of the family has. */
struct member_subsection {
    const struct symbol *symbol;
    const struct layout *sent;     /* as the first source that sent it has it; NULL: none did */
    const struct layout *declared; /* as the first source that declares it has it */
    const struct layout *told;     /* as the first that declares it and tells its layout has it */
    struct member_subsection *next;
};

struct family {
    struct family *next;               /* other structures of the same name */
    const struct structure *structure; /* the first one of the family that has fields */
    struct version_range {
        uint32_t version_id, minimum_version_id;
    } versions[VERSIONS_LIMIT]; /* that dumps declare */
    size_t version_count;
    struct member_subsection *subsections, **subsections_end;
    size_t subsection_count;
    uint64_t sender_count;     /* structures that sent any subsection */
    struct subsection *shared; /* for the structures that sent none */
};

/* The length of a field's name without the "[n]" that a description adds where names repeat. */
static size_t plain_length(const char *name)
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

/* What every VMSTATE_UNUSED is called; a description tells several of them apart by "[n]". */
static bool is_unused(const char *name)
{
    static const char unused[] = "unused";
    return plain_length(name) == sizeof(unused) - 1 &&
           memcmp(name, unused, sizeof(unused) - 1) == 0;
}

static bool has_field_named(const struct structure *structure, const char *name)
{
    size_t length = plain_length(name);
    for (size_t i = 0; i < structure->field_count && i < RESEMBLING_FIELDS; i++)
        if (plain_length(structure->fields[i].name) == length &&
            memcmp(structure->fields[i].name, name, length) == 0)
            return true;
    return false;
}

/*
 * QEMU has structures that share a name and nothing else: the core's "timer" and a board's, the PCI
 * device "ne2000" and the "ne2000" embedded in it. Releases of one structure share fields; that
 * each has a VMSTATE_UNUSED, which is always called so, says nothing.
 */
static bool resembles(const struct structure *a, const struct structure *b)
{
    if (a->field_count == 0 || b->field_count == 0)
        return true;
    for (size_t i = 0; i < a->field_count && i < RESEMBLING_FIELDS; i++)
        if (!is_unused(a->fields[i].name) && has_field_named(b, a->fields[i].name))
            return true;
    return false;
}

/* The family that the structure belongs to; a new one where it resembles none of its name. */
static struct family *family_of(struct schema *schema, struct layout *layout)
{
    struct family **end = &layout->symbol->family;
    size_t count = 0;
    for (; *end != NULL; end = &(*end)->next) {
        struct family *family = *end;
        if (!resembles(family->structure, &layout->structure) && ++count < FAMILIES_LIMIT)
            continue;
        if (family->structure->field_count == 0) /* it tells nothing: anything would resemble it */
            family->structure = &layout->structure;
        return family;
    }
    struct family *family = arena_alloc(schema->arena, sizeof(*family));
    family->structure = &layout->structure;
    family->subsections_end = &family->subsections;
    *end = family;
    return family;
}

static struct member_subsection *family_find(const struct family *family,
                                             const struct symbol *symbol)
{
    struct member_subsection *subsection = family->subsections;
    while (subsection != NULL && subsection->symbol != symbol)
        subsection = subsection->next;
    return subsection;
}

/* Counts subsections that schema_finish() will have to write down. */
static bool reserve_merged(struct walk *walk, uint64_t count)
{
    struct schema_loading *loading = walk->schema->loading;
    if (count > MERGED_SUBSECTIONS_LIMIT - loading->merged_subsections)
        return error_set(walk->error, ERROR_LIMIT, ERROR_NO_OFFSET,
                         "more than %" PRIu64 " subsections in all structures together",
                         MERGED_SUBSECTIONS_LIMIT);
    loading->merged_subsections += count;
    return true;
}

static bool family_add(struct walk *walk, struct family *family, const struct layout *owner,
                       const struct layout *layout)
{
    struct member_subsection *subsection = family_find(family, layout->symbol);
    if (subsection == NULL) {
        if (family->subsection_count == SUBSECTION_LIMIT)
            return error_set(walk->error, ERROR_LIMIT, ERROR_NO_OFFSET,
                             "more than %d different subsections of \"%s\"", SUBSECTION_LIMIT,
                             owner->symbol->text);
        if (!reserve_merged(walk, family->sender_count + 1))
            return false;
        subsection = arena_alloc(walk->schema->arena, sizeof(*subsection));
        subsection->symbol = layout->symbol;
        *family->subsections_end = subsection;
        family->subsections_end = &subsection->next;
        family->subsection_count++;
    }
    const struct layout **known = walk->form->declares ? &subsection->declared : &subsection->sent;
    if (*known == NULL)
        *known = layout;
    if (walk->form->declares && subsection->told == NULL && !layout->undecided)
        subsection->told = layout;
    return true;
}

static void family_add_version(struct family *family, const struct structure *structure)
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

bool add_to_family(struct walk *walk, struct layout *layout)
{
    struct structure *structure = &layout->structure;
    if (layout->symbol == NULL)
        return true;
    struct family *family = family_of(walk->schema, layout);
    layout->family = family;
    if (layout->declares_version)
        family_add_version(family, structure);
    for (size_t i = 0; i < structure->sent_count; i++) {
        const struct structure *subsection = structure->subsections[i].structure;
        if (!family_add(walk, family, layout, (const struct layout *)subsection))
            return false;
    }
    if (walk->form->declares) {
        structure->sent_count = 0;
    } else if (structure->sent_count > 0) {
        if (!reserve_merged(walk, family->subsection_count))
            return false;
        family->sender_count++;
    }
    return true;
}

/* ---- Merging ---- */

static struct subsection merged_subsection(const struct member_subsection *known)
{
    const struct layout *versions = known->declared, *layout = known->told;
    if (versions == NULL || (versions->structure.assumed && known->sent != NULL))
        versions = layout = known->sent;
    struct subsection merged = {
        .name = known->symbol->text,
        .version_id = versions->structure.version_id,
        .minimum_version_id = versions->structure.minimum_version_id,
        .source = LAYOUT_UNKNOWN,
    };
    if (layout != NULL) {
        merged.structure = &layout->structure;
        merged.source = layout->structure.assumed ? LAYOUT_ASSUMED : LAYOUT_OTHER;
    }
    return merged;
}

/* Of the versions that dumps declare, the one of this very structure is most likely the one that
 * fits: resembling structures may still be different ones. */
static void merge_version(struct layout *layout)
{
    struct structure *structure = &layout->structure;
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

static bool sent_here(const struct structure *structure, const char *name)
{
    for (size_t i = 0; i < structure->sent_count; i++)
        if (structure->subsections[i].name == name)
            return true;
    return false;
}

/* The subsections of a structure, those that it sent first. */
static void merge_subsections(struct schema *schema, struct layout *layout)
{
    struct structure *structure = &layout->structure;
    struct family *family = layout->family;
    bool shares = structure->sent_count == 0;
    structure->subsection_count = family->subsection_count;
    if (shares && family->shared != NULL) {
        structure->subsections = family->shared;
        return;
    }
    size_t room = structure->sent_count + family->subsection_count;
    struct subsection *merged = arena_alloc(schema->arena, room * sizeof(*merged));
    size_t count = structure->sent_count;
    for (size_t i = 0; i < count; i++) {
        const struct structure *sent = structure->subsections[i].structure;
        merged[i] = (struct subsection){
            .name = sent->name,
            .version_id = sent->version_id,
            .minimum_version_id = sent->minimum_version_id,
            .structure = sent,
            .source = LAYOUT_SENT,
        };
    }
    for (const struct member_subsection *known = family->subsections; known != NULL;
         known = known->next)
        if (!sent_here(structure, known->symbol->text))
            merged[count++] = merged_subsection(known);
    structure->subsections = merged;
    structure->subsection_count = count;
    if (shares)
        family->shared = merged;
}

void merge_structures(struct schema *schema)
{
    struct structure *first = schema->loading->structures;
    for (struct structure *structure = first; structure != NULL; structure = structure->next)
        if (structure->name != NULL)
            merge_version((struct layout *)structure);
    for (struct structure *structure = first; structure != NULL; structure = structure->next)
        if (structure->name != NULL)
            merge_subsections(schema, (struct layout *)structure);
    schema->structures = first;
}
