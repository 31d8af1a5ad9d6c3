/*
 * base/compiler.h: the compiler attributes that the project uses.
 */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

/* Calls free_function(&variable) when the scope ends. */
#define CLEANUP(free_function) __attribute__((cleanup(free_function)))

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_arg, first)                                         \
    __attribute__((format(printf, format_arg, first)))

/* The struct that a member is part of. */
#define CONTAINER_OF(ptr, type, member)                                        \
    ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* 1 in a build with AddressSanitizer or ThreadSanitizer. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#define IS_SANITIZED                                                           \
    (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define IS_SANITIZED 0
#endif

#endif
