/* SPDX-License-Identifier: MIT */
#include "skew/layouts/on_wire.h"

bool is_left_to_state(const struct element *element)
{
    return !element->declared && element->presence == PRESENCE_BY_STATE;
}

bool is_certain(const struct element *element)
{
    if (is_left_to_state(element))
        return false;
    return element->here == HERE || (element->here == HERE_UNKNOWN && !element->may_be_empty &&
                                     element->presence == PRESENCE_ALWAYS);
}

bool is_present(const struct element *element)
{
    return element->here == HERE || (element->presence == PRESENCE_ALWAYS &&
                                     (element->may_be_empty || element->here == HERE_UNKNOWN));
}

bool is_left_out(const struct element *element)
{
    return element->here == NOT_HERE && !element->may_be_empty;
}

bool is_absent(const struct element *element)
{
    return element->here == NOT_HERE || is_left_to_state(element);
}

bool is_measured(const struct element *element)
{
    return is_certain(element) && (element->here == HERE || element->width == WIDTH_FIXED ||
                                   element->width == WIDTH_IN_MEMORY);
}

uint64_t sent_bytes(const struct element *element)
{
    return element->here == NOT_HERE ? 0 : element->bytes;
}

uint64_t sent_count(const struct element *element)
{
    return element->here == NOT_HERE ? 0 : element->count;
}
