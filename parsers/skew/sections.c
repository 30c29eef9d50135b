/* SPDX-License-Identifier: MIT */
/*
 * A section has the name of its structure behind the last part of the device's path. A program can declare several structures
 * of one name: the one that has most of the fields is meant.
 */
#include "skew/sections.h"

#include <string.h>

#include "skew/layouts.h"
#include "skew/loader_tables.h"
#include "skew/private_encodings.h"

/* ---- Structures ---- */

static size_t count_shared_fields(const struct vmwire_structure *a,
                                  const struct vmwire_structure *b)
{
    size_t shared = 0;
    for (size_t i = 0, k = 0; i < a->field_count && k < b->field_count; i++)
        for (size_t next = k; next < b->field_count; next++)
            if (strcmp(a->fields[i].name, b->fields[next].name) == 0) {
                shared++;
                k = next + 1;
                break;
            }
    return shared;
}

/* How well a declared structure is the one that a stream has, or another program. */
static int64_t likeness(const struct vmwire_structure *declared,
                        const struct vmwire_structure *like)
{
    const int64_t shared = (int64_t)count_shared_fields(like, declared);
    const bool named = like->name && declared->name && strcmp(like->name, declared->name) == 0;
    const bool version = like->described_version_id == declared->described_version_id;
    return 8 * shared - 2 * (int64_t)(declared->field_count + like->field_count) + (named ? 2 : 0) +
           version;
}

/* A structure that gets its name when QEMU runs, and has the fields. */
static const struct vmwire_structure *find_nameless(const struct vmwire_schema *schema,
                                                    const struct vmwire_structure *like)
{
    for (size_t i = 0; i < schema->declared_count; i++) {
        const struct vmwire_structure *each = schema->declared[i].structure;
        if (schema->declared[i].idstr && !schema->declared[i].idstr[0] && each->field_count &&
            count_shared_fields(like, each) * 4 >= like->field_count * 3)
            return each;
    }
    return NULL;
}

/* The declared structure that a section of this idstr has: the one like `like`, which can be NULL. */
static const struct vmwire_structure *find_declared(const struct vmwire_schema *schema,
                                                    const char *idstr,
                                                    const struct vmwire_structure *like)
{
    const struct vmwire_structure *best = NULL, *each;
    int64_t most = 0;
    for (size_t i = 0; schema && (each = vmwire_schema_declared(schema, idstr, i)); i++) {
        int64_t is_like = like ? likeness(each, like) : 0;
        if (!best || is_like > most) {
            best = each;
            most = is_like;
        }
    }
    return best || !schema || !like ? best : find_nameless(schema, like);
}

/* The structure of this name in a dump: of a device type, if one has it. */
static const struct vmwire_structure *find_dumped(const struct vmwire_schema *schema,
                                                  const char *name)
{
    for (size_t i = 0; schema && name && i < schema->type_count; i++)
        if (strcmp(schema->types[i].structure->name, name) == 0)
            return schema->types[i].structure;
    return NULL;
}

static struct view make_view(const struct vmwire_side *side, const char *idstr,
                             const struct vmwire_structure *described,
                             const struct vmwire_structure *like)
{
    struct view view = {.described = described};
    view.declared = find_declared(side->declared, idstr, described ? described : like);
    const struct vmwire_structure *of_name = described ? described : like;
    if (!view.declared && of_name) {
        view.declared = find_dumped(side->dumped, of_name->name);
        view.in_memory = view.declared != NULL;
    }
    view.version_id = described       ? described->described_version_id
                      : view.declared ? view.declared->version_id
                                      : 0;
    return view;
}

/* ---- Sections of a stream ---- */

static bool begins_section(const struct vmwire_item *item)
{
    return item->kind == VMWIRE_ITEM_SECTION_START || item->kind == VMWIRE_ITEM_SECTION_FULL;
}

static bool has_idstr(const struct vmwire_item *item, const char *idstr)
{
    return strlen(idstr) == item->idstr.length &&
           memcmp(idstr, item->idstr.data, item->idstr.length) == 0;
}

static const struct vmwire_item *find_section(const struct vmwire_stream *stream, const char *idstr,
                                              uint32_t instance_id)
{
    for (size_t i = 0; stream && i < stream->item_count; i++)
        if (begins_section(stream->items[i]) && stream->items[i]->instance_id == instance_id &&
            has_idstr(stream->items[i], idstr))
            return stream->items[i];
    return NULL;
}

/* The name behind the device's path. */
static const char *last_part(const char *idstr, const struct vmwire_structure *structure)
{
    const size_t length = strlen(idstr),
                 own = structure && structure->name ? strlen(structure->name) : 0;
    if (own && own < length && strcmp(idstr + length - own, structure->name) == 0)
        return idstr + length - own;
    const char *slash = strrchr(idstr, '/');
    return slash ? slash + 1 : idstr;
}

/* A section of the reader's machine that the writer does not send: the same device in another place. NULL: there is none. */
static const char *find_elsewhere(const struct skew *skew, const char *idstr,
                                  const struct vmwire_structure *structure)
{
    const char *name = last_part(idstr, structure);
    for (size_t i = 0; i < skew->reader->stream->item_count; i++) {
        const struct vmwire_item *item = skew->reader->stream->items[i];
        if (!begins_section(item))
            continue;
        const char *other =
            vmwire_arena_string(skew->arena, (const char *)item->idstr.data, item->idstr.length);
        const struct vmwire_structure *own = item->record ? item->record->structure : NULL;
        if (strcmp(last_part(other, own), name) == 0 &&
            !find_section(skew->writer->stream, other, item->instance_id))
            return skew_text(skew, "\"%s\" instance %u", other, item->instance_id);
    }
    return NULL;
}

/* A machine can have the section and not send it. */
static bool is_sent_at_need(const char *idstr, struct view writer, struct view reader)
{
    const char *name = view_name(writer) ? view_name(writer) : idstr;
    for (size_t i = 0; i < at_need_row_count; i++)
        if (strcmp(name, at_need_rows[i]) == 0 || strcmp(idstr, at_need_rows[i]) == 0)
            return true;
    return reader.declared && reader.declared->conditional;
}

/* The reader's machine does not have the section, or its program knows no such device. */
static void add_unknown_section(struct skew *skew, const struct compared_section *section,
                                struct view writer, struct view reader)
{
    const bool machine = skew->reader->stream || skew->reader->described;
    const struct vmwire_structure *structure =
        writer.described ? writer.described : writer.declared;
    struct vmwire_difference difference = {
        .certainty = VMWIRE_CERTAIN,
        .outcome = VMWIRE_OUTCOME_REJECT,
        .rule = skew_rule(machine ? "section-unknown" : "device-undeclared"),
        .section = section->idstr,
        .instance_id = section->instance_id,
        .structure = structure ? structure->name : NULL,
        .writer = structure && structure->name
                      ? skew_text(skew, "%s, version %u", structure->name, writer.version_id)
                      : "sent",
        .message = skew_text(skew,
                             "Unknown savevm section or instance '%s' %u. Make sure that your "
                             "current VM setup matches your saved VM setup, including any "
                             "hotplugged devices",
                             section->idstr, section->instance_id),
        .offset = (uint64_t)(section->written->raw.data - skew->writer->bytes.data),
    };
    difference.section_offset = difference.offset;
    if (skew->reader->stream)
        difference.reader = find_elsewhere(skew, section->idstr, structure);
    if (machine && is_sent_at_need(section->idstr, writer, reader)) {
        if (section->written->kind == VMWIRE_ITEM_SECTION_START)
            return;
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = "the reader sends such a section only when it is needed, so its stream "
                          "does not tell whether its machine has it";
    }
    /* Some structures get their name only when QEMU runs. */
    if (!machine && skew->writer->declared && !writer.declared) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when =
            "the declarations of the writer do not have it either: QEMU names it when "
            "it runs";
    }
    add_difference(skew, difference);
}

static bool tells_devices(const struct vmwire_side *side)
{
    return side->stream || side->described || side->declared;
}

static void compare_section(struct skew *skew, const struct vmwire_item *item)
{
    const struct vmwire_side *reader = skew->reader;
    struct compared_section section = {
        .idstr =
            vmwire_arena_string(skew->arena, (const char *)item->idstr.data, item->idstr.length),
        .instance_id = item->instance_id,
        .written = item,
    };
    section.own = find_section(reader->stream, section.idstr, item->instance_id);
    const struct vmwire_structure *described = item->record ? item->record->structure : NULL;
    const struct vmwire_structure *own =
        section.own && section.own->record ? section.own->record->structure : NULL;
    const struct vmwire_device *device =
        !reader->stream && reader->described
            ? vmwire_schema_device(reader->described, section.idstr, item->instance_id)
            : NULL;
    struct view writes = make_view(skew->writer, section.idstr, described, NULL);
    writes.version_id = item->version_id;
    struct view reads =
        make_view(reader, section.idstr, device ? device->structure : own, described);
    if (item->kind == VMWIRE_ITEM_SECTION_START) {
        if (reader->stream && !section.own)
            add_unknown_section(skew, &section, writes, reads);
        return;
    }
    bool machine = reader->stream || reader->described;
    bool has = machine ? section.own || device : !is_unknown_view(reads);
    if (!has && tells_devices(reader))
        add_unknown_section(skew, &section, writes, reads);
    if (!has || !described || !described->name)
        return;
    const size_t first = skew->count;
    compare_layouts(skew, &section, writes, reads);
    compare_private_encodings(skew, &section, first);
}

/* Sections of a device that a dump does not have: it has only those of device classes. */
static void note_undumped(struct skew *skew, size_t count, const char *first)
{
    if (!count)
        return;
    add_difference(skew,
                   (struct vmwire_difference){
                       .certainty = VMWIRE_NOT_DECIDED,
                       .outcome = VMWIRE_OUTCOME_REJECT,
                       .rule = skew_rule("device-undeclared"),
                       .writer = skew_text(skew, "%s%s", first, count > 1 ? " and others" : ""),
                       .when = skew_text(skew,
                                         "%zu structures are in no device type of the "
                                         "reader's dump, which lacks those of processors, "
                                         "timers and buses; give its program",
                                         count),
                       .offset = VMWIRE_ERROR_NO_OFFSET,
                       .section_offset = VMWIRE_ERROR_NO_OFFSET,
                   });
}

void compare_sections(struct skew *skew)
{
    const struct vmwire_stream *stream = skew->writer->stream;
    const struct vmwire_side *reader = skew->reader;
    const bool only_dump = !tells_devices(reader);
    const char *first = NULL;
    size_t undumped = 0;
    for (size_t i = 0; i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (!begins_section(item))
            continue;
        const struct vmwire_structure *structure = item->record ? item->record->structure : NULL;
        if (only_dump && structure && structure->name &&
            !find_dumped(reader->dumped, structure->name) && !undumped++)
            first = structure->name;
        compare_section(skew, item);
    }
    note_undumped(skew, undumped, first);
}

/* ---- Devices of a program ---- */

static void add_missing_device(struct skew *skew, const char *name, uint32_t version_id,
                               const char *reader)
{
    add_difference(skew,
                   (struct vmwire_difference){
                       .certainty = VMWIRE_WHEN_NEEDED,
                       .outcome = VMWIRE_OUTCOME_REJECT,
                       .rule = skew_rule("device-undeclared"),
                       .section = name,
                       .structure = name,
                       .writer = skew_text(skew, "%s, version %u", name, version_id),
                       .reader = reader,
                       .when = skew_text(skew, "the machine has a device with %s", name),
                       .message = skew_text(skew, "Unknown savevm section or instance '%s'", name),
                       .offset = VMWIRE_ERROR_NO_OFFSET,
                       .section_offset = VMWIRE_ERROR_NO_OFFSET,
                   });
}

static void compare_structures(struct skew *skew, const char *name, struct view writer,
                               struct view reader)
{
    const struct compared_section section = {.idstr = name};
    compare_layouts(skew, &section, writer, reader);
}

/* A type of a dump. Its section is named as its structure. */
static const struct vmwire_device *find_type(const struct vmwire_schema *dumped, const char *name)
{
    for (size_t i = 0; dumped && i < dumped->type_count; i++)
        if (strcmp(dumped->types[i].idstr, name) == 0)
            return &dumped->types[i];
    return NULL;
}

/* A dump has the version of a section twice: with the type, and with its structure. */
static void add_newer_type(struct skew *skew, const struct vmwire_device *writer,
                           const struct vmwire_device *reader)
{
    if (writer->version_id == writer->structure->described_version_id &&
        reader->version_id == reader->structure->described_version_id)
        return; /* that is found there */
    add_difference(skew,
                   (struct vmwire_difference){
                       .certainty = VMWIRE_CERTAIN,
                       .outcome = VMWIRE_OUTCOME_REJECT,
                       .rule = skew_rule("version-newer"),
                       .section = writer->idstr,
                       .structure = writer->structure->name,
                       .writer = skew_text(skew, "version %u", writer->version_id),
                       .reader = skew_text(skew, "version %u", reader->version_id),
                       .message = skew_text(skew, "savevm: unsupported version %u for '%s' v%u",
                                            writer->version_id, writer->idstr, reader->version_id),
                       .offset = VMWIRE_ERROR_NO_OFFSET,
                       .section_offset = VMWIRE_ERROR_NO_OFFSET,
                   });
}

static void compare_type(struct skew *skew, const struct vmwire_device *type)
{
    const struct vmwire_side *reader = skew->reader;
    const struct vmwire_structure *structure = type->structure;
    const struct vmwire_device *other = find_type(reader->dumped, type->idstr);
    struct view writer = {
        .declared = structure, .version_id = structure->version_id, .in_memory = true};
    struct view own = reader->declared ? make_view(reader, structure->name, NULL, structure)
                                       : (struct view){.declared = other ? other->structure : NULL,
                                                       .in_memory = true};
    if (other && type->version_id > other->version_id)
        add_newer_type(skew, type, other);
    if (own.declared && strcmp(own.declared->name, structure->name) != 0)
        add_missing_device(
            skew, structure->name, structure->version_id,
            skew_text(skew, "%s, version %u", own.declared->name, own.declared->version_id));
    else if (own.declared)
        compare_structures(skew, type->idstr, writer, own);
    else
        add_missing_device(skew, type->idstr, structure->version_id, NULL);
}

/* Whether a section can have the structure. */
static bool is_root(const struct vmwire_structure *structure)
{
    return !structure->is_subsection && !structure->referred && !structure->unmigratable &&
           structure->name && structure->name[0];
}

/* Where only the reader's machine is known: the devices that it has, as the writer's program or dump would send them. */
static void compare_own_devices(struct skew *skew)
{
    const struct vmwire_schema *described = skew->reader->described;
    for (size_t i = 0; i < described->device_count; i++) {
        const struct vmwire_device *device = &described->devices[i];
        const struct vmwire_structure *structure = device->structure;
        const struct compared_section section = {device->idstr, device->instance_id, NULL, NULL};
        struct view writes = make_view(skew->writer, device->idstr, NULL, structure);
        struct view reads = make_view(skew->reader, device->idstr, structure, structure);
        if (structure->name && !is_unknown_view(writes))
            compare_layouts(skew, &section, writes, reads);
    }
}

/* Dumps of two machine types can be of two programs: then only what they declare is to be compared. */
static void compare_dumped_machines(struct skew *skew)
{
    const struct vmwire_schema *writer = skew->writer->dumped, *reader = skew->reader->dumped;
    if (!writer || !reader || !writer->dumped_machine || !reader->dumped_machine ||
        strcmp(writer->dumped_machine, reader->dumped_machine) == 0)
        return;
    add_difference(
        skew, (struct vmwire_difference){
                  .certainty = VMWIRE_NOT_DECIDED,
                  .outcome = VMWIRE_OUTCOME_REJECT,
                  .rule = skew_rule("machine-type"),
                  .writer = writer->dumped_machine,
                  .reader = reader->dumped_machine,
                  .when = "the dumps are of two machine types, which cannot be migrated to one "
                          "another; make both with the same -machine to compare programs",
                  .message = skew_text(skew, "Machine type received is '%s' and local is '%s'",
                                       writer->dumped_machine, reader->dumped_machine),
                  .advice = "Dump both with the same -machine.",
                  .offset = VMWIRE_ERROR_NO_OFFSET,
                  .section_offset = VMWIRE_ERROR_NO_OFFSET,
              });
}

void compare_devices(struct skew *skew)
{
    const struct vmwire_side *writer = skew->writer, *reader = skew->reader;
    size_t undumped = 0;
    const char *first = NULL;
    if (reader->described && !writer->described) {
        compare_own_devices(skew);
        return;
    }
    for (size_t i = 0; writer->declared && i < writer->declared->declared_count; i++) {
        const struct vmwire_structure *structure = writer->declared->declared[i].structure;
        if (!is_root(structure))
            continue;
        struct view own = make_view(reader, structure->name, NULL, structure);
        if (own.declared)
            compare_structures(
                skew, structure->name,
                (struct view){.declared = structure, .version_id = structure->version_id}, own);
        else if (reader->declared)
            add_missing_device(skew, structure->name, structure->version_id, NULL);
        else if (!undumped++)
            first = structure->name;
    }
    note_undumped(skew, undumped, first);
    if (writer->declared)
        return;
    compare_dumped_machines(skew);
    for (size_t i = 0; writer->dumped && i < writer->dumped->type_count; i++)
        compare_type(skew, &writer->dumped->types[i]);
    for (size_t i = 0; writer->described && i < writer->described->device_count; i++) {
        const struct vmwire_device *device = &writer->described->devices[i];
        const struct vmwire_device *other =
            reader->described
                ? vmwire_schema_device(reader->described, device->idstr, device->instance_id)
                : NULL;
        struct view writes = {.described = device->structure,
                              .version_id = device->structure->described_version_id};
        struct view reads =
            make_view(reader, device->idstr, other ? other->structure : NULL, device->structure);
        struct compared_section section = {device->idstr, device->instance_id, NULL, NULL};
        if (!is_unknown_view(reads) && device->structure->name)
            compare_layouts(skew, &section, writes, reads);
        else if (tells_devices(reader) && is_unknown_view(reads))
            add_missing_device(skew, device->idstr, writes.version_id, NULL);
    }
}
