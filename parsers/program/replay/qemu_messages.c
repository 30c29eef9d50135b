/* SPDX-License-Identifier: MIT */
/*
 * Maps an error message of QEMU to the verdict and to the rule of its loader.
 */
#include "program/replay/qemu_messages.h"

#include <fnmatch.h>

/* QEMU first names the cause, then each thing that failed because of it, up to "load of migration
 * failed". So causes stand before consequences in this table, and the first row that any line matches
 * counts. */
const char qemu_rule_input_ends[] = "qemu_file_get_error: the input ends";

const struct qemu_message qemu_messages[] = {
    /* The format: migration/vmstate.c */
    {"*VM subsection '*", QEMU_REJECT, "vmstate_subsection_load: no subsection of that name"},
    {"*: incoming version_id * is too new*", QEMU_REJECT, "vmstate_load_state: version_id"},
    {"*: incoming version_id * is too old*", QEMU_REJECT, "vmstate_load_state: version_id"},
    {"*expected VMS_NULLPTR_MARKER*", QEMU_REJECT, "get_nullptr: the marker of a null pointer"},
    /* migration/savevm.c */
    {"*Missing section footer for *", QEMU_REJECT, "check_section_footer"},
    {"*Mismatched section id in footer for *", QEMU_REJECT, "check_section_footer"},
    {"*Unknown savevm section type *", QEMU_REJECT, "qemu_loadvm_state_main: type of a section"},
    {"*Unknown section type *", QEMU_REJECT, "qemu_loadvm_state_main: type of a section"},
    {"*Unknown savevm section [0-9]*", QEMU_REJECT, "qemu_loadvm_section_part_end: section_id"},
    {"*Unknown section [0-9]*", QEMU_REJECT, "qemu_loadvm_section_part_end: section_id"},
    {"*nsupported version * for *", QEMU_REJECT, "qemu_loadvm_section_start_full: version_id"},
    {"*Unable to read ID string*", QEMU_REJECT, "qemu_loadvm_section_start_full: the input ends"},
    {"*Not a migration stream*", QEMU_REJECT, "qemu_loadvm_state_header: the magic"},
    {"*SaveVM v2 format is obsolete*", QEMU_REJECT, "qemu_loadvm_state_header: the version"},
    {"*nsupported migration stream version*", QEMU_REJECT, "qemu_loadvm_state_header: the version"},
    {"*Configuration section missing*", QEMU_REJECT, "qemu_loadvm_state_header: configuration"},
    {"*MIG_CMD 0x* unknown*", QEMU_REJECT, "loadvm_process_command: the command"},
    {"*Unknown MIG_CMD*", QEMU_REJECT, "loadvm_process_command: the command"},
    {"*received with bad length*", QEMU_REJECT, "loadvm_process_command: the length"},
    {"*nreasonably large packaged state*", QEMU_REJECT, "loadvm_handle_cmd_packaged: the length"},
    {"*CMD_PACKAGED: Buffer receive fail*", QEMU_REJECT, "loadvm_handle_cmd_packaged: the length"},
    {"*nknown combination of migration flags*", QEMU_REJECT, "ram_load: the flags"},
    /* Reasons of its own, outside of the format */
    {"*in wrong postcopy state *", QEMU_SEMANTIC,
     "loadvm_postcopy_handle_...: the command before it"},
    {"*received with no return path*", QEMU_SEMANTIC, "loadvm_process_command: no return path"},
    {"*Unknown savevm section or instance *", QEMU_SEMANTIC, "find_se: it has no such device"},
    {"*Unknown section or instance *", QEMU_SEMANTIC, "find_se: it has no such device"},
    {"*Machine type received is *", QEMU_SEMANTIC, "configuration_post_load: the machine"},
    {"*but received capability is *", QEMU_SEMANTIC, "configuration_validate_capabilities"},
    {"*Received unknown capability *", QEMU_SEMANTIC, "get_capability: no such capability"},
    {"*received page size*", QEMU_SEMANTIC, "vmstate_target_page_bits: the page's size"},
    {"*nknown ramblock *", QEMU_SEMANTIC, "ram_load: it has no such block"},
    {"*Size mismatch: *", QEMU_SEMANTIC, "parse_ramblock: the block's size"},
    {"*Length mismatch: *", QEMU_SEMANTIC, "parse_ramblock: the block's size"},
    {"*Illegal RAM offset *", QEMU_SEMANTIC, "ram_load: outside of the block"},
    {"*Mismatched RAM page size *", QEMU_SEMANTIC, "parse_ramblock: the page's size"},
    {"*Mismatched GPAs for block *", QEMU_SEMANTIC, "parse_ramblock: the block's address"},
    {"*Input validation failed: *", QEMU_SEMANTIC, "VMSTATE_VALIDATE: the device's own test"},
    {"*: [0-9a-f]* != [0-9a-f]*", QEMU_SEMANTIC, "vmstate_info_..._equal: not the reader's value"},
    {"*Invalid IRQ * on load*", QEMU_SEMANTIC, "the device's post_load"},
    {"*Bad config data: *", QEMU_SEMANTIC, "get_pci_config_device: a byte the device cannot have"},
    /* Consequences without a named cause. The first three tell that the input ended in some field. */
    {"*stream error: -5*", QEMU_REJECT, qemu_rule_input_ends},
    {"*Read section footer failed: -5*", QEMU_REJECT, qemu_rule_input_ends},
    {"*load of migration failed: Input/output error*", QEMU_REJECT, qemu_rule_input_ends},
    {"*Failed to load element of type *", QEMU_SEMANTIC, "the field's own loading function"},
    {"*Failed to load *", QEMU_SEMANTIC, "the field's own loading function, or a post_load"},
    {"*error while loading state *", QEMU_SEMANTIC, "the device's post_load or pre_load"},
    {"*load of migration failed*", QEMU_SEMANTIC, "no reason given"},
};

const size_t qemu_message_count = sizeof(qemu_messages) / sizeof(qemu_messages[0]);

size_t find_qemu_message(const char *line, size_t limit)
{
    for (size_t i = 0; i < limit; i++)
        if (fnmatch(qemu_messages[i].pattern, line, 0) == 0)
            return i;
    return limit;
}
