/* SPDX-License-Identifier: MIT */
/*
 * Prints differences for people. A cell is measured before it is printed, so that the columns are aligned. Names come from the
 * streams, so all of them go through print_text().
 */
#include "program/diff/print_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "program/shared/terminal_text.h"

enum {
    WHOLE_MOST =
        16, /* bytes of a value that are shown as they are; of a longer one, those that differ */
    GAP_LEAST = 4,  /* equal bytes that part two runs of bytes that differ */
    RUNS_MOST = 4,  /* of one value */
    LINES_MOST = 8, /* of an array or a part of an iterable section */
    PATH_WIDTH_MOST = 56,
    VALUE_WIDTH_MOST = 40,
    TEXT_LEAST = 4, /* characters: fewer can be so by chance */
};

/* ---- Cells ------------------------------------------------------------------------------------- */

/* Where a cell goes: to an output, or it is only measured. */
struct ink {
    FILE *output; /* NULL: measured */
    size_t width;
};

__attribute__((format(printf, 2, 3))) static void write_words(struct ink *ink, const char *format,
                                                              ...)
{
    char text[128];
    va_list words;
    va_start(words, format);
    int length = vsnprintf(text, sizeof(text), format, words);
    va_end(words);
    ink->width += length > 0 ? (size_t)length : 0;
    if (ink->output)
        fputs(text, ink->output);
}

static void write_name(struct ink *ink, struct vmwire_bytes name)
{
    if (ink->output)
        print_text(ink->output, name);
    while (name.length) {
        uint32_t character;
        size_t length = decode_character(name, &character), taken = length ? length : 1;
        ink->width += length && !is_control_character(character) ? 1 : 4 * taken;
        name.data += taken;
        name.length -= taken;
    }
}

/* As the tree of `vmwire parse` shows them. */
static void write_hex(struct ink *ink, struct vmwire_bytes bytes, size_t unit, size_t most)
{
    size_t shown = bytes.length > most ? most : bytes.length;
    for (size_t i = 0; i < shown; i++)
        write_words(ink, "%s%02x", i && unit && i % unit == 0 ? " " : "", bytes.data[i]);
    if (shown < bytes.length)
        write_words(ink, " ...");
    if (!bytes.length)
        write_words(ink, "(empty)");
}

static struct vmwire_bytes without_zeros_behind(struct vmwire_bytes bytes)
{
    while (bytes.length && !bytes.data[bytes.length - 1])
        bytes.length--;
    return bytes;
}

/* Whether bytes are a text: printable characters, and zeros behind them. */
static bool is_text(struct vmwire_bytes bytes)
{
    struct vmwire_bytes text = without_zeros_behind(bytes);
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] < ' ' || text.data[i] > '~')
            return false;
    return text.length >= TEXT_LEAST && text.length <= VALUE_WIDTH_MOST;
}

/* ---- Lines ------------------------------------------------------------------------------------- */

/* A difference has a line; a long value one for each run of bytes that differ. */
struct line {
    const struct difference *difference;
    bool has_run;
    size_t begin, end; /* of the run */
    bool is_rest;      /* the runs behind it, which are not shown */
    size_t bytes_left; /* that differ in them */
};

static bool is_buffer(const struct difference *difference)
{
    const struct side_value *a = &difference->side[SIDE_A], *b = &difference->side[SIDE_B];
    return difference->kind == DIFFERENCE_VALUE && a->form == SIDE_HAS_BYTES &&
           b->form == SIDE_HAS_BYTES && a->unit != 8 && a->bytes.length == b->bytes.length &&
           a->bytes.length > 8;
}

static bool are_texts(const struct difference *difference)
{
    const struct side_value *sides = difference->side;
    for (int side = 0; side < SIDE_COUNT; side++)
        if (sides[side].form != SIDE_HAS_BYTES || sides[side].unit > 1 ||
            !is_text(sides[side].bytes))
            return false;
    return true;
}

static bool byte_differs(const struct difference *difference, size_t at)
{
    return difference->side[SIDE_A].bytes.data[at] != difference->side[SIDE_B].bytes.data[at];
}

/* Finds the first run from `begin` on. Returns false if no byte differs there. */
static bool find_run(struct line *line, size_t begin)
{
    const struct difference *difference = line->difference;
    size_t length = difference->side[SIDE_A].bytes.length;
    while (begin < length && !byte_differs(difference, begin))
        begin++;
    line->begin = begin;
    line->end = begin;
    for (size_t i = begin; i < length && i < line->end + GAP_LEAST; i++)
        if (byte_differs(difference, i))
            line->end = i + 1;
    return begin < length;
}

static size_t count_left(const struct difference *difference, size_t begin)
{
    size_t count = 0;
    for (size_t i = begin; i < difference->side[SIDE_A].bytes.length; i++)
        count += byte_differs(difference, i);
    return count;
}

struct text_output {
    size_t path_width, value_width;
    bool all;
    bool measures; /* only sets the widths */
};

/* ---- What a line says -------------------------------------------------------------------------- */

static void write_path(struct ink *ink, const struct line *line)
{
    const struct difference *difference = line->difference;
    if (difference->subject == SUBJECT_SUBSECTION)
        write_words(ink, "subsection ");
    if (difference->subject == SUBJECT_COMMAND)
        write_words(ink, "command ");
    if (difference->subject == SUBJECT_SECTION && !difference->path.length)
        write_words(ink, "the section");
    write_name(ink, difference->path);
    if (difference->kind == DIFFERENCE_VERSION && difference->subject != SUBJECT_SECTION)
        write_words(ink, ", version");
    if (line->has_run)
        write_words(ink, " +%#zx", line->begin);
    if (line->is_rest)
        write_words(ink, " ... %zu more bytes differ", line->bytes_left);
}

static void write_counts(struct ink *ink, const struct difference *difference, int side)
{
    const struct entry_counts *counts = &difference->counts;
    write_words(ink, "%" PRIu64 " sent", counts->sent[side]);
    if (counts->differing)
        write_words(ink, ", %" PRIu64 " differ", counts->differing);
    if (counts->only[side])
        write_words(ink, ", %" PRIu64 " only here", counts->only[side]);
    if (counts->not_compared)
        write_words(ink, ", %" PRIu64 " not comparable", counts->not_compared);
}

static void write_bytes(struct ink *ink, const struct line *line, const struct side_value *side,
                        bool all)
{
    struct vmwire_bytes bytes = side->bytes;
    if (line->has_run)
        bytes = (struct vmwire_bytes){bytes.data + line->begin, line->end - line->begin};
    if (are_texts(line->difference)) {
        write_words(ink, "\"");
        write_name(ink, without_zeros_behind(bytes));
        write_words(ink, "\"");
    } else {
        write_hex(ink, bytes, !line->has_run && side->unit > 1 ? side->unit : 4,
                  all ? SIZE_MAX : WHOLE_MOST);
    }
    if (line->difference->kind == DIFFERENCE_TYPE)
        write_words(ink, ", %zu bytes", bytes.length);
}

static void write_side(struct ink *ink, const struct line *line, int number, bool all)
{
    const struct difference *difference = line->difference;
    const struct side_value *side = &difference->side[number];
    if (difference->kind == DIFFERENCE_PAGES) {
        write_counts(ink, difference, number);
        return;
    }
    switch (side->form) {
    case SIDE_HAS_NOTHING:
        write_words(ink, "-");
        break;
    case SIDE_HAS_NUMBER:
        write_words(ink, "%" PRIu64, side->number);
        break;
    case SIDE_HAS_WORDS:
        write_name(ink, side->bytes);
        break;
    case SIDE_HAS_BYTES:
        write_bytes(ink, line, side, all);
        break;
    }
}

/* ---- Printing ---------------------------------------------------------------------------------- */

static void widen(size_t *width, size_t wanted, size_t most)
{
    if (wanted > *width && wanted <= most)
        *width = wanted;
}

static void pad(size_t width, size_t to)
{
    printf("%*s", (int)(width < to ? to - width : 0) + 2, "");
}

static void print_line(struct text_output *output, const struct line *line)
{
    struct ink path = {NULL, 0}, a = {NULL, 0}, printed = {stdout, 0};
    write_path(&path, line);
    write_side(&a, line, SIDE_A, output->all);
    if (output->measures) {
        widen(&output->path_width, path.width, PATH_WIDTH_MOST);
        widen(&output->value_width, line->is_rest ? 0 : a.width, VALUE_WIDTH_MOST);
        return;
    }
    fputs("  ", stdout);
    write_path(&printed, line);
    if (!line->is_rest) {
        pad(path.width, output->path_width);
        write_side(&printed, line, SIDE_A, output->all);
        pad(a.width, output->value_width);
        write_side(&printed, line, SIDE_B, output->all);
    }
    putchar('\n');
}

static void print_buffer(struct text_output *output, const struct difference *difference)
{
    struct line line = {.difference = difference, .has_run = true};
    size_t end = 0;
    for (size_t runs = 0; find_run(&line, end); runs++) {
        if (!output->all && runs == RUNS_MOST) {
            struct line rest = {difference, false, 0, 0, true, count_left(difference, end)};
            print_line(output, &rest);
            return;
        }
        print_line(output, &line);
        end = line.end;
    }
}

static void print_rest(const struct text_output *output, size_t left)
{
    if (left && !output->measures)
        printf("  ... %zu more like the last one\n", left);
}

/* Elements of one array follow one another. */
static void print_list(struct text_output *output, const struct difference_list *list)
{
    size_t run = 0, lines = 0, left = 0;
    for (const struct difference *each = list->first; each; each = each->next) {
        bool same_run = each->run && each->run == run;
        if (!same_run) {
            print_rest(output, left);
            lines = left = 0;
        }
        run = each->run;
        if (run && lines++ >= LINES_MOST && !output->all) {
            left++;
            continue;
        }
        const struct line line = {.difference = each};
        if (is_buffer(each) && !are_texts(each))
            print_buffer(output, each);
        else
            print_line(output, &line);
    }
    print_rest(output, left);
}

static void print_section(struct text_output *output, const struct compared_section *section)
{
    if (!section->list.first)
        return;
    if (!output->measures) {
        printf("\"");
        print_text(stdout, section->idstr);
        printf("\"");
        if (section->has_instance)
            printf(" instance %" PRIu32, section->instance_id);
        putchar('\n');
    }
    print_list(output, &section->list);
}

static void print_all(struct text_output *output, const struct differences *differences)
{
    if (differences->of_stream.first && !output->measures)
        puts("the stream");
    print_list(output, &differences->of_stream);
    for (const struct compared_section *section = differences->first_section; section;
         section = section->next)
        print_section(output, section);
}

/* ---- The conclusion ---------------------------------------------------------------------------- */

static const char *const subject_words[SUBJECT_KINDS][2] = {
    {"part of the framing", "parts of the framing"},
    {"command", "commands"},
    {"section", "sections"},
    {"subsection", "subsections"},
    {"field", "fields"},
    {"block of RAM", "blocks of RAM"},
    {"entry", "entries"},
    {"list of pages", "lists of pages"},
};

static void print_count(const char *before, uint64_t count, const char *one, const char *many)
{
    printf("%s%" PRIu64 " %s", before, count, count == 1 ? one : many);
}

/* What only one side has. Returns what stands before the next part of the sentence. */
static const char *print_only(const struct differences *differences, const char *before, int side)
{
    bool first = true;
    for (int subject = 0; subject < SUBJECT_KINDS; subject++) {
        uint64_t count = differences->by_kind[subject][only_side(side)];
        if (!count)
            continue;
        if (first)
            printf("%sonly %c has ", before, 'A' + side);
        print_count(first ? "" : ", ", count, subject_words[subject][0], subject_words[subject][1]);
        first = false;
    }
    return first ? before : "; ";
}

static uint64_t count_kind(const struct differences *differences, enum difference_kind kind)
{
    uint64_t count = 0;
    for (int subject = 0; subject < SUBJECT_KINDS; subject++)
        count += differences->by_kind[subject][kind];
    return count;
}

static const char *print_values(const struct differences *differences, const char *before)
{
    const uint64_t(*counts)[DIFFERENCE_KINDS] = differences->by_kind;
    uint64_t values =
        counts[SUBJECT_FIELD][DIFFERENCE_VALUE] + counts[SUBJECT_FIELD][DIFFERENCE_TYPE];
    if (!values)
        return before;
    print_count(before, values, "value", "values");
    print_count(" in ", differences->sections_with_other_values, "section", "sections");
    return ", ";
}

/* Of other things than fields. */
static const char *print_others(const struct differences *differences, const char *before)
{
    static const enum difference_subject subjects[] = {SUBJECT_COMMAND, SUBJECT_BLOCK,
                                                       SUBJECT_ENTRY};
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
        uint64_t count = differences->by_kind[subjects[i]][DIFFERENCE_VALUE];
        if (!count)
            continue;
        print_count(before, count, subject_words[subjects[i]][0], subject_words[subjects[i]][1]);
        before = ", ";
    }
    uint64_t versions = count_kind(differences, DIFFERENCE_VERSION);
    if (versions) {
        print_count(before, versions, "version", "versions");
        before = ", ";
    }
    uint64_t structures = differences->by_kind[SUBJECT_SECTION][DIFFERENCE_TYPE];
    if (structures) {
        print_count(before, structures, "structure of a section", "structures of sections");
        before = ", ";
    }
    return before;
}

static const char *print_pages(const struct differences *differences, const char *before)
{
    if (differences->page_differences) {
        print_count(before, differences->page_differences, "page", "pages");
        before = ", ";
    }
    if (differences->pages_not_compared) {
        print_count(before, differences->pages_not_compared,
                    "page that cannot be compared as it was sent",
                    "pages that cannot be compared as they were sent");
        before = ", ";
    }
    return before;
}

static void print_conclusion(const struct differences *differences)
{
    if (!differences->count) {
        print_count("The same: ", differences->values, "value", "values");
        print_count(" in ", differences->sections, "section", "sections");
        if (differences->entries)
            print_count(", ", differences->entries, "entry", "entries");
        if (differences->pages)
            print_count(", ", differences->pages, "page", "pages");
        puts(".");
        return;
    }
    const char *before = print_values(differences, "They differ: ");
    before = print_others(differences, before);
    before = print_pages(differences, before);
    if (count_kind(differences, DIFFERENCE_ORDER)) {
        printf("%sthe order of the sections", before);
        before = ", ";
    }
    before = before[0] == ',' ? "; " : before;
    before = print_only(differences, before, SIDE_A);
    print_only(differences, before, SIDE_B);
    puts(".");
}

void print_differences_text(const struct differences *differences,
                            const char *const files[SIDE_COUNT], bool all)
{
    struct text_output output = {.all = all, .measures = true};
    print_conclusion(differences);
    printf("A is ");
    print_text(stdout, vmwire_bytes_of_string(files[SIDE_A]));
    printf(", B is ");
    print_text(stdout, vmwire_bytes_of_string(files[SIDE_B]));
    putchar('\n');
    if (!differences->count)
        return;
    print_all(&output, differences);
    output.measures = false;
    printf("\n  %*s  %-*s  B\n", (int)output.path_width, "", (int)output.value_width, "A");
    print_all(&output, differences);
}
