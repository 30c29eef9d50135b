/* SPDX-License-Identifier: MIT */
/*
 * vmwire asn1: prints the ASN.1 module of the records that a stream or a schema describes. It must not know what the
 * module says.
 */
#include "program/asn1/asn1.h"

#include <stdio.h>

#include "program/shared/exit_status.h"
#include "program/shared/load.h"
#include "program/shared/report_error.h"
#include "vmwire/asn1.h"

static bool print_piece(void *context, struct vmwire_bytes bytes, struct vmwire_error *error)
{
    (void)error;
    return fwrite(bytes.data, 1, bytes.length, context) == bytes.length ||
           vmwire_error_set(error, VMWIRE_ERROR_FILE, VMWIRE_ERROR_NO_OFFSET, "cannot write");
}

int run_asn1(const struct arguments *arguments)
{
    struct loaded_file loaded = {0};
    struct vmwire_error error;
    struct vmwire_byte_sink sink = {stdout, print_piece};
    int code = EXIT_BAD_INPUT;
    if (arguments->file_count != 1)
        return report_usage_error(arguments, "asn1 takes one FILE");
    if (load_layouts(&loaded, arguments->files[0], arguments))
        code = vmwire_asn1_module(loaded.schema, &sink, &error)
                   ? EXIT_CLEAN
                   : report_error(arguments, arguments->files[0], &error);
    unload(&loaded);
    return code;
}
