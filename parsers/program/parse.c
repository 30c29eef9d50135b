/*
 * vmwire parse: a stream as a tree for people, or as one JSON object an item for machines. Reads it
 * twice: once to know that all of it is accepted, once to print, so that nothing is printed half.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "program.h"

enum { FOLD_BYTES = 32 }; /* of a value; --all shows all of it */

struct printer {
    const struct arguments *arguments;
    const uint8_t *begin; /* of the stream: offsets count from here */
};

static uint64_t offset_of(const struct printer *printer, const uint8_t *data)
{
    return (uint64_t)(data - printer->begin);
}

/* ---- Text --------------------------------------------------------------------------------------
 */

static void print_line(const struct printer *printer, struct bytes bytes, unsigned depth)
{
    printf("%9" PRIx64 " %9zu  %*s", offset_of(printer, bytes.data), bytes.length, 2 * (int)depth,
           "");
}

static bool all_zero(struct bytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++)
        if (bytes.data[i])
            return false;
    return true;
}

/* Hex in groups of one element; zeros and long values are folded. */
static void print_value_bytes(const struct printer *printer, struct bytes bytes, size_t element)
{
    bool fold = !printer->arguments->all && bytes.length > FOLD_BYTES;
    if (fold && all_zero(bytes)) {
        printf("00 ... (all zero)");
        return;
    }
    size_t shown = fold ? FOLD_BYTES : bytes.length;
    for (size_t i = 0; i < shown; i++)
        printf("%s%02x", i && element && i % element == 0 ? " " : "", bytes.data[i]);
    if (fold)
        printf(" ...");
}

static void print_index(const struct value *value)
{
    if (value->field->index >= 0)
        printf("[%d]", value->field->index);
    else if (value->record && (value->field->count > 1 || value->field->class == FIELD_LIST))
        printf("[%u]", value->element);
    else if (value->field->count > 1)
        printf("[%u]", value->field->count);
}

static void print_value(const struct printer *printer, const struct value *value, unsigned depth)
{
    print_line(printer, value->data, depth);
    printf("%s", value->field->name);
    print_index(value);
    printf(" %s", value->field->type);
    if (value->field->class == FIELD_OPAQUE)
        printf(" (opaque)");
    printf(" = ");
    print_value_bytes(printer, value->data, value->field->size <= 8 ? value->field->size : 4);
    putchar('\n');
}

static struct bytes record_begin(const struct record *record)
{
    struct bytes none = {NULL, 0};
    while (record->values && !record->values->data.data && record->values->record)
        record = record->values->record;
    if (record->values)
        none.data = record->values->data.data;
    return none;
}

static void print_record_begin(const struct printer *printer, const struct record_walk *walk,
                               unsigned depth)
{
    if (!walk->value)
        return; /* the section's or the subsection's line says it */
    struct bytes begin = record_begin(walk->record);
    if (begin.data)
        printf("%9" PRIx64 " %9s  ", offset_of(printer, begin.data), "");
    else
        printf("%9s %9s  ", "", "");
    printf("%*s%s", 2 * (int)depth, "", walk->value->field->name);
    print_index(walk->value);
    printf(": %s version %u\n", walk->record->structure->name, walk->record->structure->version_id);
}

static void print_subsection(const struct printer *printer,
                             const struct subsection_value *subsection, unsigned depth)
{
    print_line(printer, subsection->raw, depth);
    printf("subsection \"%.*s\" version %u%s\n", (int)subsection->name.length,
           (const char *)subsection->name.data, subsection->version_id,
           subsection->subsection->source == LAYOUT_ASSUMED ? " (layout assumed from a dump)" : "");
}

static void print_record(const struct printer *printer, const struct record *record)
{
    struct record_walk walk;
    record_walk_begin(&walk, record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;) {
        if (step == RECORD_BEGIN)
            print_record_begin(printer, &walk, walk.depth - 1);
        else if (step == RECORD_VALUE)
            print_value(printer, walk.value, walk.depth);
        else if (step == RECORD_SUBSECTION)
            print_subsection(printer, walk.subsection, walk.depth);
    }
}

static void print_entry(const struct printer *printer, const struct entry *entry)
{
    print_line(printer, entry->raw, 1);
    printf("%s %" PRIx64, entry_kind_name(entry), entry->value);
    if (entry->name.length)
        printf(" \"%.*s\"", (int)entry->name.length, (const char *)entry->name.data);
    if (entry->data.length) {
        printf(" = ");
        print_value_bytes(printer, entry->data, 8);
    }
    putchar('\n');
}

/* Entries of the same kind, one after another, are folded into one line: pages come in thousands.
 */
static void print_entries(const struct printer *printer, const struct entry *entry)
{
    while (entry) {
        const struct entry *last = entry;
        size_t count = 1;
        while (!printer->arguments->all && last->next && last->next->kind == entry->kind &&
               !(last->next->name.length)) {
            last = last->next;
            count++;
        }
        if (count == 1) {
            print_entry(printer, entry);
        } else {
            struct bytes run = {entry->raw.data,
                                (size_t)(last->raw.data + last->raw.length - entry->raw.data)};
            print_line(printer, run, 1);
            printf("%s %" PRIx64 "..%" PRIx64, entry_kind_name(entry), entry->value, last->value);
            if (entry->name.length)
                printf(" \"%.*s\"", (int)entry->name.length, (const char *)entry->name.data);
            printf(", %zu of them\n", count);
        }
        entry = last->next;
    }
}

static void print_item(void *context, const struct item *item)
{
    const struct printer *printer = context;
    print_line(printer, item->raw, 0);
    printf("%s", item_kind_name(item->kind));
    switch (item->kind) {
    case ITEM_SECTION_START:
    case ITEM_SECTION_FULL:
        printf(" %u \"%.*s\" instance %u version %u", item->section_id, (int)item->idstr.length,
               (const char *)item->idstr.data, item->instance_id, item->version_id);
        break;
    case ITEM_SECTION_PART:
    case ITEM_SECTION_END:
        printf(" %u \"%.*s\"", item->section_id, (int)item->idstr.length,
               (const char *)item->idstr.data);
        break;
    case ITEM_COMMAND:
        printf(" %s", command_name(item->command));
        if (item->payload.length) {
            printf(" = ");
            print_value_bytes(printer, item->payload, 4);
        }
        break;
    case ITEM_PACKAGE:
        printf(" of %u bytes", item->package_length);
        break;
    default:
        break;
    }
    if (item->record && item->record->structure->name)
        printf(": %s", item->record->structure->name);
    puts(item->footer ? ", footer" : "");
    if (item->record)
        print_record(printer, item->record);
    print_entries(printer, item->entries);
}

static void print_accounts(const struct cost *cost)
{
    uint64_t bytes = cost_bytes_read(cost);
    for (int account = 0; account < ACCOUNT_COUNT; account++)
        if (cost->accounted[account])
            printf("  %-12s %12" PRIu64 "  %5.1f %%\n", account_name((enum account)account),
                   cost->accounted[account],
                   100.0 * (double)cost->accounted[account] / (double)bytes);
}

static void print_text(const struct arguments *arguments, const char *file,
                       const struct loaded *loaded, const struct cost *cost)
{
    printf("%s: accepted by %s, all of its %zu bytes accounted for: %" PRIu64 " sections, %" PRIu64
           " records, %" PRIu64 " subsections, %" PRIu64 " RAM pages\n",
           file, arguments->option->name, loaded->input.bytes.length, cost->sections, cost->records,
           cost->subsections, cost->pages);
    print_accounts(cost);
    printf("\n%9s %9s\n%9x %9u  magic QEVM, stream version %u\n", "offset", "bytes", 0, 8,
           arguments->option->stream_version);
}

/* ---- JSON --------------------------------------------------------------------------------------
 */

static json_t *json_text(struct bytes bytes)
{
    json_t *text = json_stringn((const char *)bytes.data, bytes.length);
    if (text)
        return text;
    /* Not UTF-8, which JSON cannot hold: as hex. */
    char hex[2 * 255 + 1];
    for (size_t i = 0; i < bytes.length && i < 255; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes.data[i]);
    return json_string(hex);
}

static void json_hex(json_t *object, const char *key, struct bytes bytes, bool all)
{
    static const char digits[] = "0123456789abcdef";
    size_t length = !all && bytes.length > FOLD_BYTES ? FOLD_BYTES : bytes.length;
    json_t *text = NULL;
    char *hex = malloc(2 * length + 1);
    if (hex) {
        for (size_t i = 0; i < length; i++) {
            hex[2 * i] = digits[bytes.data[i] >> 4];
            hex[2 * i + 1] = digits[bytes.data[i] & 15];
        }
        text = json_stringn(hex, 2 * length);
        free(hex);
    }
    json_object_set_new(object, key, text);
    if (length < bytes.length)
        json_object_set_new(object, "folded", json_true());
}

static void json_place(const struct printer *printer, json_t *object, struct bytes bytes)
{
    if (bytes.data)
        json_object_set_new(object, "offset",
                            json_integer((json_int_t)offset_of(printer, bytes.data)));
    json_object_set_new(object, "size", json_integer((json_int_t)bytes.length));
}

static json_t *json_value(const struct printer *printer, const struct value *value)
{
    json_t *object = json_pack("{s:s, s:s, s:s}", "name", value->field->name, "type",
                               value->field->type, "class", field_class_name(value->field->class));
    if (value->field->index >= 0)
        json_object_set_new(object, "index", json_integer(value->field->index));
    else if (value->field->count > 1 && !value->record)
        json_object_set_new(object, "array_len", json_integer(value->field->count));
    else if (value->field->count > 1 || value->field->class == FIELD_LIST)
        json_object_set_new(object, "element", json_integer(value->element));
    if (value->data.data) {
        json_place(printer, object, value->data);
        json_hex(object, "data", value->data, printer->arguments->all);
    }
    return object;
}

/* One level of the record being made: where its values and subsections go. */
struct json_level {
    json_t *record, *values, *subsections;
};

static json_t *begin_level(struct json_level *level, const struct record *record)
{
    level->record = json_object();
    level->values = json_array();
    level->subsections = NULL;
    if (record->structure->name) {
        json_object_set_new(level->record, "vmsd_name", json_string(record->structure->name));
        json_object_set_new(level->record, "version", json_integer(record->structure->version_id));
    }
    json_object_set_new(level->record, "fields", level->values);
    return level->record;
}

static json_t *json_subsection(const struct printer *printer, struct json_level *level,
                               const struct subsection_value *subsection)
{
    if (!level->subsections) {
        level->subsections = json_array();
        json_object_set_new(level->record, "subsections", level->subsections);
    }
    json_t *object = json_object();
    json_object_set_new(object, "name", json_text(subsection->name));
    json_object_set_new(object, "version_id", json_integer(subsection->version_id));
    json_place(printer, object, subsection->raw);
    json_array_append_new(level->subsections, object);
    return object;
}

static json_t *json_record(const struct printer *printer, const struct record *record)
{
    struct json_level levels[SCHEMA_NESTING_LIMIT + 1];
    json_t *root = NULL, *holder = NULL;
    struct record_walk walk;
    record_walk_begin(&walk, record);
    for (enum record_step step; (step = record_walk_next(&walk)) != RECORD_DONE;) {
        struct json_level *level = &levels[walk.depth];
        if (step == RECORD_BEGIN && walk.depth == 1) {
            root = begin_level(level, walk.record);
        } else if (step == RECORD_BEGIN) {
            if (walk.value && !walk.value->data.length) {
                holder = json_value(printer, walk.value);
                json_array_append_new(level[-1].values, holder);
            }
            json_object_set_new(holder, "record", begin_level(level, walk.record));
        } else if (step == RECORD_VALUE) {
            holder = json_value(printer, walk.value);
            json_array_append_new(level->values, holder);
        } else if (step == RECORD_SUBSECTION) {
            holder = json_subsection(printer, level, walk.subsection);
        }
    }
    return root;
}

static json_t *json_entry(const struct printer *printer, const struct entry *entry)
{
    json_t *object = json_pack("{s:s}", "kind", entry_kind_name(entry));
    json_place(printer, object, entry->raw);
    json_object_set_new(object, "value", json_integer((json_int_t)entry->value));
    if (entry->name.length)
        json_object_set_new(object, "name", json_text(entry->name));
    if (entry->data.length)
        json_hex(object, "data", entry->data, printer->arguments->all);
    return object;
}

static void json_entries(const struct printer *printer, json_t *object, const struct entry *entry)
{
    json_t *entries = json_array();
    size_t count = 0;
    for (; entry; entry = entry->next, count++)
        if (printer->arguments->all || count < FOLD_BYTES)
            json_array_append_new(entries, json_entry(printer, entry));
    json_object_set_new(object, "entry_count", json_integer((json_int_t)count));
    json_object_set_new(object, "entries", entries);
}

static void json_item(void *context, const struct item *item)
{
    const struct printer *printer = context;
    json_t *object = json_pack("{s:s}", "kind", item_kind_name(item->kind));
    json_place(printer, object, item->raw);
    if (item->idstr.length) {
        json_object_set_new(object, "section_id", json_integer(item->section_id));
        json_object_set_new(object, "idstr", json_text(item->idstr));
    }
    if (item->kind == ITEM_SECTION_START || item->kind == ITEM_SECTION_FULL) {
        json_object_set_new(object, "instance_id", json_integer(item->instance_id));
        json_object_set_new(object, "version_id", json_integer(item->version_id));
    }
    if (item->idstr.length)
        json_object_set_new(object, "footer", json_boolean(item->footer));
    if (item->command)
        json_object_set_new(object, "command", json_string(command_name(item->command)));
    if (item->kind == ITEM_COMMAND)
        json_hex(object, "data", item->payload, printer->arguments->all);
    if (item->kind == ITEM_PACKAGE)
        json_object_set_new(object, "package_length", json_integer(item->package_length));
    if (item->record)
        json_object_set_new(object, "record", json_record(printer, item->record));
    if (item->entries)
        json_entries(printer, object, item->entries);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_json(const struct arguments *arguments, const char *file,
                       const struct loaded *loaded, const struct cost *cost)
{
    json_t *accounts = json_object();
    for (int account = 0; account < ACCOUNT_COUNT; account++)
        json_object_set_new(accounts, account_name((enum account)account),
                            json_integer((json_int_t)cost->accounted[account]));
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "kind", "stream", "file", file,
        "option", arguments->option->name, "version", (json_int_t)arguments->option->stream_version,
        "size", (json_int_t)loaded->input.bytes.length, "sections", (json_int_t)cost->sections,
        "records", (json_int_t)cost->records, "subsections", (json_int_t)cost->subsections, "pages",
        (json_int_t)cost->pages, "accounted", accounts);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

/* ---- Costs -------------------------------------------------------------------------------------
 */

static void print_stats(const struct arguments *arguments, const char *file,
                        const struct cost *cost)
{
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"bytes_read", cost_bytes_read(cost)},
        {"bytes_examined", cost->bytes_examined},
        {"longest_lookahead", cost->longest_lookahead},
        {"tokens", cost->tokens},
        {"reductions", cost->reductions},
        {"sections", cost->sections},
        {"footers", cost->footers},
        {"records", cost->records},
        {"subsections", cost->subsections},
        {"pages", cost->pages},
        {"bytes_allocated", cost->bytes_allocated},
        {"peak_memory", cost->peak_memory},
    };
    size_t count = sizeof(rows) / sizeof(rows[0]);
    if (arguments->json) {
        json_t *object = json_pack("{s:s, s:s}", "file", file, "option", arguments->option->name);
        for (size_t i = 0; i < count; i++)
            json_object_set_new(object, rows[i].name, json_integer((json_int_t)rows[i].value));
        json_dumpf(object, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(object);
        return;
    }
    printf("%s: accepted by %s\n", file, arguments->option->name);
    for (size_t i = 0; i < count; i++)
        printf("  %-18s %14" PRIu64 "\n", rows[i].name, rows[i].value);
    print_accounts(cost);
}

/* ---- The command -------------------------------------------------------------------------------
 */

static int parse(const struct arguments *arguments, const char *file, const struct loaded *loaded)
{
    struct cost cost;
    int code = validate(arguments, file, loaded, &cost);
    if (code)
        return code;
    if (arguments->stats) {
        print_stats(arguments, file, &cost);
        return EXIT_CLEAN;
    }
    (arguments->json ? print_json : print_text)(arguments, file, loaded, &cost);
    struct printer printer = {arguments, loaded->input.bytes.data};
    struct reading reading = {.option = arguments->option,
                              .input = loaded->input.bytes,
                              .schema = loaded->schema,
                              .sink = {&printer, arguments->json ? json_item : print_item, false}};
    struct error error;
    if (!stream_read(&reading, &cost, &error))
        return report(arguments, file, &error);
    return EXIT_CLEAN;
}

int run_parse(const struct arguments *arguments)
{
    int worst = EXIT_CLEAN;
    for (size_t i = 0; i < arguments->file_count; i++) {
        struct loaded loaded = {0};
        const char *file = arguments->files[i];
        int code =
            load(&loaded, file, arguments) ? parse(arguments, file, &loaded) : EXIT_BAD_INPUT;
        unload(&loaded);
        if (code > worst)
            worst = code;
    }
    return worst;
}
