/* SPDX-License-Identifier: MIT */
/*
 * The option consistent: its reader takes a section only if exactly one reading of it is possible.
 *
 * Rows say what is read and what is refused, with the error. Then drawn schemas and drawn bytes are held against a count
 * of the readings that is made here in another way: forwards, over sets of offsets, without places and without sharing
 * anything with the library. At last the cost of hostile bytes: it grows with the bytes times the places alive, and has
 * a limit. Must not know how the library counts.
 */
#include "build.h"

#include <time.h>

#define HEAD   "'QEVM' version "
#define FULL   "04 00000001 .'dev' 00000000 00000001 "
#define FOOTER " 7e 00000001 "

struct row {
    const char *name;
    const char *description;
    const char *dump;
    const char *stream; /* ^ stands at the error's offset */
    const char *reads;  /* accepted: the tree */
    enum vmwire_error_kind kind;
    const char *message, *path;
};

static const struct vmwire_option *consistent(void)
{
    return option_named("consistent");
}

/* clang-format would tear the texts of streams apart. */
// clang-format off

/* The construction of design.md, section 5: S in P, with S/a and P/x, and g behind S. */
#define S_A    SUB(INNER("S/a", FIELD("d", "buffer", 9)))
#define P_X    SUB(INNER("P/x", FIELD("e", "buffer", 9)))
#define PAIR   LAYOUT(DEVICE("dev", INNER("P", STRUCT("s", 19, INNER("S", U8("b")) SENDS(S_A)) "," \
                                   FIELD("g", "buffer", 27)) SENDS(P_X)))
#define NEWER  LAYOUT(DEVICE("dev", INNER("P", STRUCT("s", 1, INNER("S", U8("b"))) "," \
                                    FIELD("g", "buffer", 27)) SENDS(P_X)))
#define HEAD_A "05 .'S/a' 00000001 "
#define HEAD_X "05 .'P/x' 00000001 "

/* "dev" {in[2]{x}, b (bool), z (2 bytes unused), q (list of {y})}; subsections of in: in/s {v}, in/t {}; of dev: dev/u {w}. */
#define IN     INNER("in", U8("x")) SENDS(SUB(INNER("in/s", U8("v"))) "," SUB(INNER("in/t", "")))
#define CLASSES LAYOUT(DEVICE("dev", INNER("dev", STRUCTS("in", 2, 22, IN) "," FIELD("b", "bool", 1) "," \
                    FIELD("z", "unused_buffer", 2) "," \
                    "{'name':'q','type':'qtailq','size':3,'vmsd_name':'el','version':1,'fields':[" U8("y") "]}") \
                    SENDS(SUB(INNER("dev/u", U8("w"))))))
#define IN_S   "05 .'in/s' 00000001 "
#define IN_T   "05 .'in/t' 00000001 "
#define DEV_U  "05 .'dev/u' 00000001 "
#define REST   "00 0000 00 "

/* Two subsections of "dev" have one name. */
#define NAMESAKES LAYOUT(DEVICE("dev", INNER("dev", U8("a")) SENDS(SUB(INNER("dev/n", U8("v"))) "," \
                                SUB(INNER("dev/n", FIELD("w", "uint16", 2))))))
/* "dev" takes versions 1 to 3 of itself and 2 to 3 of dev/s. */
static const char versions[] =
    "{'dev':{'Name':'dev','version_id':1,'minimum_version_id':1,'Description':{'name':'dev',"
    "'version_id':1,'minimum_version_id':1,'Fields':[{'field':'a','version_id':0,'size':1}],"
    "'Subsections':[{'name':'dev/s','version_id':3,'minimum_version_id':2,"
    "'Fields':[{'field':'y','version_id':0,'size':1}]}]}}}";
#define PLAIN  LAYOUT(DEVICE("dev", INNER("dev", U8("a"))))

static const struct row rows[] = {
    {.name = "no subsection", .description = CLASSES,
     .stream = HEAD FULL "01 02" REST FOOTER "00",
     .reads = "full 1 dev {in[0]{x=01} in[1]{x=02} b=00 z=0000 q=00} ~; eof"},
    {.name = "subsections in the order in which they are declared", .description = CLASSES,
     .stream = HEAD FULL "01" IN_S "07" IN_T "02" REST DEV_U "09" FOOTER "00",
     .reads = "full 1 dev {in[0]{x=01 +in/s:1{v=07} +in/t:1{}} in[1]{x=02} b=00 z=0000 q=00 +dev/u:1{w=09}} ~; eof"},
    {.name = "subsections in another order are no reading", .description = CLASSES,
     .stream = HEAD FULL "01" IN_T "05 ^04 'in/s' 00000001 07 02" REST FOOTER "00",
     .kind = VMWIRE_ERROR_NO_READING, .message = "no reading of the section goes on here: expected a bool"},
    {.name = "a subsection twice is no reading", .description = CLASSES,
     .stream = HEAD FULL "01 02" REST DEV_U "09 ^05 .'dev/u' 00000001 09" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_READING, .message = "expected the section's footer (7e), found 05"},
    {.name = "a header that is data", .description = CLASSES,
     .stream = HEAD FULL "05 05 " REST DEV_U "05" FOOTER "00",
     .reads = "full 1 dev {in[0]{x=05} in[1]{x=05} b=00 z=0000 q=00 +dev/u:1{w=05}} ~; eof"},
    {.name = "a bool of 02", .description = CLASSES,
     .stream = HEAD FULL "01 02 ^02 0000 00" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_READING, .message = "expected a bool (00 or 01), found 02", .path = "b"},
    {.name = "unused bytes that are not 00", .description = CLASSES,
     .stream = HEAD FULL "01 02 01 00 ^01 00" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_READING, .message = "expected 00, as in all bytes that are not used, found 01", .path = "z"},
    {.name = "a list of one", .description = CLASSES,
     .stream = HEAD FULL "01 02 01 0000 01 ff 00" FOOTER "00",
     .reads = "full 1 dev {in[0]{x=01} in[1]{x=02} b=01 z=0000 q[0]=01{y=ff} q=00} ~; eof"},
    {.name = "a list element's marker of ff", .description = CLASSES,
     .stream = HEAD FULL "01 02 01 0000 ^ff ff 00" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_READING, .message = "expected a list element (01) or the list's end (00), found ff"},
    {.name = "a name with a NUL behind it is not the name", .description = CLASSES,
     .stream = HEAD FULL "01 02" REST "^05 [1 'dev/u' 00] 00000001 09" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_READING, .message = "found 05"},
    {.name = "an unknown subsection", .description = CLASSES,
     .stream = HEAD FULL "01 02" REST "^05 .'dev/w' 00000001 09" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_READING, .message = "expected the section's footer (7e), found 05"},
    {.name = "an unknown subsection, where it is known that there are footers", .description = CLASSES,
     .stream = HEAD FULL "01 02" REST FOOTER FULL "01 02" REST "^05 .'dev/w' 00000001 09" FOOTER "00",
     .kind = VMWIRE_ERROR_FOOTER, .message = "expected a section footer (7e), found 05"},

    {.name = "two readings, of which one ends the record", .description = PAIR,
     .stream = HEAD FULL "01 ^" HEAD_A HEAD_X HEAD_A HEAD_X HEAD_A FOOTER "00",
     .kind = VMWIRE_ERROR_TWO_READINGS,
     .message = "two readings of the section part here: subsection \"S/a\" begins, or \"S\" ends", .path = "s"},
    {.name = "a byte of P/x's header is wrong: g begins with the header of S/a, or S/a it is", .description = PAIR,
     .stream = HEAD FULL "01 " HEAD_A "9*41 9*42 05 .'P/x' 00000002 9*43" FOOTER "00",
     .reads = "full 1 dev {s{b=01 +S/a:1{d=414141414141414141}} g=42424242424242424205"
              "03502f7800000002434343434343434343} ~; eof"},
    {.name = "only S/a is a reading", .description = PAIR,
     .stream = HEAD FULL "01 " HEAD_A "9*41 27*42" FOOTER "00",
     .reads = "full 1 dev {s{b=01 +S/a:1{d=414141414141414141}} g=27*42} ~; eof"},
    {.name = "P/x as well as S/a", .description = PAIR,
     .stream = HEAD FULL "01 ^" HEAD_A "18*41 " HEAD_X "9*42" FOOTER "00",
     .kind = VMWIRE_ERROR_TWO_READINGS, .message = "two readings"},
    /* The writer is newer and has S/a, which this reader does not know. */
    {.name = "an unknown subsection of an embedded structure", .description = NEWER,
     .stream = HEAD "04 00000009 .'dev' 00000000 00000001 01 27*00 7e 00000009 " FULL "01 " HEAD_A "9*41 9*42 ^9*42 9*43"
               FOOTER "00",
     .kind = VMWIRE_ERROR_FOOTER, .message = "expected a section footer (7e), found 42"},
    {.name = "an unknown subsection that is a reading by chance: silent", .description = NEWER,
     .stream = HEAD FULL "01 " HEAD_A "9*41 9*42 " HEAD_X "9*43" FOOTER "00",
     .reads = "full 1 dev {s{b=01} g=0503532f6100000001414141414141414141424242424242424242 "
              "+P/x:1{e=434343434343434343}} ~; eof"},

    {.name = "the first of two namesakes", .description = NAMESAKES,
     .stream = HEAD FULL "01 05 .'dev/n' 00000001 04" FOOTER "00",
     .reads = "full 1 dev {a=01 +dev/n:1{v=04}} ~; eof"},
    {.name = "the second of two namesakes", .description = NAMESAKES,
     .stream = HEAD FULL "01 05 .'dev/n' 00000001 0405" FOOTER "00",
     .reads = "full 1 dev {a=01 +dev/n:1{w=0405}} ~; eof"},
    {.name = "both namesakes", .description = NAMESAKES,
     .stream = HEAD FULL "01 05 .'dev/n' 00000001 03 05 .'dev/n' 00000001 0405" FOOTER "00",
     .reads = "full 1 dev {a=01 +dev/n:1{v=03} +dev/n:1{w=0405}} ~; eof"},

    {.name = "a version in range whose layout is known", .description = PLAIN, .dump = versions,
     .stream = HEAD FULL "01 05 .'dev/s' 00000002 04" FOOTER "00",
     .reads = "full 1 dev {a=01 +dev/s:2{y=04}} ~; eof"},
    {.name = "a version below the minimum", .description = PLAIN, .dump = versions,
     .stream = HEAD FULL "01 05 .'dev/s' ^00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_VERSION_ID, .message = "below"},
    {.name = "a version of which only the low byte is right", .description = PLAIN, .dump = versions,
     .stream = HEAD FULL "01 05 .'dev/s' ^00010002 04" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_READING, .message = "expected version 3 of \"dev/s\", found 65538"},

    {.name = "without footers, the next item ends a section", .description = CLASSES,
     .stream = HEAD FULL "01 02" REST FULL "03 04" REST "00",
     .reads = "full 1 dev {in[0]{x=01} in[1]{x=02} b=00 z=0000 q=00}; "
              "full 1 dev {in[0]{x=03} in[1]{x=04} b=00 z=0000 q=00}; eof"},
    {.name = "without footers, a section that the reader does not know ends none", .description = CLASSES,
     .stream = HEAD FULL "01 02" REST "04 00000002 03 ^'dew' 00000000 00000001 00",
     .kind = VMWIRE_ERROR_NO_READING, .message = "expected a section that the reader knows, found \"dew\""},
    {.name = "a footer of another section", .description = CLASSES,
     .stream = HEAD FULL "01 02" REST "7e ^00000002 00",
     .kind = VMWIRE_ERROR_SECTION_ID, .message = "the footer names section 2, expected 1"},
    {.name = "two configurations", .description = PLAIN,
     .stream = HEAD "07 00000002 'pc' ^07 00000002 'pc' 00",
     .kind = VMWIRE_ERROR_NO_READING, .message = "expected an item (00, 01, 02, 03, 04 or 08), found 07"},
    {.name = "the bytes end within a record", .description = CLASSES,
     .stream = HEAD FULL "01 ^",
     .kind = VMWIRE_ERROR_TRUNCATED, .message = "but only 0 are left"},
};
// clang-format on

static void test_rows(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct vmwire_arena *arena = vmwire_arena_create();
        struct vmwire_schema *schema = schema_of(arena, row->description, row->dump);
        struct made made = assemble(consistent(), row->stream);
        struct vmwire_cost cost;
        struct vmwire_error error = {0};
        struct vmwire_stream *stream =
            vmwire_stream_read_whole(consistent(), made.bytes, schema, arena, &cost, &error);
        char *text = stream ? tree_text(stream) : NULL;
        bool right =
            row->kind ? !stream && error.kind == row->kind && strstr(error.message, row->message) &&
                            (made.mark == VMWIRE_ERROR_NO_OFFSET || error.offset == made.mark) &&
                            (!row->path || strcmp(row->path, error.path) == 0)
                      : stream && strcmp(text, row->reads) == 0 && cost.pairs > 0;
        if (!right)
            print_error("%s: %s, at %" PRIu64 " path %s: %s\n", row->name,
                        vmwire_error_kind_name(error.kind), error.offset, error.path,
                        stream ? text : error.message);
        wrong += !right;
        free(text);
        made_free(&made);
        vmwire_arena_destroy(arena);
    }
    assert_int_equal(wrong, 0);
}

/* ---- Numbers that look random ------------------------------------------------------------------- */

struct chooser {
    uint64_t state;
};

static unsigned choose(struct chooser *chooser, unsigned count)
{
    chooser->state = chooser->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(chooser->state >> 33) % count;
}

/* ---- Drawn schemas ------------------------------------------------------------------------------ */

/* Each of these returns the bytes that a stream has which sends all subsections: the description says them. */
static unsigned draw_structure(struct chooser *chooser, FILE *text, const char *name,
                               unsigned depth);

static unsigned draw_record_field(struct chooser *chooser, FILE *text, unsigned number,
                                  unsigned depth)
{
    char name[24], *inner = NULL;
    size_t length = 0;
    FILE *inside = must(open_memstream(&inner, &length));
    snprintf(name, sizeof(name), "%c%u", "ABC"[choose(chooser, 3)], 10 * depth + number);
    unsigned size = draw_structure(chooser, inside, name, depth + 1);
    unsigned count = size ? 1 + choose(chooser, 3) : 1;
    fclose(inside);
    fprintf(text, "{'name':'f%u',", number);
    if (size)
        fprintf(text, "'array_len':%u,", count);
    fprintf(text, "'type':'struct','size':%u,'struct':{%s}}", size, inner);
    free(inner);
    return count * size;
}

static unsigned draw_field(struct chooser *chooser, FILE *text, unsigned number, unsigned depth)
{
    static const char *const types[] = {"bool", "unused_buffer", "uint8 equal", "buffer", "buffer"};
    static const unsigned most[] = {1, 2, 1, 12, 12};
    unsigned kind = choose(chooser, depth < 2 ? 8 : 5);
    if (kind > 5)
        return draw_record_field(chooser, text, number, depth);
    if (kind == 5) {
        fprintf(text,
                "{'name':'f%u','type':'qtailq','size':3,'vmsd_name':'L%u','version':1,"
                "'fields':[{'name':'y','type':'uint8','size':1}]}",
                number, 10 * depth + number);
        return 3;
    }
    unsigned size = 1 + choose(chooser, most[kind]);
    fprintf(text, "{'name':'f%u','type':'%s','size':%u}", number, types[kind], size);
    return size;
}

static unsigned draw_structure(struct chooser *chooser, FILE *text, const char *name,
                               unsigned depth)
{
    unsigned size = 0;
    fprintf(text, "'vmsd_name':'%s','version':1,'fields':[", name);
    unsigned least = depth && !strchr(name, '/'); /* the loader refuses elements without fields */
    for (unsigned i = 0, count = least + choose(chooser, 4 - least); i < count; i++) {
        fputs(i ? "," : "", text);
        size += draw_field(chooser, text, i, depth);
    }
    fputs("]", text);
    unsigned subsections = depth < 3 ? choose(chooser, 3) : 0;
    for (unsigned i = 0; i < subsections; i++) {
        char inner[24];
        snprintf(inner, sizeof(inner), "%.8s/%c", name, "ab"[choose(chooser, 2)]);
        fputs(i ? ",{" : ",'subsections':[{", text);
        size +=
            1 + 1 + (unsigned)strlen(inner) + 4 + draw_structure(chooser, text, inner, depth + 1);
        fputs("}", text);
    }
    fputs(subsections ? "]" : "", text);
    return size;
}

static char *draw_description(struct chooser *chooser)
{
    char *description = NULL;
    size_t size = 0;
    FILE *text = must(open_memstream(&description, &size));
    fputs("{'page_size':4096,'devices':[{'name':'dev','instance_id':0,", text);
    draw_structure(chooser, text, "dev", 0);
    fputs("},{'name':'pre','instance_id':0,'vmsd_name':'pre','version':1,'fields':[]}]}", text);
    fclose(text);
    return description;
}

/* ---- Drawn bytes -------------------------------------------------------------------------------- */

enum { MOST_BYTES = 400 };

struct drawn {
    uint8_t data[MOST_BYTES];
    size_t length;
    const uint8_t *piece; /* the rest of what fills free bytes */
    size_t piece_length;
    uint8_t pieces[8][24]; /* headers of subsections, and the footer */
    size_t piece_lengths[8];
    unsigned piece_count;
};

static void put(struct drawn *drawn, uint8_t byte)
{
    if (drawn->length < MOST_BYTES)
        drawn->data[drawn->length++] = byte;
}

static void put_header(struct drawn *drawn, const struct vmwire_subsection *subsection)
{
    put(drawn, 0x05);
    put(drawn, (uint8_t)strlen(subsection->name));
    for (const char *at = subsection->name; *at; at++)
        put(drawn, (uint8_t)*at);
    for (int i = 0; i < 3; i++)
        put(drawn, 0);
    put(drawn, 1);
}

static uint8_t next_free_byte(struct chooser *chooser, struct drawn *drawn)
{
    if (!drawn->piece_length && drawn->piece_count && choose(chooser, 3)) {
        unsigned piece = choose(chooser, drawn->piece_count);
        drawn->piece = drawn->pieces[piece];
        drawn->piece_length = drawn->piece_lengths[piece];
    }
    if (!drawn->piece_length)
        return (uint8_t)(choose(chooser, 4) ? choose(chooser, 2) : 0x05);
    drawn->piece_length--;
    return *drawn->piece++;
}

/* Some state of the structure, the bytes of its free fields full of headers. */
static void put_state(struct chooser *chooser, struct drawn *drawn,
                      const struct vmwire_structure *structure)
{
    for (size_t i = 0; i < structure->field_count; i++) {
        const struct vmwire_field *field = &structure->fields[i];
        bool list = field->class == VMWIRE_FIELD_LIST;
        unsigned count = field->class == VMWIRE_FIELD_RECORD ? field->count
                         : list                              ? choose(chooser, 3)
                                                             : 0;
        for (unsigned j = 0; j < count && (!list || field->structure); j++) {
            if (list)
                put(drawn, 1);
            put_state(chooser, drawn, field->structure);
        }
        if (list)
            put(drawn, 0);
        for (uint32_t j = 0; !list && field->class != VMWIRE_FIELD_RECORD && j < field->size; j++)
            put(drawn, field->class == VMWIRE_FIELD_ZEROS  ? 0
                       : field->class == VMWIRE_FIELD_BOOL ? (uint8_t)choose(chooser, 2)
                                                           : next_free_byte(chooser, drawn));
    }
    for (size_t i = 0; i < structure->subsection_count; i++)
        if (choose(chooser, 3) == 0) {
            put_header(drawn, &structure->subsections[i]);
            put_state(chooser, drawn, structure->subsections[i].structure);
        }
}

static void gather_pieces(struct drawn *drawn, const struct vmwire_schema *schema)
{
    static const uint8_t footer[] = {0x7e, 0, 0, 0, 1};
    for (const struct vmwire_structure *each = schema->structures; each; each = each->next)
        for (size_t i = 0; i < each->subsection_count && drawn->piece_count < 7; i++) {
            struct drawn header = {.length = 0};
            put_header(&header, &each->subsections[i]);
            if (header.length > sizeof(drawn->pieces[0]))
                continue;
            memcpy(drawn->pieces[drawn->piece_count], header.data, header.length);
            drawn->piece_lengths[drawn->piece_count++] = header.length;
        }
    memcpy(drawn->pieces[drawn->piece_count], footer, sizeof(footer));
    drawn->piece_lengths[drawn->piece_count++] = sizeof(footer);
}

/* ---- The count ---------------------------------------------------------------------------------- */

/* How many readings come to each offset: forwards, for one structure after another. */
struct reached {
    uint64_t count[MOST_BYTES + 1];
};

enum { MANY = 1000 };

static void reach(struct reached *reached, size_t offset, uint64_t count)
{
    reached->count[offset] += count;
    if (reached->count[offset] > MANY)
        reached->count[offset] = MANY;
}

static struct reached read_structure(const struct drawn *drawn, struct reached from,
                                     const struct vmwire_structure *structure);

/* Lists may have any number of elements: one round for each. */
static struct reached read_list(const struct drawn *drawn, struct reached from,
                                const struct vmwire_field *field)
{
    struct reached ends = {{0}};
    for (bool any = true; any;) {
        struct reached elements = {{0}};
        any = false;
        for (size_t at = 0; at < drawn->length; at++) {
            if (from.count[at] && drawn->data[at] == 0)
                reach(&ends, at + 1, from.count[at]);
            if (from.count[at] && drawn->data[at] == 1) {
                reach(&elements, at + 1, from.count[at]);
                any = true;
            }
        }
        from = any ? read_structure(drawn, elements, field->structure) : elements;
    }
    return ends;
}

static struct reached read_plain(const struct drawn *drawn, struct reached from,
                                 const struct vmwire_field *field)
{
    struct reached ends = {{0}};
    size_t length = (size_t)field->size * field->count;
    uint8_t most = field->class == VMWIRE_FIELD_ZEROS  ? 0
                   : field->class == VMWIRE_FIELD_BOOL ? 1
                                                       : 255;
    for (size_t at = 0; at + length <= drawn->length; at++) {
        bool possible = from.count[at] > 0;
        for (size_t i = 0; i < length; i++)
            possible &= drawn->data[at + i] <= most;
        if (possible)
            reach(&ends, at + length, from.count[at]);
    }
    return ends;
}

static struct reached read_subsection(const struct drawn *drawn, struct reached from,
                                      const struct vmwire_subsection *subsection)
{
    struct drawn header = {.length = 0};
    struct reached inside = {{0}};
    put_header(&header, subsection);
    for (size_t at = 0; at + header.length <= drawn->length; at++)
        if (from.count[at] && memcmp(drawn->data + at, header.data, header.length) == 0)
            reach(&inside, at + header.length, from.count[at]);
    struct reached ends = read_structure(drawn, inside, subsection->structure);
    for (size_t at = 0; at <= drawn->length; at++)
        reach(&ends, at, from.count[at]);
    return ends;
}

static struct reached read_structure(const struct drawn *drawn, struct reached from,
                                     const struct vmwire_structure *structure)
{
    for (size_t i = 0; i < structure->field_count; i++) {
        const struct vmwire_field *field = &structure->fields[i];
        if (field->class == VMWIRE_FIELD_LIST)
            from = read_list(drawn, from, field);
        else if (field->class != VMWIRE_FIELD_RECORD)
            from = read_plain(drawn, from, field);
        for (uint32_t j = 0; field->class == VMWIRE_FIELD_RECORD && j < field->count; j++)
            from = read_structure(drawn, from, field->structure);
    }
    for (size_t i = 0; i < structure->subsection_count; i++)
        from = read_subsection(drawn, from, &structure->subsections[i]);
    return from;
}

/* The readings of the section's bytes: those that end at a footer. `end`: behind the last one. */
static uint64_t count_of_readings(const struct drawn *drawn,
                                  const struct vmwire_structure *structure, size_t *end)
{
    static const uint8_t footer[] = {0x7e, 0, 0, 0, 1};
    struct reached from = {{1}};
    from = read_structure(drawn, from, structure);
    uint64_t count = 0;
    for (size_t at = 0; at + sizeof(footer) <= drawn->length; at++)
        if (from.count[at] && memcmp(drawn->data + at, footer, sizeof(footer)) == 0) {
            count += from.count[at];
            *end = at + sizeof(footer);
        }
    return count;
}

/* ---- Held against it ---------------------------------------------------------------------------- */

struct tally {
    size_t none, one, more, recursive;
};

/* A stream with the section, behind another one that has a footer. It ends behind it, or goes on as the bytes say: only the section is compared. */
static struct vmwire_bytes stream_of(const struct drawn *drawn, uint8_t *room)
{
    static const uint8_t head[] = {
        'Q', 'E', 'V', 'M', 0, 0, 0,   3,                                /* */
        4,   0,   0,   0,   9, 3, 'p', 'r', 'e', 0, 0, 0, 0, 0, 0, 0, 1, /* an empty section */
        126, 0,   0,   0,   9,                                           /* with a footer */
        4,   0,   0,   0,   1, 3, 'd', 'e', 'v', 0, 0, 0, 0, 0, 0, 0, 1,
    };
    memcpy(room, head, sizeof(head));
    memcpy(room + sizeof(head), drawn->data, drawn->length);
    return (struct vmwire_bytes){room, sizeof(head) + drawn->length};
}

static bool agree(const struct drawn *drawn, const struct vmwire_schema *schema,
                  struct tally *tally)
{
    uint8_t room[MOST_BYTES + 64];
    struct vmwire_bytes bytes = stream_of(drawn, room);
    struct vmwire_reading reading = {.option = consistent(), .input = bytes, .schema = schema};
    struct vmwire_cost cost;
    struct vmwire_error error = {0};
    size_t end = 0;
    bool accepted = vmwire_stream_read(&reading, &cost, &error);
    uint64_t count = count_of_readings(drawn, schema->devices[0].structure, &end);
    /* What stands behind the section may be refused. */
    bool taken = accepted || error.offset >= bytes.length - drawn->length + end;
    bool two = !accepted && error.kind == VMWIRE_ERROR_TWO_READINGS;
    bool right = count == 0 ? !accepted && !two : count == 1 ? taken && !two : two;
    tally->none += count == 0;
    tally->one += count == 1;
    tally->more += count > 1;
    return right;
}

/* One schema and some strings. Returns how many are read otherwise than the count says. */
static size_t try_schema(struct chooser *chooser, struct tally *tally)
{
    struct vmwire_arena *arena = vmwire_arena_create();
    char *description = draw_description(chooser);
    struct vmwire_schema *schema = schema_of(arena, description, NULL);
    size_t wrong = 0;
    for (unsigned i = 0; i < 20; i++) {
        struct drawn drawn = {.length = 0};
        gather_pieces(&drawn, schema);
        put_state(chooser, &drawn, schema->devices[0].structure);
        for (unsigned j = 0, edits = choose(chooser, 3); j < edits && drawn.length; j++)
            drawn.data[choose(chooser, (unsigned)drawn.length)] = next_free_byte(chooser, &drawn);
        static const uint8_t footer[] = {0x7e, 0, 0, 0, 1};
        for (size_t j = 0; j < sizeof(footer); j++)
            put(&drawn, footer[j]);
        for (unsigned j = 0, more = choose(chooser, 30); j < more; j++)
            put(&drawn, next_free_byte(chooser, &drawn));
        if (drawn.length == MOST_BYTES || agree(&drawn, schema, tally))
            continue;
        if (!wrong++) {
            print_error("%s\n", description);
            for (size_t j = 0; j < drawn.length; j++)
                print_error("%02x", drawn.data[j]);
            print_error(": %" PRIu64 " readings\n",
                        count_of_readings(&drawn, schema->devices[0].structure, &(size_t){0}));
        }
    }
    free(description);
    vmwire_arena_destroy(arena);
    return wrong;
}

static void test_drawn(void **state)
{
    (void)state;
    struct chooser chooser = {20111};
    struct tally tally = {0};
    size_t wrong = 0;
    for (unsigned i = 0; i < 1200 && wrong < 3; i++)
        wrong += try_schema(&chooser, &tally) > 0;
    print_message("strings without a reading: %zu, with one: %zu, with more: %zu\n", tally.none,
                  tally.one, tally.more);
    assert_int_equal(wrong, 0);
    assert_true(tally.none > 3000 && tally.one > 10000 && tally.more > 150);
}

/* ---- The engine --------------------------------------------------------------------------------- */

/* Whether some state of the device "dev" has a second reading, as the engine says; it has read a witness of it. */
static bool can_be_rejected(const char *description, const char *dump, const char **reason)
{
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = schema_of(arena, description, dump);
    struct vmwire_template template;
    struct vmwire_error error;
    struct vmwire_decision decision;
    bool any = false;
    assert_true(
        vmwire_template_of_device(&template, consistent(), &schema->devices[0], arena, &error));
    struct vmwire_question question = {.option = consistent(),
                                       .stream = &template.stream,
                                       .bytes = template.bytes,
                                       .reader = {consistent(), schema}};
    assert_true(vmwire_decide(&question, arena, &decision, &error));
    *reason = NULL;
    for (size_t i = 0; i < decision.tail_count; i++) {
        any |= decision.tails[i].findings[VMWIRE_OUTCOME_REJECT] != NULL;
        assert_null(decision.tails[i].findings[VMWIRE_OUTCOME_CORRUPT]);
        *reason = decision.tails[i].reason ? decision.tails[i].reason : *reason;
    }
    vmwire_arena_destroy(arena);
    return any;
}

#define NAMESAKE(size) SUB(INNER("dev/n", "{'name':'v','type':'buffer','size':" size "}"))
#define NAMESAKES_OF(size)                                                                         \
    LAYOUT(DEVICE("dev", INNER("dev", U8("a"))                                                     \
                             SENDS(NAMESAKE("1") "," NAMESAKE(size) "," NAMESAKE("2"))))

static void test_engine(void **state)
{
    (void)state;
    const char *reason;
    assert_true(can_be_rejected(PAIR, NULL, &reason));
    assert_false(can_be_rejected(NEWER, NULL, &reason));
    assert_null(reason);
    /* The second of three subsections of one name is as long as the other two together. */
    assert_true(can_be_rejected(NAMESAKES_OF("14"), NULL, &reason));
    assert_false(can_be_rejected(NAMESAKES_OF("4"), NULL, &reason));
}

/* ---- Cost --------------------------------------------------------------------------------------- */

/* Many elements with a subsection, and as many bytes behind them as any choice of subsections leaves: every byte is alive
 * in many places. Returns the pairs; 0: the limit was reached. */
static uint64_t pairs_of_hostile(unsigned elements, struct vmwire_error *error, size_t *length)
{
    char description[512];
    snprintf(
        description, sizeof(description),
        LAYOUT(DEVICE("dev", INNER("dev", "{'name':'e','array_len':%u,'type':'struct',"
                                          "'size':16,'struct':{" INNER("e", FIELD("x", "buffer", 8))
                                              SENDS(SUB(INNER("e/", ""))) "}}"))),
        elements);
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = schema_of(arena, description, NULL);
    char text[128];
    snprintf(text, sizeof(text), HEAD FULL "%u*(05 .'e/' 00000001)" FOOTER "00", elements * 3 / 2);
    struct made made = assemble(consistent(), text);
    struct vmwire_reading reading = {.option = consistent(), .input = made.bytes, .schema = schema};
    struct vmwire_cost cost;
    bool accepted = vmwire_stream_read(&reading, &cost, error);
    assert_false(accepted);
    *length = made.bytes.length;
    made_free(&made);
    vmwire_arena_destroy(arena);
    return error->kind == VMWIRE_ERROR_LIMIT ? 0 : cost.pairs;
}

/* The places alive at a byte are as many as the elements; so here the pairs grow with their product, up to the limit. */
static void test_cost_of_places(void **state)
{
    (void)state;
    struct vmwire_error error;
    size_t length;
    for (unsigned elements = 64; elements <= 512; elements *= 2) {
        uint64_t pairs = pairs_of_hostile(elements, &error, &length);
        assert_int_equal(error.kind, VMWIRE_ERROR_TWO_READINGS);
        assert_true(pairs > 0 && pairs <= 4 * (uint64_t)length * elements);
    }
    assert_int_equal(pairs_of_hostile(8192, &error, &length), 0);
    assert_non_null(strstr(error.message, "more places are alive than are followed"));
}

/* The processor's time for so many elements, as a share of the pairs. */
static double time_of_pair(unsigned elements)
{
    double least = 0;
    for (int i = 0; i < 3; i++) {
        struct vmwire_error error;
        size_t length;
        clock_t begin = clock();
        uint64_t pairs = pairs_of_hostile(elements, &error, &length);
        double took = (double)(clock() - begin) / (double)pairs;
        assert_int_equal(error.kind, VMWIRE_ERROR_TWO_READINGS);
        least = i && least < took ? least : took;
    }
    return least;
}

/* A time, as no counter tells how long a search among the kept places is. */
static void test_time_of_pairs(void **state)
{
    (void)state;
    double few = time_of_pair(128), many = time_of_pair(768);
    print_message("a pair among many places: %.1f times as long\n", many / few);
    assert_true(many < 5 * few);
}

/* A few places alive: headers in free bytes, in nested structures with three subsections each. */
static uint64_t pairs_of_nested(unsigned elements, size_t *length)
{
    static const char inner[] = "'vmsd_name':'i','version':1,'fields':[{'name':'b','type':'buffer',"
                                "'size':40}],'subsections':[{" INNER("i/a", "") "},{" INNER(
                                    "i/b", "") "},{" INNER("i/c", "") "}]";
    char description[1024];
    snprintf(description, sizeof(description),
             "{'page_size':4096,'devices':[{'name':'dev','instance_id':0,'vmsd_name':'dev',"
             "'version':1,'fields':[{'name':'e','array_len':%u,'type':'struct','size':67,"
             "'struct':{%s}}]}]}",
             elements, inner);
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = schema_of(arena, description, NULL);
    char text[160];
    snprintf(text, sizeof(text),
             HEAD FULL "%u*(05 .'i/a' 00000001 05 .'i/b' 00000001 05 .'i/c' 00000001 "
                       "05 .'i/a' 00000001 04*05)" FOOTER "00",
             elements);
    struct made made = assemble(consistent(), text);
    struct vmwire_reading reading = {.option = consistent(), .input = made.bytes, .schema = schema};
    struct vmwire_cost cost;
    struct vmwire_error error;
    if (!vmwire_stream_read(&reading, &cost, &error))
        assert_int_not_equal(error.kind, VMWIRE_ERROR_LIMIT);
    *length = made.bytes.length;
    made_free(&made);
    vmwire_arena_destroy(arena);
    return cost.pairs;
}

static void test_cost_of_bytes(void **state)
{
    (void)state;
    size_t short_length, length;
    uint64_t pairs = pairs_of_nested(64, &short_length);
    for (unsigned times = 2; times <= 32; times *= 2) {
        uint64_t more = pairs_of_nested(64 * times, &length);
        assert_true(more <= pairs * times + pairs);
        assert_true(more <= 2 * (uint64_t)length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),          cmocka_unit_test(test_drawn),
        cmocka_unit_test(test_engine),        cmocka_unit_test(test_cost_of_places),
        cmocka_unit_test(test_time_of_pairs), cmocka_unit_test(test_cost_of_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
