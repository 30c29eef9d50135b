/* SPDX-License-Identifier: MIT */
/*
 * vmwire asn1: prints the ASN.1 module of the records that a stream or a schema describes.
 */
#ifndef VMWIRE_PROGRAM_ASN1_ASN1_H
#define VMWIRE_PROGRAM_ASN1_ASN1_H

#include "program/shared/arguments.h"

/* Returns the exit status. */
int run_asn1(const struct arguments *arguments);

#endif
