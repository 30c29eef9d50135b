/* SPDX-License-Identifier: MIT */
/*
 * The reader that goes by the description: each row has a stream, the description behind it, and what the reader makes
 * of them. The reader's own schema has all subsections, of another stream.
 */
#include "build.h"

#define HEAD                "'QEVM' version "
#define FULL                "04 00000001 .'dev' 00000000 00000001 "
#define FOOTER              " 7e 00000001 "
#define S_A                 "{'vmsd_name':'in/a','version':1,'fields':[" U8("w") "]}"
#define D_B                 "{'vmsd_name':'dev/b','version':1,'fields':[" U8("v") "]}"
#define INSIDE(subsections) "'struct':{" INNER("in", U8("x")) subsections "}"

/* A device "dev": two structures "in" in a row, a byte, and the subsections of both kinds. */
#define DEV(first, first_size, second, second_size, own)                                           \
    LAYOUT(DEVICE("dev", "'vmsd_name':'dev','version':1,'fields':["                                \
                         "{'name':'in','index':0,'type':'struct','size':" first_size "," INSIDE(   \
                             first) "},{'name':'in','index':1,'type':'struct','size':" second_size \
                                    "," INSIDE(second) "}," FIELD("b", "buffer", 12) "]" own))

#define ALL   DEV(SENDS(S_A), "12", SENDS(S_A), "12", SENDS(D_B))
#define NONE  DEV("", "1", "", "1", "")
#define FIRST DEV(SENDS(S_A), "12", "", "1", "")
#define LAST  DEV("", "1", SENDS(S_A), "12", SENDS(D_B))

#define LIST(subsections, size)                                                                    \
    LAYOUT(DEVICE("dev", INNER("dev", "{'name':'l','type':'qtailq','size':" #size                  \
                                      "," INNER("in", U8("x")) subsections "}")))
#define OWN_BODY(subsections) INNER("dev", U8("a")) subsections
#define OWN(subsections)      LAYOUT(DEVICE("dev", OWN_BODY(subsections)))

/* The second of two fields "in" sends a subsection; the first one sends `first`. */
#define IN(size, subsections)                                                                      \
    "{'name':'in','type':'struct','size':" size ",'struct':{" INNER("in", U8("x")) subsections "}" \
                                                                                               "}"
#define APART(first) LAYOUT(DEVICE("dev", INNER("dev", first "," U8("c") "," IN("12", SENDS(S_A)))))

struct row {
    const char *name;
    const char *schema, *description; /* of the reader; of the stream */
    const char *stream;               /* up to the description */
    const char *reads;                /* accepted: the tree, up to the end of the stream */
    enum vmwire_error_kind kind;      /* rejected */
    const char *message;
};

static const struct row rows[] = {
    {.name = "a 05 is data where none was sent",
     .schema = ALL,
     .description = NONE,
     .stream = HEAD FULL "01 02 05 .'in/a' 00000001 0505" FOOTER "00",
     .reads = "full 1 dev {in[0]{x=01} in[1]{x=02} b=0504696e2f61000000010505} ~; eof"},
    {.name = "one was sent in the first element",
     .schema = ALL,
     .description = FIRST,
     .stream = HEAD FULL "01 05 .'in/a' 00000001 07 05 12*05" FOOTER "00",
     .reads =
         "full 1 dev {in[0]{x=01 +in/a:1{w=07}} in[1]{x=05} b=050505050505050505050505} ~; eof"},
    {.name = "one in the last element, and one of the device",
     .schema = ALL,
     .description = LAST,
     .stream = HEAD FULL "05 02 05 .'in/a' 00000001 07 12*05 05 .'dev/b' 00000001 09" FOOTER "00",
     .reads = "full 1 dev {in[0]{x=05} in[1]{x=02 +in/a:1{w=07}} b=050505050505050505050505 "
              "+dev/b:1{v=09}} ~; eof"},
    {.name = "two fields of one name, which are no neighbours",
     .schema = APART(IN("12", SENDS(S_A))),
     .description = APART(IN("1", "")),
     .stream = HEAD FULL "01 07 02 05 .'in/a' 00000001 09" FOOTER "00",
     .reads = "full 1 dev {in{x=01} c=07 in{x=02 +in/a:1{w=09}}} ~; eof"},
    {.name = "one was sent, says the description, and is not there",
     .schema = ALL,
     .description = FIRST,
     .stream = HEAD FULL "01 ^06 .'in/a' 00000001 07 05 12*05" FOOTER "00",
     .kind = VMWIRE_ERROR_NOT_DESCRIBED,
     .message = "tells that subsection \"in/a\" of \"in\" was sent here"},
    {.name = "another one than the description tells",
     .schema = ALL,
     .description = FIRST,
     .stream = HEAD FULL "01 05 ^.'in/b' 00000001 07 05 12*05" FOOTER "00",
     .kind = VMWIRE_ERROR_NOT_DESCRIBED,
     .message = "subsection \"in/b\" where the description tells \"in/a\""},
    {.name = "the reader does not know it",
     .schema = NONE,
     .description = FIRST,
     .stream = HEAD FULL "01 05 ^.'in/a' 00000001 07 05 12*05" FOOTER "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"in/a\" in \"in\" does not exist"},
    {.name = "the description has other names",
     .schema = ALL,
     .description = LAYOUT(DEVICE("dev", INNER("dev", U8("z")))),
     .stream = HEAD FULL "01 ^02 05 .'in/a' 00000001 0505" FOOTER "00",
     .kind = VMWIRE_ERROR_NOT_DESCRIBED,
     .message = "does not tell which subsections of \"in\" were sent here"},
    {.name = "the description has no such device",
     .schema =
         LAYOUT(DEVICE("dev", INNER("dev", STRUCT("in", 1, INNER("in", U8("x"))) "," U8("b")))),
     .description = LAYOUT(""),
     .stream = HEAD FULL "01 05" FOOTER "00",
     .reads = "full 1 dev {in{x=01} b=05} ~; eof"},
    {.name = "elements of a list that have none",
     .schema = LIST("", 5),
     .description = LIST("", 5),
     .stream = HEAD FULL "01 05 01 06 00" FOOTER "00",
     .reads = "full 1 dev {l[0]=01{x=05} l[1]=01{x=06} l=00} ~; eof"},
    {.name = "elements of a list that can have some",
     .schema = LIST(SENDS(S_A), 14),
     .description = LIST(SENDS(S_A), 14),
     .stream = HEAD FULL "01 05 ^00" FOOTER "00",
     .kind = VMWIRE_ERROR_NOT_DESCRIBED,
     .message = "does not tell which subsections of \"in\" were sent here"},
    {.name = "two sections of one device",
     .schema = OWN(SENDS(D_B)),
     .description =
         "{'devices':[" DEVICE("dev", OWN_BODY("")) "," DEVICE("dev", OWN_BODY(SENDS(D_B))) "]}",
     .stream = HEAD FULL "01" FOOTER FULL "02 05 .'dev/b' 00000001 09" FOOTER "00",
     .reads = "full 1 dev {a=01} ~; full 1 dev {a=02 +dev/b:1{v=09}} ~; eof"},
    {.name = "a description that is cut off",
     .schema = OWN(SENDS(D_B)),
     .description = "{'devices':[",
     .stream = HEAD FULL "01" FOOTER "00",
     .kind = VMWIRE_ERROR_SCHEMA,
     .message = ""},
};

/* The stream with the description behind it. */
static struct vmwire_bytes add_description(struct vmwire_arena *arena, struct vmwire_bytes stream,
                                           struct vmwire_bytes json)
{
    uint8_t *bytes = vmwire_arena_alloc(arena, stream.length + 5 + json.length);
    memcpy(bytes, stream.data, stream.length);
    bytes[stream.length] = VMWIRE_QEMU_VM_VMDESCRIPTION;
    for (unsigned i = 0; i < 4; i++)
        bytes[stream.length + 1 + i] = (uint8_t)(json.length >> 8 * (3 - i));
    memcpy(bytes + stream.length + 5, json.data, json.length);
    return (struct vmwire_bytes){bytes, stream.length + 5 + json.length};
}

static void check_refused(const struct row *row, const struct made *made,
                          const struct vmwire_error *error)
{
    if (error->kind != row->kind || !strstr(error->message, row->message) ||
        (made->mark != VMWIRE_ERROR_NO_OFFSET && error->offset != made->mark))
        fail_msg("%s at %" PRIu64 ", not at %" PRIu64 ": %s", vmwire_error_kind_name(error->kind),
                 error->offset, made->mark, error->message);
}

static void check_read(const struct row *row, const struct vmwire_stream *stream)
{
    char *tree = tree_text(stream);
    if (!row->reads || strncmp(tree, row->reads, strlen(row->reads)) != 0)
        fail_msg("%s", tree);
    free(tree);
}

/* A description made of the records says the same as the one in the stream. */
static void check_made_description(const struct row *row, struct vmwire_bytes bytes,
                                   const struct vmwire_schema *schema, struct vmwire_arena *arena,
                                   const struct vmwire_stream *stream)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    const struct vmwire_option *option = option_named("described");
    struct vmwire_reading reading = {
        .option = option,
        .input = bytes,
        .schema = schema,
        .description = vmwire_describe(stream, option, arena, &error),
        .arena = arena,
    };
    assert_non_null(reading.description);
    const struct vmwire_stream *again = vmwire_stream_collect(reading, &cost, &error);
    if (!again)
        fail_msg("%s: %s", row->name, error.message);
    assert_true(vmwire_stream_equal(again, stream));
}

static void test_row(void **state)
{
    const struct row *row = *state;
    const struct vmwire_option *option = option_named("described");
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct made made = assemble(option, row->stream);
    struct vmwire_bytes bytes =
        add_description(arena, made.bytes, json_of(arena, row->description));
    const struct vmwire_schema *schema = schema_of(arena, row->schema, NULL);
    const struct vmwire_stream *stream =
        vmwire_stream_read_whole(option, bytes, schema, arena, &cost, &error);
    if (stream) {
        check_read(row, stream);
        check_made_description(row, bytes, schema, arena, stream);
        assert_int_equal(cost.longest_lookahead, bytes.length - 4);
    } else {
        assert_null(row->reads);
        check_refused(row, &made, &error);
    }
    made_free(&made);
    vmwire_arena_destroy(arena);
}

int main(void)
{
    enum { COUNT = sizeof(rows) / sizeof(rows[0]) };
    struct CMUnitTest tests[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        tests[i] =
            (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)(uintptr_t)&rows[i]};
    return _cmocka_run_group_tests("described", tests, COUNT, NULL, NULL);
}
