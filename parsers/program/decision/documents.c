/* SPDX-License-Identifier: MIT */
/*
 * Holds the documents' bytes.
 */
#include "program/decision/documents.h"

#include <stdint.h>

#include "vmwire/json.h"

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

json_t *load_document(enum document document, struct vmwire_error *error)
{
    const struct vmwire_bytes text = {documents[document].bytes, documents[document].length};
    return vmwire_json_parse(text, 0, error);
}
