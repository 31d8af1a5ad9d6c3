/*
 * store/memory/bytecalls.c: the calls for the bytes of an unfinished upload.
 */
#include <stdlib.h>

#include "store/memory/answering.h"
#include "store/memory/holding.h"
#include "store/memory/members.h"

struct store_file {
    struct store_place *place;
    struct store_session *session;
    uint64_t end; /* of the running fragment; 0: none is running */
    bool asked;   /* begin() or append() is not answered */
};

/* A caller that breaks the order of the contract would lose bytes in another
 * store; here it aborts. */
static void check_order(const struct store_file *file)
{
    if (file->asked) {
        abort();
    }
}

/* Call with the memory's mutex held. */
static enum bits_cause claim(const struct store_file *file,
                             struct memory_row **ret_row)
{
    return memory_row_claim(file->place->store->memory, file->session, ret_row);
}

static enum bits_cause run_open(struct memory_call *call)
{
    struct memory_row *row;
    enum bits_cause cause =
        memory_row_claim(call->store->memory, call->session, &row);
    struct store_file *file;

    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    file = malloc(sizeof(*file));
    if (!file) {
        return memory_fail(call, CAUSE_OVERLOADED, "no memory");
    }
    *file = (struct store_file){.place = call->place, .session = call->session};
    row->held++;
    call->op->stored = row->bytes.size;
    *call->ret_file = file;
    return BITS_CAUSE_OK;
}

enum store_when memory_file_open(struct store_place *place,
                                 struct store_session *session,
                                 struct store_file **ret_file,
                                 struct store_op *op)
{
    return memory_ask(&(struct memory_call){.name = "file_open",
                                            .run = run_open,
                                            .place = place,
                                            .op = op,
                                            .session = session,
                                            .ret_file = ret_file});
}

void memory_file_close(struct store_file *file)
{
    struct store_memory *memory;
    struct memory_row *row;

    if (!file) {
        return;
    }
    memory = file->place->store->memory;
    uv_mutex_lock(&memory->mutex);
    check_order(file);
    if (claim(file, &row) == BITS_CAUSE_OK) {
        row->saved = row->bytes.size;
    }
    if (row && row->held > 0) {
        row->held--;
    }
    uv_mutex_unlock(&memory->mutex);
    free(file);
}

/* --- a fragment ---------------------------------------------------------- */

static bool fits(const struct memory_store *store, uint64_t bytes)
{
    uint64_t max = store->options.max_bytes;

    return max == 0 || (bytes <= max && store->memory->used <= max - bytes);
}

static void ask_first(struct store_file *file)
{
    struct store_memory *memory = file->place->store->memory;

    uv_mutex_lock(&memory->mutex);
    check_order(file);
    file->asked = true;
    uv_mutex_unlock(&memory->mutex);
}

static enum bits_cause run_begin(struct memory_call *call)
{
    uint64_t total = call->file->session->total;
    struct memory_row *row;
    enum bits_cause cause = claim(call->file, &row);

    call->file->asked = false;
    if (cause != BITS_CAUSE_OK) {
        return cause;
    }
    if (call->stored != row->bytes.size || call->stored > total ||
        call->length > total - call->stored) {
        return memory_fail(call, BITS_CAUSE_IO_ERROR,
                           "the fragment does not begin where the bytes end, "
                           "or ends behind the total");
    }
    if (!fits(call->store, total - call->stored)) {
        return memory_fail(call, CAUSE_WILL_NOT_FIT,
                           "max_bytes would be exceeded");
    }
    call->file->end = call->stored + call->length;
    return BITS_CAUSE_OK;
}

enum store_when memory_begin(struct store_file *file, uint64_t stored,
                             uint64_t length, struct store_op *op)
{
    ask_first(file);
    return memory_ask(&(struct memory_call){.name = "begin",
                                            .run = run_begin,
                                            .place = file->place,
                                            .op = op,
                                            .file = file,
                                            .stored = stored,
                                            .length = length});
}

/* Doubles the room, so that not every append() copies everything. */
static bool grow(struct memory_bytes *bytes, uint64_t size, uint64_t most)
{
    uint64_t room = bytes->room * 2 > size ? bytes->room * 2 : size;
    char *data;

    if (size <= bytes->room) {
        return true;
    }
    room = room < most ? room : most;
    data = realloc(bytes->data, (size_t)room);
    if (data) {
        bytes->data = data;
        bytes->room = room;
    }
    return data != NULL;
}

/* Call with the mutex held.  Sets cause, fault and size of the call. */
static void store_bytes(struct memory_call *call, struct memory_row *row,
                        struct os_bytes bytes)
{
    struct memory_store *store = call->place->store;
    struct store_file *file = call->file;
    uint64_t size = row->bytes.size + bytes.size;

    call->stored = row->bytes.size;
    if (size > file->end) {
        call->cause = BITS_CAUSE_IO_ERROR;
        call->detail = "more bytes than the fragment has";
    } else if (!fits(store, bytes.size) ||
               !grow(&row->bytes, size, file->session->total)) {
        call->cause = BITS_CAUSE_DISK_FULL;
        call->detail = "max_bytes or the memory of the process is used up";
    } else if (os_bytes_take(&bytes, row->bytes.data + row->bytes.size) != 0) {
        call->cause = BITS_CAUSE_INTERNAL;
        call->detail = "cannot read from a pipe";
    } else {
        call->stored = size;
        memory_row_resize(store->memory, row, size);
        row->saved = store->options.write_behind ? row->saved : size;
        row->session.stored_any = true;
        file->session->stored_any = true;
        memory_row_renew(store, row);
    }
}

/* The bytes are stored already; only the answer was delayed. */
static enum bits_cause run_append(struct memory_call *call)
{
    call->file->asked = false;
    call->op->stored = call->stored;
    return call->cause == BITS_CAUSE_OK
               ? BITS_CAUSE_OK
               : memory_fail(call, call->cause, call->detail);
}

enum store_when memory_append(struct store_file *file, struct os_bytes bytes,
                              struct store_op *op)
{
    struct store_memory *memory = file->place->store->memory;
    struct memory_call call = {.name = "append",
                               .run = run_append,
                               .place = file->place,
                               .op = op,
                               .file = file,
                               .weight = bytes.size,
                               .detail = ""};
    struct memory_row *row;

    ask_first(file);
    uv_mutex_lock(&memory->mutex);
    call.cause = claim(file, &row);
    if (call.cause == BITS_CAUSE_OK) {
        store_bytes(&call, row, bytes);
    }
    uv_mutex_unlock(&memory->mutex);
    return memory_ask(&call);
}

/* There is no reserved space and no durability here. */
void memory_settle(struct store_file *file)
{
    struct store_memory *memory = file->place->store->memory;

    uv_mutex_lock(&memory->mutex);
    check_order(file);
    file->end = 0;
    uv_mutex_unlock(&memory->mutex);
}

/* --- saving -------------------------------------------------------------- */

bool memory_is_saved(const struct store_place *place,
                     const struct store_file *file)
{
    struct store_memory *memory = place->store->memory;
    struct memory_row *row;
    bool saved;

    if (!file) {
        return !place->store->options.write_behind;
    }
    uv_mutex_lock(&memory->mutex);
    (void)claim(file, &row);
    saved = !row || row->saved == row->bytes.size;
    uv_mutex_unlock(&memory->mutex);
    return saved;
}

static enum bits_cause run_save(struct memory_call *call)
{
    struct memory_row *row;
    enum bits_cause cause =
        memory_row_claim(call->store->memory, &call->copy, &row);

    if (cause == BITS_CAUSE_OK) {
        row->saved = row->bytes.size;
    }
    return cause;
}

/* The file may be closed before the answer. */
enum store_when memory_save(struct store_file *file, struct store_op *op)
{
    return memory_ask(&(struct memory_call){
        .name = "save",
        .run = run_save,
        .place = file->place,
        .op = op,
        .copy = {.id = file->session->id, .fence = file->session->fence}});
}
