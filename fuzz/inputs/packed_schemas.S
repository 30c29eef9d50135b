/* The file that fuzz/inputs/pack made, as two symbols. */
    .section .rodata
    .global packed_schemas, packed_schemas_end
packed_schemas:
    .incbin PACK
packed_schemas_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
