/* SPDX-License-Identifier: MIT */
#include "program/skew/machine_type.h"

#include <stdio.h>
#include <string.h>

#include "program/shared/report_error.h"

/* How many characters two names share, at the beginning and at the end. */
static size_t likeness(const char *a, const char *b)
{
    size_t first = 0, last = 0;
    const size_t a_length = strlen(a), b_length = strlen(b);
    const size_t most = a_length < b_length ? a_length : b_length;
    while (first < most && a[first] == b[first])
        first++;
    while (last < most - first && a[a_length - 1 - last] == b[b_length - 1 - last])
        last++;
    return first + last;
}

/* Writes the names that are most like this one. */
static void name_close_ones(const struct vmwire_program_facts *program, const char *name,
                            char *text, size_t size)
{
    enum { SHOWN = 4 };
    size_t closest[SHOWN], count = 0, length = 0;
    for (size_t i = 0; i < program->machine_count; i++) {
        size_t place = count < SHOWN ? count : SHOWN;
        while (place > 0 && likeness(program->machines[closest[place - 1]].name, name) <
                                likeness(program->machines[i].name, name))
            place--;
        if (place == SHOWN)
            continue;
        for (size_t k = count < SHOWN ? count : SHOWN - 1; k > place; k--)
            closest[k] = closest[k - 1];
        closest[place] = i;
        count += count < SHOWN;
    }
    for (size_t i = 0; i < count && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "",
                                   program->machines[closest[i]].name);
}

/* Returns false with the error reported when the stream is of another machine type. */
static bool is_of_machine(const struct side_files *side, const struct arguments *arguments)
{
    const char *name = arguments->machine;
    const struct vmwire_bytes told = vmwire_stream_machine(side->side.stream);
    struct vmwire_error error;
    if (!told.length || (told.length == strlen(name) && memcmp(told.data, name, told.length) == 0))
        return true;
    vmwire_error_set(&error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                     "--machine %s: the stream is of the machine type %.*s", name,
                     (int)(told.length < 64 ? told.length : 64), (const char *)told.data);
    report_error(arguments, side->words, &error);
    return false;
}

bool choose_machine(struct side_files sides[2], const struct arguments *arguments)
{
    const char *name = arguments->machine;
    struct vmwire_error error;
    size_t told = 0;
    for (int i = 0; name && i < 2; i++) {
        const struct vmwire_schema *declared = sides[i].side.declared;
        const struct vmwire_program_facts *program = declared ? declared->program : NULL;
        sides[i].side.machine = name;
        if (!is_of_machine(&sides[i], arguments))
            return false;
        if (!program || !program->machine_count)
            continue;
        told++;
        if (vmwire_program_machine(program, name))
            continue;
        char close[256] = "";
        name_close_ones(program, name, close, sizeof(close));
        vmwire_error_set(&error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                         "--machine: no machine type %s; the program has %zu, of these names: %s",
                         name, program->machine_count, close);
        report_error(arguments, sides[i].words, &error);
        return false;
    }
    if (!name || told)
        return true;
    vmwire_error_set(&error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET,
                     "--machine: no side has a program that tells its machine types");
    report_error(arguments, arguments->files[0], &error);
    return false;
}
