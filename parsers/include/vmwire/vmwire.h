/* SPDX-License-Identifier: MIT */
/*
 * Includes every public header of the library. The program, the tests and the fuzz targets use the
 * library through these headers only. All other headers are private.
 */
#ifndef VMWIRE_H
#define VMWIRE_H

#include "vmwire/arena.h"
#include "vmwire/bytes.h"
#include "vmwire/cost.h"
#include "vmwire/decide.h"
#include "vmwire/describe.h"
#include "vmwire/error.h"
#include "vmwire/input.h"
#include "vmwire/option.h"
#include "vmwire/outcome.h"
#include "vmwire/reader.h"
#include "vmwire/record.h"
#include "vmwire/schema.h"
#include "vmwire/template.h"
#include "vmwire/wire.h"
#include "vmwire/writer.h"

#endif
