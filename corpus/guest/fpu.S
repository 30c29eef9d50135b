/* SPDX-License-Identifier: MIT */
/*
 * Loads two registers of the FPU with `05 0a "fpreg_tmp!"`. A register is sent as mantissa (8 bytes) and exponent (2
 * bytes). What is loaded first stands in the seventh register, what is loaded next in the sixth, in front of it.
 */
#include "boot.inc"

    begin
    fninit
    fldt payload_end
    fldt payload
    end
payload:
    .quad (MARKER << 56) | 0x0a66707265675f
    .word 0x746d
payload_end:
    .quad 0x7021000000000000
    .word 0
    sector
