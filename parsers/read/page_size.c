/* SPDX-License-Identifier: MIT */
/*
 * Tries the page sizes that QEMU's targets have. The flags of a RAM entry are the bits of its address below
 * the page size, and a page has as many bytes; so a wrong page size soon finds flags that there are not.
 */
#include "read/page_size.h"

#include "read/lexer_rules.h"

/* QEMU target/<name>/cpu-param.h, TARGET_PAGE_BITS: 8 (AVR) to 16 (AArch64 with 64 KiB pages). */
enum { LEAST_PAGE_BITS = 8, GREATEST_PAGE_BITS = 16 };

/* Reads the section with a copy of the lexer. RAM makes the lexer allocate nothing. */
static bool parses_to_end(struct lexer *lexer, uint32_t page_size)
{
    struct vmwire_cost cost = {0};
    struct vmwire_error error;
    struct token token = {0};
    struct lexer trial = *lexer;
    trial.cost = &cost;
    trial.error = &error;
    trial.page_size = page_size;
    for (;;) {
        int kind = lexer_token(&trial, &token);
        uint64_t looked_at = lexer_offset(&trial) + cost.longest_lookahead + 1;
        if (looked_at > lexer->searched_to)
            lexer->searched_to = looked_at;
        if (kind == LEXER_ERROR || kind == TOKEN_RAM_EOS)
            return kind == TOKEN_RAM_EOS;
    }
}

void find_page_size(struct lexer *lexer)
{
    if (lexer->page_size_known || parses_to_end(lexer, lexer->page_size))
        return;
    /* Pages of zeros fit every smaller size, too. */
    for (unsigned bits = GREATEST_PAGE_BITS; bits >= LEAST_PAGE_BITS; bits--)
        if (parses_to_end(lexer, (uint32_t)1 << bits)) {
            lexer->page_size = (uint32_t)1 << bits;
            lexer->page_size_known = true; /* searched for once, so that the cost stays linear */
            return;
        }
}
