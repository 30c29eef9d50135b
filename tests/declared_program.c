/* SPDX-License-Identifier: MIT */
/*
 * A program that declares structures as a QEMU of some release does, so that a test knows what must be found in it. It
 * needs no library and is not run. RELEASE is the release's number: 210 is 2.10. With MODULE it is a module, which uses a
 * type and a structure of the program. With NEWER its device type has more fields and a subsection. With SHARED, many structures share a long list of fields. With RUNS
 * it can be run: it copies the file that DECLARED_DUMP names to the one of its last argument.
 * tests/declarations.py says what it declares.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef RELEASE
#define RELEASE 702
#endif
#ifndef STAMP
#define STAMP qemu_stamp_0123456789abcdef
#endif

#define SHOWN __attribute__((visibility("default")))
#define USED  __attribute__((used))

/* ---- The structures, member for member in the order of the release ---- */

struct type {
    const char *name;
    int (*get)(void);
    int (*put)(void);
};

struct description;

struct place {
    uint32_t offset;
    uint8_t size;
};

struct field {
    const char *name;
#if RELEASE >= 210 && RELEASE < 1101
    const char *hint;
#endif
    size_t offset, size;
#if RELEASE >= 1101
    struct place size_place, count_place;
    size_t start;
    int count;
#else
    size_t start;
    int count;
    size_t count_offset, size_offset;
#endif
    const struct type *type;
    unsigned flags;
    const struct description *structure;
    int version;
#if RELEASE >= 300
    int structure_version;
#endif
    bool (*exists)(void *state, int version);
};

/* What a list of subsections has: pairs until 2.3. */
struct subsection {
    const struct description *structure;
#if RELEASE < 204
    bool (*needed)(void *state);
#endif
};

struct description {
    const char *name;
#if RELEASE >= 800
    bool unmigratable, early;
#elif RELEASE >= 100
    int unmigratable;
#endif
    int version, minimum;
#if RELEASE < 700
    int minimum_old;
#endif
#if RELEASE >= 209
    int priority;
#endif
#if RELEASE < 700
    int (*load_old)(void);
#endif
    int (*before_load)(void *state);
#if RELEASE >= 1002
    int (*before_load_error)(void *state);
#endif
    int (*after_load)(void *state, int version);
#if RELEASE >= 1002
    int (*after_load_error)(void *state, int version);
#endif
    int (*before_save)(void *state);
#if RELEASE >= 1002
    int (*before_save_error)(void *state);
#endif
#if RELEASE >= 400
    int (*after_save)(void *state);
#endif
#if RELEASE >= 204
    bool (*needed)(void *state);
#endif
#if RELEASE >= 402
    bool (*unplugged)(void *state);
#endif
    const struct field *fields;
    const struct subsection *subsections;
};

/* ---- Functions and types ---- */

static int do_nothing(void)
{
    return 0;
}

#ifdef MODULE
extern const struct type info_number, info_elsewhere;
extern const struct description inner;
#else
SHOWN extern const struct type info_number;
SHOWN extern const struct description inner, vmstate_stub;
const struct type info_number = {"uint32", do_nothing, do_nothing};
static const struct type info_bytes = {"buffer", do_nothing, do_nothing};

static int do_nothing_with(void *state)
{
    return state == NULL;
}

static int do_nothing_after(void *state, int version)
{
    return state == NULL || version;
}

static bool is_there(void *state, int version)
{
    return state && version;
}

static bool is_needed(void *state)
{
    return state != NULL;
}
#endif

/* ---- Fields ---- */

enum {
    SINGLE = 1,
    POINTER = 2,
    ARRAY = 4,
    STRUCTURE = 8,
    COUNTED_32 = 0x10,
    BUFFER = 0x20,
    COUNTED_16 = 0x80,
    SIZED_BUFFER = 0x100,
    MULTIPLIED = 0x200,
    CHECKED = 0x1000,
    COUNT_MULTIPLIED = 0x4000,
    VERSIONED_STRUCTURE = 0x8000,
    END = RELEASE >= 1101  ? 0x20000
          : RELEASE >= 800 ? 0x10000
                           : 0,
    ALLOCATED = 0x10000,
};

/* The place of an integer, and what says its size. */
#if RELEASE >= 1101
#define COUNTED(at, bytes) .count_place = {at, bytes}, .flags = POINTER
#define MEASURED(at)       .size_place = {at, 4}, .flags = SIZED_BUFFER | MULTIPLIED
#else
#define COUNTED(at, bytes)                                                                         \
    .count_offset = (at), .flags = POINTER | ((bytes) == 2 ? COUNTED_16 : COUNTED_32)
#define MEASURED(at) .size_offset = (at), .flags = SIZED_BUFFER | MULTIPLIED
#endif

#define NO_MORE_FIELDS                                                                             \
    {                                                                                              \
        .flags = END                                                                               \
    }

/* ---- Declarations ---- */

#ifdef MODULE

static const struct type info_own = {"own", do_nothing, do_nothing};

static const struct field module_fields[] = {
    {.name = "number", .offset = 4, .size = 4, .type = &info_number, .flags = SINGLE},
    {.name = "own", .offset = 8, .size = 2, .type = &info_own, .flags = SINGLE},
    {.name = "inside", .offset = 16, .size = 24, .structure = &inner, .flags = STRUCTURE},
    {.name = "unknown", .offset = 40, .size = 1, .type = &info_elsewhere, .flags = SINGLE},
    NO_MORE_FIELDS,
};

USED static const struct description module_description = {
    .name = "module-device", .version = 1, .minimum = 1, .fields = module_fields};

/* QEMU loads a module that has this function. */
SHOWN void STAMP(void)
{
}

#else

#define TEXT_OF(name) #name
#define TEXT(name)    TEXT_OF(name)
/* Behind a NUL, as a string of its own is in a program that has more of them. */
USED static const char stamp[] = "\0" TEXT(STAMP), module_name[] = "\0declared-module";

static const struct field inner_fields[] = {
    {.name = "number", .offset = 4, .size = 4, .type = &info_number, .flags = SINGLE},
    NO_MORE_FIELDS,
};

const struct description inner = {
    .name = "inner", .version = 2, .minimum = 2, .fields = inner_fields};

/* What a program has in place of a device that it is built without. */
const struct description vmstate_stub;

static const struct description outer_one = {
    .name = "outer/one",
    .version = 1,
    .minimum = 1,
#if RELEASE >= 204
    .needed = is_needed,
#endif
    .fields = inner_fields,
};

static const struct description outer_two = {
    .name = "outer/two", .version = 7, .minimum = 5, .fields = inner_fields};

#if RELEASE < 204
static const struct subsection outer_subsections[] = {
    {&outer_two, is_needed}, {&outer_one, is_needed}, {NULL, NULL}};
#else
static const struct subsection outer_subsections[] = {{&outer_two}, {&outer_one}, {NULL}};
#endif

static const struct field outer_fields[] = {
    {.name = "number",
#if RELEASE >= 210 && RELEASE < 1101
     .hint = "a hint",
#endif
     .offset = 8,
     .size = 4,
     .type = &info_number,
     .flags = SINGLE,
     .version = 3},
    {.name = "array", .offset = 16, .size = 4, .count = 6, .type = &info_number, .flags = ARRAY},
    {.name = "counted", .offset = 40, .size = 4, .type = &info_number, COUNTED(12, 4)},
    {.name = "short", .offset = 48, .size = 4, .type = &info_number, COUNTED(14, 2)},
    {.name = "bytes", .offset = 56, .size = 3, .start = 5, .type = &info_bytes, MEASURED(64)},
    {.name = "inside", .offset = 72, .size = 24, .structure = &inner, .flags = STRUCTURE},
    {.name = "stub",
     .offset = 96,
     .size = 8,
     .structure = &vmstate_stub,
     .flags = STRUCTURE | POINTER},
    {.name = "perhaps",
     .offset = 104,
     .size = 4,
     .type = &info_number,
     .flags = SINGLE,
     .exists = is_there},
#if RELEASE >= 201
    {.name = "checked", .flags = ARRAY | CHECKED, .exists = is_there},
#endif
#if RELEASE >= 206
    {.name = "multiplied",
     .offset = 112,
     .size = 1,
     .count = 8,
     .type = &info_bytes,
     COUNTED(12, 4) | COUNT_MULTIPLIED},
#endif
#if RELEASE >= 300
    {.name = "versioned",
     .offset = 120,
     .size = 24,
     .structure = &inner,
     .flags = VERSIONED_STRUCTURE,
     .structure_version = 2},
#endif
#if RELEASE >= 1101
    {.name = "allocated",
     .offset = 144,
     .size = 8,
     .count = 2,
     .structure = &inner,
     .flags = STRUCTURE | ARRAY | 0x40 | ALLOCATED},
#endif
    NO_MORE_FIELDS,
};

USED static const struct description outer = {
    .name = "outer",
    .version = 4,
    .minimum = 3,
#if RELEASE < 700
    .minimum_old = 3,
#endif
#if RELEASE >= 209
    .priority = 2,
#endif
#if RELEASE >= 800
    .early = true,
#endif
    .before_load = do_nothing_with,
    .after_load = do_nothing_after,
    .before_save = do_nothing_with,
    .fields = outer_fields,
    .subsections = outer_subsections,
};

#define DEVICE(number)                                                                             \
    USED static const struct description device_##number = {.name = "device-" #number,             \
                                                            .version = 2,                          \
                                                            .minimum = 1,                          \
                                                            .before_load = do_nothing_with,        \
                                                            .fields = inner_fields}
DEVICE(0);
DEVICE(1);
DEVICE(2);
DEVICE(3);
DEVICE(4);

/* ---- A device type with properties, and machine types that give them values ---- */

#if RELEASE >= 400
enum {
    BY_BOOL = 200,
    BY_OTHER = 201,
    BY_NEWER = 202,
    BY_BITS = 204,
    THE_BIT = 5,
    BY_NUMBER = 208,
    BY_LATER = 212,
    BY_CODE = 216
};

/* Functions of other files of QEMU: a compiler must not know that all calls are here. */
#define ELSEWHERE __attribute__((noinline))

void *check_type(void *object, const char *type, const char *file, int line, const char *function);
void set_properties(void *class, const void *properties, size_t count);

void *add_bool(void *object, const char *name, bool (*get)(void *, void **),
               void (*set)(void *, bool, void **));

/* Returns its argument, as QEMU's checks of types do. */
ELSEWHERE void *check_type(void *object, const char *type, const char *file, int line,
                           const char *function)
{
    __asm__ volatile("" : : "r"(type), "r"(file), "r"(line), "r"(function) : "memory");
    return object;
}

#define CHECKED_TYPE(object) check_type(object, "gadget", "gadget.c", __LINE__, "GADGET")

static bool at(void *state, int place)
{
    return *((bool *)state + place);
}

static bool ask_bool(void *state, int version)
{
    (void)version;
    return at(CHECKED_TYPE(state), BY_BOOL);
}

static bool ask_two(void *state, int version)
{
    (void)version;
    return at(state, BY_BOOL) && !at(state, BY_OTHER);
}

static bool ask_bit(void *state, int version)
{
    (void)version;
    return *(uint32_t *)((char *)state + BY_BITS) >> THE_BIT & 1;
}

static bool ask_version(void *state, int version)
{
    (void)state;
    return version > 2;
}

static bool ask_number(void *state, int version)
{
    (void)version;
    return *(uint32_t *)((char *)state + BY_NUMBER) > 3;
}

static bool (*volatile elsewhere)(void);

static bool ask_elsewhere(void *state, int version)
{
    (void)state;
    (void)version;
    return elsewhere();
}

/* It writes: what it says is not to be known. */
static bool ask_and_write(void *state, int version)
{
    (void)version;
    *((volatile char *)state + BY_BOOL) = 1;
    return at(state, BY_OTHER);
}

static bool need_extra(void *state)
{
    return !at(state, BY_BOOL);
}

#ifdef NEWER
static bool ask_newer(void *state, int version)
{
    (void)version;
    return at(state, BY_NEWER);
}

static bool ask_old(void *state, int version)
{
    (void)state;
    return version <= 2;
}

static bool need_newer(void *state)
{
    return at(state, BY_NEWER);
}

static bool ask_code(void *state, int version)
{
    (void)version;
    return at(state, BY_CODE);
}
#endif

#define ASKED(by, place)                                                                           \
    {                                                                                              \
        .name = #by, .offset = (place), .size = 4, .type = &info_number, .flags = SINGLE,          \
        .exists = ask_##by                                                                         \
    }

static const struct field gadget_fields[] = {
    ASKED(bool, 4),    ASKED(two, 8),        ASKED(bit, 12),       ASKED(version, 16),
    ASKED(number, 20), ASKED(elsewhere, 24), ASKED(and_write, 28),
#ifdef NEWER
    ASKED(newer, 32),  ASKED(old, 36),       ASKED(code, 40),
#endif
    NO_MORE_FIELDS,
};

static const struct description gadget_extra = {.name = "gadget/extra",
                                                .version = 1,
                                                .minimum = 1,
                                                .needed = need_extra,
                                                .fields = inner_fields};
#ifdef NEWER
static const struct description gadget_newer = {.name = "gadget/newer",
                                                .version = 1,
                                                .minimum = 1,
                                                .needed = need_newer,
                                                .fields = inner_fields};
static const struct subsection gadget_subsections[] = {{&gadget_extra}, {&gadget_newer}, {NULL}};
#else
static const struct subsection gadget_subsections[] = {{&gadget_extra}, {NULL}};
#endif
static const struct description gadget = {.name = "gadget",
                                          .version = 3,
                                          .minimum = 1,
                                          .fields = gadget_fields,
                                          .subsections = gadget_subsections};

struct property_type {
    const char *name, *description;
};

struct property {
    const char *name;
    const struct property_type *type;
    ptrdiff_t offset;
#if RELEASE >= 1000
    const char *link;
    uint64_t mask;
    int64_t value;
    const struct property_type *of_array;
    int array_offset, array_size;
    uint8_t bit;
    bool has_value;
#else
    uint8_t bit;
#if RELEASE >= 600
    uint64_t mask;
#endif
    bool has_value;
    int64_t value;
    int array_offset;
    const struct property_type *of_array;
    int array_size;
    const char *link;
#endif
};

static const struct property_type type_bool = {"bool", RELEASE >= 1000 ? "on/off" : NULL},
                                  type_bit = {"bool", "on/off"}, type_number = {"uint32", NULL};
static struct property_type type_later; /* filled when the program runs */

static const struct property gadget_properties[] = {
    {.name = "by-bool", .type = &type_bool, .offset = BY_BOOL, .has_value = true, .value = 1},
    {.name = "by-later", .type = &type_later, .offset = BY_LATER, .has_value = true, .value = 3},
    {.name = "by-other", .type = &type_bool, .offset = BY_OTHER, .has_value = true},
#ifdef NEWER
    {.name = "by-newer", .type = &type_bool, .offset = BY_NEWER, .has_value = true, .value = 1},
#endif
    {.name = "by-bit", .type = &type_bit, .offset = BY_BITS, .bit = THE_BIT, .has_value = true},
    {.name = "by-number", .type = &type_number, .offset = BY_NUMBER, .has_value = true, .value = 7},
#if RELEASE < 1000
    {.name = NULL},
#endif
};

struct class_of_device {
    void *nothing[4];
    const struct description *structure;
    const void *operations;
};

#if RELEASE >= 1101
static const void *const monitor_places[] = {do_nothing};

/* What a processor's class refers to: the structure stands in it, behind other data. */
static const struct {
    int (*first)(void *), (*second)(void *);
    void *nothing;
    const void *monitor;
    const struct description *structure;
} gadget_operations = {do_nothing_with, do_nothing_with, NULL, monitor_places, &gadget};
#endif

ELSEWHERE void set_properties(void *class, const void *properties, size_t count)
{
    __asm__ volatile("" : : "r"(class), "r"(properties), "r"(count) : "memory");
}

/* Functions say and set the property. */
ELSEWHERE void *add_bool(void *object, const char *name, bool (*get)(void *, void **),
                         void (*set)(void *, bool, void **))
{
    __asm__ volatile("" : : "r"(object), "r"(name), "r"(get), "r"(set) : "memory");
    return object;
}

static bool get_by_code(void *object, void **error)
{
    (void)error;
    return at(CHECKED_TYPE(object), BY_CODE);
}

static void set_by_code(void *object, bool value, void **error)
{
    (void)error;
    *((bool *)CHECKED_TYPE(object) + BY_CODE) = value;
}

/* What this one says is no place. */
static bool get_elsewhere(void *object, void **error)
{
    (void)error;
    return ask_elsewhere(object, 0);
}

ELSEWHERE static void add_properties(void *object, char *within)
{
    within[0] = 1;
    add_bool(object, "by-code", get_by_code, set_by_code);
    add_bool(object, "by-elsewhere", get_elsewhere, NULL);
}

static void begin_object(void *object)
{
    add_properties(object, (char *)CHECKED_TYPE(object) + BY_CODE);
}

static void begin_gadget(void *class, const void *data)
{
    struct class_of_device *device = CHECKED_TYPE(class);
    (void)data;
#if RELEASE >= 1101
    device->operations = &gadget_operations;
#else
    device->structure = &gadget;
#endif
    type_later = type_number;
    type_later.description = "copied";
    set_properties(device, gadget_properties,
                   sizeof(gadget_properties) / sizeof(*gadget_properties));
}

struct global_property {
    const char *driver, *property, *value;
    bool used, optional;
};

struct class_of_machine {
    void *nothing[4], *values;
};

/* A library's function is called through a jump. */
void add_to_array(void *array, const void *element);
#ifdef __x86_64__
USED static void *volatile library_function;
__asm__(".pushsection .text\n"
        ".type add_to_array, @function\n"
        "add_to_array: jmp *library_function(%rip)\n"
        ".popsection\n");
#else
ELSEWHERE void add_to_array(void *array, const void *element)
{
    __asm__ volatile("" : : "r"(array), "r"(element) : "memory");
}
#endif

static inline void add_values(struct class_of_machine *class, const struct global_property *values,
                              size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_to_array(class->values, &values[i]);
}

static struct global_property values_2[] = {
    {"gadget", "by-bool", "off", false, false},    {"gadget", "by-nothing", "1", false, true},
    {"device", "by-number", "0x10", false, false}, {"stranger", "by-bool", "on", false, false},
#ifdef NEWER
    {"gadget", "by-newer", "off", false, false},   {"gadget", "by-code", "off", false, false},
#endif
};
const size_t values_2_count = sizeof(values_2) / sizeof(values_2[0]);
static struct global_property values_1[] = {{"gadget", "by-number", "2", false, false},
                                            {"gadget", "by-bool", "on", false, false}};

ELSEWHERE static void begin_version_3(struct class_of_machine *class)
{
    class->nothing[1] = NULL;
}

ELSEWHERE static void begin_version_2(struct class_of_machine *class)
{
    begin_version_3(class);
    add_values(class, values_2, *(const volatile size_t *)&values_2_count);
}

static void begin_machine_3(void *class, const void *data)
{
    (void)data;
    begin_version_3(CHECKED_TYPE(class));
}

static void begin_machine_2(void *class, const void *data)
{
    (void)data;
    begin_version_2(CHECKED_TYPE(class));
}

static void begin_machine_1(void *class, const void *data)
{
    struct class_of_machine *machine = CHECKED_TYPE(class);
    (void)data;
    begin_version_2(machine);
    add_values(machine, values_1, sizeof(values_1) / sizeof(values_1[0]));
}

struct type_of_object {
    const char *name, *parent;
    size_t size;
#if RELEASE >= 502
    size_t alignment;
#endif
    void (*begin)(void *), (*begun)(void *), (*end)(void *);
    bool abstract;
    size_t class_size;
    void (*begin_class)(void *, const void *);
    void (*begin_base)(void *, const void *);
    const void *data;
    const void *interfaces;
};

USED static const struct type_of_object types[] = {
    {.name = "gadget",
     .parent = "device",
     .size = 256,
     .begin = begin_object,
     .begin_class = begin_gadget},
    {.name = "small-gadget", .parent = "gadget"},
    {.name = "box-3.0-machine", .parent = "machine", .begin_class = begin_machine_3},
    {.name = "box-2.0-machine", .parent = "machine", .begin_class = begin_machine_2},
    {.name = "box-1.0-machine", .parent = "machine", .begin_class = begin_machine_1},
};

/* Types that code makes when the program starts, one for each row of a table. */
void register_module(void (*function)(void), int type);
void *register_type(const struct type_of_object *type);

ELSEWHERE void register_module(void (*function)(void), int type)
{
    __asm__ volatile("" : : "r"(function), "r"(type) : "memory");
}

ELSEWHERE void *register_type(const struct type_of_object *type)
{
    __asm__ volatile("" : : "r"(type) : "memory");
    return NULL;
}

static const struct row {
    const char *name;
    int number;
} rows[] = {{"one-gadget", 1}, {"two-gadget", 2}};

static void register_rows(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct type_of_object type = {.name = rows[i].name,
                                            .parent = "gadget",
                                            .begin_class = begin_gadget,
                                            .data = &rows[i]};
        register_type(&type);
    }
}

__attribute__((constructor)) static void begin_rows(void)
{
    register_module(register_rows, 3);
}
#endif

static const struct field no_fields[] = {NO_MORE_FIELDS};
USED static const struct description empty = {
    .name = "empty", .version = 1, .minimum = 1, .fields = no_fields};

/* One that gets its name when QEMU runs, and a place that only refers to a list of fields. */
USED static const struct description nameless = {
    .version = 3, .minimum = 2, .before_load = do_nothing_with, .fields = inner_fields};
USED static const struct {
    void *nothing[16];
    const struct field *fields;
    void *nothing_behind[16];
} fields_alone = {{NULL}, inner_fields, {NULL}};

#if RELEASE >= 100
USED static const struct description stays = {.name = "stays", .unmigratable = 1};
#endif

/* These look like declarations, and are none: one whose name is no constant, the last of a list of options, and a list
 * whose second name is missing. */
static char written[] = "written";
USED static const struct {
    char *name;
    int one;
    void *nothing[16];
} written_name = {written, 1, {NULL}};

struct option {
    const char *name;
    int type;
    const char *help, *value;
};
USED static const struct {
    const char *name, *implied;
    bool merged;
    const void *first;
    const void *const *last;
    struct option options[4];
} option_list = {"options",
                 NULL,
                 false,
                 NULL,
                 &option_list.first,
                 {{"size", 2, NULL, NULL}, {"strict", 1, NULL, NULL}}};

static const struct field torn_fields[] = {
    {.name = "number", .offset = 4, .size = 4, .type = &info_number, .flags = SINGLE},
    {.name = NULL, .flags = 0x80000},
};
USED static const struct description torn = {
    .name = "torn", .version = 1, .minimum = 1, .fields = torn_fields};

#ifdef SHARED
static const struct field shared_fields[4001] = {
    [0 ... 3999] = {.name = "number", .size = 4, .type = &info_number, .flags = SINGLE},
    NO_MORE_FIELDS,
};
USED static const struct description sharing[4000] = {
    [0 ... 3999] = {.name = "sharing", .version = 1, .minimum = 1, .fields = shared_fields}};
#endif

#ifdef RUNS
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const char *dump = getenv("DECLARED_DUMP");
    FILE *from = dump ? fopen(dump, "r") : NULL, *to = fopen(argv[argc - 1], "w");
    if (!from || !to)
        return 1;
    for (int c; (c = getc(from)) != EOF;)
        putc(c, to);
    return fclose(to) != 0 || fclose(from) != 0;
}
#endif

SHOWN void start(void);
void start(void)
{
    for (;;)
        ;
}

#endif
