/* SPDX-License-Identifier: MIT */
/*
 * Reads single sections by what the reader's program declares.
 */
#include "program/explain/doubts.h"

#include <string.h>

#include "program/explain/places.h"
#include "program/shared/report_error.h"

/* A look at a section of a difference. */
struct trial {
    struct explanation *explanation;
    const struct vmwire_option *option; /* of today's reader */
    struct loaded_file loaded;          /* schema NULL: not loaded yet */
    const struct vmwire_difference *difference;
    bool read;
    struct vmwire_error error; /* VMWIRE_ERROR_MEMORY */
};

static bool is_asked(void *context, const char *idstr, uint32_t instance_id)
{
    const struct vmwire_difference *difference = ((struct trial *)context)->difference;
    return instance_id == difference->instance_id && strcmp(idstr, difference->section) == 0;
}

static void note_item(void *context, const struct vmwire_item *item)
{
    struct trial *trial = context;
    const char *name = trial->difference->section;
    trial->read |= begins_section(item) && item->instance_id == trial->difference->instance_id &&
                   item->idstr.length == strlen(name) &&
                   memcmp(item->idstr.data, name, item->idstr.length) == 0;
}

static void ignore_entry(void *context, const struct vmwire_item *section,
                         const struct vmwire_entry *entry)
{
    (void)context, (void)section, (void)entry;
}

/* Whether the reader's program reads the section as it was sent, under this option. */
static bool reads_section_under(struct trial *trial, const struct vmwire_option *option)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    const struct vmwire_reading reading = {
        .option = option,
        .input = trial->loaded.input.bytes,
        .schema = trial->loaded.schema,
        .declared_sections = {trial, is_asked, NULL, NULL},
        .sink = {trial, note_item, false},
        .entry_sink = {NULL, ignore_entry},
    };
    trial->read = false;
    if (!vmwire_stream_read(&reading, &cost, &error) && error.kind == VMWIRE_ERROR_MEMORY)
        trial->error = error;
    return trial->read;
}

static bool reads_section(struct trial *trial)
{
    const struct vmwire_option *option;
    bool reads = false;
    for (size_t i = 0; !reads && (option = option_as_sent(i)); i++)
        reads = reads_section_under(trial, option);
    return reads;
}

/* Of lengths; versions and names do not depend on the state. */
static bool is_of_lengths(const struct vmwire_difference *difference)
{
    static const char *const rules[] = {"fields", "array-length", "fields-moved"};
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (difference->section && difference->certainty == VMWIRE_CERTAIN &&
            strcmp(difference->rule->id, rules[i]) == 0)
            return true;
    return false;
}

/* Looks at one difference. Returns false with the error reported. */
static bool doubt(struct trial *trial, struct vmwire_difference *difference, bool *is_none)
{
    struct explanation *explanation = trial->explanation;
    const struct vmwire_side *reader = &explanation->reader->side;
    *is_none = false;
    if (!is_of_lengths(difference))
        return true;
    const bool only_dump = reader->dumped && !reader->stream && !reader->described;
    if (!reader->declared && only_dump) {
        difference->certainty = VMWIRE_NOT_DECIDED;
        difference->when =
            "a dump has sizes in memory, not those on the wire: give the reader's program";
    }
    /* The reader's own stream tells its conditions: then the comparison is right. */
    if (!reader->declared || reader->stream || !is_todays_wire(explanation->writer->option))
        return true;
    if (!trial->loaded.schema &&
        !load_by_reader(&trial->loaded, &explanation->sent, trial->option, explanation->arguments))
        return false;
    trial->difference = difference;
    *is_none = reads_section(trial);
    return trial->error.kind == VMWIRE_ERROR_NONE;
}

bool doubt_differences(struct explanation *explanation)
{
    struct vmwire_differences *differences = &explanation->differences;
    struct trial trial = {.explanation = explanation, .option = vmwire_option_find("heuristic")};
    size_t kept = 0;
    for (size_t i = 0; i < differences->count; i++) {
        bool is_none;
        if (!doubt(&trial, &differences->list[i], &is_none)) {
            if (trial.error.kind != VMWIRE_ERROR_NONE)
                report_error(explanation->arguments, explanation->writer->stream_name,
                             &trial.error);
            return false;
        }
        if (!is_none)
            differences->list[kept++] = differences->list[i];
    }
    differences->count = kept;
    return true;
}
