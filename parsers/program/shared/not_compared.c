/* SPDX-License-Identifier: MIT */
#include "program/shared/not_compared.h"

size_t list_not_compared(const struct vmwire_side *reader, const char *sentences[NOT_COMPARED_MOST])
{
    size_t count = 0;
    if (!reader->stream && !reader->described)
        sentences[count++] =
            "Not compared: which devices and RAM blocks the reader's machine has, how many of what "
            "it counts, and the values that it checks. Give a stream of that machine, too.";
    else if (!reader->stream)
        sentences[count++] = "Not compared: RAM blocks and the values that the reader's machine "
                             "checks. Give a stream of that machine.";
    if (!reader->declared)
        sentences[count++] =
            "Not compared: what the reader's program declares, as versions and subsections that "
            "its stream does not show. Give that program, as STREAM+PROGRAM.";
    return count;
}
