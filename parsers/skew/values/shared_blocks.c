/* SPDX-License-Identifier: MIT */
#include "skew/values/shared_blocks.h"

#include <string.h>

#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/shared/release.h"
#include "skew/values/configuration.h"

/* The reader's block of this name; NULL: it has none. */
static const struct vmwire_listed_block *find_own_block(const struct vmwire_ram_seen *ram,
                                                        const struct vmwire_listed_block *block)
{
    for (size_t i = 0; i < ram->block_count; i++)
        if (ram->blocks[i].name.length == block->name.length &&
            memcmp(ram->blocks[i].name.data, block->name.data, block->name.length) == 0)
            return &ram->blocks[i];
    return NULL;
}

static void add_shared(struct skew *skew, const struct vmwire_item *ram,
                       const struct vmwire_listed_block *block, bool known)
{
    struct vmwire_difference difference = section_difference(skew, "ram-shared", ram);
    const char *name = text_of_bytes(skew, block->name);
    difference.path = name;
    difference.writer = "pages of the block";
    difference.reader = "the block, and no page of it in its own stream: it is shared";
    if (!known) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.path = NULL;
        difference.writer = "pages of blocks";
        difference.reader = "the blocks";
        difference.when =
            "such a block of the reader is shared (share=on of its memory backend): its own "
            "stream has no pages that would tell";
    }
    difference.advice = difference.rule->advice;
    difference.message = fill_message(skew->arena, reader_message(skew, difference.rule), &name, 1);
    add_difference(skew, difference);
}

/* A machine sends each page of its own blocks. It does so elsewhere with multifd, and then none is byte for byte in its stream. */
void compare_shared_blocks(struct skew *skew)
{
    const struct vmwire_side *writer = skew->writer, *reader = skew->reader;
    const struct vmwire_item *ram = first_item(writer->stream, VMWIRE_ITEM_SECTION_START, "ram");
    if (!ram || !has_capability(writer->stream, "x-ignore-shared") ||
        !has_capability(reader->stream, "x-ignore-shared"))
        return;
    for (size_t i = 0; i < writer->ram.block_count; i++) {
        const struct vmwire_listed_block *block = &writer->ram.blocks[i],
                                         *own = find_own_block(&reader->ram, block);
        if (!block->paged || !own || !own->length || own->paged)
            continue;
        add_shared(skew, ram, block, reader->ram.whole);
        if (!reader->ram.whole)
            return; /* said of all at once */
    }
}
