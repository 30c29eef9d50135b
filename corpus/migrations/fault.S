/* SPDX-License-Identifier: MIT */
/* Causes a general protection fault, and stays in its handler: a fault with an error code. */
#include "boot.inc"

.set GENERAL_PROTECTION, 13

    begin
    lidtl interrupts_end
    movw $0xfff8, %ax
    movw %ax, %fs            /* there is no such segment */
handler:
    end
    .p2align 3
interrupts:
    .skip 8 * GENERAL_PROTECTION
    .word handler, CODE, 0x8e00, 0
interrupts_end:
    .word interrupts_end - interrupts - 1
    .long interrupts
    sector
