/*
 * client/queue/job.c: see job.h.
 */
#include "client/queue/job.h"

#include <stdlib.h>
#include <string.h>

#include <openbits/transfer.h>

#include "client/json_bytes.h"

/* Version of the file's format; other versions are rejected. */
#define VERSION 1

static const char *const state_names[] = {
    [QUEUE_WAITING] = "waiting", [QUEUE_PAUSED] = "paused",
    [QUEUE_DONE] = "done",       [QUEUE_FAILED] = "failed",
    [QUEUE_ENDING] = "ending",
};

#define STATES (sizeof(state_names) / sizeof(state_names[0]))

void queue_job_init(struct queue_job *job)
{
    *job = (struct queue_job){.state = QUEUE_WAITING};
    settings_init(&job->settings);
}

void queue_job_done(struct queue_job *job)
{
    free(job->path);
    free(job->below);
    free(job->url);
    free(job->name);
    free(job->folder);
    settings_done(&job->settings);
    *job = (struct queue_job){.path = NULL};
}

int64_t queue_retry_seconds(void)
{
    return (int64_t)(bits_retry_queue.min_ms / 1000);
}

const char *queue_state_name(enum queue_state state)
{
    return state_names[state];
}

/* --- to JSON -------------------------------------------------------------- */

static json_t *list_to_json(const struct string_list *list)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < list->count; i++) {
        if (json_array_append_new(array, json_from_bytes(list->items[i])) !=
            0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

/* The options of the command line, by long names. */
static json_t *settings_to_json(const struct settings *settings)
{
    json_t *object = json_object();

    for (unsigned id = 0; object && id < SETTING_COUNT; id++) {
        const struct string_list *texts =
            settings_text(settings, (enum setting_id)id);

        if (texts->count > 0 &&
            json_object_set_new(object, settings_table[id].option.name,
                                list_to_json(texts)) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *number(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

json_t *queue_job_to_json(const struct queue_job *job)
{
    return json_pack(
        "{s:i, s:o, s:o*, s:o, s:o, s:o, s:o, s:s, s:I, s:I, s:I, s:I, s:o, "
        "s:o, "
        "s:b, s:b, s:i, s:i, s:I, s:o}",
        "version", VERSION, "path", json_from_bytes(job->path), "below",
        job->below ? json_from_bytes(job->below) : NULL, "url",
        json_from_bytes(job->url), "name", json_from_bytes(job->name), "folder",
        json_from_bytes(job->folder), "options",
        settings_to_json(&job->settings), "state", state_names[job->state],
        "added_at", (json_int_t)job->added_at, "next_try_at",
        (json_int_t)job->next_try_at, "stalled_at", (json_int_t)job->stalled_at,
        "ended_at", (json_int_t)job->ended_at, "size", number(job->size),
        "best", number(job->best), "for_network", (int)job->for_network,
        "then_due", (int)job->then_due, "exit", (int)job->exit, "status",
        (int)job->status, "code", (json_int_t)job->hresult, "words",
        json_from_bytes(job->fault.text));
}

/* --- from JSON ------------------------------------------------------------ */

static bool read_text(const json_t *object, const char *name, char **ret_text)
{
    *ret_text = json_to_bytes(json_object_get(object, name));
    return *ret_text != NULL;
}

static int64_t read_number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static uint64_t read_unsigned(const json_t *object, const char *name)
{
    int64_t value = read_number(object, name);

    return value > 0 ? (uint64_t)value : 0;
}

static bool read_setting(struct settings *settings, const char *name,
                         const json_t *texts)
{
    struct fault fault;
    enum setting_id id;
    bool good = settings_find(name, &id);
    size_t index;
    json_t *text;

    json_array_foreach(texts, index, text)
    {
        char *bytes = json_to_bytes(text);

        good = good && bytes &&
               settings_set(settings, id, bytes, SETTING_FROM_QUEUE, &fault);
        free(bytes);
    }
    return good;
}

static bool read_settings(struct settings *settings, json_t *object)
{
    bool good = json_is_object(object);
    const char *name;
    json_t *texts;

    json_object_foreach(object, name, texts)
    {
        good = good && read_setting(settings, name, texts);
    }
    return good;
}

static bool read_state(const json_t *object, enum queue_state *ret_state)
{
    const char *name = json_string_value(json_object_get(object, "state"));

    for (unsigned i = 0; name && i < STATES; i++) {
        if (strcmp(name, state_names[i]) == 0) {
            *ret_state = (enum queue_state)i;
            return true;
        }
    }
    return false;
}

static void read_words(const json_t *object, struct queue_job *job)
{
    char *words = json_to_bytes(json_object_get(object, "words"));

    (void)fault_set(&job->fault, "%s", words ? words : "");
    free(words);
}

/* May be NULL; otherwise the job's path must lie below it. */
static bool read_below(const json_t *object, struct queue_job *job)
{
    size_t len;

    if (!json_object_get(object, "below")) {
        return true;
    }
    if (!read_text(object, "below", &job->below)) {
        return false;
    }
    len = strlen(job->below);
    return strncmp(job->path, job->below, len) == 0 && job->path[len] == '/' &&
           job->path[len + 1] != '\0';
}

bool queue_job_from_json(struct queue_job *job, const json_t *object)
{
    if (read_number(object, "version") != VERSION ||
        !read_text(object, "path", &job->path) || !read_below(object, job) ||
        !read_text(object, "url", &job->url) ||
        !read_text(object, "name", &job->name) ||
        !read_text(object, "folder", &job->folder) ||
        !read_state(object, &job->state) ||
        !read_settings(&job->settings, json_object_get(object, "options"))) {
        return false;
    }
    job->added_at = read_number(object, "added_at");
    job->next_try_at = read_number(object, "next_try_at");
    job->stalled_at = read_number(object, "stalled_at");
    job->ended_at = read_number(object, "ended_at");
    job->size = read_unsigned(object, "size");
    job->best = read_unsigned(object, "best");
    job->for_network = json_is_true(json_object_get(object, "for_network"));
    job->then_due = json_is_true(json_object_get(object, "then_due"));
    job->exit = (enum client_exit)(read_unsigned(object, "exit") & 0xff);
    job->status = (unsigned)(read_unsigned(object, "status") & 0xffff);
    job->hresult = (uint32_t)read_unsigned(object, "code");
    read_words(object, job);
    return true;
}
