/*
 * bits/progress/refusals.c: see refusals.h.
 */
#include "bits/progress/refusals.h"

#include <stdlib.h>

#include "bits/say_failure.h"
#include "client/transfer/refusal.h"

void refusals_init(struct refusals *refusals, struct say *say)
{
    *refusals = (struct refusals){.say = say};
}

void refusals_done(struct refusals *refusals)
{
    free(refusals->paths);
    refusals->paths = NULL;
}

/* --- failures like the last one ------------------------------------------- */

/* Returns false if memory ran out. */
static bool keep(struct refusals *refusals, const char *path)
{
    if (refusals->alike == refusals->paths_room) {
        size_t room = refusals->paths_room > 0 ? 2 * refusals->paths_room : 64;
        const char **paths =
            reallocarray(refusals->paths, room, sizeof(paths[0]));

        if (!paths) {
            return false;
        }
        refusals->paths = paths;
        refusals->paths_room = room;
    }
    refusals->paths[refusals->alike++] = path;
    return true;
}

/* Prints the names that were held back. */
static void say_names(struct refusals *refusals)
{
    struct fault fault;

    failure_words(&refusals->failure, &fault);
    for (size_t i = 0; i < refusals->alike && !refusals->say->json; i++) {
        say_error(refusals->say, "%s: %s", watch_name(refusals->paths[i]),
                  fault.text);
    }
    refusals->alike = 0;
}

/* --- events --------------------------------------------------------------- */

void refusals_accepted(struct refusals *refusals)
{
    if (!refusals->accepted || refusals->of_all) {
        say_names(refusals);
    }
    refusals->accepted = true;
    refusals->of_all = false;
}

static bool holds_for_all(const struct refusals *refusals,
                          const struct bits_failure *failure,
                          enum refusals_server server)
{
    switch (refusal_scope_of(failure)) {
    case REFUSAL_OF_FILE:
        break;
    case REFUSAL_OF_SERVER:
        return !refusals->accepted;
    case REFUSAL_OF_ALL:
        return true;
    case REFUSAL_UNREACHABLE:
        return server == REFUSALS_SERVER_SILENT;
    }
    return false;
}

static bool is_unsaid(const struct refusals *refusals,
                      const struct bits_failure *failure)
{
    return refusals->some && (refusals->of_all || !refusals->accepted) &&
           refusal_is_same(&refusals->failure, failure);
}

bool refusals_failed(struct refusals *refusals, const struct watch_event *event,
                     enum refusals_server server)
{
    const struct bits_failure *failure = event->failure;

    if (failure->reason == BITS_REASON_LOCAL) {
        return true;
    }
    if (is_unsaid(refusals, failure)) {
        refusals->of_all |= holds_for_all(refusals, failure, server);
        return !keep(refusals, event->path);
    }
    say_names(refusals);
    refusals->some = true;
    refusals->failure = *failure;
    refusals->exit = event->exit;
    refusals->of_all |= holds_for_all(refusals, failure, server);
    return true;
}

/* --- the end -------------------------------------------------------------- */

static void say_untried_json(const struct refusals *refusals, size_t untried)
{
    say_json(refusals->say,
             json_pack("{s:s, s:I, s:i, s:o}", "event", "untried", "count",
                       (json_int_t)untried, "exit", (int)refusals->exit,
                       "error", failure_json(&refusals->failure)));
}

static void say_untried(const struct refusals *refusals, size_t untried)
{
    size_t others = refusals->alike + untried;
    const char *files = others == 1 ? "file" : "files";

    if (untried > 0) {
        say_error(refusals->say,
                  "the same reason stops %zu other %s, %zu of them untried",
                  others, files, untried);
    } else if (others > 0) {
        say_error(refusals->say, "the same reason stops %zu other %s", others,
                  files);
    }
}

void refusals_sum_up(struct refusals *refusals, size_t untried)
{
    if (!refusals->of_all && untried > 0) {
        say_names(refusals); /* the run was interrupted */
    } else if (!refusals->say->json) {
        say_untried(refusals, untried);
    } else if (untried > 0) {
        say_untried_json(refusals, untried);
    }
}
