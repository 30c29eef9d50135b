/*
 * The table of protocol options. Knows nothing of the readers and the writer that use it.
 */
#include "vmwire/option.h"

#include <string.h>

#include "vmwire/wire.h"

const struct protocol_option protocol_options[] = {
    {
        .name = "legacy",
        .about = "a 05 at a tail is a subsection (QEMU 0.13)",
        .stream_version = QEMU_VM_FILE_VERSION,
        .subsections = SUBSECTION_INLINE,
        .look = LOOK_ALWAYS,
    },
    {
        .name = "guarded",
        .about = "the same, where the structure has subsections (QEMU 0.14.0 to 0.15.1)",
        .stream_version = QEMU_VM_FILE_VERSION,
        .subsections = SUBSECTION_INLINE,
        .look = LOOK_IF_DECLARED,
    },
    {
        .name = "heuristic",
        .about = "the same, where a plausible name follows (QEMU 1.0 to today)",
        .stream_version = QEMU_VM_FILE_VERSION,
        .subsections = SUBSECTION_INLINE,
        .look = LOOK_IF_PLAUSIBLE,
    },
    {
        .name = "flagday",
        .about = "a sentinel behind every embedded structure",
        .stream_version = FLAGDAY_FILE_VERSION,
        .sentinel = true,
        .subsections = SUBSECTION_INLINE,
        .look = LOOK_ALWAYS,
        .exact = true,
    },
    {
        .name = "standalone",
        .about = "subsections as items of their own",
        .stream_version = STANDALONE_FILE_VERSION,
        .subsections = SUBSECTION_ITEM,
        .look = LOOK_NEVER,
        .exact = true,
    },
    {
        .name = "toplevel",
        .about = "new subsections as full sections, existing ones as heuristic",
        .stream_version = QEMU_VM_FILE_VERSION,
        .subsections = SUBSECTION_SECTION,
        .look = LOOK_IF_PLAUSIBLE,
        .exact = true,
    },
};

const size_t protocol_option_count = sizeof(protocol_options) / sizeof(protocol_options[0]);

const struct protocol_option *protocol_option_find(const char *name)
{
    for (size_t i = 0; i < protocol_option_count; i++)
        if (strcmp(protocol_options[i].name, name) == 0)
            return &protocol_options[i];
    return NULL;
}

bool option_sends_inline(const struct protocol_option *option, const struct subsection *subsection)
{
    return option->subsections == SUBSECTION_INLINE ||
           (option->subsections == SUBSECTION_SECTION && subsection->existing);
}
