/* SPDX-License-Identifier: MIT */
/*
 * Makes a SARIF log with jansson.
 */
#include "program/skew/skew_sarif.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "program/shared/json_line.h"
#include "program/skew/baseline.h"

#define SCHEMA                                                                                     \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

/* ---- Parts ---- */

static json_t *make_message(const char *text)
{
    json_t *message = json_object();
    put_json_text(&message, "text", vmwire_bytes_of_string(text));
    return message;
}

/* Where a difference has a name, "..." stands for it. */
static json_t *make_help(const char *advice)
{
    const char *place = strstr(advice, "%s");
    if (place == NULL)
        return make_message(advice);
    json_t *help = json_object();
    put_json(&help, "text",
             json_sprintf("%.*s...%s", (int)(place - advice), advice, place + strlen("%s")));
    return help;
}

static json_t *make_rule(const struct vmwire_skew_rule *rule)
{
    json_t *made = json_object(), *properties = json_object();
    put_json_string(&made, "id", rule->id);
    put_json(&made, "shortDescription", make_message(rule->about));
    if (rule->advice)
        put_json(&made, "help", make_help(rule->advice));
    if (rule->source)
        put_json_string(&properties, "source", rule->source);
    put_json(&made, "properties", properties);
    return made;
}

static json_t *make_rules(void)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < vmwire_skew_rule_count; i++)
        append_json(&rules, make_rule(&vmwire_skew_rules[i]));
    for (size_t i = 0; i < OPTION_RULES; i++)
        append_json(&rules, make_rule(&option_rules[i]));
    return rules;
}

/* In make_rules(). */
static size_t rule_index(const struct vmwire_skew_rule *rule)
{
    for (size_t i = 0; i < vmwire_skew_rule_count; i++)
        if (rule == &vmwire_skew_rules[i])
            return i;
    return vmwire_skew_rule_count + (size_t)(rule - option_rules);
}

static json_t *make_driver(void)
{
    json_t *driver = json_object();
    put_json_string(&driver, "name", "vmwire");
    put_json_string(&driver, "version", VMWIRE_VERSION);
    put_json(&driver, "rules", make_rules());
    return driver;
}

/* ---- Texts of a result ---- */

/* Writes what is known into `text`, or counts it where that is NULL. */
struct message_text {
    char *text;
    size_t length;
};

static void append(struct message_text *message, const char *before, const char *text)
{
    if (!text || !*text)
        return;
    for (; *before; before++, message->length++)
        if (message->text)
            message->text[message->length] = *before;
    for (; *text; text++, message->length++)
        if (message->text)
            message->text[message->length] = *text;
}

static void append_all(struct message_text *message, const struct vmwire_difference *difference)
{
    append(message, "", difference->rule->about);
    append(message, " Device: ", difference->section);
    append(message, "; structure: ", difference->structure);
    append(message, "; field: ", difference->path);
    append(message, ". Writer: ", difference->writer ? difference->writer : "nothing");
    append(message, ". Reader: ", difference->reader ? difference->reader : "nothing");
    append(message, difference->certainty == VMWIRE_NOT_DECIDED ? ". Missing: " : ". When: ",
           difference->when);
    append(message, ". QEMU: ", difference->message);
    append(message, ". Advice: ", difference->advice);
}

static const char *message_of(const struct vmwire_difference *difference,
                              struct vmwire_arena *arena)
{
    struct message_text counted = {NULL, 0};
    append_all(&counted, difference);
    struct message_text written = {vmwire_arena_alloc(arena, counted.length + 1), 0};
    append_all(&written, difference);
    return written.text;
}

/* A file's name as a relative or absolute reference (RFC 3986). */
static const char *uri_of(const char *file, struct vmwire_arena *arena)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    char *uri = vmwire_arena_alloc(arena, 3 * strlen(file) + 1), *end = uri;
    for (; *file; file++)
        if (strchr(plain, *file))
            *end++ = *file;
        else
            end += sprintf(end, "%%%02X", (unsigned char)*file);
    return uri;
}

/* What a result is made of: all that the arena has to give, before jansson allocates. */
struct result {
    const struct crossing *crossing;
    const struct vmwire_difference *difference;
    const char *message, *fingerprint, *uri;
};

static size_t count_all(const struct crossing *crossings, size_t count)
{
    size_t all = 0;
    for (size_t i = 0; i < count; i++)
        all += crossings[i].count;
    return all;
}

/* The file that the result is shown at: the stream, or the first one of the writer. */
static const char *file_of(const struct side_files *files)
{
    const char *name = files->stream_name ? files->stream_name : files->parts[0].name;
    return strcmp(name, "-") == 0 ? "stdin" : name;
}

/* That of a baseline is the same for all devices of a kind; each is a result of its own. */
static const char *fingerprint_of(const struct vmwire_difference *difference,
                                  struct vmwire_arena *arena)
{
    const char *fingerprint = difference_fingerprint(difference, arena);
    return difference->section ? vmwire_text(arena, "%s, in %s instance %" PRIu32, fingerprint,
                                             difference->section, difference->instance_id)
                               : fingerprint;
}

static void prepare_results(struct result *results, const struct crossing *crossings, size_t count,
                            struct vmwire_arena *arena)
{
    for (size_t i = 0; i < count; i++) {
        const char *uri = uri_of(file_of(crossings[i].writer), arena);
        for (size_t j = 0; j < crossings[i].count; j++) {
            const struct vmwire_difference *difference = crossings[i].list[j];
            *results++ = (struct result){&crossings[i], difference, message_of(difference, arena),
                                         fingerprint_of(difference, arena), uri};
        }
    }
}

/* ---- Results ---- */

static json_t *make_physical_location(const struct result *result)
{
    json_t *physical = json_object(), *artifact = json_object();
    uint64_t offset = offset_in_stream_file(result->crossing, result->difference->offset);
    put_json_string(&artifact, "uri", result->uri);
    put_json(&physical, "artifactLocation", artifact);
    if (offset <= INT64_MAX) {
        json_t *region = json_object();
        put_json_unsigned(&region, "byteOffset", offset);
        put_json_unsigned(&region, "byteLength", 0);
        put_json(&physical, "region", region);
    }
    return physical;
}

static json_t *make_locations(const struct result *result)
{
    const struct vmwire_difference *difference = result->difference;
    json_t *location = json_object(), *locations = json_array();
    put_json(&location, "physicalLocation", make_physical_location(result));
    if (difference->section) {
        json_t *device = json_object(), *logical = json_array();
        put_json_text(&device, "name", vmwire_bytes_of_string(difference->section));
        put_json_string(&device, "kind", "object");
        append_json(&logical, device);
        put_json(&location, "logicalLocations", logical);
    }
    append_json(&locations, location);
    return locations;
}

static json_t *make_properties(const struct result *result)
{
    json_t *properties = json_object();
    put_json_string(&properties, "direction", result->crossing->direction);
    put_json_string(&properties, "certainty", vmwire_certainty_name(result->difference->certainty));
    put_json_string(&properties, "outcome", vmwire_outcome_name(result->difference->outcome));
    return properties;
}

static json_t *make_result(const struct result *result)
{
    static const char *const levels[CERTAINTIES] = {
        [VMWIRE_CERTAIN] = "error",
        [VMWIRE_WHEN_NEEDED] = "warning",
        [VMWIRE_NOT_DECIDED] = "note",
    };
    const struct vmwire_difference *difference = result->difference;
    json_t *made = json_object(), *fingerprints = json_object();
    put_json_string(&made, "ruleId", difference->rule->id);
    put_json_unsigned(&made, "ruleIndex", rule_index(difference->rule));
    put_json_string(&made, "level", levels[difference->certainty]);
    put_json(&made, "message", make_message(result->message));
    put_json(&made, "locations", make_locations(result));
    put_json_text(&fingerprints, "difference/v1", vmwire_bytes_of_string(result->fingerprint));
    put_json(&made, "partialFingerprints", fingerprints);
    put_json(&made, "properties", make_properties(result));
    return made;
}

static json_t *make_sentences(const struct crossing *crossings, size_t count)
{
    json_t *properties = json_object();
    for (size_t i = 0; i < count; i++)
        put_json_text(&properties, crossings[i].direction,
                      vmwire_bytes_of_string(crossings[i].sentence));
    return properties;
}

bool print_skew_sarif(const struct crossing *crossings, size_t count, struct vmwire_arena *arena)
{
    const size_t all = count_all(crossings, count);
    struct result *prepared = vmwire_arena_alloc(arena, all * sizeof(*prepared));
    prepare_results(prepared, crossings, count, arena);
    json_t *results = json_array(), *tool = json_object(), *run = json_object(),
           *runs = json_array(), *log = json_object();
    for (size_t i = 0; i < all; i++)
        append_json(&results, make_result(&prepared[i]));
    put_json(&tool, "driver", make_driver());
    put_json(&run, "tool", tool);
    put_json_string(&run, "columnKind", "utf16CodeUnits");
    put_json(&run, "results", results);
    put_json(&run, "properties", make_sentences(crossings, count));
    append_json(&runs, run);
    put_json_string(&log, "$schema", SCHEMA);
    put_json_string(&log, "version", "2.1.0");
    put_json(&log, "runs", runs);
    return print_json_line(stdout, log);
}
