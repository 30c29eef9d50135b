/* SPDX-License-Identifier: MIT */
/*
 * The reader takes the bytes at a tail for the header of a subsection: a known one, or one whose name makes
 * it reject. It must not know which bytes a record or an item has.
 */
#include "decide/tail_steps.h"

#include <string.h>

#include "vmwire/wire.h"

/* ---- Known subsections --------------------------------------------------------------------------- */

/* How the reader judges the version of a subsection (read/lexer_record.c, enter_subsection). */
enum version_verdict { VERSION_REFUSED, VERSION_UNKNOWN, VERSION_KNOWN };

static enum version_verdict judge_version(const struct vmwire_subsection *subsection,
                                          uint8_t version)
{
    const struct vmwire_structure *structure = subsection->structure;
    if (version > subsection->version_id || version < subsection->minimum_version_id)
        return VERSION_REFUSED;
    if (!structure)
        return VERSION_UNKNOWN;
    bool known = version == structure->described_version_id ||
                 (structure->assumed && structure->minimum_version_id <= version &&
                  version <= structure->version_id);
    return known ? VERSION_KNOWN : VERSION_UNKNOWN;
}

/* Requires a version that the reader judges so; the version that is there, if possible. */
static bool require_version(struct engine *engine, struct requirements *required, uint64_t offset,
                            const struct vmwire_subsection *subsection,
                            enum version_verdict verdict)
{
    const uint8_t now = engine->writer.bytes.data[offset];
    for (unsigned i = 0; i <= UINT8_MAX; i++) {
        uint8_t value = (uint8_t)(now + i);
        if (judge_version(subsection, value) == verdict &&
            require_byte(engine, required, offset, value))
            return true;
    }
    return false;
}

/* The version that a second writer sends, in four bytes; or any whose layout is known to a reader that counts. */
static bool require_written_version(struct engine *engine, struct requirements *required,
                                    const struct places *places,
                                    const struct vmwire_subsection *subsection)
{
    const struct vmwire_structure *structure = subsection->structure;
    uint8_t version[4] = {0};
    size_t tried;
    if (engine->reader.counts)
        return require_bytes(engine, required, places, 0, version, 3, &tried) &&
               require_version(engine, required, places->at[3], subsection, VERSION_KNOWN);
    for (unsigned i = 0; i < 4; i++)
        version[i] = (uint8_t)(structure->described_version_id >> 8 * (3 - i));
    return require_bytes(engine, required, places, 0, version, sizeof(version), &tried);
}

/* The reader looks at the low byte of the version only (QEMU keeps it in a uint8_t). */
static void follow_version_at(struct engine *engine, size_t before, const struct places *places,
                              const struct vmwire_subsection *subsection,
                              const struct call_frame *header)
{
    struct requirements rejected;
    require_nothing(&rejected);
    note_optional_subsections(engine, &rejected, places, 4);
    struct requirements required, unknown;
    copy_requirements(&required, &rejected);
    copy_requirements(&unknown, &rejected);
    if (places->count < 4) {
        record_outcome(engine, before, &rejected, VMWIRE_OUTCOME_REJECT);
        return;
    }
    if (require_version(engine, &rejected, places->at[3], subsection, VERSION_REFUSED))
        record_outcome(engine, before, &rejected, VMWIRE_OUTCOME_REJECT);
    if (vmwire_option_refuses(engine->reader.option, subsection)) {
        record_outcome(engine, before, &required, VMWIRE_OUTCOME_REJECT);
        return;
    }
    if (engine->reader.writes
            ? !subsection->structure
            : require_version(engine, &unknown, places->at[3], subsection, VERSION_UNKNOWN))
        engine->undecided = subsection->structure
                                ? "the layout of a version of a subsection is not known"
                                : "the layout of a subsection is not known";
    if (engine->reader.writes
            ? !subsection->structure ||
                  !require_written_version(engine, &required, places, subsection)
            : !require_version(engine, &required, places->at[3], subsection, VERSION_KNOWN))
        return;
    if (!fits_nesting_limit(&engine->reader, subsection->structure, header->parent,
                            header->return_node)) {
        record_outcome(engine, before, &required, VMWIRE_OUTCOME_REJECT);
        return;
    }
    size_t inner = frame_of(&engine->reader, subsection->structure, header->parent,
                            header->return_node, header->return_done);
    add_pair(engine, before, &required, places->at[4], inner, 0, 0);
}

void follow_version(struct engine *engine, size_t before, const struct pair *pair)
{
    enum { VERSION = 4 };
    struct call_frame header = engine->reader.frames[pair->frame];
    const struct vmwire_subsection *subsection =
        node_at(&engine->reader, pair->frame, pair->node)->subsection;
    struct places places;
    lay_first_places(&engine->writer, pair->offset, VERSION, &places);
    do
        follow_version_at(engine, before, &places, subsection, &header);
    while (lay_next_places(&engine->writer, VERSION, VERSION, &places));
}

/* Lengths of a name, from `from` up to `to`, without `to`. */
struct lengths {
    size_t from, to;
};

/* The least length at which the name, with a NUL and any bytes behind it, is plausible for the owner (is_plausible_name());
 * SIZE_MAX: it never is. */
static size_t plausible_from(const struct vmwire_structure *owner, const char *name)
{
    const size_t length = strlen(owner->name);
    return strncmp(owner->name, name, length) == 0 ? length + 1 : SIZE_MAX;
}

/* The lengths of a header of this subsection that no passed tail takes, up to `longest`. `owner`: looks for plausible
 * names only; NULL: it does not. */
static struct lengths possible_lengths(const struct passed_tails *passed,
                                       const struct vmwire_structure *owner,
                                       const struct vmwire_subsection *subsection, size_t longest)
{
    struct lengths lengths = {strlen(subsection->name), longest + 1};
    size_t least = owner ? plausible_from(owner, subsection->name) : 0;
    if (least > lengths.from)
        lengths.from = least;
    for (size_t i = 0; i < passed->count; i++) {
        const struct passed_tail *tail = &passed->tails[i];
        size_t taken =
            tail->look == VMWIRE_LOOK_ALWAYS ? 0 : plausible_from(tail->owner, subsection->name);
        if (taken < lengths.to)
            lengths.to = taken;
    }
    return lengths;
}

/* Whether no length of the name leads to anything new: the name alone costs as much as the outcomes that are found. Where
 * require_byte() notes something of the length or of the NUL behind the name, every length is tried all the same. */
static bool name_is_too_dear(const struct engine *engine, size_t before,
                             const struct requirements *name, const struct places *places,
                             size_t name_length)
{
    return cannot_improve(engine, cost_of_pair(engine, before) + name->count) &&
           (requiring_is_silent(engine) ||
            (!engine->one_value && byte_is_free(&engine->writer, places->at[1]) &&
             (places->count < 2 + name_length + 1 ||
              byte_is_free(&engine->writer, places->at[2 + name_length]))));
}

/* Makes the byte at the offset the last one that is required, if it is the one before the last. */
static void put_last(struct requirements *required, uint64_t offset)
{
    struct vmwire_required_byte *list = required->list;
    const size_t count = required->count;
    if (count < 2 || list[count - 2].offset != offset)
        return;
    const struct vmwire_required_byte last = list[count - 2];
    list[count - 2] = list[count - 1];
    list[count - 1] = last;
}

/* A header with a known name, of which the length and what fills it up may differ. */
struct known_header {
    size_t before, frame;
    const struct places *places;
    size_t name_length;
    struct requirements *required;
    struct required_so_far name; /* the marker and the name */
    /* Headers of all lengths that are longer than the name require as many bytes, and requiring them leaves nothing else
     * behind. */
    bool alike;
    size_t cost; /* then: of the way to their versions */
};

/* Whether the fill can be passed at once: a state can send nothing within it, and no record ends in it. */
static bool is_plain_fill(const struct engine *engine, size_t header, uint64_t from, uint64_t to)
{
    return !(marks_at(&engine->writer, from) & SKIP_BEGINS) &&
           next_skip_begins(&engine->writer, from) >= to &&
           limit_of_node(&engine->reader, header, 0) >= to;
}

/* Fill leads from each offset to nearly the same versions as from the offset before. */
static bool is_reached(struct engine *engine, const struct known_header *header, uint64_t version)
{
    if (!header->alike)
        return false;
    const struct reached_versions *reached = reached_versions_of(engine, header->frame);
    return reached->cost <= header->cost && reached->from <= version && version < reached->to;
}

static void note_reached(struct engine *engine, const struct known_header *header, uint64_t version)
{
    struct reached_versions *reached = reached_versions_of(engine, header->frame);
    if (!header->alike)
        return;
    if (reached->cost > header->cost || version != reached->to)
        reached->from = version;
    reached->to = version + 1;
    reached->cost = header->cost;
}

/* The name's length counts a NUL and `fill` bytes behind it, or nothing of it. */
static void take_header(struct engine *engine, const struct known_header *header, size_t length)
{
    const struct places *places = header->places;
    const bool longer = length > header->name_length;
    const size_t end = 2 + header->name_length + longer;
    if (places->count < end)
        return;
    const uint64_t version = places->at[end] + (length - header->name_length - longer);
    struct requirements *required = header->required;
    require_no_more_than(required, &header->name);
    if (version > engine->writer.limit || (longer && is_reached(engine, header, version)) ||
        !require_byte(engine, required, places->at[1], (uint8_t)length) ||
        (longer && !require_byte(engine, required, places->at[end - 1], 0)))
        return;
    put_last(required, places->at[1]); /* the lengths differ in it alone */
    if (is_plain_fill(engine, header->frame, places->at[end], version)) {
        add_pair(engine, header->before, required, version, header->frame, 1, 0);
        if (longer)
            note_reached(engine, header, version);
    } else {
        const size_t fill = (size_t)(version - places->at[end]);
        add_pair(engine, header->before, required, places->at[end], header->frame, fill ? 0 : 1,
                 fill ? HEADER_FILL - fill : 0);
    }
}

/* The reader takes a known subsection. It compares names as C strings, so the name's length may count a NUL
 * and any bytes behind the name. A second writer sends the exact name. */
static void take_known_at(struct engine *engine, size_t before, const struct passed_tails *passed,
                          const struct places *places, size_t frame, size_t node,
                          const struct vmwire_subsection *subsection, size_t after, size_t *tried)
{
    const struct vmwire_structure *owner = node_at(&engine->reader, frame, node)->structure;
    size_t name_length = strlen(subsection->name);
    size_t longest = engine->reader.writes ? name_length : UINT8_MAX;
    bool by_name =
        tail_look_of(engine, owner) == VMWIRE_LOOK_IF_PLAUSIBLE && !engine->reader.writes;
    const uint8_t marker = VMWIRE_QEMU_VM_SUBSECTION;
    struct requirements name;
    require_nothing(&name);
    if (!require_bytes(engine, &name, places, 0, &marker, 1, tried) ||
        !require_bytes(engine, &name, places, 2, subsection->name, name_length, tried))
        return;
    note_optional_subsections(engine, &name, places, 2 + name_length);
    struct lengths lengths = possible_lengths(passed, by_name ? owner : NULL, subsection, longest);
    if (name_is_too_dear(engine, before, &name, places, name_length))
        return;
    const struct writer_side *writer = &engine->writer;
    const bool ends_free =
        places->count > 2 + name_length && byte_is_free(writer, places->at[2 + name_length]);
    struct known_header header = {
        .before = before,
        .frame = header_frame(&engine->reader, subsection, frame, node, after),
        .places = places,
        .name_length = name_length,
        .required = &name,
        .name = required_so_far(&name),
        .alike = !engine->one_value && places->count > 1 && byte_is_free(writer, places->at[1]) &&
                 (ends_free || requiring_is_silent(engine)),
        .cost = cost_of_pair(engine, before) + name.count + 1 + ends_free,
    };
    struct shared_form shared = {.packed = NULL};
    name.shared = &shared;
    for (size_t length = lengths.from; length < lengths.to; length++)
        take_header(engine, &header, length);
}

static void take_known_subsection(struct engine *engine, size_t before,
                                  const struct passed_tails *passed, uint64_t offset, size_t frame,
                                  size_t node, const struct vmwire_subsection *subsection,
                                  size_t after)
{
    size_t count = 2 + strlen(subsection->name) + 1, tried;
    struct places places;
    lay_first_places(&engine->writer, offset, count, &places);
    do {
        tried = count;
        take_known_at(engine, before, passed, &places, frame, node, subsection, after, &tried);
    } while (lay_next_places(&engine->writer, count, tried, &places));
}

/* A writer sends its subsections in the order in which they are declared, each at most once: `done` of them
 * are past. A reader takes any of them, and of two with one name the first. */
static void take_known_subsections(struct engine *engine, size_t before,
                                   const struct passed_tails *passed, uint64_t offset, size_t frame,
                                   size_t node, size_t done)
{
    const struct vmwire_structure *owner = node_at(&engine->reader, frame, node)->structure;
    if (engine->reader.writes && owner->order_unknown && done)
        engine->undecided = ORDER_UNKNOWN;
    for (size_t i = done; i < owner->subsection_count; i++) {
        const struct vmwire_subsection *subsection = &owner->subsections[i];
        bool followed = !engine->only_sent || subsection->source == VMWIRE_LAYOUT_SENT;
        if (vmwire_option_sends_inline(engine->reader.option, subsection) && followed &&
            (!subsection->hidden || engine->reader.writes))
            take_known_subsection(engine, before, passed, offset, frame, node, subsection,
                                  engine->reader.writes ? i + 1 : 0);
    }
}

/* ---- Unknown names ------------------------------------------------------------------------------- */

/* Requires a header with this name, up to its version. */
static bool require_header(struct engine *engine, struct requirements *required,
                           const struct passed_tails *passed, const struct places *places,
                           const uint8_t *name, size_t length)
{
    const uint8_t begin[] = {VMWIRE_QEMU_VM_SUBSECTION, (uint8_t)length};
    size_t tried;
    return places->count >= 2 + length && all_pass_header(passed, name, length) &&
           require_bytes(engine, required, places, 0, begin, sizeof(begin), &tried) &&
           require_bytes(engine, required, places, 2, name, length, &tried);
}

/* Whether the reader takes a header of this name for a subsection that the owner does not have. */
static bool takes_as_unknown(const struct engine *engine, const struct passed_tails *passed,
                             size_t frame, size_t node, const uint8_t *name, size_t length)
{
    const struct vmwire_structure *owner = node_at(&engine->reader, frame, node)->structure;
    char text[256] = {0};
    memcpy(text, name, length);
    return all_pass_header(passed, name, length) && !find_inline_subsection(engine, owner, text);
}

/* Finds such a name of this length: the bytes that are there, or those with one byte changed. One byte is
 * enough: it makes the name differ from every known name at once. False: there is none. */
static bool find_unknown_name(const struct engine *engine, const struct passed_tails *passed,
                              size_t frame, size_t node, const struct places *places, size_t fixed,
                              size_t length, uint8_t *name)
{
    for (size_t i = fixed; i < length; i++)
        name[i] = engine->writer.bytes.data[places->at[2 + i]];
    if (takes_as_unknown(engine, passed, frame, node, name, length))
        return true;
    size_t changed = fixed;
    while (changed < length && !byte_can_change(&engine->writer, places->at[2 + changed]))
        changed++;
    for (unsigned value = 0; changed < length && value <= UINT8_MAX; value++) {
        name[changed] = (uint8_t)value;
        if (byte_can_hold(&engine->writer, places->at[2 + changed], name[changed]) &&
            takes_as_unknown(engine, passed, frame, node, name, length))
            return true;
    }
    return false;
}

/* The reader takes a subsection with a name that the owner does not have, and rejects it. The shortest such
 * name will do. */
static void take_unknown_name(struct engine *engine, size_t before,
                              const struct passed_tails *passed, const struct places *places,
                              size_t frame, size_t node)
{
    const struct vmwire_structure *owner = node_at(&engine->reader, frame, node)->structure;
    bool must_begin = tail_look_of(engine, owner) == VMWIRE_LOOK_IF_PLAUSIBLE;
    size_t fixed = must_begin ? strlen(owner->name) : 0;
    uint8_t name[256];
    if (takes_all_unknown_names(passed, owner, must_begin))
        return;
    memcpy(name, owner->name, fixed);
    for (size_t length = fixed + (must_begin ? 1 : 0); length < 256; length++) {
        struct requirements required;
        require_nothing(&required);
        if (2 + length > places->count)
            return;
        if (byte_can_hold(&engine->writer, places->at[1], (uint8_t)length) &&
            find_unknown_name(engine, passed, frame, node, places, fixed, length, name) &&
            require_header(engine, &required, passed, places, name, length)) {
            note_optional_subsections(engine, &required, places, 2 + length);
            record_outcome(engine, before, &required, VMWIRE_OUTCOME_REJECT);
            return;
        }
    }
}

/* The greatest length of a name for which no passed tail looks; -1: there is none. */
static int longest_passed_length(const struct passed_tails *passed)
{
    int longest = UINT8_MAX;
    for (size_t i = 0; i < passed->count; i++) {
        bool by_name = passed->tails[i].look == VMWIRE_LOOK_IF_PLAUSIBLE;
        int length = by_name ? (int)strlen(passed->tails[i].owner->name) : -1;
        if (length < longest)
            longest = length;
    }
    return longest;
}

/* Requires such a length that the name runs over the end; the length that is there, if possible. */
static bool require_length_beyond_end(struct engine *engine, struct requirements *required,
                                      uint64_t offset, int least, int longest)
{
    int now = engine->writer.bytes.data[offset];
    if (now >= least && now <= longest)
        return require_byte(engine, required, offset, (uint8_t)now);
    for (int length = least; length <= longest; length++)
        if (require_byte(engine, required, offset, (uint8_t)length))
            return true;
    return false;
}

/* A name runs over the end of the stream or of the package. A reader that takes each 05 misses the bytes; one
 * that goes by names looks at them, and refuses the stream because they are not there. */
static void take_name_beyond_end(struct engine *engine, size_t before,
                                 const struct passed_tails *passed, const struct places *places,
                                 const struct vmwire_structure *owner)
{
    struct requirements required;
    bool by_name = tail_look_of(engine, owner) == VMWIRE_LOOK_IF_PLAUSIBLE;
    int least = by_name ? (int)strlen(owner->name) + 1 : 0;
    require_nothing(&required);
    if (!require_byte(engine, &required, places->at[0], VMWIRE_QEMU_VM_SUBSECTION))
        return;
    if (places->count >= 2 && (int)places->count - 2 >= least)
        least = (int)places->count - 2 + 1;
    if (places->count < 2 ? !passed->count
                          : require_length_beyond_end(engine, &required, places->at[1], least,
                                                      longest_passed_length(passed)))
        record_outcome(engine, before, &required, VMWIRE_OUTCOME_REJECT);
}

/* Follows the reader into subsections that it rejects. Behind the part of the name that is fixed, any
 * state's bytes will do; so all skips are tried as taken and as not taken, and not one by one. */
static void take_unknown_subsections(struct engine *engine, size_t before,
                                     const struct passed_tails *passed, uint64_t offset,
                                     size_t frame, size_t node)
{
    const struct vmwire_structure *owner = node_at(&engine->reader, frame, node)->structure;
    enum { HEADER = 2 + UINT8_MAX };
    bool by_name = tail_look_of(engine, owner) == VMWIRE_LOOK_IF_PLAUSIBLE;
    const uint8_t marker = VMWIRE_QEMU_VM_SUBSECTION;
    size_t fixed = by_name ? strlen(owner->name) : 0, tried;
    struct places places;
    const struct best *rejected = &engine->best[VMWIRE_OUTCOME_REJECT];
    if (rejected->found && rejected->cost <= cost_of_pair(engine, before) &&
        requiring_is_silent(engine))
        return;
    lay_first_places(&engine->writer, offset, 2 + fixed, &places);
    do {
        struct requirements required;
        require_nothing(&required);
        tried = 2 + fixed;
        if (!require_bytes(engine, &required, &places, 0, &marker, 1, &tried))
            continue;
        bool named = require_bytes(engine, &required, &places, 2, owner->name, fixed, &tried);
        for (int skipping = 0, ways = 1; skipping < ways; skipping++) {
            struct places onward = places;
            relay_places(&engine->writer, HEADER, 2, skipping, &onward);
            ways = onward.turn_count ? 2 : 1;
            take_name_beyond_end(engine, before, passed, &onward, owner);
            onward = places;
            relay_places(&engine->writer, HEADER, 2 + fixed, skipping, &onward);
            if (named)
                take_unknown_name(engine, before, passed, &onward, frame, node);
        }
    } while (lay_next_places(&engine->writer, 2 + fixed, tried, &places));
}

void take_subsections(struct engine *engine, size_t before, const struct passed_tails *passed,
                      uint64_t offset, size_t frame, size_t node, size_t done)
{
    const struct vmwire_structure *owner = node_at(&engine->reader, frame, node)->structure;
    if ((tail_look_of(engine, owner) == VMWIRE_LOOK_NEVER && !engine->reader.writes) ||
        !byte_can_hold(&engine->writer, offset, VMWIRE_QEMU_VM_SUBSECTION))
        return;
    if (!engine->reader.writes)
        take_unknown_subsections(engine, before, passed, offset, frame, node);
    take_known_subsections(engine, before, passed, offset, frame, node, done);
}

void take_namesakes(struct engine *engine, const struct passed_tails *passed, uint64_t offset,
                    size_t frame, size_t node, const struct vmwire_subsection_value *sent)
{
    const struct vmwire_structure *owner = node_at(&engine->reader, frame, node)->structure;
    const char *name = sent->subsection->name;
    const struct vmwire_subsection *taken = vmwire_structure_subsection(owner, name);
    for (size_t i = 0; taken && i < owner->subsection_count; i++)
        if (&owner->subsections[i] != taken && strcmp(owner->subsections[i].name, name) == 0)
            take_known_subsection(engine, NO_PAIR, passed, offset, frame, node,
                                  &owner->subsections[i], i + 1);
}
