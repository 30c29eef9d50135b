/* SPDX-License-Identifier: MIT */
#include "program/explain/message_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char missing_footer[] = "Missing section footer";

/* The reader says these of whatever goes wrong in a section. */
bool is_general_message(const char *message)
{
    static const char *const general[] = {
        "Missing section footer for %s",
        "error while loading state for instance 0x%x of device '%s'",
        "%x != %x",
    };
    for (size_t i = 0; message && i < sizeof(general) / sizeof(general[0]); i++)
        if (strcmp(message, general[i]) == 0)
            return true;
    return !message;
}

/* Whether the path has these names, which dots separate, one behind the other; `last`: at its end. */
bool has_part_of_path(const char *path, struct text_piece field, bool last)
{
    for (const char *at = path; *at; at += strcspn(at, "."), at += *at == '.') {
        const char *end = at + field.length;
        if (strncmp(at, field.begin, field.length) != 0)
            continue;
        if (last ? *end == '\0' : *end == '\0' || *end == '.' || *end == '[' || *end == '/')
            return true;
    }
    return false;
}

/* The field of the next line "Failed to load STRUCTURE:FIELD" behind `at`. Returns false if there is none. */
bool next_failed_field(const char **at, struct text_piece *field)
{
    static const char failed[] = "Failed to load ";
    while (*at && (*at = strstr(*at, failed))) {
        *at += sizeof(failed) - 1;
        const char *colon = *at + strcspn(*at, ":\n");
        if (*colon != ':')
            continue;
        *field = (struct text_piece){colon + 1, strcspn(colon + 1, " \t\r\n:")};
        if (field->length)
            return true;
    }
    return false;
}

bool names_its_section(const char *text, const struct vmwire_difference *difference)
{
    return difference->section &&
           text_names_section(text, difference->section, difference->instance_id);
}

/* The message of the rule that the text has, as an older release prints it or a younger one. NULL: neither. */
const char *message_in_text(const char *text, const struct vmwire_skew_rule *rule)
{
    const char *const messages[] = {rule->message, rule->changed};
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
        if (messages[i] && text_has_message(text, messages[i]))
            return messages[i];
    return NULL;
}

/* A value that no file tells. */
static bool is_unknown(struct text_piece value)
{
    return value.length == 1 && *value.begin == '?';
}

/* Letters of `places`: what has the values, and they. */
const char names_of_places[] = "nibe", values_of_places[] = "sSoO";

/* Whether the text has the message of the rule with others than those of the difference. */
bool has_other_values(const char *text, const struct vmwire_difference *difference,
                      const char *compared)
{
    enum { PLACES = 8 };
    struct text_piece theirs[PLACES], own[PLACES];
    const struct vmwire_skew_rule *rule = difference->rule;
    const char *of_text = message_in_text(text, rule);
    const char *filled = difference->message ? message_in_text(difference->message, rule) : NULL;
    if (!of_text || !filled || !rule->places || strchr(difference->message, '%'))
        return false;
    text_values(text, of_text, theirs, PLACES);
    text_values(difference->message, filled, own, PLACES);
    for (size_t i = 0; i < PLACES && rule->places[i]; i++)
        if (theirs[i].begin && own[i].begin && strchr(compared, rule->places[i]) &&
            !is_unknown(own[i]) &&
            (theirs[i].length != own[i].length ||
             memcmp(theirs[i].begin, own[i].begin, own[i].length) != 0))
            return true;
    return false;
}

/* The rule whose message this is, of those with words of their own: the first one, or one for which a blank of that is filled in.
 * NULL: none. */
const struct vmwire_skew_rule *find_named_rule(const char *text)
{
    const struct vmwire_skew_rule *named = NULL;
    for (size_t i = 0; i < vmwire_skew_rule_count; i++) {
        const struct vmwire_skew_rule *rule = &vmwire_skew_rules[i];
        const char *message = message_in_text(text, rule);
        if (!is_general_message(message) &&
            (!named || (!strchr(message, '%') && message_in_text(message, named))))
            named = rule;
    }
    return named;
}

/* "%x != %x" with the field that it is about: a value that must be the reader's own. */
const struct vmwire_skew_rule *find_general_rule(const char *text)
{
    const struct vmwire_skew_rule *equal = vmwire_skew_rule_find("equal");
    struct text_piece field;
    const char *at = text;
    return next_failed_field(&at, &field) && message_in_text(text, equal) ? equal : NULL;
}

/* A function of the device has looked at what was loaded (post_load): the layouts had no fault. */
bool is_after_loading(const char *text)
{
    return strstr(text, "post load hook failed") || strstr(text, "Operation not permitted");
}

/* Whether it is "%x != %x", and nothing else. */
static bool is_unequal(const char *text)
{
    static const char digits[] = "0123456789abcdefABCDEFx \r\n";
    const char *sign = strstr(text, " != ");
    return sign && sign > text && strspn(text, digits) == (size_t)(sign + 1 - text) && sign[4] &&
           strspn(sign + 4, digits) == strlen(sign + 4);
}

/* Whether it can be a message of a QEMU that loads a stream, whatever it names. */
bool is_message_of_loading(const char *text)
{
    static const char *const words[] = {"Assertion `",
                                        "virtio: ",
                                        "load of migration failed",
                                        "error while loading state",
                                        "Failed to load ",
                                        "Error while loading",
                                        missing_footer,
                                        "in the incoming stream"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strstr(text, words[i]))
            return true;
    return is_unequal(text);
}

/* The line that says what is wrong; without one the first. */
const char *deciding_line(struct vmwire_arena *arena, const char *text,
                          const struct vmwire_skew_rule *named)
{
    for (const char *at = text; *at; at += strspn(at, "\n")) {
        const char *line = vmwire_arena_string(arena, at, strcspn(at, "\n"));
        if (named ? message_in_text(line, named) != NULL : is_message_of_loading(line))
            return line;
        at += strlen(line);
    }
    return vmwire_arena_string(arena, text, strcspn(text, "\n"));
}

/* The writer's value, the reader's, or the name of what has it, as the message has it. NULL: it has none. */
const char *value_in_text(struct vmwire_arena *arena, const char *text,
                          const struct vmwire_skew_rule *rule, const char *letters)
{
    enum { PLACES = 8 };
    struct text_piece pieces[PLACES];
    const char *message = message_in_text(text, rule);
    if (!message || !rule->places)
        return NULL;
    text_values(text, message, pieces, PLACES);
    for (size_t i = 0; i < PLACES && rule->places[i]; i++)
        if (pieces[i].begin && strchr(letters, rule->places[i]))
            return vmwire_text(arena, "%s%.*s", isupper((unsigned char)rule->places[i]) ? "0x" : "",
                               (int)pieces[i].length, pieces[i].begin);
    return NULL;
}

/* The byte of a PCI configuration that the message is about. Returns false if it is about none. */
bool find_pci_byte(const char *text, const struct vmwire_skew_rule *named,
                   struct vmwire_pci_byte *byte)
{
    enum { AT, SENT, OWN, PLACES };
    struct text_piece pieces[PLACES];
    if (!named || named != vmwire_skew_rule_find("pci-config"))
        return false;
    text_values(text, message_in_text(text, named), pieces, PLACES);
    if (!pieces[OWN].begin)
        return false;
    *byte = (struct vmwire_pci_byte){strtoul(pieces[AT].begin, NULL, 16),
                                     (uint8_t)strtoul(pieces[SENT].begin, NULL, 16),
                                     (uint8_t)strtoul(pieces[OWN].begin, NULL, 16)};
    return true;
}
