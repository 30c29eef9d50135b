/* SPDX-License-Identifier: MIT */
/*
 * Finds declarations in a program by fit: an address has one where everything that a shape says of it holds, down to the
 * last field. The shape of which the program has most is its shape. So no version string decides.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "schema/compat_properties.h"
#include "schema/condition_code.h"
#include "schema/program_image.h"
#include "schema/program_shapes.h"
#include "schema/registered_types.h"
#include "schema/type_info.h"
#include "vmwire/declarations.h"

enum {
    LEAST_STRUCTURES = 8,    /* with fields; QEMU's smallest programs have about 60 */
    FIELDS_LIMIT = 4096,     /* of a structure; QEMU's largest has about 200 */
    SUBSECTIONS_LIMIT = 256, /* likewise; about 50 */
    VERSION_LIMIT = 1 << 25, /* QEMU's versions are small numbers, or a date: 20061113 */
    /* A program may have a field for so many of its bytes, and so many more: each time one is read counts. QEMU has one for
     * 4000 bytes, which is read about 5 times. */
    BYTES_OF_FIELD = 16,
    FIELDS_MORE = 1 << 16,
    /* So many instructions are followed, and so many more for each file: QEMU needs one for 20 bytes. */
    BYTES_OF_STEP = 8,
    STEPS_MORE = 1 << 18
};
/* The places of members in QEMU's structures are below it. */
#define OFFSET_LIMIT (UINT64_C(1) << 40)

/* The addresses of one shape, in ascending order. */
struct findings {
    const struct program_shape *shape;
    uint64_t *addresses;
    size_t count, room;
    size_t with_fields;
};

struct search {
    struct vmwire_arena *arena;
    struct program_image image;
    const struct program_shape *shape;
    /* Where a name is referred to, in ascending order: a structure begins so, under each shape. */
    uint64_t *named;
    size_t named_count, named_room;
    uint64_t *
        fields_left; /* that may be read: so time and memory are bounded by the size of the files */
};

/* ---- Members ---- */

static bool read_number(const struct search *search, uint64_t address, uint16_t member,
                        unsigned size, uint64_t *number)
{
    *number = 0;
    return member == ABSENT || program_image_number(&search->image, address + member, size, number);
}

static bool read_pointer(const struct search *search, uint64_t address, uint16_t member,
                         uint64_t *pointer)
{
    *pointer = 0;
    return member == ABSENT || program_image_pointer(&search->image, address + member, pointer);
}

static const char *read_string(const struct search *search, uint64_t address)
{
    uint64_t pointer;
    return program_image_pointer(&search->image, address, &pointer) && pointer
               ? program_image_string(&search->image, pointer)
               : NULL;
}

/* The name of a type: of the VMStateInfo at the address, which begins with its name and two functions; or of the symbol,
 * if it lies in a file that is not there. NULL: it is no type. */
static const char *read_type(const struct search *search, uint64_t address)
{
    uint64_t function;
    const char *symbol = program_image_undefined(&search->image, address);
    if (symbol)
        return symbol;
    const char *name = read_string(search, address);
    for (uint64_t i = 1; name && i <= 2; i++)
        if (!program_image_pointer(&search->image, address + 8 * i, &function))
            name = NULL;
    return name;
}

/* ---- Fields ---- */

/* The flags of an array whose number of elements is an integer, and that integer's bytes. */
static const struct counted_array {
    uint32_t flag;
    uint8_t bytes;
} counted_arrays[] = {{0x10, 4}, {0x80, 2}, {0x400, 1}, {0x800, 4}};

#define COUNTED_ARRAYS UINT32_C(0xc90)

enum { BYTES_OF_SIZE = 4 };

/* Takes a field's flags, and from them the sizes of the integers that it depends on. */
static void take_flags(const struct field_shape *shape, struct vmwire_declared_field *field,
                       uint32_t flags)
{
    field->flags = flags & ~(COUNTED_ARRAYS | shape->auto_alloc);
    if (flags & shape->auto_alloc)
        field->flags |= VMWIRE_DECLARED_AUTO_ALLOC;
    for (size_t i = 0; i < sizeof(counted_arrays) / sizeof(counted_arrays[0]); i++)
        if (flags & counted_arrays[i].flag) {
            field->flags |= VMWIRE_DECLARED_VARRAY;
            field->num_bytes = counted_arrays[i].bytes;
        }
    if (flags & VMWIRE_DECLARED_VBUFFER)
        field->size_bytes = BYTES_OF_SIZE;
}

/* Takes the places of the integers that the field depends on; QEMU 11.1 has their sizes beside them (struct
 * VMStateStructMember). */
static bool take_offsets(const struct search *search, uint64_t address,
                         struct vmwire_declared_field *field)
{
    const struct field_shape *shape = &search->shape->field;
    unsigned bytes = shape->sized_offsets ? 4 : 8;
    uint64_t num_bytes = field->num_bytes, size_bytes = field->size_bytes;
    if (!read_number(search, address, shape->num_offset, bytes, &field->num_offset) ||
        !read_number(search, address, shape->size_offset, bytes, &field->size_offset))
        return false;
    if (shape->sized_offsets &&
        (!read_number(search, address, (uint16_t)(shape->num_offset + 4), 1, &num_bytes) ||
         !read_number(search, address, (uint16_t)(shape->size_offset + 4), 1, &size_bytes)))
        return false;
    field->num_bytes = (uint8_t)num_bytes;
    field->size_bytes = (uint8_t)size_bytes;
    return num_bytes <= 8 && size_bytes <= 8;
}

/* Reads the numbers of a field. Returns false when one of them is none that QEMU has. */
static bool read_field_numbers(const struct search *search, uint64_t address,
                               struct vmwire_declared_field *field)
{
    const struct field_shape *shape = &search->shape->field;
    uint64_t num, flags, version, struct_version;
    if (!read_number(search, address, shape->offset, 8, &field->offset) ||
        !read_number(search, address, shape->size, 8, &field->size) ||
        !read_number(search, address, shape->start, 8, &field->start) ||
        !read_number(search, address, shape->num, 4, &num) ||
        !read_number(search, address, shape->flags, 4, &flags) ||
        !read_number(search, address, shape->version, 4, &version) ||
        !read_number(search, address, shape->struct_version, 4, &struct_version))
        return false;
    take_flags(shape, field, (uint32_t)flags);
    if (!take_offsets(search, address, field))
        return false;
    field->num = (uint32_t)num;
    field->version_id = (uint32_t)version;
    field->struct_version_id = (uint32_t)struct_version;
    return !(flags & ~(uint64_t)shape->flags_known) && field->offset < OFFSET_LIMIT &&
           field->size <= UINT32_MAX && field->start < OFFSET_LIMIT && num <= INT32_MAX &&
           field->num_offset < OFFSET_LIMIT && field->size_offset < OFFSET_LIMIT &&
           version < VERSION_LIMIT && struct_version < VERSION_LIMIT;
}

/* Whether the place of a structure is at the address, but nothing in it: where a program is built without a device, QEMU
 * has stubs for the structures that others refer to. */
static bool is_stub(const struct search *search, uint64_t address)
{
    uint64_t number;
    for (uint16_t at = 0; at < search->shape->structure.size; at += 8)
        if (!program_image_number(&search->image, address + at, 8, &number) || number)
            return false;
    return true;
}

/* Whether a structure can be at the address: it begins with a name. */
static bool may_be_structure(const struct search *search, uint64_t address)
{
    return read_string(search, address) || program_image_undefined(&search->image, address) ||
           is_stub(search, address);
}

/* Reads the field at the address. `structure` is set to the address of its structure, or 0. Returns false when there is
 * none. */
static bool read_field(const struct search *search, uint64_t address,
                       struct vmwire_declared_field *field, uint64_t *structure)
{
    const struct field_shape *shape = &search->shape->field;
    uint64_t type, hint, function;
    field->name = read_string(search, address);
    if (!field->name || !read_field_numbers(search, address, field) ||
        !read_pointer(search, address, shape->info, &type) ||
        !read_pointer(search, address, shape->structure, structure) ||
        !read_pointer(search, address, shape->exists, &function) ||
        !read_pointer(search, address, shape->hint, &hint))
        return false;
    field->type = type ? read_type(search, type) : NULL;
    if ((type && !field->type) || (*structure && !may_be_structure(search, *structure)))
        return false;
    return type || *structure || field->flags & VMWIRE_DECLARED_MUST_EXIST;
}

/* Whether the list of fields ends here: an entry without a name, and with the flags that say so. */
static bool is_end_of_fields(const struct search *search, uint64_t address)
{
    const struct field_shape *shape = &search->shape->field;
    uint64_t name, flags;
    if (!program_image_pointer(&search->image, address, &name) || name ||
        !read_number(search, address, shape->flags, 4, &flags))
        return false;
    return flags == shape->end;
}

/* Counts the fields of a list; SIZE_MAX: it is none, or too many fields were read. */
static size_t count_fields(const struct search *search, uint64_t fields)
{
    uint64_t structure, address = fields;
    for (size_t count = 0; count < FIELDS_LIMIT && *search->fields_left; count++) {
        struct vmwire_declared_field field = {0};
        if (is_end_of_fields(search, address))
            return count;
        --*search->fields_left;
        if (!read_field(search, address, &field, &structure))
            return SIZE_MAX;
        address += search->shape->field.size_of_one;
    }
    return SIZE_MAX;
}

/* The number of fields of a structure that was found. `fields` is 0 where it has no list. */
static size_t list_length(const struct search *search, uint64_t fields)
{
    size_t count = fields ? count_fields(search, fields) : 0;
    return count == SIZE_MAX ? 0 : count;
}

/* ---- Structures ---- */

static uint64_t subsection_step(const struct search *search)
{
    return search->shape->structure.subsections_with_needed ? 16 : 8;
}

/* Counts the subsections of a list; SIZE_MAX: it is none. */
static size_t count_subsections(const struct search *search, uint64_t list)
{
    for (size_t count = 0; count < SUBSECTIONS_LIMIT; count++) {
        uint64_t structure;
        if (!program_image_pointer(&search->image, list + count * subsection_step(search),
                                   &structure))
            return SIZE_MAX;
        if (!structure)
            return count;
        if (!may_be_structure(search, structure))
            return SIZE_MAX;
    }
    return SIZE_MAX;
}

/* The bytes at `unmigratable`: an int, or one bool or two. Each is 0 or 1. */
static bool read_truths(const struct search *search, uint64_t address,
                        struct vmwire_declared_structure *structure)
{
    const struct structure_shape *shape = &search->shape->structure;
    uint64_t bytes[4];
    if (shape->unmigratable == ABSENT)
        return true;
    for (uint16_t i = 0; i < 4; i++)
        if (!read_number(search, address, (uint16_t)(shape->unmigratable + i), 1, &bytes[i]) ||
            bytes[i] > 1)
            return false;
    structure->unmigratable = bytes[0] || bytes[3]; /* 3: of an int, the other byte order */
    structure->early_setup = bytes[1];
    return !bytes[2];
}

/* The name of a structure; empty: a null pointer. NULL: there is neither. */
static const char *read_structure_name(const struct search *search, uint64_t address)
{
    uint64_t pointer;
    const char *name = read_string(search, address);
    bool null = !name && program_image_pointer(&search->image, address, &pointer) && !pointer;
    return null ? "" : name;
}

/* Reads what stands at the address, but for its fields and subsections, whose lists are set. Returns false when no structure
 * of the shape can be there. One without a name has fields. */
static bool read_structure(const struct search *search, uint64_t address,
                           struct vmwire_declared_structure *structure, uint64_t *fields,
                           uint64_t *subsections)
{
    const struct structure_shape *shape = &search->shape->structure;
    uint64_t version, minimum, priority, padding, function;
    structure->name = read_structure_name(search, address);
    if (!structure->name || !read_truths(search, address, structure) ||
        !read_number(search, address, shape->version, 4, &version) || version >= VERSION_LIMIT ||
        !read_number(search, address, shape->minimum_version, 4, &minimum) || minimum > version ||
        !read_number(search, address, shape->priority, 4, &priority) || priority > UINT8_MAX ||
        !read_number(search, address, shape->padding, 4, &padding) || padding ||
        !read_pointer(search, address, shape->fields, fields) ||
        !read_pointer(search, address, shape->subsections, subsections) ||
        (!structure->name[0] && !*fields))
        return false;
    for (uint16_t i = 0; i < shape->function_count; i++)
        if (!read_pointer(search, address, (uint16_t)(shape->functions + 8 * i), &function))
            return false;
    if (!read_pointer(search, address, shape->needed, &function))
        return false;
    structure->address = address;
    structure->version_id = (uint32_t)version;
    structure->minimum_version_id = (uint32_t)minimum;
    structure->priority = (int32_t)priority;
    structure->conditional = function != 0;
    structure->has_fields = *fields != 0;
    return true;
}

/* Whether a structure with a list of fields is at the address. `count` is set to their number. */
static bool is_structure(const struct search *search, uint64_t address, size_t *count)
{
    struct vmwire_declared_structure structure = {0};
    uint64_t fields, subsections;
    if (!read_structure(search, address, &structure, &fields, &subsections) || !fields)
        return false;
    *count = count_fields(search, fields);
    return *count != SIZE_MAX && (*count || structure.version_id) &&
           (!subsections || count_subsections(search, subsections) != SIZE_MAX);
}

/* Whether the address is in a list of options of QEMU (QemuOptsList, include/qemu/option.h): the last one (QemuOptDesc) looks
 * like a structure that cannot be migrated if its type is 1. In front of the options is the head of an empty list. */
static bool is_option(const struct search *search, uint64_t address)
{
    enum { OPTION = 32, OPTIONS_LIMIT = 256, TYPES = 4 };
    for (int i = 0; i < OPTIONS_LIMIT; i++, address -= OPTION) {
        uint64_t head, last, type;
        if (program_image_pointer(&search->image, address - 8, &last) && last == address - 16 &&
            program_image_number(&search->image, address - 16, 8, &head) && !head)
            return true;
        if (!read_string(search, address - OPTION) ||
            !program_image_number(&search->image, address - OPTION + 8, 4, &type) || type >= TYPES)
            return false;
    }
    return false;
}

/* Whether a structure is at the address that only has a name and cannot be migrated: all else is zero. */
static bool is_unmigratable(const struct search *search, uint64_t address)
{
    const struct structure_shape *shape = &search->shape->structure;
    struct vmwire_declared_structure structure = {0};
    uint64_t fields, subsections, number;
    if (!read_structure(search, address, &structure, &fields, &subsections) ||
        !structure.unmigratable || is_option(search, address))
        return false;
    for (uint16_t at = shape->version; at < shape->size; at += 4)
        if (!read_number(search, address, at, 4, &number) || number)
            return false;
    return true;
}

static void add_finding(const struct search *search, struct findings *findings, uint64_t address)
{
    findings->addresses = vmwire_arena_grow(search->arena, findings->addresses, findings->count,
                                            &findings->room, sizeof(*findings->addresses));
    findings->addresses[findings->count++] = address;
}

/* Finds the words of a segment that refer to a name. */
static void find_named_words(struct search *search, const struct image_segment *segment)
{
    uint64_t begin = (segment->address + 7) / 8 * 8 - segment->address;
    if (!segment->fixed && !segment->relocated)
        return; /* no word is an address */
    for (uint64_t at = begin; at < segment->bytes.length; at += 8) {
        if (segment->relocated && !segment->relocated[at / 64]) {
            at |= 56; /* none among eight words */
            continue;
        }
        if (!read_string(search, segment->address + at))
            continue;
        search->named = vmwire_arena_grow(search->arena, search->named, search->named_count,
                                          &search->named_room, sizeof(*search->named));
        search->named[search->named_count++] = segment->address + at;
    }
}

static void find_structures(const struct search *search, struct findings *findings)
{
    for (size_t i = 0; i < search->named_count; i++) {
        size_t count = 0;
        if (!is_structure(search, search->named[i], &count) &&
            !is_unmigratable(search, search->named[i]))
            continue;
        add_finding(search, findings, search->named[i]);
        findings->with_fields += count > 0 && count != SIZE_MAX;
    }
}

static int compare_addresses(const void *a_pointer, const void *b_pointer)
{
    uint64_t a = *(const uint64_t *)a_pointer, b = *(const uint64_t *)b_pointer;
    return (a > b) - (a < b);
}

/* Whether a word of the program refers to a name: a field begins so, too. */
static bool is_named(const struct search *search, uint64_t address)
{
    return search->named_count && bsearch(&address, search->named, search->named_count,
                                          sizeof(address), compare_addresses) != NULL;
}

/* Adds the structures without a name, which get one when QEMU runs (its hw/net/eepro100.c): what refers to a list of fields is part
 * of one. They do not count when the shape is found. */
static void add_nameless(const struct search *search, struct findings *findings,
                         const struct image_segment *segment)
{
    const uint64_t place = search->shape->structure.fields;
    uint64_t begin = (segment->address + 7) / 8 * 8 - segment->address, name, fields;
    if (!segment->fixed && !segment->relocated)
        return;
    for (uint64_t at = begin; at < segment->bytes.length; at += 8) {
        if (segment->relocated && !segment->relocated[at / 64]) {
            at |= 56; /* none among eight words */
            continue;
        }
        struct vmwire_declared_structure structure = {0};
        uint64_t address = segment->address + at - place, subsections;
        size_t count = 0;
        if (at >= place && program_image_pointer(&search->image, address, &name) && !name &&
            program_image_pointer(&search->image, address + place, &fields) &&
            is_named(search, fields) && is_structure(search, address, &count) && count &&
            read_structure(search, address, &structure, &fields, &subsections) &&
            structure.minimum_version_id)
            add_finding(search, findings, address);
    }
}

static bool is_found(const struct findings *findings, size_t sorted, uint64_t address)
{
    return sorted && bsearch(&address, findings->addresses, sorted, sizeof(address),
                             compare_addresses) != NULL;
}

/* Adds a structure that another one refers to, and that has no list of fields. */
static void add_referred(const struct search *search, struct findings *findings, size_t sorted,
                         uint64_t address)
{
    struct vmwire_declared_structure structure = {0};
    uint64_t fields, subsections;
    if (!address || is_found(findings, sorted, address))
        return;
    if (is_stub(search, address) ||
        (read_structure(search, address, &structure, &fields, &subsections) && !fields &&
         (!subsections || count_subsections(search, subsections) != SIZE_MAX)))
        add_finding(search, findings, address);
}

/* Adds what the findings refer to, and sorts. */
static void complete_findings(const struct search *search, struct findings *findings)
{
    size_t sorted = findings->count;
    for (size_t i = 0; i < sorted; i++) {
        struct vmwire_declared_structure structure = {0};
        uint64_t fields = 0, subsections = 0, referred = 0;
        read_structure(search, findings->addresses[i], &structure, &fields, &subsections);
        for (size_t count = list_length(search, fields); count > 0; count--) {
            struct vmwire_declared_field field = {0};
            read_field(search, fields, &field, &referred);
            add_referred(search, findings, sorted, referred);
            fields += search->shape->field.size_of_one;
        }
        for (size_t count = subsections ? count_subsections(search, subsections) : 0; count > 0;
             count--) {
            program_image_pointer(&search->image, subsections, &referred);
            add_referred(search, findings, sorted, referred);
            subsections += subsection_step(search);
        }
    }
    qsort(findings->addresses, findings->count, sizeof(*findings->addresses), compare_addresses);
    size_t kept = 0;
    for (size_t i = 0; i < findings->count; i++)
        if (i == 0 || findings->addresses[i] != findings->addresses[kept - 1])
            findings->addresses[kept++] = findings->addresses[i];
    findings->count = kept;
}

/* ---- The result ---- */

static const struct vmwire_declared_structure *
find_declared(const struct vmwire_declarations *declarations, uint64_t address)
{
    size_t begin = 0, end = declarations->structure_count;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        if (declarations->structures[middle].address == address)
            return &declarations->structures[middle];
        if (declarations->structures[middle].address < address)
            begin = middle + 1;
        else
            end = middle;
    }
    return NULL;
}

/* The fields whose existence a function decides, and the structures. */
struct conditions {
    struct condition {
        uint64_t function;
        bool of_structure;
        uint32_t *number;
    } * each;
    size_t count, room;
};

static void add_condition(const struct search *search, struct conditions *conditions,
                          struct condition condition)
{
    conditions->each = vmwire_arena_grow(search->arena, conditions->each, conditions->count,
                                         &conditions->room, sizeof(*conditions->each));
    conditions->each[conditions->count++] = condition;
}

/* Those of fields first, then in the order of their addresses. */
static int compare_functions(const void *a_pointer, const void *b_pointer)
{
    const struct condition *a = a_pointer, *b = b_pointer;
    if (a->of_structure != b->of_structure)
        return a->of_structure ? 1 : -1;
    return (a->function > b->function) - (a->function < b->function);
}

/* Numbers the functions, and reads what each asks. */
static void number_conditions(struct code_reader *reader, const struct conditions *conditions,
                              struct vmwire_program_facts *facts)
{
    struct vmwire_condition *read =
        vmwire_arena_alloc(reader->arena, conditions->count * sizeof(*read));
    if (conditions->count)
        qsort(conditions->each, conditions->count, sizeof(*conditions->each), compare_functions);
    for (size_t i = 0; i < conditions->count; i++) {
        const struct condition *each = &conditions->each[i];
        if (i == 0 || each->function != each[-1].function ||
            each->of_structure != each[-1].of_structure)
            read[facts->condition_count++] = read_condition(reader, each->function);
        *each->number = (uint32_t)facts->condition_count;
    }
    facts->conditions = read;
}

static void fill_fields(const struct search *search, const struct vmwire_declarations *declarations,
                        struct conditions *conditions, struct vmwire_declared_structure *structure,
                        uint64_t fields)
{
    structure->field_count = list_length(search, fields);
    structure->fields =
        vmwire_arena_alloc(search->arena, structure->field_count * sizeof(*structure->fields));
    for (size_t i = 0; i < structure->field_count; i++) {
        struct vmwire_declared_field *field = &structure->fields[i];
        uint64_t address = fields + i * search->shape->field.size_of_one;
        uint64_t referred = 0, function = 0;
        read_field(search, address, field, &referred);
        read_pointer(search, address, search->shape->field.exists, &function);
        field->structure = find_declared(declarations, referred);
        if (function)
            add_condition(search, conditions,
                          (struct condition){function, false, &field->condition});
    }
}

static void fill_subsections(const struct search *search,
                             const struct vmwire_declarations *declarations,
                             struct vmwire_declared_structure *structure, uint64_t list)
{
    size_t count = list ? count_subsections(search, list) : 0;
    structure->subsections =
        vmwire_arena_alloc(search->arena, count * sizeof(*structure->subsections));
    for (size_t i = 0; i < count; i++) {
        uint64_t referred = 0;
        program_image_pointer(&search->image, list + i * subsection_step(search), &referred);
        const struct vmwire_declared_structure *found = find_declared(declarations, referred);
        if (found)
            structure->subsections[structure->subsection_count++] = found;
    }
}

/* The function that decides whether the structure is sent, if it has one. */
static void add_needed(const struct search *search, struct conditions *conditions,
                       struct vmwire_declared_structure *structure)
{
    uint64_t function = 0;
    if (structure->conditional &&
        read_pointer(search, structure->address, search->shape->structure.needed, &function) &&
        function)
        add_condition(search, conditions, (struct condition){function, true, &structure->needed});
}

/* Reads what functions ask, and the types. */
static void add_facts(const struct search *search, struct code_reader *reader,
                      const struct conditions *conditions, const struct findings *findings,
                      struct vmwire_declarations *declarations)
{
    number_conditions(reader, conditions, &declarations->facts);
    struct found_types types =
        find_types(&search->image, search->arena, search->named, search->named_count);
    struct vmwire_program_facts *facts = &declarations->facts;
    add_registered_types(reader, &types);
    add_types(reader, &types, findings->addresses, findings->count, facts);
    add_machines(reader, &types, facts);
    if (!reader->steps_left) /* what is not complete would be wrong */
        facts->type_count = facts->machine_count = facts->value_count = 0;
}

static const struct vmwire_declarations *make_declarations(const struct search *search,
                                                           struct code_reader *reader,
                                                           const struct findings *findings)
{
    struct vmwire_declarations *declarations =
        vmwire_arena_alloc(search->arena, sizeof(*declarations));
    declarations->shape = search->shape->releases;
    declarations->structure_count = findings->count;
    declarations->structures =
        vmwire_arena_alloc(search->arena, findings->count * sizeof(*declarations->structures));
    for (size_t i = 0; i < findings->count; i++)
        declarations->structures[i].address = findings->addresses[i];
    struct conditions conditions = {0};
    for (size_t i = 0; i < findings->count; i++) {
        uint64_t fields = 0, subsections = 0;
        struct vmwire_declared_structure *structure = &declarations->structures[i];
        if (!read_structure(search, structure->address, structure, &fields, &subsections))
            structure->name = ""; /* a stub */
        fill_fields(search, declarations, &conditions, structure, fields);
        fill_subsections(search, declarations, structure, subsections);
        add_needed(search, &conditions, structure);
    }
    add_facts(search, reader, &conditions, findings, declarations);
    return declarations;
}

/* ---- The search ---- */

/* What a caller asks for, for an attempt. */
struct request {
    struct vmwire_arena *arena;
    const struct vmwire_bytes *files;
    size_t file_count;
    size_t *fault;
    struct vmwire_error *error;
    const struct vmwire_declarations *found;
    struct code_reader code;
};

/* Says which shapes were tried and what came of each. */
static bool fail_to_fit(const struct findings *findings, struct vmwire_error *error)
{
    char tried[256] = "";
    size_t length = 0;
    for (size_t i = 0; i < program_shape_count && length < sizeof(tried); i++) {
        int added = snprintf(tried + length, sizeof(tried) - length, "%s%s: %zu", i ? ", " : "",
                             program_shapes[i].releases, findings[i].with_fields);
        length += added > 0 ? (size_t)added : 0;
    }
    return vmwire_error_set(
        error, VMWIRE_ERROR_PROGRAM, VMWIRE_ERROR_NO_OFFSET,
        "no system emulator of QEMU whose declarations have a known shape; structures found with "
        "that of each release (at least %d are needed): %s",
        LEAST_STRUCTURES, tried);
}

/* Puts the files into the image. */
static bool load_files(const struct request *request, struct program_image *image)
{
    for (size_t i = 0; i < request->file_count; i++) {
        *request->fault = i;
        if (!program_image_add(image, request->files[i], request->error))
            return false;
    }
    *request->fault = 0;
    return true;
}

/* Searches with each shape. Returns the findings of the one that fits best; NULL with the error set where none does. */
static struct findings *find_best(struct search *search, struct vmwire_error *error)
{
    struct findings *findings =
        vmwire_arena_alloc(search->arena, program_shape_count * sizeof(*findings));
    size_t best = 0;
    for (size_t i = 0; i < search->image.segment_count; i++)
        find_named_words(search, &search->image.segments[i]);
    for (size_t i = 0; i < program_shape_count; i++) {
        search->shape = &program_shapes[i];
        find_structures(search, &findings[i]);
        if (findings[i].with_fields > findings[best].with_fields)
            best = i;
    }
    search->shape = &program_shapes[best];
    if (findings[best].with_fields >= LEAST_STRUCTURES)
        return &findings[best];
    fail_to_fit(findings, error);
    return NULL;
}

static bool search_program(void *context)
{
    struct request *request = context;
    uint64_t fields_left = FIELDS_MORE;
    struct search search = {
        .arena = request->arena, .image = {.arena = request->arena}, .fields_left = &fields_left};
    for (size_t i = 0; i < request->file_count; i++)
        fields_left += request->files[i].length / BYTES_OF_FIELD;
    if (!load_files(request, &search.image))
        return false;
    struct findings *found = find_best(&search, request->error);
    if (found) {
        for (size_t i = 0; i < search.image.segment_count; i++)
            add_nameless(&search, found, &search.image.segments[i]);
        qsort(found->addresses, found->count, sizeof(*found->addresses), compare_addresses);
        complete_findings(&search, found);
        if (!code_reader_open(&request->code, &search.image, search.arena))
            return vmwire_error_set_memory(request->error, 0);
        for (size_t i = 0; i < request->file_count; i++)
            request->code.steps_left += STEPS_MORE + request->files[i].length / BYTES_OF_STEP;
        request->found = make_declarations(&search, &request->code, found);
    }
    return fields_left
               ? found != NULL
               : vmwire_error_set(request->error, VMWIRE_ERROR_LIMIT, VMWIRE_ERROR_NO_OFFSET,
                                  "more fields than a program of this size can have");
}

const struct vmwire_declarations *vmwire_declarations_find(struct vmwire_arena *arena,
                                                           const struct vmwire_bytes *files,
                                                           size_t file_count, size_t *fault,
                                                           struct vmwire_error *error)
{
    struct request request = {
        .arena = arena, .files = files, .file_count = file_count, .fault = fault, .error = error};
    *fault = 0;
    bool found = vmwire_arena_attempt(arena, search_program, &request, error);
    code_reader_close(&request.code);
    return found ? request.found : NULL;
}

/* ---- Names ---- */

bool vmwire_program_names(struct vmwire_bytes program, const char *text)
{
    size_t length = strlen(text) + 1; /* with its NUL */
    const uint8_t *at = program.data, *end = program.data + program.length;
    while (at && (size_t)(end - at) > length) {
        at = memmem(at, (size_t)(end - at), text, length);
        /* The first string of a segment can stand behind any byte of a table. */
        if (at && at > program.data && (at[-1] < ' ' || at[-1] > '~'))
            return true;
        at = at ? at + 1 : NULL;
    }
    return false;
}

bool vmwire_program_loads(struct vmwire_bytes program, struct vmwire_bytes module)
{
    static const char begin[] = "\0qemu_stamp_"; /* in the table of its symbols */
    char stamp[128];
    const uint8_t *at =
        module.length ? memmem(module.data, module.length, begin, sizeof(begin) - 1) : NULL;
    if (!at)
        return true;
    at++; /* behind the NUL */
    size_t left = module.length - (size_t)(at - module.data),
           length = strnlen((const char *)at, left);
    if (length == left || length >= sizeof(stamp))
        return false;
    memcpy(stamp, at, length + 1);
    return vmwire_program_names(program, stamp);
}

const char *vmwire_declared_flag_name(uint32_t flag)
{
    static const struct {
        uint32_t flag;
        const char *name;
    } names[] = {
        {VMWIRE_DECLARED_SINGLE, "single"},
        {VMWIRE_DECLARED_POINTER, "pointer"},
        {VMWIRE_DECLARED_ARRAY, "array"},
        {VMWIRE_DECLARED_STRUCT, "struct"},
        {VMWIRE_DECLARED_VARRAY, "varray"},
        {VMWIRE_DECLARED_BUFFER, "buffer"},
        {VMWIRE_DECLARED_ARRAY_OF_POINTER, "array_of_pointer"},
        {VMWIRE_DECLARED_VBUFFER, "vbuffer"},
        {VMWIRE_DECLARED_MULTIPLY, "multiply"},
        {VMWIRE_DECLARED_MUST_EXIST, "must_exist"},
        {VMWIRE_DECLARED_ALLOC, "alloc"},
        {VMWIRE_DECLARED_MULTIPLY_ELEMENTS, "multiply_elements"},
        {VMWIRE_DECLARED_VSTRUCT, "vstruct"},
        {VMWIRE_DECLARED_AUTO_ALLOC, "auto_alloc"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (flag == names[i].flag)
            return names[i].name;
    return NULL;
}
