/* SPDX-License-Identifier: MIT */
/*
 * Makes the description of a stream of its records. It must not know how a reader uses it.
 */
#include "vmwire/describe.h"

#include <string.h>

#include "base/arena.h"
#include "model/owners.h"

struct describing {
    const struct vmwire_stream *stream;
    const struct vmwire_option *option;
    struct vmwire_arena *arena;
    struct vmwire_schema *schema;
    struct vmwire_device *devices;
    size_t room;
};

/* A structure that is not complete yet. */
struct open_structure {
    struct vmwire_structure *structure;
    size_t field_room, subsection_room;
};

static struct vmwire_structure *make_structure(const struct describing *describing,
                                               const struct vmwire_structure *model)
{
    struct vmwire_structure *structure = vmwire_arena_alloc(describing->arena, sizeof(*structure));
    structure->name = model->name;
    structure->version_id = model->version_id;
    return structure;
}

static void add_record_of_field(const struct describing *describing, struct open_structure *around,
                                const struct vmwire_value *value,
                                const struct vmwire_structure *structure)
{
    struct vmwire_structure *in = around->structure;
    in->fields = vmwire_arena_grow(describing->arena, in->fields, in->field_count,
                                   &around->field_room, sizeof(*in->fields));
    struct vmwire_field *field = &in->fields[in->field_count++];
    *field = *value->field;
    field->structure = structure;
    field->index = (int32_t)shown_element(value->field, value->element);
    field->count = 1;
}

static void add_subsection(const struct describing *describing, struct open_structure *around,
                           const struct vmwire_subsection_value *sent,
                           const struct vmwire_structure *structure)
{
    struct vmwire_structure *in = around->structure;
    in->subsections = vmwire_arena_grow(describing->arena, in->subsections, in->subsection_count,
                                        &around->subsection_room, sizeof(*in->subsections));
    in->subsections[in->subsection_count++] = (struct vmwire_subsection){
        .name = sent->subsection->name,
        .version_id = sent->version_id,
        .minimum_version_id = sent->version_id,
        .structure = structure,
        .source = VMWIRE_LAYOUT_SENT,
    };
    in->sent_count++;
}

static struct vmwire_structure *describe_record(const struct describing *describing,
                                                const struct vmwire_record *record)
{
    struct open_structure open[VMWIRE_SCHEMA_NESTING_LIMIT + 1] = {{0}};
    struct vmwire_record_walk walk;
    vmwire_record_walk_begin(&walk, record);
    for (enum vmwire_record_step step;
         (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
        if (step == VMWIRE_RECORD_SUBSECTION &&
            !vmwire_option_sends_inline(describing->option, walk.subsection->subsection))
            vmwire_record_walk_skip(&walk);
        if (step != VMWIRE_RECORD_BEGIN)
            continue;
        struct vmwire_structure *structure = make_structure(describing, walk.record->structure);
        struct open_structure *around = walk.depth > 1 ? &open[walk.depth - 2] : NULL;
        bool in_list = walk.value && walk.value->data.length;
        open[walk.depth - 1] = (struct open_structure){.structure = structure};
        if (around && walk.subsection)
            add_subsection(describing, around, walk.subsection, structure);
        else if (around && walk.value && !in_list)
            add_record_of_field(describing, around, walk.value, structure);
    }
    return open[0].structure;
}

static void describe_section(struct describing *describing, const struct vmwire_item *item)
{
    describing->devices = vmwire_arena_grow(describing->arena, describing->devices,
                                            describing->schema->described_count, &describing->room,
                                            sizeof(*describing->devices));
    describing->devices[describing->schema->described_count++] = (struct vmwire_device){
        .idstr = vmwire_arena_string(describing->arena, (const char *)item->idstr.data,
                                     strnlen((const char *)item->idstr.data, item->idstr.length)),
        .instance_id = item->instance_id,
        .structure = describe_record(describing, item->record),
    };
}

static bool describe_stream(void *context)
{
    struct describing *describing = context;
    describing->schema = vmwire_arena_alloc(describing->arena, sizeof(*describing->schema));
    describing->schema->arena = describing->arena;
    for (size_t i = 0; i < describing->stream->item_count; i++) {
        const struct vmwire_item *item = describing->stream->items[i];
        if (item->kind == VMWIRE_ITEM_SECTION_FULL)
            describe_section(describing, item);
    }
    describing->schema->described = describing->devices;
    return true;
}

const struct vmwire_schema *vmwire_describe(const struct vmwire_stream *stream,
                                            const struct vmwire_option *option,
                                            struct vmwire_arena *arena, struct vmwire_error *error)
{
    struct describing describing = {.stream = stream, .option = option, .arena = arena};
    return vmwire_arena_attempt(arena, describe_stream, &describing, error) ? describing.schema
                                                                            : NULL;
}
