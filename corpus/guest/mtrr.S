/* SPDX-License-Identifier: MIT */
/* Writes `05 09 "mtrr_var!"` into the second variable memory type range: base (MSR 202) and mask (MSR 203). */
#include "boot.inc"

    begin
    movl $0x202, %ecx
    movl $((MARKER << 24) | 0x096d74), %edx
    movl $0x72725f76, %eax
    wrmsr
    incl %ecx
    movl $0x61722100, %edx
    xorl %eax, %eax
    wrmsr
    end
    sector
