/* SPDX-License-Identifier: MIT */
/*
 * Reads footers and items out of bytes that are the writer's fields. It must not know what is in a record.
 */
#include "decide/item_steps.h"

#include <string.h>

#include "vmwire/wire.h"

/* ---- Footers ------------------------------------------------------------------------------------- */

/* Requires one value of two bytes: of the section's id in its header, and in its footer. */
static bool require_same_byte(struct engine *engine, struct requirements *required, uint64_t a,
                              uint64_t b)
{
    const struct writer_side *writer = &engine->writer;
    if (!engine->one_value && byte_is_free(writer, a) && byte_is_free(writer, b))
        return require_byte(engine, required, a, writer->bytes.data[a]) &&
               require_byte(engine, required, b, writer->bytes.data[a]);
    uint8_t values[] = {writer->bytes.data[a], writer->bytes.data[b], 0, 1}, known;
    if (engine->one_value &&
        (find_required(engine, required, a, &known) || find_required(engine, required, b, &known)))
        values[0] = known;
    for (size_t i = 0; i < sizeof(values); i++)
        if (byte_can_hold(writer, a, values[i]) && byte_can_hold(writer, b, values[i]))
            return require_byte(engine, required, a, values[i]) &&
                   require_byte(engine, required, b, values[i]);
    return false;
}

/* A second writer has written a section that the first one has not ended here, or has begun otherwise. A reader that
 * counts rejects it then; but with a schema of its own, the writer's state may be no reading: it takes this one. */
static void end_written_section(struct engine *engine, size_t before,
                                const struct requirements *required, uint64_t offset,
                                enum footer footer, const struct call_frame *section)
{
    if (engine->reader.ambiguity == VMWIRE_AMBIGUITY_SECTION)
        record_pair(engine, before, required);
    if (engine->reader.counts && engine->skewed)
        add_pair(engine, before, required, offset, NO_FRAME, footer, 0);
    if (engine->reader.ambiguity == VMWIRE_AMBIGUITY_STREAM)
        add_pair(engine, before, required, offset, NO_FRAME, footer, section->item + 1);
}

static void follow_footer(struct engine *engine, size_t before, const struct places *places,
                          const struct call_frame *section)
{
    struct requirements required;
    require_nothing(&required);
    if (places->count < 5 ||
        !require_byte(engine, &required, places->at[0], VMWIRE_QEMU_VM_SECTION_FOOTER))
        return;
    for (unsigned i = 0; i < 4; i++)
        if (!require_same_byte(engine, &required, section->id_at + i, places->at[1 + i]))
            return;
    note_optional_subsections(engine, &required, places, 5);
    if (engine->seeks_pair && !is_behind(engine, before))
        end_written_section(engine, before, &required, places->at[5], FOOTER_HERE, section);
    else
        add_pair(engine, before, &required, places->at[5], NO_FRAME, FOOTER_HERE, 0);
}

/* Requires a footer that is wrong at this place, or ends before it. */
static bool require_no_footer(struct engine *engine, struct requirements *required,
                              const struct passed_tails *passed, const struct places *places,
                              size_t place, const struct call_frame *section)
{
    if (place == 0 && places->count && !require_passing(engine, passed, required, places->at[0]))
        return false;
    if (place > 0 && !require_byte(engine, required, places->at[0], VMWIRE_QEMU_VM_SECTION_FOOTER))
        return false;
    uint8_t expected = place ? engine->writer.bytes.data[section->id_at + place - 1]
                             : (uint8_t)VMWIRE_QEMU_VM_SECTION_FOOTER;
    /* The byte that passes the tails begins no footer either. */
    bool passed_by = place == 0 && required->count > 0;
    return place >= places->count || passed_by ||
           require_other_byte(engine, required, places->at[place], expected);
}

/* The reader expects a footer and rejects the first byte that differs from it. Where the reader is yet to
 * learn whether there are footers, the first byte cannot be wrong. The id is the one that the header has
 * now: where a state can change the header's id, it can change the footer's byte instead, at no more cost. */
static void miss_footer(struct engine *engine, size_t before, const struct passed_tails *passed,
                        const struct places *places, const struct call_frame *section)
{
    for (size_t i = section->footer == FOOTER_LEARNED ? 1 : 0; i < 5; i++) {
        struct requirements other;
        require_nothing(&other);
        if (require_no_footer(engine, &other, passed, places, i, section)) {
            record_outcome(engine, before, &other, VMWIRE_OUTCOME_REJECT);
            return;
        }
    }
}

void follow_end_of_section(struct engine *engine, size_t before, const struct passed_tails *passed,
                           uint64_t offset, const struct call_frame *section)
{
    enum { FOOTER = 1 + 4 };
    static const struct requirements none = {.count = 0};
    uint8_t other;
    if (engine->seeks_pair && !is_behind(engine, before) && section->footer != FOOTER_HERE) {
        if (engine->reader.ambiguity == VMWIRE_AMBIGUITY_SECTION)
            engine->undecided = "without footers, what follows says where a section ends";
        else
            end_written_section(engine, before, &none, offset, section->footer, section);
        return;
    }
    bool learns = section->footer == FOOTER_LEARNED;
    enum passing passing = passing_at(engine, passed, offset);
    bool may_miss = section->footer != FOOTER_HERE && passing != PASSES_NONE;
    if (may_miss && passing == PASSES_SOME)
        engine->undecided = LOOKS_BEYOND;
    if (may_miss &&
        (!learns || offset >= engine->writer.limit ||
         find_other_value(&engine->writer, offset, VMWIRE_QEMU_VM_SECTION_FOOTER, &other)))
        add_pair(engine, before, &none, offset, NO_FRAME,
                 section->footer == FOOTER_LATER ? FOOTER_LEARNED : FOOTER_NONE,
                 SEEN | (learns ? SEEN_NO_FOOTER : 0) |
                     (passing == PASSES_OTHER ? SEEN_NO_MARKER : 0));
    if (section->footer == FOOTER_NONE || section->footer == FOOTER_LATER)
        return;
    struct call_frame kept = *section; /* a copy: adding frames can move the array that holds it */
    struct places places;
    lay_first_places(&engine->writer, offset, FOOTER, &places);
    do {
        follow_footer(engine, before, &places, &kept);
        miss_footer(engine, before, passed, &places, &kept);
    } while (lay_next_places(&engine->writer, FOOTER, FOOTER, &places));
}

/* ---- Items --------------------------------------------------------------------------------------- */

/* The one command that QEMU passes over wherever it stands (migration/savevm.c,
 * loadvm_postcopy_handle_resume). The other commands act on the migration itself. */
static void follow_command(struct engine *engine, size_t before, uint64_t offset,
                           enum footer footer)
{
    static const uint8_t resume[] = {VMWIRE_QEMU_VM_COMMAND, 0, VMWIRE_MIG_CMD_POSTCOPY_RESUME, 0,
                                     0};
    struct places places;
    size_t tried;
    lay_first_places(&engine->writer, offset, sizeof(resume), &places);
    do {
        struct requirements required;
        require_nothing(&required);
        note_optional_subsections(engine, &required, &places, sizeof(resume));
        tried = sizeof(resume);
        if (require_bytes(engine, &required, &places, 0, resume, sizeof(resume), &tried))
            add_pair(engine, before, &required, places.at[sizeof(resume)], NO_FRAME, footer, 0);
    } while (lay_next_places(&engine->writer, sizeof(resume), tried, &places));
}

static void put_be32(uint8_t *bytes, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> 8 * (3 - i));
}

/* The header of a full section of a device at some places, of which `required` has the type and the idstr. */
struct section_header {
    const struct vmwire_device *device;
    const struct program *program;
    const struct places *places;
    size_t name_length;
    uint64_t next_skip; /* behind the type */
    enum footer footer;
    struct requirements *required;
    struct required_so_far name; /* the type and the idstr */
    uint8_t ends[8];             /* instance and version */
    bool silent;                 /* requiring_is_silent() */
};

/* Requires the rest of it, with an idstr of `length` bytes. The section id is free; so are the bytes of the idstr behind a
 * NUL. */
static bool require_section_header(struct engine *engine, const struct section_header *header,
                                   size_t length)
{
    struct requirements *required = header->required;
    const struct places *places = header->places;
    size_t tried;
    require_no_more_than(required, &header->name);
    return require_byte(engine, required, places->at[5], (uint8_t)length) &&
           (length == header->name_length ||
            require_byte(engine, required, places->at[6 + header->name_length], 0)) &&
           require_bytes(engine, required, places, 6 + length, header->ends,
                         header->device->structure->name ? 8 : 4, &tried);
}

/* One step for a whole section, header to footer, whose record is nothing but data. False: the record has
 * to be followed node by node. */
static bool follow_plain_section(struct engine *engine, size_t before,
                                 const struct section_header *header, size_t length)
{
    const struct writer_side *writer = &engine->writer;
    const struct program *program = header->program;
    const struct places *places = header->places;
    uint64_t begin = places->at[0] + 1 + 4 + 1 + length + 4 + 4, end = begin + program->length;
    if (!program->plain || header->footer != FOOTER_HERE || header->next_skip <= end + 5)
        return false;
    if (end + 5 > writer->limit || !byte_can_hold(writer, end, VMWIRE_QEMU_VM_SECTION_FOOTER))
        return true;
    if (writer->markers[end] != writer->markers[begin])
        return false;
    struct requirements *required = header->required;
    bool possible = require_section_header(engine, header, length) &&
                    !(header->silent &&
                      cannot_improve(engine, cost_of_pair(engine, before) + required->count)) &&
                    require_byte(engine, required, end, VMWIRE_QEMU_VM_SECTION_FOOTER);
    /* No skip begins up to here, so the id follows. */
    for (unsigned i = 0; possible && i < 4; i++)
        possible = require_same_byte(engine, required, places->at[1] + i, end + 1 + i);
    if (possible)
        add_pair(engine, before, required, end + 5, NO_FRAME, FOOTER_HERE, 0);
    return true;
}

static void follow_section(struct engine *engine, size_t before,
                           const struct section_header *header, size_t length)
{
    const size_t size = 1 + 4 + 1 + length + 4 + 4;
    const struct places *places = header->places;
    if (follow_plain_section(engine, before, header, length) ||
        !require_section_header(engine, header, length))
        return;
    note_optional_subsections(engine, header->required, places, size);
    add_pair(
        engine, before, header->required, places->at[size],
        section_frame(&engine->reader, header->device->structure, header->footer, places->at[1], 0),
        0, 0);
}

/* Follows the reader into a header with an idstr of each length. */
static void follow_sections(struct engine *engine, size_t before, const struct places *places,
                            const struct vmwire_device *device, enum footer footer,
                            struct requirements *name)
{
    struct section_header header = {
        .device = device,
        .program = program_of(&engine->reader, device->structure),
        .places = places,
        .name_length = strlen(device->idstr),
        .next_skip = next_skip_begins(&engine->writer, places->at[0]),
        .footer = footer,
        .required = name,
        .name = required_so_far(name),
        .silent = requiring_is_silent(engine),
    };
    size_t cost =
        cost_of_pair(engine, before) + name->count + byte_is_free(&engine->writer, places->at[5]);
    if (header.silent && cannot_improve(engine, cost))
        return;
    put_be32(header.ends, device->instance_id);
    put_be32(header.ends + 4, device->structure->described_version_id);
    for (size_t length = header.name_length;
         length <= UINT8_MAX && 1 + 4 + 1 + length + 4 + 4 <= places->count; length++)
        follow_section(engine, before, &header, length);
    require_no_more_than(name, &header.name);
}

/* The fewest bytes that a header of this device requires here. */
static size_t least_header_cost(const struct engine *engine, const struct places *places,
                                const struct vmwire_device *device)
{
    size_t asked = 1 + 1 + strlen(device->idstr);
    const uint32_t *settable = engine->writer.settable;
    uint32_t fixed = 0;
    if (places->count >= 6 + strlen(device->idstr) && !places->turn_count) {
        uint64_t begin = places->at[0], end = places->at[6 + strlen(device->idstr)];
        fixed = (uint32_t)(end - begin) - (settable[end] - settable[begin]);
    }
    return asked > fixed ? asked - fixed : 0;
}

/* Follows the reader into a header of this device at these places. `tried`: as in lay_next_places(). Skips
 * behind the name are tried as all taken and as none taken. */
static void follow_device_at(struct engine *engine, size_t before, const struct places *places,
                             const struct vmwire_device *device, enum footer footer, size_t *tried)
{
    size_t name_length = strlen(device->idstr);
    const uint8_t type = VMWIRE_QEMU_VM_SECTION_FULL;
    struct requirements name;
    require_nothing(&name);
    if (!require_bytes(engine, &name, places, 0, &type, 1, tried) ||
        !require_bytes(engine, &name, places, 6, device->idstr, name_length, tried))
        return;
    for (int skipping = 0; skipping < (places->turn_count ? 2 : 1); skipping++) {
        struct places onward = *places;
        relay_places(&engine->writer, PLACES_LIMIT, 6 + name_length, skipping, &onward);
        if (onward.turn_count > places->turn_count)
            engine->undecided = "items can be read out of the bytes of optional subsections";
        if (onward.count >= 1 + 4 + 1 + name_length + 4 + 4 && onward.at[4] == onward.at[1] + 3)
            follow_sections(engine, before, &onward, device, footer, &name);
    }
}

static void follow_device(struct engine *engine, size_t before, uint64_t offset,
                          const struct vmwire_device *device, enum footer footer)
{
    size_t count = 6 + strlen(device->idstr), tried;
    struct places places;
    lay_first_places(&engine->writer, offset, count, &places);
    if (cannot_improve(engine,
                       cost_of_pair(engine, before) + least_header_cost(engine, &places, device)))
        return;
    do {
        tried = count;
        follow_device_at(engine, before, &places, device, footer, &tried);
    } while (lay_next_places(&engine->writer, count, tried, &places));
}

static void follow_full_sections(struct engine *engine, size_t before, uint64_t offset,
                                 enum footer footer)
{
    count_settable_bytes(&engine->writer, engine->reader.work);
    for (size_t i = 0; i < engine->reader.schema->device_count; i++)
        follow_device(engine, before, offset, &engine->reader.schema->devices[i], footer);
}

/* Requires a byte that begins no item. A footer, a description and a configuration begin none here; neither
 * does a subsection, unless the option sends subsections as items. */
static bool require_no_item(struct engine *engine, struct requirements *required, uint64_t offset,
                            unsigned seen)
{
    static const uint8_t values[] = {0xff, VMWIRE_QEMU_VM_VMDESCRIPTION,
                                     VMWIRE_QEMU_VM_CONFIGURATION};
    uint8_t now = engine->writer.bytes.data[offset];
    bool marker = now == VMWIRE_QEMU_VM_SUBSECTION &&
                  engine->reader.option->subsections != VMWIRE_SUBSECTION_ITEM;
    bool seen_now = (now == VMWIRE_QEMU_VM_SECTION_FOOTER && seen & SEEN_NO_FOOTER) ||
                    (now == VMWIRE_QEMU_VM_SUBSECTION && seen & SEEN_NO_MARKER);
    if (!seen_now && (marker || now > VMWIRE_QEMU_VM_COMMAND))
        return true;
    for (size_t i = 0; i < sizeof(values); i++)
        if (require_byte(engine, required, offset, values[i]))
            return true;
    return false;
}

/* The reader takes a 00 for the end. It ends the package, where there is one; the reader then is in step again,
 * unless it has learned wrongly whether the stream has footers. */
static void follow_eof(struct engine *engine, size_t before, const struct requirements *required,
                       uint64_t offset, enum footer footer)
{
    if (engine->in_package && is_refused_behind(engine, engine->writer.limit, footer))
        engine->undecided = BEHIND_PACKAGE;
    else
        record_outcome(engine, before, required,
                       offset + 1 < engine->writer.limit ? VMWIRE_OUTCOME_TRUNCATED
                                                         : VMWIRE_OUTCOME_CORRUPT);
}

/* The second writer writes the next item of the stream here. Where the first one does so too, they have written the
 * same bytes for two states. */
static void write_item(struct engine *engine, size_t before, uint64_t offset, enum footer footer,
                       size_t number)
{
    const struct vmwire_stream *stream = engine->stream;
    const struct vmwire_item *item = stream->items[number];
    const struct vmwire_bytes all = engine->writer.bytes;
    const uint64_t begins = (uint64_t)(item->raw.data - all.data);
    struct requirements required;
    require_nothing(&required);
    if (offset == begins) {
        engine->reached = offset;
        record_pair(engine, before, &required);
        return;
    }
    if (item->kind == VMWIRE_ITEM_EOF)
        return; /* the streams would have another length */
    if (!byte_can_hold(&engine->writer, offset, all.data[begins]))
        return;
    if (item->kind != VMWIRE_ITEM_SECTION_FULL || engine->separate) {
        engine->undecided = "a second writer is followed over sections of devices only";
        return;
    }
    size_t length = vmwire_item_header_length(item), tried;
    struct places places;
    lay_first_places(&engine->writer, offset, length, &places);
    do {
        require_nothing(&required);
        tried = length;
        if (!require_bytes(engine, &required, &places, 0, all.data + begins, length, &tried))
            continue;
        note_optional_subsections(engine, &required, &places, length);
        add_pair(
            engine, before, &required, places.at[length],
            section_frame(&engine->reader, item->record->structure, footer, places.at[1], number),
            0, 0);
    } while (lay_next_places(&engine->writer, length, tried, &places));
}

void follow_item(struct engine *engine, size_t before, uint64_t offset, enum footer footer,
                 size_t seen)
{
    static const struct requirements none = {.count = 0};
    struct requirements end, other;
    require_nothing(&end);
    require_nothing(&other);
    engine->reached = offset;
    if (offset >= engine->writer.limit) {
        record_outcome(engine, before, &none, VMWIRE_OUTCOME_REJECT);
        return;
    }
    if (engine->reader.ambiguity == VMWIRE_AMBIGUITY_STREAM) {
        write_item(engine, before, offset, footer, seen);
        return;
    }
    if (require_byte(engine, &end, offset, VMWIRE_QEMU_VM_EOF))
        follow_eof(engine, before, &end, offset, footer);
    if (require_no_item(engine, &other, offset, seen))
        record_outcome(engine, before, &other, VMWIRE_OUTCOME_REJECT);
    if (byte_can_hold(&engine->writer, offset, VMWIRE_QEMU_VM_COMMAND))
        follow_command(engine, before, offset, footer);
    if (byte_can_hold(&engine->writer, offset, VMWIRE_QEMU_VM_SECTION_FULL))
        follow_full_sections(engine, before, offset, footer);
    if (marks_at(&engine->writer, offset) & ITEM_BEGINS && !engine->skewed)
        return; /* the writer begins a section here, and the reader reads the same one */
    for (int item = VMWIRE_QEMU_VM_SECTION_START; item <= VMWIRE_QEMU_VM_COMMAND; item++)
        if (byte_can_hold(&engine->writer, offset, (uint8_t)item))
            engine->undecided = "the reader can read items out of the data of fields";
}
