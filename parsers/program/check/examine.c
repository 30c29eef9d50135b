/* SPDX-License-Identifier: MIT */
/*
 * Does the work of check and skew over one file: makes the questions, has the engine decide them, and
 * hands the findings to whoever prints or writes them.
 */
#include "program/check/examine.h"

#include <string.h>

#include "program/check/answers_json.h"
#include "program/check/answers_text.h"
#include "program/check/group_answers.h"
#include "program/check/witness_files.h"
#include "program/check/write_certificate.h"
#include "program/shared/report_error.h"

static struct part *add_part(struct examination *examination, struct part added)
{
    examination->parts =
        vmwire_arena_grow(examination->arena, examination->parts, examination->part_count,
                          &examination->part_room, sizeof(struct part));
    struct part *part = &examination->parts[examination->part_count++];
    *part = added;
    return part;
}

static struct part *add_question(struct examination *examination, const struct loaded_file *loaded,
                                 const struct vmwire_stream *stream, struct vmwire_bytes bytes)
{
    struct part part = {
        .gaps = loaded->stream.gaps,
        .gap_count = loaded->stream.gap_count,
        .question = {.option = examination->arguments->option,
                     .stream = stream,
                     .bytes = bytes,
                     .reader = {examination->reads,
                                examination->reader ? examination->reader : loaded->schema},
                     .skewed = examination->reader != NULL,
                     .ambiguity = examination->arguments->ambiguity}};
    return add_part(examination, part);
}

/* Adds a question about all states that the template stands for. */
static struct part *add_template(struct examination *examination, const struct loaded_file *loaded,
                                 const struct vmwire_template *template, bool possible)
{
    struct vmwire_stream *stream = vmwire_arena_alloc(examination->arena, sizeof(*stream));
    *stream = template->stream;
    struct part *part = add_question(examination, loaded, stream, template->bytes);
    part->possible = possible;
    memcpy(part->omitted, template->omitted, sizeof(part->omitted));
    /* Without --all-states the lists of the stream are as they are. */
    if (!examination->arguments->all_states && !possible)
        part->omitted[VMWIRE_OMITTED_ELEMENTS].count = 0;
    return part;
}

/* Moves the gaps to where the template has their items. The items with pages are the same in both. */
static void move_gaps(struct gap *gaps, size_t gap_count, const struct vmwire_stream *from,
                      struct vmwire_bytes from_bytes, const struct vmwire_question *to)
{
    for (size_t i = 0, item = 0; i < gap_count; i++) {
        const uint8_t *at = from_bytes.data + gaps[i].at;
        while (at >= from->items[item]->raw.data + from->items[item]->raw.length)
            item++;
        uint64_t moved = (uint64_t)(to->stream->items[item]->raw.data - to->bytes.data +
                                    (at - from->items[item]->raw.data));
        uint64_t added = moved - gaps[i].at;
        gaps[i].at = moved;
        gaps[i].length -= added < gaps[i].padding ? added : gaps[i].padding;
    }
}

/* Whether nothing that a state sends can mislead a reader of the same schema and option: neither what is followed nor what
 * is not. Two subsections of one name are told apart by no option. */
static bool is_exact(const struct vmwire_option *option, const struct vmwire_schema *schema)
{
    bool declares = false, repeats = false, existing = false;
    for (const struct vmwire_structure *each = schema->structures; each; each = each->next)
        for (size_t i = 0; i < each->subsection_count; i++) {
            const struct vmwire_subsection *subsection = &each->subsections[i];
            declares = true;
            existing |= subsection->existing;
            repeats |= vmwire_structure_subsection(each, subsection->name) != subsection;
        }
    /* These look for a subsection also where none is declared. */
    bool looks_anyway =
        option->look == VMWIRE_LOOK_ALWAYS || option->look == VMWIRE_LOOK_IF_PLAUSIBLE;
    if (!declares && !looks_anyway)
        return true;
    /* A description does not tell what the elements of lists send; toplevel sends the existing ones as ever. */
    return option->exact && !repeats && !existing && option->look != VMWIRE_LOOK_DESCRIBED;
}

/* What is sent behind a section, and the elements of lists, can mislead only a reader that looks for subsections somewhere,
 * or one of another schema or option, which can refuse them. */
static void forget_harmless_omissions(struct part *part, bool harmless)
{
    if (harmless)
        part->omitted[VMWIRE_OMITTED_SEPARATE].count =
            part->omitted[VMWIRE_OMITTED_ELEMENTS].count = 0;
}

static bool add_stream(struct examination *examination, const struct loaded_file *loaded,
                       struct vmwire_error *error)
{
    const struct arguments *arguments = examination->arguments;
    struct vmwire_cost cost;
    struct vmwire_template template;
    const struct vmwire_stream *stream = vmwire_stream_read_whole(
        arguments->option, loaded->stream.bytes, loaded->schema, examination->arena, &cost, error);
    if (!stream)
        return false;
    if (!arguments->all_states && !arguments->ambiguity) {
        add_question(examination, loaded, stream, loaded->stream.bytes);
        return true;
    }
    if (!vmwire_template_of_stream(&template, arguments->option, stream, examination->arena, error))
        return false;
    const struct part *part = add_template(examination, loaded, &template, false);
    move_gaps(part->gaps, part->gap_count, stream, loaded->stream.bytes, &part->question);
    return true;
}

static bool add_device(struct examination *examination, const struct loaded_file *loaded,
                       const struct vmwire_device *device, struct vmwire_error *error)
{
    struct vmwire_template template;
    if (vmwire_template_of_device(&template, examination->arguments->option, device,
                                  examination->arena, error))
        add_template(examination, loaded, &template, true);
    else if (error->kind == VMWIRE_ERROR_LIMIT)
        add_part(examination, (struct part){.possible = true, .too_large = device});
    else
        return false;
    return true;
}

static bool add_devices(struct examination *examination, const struct loaded_file *loaded,
                        const struct vmwire_device *devices, size_t count,
                        struct vmwire_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!add_device(examination, loaded, &devices[i], error))
            return false;
    return true;
}

static bool certify_stream(const struct examination *examination, struct vmwire_error *error)
{
    const struct part *part = examination->parts;
    if (examination->part_count != 1 || part->possible)
        return vmwire_error_set(error, VMWIRE_ERROR_SCHEMA, VMWIRE_ERROR_NO_OFFSET,
                                "a certificate is of a stream, found a schema");
    return write_certificate(examination->arguments->certificate, examination->arguments->option,
                             part->question.bytes, &part->decision, examination->arena, error);
}

static unsigned report_bad_input(const struct examination *examination, struct vmwire_error *error)
{
    report_error(examination->arguments, examination->file, error);
    return ANSWER_BAD_INPUT;
}

static unsigned report_no_memory(const struct examination *examination)
{
    report_out_of_memory(examination->arguments, examination->file);
    return ANSWER_BAD_INPUT;
}

static unsigned decide_and_print(struct examination *examination)
{
    const struct arguments *arguments = examination->arguments;
    struct vmwire_error error;
    const bool harmless = !examination->reader && is_exact(arguments->option, examination->schema);
    for (size_t i = 0; i < examination->part_count; i++) {
        struct part *part = &examination->parts[i];
        if (part->too_large)
            continue;
        if (!vmwire_decide(&part->question, examination->arena, &part->decision, &error))
            return report_bad_input(examination, &error);
        forget_harmless_omissions(part, harmless);
    }
    group_answers(examination);
    if ((arguments->certificate && !certify_stream(examination, &error)) ||
        (arguments->emit && !write_witness_files(examination, &error)))
        return report_bad_input(examination, &error);
    struct conclusion conclusion = conclude(examination);
    if (!arguments->json)
        print_answers_text(examination, &conclusion);
    else if (!print_answers_json(examination, &conclusion))
        return report_no_memory(examination);
    return conclusion.answers;
}

/* The two options have different stream versions: the reader rejects every state at its head, so there is nothing
 * to decide, and no two states have the same bytes. */
static unsigned report_rejected_version(const struct examination *examination,
                                        const struct loaded_file *loaded)
{
    const struct arguments *arguments = examination->arguments;
    struct vmwire_error error;
    struct conclusion conclusion = {.sentence = "every state is rejected",
                                    .answers = ANSWER_FINDING};
    if (arguments->ambiguity)
        conclusion = (struct conclusion){.sentence = "clean"};
    else if (arguments->emit && !loaded->schema_only &&
             !write_witness_file(examination, 0, VMWIRE_OUTCOME_REJECT, loaded->stream.bytes,
                                 &error))
        return report_bad_input(examination, &error);
    if (!arguments->json)
        print_rejected_version_text(examination, &conclusion);
    else if (!print_rejected_version_json(examination, &conclusion))
        return report_no_memory(examination);
    return conclusion.answers;
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

/* A reader that goes by the description refuses every state of a stream that has none. */
static bool has_needed_description(const struct examination *examination,
                                   const struct loaded_file *loaded, struct vmwire_error *error)
{
    if (examination->reads->look != VMWIRE_LOOK_DESCRIBED || loaded->schema_only ||
        vmwire_description_find(loaded->stream.bytes).length)
        return true;
    return vmwire_error_set(error, VMWIRE_ERROR_NOT_DESCRIBED, loaded->input.bytes.length,
                            "no description at the end of the stream: under %s the reader refuses "
                            "every state",
                            examination->reads->name);
}

static unsigned examine_file(struct examination *examination, struct loaded_file *loaded)
{
    struct vmwire_error error;
    struct vmwire_cost cost;
    if (!loaded->schema_only &&
        validate_stream(examination->arguments, examination->file, loaded, &cost))
        return ANSWER_BAD_INPUT;
    if (examination->reads->stream_version != examination->arguments->option->stream_version)
        return report_rejected_version(examination, loaded);
    if (!has_needed_description(examination, loaded, &error))
        return report_bad_input(examination, &error);
    if (!add_questions(examination, loaded, &error))
        return report_bad_input(examination, &error);
    return decide_and_print(examination);
}

/* A file while it is examined, for an attempt. */
struct examining {
    struct examination *examination;
    struct loaded_file *loaded;
    unsigned answers;
};

static bool examine_within_attempt(void *context)
{
    struct examining *examining = context;
    examining->answers = examine_file(examining->examination, examining->loaded);
    return true;
}

unsigned examine(struct examination *examination, struct loaded_file *loaded)
{
    struct vmwire_error error;
    examination->schema = loaded->schema;
    struct examining examining = {.examination = examination, .loaded = loaded};
    if (!vmwire_arena_attempt(examination->arena, examine_within_attempt, &examining, &error))
        return report_bad_input(examination, &error);
    return examining.answers;
}
