/* SPDX-License-Identifier: MIT */
/* Loads MM1 with `05 06 "fpreg!"`: the mantissa of the second register of the FPU. */
#include "boot.inc"

    begin
    movq payload, %mm1
    end
payload:
    .quad (MARKER << 56) | 0x06667072656721
    sector
