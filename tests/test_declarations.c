/* SPDX-License-Identifier: MIT */
/*
 * Declarations of spoiled programs: bytes of a program and its module are changed, one at a time. What comes back is an
 * error, or declarations that hold together; memory stays bounded. tests/declarations.py tests what is found in good ones.
 *
 *     VMWIRE_FLIPS       changed bytes of each program (default: 1000)
 *     VMWIRE_SEED        another seed of their places and values
 *     VMWIRE_PROGRAMS    programs to take in place of those that the Makefile makes beside this test, with ":" between
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmwire/declarations.h"
#include "vmwire/input.h"

/* Bytes of memory for each byte of the files, and so many more. */
enum { MEMORY_OF_BYTE = 16, MEMORY_MORE = 32 << 20 };

static char folder[4096]; /* of this test */

/* ---- Programs ---------------------------------------------------------------------------------- */

/* A file in memory that can be changed. */
struct subject {
    uint8_t *data;
    size_t length;
    struct part {
        size_t offset, length;
    } parts[64]; /* the last one is the whole file */
    size_t part_count;
};

static void add_part(struct subject *subject, uint64_t offset, uint64_t length)
{
    if (length && offset < subject->length && length <= subject->length - offset)
        subject->parts[subject->part_count++] = (struct part){(size_t)offset, (size_t)length};
}

/* The part of the file that a segment places at an address, up to the segment's end. */
static void add_part_at(struct subject *subject, Elf *elf, size_t count, uint64_t address)
{
    GElf_Phdr header;
    for (size_t i = 0; i < count; i++)
        if (gelf_getphdr(elf, (int)i, &header) && header.p_type == PT_LOAD &&
            address - header.p_vaddr < header.p_filesz)
            add_part(subject, header.p_offset + (address - header.p_vaddr),
                     header.p_filesz - (address - header.p_vaddr));
}

static void add_dynamic_parts(struct subject *subject, Elf *elf, size_t count,
                              const GElf_Phdr *dynamic)
{
    static const uint64_t tags[] = {DT_RELA, DT_RELR, DT_SYMTAB, DT_STRTAB, DT_HASH, DT_GNU_HASH};
    for (size_t at = 0; at + 16 <= dynamic->p_filesz; at += 16) {
        uint64_t entry[2]; /* of a program for this machine */
        memcpy(entry, subject->data + dynamic->p_offset + at, sizeof(entry));
        for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
            if (entry[0] == tags[i])
                add_part_at(subject, elf, count, entry[1]);
    }
}

/* The parts that are read: headers, dynamic section and the tables that it names, segments. */
static void find_parts(struct subject *subject)
{
    size_t count = 0;
    GElf_Phdr header;
    elf_version(EV_CURRENT);
    Elf *elf = elf_memory((char *)subject->data, subject->length);
    assert_int_equal(elf_getphdrnum(elf, &count), 0);
    add_part(subject, 0, 64);
    add_part(subject, 64, count * 56);
    for (size_t i = 0; i < count; i++) {
        if (!gelf_getphdr(elf, (int)i, &header))
            continue;
        if (header.p_type == PT_DYNAMIC)
            add_dynamic_parts(subject, elf, count, &header);
        if (header.p_type == PT_DYNAMIC || header.p_type == PT_LOAD)
            add_part(subject, header.p_offset, header.p_filesz);
    }
    elf_end(elf);
    add_part(subject, 0, subject->length);
}

static void load_subject(struct subject *subject, const char *path)
{
    struct vmwire_input input;
    struct vmwire_error error = {0};
    if (!vmwire_input_open(&input, path, NULL, &error))
        fail_msg("%s: %s", path, error.message);
    *subject = (struct subject){.data = malloc(input.bytes.length), .length = input.bytes.length};
    assert_non_null(subject->data);
    memcpy(subject->data, input.bytes.data, input.bytes.length);
    vmwire_input_close(&input);
    find_parts(subject);
}

/* ---- What must hold ------------------------------------------------------------------------------ */

static void check_declarations(const struct vmwire_declarations *declarations)
{
    const struct vmwire_declared_structure *structures = declarations->structures;
    size_t count = declarations->structure_count, bytes = 0;
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || structures[i - 1].address < structures[i].address);
        assert_true(strlen(structures[i].name) <= 255);
        assert_true(structures[i].minimum_version_id <= structures[i].version_id);
        for (size_t k = 0; k < structures[i].subsection_count; k++)
            assert_true((size_t)(structures[i].subsections[k] - structures) < count);
        for (size_t k = 0; k < structures[i].field_count; k++) {
            const struct vmwire_declared_field *field = &structures[i].fields[k];
            bytes += strlen(field->name) + (field->type ? strlen(field->type) : 0);
            assert_true(!field->structure || (size_t)(field->structure - structures) < count);
            assert_true(field->num_bytes <= 8 && field->size_bytes <= 8);
            for (unsigned bit = 0; bit < 32; bit++)
                assert_true(!(field->flags >> bit & 1) ||
                            vmwire_declared_flag_name(UINT32_C(1) << bit));
        }
    }
    assert_true(bytes > 0);
}

/* Searches. Returns the number of structures, or 0 for an error. */
static size_t search(const struct subject *subjects, size_t count)
{
    struct vmwire_bytes files[2];
    struct vmwire_arena *arena = vmwire_arena_create();
    struct vmwire_error error = {0};
    size_t fault = SIZE_MAX, length = 0;
    assert_non_null(arena);
    for (size_t i = 0; i < count; i++) {
        files[i] = (struct vmwire_bytes){subjects[i].data, subjects[i].length};
        length += subjects[i].length;
    }
    const struct vmwire_declarations *found =
        vmwire_declarations_find(arena, files, count, &fault, &error);
    if (found)
        check_declarations(found);
    else
        assert_true(fault < count && error.message[0]);
    assert_true(vmwire_arena_peak(arena) <= length * MEMORY_OF_BYTE + MEMORY_MORE);
    if (count > 1)
        vmwire_program_loads(files[0], files[1]);
    size_t structures = found ? found->structure_count : 0;
    vmwire_arena_destroy(arena);
    return structures;
}

/* ---- Changed bytes ------------------------------------------------------------------------------- */

static uint64_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % below);
}

static unsigned long number_from(const char *name, unsigned long otherwise)
{
    const char *text = getenv(name);
    return text ? strtoul(text, NULL, 10) : otherwise;
}

/* Changes a byte in each part in turn, in one file or the other. */
static void flip_bytes(struct subject *subjects, size_t count)
{
    unsigned long flips = number_from("VMWIRE_FLIPS", 1000), found = 0;
    size_t complete = search(subjects, count);
    assert_true(complete > 0);
    seed = number_from("VMWIRE_SEED", 1);
    for (unsigned long i = 0; i < flips; i++) {
        struct subject *subject = &subjects[draw((uint32_t)count)];
        const struct part *part = &subject->parts[i % subject->part_count];
        size_t at = part->offset + draw((uint32_t)part->length);
        uint8_t change = draw(2) ? (uint8_t)(1 << draw(8)) : (uint8_t)(1 + draw(255));
        subject->data[at] ^= change;
        found += search(subjects, count) > 0;
        subject->data[at] ^= change;
    }
    printf("# %lu changed bytes: %lu answers, %lu errors\n", flips, found, flips - found);
    assert_int_equal(search(subjects, count), complete);
    assert_true(flips < 100 || (found > 0 && found < flips));
}

static void free_subjects(struct subject *subjects, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(subjects[i].data);
}

static void flip_made_program(const char *release)
{
    struct subject subjects[2];
    char path[sizeof(folder) + 64];
    snprintf(path, sizeof(path), "%s/declared_program_%s", folder, release);
    load_subject(&subjects[0], path);
    snprintf(path, sizeof(path), "%s/declared_module_%s.so", folder, release);
    load_subject(&subjects[1], path);
    flip_bytes(subjects, 2);
    free_subjects(subjects, 2);
}

static void test_changed_programs(void **state)
{
    static const char *const releases[] = {"203", "702", "1101"};
    char *programs = getenv("VMWIRE_PROGRAMS");
    (void)state;
    for (size_t i = 0; !programs && i < sizeof(releases) / sizeof(releases[0]); i++)
        flip_made_program(releases[i]);
    for (char *rest = NULL, *path = programs ? strtok_r(programs, ":", &rest) : NULL; path;
         path = strtok_r(NULL, ":", &rest)) {
        struct subject subject;
        load_subject(&subject, path);
        flip_bytes(&subject, 1);
        free_subjects(&subject, 1);
    }
}

/* ---- Too many fields ----------------------------------------------------------------------------- */

/* A list of many fields that many structures share at each of its places: as many readings as the square of its length. */
static void test_shared_fields(void **state)
{
    struct subject subject;
    char path[sizeof(folder) + 64];
    (void)state;
    snprintf(path, sizeof(path), "%s/declared_program_shared", folder);
    load_subject(&subject, path);
    assert_int_equal(search(&subject, 1), 0);
    free_subjects(&subject, 1);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changed_programs),
        cmocka_unit_test(test_shared_fields),
    };
    const char *slash = argc ? strrchr(argv[0], '/') : NULL;
    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - argv[0]) : 1,
             slash ? argv[0] : ".");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
