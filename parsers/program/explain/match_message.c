/* SPDX-License-Identifier: MIT */
/*
 * Compares the message with each cause. QEMU has refused the stream, so what is not decided counts as well.
 */
#include "program/explain/match_message.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "program/explain/causes.h"
#include "program/explain/places.h"
#include "program/explain/qemu_text.h"
#include "program/explain/rules.h"

/* How well a message fits a cause. */
enum fit {
    FIT_NOT,
    FIT_POSSIBLE, /* it is what QEMU says of anything in a section, and the cause is a possibility */
    FIT_SECTION,  /* it names the section */
    FIT_WITHIN, /* and the structure or the subsection, or the message is nearly that of the cause */
    FIT_MESSAGE,     /* it is the message of the cause */
    FIT_AROUND,      /* and names fields around it */
    FIT_FIELD,       /* and has words of its own, or the field is named */
    FIT_NONE_ENOUGH, /* however it fits, it is not of this cause */
};

/* The reader says these of whatever goes wrong in a section. */
static bool is_general(const char *message)
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

/* How the fields of the lines "Failed to load STRUCTURE:FIELD" are those of a path. */
enum named_fields {
    FIELDS_NOT_NAMED, /* there is no such line, or no path */
    FIELDS_OTHER,     /* one is no part of the path */
    FIELDS_AROUND,    /* all are */
    FIELDS_LAST,      /* and one is its last part */
};

/* Whether the path has these names, which dots separate, one behind the other; `last`: at its end. */
static bool has_part(const char *path, struct text_piece field, bool last)
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

/* The next such line behind `at`. Returns false if there is none. */
static bool next_failed_field(const char **at, struct text_piece *field)
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

static enum named_fields compare_fields(const char *text, const char *path)
{
    enum named_fields found = FIELDS_NOT_NAMED;
    struct text_piece field;
    for (const char *at = text; path && *path && next_failed_field(&at, &field);) {
        if (!has_part(path, field, false))
            return FIELDS_OTHER;
        if (found != FIELDS_LAST)
            found = has_part(path, field, true) ? FIELDS_LAST : FIELDS_AROUND;
    }
    return found;
}

static bool is_of_section(const char *text, const struct vmwire_difference *difference)
{
    return difference->section &&
           text_names_section(text, difference->section, difference->instance_id);
}

/* The message of the rule that the text has, as an older release prints it or a younger one. NULL: neither. */
static const char *message_in(const char *text, const struct vmwire_skew_rule *rule)
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
static const char of_names[] = "nibe", of_values[] = "sSoO";

/* Whether the text has the message of the rule with others than those of the difference. */
static bool has_other(const char *text, const struct vmwire_difference *difference,
                      const char *compared)
{
    enum { PLACES = 8 };
    struct text_piece theirs[PLACES], own[PLACES];
    const struct vmwire_skew_rule *rule = difference->rule;
    const char *of_text = message_in(text, rule);
    const char *filled = difference->message ? message_in(difference->message, rule) : NULL;
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

/* Whether it is said with a value that no file tells, and all others are those of the text. */
static bool is_said_but_for_unknown(const char *text, const struct vmwire_difference *difference)
{
    return difference->certainty == VMWIRE_CERTAIN && difference->message &&
           strchr(difference->message, '?') && message_in(text, difference->rule) &&
           difference->rule->places && !has_other(text, difference, of_names) &&
           !has_other(text, difference, of_values);
}

/* Whether the text says just this, in words that are of no other difference: so QEMU has decided what was open. */
static bool says(const char *text, const struct vmwire_difference *difference)
{
    return difference->message && !strchr(difference->message, '%') &&
           strchr(difference->rule->message ? difference->rule->message : "", '%') &&
           !is_general(difference->rule->message) && text_has_message(text, difference->message);
}

static enum fit fit_of(const char *text, const struct vmwire_difference *difference)
{
    const char *message = difference->message;
    bool section = is_of_section(text, difference);
    if (!section && difference->section && text_names_any_device(text))
        return FIT_NOT; /* it is about another one */
    /* A message with blanks to be filled in is that of every section. */
    bool filled = message && !strchr(message, '%');
    const enum named_fields fields = compare_fields(text, difference->path);
    if (section && fields >= FIELDS_AROUND)
        return fields == FIELDS_LAST ? FIT_FIELD : FIT_AROUND;
    if (is_said_but_for_unknown(text, difference))
        return FIT_FIELD;
    if (message && text_has_message(text, message) && (filled || section))
        return !is_general(difference->rule->message) ? FIT_FIELD
               : difference->certainty != VMWIRE_CERTAIN &&
                       !(difference->structure && text_names(text, difference->structure) &&
                         strcmp(difference->structure, difference->section) != 0)
                   ? FIT_POSSIBLE
                   : FIT_MESSAGE;
    const char *pattern = difference->rule->message;
    if (!section)
        return pattern && text_has_message(text, pattern) && difference->structure &&
                       text_names(text, difference->structure)
                   ? FIT_WITHIN
                   : FIT_NOT;
    bool within = (pattern && text_has_message(text, pattern)) ||
                  (difference->structure && text_names(text, difference->structure) &&
                   strcmp(difference->structure, difference->section) != 0);
    return within ? FIT_WITHIN : FIT_SECTION;
}

/* The best cause. `enough`: the least fit that counts. */
struct choice {
    struct found_cause cause;
    enum fit fit;
};

static void consider(struct choice *choice, const char *text, struct found_cause cause,
                     enum fit enough)
{
    enum fit fit = fit_of(text, cause.difference);
    if (fit < enough || fit <= choice->fit)
        return;
    choice->fit = fit;
    choice->cause = cause;
}

/* The rule whose message this is, of those with words of their own: the first one, or one for which a blank of that is filled in.
 * NULL: none. */
static const struct vmwire_skew_rule *find_named_rule(const char *text)
{
    const struct vmwire_skew_rule *named = NULL;
    for (size_t i = 0; i < vmwire_skew_rule_count; i++) {
        const struct vmwire_skew_rule *rule = &vmwire_skew_rules[i];
        const char *message = message_in(text, rule);
        if (!is_general(message) &&
            (!named || (!strchr(message, '%') && message_in(message, named))))
            named = rule;
    }
    return named;
}

/* "%x != %x" with the field that it is about: a value that must be the reader's own. */
static const struct vmwire_skew_rule *find_general_rule(const char *text)
{
    const struct vmwire_skew_rule *equal = vmwire_skew_rule_find("equal");
    struct text_piece field;
    const char *at = text;
    return next_failed_field(&at, &field) && message_in(text, equal) ? equal : NULL;
}

/* A function of the device has looked at what was loaded (post_load): the layouts had no fault. */
static bool is_after_loading(const char *text)
{
    return strstr(text, "post load hook failed") || strstr(text, "Operation not permitted");
}

static bool has_message_of(const struct vmwire_skew_rule *rule,
                           const struct vmwire_skew_rule *other)
{
    return rule == other ||
           (rule->message && other->message && strcmp(rule->message, other->message) == 0);
}

static const char footer[] = "Missing section footer";

/* Whether the reader says other words of it than that a footer is missing. */
static bool has_other_end(const struct vmwire_difference *difference)
{
    return difference->message ? strstr(difference->message, footer) == NULL
                               : difference->certainty == VMWIRE_CERTAIN;
}

/* Whether the reader says something of it, and the text has not that. */
static bool has_other_words(const char *text, const struct vmwire_difference *difference)
{
    return !message_in(text, difference->rule) &&
           (difference->message ? !text_has_message(text, difference->message)
                                : difference->rule->message != NULL);
}

/* Whether the text ends a section in another way than by its footer. */
static bool is_never_of_footer(const char *text)
{
    return !strstr(text, footer) && (strstr(text, "error while loading state") ||
                                     strstr(text, "Failed to load ") || is_after_loading(text));
}

/* Whether it is one that can be, and that would make the footer missing. */
static bool is_possible_footer(const struct vmwire_difference *difference)
{
    return difference->certainty != VMWIRE_CERTAIN && difference->message &&
           strstr(difference->message, footer);
}

/* Whether it is open only as a value is not known, which QEMU's message has. */
static bool is_told_by_message(const struct vmwire_difference *difference)
{
    return difference->certainty == VMWIRE_NOT_DECIDED && difference->rule->places &&
           difference->message && strchr(difference->message, '?');
}

/* How well it has to fit: a message with words of its own is not that of another rule. */
static enum fit least_fit(const char *text, const struct found_cause *cause,
                          const struct vmwire_skew_rule *named)
{
    const struct vmwire_difference *difference = cause->difference;
    if (cause->kind != CAUSE_DIFFERENCE) /* whatever the reader says then, it reads other bytes */
        return FIT_SECTION;
    if (is_told_by_message(difference) || has_other(text, difference, of_names) ||
        has_other(text, difference, of_values) ||
        (strstr(text, footer) && has_other_end(difference)) ||
        (is_never_of_footer(text) && is_possible_footer(difference)))
        return FIT_NONE_ENOUGH;
    if (named && has_message_of(difference->rule, named))
        return FIT_SECTION;
    /* What a function looks at behind the load says nothing of its own. */
    const bool layouts = difference->rule->message != NULL;
    if (named && has_other_words(text, difference))
        return FIT_NONE_ENOUGH;
    return (is_after_loading(text) && layouts) || named             ? FIT_FIELD
           : compare_fields(text, difference->path) == FIELDS_OTHER ? FIT_AROUND
           : difference->certainty == VMWIRE_CERTAIN                ? FIT_SECTION
                                                                    : FIT_POSSIBLE;
}

/* The candidate of a difference that is not certain. Returns false if it is none: it needs a state that the stream is not in. */
static bool is_candidate(const struct explanation *explanation, const struct vmwire_difference *of,
                         struct found_cause *cause)
{
    if (of->certainty == VMWIRE_CERTAIN || of->unsent)
        return false;
    *cause = place_cause(explanation, (struct found_cause){.difference = of});
    return true;
}

/* What nothing tells is more likely than what a property of the reader would have to be set for. */
static void consider_candidates(struct choice *choice, const struct explanation *explanation,
                                const struct vmwire_differences *differences, const char *text,
                                const struct vmwire_skew_rule *named)
{
    static const enum vmwire_certainty order[] = {VMWIRE_NOT_DECIDED, VMWIRE_WHEN_NEEDED};
    struct found_cause cause;
    for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
        for (size_t i = 0; i < differences->count; i++)
            if (differences->list[i].certainty == order[k] &&
                is_candidate(explanation, &differences->list[i], &cause))
                consider(choice, text, cause, least_fit(text, &cause, named));
}

/* Certain causes first, each kind in the order of the stream. What is given comes before what a command line can have. */
static struct choice find_named_cause(const struct explanation *explanation, const char *text,
                                      const struct vmwire_skew_rule *named)
{
    struct choice choice = {.fit = FIT_NOT};
    for (size_t i = 0; i < explanation->cause_count; i++)
        consider(&choice, text, explanation->causes[i],
                 least_fit(text, &explanation->causes[i], named));
    consider_candidates(&choice, explanation, &explanation->differences, text, named);
    if (choice.fit == FIT_NOT)
        consider_candidates(&choice, explanation, &explanation->if_unlike, text, named);
    return choice;
}

static bool is_same(const struct vmwire_difference *a, const struct vmwire_difference *b)
{
    return a->rule == b->rule && strcmp(a->path ? a->path : "", b->path ? b->path : "") == 0;
}

static bool is_listed(const struct explanation *explanation, const struct vmwire_difference *of)
{
    for (size_t i = 0; i < explanation->other_count; i++)
        if (is_same(explanation->others[i], of))
            return true;
    return is_same(explanation->cause.difference, of);
}

/* What else in the section can be the cause as well. */
static void list_others(struct explanation *explanation, const char *text,
                        const struct vmwire_skew_rule *named, enum fit fit)
{
    const struct vmwire_differences *const lists[] = {&explanation->differences,
                                                      &explanation->if_unlike};
    const struct vmwire_difference *chosen = explanation->cause.difference;
    struct found_cause cause;
    explanation->others = vmwire_arena_alloc(
        explanation->arena, (lists[0]->count + lists[1]->count + 1) * sizeof(*explanation->others));
    for (size_t i = 0; chosen->section && i < sizeof(lists) / sizeof(lists[0]); i++)
        for (size_t k = 0; k < lists[i]->count; k++) {
            const struct vmwire_difference *each = &lists[i]->list[k];
            if (is_candidate(explanation, each, &cause) && each->section &&
                strcmp(each->section, chosen->section) == 0 &&
                each->instance_id == chosen->instance_id && !is_listed(explanation, each) &&
                fit_of(text, each) >= fit && least_fit(text, &cause, named) <= fit)
                explanation->others[explanation->other_count++] = each;
        }
}

/* The section with the longest name that the message has. */
static const struct vmwire_item *find_named_section(const struct explanation *explanation,
                                                    const char *text)
{
    const struct vmwire_stream *stream = explanation->writer->side.stream;
    const struct vmwire_item *found = NULL;
    for (size_t i = 0; stream && i < stream->item_count; i++) {
        const struct vmwire_item *item = stream->items[i];
        if (begins_section(item) && (!found || item->idstr.length > found->idstr.length) &&
            text_names_section(text, name_section(explanation->arena, item), item->instance_id))
            found = item;
    }
    return found;
}

/* ---- What the files do not tell ---- */

/* Whether it is "%x != %x", and nothing else. */
static bool is_unequal(const char *text)
{
    static const char digits[] = "0123456789abcdefABCDEFx \r\n";
    const char *sign = strstr(text, " != ");
    return sign && sign > text && strspn(text, digits) == (size_t)(sign + 1 - text) && sign[4] &&
           strspn(sign + 4, digits) == strlen(sign + 4);
}

/* Whether it can be a message of a QEMU that loads a stream, whatever it names. */
static bool is_of_loading(const char *text)
{
    static const char *const words[] = {"Assertion `",
                                        "virtio: ",
                                        "load of migration failed",
                                        "error while loading state",
                                        "Failed to load ",
                                        "Error while loading",
                                        footer,
                                        "in the incoming stream"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strstr(text, words[i]))
            return true;
    return is_unequal(text);
}

/* The line that says what is wrong; without one the first. */
static const char *deciding_line(struct vmwire_arena *arena, const char *text,
                                 const struct vmwire_skew_rule *named)
{
    for (const char *at = text; *at; at += strspn(at, "\n")) {
        const char *line = vmwire_arena_string(arena, at, strcspn(at, "\n"));
        if (named ? message_in(line, named) != NULL : is_of_loading(line))
            return line;
        at += strlen(line);
    }
    return vmwire_arena_string(arena, text, strcspn(text, "\n"));
}

/* The writer's value, the reader's, or the name of what has it, as the message has it. NULL: it has none. */
static const char *value_in(struct vmwire_arena *arena, const char *text,
                            const struct vmwire_skew_rule *rule, const char *letters)
{
    enum { PLACES = 8 };
    struct text_piece pieces[PLACES];
    const char *message = message_in(text, rule);
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
static bool find_pci_byte(const char *text, const struct vmwire_skew_rule *named,
                          struct vmwire_pci_byte *byte)
{
    enum { AT, SENT, OWN, PLACES };
    struct text_piece pieces[PLACES];
    if (!named || named != vmwire_skew_rule_find("pci-config"))
        return false;
    text_values(text, message_in(text, named), pieces, PLACES);
    if (!pieces[OWN].begin)
        return false;
    *byte = (struct vmwire_pci_byte){strtoul(pieces[AT].begin, NULL, 16),
                                     (uint8_t)strtoul(pieces[SENT].begin, NULL, 16),
                                     (uint8_t)strtoul(pieces[OWN].begin, NULL, 16)};
    return true;
}

/* The advice, with the name that the message has in its place, or else the writer's value. NULL: there is none, or that is not
 * known. */
static const char *advice_of(struct vmwire_arena *arena, const struct vmwire_skew_rule *rule,
                             const char *text)
{
    const char *place = rule->advice ? strstr(rule->advice, "%s") : NULL;
    if (!place)
        return rule->advice;
    const char *name = value_in(arena, text, rule, "n");
    const char *value = name ? name : value_in(arena, text, rule, "sS");
    return value ? vmwire_text(arena, "%.*s%s%s", (int)(place - rule->advice), rule->advice, value,
                               place + strlen("%s"))
                 : NULL;
}

static void set_feature_advice(const struct explanation *explanation,
                               const struct vmwire_item *section,
                               struct vmwire_difference *difference)
{
    /* QEMU 11.1 prints only those of them that its device offers. */
    const char *negotiated = vmwire_skew_negotiated(section, explanation->arena);
    if (negotiated)
        difference->writer = negotiated;
    const char *advice = vmwire_skew_feature_advice(
        difference->writer, difference->reader,
        section ? name_section(explanation->arena, section) : "", &explanation->writer->side,
        &explanation->reader->side, explanation->arena);
    if (advice)
        difference->advice = advice;
}

/* QEMU's own code has looked at a value, or it is in what is not given. */
static void blame_own_check(struct explanation *explanation, const struct vmwire_item *section,
                            const char *text, const struct vmwire_skew_rule *named)
{
    struct vmwire_arena *arena = explanation->arena;
    struct vmwire_difference *difference = vmwire_arena_alloc(arena, sizeof(*difference));
    const struct vmwire_skew_rule *general = find_general_rule(text);
    const struct vmwire_skew_rule *rule = named                  ? named
                                          : general              ? general
                                          : strstr(text, footer) ? stream_rule(RULE_UNTOLD_LENGTH)
                                          : section              ? stream_rule(RULE_OWN_CHECK)
                                                                 : stream_rule(RULE_NOTHING_NAMED);
    *difference = (struct vmwire_difference){
        .certainty = rule == stream_rule(RULE_NOTHING_NAMED) ? VMWIRE_NOT_DECIDED : VMWIRE_CERTAIN,
        .outcome = VMWIRE_OUTCOME_REJECT,
        .rule = rule,
        .path = value_in(arena, text, rule, "nbp"),
        .writer = value_in(arena, text, rule, "sS"),
        .reader = value_in(arena, text, rule, "oO"),
        .message = deciding_line(arena, text, named ? named : general),
        .offset = VMWIRE_ERROR_NO_OFFSET,
        .section_offset = VMWIRE_ERROR_NO_OFFSET,
    };
    struct text_piece field;
    const char *at = text, *block = value_in(arena, text, rule, "b");
    if (!difference->path && next_failed_field(&at, &field))
        difference->path = vmwire_arena_string(arena, field.begin, field.length);
    difference->advice =
        block ? vmwire_skew_block_advice(block, arena) : advice_of(arena, rule, text);
    const char *value =
        difference->path ? vmwire_skew_value_advice(rule->id, difference->path, arena) : NULL;
    if (value)
        difference->advice = value;
    if (rule == vmwire_skew_rule_find("virtio-features") && difference->writer)
        set_feature_advice(explanation, section, difference);
    struct vmwire_pci_byte byte;
    if (section && find_pci_byte(text, named, &byte))
        vmwire_skew_pci_byte(&explanation->writer->side, section, byte, arena, difference);
    struct found_cause cause = {.difference = difference, .kind = CAUSE_DIFFERENCE};
    if (section) {
        cause.section = section;
        cause.position = (uint64_t)(section->raw.data - explanation->writer->side.bytes.data);
        difference->section = name_section(arena, section);
        difference->instance_id = section->instance_id;
        difference->section_offset = cause.position;
    }
    explanation->cause = cause;
    explanation->outcome = EXPLAINED_REJECT;
    explanation->message_match =
        difference->writer || difference->reader ? MESSAGE_READ_OFF : MESSAGE_NOT_TOLD;
}

/* That of an open difference, of which the message has the value that no file tells. NULL: there is none. */
static const struct vmwire_item *find_told_section(const struct explanation *explanation,
                                                   const char *text)
{
    for (size_t i = 0; i < explanation->differences.count; i++) {
        const struct vmwire_difference *each = &explanation->differences.list[i];
        if (is_told_by_message(each) && message_in(text, each->rule) &&
            !has_other(text, each, of_names) && !has_other(text, each, of_values))
            return place_cause(explanation, (struct found_cause){.difference = each}).section;
    }
    return NULL;
}

/* Whether the message is that of a certain difference, but for its values. */
static bool has_wrong_values(const struct explanation *explanation, const char *text)
{
    for (size_t i = 0; i < explanation->differences.count; i++) {
        const struct vmwire_difference *each = &explanation->differences.list[i];
        if (each->certainty == VMWIRE_CERTAIN && !has_other(text, each, of_names) &&
            has_other(text, each, of_values) && (!each->section || is_of_section(text, each)))
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
            if (has_part(each->fields[i].name, field, false))
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
    const char *rule = named->id, *block = value_in(arena, text, named, "b"),
               *sent = value_in(arena, text, named, "s"),
               *number = value_in(arena, text, named, "S");
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
static bool is_contradicted(const struct explanation *explanation,
                            const struct vmwire_item *section, const char *text,
                            const struct vmwire_skew_rule *named)
{
    const struct vmwire_side *reader = &explanation->reader->side;
    if (explanation->sent.error.kind != VMWIRE_ERROR_NONE || !explanation->writer->side.stream)
        return false;
    const bool names_section = text_names_any_device(text) || strstr(text, footer) ||
                               (named && value_in(explanation->arena, text, named, "i"));
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

/* Whether it refuses for certain, and it is not known what QEMU says of it: that can be any message that names no section. */
static bool is_wordless(const struct vmwire_difference *cause)
{
    return cause && cause->certainty == VMWIRE_CERTAIN && !cause->message && !cause->rule->message;
}

void match_message(struct explanation *explanation)
{
    const char *text = explanation->arguments->message;
    if (!text)
        return;
    const struct vmwire_skew_rule *named = find_named_rule(text);
    struct choice choice = find_named_cause(explanation, text, named);
    if (choice.fit != FIT_NOT) {
        explanation->cause = choice.cause;
        const struct vmwire_difference *cause = choice.cause.difference;
        if (cause->certainty != VMWIRE_CERTAIN)
            list_others(explanation, text, named, choice.fit);
        const bool told = !explanation->other_count && says(text, cause);
        explanation->message_match =
            cause->certainty == VMWIRE_CERTAIN || told ? MESSAGE_EXPLAINED : MESSAGE_POSSIBLE;
        if (cause->outcome == VMWIRE_OUTCOME_REJECT || choice.fit == FIT_MESSAGE)
            explanation->outcome = EXPLAINED_REJECT;
        return;
    }
    const struct vmwire_item *section = find_named_section(explanation, text);
    if (!section)
        section = find_told_section(explanation, text);
    const bool told = explanation->cause.difference && explanation->reader->side.stream;
    if (is_contradicted(explanation, section, text, named))
        explanation->message_match = MESSAGE_CONTRADICTED;
    else if (section || (named && !told))
        blame_own_check(explanation, section, text, named);
    else if (!named && !is_of_loading(text))
        explanation->message_match = MESSAGE_FOREIGN;
    else if (is_wordless(explanation->cause.difference) && !text_names_any_device(text))
        explanation->message_match = MESSAGE_POSSIBLE;
    else if (explanation->cause.difference || explanation->open_count)
        explanation->message_match = MESSAGE_OTHER;
    else
        blame_own_check(explanation, section, text, named);
}
