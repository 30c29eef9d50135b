/* SPDX-License-Identifier: MIT */
/*
 * A small plan as vmwire takes it: as the declarations of a program, as a dump, and as the description and the bytes of one
 * state. Knows nothing of what is found.
 */
#ifndef VMWIRE_TESTS_SKEW_FORMS_H
#define VMWIRE_TESTS_SKEW_FORMS_H

#include "skew_state.h"

static inline const char *type_of(const struct member *member)
{
    static const char *const types[] = {
        [1] = "uint8", [2] = "uint16", [4] = "uint32", [8] = "uint64"};
    if (member->filler)
        return "unused_buffer";
    return member->size < 9 && types[member->size] ? types[member->size] : "buffer";
}

static inline bool is_buffer(const struct member *member)
{
    return member->holds == HOLDS_BYTES && strstr(type_of(member), "buffer");
}

/* ---- Declarations ---------------------------------------------------------------------------------- */

static inline unsigned place_in_memory(unsigned name)
{
    return 64 * name;
}

/* The bytes of the number that counts its elements, in memory as on the wire. */
static inline unsigned bytes_of_number(const struct part *part, const struct member *member)
{
    for (unsigned i = 0; i < part->member_count; i++)
        if (part->members[i].counts && (int)part->members[i].name == member->counted_by)
            return part->members[i].size;
    return 4;
}

static inline void declare_member(FILE *text, const struct part *part, const struct member *member,
                                  const unsigned *numbers)
{
    fprintf(text, "{'name':'f%u','offset':%u,'size':%u", member->name,
            place_in_memory(member->name), member->holds == HOLDS_BYTES ? member->size : 16);
    if (member->holds == HOLDS_BYTES)
        fprintf(text, ",'type':'%s'", type_of(member));
    else
        fprintf(text, ",'structure':%u", numbers[member->part]);
    if (member->holds == HOLDS_LIST)
        fputs(",'type':'qtailq','start':8", text);
    else
        fprintf(text, ",'flags':['%s'%s%s]",
                member->counted_by != NONE ? "varray"
                : member->count != 1       ? "array"
                                           : "single",
                member->holds == HOLDS_STRUCTURE ? ",'struct'" : "",
                is_buffer(member) ? ",'buffer'" : "");
    if (member->counted_by != NONE)
        fprintf(text, ",'num_offset':%u,'num_bytes':%u",
                place_in_memory((unsigned)member->counted_by), bytes_of_number(part, member));
    else if (member->count != 1)
        fprintf(text, ",'num':%u", member->count);
    if (member->since)
        fprintf(text, ",'version_id':%u", member->since);
    if (member->condition)
        fprintf(text, ",'condition':%u", member->condition);
    fputc('}', text);
}

static inline void declare_part(FILE *text, const struct part *part, const unsigned *numbers)
{
    fprintf(text, "{'name':'%s','version_id':%u,'minimum_version_id':%u%s,'fields':[", part->name,
            part->version, part->minimum, part->conditional ? ",'conditional':true" : "");
    for (unsigned i = 0; i < part->member_count; i++) {
        fputs(i ? "," : "", text);
        declare_member(text, part, &part->members[i], numbers);
    }
    fputs("],'subsections':[", text);
    for (unsigned i = 0; i < part->subsection_count; i++)
        fprintf(text, "%s%u", i ? "," : "", numbers[part->subsections[i]]);
    fputs("]}", text);
}

/* The caller frees it, as the other texts. */
static inline char *declarations_of_plan(const struct plan *plan)
{
    char *declarations = NULL;
    size_t size = 0;
    unsigned numbers[MOST_PARTS], count = 0;
    bool marks[MOST_PARTS] = {false};
    FILE *text = must(open_memstream(&declarations, &size));
    for (unsigned i = 0; i < plan->section_count; i++)
        mark_parts(plan, plan->sections[i].part, marks);
    for (unsigned i = 0; i < plan->part_count; i++)
        numbers[i] = marks[i] ? count++ : 0;
    fputs("{'declarations':1,'structures':[", text);
    for (unsigned i = 0; i < plan->part_count; i++)
        if (marks[i]) {
            fputs(numbers[i] ? "," : "", text);
            declare_part(text, &plan->parts[i], numbers);
        }
    fputs("]}", text);
    fclose(text);
    return declarations;
}

/* ---- Descriptions ---------------------------------------------------------------------------------- */

/* The bytes of a state's structure. */
struct describing {
    const struct plan *plan;
    const struct state *state;
    FILE *text;
};

static inline void describe_part(const struct describing *describing, int part);

static inline unsigned size_of_part(const struct plan *plan, int part, const struct state *state)
{
    static struct record record;
    write_record(&record, plan, part, state);
    return record.length;
}

/* QEMU migration/vmstate.c, vmsd_can_compress(). */
static inline bool can_compress(const struct plan *plan, const struct member *member)
{
    if (member->condition)
        return false;
    if (member->holds != HOLDS_STRUCTURE)
        return true;
    const struct part *part = &plan->parts[member->part];
    for (unsigned i = 0; i < part->member_count; i++)
        if (!can_compress(plan, &part->members[i]))
            return false;
    return !part->subsection_count;
}

static inline void describe_element(const struct describing *describing,
                                    const struct member *member, const char *more)
{
    FILE *text = describing->text;
    if (member->holds == HOLDS_BYTES) {
        fprintf(text, "{'name':'f%u'%s,'type':'%s','size':%u}", member->name, more, type_of(member),
                member->size);
        return;
    }
    unsigned size = size_of_part(describing->plan, member->part, describing->state);
    unsigned lists = describing->state->lists;
    bool list = member->holds == HOLDS_LIST;
    fprintf(text, "{'name':'f%u'%s,'type':'%s','size':%u", member->name, more,
            list ? "qtailq" : "struct", list ? lists * (size + 1) + 1 : size);
    if (!list || lists) {
        fputs(list ? "," : ",'struct':{", text);
        describe_part(describing, member->part);
        fputs(list ? "" : "}", text);
    }
    fputc('}', text);
}

static inline void describe_member(const struct describing *describing, const struct member *member)
{
    struct record record = {.plan = describing->plan, .state = describing->state};
    memcpy(record.numbers, describing->state->numbers, sizeof(record.numbers));
    unsigned elements = member->holds == HOLDS_LIST ? 1 : elements_of(&record, member);
    bool whole = elements < 2 || can_compress(describing->plan, member);
    char more[32] = "";
    for (unsigned i = 0; i < (whole ? elements > 0 : elements); i++) {
        if (elements > 1)
            snprintf(more, sizeof(more), ",'%s':%u", whole ? "array_len" : "index",
                     whole ? elements : i);
        fputs(i ? "," : "", describing->text);
        describe_element(describing, member, more);
    }
}

static inline void describe_part(const struct describing *describing, int part)
{
    const struct part *of = &describing->plan->parts[part];
    FILE *text = describing->text;
    bool any = false;
    fprintf(text, "'vmsd_name':'%s','version':%u,'fields':[", of->name, of->version);
    for (unsigned i = 0; i < of->member_count; i++) {
        const struct member *member = &of->members[i];
        bool none =
            member->counted_by != NONE &&
            !describing->state->numbers[number_of(describing->plan,
                                                  (unsigned *)(uintptr_t)describing->state->numbers,
                                                  (unsigned)member->counted_by) -
                                        describing->state->numbers];
        if (none || !exists(member, of->version, describing->state))
            continue;
        fputs(any ? "," : "", text);
        describe_member(describing, member);
        any = true;
    }
    fputc(']', text);
    any = false;
    for (unsigned i = 0; i < of->subsection_count; i++) {
        if (!sends(describing->plan, describing->state, of->subsections[i]))
            continue;
        fputs(any ? ",{" : ",'subsections':[{", text);
        describe_part(describing, of->subsections[i]);
        fputc('}', text);
        any = true;
    }
    fputs(any ? "]" : "", text);
}

static inline char *description_of_state(const struct plan *plan, const struct state *state)
{
    char *description = NULL;
    size_t size = 0;
    FILE *text = must(open_memstream(&description, &size));
    const struct describing describing = {plan, state, text};
    fputs("{'devices':[", text);
    for (unsigned i = 0; i < plan->section_count; i++) {
        fprintf(text, "%s{'name':'%s','instance_id':0,", i ? "," : "", plan->sections[i].idstr);
        describe_part(&describing, plan->sections[i].part);
        fputc('}', text);
    }
    fputs("]}", text);
    fclose(text);
    return description;
}

/* ---- Streams --------------------------------------------------------------------------------------- */

/* The text of a stream (build.h). */
static inline char *stream_of_state(const struct plan *plan, const struct state *state)
{
    static struct record record;
    char *stream = NULL;
    size_t size = 0;
    FILE *text = must(open_memstream(&stream, &size));
    fputs("'QEVM' 00000003", text);
    for (unsigned i = 0; i < plan->section_count; i++) {
        const struct section *section = &plan->sections[i];
        write_record(&record, plan, section->part, state);
        fprintf(text, " 04 %08x .'%s' 00000000 %08x ", i + 1, section->idstr,
                plan->parts[section->part].version);
        for (unsigned k = 0; k < record.length; k++)
            fprintf(text, "%02x", record.bytes[k]);
        fprintf(text, " 7e %08x", i + 1);
    }
    fputs(" 00", text);
    fclose(text);
    return stream;
}

/* ---- Dumps ----------------------------------------------------------------------------------------- */

static inline void dump_part(const struct plan *plan, FILE *text, int part)
{
    const struct part *of = &plan->parts[part];
    fprintf(text, "'name':'%s','version_id':%u,'minimum_version_id':%u,'Fields':[", of->name,
            of->version, of->minimum);
    for (unsigned i = 0; i < of->member_count; i++) {
        const struct member *member = &of->members[i];
        char name[16] = "unused";
        if (!member->filler)
            snprintf(name, sizeof(name), "f%u", member->name);
        fprintf(text, "%s{'field':'%s','version_id':%u,'field_exists':%s,'size':%u", i ? "," : "",
                name, member->since, member->condition ? "true" : "false",
                member->holds == HOLDS_BYTES ? member->size : 16);
        if (member->count > 1) /* one of an array of fixed length, as QEMU does */
            fprintf(text, ",'num':%u", member->count);
        fputs(member->holds == HOLDS_BYTES ? "" : ",'Description':{", text);
        if (member->holds != HOLDS_BYTES) {
            dump_part(plan, text, member->part);
            fputc('}', text);
        }
        fputc('}', text);
    }
    fputc(']', text);
    for (unsigned i = 0; i < of->subsection_count; i++) {
        fputs(i ? ",{" : ",'Subsections':[{", text);
        dump_part(plan, text, of->subsections[i]);
        fputc('}', text);
    }
    fputs(of->subsection_count ? "]" : "", text);
}

static inline char *dump_of_plan(const struct plan *plan)
{
    char *dump = NULL;
    size_t size = 0;
    FILE *text = must(open_memstream(&dump, &size));
    fputc('{', text);
    for (unsigned i = 0; i < plan->section_count; i++) {
        const struct part *part = &plan->parts[plan->sections[i].part];
        fprintf(text, "%s'%s':{'Name':'%s','version_id':%u,'minimum_version_id':%u,'Description':{",
                i ? "," : "", part->name, part->name, part->version, part->minimum);
        dump_part(plan, text, plan->sections[i].part);
        fputs("}}", text);
    }
    fputc('}', text);
    fclose(text);
    return dump;
}

#endif
