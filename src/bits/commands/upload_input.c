/*
 * bits/commands/upload_input.c: standard input as a file.
 *
 * It is copied first, since each fragment names the total length.  A copy that
 * could not be sent is kept, because the bytes exist nowhere else.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bits/commands/upload_command.h"
#include "client/files/spool.h"

bool upload_is_input(const struct upload *upload)
{
    return strcmp(upload->line->operands[0], "-") == 0;
}

int upload_take_input(struct upload *upload)
{
    const struct command_line *line = upload->line;
    const char *name = upload->settings.name ? upload->settings.name : "input";
    struct fault fault;

    if (isatty(STDIN_FILENO)) {
        say_note(line->say, "reading from the terminal until Control-D");
    }
    upload->spooled = spool_take(STDIN_FILENO, name, line->stop, &fault);
    if (!upload->spooled && line->stop->asked) {
        say_error(line->say, "interrupted before all of standard input was "
                             "there; nothing was sent");
        return CLIENT_BY_SIGNAL + line->stop->signal;
    }
    if (!upload->spooled) {
        say_error(line->say, "%s", fault.text);
        return CLIENT_LOCAL;
    }
    return jobs_add(&upload->jobs, upload->spooled, name, upload->url)
               ? CLIENT_DONE
               : CLIENT_LOCAL;
}

void upload_leave_input(const struct upload *upload, int status)
{
    if (!upload->spooled) {
        return;
    }
    if (status == CLIENT_DONE) {
        (void)unlink(upload->spooled);
        return;
    }
    say_error(
        upload->line->say,
        "standard input is kept in %s; this resumes, with the same options:",
        upload->spooled);
    say_error(upload->line->say, "bits upload --remove-source '%s' '%s'",
              upload->spooled,
              upload->jobs.count > 0 ? upload->jobs.items[0].url : upload->url);
}
