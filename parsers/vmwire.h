/*
 * The library in one include: what the program, the tests and the fuzz targets use. Everything else
 * is private.
 */
#ifndef VMWIRE_H
#define VMWIRE_H

#include "arena.h"
#include "bytes.h"
#include "cost.h"
#include "engine.h"
#include "error.h"
#include "input.h"
#include "option.h"
#include "outcome.h"
#include "reader.h"
#include "record.h"
#include "schema.h"
#include "template.h"
#include "wire.h"
#include "writer.h"

#endif
