/* SPDX-License-Identifier: MIT */
/*
 * Streams that carry no description, read by what a program declares. Each row has declarations, a stream, and what the
 * reader makes of it. What it has made is described, and read again by that description: the tree must be the same.
 */
#include "build.h"

#include "vmwire/description.h"
#include "vmwire/json.h"

#define HEAD           "'QEVM' version "
#define FULL           "04 00000001 .'dev' 00000000 00000001 "
#define FULL2          "04 00000002 .'dev' 00000001 00000001 "
#define FOOTER         " 7e 00000001 "
#define DECLARED(list) "{'declarations':1,'structures':[" list "]}"
#define DEV(fields)    "{'name':'dev','version_id':1,'minimum_version_id':1,'fields':[" fields "]}"
#define DEV_SENDS(fields, subsections)                                                             \
    "{'name':'dev','version_id':1,'minimum_version_id':1,'fields':[" fields                        \
    "],'subsections':[" subsections "]}"
#define PART(name, fields)                                                                         \
    "{'name':'" name "','version_id':1,'minimum_version_id':1,'fields':[" fields "]}"
#define AT(name, type, place, bytes, more)                                                         \
    "{'name':'" name "','type':'" type "','offset':" #place ",'size':" #bytes more "}"
#define BYTE(name, place) AT(name, "uint8", place, 1, "")
#define PAIR(name, place) AT(name, "uint16", place, 2, "")
#define IF(number)        ",'condition':" #number
#define COUNTED(place)    ",'flags':['varray'],'num_offset':" #place ",'num_bytes':1"
#define SIZED(place)      ",'flags':['vbuffer'],'size_offset':" #place ",'size_bytes':4"
#define IN(name, place, more)                                                                      \
    "{'name':'" name "','structure':1,'offset':" #place ",'size':4" more "}"

#define MORE(place) ",'flags':['pointer','varray'],'num_offset':" #place ",'num_bytes':4"
#define PLIC                                                                                       \
    PART("riscv_sifive_plic",                                                                      \
         AT("source_priority", "uint32", 0, 4, MORE(64)) "," AT(                                   \
             "target_priority", "uint32", 8, 4,                                                    \
             MORE(68)) "," AT("pending", "uint32", 16, 4,                                          \
                              MORE(72)) "," AT("claimed", "uint32", 24, 4,                         \
                                               MORE(72)) "," AT("enable", "uint32", 32, 4,         \
                                                                MORE(76)))
#define CPUS_2                                                                                     \
    "04 00000001 .'cpu' 00000000 00000001 01 7e 00000001 "                                         \
    "04 00000002 .'cpu' 00000001 00000001 01 7e 00000002 "
#define READS_CPUS_2 "full 1 cpu {a=01} ~; full 2 cpu.1 {a=01} ~; "

#define EEPRO100(more)                                                                                  \
    "{'name':'','version_id':3,'minimum_version_id':2,'fields':[" BYTE("mult", 0) "," BYTE(             \
        "mem",                                                                                          \
        0) "," BYTE("scb_stat",                                                                         \
                    0) "," BYTE("int_stat",                                                             \
                                0) "," BYTE("mdimem",                                                   \
                                            0) "," BYTE("cu_base",                                      \
                                                        0) "," BYTE("ru_base",                          \
                                                                    0) "," BYTE("statsaddr",            \
                                                                                0) "," BYTE("conf"      \
                                                                                            "igur"      \
                                                                                            "atio"      \
                                                                                            "n",        \
                                                                                            0) "," more \
                                                                                               "]"      \
                                                                                               "}"
#define FW_CFG                                                                                     \
    "{'name':'fw_cfg','version_id':2,'minimum_version_id':1,'fields':[" PAIR(                      \
        "cur_entry", 0) "," AT("cur_offset", "int32_as_uint16", 4, 4,                              \
                               IF(1)) "," AT("cur_offset", "uint32", 4, 4, ",'version_id':2") "]}"

struct row {
    const char *name;
    const char *described; /* by another stream, or by this one; NULL: nothing */
    const char *declared;
    const char *stream;
    const char *reads;           /* accepted: the tree */
    const char *reads_again;     /* likewise by its description; NULL: the same one */
    const char *describes;       /* a part of its description; NULL: any */
    enum vmwire_error_kind kind; /* rejected */
    const char *message;
};

static const struct row rows[] = {
    {.name = "fields of known types",
     .declared =
         DECLARED(DEV(BYTE("a", 0) "," AT("b", "uint32", 4, 4, ",'flags':['array'],'num':2"))),
     .stream = HEAD FULL "01 00000002 00000003" FOOTER "00",
     .reads = "full 1 dev {a=01 b=0000000200000003} ~; eof"},
    {.name = "a check when loading is not on the wire",
     .declared =
         DECLARED(DEV(BYTE("a", 0) ",{'name':'must be','offset':0,'flags':['array','must_exist'],"
                                   "'condition':1}," BYTE("b", 1))),
     .stream = HEAD FULL "01 02" FOOTER "00",
     .reads = "full 1 dev {a=01 b=02} ~; eof"},
    {.name = "a field that a function has sent",
     .declared = DECLARED(DEV(BYTE("a", 0) "," AT("b", "uint16", 2, 2, IF(1)) "," BYTE("c", 4))),
     .stream = HEAD FULL "01 0203 04" FOOTER "00",
     .reads = "full 1 dev {a=01 b=0203 c=04} ~; eof"},
    {.name = "a field that a function has not sent",
     .declared = DECLARED(DEV(BYTE("a", 0) "," AT("b", "uint16", 2, 2, IF(1)) "," BYTE("c", 4))),
     .stream = HEAD FULL "01 04" FOOTER "00",
     .reads = "full 1 dev {a=01 c=04} ~; eof"},
    {.name = "two fields that one function decides",
     .declared = DECLARED(DEV(AT("a", "uint8", 0, 1, IF(1)) "," AT(
         "b", "uint8", 1, 1, IF(1)) "," AT("c", "uint16", 2, 2, IF(2)) "," BYTE("d", 4))),
     .stream = HEAD FULL "01 02 03" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "the bytes of \"dev\" fit what the program declares in more than one way: with 0 "
                "for \"a\", or with 1 for \"a\"; a description is needed"},
    {.name = "two fields that one function decides, told by zeros",
     .declared = DECLARED(DEV(AT("a", "uint8", 0, 1, IF(1)) "," AT(
         "b", "uint8", 1, 1, IF(1)) "," AT("c", "unused_buffer", 2, 2, IF(2)) "," BYTE("d", 4))),
     .stream = HEAD FULL "01 02 03" FOOTER "00",
     .reads = "full 1 dev {a=01 b=02 d=03} ~; eof"},
    {.name = "an array that an earlier field counts",
     .declared =
         DECLARED(DEV(BYTE("n", 8) "," AT("a", "uint16", 16, 2, COUNTED(8)) "," BYTE("c", 9))),
     .stream = HEAD FULL "02 0001 0002 07" FOOTER "00",
     .reads = "full 1 dev {n=02 a=00010002 c=07} ~; eof"},
    {.name = "an array that an earlier field counts as empty",
     .declared =
         DECLARED(DEV(BYTE("n", 8) "," AT("a", "uint16", 16, 2, COUNTED(8)) "," BYTE("c", 9))),
     .stream = HEAD FULL "00 07" FOOTER "00",
     .reads = "full 1 dev {n=00 c=07} ~; eof"},
    {.name = "an array of structures that an earlier field counts",
     .declared = DECLARED(DEV(BYTE("n", 8) "," IN("in", 16,
                                                  ",'flags':['struct','varray'],'num_offset':8,"
                                                  "'num_bytes':1")) "," PART("in", BYTE("x", 0))),
     .stream = HEAD FULL "02 05 06" FOOTER "00",
     .reads = "full 1 dev {n=02 in[0]{x=05} in[1]{x=06}} ~; eof"},
    {.name = "a count that is multiplied",
     .declared = DECLARED(
         DEV(BYTE("n", 8) "," AT("a", "uint8", 16, 1,
                                 ",'num':3,'flags':['varray','multiply_elements'],'num_offset':8,"
                                 "'num_bytes':1"))),
     .stream = HEAD FULL "02 010203 040506" FOOTER "00",
     .reads = "full 1 dev {n=02 a=010203040506} ~; eof"},
    {.name = "a buffer whose size an earlier field holds",
     .declared = DECLARED(DEV(AT("n", "int32", 8, 4, "") "," AT("a", "buffer", 16, 0, SIZED(8)))),
     .stream = HEAD FULL "00000003 010203" FOOTER "00",
     .reads = "full 1 dev {n=00000003 a=010203} ~; eof"},
    {.name = "a buffer whose size is multiplied",
     .declared = DECLARED(DEV(AT("n", "int32", 8, 4, "") "," AT(
         "a", "buffer", 16, 6, ",'flags':['vbuffer','multiply'],'size_offset':8,'size_bytes':4"))),
     .stream = HEAD FULL "00000002 12*01" FOOTER "00",
     .reads = "full 1 dev {n=00000002 a=010101010101010101010101} ~; eof"},
    {.name = "a bitmap is sent in words of 64 bits",
     .declared = DECLARED(DEV(AT("n", "int32", 8, 4, "") "," AT("a", "bitmap", 16, 0, SIZED(8)))),
     .stream = HEAD FULL "00000041 16*01" FOOTER "00",
     .reads = "full 1 dev {n=00000041 a=01010101010101010101010101010101} ~; eof"},
    {.name = "a count that is not on the wire: the section's end tells it",
     .declared = DECLARED(DEV(AT("a", "uint16", 16, 2, COUNTED(8)) "," BYTE("c", 9))),
     .stream = HEAD FULL "0001 0002 07" FOOTER "00",
     .reads = "full 1 dev {a=00010002 c=07} ~; eof"},
    {.name = "two counts that are not on the wire",
     .declared = DECLARED(
         DEV(AT("a", "uint16", 16, 2, COUNTED(8)) "," AT("b", "uint16", 24, 2, COUNTED(9)))),
     .stream = HEAD FULL "0001 0002" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "the bytes of \"dev\" fit what the program declares in more than one way: with 0 "
                "for \"a\", or with 1 for \"a\"; a description is needed"},
    {.name = "two arrays of one count that is not on the wire",
     .declared = DECLARED(
         DEV(AT("a", "uint16", 16, 2, COUNTED(8)) "," AT("b", "uint16", 24, 2, COUNTED(8)))),
     .stream = HEAD FULL "0001 0002" FOOTER "00",
     .reads = "full 1 dev {a=0001 b=0002} ~; eof"},
    {.name = "a count that a later field holds",
     .declared = DECLARED(DEV(AT("a", "uint8", 16, 1, COUNTED(8)) "," BYTE("n", 8) "," AT(
         "b", "uint8", 24, 1, COUNTED(9)))),
     .stream = HEAD FULL "06 07 02 08" FOOTER "00",
     .reads = "full 1 dev {a=0607 n=02 b=08} ~; eof"},
    {.name = "a number that QEMU's code always sets",
     .declared = DECLARED("{'name':'vmware_vga_internal','version_id':0,'minimum_version_id':0,"
                          "'fields':[" AT("scratch", "uint32", 8, 4,
                                          COUNTED(4)) "," AT("b", "uint8", 24, 1, COUNTED(9)) "]}"),
     .stream = HEAD
     "04 00000001 .'0000:00:02.0/vmware_vga_internal' 00000000 00000000 131072*01 02" FOOTER "00",
     .reads = "full 1 0000:00:02.0/vmware_vga_internal {scratch=131072*01 b=02} ~; eof"},
    {.name = "a field that another one says is there",
     .declared =
         DECLARED("{'name':'ide_drive','version_id':1,'minimum_version_id':1,'fields':[" BYTE(
             "identify_set", 0) "," AT("identify_data", "buffer", 8, 2,
                                       IF(1)) "," AT("b", "uint8", 16, 1,
                                                     IF(2)) "," AT("c", "uint8", 17, 1,
                                                                   IF(2)) "]}"),
     .stream = HEAD "04 00000001 .'ide_drive' 00000000 00000001 01 0203" FOOTER
                    "04 00000002 .'ide_drive' 00000001 00000001 00 0405 7e 00000002 00",
     .reads = "full 1 ide_drive {identify_set=01 identify_data=0203} ~; full 2 ide_drive.1 "
              "{identify_set=00 b=04 c=05} ~; eof"},
    {.name = "a field of earlier versions, in an earlier one and in the last",
     .declared = DECLARED(FW_CFG),
     .stream = HEAD "04 00000001 .'fw_cfg' 00000000 00000001 0001 0002" FOOTER
                    "04 00000002 .'fw_cfg' 00000001 00000002 0001 00000003 7e 00000002 00",
     .reads = "full 1 fw_cfg {cur_entry=0001 cur_offset=0002} ~; full 2 fw_cfg.1 {cur_entry=0001 "
              "cur_offset=00000003} ~; eof",
     .reads_again = "full 1 fw_cfg {cur_entry=0001 cur_offset[0]=0002} ~; full 2 fw_cfg.1 "
                    "{cur_entry=0001 cur_offset[1]=00000003} ~; eof"},
    {.name = "pointers: a null one has a marker",
     .declared =
         DECLARED(DEV(AT("t", "timer", 0, 8, ",'num':3,'flags':['array','array_of_pointer']"))),
     .stream = HEAD FULL "8*07 30 8*08" FOOTER "00",
     .reads = "full 1 dev {t[0]=0707070707070707 t[1]=30 t[2]=0808080808080808} ~; eof"},
    {.name = "pointers to structures, each with a marker",
     .declared = DECLARED(DEV(IN("in", 0,
                                 ",'num':3,'flags':['array','struct','array_of_pointer',"
                                 "'auto_alloc']")) "," PART("in", PAIR("x", 0))),
     .stream = HEAD FULL "31 0005 30 31 0006" FOOTER "00",
     .reads = "full 1 dev {in[0]=31 in[0]{x=0005} in[1]=30 in[2]=31 in[2]{x=0006}} ~; eof"},
    {.name = "a marker that is none",
     .declared = DECLARED(DEV(IN("in", 0,
                                 ",'num':1,'flags':['array','struct','array_of_pointer',"
                                 "'auto_alloc']")) "," PART("in", PAIR("x", 0))),
     .stream = HEAD FULL "32 0005" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message =
         "the bytes do not fit \"dev\" as the program declares it; the best try ended at 25: "
         "expected the marker of a pointer (30 or 31), found 32"},
    {.name = "a field of a later version, in an earlier one",
     .declared = DECLARED(
         "{'name':'dev','version_id':3,'minimum_version_id':1,'fields':[" BYTE("a", 0) "," AT(
             "b", "uint8", 1, 1,
             ",'version_id':2") "," AT("c", "uint8", 2, 1,
                                       ",'version_id':1") "," AT("d", "uint8", 2, 1,
                                                                 ",'version_id':4") "]}"),
     .stream = HEAD FULL "01 03" FOOTER "00",
     .reads = "full 1 dev {a=01 c=03} ~; eof"},
    {.name = "a subsection whose layout depends on something",
     .declared = DECLARED(DEV_SENDS(BYTE("a", 0), "1") "," PART(
         "dev/b", BYTE("n", 8) "," AT("x", "uint8", 16, 1, COUNTED(8)))),
     .stream = HEAD FULL "01 05 .'dev/b' 00000001 02 0607" FOOTER "00",
     .reads = "full 1 dev {a=01 +dev/b:1{n=02 x=0607}} ~; eof"},
    {.name = "an array of a subsection that a field of its owner counts",
     .declared = DECLARED(DEV_SENDS(BYTE("n", 8), "1") "," PART(
         "dev/b", AT("x", "uint8", 16, 1, COUNTED(8)) "," AT("y", "uint8", 17, 1, COUNTED(9)))),
     .stream = HEAD FULL "01 05 .'dev/b' 00000001 06 0708" FOOTER "00",
     .reads = "full 1 dev {n=01 +dev/b:1{x=06 y=0708}} ~; eof"},
    {.name = "an array of a subsection that the owner of its owner counts",
     .declared = DECLARED(DEV_SENDS(
         BYTE("n", 8),
         "1") ",{'name':'dev/b','version_id':1,"
              "'minimum_version_id':1,'fields':[" BYTE("m", 7) "],'subsections':[2]}," PART(
                  "dev/b/c",
                  AT("x", "uint8", 16, 1, COUNTED(8)) "," AT("y", "uint8", 17, 1, COUNTED(9)))),
     .stream = HEAD FULL "01 05 .'dev/b' 00000001 02 05 .'dev/b/c' 00000001 06 0708" FOOTER "00",
     .reads = "full 1 dev {n=01 +dev/b:1{m=02 +dev/b/c:1{x=06 y=0708}}} ~; eof"},
    {.name = "a size that only the machine knows: one of those that grammar/layouts has",
     .declared = DECLARED("{'name':'m48t59','version_id':1,'minimum_version_id':1,'fields':[" BYTE(
         "lock", 0) "," AT("buffer", "buffer", 16, 0, SIZED(8)) "]}"),
     .stream = HEAD "04 00000001 .'m48t59' 00000000 00000001 01 0203" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "the bytes do not fit \"m48t59\" as the program declares it; the best try ended at "
                "29: expected buffer of 8192 bytes, but only 8 are left"},
    {.name = "two numbers of one board: those of two boards are not mixed",
     .declared = DECLARED(PART("cpu", BYTE("a", 0)) "," PLIC),
     .stream = HEAD CPUS_2 "04 00000003 .'riscv_sifive_plic' 00000000 00000001 748*01 12*02 24*03 "
                           "24*04 72*05 7e 00000003 00",
     .reads = READS_CPUS_2 "full 3 riscv_sifive_plic {source_priority=748*01 "
                           "target_priority=020202020202020202020202 pending=24*03 claimed=24*04 "
                           "enable=72*05} ~; eof"},
    {.name = "two numbers of one board, where no board has them",
     .declared = DECLARED(PART("cpu", BYTE("a", 0)) "," PLIC),
     .stream = HEAD CPUS_2 "04 00000003 .'riscv_sifive_plic' 00000000 00000001 832*01 16*02 28*03 "
                           "28*04 112*05 7e 00000003 00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "the bytes do not fit \"riscv_sifive_plic\" as the program declares it; the best "
                "try ended at 85: no number that is known goes with those before it"},
    {.name = "a count that is not on the wire, in front of a long field of zeros",
     .declared = DECLARED(DEV(IN("in", 0, ",'flags':['struct']") "," AT(
         "z", "buffer", 8, 16384,
         "")) ","
              "{'name':'in','version_id':1,'minimum_version_id':1,'fields':[" BYTE(
                  "x",
                  0) "],"
                     "'subsections':[2]}," PART(
                         "in/s",
                         "{'name':'el','structure':3,'offset':8,'size':4,'flags':['struct','varray'"
                         "],"
                         "'num_offset':16,'num_bytes':4}") "," PART("el",
                                                                    BYTE("a", 0) "," BYTE(
                                                                        "b",
                                                                        1) "," AT("c", "uint32", 4,
                                                                                  4,
                                                                                  "") "," AT("d",
                                                                                             "uint3"
                                                                                             "2",
                                                                                             8, 4,
                                                                                             ""))),
     .stream = HEAD FULL "01 05 .'in/s' 00000001 10*00 16384*00" FOOTER "00",
     .reads = "full 1 dev {in{x=01 +in/s:1{el[0]{a=00 b=00 c=00000000 d=00000000}}} z=16384*00} "
              "~; eof"},
    {.name = "a structure without a name, whose names are known by its fields",
     .declared = DECLARED(EEPRO100(BYTE("z", 0))),
     .stream = HEAD "04 00000001 .'0000:00:02.0/i82550' 00000000 00000003 01 02 03 04 05 06 07 08 "
                    "09 0a" FOOTER
                    "04 00000002 .'0000:00:03.0/i82801' 00000000 00000003 11 12 13 14 15 16 17 18 "
                    "19 1a 7e 00000002 00",
     .reads = "full 1 0000:00:02.0/i82550 {mult=01 mem=02 scb_stat=03 int_stat=04 mdimem=05 "
              "cu_base=06 ru_base=07 statsaddr=08 configuration=09 z=0a} ~; full 2 "
              "0000:00:03.0/i82801 {mult=11 mem=12 scb_stat=13 int_stat=14 mdimem=15 cu_base=16 "
              "ru_base=17 statsaddr=18 configuration=19 z=1a} ~; eof",
     .describes = "\"vmsd_name\": \"i82550\""},
    {.name = "two structures without a name that have the fields, and fit",
     .declared = DECLARED(EEPRO100(PAIR("z", 0)) "," EEPRO100(BYTE("y", 0) "," BYTE("z", 0))),
     .stream = HEAD "04 00000001 .'0000:00:02.0/i82550' 00000000 00000003 01 02 03 04 05 06 07 08 "
                    "09 0a0b" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "the bytes fit two structures \"i82550\": a description is needed"},
    {.name = "a structure without a name, whose names are not known",
     .declared = DECLARED("{'name':'','version_id':3,'minimum_version_id':2,'fields':[" BYTE(
         "mult", 0) "," BYTE("mem", 0) "]}"),
     .stream = HEAD "04 00000001 .'0000:00:02.0/i82550' 00000000 00000003 01 02" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "no description of section \"0000:00:02.0/i82550\" instance 0: its layout is not "
                "known"},
    {.name = "two structures of one name: the version tells which",
     .declared = DECLARED("{'name':'dev','version_id':3,'minimum_version_id':3,'fields':[" BYTE(
         "x", 0) "]}," DEV(BYTE("a", 0))),
     .stream = HEAD FULL "01" FOOTER "00",
     .reads = "full 1 dev {a=01} ~; eof"},
    {.name = "two structures of one name: the length tells which",
     .declared = DECLARED(DEV(BYTE("a", 0)) "," DEV(PAIR("b", 0))),
     .stream = HEAD FULL "0102" FOOTER "00",
     .reads = "full 1 dev {b=0102} ~; eof"},
    {.name = "two structures of one name that are alike",
     .declared = DECLARED(DEV(BYTE("a", 0)) "," DEV(BYTE("b", 0))),
     .stream = HEAD FULL "01" FOOTER "00",
     .reads = "full 1 dev {a=01} ~; eof"},
    {.name = "two structures of one name that fit both",
     .declared = DECLARED(DEV(BYTE("a", 0) "," BYTE("b", 1)) "," DEV(PAIR("b", 0))),
     .stream = HEAD FULL "0102" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "the bytes fit two structures \"dev\": a description is needed"},
    {.name = "a structure that none refers to comes first",
     .declared =
         DECLARED(PART("dev", "{'name':'in','structure':1,'offset':0,'flags':['struct']}") "," PART(
             "dev", BYTE("x", 0))),
     .stream = HEAD FULL "01" FOOTER "00",
     .reads = "full 1 dev {in{x=01}} ~; eof"},
    {.name = "a value that looks as a footer",
     .declared = DECLARED(DEV(AT("a", "buffer", 0, 9, "") "," AT("b", "uint8", 16, 1, COUNTED(8)))),
     .stream = HEAD FULL "7e 00000001 00000000 0203" FOOTER "00",
     .reads = "full 1 dev {a=7e0000000100000000 b=0203} ~; eof"},
    {.name = "a stream without footers",
     .declared = DECLARED(DEV(BYTE("a", 0) "," AT("b", "uint16", 2, 2, IF(1)))),
     .stream = HEAD FULL "01" FULL2 "01 0203"
                         "00",
     .reads = "full 1 dev {a=01}; full 2 dev.1 {a=01 b=0203}; eof"},
    {.name = "a stream without footers that fits in two ways",
     .declared = DECLARED(DEV(AT("a", "uint8", 16, 1, COUNTED(8)))),
     .stream = HEAD FULL "010203" FULL2 "0506"
                         "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "the bytes of \"dev\" fit what the program declares in more than one way: with 3 "
                "for \"a\", or with 22 for \"a\"; a description is needed"},
    {.name = "a list",
     .declared =
         DECLARED(DEV("{'name':'l','type':'qtailq','structure':1,'offset':0,'size':16}," BYTE(
             "c", 16)) "," PART("in", BYTE("x", 0))),
     .stream = HEAD FULL "01 05 01 06 00 07" FOOTER "00",
     .reads = "full 1 dev {l[0]=01{x=05} l[1]=01{x=06} l=00 c=07} ~; eof"},
    {.name = "a list that a function has sent",
     .declared = DECLARED(
         DEV("{'name':'l','type':'qtailq','structure':1,'offset':0,'size':16,'condition':1}," BYTE(
             "c", 16)) "," PART("in", BYTE("x", 0))),
     .stream = HEAD FULL "01 05 01 06 00 07" FOOTER "00",
     .reads = "full 1 dev {l[0]=01{x=05} l[1]=01{x=06} l=00 c=07} ~; eof"},
    {.name = "more to choose than is tried",
     .declared = DECLARED(DEV(AT(
         "a", "bool", 0, 1,
         ",'condition':1,'num':300,'flags':['array','array_of_pointer']") "," AT("b", "uint8", 16,
                                                                                 1, COUNTED(8)))),
     .stream = HEAD FULL "300*30" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "it takes too long to find how the bytes fit \"dev\": a description is needed"},
    {.name = "a section that can end at two footers",
     .declared = DECLARED(DEV(AT("b", "uint8", 16, 1, COUNTED(8)))),
     .stream = HEAD FULL "01 7e 00000001 08 0003 0005" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "the bytes of \"dev\" fit what the program declares in more than one way: with 1 "
                "for \"b\", or with 11 for \"b\"; a description is needed"},
    {.name = "an array of structures that can have no bytes",
     .declared = DECLARED(DEV(IN("in", 0, ",'num':2,'flags':['array','struct']")) "," PART(
         "in", AT("x", "uint8", 0, 1, IF(1)))),
     .stream = HEAD FULL "05 06" FOOTER "00",
     .reads = "full 1 dev {in[0]{x=05} in[1]{x=06}} ~; eof"},
    {.name = "an array of no structures",
     .declared = DECLARED(DEV(IN("in", 0, ",'num':0,'flags':['array','struct']") "," BYTE(
         "c", 9)) "," PART("in", BYTE("x", 0))),
     .stream = HEAD FULL "05" FOOTER "00",
     .reads = "full 1 dev {c=05} ~; eof"},
    {.name = "where a function decides, the field's version does not count",
     .declared =
         DECLARED(DEV(BYTE("a", 0) "," AT("b", "uint8", 1, 1, ",'condition':1,'version_id':4"))),
     .stream = HEAD FULL "05 06" FOOTER "00",
     .reads = "full 1 dev {a=05 b=06} ~; eof"},
    {.name = "null pointers whose number is not on the wire",
     .declared = DECLARED(DEV(IN("in", 0,
                                 ",'flags':['varray','struct','array_of_pointer'],'num_offset':8,"
                                 "'num_bytes':4")) "," PART("in", AT("x", "uint32", 0, 4, ""))),
     .stream = HEAD FULL "30 30 30" FOOTER "00",
     .reads = "full 1 dev {in[0]=30 in[1]=30 in[2]=30} ~; eof"},
    {.name = "a structure of an earlier version",
     .declared = DECLARED(DEV(IN("in", 0, ",'flags':['vstruct'],'struct_version_id':1") "," BYTE(
         "c", 9)) ","
                  "{'name':'in','version_id':2,'minimum_version_id':1,'fields':[" BYTE(
                      "x", 0) "," AT("y", "uint8", 1, 1, ",'version_id':2") "]}"),
     .stream = HEAD FULL "05 06" FOOTER "00",
     .reads = "full 1 dev {in{x=05} c=06} ~; eof",
     .describes = "\"vmsd_name\": \"in\", \"version\": 1"},
    {.name = "a negative number of elements",
     .declared = DECLARED(DEV(AT("n", "int32", 8, 4, "") "," AT(
         "a", "uint8", 16, 1, ",'flags':['varray'],'num_offset':8,'num_bytes':4") "," BYTE("c",
                                                                                           9))),
     .stream = HEAD FULL "ffffffff 06" FOOTER "00",
     .reads = "full 1 dev {n=ffffffff c=06} ~; eof"},
    {.name = "two structures of one name, each with a subsection of one name",
     .declared = DECLARED(DEV(
         "{'name':'one','structure':1,'flags':['struct']},{'name':'other','structure':2,"
         "'flags':['struct']}") ",{'name':'in','version_id':1,'minimum_version_id':1,"
                                "'fields':[" BYTE(
                                    "x",
                                    0) "],'subsections':[3]},{'name':'in','version_id':1,"
                                       "'minimum_version_id':1,'fields':[" BYTE(
                                           "x",
                                           0) "],'subsections':[4]}," PART("in/s",
                                                                           BYTE(
                                                                               "y",
                                                                               0)) "," PART("in/s",
                                                                                            PAIR(
                                                                                                "z",
                                                                                                0))),
     .stream = HEAD FULL "01 05 .'in/s' 00000001 02 03 05 .'in/s' 00000001 0405" FOOTER "00",
     .reads = "full 1 dev {one{x=01 +in/s:1{y=02}} other{x=03 +in/s:1{z=0405}}} ~; eof"},
    {.name = "a bitmap of one word",
     .declared = DECLARED(DEV(AT("n", "int32", 8, 4, "") "," AT("a", "bitmap", 16, 0, SIZED(8)))),
     .stream = HEAD FULL "00000040 8*01" FOOTER "00",
     .reads = "full 1 dev {n=00000040 a=0101010101010101} ~; eof"},
    {.name = "a stream without footers, with a value that looks as one",
     .declared = DECLARED(DEV(AT("a", "buffer", 0, 10, ""))),
     .stream = HEAD FULL "7e 00000001 08 0003 0000" FULL2 "10*02 "
                         "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message =
         "the bytes do not fit \"dev\" as the program declares it; the best try ended at 0: no "
         "section footer"},
    {.name = "two structures of one name, with different parts of one name",
     .declared =
         DECLARED(DEV(IN("in", 0, "")) "," PART("in", BYTE("a", 0) "," PAIR("b", 2)) "," DEV(
             "{'name':'in','structure':3,'offset':0}") "," PART("in",
                                                                PAIR("a", 0) "," BYTE("b", 2))),
     .stream = HEAD FULL "010203" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "the bytes fit two structures \"dev\": a description is needed"},
    {.name = "two structures of one name, with different subsections",
     .declared = DECLARED(DEV_SENDS(BYTE("a", 0), "2") "," DEV_SENDS(BYTE("a", 0), "3") "," PART(
         "dev/a", BYTE("x", 0)) "," PART("dev/b", BYTE("x", 0))),
     .stream = HEAD FULL "01" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "the bytes fit two structures \"dev\": a description is needed"},
    {.name = "a count in one byte of a longer field",
     .declared = DECLARED(
         DEV(AT("n", "uint32", 8, 4, "") "," AT("a", "uint8", 16, 1, COUNTED(8)) "," BYTE("c", 9))),
     .stream = HEAD FULL "00000102 0607 08" FOOTER "00",
     .reads = "full 1 dev {n=00000102 a=0607 c=08} ~; eof"},
    {.name = "an array is not counted by another field",
     .declared = DECLARED(DEV(BYTE("n", 8) "," AT(
         "a", "uint8", 16, 1, ",'num':2,'flags':['array','varray'],'num_offset':8,'num_bytes':1"))),
     .stream = HEAD FULL "01 0607" FOOTER "00",
     .reads = "full 1 dev {n=01 a=0607} ~; eof"},
    {.name = "structures with null pointers, whose number is not on the wire",
     .declared = DECLARED(
         DEV(IN("in", 0, ",'flags':['varray','struct'],'num_offset':8,'num_bytes':4")) "," PART(
             "in", AT("t", "uint32", 0, 4, ",'num':2,'flags':['array','array_of_pointer']"))),
     .stream = HEAD FULL "30 30 30 30" FOOTER "00",
     .reads = "full 1 dev {in[0]{t[0]=30 t[1]=30} in[1]{t[0]=30 t[1]=30}} ~; eof"},
    {.name = "a subsection that another stream sent with another count",
     .described =
         "{'devices':[{'name':'dev','instance_id':7,'vmsd_name':'dev','version':1,'fields':["
         "{'name':'a','type':'uint8','size':1}],'subsections':[{'vmsd_name':'dev/b','version':1,"
         "'fields':[{'name':'n','type':'uint8','size':1},"
         "{'name':'x','array_len':3,'type':'uint8','size':1}]}]}]}",
     .declared = DECLARED(DEV_SENDS(BYTE("a", 0), "1") "," PART(
         "dev/b", BYTE("n", 8) "," AT("x", "uint8", 16, 1, COUNTED(8)))),
     .stream = HEAD FULL "01 05 .'dev/b' 00000001 02 0607" FOOTER "00",
     .reads = "full 1 dev {a=01 +dev/b:1{n=02 x=0607}} ~; eof"},
    {.name = "a subsection of which a program declares two layouts",
     .described =
         "{'devices':[{'name':'dev','instance_id':0,'vmsd_name':'dev','version':1,'fields':["
         "{'name':'in','type':'struct','struct':{'vmsd_name':'in','version':1,'fields':["
         "{'name':'x','type':'uint8','size':1}]},'size':1}]}]}",
     .declared = DECLARED(
         "{'name':'in','version_id':1,'minimum_version_id':1,"
         "'fields':[" BYTE(
             "x", 0) "],'subsections':[2]},{'name':'in','version_id':1,"
                     "'minimum_version_id':1,'fields':[" BYTE("x", 0) "],'subsections':[3]}," PART(
                         "in/s", BYTE("y", 0)) "," PART("in/s", PAIR("z", 0))),
     .stream = HEAD FULL "01 05 .'in/s' 00000001 02" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message =
         "subsection \"in/s\" is declared, but its layout is not known: no stream given sent it"},
    {.name = "pointers to bytes",
     .declared =
         DECLARED(DEV(AT("t", "uint8", 0, 1, ",'num':3,'flags':['array','array_of_pointer']"))),
     .stream = HEAD FULL "31 32 00" FOOTER "00",
     .reads = "full 1 dev {t[0]=31 t[1]=32 t[2]=00} ~; eof"},
    {.name = "pointers to bytes, each with a marker",
     .declared = DECLARED(
         DEV(AT("t", "uint8", 0, 1, ",'num':3,'flags':['array','array_of_pointer','auto_alloc']"))),
     .stream = HEAD FULL "30 31 30 31 05" FOOTER "00",
     .reads = "full 1 dev {t[0]=30 t[1]=31 t[1]=30 t[2]=31 t[2]=05} ~; eof"},
    {.name = "a private encoding: its size is what is left",
     .declared = DECLARED(DEV(BYTE("a", 0) "," AT("v", "virtio", 8, 0, "") "," BYTE("c", 1))),
     .stream = HEAD FULL "01 020304 06" FOOTER "00",
     .reads = "full 1 dev {a=01 v=020304 c=06} ~; eof"},
    {.name = "a private encoding behind which a value may look like a subsection",
     .declared = DECLARED(DEV(BYTE("a", 0) "," AT("v", "virtio", 8, 0, "") "," BYTE("c", 1))),
     .stream = HEAD FULL "01 020304 05" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message = "the bytes of \"dev\" fit in one way, but in another a value looks like a "
                "subsection, which the reader refuses: a description is needed"},
    {.name = "bytes that do not fit",
     .declared = DECLARED(DEV(BYTE("a", 0))),
     .stream = HEAD FULL "01 02" FOOTER "00",
     .kind = VMWIRE_ERROR_NO_LAYOUT,
     .message =
         "the bytes do not fit \"dev\" as the program declares it; the best try ended at 0: no "
         "section footer"},
    {.name = "a version that none accepts",
     .declared = DECLARED(
         "{'name':'dev','version_id':3,'minimum_version_id':2,'fields':[" BYTE("a", 0) "]}"),
     .stream = HEAD FULL "01" FOOTER "00",
     .kind = VMWIRE_ERROR_VERSION_ID,
     .message = "version_id 1 of \"dev\" is below the reader's minimum 2"},
};

/* ---- Declarations that are not accepted ---- */

static const struct refused {
    const char *declared, *path, *message;
    enum vmwire_error_kind kind;
} refused[] = {
    {"{'declarations':2,'structures':[]}", "declarations", "2 where 1 was expected",
     VMWIRE_ERROR_SCHEMA},
    {"{'declarations':1,'structures':{}}", "structures", "an object where an array was expected",
     VMWIRE_ERROR_SCHEMA},
    {DECLARED("7"), "structures[0]", "an integer where an object was expected",
     VMWIRE_ERROR_SCHEMA},
    {DECLARED("{'name':'dev'}"), "structures[0] \"dev\" / version_id", "missing",
     VMWIRE_ERROR_SCHEMA},
    {DECLARED(DEV("{'name':'in','structure':1}")),
     "structures[0] \"dev\" / in / structure / structure", "structure 1 of 1", VMWIRE_ERROR_SCHEMA},
    {DECLARED(DEV("{'name':'in','structure':-1}")),
     "structures[0] \"dev\" / in / structure / structure", "structure -1 of 1",
     VMWIRE_ERROR_SCHEMA},
    {DECLARED(DEV("{'name':'in','flags':['struct']}")), "structures[0] \"dev\" / in / structure",
     "missing", VMWIRE_ERROR_SCHEMA},
    {DECLARED(DEV_SENDS("", "'x'")), "structures[0] \"dev\" / subsections[0]", "not an integer",
     VMWIRE_ERROR_SCHEMA},
    {DECLARED(DEV("{'name':'in','structure':0}")), NULL, "structures nested deeper than 64",
     VMWIRE_ERROR_LIMIT},
    {DECLARED(DEV("{'name':7}")), "structures[0] \"dev\" / fields[0] / name",
     "an integer where a string was expected", VMWIRE_ERROR_SCHEMA},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct vmwire_arena *arena = vmwire_arena_create();
        struct vmwire_schema *schema = must_create_schema(arena);
        struct vmwire_error error = {0};
        assert_false(vmwire_schema_add(schema, json_of(arena, refused[i].declared), &error));
        assert_int_equal(error.kind, refused[i].kind);
        assert_string_equal(error.message, refused[i].message);
        if (refused[i].path)
            assert_string_equal(error.path, refused[i].path);
        must_finish_schema(schema);
        assert_int_equal(schema->declared_count, 0);
        vmwire_arena_destroy(arena);
    }
}

/* Each structure has two of the next one: 2^40 places. */
static void test_many_places(void **state)
{
    enum { LEVELS = 40 };
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_schema *schema = must_create_schema(arena);
    struct vmwire_error error = {0};
    char *text;
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    (void)state;
    fputs("{'declarations':1,'structures':[", stream);
    for (int i = 0; i < LEVELS; i++)
        fprintf(stream,
                "{'name':'s%d','version_id':1,'minimum_version_id':1,'fields':[{'name':'a',"
                "'structure':%d},{'name':'b','structure':%d}]},",
                i, i + 1, i + 1);
    fputs("{'name':'last','version_id':1,'minimum_version_id':1,'fields':[]}]}", stream);
    fclose(stream);
    assert_false(vmwire_schema_add(schema, json_of(arena, text), &error));
    assert_int_equal(error.kind, VMWIRE_ERROR_LIMIT);
    free(text);
    vmwire_arena_destroy(arena);
}

/* ---- Layouts that depend on something ---- */

static const struct vmwire_schema *declared_schema(struct vmwire_arena *arena,
                                                   struct vmwire_bytes json);

/* The zeros behind "in" make its tail clean, but a function decides whether they are sent. */
static void test_depends(void **state)
{
    static const char declared[] =
        DECLARED(DEV("{'name':'in','structure':1,'offset':0,'flags':['struct']}," AT(
            "a", "unused_buffer", 8, 4,
            IF(1)) "," AT("z", "buffer", 16, 64,
                          "")) ","
                               "{'name':'in','version_id':1,'minimum_version_id':1,'fields':[" BYTE(
                                   "x", 0) "],"
                                           "'subsections':[2]}," PART("in/s", BYTE("y", 0)));
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_template template;
    struct vmwire_decision decision;
    struct vmwire_error error;
    const struct vmwire_option *option = option_named("heuristic");
    const struct vmwire_schema *schema = declared_schema(arena, json_of(arena, declared));
    (void)state;
    assert_int_equal(schema->type_count, 1);
    assert_true(vmwire_template_of_device(&template, option, schema->types, arena, &error));
    struct vmwire_question question = {.option = option,
                                       .stream = &template.stream,
                                       .bytes = template.bytes,
                                       .reader = {option, schema}};
    assert_true(vmwire_decide(&question, arena, &decision, &error));
    assert_true(decision.tail_count > 0);
    for (size_t i = 0; i < decision.tail_count; i++) {
        assert_int_not_equal(decision.tails[i].verdict, VMWIRE_VERDICT_CLEAN);
        assert_non_null(decision.tails[i].reason);
    }
    vmwire_arena_destroy(arena);
}

/* ---- Rows ---- */

static void must_add(struct vmwire_schema *schema, struct vmwire_bytes json)
{
    struct vmwire_error error = {0};
    if (!vmwire_schema_add(schema, json, &error))
        TEST_BROKEN("%s: %s", error.path, error.message);
}

static const struct vmwire_schema *declared_schema(struct vmwire_arena *arena,
                                                   struct vmwire_bytes json)
{
    struct vmwire_schema *schema = must_create_schema(arena);
    must_add(schema, json);
    must_finish_schema(schema);
    return schema;
}

static const struct vmwire_schema *schema_of_row(struct vmwire_arena *arena, const struct row *row)
{
    struct vmwire_schema *schema = must_create_schema(arena);
    if (row->described)
        must_add(schema, json_of(arena, row->described));
    must_add(schema, json_of(arena, row->declared));
    must_finish_schema(schema);
    return schema;
}

static struct vmwire_bytes describe(struct vmwire_arena *arena, const struct vmwire_stream *stream)
{
    struct vmwire_error error;
    json_t *root = json_object(), *devices = json_array();
    json_object_set_new(root, "devices", devices);
    for (size_t i = 0; i < stream->item_count; i++)
        if (stream->items[i]->kind == VMWIRE_ITEM_SECTION_FULL)
            json_array_append_new(devices, vmwire_description_of_section(stream->items[i], &error));
    char *text = json_dumps(root, 0);
    const char *kept = vmwire_arena_string(arena, text, strlen(text));
    free(text);
    json_decref(root);
    return vmwire_bytes_of_string(kept);
}

static void check_described(const struct row *row, struct vmwire_arena *arena,
                            const struct vmwire_option *option, struct vmwire_bytes bytes,
                            const struct vmwire_stream *stream)
{
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct vmwire_bytes description = describe(arena, stream);
    const struct vmwire_schema *schema = declared_schema(arena, description);
    if (row->describes)
        assert_non_null(
            memmem(description.data, description.length, row->describes, strlen(row->describes)));
    const struct vmwire_stream *again =
        vmwire_stream_read_whole(option, bytes, schema, arena, &cost, &error);
    if (!again)
        fail_msg("by the description: %s", error.message);
    char *first = tree_text(stream), *second = tree_text(again);
    assert_string_equal(row->reads_again ? row->reads_again : first, second);
    free(first);
    free(second);
}

static void test_row(void **state)
{
    const struct row *row = *state;
    const struct vmwire_option *option = option_named("heuristic");
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_cost cost;
    struct vmwire_error error;
    struct made made = assemble(option, row->stream);
    const struct vmwire_schema *schema = schema_of_row(arena, row);
    const struct vmwire_stream *stream =
        vmwire_stream_read_whole(option, made.bytes, schema, arena, &cost, &error);
    if (row->reads) {
        if (!stream)
            fail_msg("%s", error.message);
        char *tree = tree_text(stream);
        if (strncmp(tree, row->reads, strlen(row->reads)) != 0)
            fail_msg("%.500s", tree);
        free(tree);
        check_described(row, arena, option, made.bytes, stream);
    } else {
        assert_null(stream);
        assert_int_equal(error.kind, row->kind);
        assert_string_equal(error.message, row->message);
    }
    made_free(&made);
    vmwire_arena_destroy(arena);
}

int main(void)
{
    enum { COUNT = sizeof(rows) / sizeof(rows[0]) };
    struct CMUnitTest tests[COUNT + 3];
    for (size_t i = 0; i < COUNT; i++)
        tests[i] =
            (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)(uintptr_t)&rows[i]};
    tests[COUNT] = (struct CMUnitTest)cmocka_unit_test(test_refused);
    tests[COUNT + 1] = (struct CMUnitTest)cmocka_unit_test(test_many_places);
    tests[COUNT + 2] = (struct CMUnitTest)cmocka_unit_test(test_depends);
    return _cmocka_run_group_tests("declared", tests, COUNT + 3, NULL, NULL);
}
