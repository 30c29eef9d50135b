/*
 * vmwire check: decides every tail of every device of a stream, or of a schema alone; vmwire skew: the
 * same where the reader has another schema, that of another release, or another option. Text for people
 * shows which field must hold which bytes; --json has a finding a line; --emit writes each witness as a
 * whole stream.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_writer.h"
#include "program.h"
#include "text.h"

/* What one question was and what was decided: a whole stream is one, of a schema each device is. */
struct part {
    struct question question;
    struct decision decision;
    bool possible;   /* the layout on the wire is not known for certain */
    bool incomplete; /* not all subsections that may be sent could be looked at */
};

/* Findings of one device that differ only in which element of an array they lie in. */
struct group {
    const struct part *part;
    const struct finding *finding; /* the first */
    char *path;                    /* without indices */
    size_t count;
};

struct report {
    const char *file;
    const struct protocol_option *reads;
    const struct schema *reader; /* skew: its schema; NULL: the writer's */
    const struct arguments *arguments;
    struct arena *arena;
    struct part *parts;
    size_t part_count, part_room;
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
           group->finding->outcome == finding->outcome &&
           group->finding->differs == finding->differs && strcmp(group->path, path) == 0;
}

static void add_finding(struct report *report, const struct part *part,
                        const struct finding *finding)
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
    report->groups[report->group_count++] = (struct group){part, finding, path, 1};
}

static void group_findings(struct report *report)
{
    for (size_t i = 0; i < report->part_count; i++) {
        const struct part *part = &report->parts[i];
        for (size_t j = 0; j < part->decision.tail_count; j++)
            for (int outcome = OUTCOME_REJECT; outcome <= OUTCOME_CORRUPT; outcome++)
                if (part->decision.tails[j].findings[outcome])
                    add_finding(report, part, part->decision.tails[j].findings[outcome]);
    }
}

/* ---- Where a byte lies --------------------------------------------------------------------------- */

struct place {
    const struct item *item;
    const struct value *value;
};

static struct place place_of(const struct part *part, uint64_t offset)
{
    const uint8_t *byte = part->question.bytes.data + offset;
    struct place place = {NULL, NULL};
    for (size_t i = 0; i < part->question.stream->item_count; i++) {
        const struct item *item = part->question.stream->items[i];
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
static size_t run_length(const struct part *part, const struct demand *demands, size_t count,
                         const struct value *value)
{
    size_t length = 1;
    const uint8_t *first = part->question.bytes.data + demands[0].offset;
    size_t room = value ? (size_t)(value->data.data + value->data.length - first) : SIZE_MAX;
    while (length < count && length < room && demands[length].offset == demands[0].offset + length)
        length++;
    return length;
}

/* ---- Text ---------------------------------------------------------------------------------------- */

static void print_place(const struct part *part, const struct place *place, uint64_t offset)
{
    if (!place->value) {
        printf("%s", place->item ? item_kind_name(place->item->kind) : "beyond the end");
        return;
    }
    const struct field *field = place->value->field;
    uint64_t byte = offset - (uint64_t)(place->value->data.data - part->question.bytes.data);
    uint64_t element = field->count > 1 && field->size ? byte / field->size : 0;
    print_text(stdout, place->item->idstr);
    putchar(' ');
    print_text(stdout, bytes_of_string(field->name));
    if (field->count > 1)
        printf("[%" PRIu64 "]", element);
    printf(", byte %" PRIu64, field->count > 1 && field->size ? byte % field->size : byte);
}

static void print_demands(const struct part *part, const struct finding *finding)
{
    const struct demand *demand = finding->demands;
    for (size_t left = finding->demand_count; left;) {
        struct place place = place_of(part, demand->offset);
        size_t length = run_length(part, demand, left, place.value);
        printf("    %8" PRIx64 "  ", demand->offset);
        for (size_t i = 0; i < length; i++)
            printf("%02x ", demand[i].value);
        printf(" \"");
        for (size_t i = 0; i < length; i++)
            putchar(demand[i].value >= 32 && demand[i].value < 127 ? demand[i].value : '.');
        printf("\"  in ");
        print_place(part, &place, demand->offset);
        putchar('\n');
        demand += length;
        left -= length;
    }
}

/* The names of the optional subsections that the state sends, one by one. */
static const struct subsection_value *next_sent(const struct part *part,
                                                const struct finding *finding, size_t *position)
{
    if (*position == finding->send_count)
        return NULL;
    const uint8_t *from = part->question.bytes.data + finding->sends[(*position)++].from;
    for (size_t i = 0; i < part->question.stream->item_count; i++) {
        const struct item *item = part->question.stream->items[i];
        if (!item->record || from < item->raw.data || from >= item->raw.data + item->raw.length)
            continue;
        struct record_walk walk;
        record_walk_begin(&walk, item->record);
        for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;)
            if (step == RECORD_SUBSECTION && walk.subsection->raw.data == from)
                return walk.subsection;
    }
    return NULL;
}

static void print_sends(const struct part *part, const struct finding *finding)
{
    const struct subsection_value *subsection;
    for (size_t i = 0; (subsection = next_sent(part, finding, &i));) {
        printf("              the state sends ");
        print_text(stdout, subsection->name);
        putchar('\n');
    }
}

/* Whether it depends on a layout that is a dump's guess, or on what the sections stand among. */
static bool is_possible(const struct part *part, const struct finding *finding)
{
    bool possible = part->possible || finding->assumed;
    const struct subsection_value *subsection;
    for (size_t i = 0; (subsection = next_sent(part, finding, &i));)
        possible |= subsection->record->structure->assumed;
    return possible;
}

/* A pair of states of the same bytes is no outcome of a reader. */
static const char *verdict_name(const struct part *part, const struct finding *finding)
{
    return part->question.ambiguity ? "ambiguous" : outcome_name(finding->outcome);
}

static void print_group(const struct group *group)
{
    const struct finding *finding = group->finding;
    printf("  %s%-9s at %" PRIx64 ", the tail of ",
           is_possible(group->part, finding) ? "possible: " : "",
           verdict_name(group->part, finding), finding->offset);
    print_text(stdout, bytes_of_string(finding->owner->name));
    if (finding->path[0]) {
        printf(", ");
        print_text(stdout, bytes_of_string(finding->path));
    }
    if (group->count > 1)
        printf(" (and %zu more elements)", group->count - 1);
    if (finding->differs)
        printf(": %s", finding->differs);
    putchar('\n');
    print_sends(group->part, finding);
    print_demands(group->part, finding);
}

struct counts {
    size_t tails, verdicts[VERDICT_UNDECIDED + 1], outcomes[OUTCOME_CORRUPT + 1];
};

static struct counts count_verdicts(const struct report *report)
{
    struct counts counts = {0};
    for (size_t i = 0; i < report->part_count; i++)
        for (size_t j = 0; j < report->parts[i].decision.tail_count; j++) {
            const struct tail_verdict *tail = &report->parts[i].decision.tails[j];
            counts.tails++;
            counts.verdicts[tail->verdict]++;
            for (int outcome = OUTCOME_REJECT; outcome <= OUTCOME_CORRUPT; outcome++)
                counts.outcomes[outcome] += tail->findings[outcome] != NULL;
        }
    return counts;
}

static void print_undecided(const struct part *part)
{
    for (size_t i = 0; i < part->decision.tail_count; i++) {
        const struct tail_verdict *tail = &part->decision.tails[i];
        if (!tail->reason)
            continue;
        printf("\nnot decided%s: at %" PRIx64 ", the tail of ",
               tail->verdict == VERDICT_UNDECIDED ? "" : " whether more can happen", tail->offset);
        print_text(stdout, bytes_of_string(tail->owner->name));
        printf(", ");
        print_text(stdout, bytes_of_string(tail->path));
        printf(": %s\n", tail->reason);
    }
    if (part->incomplete)
        printf("\nnot decided: states that send subsections of which no layout is known\n");
}

static void print_conclusion(const struct report *report)
{
    struct counts counts = count_verdicts(report);
    bool possible = report->part_count && report->parts[0].possible;
    print_text(stdout, bytes_of_string(report->file));
    printf(" under %s", report->arguments->option->name);
    if (report->reader) {
        printf(", read under %s with ", report->reads->name);
        print_text(stdout, bytes_of_string(report->arguments->files[1]));
    }
    printf(": of %zu tails ", counts.tails);
    if (report->arguments->ambiguity)
        printf("%zu are ambiguous: two states have the same bytes; ",
               counts.outcomes[OUTCOME_CORRUPT]);
    else
        printf("%zu can %smake the reader reject, %zu truncate silently, %zu corrupt silently; ",
               counts.outcomes[OUTCOME_REJECT], possible ? "possibly " : "",
               counts.outcomes[OUTCOME_TRUNCATED], counts.outcomes[OUTCOME_CORRUPT]);
    printf("%zu are clean, %zu not decided\n", counts.verdicts[VERDICT_CLEAN],
           counts.verdicts[VERDICT_UNDECIDED]);
    if (possible)
        printf(
            "(a schema alone: what the sections stand among is not known, nor are a dump's sizes "
            "those on the wire)\n");
}

static void print_report(const struct report *report)
{
    print_conclusion(report);
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
        print_group(&report->groups[i]);
    }
    for (size_t i = 0; i < report->part_count; i++)
        print_undecided(&report->parts[i]);
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

/* The bytes of demands that follow one another. */
static void json_run(struct json_writer *json, const char *key, struct arena *arena,
                     const struct demand *demands, size_t count)
{
    uint8_t *bytes = arena_alloc(arena, count);
    for (size_t i = 0; i < count; i++)
        bytes[i] = demands[i].value;
    json_writer_hex(json, key, (struct bytes){bytes, count});
}

static void json_demands(struct json_writer *json, struct arena *arena, const struct part *part,
                         const struct finding *finding)
{
    const struct demand *demand = finding->demands;
    json_writer_open_array(json, "bytes");
    for (size_t left = finding->demand_count; left;) {
        struct place place = place_of(part, demand->offset);
        size_t length = run_length(part, demand, left, place.value);
        json_writer_open_object(json, NULL);
        json_writer_unsigned(json, "offset", demand->offset);
        json_run(json, "data", arena, demand, length);
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

static void json_sends(struct json_writer *json, const struct part *part,
                       const struct finding *finding)
{
    const struct subsection_value *subsection;
    json_writer_open_array(json, "sends");
    for (size_t i = 0; (subsection = next_sent(part, finding, &i));)
        json_writer_name(json, NULL, subsection->name);
    json_writer_close_array(json);
}

/* "witness" is what must stand at the tail itself, "bytes" all that must stand anywhere. */
static void json_group(const struct report *report, const struct group *group)
{
    struct json_writer json = {.output = stdout};
    const struct part *part = group->part;
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
    if (report->reader)
        json_writer_string(&json, "reader", report->reads->name);
    if (finding->differs)
        json_writer_string(&json, "differs", finding->differs);
    json_writer_string(&json, "outcome", verdict_name(part, finding));
    json_writer_boolean(&json, "possible", is_possible(part, finding));
    json_writer_unsigned(&json, "offset", finding->offset);
    json_run(&json, "witness", report->arena, finding->demands,
             run_length(part, finding->demands, finding->demand_count, NULL));
    json_demands(&json, report->arena, part, finding);
    json_sends(&json, part, finding);
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
    struct bytes bytes = engine_witness(&group->part->question, finding, report->arena);
    FILE *output = fopen(file, "wb");
    bool written = output && fwrite(bytes.data, 1, bytes.length, output) == bytes.length;
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

static struct part *add_part(struct report *report, const struct loaded *loaded,
                             const struct stream *stream, struct bytes bytes)
{
    report->parts = arena_grow(report->arena, report->parts, report->part_count, &report->part_room,
                               sizeof(struct part));
    struct part *part = &report->parts[report->part_count++];
    *part = (struct part){
        .question = {.option = report->arguments->option,
                     .stream = stream,
                     .bytes = bytes,
                     .reader = {report->reads, report->reader ? report->reader : loaded->schema},
                     .skewed = report->reader != NULL,
                     .ambiguity = report->arguments->ambiguity}};
    return part;
}

static void add_template(struct report *report, const struct loaded *loaded,
                         const struct template *template, bool possible)
{
    struct stream *stream = arena_alloc(report->arena, sizeof(*stream));
    *stream = template->stream;
    struct part *part = add_part(report, loaded, stream, template->bytes);
    part->incomplete = template->incomplete;
    part->possible = possible;
}

static bool examine_stream(struct report *report, const struct loaded *loaded, struct error *error)
{
    const struct arguments *arguments = report->arguments;
    struct cost cost;
    struct template template;
    const struct stream *stream = stream_read_whole(arguments->option, loaded->input.bytes,
                                                    loaded->schema, report->arena, &cost, error);
    if (!stream)
        return false;
    if (!arguments->all_states && !arguments->ambiguity) {
        add_part(report, loaded, stream, loaded->input.bytes);
        return true;
    }
    if (!template_of_stream(&template, arguments->option, stream, report->arena, error))
        return false;
    add_template(report, loaded, &template, false);
    return true;
}

static bool examine_devices(struct report *report, const struct loaded *loaded,
                            const struct device *devices, size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct template template;
        if (!template_of_device(&template, report->arguments->option, &devices[i], report->arena,
                                error))
            return false;
        add_template(report, loaded, &template, true);
    }
    return true;
}

static bool certify_stream(const struct report *result, struct error *error)
{
    if (result->part_count != 1 || result->parts[0].possible)
        return error_set(error, ERROR_SCHEMA, ERROR_NO_OFFSET,
                         "a certificate is of a stream, found a schema");
    return write_certificate(result->arguments, result->parts[0].question.bytes,
                             &result->parts[0].decision, error);
}

static int conclude(struct report *result)
{
    struct error error;
    for (size_t i = 0; i < result->part_count; i++)
        result->parts[i].decision = engine_decide(&result->parts[i].question, result->arena);
    group_findings(result);
    if (result->arguments->emit && !emit_all(result, &error))
        return report(result->arguments, result->file, &error);
    if (result->arguments->certificate && !certify_stream(result, &error))
        return report(result->arguments, result->file, &error);
    (result->arguments->json ? print_json : print_report)(result);
    return result->group_count ? EXIT_FINDINGS : EXIT_CLEAN;
}

static int examine(struct report *result, struct loaded *loaded)
{
    struct error error;
    struct cost cost;
    const struct schema *schema = loaded->schema;
    if (loaded->schema_only) {
        if (!examine_devices(result, loaded, schema->devices, schema->device_count, &error) ||
            !examine_devices(result, loaded, schema->types, schema->type_count, &error))
            return report(result->arguments, result->file, &error);
        return conclude(result);
    }
    int code = validate(result->arguments, result->file, loaded, &cost);
    if (code)
        return code;
    if (!examine_stream(result, loaded, &error))
        return report(result->arguments, result->file, &error);
    return conclude(result);
}

static int check(const struct arguments *arguments, const char *file, struct loaded *loaded)
{
    struct report result = {
        .file = file, .arguments = arguments, .reads = arguments->option, .arena = loaded->arena};
    return examine(&result, loaded);
}

/* Readers that want another stream version look no further. */
static int skew_of_versions(const struct arguments *arguments, const struct protocol_option *reads)
{
    if (arguments->json) {
        struct json_writer json = {.output = stdout};
        json_writer_open_object(&json, NULL);
        json_writer_string(&json, "file", arguments->files[0]);
        json_writer_string(&json, "option", arguments->option->name);
        json_writer_string(&json, "reader", reads->name);
        json_writer_string(&json, "outcome", outcome_name(OUTCOME_REJECT));
        json_writer_unsigned(&json, "offset", 4);
        json_writer_end_line(&json);
    } else {
        print_text(stdout, bytes_of_string(arguments->files[0]));
        printf(" under %s, read under %s: every state is rejected at 4: stream version %u, and the "
               "reader wants %u\n",
               arguments->option->name, reads->name, arguments->option->stream_version,
               reads->stream_version);
    }
    return EXIT_FINDINGS;
}

int run_skew(const struct arguments *arguments)
{
    const struct protocol_option *reads = arguments->to ? arguments->to : arguments->option;
    struct error error;
    if (arguments->file_count != 2) {
        error_set(&error, ERROR_FILE, ERROR_NO_OFFSET, "skew takes two files, found %zu",
                  arguments->file_count);
        return report(arguments, arguments->files[0], &error);
    }
    if (reads->stream_version != arguments->option->stream_version)
        return skew_of_versions(arguments, reads);
    struct loaded writer = {0}, reader = {0};
    int code = EXIT_BAD_INPUT;
    if (load_any(&writer, arguments->files[0], arguments) &&
        load_any(&reader, arguments->files[1], arguments)) {
        struct report result = {.file = arguments->files[0],
                                .arguments = arguments,
                                .reads = reads,
                                .reader = reader.schema,
                                .arena = writer.arena};
        code = examine(&result, &writer);
    }
    unload(&writer);
    unload(&reader);
    return code;
}

int run_check(const struct arguments *arguments)
{
    bool of_states = arguments->all_states || arguments->ambiguity;
    if (arguments->certificate && (arguments->file_count != 1 || of_states)) {
        fprintf(stderr,
                "vmwire: check --certificate takes one FILE, and the states that it sends\n");
        return EXIT_BAD_INPUT;
    }
    int worst = EXIT_CLEAN;
    for (size_t i = 0; i < arguments->file_count; i++) {
        struct loaded loaded = {0};
        const char *file = arguments->files[i];
        int code =
            load_any(&loaded, file, arguments) ? check(arguments, file, &loaded) : EXIT_BAD_INPUT;
        unload(&loaded);
        worst = code > worst ? code : worst;
    }
    return worst;
}
