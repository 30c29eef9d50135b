/* SPDX-License-Identifier: MIT */
/* Keeps findings and reports violated properties; see findings.h. */
#include "properties/findings.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEYS_KEPT = 1 << 16 /* a power of two */, NAME_ROOM = 256 };

static bool shows(void)
{
    return getenv("VMWIRE_SHOW");
}

/* Whether no input of about this size or smaller had this key. Remembers the key. */
static bool is_news(uint64_t key, size_t size)
{
    static struct known {
        uint64_t key;
        size_t size;
    } keys[KEYS_KEPT];
    struct known *known = &keys[key % KEYS_KEPT];
    if (known->key == key && known->size - known->size / 8 <= size)
        return false;
    *known = (struct known){key, size};
    return true;
}

bool is_new_finding(const struct test_case *test_case, uint64_t key)
{
    return shows() || is_news(key, test_case->input.length);
}

bool is_new_key(uint64_t key)
{
    return shows() || is_news(key, 0);
}

static void append(char *name, const char *text)
{
    size_t length = strlen(name);
    for (; *text && length + 4 < NAME_ROOM; text++) {
        unsigned char byte = (unsigned char)*text;
        if (isalnum(byte) || strchr("+-._", byte))
            name[length++] = (char)byte;
        else
            length += (size_t)snprintf(name + length, 4, "%%%02X", byte);
    }
    name[length] = '\0';
}

void write_file(const char *folder, const char *name, struct vmwire_bytes input)
{
    char path[4096], temporary[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    snprintf(temporary, sizeof(temporary), "%s/.%ld", folder, (long)getpid());
    FILE *file = fopen(temporary, "wb");
    if (!file)
        fuzz_fail("VMWIRE_FINDINGS and VMWIRE_RECORDS name writable folders",
                  "%s cannot be written", temporary);
    bool written = fwrite(input.data, 1, input.length, file) == input.length;
    written &= fclose(file) == 0;
    if (!written || rename(temporary, path) != 0)
        fuzz_fail("VMWIRE_FINDINGS and VMWIRE_RECORDS name writable folders",
                  "%s cannot be written", path);
}

static bool is_smallest(const char *folder, const char *name, size_t size)
{
    char path[4096];
    struct stat there;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return stat(path, &there) != 0 || size < (size_t)there.st_size;
}

void keep_finding(const struct test_case *test_case, const char *const *parts, size_t count)
{
    char name[NAME_ROOM] = "";
    for (size_t i = 0; i < count; i++) {
        if (i)
            strncat(name, ":", NAME_ROOM - strlen(name) - 1);
        append(name, parts[i]);
    }
    show_line("finding %s", name);
    const char *folder = getenv("VMWIRE_FINDINGS");
    if (folder && is_smallest(folder, name, test_case->input.length))
        write_file(folder, name, test_case->input);
}

void show_line(const char *format, ...)
{
    va_list arguments;
    if (!shows())
        return;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

void fuzz_fail(const char *condition, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "property violated: %s: ", condition);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    abort();
}
