/* SPDX-License-Identifier: MIT */
/*
 * What a class takes is in target/ppc/cpu_init.c of QEMU, ppc_pvr_match_power9() and its like. Tried with 5.2, 7.2 and 10.0.
 */
#include "skew/values/ppc_processors.h"

#include <inttypes.h>
#include <string.h>

#include "skew/shared/places.h"
#include "skew/shared/release.h"

/* ---- Finding the PVR ---- */

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

/* ---- The rule ---- */

enum { FAMILY_SHIFT = 16, MAJOR_REVISION = 0xf00, REVISION = 0xf0f, POWER9 = 0x4e };

/* Families of processors of which a class takes more than its own PVR; all others take no other (ppc_pvr_match_default). */
struct family {
    uint16_t number;
    uint8_t generation;
    bool by_revision; /* the major revision must be the same */
};

static const struct family *find_family(uint64_t pvr)
{
    static const struct family families[] = {
        {0x3f, 7, false}, {0x4a, 7, false},  {0x4b, 8, false}, {0x4c, 8, false},
        {0x4d, 8, false}, {POWER9, 9, true}, {0x80, 10, true}, {0x82, 11, true},
    };
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        if (families[i].number == pvr >> FAMILY_SHIFT)
            return &families[i];
    return NULL;
}

/* Whether a class takes a PVR: that can depend on a release that is not known. */
enum pvr_answer { PVR_REFUSED, PVR_TAKEN, PVR_BY_RELEASE };

/* Since 8.1 there are two classes of POWER9, revisions 2.0 and 2.2, and a PVR is of one of them. */
static enum pvr_answer compare_power9(uint64_t sent, uint64_t own, struct release_range reader)
{
    enum { REVISION_2_2 = 0x202, TWO_CLASSES = 801 };
    const bool theirs_is_2_2 = (sent & REVISION) >= REVISION_2_2;
    const bool own_is_2_2 = (own & REVISION) >= REVISION_2_2;
    if (theirs_is_2_2 == own_is_2_2)
        return PVR_TAKEN;
    if (own_is_2_2 || reader.first >= TWO_CLASSES)
        return PVR_REFUSED;
    return reader.last < TWO_CLASSES ? PVR_TAKEN : PVR_BY_RELEASE;
}

/* As 7.2 does. */
static enum pvr_answer compare_family(uint64_t sent, uint64_t own, const struct family *family,
                                      struct release_range reader)
{
    if (sent >> FAMILY_SHIFT != own >> FAMILY_SHIFT ||
        (family->by_revision && (sent ^ own) & MAJOR_REVISION))
        return PVR_REFUSED;
    return family->number == POWER9 ? compare_power9(sent, own, reader) : PVR_TAKEN;
}

/* Up to 6.2 a class takes any PVR of its generation. */
static enum pvr_answer compare_pvrs(uint64_t sent, uint64_t own, struct release_range reader)
{
    enum { LAST_BY_GENERATION = 602, FIRST_BY_FAMILY = 702 }; /* between: not known */
    const struct family *theirs = find_family(sent), *family = find_family(own);
    if (sent == own)
        return PVR_TAKEN;
    if (!theirs || !family || theirs->generation != family->generation)
        return PVR_REFUSED;
    const enum pvr_answer answer = compare_family(sent, own, family, reader);
    if (answer == PVR_TAKEN || reader.last <= LAST_BY_GENERATION)
        return PVR_TAKEN;
    return reader.first >= FIRST_BY_FAMILY ? answer : PVR_BY_RELEASE;
}

/* ---- Comparing ---- */

void compare_ppc_processors(struct skew *skew, const struct vmwire_item *writer,
                            const struct vmwire_item *reader)
{
    const struct vmwire_value *theirs = find_registers(writer), *own = find_registers(reader);
    /* A stream that has none leaves the reader its own compatibility mode, and then QEMU does not compare. */
    if (!theirs || !own || is_compatible(writer) || is_compatible(reader))
        return;
    uint64_t sent = number_of_bytes(pvr_of(theirs)), held = number_of_bytes(pvr_of(own));
    const enum pvr_answer answer = compare_pvrs(sent, held, reader_releases(skew));
    if (answer == PVR_TAKEN)
        return;
    struct vmwire_difference difference = section_difference(skew, "ppc-processor", writer);
    const uint8_t *place = vmwire_value_place(theirs, skew->writer->bytes);
    difference.structure = writer->record->structure->name;
    difference.path = "env.spr[287]";
    difference.writer = vmwire_text(skew->arena, "PVR %08" PRIx64, sent);
    difference.reader = vmwire_text(skew->arena, "PVR %08" PRIx64, held);
    difference.offset =
        offset_in(skew->writer, place ? place + (pvr_of(theirs).data - theirs->data.data) : NULL);
    if (answer == PVR_BY_RELEASE) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when =
            "the release of the reader: up to QEMU 6.2 a model takes all processors of "
            "its generation, from 7.2 on those of its family and revision; since 8.1 "
            "power9_v2.0 takes no 2.2";
    }
    add_difference(skew, difference);
}
