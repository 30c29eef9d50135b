/* SPDX-License-Identifier: MIT */
/*
 * Looks up the reader's record that an item names, and compares what the item sends with what this record
 * declares. It must not add pairs.
 */
#include "decide/separate_items.h"

#include <stdlib.h>
#include <string.h>

#include "vmwire/wire.h"

/* ---- The items ----------------------------------------------------------------------------------- */

static int compare_places(const void *a, const void *b)
{
    const struct separate_item *x = a, *y = b;
    return (x->begins > y->begins) - (x->begins < y->begins);
}

/* The path of the record at this depth of the walk. */
static const char *path_in_walk(const struct engine *engine, const struct vmwire_record_walk *walk,
                                struct owners *owners)
{
    char path[OWNER_PATH_LIMIT + 1] = "";
    size_t length, number = NO_OWNER;
    owners_clear(owners);
    for (unsigned i = 0; i < walk->depth; i++) {
        const struct vmwire_record_walk_frame *frame = &walk->frames[i];
        struct owner owner = {.around = number, .element = -1};
        if (i && frame->as_subsection) {
            owner.name = frame->as_subsection->subsection->name;
        } else if (i) {
            owner.name = frame->as_value->field->name;
            owner.element = shown_element(frame->as_value->field, frame->as_value->element);
        }
        number = owners_begin(owners, owner);
    }
    bool known = owner_path(owners, number, path, &length);
    return known ? vmwire_arena_string(engine->arena, path, length) : NULL;
}

static struct separate_item make_item(const struct engine *engine,
                                      const struct vmwire_option *writes,
                                      const struct vmwire_subsection_value *sent)
{
    const uint8_t *all = engine->writer.bytes.data, *name_end = sent->name.data + sent->name.length;
    bool section = writes->subsections == VMWIRE_SUBSECTION_SECTION;
    return (struct separate_item){
        .sent = sent,
        .begins = (uint64_t)(sent->raw.data - all),
        .ends_at = vmwire_be32(section ? name_end : sent->name.data - 1 - 4),
        .record_at = (uint64_t)(name_end - all) + (section ? 4 + 4 : 4),
    };
}

struct separate_items list_separate_items(const struct engine *engine,
                                          const struct vmwire_option *writes,
                                          const struct vmwire_item *item)
{
    struct separate_items separate = {0};
    struct owners owners = {.arena = engine->reader.work};
    struct vmwire_record_walk walk;
    size_t room = 0;
    if (writes->subsections == VMWIRE_SUBSECTION_INLINE)
        return separate;
    vmwire_record_walk_begin(&walk, item->record);
    for (enum vmwire_record_step event;
         (event = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (event != VMWIRE_RECORD_SUBSECTION ||
            vmwire_option_sends_inline(writes, walk.subsection->subsection))
            continue;
        separate.list = vmwire_arena_grow(engine->reader.work, separate.list, separate.count, &room,
                                          sizeof(*separate.list));
        struct separate_item *added = &separate.list[separate.count++];
        *added = make_item(engine, writes, walk.subsection);
        added->owner = walk.frames[walk.depth - 1].record;
        added->path = path_in_walk(engine, &walk, &owners);
    }
    if (separate.count)
        qsort(separate.list, separate.count, sizeof(*separate.list), compare_places);
    return separate;
}

/* ---- What the reader does with one --------------------------------------------------------------- */

const char *refusal_of_subsection(const struct vmwire_option *option,
                                  const struct vmwire_subsection *reads, uint32_t version_id)
{
    uint8_t version = (uint8_t)version_id; /* as the reader keeps it */
    if (!reads)
        return "the reader does not have this subsection";
    if (version > reads->version_id || version < reads->minimum_version_id)
        return "the reader does not have this version of the subsection";
    if (vmwire_option_refuses(option, reads))
        return "the reader refuses a subsection that declares subsections of its own";
    return NULL;
}

const char *unknown_layout(const struct vmwire_subsection *reads, uint32_t version_id)
{
    const struct vmwire_structure *structure = reads->structure;
    uint8_t version = (uint8_t)version_id;
    if (!structure)
        return "the reader's layout of a subsection is not known";
    if (version == structure->described_version_id ||
        (structure->assumed && version >= structure->minimum_version_id &&
         version <= structure->version_id))
        return NULL;
    return "the reader's layout of this version of a subsection is not known";
}

/* A reader that has no such items, but reads full sections: this one's idstr is new to it. */
static struct separate_taking ask_about_section(const struct engine *engine,
                                                const struct separate_item *separate)
{
    const uint8_t *header = engine->writer.bytes.data + separate->begins + 1 + 4;
    char idstr[256] = {0};
    memcpy(idstr, header + 1, header[0]);
    if (vmwire_schema_device(engine->reader.schema, idstr, (uint32_t)separate->ends_at))
        return (struct separate_taking){
            SEPARATE_UNKNOWN, "the reader takes a subsection for a device that it has", NULL, 0};
    return (struct separate_taking){
        SEPARATE_REFUSED, "the reader takes a subsection for a device that it does not have", NULL,
        0};
}

static const struct vmwire_subsection *find_subsection(const struct engine *engine,
                                                       const struct owner *owner,
                                                       const struct separate_item *separate)
{
    const struct vmwire_subsection *reads =
        vmwire_structure_subsection(owner->structure, separate->sent->subsection->name);
    return reads && !vmwire_option_sends_inline(engine->reader.option, reads) ? reads : NULL;
}

struct separate_taking ask_about_separate_item(const struct engine *engine,
                                               const struct vmwire_option *writes,
                                               const struct vmwire_item *item,
                                               const struct separate_item *separate,
                                               struct owners *owners)
{
    struct separate_taking taking = {.answer = SEPARATE_REFUSED};
    (void)item;
    if (engine->reader.option->subsections != writes->subsections)
        return ask_about_section(engine, separate);
    struct vmwire_bytes path = vmwire_bytes_of_string(separate->path);
    taking.owner = owners_find(owners, path, separate->ends_at);
    if (taking.owner == NO_OWNER) {
        taking.why = owners_find_anywhere(owners, path) == NO_OWNER
                         ? "the reader has no record of this path"
                         : "the reader's record of this path ends elsewhere";
        return taking;
    }
    const struct owner *owner = owner_at(owners, taking.owner);
    taking.reads = find_subsection(engine, owner, separate);
    taking.why =
        refusal_of_subsection(engine->reader.option, taking.reads, separate->sent->version_id);
    if (taking.why)
        return taking;
    taking.answer = SEPARATE_UNKNOWN;
    taking.why = unknown_layout(taking.reads, separate->sent->version_id);
    if (!taking.why && owner->record && owner->record != separate->owner)
        taking.why = "the reader gives the subsection to another record of the same path and place";
    if (!taking.why)
        taking.answer = SEPARATE_TAKEN;
    return taking;
}

/* ---- Sections that the reader reads otherwise ---------------------------------------------------- */

static uint64_t length_of_writer(const struct engine *engine, const struct vmwire_item *item,
                                 uint64_t record_at)
{
    uint64_t end = (uint64_t)(item->raw.data - engine->writer.bytes.data) + item->raw.length;
    return end - record_at - (item->footer ? 1 + 4 : 0);
}

uint64_t add_records_of_fields(struct owners *owners, size_t around,
                               const struct vmwire_structure *structure, size_t from, size_t to,
                               uint64_t offset, const struct vmwire_record *record)
{
    struct {
        const struct vmwire_structure *structure;
        size_t field, to, owner;
        uint32_t element;
    } open[VMWIRE_SCHEMA_NESTING_LIMIT + 1];
    unsigned depth = 1;
    open[0].structure = structure;
    open[0].field = from;
    open[0].to = to;
    open[0].owner = around;
    open[0].element = 0;
    for (;;) {
        if (open[depth - 1].field == open[depth - 1].to) {
            if (--depth == 0)
                return offset;
            owners_end(owners, open[depth].owner, offset);
            continue;
        }
        const struct vmwire_field *field =
            &open[depth - 1].structure->fields[open[depth - 1].field];
        bool embedded = field->class == VMWIRE_FIELD_RECORD;
        if (!embedded || open[depth - 1].element == field->count) {
            offset += embedded ? 0 : (uint64_t)field->size * field->count;
            open[depth - 1].field++;
            open[depth - 1].element = 0;
            continue;
        }
        struct owner owner = {.around = open[depth - 1].owner,
                              .name = field->name,
                              .element = shown_element(field, open[depth - 1].element++),
                              .structure = field->structure,
                              .record = record};
        open[depth].structure = field->structure;
        open[depth].field = open[depth].element = 0;
        open[depth].to = field->structure->field_count;
        open[depth++].owner = owners_begin(owners, owner);
    }
}

bool add_certain_owners(struct engine *engine, const struct vmwire_item *item,
                        const struct vmwire_structure *reads, uint64_t record_at,
                        struct owners *owners)
{
    const struct program *program = program_of(&engine->reader, reads);
    if (!program->plain || program->length != length_of_writer(engine, item, record_at))
        return false;
    owners_clear(owners);
    size_t root =
        owners_begin(owners, (struct owner){.around = NO_OWNER, .element = -1, .structure = reads});
    owners_end(owners, root,
               add_records_of_fields(owners, root, reads, 0, reads->field_count, 0, NULL));
    return true;
}

enum separate_answer ask_about_all_items(struct engine *engine, const struct vmwire_option *writes,
                                         const struct vmwire_item *item,
                                         const struct separate_items *separate,
                                         struct owners *owners)
{
    for (size_t i = 0; i < separate->count; i++) {
        struct separate_taking taking =
            ask_about_separate_item(engine, writes, item, &separate->list[i], owners);
        if (taking.answer != SEPARATE_TAKEN)
            return taking.answer;
        const struct vmwire_subsection_value *sent = separate->list[i].sent;
        uint64_t end = (uint64_t)(sent->raw.data - engine->writer.bytes.data) + sent->raw.length;
        const struct program *program = program_of(&engine->reader, taking.reads->structure);
        uint64_t footer = engine->footers ? 1 + 4 : 0;
        if (!program->plain || separate->list[i].record_at + program->length + footer != end ||
            program->deepest > 1 || taking.reads->structure->subsection_count)
            return SEPARATE_UNKNOWN; /* it may end elsewhere, or have owners in it */
    }
    return SEPARATE_TAKEN;
}
