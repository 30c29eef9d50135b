/* SPDX-License-Identifier: MIT */
/*
 * A stream to replay, with its original and its schema.
 */
#ifndef VMWIRE_PROGRAM_REPLAY_REPLAY_STREAM_H
#define VMWIRE_PROGRAM_REPLAY_REPLAY_STREAM_H

#include "program/replay/manifest_entry.h"
#include "program/shared/load.h"

struct replay_stream {
    const struct replay_entry *entry;
    struct loaded_file loaded;   /* the original if there is one, otherwise the stream itself */
    struct vmwire_input changed; /* the stream, if there is an original */
    struct vmwire_bytes bytes;   /* of the stream */
    const struct vmwire_stream *original; /* NULL: none */
    const struct vmwire_stream
        *meant;                    /* the original's tree with the values of the stream's fields */
    const char *const *safeguards; /* of the QEMU that is asked; see identify_qemu.h */
    struct standbys *standbys;     /* NULL: a fresh process is asked at once */
    struct vmwire_arena *arena;    /* lives as long as this struct */
};

/* Opens the stream and its original. On failure reports the error and returns false. The caller calls
 * close_replay_stream() in both cases. */
bool open_replay_stream(struct replay_stream *stream, const struct replay_entry *entry,
                        const struct arguments *arguments);
void close_replay_stream(struct replay_stream *stream);

/* Returns the version in the stream's header, 0 if the stream is too short. */
uint32_t read_stream_version(struct vmwire_bytes bytes);

/* Returns the bytes that the reader left behind the end of the stream, NULL if there are none. */
const struct vmwire_item *find_unread(const struct vmwire_stream *stream);

/* Counts full sections and starts of iterables: QEMU traces both alike. */
size_t count_sections(const struct vmwire_stream *stream);

#endif
