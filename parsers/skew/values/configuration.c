/* SPDX-License-Identifier: MIT */
#include "skew/values/configuration.h"

#include <inttypes.h>
#include <string.h>

#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/shared/release.h"
#include "vmwire/wire.h"

enum { FOOTER_LENGTH = 1 + 4 };

/* What a configuration record tells. */
struct configuration {
    const struct vmwire_item *item;       /* NULL: the stream has none */
    struct vmwire_bytes machine;          /* its name */
    const struct vmwire_value *page_bits; /* NULL: not sent */
    const struct vmwire_value *names; /* the first capability's, with a length byte; NULL: none */
    const struct vmwire_value *uuid;  /* NULL: not sent */
};

static const struct vmwire_value *value_of_field(const struct vmwire_record *record,
                                                 const char *name)
{
    for (const struct vmwire_value *value = record->values; value; value = value->next)
        if (strcmp(value->field->name, name) == 0)
            return value;
    return NULL;
}

static struct configuration read_configuration(const struct vmwire_stream *stream)
{
    struct configuration found = {
        .item = first_item(stream, VMWIRE_ITEM_CONFIGURATION, NULL),
    };
    if (!found.item)
        return found;
    const struct vmwire_record *record = found.item->record;
    found.machine = vmwire_stream_machine(stream);
    for (const struct vmwire_subsection_value *sent = record->subsections; sent;
         sent = sent->next) {
        const char *name = sent->subsection->name;
        if (strcmp(name, "configuration/target-page-bits") == 0)
            found.page_bits = value_of_field(sent->record, "target_page_bits");
        else if (strcmp(name, "configuration/capabilities") == 0)
            found.names = value_of_field(sent->record, "capabilities");
        else if (strcmp(name, "configuration/uuid") == 0)
            found.uuid = value_of_field(sent->record, "uuid.data");
    }
    return found;
}

/* A difference in the configuration; `value`: of the writer, NULL where it has none. */
static struct vmwire_difference difference_at(const struct skew *skew, const char *rule,
                                              const struct vmwire_value *value, const char *path)
{
    struct vmwire_difference difference = certain_difference(rule);
    difference.path = path;
    if (value)
        difference.offset = offset_in(skew->writer, vmwire_value_place(value, skew->writer->bytes));
    return difference;
}

static void add_with_message(struct skew *skew, struct vmwire_difference difference,
                             const char *const *values, size_t count)
{
    difference.message =
        fill_message(skew->arena, reader_message(skew, difference.rule), values, count);
    add_difference(skew, difference);
}

/* ---- The parts ---- */

static bool has_machine(const struct vmwire_program_facts *program, const char *name)
{
    for (size_t i = 0; i < program->machine_count; i++)
        if (strncmp(name, program->machines[i].name, strlen(name)) == 0)
            return true;
    return false;
}

/* The reader's program, if its machine types are known. NULL: they are not. */
static const struct vmwire_program_facts *program_of_reader(const struct skew *skew)
{
    const struct vmwire_schema *declared = skew->reader->declared;
    const struct vmwire_program_facts *program = declared ? declared->program : NULL;
    return program && program->machine_count ? program : NULL;
}

static const char *advise_machine(const struct skew *skew, const struct vmwire_skew_rule *rule,
                                  const char *name)
{
    const struct vmwire_program_facts *program = program_of_reader(skew);
    return program && !has_machine(program, name)
               ? "Start the writer with a machine type that both programs have."
               : fill_message(skew->arena, rule->advice, &name, 1);
}

/* As strncmp() of the length that the writer sends. */
static void compare_machines(struct skew *skew, const struct configuration *writer,
                             const struct configuration *reader)
{
    const char *theirs = text_of_bytes(skew, writer->machine);
    const char *own = text_of_bytes(skew, reader->machine);
    if (strncmp(theirs, own, writer->machine.length) == 0)
        return;
    struct vmwire_difference difference = difference_at(
        skew, "machine-type", value_of_field(writer->item->record, "name"), "configuration.name");
    difference.writer = theirs;
    difference.reader = own;
    difference.advice = advise_machine(skew, difference.rule, theirs);
    add_with_message(skew, difference, (const char *const[]){theirs, own}, 2);
}

/* The bits of a page that the side sends, or else those of the RAM pages of its stream; 0: they are not known. */
static uint64_t page_bits_of(const struct vmwire_side *side, const struct vmwire_value *sent)
{
    uint64_t bits = 0;
    if (sent)
        return number_of_bytes(sent->data);
    for (uint32_t size = side->described ? side->described->page_size : 0; size > 1; size >>= 1)
        bits++;
    return bits;
}

/* Bits are sent where they are not the fewest of the target; a reader takes the fewest where none are sent. */
static void compare_page_bits(struct skew *skew, const struct configuration *writer,
                              const struct configuration *reader)
{
    const struct vmwire_value *theirs = writer->page_bits, *own = reader->page_bits;
    const uint64_t sent = page_bits_of(skew->writer, theirs),
                   held = page_bits_of(skew->reader, own);
    if ((!theirs && !own) || sent == held)
        return;
    struct vmwire_difference difference =
        difference_at(skew, "page-bits", theirs, "configuration/target-page-bits.target_page_bits");
    const char *values[] = {sent ? vmwire_text(skew->arena, "%" PRIu64, sent) : "?",
                            held ? vmwire_text(skew->arena, "%" PRIu64, held) : "?"};
    difference.writer = sent ? values[0] : "the fewest of the target";
    difference.reader = held ? values[1] : "the fewest of the target";
    if (!held) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = "the reader's stream does not tell the size of its pages";
    }
    add_with_message(skew, difference, values, 2);
}

/* Takes the next name of a list of capabilities. False: there is none. */
static bool take_name(struct vmwire_bytes *rest, struct vmwire_bytes *name)
{
    if (!rest->length || rest->length <= rest->data[0])
        return false;
    *name = (struct vmwire_bytes){rest->data + 1, rest->data[0]};
    *rest = (struct vmwire_bytes){rest->data + 1 + name->length, rest->length - 1 - name->length};
    return true;
}

static bool has_name(struct vmwire_bytes list, struct vmwire_bytes wanted)
{
    struct vmwire_bytes name;
    while (take_name(&list, &name))
        if (name.length == wanted.length && memcmp(name.data, wanted.data, name.length) == 0)
            return true;
    return false;
}

/* Each name is a value of its own; they follow one another. */
static struct vmwire_bytes names_of(const struct configuration *configuration)
{
    struct vmwire_bytes names = {NULL, 0};
    for (const struct vmwire_value *value = configuration->names; value; value = value->next) {
        if (names.data && value->data.data != names.data + names.length)
            break;
        names.data = names.data ? names.data : value->data.data;
        names.length += value->data.length;
    }
    return names;
}

bool has_capability(const struct vmwire_stream *stream, const char *name)
{
    const struct configuration configuration = read_configuration(stream);
    return has_name(names_of(&configuration),
                    (struct vmwire_bytes){(const uint8_t *)name, strlen(name)});
}

bool sends_page_bits(const struct vmwire_stream *stream)
{
    return read_configuration(stream).page_bits != NULL;
}

/* Capabilities that `here` has on and `there` not. They are settings of a migration: those of the reader's stream are those
 * with which it was written. */
static void compare_capabilities(struct skew *skew, const struct configuration *here,
                                 const struct configuration *there, bool here_is_writer)
{
    struct vmwire_bytes rest = names_of(here), name;
    while (take_name(&rest, &name)) {
        if (has_name(names_of(there), name))
            continue;
        const char *text = text_of_bytes(skew, name);
        struct vmwire_difference difference =
            difference_at(skew, "capability", here_is_writer ? here->names : NULL,
                          "configuration/capabilities.capabilities");
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.writer = vmwire_text(skew->arena, "%s %s", text, here_is_writer ? "on" : "off");
        difference.reader = vmwire_text(skew->arena, "%s %s", text, here_is_writer ? "off" : "on");
        difference.when = "the capability is set so when the reader begins to read, as it was when "
                          "its own stream was written";
        add_with_message(skew, difference,
                         (const char *const[]){text, here_is_writer ? "off" : "on",
                                               here_is_writer ? "on" : "off"},
                         3);
    }
}

static const char *uuid_text(const struct skew *skew, struct vmwire_bytes uuid)
{
    if (uuid.length != 16)
        return "not a UUID";
    return vmwire_text(skew->arena, "%08" PRIx32 "-%04x-%04x-%04x-%04x%08" PRIx32,
                       vmwire_be32(uuid.data), (unsigned)vmwire_be16(uuid.data + 4),
                       (unsigned)vmwire_be16(uuid.data + 6), (unsigned)vmwire_be16(uuid.data + 8),
                       (unsigned)vmwire_be16(uuid.data + 10), vmwire_be32(uuid.data + 12));
}

/* A reader that has no UUID only warns, and one whose stream sends none may have one. */
static void compare_uuids(struct skew *skew, const struct configuration *writer,
                          const struct configuration *reader)
{
    const struct vmwire_value *theirs = writer->uuid, *own = reader->uuid;
    if (!theirs || (own && own->data.length == theirs->data.length &&
                    memcmp(own->data.data, theirs->data.data, own->data.length) == 0))
        return;
    struct vmwire_difference difference =
        difference_at(skew, "uuid", theirs, "configuration/uuid.uuid.data");
    difference.writer = uuid_text(skew, theirs->data);
    if (own) {
        difference.reader = uuid_text(skew, own->data);
    } else {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = "the reader's machine has another UUID; its stream was written without "
                          "the capability validate-uuid, and does not tell";
    }
    difference.advice = fill_message(skew->arena, difference.rule->advice, &difference.writer, 1);
    add_with_message(skew, difference, (const char *const[]){difference.writer, difference.reader},
                     own ? 2 : 1);
}

/* ---- Whether there are records and footers ---- */

static bool compare_presence(struct skew *skew, const struct configuration *writer,
                             const struct configuration *reader)
{
    enum { HEAD = 8 }; /* bytes: the magic number and the version */
    const struct vmwire_bytes bytes = skew->writer->bytes;
    const unsigned begins = bytes.length > HEAD ? bytes.data[HEAD] : VMWIRE_QEMU_VM_EOF;
    if (!writer->item == !reader->item)
        return writer->item != NULL;
    if (!writer->item && begins == VMWIRE_QEMU_VM_CONFIGURATION)
        return false; /* it could not be read */
    struct vmwire_difference difference = difference_at(
        skew, writer->item ? "configuration-unexpected" : "configuration-missing", NULL, NULL);
    const char *const values[] = {vmwire_text(skew->arena, "%x", begins), "7"};
    difference.message =
        fill_message(skew->arena, reader_message(skew, difference.rule), values, 2);
    difference.writer = writer->item ? "a configuration record" : "no configuration record";
    difference.reader = reader->item ? "a configuration record" : "no configuration record";
    difference.offset = HEAD;
    add_difference(skew, difference);
    return false;
}

/* The first section of a stream. */
static const struct vmwire_item *first_section(const struct vmwire_stream *stream)
{
    for (size_t i = 0; i < stream->item_count; i++)
        if (begins_section(stream->items[i]))
            return stream->items[i];
    return NULL;
}

static void compare_footers(struct skew *skew)
{
    const struct vmwire_item *theirs = first_section(skew->writer->stream);
    const struct vmwire_item *own = first_section(skew->reader->stream);
    if (!theirs || !own || theirs->footer == own->footer)
        return;
    struct vmwire_difference difference =
        section_difference(skew, theirs->footer ? "footer-unexpected" : "footer-missing", theirs);
    difference.writer = theirs->footer ? "footers behind sections" : "no footers";
    difference.reader = own->footer ? "footers behind sections" : "no footers";
    difference.offset = offset_in(skew->writer, theirs->raw.data + theirs->raw.length) -
                        (theirs->footer ? FOOTER_LENGTH : 0);
    add_with_message(skew, difference, &difference.section, 1);
}

/* A reader of which only the program is known: it refuses a machine type that it does not have, whatever it is started with. */
static void compare_machine_types(struct skew *skew, const struct configuration *writer)
{
    const struct vmwire_program_facts *program = program_of_reader(skew);
    if (!program || !writer->item || !writer->machine.length)
        return;
    const char *theirs = text_of_bytes(skew, writer->machine);
    if (has_machine(program, theirs))
        return;
    struct vmwire_difference difference = difference_at(
        skew, "machine-type", value_of_field(writer->item->record, "name"), "configuration.name");
    difference.writer = theirs;
    difference.reader =
        vmwire_text(skew->arena, "%zu machine types, not this one", program->machine_count);
    difference.advice = advise_machine(skew, difference.rule, theirs);
    add_with_message(skew, difference, &theirs, 1);
}

void compare_configurations(struct skew *skew)
{
    const struct configuration writer = read_configuration(skew->writer->stream);
    if (!skew->reader->stream) {
        compare_machine_types(skew, &writer);
        return;
    }
    const struct configuration reader = read_configuration(skew->reader->stream);
    if (compare_presence(skew, &writer, &reader)) {
        compare_machines(skew, &writer, &reader);
        compare_page_bits(skew, &writer, &reader);
        compare_capabilities(skew, &writer, &reader, true);
        compare_capabilities(skew, &reader, &writer, false);
        compare_uuids(skew, &writer, &reader);
    }
    compare_footers(skew);
}
