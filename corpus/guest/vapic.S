/* SPDX-License-Identifier: MIT */
/*
 * Writes `05 12 "kvmvapic-handlers!"` into the option ROM that goes with the interrupt controller: into the second of
 * two tables of addresses, each a structure "kvmvapic-handlers". QEMU keeps a copy of them, and takes it anew when the
 * guest writes a byte to port 7e. The first such write puts the addresses of the ROM right, so the guest changes them
 * behind it.
 */
#include "boot.inc"

.set ROMS, 0xc0000
.set ROMS_END, 0xf0000
.set PORT, 0x7e
.set SECOND, 80              /* where the second table is, from the ROM's mark on */

    begin
    movl $ROMS, %edi
look:
    cmpl $0x206d766b, (%edi) /* "kvm " */
    jne another
    cmpl $0x43695061, 4(%edi) /* "aPiC" */
    je found
another:
    incl %edi
    cmpl $ROMS_END, %edi
    jne look
    say UNABLE
found:
    outb %al, $PORT
    addl $SECOND, %edi
    movl $payload, %esi
    movl $5, %ecx
    rep movsl
    outb %al, $PORT
    end
payload:                     /* words, which the stream has big-endian */
    .long (MARKER << 24) | 0x126b76, 0x6d766170
    .long 0x69632d68, 0x616e646c, 0x65727321
    sector
