/*
 * vmwire check: decides every tail of every device of a stream. Text for people shows which field must
 * hold which bytes; --json has a finding a line; --emit writes each witness as a whole stream.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_writer.h"
#include "program.h"
#include "text.h"

/* Findings of one device that differ only in which element of an array they lie in. */
struct group {
    const struct finding *finding; /* the first */
    char *path;                    /* without indices */
    size_t count;
};

struct report {
    const char *file;
    const struct arguments *arguments;
    struct bytes bytes;
    const struct stream *stream;
    struct decision decision;
    struct arena *arena;
    struct group *groups;
    size_t group_count, group_room;
};

/* ---- Grouping ------------------------------------------------------------------------------------ */

static char *without_indices(struct arena *arena, const char *path)
{
    char *plain = arena_string(arena, path, strlen(path));
    char *end = plain;
    for (const char *each = path; *each; each++) {
        size_t digits = *each == '[' ? strspn(each + 1, "0123456789") : 0;
        if (digits && each[1 + digits] == ']')
            each += 1 + digits;
        else
            *end++ = *each;
    }
    *end = '\0';
    return plain;
}

static bool same_group(const struct group *group, const struct finding *finding, const char *path)
{
    return group->finding->item == finding->item &&
           group->finding->owner->name == finding->owner->name &&
           group->finding->outcome == finding->outcome && strcmp(group->path, path) == 0;
}

static void add_finding(struct report *report, const struct finding *finding)
{
    char *path = without_indices(report->arena, finding->path);
    for (size_t i = report->group_count; i-- > 0;) {
        struct group *group = &report->groups[i];
        if (group->finding->item != finding->item)
            break;
        if (same_group(group, finding, path)) {
            group->count++;
            return;
        }
    }
    report->groups = arena_grow(report->arena, report->groups, report->group_count,
                                &report->group_room, sizeof(struct group));
    report->groups[report->group_count++] = (struct group){finding, path, 1};
}

static void group_findings(struct report *report)
{
    for (size_t i = 0; i < report->decision.tail_count; i++)
        for (int outcome = OUTCOME_REJECT; outcome <= OUTCOME_CORRUPT; outcome++)
            if (report->decision.tails[i].findings[outcome])
                add_finding(report, report->decision.tails[i].findings[outcome]);
}

/* ---- Where a byte lies --------------------------------------------------------------------------- */

struct place {
    const struct item *item;
    const struct value *value;
};

static struct place place_of(const struct report *report, uint64_t offset)
{
    const uint8_t *byte = report->bytes.data + offset;
    struct place place = {NULL, NULL};
    for (size_t i = 0; i < report->stream->item_count; i++) {
        const struct item *item = report->stream->items[i];
        if (byte < item->raw.data || byte >= item->raw.data + item->raw.length)
            continue;
        place.item = item;
        if (!item->record)
            return place;
        struct record_walk walk;
        record_walk_begin(&walk, item->record);
        for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;)
            if (step == RECORD_VALUE && byte >= walk.value->data.data &&
                byte < walk.value->data.data + walk.value->data.length)
                place.value = walk.value;
        return place;
    }
    return place;
}

/* How many demands follow one another, from the first on: within one field where `value` is given. */
static size_t run_length(const struct report *report, const struct demand *demands, size_t count,
                         const struct value *value)
{
    size_t length = 1;
    const uint8_t *first = report->bytes.data + demands[0].offset;
    size_t room = value ? (size_t)(value->data.data + value->data.length - first) : SIZE_MAX;
    while (length < count && length < room && demands[length].offset == demands[0].offset + length)
        length++;
    return length;
}

/* ---- Text ---------------------------------------------------------------------------------------- */

static void print_place(const struct report *report, const struct place *place, uint64_t offset)
{
    if (!place->value) {
        printf("%s", place->item ? item_kind_name(place->item->kind) : "beyond the end");
        return;
    }
    const struct field *field = place->value->field;
    uint64_t byte = offset - (uint64_t)(place->value->data.data - report->bytes.data);
    uint64_t element = field->count > 1 && field->size ? byte / field->size : 0;
    print_text(stdout, place->item->idstr);
    putchar(' ');
    print_text(stdout, bytes_of_string(field->name));
    if (field->count > 1)
        printf("[%" PRIu64 "]", element);
    printf(", byte %" PRIu64, field->count > 1 && field->size ? byte % field->size : byte);
}

static void print_demands(const struct report *report, const struct finding *finding)
{
    const struct demand *demand = finding->demands;
    for (size_t left = finding->demand_count; left;) {
        struct place place = place_of(report, demand->offset);
        size_t length = run_length(report, demand, left, place.value);
        printf("    %8" PRIx64 "  ", demand->offset);
        for (size_t i = 0; i < length; i++)
            printf("%02x ", demand[i].value);
        printf(" \"");
        for (size_t i = 0; i < length; i++)
            putchar(demand[i].value >= 32 && demand[i].value < 127 ? demand[i].value : '.');
        printf("\"  in ");
        print_place(report, &place, demand->offset);
        putchar('\n');
        demand += length;
        left -= length;
    }
}

static void print_group(const struct report *report, const struct group *group)
{
    const struct finding *finding = group->finding;
    printf("  %-9s at %" PRIx64 ", the tail of ", outcome_name(finding->outcome), finding->offset);
    print_text(stdout, bytes_of_string(finding->owner->name));
    if (finding->path[0]) {
        printf(", ");
        print_text(stdout, bytes_of_string(finding->path));
    }
    if (group->count > 1)
        printf(" (and %zu more elements)", group->count - 1);
    putchar('\n');
    print_demands(report, finding);
}

static void count_verdicts(const struct report *report, size_t verdicts[3], size_t outcomes[4])
{
    for (size_t i = 0; i < report->decision.tail_count; i++) {
        const struct tail_verdict *tail = &report->decision.tails[i];
        verdicts[tail->verdict]++;
        for (int outcome = OUTCOME_REJECT; outcome <= OUTCOME_CORRUPT; outcome++)
            outcomes[outcome] += tail->findings[outcome] != NULL;
    }
}

static void print_undecided(const struct report *report)
{
    for (size_t i = 0; i < report->decision.tail_count; i++) {
        const struct tail_verdict *tail = &report->decision.tails[i];
        if (!tail->reason)
            continue;
        printf("\nnot decided%s: at %" PRIx64 ", the tail of ",
               tail->verdict == VERDICT_UNDECIDED ? "" : " whether more can happen", tail->offset);
        print_text(stdout, bytes_of_string(tail->owner->name));
        printf(", ");
        print_text(stdout, bytes_of_string(tail->path));
        printf(": %s\n", tail->reason);
    }
}

static void print_report(const struct report *report)
{
    size_t verdicts[3] = {0}, outcomes[4] = {0};
    count_verdicts(report, verdicts, outcomes);
    print_text(stdout, bytes_of_string(report->file));
    printf(" under %s: of %zu tails %zu can make the reader reject, %zu truncate silently, %zu "
           "corrupt silently; %zu are clean, %zu not decided\n",
           report->arguments->option->name, report->decision.tail_count, outcomes[OUTCOME_REJECT],
           outcomes[OUTCOME_TRUNCATED], outcomes[OUTCOME_CORRUPT], verdicts[VERDICT_CLEAN],
           verdicts[VERDICT_UNDECIDED]);
    const struct item *item = NULL;
    for (size_t i = 0; i < report->group_count; i++) {
        if (report->groups[i].finding->item != item) {
            item = report->groups[i].finding->item;
            putchar('\n');
            print_text(stdout, bytes_of_string(item->record->structure->name));
            printf(" \"");
            print_text(stdout, item->idstr);
            printf("\" instance %u\n", item->instance_id);
        }
        print_group(report, &report->groups[i]);
    }
    print_undecided(report);
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

/* The bytes of demands that follow one another. */
static void json_run(struct json_writer *json, const char *key, const struct report *report,
                     const struct demand *demands, size_t count)
{
    uint8_t *bytes = arena_alloc(report->arena, count);
    for (size_t i = 0; i < count; i++)
        bytes[i] = demands[i].value;
    json_writer_hex(json, key, (struct bytes){bytes, count});
}

static void json_demands(struct json_writer *json, const struct report *report,
                         const struct finding *finding)
{
    const struct demand *demand = finding->demands;
    json_writer_open_array(json, "bytes");
    for (size_t left = finding->demand_count; left;) {
        struct place place = place_of(report, demand->offset);
        size_t length = run_length(report, demand, left, place.value);
        json_writer_open_object(json, NULL);
        json_writer_unsigned(json, "offset", demand->offset);
        json_run(json, "data", report, demand, length);
        if (place.value) {
            json_writer_name(json, "idstr", place.item->idstr);
            json_writer_string(json, "field", place.value->field->name);
        }
        json_writer_close_object(json);
        demand += length;
        left -= length;
    }
    json_writer_close_array(json);
}

/* "witness" is what must stand at the tail itself, "bytes" all that must stand anywhere. */
static void json_group(const struct report *report, const struct group *group)
{
    struct json_writer json = {.output = stdout};
    const struct finding *finding = group->finding;
    const struct item *item = finding->item;
    json_writer_open_object(&json, NULL);
    json_writer_string(&json, "file", report->file);
    json_writer_string(&json, "device", item->record->structure->name);
    json_writer_name(&json, "idstr", item->idstr);
    json_writer_unsigned(&json, "instance", item->instance_id);
    json_writer_string(&json, "owner", finding->owner->name);
    json_writer_string(&json, "path", finding->path);
    json_writer_string(&json, "option", report->arguments->option->name);
    json_writer_string(&json, "outcome", outcome_name(finding->outcome));
    json_writer_unsigned(&json, "offset", finding->offset);
    json_run(&json, "witness", report, finding->demands,
             run_length(report, finding->demands, finding->demand_count, NULL));
    json_demands(&json, report, finding);
    json_writer_unsigned(&json, "elements", group->count);
    json_writer_end_line(&json);
}

static void print_json(const struct report *report)
{
    for (size_t i = 0; i < report->group_count; i++)
        json_group(report, &report->groups[i]);
}

/* ---- Emitting ------------------------------------------------------------------------------------ */

/* The stream with the witness put in place. */
static bool emit_witness(const struct report *report, const struct group *group, size_t number,
                         struct error *error)
{
    const struct finding *finding = group->finding;
    const char *name = strrchr(report->file, '/');
    char file[1024];
    snprintf(file, sizeof(file), "%s/%s-%s-%zu-%s", report->arguments->emit,
             name ? name + 1 : report->file, report->arguments->option->name, number,
             outcome_name(finding->outcome));
    uint8_t *bytes = arena_alloc(report->arena, report->bytes.length);
    memcpy(bytes, report->bytes.data, report->bytes.length);
    for (size_t i = 0; i < finding->demand_count; i++)
        bytes[finding->demands[i].offset] = finding->demands[i].value;
    FILE *output = fopen(file, "wb");
    bool written = output && fwrite(bytes, 1, report->bytes.length, output) == report->bytes.length;
    if (output && fclose(output) != 0)
        written = false;
    return written || error_set(error, ERROR_FILE, ERROR_NO_OFFSET, "cannot write \"%s\": %s", file,
                                strerror(errno));
}

static bool emit_all(const struct report *report, struct error *error)
{
    for (size_t i = 0; i < report->group_count; i++) {
        struct arena_mark mark = arena_mark(report->arena);
        bool emitted = emit_witness(report, &report->groups[i], i, error);
        arena_reset(report->arena, mark);
        if (!emitted)
            return false;
    }
    return true;
}

/* ---- The command --------------------------------------------------------------------------------- */

static int check(const struct arguments *arguments, const char *file, struct loaded *loaded)
{
    struct cost cost;
    struct error error;
    int code = validate(arguments, file, loaded, &cost);
    if (code)
        return code;
    struct report result = {
        .file = file,
        .arguments = arguments,
        .bytes = loaded->input.bytes,
        .stream = stream_read_whole(arguments->option, loaded->input.bytes, loaded->schema,
                                    loaded->arena, &cost, &error),
        .arena = loaded->arena,
    };
    result.decision = engine_decide(arguments->option, result.stream, result.bytes, loaded->arena);
    group_findings(&result);
    if (arguments->emit && !emit_all(&result, &error))
        return report(arguments, file, &error);
    if (arguments->certificate &&
        !write_certificate(arguments, result.bytes, &result.decision, &error))
        return report(arguments, file, &error);
    (arguments->json ? print_json : print_report)(&result);
    return result.group_count ? EXIT_FINDINGS : EXIT_CLEAN;
}

int run_check(const struct arguments *arguments)
{
    if (arguments->certificate && arguments->file_count != 1) {
        fprintf(stderr, "vmwire: check --certificate takes one FILE\n");
        return EXIT_BAD_INPUT;
    }
    int worst = EXIT_CLEAN;
    for (size_t i = 0; i < arguments->file_count; i++) {
        struct loaded loaded = {0};
        const char *file = arguments->files[i];
        int code =
            load(&loaded, file, arguments) ? check(arguments, file, &loaded) : EXIT_BAD_INPUT;
        unload(&loaded);
        worst = code > worst ? code : worst;
    }
    return worst;
}
