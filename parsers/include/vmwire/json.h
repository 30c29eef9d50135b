/* SPDX-License-Identifier: MIT */
/*
 * Parses JSON with jansson, safely where memory runs out: jansson 2.14 then may leave out characters of a string, or write
 * behind a buffer. vmwire.h does not include this header, because it needs that of jansson.
 */
#ifndef VMWIRE_JSON_H
#define VMWIRE_JSON_H

#include <jansson.h>

#include "vmwire/bytes.h"
#include "vmwire/error.h"

#pragma GCC visibility push(default)

/* Parses a text that is an object or an array. `flags` are jansson's (JSON_REJECT_DUPLICATES, JSON_ALLOW_NUL). The caller
 * releases the value with json_decref(). Returns NULL with `error` set when the text is not JSON (VMWIRE_ERROR_SCHEMA; the
 * offset is in bytes of the text), or memory runs out (VMWIRE_ERROR_MEMORY). */
json_t *vmwire_json_parse(struct vmwire_bytes text, size_t flags, struct vmwire_error *error);

#pragma GCC visibility pop

#endif
