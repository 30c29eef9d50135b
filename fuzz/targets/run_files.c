/* SPDX-License-Identifier: MIT */
/*
 * Runs a target over files and folders without a fuzzing engine: as a regression test, or to show what an input does
 * (VMWIRE_SHOW=1). Prints PASS and the number of files. Fails if a file cannot be read, or if there are none.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "targets/target.h"

static size_t files_run;

static bool run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    size_t size = 0, got = 0;
    char piece[65536];
    if (!file)
        return false;
    FILE *memory = open_memstream(&data, &size);
    while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
        fwrite(piece, 1, got, memory);
    bool read = !ferror(file);
    fclose(file);
    fclose(memory);
    if (read) {
        /* A sanitizer sees a read beyond memory of exactly this size. */
        uint8_t *exact = malloc(size ? size : 1);
        memcpy(exact, data, size);
        LLVMFuzzerTestOneInput(exact, size);
        free(exact);
        files_run++;
    }
    free(data);
    return read;
}

static bool run_folder(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    bool all = count >= 0;
    for (int i = 0; i < count; i++) {
        char inner[4096];
        struct stat status;
        snprintf(inner, sizeof(inner), "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && stat(inner, &status) == 0 && S_ISREG(status.st_mode))
            all &= run_file(inner);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return all;
}

int main(int count, char **files)
{
    for (int i = 1; i < count; i++) {
        struct stat status;
        bool folder = stat(files[i], &status) == 0 && S_ISDIR(status.st_mode);
        if (!(folder ? run_folder(files[i]) : run_file(files[i]))) {
            fprintf(stderr, "%s: cannot read %s\n", files[0], files[i]);
            return 2;
        }
    }
    if (!files_run) {
        fprintf(stderr, "usage: %s FILE|FOLDER...\n", files[0]);
        return 2;
    }
    printf("PASS %zu files\n", files_run);
    return 0;
}
