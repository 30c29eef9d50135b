/* SPDX-License-Identifier: MIT */
/* Inserts and changes items: commands, packages, footers, names, a machine with RAM; see alteration_items.h. */
#include "properties/alteration_items.h"

#include <string.h>

#include "properties/alteration_schemas.h"
#include "properties/roundtrip.h"

static bool is_package(const struct accepted_stream *accepted, const struct vmwire_item *item)
{
    (void)accepted;
    return item->kind == VMWIRE_ITEM_PACKAGE;
}

static bool is_section_with_subsection_behind(const struct accepted_stream *accepted,
                                              const struct vmwire_item *item)
{
    return is_section(item) && has_subsection_behind(accepted, item);
}

static void expect_refusal(struct alteration *alteration, enum vmwire_error_kind kind,
                           size_t error_at)
{
    alteration->expectation = EXPECT_REFUSED;
    alteration->kind = kind;
    alteration->error_at = error_at;
}

static void expect_same(struct alteration *alteration, size_t added_items)
{
    alteration->expectation = EXPECT_SAME;
    alteration->added_items = added_items;
}

/* ---- Commands ------------------------------------------------------------------------------------ */

enum { ANY = -1 };

/* QEMU migration/savevm.c, mig_cmd_args, without the command that changes how the rest of the stream is read. */
static const struct {
    uint16_t command;
    int length;
} commands[] = {
    {VMWIRE_MIG_CMD_OPEN_RETURN_PATH, 0},
    {VMWIRE_MIG_CMD_PING, 4},
    {VMWIRE_MIG_CMD_POSTCOPY_LISTEN, 0},
    {VMWIRE_MIG_CMD_POSTCOPY_RUN, 0},
    {VMWIRE_MIG_CMD_ENABLE_COLO, 0},
    {VMWIRE_MIG_CMD_POSTCOPY_RESUME, 0},
    {VMWIRE_MIG_CMD_POSTCOPY_RAM_DISCARD, ANY},
    {VMWIRE_MIG_CMD_RECV_BITMAP, ANY},
    {VMWIRE_MIG_CMD_SWITCHOVER_START, 0},
};

static void put_command(struct replacement *put, uint16_t command, size_t length)
{
    put_integer(put, 1, VMWIRE_QEMU_VM_COMMAND);
    put_integer(put, 2, command);
    put_integer(put, 2, length);
    for (size_t i = 0; i < length; i++)
        put_integer(put, 1, i);
}

static bool insert_command(struct accepted_stream *accepted, struct alteration *alteration)
{
    unsigned which = pick(accepted, sizeof(commands) / sizeof(commands[0]));
    int known = commands[which].length;
    size_t length = known == ANY ? pick(accepted, 40) : (size_t)known;
    put_command(&alteration->put, commands[which].command, length);
    expect_same(alteration, 1);
    return insert_before_item(accepted, alteration);
}

static bool insert_command_of_wrong_length(struct accepted_stream *accepted,
                                           struct alteration *alteration)
{
    unsigned which = pick(accepted, sizeof(commands) / sizeof(commands[0]));
    int known = commands[which].length;
    if (known == ANY)
        return false;
    put_command(&alteration->put, commands[which].command,
                known && pick(accepted, 2) ? (size_t)known - 1 : (size_t)known + 1);
    expect_refusal(alteration, VMWIRE_ERROR_ITEM, 1 + 2);
    return insert_before_item(accepted, alteration);
}

static bool insert_unknown_command(struct accepted_stream *accepted, struct alteration *alteration)
{
    static const uint16_t unknown[] = {0, VMWIRE_MIG_CMD_SWITCHOVER_START + 1, UINT16_MAX};
    put_command(&alteration->put, unknown[pick(accepted, sizeof(unknown) / sizeof(unknown[0]))], 0);
    expect_refusal(alteration, VMWIRE_ERROR_ITEM, 1);
    return insert_before_item(accepted, alteration);
}

/* A part or end of a section that was not started. */
static bool insert_part_of_unknown_section(struct accepted_stream *accepted,
                                           struct alteration *alteration)
{
    size_t place = pick_place(accepted, is_any_section);
    if (place == SIZE_MAX)
        return false;
    const struct vmwire_item *item = accepted->stream->items[place];
    if (was_started(accepted->stream, item->section_id))
        return false;
    put_integer(&alteration->put, 1, VMWIRE_QEMU_VM_SECTION_PART + pick(accepted, 2));
    put_integer(&alteration->put, 4, item->section_id);
    expect_refusal(alteration, VMWIRE_ERROR_SECTION_ID, 1);
    return insert_before_item(accepted, alteration);
}

/* A command separates a section from the subsections that are sent behind it: the reader refuses those. */
static bool insert_command_before_subsection_behind(struct accepted_stream *accepted,
                                                    struct alteration *alteration)
{
    size_t place = pick_place(accepted, is_section_with_subsection_behind);
    if (place == SIZE_MAX)
        return false;
    const struct vmwire_item *item = accepted->stream->items[place];
    alteration->at = item->raw.data + item->raw.length;
    put_command(&alteration->put, VMWIRE_MIG_CMD_POSTCOPY_RUN, 0);
    expect_refusal(alteration,
                   accepted->option->subsections == VMWIRE_SUBSECTION_SECTION
                       ? VMWIRE_ERROR_NONE
                       : VMWIRE_ERROR_SECTION_ID,
                   alteration->put.count + 1);
    return true;
}

/* ---- Packages ------------------------------------------------------------------------------------ */

enum { COMMAND_HEAD = 1 + 2 + 2, PACKAGE_HEAD = COMMAND_HEAD + 4 };

static void put_package(struct replacement *put, uint64_t length)
{
    put_integer(put, 1, VMWIRE_QEMU_VM_COMMAND);
    put_integer(put, 2, VMWIRE_MIG_CMD_PACKAGED);
    put_integer(put, 2, 4);
    put_integer(put, 4, length);
}

/* What ends a package: a 00, the command that runs the guest, or wrongly nothing. */
enum package_end { END_EOF, END_RUN, END_BARE, PACKAGE_ENDS };

static size_t length_of_end(enum package_end end)
{
    return end == END_EOF ? 1 : end == END_RUN ? COMMAND_HEAD : 0;
}

static void put_package_end(struct replacement *put, enum package_end end)
{
    if (end == END_EOF)
        put_integer(put, 1, VMWIRE_QEMU_VM_EOF);
    else if (end == END_RUN)
        put_command(put, VMWIRE_MIG_CMD_POSTCOPY_RUN, 0);
}

/* Packages of nothing but a package's command: one, as many as the limit allows, or one more. Each stands behind
 * the one before it. The innermost one is ended by a 00, the others by what follows their command. */
static bool insert_empty_packages(struct accepted_stream *accepted, struct alteration *alteration)
{
    const unsigned depths[] = {1, VMWIRE_PACKAGE_NESTING_LIMIT, VMWIRE_PACKAGE_NESTING_LIMIT + 1};
    unsigned depth = depths[pick(accepted, 3)];
    struct replacement *put = &alteration->put;
    put_package(put, depth > 1 ? COMMAND_HEAD + 1 : 1);
    for (unsigned i = 1; i < depth; i++) {
        if (i == VMWIRE_PACKAGE_NESTING_LIMIT)
            expect_refusal(alteration, VMWIRE_ERROR_LIMIT, put->count + COMMAND_HEAD);
        put_integer(put, 1, VMWIRE_QEMU_VM_COMMAND);
        put_integer(put, 2, VMWIRE_MIG_CMD_PACKAGED);
        put_integer(put, 2, 4);
        put_integer(put, 1, VMWIRE_QEMU_VM_EOF);
        put_integer(put, 4, i + 1 < depth ? COMMAND_HEAD + 1 : 1);
    }
    put_integer(put, 1, VMWIRE_QEMU_VM_EOF);
    if (depth <= VMWIRE_PACKAGE_NESTING_LIMIT)
        expect_same(alteration, (size_t)3 * depth);
    return insert_before_item(accepted, alteration);
}

static bool insert_package_beyond_end(struct accepted_stream *accepted,
                                      struct alteration *alteration)
{
    if (!insert_before_item(accepted, alteration))
        return false;
    struct vmwire_bytes bytes = accepted->bytes;
    size_t left = bytes.length - (size_t)(alteration->at - bytes.data);
    put_package(&alteration->put, left + 1);
    expect_refusal(alteration, VMWIRE_ERROR_TRUNCATED, 5);
    return true;
}

/* Puts a package around the next `length` bytes. */
static bool wrap_in_package(struct alteration *alteration, const uint8_t *at, size_t length,
                            enum package_end end)
{
    if (length > REPLACEMENT_CAPACITY - PACKAGE_HEAD - COMMAND_HEAD)
        return false;
    alteration->at = at;
    alteration->removed = length;
    put_package(&alteration->put, length + length_of_end(end));
    put_bytes(&alteration->put, at, length);
    put_package_end(&alteration->put, end);
    return true;
}

/* A package around a section and the subsections behind it. */
static bool wrap_section_in_package(struct accepted_stream *accepted, struct alteration *alteration)
{
    size_t place = pick_place(accepted, is_any_section);
    if (place == SIZE_MAX)
        return false;
    const struct vmwire_item *const *items = accepted->stream->items;
    const uint8_t *at = items[place]->raw.data;
    enum package_end end = (enum package_end)pick(accepted, PACKAGE_ENDS);
    if (!wrap_in_package(alteration, at, (size_t)(items[place + 1]->raw.data - at), end))
        return false;
    expect_same(alteration, 3);
    if (end == END_BARE)
        expect_refusal(alteration, VMWIRE_ERROR_NONE, 0);
    return true;
}

static bool wrap_section_without_subsection_behind(struct accepted_stream *accepted,
                                                   struct alteration *alteration)
{
    size_t place = pick_place(accepted, is_section_with_subsection_behind);
    if (place == SIZE_MAX)
        return false;
    const struct vmwire_item *item = accepted->stream->items[place];
    if (!wrap_in_package(alteration, item->raw.data, item->raw.length, END_EOF))
        return false;
    expect_refusal(alteration,
                   accepted->option->subsections == VMWIRE_SUBSECTION_SECTION
                       ? VMWIRE_ERROR_NONE
                       : VMWIRE_ERROR_SECTION_ID,
                   alteration->put.count + 1);
    return true;
}

/* ---- Names --------------------------------------------------------------------------------------- */

static bool is_name(const struct vmwire_schema *schema, const void *name, size_t length)
{
    for (const struct vmwire_structure *each = schema->structures; each; each = each->next)
        for (size_t i = 0; i < each->subsection_count; i++) {
            const char *known = each->subsections[i].name;
            if (strlen(known) == length && memcmp(known, name, length) == 0)
                return true;
        }
    return false;
}

/* Appends a byte to the name of a subsection, so that the schema does not know it. */
static bool lengthen_subsection_name(struct accepted_stream *accepted,
                                     struct alteration *alteration)
{
    const struct vmwire_subsection_value *value = pick_subsection(accepted);
    bool section = accepted->option->subsections == VMWIRE_SUBSECTION_SECTION;
    struct replacement *put = &alteration->put;
    if (!value || section || pick_item(accepted, is_package) || value->name.length == UINT8_MAX ||
        memchr(value->name.data, 0, value->name.length))
        return false;
    alteration->at = value->name.data - 1;
    alteration->removed = 1 + value->name.length;
    put_integer(put, 1, value->name.length + 1);
    put_bytes(put, value->name.data, value->name.length);
    put_integer(put, 1, 'z');
    expect_refusal(alteration, VMWIRE_ERROR_UNKNOWN_SUBSECTION, 0);
    return !is_name(accepted->test_case->schema, put->bytes + 1, put->count - 1);
}

/* Appends a NUL and more to an idstr. Readers compare C strings, so the subsections behind the section still
 * belong to it. */
static bool lengthen_idstr(struct accepted_stream *accepted, struct alteration *alteration)
{
    static const char behind[] = {'\0', '/', 'a'};
    const struct vmwire_item *item = pick_item(accepted, is_section_with_subsection_behind);
    if (!item || pick_item(accepted, is_package) ||
        item->idstr.length > UINT8_MAX - sizeof(behind) ||
        memchr(item->idstr.data, 0, item->idstr.length))
        return false;
    alteration->at = item->idstr.data - 1;
    alteration->removed = 1 + item->idstr.length;
    put_integer(&alteration->put, 1, item->idstr.length + sizeof(behind));
    put_bytes(&alteration->put, item->idstr.data, item->idstr.length);
    put_bytes(&alteration->put, behind, sizeof(behind));
    alteration->expectation = EXPECT_DIFFERENT;
    return true;
}

/* ---- Footers ------------------------------------------------------------------------------------- */

/* Adds or removes the footer of one section. The first section tells the reader whether sections have footers. */
static bool toggle_one_footer(struct accepted_stream *accepted, struct alteration *alteration)
{
    size_t sections = 0, place = pick_place(accepted, is_any_section);
    for (size_t i = 0; i < accepted->stream->item_count; i++)
        sections += is_section(accepted->stream->items[i]);
    if (sections < 2 || place == SIZE_MAX)
        return false;
    const struct vmwire_item *item = accepted->stream->items[place];
    if (length_depends_on_footer(item))
        return false;
    alteration->at = item->raw.data + item->raw.length;
    if (item->footer) {
        alteration->at -= 1 + 4;
        alteration->removed = 1 + 4;
    } else {
        put_footer(&alteration->put, item->section_id);
    }
    expect_refusal(alteration, VMWIRE_ERROR_NONE, 0);
    return true;
}

/* ---- The end ------------------------------------------------------------------------------------- */

static bool is_end(const struct accepted_stream *accepted, const struct vmwire_item *item)
{
    (void)accepted;
    return item->kind == VMWIRE_ITEM_EOF;
}

static bool cut_stream(struct accepted_stream *accepted, struct alteration *alteration)
{
    const struct vmwire_item *end = pick_item(accepted, is_end);
    struct vmwire_bytes bytes = accepted->bytes;
    if (!end)
        return false;
    alteration->at = bytes.data + pick(accepted, (size_t)(end->raw.data - bytes.data) + 1);
    alteration->removed = bytes.length - (size_t)(alteration->at - bytes.data);
    expect_refusal(alteration, VMWIRE_ERROR_NONE, 0);
    return true;
}

/* ---- Machines ------------------------------------------------------------------------------------ */

enum {
    PAGE_BITS = 10, /* not the default of a reader */
    PAGE_SIZE = 1 << PAGE_BITS,
    RAM_SECTION = 0x7fffff01,
};

static void put_name(struct replacement *put, const char *name)
{
    put_integer(put, 1, VMWIRE_QEMU_VM_SUBSECTION);
    put_string(put, name);
    put_integer(put, 4, 1);
}

static void put_configuration(struct accepted_stream *accepted, struct replacement *put,
                              bool mapped)
{
    unsigned count = pick(accepted, 4);
    put_integer(put, 1, VMWIRE_QEMU_VM_CONFIGURATION);
    put_integer(put, 4, 2);
    put_bytes(put, "pc", 2);
    put_name(put, "configuration/target-page-bits");
    put_integer(put, 4, PAGE_BITS);
    put_sentinel(accepted, put);
    put_name(put, "configuration/capabilities");
    put_integer(put, 4, count + mapped);
    for (unsigned i = 0; i < count; i++)
        put_string(put, &"postcopy-ram"[pick(accepted, 12)]);
    if (mapped)
        put_string(put, "mapped-ram");
    put_sentinel(accepted, put);
}

/* A mapped RAM block. `begin`: bytes of the stream before the replacement. `within`: the pages wrongly begin one byte
 * before the end of the bitmap. */
static void put_mapped(struct replacement *put, uint64_t begin, bool within)
{
    enum { BITMAP = 8 };
    put_integer(put, 4, VMWIRE_MAPPED_RAM_HDR_VERSION);
    put_integer(put, 8, PAGE_SIZE);
    uint64_t bitmap = begin + put->count + 8 + 8;
    put_integer(put, 8, bitmap);
    put_integer(put, 8, bitmap + BITMAP - within);
    put_integer(put, BITMAP, 0);
    for (unsigned i = 0; i < PAGE_SIZE; i++)
        put_integer(put, 1, i);
}

/* RAM of one page. `wrong` without `mapped`: a second block is larger than the rest of the total. */
static void put_ram(struct alteration *alteration, uint64_t begin, bool mapped, bool wrong,
                    bool footer)
{
    struct replacement *put = &alteration->put;
    bool blocks_wrong = wrong && !mapped;
    put_integer(put, 1, VMWIRE_QEMU_VM_SECTION_START);
    put_integer(put, 4, RAM_SECTION);
    put_string(put, "ram");
    put_integer(put, 4, 0);
    put_integer(put, 4, 4);
    put_integer(put, 8,
                (uint64_t)(blocks_wrong ? 2 : 1) * PAGE_SIZE | VMWIRE_RAM_SAVE_FLAG_MEM_SIZE);
    put_string(put, "a");
    put_integer(put, 8, PAGE_SIZE);
    if (blocks_wrong) {
        put_string(put, "b");
        expect_refusal(alteration, VMWIRE_ERROR_ITEM, put->count);
        put_integer(put, 8, (uint64_t)2 * PAGE_SIZE);
    }
    if (mapped && wrong)
        expect_refusal(alteration, VMWIRE_ERROR_ITEM, put->count);
    if (mapped) {
        put_mapped(put, begin, wrong);
    } else {
        put_integer(put, 8, VMWIRE_RAM_SAVE_FLAG_PAGE);
        put_string(put, "a");
        for (unsigned i = 0; i < PAGE_SIZE; i++)
            put_integer(put, 1, i);
    }
    put_integer(put, 8, VMWIRE_RAM_SAVE_FLAG_EOS);
    if (footer)
        put_footer(put, RAM_SECTION);
}

/* Replaces the configuration by one that changes the page size, and inserts RAM behind it. The configuration
 * sends its subsections inline, so other options do without this alteration. */
static bool insert_machine(struct accepted_stream *accepted, struct alteration *alteration)
{
    const struct vmwire_stream *stream = accepted->stream;
    const size_t begin = 8;
    bool footer = true, configured = stream->items[0]->kind == VMWIRE_ITEM_CONFIGURATION;
    size_t sections = 0;
    for (size_t i = 0; i < stream->item_count; i++) {
        if (is_iterable(stream->items[i]))
            return false;
        sections += is_section(stream->items[i]);
        footer &= !is_section(stream->items[i]) || stream->items[i]->footer;
    }
    if (accepted->option->subsections != VMWIRE_SUBSECTION_INLINE || accepted->option->framed)
        return false;
    bool mapped = pick(accepted, 2), wrong = pick(accepted, 2);
    bool footer_wrong = sections && !pick(accepted, 4);
    alteration->at = accepted->bytes.data + begin;
    alteration->removed = (size_t)(stream->items[configured]->raw.data - alteration->at);
    put_configuration(accepted, &alteration->put, mapped);
    expect_same(alteration, 2 - configured);
    put_ram(alteration, begin, mapped, wrong, footer != footer_wrong);
    if (footer_wrong)
        expect_refusal(alteration, VMWIRE_ERROR_NONE, 0);
    return true;
}

/* When one does not apply, the next is tried. Those that apply rarely come last, so that insert_machine, which
 * has many variants, is reached often. */
alteration_function *const alteration_items[] = {insert_command,
                                                 insert_command_of_wrong_length,
                                                 insert_unknown_command,
                                                 insert_part_of_unknown_section,
                                                 insert_empty_packages,
                                                 wrap_section_in_package,
                                                 insert_package_beyond_end,
                                                 lengthen_subsection_name,
                                                 toggle_one_footer,
                                                 cut_stream,
                                                 insert_endless_nest,
                                                 insert_endless_records,
                                                 insert_next_subsection_of_owner,
                                                 insert_subsection_of_last_element,
                                                 lengthen_idstr,
                                                 insert_command_before_subsection_behind,
                                                 wrap_section_without_subsection_behind,
                                                 insert_machine,
                                                 NULL};
