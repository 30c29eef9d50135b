/* SPDX-License-Identifier: MIT */
/*
 * The option asn1: what is not DER is refused, each fault in its own words; a state that has no encoding is not written;
 * of all states of small schemas each has its own bytes, and no other bytes stand for it; a changed bit of a capture is
 * refused, or belongs to the state that is read.
 *
 *     VMWIRE_FLIPS   changed bits of each capture (default: 60)
 */
#include "corpus.h"

static const struct vmwire_option *asn1;

/* ---- Faults ---------------------------------------------------------------------------------- */

#define DESCRIBED                                                                                  \
    LAYOUT(DEVICE(                                                                                 \
        "d",                                                                                       \
        INNER("d",                                                                                 \
              U8("a") "," FIELD("b", "bool", 1) "," FIELD("c", "buffer", 2) "," STRUCT(            \
                  "s", 2,                                                                          \
                  INNER("s",                                                                       \
                        FIELD("v", "int16",                                                        \
                              2))) ","                                                             \
                                   "{'name':'r','array_len':2,'type':'uint16','size':2}," STRUCTS( \
                                       "t", 2, 1, INNER("t", U8("w"))))                            \
            SENDS(SUB(INNER("d/x", U32("y"))))))

#define HEAD         "5145564d 00000007 "
#define NAMES        "020105 0401'd' 020100 020101 "
#define A            "020107 "
#define B            "0101ff "
#define C            "0402aabb "
#define S            "30[1 02021234] "
#define R            "30[1 020100 020300ffff] "
#define T            "30[1 30[1 020101] 30[1 020102]] "
#define X            "7fd353 [1 0403'd/x' 020101 30[1 020109]] "
#define LIST         "7fd34c [1 " X "] "
#define RECORD(body) HEAD "64[1 " NAMES "30[1 " body "]] "
#define END          "6b[1 020105] 4000"

static const struct fault {
    const char *name, *text; /* ^: where the error is */
    enum vmwire_error_kind kind;
    const char *message; /* a part of it; NULL: the stream is right */
} faults[] = {
    {"right", RECORD(A B C S R T LIST) END, 0, NULL},
    {"without subsections", RECORD(A B C S R T) END, 0, NULL},
    {"without footers", RECORD(A B C S R T) "4000", 0, NULL},
    {"an indefinite length", HEAD "^64 80" NAMES "30[1 " A B C S R T "] 0000 4000",
     VMWIRE_ERROR_ENCODING, "an indefinite length"},
    {"a long length that could be short", RECORD(A B "^04 81 02 aabb" S R T) END,
     VMWIRE_ERROR_ENCODING, "a length in the long form that the short form could say"},
    {"a length that begins with 00", RECORD(A B "^04 82 0002 aabb" S R T) END,
     VMWIRE_ERROR_ENCODING, "a length that begins with 00"},
    {"a length of nine octets", RECORD(A B "^04 89 010000000000000002 aabb" S R T) END,
     VMWIRE_ERROR_ENCODING, "a length of more than 8 octets"},
    {"a length beyond the value around it",
     RECORD(A B C S R "30[1 30[1 020101] ^30 04 020102]") END, VMWIRE_ERROR_ENCODING,
     "found a length of 4, but the value around it ends after 3 bytes"},
    {"a length beyond the stream", HEAD "^64 7f 00", VMWIRE_ERROR_TRUNCATED,
     "found a length of 127, but the stream ends after 1 bytes"},
    {"a length cut off", HEAD "^64 82 01", VMWIRE_ERROR_TRUNCATED, "the stream ends in its length"},
    {"bytes behind the fields", RECORD(A B C S R T "^05 00") END, VMWIRE_ERROR_ENCODING,
     "expected the end of the record, or the list of its subsections (7f d3 4c), found a value "
     "with "
     "the tag 05"},
    {"an element too many in an embedded record", RECORD(A B C "30[1 02021234 ^020100]" R T) END,
     VMWIRE_ERROR_ENCODING, "expected the end of the record, or the list"},
    {"an element too many in an array", RECORD(A B C S "30[1 020100 020101 ^020102]" T) END,
     VMWIRE_ERROR_ENCODING, "found 3 more bytes: an element too many"},
    {"an element too many in an array of records",
     RECORD(A B C S R "30[1 30[1 020101] 30[1 020102] ^30[1 020103]]") END, VMWIRE_ERROR_ENCODING,
     "found 5 more bytes: an element too many"},
    {"an element too many behind a record", HEAD "64[1 " NAMES "30[1 " A B C S R T "] ^0500] " END,
     VMWIRE_ERROR_ENCODING, "found 2 more bytes: an element too many"},
    {"an element too many behind a subsection",
     RECORD(A B C S R T "7fd34c[1 7fd353[1 0403'd/x' 020101 30[1 020109] ^0500]]") END,
     VMWIRE_ERROR_ENCODING, "found 2 more bytes: an element too many"},
    {"an element too many in a footer", RECORD(A B C S R T) "6b[1 020105 ^0500] 4000",
     VMWIRE_ERROR_ENCODING, "found 2 more bytes: an element too many"},
    {"an element missing", RECORD(A B C S R "^") END, VMWIRE_ERROR_ENCODING,
     "expected the elements of an array or a list (30, SEQUENCE OF), but the value around it ends "
     "here: an element is missing"},
    {"an element missing in an array", RECORD(A B C S "^30[1 020100]" T) END, VMWIRE_ERROR_ENCODING,
     "an element is missing"},
    {"an element missing in an array of records", RECORD(A B C S R "30[1 30[1 020101] ^]") END,
     VMWIRE_ERROR_ENCODING, "expected a record (30, SEQUENCE), but the value around it ends here"},
    {"an element missing in an embedded record", RECORD(A B C "30[1 ^]" R T) END,
     VMWIRE_ERROR_ENCODING, "expected an INTEGER (02), but the value around it ends here"},
    {"a record missing", HEAD "64[1 " NAMES "^] " END, VMWIRE_ERROR_ENCODING,
     "expected a record (30, SEQUENCE), but the value around it ends here"},
    {"a padded integer", RECORD("^0202 0007" B C S R T) END, VMWIRE_ERROR_ENCODING,
     "an INTEGER padded with 00"},
    {"a padded negative integer", RECORD(A B C "30[1 ^0202 ff80]" R T) END, VMWIRE_ERROR_ENCODING,
     "an INTEGER padded with ff"},
    {"an integer without contents", RECORD("^0200" B C S R T) END, VMWIRE_ERROR_ENCODING,
     "an INTEGER without contents"},
    {"an integer above the range", RECORD("^0202 0100" B C S R T) END, VMWIRE_ERROR_ENCODING,
     "out of the range of type uint8"},
    {"a negative integer of an unsigned type", RECORD("^0201 80" B C S R T) END,
     VMWIRE_ERROR_ENCODING, "out of the range of type uint8"},
    {"an integer above the range of a signed type", RECORD(A B C "30[1 ^0203 008000]" R T) END,
     VMWIRE_ERROR_ENCODING, "out of the range of type int16"},
    {"a section id above 32 bits", HEAD "64[1 ^0205 0100000000 0401'd' 020100 020101]",
     VMWIRE_ERROR_ENCODING, "a section id (02, INTEGER) of 4 bytes, found a larger one"},
    {"a negative section id", HEAD "64[1 ^0201 ff 0401'd' 020100 020101]", VMWIRE_ERROR_ENCODING,
     "a section id (02, INTEGER) of 4 bytes, found a negative one"},
    {"a boolean 01", RECORD(A "^0101 01" C S R T) END, VMWIRE_ERROR_ENCODING,
     "expected a BOOLEAN 00 or ff, found 01"},
    {"a boolean of two bytes", RECORD(A "^0102 ffff" C S R T) END, VMWIRE_ERROR_ENCODING,
     "expected a BOOLEAN of one byte, found 2"},
    {"a boolean without contents", RECORD(A "^0100" C S R T) END, VMWIRE_ERROR_ENCODING,
     "expected a BOOLEAN of one byte, found 0"},
    {"an octet string too short", RECORD(A B "^0401 aa" S R T) END, VMWIRE_ERROR_ENCODING,
     "expected an OCTET STRING of 2 bytes (type buffer), found 1"},
    {"an octet string too long", RECORD(A B "^0403 aabbcc" S R T) END, VMWIRE_ERROR_ENCODING,
     "expected an OCTET STRING of 2 bytes (type buffer), found 3"},
    {"a constructed octet string", RECORD(A B "^24[1 0401aa 0401bb]" S R T) END,
     VMWIRE_ERROR_ENCODING, "found a constructed OCTET STRING"},
    {"a constructed integer", RECORD("^22[1 0107]" B C S R T) END, VMWIRE_ERROR_ENCODING,
     "found a constructed INTEGER"},
    {"a constructed boolean", RECORD(A "^21[1 ff]" C S R T) END, VMWIRE_ERROR_ENCODING,
     "found a constructed BOOLEAN"},
    {"a primitive sequence", RECORD(A B C "^10[1 02021234]" R T) END, VMWIRE_ERROR_ENCODING,
     "found a primitive SEQUENCE"},
    {"another tag", RECORD("^040107" B C S R T) END, VMWIRE_ERROR_ENCODING,
     "expected an INTEGER (02), found a value with the tag 04"},
    {"another tag in an array", RECORD(A B C S "30[1 020100 ^040101]" T) END, VMWIRE_ERROR_ENCODING,
     "expected an INTEGER (02), found a value with the tag 04"},
    {"a high tag number that could be low", RECORD("^1f02 01 07" B C S R T) END,
     VMWIRE_ERROR_ENCODING, "a tag number below 31 in the long form"},
    {"a padded high tag number", RECORD(A B C S R T "^7f80d34c[1 " X "]") END,
     VMWIRE_ERROR_ENCODING, "a tag number that begins with zeros"},
    {"end-of-contents octets", RECORD(A B C S R T "^0000") END, VMWIRE_ERROR_ENCODING,
     "end-of-contents octets"},
    {"an empty list of subsections", RECORD(A B C S R T "^7fd34c[1]") END, VMWIRE_ERROR_ENCODING,
     "an empty list of subsections"},
    {"two lists of subsections", RECORD(A B C S R T LIST "^" LIST) END, VMWIRE_ERROR_ENCODING,
     "expected the end of the record, found a value with the tag 7f"},
    {"an unknown subsection",
     RECORD(A B C S R T "7fd34c[1 7fd353[1 04 ^03'd/z' 020101 30[1 020109]]]") END,
     VMWIRE_ERROR_UNKNOWN_SUBSECTION, "subsection \"d/z\" in \"d\" does not exist"},
    {"another version of a subsection",
     RECORD(A B C S R T "7fd34c[1 7fd353[1 0403'd/x' ^020102 30[1 020109]]]") END,
     VMWIRE_ERROR_VERSION_ID, "above the reader's"},
    {"an unknown item", HEAD "^6c[1 020105]", VMWIRE_ERROR_ENCODING, "expected an item"},
    {"an end with contents", RECORD(A B C S R T) "6b[1 020105] ^4001 00", VMWIRE_ERROR_ENCODING,
     "a NULL without contents"},
    {"bytes behind the end", RECORD(A B C S R T) END "^00", VMWIRE_ERROR_ENCODING,
     "or the end of the stream"},
    {"no footer",
     RECORD(A B C S R T) "6b[1 020105]"
                         "^64[1 " NAMES "30[1 " A B C S R T "]] ^4000",
     VMWIRE_ERROR_FOOTER, "expected a section footer (6b)"},
    {"another section's footer", RECORD(A B C S R T) "6b[1 ^020106] 4000", VMWIRE_ERROR_SECTION_ID,
     "the footer names section 6"},
    {"bytes left in an entry",
     HEAD "61[1 020102 0403'ram' 020100 020104] 4a[1 0000000000000010 ^00] 4000",
     VMWIRE_ERROR_ENCODING, "1 bytes are left of the entry's OCTET STRING"},
    {"an entry cut off", HEAD "61[1 020102 0403'ram' 020100 020104] 4a[1 ^00000000000010] 4000",
     VMWIRE_ERROR_TRUNCATED, "only 7 bytes are left"},
    {"no entry", HEAD "61[1 020102 0403'ram' 020100 020104] ^4000", VMWIRE_ERROR_ENCODING,
     "expected an entry of an iterable section (4a)"},
    {"an element too many in a start", HEAD "61[1 020102 0403'ram' 020100 020104 ^0500] 4000",
     VMWIRE_ERROR_ENCODING, "an element too many"},
    {"a command with a package", HEAD "68[1 020102 ^a0[1 4000]] 4000", VMWIRE_ERROR_ENCODING,
     "found a package"},
    {"a package without one", HEAD "68[1 020107 ^0400] 4000", VMWIRE_ERROR_ENCODING,
     "expected a package (a0)"},
    {"an element too many in a command", HEAD "68[1 020101 0400 ^0500] 4000", VMWIRE_ERROR_ENCODING,
     "an element too many"},
    {"a package that just ends", HEAD "68[1 020107 a0[1 ^]] 4000", VMWIRE_ERROR_ENCODING,
     "expected an item"},
    {"a package", HEAD "68[1 020107 a0[1 64[1 " NAMES "30[1 " A B C S R T "]] " END "]] 4000", 0,
     NULL},
    {"unread bytes", HEAD "4000 4d[1 aabb]", 0, NULL},
    {"no unread bytes", HEAD "4000 ^4d00", VMWIRE_ERROR_ENCODING, "expected unread bytes"},
};

static void check_fault(const struct fault *fault, const struct vmwire_schema *schema)
{
    struct made made = assemble(asn1, fault->text);
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_cost cost;
    struct vmwire_error error = {0};
    struct vmwire_stream *stream =
        vmwire_stream_read_whole(asn1, made.bytes, schema, arena, &cost, &error);
    if (!fault->message && !stream)
        fail_msg("%s: %" PRIu64 ", %s: %s", fault->name, error.offset, error.path, error.message);
    if (fault->message &&
        (stream || error.kind != fault->kind || !strstr(error.message, fault->message) ||
         (made.mark != VMWIRE_ERROR_NO_OFFSET && error.offset != made.mark)))
        fail_msg("%s: found %s at %" PRIu64 ": %s\nexpected %s at %" PRIu64 ": %s", fault->name,
                 vmwire_error_kind_name(error.kind), error.offset, error.message,
                 vmwire_error_kind_name(fault->kind), made.mark, fault->message);
    if (stream) {
        struct vmwire_writer *writer = write_whole(stream, asn1, false, &error);
        assert_non_null(writer);
        assert_same_bytes(vmwire_writer_output(writer), made.bytes);
        assert_int_equal(vmwire_cost_bytes_read(&cost), made.bytes.length);
        vmwire_writer_destroy(writer);
    }
    vmwire_arena_destroy(arena);
    made_free(&made);
}

static void test_faults(void **state)
{
    (void)state;
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = schema_of(arena, DESCRIBED, NULL);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        check_fault(&faults[i], schema);
    vmwire_arena_destroy(arena);
}

/* ---- States without an encoding ---------------------------------------------------------------- */

static void test_states_without_encoding(void **state)
{
    static const struct {
        const char *layout, *bytes, *message;
    } rows[] = {
        {LAYOUT(DEVICE("d", INNER("d", FIELD("b", "bool", 1)))),
         "5145564d 00000003 04 00000005 01'd' 00000000 00000001 02 7e00000005 00",
         "field \"b\" is a BOOLEAN, and has the byte 02"},
        {LAYOUT(DEVICE(
             "d", INNER("d", "{'name':'q','type':'qtailq','size':3," INNER("e", U8("x")) "}"))),
         "5145564d 00000003 04 00000005 01'd' 00000000 00000001 02 07 00 7e00000005 00",
         "field \"q\" is an element of a list, and has the byte 02"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct vmwire_schema *schema = schema_of(arena, rows[i].layout, NULL);
        struct made made = assemble(option_named("heuristic"), rows[i].bytes);
        struct vmwire_cost cost;
        struct vmwire_error error = {0};
        struct vmwire_stream *stream = vmwire_stream_read_whole(
            option_named("heuristic"), made.bytes, schema, arena, &cost, &error);
        if (!stream)
            fail_msg("%s", error.message);
        assert_null(write_whole(stream, asn1, false, &error));
        assert_int_equal(error.kind, VMWIRE_ERROR_CANNOT_WRITE);
        assert_string_equal(error.message, rows[i].message);
        made_free(&made);
        vmwire_arena_destroy(arena);
    }
}

/* ---- All states of small schemas --------------------------------------------------------------- */

/* Reads bytes; where they are accepted, writes what was read. NULL: refused. */
static struct vmwire_writer *read_and_write(struct vmwire_bytes bytes,
                                            const struct vmwire_option *from,
                                            const struct vmwire_option *to,
                                            const struct vmwire_schema *schema)
{
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_cost cost;
    struct vmwire_error error = {0};
    struct vmwire_writer *writer = NULL;
    struct vmwire_stream *stream =
        vmwire_stream_read_whole(from, bytes, schema, arena, &cost, &error);
    if (stream && !(writer = write_whole(stream, to, false, &error)))
        fail_msg("read, but not written: %s", error.message);
    vmwire_arena_destroy(arena);
    return writer;
}

/* The states in QEMU's encoding: `?` is a byte of the set, `!` a bool; a part in < > is sent or not. */
static const struct states {
    const char *layout, *bytes;
} all_states[] = {
    {LAYOUT(DEVICE("d", INNER("d", U8("a") "," FIELD("b", "int16", 2)))), "? ??"},
    {LAYOUT(DEVICE(
         "d",
         INNER("d",
               FIELD("a", "int8", 1) "," FIELD("b", "bool", 1) "," STRUCT(
                   "s", 1,
                   INNER("s", U8("v"))) ","
                                        "{'name':'r','array_len':2,'type':'uint8','size':1}"))),
     "? ! ? ??"},
    {LAYOUT(DEVICE(
         "d", INNER("d", STRUCT("s", 11,
                                INNER("s", U8("v")) SENDS(SUB(INNER("s/y", U8("z"))))) "," U8("g"))
                  SENDS(SUB(INNER("d/x", U8("y")))))),
     "? <s> ? <d>"},
};

static const uint8_t byte_set[] = {0x00, 0x01, 0x05, 0x7f, 0x80, 0xff};
enum { STATE_SIZE = 256 };

/* A section "d" in QEMU's encoding; behind it a footer and the end. */
#define STATE_HEAD "QEVM\0\0\0\3\4\0\0\0\5\1d\0\0\0\0\0\0\0\1"
#define STATE_TAIL "\x7e\0\0\0\5\0"

struct collection {
    struct vmwire_bytes *list;
    size_t count, room;
};

static void collect(struct collection *collection, struct vmwire_bytes bytes)
{
    if (collection->count == collection->room) {
        collection->room = collection->room ? 2 * collection->room : 1024;
        collection->list =
            must(realloc(collection->list, collection->room * sizeof(*collection->list)));
    }
    uint8_t *copy = must(malloc(bytes.length));
    memcpy(copy, bytes.data, bytes.length);
    collection->list[collection->count++] = (struct vmwire_bytes){copy, bytes.length};
}

static size_t append(uint8_t *state, size_t length, const char *bytes, size_t count)
{
    memcpy(state + length, bytes, count);
    return length + count;
}

/* Makes the state with this number. Returns its length; 0: there are no more. */
static size_t make_state(const char *pattern, uint64_t number, uint8_t state[STATE_SIZE])
{
    size_t length = append(state, 0, STATE_HEAD, sizeof(STATE_HEAD) - 1);
    for (; *pattern; pattern++) {
        size_t choices = *pattern == '?' ? sizeof(byte_set) : *pattern == '!' ? 2 : 1;
        if (*pattern == '<')
            choices = 1 + sizeof(byte_set);
        uint64_t choice = number % choices;
        number /= choices;
        if (*pattern == '?')
            state[length++] = byte_set[choice];
        else if (*pattern == '!')
            state[length++] = (uint8_t)choice;
        else if (*pattern == '<' && choice) {
            length =
                append(state, length, pattern[1] == 's' ? "\5\3s/y\0\0\0\1" : "\5\3d/x\0\0\0\1", 9);
            state[length++] = byte_set[choice - 1];
        }
        if (*pattern == '<')
            pattern += 2;
    }
    return number ? 0 : append(state, length, STATE_TAIL, sizeof(STATE_TAIL) - 1);
}

static int compare_bytes(const void *a, const void *b)
{
    const struct vmwire_bytes *one = a, *other = b;
    size_t length = one->length < other->length ? one->length : other->length;
    int order = memcmp(one->data, other->data, length);
    return order ? order : (one->length > other->length) - (one->length < other->length);
}

/* Sorted, a value that another one begins with stands before it. */
static void check_prefix_code(struct collection *written)
{
    qsort(written->list, written->count, sizeof(*written->list), compare_bytes);
    for (size_t i = 1; i < written->count; i++) {
        struct vmwire_bytes one = written->list[i - 1], other = written->list[i];
        if (one.length <= other.length && memcmp(one.data, other.data, one.length) == 0)
            fail_msg("two states of %zu and %zu bytes begin alike", one.length, other.length);
    }
}

/* All bytes that differ in one byte, and all that are cut off: refused, or those of the state that is read. */
static void check_neighbours(struct vmwire_bytes bytes, const struct vmwire_schema *schema)
{
    uint8_t changed[STATE_SIZE];
    for (size_t i = 0; i < bytes.length; i++) {
        memcpy(changed, bytes.data, bytes.length);
        for (unsigned value = 0; value <= UINT8_MAX; value++) {
            changed[i] = (uint8_t)value;
            struct vmwire_bytes neighbour = {changed, bytes.length};
            struct vmwire_writer *writer = read_and_write(neighbour, asn1, asn1, schema);
            if (writer)
                assert_same_bytes(vmwire_writer_output(writer), neighbour);
            vmwire_writer_destroy(writer);
        }
        struct vmwire_bytes cut = {bytes.data, i};
        struct vmwire_writer *writer = read_and_write(cut, asn1, asn1, schema);
        if (writer)
            fail_msg("cut off after %zu of %zu bytes, and read", i, bytes.length);
    }
}

static size_t check_all_states(const struct states *states)
{
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = schema_of(arena, states->layout, NULL);
    const struct vmwire_option *flagday = option_named("guarded");
    struct collection written = {0};
    uint8_t state[STATE_SIZE];
    size_t length;
    for (uint64_t number = 0; (length = make_state(states->bytes, number, state)); number++) {
        struct vmwire_bytes bytes = {state, length};
        struct vmwire_writer *writer = read_and_write(bytes, flagday, asn1, schema);
        if (!writer) /* another state misleads this reader, so this one is no state */
            continue;
        struct vmwire_writer *back =
            read_and_write(vmwire_writer_output(writer), asn1, flagday, schema);
        assert_non_null(back);
        assert_same_bytes(vmwire_writer_output(back), bytes);
        collect(&written, vmwire_writer_output(writer));
        if (number % 997 == 0)
            check_neighbours(vmwire_writer_output(writer), schema);
        vmwire_writer_destroy(back);
        vmwire_writer_destroy(writer);
    }
    check_prefix_code(&written);
    size_t count = written.count;
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)written.list[i].data);
    free(written.list);
    vmwire_arena_destroy(arena);
    return count;
}

static void test_all_states(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t i = 0; i < sizeof(all_states) / sizeof(all_states[0]); i++)
        count += check_all_states(&all_states[i]);
    print_message("# %zu states, each with its own bytes\n", count);
    assert_true(count > 1000);
}

static uint64_t random_number(uint64_t *seed)
{
    *seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = (*seed ^ *seed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

/* ---- Two releases ------------------------------------------------------------------------------ */

/* A field of a drawn structure: of a type, or a structure with one such field. */
struct drawn_field {
    unsigned type;
    bool embedded;
    char name;
};

struct drawn {
    struct drawn_field fields[8];
    size_t count;
    bool subsection;
};

static const struct {
    const char *type;
    unsigned size;
} types[] = {{"uint8", 1},  {"int8", 1},   {"bool", 1},  {"uint16", 2}, {"int16", 2},
             {"buffer", 2}, {"uint32", 4}, {"int32", 4}, {"buffer", 4}, {"timer", 8}};

enum { TYPE_COUNT = sizeof(types) / sizeof(types[0]) };

/* What the reader's release has another way. */
enum change {
    NOTHING,
    MORE,
    FEWER,
    EXCHANGED,
    TO_THE_END,
    REPLACED,
    EMBEDDED,
    SUBSECTION,
    CHANGES
};

static const char *const change_names[CHANGES] = {"no difference",
                                                  "a field more",
                                                  "a field fewer",
                                                  "two fields exchanged",
                                                  "a field moved to the end",
                                                  "another type of the same size",
                                                  "a structure embedded anew",
                                                  "a subsection that the reader does not know"};

static unsigned draw(uint64_t *seed, size_t count)
{
    return (unsigned)((random_number(seed) >> 16) % count);
}

static struct drawn draw_structure(uint64_t *seed)
{
    struct drawn drawn = {.count = 2 + draw(seed, 3)};
    for (size_t i = 0; i < drawn.count; i++)
        drawn.fields[i] =
            (struct drawn_field){draw(seed, TYPE_COUNT), draw(seed, 4) == 0, (char)('a' + i)};
    return drawn;
}

/* False: this change does not fit. */
static bool change_structure(struct drawn *writer, struct drawn *reader, enum change change,
                             uint64_t *seed)
{
    size_t at = draw(seed, writer->count);
    struct drawn_field *field = &reader->fields[at];
    unsigned other = draw(seed, TYPE_COUNT);
    switch (change) {
    case MORE:
        memmove(field + 1, field, (reader->count++ - at) * sizeof(*field));
        *field = (struct drawn_field){other, false, 'z'};
        return true;
    case FEWER:
        memmove(field, field + 1, (--reader->count - at) * sizeof(*field));
        return true;
    case EXCHANGED:
        *field = writer->fields[other % writer->count];
        reader->fields[other % writer->count] = writer->fields[at];
        return other % writer->count != at;
    case TO_THE_END:
        memmove(field, field + 1, (reader->count - 1 - at) * sizeof(*field));
        reader->fields[reader->count - 1] = writer->fields[at];
        return at + 1 < writer->count;
    case REPLACED:
        if (other == field->type || types[other].size != types[field->type].size)
            return false;
        field->type = other;
        return true;
    case EMBEDDED:
        if (field->embedded)
            return false;
        field->embedded = true;
        return true;
    case SUBSECTION:
        writer->subsection = true;
        return true;
    default:
        return true;
    }
}

static struct vmwire_schema *schema_of_drawn(const struct drawn *drawn, struct vmwire_arena *arena)
{
    char text[4096] = "{'page_size':4096,'devices':[{'name':'d','instance_id':0,'vmsd_name':'d',"
                      "'version':1,'fields':[";
    for (size_t i = 0; i < drawn->count; i++) {
        char field[512], leaf[256];
        unsigned size = types[drawn->fields[i].type].size;
        const char name = drawn->fields[i].name;
        snprintf(leaf, sizeof(leaf), "{'name':'%c','type':'%s','size':%u}", name,
                 types[drawn->fields[i].type].type, size);
        snprintf(field, sizeof(field),
                 "{'name':'%c','type':'struct','size':%u,'struct':{'vmsd_name':'s','version':1,"
                 "'fields':[%s]}}",
                 name, size, leaf);
        strcat(text, i ? "," : "");
        strcat(text, drawn->fields[i].embedded ? field : leaf);
    }
    strcat(text, "]");
    if (drawn->subsection)
        strcat(text, SENDS(SUB(INNER("d/x", U8("y")))));
    strcat(text, "}]}");
    return schema_of(arena, text, NULL);
}

/* A state in QEMU's encoding. Most of the numbers are small, some of these negative. */
static struct vmwire_bytes draw_state(const struct drawn *drawn, uint64_t *seed,
                                      uint8_t state[STATE_SIZE])
{
    size_t length = append(state, 0, STATE_HEAD, sizeof(STATE_HEAD) - 1);
    for (size_t i = 0; i < drawn->count; i++) {
        unsigned type = drawn->fields[i].type;
        bool boolean = strcmp(types[type].type, "bool") == 0;
        const unsigned kind = draw(seed, 3); /* any, small, small and negative */
        for (unsigned byte = 0; byte < types[type].size; byte++) {
            bool high = byte + 1 < types[type].size;
            state[length++] = boolean        ? (uint8_t)draw(seed, 2)
                              : kind && high ? (uint8_t)(kind == 1 ? 0 : 0xff)
                                             : byte_set[draw(seed, sizeof(byte_set))];
        }
    }
    if (drawn->subsection)
        length = append(state, length, "\5\3d/x\0\0\0\1\7", 10);
    length = append(state, length, STATE_TAIL, sizeof(STATE_TAIL) - 1);
    return (struct vmwire_bytes){state, length};
}

/* ---- What becomes of a state ---- */

/* A number of up to 8 bytes in two's complement, or the bytes of a buffer. */
static uint64_t value_at(const uint8_t *bytes, unsigned type)
{
    bool is_signed = types[type].type[0] == 'i' || types[type].type[0] == 't';
    uint64_t value = is_signed && bytes[0] >= 0x80 ? UINT64_MAX : 0;
    for (unsigned i = 0; i < types[type].size; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* Finds the field's value in a state in QEMU's encoding. False: the release has no field of this name. */
static bool find_by_name(const struct drawn *drawn, struct vmwire_bytes state, char name,
                         uint64_t *value)
{
    const uint8_t *at = state.data + sizeof(STATE_HEAD) - 1;
    for (size_t i = 0; i < drawn->count; i++) {
        *value = value_at(at, drawn->fields[i].type);
        if (drawn->fields[i].name == name)
            return true;
        at += types[drawn->fields[i].type].size;
    }
    return false;
}

struct releases {
    const struct drawn *writer, *reader;
    const struct vmwire_schema *from, *to;
};

enum end { REFUSED, AS_SENT, MISREAD, ENDS };

/* What the reader makes of a state: misread is a field that has another value than the writer's of its name. */
static enum end end_of(const struct releases *pair, struct vmwire_bytes der)
{
    const struct vmwire_option *plain = option_named("guarded");
    struct vmwire_writer *sent = read_and_write(der, asn1, plain, pair->from);
    struct vmwire_writer *read = read_and_write(der, asn1, plain, pair->to);
    enum end end = read ? AS_SENT : REFUSED;
    assert_non_null(sent);
    for (size_t i = 0; read && i < pair->writer->count; i++) {
        const char name = pair->writer->fields[i].name;
        uint64_t was, is;
        if (find_by_name(pair->writer, vmwire_writer_output(sent), name, &was) &&
            find_by_name(pair->reader, vmwire_writer_output(read), name, &is) && was != is)
            end = MISREAD;
    }
    vmwire_writer_destroy(sent);
    vmwire_writer_destroy(read);
    return end;
}

/* ---- What the engine says of it ---- */

/* Adds what it says of the state's section to `possible`, by outcome. What it finds happens in its witness. */
static enum vmwire_verdict decide_state(const struct releases *pair, struct vmwire_bytes der,
                                        bool possible[ENDS])
{
    static const enum end ends[] = {
        [VMWIRE_OUTCOME_REJECT] = REFUSED, [VMWIRE_OUTCOME_CORRUPT] = MISREAD};
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_cost cost;
    struct vmwire_error error = {0};
    struct vmwire_question question = {
        .option = asn1,
        .stream = vmwire_stream_read_whole(asn1, der, pair->from, arena, &cost, &error),
        .bytes = der,
        .reader = {asn1, pair->to},
        .skewed = true};
    struct vmwire_decision decision;
    assert_non_null(question.stream);
    assert_true(vmwire_decide(&question, arena, &decision, &error));
    assert_int_equal(decision.tail_count, 1);
    enum vmwire_verdict verdict = decision.tails[0].verdict;
    assert_null(decision.tails[0].reason);
    assert_null(decision.tails[0].findings[VMWIRE_OUTCOME_TRUNCATED]);
    for (int outcome = VMWIRE_OUTCOME_REJECT; outcome <= VMWIRE_OUTCOME_CORRUPT; outcome++) {
        const struct vmwire_finding *finding = decision.tails[0].findings[outcome];
        if (!finding)
            continue;
        assert_int_equal(end_of(pair, must_make_witness(&question, finding, arena)), ends[outcome]);
        possible[ends[outcome]] = true;
    }
    vmwire_arena_destroy(arena);
    return verdict;
}

/* Of pairs of releases with one change: how many the engine says this of. */
struct skew_counts {
    unsigned pairs, refused, either, silent, clean;
};

/* Reads many states. What the engine says with some of them in hand must hold for all. */
static void check_pair(const struct releases *pair, uint64_t *seed, struct skew_counts *counts)
{
    enum { STATES = 40, DECIDED = 4 };
    bool ended[ENDS] = {false}, possible[ENDS] = {false}, clean = false;
    for (unsigned i = 0; i < STATES; i++) {
        uint8_t state[STATE_SIZE];
        struct vmwire_bytes bytes = draw_state(pair->writer, seed, state);
        struct vmwire_writer *sent =
            read_and_write(bytes, option_named("guarded"), asn1, pair->from);
        assert_non_null(sent);
        struct vmwire_bytes der = vmwire_writer_output(sent);
        struct vmwire_writer *again = read_and_write(der, asn1, asn1, pair->to);
        if (again)
            assert_same_bytes(vmwire_writer_output(again), der);
        ended[end_of(pair, der)] = true;
        if (i < DECIDED)
            clean |= decide_state(pair, der, possible) == VMWIRE_VERDICT_CLEAN;
        vmwire_writer_destroy(again);
        vmwire_writer_destroy(sent);
    }
    assert_false(ended[REFUSED] && !possible[REFUSED]);
    assert_false(ended[MISREAD] && !possible[MISREAD]);
    assert_false(clean && (possible[REFUSED] || possible[MISREAD]));
    bool every = !ended[AS_SENT] && !ended[MISREAD];
    counts->pairs++;
    counts->refused += possible[REFUSED] && every;
    counts->either += possible[REFUSED] && !every;
    counts->silent += possible[MISREAD] && !possible[REFUSED];
    counts->clean += clean;
}

static struct skew_counts check_change(enum change change, uint64_t seed)
{
    enum { PAIRS = 150 };
    struct skew_counts counts = {0};
    while (counts.pairs < PAIRS) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct drawn writer = draw_structure(&seed), reader = writer;
        struct releases pair = {&writer, &reader, NULL, NULL};
        if (change_structure(&writer, &reader, change, &seed)) {
            pair.from = schema_of_drawn(&writer, arena);
            pair.to = schema_of_drawn(&reader, arena);
            check_pair(&pair, &seed, &counts);
        }
        vmwire_arena_destroy(arena);
    }
    return counts;
}

static void test_two_releases(void **state)
{
    (void)state;
    for (int change = 0; change < CHANGES; change++) {
        struct skew_counts counts = check_change((enum change)change, 20111001 + (uint64_t)change);
        print_message("# %s: of %u pairs %u refused, %u by value, %u silent, %u clean\n",
                      change_names[change], counts.pairs, counts.refused, counts.either,
                      counts.silent, counts.clean);
        bool certain = change == MORE || change == FEWER || change == SUBSECTION;
        assert_true(change != NOTHING || counts.clean == counts.pairs);
        assert_true((change != EXCHANGED && change != TO_THE_END) ||
                    (!counts.clean && counts.silent && counts.either));
        assert_true(change != REPLACED || (!counts.silent && counts.either));
        assert_true(!certain || counts.refused == counts.pairs);
    }
}

/* ---- Captures ---------------------------------------------------------------------------------- */

static struct corpus corpus;
static uint64_t flip_count = 60;

struct flips {
    uint64_t refused, read, moved;
};

/* Mapped RAM has padding that no value tells, and offsets that the writer sets: then what is read must be the same
 * stream again. */
static void check_flip(const struct capture *capture, struct vmwire_bytes mutant,
                       struct flips *flips)
{
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_cost cost;
    struct vmwire_error error = {0};
    struct vmwire_stream *stream =
        vmwire_stream_read_whole(asn1, mutant, capture->schema, arena, &cost, &error);
    flips->refused += !stream;
    flips->read += stream != NULL;
    if (stream) {
        struct vmwire_writer *writer = write_whole(stream, asn1, false, &error);
        if (!writer)
            fail_msg("%s: %s", capture->name, error.message);
        struct vmwire_bytes written = vmwire_writer_output(writer);
        if (strstr(capture->name, "mapped-ram") && written.length == mutant.length &&
            memcmp(written.data, mutant.data, mutant.length) != 0) {
            struct vmwire_stream *again =
                vmwire_stream_read_whole(asn1, written, capture->schema, arena, &cost, &error);
            assert_non_null(again);
            assert_true(vmwire_stream_equal(stream, again));
            flips->moved++;
        } else {
            assert_same_bytes(written, mutant);
        }
        vmwire_writer_destroy(writer);
    }
    vmwire_arena_destroy(arena);
}

static void flip_capture(const struct capture *capture, uint64_t seed, struct flips *flips)
{
    struct vmwire_writer *writer =
        read_and_write(capture->input.bytes, option_named("heuristic"), asn1, capture->schema);
    assert_non_null(writer);
    struct vmwire_bytes bytes = vmwire_writer_output(writer);
    uint8_t *mutant = must(malloc(bytes.length));
    memcpy(mutant, bytes.data, bytes.length);
    for (uint64_t i = 0; i < flip_count; i++) {
        uint64_t random = random_number(&seed);
        size_t place = (size_t)(random / 8 % bytes.length);
        mutant[place] ^= (uint8_t)(1 << random % 8);
        check_flip(capture, (struct vmwire_bytes){mutant, bytes.length}, flips);
        mutant[place] = bytes.data[place];
    }
    free(mutant);
    vmwire_writer_destroy(writer);
}

static void test_flipped_bits(void **state)
{
    (void)state;
    struct flips flips = {0};
    for (size_t i = 0; i < corpus.count; i++)
        flip_capture(&corpus.captures[i], 20111001 + i, &flips);
    print_message("# %" PRIu64 " flipped bits: %" PRIu64 " refused, %" PRIu64
                  " read and written the same, of these %" PRIu64 " but for padding\n",
                  flips.refused + flips.read, flips.refused, flips.read, flips.moved);
    assert_true(flips.refused && flips.read);
}

int main(void)
{
    const char *flips = getenv("VMWIRE_FLIPS");
    flip_count = flips && *flips ? strtoull(flips, NULL, 0) : flip_count;
    asn1 = option_named("asn1");
    corpus = corpus_open(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),       cmocka_unit_test(test_states_without_encoding),
        cmocka_unit_test(test_all_states),   cmocka_unit_test(test_two_releases),
        cmocka_unit_test(test_flipped_bits),
    };
    int failed = cmocka_run_group_tests_name("asn1", tests, NULL, NULL);
    corpus_close(&corpus);
    return failed;
}
