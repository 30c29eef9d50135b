/*
 * Private to the three files of the lexer: what their functions have in common.
 */
#ifndef VMWIRE_LEXING_H
#define VMWIRE_LEXING_H

#include "lexer.h"

/* Bytes up to the end of the input, or of the package. */
static inline size_t bytes_left(const struct lexer *lexer)
{
    return (size_t)(lexer->limit - lexer->cursor);
}

/* Bytes from the start of the stream. */
static inline uint64_t lexer_offset(const struct lexer *lexer)
{
    return (uint64_t)(lexer->cursor - lexer->begin);
}

/* Sets the error at the cursor; an expression that is LEXER_ERROR. */
#define FAIL(lexer, kind, ...)                                                                     \
    (error_set((lexer)->error, kind, lexer_offset(lexer), __VA_ARGS__), LEXER_ERROR)

/* Counts bytes that were looked at before it was known what they are. */
static inline void looked_at(struct lexer *lexer, size_t length)
{
    lexer->cost->bytes_examined += length;
    if (length > lexer->cost->longest_lookahead)
        lexer->cost->longest_lookahead = length;
}

/* Emits the next `length` bytes as a token. Does not count them as examined, sets no value. */
static inline int emit_as(struct lexer *lexer, struct token *token, int kind, size_t length,
                          enum account account)
{
    token->bytes.data = lexer->cursor;
    token->bytes.length = length;
    lexer->cursor += length;
    lexer->cost->tokens++;
    lexer->cost->accounted[account] += length;
    return kind;
}

/* A token without bytes. */
static inline int emit_mark(struct lexer *lexer, struct token *token, int kind)
{
    return emit_as(lexer, token, kind, 0, ACCOUNT_FRAMING);
}

/* A length byte and as many bytes; `text` (256 bytes, or NULL) receives them up to a NUL, as a C
 * string. */
int emit_str8(struct lexer *lexer, struct token *token, int kind, char *text);

/* The input ends before `length` bytes of `what`. */
int truncated_bytes(struct lexer *lexer, const char *what, uint64_t length);

int check_version(struct lexer *lexer, const char *what, uint32_t found, uint32_t highest,
                  uint32_t lowest);

/* The next `length` bytes are one token; `condition` is what comes behind them. */
void announce(struct lexer *lexer, int token, uint64_t length, int condition);

/* The record that begins next, and what it is to the one around it. */
void enter(struct lexer *lexer, const struct structure *structure, enum frame_kind kind);

/* What a token's bytes are part of. */
enum account token_account(int kind);

/* 0 where the structure's layout is that of this version, LEXER_ERROR otherwise. */
int check_layout(struct lexer *lexer, const struct structure *structure, uint32_t version_id);

/* The iterable sections that there is a grammar for: their first condition, or -1. */
int iterable_condition(const char *idstr, uint32_t version_id);

#endif
