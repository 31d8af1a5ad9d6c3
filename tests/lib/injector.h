/*
 * tests/lib/injector.h: spoils system calls of a program under test.
 *
 * The library stands before the C library: linked into a test (contract/), or
 * loaded into bitsd with LD_PRELOAD (injector.py).  A rule says which calls it
 * spoils and how:
 *
 *     CALL[,CALL...] [PLACE] [after N] [once | times N] ACTION
 *
 *     sync data once fail EIO     the next fdatasync of a staged file
 *     write data after 7 tear     each write after the seventh, in half
 *     rename hold                 each rename waits until the rule ends
 *     clock wall lie 3600         the wall clock is an hour ahead
 *
 * CALL    write (also pwrite), splice, read (pread), sync (fsync, fdatasync),
 *         rename, open (also openat, openat2), fallocate, truncate, unlink,
 *         mkdir, fstat, fstatat, seek, memory (malloc, calloc, realloc), clock
 * PLACE   data (staged files), staging (their folders), index, elsewhere (all
 *         others), or GLOB[|GLOB...] for the file's path, in which an asterisk
 *         matches slashes, too; of a clock: wall, boot, timers
 * ACTION  fail ERRNO; tear (half of a write); hold; delay MICROSECONDS;
 *         lie SECONDS (a clock); note (the call is only counted)
 *
 * `after` and `times` count the calls that match.  Rules apply in the order in
 * which they were added.  A call waits at one of them at most, then fails by
 * the first that says so, even if that was added while the call waited.
 */
#ifndef TESTS_LIB_INJECTOR_H
#define TESTS_LIB_INJECTOR_H

#include <stdint.h>

struct rule;

/* Adds a rule to this program.  Aborts if the text is not a rule. */
__attribute__((format(printf, 1, 2))) struct rule *inject(const char *format,
                                                          ...);

/* Ends all rules of this program. */
void inject_nothing(void);

/* Lets the calls that wait there continue. */
void rule_end(struct rule *rule);

/* Blocks until this many calls wait there. */
void rule_wait_held(struct rule *rule, uint32_t count);

/* How many calls wait there now; how many calls it has spoiled. */
uint32_t rule_held(struct rule *rule);
uint32_t rule_hits(struct rule *rule);

/* When it spoiled its first, or last, call, on a scale common to all rules.
 * Abort if it has not spoiled any. */
uint32_t rule_first(struct rule *rule);
uint32_t rule_last(struct rule *rule);

/* --- rules for another program --- */

/* It reads them from the file that its INJECTOR names.  Use one file on one
 * thread only. */
struct injector;

/* The file must exist.  Returns NULL with errno if it cannot be mapped. */
struct injector *injector_open(const char *path);
struct rule *injector_add(struct injector *injector, const char *text);
void injector_clear(struct injector *injector);
void injector_close(struct injector *injector);

#endif
