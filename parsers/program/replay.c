/*
 * vmwire replay: folders of streams with the outcome that each should have, read by every reference
 * parser and, with --qemu, by a real QEMU. Where the two part is looked for at each decision that
 * they make at a tail, not only at the end. What is found is printed elsewhere (replay_grid.c).
 */
#include "replay.h"

#include <gcrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "manifest.h"
#include "text.h"

enum { PATIENCE = 30 /* seconds for one stream in a real QEMU */ };

/* ---- Entries ------------------------------------------------------------------------------------ */

/* One entry of a manifest, checked. */
struct entry_facts {
    const char *folder, *name;
    char *file, *original; /* paths; `original` NULL: none */
    const struct protocol_option *writer;
    const json_t *json;
    struct arguments with; /* its schemas */
};

static bool all_strings(const json_t *list)
{
    size_t i;
    json_t *each;
    json_array_foreach(list, i, each)
    {
        if (!json_is_string(each))
            return false;
    }
    return !list || json_is_array(list);
}

static bool find_outcome(const char *name, enum outcome *outcome)
{
    for (int i = OUTCOME_EXACT; name && i <= OUTCOME_CORRUPT; i++)
        if (strcmp(outcome_name((enum outcome)i), name) == 0) {
            *outcome = (enum outcome)i;
            return true;
        }
    return false;
}

/* Whether each key is an option and each value an outcome. */
static bool are_expectations(const json_t *expected)
{
    const char *option;
    json_t *outcome;
    enum outcome ignored;
    json_object_foreach((json_t *)expected, option, outcome)
    {
        if (!protocol_option_find(option) || !find_outcome(json_string_value(outcome), &ignored))
            return false;
    }
    return true;
}

/* What the entry lacks, in words; NULL: nothing. */
static const char *wrong_with(struct entry_facts *entry, const struct arguments *arguments,
                              struct arena *arena)
{
    const json_t *json = entry->json, *expected = json_object_get(json, "expected");
    const char *file = json_string_value(json_object_get(json, "file"));
    const char *original = json_string_value(json_object_get(json, "original"));
    const char *option = json_string_value(json_object_get(json, "option"));
    if (!file)
        return "expected a \"file\"";
    if (!manifest_arguments(&entry->with, arguments, entry->folder, json, arena))
        return "\"schemas\" is not a list of strings";
    entry->file = path_in(arena, entry->folder, file);
    entry->original = original ? path_in(arena, entry->folder, original) : NULL;
    entry->writer = protocol_option_find(option ? option : "heuristic");
    const char *name = json_string_value(json_object_get(json, "name"));
    entry->name = arena_string(arena, name ? name : file, strlen(name ? name : file));
    if (!entry->writer)
        return "\"option\" is no protocol option";
    if (expected && !json_is_object(expected))
        return "\"expected\" is not an object";
    if (!are_expectations(expected))
        return "\"expected\" names no option, or no outcome for it";
    if (!all_strings(json_object_get(json, "capabilities")))
        return "\"capabilities\" is not a list of strings";
    const json_t *command = json_object_get(json, "command");
    if (arguments->qemu && (!json_array_size(command) || !all_strings(command)))
        return "expected the \"command\" of a QEMU, a list of strings";
    return NULL;
}

static bool same_digest(struct bytes bytes, const char *expected)
{
    unsigned char digest[32];
    char text[2 * sizeof(digest) + 1];
    gcry_md_hash_buffer(GCRY_MD_SHA256, digest, bytes.data, bytes.length);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return strcmp(text, expected) == 0;
}

/* Whether the file is the one that the manifest means. */
static bool is_as_listed(const struct entry_facts *entry, struct bytes bytes, struct error *error)
{
    const json_t *size = json_object_get(entry->json, "size");
    const char *digest = json_string_value(json_object_get(entry->json, "sha256"));
    if (size && json_integer_value(size) != (json_int_t)bytes.length)
        return error_set(error, ERROR_SCHEMA, ERROR_NO_OFFSET,
                         "%zu bytes long, but the manifest says %lld", bytes.length,
                         (long long)json_integer_value(size));
    if (digest && !same_digest(bytes, digest))
        return error_set(error, ERROR_SCHEMA, ERROR_NO_OFFSET,
                         "its sha256 is not the one in the manifest");
    return true;
}

/* ---- The reference parsers ------------------------------------------------------------------------ */

/* A decision of the reference reader. */
struct tail {
    uint64_t offset;
    const char *owner;
    const char *name; /* NULL: the record ends */
    bool assumed;     /* of a subsection whose layout is a dump's */
};

struct tails {
    struct arena *arena;
    struct bytes bytes; /* of the stream */
    struct tail *tails;
    size_t count, room;
    bool ended;
};

/* QEMU migration/qemu-file.c: qemu_peek_byte and qemu_peek_buffer note an error when the input ends in
 * what they look for. vmstate_subsection_load does not ask for it, so the record ends, but whoever comes
 * next does: QEMU looks at no other tail. */
static bool looks_beyond_the_end(const struct tails *tails, const struct tail_event *event)
{
    const uint8_t *at = tails->bytes.data + event->offset;
    size_t left = tails->bytes.length - event->offset;
    return !event->taken &&
           (left < 1 || (at[0] == QEMU_VM_SUBSECTION &&
                         (left < 2 || (at[1] > strlen(event->owner->name) && left - 2 < at[1]))));
}

static void note_tail(void *context, const struct tail_event *event)
{
    struct tails *tails = context;
    if (tails->ended)
        return;
    tails->ended = looks_beyond_the_end(tails, event);
    tails->tails =
        arena_grow(tails->arena, tails->tails, tails->count, &tails->room, sizeof(*tails->tails));
    const char *name = event->taken ? event->name : NULL;
    const struct subsection *taken = name ? structure_subsection(event->owner, name) : NULL;
    tails->tails[tails->count++] =
        (struct tail){event->offset, event->owner->name,
                      name ? arena_string(tails->arena, name, strlen(name)) : NULL,
                      taken && taken->source == LAYOUT_ASSUMED};
}

/* A stream with what is known about it. */
struct subject {
    const struct entry_facts *entry;
    struct loaded loaded; /* the original where there is one, for its layout; else the stream */
    struct input other;   /* the stream, where there is an original */
    struct bytes bytes;   /* of the stream */
    const struct stream *original;
    const struct stream *meant; /* the original's tree, with what the stream's fields hold */
    struct arena *arena;        /* for what lives as long as this */
};

static uint32_t version_of(struct bytes bytes)
{
    return bytes.length < 8 ? 0
                            : (uint32_t)bytes.data[4] << 24 | (uint32_t)bytes.data[5] << 16 |
                                  (uint32_t)bytes.data[6] << 8 | bytes.data[7];
}

/* A witness changes what fields hold and no layout: what was meant is the original's tree over the
 * witness's own bytes, and a reader that is not misled finds exactly that. */
static bool open_subject(struct subject *subject, const struct entry_facts *entry,
                         const struct arguments *arguments)
{
    const char *first = entry->original ? entry->original : entry->file;
    struct error error = {0};
    struct cost cost;
    subject->entry = entry;
    if (!load(&subject->loaded, first, &entry->with))
        return false;
    subject->arena = subject->loaded.arena;
    subject->bytes = subject->loaded.input.bytes;
    if (!entry->original)
        return true;
    uint8_t *meant = arena_alloc(subject->arena, subject->bytes.length);
    memcpy(meant, subject->bytes.data, subject->bytes.length);
    subject->original = stream_read_whole(entry->writer, subject->bytes, subject->loaded.schema,
                                          subject->arena, &cost, &error);
    subject->meant = stream_read_whole(entry->writer, (struct bytes){meant, subject->bytes.length},
                                       subject->loaded.schema, subject->arena, &cost, &error);
    if (!subject->original || !subject->meant) {
        report(arguments, first, &error);
        return false;
    }
    if (!input_open(&subject->other, entry->file, &error)) {
        report(arguments, entry->file, &error);
        return false;
    }
    if (subject->other.bytes.length == subject->bytes.length)
        memcpy(meant, subject->other.bytes.data, subject->bytes.length);
    subject->bytes = subject->other.bytes;
    return true;
}

static void close_subject(struct subject *subject)
{
    input_close(&subject->other);
    unload(&subject->loaded);
}

static const struct item *left_unread(const struct stream *stream)
{
    const struct item *last = stream->item_count ? stream->items[stream->item_count - 1] : NULL;
    return last && last->kind == ITEM_UNREAD ? last : NULL;
}

static enum outcome outcome_alone(const struct stream *read)
{
    if (!read)
        return OUTCOME_REJECT;
    return left_unread(read) ? OUTCOME_TRUNCATED : OUTCOME_EXACT;
}

static void read_under(struct replay_cell *cell, const struct subject *subject,
                       const struct protocol_option *option, struct arena *kept)
{
    struct cost cost;
    struct error error = {0};
    const json_t *expected = json_object_get(subject->entry->json, "expected");
    const struct stream *read = stream_read_whole(option, subject->bytes, subject->loaded.schema,
                                                  subject->arena, &cost, &error);
    cell->applies = true;
    cell->outcome = subject->original ? outcome_of(subject->meant, read) : outcome_alone(read);
    cell->expects =
        find_outcome(json_string_value(json_object_get(expected, option->name)), &cell->expected);
    cell->message = "";
    cell->offset = ERROR_NO_OFFSET;
    if (!read) {
        cell->message = arena_string(kept, error.message, strlen(error.message));
        cell->offset = error.offset;
        cell->undecided = error.kind == ERROR_NO_LAYOUT;
    }
}

static bool read_under_all(struct replay_row *row, const struct subject *subject,
                           struct arena *kept)
{
    uint32_t version = version_of(subject->bytes);
    bool any = false;
    for (size_t i = 0; i < protocol_option_count; i++)
        if (protocol_options[i].stream_version == version) {
            read_under(&row->cells[i], subject, &protocol_options[i], kept);
            any = true;
        }
    return any;
}

/* ---- The real one ---------------------------------------------------------------------------------- */

struct private_field {
    const char *structure, *field;
};

/* Fields with an encoding of their own, of which the schema knows the length alone. */
struct private_fields {
    const struct private_field *fields;
    size_t count;
};

static struct private_fields private_fields_of(const struct schema *schema, struct arena *arena)
{
    struct private_field *fields = NULL;
    size_t count = 0, room = 0;
    for (const struct structure *each = schema->structures; each; each = each->next)
        for (size_t i = 0; each->name && i < each->field_count; i++)
            if (each->fields[i].class == FIELD_OPAQUE) {
                fields = arena_grow(arena, fields, count, &room, sizeof(*fields));
                fields[count++] = (struct private_field){each->name, each->fields[i].name};
            }
    return (struct private_fields){fields, count};
}

/* A description numbers fields of one name, a trace does not: "name[1]". */
static bool same_field(const char *described, const char *traced)
{
    size_t length = strlen(traced);
    return strncmp(described, traced, length) == 0 &&
           (described[length] == '\0' || described[length] == '[');
}

static bool is_private(const void *context, const char *structure, const char *field)
{
    const struct private_fields *private = context;
    for (size_t i = 0; i < private->count; i++)
        if (same_field(private->fields[i].field, field) &&
            strcmp(private->fields[i].structure, structure) == 0)
            return true;
    return false;
}

/* Full sections, those that begin iterables included: QEMU traces both alike. */
static size_t section_count(const struct stream *stream)
{
    size_t count = 0;
    for (size_t i = 0; stream && i < stream->item_count; i++)
        count += stream->items[i]->kind == ITEM_SECTION_FULL ||
                 stream->items[i]->kind == ITEM_SECTION_START;
    return count;
}

static bool lists(const json_t *capabilities, const char *name)
{
    size_t i;
    json_t *each;
    json_array_foreach(capabilities, i, each)
    {
        if (strcmp(json_string_value(each), name) == 0)
            return true;
    }
    return false;
}

/* Pages that came over other channels are in no capture, so such a stream cannot be fed to it. */
static const char *why_not_fed(const json_t *capabilities)
{
    return lists(capabilities, "multifd") ? "multifd: a capture has the main channel alone" : NULL;
}

static bool ask(struct testimony *testimony, const struct subject *subject, struct bytes stream,
                struct error *error)
{
    const struct arguments *arguments = &subject->entry->with;
    struct private_fields private = private_fields_of(subject->loaded.schema, subject->arena);
    struct hypervisor hypervisor = {arguments->qemu, arguments->root, PATIENCE};
    const json_t *capabilities = json_object_get(subject->entry->json, "capabilities");
    struct trial trial = {
        .command = json_object_get(subject->entry->json, "command"),
        .capabilities = capabilities,
        .file = subject->entry->file,
        .stream = stream,
        .seekable = lists(capabilities, "mapped-ram"),
        .is_private = is_private,
        .context = &private,
    };
    const char *why_not = why_not_fed(capabilities);
    if (why_not) {
        *testimony =
            (struct testimony){ANSWER_UNABLE, .version = "", .message = why_not, .rule = ""};
        return true;
    }
    return hypervisor_ask(&hypervisor, &trial, subject->arena, testimony, error);
}

/* ---- Where they part -------------------------------------------------------------------------------- */

/* The reading of a stream by the reader that is QEMU's. */
struct reference {
    struct tails tails;
    const struct subject *subject;
    uint64_t changed; /* where a section begins in which a private encoding differs from the
                         original's; UINT64_MAX: nowhere */
    uint64_t end;     /* of the last item that was read */
    size_t next;      /* the original's item behind the last record that was read */
    const struct stream *read;
    struct error error;
};

static const struct protocol_option *qemu_option(void)
{
    return protocol_option_find("heuristic");
}

/* The next value that is a private encoding. */
static const struct value *next_private(struct record_walk *walk)
{
    for (enum record_step step; (step = record_walk_next(walk)) != RECORD_DONE;)
        if (step == RECORD_VALUE && walk->value->field->class == FIELD_OPAQUE)
            return walk->value;
    return NULL;
}

static bool same_private(const struct record *a, const struct record *b)
{
    struct record_walk walks[2];
    record_walk_begin(&walks[0], a);
    record_walk_begin(&walks[1], b);
    for (;;) {
        const struct value *one = next_private(&walks[0]), *other = next_private(&walks[1]);
        if (!one || !other)
            return !one && !other;
        if (one->data.length != other->data.length ||
            memcmp(one->data.data, other->data.data, one->data.length) != 0)
            return false;
    }
}

/* Sections keep their ids; one that the original does not have is no change of one. */
static void note_private(void *context, const struct item *item)
{
    struct reference *reference = context;
    const struct stream *original = reference->subject->original;
    uint64_t begin = (uint64_t)(item->raw.data - reference->subject->bytes.data);
    reference->end = begin + item->raw.length;
    for (size_t i = 0; original && item->record && i < original->item_count; i++) {
        const struct item *other = original->items[i];
        if (!other->record || other->kind != item->kind || other->section_id != item->section_id)
            continue;
        reference->next = i + 1;
        if (!same_private(item->record, other->record) && begin < reference->changed)
            reference->changed = begin;
    }
}

/* The same for the section that the reader rejected in: it is the next one of the original. */
static void note_rejected(struct reference *reference)
{
    const struct stream *original = reference->subject->original;
    struct bytes left = reference->subject->bytes;
    if (!original || reference->next >= original->item_count || reference->end > left.length ||
        !original->items[reference->next]->record)
        return;
    left.data += reference->end;
    left.length -= reference->end;
    const struct item *item = original->items[reference->next];
    struct record_walk walk;
    record_walk_begin(&walk, item->record);
    for (const struct value *value; (value = next_private(&walk));) {
        size_t at = (size_t)(value->data.data - item->raw.data);
        bool same = at <= left.length && value->data.length <= left.length - at &&
                    memcmp(left.data + at, value->data.data, value->data.length) == 0;
        if (!same && reference->end < reference->changed)
            reference->changed = reference->end;
    }
}

static void read_reference(struct reference *reference, const struct subject *subject)
{
    struct cost cost;
    struct reading reading = {.option = qemu_option(),
                              .input = subject->bytes,
                              .schema = subject->loaded.schema,
                              .sink = {.context = reference, .item = note_private},
                              .observer = {&reference->tails, note_tail}};
    reference->tails.arena = subject->arena;
    reference->tails.bytes = subject->bytes;
    reference->subject = subject;
    reference->changed = UINT64_MAX;
    if (!stream_read(&reading, &cost, &reference->error))
        note_rejected(reference);
    reference->read = stream_read_whole(qemu_option(), subject->bytes, subject->loaded.schema,
                                        subject->arena, &cost, &reference->error);
}

static bool same_decision(const struct tail *tail, const struct decision_made *made)
{
    if (strcmp(tail->owner, made->owner) != 0 || !tail->name != !made->name)
        return false;
    return !tail->name || strcmp(tail->name, made->name) == 0;
}

static void describe(char *text, size_t size, const char *owner, const char *name)
{
    if (name)
        snprintf(text, size, "takes \"%s\" at the tail of %s", name, owner);
    else
        snprintf(text, size, "ends %s", owner);
}

static void part_at(struct replay_row *row, enum relation relation, uint64_t offset,
                    const char *reference, const char *real, struct arena *kept)
{
    char text[2048];
    snprintf(text, sizeof(text), "heuristic %s, QEMU %s", reference, real);
    row->relation = relation;
    row->part = offset;
    row->parting = arena_string(kept, text, strlen(text));
}

/* Whether it refused, or ended, where the format gives no reason to. */
static bool is_apart(enum answer answer)
{
    return answer == ANSWER_SEMANTIC || answer == ANSWER_CRASH || answer == ANSWER_UNABLE;
}

/* False where a decision differs; `row` says so then. Whoever stops first, for a reason that is no
 * part of the format, is not asked further. */
static bool same_decisions(struct replay_row *row, const struct reference *reference,
                           const struct testimony *real, uint64_t end, struct arena *kept)
{
    const struct tails *tails = &reference->tails;
    char ours[800], theirs[800];
    for (size_t i = 0; i < tails->count && i < real->decision_count; i++, row->compared++) {
        const struct decision_made *made = &real->decisions[i];
        if (same_decision(&tails->tails[i], made))
            continue;
        describe(ours, sizeof(ours), tails->tails[i].owner, tails->tails[i].name);
        describe(theirs, sizeof(theirs), made->owner, made->name);
        part_at(row, DIFFERENT_DECISION, tails->tails[i].offset, ours, theirs, kept);
        return false;
    }
    if (tails->count > row->compared && !is_apart(real->answer)) {
        const struct tail *next = &tails->tails[row->compared];
        describe(ours, sizeof(ours), next->owner, next->name);
        part_at(row, DIFFERENT_DECISION, next->offset, ours, "stops before", kept);
        return false;
    }
    if (real->decision_count > row->compared && reference->error.kind != ERROR_NO_LAYOUT) {
        const struct decision_made *next = &real->decisions[row->compared];
        describe(theirs, sizeof(theirs), next->owner, next->name);
        part_at(row, DIFFERENT_DECISION, reference->read ? end : reference->error.offset,
                reference->read ? "is at the end" : "rejects", theirs, kept);
        return false;
    }
    return true;
}

/* Whether it is another release than the one that wrote the stream: then it knows other fields and
 * other subsections than the schema says, and a difference is no fault of either reader. */
static bool is_other_release(const struct testimony *real, const json_t *writer)
{
    const char *version = json_string_value(writer);
    unsigned ours[2], theirs[2];
    return version && sscanf(version, "%u.%u", &ours[0], &ours[1]) == 2 &&
           sscanf(real->version, "%u.%u", &theirs[0], &theirs[1]) == 2 &&
           memcmp(ours, theirs, sizeof(ours)) != 0;
}

/* What the reference reader would have answered in QEMU's place. */
static enum answer answer_of(const struct reference *reference, const struct subject *subject)
{
    if (!reference->read)
        return ANSWER_REJECT;
    bool fewer =
        subject->original && section_count(reference->read) < section_count(subject->original);
    return fewer || (!subject->original && left_unread(reference->read)) ? ANSWER_TRUNCATED
                                                                         : ANSWER_ACCEPT;
}

/* A migration that completed, but not with all sections that the stream holds. */
static void find_truncation(struct testimony *real, const struct reference *reference,
                            const struct subject *subject)
{
    size_t held = subject->original ? section_count(subject->original)
                                    : section_count(reference->read) +
                                          (reference->read && left_unread(reference->read) != NULL);
    if (real->answer == ANSWER_ACCEPT && real->sections < held)
        real->answer = ANSWER_TRUNCATED;
}

static enum relation relation_apart(enum answer answer)
{
    return answer == ANSWER_SEMANTIC ? APART_SEMANTIC
           : answer == ANSWER_CRASH  ? APART_CRASH
                                     : APART_UNABLE;
}

static void relate(struct replay_row *row, const struct reference *reference,
                   const struct subject *subject, struct arena *kept)
{
    const struct testimony *real = &row->testimony;
    enum answer answer = answer_of(reference, subject);
    if (!same_decisions(row, reference, real, subject->bytes.length, kept))
        return;
    if (is_apart(real->answer))
        row->relation = relation_apart(real->answer);
    else if (reference->error.kind == ERROR_NO_LAYOUT && !reference->read)
        row->relation = APART_UNDECIDED;
    else if (answer == real->answer)
        row->relation = (enum relation)answer;
    else {
        char ours[800], theirs[800];
        snprintf(ours, sizeof(ours), "%s%s%s", answer_name(answer), reference->read ? "" : ": ",
                 reference->read ? "" : reference->error.message);
        snprintf(theirs, sizeof(theirs), "%s%s%s", answer_name(real->answer),
                 real->message[0] ? ": " : "", real->message);
        const struct item *unread = reference->read ? left_unread(reference->read) : NULL;
        part_at(row, DIFFERENT_ANSWER,
                !reference->read ? reference->error.offset
                : unread         ? (uint64_t)(unread->raw.data - subject->bytes.data)
                                 : subject->bytes.length,
                ours, theirs, kept);
    }
}

/* ---- Why they part ------------------------------------------------------------------------------- */

/* Whether the reference did not know for certain what it was reading, before they part. */
static bool is_guesswork(const struct replay_row *row, const struct reference *reference)
{
    for (size_t i = 0; i < row->compared; i++)
        if (reference->tails.tails[i].assumed)
            return true;
    return reference->changed < row->part;
}

/* Whether a record of the stream has other fields than it has in the original, as long as both make
 * the same decisions. */
static bool has_other_fields(const struct testimony *real, const struct testimony *before)
{
    for (size_t i = 0; i < real->decision_count && i < before->decision_count; i++) {
        const struct decision_made *one = &real->decisions[i], *other = &before->decisions[i];
        if (strcmp(one->owner, other->owner) != 0 || !one->name != !other->name)
            return false;
        if (one->fields != other->fields)
            return true;
    }
    return false;
}

/* Finds a reason that is neither reader's fault; false with `error` set when it cannot be asked. */
static bool explain(struct replay_row *row, const struct reference *reference,
                    const struct subject *subject, struct error *error)
{
    const json_t *writer = json_object_get(subject->entry->json, "qemu");
    struct testimony before = {0};
    if (is_guesswork(row, reference)) {
        row->relation = APART_UNDECIDED;
        return true;
    }
    if (is_other_release(&row->testimony, writer)) {
        row->relation = APART_SKEW;
        return true;
    }
    if (!subject->original)
        return true;
    if (!ask(&before, subject, subject->loaded.input.bytes, error))
        return false;
    if (has_other_fields(&row->testimony, &before))
        row->relation = APART_LAYOUT;
    return true;
}

/* Whether the manifest has seen the same version answer something else. */
static void look_back(struct replay_row *row, const json_t *seen, struct arena *kept)
{
    size_t i;
    json_t *each;
    json_array_foreach(seen, i, each)
    {
        const char *version = json_string_value(json_object_get(each, "version"));
        const char *verdict = json_string_value(json_object_get(each, "verdict"));
        if (version && verdict && strcmp(version, row->testimony.version) == 0 &&
            strcmp(verdict, answer_name(row->testimony.answer)) != 0)
            row->seen = arena_string(kept, verdict, strlen(verdict));
    }
}

static void keep_texts(struct testimony *testimony, struct arena *kept)
{
    testimony->version = arena_string(kept, testimony->version, strlen(testimony->version));
    testimony->message = arena_string(kept, testimony->message, strlen(testimony->message));
    testimony->decisions = NULL;
}

static bool ask_and_relate(struct replay_row *row, const struct subject *subject,
                           struct arena *kept, struct error *error)
{
    struct reference reference = {0};
    if (!ask(&row->testimony, subject, subject->bytes, error))
        return false;
    read_reference(&reference, subject);
    find_truncation(&row->testimony, &reference, subject);
    row->asked = true;
    relate(row, &reference, subject, kept);
    if (row->parting && !explain(row, &reference, subject, error))
        return false;
    look_back(row, json_object_get(subject->entry->json, "seen"), kept);
    keep_texts(&row->testimony, kept);
    return true;
}

/* ---- The command ------------------------------------------------------------------------------------- */

static struct replay_row *new_row(struct replay *replay, const struct entry_facts *entry)
{
    struct arena *arena = replay->arena;
    replay->rows = arena_grow(arena, replay->rows, replay->row_count, &replay->row_room,
                              sizeof(struct replay_row));
    struct replay_row *row = &replay->rows[replay->row_count++];
    *row = (struct replay_row){
        .folder = entry->folder,
        .name = entry->name,
        .file = entry->file,
        .cells = arena_alloc(arena, protocol_option_count * sizeof(struct replay_cell)),
    };
    return row;
}

static void show_progress(const char *name, size_t done)
{
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r\033[K%zu streams replayed, now ", done);
    print_text(stderr, bytes_of_string(name));
}

static int replay_entry(struct replay *replay, const struct entry_facts *entry)
{
    const struct arguments *arguments = replay->arguments;
    struct subject subject = {0};
    struct error error = {0};
    show_progress(entry->name, replay->row_count);
    int code = EXIT_BAD_INPUT;
    if (open_subject(&subject, entry, arguments)) {
        struct replay_row *row = new_row(replay, entry);
        if (!read_under_all(row, &subject, replay->arena))
            error_set(&error, ERROR_STREAM_VERSION, 4, "no option reads stream version %u",
                      version_of(subject.bytes));
        else if (!arguments->qemu || ask_and_relate(row, &subject, replay->arena, &error))
            code = replay_row_differs(row) ? EXIT_FINDINGS : EXIT_CLEAN;
        if (code == EXIT_BAD_INPUT)
            report(arguments, error.kind == ERROR_FILE ? arguments->qemu : entry->file, &error);
    }
    close_subject(&subject);
    return code;
}

/* Checks an entry before anything is replayed. */
static bool check_entry(struct entry_facts *entry, const char *manifest, size_t number,
                        const struct arguments *arguments, struct arena *arena)
{
    struct error error = {0};
    const char *wrong = wrong_with(entry, arguments, arena);
    if (wrong) {
        error_set(&error, ERROR_SCHEMA, ERROR_NO_OFFSET, "entry %zu: %s", number, wrong);
        report(arguments, manifest, &error);
        return false;
    }
    struct input input = {0};
    bool good = input_open(&input, entry->file, &error) && is_as_listed(entry, input.bytes, &error);
    input_close(&input);
    if (!good)
        report(arguments, entry->file, &error);
    return good;
}

static int replay_all(struct replay *replay, const struct entry_facts *entries, size_t count)
{
    int worst = EXIT_CLEAN;
    for (size_t i = 0; i < count && worst != EXIT_BAD_INPUT; i++) {
        int code = replay_entry(replay, &entries[i]);
        worst = code > worst ? code : worst;
        if (code != EXIT_BAD_INPUT && replay->arguments->json)
            replay_print_json(&replay->rows[replay->row_count - 1]);
    }
    return worst;
}

static int replay_folder(struct replay *replay, const char *folder)
{
    const char *file = path_in(replay->arena, folder, "manifest.json");
    struct error error = {0};
    json_t *manifest = manifest_load(file, &error);
    if (!manifest)
        return report(replay->arguments, file, &error);
    size_t count = json_array_size(manifest);
    struct entry_facts *entries = arena_alloc(replay->arena, count * sizeof(*entries));
    int code = EXIT_CLEAN;
    for (size_t i = 0; i < count && code == EXIT_CLEAN; i++) {
        entries[i] = (struct entry_facts){.folder = folder, .json = json_array_get(manifest, i)};
        if (!check_entry(&entries[i], file, i, replay->arguments, replay->arena))
            code = EXIT_BAD_INPUT;
    }
    if (code == EXIT_CLEAN)
        code = replay_all(replay, entries, count);
    json_decref(manifest);
    return code;
}

int run_replay(const struct arguments *arguments)
{
    struct replay replay = {.arena = arena_create(), .arguments = arguments};
    int worst = EXIT_CLEAN;
    for (size_t i = 0; i < arguments->file_count && worst != EXIT_BAD_INPUT; i++) {
        int code = replay_folder(&replay, arguments->files[i]);
        worst = code > worst ? code : worst;
    }
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K");
    if (worst != EXIT_BAD_INPUT && !arguments->json)
        replay_print_text(&replay);
    arena_destroy(replay.arena);
    return worst;
}
