/* SPDX-License-Identifier: MIT */
#include "skew/shared/release.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "skew/shared/loader_tables.h"
#include "skew/shared/places.h"

enum { MAJOR = 100 };

/* Reads "10.2", or "4.0.1" as 4.0, and sets `end` behind it; 0: there is no release. */
static unsigned read_release(const char *text, const char **end)
{
    char *behind;
    unsigned long major = strtoul(text, &behind, 10), minor;
    *end = text;
    if (behind == text || *behind != '.' || major >= MAJOR)
        return 0;
    const char *after = behind + 1;
    minor = strtoul(after, &behind, 10);
    if (behind == after || minor >= MAJOR)
        return 0;
    *end = behind + (*behind == '.' ? 1 + strspn(behind + 1, "0123456789") : 0);
    return (unsigned)(major * MAJOR + minor);
}

unsigned release_of_name(const char *machine, size_t *family)
{
    const char *dash = strrchr(machine, '-'), *end;
    const unsigned release = dash ? read_release(dash + 1, &end) : 0;
    const bool named = release && !*end;
    *family = named ? (size_t)(dash - machine) : strlen(machine);
    return named ? release : 0;
}

/* "8.0 to 10.1", or "11.1": the newest that is known, and what comes. */
static struct release_range range_of_program(const char *releases)
{
    static const char to[] = " to ";
    const char *end;
    struct release_range range = {read_release(releases, &end), UINT_MAX};
    if (strncmp(end, to, strlen(to)) == 0)
        range.last = read_release(end + strlen(to), &end);
    else if (range.first && range.first < newest_release)
        range.last = range.first;
    return range;
}

/* The newest machine type with a number; 0: the program's are not known. */
static unsigned newest_machine(const struct vmwire_schema *declared)
{
    const struct vmwire_program_facts *facts = declared ? declared->program : NULL;
    unsigned newest = 0;
    for (size_t i = 0; facts && i < facts->machine_count; i++) {
        size_t family;
        const unsigned release = release_of_name(facts->machines[i].name, &family);
        newest = release > newest ? release : newest;
    }
    return newest;
}

static const char *releases_of(const struct vmwire_schema *schema)
{
    return schema ? schema->releases : NULL;
}

/* A machine type with a number is not of an older release. */
static unsigned release_of_machine(const struct skew *skew)
{
    const struct vmwire_bytes machine = vmwire_stream_machine(skew->reader->stream);
    size_t family;
    return machine.length ? release_of_name(text_of_bytes(skew, machine), &family) : 0;
}

struct release_range reader_releases(const struct skew *skew)
{
    const char *releases = releases_of(skew->reader->declared);
    if (!releases)
        releases = releases_of(skew->reader->described);
    struct release_range range = {0, UINT_MAX};
    if (releases)
        range = range_of_program(releases);
    /* A program has the machine type of its own release. */
    const unsigned newest = newest_machine(skew->reader->declared);
    if (newest && newest >= range.first && newest <= range.last)
        range = (struct release_range){newest, newest};
    unsigned of_machine = release_of_machine(skew);
    if (of_machine > range.first)
        range.first = of_machine;
    return range;
}

const char *reader_message(const struct skew *skew, const struct vmwire_skew_rule *rule)
{
    return rule->changed && reader_releases(skew).first >= rule->changed_from ? rule->changed
                                                                              : rule->message;
}
