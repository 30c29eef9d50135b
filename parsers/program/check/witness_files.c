/* SPDX-License-Identifier: MIT */
/*
 * Writes each witness as a whole stream into the folder of --emit.
 */
#include "program/check/witness_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Names the file FOLDER/STREAM-OPTION-NUMBER-OUTCOME. */
static bool write_witness_file(const struct examination *examination,
                               const struct finding_group *group, size_t number,
                               struct vmwire_error *error)
{
    const struct vmwire_finding *finding = group->finding;
    const char *name = strrchr(examination->file, '/');
    char file[1024];
    snprintf(file, sizeof(file), "%s/%s-%s-%zu-%s", examination->arguments->emit,
             name ? name + 1 : examination->file, examination->arguments->option->name, number,
             vmwire_outcome_name(finding->outcome));
    struct vmwire_bytes bytes = vmwire_witness(&group->part->question, finding, examination->arena);
    FILE *output = fopen(file, "wb");
    bool written = output && fwrite(bytes.data, 1, bytes.length, output) == bytes.length;
    if (output && fclose(output) != 0)
        written = false;
    return written || vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                                       "cannot write \"%s\": %s", file, strerror(errno));
}

bool write_witness_files(const struct examination *examination, struct vmwire_error *error)
{
    for (size_t i = 0; i < examination->group_count; i++) {
        struct vmwire_arena_mark mark = vmwire_arena_mark(examination->arena);
        bool emitted = write_witness_file(examination, &examination->groups[i], i, error);
        vmwire_arena_reset(examination->arena, mark);
        if (!emitted)
            return false;
    }
    return true;
}
