/* SPDX-License-Identifier: MIT */
/* Asks the disk at the second IDE port for its identity, and reads one word of the answer: ide_drive/pio_state. */
#include "boot.inc"

    begin
    movw $0x176, %dx
    movb $0xa0, %al
    outb %al, %dx
    incw %dx
    movb $0xec, %al
    outb %al, %dx
wait_for_data:
    inb %dx, %al
    testb $8, %al
    jz wait_for_data
    movw $0x170, %dx
    inw %dx, %ax
    end
    sector
