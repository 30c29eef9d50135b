/* SPDX-License-Identifier: MIT */
/*
 * The same as xmm.S, in a process without privileges: the kernel enters ring 3 and never runs again. The process loads
 * XMM1, says so and spins.
 */
#include "boot.inc"

    begin
    movw $USER_DATA, %ax
    movw %ax, %ds
    movw %ax, %es
    pushl $USER_DATA
    pushl $0x7000            /* the stack of the process */
    pushl $0x2               /* its flags: interrupts off, no right to use ports */
    pushl $USER_CODE
    pushl $process
    iretl
process:
    movdqu payload, %xmm1
    movl $READY, SAYS
spin:
    pause
    jmp spin
payload:
    .quad (MARKER << 56) | 0x08786d6d5f7265
    .quad 0x6721000000000000
    sector
