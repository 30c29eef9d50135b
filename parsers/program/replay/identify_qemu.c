/* SPDX-License-Identifier: MIT */
/*
 * Finds out whether a program is a QEMU: a QEMU greets with its version. Knows no manifest.
 */
#include "program/replay/identify_qemu.h"

#include "program/replay/ask_qemu.h"

enum { PATIENCE = 20 /* seconds for a greeting */ };

/* Words that go with every command of a manifest, and an empty machine in front of them. The filter of
 * system calls comes last: not every build of QEMU has it. */
#define EMPTY_MACHINE  "-machine", "none", "-qmp", "stdio"
#define WITHOUT_FILTER "-no-user-config", "-nodefaults", "-display", "none", "-S"
#define FILTER         "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"

static const char *const filtered[] = {WITHOUT_FILTER, FILTER, NULL};
static const char *const unfiltered[] = {WITHOUT_FILTER, NULL};
static const char *const unguarded[] = {NULL};
static const char *const filtered_empty[] = {EMPTY_MACHINE, WITHOUT_FILTER, FILTER, NULL};
static const char *const unfiltered_empty[] = {EMPTY_MACHINE, WITHOUT_FILTER, NULL};

/* No fields: an empty stream has no record. */
static bool is_private(const void *context, const char *structure, const char *field)
{
    (void)context, (void)structure, (void)field;
    return false;
}

/* Starts the program, feeds it an empty stream and hears what it says. */
static bool greet(struct qemu_answer *answer, const char *const *words,
                  const struct arguments *arguments, struct vmwire_arena *arena,
                  struct vmwire_error *error)
{
    struct qemu_question question = {
        .launch = {.program = arguments->qemu, .root = arguments->root, .safeguards = words},
        .stream = {(const uint8_t *)"", 0},
        .patience = PATIENCE,
        .private_encodings = {is_private, NULL},
    };
    return ask_qemu(&question, arena, answer, error);
}

static bool set_foreign(const struct qemu_answer *answer, struct vmwire_error *error)
{
    if (answer->verdict == QEMU_HANG)
        return vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                                "is no QEMU: no QMP greeting within %d seconds", PATIENCE);
    return vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                            "is no QEMU: expected a QMP greeting, found %s%s",
                            answer->verdict == QEMU_CRASH ? "a crash"
                            : answer->message[0]          ? "the message: "
                                                          : "the end of its output",
                            answer->verdict == QEMU_CRASH ? "" : answer->message);
}

bool identify_qemu(const char *const **safeguards, const char **version,
                   const struct arguments *arguments, struct vmwire_arena *arena,
                   struct vmwire_error *error)
{
    struct qemu_answer answer;
    *safeguards = arguments->trust ? unguarded : filtered;
    if (!greet(&answer, filtered_empty, arguments, arena, error))
        return false;
    if (!answer.version[0] && answer.verdict != QEMU_HANG) {
        *safeguards = arguments->trust ? unguarded : unfiltered;
        if (!greet(&answer, unfiltered_empty, arguments, arena, error))
            return false;
    }
    *version = answer.version;
    return answer.version[0] || set_foreign(&answer, error);
}
