/*
 * store/local/space.c: see space.h.
 */
#include "store/local/space.h"

#include <inttypes.h>

#include "os/mount.h"
#include "store/local/rules.h"

/* The smaller of the configured limits; 0 without a limit. */
static uint64_t space_to_leave(const struct option_space *limit, uint64_t size)
{
    uint64_t share = size / 100 * limit->percent;

    if (limit->percent >= 100) {
        return limit->bytes == UINT64_MAX ? 0 : limit->bytes;
    }
    return share < limit->bytes ? share : limit->bytes;
}

bool space_is_short(int folder, const struct option_space *limit,
                    const char *path, const char *option,
                    struct fault *ret_fault)
{
    struct os_space space;
    uint64_t leave;

    if (!os_free_space(folder, &space)) {
        return false;
    }
    leave = space_to_leave(limit, space.size);
    if (space.free >= leave) {
        return false;
    }
    (void)fault_set(ret_fault,
                    "the disk of %s has %" PRIu64 " bytes free, %" PRIu64
                    " are to be left free (%s)",
                    path, space.free, leave, option);
    return true;
}

enum bits_cause space_check(struct store_place *place, uint64_t rest,
                            struct fault *ret_fault)
{
    struct local_rules rules = local_rules_of(place);
    uint64_t promised = place->staging->volume->promised;
    struct os_space space;
    uint64_t leave;
    uint64_t needed;

    if (!os_free_space(place->staging->fd, &space)) {
        return BITS_CAUSE_OK; /* the disk reports when it is full */
    }
    leave = space_to_leave(&rules.own.min_free_space, space.size);
    if (!__builtin_add_overflow(rest, leave, &needed) &&
        !__builtin_add_overflow(needed, promised, &needed) &&
        needed <= space.free) {
        return BITS_CAUSE_OK;
    }
    return cause_fault(ret_fault, CAUSE_WILL_NOT_FIT,
                       "%" PRIu64 " more bytes do not fit on the disk of %s: "
                       "%" PRIu64 " free, %" PRIu64 " to be left free "
                       "(min_free_space), %" PRIu64 " for running uploads",
                       rest, place->root_path, space.free, leave, promised);
}

enum bits_cause space_check_growth(struct store_place *place, uint64_t more,
                                   struct fault *ret_fault)
{
    struct local_rules rules = local_rules_of(place);

    /* Without a limit the disk may fill up; the write reports that. */
    return space_to_leave(&rules.own.min_free_space, UINT64_MAX) == 0
               ? BITS_CAUSE_OK
               : space_check(place, more, ret_fault);
}

void space_promise(struct local_volume *volume, uint64_t *promise,
                   uint64_t bytes)
{
    /* Wraps around together with the sum. */
    (void)atomic_fetch_add(&volume->promised, bytes - *promise);
    *promise = bytes;
}
