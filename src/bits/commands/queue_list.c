/*
 * bits/commands/queue_list.c: `bits queue list` and `show`: a table, details,
 * or JSON.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "bits/commands/queue_command.h"
#include "bits/progress/progress.h"
#include "bits/say_text.h"
#include "client/transfer/record.h"
#include "options/list.h"
#include "os/clock.h"

/* The column where the texts of `show` begin. */
#define TEXT_COLUMNS 11

#define TIME_MAX 32

/* Indents the lines below a row of the table. */
#define ROW_INDENT "          "

/* More columns than a terminal has. */
#define CELL_MAX 2048

#define ENDING_WORDS                                                           \
    "removed; `bits queue run` ends its session at the server and forgets it"

/* A job with data from outside its file. */
struct view {
    struct queue_job job;
    const char *state;
    uint64_t sent; /* bytes that the server has */
};

struct listing {
    struct say *say;
    struct queue queue;
    struct home records; /* fd -1: no records */
};

/* --- collecting ---------------------------------------------------------- */

static uint64_t bytes_sent(const struct listing *listing,
                           const struct queue_job *job)
{
    struct record record = {.folder = -1, .lock = -1};
    uint64_t offset = 0;

    if (job->state == QUEUE_DONE) {
        return job->size;
    }
    if (listing->records.fd >= 0 &&
        record_peek(&record, listing->records.fd, job->url, job->path)) {
        offset = record.transfer.offset;
    }
    record_close(&record);
    return offset;
}

/* Returns 0 or an errno value. */
static int look(const struct listing *listing, const char *id,
                struct view *ret_view)
{
    int error = queue_load(&listing->queue, id, &ret_view->job);

    if (error) {
        return error;
    }
    ret_view->sent = bytes_sent(listing, &ret_view->job);
    ret_view->state = queue_state_name(ret_view->job.state);
    if (ret_view->job.state == QUEUE_WAITING &&
        queue_holder(&listing->queue, id) != 0) {
        ret_view->state = "running";
    }
    return 0;
}

static void write_time(int64_t at, char text[TIME_MAX])
{
    time_t when = (time_t)at;
    struct tm local;

    if (!localtime_r(&when, &local) ||
        strftime(text, TIME_MAX, "%Y-%m-%d %H:%M:%S", &local) == 0) {
        text[0] = '\0';
    }
}

/* Omits the date if it is today. */
static void write_short_time(int64_t at, char text[TIME_MAX])
{
    const size_t date = sizeof("2000-01-01 ") - 1;
    char now[TIME_MAX];

    write_time(at, text);
    write_time(os_clock_system.wall(os_clock_system.context), now);
    if (strlen(text) > date && strncmp(text, now, date) == 0) {
        memmove(text, text + date, strlen(text + date) + 1);
    }
}

static bool is_error_known(const struct queue_job *job)
{
    return job->fault.text[0] != '\0' && job->state != QUEUE_DONE;
}

/* --- one job ------------------------------------------------------------- */

static json_t *to_json(const struct view *view)
{
    const struct queue_job *job = &view->job;
    json_t *object =
        json_pack("{s:s, s:s, s:o, s:o, s:I, s:I, s:I}", "id", job->id, "state",
                  view->state, "path", say_json_text(text_of(job->path)), "url",
                  say_json_text(text_of(job->url)), "size",
                  (json_int_t)job->size, "offset", (json_int_t)view->sent,
                  "added_at", (json_int_t)job->added_at);
    char code[16];

    if (job->state == QUEUE_WAITING && job->next_try_at > 0) {
        (void)json_object_set_new(object, "next_try_at",
                                  json_integer(job->next_try_at));
    }
    if (job->ended_at > 0) {
        (void)json_object_set_new(object, "ended_at",
                                  json_integer(job->ended_at));
        (void)json_object_set_new(object, "exit",
                                  json_integer((json_int_t)job->exit));
    }
    if (is_error_known(job)) {
        (void)snprintf(code, sizeof(code), "0x%08" PRIX32, job->hresult);
        (void)json_object_set_new(object, "words",
                                  say_json_text(text_of(job->fault.text)));
        (void)json_object_set_new(object, "status",
                                  json_integer((json_int_t)job->status));
        (void)json_object_set_new(object, "code", json_string(code));
    }
    return object;
}

/* On a terminal, shortens a text in its middle if it is too long for the
 * line. */
static void say_cell(struct say *say, const char *before, const char *text)
{
    unsigned columns = say_out_width(say);
    unsigned used = say_columns(before) + 1;
    char fitting[CELL_MAX];

    if (columns > used) {
        say_fit(fitting, sizeof(fitting), text, columns - used);
        text = fitting;
    }
    say_out(say, "%s%s", before, text);
}

/* Prints why the job has not arrived, and when the next try is. */
static void show_trouble(struct say *say, const struct queue_job *job)
{
    char next[TIME_MAX];
    char before[CELL_MAX];

    if (job->state == QUEUE_ENDING) {
        say_cell(say, ROW_INDENT, ENDING_WORDS);
        return;
    }
    if (job->state != QUEUE_WAITING || job->next_try_at == 0) {
        if (is_error_known(job)) {
            say_cell(say, ROW_INDENT, job->fault.text);
        }
        return;
    }
    write_short_time(job->next_try_at, next);
    (void)snprintf(before, sizeof(before), ROW_INDENT "next try %s%s", next,
                   is_error_known(job) ? ": " : "");
    say_cell(say, before, is_error_known(job) ? job->fault.text : "");
}

static void show_row(struct say *say, const struct view *view)
{
    const struct queue_job *job = &view->job;
    unsigned percent = 100;
    char size[PROGRESS_WORD_MAX];
    char before[CELL_MAX];

    progress_bytes(job->size, size);
    if (view->sent < job->size) {
        percent = (unsigned)((double)view->sent / (double)job->size * 100);
    }
    (void)snprintf(before, sizeof(before), "%s  %-8s %3u%%  %9s  ", job->id,
                   view->state, percent, size);
    say_cell(say, before, job->path);
    say_cell(say, ROW_INDENT "to ", job->url);
    show_trouble(say, job);
}

static void show_time(struct say *say, const char *label, int64_t at)
{
    char text[TIME_MAX];

    write_time(at, text);
    say_paragraph(say, label, TEXT_COLUMNS, text);
}

static void show_error(struct say *say, const struct queue_job *job)
{
    const struct bits_explanation *row = bits_error_find(job->hresult);

    say_paragraph(say, "  error", TEXT_COLUMNS, job->fault.text);
    if (row) {
        say_paragraph(say, "  cause", TEXT_COLUMNS, row->cause);
        say_paragraph(say, "  remedy", TEXT_COLUMNS, row->remedy);
    }
}

static void show_options(struct say *say, const struct settings *settings)
{
    for (unsigned id = 0; id < SETTING_COUNT; id++) {
        const struct setting *setting = &settings_table[id];
        const struct string_list *texts =
            settings_text(settings, (enum setting_id)id);

        for (size_t i = 0; i < texts->count; i++) {
            say_out(say, "  option   --%s %s", setting->option.name,
                    setting->option.kind == OPTION_FLAG ? "" : texts->items[i]);
        }
    }
}

static void show_whole(struct say *say, const struct view *view)
{
    const struct queue_job *job = &view->job;
    char size[PROGRESS_WORD_MAX];
    char sent[PROGRESS_WORD_MAX];

    progress_bytes(job->size, size);
    progress_bytes(view->sent, sent);
    say_out(say, "%s %s", job->id, view->state);
    say_paragraph(say, "  file", TEXT_COLUMNS, job->path);
    say_paragraph(say, "  to", TEXT_COLUMNS, job->url);
    if (job->state == QUEUE_ENDING) {
        say_paragraph(say, "  ending", TEXT_COLUMNS, ENDING_WORDS);
    }
    say_out(say, "  sent     %s of %s", sent, size);
    show_time(say, "  added", job->added_at);
    if (job->state == QUEUE_WAITING && job->next_try_at > 0) {
        show_time(say, "  next try", job->next_try_at);
    }
    if (job->ended_at > 0) {
        show_time(say, "  ended", job->ended_at);
    }
    show_options(say, &job->settings);
    if (is_error_known(job)) {
        show_error(say, job);
    }
}

/* --- the commands --------------------------------------------------------- */

static bool begin(const struct command_line *line, struct listing *listing)
{
    struct fault fault;

    *listing = (struct listing){.say = line->say};
    if (!queue_command_open(line, &listing->queue)) {
        return false;
    }
    (void)home_open(&listing->records, "uploads", &fault); /* otherwise
                                                              unknown */
    return true;
}

static void end(struct listing *listing)
{
    home_done(&listing->records);
    queue_close(&listing->queue);
}

/* Prints the reason and returns false on failure. */
static bool show(const struct listing *listing, const char *id,
                 void (*text)(struct say *say, const struct view *view))
{
    struct view view;
    int error = look(listing, id, &view);

    if (error) {
        queue_say_error(listing->say, id, error);
        return false;
    }
    if (listing->say->json) {
        say_json(listing->say, to_json(&view));
    } else {
        text(listing->say, &view);
    }
    queue_job_done(&view.job);
    return true;
}

struct place {
    int64_t added_at;
    const char *id;
};

static int compare(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;

    if (a->added_at != b->added_at) {
        return a->added_at < b->added_at ? -1 : 1;
    }
    return strcmp(a->id, b->id);
}

/* Sorts the jobs by the time when they were added. */
static struct place *sort(const struct listing *listing,
                          const struct string_list *ids)
{
    struct place *places = calloc(ids->count + 1, sizeof(places[0]));
    struct queue_job job;

    for (size_t i = 0; places && i < ids->count; i++) {
        places[i].id = ids->items[i];
        if (queue_load(&listing->queue, ids->items[i], &job) == 0) {
            places[i].added_at = job.added_at;
            queue_job_done(&job);
        }
    }
    if (places) {
        qsort(places, ids->count, sizeof(places[0]), compare);
    }
    return places;
}

static int list(const struct listing *listing)
{
    struct string_list ids;
    int error = queue_list(&listing->queue, &ids);
    struct place *places = error ? NULL : sort(listing, &ids);
    int status = places ? CLIENT_DONE : CLIENT_LOCAL;

    if (!places) {
        say_error(listing->say, "%s: %s", listing->queue.home.path,
                  strerror(error ? error : ENOMEM));
        return status;
    }
    if (ids.count > 0 && !listing->say->json) {
        say_out(listing->say, "%-8s  %-8s %4s  %9s  %s", "ID", "STATE", "SENT",
                "SIZE", "FILE");
    }
    for (size_t i = 0; i < ids.count; i++) {
        if (!show(listing, places[i].id, show_row)) {
            status = CLIENT_LOCAL;
        }
    }
    free(places);
    string_list_done(&ids);
    return status;
}

int command_queue_list(const struct command_line *line)
{
    struct listing listing;
    int status;

    if (line->operand_count > 0) {
        return command_usage(line, "list takes no ids; show does");
    }
    if (!begin(line, &listing)) {
        return CLIENT_LOCAL;
    }
    status = list(&listing);
    end(&listing);
    return status;
}

int command_queue_show(const struct command_line *line)
{
    struct listing listing;
    int status = CLIENT_DONE;

    if (line->operand_count == 0) {
        return command_usage(line, "name a job by its id");
    }
    if (!begin(line, &listing)) {
        return CLIENT_LOCAL;
    }
    for (size_t i = 0; i < line->operand_count; i++) {
        if (!queue_is_id(line->operands[i])) {
            queue_say_error(line->say, line->operands[i], ENOENT);
            status = CLIENT_USAGE;
        } else if (!show(&listing, line->operands[i], show_whole)) {
            status = CLIENT_USAGE;
        }
    }
    end(&listing);
    return status;
}
