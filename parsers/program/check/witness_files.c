/* SPDX-License-Identifier: MIT */
/*
 * Writes each witness as a whole stream into the folder of --emit.
 */
#include "program/check/witness_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool write_witness_file(const struct examination *examination, size_t number,
                        enum vmwire_outcome outcome, struct vmwire_bytes bytes,
                        struct vmwire_error *error)
{
    const char *name = strrchr(examination->file, '/');
    char file[1024];
    snprintf(file, sizeof(file), "%s/%s-%s-%zu-%s", examination->arguments->emit,
             name ? name + 1 : examination->file, examination->arguments->option->name, number,
             vmwire_outcome_name(outcome));
    FILE *output = fopen(file, "wb");
    bool written = output && fwrite(bytes.data, 1, bytes.length, output) == bytes.length;
    if (output && fclose(output) != 0)
        written = false;
    return written || vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                                       "cannot write \"%s\": %s", file, strerror(errno));
}

bool write_witness_files(const struct examination *examination, struct vmwire_error *error)
{
    for (size_t i = 0; i < examination->findings.count; i++) {
        const struct answer_group *group = &examination->findings.list[i];
        struct vmwire_arena_mark mark = vmwire_arena_mark(examination->arena);
        struct vmwire_bytes bytes =
            vmwire_witness(&group->part->question, group->finding, examination->arena, error);
        bool written =
            bytes.data && write_witness_file(examination, i, group->finding->outcome, bytes, error);
        vmwire_arena_reset(examination->arena, mark);
        if (!written)
            return false;
    }
    return true;
}
