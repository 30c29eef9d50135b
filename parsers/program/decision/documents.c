/* SPDX-License-Identifier: MIT */
/*
 * Holds the documents' bytes.
 */
#include "program/decision/documents.h"

#include <stdint.h>

static const uint8_t grammar[] = {
#include "documents/grammar.bytes.inc"
};
static const uint8_t byte_grammars[] = {
#include "documents/byte_grammars.bytes.inc"
};
static const uint8_t costs[] = {
#include "documents/costs.bytes.inc"
};

static const struct {
    const uint8_t *bytes;
    size_t length;
} documents[] = {
    [DOCUMENT_GRAMMAR] = {grammar, sizeof(grammar)},
    [DOCUMENT_BYTE_GRAMMARS] = {byte_grammars, sizeof(byte_grammars)},
    [DOCUMENT_COSTS] = {costs, sizeof(costs)},
};

const struct grammar_size grammar_sizes[] = {
#include "grammar_sizes.inc"
};

json_t *load_document(enum document document)
{
    return json_loadb((const char *)documents[document].bytes, documents[document].length, 0, NULL);
}
