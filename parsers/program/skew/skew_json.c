/* SPDX-License-Identifier: MIT */
/*
 * Prints what differs for machines.
 */
#include "program/skew/skew_json.h"

#include <inttypes.h>
#include <stdio.h>

#include "program/shared/difference_json.h"
#include "program/shared/not_compared.h"
#include "program/skew/quoted_text.h"

/* ---- JSON ---- */

static bool print_difference(const struct crossing *crossing,
                             const struct vmwire_difference *difference)
{
    json_t *line = json_object();
    put_difference(&line, crossing->direction, difference,
                   offset_in_stream_file(crossing, difference->offset));
    return print_json_line(stdout, line);
}

static void put_not_compared(json_t **line, const struct crossing *crossing)
{
    const char *sentences[NOT_COMPARED_MOST];
    const struct vmwire_side *writer = &crossing->writer->side;
    const size_t count = list_not_compared(writer, &crossing->reader->side, sentences);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        append_json(&list, json_string(sentences[i]));
    put_json(line, "not_compared", list);
}

static bool print_summary(const struct crossing *crossing)
{
    json_t *line = json_object();
    put_json_boolean(&line, "summary", true);
    put_json_string(&line, "direction", crossing->direction);
    put_json_string(&line, "file", crossing->writer->words);
    put_json_string(&line, "reader", crossing->reader->words);
    for (int i = 0; i < CERTAINTIES; i++)
        put_json_unsigned(&line, vmwire_certainty_name((enum vmwire_certainty)i),
                          crossing->counts[i]);
    put_json_unsigned(&line, "accepted", crossing->accepted);
    put_json_string(&line, "sentence", crossing->sentence);
    put_not_compared(&line, crossing);
    return print_json_line(stdout, line);
}

bool print_skew_json(const struct crossing *crossings, size_t count)
{
    bool printed = true;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < crossings[i].count && printed; j++)
            printed = print_difference(&crossings[i], crossings[i].list[j]);
    for (size_t i = 0; i < count && printed; i++)
        printed = print_summary(&crossings[i]);
    return printed;
}

/* ---- CSV ---- */

/* A value stands in quotes: it may have a comma. */
static void print_value(const char *text)
{
    printf(",\"");
    print_quoted(stdout, text, QUOTING_CSV);
    putchar('"');
}

static void print_csv_row(const struct crossing *crossing,
                          const struct vmwire_difference *difference)
{
    uint64_t offset = offset_in_stream_file(crossing, difference->offset);
    printf("\"%s\"", crossing->direction);
    print_value(vmwire_certainty_name(difference->certainty));
    print_value(vmwire_outcome_name(difference->outcome));
    print_value(difference->rule->id);
    print_value(difference->section);
    printf(",%" PRIu32, difference->instance_id);
    print_value(difference->structure);
    print_value(difference->path);
    print_value(difference->writer);
    print_value(difference->reader);
    print_value(difference->when);
    print_value(difference->message);
    print_value(difference->advice);
    putchar(',');
    if (offset != VMWIRE_ERROR_NO_OFFSET)
        printf("%" PRIu64, offset);
    printf(",%" PRId64 "\r\n", difference->bytes);
}

void print_skew_csv(const struct crossing *crossings, size_t count)
{
    printf("direction,certainty,outcome,rule,section,instance,structure,path,writer,reader,when,"
           "message,advice,offset,bytes\r\n");
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < crossings[i].count; j++)
            print_csv_row(&crossings[i], crossings[i].list[j]);
}
