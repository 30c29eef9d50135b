/* SPDX-License-Identifier: MIT */
/*
 * Writes `05 0a "PCIDevice!"` into the address of a network card (phys, 6 bytes) and its filter of group addresses
 * (mult, 8 bytes). They are the first fields behind "PCIDevice". The script puts the card at 00:05.0.
 */
#include "boot.inc"

.set DEVICE, 5
.set BAR0, 0x10

    begin
    pci_read DEVICE, BAR0
    movl %eax, %edx
    andl $~3, %edx           /* the card's ports: phys at 0, mult at 8 */
    movl payload, %eax
    outl %eax, %dx
    addl $4, %edx
    movw payload + 4, %ax
    outb %al, %dx
    incl %edx
    movb %ah, %al
    outb %al, %dx
    addl $3, %edx
    movl payload + 6, %eax
    outl %eax, %dx
    addl $4, %edx
    movl payload + 10, %eax
    outl %eax, %dx
    end
payload:
    .byte MARKER, 10
    .ascii "PCIDevice!"
    .byte 0, 0
    sector
