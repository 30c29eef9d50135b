/* SPDX-License-Identifier: MIT */
/*
 * The table of protocol options. Knows nothing of the readers and the writer that use it.
 */
#include "vmwire/option.h"

#include <string.h>

#include "vmwire/wire.h"

const struct vmwire_option vmwire_options[] = {
    {
        .name = "legacy",
        .about = "a 05 at a tail is a subsection (QEMU 0.13)",
        .stream_version = VMWIRE_QEMU_VM_FILE_VERSION,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_ALWAYS,
    },
    {
        .name = "guarded",
        .about = "the same, where the structure has subsections (QEMU 0.14.0 to 0.15.1)",
        .stream_version = VMWIRE_QEMU_VM_FILE_VERSION,
        .flat = true,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_IF_DECLARED,
    },
    {
        .name = "heuristic",
        .about = "the same, where a plausible name follows (QEMU 1.0 to today)",
        .stream_version = VMWIRE_QEMU_VM_FILE_VERSION,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_IF_PLAUSIBLE,
    },
    {
        .name = "flagday",
        .about = "a sentinel behind every record within a record",
        .stream_version = VMWIRE_FLAGDAY_FILE_VERSION,
        .sentinel = true,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_ALWAYS,
        .exact = true,
    },
    {
        .name = "standalone",
        .about = "subsections as items of their own",
        .stream_version = VMWIRE_STANDALONE_FILE_VERSION,
        .subsections = VMWIRE_SUBSECTION_ITEM,
        .look = VMWIRE_LOOK_NEVER,
        .exact = true,
    },
    {
        .name = "toplevel",
        .about = "new subsections as full sections, existing ones as heuristic",
        .stream_version = VMWIRE_QEMU_VM_FILE_VERSION,
        .subsections = VMWIRE_SUBSECTION_SECTION,
        .look = VMWIRE_LOOK_IF_PLAUSIBLE,
        .exact = true,
    },
    {
        .name = "framed",
        .about = "version and length in front of every record, and a sentinel behind it",
        .stream_version = VMWIRE_FRAMED_FILE_VERSION,
        .sentinel = true,
        .framed = true,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_ALWAYS,
        .exact = true,
    },
    {
        .name = "consistent",
        .about = "the same as today, where only one reading of the section is possible",
        .stream_version = VMWIRE_QEMU_VM_FILE_VERSION,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_IF_ONLY_READING,
    },
    {
        .name = "combined",
        .about = "a plausible name, and only where the structure has subsections",
        .stream_version = VMWIRE_QEMU_VM_FILE_VERSION,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_IF_DECLARED_AND_PLAUSIBLE,
    },
    {
        .name = "described",
        .about = "a subsection where the description at the stream's end says that one was sent",
        .stream_version = VMWIRE_QEMU_VM_FILE_VERSION,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_DESCRIBED,
        .exact = true,
    },
    {
        .name = "asn1",
        .about = "DER: each item, field and record has its tag and its length",
        .stream_version = VMWIRE_ASN1_FILE_VERSION,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_NEVER,
        .encoding = VMWIRE_ENCODING_DER,
        .exact = true,
    },
};

const size_t vmwire_option_count = sizeof(vmwire_options) / sizeof(vmwire_options[0]);

const struct vmwire_option *vmwire_option_find(const char *name)
{
    for (size_t i = 0; i < vmwire_option_count; i++)
        if (strcmp(vmwire_options[i].name, name) == 0)
            return &vmwire_options[i];
    return NULL;
}

bool vmwire_option_sends_inline(const struct vmwire_option *option,
                                const struct vmwire_subsection *subsection)
{
    return option->subsections == VMWIRE_SUBSECTION_INLINE ||
           (option->subsections == VMWIRE_SUBSECTION_SECTION && subsection->existing);
}

bool vmwire_option_refuses(const struct vmwire_option *option,
                           const struct vmwire_subsection *subsection)
{
    return option->flat && subsection->structure && subsection->structure->subsection_count;
}
