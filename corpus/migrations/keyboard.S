/* SPDX-License-Identifier: MIT */
/* Resets the keyboard and does not read its answer: ps2kbd/command_reply_queue, which QEMU has since 7.0. */
#include "boot.inc"

    begin
    movb $0xff, %al
    outb %al, $0x60
    end
    sector
