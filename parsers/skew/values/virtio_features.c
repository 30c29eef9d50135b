/* SPDX-License-Identifier: MIT */
/*
 * The features of a virtio device are bits. The program's properties name them: those that are bits of one word of the device.
 */
#include "skew/values/virtio_features.h"

#include <inttypes.h>
#include <string.h>

#include "skew/conditions/conditions.h"
#include "skew/conditions/machine_types.h"
#include "skew/shared/loader_tables.h"
#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/shared/release.h"
#include "vmwire/skew.h"

enum { FEATURES = 128 };

/* A feature in words. */
struct named_feature {
    const char *property; /* NULL: not known */
    const char *machines; /* which machine types set it; NULL: none */
};

/* Whether the bit is set in a hexadecimal number. */
static bool has_feature(const char *digits, unsigned bit)
{
    digits += strncmp(digits, "0x", 2) == 0 ? 2 : 0;
    const size_t length = strspn(digits, "0123456789abcdefABCDEF");
    if (bit / 4 >= length)
        return false;
    const char digit = digits[length - 1 - bit / 4];
    const unsigned value = digit <= '9'   ? (unsigned)(digit - '0')
                           : digit >= 'a' ? (unsigned)(digit - 'a' + 10)
                                          : (unsigned)(digit - 'A' + 10);
    return value >> bit % 4 & 1;
}

/* The type's property of this name that is known to be a feature; NULL: it has none. */
static const struct vmwire_property *find_word(const struct vmwire_type *type)
{
    for (size_t i = 0; i < type->property_count; i++)
        for (size_t k = 0; k < feature_word_row_count; k++) {
            const struct vmwire_property *each = &type->properties[i];
            const struct feature_row *row = &feature_word_rows[k];
            if (each->is_bit && each->bit == row->bit && strcmp(each->name, row->name) == 0)
                return each;
        }
    return NULL;
}

/* The property of the type, or of one that it is derived from, that is the feature; NULL: none is. */
static bool find_feature(const struct vmwire_type *type, unsigned bit, struct found_property *found)
{
    *found = (struct found_property){.type = type};
    for (found->of = type; found->of; found->of = found->of->is_a) {
        const struct vmwire_property *word = find_word(found->of);
        for (size_t i = 0; word && i < found->of->property_count; i++) {
            found->property = &found->of->properties[i];
            if (found->property->is_bit && found->property->offset >= word->offset &&
                8 * (found->property->offset - word->offset) + found->property->bit == bit)
                return true;
        }
    }
    return false;
}

/* The property that is the feature in the program that declares the section. Returns false if it has none. */
static bool find_in_program(const struct vmwire_schema *declared, const char *section, unsigned bit,
                            struct found_property *found)
{
    const struct vmwire_structure *structure =
        declared ? vmwire_schema_declared(declared, section, 0) : NULL;
    const struct device_place device = place_of_device(structure, NULL);
    const struct vmwire_type *type;
    for (size_t next = 0; structure && (type = next_device_type(&device, &next));)
        if (find_feature(type, bit, found))
            return true;
    return false;
}

static struct named_feature name_in_program(const struct vmwire_schema *declared,
                                            const char *section, unsigned bit,
                                            struct vmwire_arena *arena)
{
    struct found_property found;
    if (!declared || !find_in_program(declared, section, bit, &found))
        return (struct named_feature){NULL, NULL};
    return (struct named_feature){
        found.property->name,
        declared->program ? name_machines(declared->program, &found, arena) : NULL};
}

static bool is_of_section(const struct feature_row *row, const char *section)
{
    const char *name = row->structure ? row->structure : "";
    const size_t length = strlen(section), of_name = strlen(name);
    return length >= of_name && strcmp(section + length - of_name, name) == 0;
}

/* What sets the feature in each release. */
static const char *name_elsewhere(const char *section, unsigned bit)
{
    for (size_t i = 0; i < feature_row_count; i++)
        if (feature_rows[i].bit == bit && is_of_section(&feature_rows[i], section))
            return feature_rows[i].name;
    return NULL;
}

/* ---- What the guest uses ---- */

/* The value of the row's field in the section; NULL: it has none. */
static const struct vmwire_value *find_field(const struct vmwire_item *section,
                                             const struct feature_row *row)
{
    struct vmwire_record_walk walk;
    enum vmwire_record_step step;
    vmwire_record_walk_begin(&walk, section->record);
    while ((step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE) {
        const char *structure = walk.record->structure->name;
        if (step == VMWIRE_RECORD_VALUE && strcmp(walk.value->field->name, row->name) == 0 &&
            (!row->structure || (structure && strcmp(structure, row->structure) == 0)))
            return walk.value;
    }
    return NULL;
}

/* What the section says is negotiated. Returns false if it does not tell, or that is nothing. */
static bool read_negotiated(const struct vmwire_item *section, uint64_t words[FEATURES / 64])
{
    bool found[FEATURES / 64] = {false};
    memset(words, 0, FEATURES / 8);
    for (size_t i = 0; section && section->record && i < negotiated_row_count; i++) {
        const struct feature_row *row = &negotiated_rows[i];
        const struct vmwire_value *value = found[row->bit / 64] ? NULL : find_field(section, row);
        if (!value)
            continue;
        words[row->bit / 64] = number_of_bytes(value->data);
        found[row->bit / 64] = true;
    }
    return found[0] && (words[0] | words[1]);
}

bool vmwire_skew_uses_features(const struct vmwire_stream *stream)
{
    uint64_t words[FEATURES / 64];
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->kind == VMWIRE_ITEM_SECTION_FULL &&
            read_negotiated(stream->items[i], words))
            return true;
    return false;
}

const char *vmwire_skew_negotiated(const struct vmwire_item *section, struct vmwire_arena *arena)
{
    uint64_t words[FEATURES / 64];
    if (!read_negotiated(section, words))
        return NULL;
    return words[1] ? vmwire_text(arena, "0x%" PRIx64 "%016" PRIx64, words[1], words[0])
                    : vmwire_text(arena, "0x%" PRIx64, words[0]);
}

/* ---- What the reader's device does not offer ---- */

static const char *append_name(struct vmwire_arena *arena, const char *list,
                               struct named_feature feature)
{
    return vmwire_text(arena, "%s%s%s%s%s%s", list ? list : "", list ? ", " : "", feature.property,
                       feature.machines ? " (" : "", feature.machines ? feature.machines : "",
                       feature.machines ? ")" : "");
}

const char *vmwire_skew_feature_advice(const char *negotiated, const char *offered,
                                       const char *section, const struct vmwire_side *writer,
                                       const struct vmwire_side *reader, struct vmwire_arena *arena)
{
    const char *known = NULL, *unknown = NULL;
    for (unsigned bit = 0; bit < FEATURES; bit++) {
        if (!has_feature(negotiated, bit) || has_feature(offered, bit))
            continue;
        struct named_feature its = name_in_program(reader->declared, section, bit, arena);
        if (!its.property)
            its.property = name_elsewhere(section, bit);
        const struct named_feature theirs =
            its.property ? its : name_in_program(writer->declared, section, bit, arena);
        if (theirs.property && !its.property && reader->declared)
            unknown = append_name(arena, unknown, theirs);
        else
            known = append_name(arena, known,
                                theirs.property ? theirs
                                                : (struct named_feature){
                                                      vmwire_text(arena, "feature %u", bit), NULL});
    }
    if (!known && !unknown)
        return NULL;
    return vmwire_text(arena,
                       "The reader's device does not offer what the guest uses: %s%s%s%s. Give it "
                       "these, or the writer's machine type; at the writer it helps to switch them "
                       "off only before the guest starts.%s",
                       known ? known : "", known && unknown ? ", and " : "", unknown ? unknown : "",
                       unknown ? ", which the reader's release does not know" : "",
                       writer->declared || reader->declared
                           ? ""
                           : " A program, of either side, tells the names of features.");
}

/* ---- What it offers by default ---- */

static const struct vmwire_machine *find_machine(const struct skew *skew)
{
    const struct vmwire_program_facts *program = skew->reader->declared->program;
    const char *name = machine_of_side(skew, skew->reader);
    for (size_t i = 0; program && name && i < program->machine_count; i++)
        if (strcmp(program->machines[i].name, name) == 0)
            return &program->machines[i];
    return NULL;
}

/* Whether the reader's device does not have the feature, if no command line sets it: its machine type has switched it off, or its
 * program has no property that the writer's has. */
static bool is_off(const struct skew *skew, const struct vmwire_machine *machine,
                   const char *section, unsigned bit)
{
    struct found_property found;
    int64_t value;
    if (find_in_program(skew->reader->declared, section, bit, &found))
        return property_value(machine, &found, &value) && !value;
    return !name_elsewhere(section, bit) &&
           find_in_program(skew->writer->declared, section, bit, &found);
}

void compare_virtio_features(struct skew *skew, const struct vmwire_item *item)
{
    const char *negotiated = vmwire_skew_negotiated(item, skew->arena);
    const struct vmwire_machine *machine =
        negotiated && skew->reader->declared ? find_machine(skew) : NULL;
    const char *section = text_of_bytes(skew, item->idstr);
    uint64_t offered[FEATURES / 64] = {0};
    bool all = true;
    for (unsigned bit = 0; machine && bit < FEATURES; bit++) {
        const bool off = has_feature(negotiated, bit) && is_off(skew, machine, section, bit);
        offered[bit / 64] |= (uint64_t)!off << bit % 64;
        all &= !off;
    }
    if (!machine || all)
        return;
    struct vmwire_difference difference = section_difference(skew, "virtio-features", item);
    const char *values[] = {negotiated + strlen("0x"), "?"};
    difference.certainty = VMWIRE_NOT_DECIDED;
    difference.when = "what the reader's command line gives the device: by default it does not "
                      "offer all that the guest uses";
    difference.writer = negotiated;
    difference.reader = "not told by its stream";
    difference.message =
        fill_message(skew->arena, reader_message(skew, difference.rule), values, 2);
    difference.advice = vmwire_skew_feature_advice(
        negotiated, vmwire_text(skew->arena, "%016" PRIx64 "%016" PRIx64, offered[1], offered[0]),
        section, skew->writer, skew->reader, skew->arena);
    difference.offset = difference.section_offset;
    add_difference(skew, difference);
}
