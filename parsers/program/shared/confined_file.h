/* SPDX-License-Identifier: MIT */
/*
 * Opens the files that a manifest names. A manifest may come from anybody, so they must lie in its
 * folder. Knows nothing of their contents.
 */
#ifndef VMWIRE_PROGRAM_SHARED_CONFINED_FILE_H
#define VMWIRE_PROGRAM_SHARED_CONFINED_FILE_H

#include "vmwire/vmwire.h"

/* Where a file must lie: in the folder, or in a folder within. */
struct place {
    const char *folder; /* NULL: anywhere */
    const char *
        sibling; /* a folder beside it where the file may lie too, as "../SIBLING/NAME"; NULL: none */
};

/* The sibling where the schemas of a manifest may lie. corpus/capture puts them there. */
#define SCHEMAS_FOLDER "schemas"

/* Opens `path` for reading. With a folder, it is FOLDER/NAME, and NAME must be a regular file that is reached without "..", and
 * without symbolic links in the place of the file or of a folder on the way. What is checked is what is opened, so
 * nobody can exchange the file in between; a pipe or a device is never opened. Returns the descriptor, which the
 * caller closes. Returns -1 with `error` set if there is no such file; the message goes on behind the file's name. */
int open_confined(const struct place *place, const char *path, struct vmwire_error *error);

/* Opens the file in the same way as input. */
bool open_confined_input(struct vmwire_input *input, const struct place *place, const char *path,
                         struct vmwire_error *error);

#endif
