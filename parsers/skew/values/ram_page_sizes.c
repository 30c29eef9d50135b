/* SPDX-License-Identifier: MIT */
#include "skew/values/ram_page_sizes.h"

#include "skew/shared/message.h"
#include "skew/shared/places.h"
#include "skew/values/configuration.h"

static uint32_t page_size_of(const struct vmwire_side *side)
{
    return side->described ? side->described->page_size : 0;
}

/* The flags of a record are the bits of its address below the page. With larger pages the reader takes bits of the address for
 * flags, and a page that is sent byte for byte does not end where it expects it. */
static bool is_misread(const struct vmwire_ram_seen *ram, uint32_t held)
{
    return ram->whole || ram->address_bits & (held - 1);
}

/* Some targets have had other pages in another release (avr: 256 bytes, and 1024 since 10.1), and do not tell it in their
 * configuration. A description has the size, also where no page is sent. */
void compare_page_sizes(struct skew *skew)
{
    const struct vmwire_side *writer = skew->writer, *reader = skew->reader;
    const uint32_t sent = page_size_of(writer), held = page_size_of(reader);
    const struct vmwire_item *ram = first_item(writer->stream, VMWIRE_ITEM_SECTION_START, "ram");
    if (!ram || !sent || !held || sent == held || !writer->ram.block_count ||
        sends_page_bits(writer->stream) || sends_page_bits(reader->stream))
        return;
    struct vmwire_difference difference = section_difference(skew, "ram-target-page", ram);
    difference.writer = vmwire_text(skew->arena, "pages of %u bytes", sent);
    difference.reader = vmwire_text(skew->arena, "pages of %u bytes", held);
    difference.advice = difference.rule->advice;
    if (!is_misread(&writer->ram, held)) {
        difference.certainty = VMWIRE_NOT_DECIDED;
        difference.when = "the pages of the writer are not all zero, or are sent elsewhere";
    }
    add_difference(skew, difference);
}
