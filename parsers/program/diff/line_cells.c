/* SPDX-License-Identifier: MIT */
/*
 * Names come from the streams, so all of them go through print_text().
 */
#include "program/diff/line_cells.h"

#include <inttypes.h>
#include <stdarg.h>

#include "program/shared/terminal_text.h"

enum {
    WHOLE_MOST = 16, /* bytes of a value that are shown as they are */
    TEXT_LEAST = 4,  /* characters: fewer can be so by chance */
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

bool are_texts(const struct difference *difference)
{
    const struct side_value *sides = difference->side;
    for (int side = 0; side < SIDE_COUNT; side++)
        if (sides[side].form != SIDE_HAS_BYTES || sides[side].unit > 1 ||
            !is_text(sides[side].bytes))
            return false;
    return true;
}

void write_path(struct ink *ink, const struct line *line)
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

void write_side(struct ink *ink, const struct line *line, int number, bool all)
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
