/* SPDX-License-Identifier: MIT */
/*
 * Shows on a terminal how far a command over many streams has come.
 */
#include "program/shared/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "program/shared/terminal_text.h"

void show_progress(size_t done, const char *verb, const char *name)
{
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r\033[K%zu streams %s, now ", done, verb);
    print_text(stderr, vmwire_bytes_of_string(name));
}

void clear_progress(void)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K");
}
