/* What is put between the items of a stream: commands, packages, a machine with RAM; see altered.h. */
#include "altering.h"
#include "round.h"

/* ---- Places -------------------------------------------------------------------------------------- */

/* The place of any item that is in no package and comes behind the configuration, in the list; SIZE_MAX where
 * there is none. Something can be put before it. */
static size_t some_place(struct accepted *accepted,
                         bool (*fits)(const struct accepted *, const struct item *))
{
    size_t chosen = SIZE_MAX, count = 0, depth = 0;
    for (size_t i = 0; i < accepted->stream->item_count; i++) {
        const struct item *item = accepted->stream->items[i];
        depth -= item->kind == ITEM_PACKAGE_END;
        if (!depth && fits(accepted, item) && !some(accepted, ++count))
            chosen = i;
        depth += item->kind == ITEM_PACKAGE;
    }
    return chosen;
}

static bool is_any(const struct accepted *accepted, const struct item *item)
{
    (void)accepted;
    return is_section(item) || item->kind == ITEM_COMMAND || item->kind == ITEM_EOF;
}

static bool is_package(const struct accepted *accepted, const struct item *item)
{
    (void)accepted;
    return item->kind == ITEM_PACKAGE;
}

bool is_any_section(const struct accepted *accepted, const struct item *item)
{
    (void)accepted;
    return is_section(item);
}

static bool is_section_with_separate(const struct accepted *accepted, const struct item *item)
{
    return is_section(item) && has_separate(accepted, item);
}

bool put_before(struct accepted *accepted, struct alteration *alteration)
{
    size_t place = some_place(accepted, is_any);
    if (place == SIZE_MAX)
        return false;
    alteration->at = accepted->stream->items[place]->raw.data;
    return true;
}

static void refuse(struct alteration *alteration, enum error_kind kind, size_t into)
{
    alteration->fate = REFUSED;
    alteration->kind = kind;
    alteration->into = into;
}

static void accept(struct alteration *alteration, size_t more)
{
    alteration->fate = THE_SAME;
    alteration->more = more;
}

/* ---- Commands ------------------------------------------------------------------------------------ */

enum { ANY = -1 };

/* QEMU migration/savevm.c, mig_cmd_args; but one that changes how what follows is read. */
static const struct {
    uint16_t command;
    int length;
} commands[] = {
    {MIG_CMD_OPEN_RETURN_PATH, 0},       {MIG_CMD_PING, 4},          {MIG_CMD_POSTCOPY_LISTEN, 0},
    {MIG_CMD_POSTCOPY_RUN, 0},           {MIG_CMD_ENABLE_COLO, 0},   {MIG_CMD_POSTCOPY_RESUME, 0},
    {MIG_CMD_POSTCOPY_RAM_DISCARD, ANY}, {MIG_CMD_RECV_BITMAP, ANY}, {MIG_CMD_SWITCHOVER_START, 0},
};

static void put_command(struct put *put, uint16_t command, size_t length)
{
    put_integer(put, 1, QEMU_VM_COMMAND);
    put_integer(put, 2, command);
    put_integer(put, 2, length);
    for (size_t i = 0; i < length; i++)
        put_integer(put, 1, i);
}

static bool command(struct accepted *accepted, struct alteration *alteration)
{
    unsigned which = some(accepted, sizeof(commands) / sizeof(commands[0]));
    int known = commands[which].length;
    size_t length = known == ANY ? some(accepted, 40) : (size_t)known;
    put_command(&alteration->put, commands[which].command, length);
    accept(alteration, 1);
    return put_before(accepted, alteration);
}

static bool command_of_another_length(struct accepted *accepted, struct alteration *alteration)
{
    unsigned which = some(accepted, sizeof(commands) / sizeof(commands[0]));
    int known = commands[which].length;
    if (known == ANY)
        return false;
    put_command(&alteration->put, commands[which].command,
                known && some(accepted, 2) ? (size_t)known - 1 : (size_t)known + 1);
    refuse(alteration, ERROR_ITEM, 1 + 2);
    return put_before(accepted, alteration);
}

static bool unknown_command(struct accepted *accepted, struct alteration *alteration)
{
    static const uint16_t unknown[] = {0, MIG_CMD_SWITCHOVER_START + 1, UINT16_MAX};
    put_command(&alteration->put, unknown[some(accepted, sizeof(unknown) / sizeof(unknown[0]))], 0);
    refuse(alteration, ERROR_ITEM, 1);
    return put_before(accepted, alteration);
}

/* A section that was never begun, or that cannot go on. */
static bool nothing_to_go_on(struct accepted *accepted, struct alteration *alteration)
{
    size_t place = some_place(accepted, is_any_section);
    if (place == SIZE_MAX)
        return false;
    const struct item *item = accepted->stream->items[place];
    if (was_started(accepted->stream, item->section_id))
        return false;
    put_integer(&alteration->put, 1, QEMU_VM_SECTION_PART + some(accepted, 2));
    put_integer(&alteration->put, 4, item->section_id);
    refuse(alteration, ERROR_SECTION_ID, 1);
    return put_before(accepted, alteration);
}

/* Behind a command there is no section before what is sent behind its section. */
static bool command_before_separate(struct accepted *accepted, struct alteration *alteration)
{
    size_t place = some_place(accepted, is_section_with_separate);
    if (place == SIZE_MAX)
        return false;
    const struct item *item = accepted->stream->items[place];
    alteration->at = item->raw.data + item->raw.length;
    put_command(&alteration->put, MIG_CMD_POSTCOPY_RUN, 0);
    refuse(alteration,
           accepted->option->subsections == SUBSECTION_SECTION ? ERROR_NONE : ERROR_SECTION_ID,
           alteration->put.count + 1);
    return true;
}

/* ---- Packages ------------------------------------------------------------------------------------ */

enum { PACKAGE_HEAD = 1 + 2 + 2 + 4 };

static void put_package(struct put *put, uint64_t length)
{
    put_integer(put, 1, QEMU_VM_COMMAND);
    put_integer(put, 2, MIG_CMD_PACKAGED);
    put_integer(put, 2, 4);
    put_integer(put, 4, length);
}

/* Packages with nothing in them but one another, as many as there may be, or one more. */
static bool empty_packages(struct accepted *accepted, struct alteration *alteration)
{
    const unsigned depths[] = {1, PACKAGE_NESTING_LIMIT, PACKAGE_NESTING_LIMIT + 1};
    unsigned depth = depths[some(accepted, 3)];
    for (unsigned i = depth; i > 0; i--)
        put_package(&alteration->put, (uint64_t)(i - 1) * PACKAGE_HEAD);
    accept(alteration, (size_t)2 * depth);
    if (depth > PACKAGE_NESTING_LIMIT)
        refuse(alteration, ERROR_LIMIT, (size_t)(depth - 1) * PACKAGE_HEAD + 5);
    return put_before(accepted, alteration);
}

static bool package_beyond_the_end(struct accepted *accepted, struct alteration *alteration)
{
    if (!put_before(accepted, alteration))
        return false;
    struct bytes bytes = accepted->bytes;
    size_t left = bytes.length - (size_t)(alteration->at - bytes.data);
    put_package(&alteration->put, left + 1);
    refuse(alteration, ERROR_TRUNCATED, 5);
    return true;
}

/* A section, with what is sent behind it. */
static bool package_around(struct accepted *accepted, struct alteration *alteration)
{
    size_t place = some_place(accepted, is_any_section);
    if (place == SIZE_MAX)
        return false;
    const struct item *const *items = accepted->stream->items;
    alteration->at = items[place]->raw.data;
    put_package(&alteration->put, (uint64_t)(items[place + 1]->raw.data - alteration->at));
    accept(alteration, 2);
    return true;
}

static bool package_without_separate(struct accepted *accepted, struct alteration *alteration)
{
    size_t place = some_place(accepted, is_section_with_separate);
    if (place == SIZE_MAX)
        return false;
    const struct item *item = accepted->stream->items[place];
    alteration->at = item->raw.data;
    put_package(&alteration->put, item->raw.length);
    refuse(alteration,
           accepted->option->subsections == SUBSECTION_SECTION ? ERROR_NONE : ERROR_SECTION_ID,
           PACKAGE_HEAD + item->raw.length + 1);
    return true;
}

/* ---- Names --------------------------------------------------------------------------------------- */

static bool is_name(const struct schema *schema, const void *name, size_t length)
{
    for (const struct structure *each = schema->structures; each; each = each->next)
        for (size_t i = 0; i < each->subsection_count; i++) {
            const char *known = each->subsections[i].name;
            if (strlen(known) == length && memcmp(known, name, length) == 0)
                return true;
        }
    return false;
}

/* Of a subsection, by a byte: it is nobody's then. */
static bool longer_name(struct accepted *accepted, struct alteration *alteration)
{
    const struct subsection_value *value = some_subsection(accepted);
    bool section = accepted->option->subsections == SUBSECTION_SECTION;
    struct put *put = &alteration->put;
    if (!value || section || some_item(accepted, is_package) || value->name.length == UINT8_MAX ||
        memchr(value->name.data, 0, value->name.length))
        return false;
    alteration->at = value->name.data - 1;
    alteration->removed = 1 + value->name.length;
    put_integer(put, 1, value->name.length + 1);
    put_bytes(put, value->name.data, value->name.length);
    put_integer(put, 1, 'z');
    refuse(alteration, ERROR_UNKNOWN_SUBSECTION, is_separate(accepted, value) ? put->count : 0);
    return !is_name(accepted->subject->schema, put->bytes + 1, put->count - 1);
}

/* What stands behind a NUL in an idstr is no part of the name: what is sent behind the section still is its. */
static bool longer_idstr(struct accepted *accepted, struct alteration *alteration)
{
    static const char behind[] = {'\0', '/', 'a'};
    const struct item *item = some_item(accepted, is_section_with_separate);
    if (!item || some_item(accepted, is_package) ||
        item->idstr.length > UINT8_MAX - sizeof(behind) ||
        memchr(item->idstr.data, 0, item->idstr.length))
        return false;
    alteration->at = item->idstr.data - 1;
    alteration->removed = 1 + item->idstr.length;
    put_integer(&alteration->put, 1, item->idstr.length + sizeof(behind));
    put_bytes(&alteration->put, item->idstr.data, item->idstr.length);
    put_bytes(&alteration->put, behind, sizeof(behind));
    alteration->fate = ANOTHER;
    return true;
}

/* ---- Footers ------------------------------------------------------------------------------------- */

/* Whether a section has a footer is asked at the first one; some other one is the other way then. */
static bool one_footer(struct accepted *accepted, struct alteration *alteration)
{
    size_t sections = 0, place = some_place(accepted, is_any_section);
    for (size_t i = 0; i < accepted->stream->item_count; i++)
        sections += is_section(accepted->stream->items[i]);
    if (sections < 2 || place == SIZE_MAX)
        return false;
    const struct item *item = accepted->stream->items[place];
    if (looks_for_footer(item))
        return false;
    alteration->at = item->raw.data + item->raw.length;
    if (item->footer) {
        alteration->at -= 1 + 4;
        alteration->removed = 1 + 4;
    } else {
        put_footer(&alteration->put, item->section_id);
    }
    refuse(alteration, ERROR_NONE, 0);
    return true;
}

/* ---- The end ------------------------------------------------------------------------------------- */

static bool is_end(const struct accepted *accepted, const struct item *item)
{
    (void)accepted;
    return item->kind == ITEM_EOF;
}

static bool cut_short(struct accepted *accepted, struct alteration *alteration)
{
    const struct item *end = some_item(accepted, is_end);
    struct bytes bytes = accepted->bytes;
    if (!end)
        return false;
    alteration->at = bytes.data + some(accepted, (size_t)(end->raw.data - bytes.data) + 1);
    alteration->removed = bytes.length - (size_t)(alteration->at - bytes.data);
    refuse(alteration, ERROR_NONE, 0);
    return true;
}

/* ---- A machine ----------------------------------------------------------------------------------- */

enum {
    PAGE_BITS = 10, /* not those that a reader takes where it is told of none */
    PAGE_SIZE = 1 << PAGE_BITS,
    RAM_SECTION = 0x7fffff01,
};

static void put_name(struct put *put, const char *name)
{
    put_integer(put, 1, QEMU_VM_SUBSECTION);
    put_string(put, name);
    put_integer(put, 4, 1);
}

static void put_configuration(struct accepted *accepted, struct put *put, bool mapped)
{
    unsigned count = some(accepted, 4);
    put_integer(put, 1, QEMU_VM_CONFIGURATION);
    put_integer(put, 4, 2);
    put_bytes(put, "pc", 2);
    put_name(put, "configuration/target-page-bits");
    put_integer(put, 4, PAGE_BITS);
    put_name(put, "configuration/capabilities");
    put_integer(put, 4, count + mapped);
    for (unsigned i = 0; i < count; i++)
        put_string(put, &"postcopy-ram"[some(accepted, 12)]);
    if (mapped)
        put_string(put, "mapped-ram");
}

/* What stands before it is `begin` bytes of the stream. Its pages come behind its bitmap, or begin within it by
 * a byte. */
static void put_mapped(struct put *put, uint64_t begin, bool within)
{
    enum { BITMAP = 8 };
    put_integer(put, 4, MAPPED_RAM_HDR_VERSION);
    put_integer(put, 8, PAGE_SIZE);
    uint64_t bitmap = begin + put->count + 8 + 8;
    put_integer(put, 8, bitmap);
    put_integer(put, 8, bitmap + BITMAP - within);
    put_integer(put, BITMAP, 0);
    for (unsigned i = 0; i < PAGE_SIZE; i++)
        put_integer(put, 1, i);
}

/* RAM of one page, or where the blocks are wrong, of two of which the second is larger than what is left. */
static void put_ram(struct alteration *alteration, uint64_t begin, bool mapped, bool wrong,
                    bool footer)
{
    struct put *put = &alteration->put;
    bool blocks_wrong = wrong && !mapped;
    put_integer(put, 1, QEMU_VM_SECTION_START);
    put_integer(put, 4, RAM_SECTION);
    put_string(put, "ram");
    put_integer(put, 4, 0);
    put_integer(put, 4, 4);
    put_integer(put, 8, (uint64_t)(blocks_wrong ? 2 : 1) * PAGE_SIZE | RAM_SAVE_FLAG_MEM_SIZE);
    put_string(put, "a");
    put_integer(put, 8, PAGE_SIZE);
    if (blocks_wrong) {
        put_string(put, "b");
        refuse(alteration, ERROR_ITEM, put->count);
        put_integer(put, 8, (uint64_t)2 * PAGE_SIZE);
    }
    if (mapped && wrong)
        refuse(alteration, ERROR_ITEM, put->count);
    if (mapped) {
        put_mapped(put, begin, wrong);
    } else {
        put_integer(put, 8, RAM_SAVE_FLAG_PAGE);
        put_string(put, "a");
        for (unsigned i = 0; i < PAGE_SIZE; i++)
            put_integer(put, 1, i);
    }
    put_integer(put, 8, RAM_SAVE_FLAG_EOS);
    if (footer)
        put_footer(put, RAM_SECTION);
}

/* Instead of its configuration, another one that RAM comes behind, whose encoding it changes. Its subsections
 * are where all readers but one have them. */
static bool machine(struct accepted *accepted, struct alteration *alteration)
{
    const struct stream *stream = accepted->stream;
    const size_t begin = 8;
    bool footer = true, configured = stream->items[0]->kind == ITEM_CONFIGURATION;
    size_t sections = 0;
    for (size_t i = 0; i < stream->item_count; i++) {
        if (is_iterable(stream->items[i]))
            return false;
        sections += is_section(stream->items[i]);
        footer &= !is_section(stream->items[i]) || stream->items[i]->footer;
    }
    if (accepted->option->subsections != SUBSECTION_INLINE)
        return false;
    bool mapped = some(accepted, 2), wrong = some(accepted, 2);
    bool footer_wrong = sections && !some(accepted, 4);
    alteration->at = accepted->bytes.data + begin;
    alteration->removed = (size_t)(stream->items[configured]->raw.data - alteration->at);
    put_configuration(accepted, &alteration->put, mapped);
    accept(alteration, 2 - configured);
    put_ram(alteration, begin, mapped, wrong, footer != footer_wrong);
    if (footer_wrong)
        refuse(alteration, ERROR_NONE, 0);
    return true;
}

/* Where one offers nothing the next one has its turn: a machine, which has many faces, often. */
alter *const alter_items[] = {command,
                              command_of_another_length,
                              unknown_command,
                              nothing_to_go_on,
                              empty_packages,
                              package_around,
                              package_beyond_the_end,
                              longer_name,
                              one_footer,
                              cut_short,
                              endless_nest,
                              endless_records,
                              next_of_owner,
                              last_element,
                              longer_idstr,
                              command_before_separate,
                              package_without_separate,
                              machine,
                              NULL};
