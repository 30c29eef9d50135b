/* SPDX-License-Identifier: MIT */
/*
 * Prints differences for people. All cells are measured before one is printed, so that the columns are aligned.
 */
#include "program/diff/print_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "program/diff/line_cells.h"
#include "program/diff/print_conclusion.h"
#include "program/shared/terminal_text.h"

enum {
    GAP_LEAST = 4,  /* equal bytes that part two runs of bytes that differ */
    RUNS_MOST = 4,  /* of one value */
    LINES_MOST = 8, /* of an array or a part of an iterable section */
    PATH_WIDTH_MOST = 56,
};

/* ---- Long values ------------------------------------------------------------------------------- */

static bool is_buffer(const struct difference *difference)
{
    const struct side_value *a = &difference->side[SIDE_A], *b = &difference->side[SIDE_B];
    return difference->kind == DIFFERENCE_VALUE && a->form == SIDE_HAS_BYTES &&
           b->form == SIDE_HAS_BYTES && a->unit != 8 && a->bytes.length == b->bytes.length &&
           a->bytes.length > 8;
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

/* ---- Printing ---------------------------------------------------------------------------------- */

struct text_output {
    size_t path_width, value_width;
    bool all;
    bool measures; /* only sets the widths */
};

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
