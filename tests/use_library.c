/* A user of the installed library: reads a stream by its own description and prints the number of its items. */
#include <stdio.h>
#include <vmwire/vmwire.h>

int main(int argc, char **argv)
{
    struct error error = {0};
    struct cost cost;
    struct input input;
    struct stream *stream = NULL;
    if (argc != 2)
        return 2;
    struct arena *arena = arena_create();
    struct schema *schema = schema_create(arena);
    if (input_open(&input, argv[1], &error)) {
        if (schema_add(schema, input.bytes, &error)) {
            schema_finish(schema);
            stream = stream_read_whole(protocol_option_find("heuristic"), input.bytes, schema,
                                       arena, &cost, &error);
        }
        if (stream)
            printf("%zu items\n", stream->item_count);
        input_close(&input);
    }
    if (!stream)
        fprintf(stderr, "%s: %s\n", argv[1], error.message);
    arena_destroy(arena);
    return !stream;
}
