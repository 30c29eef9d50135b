/* SPDX-License-Identifier: MIT */
#include "program/explain/rules.h"

/* Those that QEMU has words of its own for, which change from release to release, are in grammar/loader.toml. */
static const char *const named_rules[] = {
    [RULE_CUT_OFF] = "cut-off",
    [RULE_CUT_OFF_NAME] = "cut-off-name",
    [RULE_UNKNOWN_ITEM] = "item-unknown",
};

const struct vmwire_skew_rule *stream_rule(enum stream_rule rule)
{
    static const struct vmwire_skew_rule rules[] = {
        [RULE_STREAM_VERSION] =
            {
                .id = "stream-version",
                .about = "The reader has another version of the stream.",
                .message = "Unsupported migration stream version",
                .source = "migration/savevm.c, qemu_loadvm_state",
                .advice = "Read and write under options of one stream version.",
            },
        [RULE_VALUE_MISLEADS] =
            {
                .id = "value-misleads",
                .about = "A value looks like a subsection, and the reader takes it for one.",
                .message = "VM subsection '%s' in '%s' does not exist",
                .source = "migration/vmstate.c, vmstate_subsection_load",
                .advice =
                    "Stop the destination and let the source run on: a migration succeeds "
                    "once the guest has another value there. All of QEMU 1.0 to 11.1 read so.",
            },
        [RULE_PASSED_OVER] =
            {
                .id = "subsection-passed-over",
                .about = "The reader does not take a subsection that was sent for one, and reads "
                         "its bytes as what follows.",
                .source = "migration/vmstate.c, vmstate_subsection_load",
                .advice = "Read under the option that the stream was written for.",
            },
        [RULE_READER_REFUSES] =
            {
                .id = "reader-refuses",
                .about = "The reader refuses the bytes of the stream.",
                .source = "migration/vmstate.c",
            },
        [RULE_DAMAGED] =
            {
                .id = "damaged",
                .about = "The bytes are not what the layouts say.",
                .source = "migration/vmstate.c, vmstate_load_state",
                .advice = "See whether the layouts are those of the program that wrote the stream; "
                          "if so, make the stream again.",
            },
        [RULE_NOT_DESCRIBED] =
            {
                .id = "not-described",
                .about = "Nothing that is given tells how to read on.",
                .advice = "Give the program that wrote the stream, as STREAM+PROGRAM.",
            },
        [RULE_MISDESCRIBED] =
            {
                .id = "misdescribed",
                .about = "The bytes of the section do not fit the stream's own description.",
                .advice =
                    "Most likely bytes of this section are damaged, and QEMU refuses it: make "
                    "the stream again.",
            },
        [RULE_EARLY_END] =
            {
                .id = "early-end",
                .about = "The reader comes to a byte 00 that it takes for the end of the stream.",
                .source = "migration/savevm.c, qemu_loadvm_state_main",
                .advice = "Make the stream again; while the guest has the same state, run it on "
                          "first.",
            },
        [RULE_OWN_CHECK] =
            {
                .id = "own-check",
                .about =
                    "QEMU's own code refuses a value after loading, and no layout tells which.",
                .advice = "Compare the properties of this device on both command lines; the "
                          "device's post_load function in QEMU's source tells what it checks.",
            },
        [RULE_NOTHING_NAMED] =
            {
                .id = "nothing-named",
                .about = "The message names no section, and what it says is known of no rule.",
                .advice =
                    "Give the lines before it, too. Or start the reader with -trace "
                    "\"qemu_loadvm_state_section*\": the last section that it names is the one.",
            },
        [RULE_UNTOLD_LENGTH] =
            {
                .id = "untold-length",
                .about = "The reader reads another number of bytes than the section has, and the "
                         "layouts that are given do not tell why.",
                .message = "Missing section footer for %s",
                .source = "migration/savevm.c, check_section_footer",
                .advice = "Give the programs of both sides, and a stream of the reader's idle "
                          "machine; then "
                          "compare the properties of this device on both command lines.",
            },
    };
    return rule < sizeof(named_rules) / sizeof(named_rules[0])
               ? vmwire_skew_rule_find(named_rules[rule])
               : &rules[rule];
}
