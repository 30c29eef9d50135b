/* SPDX-License-Identifier: MIT */
/*
 * Lets the second transmit queue of a network card work off two descriptors, which leave `05 0a "e1000e-tx!"` in its
 * state: the options of the second one are the first byte, the context that the first one sets is the rest. No frame is
 * sent. It stands behind the state of the first queue, a structure "e1000e-tx". The script puts the card at 00:05.0.
 */
#include "boot.inc"

.set DEVICE, 5
.set COMMAND, 0x04
.set BAR0, 0x10
.set TCTL, 0x400             /* registers of the card */
.set TDBAL1, 0x3900
.set TDLEN1, 0x3908
.set TDT1, 0x3918
.set DEXT, 1 << 29           /* in a descriptor: a context */
.set DTYP_D, 1 << 20         /* together with DEXT: data */
.set RING, 0x6000

    begin
    pci_read DEVICE, COMMAND
    orl $0x6, %eax           /* memory, and the card may read the guest's */
    outl %eax, %dx
    pci_read DEVICE, BAR0
    andl $~15, %eax
    movl %eax, %ebx
    movl $payload, %esi
    movl $RING, %edi
    movl $8, %ecx
    rep movsl
    movl $RING, TDBAL1(%ebx)
    movl $128, TDLEN1(%ebx)
    movl $2, TCTL(%ebx)      /* on */
    movl $2, TDT1(%ebx)      /* two descriptors are ready */
    end
payload:
    .byte 0x0a, 'e'          /* ipcss, ipcso */
    .word ('1' << 8) | '0'   /* ipcse */
    .byte '0', '0'           /* tucss, tucso */
    .word ('e' << 8) | '-'   /* tucse */
    .long DEXT
    .byte 0, 't'             /* status, hdr_len */
    .word ('x' << 8) | '!'   /* mss */
    .quad 0                  /* no data */
    .long DEXT | DTYP_D
    .byte 0, MARKER          /* status, options */
    .word 0
    sector
