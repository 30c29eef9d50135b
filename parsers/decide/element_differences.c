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
#include "decide/element_values.h"

static const char MISSING[] = "the reader expects one more element here";
static const char TOO_MANY[] = "the reader expects fewer elements here";
static const char OTHER_TAG[] = "the reader expects a value of another type here";
static const char OTHER_COUNT[] = "the reader expects another number of elements in this array";
static const char OTHER_LENGTH[] = "the reader expects an OCTET STRING of another length here";
static const char OTHER_RANGE[] = "the reader's INTEGER has another range here: it refuses values "
                                  "beyond it, and takes the others as the same numbers";
static const char MOVED[] =
    "two fields have changed places: a state in which they differ is read wrongly";
static const char CONSTANT_REFUSED[] = "the reader's INTEGER does not have this constant";
static const char CONSTANT_UNKNOWN[] =
    "the reader's INTEGER has another range here, and the writer's constant is not known";
static const char ARRAY_OR_RECORD[] = "an array stands in the place of a record";
static const char TYPE_UNKNOWN[] =
    "a dump tells neither the types of fields nor all arrays, so nor their elements in DER";
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
static const struct answer other_range = {ELEMENTS_RANGE, OTHER_RANGE};

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
    return ranges ? fits : other_range;
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
        return takes_all_values(writes, reads) ? fits : other_range;
    return from.kind == VMWIRE_ELEMENT_OCTETS ? compare_octets(writes, reads) : fits;
}

/* ---- One record -------------------------------------------------------------------------------- */

static size_t skip_absent(const struct vmwire_structure *structure, size_t field)
{
    while (field < structure->field_count && is_absent(&structure->fields[field]))
        field++;
    return field;
}

static const struct vmwire_value *value_of(const struct vmwire_record *record,
                                           const struct vmwire_field *field)
{
    const struct vmwire_value *value = record->values;
    while (value && value->field != field)
        value = value->next;
    return value;
}

/* The other side's field in the place of this one's, or NULL. */
static const struct vmwire_field *twin_of(const struct vmwire_structure *one,
                                          const struct vmwire_structure *other,
                                          const struct vmwire_field *field)
{
    size_t from = skip_absent(one, 0), to = skip_absent(other, 0);
    while (from < one->field_count && to < other->field_count && &one->fields[from] != field) {
        from = skip_absent(one, from + 1);
        to = skip_absent(other, to + 1);
    }
    return to < other->field_count ? &other->fields[to] : NULL;
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
    struct element_differences *found;
};

/* Keeps the first difference of each answer, but rather a refusal that every state has. Returns it if it is this one. */
static struct element_difference *note(struct element_walk *walk, struct answer answer,
                                       const struct vmwire_structure *owner, bool optional)
{
    if (answer.answer == ELEMENTS_FIT)
        return NULL;
    struct element_difference *first = &walk->found->first[answer.answer];
    bool certain = answer.answer == ELEMENTS_REFUSED && first->why && first->optional && !optional;
    if (first->why && !certain)
        return NULL;
    *first = (struct element_difference){.why = answer.why,
                                         .owner = owner,
                                         .walk = walk->records,
                                         .depth = walk->records.depth,
                                         .optional = optional};
    return first;
}

static struct element_difference *note_in_record(struct element_walk *walk, struct answer answer)
{
    return note(walk, answer, walk->records.record->structure,
                walk->optional[walk->records.depth - 1]);
}

/* A constant has one value. That of a template alone is not known. */
static void note_range(struct element_walk *walk, const struct vmwire_value *value,
                       const struct vmwire_field *reads)
{
    struct element_differences *found = walk->found;
    const bool taken = takes_value(value, reads);
    if (!can_change(value)) {
        if (!value->data.data)
            note_in_record(walk, unknown(CONSTANT_UNKNOWN));
        else if (!taken)
            note_in_record(walk, refused(CONSTANT_REFUSED));
        return;
    }
    struct element_difference *noted = note_in_record(walk, other_range);
    if (noted) {
        noted->value = value;
        noted->reads = reads;
    }
    if (!taken && found->refused_value_count++ < REFUSED_VALUES_LIMIT)
        found->refused_values[found->refused_value_count - 1] = value;
}

/* The writer's field that the reader means in the place of this one: its own of the name that the reader has there, or
 * the one where the reader has this one's name. NULL: there is none. */
static const struct vmwire_field *find_exchanged(const struct vmwire_structure *writes,
                                                 const struct vmwire_structure *reads,
                                                 const struct vmwire_field *written,
                                                 const struct vmwire_field *read)
{
    size_t own = find_namesake(writes, read), named = find_namesake(reads, written);
    if (own < writes->field_count)
        return &writes->fields[own];
    return named < reads->field_count ? twin_of(reads, writes, &reads->fields[named]) : NULL;
}

static void note_moved(struct element_walk *walk, const struct vmwire_structure *reads,
                       const struct vmwire_field *written, const struct vmwire_field *read)
{
    const struct vmwire_record *record = walk->records.record;
    const struct vmwire_field *other = find_exchanged(record->structure, reads, written, read);
    const struct vmwire_value *a = value_of(record, written),
                              *b = other ? value_of(record, other) : NULL;
    struct element_difference *noted = note_in_record(
        walk, a && b ? (struct answer){ELEMENTS_MOVED, MOVED} : unknown(VMWIRE_REASON_MOVED));
    if (noted) {
        noted->value = a;
        noted->another = b;
    }
}

static void compare_record(struct element_walk *walk, const struct vmwire_structure *reads)
{
    const struct vmwire_record *record = walk->records.record;
    const struct vmwire_structure *writes = record->structure;
    const struct vmwire_value *value = record->values; /* they stand in the order of the fields */
    size_t from = skip_absent(writes, 0), to = skip_absent(reads, 0);
    for (; from < writes->field_count && to < reads->field_count;
         from = skip_absent(writes, from + 1), to = skip_absent(reads, to + 1)) {
        const struct vmwire_field *written = &writes->fields[from], *read = &reads->fields[to];
        while (value && value->field < written)
            value = value->next;
        const bool sent = value && value->field == written;
        struct answer answer = compare_fields(written, read, sent && value->record);
        if (answer.answer != ELEMENTS_FIT && (writes->assumed || reads->assumed))
            answer = unknown(TYPE_UNKNOWN);
        if (answer.answer != ELEMENTS_RANGE)
            note_in_record(walk, answer);
        else if (sent) /* else it is an array of no elements */
            note_range(walk, value, read);
        bool taken = answer.answer == ELEMENTS_FIT || answer.answer == ELEMENTS_RANGE;
        if (taken && has_moved(writes, from, reads, to))
            note_moved(walk, reads, written, read);
    }
    const bool assumed = writes->assumed || reads->assumed;
    if (from < writes->field_count)
        note_in_record(walk, assumed ? unknown(TYPE_UNKNOWN) : refused(TOO_MANY));
    else if (to < reads->field_count)
        note_in_record(walk, assumed ? unknown(TYPE_UNKNOWN) : refused(MISSING));
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
        compare_record(walk, walk->twins[depth - 1]);
}

void forget_differences(struct element_differences *found)
{
    for (int answer = 0; answer < ELEMENTS_ANSWERS; answer++)
        found->first[answer].why = NULL; /* the walks are large */
    found->refused_value_count = 0;
}

void compare_elements(const struct vmwire_record *record, const struct vmwire_structure *reads,
                      struct element_differences *found)
{
    struct element_walk walk = {.found = found};
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
            if (!twin)
                continue;
            const struct vmwire_subsection_value *sent = walk.records.subsection;
            struct element_difference *noted =
                note(&walk, compare_subsection(sent, owner, twin, &taken), owner,
                     walk.optional[depth - 1] || sent->optional);
            if (noted)
                noted->sent = sent;
        }
    }
}
