/* SPDX-License-Identifier: MIT */
#include "program/explain/refuted_message.h"

#include <stdlib.h>
#include <string.h>

#include "program/explain/message_words.h"

/* Whether the message is that of a certain difference, but for its values. */
static bool has_wrong_values(const struct explanation *explanation, const char *text)
{
    for (size_t i = 0; i < explanation->differences.count; i++) {
        const struct vmwire_difference *each = &explanation->differences.list[i];
        if (each->certainty == VMWIRE_CERTAIN && !has_other_values(text, each, names_of_places) &&
            has_other_values(text, each, values_of_places) &&
            (!each->section || names_its_section(text, each)))
            return true;
    }
    return false;
}

/* Whether the reader's program has the structure of a line "Failed to load STRUCTURE:FIELD", and no such field in it. */
static bool lacks_field(const struct vmwire_schema *declared, struct text_piece field)
{
    const char *colon = field.begin - 1, *begin = colon;
    while (begin[-1] != ' ')
        begin--;
    bool found = false;
    for (const struct vmwire_structure *each = declared ? declared->structures : NULL; each;
         each = each->next) {
        if (!each->name || strlen(each->name) != (size_t)(colon - begin) ||
            memcmp(each->name, begin, (size_t)(colon - begin)) != 0)
            continue;
        found = true;
        for (size_t i = 0; i < each->field_count; i++)
            if (has_part_of_path(each->fields[i].name, field, false))
                return false;
    }
    return found;
}

static bool names_missing_field(const struct explanation *explanation, const char *text)
{
    struct text_piece field;
    for (const char *at = text; next_failed_field(&at, &field);)
        if (lacks_field(explanation->reader->side.declared, field))
            return true;
    return false;
}

static bool is_text(struct vmwire_bytes bytes, const char *text)
{
    return bytes.length == strlen(text) && memcmp(bytes.data, text, bytes.length) == 0;
}

/* Whether the stream has what the message says that it has sent: a machine type, a RAM block, a command. */
static bool is_sent_so(const struct explanation *explanation, const char *text,
                       const struct vmwire_skew_rule *named)
{
    const struct vmwire_side *writer = &explanation->writer->side;
    struct vmwire_arena *arena = explanation->arena;
    if (!named)
        return true;
    const char *rule = named->id, *block = value_in_text(arena, text, named, "b"),
               *sent = value_in_text(arena, text, named, "s"),
               *number = value_in_text(arena, text, named, "S");
    if (strcmp(rule, "machine-type") == 0) {
        const struct vmwire_bytes machine = vmwire_stream_machine(writer->stream);
        return !machine.length || !sent || is_text(machine, sent);
    }
    if (strcmp(rule, "command-unknown") == 0 && number) {
        for (size_t i = 0; i < writer->stream->item_count; i++)
            if (writer->stream->items[i]->kind == VMWIRE_ITEM_COMMAND &&
                writer->stream->items[i]->command == strtoul(number, NULL, 16))
                return true;
        return false;
    }
    bool listed = !block || !writer->ram.block_count;
    for (size_t i = 0; !listed && i < writer->ram.block_count; i++)
        listed = is_text(writer->ram.blocks[i].name, block);
    return listed;
}

/* Whether the files would show what the message says, and do not. `section`: that of the stream that it names. */
bool is_refuted(const struct explanation *explanation, const struct vmwire_item *section,
                const char *text, const struct vmwire_skew_rule *named)
{
    const struct vmwire_side *reader = &explanation->reader->side;
    if (explanation->sent.error.kind != VMWIRE_ERROR_NONE || !explanation->writer->side.stream)
        return false;
    const bool names_section = text_names_any_device(text) || strstr(text, missing_footer) ||
                               (named && value_in_text(explanation->arena, text, named, "i"));
    struct vmwire_pci_byte byte;
    struct vmwire_difference ignored = {.rule = named};
    if ((names_section && !section) || has_wrong_values(explanation, text) ||
        !is_sent_so(explanation, text, named) || names_missing_field(explanation, text) ||
        (section && find_pci_byte(text, named, &byte) &&
         !vmwire_skew_pci_byte(&explanation->writer->side, section, byte, explanation->arena,
                               &ignored)))
        return true;
    switch (named ? named->shown_by : VMWIRE_SHOWN_BY_NOTHING) {
    case VMWIRE_SHOWN_BY_STREAM:
        return reader->stream;
    case VMWIRE_SHOWN_BY_PROGRAM:
        return reader->stream || reader->declared;
    default:
        return false;
    }
}
