/* SPDX-License-Identifier: MIT */
/* Includes the pack of shipped schemas in the program, between two symbols. fuzz/inputs/pack writes it. */
    .section .rodata
    .global packed_schemas, packed_schemas_end
packed_schemas:
    .incbin PACK
packed_schemas_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
