/*
 * client/settings/judge.h: the checks that options.def names.  Private to the
 * folder.
 */
#ifndef CLIENT_SETTINGS_JUDGE_H
#define CLIENT_SETTINGS_JUDGE_H

#include "client/settings/settings.h"

/* A header without a secret, or @ and the name of a file. */
bool setting_judge_header(const char *text, struct fault *ret_fault);

bool setting_judge_user(const char *text, struct fault *ret_fault);
bool setting_judge_file_name(const char *text, struct fault *ret_fault);

/* The table row that contains the option. */
static inline const struct setting *setting_of(const struct option_row *option)
{
    return (const struct setting *)(const void *)option;
}

/* Checks a text of a configuration file; `option` must be one of the
 * table's. */
bool setting_judge_text(const struct option_row *option, const char *text,
                        struct fault *ret_fault);

#endif
