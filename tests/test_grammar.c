/* SPDX-License-Identifier: MIT */
/*
 * Every rule of grammar/stream.y and every condition of grammar/stream.re, under every option that
 * has it: a stream that it accepts, with the tree that must come out, and streams that it rejects,
 * with the kind, the offset, the message and the place of the error.
 *
 * What is accepted must besides be accounted for byte by byte, come out the same from the writer,
 * cost the same twice, and be rejected when it is cut off anywhere before its end.
 */
#include "build.h"

/* What a stream is read with: sources of its schema, as JSON in single quotes. */
struct layout {
    const char *description;
    const char *dump;
    const char *existing; /* of the older release, for toplevel */
};

struct row {
    const char *name;
    const char *options;         /* that it is read under; NULL: all */
    const struct layout *layout; /* NULL: `plain` */
    const char *stream;          /* as assemble() takes it; ^ stands at the error's offset */
    const char *reads;           /* accepted: the tree, as tree_text() has it */
    enum vmwire_error_kind kind; /* rejected: the error, and parts of what it says */
    const char *message, *section, *path;
    bool moved;   /* the writer puts mapped-ram pages elsewhere */
    bool lenient; /* may be accepted when it is cut off: `unread` behind the end */
};

/* clang-format would tear the texts of streams apart. */
// clang-format off

/* ---- Parts that streams have in common ------------------------------------------------------- */

#define HEAD        "'QEVM' version "
#define FULL        "04 00000001 .'dev' 00000000 00000001 " /* a section "dev", up to its record */
#define FOOTER      " 7e 00000001 "
#define CONFIG      "07 00000002 'pc' "
#define CONFIG_TREE "configuration {len=00000002 name=7063}; "
#define INLINE      "legacy guarded heuristic consistent combined"
#define BY_C_STRING "legacy guarded heuristic flagday" /* names as C strings, versions by their low byte */
#define NESTING     "legacy heuristic flagday consistent combined" /* a subsection may have subsections */
#define NOT_HEURISTIC "legacy guarded flagday standalone toplevel consistent"
#define UNFRAMED    INLINE " flagday standalone toplevel" /* the row has records without version and length */
#define NOT_CONSISTENT "legacy guarded heuristic flagday standalone toplevel combined" /* nor framed */

static const struct layout plain = {LAYOUT(DEVICE("dev", INNER("dev", U8("a")))), NULL, NULL};

/* ---- The stream ------------------------------------------------------------------------------ */

static const struct row stream_rows[] = {
    {.name = "an empty stream", .stream = HEAD "00", .reads = "eof"},
    {.name = "an empty file", .stream = "^", .kind = VMWIRE_ERROR_TRUNCATED, .message = "the magic QEVM"},
    {.name = "half a magic",
     .stream = "^'QEV'",
     .kind = VMWIRE_ERROR_NOT_A_STREAM,
     .message = "not a migration stream"},
    {.name = "another magic",
     .stream = "^'QFVM' version 00",
     .kind = VMWIRE_ERROR_NOT_A_STREAM,
     .message = "not a migration stream"},
    {.name = "a dump in place of a stream",
     .stream = "^'{\"pc\": {}}'",
     .kind = VMWIRE_ERROR_NOT_A_STREAM,
     .message = "found JSON: a dump or a description is a schema, not a stream"},
    {.name = "no description",
     .options = "described",
     .stream = HEAD FULL "05" FOOTER "00 ^",
     .kind = VMWIRE_ERROR_NOT_DESCRIBED,
     .message = "no description at the end of the stream"},
    {.name = "half a version",
     .stream = "'QEVM' ^0000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the stream version (4 bytes), but only 2 bytes are left"},
    {.name = "version 2",
     .stream = "'QEVM' ^00000002 00",
     .kind = VMWIRE_ERROR_STREAM_VERSION,
     .message = "obsolete v2 stream"},
    {.name = "version 8",
     .stream = "'QEVM' ^00000008 00",
     .kind = VMWIRE_ERROR_STREAM_VERSION,
     .message = "found 8"},
    {.name = "version 3 where the option has another",
     .options = "flagday standalone",
     .stream = "'QEVM' ^00000003 00",
     .kind = VMWIRE_ERROR_STREAM_VERSION,
     .message = "found 3"},
    {.name = "version 4 where the option has another",
     .options = INLINE " standalone toplevel",
     .stream = "'QEVM' ^00000004 00",
     .kind = VMWIRE_ERROR_STREAM_VERSION,
     .message = "found 4"},
    {.name = "no end", .stream = HEAD "^", .kind = VMWIRE_ERROR_TRUNCATED, .message = "an item"},
    {.name = "an unknown item",
     .stream = HEAD "^09 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "expected an item (00 end, 01 02 03 04 section, 07 configuration, 08 command), "
                "found 09"},
    {.name = "an unknown item behind a section", .options = UNFRAMED,
     .stream = HEAD FULL "05" FOOTER "^ff",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "found ff"},
    {.name = "a footer of no section",
     .stream = HEAD "^7e 00000001 00",
     .kind = VMWIRE_ERROR_GRAMMAR,
     .message = "found FOOTER (7e), expected EOF or SECTION_START"},
    {.name = "a subsection as an item, where the option has none",
     .options = INLINE " flagday toplevel",
     .stream = HEAD FULL "01" FOOTER "^05 00000001 00000000 .'dev/s' 00000001 02" FOOTER "00",
     .kind = VMWIRE_ERROR_GRAMMAR,
     .message = "found SUBSECTION (05), expected EOF"},

    {.name = "a configuration", .options = UNFRAMED,
     .stream = HEAD CONFIG "00",
     .reads = CONFIG_TREE "eof"},
    {.name = "a configuration without a name", .options = UNFRAMED,
     .stream = HEAD "07 00000000 00",
     .reads = "configuration {len=00000000 name=}; eof"},
    {.name = "a configuration cut off", .options = UNFRAMED,
     .stream = HEAD "07 00000002 ^'p'",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "buffer of 2 bytes, but only 1 are left",
     .section = "\"configuration\" instance 0",
     .path = "name"},
    {.name = "a configuration of 4 GB", .options = UNFRAMED,
     .stream = HEAD "07 ffffffff ^'pc' 00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "buffer of 4294967295 bytes"},
    {.name = "two configurations",
     .options = NOT_CONSISTENT,
     .stream = HEAD CONFIG "^" CONFIG "00",
     .kind = VMWIRE_ERROR_GRAMMAR,
     .message = "found CONFIGURATION (07), expected"},
    {.name = "a configuration behind a section", .options = UNFRAMED,
     .stream = HEAD FULL "01" FOOTER "^" CONFIG "00",
     .kind = VMWIRE_ERROR_GRAMMAR,
     .message = "found CONFIGURATION (07), expected"},

    {.name = "a description",
     .stream = HEAD "00 06 [4 '{}']",
     .reads = "eof; description =7b7d",
     .lenient = true},
    {.name = "a description that is empty",
     .stream = HEAD "00 06 00000000",
     .reads = "eof; description =",
     .lenient = true},
    {.name = "a description and more",
     .stream = HEAD "00 06 [4 '{}'] 0a",
     .reads = "eof; description =7b7d; unread =0a",
     .lenient = true},
    {.name = "a description shorter than its length",
     .stream = HEAD "00 06 00000003 '{}'",
     .reads = "eof; unread =06000000037b7d",
     .lenient = true},
    {.name = "a description longer than its length",
     .stream = HEAD "00 06 00000001 '{}'",
     .reads = "eof; description =7b; unread =7d",
     .lenient = true},
    {.name = "a description before the end",
     .stream = HEAD "^06 00000002 '{}' 00",
     .kind = VMWIRE_ERROR_GRAMMAR,
     .message = "found DESCRIPTION (06), expected EOF"},
    {.name = "bytes behind the end",
     .stream = HEAD "00 010203",
     .reads = "eof; unread =010203",
     .lenient = true},
    {.name = "half the head of a description behind the end",
     .stream = HEAD "00 06 0000",
     .reads = "eof; unread =060000",
     .lenient = true},
};

/* ---- Sections -------------------------------------------------------------------------------- */

/* "dev" is described in version 2, and a dump accepts 1 to 3 of it. */
static const struct layout versions = {
    LAYOUT(DEVICE("dev", "'vmsd_name':'dev','version':2,'fields':[" U8("a") "]") ","
           "{'name':'dev','instance_id':7," INNER("seven", U8("b")) "}"),
    "{'dev':{'Name':'dev','version_id':3,'minimum_version_id':1,'Description':{'name':'dev',"
    "'version_id':3,'minimum_version_id':1,'Fields':[{'field':'a','version_id':0,'size':1}],"
    "'Subsections':[{'name':'dev/s','version_id':3,'minimum_version_id':2,"
    "'Fields':[{'field':'y','version_id':0,'size':1}]}]}}}",
    NULL};

/* A section that is no VMState: QEMU's describes it as one buffer without name and version. */
static const struct layout old_style = {
    LAYOUT("{'name':'old','instance_id':0,'size':2,'fields':["
           "{'name':'data','size':2,'type':'buffer'}]}"),
    NULL, NULL};

#define DEV_2 "04 00000001 .'dev' 00000000 00000002 "
#define OLD   "04 00000009 .'old' 00000000 0000002a "

static const struct row section_rows[] = {
    {.name = "a section with a footer", .options = UNFRAMED,
     .stream = HEAD FULL "05" FOOTER "00",
     .reads = "full 1 dev {a=05} ~; eof"},
    {.name = "a section without a footer", .options = UNFRAMED,
     .stream = HEAD FULL "05 00",
     .reads = "full 1 dev {a=05}; eof"},
    {.name = "all sections with footers", .options = UNFRAMED,
     .stream = HEAD FULL "05" FOOTER FULL "06" FOOTER "00",
     .reads = "full 1 dev {a=05} ~; full 1 dev {a=06} ~; eof"},
    {.name = "no section with a footer", .options = UNFRAMED,
     .stream = HEAD FULL "7e" FULL "06" "00",
     .reads = "full 1 dev {a=7e}; full 1 dev {a=06}; eof"},
    {.name = "the second footer missing", .options = UNFRAMED,
     .stream = HEAD FULL "05" FOOTER FULL "06 ^00",
     .kind = VMWIRE_ERROR_FOOTER,
     .message = "expected a section footer (7e), found 00",
     .section = "\"dev\" instance 0",
     .path = ""},
    {.name = "the first footer missing", .options = UNFRAMED,
     .stream = HEAD FULL "0f" FULL "06 ^" FOOTER "00",
     .kind = VMWIRE_ERROR_FOOTER,
     .message = "expected no section footer, because the first section has none, found 7e"},
    {.name = "a footer of another section", .options = UNFRAMED,
     .stream = HEAD FULL "05 7e ^00000002 00",
     .kind = VMWIRE_ERROR_SECTION_ID,
     .message = "the footer names section 2, expected 1",
     .section = "\"dev\" instance 0"},
    {.name = "half a footer", .options = UNFRAMED,
     .stream = HEAD FULL "05 7e ^000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the footer's section id (4 bytes), but only 3 bytes are left"},
    {.name = "the end in place of the first footer",
     .options = NOT_HEURISTIC,
     .stream = HEAD FULL "05 ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "an item"},
    {.name = "the end in place of the second footer",
     .options = NOT_HEURISTIC,
     .stream = HEAD FULL "05" FOOTER FULL "05 ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a section footer (7e)"},

    {.name = "half a section id",
     .stream = HEAD "04 ^0000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a section id (4 bytes), but only 2 bytes are left"},
    {.name = "no idstr",
     .stream = HEAD "04 00000001 ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "an idstr"},
    {.name = "half an idstr",
     .stream = HEAD "04 00000001 ^03 'de'",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "an idstr (a length byte and as many bytes) of 4 bytes, but only 3 are left"},
    {.name = "an empty idstr",
     .stream = HEAD "04 00000001 ^00 00000000 00000001 05" FOOTER "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "expected an idstr, found an empty one"},
    {.name = "an idstr of 255 bytes that nothing describes",
     .stream = HEAD "04 00000001 ff 255*'x' 00000000 ^00000001 05" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "no description of section \"xxx"},
    {.name = "an idstr with a NUL: a C string ends there", .options = UNFRAMED,
     .stream = HEAD "04 00000001 [1 'dev' 00 'x'] 00000000 00000001 05" FOOTER "00",
     .reads = "full 1 dev\\00x {a=05} ~; eof"},
    {.name = "half an instance id",
     .stream = HEAD "04 00000001 .'dev' ^0000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "an instance id (4 bytes), but only 2 bytes are left"},
    {.name = "an instance that nothing describes",
     .stream = HEAD "04 00000001 .'dev' 00000002 ^00000001 05" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "no description of section \"dev\" instance 2",
     .section = "\"dev\" instance 2"},
    {.name = "another instance with another layout", .options = UNFRAMED,
     .layout = &versions,
     .stream = HEAD "04 00000003 .'dev' 00000007 00000001 05 7e 00000003 00",
     .reads = "full 3 dev.7 {b=05} ~; eof"},
    {.name = "half a version id",
     .stream = HEAD "04 00000001 .'dev' 00000000 ^000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a version id (4 bytes), but only 3 bytes are left"},
    {.name = "the described version of those that a dump declares", .options = UNFRAMED,
     .layout = &versions,
     .stream = HEAD "04 00000001 .'dev' 00000000 00000002 05" FOOTER "00",
     .reads = "full 1 dev {a=05} ~; eof"},
    {.name = "a version that a dump declares, but that is not the described one",
     .layout = &versions,
     .stream = HEAD "04 00000001 .'dev' 00000000 ^00000003 05" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "the layout of version 3 of \"dev\" is not known, only that of version 2"},
    {.name = "the lowest version that a dump declares, which is not the described one",
     .layout = &versions,
     .stream = HEAD "04 00000001 .'dev' 00000000 ^00000001 05" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "the layout of version 1 of \"dev\" is not known, only that of version 2"},
    {.name = "a version above the reader's",
     .layout = &versions,
     .stream = HEAD "04 00000001 .'dev' 00000000 ^00000004 05" FOOTER "00",
     .kind = VMWIRE_ERROR_VERSION_ID,
     .message = "version_id 4 of \"dev\" is above the reader's 3",
     .section = "\"dev\" instance 0"},
    {.name = "a version below the reader's minimum",
     .layout = &versions,
     .stream = HEAD "04 00000001 .'dev' 00000000 ^00000000 05" FOOTER "00",
     .kind = VMWIRE_ERROR_VERSION_ID,
     .message = "version_id 0 of \"dev\" is below the reader's minimum 1"},
    {.name = "all 32 bits of a section's version count",
     .layout = &versions,
     .stream = HEAD "04 00000001 .'dev' 00000000 ^00000101 05" FOOTER "00",
     .kind = VMWIRE_ERROR_VERSION_ID,
     .message = "version_id 257 of \"dev\" is above"},
    {.name = "a version without a dump is the described one",
     .stream = HEAD "04 00000001 .'dev' 00000000 ^00000002 05" FOOTER "00",
     .kind = VMWIRE_ERROR_VERSION_ID,
     .message = "above the reader's 1"},

    {.name = "an old-style section", .options = UNFRAMED,
     .layout = &old_style,
     .stream = HEAD OLD "0501 7e 00000009 00",
     .reads = "full 9 old {data=0501} ~; eof"},
    {.name = "an old-style section has no tail",
     .layout = &old_style,
     .options = INLINE,
     .stream = HEAD OLD "0501 7e 00000009" OLD "0501 ^05 00",
     .kind = VMWIRE_ERROR_FOOTER,
     .message = "found 05",
     .section = "\"old\" instance 0"},
    {.name = "an old-style section cut off", .options = UNFRAMED,
     .layout = &old_style,
     .stream = HEAD OLD "^05",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "buffer of 2 bytes, but only 1 are left",
     .path = "data"},

    {.name = "a part of a section that was never started",
     .stream = HEAD "02 ^00000007 00",
     .kind = VMWIRE_ERROR_SECTION_ID,
     .message = "section id 7 was never started"},
    {.name = "the end of a section that was never started",
     .stream = HEAD "03 ^00000007 00",
     .kind = VMWIRE_ERROR_SECTION_ID,
     .message = "section id 7 was never started"},
    {.name = "a part of a full section", .options = UNFRAMED,
     .stream = HEAD FULL "05" FOOTER "02 ^00000001 00",
     .kind = VMWIRE_ERROR_SECTION_ID,
     .message = "section id 1 was never started"},
    {.name = "half the id of a part",
     .stream = HEAD "02 ^000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a section id (4 bytes), but only 3 bytes are left"},
    {.name = "an iterable section without a grammar",
     .stream = HEAD "01 00000002 .'block' 00000000 ^00000002 00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "no grammar for iterable section \"block\" version 2",
     .section = "\"block\" instance 0"},
    {.name = "an iterable section of another version",
     .stream = HEAD "01 00000002 .'ram' 00000000 ^00000002 00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "no grammar for iterable section \"ram\" version 2"},
};

/* ---- Records --------------------------------------------------------------------------------- */

#define INNER_XY INNER("in", U8("x") "," FIELD("y", "uint16", 2))

static const struct layout nested = {
    LAYOUT(DEVICE("dev", INNER("dev", U8("a") "," STRUCTS("in", 2, 3, INNER_XY) ","
                               STRUCT("out", 3, INNER("out", STRUCT("in", 3, INNER_XY))) ","
                               "{'name':'v','array_len':3,'type':'uint16','size':2}"))),
    NULL, NULL};

#define NESTED_HEAD FULL "01"

static const struct layout lists = {
    LAYOUT(DEVICE("dev", INNER("dev", U8("a") ","
                               "{'name':'q','type':'qtailq','size':4,'vmsd_name':'el','version':1,"
                               "'fields':[" FIELD("x", "uint16", 2) "]},"
                               "{'name':'e','type':'qlist','size':1}," U8("z")))),
    NULL, NULL};

static const struct layout pointers = {
    LAYOUT(DEVICE("dev", INNER("dev",
        "{'name':'p','index':0,'type':'nullptr','size':1},"
        "{'name':'p','index':1,'type':'uint32','size':4},"
        "{'name':'p','index':2,'type':'nullptr','size':1}"))),
    NULL, NULL};

static const struct layout nothing = {
    LAYOUT(DEVICE("dev", INNER("dev", STRUCT("in", 0, INNER("in", ""))))), NULL, NULL};

/* "dev" has a subsection that embeds a "dev": a stream can nest them without end. */
#define DEV_A INNER("dev", U8("a"))
static const struct layout endless = {
    LAYOUT(DEVICE("dev", DEV_A) "," DEVICE("donor", INNER("dev", U8("a"))
           SENDS(SUB(INNER("dev/s", STRUCT("again", 1, DEV_A)))))),
    NULL, NULL};

#define DOWN "05 .'dev/s' 00000001 01 "

static const struct row record_rows[] = {
    {.name = "embedded structures", .options = UNFRAMED,
     .layout = &nested,
     .stream = HEAD NESTED_HEAD "02 0304 sentinel 0f 0607 sentinel 08 090a sentinel sentinel "
                                "0b0c 0d0e 0f10" FOOTER "00",
     .reads = "full 1 dev {a=01 in[0]{x=02 y=0304} in[1]{x=0f y=0607} out{in{x=08 y=090a}} "
              "v=0b0c0d0e0f10} ~; eof"},
    {.name = "a field cut off", .options = UNFRAMED,
     .layout = &nested,
     .stream = HEAD NESTED_HEAD "02 ^03",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "uint16 of 2 bytes, but only 1 are left",
     .section = "\"dev\" instance 0",
     .path = "in[0].y"},
    {.name = "an element cut off",
     .layout = &nested,
     .options = NOT_HEURISTIC,
     .stream = HEAD NESTED_HEAD "02 0304 sentinel ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "uint8 of 1 bytes, but only 0 are left",
     .path = "in[1].x"},
    {.name = "the end at a tail at which the reader looks",
     .layout = &nested,
     .options = "heuristic",
     .stream = HEAD NESTED_HEAD "02 0304 ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "of \"in\" begins here, the reader looks beyond the end of the stream",
     .path = "in[0]"},
    {.name = "a field deep inside cut off", .options = UNFRAMED,
     .layout = &nested,
     .stream = HEAD NESTED_HEAD "02 0304 sentinel 0f 0607 sentinel 08 ^09",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "uint16 of 2 bytes",
     .path = "out.in.y"},
    {.name = "an array cut off", .options = UNFRAMED,
     .layout = &nested,
     .stream = HEAD NESTED_HEAD "02 0304 sentinel 0f 0607 sentinel 08 090a sentinel sentinel "
                                "^0b0c 0d0e 0f",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "uint16 of 6 bytes, but only 5 are left",
     .path = "v"},
    {.name = "structures without fields", .options = UNFRAMED,
     .layout = &nothing,
     .stream = HEAD FULL "sentinel" FOOTER "00",
     .reads = "full 1 dev {in{}} ~; eof"},
    {.name = "null pointers", .options = UNFRAMED,
     .layout = &pointers,
     .stream = HEAD FULL "30 00000001 30" FOOTER "00",
     .reads = "full 1 dev {p[0]=30 p[1]=00000001 p[2]=30} ~; eof"},
    {.name = "a null pointer with another marker", .options = UNFRAMED,
     .layout = &pointers,
     .stream = HEAD FULL "30 00000001 ^31" FOOTER "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "expected a null pointer's marker (30), found 31",
     .path = "p[2]"},

    {.name = "a list of two",
     .options = NOT_CONSISTENT, /* which takes the marker 01 only, as writers send it */
     .layout = &lists,
     .stream = HEAD FULL "01 01 0203 sentinel ff 0405 sentinel 00 00 06" FOOTER "00",
     .reads = "full 1 dev {a=01 q[0]=01{x=0203} q[1]=ff{x=0405} q=00 e=00 z=06} ~; eof"},
    {.name = "an empty list", .options = UNFRAMED,
     .layout = &lists,
     .stream = HEAD FULL "01 00 00 06" FOOTER "00",
     .reads = "full 1 dev {a=01 q=00 e=00 z=06} ~; eof"},
    {.name = "a list cut off before an element", .options = UNFRAMED,
     .layout = &lists,
     .stream = HEAD FULL "01 ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a list element (a byte that is not 00) or its end (00)",
     .path = "q[0]"},
    {.name = "a list cut off in its second element", .options = UNFRAMED,
     .layout = &lists,
     .stream = HEAD FULL "01 01 0203 sentinel 01 ^02",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "uint16 of 2 bytes, but only 1 are left",
     .path = "q[1].x"},
    {.name = "an element of a list that nothing describes", .options = UNFRAMED,
     .layout = &lists,
     .stream = HEAD FULL "01 00 ^01 06" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "no description of the elements of list \"e\"",
     .path = "e[0]"},

    {.name = "31 subsections in each other",
     .layout = &endless,
     .options = INLINE,
     .stream = HEAD FULL "01 31*(" DOWN ")" FOOTER "00",
     .reads = NULL},
    {.name = "32 subsections in each other",
     .layout = &endless,
     .options = INLINE,
     .stream = HEAD FULL "01 31*(" DOWN ") 05 .'dev/s' 00000001 ^01" FOOTER "00",
     .kind = VMWIRE_ERROR_LIMIT,
     .message = "records are nested deeper than 64"},
};

/* ---- Tails ----------------------------------------------------------------------------------- */

/*
 * "dev" {in[2], a} has the subsections dev/s {y}, which has dev/s/t {z}, and dev/u {v}; "in" {x}
 * has in/s {w}. The device "dev" of the tests sends none of them: a donor's description tells.
 */
#define IN_PLAIN   INNER("in", U8("x"))
#define IN_S       SUB(INNER("in/s", U8("w")))
#define DEV_T      SUB(INNER("dev/s/t", U8("z")))
#define DEV_S      SUB(INNER("dev/s", U8("y")) SENDS(DEV_T))
#define DEV_U      SUB(INNER("dev/u", U8("v")))
#define DEV_PLAIN  INNER("dev", STRUCTS("in", 2, 1, IN_PLAIN) "," U8("a"))
#define DONOR      INNER("dev", STRUCT("in", 12, IN_PLAIN SENDS(IN_S)) "," U8("a"))
#define TAILS                                                                                      \
    LAYOUT(DEVICE("dev", DEV_PLAIN) "," DEVICE("donor", DONOR SENDS(DEV_S "," DEV_U)))

static const struct layout tails = {TAILS, NULL, NULL};

/* "dev" {a} has the subsections dev/s {}, which has x {g}, dev/u {v}, and x {h}. */
static const struct layout namesakes = {
    LAYOUT(DEVICE("dev", INNER("dev", U8("a")) SENDS(
        SUB("'vmsd_name':'dev/s','version':1,'fields':[]" SENDS(SUB(INNER("x", FIELD("g", "uint16", 2)))))
        "," DEV_U "," SUB(INNER("x", U8("h")))))),
    NULL, NULL};

/* The older release of toplevel declares dev/u and in/s. */
static const struct layout existing = {
    TAILS, NULL, LAYOUT(DEVICE("dev", DONOR SENDS(DEV_U)))};

/* No structure has subsections. */
static const struct layout bare = {
    LAYOUT(DEVICE("dev", INNER("dev", STRUCT("in", 1, IN_PLAIN) "," FIELD("b", "buffer", 12)))),
    NULL, NULL};

#define S_HEAD "05 .'dev/s' 00000001 "
#define T_HEAD "05 .'dev/s/t' 00000001 "
#define U_HEAD "05 .'dev/u' 00000001 "
#define W_HEAD "05 .'in/s' 00000001 "
/* "dev" up to its tail, no subsection in its elements. */
#define DEV    FULL "02 sentinel 03 sentinel 01 "
#define DEV_TREE "full 1 dev {in[0]{x=02} in[1]{x=03} a=01"

static const struct row tail_rows[] = {
    {.name = "no subsection", .options = UNFRAMED,
     .layout = &tails,
     .stream = HEAD DEV FOOTER "00",
     .reads = DEV_TREE "} ~; eof"},
    {.name = "a subsection of a section",
     .layout = &tails,
     .options = NESTING,
     .stream = HEAD DEV S_HEAD "04 sentinel" FOOTER "00",
     .reads = DEV_TREE " +dev/s:1{y=04}} ~; eof"},
    {.name = "a subsection of a section whose idstr has a NUL",
     .layout = &tails,
     .options = NESTING,
     .stream = HEAD "04 00000001 [1 'dev' 00 'x'] 00000000 00000001 02 sentinel 03 sentinel 01 "
                    S_HEAD "04 sentinel" FOOTER "00",
     .reads = "full 1 dev\\00x {in[0]{x=02} in[1]{x=03} a=01 +dev/s:1{y=04}} ~; eof"},
    {.name = "a subsection of a section without a footer",
     .layout = &tails,
     .options = NESTING,
     .stream = HEAD DEV S_HEAD "04 sentinel 00",
     .reads = DEV_TREE " +dev/s:1{y=04}}; eof"},
    {.name = "two subsections in a row",
     .layout = &tails,
     .options = "heuristic flagday",
     .stream = HEAD DEV S_HEAD "04 sentinel " U_HEAD "05 sentinel" FOOTER "00",
     .reads = DEV_TREE " +dev/s:1{y=04} +dev/u:1{v=05}} ~; eof"},
    {.name = "a subsection of a subsection",
     .layout = &tails,
     .options = NESTING,
     .stream = HEAD DEV S_HEAD "04" T_HEAD "06 sentinel sentinel" FOOTER "00",
     .reads = DEV_TREE " +dev/s:1{y=04 +dev/s/t:1{z=06}}} ~; eof"},
    {.name = "a subsection behind a subsection with a subsection",
     .layout = &tails,
     .options = "heuristic flagday",
     .stream = HEAD DEV S_HEAD "04" T_HEAD "06 sentinel sentinel " U_HEAD "05 sentinel" FOOTER "00",
     .reads = DEV_TREE " +dev/s:1{y=04 +dev/s/t:1{z=06}} +dev/u:1{v=05}} ~; eof"},
    {.name = "legacy takes what follows a subsection for the subsection's own",
     .layout = &tails,
     .options = "legacy",
     .stream = HEAD DEV S_HEAD "04" T_HEAD "06 05 ^.'dev/u' 00000001 05" FOOTER "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"dev/u\" in \"dev/s/t\" does not exist",
     .path = "dev/s.dev/s/t"},
    {.name = "guarded refuses a subsection that declares subsections, sent or not",
     .layout = &tails,
     .options = "guarded",
     .stream = HEAD DEV U_HEAD "05 05 .'dev/s' ^00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_NESTED_SUBSECTION,
     .message = "subsection \"dev/s\" declares subsections of its own",
     .section = "\"dev\" instance 0",
     .path = ""},
    {.name = "guarded does not look behind a subsection that has none",
     .layout = &tails,
     .options = "guarded",
     .stream = HEAD DEV U_HEAD "05 05 ^.'dev/w' 00000001 05" FOOTER "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"dev/w\" in \"dev\" does not exist",
     .path = ""},
    {.name = "a subsection of a section, with none of its own",
     .layout = &tails,
     .options = INLINE " flagday",
     .stream = HEAD DEV U_HEAD "05 sentinel" FOOTER "00",
     .reads = DEV_TREE " +dev/u:1{v=05}} ~; eof"},
    {.name = "a subsection of an element",
     .layout = &tails,
     .options = INLINE " flagday",
     .stream = HEAD FULL "02" W_HEAD "07 sentinel sentinel 03 sentinel 01" FOOTER "00",
     .reads = "full 1 dev {in[0]{x=02 +in/s:1{w=07}} in[1]{x=03} a=01} ~; eof"},
    {.name = "a subsection of the last element and one of the section",
     .layout = &tails,
     .options = NESTING,
     .stream = HEAD FULL "02 sentinel 03" W_HEAD "07 sentinel sentinel 01" S_HEAD "04 sentinel" FOOTER "00",
     .reads = "full 1 dev {in[0]{x=02} in[1]{x=03 +in/s:1{w=07}} a=01 +dev/s:1{y=04}} ~; eof"},

    /* legacy, guarded: any 05 */
    {.name = "a 05 that is data",
     .layout = &tails,
     .options = "legacy guarded",
     .stream = HEAD FULL "02 05 ^05 'dev/s' 00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"dev/s\" in \"in\" does not exist",
     .section = "\"dev\" instance 0",
     .path = "in[0]"},
    {.name = "a 05 in an element that looks like the head of a subsection",
     .layout = &tails,
     .options = "legacy guarded",
     .stream = HEAD FULL "02 05 ^7e 00000001 00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a subsection name (a length byte and as many bytes) of 127 bytes, but only",
     .path = "in[0]"},
    {.name = "a 05 as the last byte",
     .layout = &tails,
     .options = "legacy guarded flagday",
     .stream = HEAD DEV "05 ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a subsection name"},
    {.name = "half a subsection's version",
     .layout = &tails,
     .options = INLINE " flagday",
     .stream = HEAD DEV "05 .'dev/s' ^0000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a subsection's version id (4 bytes), but only 2 bytes are left"},
    {.name = "legacy looks where there are no subsections",
     .layout = &bare,
     .options = "legacy",
     .stream = HEAD FULL "01 05 ^.'in/s' 00000001 0000" FOOTER "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"in/s\" in \"in\" does not exist"},
    {.name = "guarded does not look where there are no subsections",
     .layout = &bare,
     .options = "guarded standalone toplevel combined",
     .stream = HEAD FULL "01 05 .'in/s' 00000001 0000" FOOTER "00",
     .reads = "full 1 dev {in{x=01} b=0504696e2f73000000010000} ~; eof"},

    /* combined: a plausible name, where there are subsections */
    {.name = "combined does not look beyond the end where there are no subsections",
     .layout = &bare,
     .options = "combined",
     .stream = HEAD FULL "01 05 ff 00000000000000000000" FOOTER "00",
     .reads = "full 1 dev {in{x=01} b=05ff00000000000000000000} ~; eof"},
    {.name = "combined looks beyond the end where there are subsections",
     .layout = &tails,
     .options = "combined",
     .stream = HEAD DEV "^05 06 'dev/s'",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "of \"dev\" begins here, the reader looks beyond the end of the stream"},
    {.name = "combined takes a plausible name that is not known",
     .layout = &tails,
     .options = "combined",
     .stream = HEAD FULL "02 05 ^.'in!' 00000001 03",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"in!\" in \"in\" does not exist"},

    /* heuristic: a plausible name */
    {.name = "the heuristic looks where there are no subsections",
     .layout = &bare,
     .options = "heuristic",
     .stream = HEAD FULL "01 05 ^.'in/s' 00000001 0000" FOOTER "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"in/s\" in \"in\" does not exist",
     .path = "in"},
    {.name = "a length byte of strlen(owner)",
     .layout = &bare,
     .options = "heuristic",
     .stream = HEAD FULL "01 05 02 'in' 'in' 000000000000" FOOTER "00",
     .reads = "full 1 dev {in{x=01} b=0502696e696e000000000000} ~; eof"},
    {.name = "a length byte of strlen(owner) + 1",
     .layout = &bare,
     .options = "heuristic",
     .stream = HEAD FULL "01 05 ^03 'in!' 00000000000000" FOOTER "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"in!\" in \"in\" does not exist"},
    {.name = "another name at the beginning",
     .layout = &bare,
     .options = "heuristic",
     .stream = HEAD FULL "01 05 04 'im/s' 000000000000" FOOTER "00",
     .reads = "full 1 dev {in{x=01} b=0504696d2f73000000000000} ~; eof"},
    {.name = "a name one byte short",
     .layout = &bare,
     .options = "heuristic",
     .stream = HEAD FULL "01 05 04 'i' 000000000000000000" FOOTER "00",
     .reads = "full 1 dev {in{x=01} b=050469000000000000000000} ~; eof"},
    {.name = "a name that the end of the file cuts short",
     .layout = &tails,
     .options = "heuristic",
     .stream = HEAD DEV "^05 06 'dev/s'",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "of \"dev\" begins here, the reader looks beyond the end of the stream",
     .section = "\"dev\" instance 0"},
    {.name = "a length that the end of the file cuts off, behind an element",
     .layout = &tails,
     .options = "heuristic",
     .stream = HEAD FULL "02 ^05",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "of \"in\" begins here, the reader looks beyond the end of the stream",
     .path = "in[0]"},
    {.name = "a look-ahead beyond the end of the file, where the fields are complete",
     .layout = &bare,
     .options = "heuristic",
     .stream = HEAD FULL "01 ^05 ff 00000000000000000000" FOOTER "00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "of \"in\" begins here, the reader looks beyond the end of the stream"},
    {.name = "a length byte of strlen(owner) before the end of the file",
     .layout = &bare,
     .options = "heuristic",
     .stream = HEAD FULL "01 05 02 00000000000000000000" FOOTER "00",
     .reads = "full 1 dev {in{x=01} b=050200000000000000000000} ~; eof"},
    {.name = "a look-ahead that the end of the file just allows",
     .layout = &bare,
     .options = "heuristic",
     .stream = HEAD FULL "01 05 10 00000000000000000000" FOOTER "00",
     .reads = "full 1 dev {in{x=01} b=051000000000000000000000} ~; eof"},
    {.name = "a look-ahead one byte beyond the end of the file",
     .layout = &bare,
     .options = "heuristic",
     .stream = HEAD FULL "01 ^05 11 00000000000000000000" FOOTER "00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "of \"in\" begins here, the reader looks beyond the end of the stream"},
    {.name = "behind a subsection, too, the look-ahead must not go beyond the end",
     .layout = &tails,
     .options = "heuristic",
     .stream = HEAD DEV "05 .'dev/s' 00000001 04 ^05 ff" FOOTER "00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "of \"dev/s\" begins here, the reader looks beyond the end of the stream"},
    {.name = "a name that just fits before the end of the file",
     .layout = &tails,
     .options = "heuristic",
     .stream = HEAD DEV "05 05 'dev/s' ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a subsection's version id (4 bytes), but only 0 bytes are left"},
    {.name = "a 05 that ends the file, where footers are known",
     .layout = &tails,
     .options = "heuristic",
     .stream = HEAD DEV FOOTER DEV "^05",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the reader looks beyond the end of the stream"},
    {.name = "a NUL behind a subsection's name: a C string ends there",
     .layout = &tails,
     .options = BY_C_STRING,
     .stream = HEAD DEV "05 [1 'dev/u' 00 'xyz'] 00000001 04 sentinel" FOOTER "00",
     .reads = DEV_TREE " +dev/u\\00xyz:1{v=04}} ~; eof"},
    {.name = "a length byte longer than the C string that has no subsection",
     .layout = &tails,
     .options = "heuristic",
     .stream = HEAD DEV "05 ^[1 'dev' 00 '/s'] 00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"dev\" in \"dev\" does not exist"},
    {.name = "a NUL inside the owner's name is another name",
     .layout = &tails,
     .options = "heuristic",
     .stream = HEAD DEV "^05 [1 'de' 00 '/s'] 00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_GRAMMAR,
     .message = "found SUBSECTION (05), expected EOF"},

    /* flagday: a sentinel behind each record within a record */
    {.name = "no sentinel",
     .layout = &tails,
     .options = "flagday",
     .stream = HEAD FULL "02 ^03 00 01" FOOTER "00",
     .kind = VMWIRE_ERROR_GRAMMAR,
     .message = "found the end of the record (03), expected the sentinel 00",
     .section = "\"dev\" instance 0",
     .path = "in[0]"},
    {.name = "no sentinel and no more bytes",
     .layout = &tails,
     .options = "flagday",
     .stream = HEAD FULL "02 ^",
     .kind = VMWIRE_ERROR_GRAMMAR,
     .message = "found the end of the record, expected the sentinel 00"},
    {.name = "a wrong sentinel behind a subsection",
     .layout = &tails,
     .options = "flagday",
     .stream = HEAD FULL "02" W_HEAD "07 00 ^01 03 00 01" FOOTER "00",
     .kind = VMWIRE_ERROR_GRAMMAR,
     .message = "found the end of the record (01), expected the sentinel 00"},
    {.name = "a sentinel behind the section's own record",
     .layout = &tails,
     .options = "flagday",
     .stream = HEAD DEV FOOTER DEV "^00" FOOTER "00",
     .kind = VMWIRE_ERROR_FOOTER,
     .message = "found 00"},
    {.name = "a subsection with embedded records",
     .layout = &endless,
     .options = "flagday",
     .stream = HEAD FULL "01 05 .'dev/s' 00000001 02 sentinel sentinel" FOOTER "00",
     .reads = "full 1 dev {a=01 +dev/s:1{again{a=02}}} ~; eof"},
    {.name = "the sentinel behind a subsection's record is not its owner's",
     .layout = &tails,
     .options = "flagday",
     .stream = HEAD FULL "02" W_HEAD "07 00 ^03 00 01" FOOTER "00",
     .kind = VMWIRE_ERROR_GRAMMAR,
     .message = "found the end of the record (03), expected the sentinel 00",
     .path = "in[0]"},
    {.name = "no sentinel behind a subsection's record",
     .layout = &tails,
     .options = "flagday",
     .stream = HEAD DEV U_HEAD "05 ^7e 00000001 00",
     .kind = VMWIRE_ERROR_GRAMMAR,
     .message = "found the end of the record (7e), expected the sentinel 00",
     .path = "dev/u"},
    {.name = "no sentinel behind a subsection's record, and no more bytes",
     .layout = &tails,
     .options = "flagday",
     .stream = HEAD DEV U_HEAD "05 ^",
     .kind = VMWIRE_ERROR_GRAMMAR,
     .message = "found the end of the record, expected the sentinel 00",
     .path = "dev/u"},
    {.name = "two sentinels behind a subsection of a section",
     .layout = &tails,
     .options = "flagday",
     .stream = HEAD DEV FOOTER DEV U_HEAD "05 00 ^00" FOOTER "00",
     .kind = VMWIRE_ERROR_FOOTER,
     .message = "found 00"},
    {.name = "a 05 behind a subsection's record is never the next one of its owner",
     .layout = &namesakes,
     .options = "flagday",
     .stream = HEAD FULL "01 05 .'dev/s' 00000001 05 ^.'dev/u' 00000001 04 00 00" FOOTER "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"dev/u\" in \"dev/s\" does not exist",
     .path = "dev/s"},
    {.name = "a name that a subsection and its owner both declare",
     .layout = &namesakes,
     .options = "flagday",
     .stream = HEAD FULL "01 05 .'dev/s' 00000001 05 .'x' 00000001 0202 sentinel sentinel "
                    "05 .'x' 00000001 03 sentinel" FOOTER "00",
     .reads = "full 1 dev {a=01 +dev/s:1{+x:1{g=0202}} +x:1{h=03}} ~; eof"},
    {.name = "an unknown subsection of an element",
     .layout = &tails,
     .options = "flagday",
     .stream = HEAD FULL "02 05 ^.'in/t' 00000001 07 00 03 00" FOOTER "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"in/t\" in \"in\" does not exist",
     .path = "in[0]"},
    {.name = "a subsection behind a subsection that neither has",
     .layout = &tails,
     .options = "flagday",
     .stream = HEAD DEV S_HEAD "04 05 ^.'dev/w' 00000001 05 00 00" FOOTER "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"dev/w\" in \"dev/s\" does not exist",
     .path = "dev/s"},

    /* framed: version and length in front of each record, a 00 behind it */
#define F_FULL "04 00000001 .'dev' 00000000 "
#define F_IN(x) "00000001 00000001 " x " 00 "
#define F_DEV F_FULL "00000001 00000015 " F_IN("02") F_IN("03") "01 "
    {.name = "framed: no subsection",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_DEV "00" FOOTER "00",
     .reads = DEV_TREE "} ~; eof"},
    {.name = "framed: without a footer",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_DEV "00 00",
     .reads = DEV_TREE "}; eof"},
    {.name = "framed: a configuration",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD "07 00000001 00000006 00000002 'pc' 00 00",
     .reads = CONFIG_TREE "eof"},
    {.name = "framed: a configuration of another version",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD "07 ^00000002 00000006 00000002 'pc' 00 00",
     .kind = VMWIRE_ERROR_VERSION_ID,
     .message = "version_id 2 of \"configuration\" is above the reader's 1"},
    {.name = "framed: subsections of a section, nested and in a row",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_DEV "05 .'dev/s' 00000001 00000001 04 05 .'dev/s/t' 00000001 00000001 06 00 00 "
                    "05 .'dev/u' 00000001 00000001 05 00 00" FOOTER "00",
     .reads = DEV_TREE " +dev/s:1{y=04 +dev/s/t:1{z=06}} +dev/u:1{v=05}} ~; eof"},
    {.name = "framed: a subsection of an element counts in the length of what is around it",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_FULL "00000001 00000025 00000001 00000001 02 05 .'in/s' 00000001 00000001 07 00 00 "
                    F_IN("03") "01 00" FOOTER "00",
     .reads = "full 1 dev {in[0]{x=02 +in/s:1{w=07}} in[1]{x=03} a=01} ~; eof"},
    {.name = "framed: an unknown subsection",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_DEV "05 ^.'dev/w' 00000001 00000001 05 00 00" FOOTER "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"dev/w\" in \"dev\" does not exist"},
    {.name = "framed: a section's version above the reader's",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_FULL "^00000002 00000015 " F_IN("02") F_IN("03") "01 00" FOOTER "00",
     .kind = VMWIRE_ERROR_VERSION_ID,
     .message = "version_id 2 of \"dev\" is above the reader's 1"},
    {.name = "framed: a section's version below the reader's minimum",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_FULL "^00000000 00000015 " F_IN("02") F_IN("03") "01 00" FOOTER "00",
     .kind = VMWIRE_ERROR_VERSION_ID,
     .message = "version_id 0 of \"dev\" is below the reader's minimum 1"},
    {.name = "framed: half a section's version",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_FULL "^0000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a version id (4 bytes), but only 2 bytes are left"},
    {.name = "framed: an embedded record's version above the reader's",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_FULL "00000001 00000015 ^00000002 00000001 02 00 " F_IN("03") "01 00" FOOTER "00",
     .kind = VMWIRE_ERROR_VERSION_ID,
     .message = "version_id 2 of \"in\" is above the reader's 1",
     .path = "in[0].x"},
    {.name = "framed: of an embedded record's version all bytes count",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_FULL "00000001 00000015 ^01000001 00000001 02 00 " F_IN("03") "01 00" FOOTER "00",
     .kind = VMWIRE_ERROR_VERSION_ID,
     .message = "version_id 16777217 of \"in\" is above the reader's 1"},
    {.name = "framed: half a length",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_FULL "00000001 ^000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the length of a record's fields (4 bytes), but only 3 bytes are left"},
    {.name = "framed: a length beyond the end",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_FULL "00000001 ^80000000 " F_IN("02") F_IN("03") "01 00" FOOTER "00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the fields of \"dev\" have 2147483648 bytes, but only 28 are left"},
    {.name = "framed: fields that end behind those around them",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_FULL "00000001 00000008 00000001 ^00000001 02 00 " F_IN("03") "01 00" FOOTER "00",
     .kind = VMWIRE_ERROR_LENGTH,
     .message = "the fields of \"in\" have 1 bytes and end behind those around them"},
    {.name = "framed: a field that ends behind the length",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_FULL "00000001 00000014 " F_IN("02") F_IN("03") "^01 00" FOOTER "00",
     .kind = VMWIRE_ERROR_LENGTH,
     .message = "a field of 1 bytes ends behind the length of the fields of \"dev\""},
    {.name = "framed: fewer fields than the length says",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_FULL "00000001 00000016 " F_IN("02") F_IN("03") "01 ^00" FOOTER "00",
     .kind = VMWIRE_ERROR_LENGTH,
     .message = "the fields of \"dev\" have 1 bytes less than their length says"},
    {.name = "framed: the end of an embedded record is behind the length of what is around it",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_FULL "00000001 00000009 00000001 00000001 02 00 00000001 ^00000001 03 00 01 00" FOOTER "00",
     .kind = VMWIRE_ERROR_LENGTH,
     .message = "end behind those around them"},
    {.name = "framed: neither a subsection nor the end",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_DEV "^7e" FOOTER "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "behind the fields of \"dev\" expected a subsection (05) or the end of the record (00), "
                "found 7e"},
    {.name = "framed: no byte at a tail",
     .layout = &tails,
     .options = "framed",
     .stream = HEAD F_DEV "^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a subsection (05) or the end of the record (00), but only 0"},
    {.name = "framed: the highest and the lowest version of a subsection",
     .layout = &versions,
     .options = "framed",
     .stream = HEAD F_FULL "00000002 00000001 01 05 .'dev/s' 00000003 00000001 04 00 00" FOOTER
                    F_FULL "00000002 00000001 01 05 .'dev/s' 00000002 00000001 04 00 00" FOOTER "00",
     .reads = "full 1 dev {a=01 +dev/s:3{y=04}} ~; full 1 dev {a=01 +dev/s:2{y=04}} ~; eof"},
    {.name = "framed: a subsection's version above the reader's",
     .layout = &versions,
     .options = "framed",
     .stream = HEAD F_FULL "00000002 00000001 01 05 .'dev/s' ^00000004 00000001 04 00 00" FOOTER "00",
     .kind = VMWIRE_ERROR_VERSION_ID,
     .message = "version_id 4 of \"dev/s\" is above the reader's 3"},
    {.name = "framed: a subsection's version below the reader's minimum",
     .layout = &versions,
     .options = "framed",
     .stream = HEAD F_FULL "00000002 00000001 01 05 .'dev/s' ^00000001 00000001 04 00 00" FOOTER "00",
     .kind = VMWIRE_ERROR_VERSION_ID,
     .message = "version_id 1 of \"dev/s\" is below the reader's minimum 2"},
    {.name = "framed: a subsection shorter than its fields",
     .layout = &versions,
     .options = "framed",
     .stream = HEAD F_FULL "00000002 00000001 01 05 .'dev/s' 00000003 00000000 ^04 00 00" FOOTER "00",
     .kind = VMWIRE_ERROR_LENGTH,
     .message = "a field of 1 bytes ends behind the length of the fields of \"dev/s\""},

    /* versions */
    {.name = "the highest and the lowest version of a subsection",
     .layout = &versions,
     .options = INLINE " flagday",
     .stream = HEAD DEV_2 "01 05 .'dev/s' 00000003 04 sentinel" FOOTER
                    DEV_2 "01 05 .'dev/s' 00000002 04 sentinel" FOOTER "00",
     .reads = "full 1 dev {a=01 +dev/s:3{y=04}} ~; full 1 dev {a=01 +dev/s:2{y=04}} ~; eof"},
    {.name = "a subsection's version above the reader's",
     .layout = &versions,
     .options = INLINE " flagday",
     .stream = HEAD DEV_2 "01 05 .'dev/s' ^00000004 04" FOOTER "00",
     .kind = VMWIRE_ERROR_VERSION_ID,
     .message = "version_id 4 of \"dev/s\" is above the reader's 3"},
    {.name = "a subsection's version below the reader's minimum",
     .layout = &versions,
     .options = INLINE " flagday",
     .stream = HEAD DEV_2 "01 05 .'dev/s' ^00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_VERSION_ID,
     .message = "version_id 1 of \"dev/s\" is below the reader's minimum 2"},
    {.name = "of a subsection's version the low byte counts",
     .layout = &versions,
     .options = BY_C_STRING,
     .stream = HEAD DEV_2 "01 05 .'dev/s' 12345603 04 sentinel" FOOTER "00",
     .reads = "full 1 dev {a=01 +dev/s:305419779{y=04}} ~; eof"},

    /* toplevel: existing subsections */
    {.name = "a subsection that existed",
     .layout = &existing,
     .options = "toplevel",
     .stream = HEAD FULL "02 03" W_HEAD "07 01" U_HEAD "05" FOOTER "00",
     .reads = "full 1 dev {in[0]{x=02} in[1]{x=03 +in/s:1{w=07}} a=01 +dev/u:1{v=05}} ~; eof"},
    {.name = "a new subsection in the place of an existing one",
     .layout = &existing,
     .options = "toplevel",
     .stream = HEAD DEV "05 ^.'dev/s' 00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"dev/s\" in \"dev\" does not exist"},
    {.name = "toplevel does not look for new subsections",
     .layout = &tails,
     .options = "toplevel",
     .stream = HEAD DEV "^05 .'dev/s' 00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_GRAMMAR,
     .message = "found SUBSECTION (05), expected EOF"},
    {.name = "standalone does not look for subsections",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV "05 ^.'dev/s' 00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_SECTION_ID,
     .message = "a subsection of section 90465654, which is not the section before it"},
};

/* ---- Subsections behind their owner's section ------------------------------------------------ */

#define ITEM(path, at) "05 00000001 .'" path "' " at " "
#define ITEM_OF_DEV    "05 00000001 00 00000003 "
#define OWN(rest)      "04 00000001 .'dev/" rest "' "

static const struct layout nested_owner = {
    LAYOUT(DEVICE("dev", DEV_PLAIN) "," DEVICE("donor", INNER("dev",
           STRUCT("in", 12, IN_PLAIN SENDS(IN_S)) "," U8("a"))
           SENDS(SUB(INNER("dev/s", STRUCT("in", 1, IN_PLAIN)) SENDS(DEV_T))))),
    NULL, NULL};

static const struct row separate_rows[] = {
    {.name = "standalone: one of the section",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER ITEM_OF_DEV ".'dev/s' 00000001 04" FOOTER "00",
     .reads = DEV_TREE " +dev/s:1{y=04}} ~; eof"},
    {.name = "standalone: without footers",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV ITEM_OF_DEV ".'dev/s' 00000001 04 00",
     .reads = DEV_TREE " +dev/s:1{y=04}}; eof"},
    {.name = "standalone: of an array's element, and of what is inside a subsection",
     .layout = &nested_owner,
     .options = "standalone",
     .stream = HEAD DEV FOOTER
               ITEM_OF_DEV ".'dev/s' 00000001 04" FOOTER
               ITEM("in[1]", "00000002") ".'in/s' 00000001 07" FOOTER
               ITEM("dev/s", "00000001") ".'dev/s/t' 00000001 06" FOOTER
               ITEM("dev/s.in", "00000001") ".'in/s' 00000001 08" FOOTER "00",
     .reads = "full 1 dev {in[0]{x=02} in[1]{x=03 +in/s:1{w=07}} a=01 "
              "+dev/s:1{in{x=04 +in/s:1{w=08}} +dev/s/t:1{z=06}}} ~; eof"},
    {.name = "standalone: of another section",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER "05 ^00000002 00 00000003 .'dev/s' 00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_SECTION_ID,
     .message = "a subsection of section 2, which is not the section before it"},
    {.name = "standalone: of no section",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD "05 ^00000000 00 00000000 .'dev/s' 00000001 04 00",
     .kind = VMWIRE_ERROR_SECTION_ID,
     .message = "a subsection of section 0, which is not the section before it"},
    {.name = "standalone: behind a command",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER "08 0004 0000 05 ^00000001 00 00000003 .'dev/s' 00000001 04" FOOTER
                    "00",
     .kind = VMWIRE_ERROR_SECTION_ID,
     .message = "a subsection of section 1, which is not"},
    {.name = "standalone: behind the package that its section ends in",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD "08 0007 0004 [4" DEV FOOTER "00] 05 ^00000001 00 00000003 .'dev/s' 00000001 04"
                    FOOTER "00",
     .kind = VMWIRE_ERROR_SECTION_ID,
     .message = "a subsection of section 1, which is not"},
    {.name = "standalone: of one element",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER ITEM("in[1]", "00000002") ".'in/s' 00000001 04" FOOTER "00",
     .reads = "full 1 dev {in[0]{x=02} in[1]{x=03 +in/s:1{w=04}} a=01} ~; eof"},
    {.name = "standalone: an index beyond the last element",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER "05 00000001 ^.'in[2]' 00000003 .'in/s' 00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_OWNER,
     .message = "the section has no record \"in[2]\"",
     .section = "\"dev\" instance 0",
     .path = "in[2]"},
    {.name = "standalone: the path of a field that is no record",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER "05 00000001 ^.'a' 00000003 .'in/s' 00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_OWNER,
     .message = "the section has no record \"a\""},
    {.name = "standalone: a path with a NUL behind it",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER "05 00000001 ^06 'in[1]' 00 00000002 .'in/s' 00000001 04" FOOTER
                    "00",
     .kind = VMWIRE_ERROR_OWNER,
     .message = "the section has no record \"in[1]\""},
    {.name = "standalone: a record that ends elsewhere",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER "05 00000001 .'in[1]' ^00000001 .'in/s' 00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_OWNER,
     .message = "the record \"in[1]\" ends at byte 2, not at 1",
     .section = "\"dev\" instance 0",
     .path = "in[1]"},
    {.name = "standalone: a record of a subsection of the section before",
     .layout = &nested_owner,
     .options = "standalone",
     .stream = HEAD DEV FOOTER ITEM_OF_DEV ".'dev/s' 00000001 04" FOOTER DEV FOOTER
               "05 00000001 ^.'dev/s' 00000001 .'dev/s/t' 00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_OWNER,
     .message = "the section has no record \"dev/s\""},
    {.name = "standalone: of an owner that does not have it",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER ITEM("in[0]", "00000001") "^.'dev/s' 00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"dev/s\" in \"in\" does not exist",
     .section = "\"dev\" instance 0",
     .path = "in[0]"},
    {.name = "standalone: version above",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER ITEM_OF_DEV ".'dev/s' ^00000002 04" FOOTER "00",
     .kind = VMWIRE_ERROR_VERSION_ID,
     .message = "version_id 2 of \"dev/s\" is above the reader's 1"},
    {.name = "standalone: half an owner's id",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER "05 ^0000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the section id of a subsection's owner (4 bytes), but only 2"},
    {.name = "standalone: half a path",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER "05 00000001 ^05 'in['",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the path of a subsection's owner (a length byte and as many bytes) of 6 bytes"},
    {.name = "standalone: half of where the owner ends",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER "05 00000001 00 ^000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "where a subsection's owner ends (4 bytes), but only 3"},
    {.name = "standalone: half a name",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER ITEM_OF_DEV "^05 'dev/'",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a subsection name (a length byte and as many bytes) of 6 bytes, but only 5"},
    {.name = "standalone: no name",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER ITEM_OF_DEV "^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a subsection name"},
    {.name = "standalone: half a version",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER ITEM_OF_DEV ".'dev/s' ^000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a subsection's version id (4 bytes), but only 3"},
    {.name = "standalone: a record cut off",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER ITEM_OF_DEV ".'dev/s' 00000001 ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "uint8 of 1 bytes",
     .section = "\"dev\" instance 0",
     .path = "dev/s.y"},
    {.name = "standalone: no footer",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER ITEM_OF_DEV ".'dev/s' 00000001 04 ^00",
     .kind = VMWIRE_ERROR_FOOTER,
     .message = "found 00"},
    {.name = "standalone: the footer of another section",
     .layout = &tails,
     .options = "standalone",
     .stream = HEAD DEV FOOTER ITEM_OF_DEV ".'dev/s' 00000001 04 7e ^00000002 00",
     .kind = VMWIRE_ERROR_SECTION_ID,
     .message = "the footer names section 2, expected 1"},

    {.name = "toplevel: one of the section",
     .layout = &tails,
     .options = "toplevel",
     .stream = HEAD DEV FOOTER OWN("/dev/s") "00000003 00000001 04" FOOTER "00",
     .reads = DEV_TREE " +dev/s:1{y=04}} ~; eof"},
    {.name = "toplevel: of elements and subsections",
     .layout = &nested_owner,
     .options = "toplevel",
     .stream = HEAD DEV FOOTER OWN("/dev/s") "00000003 00000001 04" FOOTER
               OWN("in[1]/in/s") "00000002 00000001 07" FOOTER
               OWN("dev//s/dev/s/t") "00000001 00000001 06" FOOTER
               OWN("dev//s.in/in/s") "00000001 00000001 08" FOOTER "00",
     .reads = "full 1 dev {in[0]{x=02} in[1]{x=03 +in/s:1{w=07}} a=01 "
              "+dev/s:1{in{x=04 +in/s:1{w=08}} +dev/s/t:1{z=06}}} ~; eof"},
    {.name = "toplevel: existing ones inline, new ones behind",
     .layout = &existing,
     .options = "toplevel",
     .stream = HEAD DEV U_HEAD "05" FOOTER OWN("/dev/s") "0000000f 00000001 04" FOOTER "00",
     .reads = DEV_TREE " +dev/s:1{y=04} +dev/u:1{v=05}} ~; eof"},
    {.name = "toplevel: an existing one behind",
     .layout = &existing,
     .options = "toplevel",
     .stream = HEAD DEV FOOTER "04 00000001 0a 'dev//' ^'dev/u' 00000003 00000001 05" FOOTER "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"dev/u\" in \"dev\" does not exist"},
    {.name = "toplevel: of another section it is a section without a layout",
     .layout = &tails,
     .options = "toplevel",
     .stream = HEAD DEV FOOTER "04 00000002 .'dev//dev/s' 00000003 ^00000001 04 7e 00000002 00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "no description of section \"dev//dev/s\""},
    {.name = "other options have no such sections",
     .layout = &tails,
     .options = INLINE " flagday standalone",
     .stream = HEAD DEV FOOTER OWN("/dev/s") "00000003 ^00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "no description of section \"dev//dev/s\""},
    {.name = "toplevel: of the same id, by a name that only begins like the owner's",
     .layout = &tails,
     .options = "toplevel",
     .stream = HEAD DEV FOOTER "04 00000001 .'dev-//dev/s' 00000003 ^00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "no description of section \"dev-//dev/s\""},
    {.name = "toplevel: of the same id, and nothing ends the path",
     .layout = &tails,
     .options = "toplevel",
     .stream = HEAD DEV FOOTER OWN("dev//s") "00000003 ^00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "no description of section \"dev/dev//s\""},
    {.name = "toplevel: behind the package that its section ends in",
     .layout = &tails,
     .options = "toplevel",
     .stream = HEAD "08 0007 0004 [4" DEV FOOTER "00]" OWN("/dev/s") "00000003 ^00000001 04" FOOTER
                    "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "no description of section \"dev//dev/s\""},
    {.name = "toplevel: an index beyond the last element",
     .layout = &tails,
     .options = "toplevel",
     .stream = HEAD DEV FOOTER "04 00000001 ^.'dev/in[2]/in/s' 00000003 00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_OWNER,
     .message = "the section has no record \"in[2]\"",
     .section = "\"dev\" instance 0",
     .path = "in[2]"},
    {.name = "toplevel: a record that ends elsewhere",
     .layout = &tails,
     .options = "toplevel",
     .stream = HEAD DEV FOOTER OWN("in[1]/in/s") "^00000001 00000001 04" FOOTER "00",
     .kind = VMWIRE_ERROR_OWNER,
     .message = "the record \"in[1]\" ends at byte 2, not at 1",
     .path = "in[1]"},
    {.name = "toplevel: of an owner that does not have it",
     .layout = &tails,
     .options = "toplevel",
     .stream = HEAD DEV FOOTER "04 00000001 0f 'dev/in[0]/' ^'dev/s' 00000001 00000001 04" FOOTER
                    "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"dev/s\" in \"in\" does not exist",
     .path = "in[0]"},
    {.name = "toplevel: half of where the owner ends",
     .layout = &tails,
     .options = "toplevel",
     .stream = HEAD DEV FOOTER OWN("in[1]/in/s") "^0000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "where a subsection's owner ends (4 bytes), but only 2"},
};

/* ---- The configuration's subsections --------------------------------------------------------- */

#define BITS_NAME  "configuration/target-page-bits"
#define CAPS_NAME  "configuration/capabilities"
#define UUID_NAME  "configuration/uuid"
#define CAPS       "00000002 .'mapped-ram' .'xbzrle' "
#define UUID_BYTES "00112233445566778899aabbccddeeff "
#define CONFIG_OPEN "configuration {len=00000002 name=7063"
#define BITS_TREE   " +" BITS_NAME ":1{target_page_bits=0000000e}"
#define CAPS_TREE                                                                                  \
    " +" CAPS_NAME ":1{caps_count=00000002 capabilities=0a6d61707065642d72616d "                   \
    "capabilities=0678627a726c65}"
#define UUID_TREE " +" UUID_NAME ":1{uuid.data=00112233445566778899aabbccddeeff}"

#define CONFIG_ITEM(name) "05 ffffffff 00 00000006 .'" name "' 00000001 "
#define CONFIG_OWN(name)  "04 ffffffff .'configuration//" name "' 00000006 00000001 "
#define CONFIG_FOOT       " 7e ffffffff "

static const struct row configuration_rows[] = {
    {.name = "its subsections, inline",
     .options = "heuristic flagday guarded",
     .stream = HEAD CONFIG "05 .'" BITS_NAME "' 00000001 0000000e sentinel 05 .'" CAPS_NAME
                           "' 00000001 " CAPS "sentinel 05 .'" UUID_NAME "' 00000001"
                           UUID_BYTES "sentinel 00",
     .reads = CONFIG_OPEN BITS_TREE CAPS_TREE UUID_TREE "}; eof"},
    {.name = "legacy takes the second for one of the first",
     .options = "legacy",
     .stream = HEAD CONFIG "05 .'" BITS_NAME "' 00000001 0000000e 05 ^.'" CAPS_NAME
                           "' 00000001 " CAPS "00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"configuration/capabilities\" in \"configuration/target-page-bits\"",
     .section = "\"configuration\" instance 0"},
    {.name = "its subsections, as items",
     .options = "standalone",
     .stream = HEAD CONFIG CONFIG_ITEM(BITS_NAME) "0000000e" CONFIG_FOOT CONFIG_ITEM(CAPS_NAME)
               CAPS CONFIG_FOOT CONFIG_ITEM(UUID_NAME) UUID_BYTES CONFIG_FOOT
               FULL "05" FOOTER "00",
     .reads = CONFIG_OPEN BITS_TREE CAPS_TREE UUID_TREE "}; full 1 dev {a=05} ~; eof"},
    {.name = "its subsections, as sections",
     .options = "toplevel",
     .stream = HEAD CONFIG CONFIG_OWN(BITS_NAME) "0000000e" CONFIG_FOOT CONFIG_OWN(CAPS_NAME)
               CAPS CONFIG_FOOT CONFIG_OWN(UUID_NAME) UUID_BYTES CONFIG_FOOT
               FULL "05" FOOTER "00",
     .reads = CONFIG_OPEN BITS_TREE CAPS_TREE UUID_TREE "}; full 1 dev {a=05} ~; eof"},
    {.name = "no capability",
     .options = INLINE " flagday",
     .stream = HEAD CONFIG "05 .'" CAPS_NAME "' 00000001 00000000 sentinel 00",
     .reads = CONFIG_OPEN " +" CAPS_NAME ":1{caps_count=00000000}}; eof"},
    {.name = "a capability missing",
     .options = INLINE " flagday",
     .stream = HEAD CONFIG "05 .'" CAPS_NAME "' 00000001 00000002 .'xbzrle' ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "capability of 1 bytes, but only 0 are left",
     .path = "configuration/capabilities.capabilities"},
    {.name = "a capability cut off",
     .options = INLINE " flagday",
     .stream = HEAD CONFIG "05 .'" CAPS_NAME "' 00000001 00000001 ^06 'xbzr'",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "capability of 7 bytes, but only 5 are left"},
    {.name = "4 billion capabilities",
     .options = INLINE " flagday",
     .stream = HEAD CONFIG "05 .'" CAPS_NAME "' 00000001 ffffffff 3*00 ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "capability of 1 bytes, but only 0 are left"},
    {.name = "an unknown subsection",
     .options = BY_C_STRING,
     .stream = HEAD CONFIG "05 ^.'configuration/x' 00000001 00",
     .kind = VMWIRE_ERROR_UNKNOWN_SUBSECTION,
     .message = "subsection \"configuration/x\" in \"configuration\" does not exist"},
};

/* ---- Commands -------------------------------------------------------------------------------- */

#define PACKAGE "08 0007 0004 "
#define RUN     "08 0005 0000 "
#define UNREAD  "unread =0400000001036465760000000000000001"

static const struct row command_rows[] = {
    {.name = "every command with its length",
     .stream = HEAD "08 0001 0000  08 0002 [2 00000007]  08 0003 [2 0000000000001000 00000000 "
                    "00001000]  08 0004 0000  08 0005 0000  08 0006 [2 'x']  08 0008 0000  "
                    "08 0009 0000  08 000a [2 .'disk']  08 000b 0000  00",
     .reads = "command open-return-path; command ping =00000007; command postcopy-advise "
              "=00000000000010000000000000001000; command postcopy-listen; command postcopy-run; "
              "command postcopy-ram-discard =78; command enable-colo; command postcopy-resume; "
              "command recv-bitmap =046469736b; command switchover-start; eof"},
    {.name = "the command before the first",
     .stream = HEAD "08 ^0000 0000 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "expected a command, found 0000"},
    {.name = "the command behind the last",
     .stream = HEAD "08 ^000c 0000 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "expected a command, found 000c"},
    {.name = "half a command",
     .stream = HEAD "08 ^00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a command (2 bytes), but only 1"},
    {.name = "half a length",
     .stream = HEAD "08 0001 ^00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a command's length (2 bytes), but only 1"},
    {.name = "open-return-path with a byte",
     .stream = HEAD "08 0001 ^0001 00 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "command open-return-path has 0 bytes, found a length of 1"},
    {.name = "ping with five bytes",
     .stream = HEAD "08 0002 ^0005 0000000000 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "command ping has 4 bytes, found a length of 5"},
    {.name = "postcopy-listen with a byte",
     .stream = HEAD "08 0004 ^0001 00 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "command postcopy-listen has 0 bytes"},
    {.name = "postcopy-run with a byte",
     .stream = HEAD "08 0005 ^0001 00 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "command postcopy-run has 0 bytes"},
    {.name = "enable-colo with a byte",
     .stream = HEAD "08 0008 ^0001 00 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "command enable-colo has 0 bytes"},
    {.name = "postcopy-resume with a byte",
     .stream = HEAD "08 0009 ^0001 00 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "command postcopy-resume has 0 bytes"},
    {.name = "switchover-start with a byte",
     .stream = HEAD "08 000b ^0001 00 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "command switchover-start has 0 bytes"},
    {.name = "packaged with three bytes",
     .stream = HEAD "08 0007 ^0003 000000 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "command packaged has 4 bytes, found a length of 3"},
    {.name = "bytes of a command cut off",
     .stream = HEAD "08 0006 0004 ^'abc'",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the bytes that were announced of 4 bytes, but only 3 are left"},
    {.name = "a footer behind a command", .options = UNFRAMED,
     .stream = HEAD FULL "05" FOOTER "08 0004 0000 ^" FOOTER "00",
     .kind = VMWIRE_ERROR_GRAMMAR,
     .message = "found FOOTER (7e), expected EOF"},

    {.name = "an empty package",
     .stream = HEAD PACKAGE "[4] ^00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "expected an item"},
    {.name = "a package that a 00 ends", .options = UNFRAMED,
     .stream = HEAD PACKAGE "[4" FULL "05" FOOTER "00]" FULL "06" FOOTER "00",
     .reads = "package 24; full 1 dev {a=05} ~; eof; package-end; full 1 dev {a=06} ~; eof"},
    {.name = "a package of nothing but a 00",
     .stream = HEAD PACKAGE "[4 00] 00",
     .reads = "package 1; eof; package-end; eof"},
    {.name = "what a 00 leaves of a package", .options = UNFRAMED,
     .stream = HEAD PACKAGE "[4" FULL "05" FOOTER "00" FULL FOOTER "] 00",
     .reads = "package 46; full 1 dev {a=05} ~; eof; " UNREAD "7e00000001; package-end; eof"},
    {.name = "a package that just ends", .options = UNFRAMED,
     .stream = HEAD PACKAGE "[4" FULL "05" FOOTER "]^ 00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "but only 0 bytes are left in the package"},
    {.name = "a package that postcopy-run ends", .options = UNFRAMED,
     .stream = HEAD PACKAGE "[4 08 0004 0000" FULL "05" FOOTER FULL "06" FOOTER RUN "]"
                    FULL "07" FOOTER "00",
     .reads = "package 56; command postcopy-listen; full 1 dev {a=05} ~; full 1 dev {a=06} ~; "
              "command postcopy-run; package-end; full 1 dev {a=07} ~; eof"},
    {.name = "what postcopy-run leaves of a package", .options = UNFRAMED,
     .stream = HEAD PACKAGE "[4" RUN "00 ffff]" FULL "07" FOOTER "00",
     .reads = "package 8; command postcopy-run; unread =00ffff; package-end; "
              "full 1 dev {a=07} ~; eof"},
    /* QEMU takes the length and the bytes of the inner package from behind the outer one. */
    {.name = "packages in a package", .options = UNFRAMED,
     .stream = HEAD PACKAGE "[4" PACKAGE FULL "05" FOOTER PACKAGE "00]"
                    "[4" FULL "06" FOOTER "00]" "[4 00]" FULL "07" FOOTER "00",
     .reads = "package 34; package 24; full 1 dev {a=06} ~; eof; package-end; "
              "full 1 dev {a=05} ~; package 1; eof; package-end; eof; package-end; "
              "full 1 dev {a=07} ~; eof"},
    {.name = "a package in a package in a package", .options = UNFRAMED,
     .stream = HEAD PACKAGE "[4" PACKAGE "00] [4" PACKAGE "00] [4" FULL "05" FOOTER "00] 00",
     .reads = "package 6; package 6; package 24; full 1 dev {a=05} ~; eof; package-end; eof; "
              "package-end; eof; package-end; eof"},
    {.name = "postcopy-run ends all packages", .options = UNFRAMED,
     .stream = HEAD PACKAGE "[4" PACKAGE FULL "05" FOOTER "00] [4" RUN "00]" FULL "06" FOOTER "00",
     .reads = "package 29; package 6; command postcopy-run; unread =00; package-end; "
              UNREAD "057e0000000100; package-end; full 1 dev {a=06} ~; eof"},
    {.name = "packages as deep as they may be, and postcopy-run",
     .stream = HEAD PACKAGE "[4" PACKAGE "] [4" PACKAGE "] [4" PACKAGE "] [4" RUN "] 00",
     .reads = "package 5; package 5; package 5; package 5; command postcopy-run; package-end; "
              "package-end; package-end; package-end; eof"},
    {.name = "too many packages in packages",
     .stream = HEAD PACKAGE "[4" PACKAGE "] [4" PACKAGE "] [4" PACKAGE "] [4" PACKAGE "^] [4] 00",
     .kind = VMWIRE_ERROR_LIMIT,
     .message = "packages are nested deeper than 4"},
    {.name = "no package behind the package with its command",
     .stream = HEAD PACKAGE "[4" PACKAGE "00] ^00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a package's length (4 bytes), but only 1 bytes are left"},
    {.name = "half a package's length",
     .stream = HEAD PACKAGE "^0000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a package's length (4 bytes), but only 2"},
    {.name = "a package longer than the file",
     .stream = HEAD PACKAGE "^00000006 08 0004 0000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "expected a package of 6 bytes, but only 5 are left"},
    {.name = "a package in a package, longer than the file",
     .stream = HEAD PACKAGE "[4" PACKAGE "00] ^00000006 08 0004 0000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "expected a package of 6 bytes, but only 5 are left"},
    {.name = "a section that crosses the end of its package", .options = UNFRAMED,
     .stream = HEAD PACKAGE "[4" FULL "^] 05" FOOTER "00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "uint8 of 1 bytes, but only 0 are left in the package",
     .section = "\"dev\" instance 0",
     .path = "a"},
    {.name = "a footer that crosses the end of its package", .options = UNFRAMED,
     .stream = HEAD FULL "05" FOOTER PACKAGE "[4" FULL "05 7e ^0000] 0001 00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the footer's section id (4 bytes), but only 2 bytes are left in the package"},
    {.name = "a footer behind the end of its package",
     .options = NOT_HEURISTIC,
     .stream = HEAD FULL "05" FOOTER PACKAGE "[4" FULL "05^]" FOOTER "00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a section footer (7e), but only 0 bytes are left in the package"},
    {.name = "a command that crosses the end of its package",
     .stream = HEAD PACKAGE "[4 08 0002 0004 ^0000] 0007 00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the bytes that were announced of 4 bytes, but only 2 are left in the package"},
    {.name = "a configuration in a package",
     .stream = HEAD PACKAGE "[4 ^" CONFIG "] 00",
     .kind = VMWIRE_ERROR_GRAMMAR,
     .message = "found CONFIGURATION (07), expected"},
    {.name = "a section without a footer at the end of a package", .options = UNFRAMED,
     .stream = HEAD PACKAGE "[4" FULL "05 00]" FULL "06 00",
     .reads = "package 19; full 1 dev {a=05}; eof; package-end; full 1 dev {a=06}; eof"},
    {.name = "a name that the end of a package cuts short",
     .layout = &tails,
     .options = "heuristic",
     .stream = HEAD PACKAGE "[4" DEV "^05 06 'dev/s']" "'x' 00000001 00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "of \"dev\" begins here, the reader looks beyond the end of the package"},
    {.name = "a part in a package of a section started outside",
     .stream = HEAD "01 00000002 .'ram' 00000000 00000004 0000000000000010" PACKAGE
                    "[4 03 00000002 0000000000000010 00] 00",
     .reads = "start 2 ram (RAM_EOS 0); package 14; end 2 ram (RAM_EOS 0); eof; package-end; eof"},
};

/* ---- ram ------------------------------------------------------------------------------------- */

#define RAM       "01 00000002 .'ram' 00000000 00000004 "
#define RAM_TREE  "start 2 ram ("
#define RAM_END   " 0000000000000010 7e 00000002 "
#define EOS_TREE  "RAM_EOS 0) ~; "
#define NAMED     "0000000000000002 .'r' 00 "
#define ADVISE    "08 0003 [2 0000000000001000 0000000000001000] "
#define ADVISE_TREE "command postcopy-advise =00000000000010000000000000001000; "
/* A configuration with one capability, for the options that have it inline; and its tree. */
#define CAPABLE(name) CONFIG "05 .'" CAPS_NAME "' 00000001 00000001 .'" name "' sentinel "
#define CAPABLE_TREE(hex)                                                                          \
    CONFIG_OPEN " +" CAPS_NAME ":1{caps_count=00000001 capabilities=" hex "}}; "
#define IGNORE_SHARED "0f782d69676e6f72652d736861726564"
#define MAPPED_RAM    "0a6d61707065642d72616d"

static const struct row ram_rows[] = {
    {.name = "an empty section",
     .stream = HEAD RAM RAM_END "00",
     .reads = RAM_TREE EOS_TREE "eof"},
    {.name = "start, part and end",
     .stream = HEAD RAM RAM_END "02 00000002" RAM_END "03 00000002" RAM_END "00",
     .reads = RAM_TREE EOS_TREE "part 2 ram (" EOS_TREE "end 2 ram (" EOS_TREE "eof"},
    {.name = "a block list",
     .stream = HEAD RAM "0000000000003004 .'pc.ram' 0000000000001000 .'vga' 0000000000002000"
                    RAM_END "00",
     .reads = RAM_TREE "RAM_MEM_SIZE 3000, BLOCK_NAME 1000 pc.ram, BLOCK_NAME 2000 vga, "
                       EOS_TREE "eof"},
    {.name = "an empty block list",
     .stream = HEAD RAM "0000000000000004" RAM_END "00",
     .reads = RAM_TREE "RAM_MEM_SIZE 0, " EOS_TREE "eof"},
    {.name = "two block lists, and a block of no bytes",
     .stream = HEAD RAM "0000000000001004 .'a' 0000000000000000 .'b' 0000000000001000"
                        "0000000000001004 .'c' 0000000000001000" RAM_END "00",
     .reads = RAM_TREE "RAM_MEM_SIZE 1000, BLOCK_NAME 0 a, BLOCK_NAME 1000 b, "
                       "RAM_MEM_SIZE 1000, BLOCK_NAME 1000 c, " EOS_TREE "eof"},
    {.name = "pages of every kind",
     .stream = HEAD RAM "0000000000005008 .'pc.ram' 4096*ab  0000000000006028 4096*cd "
                        "0000000000007002 .'vga' 00  0000000000008022 00"
                        "0000000000009040 .'pc.ram' 01 [2 'delta']  000000000000a060 01 [2 'd']"
                        "000000000000b100 .'vga' [4 'zip']  000000000000c120 [4]"
                        "0000000000000080  0000000000000200  0000000000001080" RAM_END "00",
     .reads = RAM_TREE "RAM_PAGE 5000 pc.ram =4096*ab, RAM_PAGE 6000 =4096*cd, "
                       "RAM_ZERO 7000 vga =00, RAM_ZERO 8000 =00, "
                       "RAM_XBZRLE 9000 pc.ram =64656c7461, RAM_XBZRLE a000 =64, "
                       "RAM_COMPRESS b000 vga =7a6970, RAM_COMPRESS c000, "
                       "RAM_HOOK 0, RAM_MULTIFD_FLUSH 0, RAM_HOOK 1000, " EOS_TREE "eof"},
    {.name = "pages of 16 KiB, as the configuration says",
     .options = INLINE " flagday",
     .stream = HEAD CONFIG "05 .'" BITS_NAME "' 00000001 0000000e sentinel " RAM
                    "0000000000004008 .'r' 16384*ab" RAM_END "00",
     .reads = CONFIG_OPEN BITS_TREE "}; " RAM_TREE "RAM_PAGE 4000 r =16384*ab, " EOS_TREE "eof"},
    {.name = "half an entry",
     .stream = HEAD RAM "^00000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a RAM entry (address and flags, 8 bytes), but only 4",
     .section = "\"ram\" instance 0"},
    {.name = "no flag",
     .stream = HEAD RAM "^0000000000001000" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "unknown combination of RAM flags 000"},
    {.name = "two flags",
     .stream = HEAD RAM "^000000000000100a .'r' 00" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "unknown combination of RAM flags 00a"},
    {.name = "the flag that nobody uses any more",
     .stream = HEAD RAM "^0000000000001001" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "unknown combination of RAM flags 001"},
    {.name = "a flag above the known ones",
     .stream = HEAD RAM "^0000000000001400" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "unknown combination of RAM flags 400"},
    {.name = "a page of the block before, where none was named",
     .stream = HEAD RAM "^0000000000005022 00" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "a RAM page of the same block as before, but none was named"},
    {.name = "a page of the block that an earlier section named",
     .stream = HEAD RAM NAMED RAM_END "02 00000002 0000000000005022 07" RAM_END "00",
     .reads = RAM_TREE "RAM_ZERO 0 r =00, " EOS_TREE "part 2 ram (RAM_ZERO 5000 =07, " EOS_TREE
              "eof"},
    {.name = "a page without its block's name",
     .stream = HEAD RAM "0000000000005008 ^06 'pc.r'",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the name of a RAM block (a length byte and as many bytes) of 7 bytes, but only 5"},
    {.name = "a page cut off",
     .stream = HEAD RAM "0000000000005008 .'pc.ram' ^4095*ab",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the bytes that were announced of 4096 bytes, but only 4095 are left"},
    {.name = "a zero page cut off",
     .stream = HEAD RAM "0000000000005002 .'pc.ram' ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the byte that fills a RAM page"},
    {.name = "an XBZRLE page of another encoding",
     .stream = HEAD RAM NAMED "0000000000005060 ^02 0001 00" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "expected XBZRLE encoding (01), found 02"},
    {.name = "half an XBZRLE header",
     .stream = HEAD RAM NAMED "0000000000005060 ^01 00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "an XBZRLE header (3 bytes), but only 2"},
    {.name = "an XBZRLE page cut off",
     .stream = HEAD RAM NAMED "0000000000005060 01 0003 ^'de'",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the bytes that were announced of 3 bytes, but only 2 are left"},
    {.name = "half the length of a compressed page",
     .stream = HEAD RAM NAMED "0000000000005120 ^000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the length of a compressed page (4 bytes), but only 3"},
    {.name = "a compressed page cut off",
     .stream = HEAD RAM NAMED "0000000000005120 00000004 ^'zip'",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the bytes that were announced of 4 bytes, but only 3 are left"},
    {.name = "compressed pages as long as they can be",
     .stream = HEAD RAM NAMED "0000000000005120 [4 4110*ab] 0000000000005060 01 [2 4096*cd]" RAM_END
                    "00",
     .reads = RAM_TREE "RAM_ZERO 0 r =00, RAM_COMPRESS 5000 =4110*ab, RAM_XBZRLE 5000 =4096*cd, "
              EOS_TREE "eof"},
    {.name = "a compressed page that is too long",
     .stream = HEAD RAM NAMED "0000000000005120 ^[4 4111*ab]" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "a page of 4096 bytes was compressed to 4111, more than 4110"},
    {.name = "an XBZRLE page that is too long",
     .stream = HEAD RAM NAMED "0000000000005060 ^01 [2 4097*ab]" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "a page of 4096 bytes was compressed to 4097, more than 4096"},
    {.name = "a block list without the name of a block",
     .stream = HEAD RAM "0000000000001004 ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the name of a RAM block"},
    {.name = "a block's name cut off",
     .stream = HEAD RAM "0000000000001004 ^06 'pc'",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the name of a RAM block (a length byte and as many bytes) of 7 bytes"},
    {.name = "half the length of a block",
     .stream = HEAD RAM "0000000000001004 .'pc.ram' ^00000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the length of a RAM block (8 bytes), but only 4"},
    {.name = "a block beyond the total",
     .stream = HEAD RAM "0000000000001004 .'pc.ram' ^0000000000002000" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "a RAM block of 8192 bytes, but only 4096 are left of the total"},
    {.name = "a footer in place of the end",
     .stream = HEAD RAM "^7e 00000002 00000000 00000000 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "unknown combination of RAM flags"},

    {.name = "postcopy: blocks with pages of another size",
     .stream = HEAD ADVISE RAM "0000000000604004 .'a' 0000000000200000 0000000000200000"
                        ".'b' 0000000000003000  .'c' 0000000000401000 0000000000002000"
                        RAM_END "00",
     .reads = ADVISE_TREE RAM_TREE "RAM_MEM_SIZE 604000, BLOCK_NAME 200000 a, BLOCK_NAME 3000 b, "
                          "BLOCK_NAME 401000 c, " EOS_TREE "eof"},
    {.name = "postcopy: no pages of another size before an entry",
     .stream = HEAD ADVISE RAM "0000000000001004 .'a' 0000000000001000 0000000000000200"
                        "0000000000001100 .'a' [4 'z']" RAM_END "00",
     .reads = ADVISE_TREE RAM_TREE "RAM_MEM_SIZE 1000, BLOCK_NAME 1000 a, RAM_MULTIFD_FLUSH 0, "
                          "RAM_COMPRESS 1000 a =7a, " EOS_TREE "eof"},
    {.name = "postcopy: the end in place of a page size",
     .stream = HEAD ADVISE RAM "0000000000001004 .'a' 0000000000001000 ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the page size of a RAM block (8 bytes)"},
    {.name = "a page size where postcopy was not advised",
     .stream = HEAD RAM "0000000000200004 .'a' 0000000000200000 ^0000000000200000" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "unknown combination of RAM flags 000"},

    {.name = "ignore-shared: every block has an address",
     .options = INLINE " flagday",
     .stream = HEAD CAPABLE("x-ignore-shared") RAM "0000000000003004 .'a' 0000000000001000 "
                    "0000000080000000 .'b' 0000000000002000 ffffffffffffffff" RAM_END "00",
     .reads = CAPABLE_TREE(IGNORE_SHARED) RAM_TREE "RAM_MEM_SIZE 3000, BLOCK_NAME 1000 a, "
                                          "BLOCK_NAME 2000 b, " EOS_TREE "eof"},
    {.name = "ignore-shared: with postcopy the page size comes first",
     .options = INLINE " flagday",
     .stream = HEAD CAPABLE("x-ignore-shared") ADVISE RAM "0000000000200004 .'a' 0000000000200000 "
                    "0000000000200000 8000000000000000" RAM_END "00",
     .reads = CAPABLE_TREE(IGNORE_SHARED) ADVISE_TREE RAM_TREE
              "RAM_MEM_SIZE 200000, BLOCK_NAME 200000 a, " EOS_TREE "eof"},
    {.name = "ignore-shared: half an address",
     .options = INLINE " flagday",
     .stream = HEAD CAPABLE("x-ignore-shared") RAM "0000000000001004 .'a' 0000000000001000 ^000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the guest address of a RAM block (8 bytes), but only 3"},
    {.name = "an address without the capability",
     .options = INLINE " flagday",
     .stream = HEAD CAPABLE("x-ignore-share") RAM "0000000000001004 .'a' 0000000000001000 "
                    "^0000000080000000" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "unknown combination of RAM flags 000"},
    {.name = "ignore-shared, sent as an item",
     .options = "standalone",
     .stream = HEAD CONFIG CONFIG_ITEM(CAPS_NAME) "00000001 .'x-ignore-shared'" CONFIG_FOOT RAM
                    "0000000000001004 .'a' 0000000000001000 0000000080000000" RAM_END "00",
     .reads = CAPABLE_TREE(IGNORE_SHARED) RAM_TREE "RAM_MEM_SIZE 1000, BLOCK_NAME 1000 a, "
              EOS_TREE "eof"},
    {.name = "ignore-shared, sent as a section",
     .options = "toplevel",
     .stream = HEAD CONFIG CONFIG_OWN(CAPS_NAME) "00000001 .'x-ignore-shared'" CONFIG_FOOT RAM
                    "0000000000001004 .'a' 0000000000001000 0000000080000000" RAM_END "00",
     .reads = CAPABLE_TREE(IGNORE_SHARED) RAM_TREE "RAM_MEM_SIZE 1000, BLOCK_NAME 1000 a, "
              EOS_TREE "eof"},

    /* The head up to the block's header is 0x61 bytes long, and the header 28: its bitmap is at
     * 0x7d. */
    {.name = "mapped-ram: a block with its bitmap and pages",
     .options = INLINE,
     .stream = HEAD CAPABLE("mapped-ram") RAM "0000000000001004 .'a' 0000000000001000 "
                    "00000001 0000000000001000 000000000000007d 000000000000008d "
                    "8000000000000000 'padding.' 4096*ab" RAM_END "00",
     .reads = CAPABLE_TREE(MAPPED_RAM) RAM_TREE "RAM_MEM_SIZE 1000, BLOCK_NAME 1000 a =4096*ab, "
                                       EOS_TREE "eof",
     .moved = true},
    {.name = "mapped-ram: a bitmap elsewhere",
     .options = INLINE,
     .stream = HEAD CAPABLE("mapped-ram") RAM "0000000000001004 .'a' 0000000000001000 "
                    "^00000001 0000000000001000 000000000000007c 000000000000008d "
                    "8000000000000000 'padding.' 4096*ab" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "a mapped-ram block with its bitmap at 124 and its pages at 141"},
    {.name = "mapped-ram: a gap before the bitmap",
     .options = INLINE,
     .stream = HEAD CAPABLE("mapped-ram") RAM "0000000000001004 .'a' 0000000000001000 "
                    "^00000001 0000000000001000 000000000000007e 000000000000008d "
                    "8000000000000000 'padding.' 4096*ab" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "a mapped-ram block with its bitmap at 126 and its pages at 141"},
    {.name = "mapped-ram: pages on the bitmap",
     .options = INLINE,
     .stream = HEAD CAPABLE("mapped-ram") RAM "0000000000001004 .'a' 0000000000001000 "
                    "^00000001 0000000000001000 000000000000007d 0000000000000084 "
                    "8000000000000000 'padding.' 4096*ab" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "expected them behind its header, at 125 and 133 or later"},
    {.name = "mapped-ram: pages before the bitmap",
     .options = INLINE,
     .stream = HEAD CAPABLE("mapped-ram") RAM "0000000000001004 .'a' 0000000000001000 "
                    "^00000001 0000000000001000 000000000000007d 0000000000000001 "
                    "8000000000000000 'padding.' 4096*ab" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "and its pages at 1, expected"},
    {.name = "mapped-ram: a header of another version",
     .options = INLINE,
     .stream = HEAD CAPABLE("mapped-ram") RAM "0000000000001004 .'a' 0000000000001000 "
                    "^00000002 0000000000001000 000000000000007d 000000000000008d" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "mapped-ram header version 2"},
    {.name = "mapped-ram: pages of no size",
     .options = INLINE,
     .stream = HEAD CAPABLE("mapped-ram") RAM "0000000000001004 .'a' 0000000000001000 "
                    "^00000001 0000000000000000 000000000000007d 000000000000008d" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "with page size 0 is not known"},
    {.name = "mapped-ram: half a header",
     .options = INLINE " flagday",
     .stream = HEAD CAPABLE("mapped-ram") RAM "0000000000001004 .'a' 0000000000001000 ^27*00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the mapped-ram header of a RAM block (28 bytes), but only 27"},
    {.name = "mapped-ram: a bitmap cut off",
     .options = INLINE,
     .stream = HEAD CAPABLE("mapped-ram") RAM "0000000000001004 .'a' 0000000000001000 "
                    "00000001 0000000000001000 000000000000007d 000000000000008d ^80000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the bytes that were announced of 16 bytes, but only 4 are left"},
    {.name = "mapped-ram: pages cut off",
     .options = INLINE,
     .stream = HEAD CAPABLE("mapped-ram") RAM "0000000000001004 .'a' 0000000000001000 "
                    "00000001 0000000000001000 000000000000007d 0000000000000085 "
                    "8000000000000000 ^4095*ab",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the bytes that were announced of 4096 bytes, but only 4095 are left"},
    {.name = "mapped-ram: the header of a shared block",
     .options = INLINE " flagday",
     .stream = HEAD CONFIG "05 .'" CAPS_NAME "' 00000001 00000002 .'mapped-ram' "
                    ".'x-ignore-shared' sentinel " RAM "0000000000001004 .'a' 0000000000001000 "
                    "0000000080000000 00000001 0000000000001000 16*00" RAM_END "00",
     .reads = CONFIG_OPEN " +" CAPS_NAME ":1{caps_count=00000002 capabilities=" MAPPED_RAM
              " capabilities=" IGNORE_SHARED "}}; " RAM_TREE "RAM_MEM_SIZE 1000, "
              "BLOCK_NAME 1000 a, " EOS_TREE "eof"},
    {.name = "mapped-ram: the header of a shared block without ignore-shared",
     .options = INLINE " flagday",
     .stream = HEAD CAPABLE("mapped-ram") RAM "0000000000001004 .'a' 0000000000001000 "
                    "^00000001 0000000000001000 16*00" RAM_END "00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "a mapped-ram block with its bitmap at 0"},
};

/* ---- The other iterable sections ------------------------------------------------------------- */

#define BITMAP      "01 00000003 .'dirty-bitmap' 00000000 00000001 "
#define BITMAP_TREE "start 3 dirty-bitmap ("
#define HTAB        "01 00000004 .'spapr/htab' 00000000 00000001 "
#define HTAB_TREE   "start 4 spapr/htab ("
#define STATTR      "01 00000005 .'s390-storage_attributes' 00000000 00000000 "
#define STATTR_TREE "start 5 s390-storage_attributes ("
#define DISK        "01 00000006 .'block' 00000000 00000001 "
#define DISK_TREE   "start 6 block ("
#define RAM_3       "01 00000002 .'ram' 00000000 00000003 "

static const struct row iterable_rows[] = {
    {.name = "dirty-bitmap: nothing",
     .stream = HEAD BITMAP "01 7e 00000003 00",
     .reads = BITMAP_TREE "BITMAP_LAST_CHUNK 1) ~; eof"},
    {.name = "dirty-bitmap: start, bits, zeroes, complete",
     .stream = HEAD BITMAP "1c .'disk' .'b0' 00010000 02"
                    "4c .'disk' .'b0' 0000000000000000 00000800 [8 'bits']"
                    "42 0000000000000800 00000800  40 0000000000001000 00000800 [8]"
                    "2c .'disk' .'b0'  01 7e 00000003 00",
     .reads = BITMAP_TREE "BITMAP_CHUNK 1c \\04disk\\02b0 =0001000002, "
              "BITMAP_CHUNK 4c \\04disk\\02b0 =000000000000000000000800000000000000000462697473, "
              "BITMAP_CHUNK 42 =000000000000080000000800, "
              "BITMAP_CHUNK 40 =0000000000001000000008000000000000000000, "
              "BITMAP_CHUNK 2c \\04disk\\02b0, BITMAP_LAST_CHUNK 1) ~; eof"},
    {.name = "dirty-bitmap: the last chunk has a body too",
     .stream = HEAD BITMAP "1d .'disk' .'b0' 00010000 02 7e 00000003"
                    "02 00000003 43 0000000000000000 00000800 7e 00000003 00",
     .reads = BITMAP_TREE "BITMAP_LAST_CHUNK 1d \\04disk\\02b0 =0001000002) ~; "
              "part 3 dirty-bitmap (BITMAP_LAST_CHUNK 43 =000000000000000000000800) ~; eof"},
    {.name = "dirty-bitmap: one name without the other",
     .stream = HEAD BITMAP "08 .'disk' 04 .'b0' 21 7e 00000003 00",
     .reads = BITMAP_TREE "BITMAP_CHUNK 8 \\04disk, BITMAP_CHUNK 4 \\02b0, "
              "BITMAP_LAST_CHUNK 21) ~; eof"},
    {.name = "dirty-bitmap: of start, complete and bits the first counts",
     .stream = HEAD BITMAP "70 00010000 02 60 01 7e 00000003 00",
     .reads = BITMAP_TREE "BITMAP_CHUNK 70 =0001000002, BITMAP_CHUNK 60, BITMAP_LAST_CHUNK 1) ~; eof"},
    {.name = "dirty-bitmap: flags of two and four bytes",
     .stream = HEAD BITMAP "8004 .'b0' 80800004 .'b1' 8100 00 81818100 80828301 7e 00000003 00",
     .reads = BITMAP_TREE "BITMAP_CHUNK 8004 \\02b0, BITMAP_CHUNK 80800004 \\02b1, "
              "BITMAP_CHUNK 8100, BITMAP_CHUNK 0, BITMAP_CHUNK 81818100, "
              "BITMAP_LAST_CHUNK 80828301) ~; eof"},
    {.name = "dirty-bitmap: no chunk",
     .stream = HEAD BITMAP "^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the flags of a dirty-bitmap chunk",
     .section = "\"dirty-bitmap\" instance 0"},
    {.name = "dirty-bitmap: half of two bytes of flags",
     .stream = HEAD BITMAP "^80",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the flags of a dirty-bitmap chunk (1, 2 or 4 bytes), but only 1"},
    {.name = "dirty-bitmap: half of four bytes of flags",
     .stream = HEAD BITMAP "^808000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the flags of a dirty-bitmap chunk (1, 2 or 4 bytes), but only 3"},
    {.name = "dirty-bitmap: a node name cut off",
     .stream = HEAD BITMAP "08 ^04 'dis'",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a node name (a length byte and as many bytes) of 5 bytes, but only 4"},
    {.name = "dirty-bitmap: no bitmap name",
     .stream = HEAD BITMAP "0c .'disk' ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a bitmap name"},
    {.name = "dirty-bitmap: half a granularity",
     .stream = HEAD BITMAP "10 ^0001",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a bitmap's granularity (4 bytes), but only 2"},
    {.name = "dirty-bitmap: no start flags",
     .stream = HEAD BITMAP "10 00010000 ^",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a bitmap's flags (1 byte)"},
    {.name = "dirty-bitmap: half a first sector",
     .stream = HEAD BITMAP "40 ^00000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a bitmap chunk's first sector (8 bytes), but only 4"},
    {.name = "dirty-bitmap: half a number of sectors",
     .stream = HEAD BITMAP "40 0000000000000000 ^0000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a bitmap chunk's number of sectors (4 bytes), but only 2"},
    {.name = "dirty-bitmap: half a length",
     .stream = HEAD BITMAP "40 0000000000000000 00000800 ^00000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the length of a bitmap chunk (8 bytes), but only 4"},
    {.name = "dirty-bitmap: bits cut off",
     .stream = HEAD BITMAP "40 0000000000000000 00000800 0000000000000005 ^'bits'",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the bytes that were announced of 5 bytes, but only 4 are left"},
    {.name = "dirty-bitmap: as many bits as there can be",
     .stream = HEAD BITMAP "41 0000000000000000 00000800 [8 10240*ab] 7e 00000003 00",
     .reads = NULL},
    {.name = "dirty-bitmap: too many bits",
     .stream = HEAD BITMAP "41 0000000000000000 00000800 ^[8 10241*ab] 7e 00000003 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "a bitmap chunk of 10241 bytes, more than 10240"},

    {.name = "spapr/htab: only a size",
     .stream = HEAD HTAB "00000018 7e 00000004 00",
     .reads = HTAB_TREE "HTAB_SHIFT 18) ~; eof"},
    {.name = "spapr/htab: chunks",
     .stream = HEAD HTAB "00000018 7e 00000004 02 00000004 00000000 00000001 0002 0001 32*ab "
                    "00000000 0000 0001 8*00 7e 00000004 00",
     .reads = HTAB_TREE "HTAB_SHIFT 18) ~; part 4 spapr/htab (HTAB_HEADER 0, HTAB_CHUNK 1 =32*ab, "
              "HTAB_CHUNK 0, HTAB_END 0) ~; eof"},
    {.name = "spapr/htab: no chunks",
     .stream = HEAD HTAB "00000000 8*00 7e 00000004 00",
     .reads = HTAB_TREE "HTAB_HEADER 0, HTAB_END 0) ~; eof"},
    {.name = "spapr/htab: half a header",
     .stream = HEAD HTAB "^000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a hash table header (4 bytes), but only 3",
     .section = "\"spapr/htab\" instance 0"},
    {.name = "spapr/htab: half a chunk's head",
     .stream = HEAD HTAB "00000000 ^00000001 0002 00",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a hash table chunk (8 bytes), but only 7"},
    {.name = "spapr/htab: a chunk cut off",
     .stream = HEAD HTAB "00000000 00000001 0002 0000 ^31*ab",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the bytes that were announced of 32 bytes, but only 31 are left"},

    {.name = "block: nothing",
     .stream = HEAD DISK "0000000000000002 7e 00000006 00",
     .reads = DISK_TREE "DISK_EOS 0) ~; eof"},
    /* Chunks with data are too long to be cut off everywhere: test_entries has them. */
    {.name = "block: zeroes, progress",
     .stream = HEAD DISK "0000000000200009 .'d1' 0000000000006404 0000000000000002 7e 00000006 00",
     .reads = DISK_TREE "DISK_ZEROES 1000 d1, DISK_PROGRESS 32, DISK_EOS 0) ~; eof"},
    {.name = "block: half an entry",
     .stream = HEAD DISK "^00000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a block migration entry (number and flags, 8 bytes), but only 4",
     .section = "\"block\" instance 0"},
    {.name = "block: a name cut off",
     .stream = HEAD DISK "0000000000000001 ^04 'dis'",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the name of a disk (a length byte and as many bytes) of 5 bytes, but only 4"},
    {.name = "block: a chunk cut off",
     .stream = HEAD DISK "0000000000000001 .'d0' ^1048575*ab",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the bytes that were announced of 1048576 bytes, but only 1048575 are left"},
    {.name = "block: zeroes of no disk",
     .stream = HEAD DISK "^0000000000000008 0000000000000002 7e 00000006 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "unknown combination of block migration flags 008"},
    {.name = "ram, version 3: pages of no block",
     .stream = HEAD RAM_3 "0000000000003004 0000000000000002 00 0000000000001008 4096*ab 0000000000000010 7e 00000002 "
                          "02 00000002 0000000000002002 07 0000000000000010 7e 00000002 00",
     .reads = "start 2 ram (RAM_MEM_SIZE 3000, RAM_ZERO 0 =00, RAM_PAGE 1000 =4096*ab, RAM_EOS 0) ~; "
              "part 2 ram (RAM_ZERO 2000 =07, RAM_EOS 0) ~; eof"},
    {.name = "ram, version 3: a flag of version 4",
     .stream = HEAD RAM_3 "^0000000000000022 00 0000000000000010 7e 00000002 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "unknown combination of RAM flags 022"},
    {.name = "s390-storage_attributes: nothing",
     .stream = HEAD STATTR "0000000000000001 7e 00000005 00",
     .reads = STATTR_TREE "STATTR_EOS 0) ~; eof"},
    {.name = "s390-storage_attributes: values and their end",
     .stream = HEAD STATTR "0000000000003002 [8 'abc'] 0000000000005002 [8] 0000000000000008 "
                    "0000000000000001 7e 00000005 00",
     .reads = STATTR_TREE "STATTR_MORE 3000 =616263, STATTR_MORE 5000, STATTR_DONE 0, "
              "STATTR_EOS 0) ~; eof"},
    {.name = "s390-storage_attributes: an error of the writer",
     .stream = HEAD STATTR "^0000000000000004 0000000000000001 7e 00000005 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "the writer says that its storage attributes are incomplete",
     .section = "\"s390-storage_attributes\" instance 0"},
    {.name = "s390-storage_attributes: two flags",
     .stream = HEAD STATTR "^0000000000000003 7e 00000005 00",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "unknown combination of storage attribute flags 003"},
    {.name = "s390-storage_attributes: half an entry",
     .stream = HEAD STATTR "^00000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "a storage attributes entry (address and flags, 8 bytes), but only 4"},
    {.name = "s390-storage_attributes: half a count",
     .stream = HEAD STATTR "0000000000003002 ^00000000",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the number of storage attributes (8 bytes), but only 4"},
    {.name = "s390-storage_attributes: values cut off",
     .stream = HEAD STATTR "0000000000003002 8000000000000000 ^'abc'",
     .kind = VMWIRE_ERROR_TRUNCATED,
     .message = "the bytes that were announced of 9223372036854775808 bytes, but only 3 are left"},

    {.name = "a part in between goes on in its own format",
     .stream = HEAD RAM RAM_END BITMAP "01 7e 00000003 02 00000002" RAM_END
                    "02 00000003 01 7e 00000003 00",
     .reads = RAM_TREE EOS_TREE BITMAP_TREE "BITMAP_LAST_CHUNK 1) ~; part 2 ram (" EOS_TREE
              "part 3 dirty-bitmap (BITMAP_LAST_CHUNK 1) ~; eof"},
    {.name = "an id started again goes on in its new format",
     .stream = HEAD RAM RAM_END "01 00000002 .'dirty-bitmap' 00000000 00000001 01 7e 00000002"
                    "02 00000002 01 7e 00000002 00",
     .reads = RAM_TREE EOS_TREE "start 2 dirty-bitmap (BITMAP_LAST_CHUNK 1) ~; "
              "part 2 dirty-bitmap (BITMAP_LAST_CHUNK 1) ~; eof"},
    {.name = "an error in a part names its own section and instance", .options = UNFRAMED,
     .layout = &versions,
     .stream = HEAD RAM RAM_END "04 00000003 .'dev' 00000007 00000001 05 7e 00000003 "
                    "02 00000002 ^0000000000000000",
     .kind = VMWIRE_ERROR_ITEM,
     .message = "unknown combination of RAM flags",
     .section = "\"ram\" instance 0"},
};

// clang-format on

/* ---- Checks ---------------------------------------------------------------------------------- */

/* One row under one option. */
struct trial {
    const struct row *row;
    const struct vmwire_option *option;
    struct vmwire_arena *arena;
    struct vmwire_schema *schema;
    struct made made;
};

static struct trial begin_trial(const struct row *row, const struct vmwire_option *option)
{
    const struct layout *layout = row->layout ? row->layout : &plain;
    struct trial trial = {.row = row, .option = option, .arena = vmwire_arena_create()};
    trial.schema = schema_of(trial.arena, layout->description, layout->dump);
    if (layout->existing)
        must_set_existing(trial.schema, schema_of(trial.arena, layout->existing, NULL));
    trial.made = assemble(option, row->stream);
    return trial;
}

static void end_trial(struct trial *trial)
{
    made_free(&trial->made);
    vmwire_arena_destroy(trial->arena);
}

static void check_rejection(const struct row *row, const struct made *made,
                            const struct vmwire_error *error)
{
    if (error->kind != row->kind || error->offset != made->mark ||
        !strstr(error->message, row->message) ||
        (row->section && strcmp(error->section, row->section) != 0) ||
        (row->path && strcmp(error->path, row->path) != 0)) {
        print_error("%s at %" PRIu64 ", section %s, path %s: %s\nexpected %s at %" PRIu64
                    ", section %s, path %s: %s\n",
                    vmwire_error_kind_name(error->kind), error->offset, error->section, error->path,
                    error->message, vmwire_error_kind_name(row->kind), made->mark,
                    row->section ? row->section : "*", row->path ? row->path : "*", row->message);
        fail();
    }
}

/* Written under the same option it is the same; under the options that can be trusted it reads back
 * as the same tree. */
static void check_writing(const struct trial *trial, const struct vmwire_stream *stream)
{
    for (size_t i = 0; i < vmwire_option_count; i++) {
        const struct vmwire_option *to = &vmwire_options[i];
        if (to != trial->option && !listed("flagday standalone toplevel framed asn1", to->name))
            continue;
        struct vmwire_error error = {0};
        struct vmwire_writer *writer = write_whole(stream, to, false, &error);
        /* Only subsections nested as deep as no device does have so long a path. */
        if (!writer && to->subsections != VMWIRE_SUBSECTION_INLINE &&
            strstr(error.message, "longer than "))
            continue;
        /* QEMU writes 01 before an element of a list. DER has no byte for another marker. */
        if (!writer && to->encoding == VMWIRE_ENCODING_DER &&
            strstr(error.message, "an element of a list"))
            continue;
        if (!writer)
            fail_msg("to %s: %s", to->name, error.message);
        struct vmwire_bytes written = vmwire_writer_output(writer);
        if (to == trial->option && !trial->row->moved)
            assert_same_bytes(written, trial->made.bytes);
        struct vmwire_cost cost;
        struct vmwire_stream *back =
            vmwire_stream_read_whole(to, written, trial->schema, trial->arena, &cost, &error);
        if (!back)
            fail_msg("back from %s: %" PRIu64 ": %s", to->name, error.offset, error.message);
        if (!vmwire_stream_equal(stream, back))
            fail_msg("from %s comes back %s", to->name, tree_text(back));
        vmwire_writer_destroy(writer);
    }
}

/* Cut off before its end it is an error. In exactly as many bytes, so that ASan watches the end. */
static void check_prefixes(const struct trial *trial, const struct vmwire_stream *stream)
{
    uint64_t end = 0; /* of what must be there */
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->kind == VMWIRE_ITEM_EOF)
            end = (uint64_t)(stream->items[i]->raw.data - trial->made.bytes.data) + 1;
    for (size_t length = 0; length < trial->made.bytes.length; length++) {
        uint8_t *cut = must(malloc(length + !length));
        memcpy(cut, trial->made.bytes.data, length);
        struct vmwire_reading reading = {
            .option = trial->option, .input = {cut, length}, .schema = trial->schema};
        struct vmwire_cost cost;
        struct vmwire_error error;
        bool accepted = vmwire_stream_read(&reading, &cost, &error);
        free(cut);
        if (accepted != (length >= end) && !trial->row->lenient)
            fail_msg("cut off at %zu of %zu: %s", length, trial->made.bytes.length,
                     accepted ? "accepted" : error.message);
        if (!accepted && (error.offset > length || !error.message[0]))
            fail_msg("cut off at %zu: offset %" PRIu64 ": %s", length, error.offset, error.message);
    }
}

static void check_acceptance(const struct trial *trial, const struct vmwire_stream *stream,
                             const struct vmwire_cost *cost)
{
    char *tree = tree_text(stream);
    if (trial->row->reads)
        assert_string_equal(tree, trial->row->reads);
    free(tree);
    assert_int_equal(vmwire_cost_bytes_read(cost), trial->made.bytes.length);

    struct vmwire_reading reading = {
        .option = trial->option, .input = trial->made.bytes, .schema = trial->schema};
    struct vmwire_cost again;
    struct vmwire_error error;
    assert_true(vmwire_stream_read(&reading, &again, &error));
    assert_int_equal(again.tokens, cost->tokens);
    assert_int_equal(again.reductions, cost->reductions);
    assert_int_equal(again.bytes_examined, cost->bytes_examined);
    check_writing(trial, stream);
    check_prefixes(trial, stream);
}

static void test_row(void **state)
{
    struct trial *trial = *state;
    *trial = begin_trial(trial->row, trial->option);
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_stream *stream = vmwire_stream_read_whole(
        trial->option, trial->made.bytes, trial->schema, trial->arena, &cost, &error);
    if (trial->row->kind && stream)
        fail_msg("accepted: %s", tree_text(stream));
    else if (trial->row->kind)
        check_rejection(trial->row, &trial->made, &error);
    else if (!stream)
        fail_msg("rejected at %" PRIu64 ", path %s: %s", error.offset, error.path, error.message);
    else
        check_acceptance(trial, stream, &cost);
    end_trial(trial);
}

/* ---- What no row can say --------------------------------------------------------------------- */

/* Reads `stream`, which must be refused, under `option`; the error is the answer. */
static struct vmwire_error refusal(const struct vmwire_option *option,
                                   const struct vmwire_schema *schema, struct vmwire_bytes stream)
{
    struct vmwire_reading reading = {.option = option, .input = stream, .schema = schema};
    struct vmwire_cost cost;
    struct vmwire_error error;
    if (vmwire_stream_read(&reading, &cost, &error))
        fail_msg("accepted");
    return error;
}

static void test_iterable_limit(void **state)
{
    (void)state;
    struct assembler text = {.option = option_named("heuristic"), .text = HEAD};
    assemble_items(&text, '\0');
    for (unsigned id = 0; id <= 64; id++) {
        assemble_byte(&text, 1);
        assemble_integer(&text, 4, id);
        text.text = ".'spapr/htab' 00000000 00000001 00000018";
        assemble_items(&text, '\0');
    }
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_bytes stream = {text.data, text.length};
    struct vmwire_error error = refusal(text.option, schema_of(arena, NULL, NULL), stream);
    assert_int_equal(error.kind, VMWIRE_ERROR_LIMIT);
    assert_int_equal(error.offset, text.length - 8);
    assert_string_equal(error.message, "more than 64 iterable sections");
    vmwire_arena_destroy(arena);
    free(text.data);
}

/* A schema may know a subsection by its name only. */
static void test_subsection_without_layout(void **state)
{
    (void)state;
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = schema_of(arena, tails.description, NULL);
    const struct vmwire_structure *dev = vmwire_schema_device(schema, "dev", 0)->structure;
    dev->subsections[0].structure = NULL;
    dev->subsections[0].source = VMWIRE_LAYOUT_UNKNOWN;
    struct made made =
        assemble(option_named("heuristic"), HEAD DEV "05 .'dev/s' ^00000001 04" FOOTER "00");
    struct vmwire_error error = refusal(option_named("heuristic"), schema, made.bytes);
    assert_int_equal(error.kind, VMWIRE_ERROR_NO_LAYOUT);
    assert_int_equal(error.offset, made.mark);
    assert_string_equal(error.message, "subsection \"dev/s\" is declared, but its layout is not "
                                       "known: no stream given sent it");
    made_free(&made);
    vmwire_arena_destroy(arena);
}

/* ---- Decisions at tails ---------------------------------------------------------------------- */

/* "owner." where a record ends, "owner>name" where a subsection is taken. */
static void write_decision(void *context, const struct vmwire_tail_event *event)
{
    char *text = context;
    size_t length = strlen(text);
    snprintf(text + length, 1000 - length, "%s%s%s%s", length ? " " : "", event->owner->name,
             event->taken ? ">" : ".", event->taken ? event->name : "");
}

static const struct {
    const char *name;
    const struct layout *layout;
    const char *stream;
    const char *decisions;
    uint64_t looked;  /* bytes that were looked at besides those that were read */
    uint64_t longest; /* of them at once */
} decision_rows[] = {
    {"subsections, one in another", &tails, HEAD DEV S_HEAD "04" T_HEAD "05" FOOTER "00",
     "in. in. dev>dev/s dev/s>dev/s/t dev/s/t. dev/s. dev.", 21, 9},
    {"one that does not exist", &tails, HEAD DEV "05 .'dev/x'", "in. in. dev>dev/x", 9, 7},
    {"the end at a tail", &nested, HEAD NESTED_HEAD "02 0304 0f 0607 08 090a", "in. in. in.", 2, 1},
    {"the end at the tail of a subsection", &tails, HEAD DEV S_HEAD "04",
     "in. in. dev>dev/s dev/s. dev.", 9, 7},
    {"a 05 at the end", &nested, HEAD NESTED_HEAD "02 0304 0f 0607 08 090a 05", "in. in. in>", 3,
     1},
    {"a name cut off", &nested, HEAD NESTED_HEAD "02 0304 0f 0607 08 090a 05 04 'in'",
     "in. in. in>", 6, 4},
    {"a look-ahead beyond the end, behind a subsection", &tails, HEAD DEV S_HEAD "04 05 ff",
     "in. in. dev>dev/s dev/s> dev>", 11, 7},
    {"a short length at the end", &nested, HEAD NESTED_HEAD "02 0304 0f 0607 08 090a 05 02",
     "in. in. in. out.", 8, 2},
};

static void test_decisions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(decision_rows) / sizeof(decision_rows[0]); i++) {
        char text[1000] = "";
        struct vmwire_arena *arena = vmwire_arena_create();
        struct made made = assemble(option_named("heuristic"), decision_rows[i].stream);
        struct vmwire_reading reading = {
            .option = option_named("heuristic"),
            .input = made.bytes,
            .schema = schema_of(arena, decision_rows[i].layout->description, NULL),
            .observer = {text, write_decision}};
        struct vmwire_cost cost;
        struct vmwire_error error;
        vmwire_stream_read(&reading, &cost, &error);
        if (strcmp(text, decision_rows[i].decisions) != 0)
            fail_msg("%s: %s", decision_rows[i].name, text);
        uint64_t looked = cost.bytes_examined - vmwire_cost_bytes_read(&cost);
        if (looked != decision_rows[i].looked || cost.longest_lookahead != decision_rows[i].longest)
            fail_msg("%s: looked at %" PRIu64 ", at most %" PRIu64, decision_rows[i].name, looked,
                     cost.longest_lookahead);
        made_free(&made);
        vmwire_arena_destroy(arena);
    }
}

/* The pages of a schema's page size; where it tells none or one too small for the flags, 4 KiB, or the size by
 * which the section parses. */
static void test_page_sizes(void **state)
{
    (void)state;
    static const struct {
        uint32_t described, taken;
    } sizes[] = {{0, 4096},    {256, 256},  {512, 512}, {1024, 1024}, {65536, 65536},
                 {3000, 4096}, {128, 4096}, {0, 256},   {0, 2048},    {0, 65536}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct vmwire_schema *schema = schema_of(arena, plain.description, NULL);
        schema->page_size = sizes[i].described;
        char text[200];
        snprintf(text, sizeof(text), HEAD RAM "0000000000010008 .'r' %u*ab" RAM_END "00",
                 sizes[i].taken);
        struct made made = assemble(option_named("heuristic"), text);
        struct vmwire_reading reading = {
            .option = option_named("heuristic"), .input = made.bytes, .schema = schema};
        struct vmwire_cost cost;
        struct vmwire_error error;
        if (!vmwire_stream_read(&reading, &cost, &error))
            fail_msg("page size %u: %s", sizes[i].described, error.message);
        assert_int_equal(cost.pages, 1);
        made_free(&made);
        vmwire_arena_destroy(arena);
    }
}

/* A list of elements that have `count` times `field`, which has no bytes. The caller frees it. */
static char *empty_fields(unsigned count, const char *field)
{
    char *description = NULL;
    size_t size = 0;
    FILE *text = must(open_memstream(&description, &size));
    fputs("{'devices':[{'name':'dev','instance_id':0,'vmsd_name':'dev','version':1,'fields':["
          "{'name':'q','type':'qtailq','size':2,'vmsd_name':'el','version':1,'fields':[",
          text);
    for (unsigned i = 0; i < count; i++)
        fprintf(text, "%s%s", i ? "," : "", field);
    fputs("]}]}]}", text);
    fclose(text);
    return description;
}

/*
 * A few bytes of description must not make each byte of a stream cost what the description costs.
 * The schema may refuse it, or the reader; neither may take more memory than the input allows.
 */
static void check_empty_fields(unsigned count, const char *field)
{
    char *description = empty_fields(count, field);
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = must_create_schema(arena);
    struct vmwire_error error;
    if (vmwire_schema_add_description(schema, json_of(arena, description), &error)) {
        must_finish_schema(schema);
        struct made made = assemble(option_named("heuristic"), HEAD FULL "20000*01 00" FOOTER "00");
        struct vmwire_reading reading = {
            .option = option_named("heuristic"), .input = made.bytes, .schema = schema};
        struct vmwire_cost cost;
        vmwire_stream_read(&reading, &cost, &error);
        size_t size = made.bytes.length + strlen(description);
        if (cost.peak_memory > 4 * size + (16 << 20))
            fail_msg("%u of %s: %zu bytes took %" PRIu64 " of memory", count, field, size,
                     cost.peak_memory);
        made_free(&made);
    }
    vmwire_arena_destroy(arena);
    free(description);
}

static void test_empty_fields(void **state)
{
    (void)state;
    static const unsigned counts[] = {1, 10, 100, 250, 1000};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        check_empty_fields(counts[i], FIELD("f", "buffer", 0));
        check_empty_fields(counts[i], STRUCT("s", 0, INNER("nothing", "")));
    }
}

/* ---- The tests ------------------------------------------------------------------------------- */

#define ROWS(table) table, sizeof(table) / sizeof(table[0])

static const struct {
    const struct row *rows;
    size_t count;
} tables[] = {
    {ROWS(stream_rows)},  {ROWS(section_rows)},  {ROWS(record_rows)},
    {ROWS(tail_rows)},    {ROWS(separate_rows)}, {ROWS(configuration_rows)},
    {ROWS(command_rows)}, {ROWS(ram_rows)},      {ROWS(iterable_rows)},
};

struct tests {
    struct CMUnitTest *tests;
    size_t count, size;
};

static void add_test(struct tests *tests, struct CMUnitTest test)
{
    if (tests->count == tests->size) {
        tests->size = tests->size ? 2 * tests->size : 256;
        tests->tests = must(realloc(tests->tests, tests->size * sizeof(test)));
    }
    tests->tests[tests->count++] = test;
}

static void add_trial(struct tests *tests, const struct row *row,
                      const struct vmwire_option *option)
{
    struct trial *trial = must(calloc(1, sizeof(*trial)));
    trial->row = row;
    trial->option = option;
    size_t size = strlen(option->name) + strlen(row->name) + sizeof(": ");
    char *name = must(malloc(size));
    snprintf(name, size, "%s: %s", option->name, row->name);
    add_test(tests, (struct CMUnitTest){name, test_row, NULL, NULL, trial});
}

/* The streams of these tables have no description: test_described.c has those that do. */
static bool is_tried(const struct row *row, const struct vmwire_option *option)
{
    return listed(row->options, option->name) &&
           (row->options || option->look != VMWIRE_LOOK_DESCRIBED);
}

static void free_trials(struct tests *tests)
{
    for (size_t i = 0; i < tests->count; i++)
        if (tests->tests[i].initial_state) {
            free((void *)(uintptr_t)tests->tests[i].name);
            free(tests->tests[i].initial_state);
        }
    free(tests->tests);
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(test_iterable_limit), cmocka_unit_test(test_subsection_without_layout),
        cmocka_unit_test(test_decisions),      cmocka_unit_test(test_page_sizes),
        cmocka_unit_test(test_empty_fields),
    };
    struct tests tests = {NULL, 0, 0};
    for (size_t table = 0; table < sizeof(tables) / sizeof(tables[0]); table++)
        for (size_t i = 0; i < tables[table].count; i++)
            for (size_t j = 0; j < vmwire_option_count; j++)
                if (vmwire_options[j].encoding == VMWIRE_ENCODING_QEMU &&
                    is_tried(&tables[table].rows[i], &vmwire_options[j]))
                    add_trial(&tests, &tables[table].rows[i], &vmwire_options[j]);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        add_test(&tests, others[i]);
    int failed = _cmocka_run_group_tests("grammar", tests.tests, tests.count, NULL, NULL);
    free_trials(&tests);
    return failed;
}
