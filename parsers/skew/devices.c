/* SPDX-License-Identifier: MIT */
#include "skew/devices.h"

#include <string.h>

#include "skew/layouts/layouts.h"
#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/shared/release.h"
#include "skew/side_structures.h"

static struct vmwire_difference undumped_difference(const struct skew *skew, const char *what,
                                                    bool reads)
{
    struct vmwire_difference difference = certain_difference("device-undumped");
    difference.certainty = VMWIRE_NOT_DECIDED;
    difference.when = vmwire_text(skew->arena, "what the %s's program has for %s",
                                  reads ? "reader" : "writer", what);
    return difference;
}

void add_undumped_section(struct skew *skew, const struct compared_section *section, bool reads)
{
    struct vmwire_difference difference = undumped_difference(skew, "these sections", reads);
    difference.section = section->idstr;
    difference.instance_id = section->instance_id;
    if (section->written)
        difference.offset = difference.section_offset =
            offset_in(skew->writer, section->written->raw.data);
    add_difference(skew, difference);
}

/* The reader's dump has only the structures of device types. */
static void note_undumped(struct skew *skew, size_t count, const char *first)
{
    if (!count)
        return;
    const char *what =
        count > 1 ? vmwire_text(skew->arena, "%zu structures", count) : "this structure";
    struct vmwire_difference difference = undumped_difference(skew, what, true);
    difference.writer = vmwire_text(skew->arena, "%s%s", first, count > 1 ? " and others" : "");
    add_difference(skew, difference);
}

static void add_missing_device(struct skew *skew, const char *name, uint32_t version_id,
                               const char *reader)
{
    struct vmwire_difference difference = certain_difference("device-undeclared");
    difference.certainty = VMWIRE_WHEN_NEEDED;
    difference.section = name;
    difference.structure = name;
    difference.writer = vmwire_text(skew->arena, "%s, version %u", name, version_id);
    difference.reader = reader;
    difference.when = vmwire_text(skew->arena, "the machine has a device with %s", name);
    difference.message = fill_message(skew->arena, reader_message(skew, difference.rule),
                                      (const char *const[]){name, "0"}, 2);
    add_difference(skew, difference);
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
    struct vmwire_difference difference = certain_difference("version-newer");
    difference.section = writer->idstr;
    difference.structure = writer->structure->name;
    difference.writer = vmwire_text(skew->arena, "version %u", writer->version_id);
    difference.reader = vmwire_text(skew->arena, "version %u", reader->version_id);
    const char *const values[] = {vmwire_text(skew->arena, "%u", writer->version_id), writer->idstr,
                                  vmwire_text(skew->arena, "%u", reader->version_id)};
    difference.message =
        fill_message(skew->arena, reader_message(skew, difference.rule), values, 3);
    add_difference(skew, difference);
}

static void compare_type(struct skew *skew, const struct vmwire_device *type)
{
    const struct vmwire_side *reader = skew->reader;
    const struct vmwire_structure *structure = type->structure;
    const struct vmwire_device *other = find_type(reader->dumped, type->idstr);
    struct view writer = {
        .declared = structure, .version_id = structure->version_id, .in_memory = true};
    struct view own = reader->declared ? view_of_section(reader, structure->name, NULL, structure)
                                       : (struct view){.declared = other ? other->structure : NULL,
                                                       .in_memory = true};
    if (other && type->version_id > other->version_id)
        add_newer_type(skew, type, other);
    if (own.declared && strcmp(own.declared->name, structure->name) != 0)
        add_missing_device(skew, structure->name, structure->version_id,
                           vmwire_text(skew->arena, "%s, version %u", own.declared->name,
                                       own.declared->version_id));
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
        struct view writes = view_of_section(skew->writer, device->idstr, NULL, structure);
        struct view reads = view_of_section(skew->reader, device->idstr, structure, structure);
        if (structure->name && !is_unknown_view(writes))
            compare_layouts(skew, &section, writes, reads);
        else if (structure->name && !tells_devices(skew->writer))
            add_undumped_section(skew, &section, false);
    }
}

/* Dumps of two machine types can be of two programs: then only what they declare is to be compared. */
static void compare_dumped_machines(struct skew *skew)
{
    const struct vmwire_schema *writer = skew->writer->dumped, *reader = skew->reader->dumped;
    if (!writer || !reader || !writer->dumped_machine || !reader->dumped_machine ||
        strcmp(writer->dumped_machine, reader->dumped_machine) == 0)
        return;
    struct vmwire_difference difference = certain_difference("machine-type");
    difference.certainty = VMWIRE_NOT_DECIDED;
    difference.writer = writer->dumped_machine;
    difference.reader = reader->dumped_machine;
    difference.when =
        "the dumps are of two machine types, which cannot be migrated to one another; "
        "make both with the same -machine to compare programs";
    difference.message =
        fill_message(skew->arena, reader_message(skew, difference.rule),
                     (const char *const[]){writer->dumped_machine, reader->dumped_machine}, 2);
    difference.advice = "Dump both with the same -machine.";
    add_difference(skew, difference);
}

/* The devices that the writer's program declares. */
static void compare_declared(struct skew *skew, const struct vmwire_schema *declared)
{
    const struct vmwire_side *reader = skew->reader;
    size_t undumped = 0;
    const char *first = NULL;
    for (size_t i = 0; i < declared->declared_count; i++) {
        const struct vmwire_structure *structure = declared->declared[i].structure;
        if (!is_root(structure))
            continue;
        struct view own = view_of_section(reader, structure->name, NULL, structure);
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
}

/* A device that a description of the writer's machine has. */
static void compare_described(struct skew *skew, const struct vmwire_device *device)
{
    const struct vmwire_side *reader = skew->reader;
    const struct vmwire_structure *structure = device->structure;
    const struct vmwire_device *other =
        reader->described
            ? vmwire_schema_device(reader->described, device->idstr, device->instance_id)
            : NULL;
    struct view writes = view_of_section(skew->writer, device->idstr, structure, structure);
    struct view reads =
        view_of_section(reader, device->idstr, other ? other->structure : NULL, structure);
    const struct compared_section section = {device->idstr, device->instance_id, NULL, NULL};
    if (!is_unknown_view(reads) && structure->name)
        compare_layouts(skew, &section, writes, reads);
    else if (tells_devices(reader) && is_unknown_view(reads))
        add_missing_device(skew, device->idstr, writes.version_id, NULL);
    else if (structure->name && is_unknown_view(reads))
        add_undumped_section(skew, &section, true);
}

void compare_devices(struct skew *skew)
{
    const struct vmwire_side *writer = skew->writer;
    if (skew->reader->described && !writer->described) {
        compare_own_devices(skew);
        return;
    }
    /* The devices of a machine, if they are told: otherwise all that there can be. */
    if (writer->described) {
        for (size_t i = 0; i < writer->described->device_count; i++)
            compare_described(skew, &writer->described->devices[i]);
        return;
    }
    if (writer->declared) {
        compare_declared(skew, writer->declared);
        return;
    }
    compare_dumped_machines(skew);
    for (size_t i = 0; writer->dumped && i < writer->dumped->type_count; i++)
        compare_type(skew, &writer->dumped->types[i]);
}
