/* SPDX-License-Identifier: MIT */
/*
 * Loads the upper half of YMM2 with `05 09 "ymmh_reg!"`. The upper halves are sent apart from the XMM registers, each
 * as a structure "ymmh_reg". Says that it is unable where the processor has no AVX (QEMU emulates it since 7.2).
 */
#include "boot.inc"

    begin
    movl $1, %eax
    cpuid
    testl $(1 << 28), %ecx   /* AVX */
    jz without
    movl %cr4, %eax
    orl $(1 << 18), %eax     /* OSXSAVE */
    movl %eax, %cr4
    xorl %ecx, %ecx
    xorl %edx, %edx
    movl $7, %eax            /* x87, SSE, AVX */
    xsetbv
    vmovdqu payload, %ymm2
    end
without:
    say UNABLE
payload:
    .quad 0, 0
    .quad (MARKER << 56) | 0x09796d6d685f72
    .quad 0x6567210000000000
    sector
