/*
 * access/basic.h: names and passwords (RFC 7617).
 *
 * A password that was right is remembered for password_cache_time and costs
 * next to nothing then.  Others are checked on threads of their own, so that
 * they hold up neither sockets nor disks.  All functions may be called from any
 * thread but where a comment says otherwise.
 */
#ifndef ACCESS_BASIC_H
#define ACCESS_BASIC_H

#include "options/list.h"
#include "server/uploads/access.h"

struct basic;
struct log_sink;

/* What clients are asked with. */
#define BASIC_CHALLENGE "Basic realm=\"bitsd\", charset=\"UTF-8\""

/* NULL: no memory or no threads. */
struct basic *basic_new(struct log_sink *log, const struct config *config);

/* No check may be pending.  Accepts NULL. */
void basic_free(struct basic *basic);

/* Reads the password files that the configuration names, all of them anew.
 * Blocks.  False: *errors says what is wrong with them, or nothing if memory is
 * short. */
bool basic_prepare(struct basic *basic, const struct config *config,
                   struct string_list *errors);

/* Puts a prepared configuration in force.  Requests under the one before it
 * still find its files. */
void basic_configure(struct basic *basic, const struct config *config);

/* For the two functions of struct access_ops; value is that of Authorization.
 */
enum access_verdict basic_ask(struct basic *basic, struct access_check *check,
                              struct bits_text value);
void basic_forget(struct basic *basic, struct access_check *check);

#endif
