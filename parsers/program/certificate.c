/*
 * The certificate of a decision: a line that says what it is of, and a line for each tail, in the order
 * of the stream. proofs/README.md describes it; proofs/verify.c checks it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_writer.h"
#include "program.h"

enum { CERTIFICATE_VERSION = 1 };

static void write_head(FILE *output, const struct protocol_option *option, struct bytes bytes,
                       size_t tail_count)
{
    struct json_writer json = {.output = output};
    char hash[17];
    snprintf(hash, sizeof(hash), "%016" PRIx64, fingerprint(bytes));
    json_writer_open_object(&json, NULL);
    json_writer_unsigned(&json, "certificate", CERTIFICATE_VERSION);
    json_writer_string(&json, "option", option->name);
    json_writer_unsigned(&json, "size", bytes.length);
    json_writer_string(&json, "fnv1a", hash);
    json_writer_unsigned(&json, "tails", tail_count);
    json_writer_end_line(&json);
}

static void write_finding(struct json_writer *json, const struct finding *finding)
{
    json_writer_open_object(json, NULL);
    json_writer_string(json, "outcome", outcome_name(finding->outcome));
    json_writer_open_array(json, "bytes");
    for (size_t i = 0; i < finding->demand_count; i++) {
        json_writer_open_object(json, NULL);
        json_writer_unsigned(json, "offset", finding->demands[i].offset);
        json_writer_unsigned(json, "value", finding->demands[i].value);
        json_writer_close_object(json);
    }
    json_writer_close_array(json);
    json_writer_close_object(json);
}

static void write_verdict(struct json_writer *json, const struct tail_verdict *tail)
{
    switch (tail->verdict) {
    case VERDICT_CLEAN:
        json_writer_string(json, "clean", clean_reason_name(tail->clean));
        if (tail->clean == CLEAN_BLOCKED)
            json_writer_unsigned(json, "at", tail->clean_at);
        break;
    case VERDICT_UNDECIDED:
        json_writer_string(json, "undecided", tail->reason);
        break;
    case VERDICT_FINDINGS:
        json_writer_open_array(json, "findings");
        for (int outcome = OUTCOME_REJECT; outcome <= OUTCOME_CORRUPT; outcome++)
            if (tail->findings[outcome])
                write_finding(json, tail->findings[outcome]);
        json_writer_close_array(json);
        break;
    }
}

static void write_tail(FILE *output, const struct tail_verdict *tail)
{
    struct json_writer json = {.output = output};
    json_writer_open_object(&json, NULL);
    json_writer_unsigned(&json, "section", tail->item->section_id);
    json_writer_name(&json, "idstr", tail->item->idstr);
    json_writer_unsigned(&json, "instance", tail->item->instance_id);
    json_writer_string(&json, "path", tail->path);
    json_writer_string(&json, "owner", tail->owner->name);
    json_writer_unsigned(&json, "offset", tail->offset);
    write_verdict(&json, tail);
    json_writer_end_line(&json);
}

/* By offset; those at the same one stay in the order in which they were decided. */
static int in_order(const void *a, const void *b)
{
    const struct tail_verdict *x = *(const struct tail_verdict *const *)a;
    const struct tail_verdict *y = *(const struct tail_verdict *const *)b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return x < y ? -1 : x > y;
}

static void write_tails(FILE *output, const struct decision *decision)
{
    struct arena *arena = arena_create();
    const struct tail_verdict **tails = arena_alloc(arena, decision->tail_count * sizeof(*tails));
    for (size_t i = 0; i < decision->tail_count; i++)
        tails[i] = &decision->tails[i];
    qsort(tails, decision->tail_count, sizeof(*tails), in_order);
    for (size_t i = 0; i < decision->tail_count; i++)
        write_tail(output, tails[i]);
    arena_destroy(arena);
}

bool write_certificate(const struct arguments *arguments, struct bytes bytes,
                       const struct decision *decision, struct error *error)
{
    FILE *output = fopen(arguments->certificate, "w");
    if (output) {
        write_head(output, arguments->option, bytes, decision->tail_count);
        write_tails(output, decision);
    }
    bool written = output && !ferror(output);
    if (output && fclose(output) != 0)
        written = false;
    return written || error_set(error, ERROR_FILE, ERROR_NO_OFFSET, "cannot write \"%s\": %s",
                                arguments->certificate, strerror(errno));
}
