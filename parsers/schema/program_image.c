/* SPDX-License-Identifier: MIT */
/*
 * Reads ELF files with libelf. Of a file's tables only those are used that a loader uses, so a stripped file will do.
 */
#include "schema/program_image.h"

#include <errno.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEGMENTS_LIMIT = 64, /* of a file; QEMU's have about 12 */
    NAME_LIMIT = 255,
    WORD = 8,           /* bytes of a pointer */
    BASE_STEP = 1 << 30 /* files lie at multiples of it */
};

/* Addresses from here on are those of undefined symbols. */
#define UNDEFINED_BASE (UINT64_C(1) << 63)
/* Addresses of files end below it. */
#define ADDRESS_LIMIT (UINT64_C(1) << 62)

/* The relocations that make a word an address: the base and the addend; a symbol and the addend; a symbol. Numbers are those
 * of each processor's supplement to the ABI (elf.h: R_X86_64_RELATIVE, R_X86_64_64, R_X86_64_GLOB_DAT, ...). */
static const struct machine {
    uint16_t number;
    uint32_t relative, absolute, global;
    unsigned hash_word; /* bytes of a word of DT_HASH */
} machines[] = {
    {EM_X86_64, R_X86_64_RELATIVE, R_X86_64_64, R_X86_64_GLOB_DAT, 4},
    {EM_AARCH64, R_AARCH64_RELATIVE, R_AARCH64_ABS64, R_AARCH64_GLOB_DAT, 4},
    {EM_PPC64, R_PPC64_RELATIVE, R_PPC64_ADDR64, R_PPC64_GLOB_DAT, 4},
    {EM_S390, R_390_RELATIVE, R_390_64, R_390_GLOB_DAT, 8},
    {EM_RISCV, R_RISCV_RELATIVE, R_RISCV_64, R_RISCV_64, 4},
    {EM_LOONGARCH, R_LARCH_RELATIVE, R_LARCH_64, R_LARCH_64, 4},
    {EM_SPARCV9, R_SPARC_RELATIVE, R_SPARC_64, R_SPARC_GLOB_DAT, 4},
    {EM_ALPHA, R_ALPHA_RELATIVE, R_ALPHA_REFQUAD, R_ALPHA_GLOB_DAT, 8},
};

/* A file while it is added. */
struct addition {
    struct program_image *image;
    struct vmwire_bytes file;
    struct vmwire_error *error;
    Elf *elf;
    const struct machine *machine;
    uint64_t base;
    size_t first_segment; /* of the image: those of this file go to the end */
    bool fixed;           /* it lies where it says (ET_EXEC) */
    bool is_program;      /* it is one to be started: ET_EXEC, or with an interpreter or DF_1_PIE */
    uint64_t rela, rela_size, relr, relr_size, symbols, strings, strings_size, hash, gnu_hash,
        flags, begin, begin_size;
};

/* ---- Looking up ---- */

const struct image_segment *program_image_segment(const struct program_image *image,
                                                  uint64_t address)
{
    size_t begin = 0, end = image->segment_count;
    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;
        const struct image_segment *segment = &image->segments[middle];
        if (address - segment->address < segment->length)
            return segment;
        if (address < segment->address)
            end = middle;
        else
            begin = middle + 1;
    }
    return NULL;
}

static uint64_t decode(const uint8_t *bytes, unsigned size, bool big_endian)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < size; i++)
        number = number << 8 | bytes[big_endian ? i : size - 1 - i];
    return number;
}

static void encode(uint8_t *bytes, uint64_t number, bool big_endian)
{
    for (unsigned i = 0; i < WORD; i++)
        bytes[big_endian ? WORD - 1 - i : i] = (uint8_t)(number >> 8 * i);
}

bool program_image_number(const struct program_image *image, uint64_t address, unsigned size,
                          uint64_t *number)
{
    const struct image_segment *segment = program_image_segment(image, address);
    uint64_t at = segment ? address - segment->address : 0;
    if (!segment || segment->length - at < size)
        return false;
    uint8_t bytes[WORD] = {0};
    if (at < segment->bytes.length) {
        size_t left = segment->bytes.length - (size_t)at;
        memcpy(bytes, segment->bytes.data + at, left < size ? left : size);
    }
    *number = decode(bytes, size, image->big_endian);
    return true;
}

bool program_image_pointer(const struct program_image *image, uint64_t address, uint64_t *pointer)
{
    if (address % WORD != 0 || !program_image_number(image, address, WORD, pointer))
        return false;
    if (*pointer == 0)
        return true;
    const struct image_segment *segment = program_image_segment(image, address);
    size_t word = (size_t)((address - segment->address) / WORD);
    if (segment->relocated)
        return segment->relocated[word / 8] >> word % 8 & 1;
    return segment->fixed && program_image_segment(image, *pointer) != NULL;
}

/* The bytes as a C string, if it is printable ASCII and has 1 to `most` bytes; else NULL. */
static const char *find_text(const uint8_t *bytes, uint64_t left, size_t most)
{
    size_t length = 0;
    while (length < left && length <= most && bytes[length] >= ' ' && bytes[length] <= '~')
        length++;
    bool ends = length < left && bytes[length] == '\0';
    return ends && length > 0 && length <= most ? (const char *)bytes : NULL;
}

const char *program_image_string(const struct program_image *image, uint64_t address)
{
    const struct image_segment *segment = program_image_segment(image, address);
    uint64_t at = segment ? address - segment->address : 0;
    if (!segment || !segment->strings || at >= segment->bytes.length)
        return NULL;
    return find_text(segment->bytes.data + at, segment->bytes.length - at, NAME_LIMIT);
}

struct vmwire_bytes program_image_code(const struct program_image *image, uint64_t address)
{
    const struct image_segment *segment = program_image_segment(image, address);
    uint64_t at = segment ? address - segment->address : 0;
    if (!segment || !segment->code || at >= segment->bytes.length)
        return (struct vmwire_bytes){NULL, 0};
    return (struct vmwire_bytes){segment->bytes.data + at, segment->bytes.length - (size_t)at};
}

const char *program_image_undefined(const struct program_image *image, uint64_t address)
{
    bool undefined = address >= UNDEFINED_BASE && address - UNDEFINED_BASE < image->undefined_count;
    return undefined ? image->undefined[address - UNDEFINED_BASE] : NULL;
}

static int compare_symbols(const void *a, const void *b)
{
    return strcmp(((const struct image_symbol *)a)->name, ((const struct image_symbol *)b)->name);
}

/* ---- The parts of a file ---- */

__attribute__((format(printf, 2, 3))) static bool fail(const struct addition *addition,
                                                       const char *format, ...)
{
    char message[sizeof(addition->error->message)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    return vmwire_error_set(addition->error, VMWIRE_ERROR_PROGRAM, VMWIRE_ERROR_NO_OFFSET, "%s",
                            message);
}

/* Says why libelf cannot do something; it leaves in errno that memory ran out. */
static bool fail_to_read(const struct addition *addition, const char *what)
{
    if (errno == ENOMEM)
        return vmwire_error_set_memory(addition->error, 0);
    return fail(addition, "%s: %s", what, elf_errmsg(-1));
}

static const struct machine *find_machine(uint16_t number)
{
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
        if (machines[i].number == number)
            return &machines[i];
    return NULL;
}

/* Checks what kind of file it is. */
static bool check_header(struct addition *addition)
{
    GElf_Ehdr header;
    if (elf_kind(addition->elf) != ELF_K_ELF || !gelf_getehdr(addition->elf, &header))
        return fail(addition, "no ELF program");
    if (gelf_getclass(addition->elf) != ELFCLASS64)
        return fail(addition, "a 32-bit program; those of 64 bits are read");
    if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
        return fail(addition, "an ELF file that is no program and no module (type %u)",
                    header.e_type);
    addition->machine = find_machine(header.e_machine);
    if (!addition->machine)
        return fail(addition, "a program of a processor whose relocations are not known (%u)",
                    header.e_machine);
    addition->fixed = addition->is_program = header.e_type == ET_EXEC;
    bool big_endian = header.e_ident[EI_DATA] == ELFDATA2MSB;
    struct program_image *image = addition->image;
    if (!image->machine) {
        image->machine = header.e_machine;
        image->big_endian = big_endian;
    } else if (image->machine != header.e_machine || image->big_endian != big_endian) {
        return fail(addition, "a module for another processor than the program's");
    }
    return true;
}

/* The part of the file that a header places at `offset`. */
static bool check_part(const struct addition *addition, const char *what, uint64_t offset,
                       uint64_t length)
{
    if (offset <= addition->file.length && length <= addition->file.length - offset)
        return true;
    return vmwire_error_set(addition->error, VMWIRE_ERROR_TRUNCATED, addition->file.length,
                            "the file ends within its %s of %" PRIu64 " bytes at %" PRIu64, what,
                            length, offset);
}

static void add_segment(struct addition *addition, const GElf_Phdr *header)
{
    struct program_image *image = addition->image;
    image->segments = vmwire_arena_grow(image->arena, image->segments, image->segment_count,
                                        &image->segment_room, sizeof(*image->segments));
    struct image_segment *segment = &image->segments[image->segment_count++];
    *segment = (struct image_segment){
        .address = addition->base + header->p_vaddr,
        .bytes = {addition->file.data + header->p_offset, header->p_filesz},
        .length = header->p_memsz,
        .fixed = addition->fixed,
        .written = (header->p_flags & PF_W) != 0,
        .code = (header->p_flags & PF_X) != 0,
    };
    if (!(header->p_flags & PF_W))
        return;
    uint8_t *copy = vmwire_arena_alloc(image->arena, header->p_filesz);
    memcpy(copy, segment->bytes.data, header->p_filesz);
    segment->bytes.data = copy;
    if (!addition->fixed)
        segment->relocated = vmwire_arena_alloc(image->arena, header->p_filesz / WORD / 8 + 1);
}

/* The segments of a file ascend and do not overlap (System V ABI: PT_LOAD). */
static bool add_segments(struct addition *addition, size_t header_count)
{
    struct program_image *image = addition->image;
    uint64_t end = 0, bytes = 0;
    addition->first_segment = image->segment_count;
    addition->base = addition->fixed ? 0 : image->next_base;
    for (size_t i = 0; i < header_count; i++) {
        GElf_Phdr header;
        if (!gelf_getphdr(addition->elf, (int)i, &header))
            return fail_to_read(addition, "its program headers cannot be read");
        if (header.p_type != PT_LOAD || !header.p_memsz)
            continue;
        if (!check_part(addition, "segment", header.p_offset, header.p_filesz))
            return false;
        bytes += header.p_filesz;
        if (header.p_filesz > header.p_memsz || header.p_vaddr < end ||
            header.p_vaddr > ADDRESS_LIMIT || header.p_memsz > ADDRESS_LIMIT)
            return fail(addition, "its segment %zu does not lie behind the one before", i);
        if (bytes > addition->file.length ||
            image->segment_count - addition->first_segment == SEGMENTS_LIMIT)
            return fail(addition, "its segments share bytes, or are more than %d", SEGMENTS_LIMIT);
        end = header.p_vaddr + header.p_memsz;
        add_segment(addition, &header);
    }
    if (image->segment_count == addition->first_segment)
        return fail(addition, "it has nothing to load");
    if (addition->base > ADDRESS_LIMIT)
        return fail(addition, "too many modules");
    image->next_base = (addition->base + end) / BASE_STEP * BASE_STEP + BASE_STEP;
    return true;
}

/* The file's bytes at an address of its own; their number is set to what is left of the segment. NULL: none. */
static const uint8_t *find_own_bytes(const struct addition *addition, uint64_t address,
                                     uint64_t *left)
{
    uint64_t at = addition->base + address;
    const struct image_segment *segment = program_image_segment(addition->image, at);
    if (!segment || at - segment->address >= segment->bytes.length)
        return NULL;
    *left = segment->bytes.length - (at - segment->address);
    return segment->bytes.data + (at - segment->address);
}

static bool is_big_endian(const struct addition *addition)
{
    return addition->image->big_endian;
}

/* The entries of the dynamic section that are used. */
static const struct {
    uint64_t tag;
    size_t member; /* of struct addition: a uint64_t */
} dynamic_entries[] = {
    {DT_RELA, offsetof(struct addition, rela)},
    {DT_RELASZ, offsetof(struct addition, rela_size)},
    {DT_RELR, offsetof(struct addition, relr)},
    {DT_RELRSZ, offsetof(struct addition, relr_size)},
    {DT_SYMTAB, offsetof(struct addition, symbols)},
    {DT_STRTAB, offsetof(struct addition, strings)},
    {DT_STRSZ, offsetof(struct addition, strings_size)},
    {DT_HASH, offsetof(struct addition, hash)},
    {DT_GNU_HASH, offsetof(struct addition, gnu_hash)},
    {DT_FLAGS_1, offsetof(struct addition, flags)},
    {DT_INIT_ARRAY, offsetof(struct addition, begin)},
    {DT_INIT_ARRAYSZ, offsetof(struct addition, begin_size)},
};

static void read_dynamic(struct addition *addition, const uint8_t *entries, uint64_t length)
{
    for (uint64_t at = 0; length - at >= 16; at += 16) {
        uint64_t tag = decode(entries + at, 8, is_big_endian(addition));
        uint64_t value = decode(entries + at + 8, 8, is_big_endian(addition));
        if (tag == DT_NULL)
            break;
        for (size_t i = 0; i < sizeof(dynamic_entries) / sizeof(dynamic_entries[0]); i++)
            if (dynamic_entries[i].tag == tag)
                memcpy((char *)addition + dynamic_entries[i].member, &value, sizeof(value));
    }
    addition->is_program |= (addition->flags & DF_1_PIE) != 0;
}

/* Says where strings may lie. Where a file has segments that can only be read, linkers keep them out of those that can be
 * executed. */
static void mark_strings(const struct addition *addition, size_t header_count)
{
    uint32_t others = PF_W; /* flags of the segments without strings */
    size_t segment = addition->first_segment;
    GElf_Phdr header;
    for (size_t i = 0; i < header_count; i++)
        if (gelf_getphdr(addition->elf, (int)i, &header) && header.p_type == PT_LOAD &&
            header.p_memsz && !(header.p_flags & (PF_W | PF_X)))
            others = PF_W | PF_X;
    for (size_t i = 0; i < header_count; i++)
        if (gelf_getphdr(addition->elf, (int)i, &header) && header.p_type == PT_LOAD &&
            header.p_memsz)
            addition->image->segments[segment++].strings = !(header.p_flags & others);
}

static bool find_dynamic(struct addition *addition, size_t header_count)
{
    for (size_t i = 0; i < header_count; i++) {
        GElf_Phdr header;
        if (!gelf_getphdr(addition->elf, (int)i, &header))
            continue;
        addition->is_program |= header.p_type == PT_INTERP;
        if (header.p_type != PT_DYNAMIC)
            continue;
        if (!check_part(addition, "dynamic section", header.p_offset, header.p_filesz))
            return false;
        read_dynamic(addition, addition->file.data + header.p_offset, header.p_filesz);
    }
    return true;
}

/* ---- Symbols ---- */

enum {
    SYMBOL_SIZE = 24,        /* bytes */
    SYMBOL_NAME_LIMIT = 1024 /* bytes; QEMU's have fewer than 100 */
};

struct symbol_entry {
    const char *name; /* NULL: it has none */
    uint64_t value;
    bool defined;
};

/* The name at an offset of the file's string table; NULL: it has none there. */
static const char *find_symbol_name(const struct addition *addition, uint64_t offset)
{
    uint64_t left;
    if (offset >= addition->strings_size)
        return NULL;
    const uint8_t *text = find_own_bytes(addition, addition->strings + offset, &left);
    return text ? find_text(text, left, SYMBOL_NAME_LIMIT) : NULL;
}

/* Returns false when the table has no such entry. */
static bool read_symbol(const struct addition *addition, uint64_t index, struct symbol_entry *entry)
{
    uint64_t left;
    if (index > UINT32_MAX || !addition->symbols)
        return false;
    const uint8_t *bytes = find_own_bytes(addition, addition->symbols + index * SYMBOL_SIZE, &left);
    if (!bytes || left < SYMBOL_SIZE)
        return false;
    bool big_endian = is_big_endian(addition);
    entry->name = find_symbol_name(addition, decode(bytes, 4, big_endian));
    entry->defined = decode(bytes + 6, 2, big_endian) != SHN_UNDEF;
    entry->value = decode(bytes + 8, 8, big_endian);
    return true;
}

static uint32_t read_hash_word(const struct addition *addition, uint64_t address, unsigned size)
{
    uint64_t left;
    const uint8_t *bytes = find_own_bytes(addition, address, &left);
    return bytes && left >= size ? (uint32_t)decode(bytes, size, is_big_endian(addition)) : 0;
}

/* The number of symbols: only the hash tables tell it. The chains of GNU's end with an odd word. */
static uint64_t count_symbols(const struct addition *addition)
{
    unsigned word = addition->machine->hash_word;
    if (!addition->gnu_hash)
        return addition->hash ? read_hash_word(addition, addition->hash + word, word) : 0;
    uint64_t table = addition->gnu_hash;
    uint32_t buckets = read_hash_word(addition, table, 4);
    uint32_t first = read_hash_word(addition, table + 4, 4);
    uint64_t bucket = table + 16 + (uint64_t)read_hash_word(addition, table + 8, 4) * WORD;
    uint64_t chain = bucket + (uint64_t)buckets * 4, last = 0, left;
    for (uint32_t i = 0; i < buckets && find_own_bytes(addition, bucket + (uint64_t)i * 4, &left);
         i++) {
        uint32_t begins = read_hash_word(addition, bucket + (uint64_t)i * 4, 4);
        last = begins > last ? begins : last;
    }
    if (last < first)
        return first;
    while (find_own_bytes(addition, chain + (last - first) * 4, &left) &&
           !(read_hash_word(addition, chain + (last - first) * 4, 4) & 1))
        last++;
    return last + 1;
}

/* Keeps the symbols that the program defines. */
static void keep_symbols(struct addition *addition)
{
    struct program_image *image = addition->image;
    uint64_t count = count_symbols(addition);
    size_t room = 0;
    struct symbol_entry entry;
    for (uint64_t i = 1; i < count && read_symbol(addition, i, &entry); i++) {
        if (!entry.defined || !entry.name)
            continue;
        image->symbols = vmwire_arena_grow(image->arena, image->symbols, image->symbol_count, &room,
                                           sizeof(*image->symbols));
        image->symbols[image->symbol_count++] =
            (struct image_symbol){entry.name, addition->base + entry.value};
    }
    if (image->symbol_count)
        qsort(image->symbols, image->symbol_count, sizeof(*image->symbols), compare_symbols);
}

/* The address of a symbol: in this file, in the program, or where undefined ones are. */
static uint64_t resolve_symbol(struct addition *addition, const struct symbol_entry *entry)
{
    struct program_image *image = addition->image;
    if (entry->defined)
        return addition->base + entry->value;
    const struct image_symbol key = {.name = entry->name};
    const struct image_symbol *found = image->symbol_count
                                           ? bsearch(&key, image->symbols, image->symbol_count,
                                                     sizeof(*image->symbols), compare_symbols)
                                           : NULL;
    if (found)
        return found->address;
    image->undefined = vmwire_arena_grow(image->arena, image->undefined, image->undefined_count,
                                         &image->undefined_room, sizeof(*image->undefined));
    image->undefined[image->undefined_count] = entry->name;
    return UNDEFINED_BASE + image->undefined_count++;
}

/* ---- Relocations ---- */

/* The word at an address of the file, if it may be changed; its bit is set. NULL: it may not. */
static uint8_t *relocate_word(struct addition *addition, uint64_t address)
{
    uint64_t at = addition->base + address;
    const struct image_segment *segment = program_image_segment(addition->image, at);
    if (!segment || !segment->relocated || at % WORD != 0)
        return NULL;
    uint64_t offset = at - segment->address;
    if (offset >= segment->bytes.length || segment->bytes.length - offset < WORD ||
        segment->address % WORD != 0)
        return NULL;
    segment->relocated[offset / WORD / 8] |= (uint8_t)(1 << offset / WORD % 8);
    return (uint8_t *)segment->bytes.data + offset; /* a copy that the image owns */
}

static void relocate(struct addition *addition, uint64_t address, uint64_t value)
{
    uint8_t *word = relocate_word(addition, address);
    if (word)
        encode(word, value, is_big_endian(addition));
}

/* Applies one entry of DT_RELA: an offset, a symbol and a type, an addend. */
static void apply_rela(struct addition *addition, const uint8_t *entry)
{
    bool big_endian = is_big_endian(addition);
    uint64_t offset = decode(entry, 8, big_endian), info = decode(entry + 8, 8, big_endian),
             addend = decode(entry + 16, 8, big_endian);
    uint32_t type = (uint32_t)info;
    if (type == addition->machine->relative) {
        relocate(addition, offset, addition->base + addend);
        return;
    }
    struct symbol_entry symbol;
    if ((type != addition->machine->absolute && type != addition->machine->global) ||
        !read_symbol(addition, info >> 32, &symbol) || !symbol.name)
        return;
    relocate(addition, offset, resolve_symbol(addition, &symbol) + addend);
}

/* Applies DT_RELR: an even word is an address, an odd one has a bit for each of the 63 words behind (System V ABI). */
static void apply_relr(struct addition *addition, const uint8_t *words, uint64_t length)
{
    uint64_t next = 0, left;
    for (uint64_t at = 0; length - at >= WORD; at += WORD) {
        uint64_t word = decode(words + at, WORD, is_big_endian(addition));
        uint64_t bits = word & 1 ? word >> 1 : 1, place = word & 1 ? next : word;
        for (uint64_t to = place; bits; bits >>= 1, to += WORD) {
            const uint8_t *found = bits & 1 ? find_own_bytes(addition, to, &left) : NULL;
            if (found && left >= WORD)
                relocate(addition, to,
                         addition->base + decode(found, WORD, is_big_endian(addition)));
        }
        next = place + (word & 1 ? 63 : 1) * (uint64_t)WORD;
    }
}

static bool apply_relocations(struct addition *addition)
{
    uint64_t left = 0;
    const uint8_t *table = find_own_bytes(addition, addition->relr, &left);
    if (addition->relr_size && (!table || left < addition->relr_size))
        return fail(addition, "its table of relative relocations is not in its segments");
    if (addition->relr_size)
        apply_relr(addition, table, addition->relr_size);
    table = find_own_bytes(addition, addition->rela, &left);
    if (addition->rela_size && (!table || left < addition->rela_size))
        return fail(addition, "its table of relocations is not in its segments");
    for (uint64_t at = 0; addition->rela_size - at >= 24; at += 24)
        apply_rela(addition, table + at);
    return true;
}

static void keep_begin(const struct addition *addition)
{
    struct program_image *image = addition->image;
    if (!addition->begin_size)
        return;
    image->begins = vmwire_arena_grow(image->arena, image->begins, image->begin_count,
                                      &image->begin_room, sizeof(*image->begins));
    image->begins[image->begin_count++] =
        (struct image_functions){addition->base + addition->begin, addition->begin_size};
}

static bool add_parts(void *context)
{
    struct addition *addition = context;
    size_t header_count;
    bool is_first = !addition->image->machine;
    if (!check_header(addition))
        return false;
    if (elf_getphdrnum(addition->elf, &header_count) != 0)
        return fail_to_read(addition, "its program headers cannot be read");
    if (!add_segments(addition, header_count) || !find_dynamic(addition, header_count))
        return false;
    mark_strings(addition, header_count);
    if (is_first != addition->is_program)
        return fail(addition, is_first ? "a shared library where the program was expected"
                                       : "a program where a module was expected");
    if (is_first)
        keep_symbols(addition);
    keep_begin(addition);
    return addition->fixed || apply_relocations(addition);
}

bool program_image_add(struct program_image *image, struct vmwire_bytes file,
                       struct vmwire_error *error)
{
    struct addition addition = {.image = image, .file = file, .error = error};
    if (elf_version(EV_CURRENT) == EV_NONE)
        return fail(&addition, "libelf is too old");
    /* libelf takes the bytes as not constant, but only changes what it was asked to write. */
    union {
        const uint8_t *given;
        char *taken;
    } bytes = {.given = file.data};
    errno = 0;
    if (file.length < EI_NIDENT || memcmp(file.data, ELFMAG, SELFMAG) != 0)
        return fail(&addition, "no ELF program");
    addition.elf = elf_memory(bytes.taken, file.length);
    if (!addition.elf)
        return fail_to_read(&addition, "no ELF program");
    bool added = vmwire_arena_attempt(image->arena, add_parts, &addition, error);
    elf_end(addition.elf);
    return added;
}
