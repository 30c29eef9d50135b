/* SPDX-License-Identifier: MIT */
/*
 * Finds devices by the idstr and the instance of a section.
 */
#include "decide/reader_device.h"

#include <string.h>

/* Why the schema has no such device, although the reader may have it; NULL: it has not. */
static const char *why_unknown(const struct vmwire_schema *schema, const char *idstr)
{
    if (schema->fitted && vmwire_schema_declared(schema, idstr, 0))
        return "the reader's program declares this device, but does not read these bytes, or those "
               "of a section before";
    /* An old-style section has no structure, and a structure can get its name when QEMU runs. */
    if (schema->fitted)
        return "the reader's program declares no such device, but it can name one when it runs";
    return schema->device_count ? NULL : "a dump does not tell which sections a program has";
}

const struct vmwire_device *find_reader_device(const struct vmwire_schema *schema,
                                               const struct vmwire_item *section,
                                               const char **unknown)
{
    char idstr[UINT8_MAX + 1] = {0};
    memcpy(idstr, section->idstr.data, section->idstr.length);
    const struct vmwire_device *device = vmwire_schema_device(schema, idstr, section->instance_id);
    *unknown = device ? NULL : why_unknown(schema, idstr);
    return device;
}
