/* SPDX-License-Identifier: MIT */
/*
 * Compares the elements of a record with those that a reader's structure expects. A SEQUENCE has its length, so both
 * sides end it at the same place; each element has its tag. What is left is: how many elements, of which tags, and which
 * values. Elements of one form are one element: a renamed field is the same field, as everywhere in the engine, but one that
 * stands elsewhere is not. Knows nothing of streams and octets.
 */
#include "decide/element_differences.h"

#include <string.h>

#include "decide/alignment.h"
#include "vmwire/asn1.h"

static const char MISSING[] = "the reader expects one more element here";
static const char TOO_MANY[] = "the reader expects fewer elements here";
static const char OTHER_TAG[] = "the reader expects a value of another type here";
static const char OTHER_COUNT[] = "the reader expects another number of elements in this array";
static const char OTHER_LENGTH[] = "the reader expects an OCTET STRING of another length here";
static const char OTHER_RANGE[] = "the reader's INTEGER has another range here: it refuses values "
                                  "beyond it, and takes the others as the same numbers";
static const char MOVED[] =
    "two fields have changed places: a state in which they differ is read wrongly";
static const char ARRAY_OR_RECORD[] = "an array stands in the place of a record";
static const char LENGTH_OF_VALUE[] = "the length of a value here depends on other values";
static const char NO_ELEMENTS[] = "no element of this list is in the stream";
static const char NO_SUBSECTION[] = "the reader has no subsection of this name";
static const char SUBSECTION_VERSION[] = "the reader does not have this version of the subsection";
static const char SUBSECTION_LAYOUT[] = "the reader's layout of a subsection is not known";
static const char SAME_NAME[] = "the structure has two subsections of this name";

struct answer {
    enum element_answer answer;
    const char *why;
};

static const struct answer fits = {ELEMENTS_FIT, NULL};

static struct answer refused(const char *why)
{
    return (struct answer){ELEMENTS_REFUSED, why};
}

static struct answer unknown(const char *why)
{
    return (struct answer){ELEMENTS_UNKNOWN, why};
}

/* ---- One field --------------------------------------------------------------------------------- */

static bool is_absent(const struct vmwire_field *field)
{
    return vmwire_field_element(field).kind == VMWIRE_ELEMENT_OCTETS &&
           field->length == VMWIRE_LENGTH_FIXED && !field->size;
}

static bool is_sequence(struct vmwire_element element)
{
    return element.sequence_of || element.kind == VMWIRE_ELEMENT_RECORD;
}

/* Whether the reader's INTEGER takes all values of the writer's. */
static bool takes_all_values(const struct vmwire_field *writes, const struct vmwire_field *reads)
{
    bool from_signed = vmwire_field_element(writes).is_signed;
    bool to_signed = vmwire_field_element(reads).is_signed;
    if (from_signed == to_signed)
        return writes->size <= reads->size;
    return to_signed && writes->size < reads->size;
}

static struct answer compare_octets(const struct vmwire_field *writes,
                                    const struct vmwire_field *reads)
{
    if (writes->length != reads->length || writes->null_pointer != reads->null_pointer)
        return unknown(LENGTH_OF_VALUE);
    if (writes->length == VMWIRE_LENGTH_FIXED) {
        bool same = (uint64_t)writes->size * writes->count == (uint64_t)reads->size * reads->count;
        return same ? fits : refused(OTHER_LENGTH);
    }
    return writes->count == reads->count ? fits : unknown(LENGTH_OF_VALUE);
}

/* `elements`: the list has some in this record. */
static struct answer compare_lists(const struct vmwire_field *writes,
                                   const struct vmwire_field *reads, bool elements)
{
    if (elements && !reads->structure)
        return unknown(NO_ELEMENTS);
    return elements || writes->structure == reads->structure ? fits : unknown(NO_ELEMENTS);
}

/* Both are a SEQUENCE. Records in them are compared when the walk comes to them. */
static struct answer compare_sequences(const struct vmwire_field *writes,
                                       const struct vmwire_field *reads, bool elements)
{
    const struct vmwire_element from = vmwire_field_element(writes),
                                to = vmwire_field_element(reads);
    if (from.kind != to.kind || from.sequence_of != to.sequence_of)
        return unknown(ARRAY_OR_RECORD);
    if (from.kind == VMWIRE_ELEMENT_LIST)
        return compare_lists(writes, reads, elements);
    if (from.kind == VMWIRE_ELEMENT_STRINGS)
        return fits;
    if (writes->count != reads->count)
        return refused(OTHER_COUNT);
    bool ranges = from.kind != VMWIRE_ELEMENT_INTEGER || takes_all_values(writes, reads);
    return ranges ? fits : unknown(OTHER_RANGE);
}

static struct answer compare_fields(const struct vmwire_field *writes,
                                    const struct vmwire_field *reads, bool elements)
{
    const struct vmwire_element from = vmwire_field_element(writes),
                                to = vmwire_field_element(reads);
    if (is_sequence(from) && is_sequence(to))
        return compare_sequences(writes, reads, elements);
    if (is_sequence(from) || is_sequence(to) || from.kind != to.kind)
        return refused(OTHER_TAG);
    if (from.kind == VMWIRE_ELEMENT_INTEGER)
        return takes_all_values(writes, reads) ? fits : unknown(OTHER_RANGE);
    return from.kind == VMWIRE_ELEMENT_OCTETS ? compare_octets(writes, reads) : fits;
}

/* ---- One record -------------------------------------------------------------------------------- */

static size_t skip_absent(const struct vmwire_structure *structure, size_t field)
{
    while (field < structure->field_count && is_absent(&structure->fields[field]))
        field++;
    return field;
}

static bool has_elements(const struct vmwire_record *record, const struct vmwire_field *field)
{
    for (const struct vmwire_value *value = record->values; value; value = value->next)
        if (value->field == field && value->record)
            return true;
    return false;
}

/* The reader's field in the place of the writer's, or NULL. */
static const struct vmwire_field *twin_of(const struct vmwire_structure *writes,
                                          const struct vmwire_structure *reads,
                                          const struct vmwire_field *field)
{
    size_t from = skip_absent(writes, 0), to = skip_absent(reads, 0);
    while (from < writes->field_count && to < reads->field_count &&
           &writes->fields[from] != field) {
        from = skip_absent(writes, from + 1);
        to = skip_absent(reads, to + 1);
    }
    return to < reads->field_count ? &reads->fields[to] : NULL;
}

static struct answer compare_record(const struct vmwire_record *record,
                                    const struct vmwire_structure *reads)
{
    const struct vmwire_structure *writes = record->structure;
    struct answer first = fits;
    size_t from = skip_absent(writes, 0), to = skip_absent(reads, 0);
    for (; from < writes->field_count && to < reads->field_count;
         from = skip_absent(writes, from + 1), to = skip_absent(reads, to + 1)) {
        const struct vmwire_field *field = &writes->fields[from];
        struct answer answer =
            compare_fields(field, &reads->fields[to], has_elements(record, field));
        if (answer.answer == ELEMENTS_REFUSED)
            return answer;
        if (answer.answer == ELEMENTS_FIT && has_moved(writes, from, reads, to))
            answer = unknown(MOVED);
        if (first.answer == ELEMENTS_FIT)
            first = answer;
    }
    if (from < writes->field_count)
        return refused(TOO_MANY);
    return to < reads->field_count ? refused(MISSING) : first;
}

static struct answer compare_subsection(const struct vmwire_subsection_value *sent,
                                        const struct vmwire_structure *owner,
                                        const struct vmwire_structure *reads,
                                        const struct vmwire_subsection **taken)
{
    uint8_t version_id = (uint8_t)sent->version_id;
    *taken = NULL;
    if (vmwire_structure_subsection(owner, sent->subsection->name) != sent->subsection)
        return unknown(SAME_NAME);
    if (!owner->name || !reads->name)
        return unknown(SUBSECTION_LAYOUT);
    const struct vmwire_subsection *subsection =
        vmwire_structure_subsection(reads, sent->subsection->name);
    if (!subsection)
        return refused(NO_SUBSECTION);
    if (version_id > subsection->version_id || version_id < subsection->minimum_version_id)
        return refused(SUBSECTION_VERSION);
    const struct vmwire_structure *structure = subsection->structure;
    bool known = structure && (version_id == structure->described_version_id ||
                               (structure->assumed && structure->minimum_version_id <= version_id &&
                                version_id <= structure->version_id));
    if (!known)
        return unknown(SUBSECTION_LAYOUT);
    *taken = subsection;
    return fits;
}

/* ---- The walk ---------------------------------------------------------------------------------- */

struct element_walk {
    struct vmwire_record_walk records;
    const struct vmwire_structure *twins[VMWIRE_SCHEMA_NESTING_LIMIT]; /* NULL: not compared */
    bool optional[VMWIRE_SCHEMA_NESTING_LIMIT];
    struct element_difference first;
};

/* Keeps the first difference, but rather one that every state has. */
static void note(struct element_walk *walk, struct answer answer,
                 const struct vmwire_structure *owner, unsigned depth, bool optional)
{
    struct element_difference *first = &walk->first;
    if (answer.answer == ELEMENTS_UNKNOWN && !first->open)
        first->open = answer.why;
    bool certain = answer.answer == ELEMENTS_REFUSED && !optional;
    bool had_certain = first->answer == ELEMENTS_REFUSED && !first->optional;
    if (answer.answer == ELEMENTS_FIT || had_certain || (first->answer != ELEMENTS_FIT && !certain))
        return;
    *first = (struct element_difference){answer.answer, answer.why, owner,      walk->records,
                                         depth,         optional,   first->open};
}

/* The reader's structure in the place of the record that begins. */
static const struct vmwire_structure *twin_structure(const struct element_walk *walk,
                                                     const struct vmwire_subsection *taken)
{
    unsigned depth = walk->records.depth;
    const struct vmwire_structure *around = walk->twins[depth - 2];
    if (walk->records.subsection)
        return taken ? taken->structure : NULL;
    if (!around)
        return NULL;
    const struct vmwire_field *field = walk->records.value->field;
    const struct vmwire_field *twin =
        twin_of(walk->records.frames[depth - 2].record->structure, around, field);
    if (!twin)
        return NULL;
    struct vmwire_element from = vmwire_field_element(field), to = vmwire_field_element(twin);
    return from.kind == to.kind && from.sequence_of == to.sequence_of ? twin->structure : NULL;
}

static void begin_record(struct element_walk *walk, const struct vmwire_structure *reads,
                         const struct vmwire_subsection *taken)
{
    unsigned depth = walk->records.depth;
    const struct vmwire_subsection_value *sent = walk->records.subsection;
    walk->twins[depth - 1] = depth == 1 ? reads : twin_structure(walk, taken);
    walk->optional[depth - 1] =
        (depth > 1 && walk->optional[depth - 2]) || (sent && sent->optional);
    if (walk->twins[depth - 1])
        note(walk, compare_record(walk->records.record, walk->twins[depth - 1]),
             walk->records.record->structure, depth, walk->optional[depth - 1]);
}

struct element_difference compare_elements(const struct vmwire_record *record,
                                           const struct vmwire_structure *reads)
{
    struct element_walk walk = {.first = {.answer = ELEMENTS_FIT}};
    const struct vmwire_subsection *taken = NULL;
    vmwire_record_walk_begin(&walk.records, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk.records)) != VMWIRE_RECORD_DONE;) {
        unsigned depth = walk.records.depth;
        if (step == VMWIRE_RECORD_BEGIN) {
            begin_record(&walk, reads, taken);
        } else if (step == VMWIRE_RECORD_SUBSECTION) {
            const struct vmwire_structure *owner = walk.records.frames[depth - 1].record->structure;
            const struct vmwire_structure *twin = walk.twins[depth - 1];
            taken = NULL;
            if (twin)
                note(&walk, compare_subsection(walk.records.subsection, owner, twin, &taken), owner,
                     depth, walk.optional[depth - 1] || walk.records.subsection->optional);
        }
    }
    return walk.first;
}
