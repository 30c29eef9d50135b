/* SPDX-License-Identifier: MIT */
/*
 * Tells MemorySanitizer which memory jansson initialises. Distributions ship jansson without its instrumentation, so memory
 * that jansson writes still counts as uninitialised. Empty in other builds.
 *
 *     its heap            comes from calloc, which counts as initialised
 *     its stack           still holds the state of our own functions, and jansson copies characters through it
 *     json_error_t        belongs to the caller
 *
 * Only the parser needs the last two, so the linker replaces it by the functions below (Makefile, WRAP_PARSER). Our own
 * memory is still checked: uninitialised memory that we pass to jansson is reported.
 */
#include <jansson.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#include <stdlib.h>

/* More than jansson's parser needs at its nesting limit (2048). */
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

json_t *__real_json_load_callback(json_load_callback_t callback, void *context, size_t flags,
                                  json_error_t *error);
json_t *__wrap_json_load_callback(json_load_callback_t callback, void *context, size_t flags,
                                  json_error_t *error);

json_t *__wrap_json_load_callback(json_load_callback_t callback, void *context, size_t flags,
                                  json_error_t *error)
{
    __msan_unpoison((char *)__builtin_frame_address(0) - STACK, STACK);
    json_t *root = __real_json_load_callback(callback, context, flags, error);
    __msan_unpoison(error, sizeof(*error));
    return root;
}

/* Its caller, jansson, does not mark the argument as initialised. */
__attribute__((no_sanitize("memory"))) static void *zeros(size_t size)
{
    return calloc(1, size);
}

__attribute__((constructor)) static void set_up(void)
{
    json_set_alloc_funcs(zeros, free);
}
#endif
