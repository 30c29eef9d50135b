/* SPDX-License-Identifier: MIT */
/*
 * The table of shapes. Each row was compared with what compilers make of the header of each release that it names; that of
 * 11.1 with the release's programs only.
 */
#include "schema/program_shapes.h"

/* Members of VMStateField that several rows share: before 2.10, and up to 10.2. Where `struct_version` is padding (before
 * 3.0) it is 0. */
#define FIELD_BEFORE_2_10                                                                          \
    .hint = ABSENT, .offset = 8, .size = 16, .start = 24, .num = 32, .num_offset = 40,             \
    .size_offset = 48, .info = 56, .flags = 64, .structure = 72, .version = 80,                    \
    .struct_version = ABSENT, .exists = 88, .size_of_one = 96
#define FIELD_BEFORE_11                                                                            \
    .hint = 8, .offset = 16, .size = 24, .start = 32, .num = 40, .num_offset = 48,                 \
    .size_offset = 56, .info = 64, .flags = 72, .structure = 80, .version = 88,                    \
    .struct_version = 92, .exists = 96, .size_of_one = 104

/* Members of VMStateDescription in front of the functions. */
#define BEGINS_WITH_INT                                                                            \
    .unmigratable = 8, .early_setup = ABSENT, .version = 12, .minimum_version = 16
#define BEGINS_WITH_BOOLS                                                                          \
    .unmigratable = 8, .early_setup = 9, .version = 12, .minimum_version = 16, .priority = 20,     \
    .padding = ABSENT

/* QEMU's flags up to VMS_VARRAY_UINT32, VMS_ALLOC, VMS_MULTIPLY_ELEMENTS, VMS_VSTRUCT. */
enum { TO_VARRAY = 0xfff, TO_ALLOC = 0x3fff, TO_MULTIPLY = 0x7fff, TO_VSTRUCT = 0xffff };

const struct program_shape program_shapes[] = {
    {.releases = "0.13 to 0.15",
     .structure = {.unmigratable = ABSENT,
                   .early_setup = ABSENT,
                   .version = 8,
                   .minimum_version = 12,
                   .priority = ABSENT,
                   .padding = 20,
                   .functions = 24,
                   .function_count = 4,
                   .needed = ABSENT,
                   .fields = 56,
                   .subsections = 64,
                   .size = 72,
                   .subsections_with_needed = true},
     .field = {FIELD_BEFORE_2_10, .flags_known = TO_VARRAY}},
    {.releases = "1.0 to 2.3",
     .structure = {BEGINS_WITH_INT, .priority = ABSENT, .padding = ABSENT, .functions = 24,
                   .function_count = 4, .needed = ABSENT, .fields = 56, .subsections = 64,
                   .size = 72, .subsections_with_needed = true},
     .field = {FIELD_BEFORE_2_10, .flags_known = TO_ALLOC}},
    {.releases = "2.4 to 2.8",
     .structure = {BEGINS_WITH_INT, .priority = ABSENT, .padding = ABSENT, .functions = 24,
                   .function_count = 4, .needed = 56, .fields = 64, .subsections = 72, .size = 80},
     .field = {FIELD_BEFORE_2_10, .flags_known = TO_MULTIPLY}},
    {.releases = "2.9",
     .structure = {BEGINS_WITH_INT, .priority = 24, .padding = 28, .functions = 32,
                   .function_count = 4, .needed = 64, .fields = 72, .subsections = 80, .size = 88},
     .field = {FIELD_BEFORE_2_10, .flags_known = TO_MULTIPLY}},
    {.releases = "2.10 to 3.1",
     .structure = {BEGINS_WITH_INT, .priority = 24, .padding = 28, .functions = 32,
                   .function_count = 4, .needed = 64, .fields = 72, .subsections = 80, .size = 88},
     .field = {FIELD_BEFORE_11, .flags_known = TO_VSTRUCT}},
    {.releases = "4.0 to 4.1",
     .structure = {BEGINS_WITH_INT, .priority = 24, .padding = 28, .functions = 32,
                   .function_count = 5, .needed = 72, .fields = 80, .subsections = 88, .size = 96},
     .field = {FIELD_BEFORE_11, .flags_known = TO_VSTRUCT}},
    {.releases = "4.2 to 6.2",
     .structure = {BEGINS_WITH_INT, .priority = 24, .padding = 28, .functions = 32,
                   .function_count = 7, .needed = 72, .fields = 88, .subsections = 96, .size = 104},
     .field = {FIELD_BEFORE_11, .flags_known = TO_VSTRUCT}},
    {.releases = "7.0 to 7.2",
     .structure = {BEGINS_WITH_INT, .priority = 20, .padding = ABSENT, .functions = 24,
                   .function_count = 6, .needed = 56, .fields = 72, .subsections = 80, .size = 88},
     .field = {FIELD_BEFORE_11, .flags_known = TO_VSTRUCT}},
    {.releases = "8.0 to 10.1",
     .structure = {BEGINS_WITH_BOOLS, .functions = 24, .function_count = 6, .needed = 56,
                   .fields = 72, .subsections = 80, .size = 88},
     .field = {FIELD_BEFORE_11, .end = 0x10000, .flags_known = TO_VSTRUCT}},
    {.releases = "10.2",
     .structure = {BEGINS_WITH_BOOLS, .functions = 24, .function_count = 9, .needed = 80,
                   .fields = 96, .subsections = 104, .size = 112},
     .field = {FIELD_BEFORE_11, .end = 0x10000, .flags_known = TO_VSTRUCT}},
    {.releases = "11.1",
     .structure = {BEGINS_WITH_BOOLS, .functions = 24, .function_count = 9, .needed = 80,
                   .fields = 96, .subsections = 104, .size = 112},
     .field = {.hint = ABSENT,
               .offset = 8,
               .size = 16,
               .size_offset = 24,
               .num_offset = 32,
               .sized_offsets = true,
               .start = 40,
               .num = 48,
               .info = 56,
               .flags = 64,
               .structure = 72,
               .version = 80,
               .struct_version = 84,
               .exists = 88,
               .size_of_one = 96,
               .end = 0x20000,
               .auto_alloc = 0x10000,
               .flags_known = 0x1ffff}},
};

const size_t program_shape_count = sizeof(program_shapes) / sizeof(program_shapes[0]);
