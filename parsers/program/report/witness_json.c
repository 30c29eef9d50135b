/* SPDX-License-Identifier: MIT */
/*
 * Makes the JSON of a witness. Readers that read alike share a reading, and a reading that parts from what was written has only
 * the spans from there on.
 */
#include "program/report/witness_json.h"

#include <string.h>

#include "program/shared/json_line.h"

static void put_text(json_t **object, const char *key, const char *text)
{
    put_json_text(object, key, vmwire_bytes_of_string(text));
}

/* ---- Spans --------------------------------------------------------------------------------------- */

static json_t *make_span(const struct span *span)
{
    json_t *made = json_object();
    put_json_unsigned(&made, "at", span->at);
    put_json_unsigned(&made, "length", span->length);
    put_json_string(&made, "kind", span->kind);
    if (*span->section)
        put_text(&made, "section", span->section);
    if (*span->path)
        put_text(&made, "path", span->path);
    put_text(&made, "name", span->name);
    if (*span->type)
        put_text(&made, "type", span->type);
    return made;
}

static bool overlaps(const struct span *span, uint64_t begin, uint64_t end)
{
    return span->at < end && span->at + span->length > begin;
}

static json_t *make_spans(const struct spans *spans, uint64_t begin, uint64_t end)
{
    json_t *list = json_array();
    for (size_t i = 0; i < spans->count; i++)
        if (overlaps(&spans->list[i], begin, end))
            append_json(&list, make_span(&spans->list[i]));
    if (!spans->stream && spans->refused.at >= begin && spans->refused.at <= end)
        append_json(&list, make_span(&spans->refused));
    return list;
}

/* ---- Readings ------------------------------------------------------------------------------------ */

static void put_place(json_t **object, const char *key, bool there, uint64_t place)
{
    if (there)
        put_json_unsigned(object, key, place);
    else
        put_json_null(object, key);
}

/* The spans of a reading that does not part are those of what was written. */
static json_t *make_own_spans(const struct witness_readings *readings,
                              const struct witness_reading *reading)
{
    uint64_t begin = readings->begin, end = readings->end;
    if (!reading->parts)
        return json_array();
    begin = reading->parts_at > begin ? reading->parts_at : begin;
    end = reading->rejoins && reading->rejoins_at < end ? reading->rejoins_at : end;
    return make_spans(&reading->spans, begin, end);
}

static json_t *make_reading(const struct witness_readings *readings, size_t number)
{
    const struct witness_reading *reading = &readings->list[number];
    json_t *made = json_object(), *readers = json_array();
    for (size_t i = number; i < readings->count; i++)
        if (is_same_reading(&readings->list[i], reading))
            append_json(&readers, json_string(readings->list[i].option->name));
    put_json(&made, "readers", readers);
    put_json_string(&made, "outcome", vmwire_outcome_name(reading->outcome));
    if (!reading->spans.stream) {
        put_text(&made, "error", reading->spans.error.message);
        put_json_boolean(&made, "undecided", reading->undecided);
    }
    put_place(&made, "parts_at", reading->parts, reading->parts_at);
    put_place(&made, "rejoins_at", reading->rejoins, reading->rejoins_at);
    put_place(&made, "ends_at", !reading->rejoins && reading->parts, reading->ends_at);
    put_json(&made, "spans", make_own_spans(readings, reading));
    return made;
}

static bool is_first_of_its_kind(const struct witness_readings *readings, size_t number)
{
    for (size_t i = 0; i < number; i++)
        if (is_same_reading(&readings->list[i], &readings->list[number]))
            return false;
    return true;
}

static json_t *make_readings(const struct witness_readings *readings)
{
    json_t *list = json_array();
    for (size_t i = 0; i < readings->count; i++)
        if (is_first_of_its_kind(readings, i))
            append_json(&list, make_reading(readings, i));
    return list;
}

/* The first byte that any reader takes for something else, of those that go wrong in the window. */
static void put_parting(json_t **object, const struct witness_readings *readings)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < readings->count; i++) {
        const struct witness_reading *reading = &readings->list[i];
        if (reading->parts && reading->parts_at >= readings->begin && reading->parts_at < first)
            first = reading->parts_at;
    }
    put_place(object, "parts_at", first != UINT64_MAX, first);
}

/* ---- The witness --------------------------------------------------------------------------------- */

/* Copies members of a manifest's entry as they are. */
static void copy_members(json_t **object, const json_t *entry, const char *const *keys)
{
    for (; *keys; keys++)
        if (json_object_get(entry, *keys))
            put_json(object, *keys, json_incref(json_object_get(entry, *keys)));
}

static json_t *make_signatures(const json_t *const *entries, size_t count)
{
    static const char *const keys[] = {"name", "option", "owner",   "outcome",
                                       "does", "needs",  "gravity", NULL};
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *made = json_object();
        copy_members(&made, entries[i], keys);
        append_json(&list, made);
    }
    return list;
}

/* What real QEMUs did with it: of the first entry that was fed to some. */
static json_t *find_seen(const json_t *const *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *seen = json_object_get(entries[i], "seen");
        if (json_array_size(seen))
            return json_incref(seen);
    }
    return json_array();
}

json_t *make_witness_json(const json_t *const *entries, size_t count,
                          const struct witness_readings *readings, struct vmwire_bytes stream)
{
    static const char *const keys[] = {"name",    "file",     "owner",   "device",
                                       "idstr",   "instance", "path",    "capture",
                                       "release", "qemu",     "payload", NULL};
    const uint64_t begin = readings->begin, end = readings->end;
    json_t *made = json_object();
    put_json_string(&made, "kind", "witness");
    copy_members(&made, entries[0], keys);
    put_json_unsigned(&made, "size", stream.length);
    put_json_unsigned(&made, "tail", readings->tail);
    put_json(&made, "signatures", make_signatures(entries, count));
    put_json(&made, "seen", find_seen(entries, count));
    put_json_unsigned(&made, "begin", begin);
    put_json_hex(&made, "bytes", (struct vmwire_bytes){stream.data + begin, end - begin});
    put_parting(&made, readings);
    put_json(&made, "written", make_spans(&readings->written, begin, end));
    put_json(&made, "readings", make_readings(readings));
    return made;
}
