/* SPDX-License-Identifier: MIT */
/*
 * Reads a baseline, and compares its entries with differences.
 */
#include "program/skew/baseline.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program/shared/report_error.h"
#include "program/shared/terminal_text.h"
#include "program/skew/device_name.h"
#include "vmwire/json.h"

static const char *const keys[BASELINE_KEYS] = {"rule", "section", "structure",
                                                "path", "writer",  "reader"};

/* What `--json` prints beside. */
static const char *const other_keys[] = {"direction", "certainty", "outcome", "instance", "when",
                                         "message",   "advice",    "offset",  "bytes"};

/* ---- One difference ---- */

/* As JSON has it: each byte that is not UTF-8 is replaced. */
static const char *repair(struct vmwire_arena *arena, const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
    if (!text)
        return NULL;
    struct vmwire_bytes left = vmwire_bytes_of_string(text);
    char *repaired = vmwire_arena_alloc(arena, left.length * (sizeof(replacement) - 1) + 1);
    for (char *end = repaired; left.length;) {
        uint32_t character;
        size_t taken = decode_character(left, &character);
        size_t written = taken ? taken : sizeof(replacement) - 1;
        memcpy(end, taken ? (const char *)left.data : replacement, written);
        end += written;
        taken += !taken;
        left = (struct vmwire_bytes){left.data + taken, left.length - taken};
    }
    return repaired;
}

/* The value without what differs from machine to machine. */
static const char *stable_value(struct vmwire_arena *arena, size_t key, const char *text)
{
    return repair(arena, strcmp(keys[key], "section") == 0 ? device_of_section(text)
                                                           : without_addresses(arena, text));
}

static void stable_values(const struct vmwire_difference *difference, struct vmwire_arena *arena,
                          const char *values[BASELINE_KEYS])
{
    const char *const texts[BASELINE_KEYS] = {
        difference->rule->id, difference->section, difference->structure,
        difference->path,     difference->writer,  difference->reader,
    };
    for (size_t i = 0; i < BASELINE_KEYS; i++)
        values[i] = stable_value(arena, i, texts[i]);
}

const char *difference_fingerprint(const struct vmwire_difference *difference,
                                   struct vmwire_arena *arena)
{
    const char *values[BASELINE_KEYS];
    size_t length = 1;
    stable_values(difference, arena, values);
    for (size_t i = 0; i < BASELINE_KEYS; i++)
        length += 1 + (values[i] ? strlen(values[i]) : 0);
    char *text = vmwire_arena_alloc(arena, length);
    for (size_t i = 0; i < BASELINE_KEYS; i++) {
        strcat(text, i ? "|" : "");
        strcat(text, values[i] ? values[i] : "");
    }
    return text;
}

/* ---- Reading ---- */

/* Also the bytes of a name that is not UTF-8: KEY_hex. */
static bool is_key(const char *word, const char *key)
{
    size_t length = strlen(key);
    return strncmp(word, key, length) == 0 && (!word[length] || !strcmp(word + length, "_hex"));
}

static bool is_known(const char *word)
{
    for (size_t i = 0; i < BASELINE_KEYS; i++)
        if (is_key(word, keys[i]))
            return true;
    for (size_t i = 0; i < sizeof(other_keys) / sizeof(other_keys[0]); i++)
        if (is_key(word, other_keys[i]))
            return true;
    return false;
}

/* The strongest that the entry accepts: any, if it tells none. Returns false if it tells something else. */
static bool accepted_certainty(const json_t *entry, enum vmwire_certainty *certainty)
{
    const json_t *value = json_object_get(entry, "certainty");
    *certainty = VMWIRE_CERTAIN;
    if (!value)
        return true;
    for (int i = VMWIRE_CERTAIN; i <= VMWIRE_NOT_DECIDED; i++) {
        *certainty = (enum vmwire_certainty)i;
        if (same_text(json_string_value(value), vmwire_certainty_name(*certainty)))
            return true;
    }
    return false;
}

/* Where a line is, for errors. */
struct line_place {
    size_t number;
    uint64_t offset;
};

static bool check_entry(json_t *entry, const struct line_place *place, struct vmwire_error *error)
{
    const char *word;
    json_t *value;
    if (!json_is_string(json_object_get(entry, "rule")))
        return vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, place->offset,
                                "line %zu: expected an object with a \"rule\", as vmwire skew "
                                "--json prints it",
                                place->number);
    json_object_foreach(entry, word, value)
    {
        if (!is_known(word)) /* a key that is misspelt would accept more than is meant */
            return vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, place->offset,
                                    "line %zu: no difference has the key \"%s\"", place->number,
                                    word);
    }
    for (size_t i = 0; i < BASELINE_KEYS; i++) {
        value = json_object_get(entry, keys[i]);
        if (value && !json_is_string(value) && !json_is_null(value))
            return vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, place->offset,
                                    "line %zu: \"%s\" is no string", place->number, keys[i]);
    }
    enum vmwire_certainty certainty;
    return accepted_certainty(entry, &certainty) ||
           vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, place->offset,
                            "line %zu: \"certainty\" is not \"certain\", \"when\" or "
                            "\"undecided\"",
                            place->number);
}

static void add_entry(struct baseline *baseline, const json_t *entry, size_t line)
{
    baseline->list = vmwire_arena_grow(baseline->arena, baseline->list, baseline->count,
                                       &baseline->room, sizeof(*baseline->list));
    struct accepted_difference *added = &baseline->list[baseline->count++];
    *added = (struct accepted_difference){.line = line};
    accepted_certainty(entry, &added->certainty);
    for (size_t i = 0; i < BASELINE_KEYS; i++) {
        const json_t *value = json_object_get(entry, keys[i]);
        added->given[i] = value != NULL;
        added->values[i] = stable_value(baseline->arena, i, json_string_value(value));
    }
}

static bool add_line(struct baseline *baseline, struct vmwire_bytes text,
                     const struct line_place *place, struct vmwire_error *error)
{
    baseline->line = vmwire_json_parse(text, JSON_REJECT_DUPLICATES, error);
    if (!baseline->line) {
        struct vmwire_error wrong = *error;
        return wrong.kind != VMWIRE_ERROR_MEMORY &&
               vmwire_error_set(error, wrong.kind, place->offset, "line %zu: %s", place->number,
                                wrong.message);
    }
    if (!json_object_get(baseline->line, "summary")) {
        if (!check_entry(baseline->line, place, error))
            return false;
        add_entry(baseline, baseline->line, place->number);
    }
    json_decref(baseline->line);
    baseline->line = NULL;
    return true;
}

static bool is_passed_over(struct vmwire_bytes line)
{
    size_t blanks = 0;
    while (blanks < line.length && line.data[blanks] <= ' ')
        blanks++;
    return blanks == line.length || line.data[blanks] == '#';
}

bool read_baseline(struct baseline *baseline, struct vmwire_error *error)
{
    if (!vmwire_input_open(&baseline->input, baseline->file, NULL, error))
        return false;
    struct vmwire_bytes left = baseline->input.bytes;
    struct line_place place = {1, 0};
    while (left.length) {
        const uint8_t *end = memchr(left.data, '\n', left.length);
        struct vmwire_bytes line = {left.data, end ? (size_t)(end - left.data) : left.length};
        if (!is_passed_over(line) && !add_line(baseline, line, &place, error))
            return false;
        size_t taken = line.length + (end != NULL);
        left = (struct vmwire_bytes){left.data + taken, left.length - taken};
        place = (struct line_place){place.number + 1, place.offset + taken};
    }
    return true;
}

void close_baseline(struct baseline *baseline)
{
    json_decref(baseline->line);
    vmwire_input_close(&baseline->input);
}

/* ---- Comparing ---- */

static bool is_same_difference(const struct accepted_difference *entry,
                               const char *const values[BASELINE_KEYS])
{
    for (size_t i = 0; i < BASELINE_KEYS; i++)
        if (entry->given[i] && !same_text(entry->values[i], values[i]))
            return false;
    return true;
}

bool baseline_accepts(struct baseline *baseline, const struct vmwire_difference *difference)
{
    const char *values[BASELINE_KEYS];
    bool accepted = false;
    if (!baseline->count)
        return false;
    struct vmwire_arena_mark mark = vmwire_arena_mark(baseline->arena);
    stable_values(difference, baseline->arena, values);
    for (size_t i = 0; i < baseline->count; i++) {
        if (!is_same_difference(&baseline->list[i], values))
            continue;
        if (difference->certainty < baseline->list[i].certainty) {
            baseline->list[i].more_certain = true;
            continue;
        }
        baseline->list[i].matches = true;
        accepted = true; /* the others that match are not stale either */
    }
    vmwire_arena_reset(baseline->arena, mark);
    return accepted;
}

static bool print_stale_json(const struct baseline *baseline,
                             const struct accepted_difference *entry)
{
    json_t *line = json_object();
    put_json_boolean(&line, "stale", true);
    put_json_boolean(&line, "more_certain", entry->more_certain);
    put_json_string(&line, "file", baseline->file);
    put_json_unsigned(&line, "line", entry->line);
    for (size_t i = 0; i < BASELINE_KEYS; i++)
        if (entry->given[i])
            put_json_string(&line, keys[i], entry->values[i]);
    put_json_string(&line, "certainty", vmwire_certainty_name(entry->certainty));
    return print_json_line(stderr, line);
}

static void print_stale_text(const struct baseline *baseline,
                             const struct accepted_difference *entry)
{
    fputs("vmwire: ", stderr);
    print_text(stderr, vmwire_bytes_of_string(baseline->file));
    fprintf(stderr, ": line %zu %s:", entry->line,
            entry->more_certain ? "accepts a difference that has become more certain"
                                : "is stale, nothing is like it any more");
    for (size_t i = 0; i < BASELINE_KEYS; i++) {
        if (!entry->values[i])
            continue;
        fprintf(stderr, "%s %s ", i ? "," : "", keys[i]);
        print_text(stderr, vmwire_bytes_of_string(entry->values[i]));
    }
    if (entry->certainty != VMWIRE_CERTAIN)
        fprintf(stderr, ", certainty %s", vmwire_certainty_name(entry->certainty));
    fputc('\n', stderr);
}

void report_stale_entries(const struct baseline *baseline, const struct arguments *arguments)
{
    for (size_t i = 0; i < baseline->count; i++)
        if (!baseline->list[i].matches &&
            !(arguments->json && print_stale_json(baseline, &baseline->list[i])))
            print_stale_text(baseline, &baseline->list[i]);
}
