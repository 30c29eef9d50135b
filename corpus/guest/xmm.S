/* SPDX-License-Identifier: MIT */
/*
 * Loads XMM1 with `05 08 "xmm_reg!"`. The stream has the lower half of a register first, each half big-endian. XMM1
 * stands behind XMM0, a structure "xmm_reg" within "cpu".
 */
#include "boot.inc"

    begin
    movdqu payload, %xmm1
    end
payload:
    .quad (MARKER << 56) | 0x08786d6d5f7265
    .quad 0x6721000000000000
    sector
