/* SPDX-License-Identifier: MIT */
/*
 * Does the work of check and skew over one file: makes the questions, has the engine decide them, and
 * hands the findings to whoever prints or writes them.
 */
#include "program/check/examine.h"

#include "program/check/findings_json.h"
#include "program/check/findings_text.h"
#include "program/check/group_findings.h"
#include "program/check/witness_files.h"
#include "program/check/write_certificate.h"
#include "program/shared/exit_status.h"
#include "program/shared/report_error.h"

static struct part *add_part(struct examination *examination, const struct loaded_file *loaded,
                             const struct vmwire_stream *stream, struct vmwire_bytes bytes)
{
    examination->parts =
        vmwire_arena_grow(examination->arena, examination->parts, examination->part_count,
                          &examination->part_room, sizeof(struct part));
    struct part *part = &examination->parts[examination->part_count++];
    *part = (struct part){
        .question = {.option = examination->arguments->option,
                     .stream = stream,
                     .bytes = bytes,
                     .reader = {examination->reads,
                                examination->reader ? examination->reader : loaded->schema},
                     .skewed = examination->reader != NULL,
                     .ambiguity = examination->arguments->ambiguity}};
    return part;
}

/* Adds a question about all states that the template stands for. */
static void add_template(struct examination *examination, const struct loaded_file *loaded,
                         const struct vmwire_template *template, bool possible)
{
    struct vmwire_stream *stream = vmwire_arena_alloc(examination->arena, sizeof(*stream));
    *stream = template->stream;
    struct part *part = add_part(examination, loaded, stream, template->bytes);
    part->incomplete = template->incomplete;
    part->possible = possible;
}

static bool add_stream(struct examination *examination, const struct loaded_file *loaded,
                       struct vmwire_error *error)
{
    const struct arguments *arguments = examination->arguments;
    struct vmwire_cost cost;
    struct vmwire_template template;
    const struct vmwire_stream *stream = vmwire_stream_read_whole(
        arguments->option, loaded->input.bytes, loaded->schema, examination->arena, &cost, error);
    if (!stream)
        return false;
    if (!arguments->all_states && !arguments->ambiguity) {
        add_part(examination, loaded, stream, loaded->input.bytes);
        return true;
    }
    if (!vmwire_template_of_stream(&template, arguments->option, stream, examination->arena, error))
        return false;
    add_template(examination, loaded, &template, false);
    return true;
}

static bool add_devices(struct examination *examination, const struct loaded_file *loaded,
                        const struct vmwire_device *devices, size_t count,
                        struct vmwire_error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct vmwire_template template;
        if (!vmwire_template_of_device(&template, examination->arguments->option, &devices[i],
                                       examination->arena, error))
            return false;
        add_template(examination, loaded, &template, true);
    }
    return true;
}

static bool certify_stream(const struct examination *examination, struct vmwire_error *error)
{
    const struct part *part = examination->parts;
    if (examination->part_count != 1 || part->possible)
        return vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, VMWIRE_ERROR_NO_OFFSET,
                                "a certificate is of a stream, found a schema");
    return write_certificate(examination->arguments->certificate, examination->arguments->option,
                             part->question.bytes, &part->decision, error);
}

static int decide_and_print(struct examination *examination)
{
    const struct arguments *arguments = examination->arguments;
    struct vmwire_error error;
    for (size_t i = 0; i < examination->part_count; i++)
        examination->parts[i].decision =
            vmwire_decide(&examination->parts[i].question, examination->arena);
    group_findings(examination);
    if ((arguments->emit && !write_witness_files(examination, &error)) ||
        (arguments->certificate && !certify_stream(examination, &error)))
        return report_error(arguments, examination->file, &error);
    if (arguments->json)
        print_findings_json(examination);
    else
        print_findings_text(examination);
    return examination->group_count ? EXIT_FINDINGS : EXIT_CLEAN;
}

static bool add_questions(struct examination *examination, struct loaded_file *loaded,
                          struct vmwire_error *error)
{
    const struct vmwire_schema *schema = loaded->schema;
    if (!loaded->schema_only)
        return add_stream(examination, loaded, error);
    return add_devices(examination, loaded, schema->devices, schema->device_count, error) &&
           add_devices(examination, loaded, schema->types, schema->type_count, error);
}

int examine(struct examination *examination, struct loaded_file *loaded)
{
    struct vmwire_error error;
    struct vmwire_cost cost;
    int code = loaded->schema_only
                   ? EXIT_CLEAN
                   : validate_stream(examination->arguments, examination->file, loaded, &cost);
    if (code)
        return code;
    if (!add_questions(examination, loaded, &error))
        return report_error(examination->arguments, examination->file, &error);
    return decide_and_print(examination);
}
