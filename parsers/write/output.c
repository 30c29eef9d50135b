/* SPDX-License-Identifier: MIT */
/*
 * The bytes that the writer writes: they grow in memory, and go to a sink. Knows nothing of items.
 */
#include "write/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* Leaves the attempt when memory runs out, with the output as it was. */
static void make_room(struct vmwire_writer *writer, struct output *output, size_t length)
{
    size_t limit = SIZE_MAX / 4, size = 2 * output->size + length + ((size_t)1 << 12);
    if (output->size > limit || length > limit)
        arena_leave_attempt(writer->arena, length);
    uint8_t *data = writer->writing.arena ? vmwire_arena_alloc(writer->writing.arena, size)
                                          : realloc(output->data, size);
    if (!data)
        arena_leave_attempt(writer->arena, size);
    if (writer->writing.arena && output->data)
        memcpy(data, output->data, output->length);
    output->data = data;
    output->size = size;
}

/* Appends zeros to an output, and returns them for the caller to overwrite. */
uint8_t *append_zeros_to(struct vmwire_writer *writer, struct output *output, size_t length)
{
    if (output->size - output->length < length)
        make_room(writer, output, length);
    uint8_t *end = output->data + output->length;
    output->length += length;
    if (!writer->writing.arena || writer->writing.sink.write)
        memset(end, 0, length); /* else an arena's memory is zeros already: it stays untouched */
    return end;
}

uint8_t *append_zeros(struct vmwire_writer *writer, size_t length)
{
    return append_zeros_to(writer, &writer->output, length);
}

void put(struct vmwire_writer *writer, struct vmwire_bytes bytes)
{
    uint8_t *end = bytes.length ? append_zeros(writer, bytes.length) : NULL;
    if (end && bytes.data)
        memcpy(end, bytes.data, bytes.length);
}

static void give_to_sink(struct vmwire_writer *writer, struct vmwire_bytes bytes)
{
    const struct vmwire_byte_sink *sink = &writer->writing.sink;
    writer->taken += bytes.length;
    if (!writer->refused && bytes.length)
        writer->refused = !sink->write(sink->context, bytes, &writer->refusal);
}

/* Gives what is written to the sink. In a package it stays: the length of the package comes before it. */
void flush_output(struct vmwire_writer *writer)
{
    if (!writer->writing.sink.write || writer->package_depth)
        return;
    give_to_sink(writer, (struct vmwire_bytes){writer->output.data, writer->output.length});
    writer->output.length = 0;
}

/* Does not copy bytes that the sink can take from where they are. */
void put_large(struct vmwire_writer *writer, struct vmwire_bytes bytes)
{
    flush_output(writer);
    if (writer->writing.sink.write && !writer->package_depth)
        give_to_sink(writer, bytes);
    else
        put(writer, bytes);
}

void put_integer(uint8_t *data, unsigned length, uint64_t value)
{
    for (unsigned i = 0; i < length; i++)
        data[i] = (uint8_t)(value >> 8 * (length - 1 - i));
}

void put_byte(struct vmwire_writer *writer, uint8_t value)
{
    *append_zeros(writer, 1) = value;
}

void put_be32(struct vmwire_writer *writer, uint32_t value)
{
    put_integer(append_zeros(writer, 4), 4, value);
}

void free_output(const struct vmwire_writer *writer, struct output *output)
{
    if (!writer->writing.arena)
        free(output->data);
    *output = (struct output){0};
}

/* Appends an output to another one, and empties it. */
void move_output(struct vmwire_writer *writer, struct output *to, struct output *from)
{
    if (from->length)
        memcpy(append_zeros_to(writer, to, from->length), from->data, from->length);
    free_output(writer, from);
}

bool cannot_write(struct vmwire_error *error, const char *format, ...)
{
    char message[sizeof(error->message)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    return vmwire_error_set(error, VMWIRE_ERROR_CANNOT_WRITE, VMWIRE_ERROR_NO_OFFSET, "%s",
                            message);
}
