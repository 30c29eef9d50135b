/* SPDX-License-Identifier: MIT */
/* Sets the first interrupt controller to levels: i8259/ltim, which QEMU has since 8.0. */
#include "boot.inc"

    begin
    movb $0x19, %al          /* ICW1 with LTIM; three more words would follow */
    outb %al, $0x20
    end
    sector
