/* SPDX-License-Identifier: MIT */
/*
 * Writes the certificate of a decision: a line about the stream, then a line for each tail in the order
 * of the stream.
 */
#include "program/check/write_certificate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "program/shared/json_writer.h"
#include "program/shared/output_file.h"

enum { CERTIFICATE_VERSION = 1 };

static void write_head(FILE *output, const struct vmwire_option *option, struct vmwire_bytes bytes,
                       size_t tail_count)
{
    struct json_writer json = {.output = output};
    char hash[17];
    snprintf(hash, sizeof(hash), "%016" PRIx64, vmwire_fingerprint(bytes));
    open_json_object(&json, NULL);
    write_json_unsigned(&json, "certificate", CERTIFICATE_VERSION);
    write_json_string(&json, "option", option->name);
    write_json_unsigned(&json, "size", bytes.length);
    write_json_string(&json, "fnv1a", hash);
    write_json_unsigned(&json, "tails", tail_count);
    end_json_line(&json);
}

static void write_finding(struct json_writer *json, const struct vmwire_finding *finding)
{
    open_json_object(json, NULL);
    write_json_string(json, "outcome", vmwire_outcome_name(finding->outcome));
    open_json_array(json, "bytes");
    for (size_t i = 0; i < finding->required_count; i++) {
        open_json_object(json, NULL);
        write_json_unsigned(json, "offset", finding->required[i].offset);
        write_json_unsigned(json, "value", finding->required[i].value);
        close_json_object(json);
    }
    close_json_array(json);
    close_json_object(json);
}

static void write_verdict(struct json_writer *json, const struct vmwire_tail_verdict *tail)
{
    switch (tail->verdict) {
    case VMWIRE_VERDICT_CLEAN:
        write_json_string(json, "clean", vmwire_clean_reason_name(tail->clean));
        if (tail->clean == VMWIRE_CLEAN_BLOCKED)
            write_json_unsigned(json, "at", tail->clean_at);
        break;
    case VMWIRE_VERDICT_UNDECIDED:
        write_json_string(json, "undecided", tail->reason);
        break;
    case VMWIRE_VERDICT_FINDINGS:
        open_json_array(json, "findings");
        for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++)
            if (tail->findings[outcome])
                write_finding(json, tail->findings[outcome]);
        close_json_array(json);
        break;
    }
}

static void write_tail(FILE *output, const struct vmwire_tail_verdict *tail)
{
    struct json_writer json = {.output = output};
    open_json_object(&json, NULL);
    write_json_unsigned(&json, "section", tail->item->section_id);
    write_json_name(&json, "idstr", tail->item->idstr);
    write_json_unsigned(&json, "instance", tail->item->instance_id);
    write_json_string(&json, "path", tail->path);
    write_json_string(&json, "owner", tail->owner->name);
    write_json_unsigned(&json, "offset", tail->offset);
    write_verdict(&json, tail);
    end_json_line(&json);
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

static void write_tails(FILE *output, const struct vmwire_decision *decision)
{
    struct vmwire_arena *arena = vmwire_arena_create();
    const struct vmwire_tail_verdict **tails =
        vmwire_arena_alloc(arena, decision->tail_count * sizeof(*tails));
    for (size_t i = 0; i < decision->tail_count; i++)
        tails[i] = &decision->tails[i];
    qsort(tails, decision->tail_count, sizeof(*tails), compare_tails);
    for (size_t i = 0; i < decision->tail_count; i++)
        write_tail(output, tails[i]);
    vmwire_arena_destroy(arena);
}

bool write_certificate(const char *file, const struct vmwire_option *option,
                       struct vmwire_bytes bytes, const struct vmwire_decision *decision,
                       struct vmwire_error *error)
{
    char *text = NULL;
    size_t length = 0;
    FILE *output = open_memstream(&text, &length);
    if (output) {
        write_head(output, option, bytes, decision->tail_count);
        write_tails(output, decision);
    }
    bool written = output && !ferror(output);
    if (output && fclose(output) != 0)
        written = false;
    if (written)
        written =
            write_output_file(file, (struct vmwire_bytes){(const uint8_t *)text, length}, error);
    else
        set_write_error(error, file);
    free(text);
    return written;
}
