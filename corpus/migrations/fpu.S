/* SPDX-License-Identifier: MIT */
/* Divides by zero in the floating point unit, and leaves the error pending: cpu/fpop_ip_dp. */
#include "boot.inc"

    begin
    fninit
    fldcw control
    fld1
    fldz
    fdivrp
    end
control:
    .word 0x0340             /* errors are not masked */
    sector
