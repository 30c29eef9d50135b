/*
 * A file as bytes: mapped where that is possible, so that RAM pages which are skipped are never
 * read; a pipe is spooled into an unnamed file first, because a stream's description comes last.
 */
#ifndef VMWIRE_INPUT_H
#define VMWIRE_INPUT_H

#include "vmwire/bytes.h"
#include "vmwire/error.h"

#pragma GCC visibility push(default)

struct input {
    struct bytes bytes;
};

/* Opens a file, "-" for standard input. False with `error` set (ERROR_FILE) when it cannot be read.
 */
bool input_open(struct input *input, const char *file, struct error *error);
void input_close(struct input *input);

#pragma GCC visibility pop

#endif
