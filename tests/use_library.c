/* SPDX-License-Identifier: MIT */
/* A user of the installed library: reads a stream by its own description and prints the number of its items. */
#include <stdio.h>
#include <vmwire/vmwire.h>

int main(int argc, char **argv)
{
    struct vmwire_error error = {0};
    struct vmwire_cost cost;
    struct vmwire_input input;
    struct vmwire_stream *stream = NULL;
    if (argc != 2)
        return 2;
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = arena ? vmwire_schema_create(arena, &error) : NULL;
    if (schema && vmwire_input_open(&input, argv[1], NULL, &error)) {
        if (vmwire_schema_add(schema, input.bytes, &error) && vmwire_schema_finish(schema, &error))
            stream = vmwire_stream_read_whole(vmwire_option_find("heuristic"), input.bytes, schema,
                                              arena, &cost, &error);
        if (stream)
            printf("%zu items\n", stream->item_count);
        vmwire_input_close(&input);
    }
    if (!stream)
        fprintf(stderr, "%s: %s\n", argv[1], error.message);
    vmwire_arena_destroy(arena);
    return !stream;
}
