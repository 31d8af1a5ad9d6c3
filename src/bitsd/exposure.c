/*
 * bitsd/exposure.c: see exposure.h.
 */
#include "bitsd/exposure.h"

#include "base/text.h"

static const struct listener *find_exposed(const struct listener *listeners,
                                           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (listeners[i].is_exposed) {
            return &listeners[i];
        }
    }
    return NULL;
}

void exposure_log(struct log_sink *log, enum log_level level,
                  const struct string_list *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        log_words(log, level, "configuration", errors->items[i]);
    }
}

bool exposure_check(struct log_sink *log, const struct listener *listeners,
                    size_t count, const struct config *config)
{
    const struct listener *exposed = find_exposed(listeners, count);
    struct string_list errors = {0};
    bool passed = !exposed || config_says_who(config, exposed->name, &errors);

    exposure_log(log, LOG_ERROR, &errors);
    string_list_done(&errors);
    return passed;
}

void exposure_warn(struct log_sink *log, const struct listener *listeners,
                   size_t count, const char *folder)
{
    const struct listener *exposed = find_exposed(listeners, count);

    if (exposed) {
        LOG(log, LOG_WARNING, "access",
            "every client that reaches this address may upload to this folder",
            LOG_TEXT("address", text_of(exposed->name)),
            LOG_TEXT("folder", text_of(folder)));
    }
}
