/* SPDX-License-Identifier: MIT */
/*
 * Writes `05 LENGTH NAME 00 ...` into the chipset configuration of ICH9LPC, which the firmware has put at fed1c000
 * (RCBA). It stands behind the power management, a structure "ich9_pm" that ends with its subsections. The script gives
 * NAME and LENGTH.
 *
 * With ITEMS the name is that of a subsection that there is, "ich9_pm/memhp". So the reader takes it once more, and is
 * LENGTH + 10 bytes ahead from there on. It takes for the end of ICH9LPC what the guest has put into the table of the
 * I/O APIC: `7e`, the number LPC of that section, and then
 *     ITEMS 1: `00`, the end of the stream;
 *     ITEMS 2: `04`, and the number NEXT and the name of the section that comes behind the I/O APIC. This name has
 *              NEXT_LENGTH bytes: it reaches to the end of the name in the real header, so that the rest is in step.
 */
#include "boot.inc"

.set CHIP_CONFIG, 0xfed1c000
.set VERSION_BEHIND_NAME, CHIP_CONFIG + 2 + LENGTH + 3

.set IOAPIC_INDEX, 0xfec00000
.set IOAPIC_DATA, 0xfec00010
.set ENTRY, 16               /* the first one that is written */

    begin
    movl $payload, %esi
    movl $CHIP_CONFIG, %edi
    movl $(payload_end - payload), %ecx
copy:
    movb (%esi), %al         /* the device takes single bytes */
    movb %al, (%edi)
    incl %esi
    incl %edi
    loop copy
#if ITEMS
    movb $1, VERSION_BEHIND_NAME
    movl $(0x10 + 2 * ENTRY), %ecx
    movl $entries, %esi
next:
    movl %ecx, IOAPIC_INDEX
    lodsl
    movl %eax, IOAPIC_DATA
    incl %ecx
    cmpl $entries_end, %esi
    jne next
#endif
    end
payload:
    .byte MARKER, LENGTH
    .asciz NAME
payload_end:
#if ITEMS
/*
 * Two words an entry, the lower one first; the stream has an entry as a big-endian word of 8 bytes, so `7e` is the last
 * byte of the first entry. The name has four letters: a fifth would stand in bits that cannot be written.
 */
entries:
    .long 0x1007e, 0
#if ITEMS == 1
    .long 0, LPC
#else
    .long (4 << 24), LPC
    .long (NEXT_NAME & 0xffff) << 16, (NEXT << 24) | (NEXT_LENGTH << 16) | (NEXT_NAME >> 16)
#endif
entries_end:
#endif
    sector
