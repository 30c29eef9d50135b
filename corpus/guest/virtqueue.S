/* SPDX-License-Identifier: MIT */
/*
 * Gives two queues of a virtio device addresses that spell `05 10 "virtqueue_state!"`. Each queue is sent as a
 * structure "virtqueue_state": the addresses of its rings `avail` and `used`, each big-endian. A descriptor table at 0
 * says that the queue is not in use. The script puts the device, which has three queues or more, at 00:05.0.
 */
#include "boot.inc"

.set DEVICE, 5
.set CAPABILITIES, 0x34
.set VENDOR_SPECIFIC, 9      /* with type 1: where the common configuration is */
.set QUEUE_SELECT, 0x16      /* offsets in the common configuration */
.set QUEUE_ENABLE, 0x1c
.set QUEUE_AVAIL, 0x28
.set QUEUE_USED, 0x30

/* Reads the register of the device's configuration that ESI says. */
.macro pci_read_at
    leal (0x80000000 | DEVICE << 11)(%esi), %eax
    movw $0xcf8, %dx
    outl %eax, %dx
    movw $0xcfc, %dx
    inl %dx, %eax
.endm

    begin
    pci_read DEVICE, CAPABILITIES
    movzbl %al, %esi
look:
    pci_read_at
    cmpb $VENDOR_SPECIFIC, %al
    movzbl %ah, %ecx         /* the next capability */
    jne another
    shrl $24, %eax
    cmpb $1, %al
    je found
another:
    movl %ecx, %esi
    testl %esi, %esi
    jnz look
    say UNABLE
found:
    addl $8, %esi
    pci_read_at
    movl %eax, %ebx          /* the offset in a region of memory */
    subl $4, %esi
    pci_read_at
    movzbl %al, %eax         /* which one */
    leal 0x10(,%eax,4), %esi
    pci_read_at
    andl $~15, %eax
    addl %eax, %ebx
    movl $payload, %esi
    movl $1, %ecx
queue:
    movw %cx, QUEUE_SELECT(%ebx)
    leal QUEUE_AVAIL(%ebx), %edi
    movsl
    movsl
    movsl                    /* used stands behind avail */
    movsl
    movw $1, QUEUE_ENABLE(%ebx)
    incl %ecx
    cmpw $3, %cx
    jne queue
    end
payload:
    .quad (MARKER << 56) | 0x10766972747175, 0x6575655f73746174
    .quad 0x6521000000000000, 0
    sector
