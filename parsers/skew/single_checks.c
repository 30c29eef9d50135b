/* SPDX-License-Identifier: MIT */
#include "skew/single_checks.h"

#include <inttypes.h>
#include <string.h>

#include "skew/message.h"
#include "skew/places.h"
#include "skew/release.h"
#include "vmwire/wire.h"

/* At the section's head. */
static struct vmwire_difference difference_at_head(const struct skew *skew, const char *rule,
                                                   const struct vmwire_item *item)
{
    struct vmwire_difference difference = section_difference(skew, rule, item);
    difference.offset = difference.section_offset;
    return difference;
}

/* ---- Commands ---- */

static const struct vmwire_item *find_command(const struct vmwire_stream *stream, uint16_t command)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->kind == VMWIRE_ITEM_COMMAND && stream->items[i]->command == command)
            return stream->items[i];
    return NULL;
}

void compare_commands(struct skew *skew)
{
    enum { COMMAND = VMWIRE_MIG_CMD_SWITCHOVER_START, SINCE = 1000 };
    const struct vmwire_item *item = find_command(skew->writer->stream, COMMAND);
    const struct release_range releases = reader_releases(skew);
    if (!item || releases.first >= SINCE || find_command(skew->reader->stream, COMMAND))
        return;
    struct vmwire_difference difference = certain_difference("command-unknown");
    difference.writer = vmwire_command_name(COMMAND);
    difference.offset = offset_in(skew->writer, item->raw.data);
    difference.message =
        fill_message(skew, reader_message(skew, difference.rule),
                     (const char *const[]){skew_text(skew, "%x", (unsigned)COMMAND), "0"}, 2);
    if (releases.last >= SINCE) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = "the reader is older than QEMU 10.0";
    }
    add_difference(skew, difference);
}

/* ---- PowerPC ---- */

/* Registers of the special purpose, in the section's own record. */
static const struct vmwire_value *find_registers(const struct vmwire_item *item)
{
    for (const struct vmwire_value *value = item->record->values; value; value = value->next)
        if (strcmp(value->field->name, "env.spr") == 0)
            return value;
    return NULL;
}

/* Whether the processor is in a compatibility mode: then it need not be of the same family. */
static bool is_compatible(const struct vmwire_item *item)
{
    for (const struct vmwire_subsection_value *sent = item->record->subsections; sent;
         sent = sent->next)
        if (strcmp(sent->subsection->name, "cpu/compat") == 0 && sent->record->values)
            return number_of_bytes(sent->record->values->data) != 0;
    return false;
}

/* One of 1024 registers (QEMU target/ppc/cpu.h, SPR_PVR). */
static struct vmwire_bytes pvr_of(const struct vmwire_value *registers)
{
    enum { COUNT = 1024, PVR = 287 };
    size_t size = registers->data.length / COUNT;
    return (struct vmwire_bytes){registers->data.data + PVR * size, size};
}

/* Whether the processor's class takes the PVR. Of a family that is not listed here, it does where nothing else is known. */
static bool matches_pvr(uint64_t sent, uint64_t own)
{
    enum { FAMILY_SHIFT = 16, POWER9 = 0x4e, POWER9_2_2 = 0x202, REVISION = 0xf0f };
    if (sent >> FAMILY_SHIFT != own >> FAMILY_SHIFT)
        return false;
    /* QEMU has the model 2.2 since 8.1, and from then on it takes no 2.0 and 2.1 (target/ppc/cpu_init.c,
     * ppc_pvr_match_power9). */
    bool is_2_2 = own >> FAMILY_SHIFT == POWER9 && (own & REVISION) == POWER9_2_2;
    return !is_2_2 || (sent & REVISION) >= POWER9_2_2;
}

void compare_ppc_processors(struct skew *skew, const struct vmwire_item *writer,
                            const struct vmwire_item *reader)
{
    const struct vmwire_value *theirs = find_registers(writer), *own = find_registers(reader);
    if (!theirs || !own || is_compatible(writer))
        return;
    uint64_t sent = number_of_bytes(pvr_of(theirs)), held = number_of_bytes(pvr_of(own));
    if (matches_pvr(sent, held))
        return;
    struct vmwire_difference difference = section_difference(skew, "ppc-processor", writer);
    const uint8_t *place = vmwire_value_place(theirs, skew->writer->bytes);
    difference.structure = writer->record->structure->name;
    difference.path = "env.spr[287]";
    difference.writer = skew_text(skew, "PVR %08" PRIx64, sent);
    difference.reader = skew_text(skew, "PVR %08" PRIx64, held);
    difference.offset =
        offset_in(skew->writer, place ? place + (pvr_of(theirs).data - theirs->data.data) : NULL);
    add_difference(skew, difference);
}

/* ---- Capabilities of pseries ---- */

/* The level that a section sends; NULL: it has the default of the machine type. */
static const struct vmwire_value *find_level(const struct vmwire_item *item, const char *name)
{
    for (const struct vmwire_subsection_value *sent = item->record->subsections; sent;
         sent = sent->next)
        if (strcmp(sent->subsection->name, name) == 0)
            return sent->record->values;
    return NULL;
}

/* Whether the reader refuses, as far as levels that are sent tell it. A default is another level than one that is sent. */
static bool refuses_level(const struct spapr_row *row, const struct vmwire_value *sent,
                          const struct vmwire_value *own)
{
    if (sent && own)
        return number_of_bytes(sent->data) > number_of_bytes(own->data);
    if (own)
        return number_of_bytes(own->data) == 0;
    return sent && row->is_switch && number_of_bytes(sent->data) > 0;
}

static const char *level_text(const struct skew *skew, const struct spapr_row *row,
                              const struct vmwire_value *level, const struct vmwire_value *other)
{
    if (level)
        return skew_text(skew, "%" PRIu64, number_of_bytes(level->data));
    return row->is_switch ? skew_text(skew, "%d", !number_of_bytes(other->data)) : "?";
}

static void compare_level(struct skew *skew, const struct vmwire_item *item,
                          const struct spapr_row *row, const struct vmwire_value *sent,
                          const struct vmwire_value *own)
{
    if (!refuses_level(row, sent, own))
        return;
    struct vmwire_difference difference = difference_at_head(skew, "spapr-capability", item);
    const char *values[] = {row->name, level_text(skew, row, sent, own),
                            level_text(skew, row, own, sent)};
    difference.structure = row->subsection;
    difference.path = row->subsection;
    difference.writer =
        skew_text(skew, "cap-%s: %s", row->name, sent ? values[1] : "the default, which is higher");
    difference.reader =
        skew_text(skew, "cap-%s: %s", row->name, own ? values[2] : "the default, which is lower");
    if (sent)
        difference.offset = offset_in(skew->writer, vmwire_value_place(sent, skew->writer->bytes));
    difference.message = fill_message(skew, reader_message(skew, difference.rule), values,
                                      sizeof(values) / sizeof(*values));
    add_difference(skew, difference);
}

void compare_spapr_capabilities(struct skew *skew, const struct vmwire_item *writer,
                                const struct vmwire_item *reader)
{
    if (!idstr_is(writer->idstr, "spapr"))
        return;
    for (size_t i = 0; i < spapr_row_count; i++)
        compare_level(skew, writer, &spapr_rows[i], find_level(writer, spapr_rows[i].subsection),
                      find_level(reader, spapr_rows[i].subsection));
}

/* ---- Pointers ---- */

void compare_pointers(struct skew *skew, const struct vmwire_item *item,
                      const struct checked_values *writer, const struct checked_values *reader)
{
    for (size_t i = 0; i < pointer_row_count; i++) {
        if (!(writer->pointers >> i & 1) || reader->pointers >> i & 1)
            continue;
        struct vmwire_difference difference = difference_at_head(skew, "pointer-missing", item);
        difference.structure = item->record->structure->name;
        difference.path = pointer_rows[i].subsection;
        difference.writer = skew_text(skew, "the subsection \"%s\"", pointer_rows[i].subsection);
        difference.reader = "a device without what it is of";
        difference.advice = pointer_rows[i].advice;
        add_difference(skew, difference);
    }
}
