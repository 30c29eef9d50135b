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
        .about = "a byte 05 at a tail always begins a subsection (QEMU 0.13)",
        .stream_version = VMWIRE_QEMU_VM_FILE_VERSION,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_ALWAYS,
    },
    {
        .name = "guarded",
        .about =
            "a byte 05 begins a subsection if the structure declares any (QEMU 0.14.0 to 0.15.1)",
        .stream_version = VMWIRE_QEMU_VM_FILE_VERSION,
        .flat = true,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_IF_DECLARED,
    },
    {
        .name = "heuristic",
        .about = "a byte 05 begins a subsection if a plausible name follows (QEMU 1.0 to today)",
        .stream_version = VMWIRE_QEMU_VM_FILE_VERSION,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_IF_PLAUSIBLE,
    },
    {
        .name = "flagday",
        .about = "new format: a sentinel ends every record within a record",
        .stream_version = VMWIRE_FLAGDAY_FILE_VERSION,
        .sentinel = true,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_ALWAYS,
        .exact = true,
    },
    {
        .name = "standalone",
        .about = "new format: each subsection is an item of its own, behind its section",
        .stream_version = VMWIRE_STANDALONE_FILE_VERSION,
        .subsections = VMWIRE_SUBSECTION_ITEM,
        .look = VMWIRE_LOOK_NEVER,
        .exact = true,
    },
    {
        .name = "toplevel",
        .about =
            "each new subsection is a section of its own; existing ones stay as under heuristic",
        .stream_version = VMWIRE_QEMU_VM_FILE_VERSION,
        .subsections = VMWIRE_SUBSECTION_SECTION,
        .look = VMWIRE_LOOK_IF_PLAUSIBLE,
        .exact = true,
    },
    {
        .name = "framed",
        .about =
            "new format: version and length in front of every record, and a sentinel behind it",
        .stream_version = VMWIRE_FRAMED_FILE_VERSION,
        .sentinel = true,
        .framed = true,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_ALWAYS,
        .exact = true,
    },
    {
        .name = "consistent",
        .about =
            "a byte 05 begins a subsection if the section has no other reading; two are refused",
        .stream_version = VMWIRE_QEMU_VM_FILE_VERSION,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_IF_ONLY_READING,
    },
    {
        .name = "combined",
        .about = "a byte 05 begins a subsection if the structure declares any and a plausible name "
                 "follows",
        .stream_version = VMWIRE_QEMU_VM_FILE_VERSION,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_IF_DECLARED_AND_PLAUSIBLE,
    },
    {
        .name = "described",
        .about =
            "a byte 05 begins a subsection if the description at the stream's end lists one there",
        .stream_version = VMWIRE_QEMU_VM_FILE_VERSION,
        .subsections = VMWIRE_SUBSECTION_INLINE,
        .look = VMWIRE_LOOK_DESCRIBED,
        .exact = true,
    },
    {
        .name = "asn1",
        .about = "new format, DER: each item, field and record has its tag and its length",
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
