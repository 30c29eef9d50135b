/* SPDX-License-Identifier: MIT */
/* Mutates sections and subsections; see tree.h. */
#include "mutator/tree.h"

#include <string.h>

#include "vmwire/wire.h"

/* ---- Subsections ----------------------------------------------------------------------------------- */

/* A pointer to the next subsection in a list. Writing to it changes the list. */
struct link {
    struct vmwire_subsection_value **at;
    const struct vmwire_structure *owner;
};

struct links {
    struct link *links;
    size_t count, room;
};

static void add_link(struct mutation *mutation, struct links *links, struct link link)
{
    links->links =
        vmwire_arena_grow(mutation->arena, links->links, links->count, &links->room, sizeof(link));
    links->links[links->count++] = link;
}

/* Lists every link of every record, including the end of each list. */
static struct links all_links(struct mutation *mutation, struct vmwire_stream stream)
{
    struct links links = {0};
    for (size_t i = 0; i < stream.item_count; i++) {
        struct vmwire_record_walk walk;
        if (!stream.items[i]->record)
            continue;
        vmwire_record_walk_begin(&walk, stream.items[i]->record);
        for (enum vmwire_record_step step;
             (step = vmwire_record_walk_next(&walk)) != VMWIRE_RECORD_DONE;) {
            struct vmwire_record *record = (struct vmwire_record *)(uintptr_t)walk.record;
            if (step != VMWIRE_RECORD_BEGIN)
                continue;
            struct link link = {&record->subsections, record->structure};
            add_link(mutation, &links, link);
            for (; *link.at; add_link(mutation, &links, link))
                link.at = &(*link.at)->next;
        }
    }
    return links;
}

static struct vmwire_subsection_value **subsection_of(struct mutation *mutation,
                                                      struct vmwire_stream stream)
{
    struct links links = all_links(mutation, stream);
    size_t sent = 0;
    for (size_t i = 0; i < links.count; i++)
        if (*links.links[i].at)
            links.links[sent++] = links.links[i];
    return sent ? links.links[choose(mutation->chooser, sent)].at : NULL;
}

static struct vmwire_subsection_value **some_subsection(struct mutation *mutation)
{
    return subsection_of(mutation, mutation_stream(mutation));
}

static void drop_subsection(struct mutation *mutation)
{
    struct vmwire_subsection_value **link = some_subsection(mutation);
    if (link)
        *link = (*link)->next;
}

static void duplicate_subsection(struct mutation *mutation)
{
    struct vmwire_subsection_value **link = some_subsection(mutation);
    if (!link)
        return;
    struct vmwire_subsection_value *copy = vmwire_arena_alloc(mutation->arena, sizeof(*copy));
    *copy = **link;
    (*link)->next = copy;
}

static void swap_subsections(struct mutation *mutation)
{
    struct vmwire_subsection_value **link = some_subsection(mutation);
    if (!link || !(*link)->next)
        return;
    struct vmwire_subsection_value *first = *link, *second = first->next;
    first->next = second->next;
    second->next = first;
    *link = second;
}

static void change_subsection_version(struct mutation *mutation)
{
    struct vmwire_subsection_value **link = some_subsection(mutation);
    if (link)
        (*link)->version_id += choose(mutation->chooser, 3) - 1;
}

/* Makes the same stream with every subsection that could be sent. */
static bool complete(struct mutation *mutation, struct vmwire_template *made)
{
    struct vmwire_error error;
    struct vmwire_stream stream = mutation_stream(mutation);
    return vmwire_template_of_stream(made, vmwire_option_find("heuristic"), &stream,
                                     mutation->arena, &error);
}

static bool structure_has(const struct vmwire_structure *structure,
                          const struct vmwire_subsection *subsection)
{
    return subsection >= structure->subsections &&
           subsection < structure->subsections + structure->subsection_count;
}

/* Inserts a subsection that could be sent into a record of its owner. */
static void insert_subsection(struct mutation *mutation)
{
    struct vmwire_template made;
    if (!complete(mutation, &made))
        return;
    struct vmwire_subsection_value **sent = subsection_of(mutation, made.stream);
    if (!sent)
        return;
    struct links links = all_links(mutation, mutation_stream(mutation));
    size_t able = 0;
    for (size_t i = 0; i < links.count; i++)
        if (structure_has(links.links[i].owner, (*sent)->subsection))
            links.links[able++] = links.links[i];
    if (!able)
        return;
    struct link place = links.links[choose(mutation->chooser, able)];
    struct vmwire_subsection_value *copy = vmwire_arena_alloc(mutation->arena, sizeof(*copy));
    *copy = **sent;
    copy->next = *place.at;
    *place.at = copy;
}

/* Sends all subsections but a few. */
static void send_all(struct mutation *mutation)
{
    struct vmwire_template made;
    if (!complete(mutation, &made))
        return;
    mutation->count = 0;
    mutation_begin(mutation, &made.stream);
    for (unsigned drops = choose(mutation->chooser, 4); drops; drops--)
        drop_subsection(mutation);
}

/* ---- Items ----------------------------------------------------------------------------------------- */

static bool is_section(const struct vmwire_item *item)
{
    return item->kind == VMWIRE_ITEM_SECTION_FULL;
}

/* Returns the index of a full section; mutation->count: there is none. */
static size_t some_section(struct mutation *mutation)
{
    size_t sections = 0, place = 0;
    for (size_t i = 0; i < mutation->count; i++)
        sections += is_section(mutation->items[i]);
    if (!sections)
        return mutation->count;
    size_t which = choose(mutation->chooser, sections);
    while (!is_section(mutation->items[place]) || which--)
        place++;
    return place;
}

static void drop_section(struct mutation *mutation)
{
    size_t place = some_section(mutation);
    if (place == mutation->count)
        return;
    mutation->count--;
    memmove(mutation->items + place, mutation->items + place + 1,
            (mutation->count - place) * sizeof(struct vmwire_item *));
}

static void duplicate_section(struct mutation *mutation)
{
    size_t place = some_section(mutation);
    if (place < mutation->count && mutation->count < 64)
        insert_item(mutation, place, mutation->items[place]);
}

static void swap_sections(struct mutation *mutation)
{
    size_t a = some_section(mutation), b = some_section(mutation);
    if (a == mutation->count)
        return;
    struct vmwire_item *item = mutation->items[a];
    mutation->items[a] = mutation->items[b];
    mutation->items[b] = item;
}

void splice_section(struct mutation *mutation, const struct vmwire_stream *other)
{
    size_t place = some_section(mutation);
    if (!other->item_count || place == mutation->count)
        return;
    const struct vmwire_item *item = other->items[choose(mutation->chooser, other->item_count)];
    if (is_section(item) && mutation->count < 64)
        insert_item(mutation, place, item);
}

/* Appends a NUL and more. QEMU compares C strings, so the name stays the same for a reader. */
static void lengthen_idstr(struct mutation *mutation, struct vmwire_item *item)
{
    static const char behind[] = {'\0', '/', 'a'};
    struct vmwire_bytes idstr = item->idstr;
    if (idstr.length > UINT8_MAX - sizeof(behind))
        return;
    uint8_t *longer = vmwire_arena_alloc(mutation->arena, idstr.length + sizeof(behind));
    memcpy(longer, idstr.data, idstr.length);
    memcpy(longer + idstr.length, behind, sizeof(behind));
    item->idstr = (struct vmwire_bytes){longer, idstr.length + 1 + choose(mutation->chooser, 3)};
}

static void change_head(struct mutation *mutation)
{
    size_t place = some_section(mutation);
    if (place == mutation->count)
        return;
    struct vmwire_item *item = mutation->items[place];
    switch (choose(mutation->chooser, 4)) {
    case 0:
        item->section_id = choose(mutation->chooser, 4) ? item->section_id + 1
                                                        : choose(mutation->chooser, SIZE_MAX);
        break;
    case 1:
        item->version_id += choose(mutation->chooser, 3) - 1;
        break;
    case 2:
        lengthen_idstr(mutation, item);
        break;
    default:
        item->instance_id += choose(mutation->chooser, 3) - 1;
    }
}

/* Puts a package around sections. The writer fills in its length. */
static void package_sections(struct mutation *mutation)
{
    static const uint8_t head[] = {VMWIRE_QEMU_VM_COMMAND, 0, VMWIRE_MIG_CMD_PACKAGED, 0, 4};
    static const uint8_t run[] = {VMWIRE_QEMU_VM_COMMAND, 0, VMWIRE_MIG_CMD_POSTCOPY_RUN, 0, 0};
    static const uint8_t eof[] = {VMWIRE_QEMU_VM_EOF};
    const struct vmwire_item ends[] = {
        {.kind = VMWIRE_ITEM_EOF, .raw = {eof, sizeof(eof)}},
        {.kind = VMWIRE_ITEM_COMMAND,
         .raw = {run, sizeof(run)},
         .command = VMWIRE_MIG_CMD_POSTCOPY_RUN},
    };
    const struct vmwire_item begin = {.kind = VMWIRE_ITEM_PACKAGE,
                                      .raw = {head, sizeof(head)},
                                      .command = VMWIRE_MIG_CMD_PACKAGED};
    const struct vmwire_item end = {.kind = VMWIRE_ITEM_PACKAGE_END};
    size_t first = some_section(mutation), last = some_section(mutation);
    if (first == mutation->count || first > last || mutation->count >= 64)
        return;
    insert_item(mutation, last + 1, &end);
    if (choose(mutation->chooser, 8)) /* otherwise it just ends */
        insert_item(mutation, last + 1, &ends[choose(mutation->chooser, 2)]);
    insert_item(mutation, first, &begin);
}

static void insert_command(struct mutation *mutation)
{
    static const uint8_t ping[] = {
        VMWIRE_QEMU_VM_COMMAND, 0, VMWIRE_MIG_CMD_PING, 0, 4, 0, 0, 0, 1};
    const struct vmwire_item item = {.kind = VMWIRE_ITEM_COMMAND, .raw = {ping, sizeof(ping)}};
    size_t place = some_section(mutation);
    if (place < mutation->count && mutation->count < 64)
        insert_item(mutation, place + choose(mutation->chooser, 2), &item);
}

/* Adds or removes the footers of all sections, or of some. */
static void toggle_footers(struct mutation *mutation)
{
    bool all = choose(mutation->chooser, 4);
    for (size_t i = 0; i < mutation->count; i++)
        if ((all || choose(mutation->chooser, 2)) &&
            mutation->items[i]->kind >= VMWIRE_ITEM_SECTION_START &&
            mutation->items[i]->kind <= VMWIRE_ITEM_SECTION_FULL)
            mutation->items[i]->footer = !mutation->items[i]->footer;
}

void mutate_tree(struct mutation *mutation)
{
    static void (*const ways[])(struct mutation *) = {
        drop_subsection,  drop_subsection,   duplicate_subsection,
        swap_subsections, send_all,          send_all,
        drop_section,     duplicate_section, swap_sections,
        change_head,      package_sections,  insert_command,
        toggle_footers,   insert_subsection, change_subsection_version,
    };
    ways[choose(mutation->chooser, sizeof(ways) / sizeof(ways[0]))](mutation);
}
