/* SPDX-License-Identifier: MIT */
/*
 * Opens files and pipes as mapped bytes. The kernel can release the memory of mapped bytes at any
 * time and read them again. Knows nothing of the contents.
 */
#include "vmwire/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool set_file_error(struct vmwire_error *error, const char *file, const char *what)
{
    vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET, "%s: %s", what,
                     strerror(errno));
    snprintf(error->file, sizeof(error->file), "%s", file);
    return false;
}

static bool copy_all_bytes(int from, int to)
{
    char buffer[1 << 16];
    for (;;) {
        ssize_t got = read(from, buffer, sizeof(buffer));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        for (ssize_t done = 0; done < got;) {
            ssize_t put = write(to, buffer + done, (size_t)(got - done));
            if (put < 0 && errno != EINTR)
                return false;
            done += put > 0 ? put : 0;
        }
    }
}

static bool map_file(struct vmwire_input *input, int descriptor, size_t length)
{
    static const uint8_t nothing[1];
    input->bytes = (struct vmwire_bytes){nothing, 0};
    if (!length)
        return true;
    void *data = mmap(NULL, length, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (data == MAP_FAILED)
        return false;
    input->bytes = (struct vmwire_bytes){data, length};
    return true;
}

/* Maps a pipe or a device: copies it into an unnamed temporary file first. */
static bool map_copy(struct vmwire_input *input, int descriptor)
{
    FILE *spool = tmpfile();
    if (!spool)
        return false;
    struct stat status;
    bool mapped = copy_all_bytes(descriptor, fileno(spool)) && fstat(fileno(spool), &status) == 0 &&
                  map_file(input, fileno(spool), (size_t)status.st_size);
    fclose(spool);
    return mapped;
}

bool vmwire_input_open(struct vmwire_input *input, const char *file, struct vmwire_error *error)
{
    bool standard_input = strcmp(file, "-") == 0;
    int descriptor = standard_input ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return set_file_error(error, file, "cannot open");
    struct stat status;
    bool mapped = fstat(descriptor, &status) == 0 &&
                  (S_ISREG(status.st_mode) && !standard_input
                       ? map_file(input, descriptor, (size_t)status.st_size)
                       : map_copy(input, descriptor));
    if (!mapped)
        set_file_error(error, file, "cannot read");
    if (!standard_input)
        close(descriptor);
    return mapped;
}

void vmwire_input_close(struct vmwire_input *input)
{
    if (input->bytes.length)
        munmap((void *)(uintptr_t)input->bytes.data, input->bytes.length);
    input->bytes = (struct vmwire_bytes){NULL, 0};
}
