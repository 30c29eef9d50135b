/*
 * What MemorySanitizer cannot see is told to it here: jansson, as distributions ship it, is compiled without
 * it, so what jansson stores counts as uninitialised wherever the memory did before. Empty in other builds.
 *
 *     its heap            comes from calloc, which counts as initialised
 *     its stack           holds what our own functions left there, and it copies characters through it
 *     json_error_t        the caller's
 *
 * Only the parser has the latter two, so the linker puts this one in its place (Makefile, WRAP_PARSER). Our
 * own memory is checked as everywhere: what of it is handed to jansson uninitialised is still reported.
 */
#include <jansson.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#include <stdlib.h>

/* What jansson's parser takes of the stack at its limit of nesting (2048) is less. */
enum { STACK = 1 << 19 };

json_t *__real_json_loadb(const char *text, size_t length, size_t flags, json_error_t *error);
json_t *__wrap_json_loadb(const char *text, size_t length, size_t flags, json_error_t *error);

json_t *__wrap_json_loadb(const char *text, size_t length, size_t flags, json_error_t *error)
{
    __msan_unpoison((char *)__builtin_frame_address(0) - STACK, STACK);
    json_t *root = __real_json_loadb(text, length, flags, error);
    __msan_unpoison(error, sizeof(*error));
    return root;
}

/* Called by what does not say that the argument is initialised. */
__attribute__((no_sanitize("memory"))) static void *zeros(size_t size)
{
    return calloc(1, size);
}

__attribute__((constructor)) static void set_up(void)
{
    json_set_alloc_funcs(zeros, free);
}
#endif
