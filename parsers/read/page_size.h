/* SPDX-License-Identifier: MIT */
/*
 * Finds the page size of RAM where neither the description nor the configuration tells it. It must not know
 * what the tokens of a section are.
 */
#ifndef VMWIRE_READ_PAGE_SIZE_H
#define VMWIRE_READ_PAGE_SIZE_H

#include "read/lexer.h"

/* Called where a section of RAM begins. Sets lexer->page_size to the one by which the section parses to its
 * end: the one so far, or else the smallest. Changes nothing if the page size is known, or if none fits. */
void find_page_size(struct lexer *lexer);

#endif
