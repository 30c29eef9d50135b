/* SPDX-License-Identifier: MIT */
/*
 * Puts the parts of the page together. The Makefile makes the *.bytes.inc of the files beside this one.
 */
#include "program/report/page.h"

#include <string.h>

#include "program/shared/output_file.h"

static const uint8_t template_bytes[] = {
#include "report/page.html.bytes.inc"
};
static const uint8_t style_bytes[] = {
#include "report/page.css.bytes.inc"
};
static const uint8_t page_bytes[] = {
#include "report/page.js.bytes.inc"
};
static const uint8_t plots_bytes[] = {
#include "report/plots.js.bytes.inc"
};
static const uint8_t viewer_bytes[] = {
#include "report/viewer.js.bytes.inc"
};

/* A page while it is written. */
struct page {
    struct output_file file;
    const json_t *report;
    struct vmwire_error *error;
    bool written; /* all of it, so far */
};

static void append(struct page *page, const void *data, size_t length)
{
    const struct vmwire_bytes bytes = {data, length};
    page->written = page->written && append_output(&page->file, bytes, page->error);
}

/* A "<" stands in strings only. As an escape it cannot end the element that the JSON stands in. */
static int append_json_text(const char *text, size_t length, void *context)
{
    struct page *page = context;
    while (length) {
        const char *found = memchr(text, '<', length);
        const size_t plain = found ? (size_t)(found - text) : length;
        append(page, text, plain);
        if (found)
            append(page, "\\u003c", strlen("\\u003c"));
        text += plain + (found != NULL);
        length -= plain + (found != NULL);
    }
    return page->written ? 0 : -1;
}

static void append_report(struct page *page)
{
    const size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII;
    if (json_dump_callback(page->report, append_json_text, page, flags) != 0 && page->written)
        page->written = vmwire_error_set_memory(page->error, 0);
}

static void append_style(struct page *page)
{
    append(page, style_bytes, sizeof(style_bytes));
}

static void append_scripts(struct page *page)
{
    append(page, plots_bytes, sizeof(plots_bytes));
    append(page, viewer_bytes, sizeof(viewer_bytes));
    append(page, page_bytes, sizeof(page_bytes));
}

/* Where the template has a mark, in this order, the part stands instead. */
static const struct part {
    const char *mark;
    void (*append)(struct page *page);
} parts[] = {
    {"{{style}}", append_style}, {"{{report}}", append_report}, {"{{scripts}}", append_scripts}};

static void append_parts(struct page *page)
{
    const uint8_t *rest = template_bytes, *end = template_bytes + sizeof(template_bytes);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const size_t length = strlen(parts[i].mark);
        const uint8_t *mark = memmem(rest, (size_t)(end - rest), parts[i].mark, length);
        if (!mark)
            continue;
        append(page, rest, (size_t)(mark - rest));
        parts[i].append(page);
        rest = mark + length;
    }
    append(page, rest, (size_t)(end - rest));
}

bool write_page(const char *file, const json_t *report, struct vmwire_error *error)
{
    struct page page = {.report = report, .error = error, .written = true};
    if (!begin_output(&page.file, file, error))
        return false;
    append_parts(&page);
    return end_output(&page.file, page.written, error);
}
