/*
 * store/memory/delivering.c: names, and deliver().
 */
#include <stdlib.h>
#include <string.h>

#include <openbits/target.h>

#include "store/datedname.h"
#include "store/memory/answering.h"
#include "store/memory/delivered.h"
#include "store/memory/holding.h"
#include "store/memory/members.h"
#include "store/memory/once.h"
#include "store/memory/quota_count.h"

static struct memory_file *find_file(const struct memory_call *call,
                                     const char *name)
{
    return memory_file_find(call->store->memory, call->place->prefix->name,
                            name);
}

static enum bits_cause run_look(struct memory_call *call)
{
    const struct memory_file *file = find_file(call, call->text);

    *call->ret_found = file != NULL;
    if (file) {
        *call->ret_number = file->bytes.size;
    }
    return BITS_CAUSE_OK;
}

enum store_when memory_look(struct store_place *place, const char *name,
                            bool *ret_found, uint64_t *ret_size,
                            struct store_op *op)
{
    return memory_ask(&(struct memory_call){.name = "look",
                                            .run = run_look,
                                            .place = place,
                                            .op = op,
                                            .text = name,
                                            .ret_found = ret_found,
                                            .ret_number = ret_size});
}

static enum bits_cause run_check(struct memory_call *call)
{
    return call->place->prefix->section.on_exists == STORE_EXISTS_REFUSE &&
                   find_file(call, call->text)
               ? memory_fail(call, CAUSE_FILE_EXISTS, call->text)
               : BITS_CAUSE_OK;
}

enum store_when memory_check_name(struct store_place *place, const char *name,
                                  uint64_t own_folders, struct store_op *op)
{
    (void)own_folders; /* there are no folders */
    return memory_ask(&(struct memory_call){.name = "check_name",
                                            .run = run_check,
                                            .place = place,
                                            .op = op,
                                            .text = name});
}

/* --- delivery ------------------------------------------------------------ */

/* The caller frees it.  Returns NULL with the reason in *ret_cause on
 * failure. */
static char *dated_name(struct memory_call *call, enum bits_cause *ret_cause)
{
    const struct os_clock *clock = call->store->options.clock;
    const struct store_session *session = call->session;
    struct store_mark mark = {.id = &session->id,
                              .now = clock->wall(clock->context)};
    const char *wanted = store_destination(session);
    size_t size = strlen(wanted) + BITS_SEGMENT_MAX + 1;
    char *name = malloc(size);

    while (name && mark.try < STORE_DATED_NAMES) {
        store_dated_name(wanted, &mark, name, size);
        mark.try++;
        if (!find_file(call, name)) {
            return name;
        }
    }
    *ret_cause = name ? CAUSE_NO_FREE_NAME : CAUSE_OVERLOADED;
    free(name);
    return NULL;
}

/* The same.  An empty file without a Fragment does not replace a file. */
static char *choose_name(struct memory_call *call, const struct memory_row *row,
                         enum bits_cause *ret_cause)
{
    enum store_exists choice = call->place->prefix->section.on_exists;
    const char *name = store_destination(call->session);
    bool is_taken = find_file(call, name) != NULL;

    if (is_taken && choice == STORE_EXISTS_KEEP_BOTH) {
        return dated_name(call, ret_cause);
    }
    if (is_taken &&
        (choice == STORE_EXISTS_REFUSE || !row->session.fragment_seen)) {
        *ret_cause = CAUSE_FILE_EXISTS;
        return NULL;
    }
    *ret_cause = CAUSE_OVERLOADED;
    return strdup(name);
}

static enum bits_cause move(struct memory_call *call, struct memory_row *row)
{
    struct store_memory *memory = call->store->memory;
    struct memory_bytes bytes = row->bytes;
    enum bits_cause cause;
    char *name = choose_name(call, row, &cause);
    char *copy = name ? strdup(name) : NULL;

    if (!copy || !memory_file_set(memory, row->prefix->name, name, &bytes)) {
        free(copy);
        free(name);
        return memory_fail(call, cause, store_destination(call->session));
    }
    memory_row_resize(memory, row, 0);
    row->bytes = (struct memory_bytes){.data = NULL};
    row->saved = 0;
    free(row->session.delivered_as);
    row->session.delivered_as = copy;
    free(call->session->delivered_as);
    call->session->delivered_as = name;
    return BITS_CAUSE_OK;
}

static enum bits_cause deliver_row(struct memory_call *call,
                                   struct memory_row *row)
{
    enum bits_cause cause;

    memory_row_learn(row, call->session);
    memory_row_renew(call->store, row);
    call->op->stored = row->bytes.size;
    if (row->bytes.size != row->session.total) {
        row->session.state = STORE_RECEIVING;
        return memory_fail(call, BITS_CAUSE_IO_ERROR, "bytes were lost");
    }
    if (row->session.once_until != 0 && !memory_use_once(call, row)) {
        row->session.state = STORE_RETRY;
        return memory_fail(call, CAUSE_OVERLOADED, "no memory");
    }
    cause = move(call, row);
    if (cause == BITS_CAUSE_OK && row->counts) {
        memory_quota_deliver(call, row);
    }
    if (row->session.once_until != 0 && cause != BITS_CAUSE_OK) {
        memory_unuse_once(call, row);
    }
    row->session.state = cause == BITS_CAUSE_OK ? STORE_DONE : STORE_RETRY;
    return cause;
}

static enum bits_cause run_deliver(struct memory_call *call)
{
    struct memory_row *row;
    enum bits_cause cause =
        memory_row_claim(call->store->memory, call->session, &row);

    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    call->op->stored = row->session.total;
    if (row->session.state != STORE_DONE) {
        cause = deliver_row(call, row);
    }
    call->session->state = row->session.state;
    call->session->active_at = row->session.active_at;
    return cause;
}

enum store_when memory_deliver(struct store_place *place,
                               struct store_session *session,
                               struct store_file *file, struct store_op *op)
{
    return memory_ask(&(struct memory_call){.name = "deliver",
                                            .run = run_deliver,
                                            .place = place,
                                            .op = op,
                                            .session = session,
                                            .file = file});
}
