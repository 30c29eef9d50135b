/* SPDX-License-Identifier: MIT */
/*
 * Writes the certificate of a decision: a line about the stream, then a line for each tail in the order
 * of the stream.
 */
#include "program/check/write_certificate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "program/shared/json_line.h"
#include "program/shared/output_file.h"
#include "program/shared/report_error.h"

enum { CERTIFICATE_VERSION = 1 };

static bool write_head(FILE *output, const struct vmwire_option *option, struct vmwire_bytes bytes,
                       size_t tail_count)
{
    json_t *line = json_object();
    char hash[17];
    snprintf(hash, sizeof(hash), "%016" PRIx64, vmwire_fingerprint(bytes));
    put_json_unsigned(&line, "certificate", CERTIFICATE_VERSION);
    put_json_string(&line, "option", option->name);
    put_json_unsigned(&line, "size", bytes.length);
    put_json_string(&line, "fnv1a", hash);
    put_json_unsigned(&line, "tails", tail_count);
    return print_json_line(output, line);
}

static json_t *make_finding(const struct vmwire_finding *finding)
{
    json_t *made = json_object(), *bytes = json_array();
    put_json_string(&made, "outcome", vmwire_outcome_name(finding->outcome));
    for (size_t i = 0; i < finding->required_count; i++) {
        json_t *required = json_object();
        put_json_unsigned(&required, "offset", finding->required[i].offset);
        put_json_unsigned(&required, "value", finding->required[i].value);
        append_json(&bytes, required);
    }
    put_json(&made, "bytes", bytes);
    return made;
}

static json_t *make_findings(const struct vmwire_tail_verdict *tail)
{
    json_t *list = json_array();
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++)
        if (tail->findings[outcome])
            append_json(&list, make_finding(tail->findings[outcome]));
    return list;
}

static void put_verdict(json_t **object, const struct vmwire_tail_verdict *tail)
{
    switch (tail->verdict) {
    case VMWIRE_VERDICT_CLEAN:
        put_json_string(object, "clean", vmwire_clean_reason_name(tail->clean));
        if (tail->clean == VMWIRE_CLEAN_BLOCKED)
            put_json_unsigned(object, "at", tail->clean_at);
        break;
    case VMWIRE_VERDICT_UNDECIDED:
        put_json_string(object, "undecided", tail->reason);
        break;
    case VMWIRE_VERDICT_FINDINGS:
        put_json(object, "findings", make_findings(tail));
        break;
    }
}

static bool write_tail(FILE *output, const struct vmwire_tail_verdict *tail)
{
    json_t *line = json_object();
    put_json_unsigned(&line, "section", tail->item->section_id);
    put_json_name(&line, "idstr", tail->item->idstr);
    put_json_unsigned(&line, "instance", tail->item->instance_id);
    put_json_string(&line, "path", tail->path);
    put_json_string(&line, "owner", tail->owner->name);
    put_json_unsigned(&line, "offset", tail->offset);
    put_verdict(&line, tail);
    return print_json_line(output, line);
}

/* Orders by offset. Keeps the engine's order for tails at the same offset: both point into its
 * array. */
static int compare_tails(const void *a, const void *b)
{
    const struct vmwire_tail_verdict *x = *(const struct vmwire_tail_verdict *const *)a;
    const struct vmwire_tail_verdict *y = *(const struct vmwire_tail_verdict *const *)b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return x < y ? -1 : x > y;
}

static const struct vmwire_tail_verdict **sort_tails(const struct vmwire_decision *decision,
                                                     struct vmwire_arena *arena)
{
    const struct vmwire_tail_verdict **tails =
        vmwire_arena_alloc(arena, decision->tail_count * sizeof(*tails));
    for (size_t i = 0; i < decision->tail_count; i++)
        tails[i] = &decision->tails[i];
    qsort(tails, decision->tail_count, sizeof(*tails), compare_tails);
    return tails;
}

bool write_certificate(const char *file, const struct vmwire_option *option,
                       struct vmwire_bytes bytes, const struct vmwire_decision *decision,
                       struct vmwire_arena *arena, struct vmwire_error *error)
{
    const struct vmwire_tail_verdict **tails = sort_tails(decision, arena);
    char *text = NULL;
    size_t length = 0;
    FILE *output = open_memstream(&text, &length);
    bool written = output && write_head(output, option, bytes, decision->tail_count);
    for (size_t i = 0; written && i < decision->tail_count; i++)
        written = write_tail(output, tails[i]);
    written = written && !ferror(output);
    if (output && fclose(output) != 0)
        written = false;
    if (written && text) /* NULL: fclose() had no memory to shrink it */
        written =
            write_output_file(file, (struct vmwire_bytes){(const uint8_t *)text, length}, error);
    else
        written = vmwire_error_set_memory(error, 0);
    free(text);
    return written;
}
