/*
 * os/logger.c: see logger.h. logline.h formats the lines.
 *
 * Two buffers: one collects lines while the thread writes the other.  When it
 * is written, they are swapped.
 */
#include "os/logger.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "os/logline.h"
#include "os/systemd.h"

_Static_assert(LOGLINE_PRIORITY_LEN + LOGLINE_MAX <= PIPE_BUF,
               "a pipe takes a line in one piece");

#define WHEN_MAX 40

#define GATHER_MS 1

static void write_time(char ret_when[WHEN_MAX])
{
    struct timespec now = {0};
    struct tm parts = {0};
    size_t len;

    (void)clock_gettime(CLOCK_REALTIME, &now); /* fails for unknown clocks */
    (void)gmtime_r(&now.tv_sec, &parts); /* fails for years beyond an int */
    len = strftime(ret_when, WHEN_MAX, "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(ret_when + len, WHEN_MAX - len, ".%03uZ",
                   (unsigned)(now.tv_nsec / 1000000) % 1000);
}

/* Returns false in the text form, and if memory ran out for JSON. */
static bool make_json(const struct logger *logger, struct logline *line,
                      const struct log_event *event)
{
    char when[WHEN_MAX];

    if (atomic_load_explicit(&logger->form, memory_order_relaxed) !=
        LOGGER_JSON) {
        return false;
    }
    write_time(when);
    return logline_json(line, when, event);
}

static void make_line(const struct logger *logger, struct logline *line,
                      const struct log_event *event)
{
    char when[WHEN_MAX];

    if (!make_json(logger, line, event)) {
        write_time(when);
        logline_text(line, when, event);
    }
    if (logger->priorities) {
        logline_prioritise(line, event->level);
    }
}

static void make_plain_line(const struct logger *logger, struct logline *line,
                            const struct log_event *event)
{
    if (!make_json(logger, line, event)) {
        logline_plain(line, event);
    }
    if (logger->priorities) {
        logline_prioritise(line, event->level);
    }
}

/* --- the thread that writes ---------------------------------------------- */

/* If the descriptor is non-blocking, the thread waits for it. */
static bool wait_for_room(int fd)
{
    struct pollfd wanted = {.fd = fd, .events = POLLOUT};

    return poll(&wanted, 1, -1) > 0 || errno == EINTR;
}

/* Returns how many bytes were written before the descriptor failed. */
static size_t write_some(int fd, struct bits_text text)
{
    size_t done = 0;

    while (done < text.len) {
        ssize_t n = write(fd, text.ptr + done, text.len - done);

        if (n > 0) {
            done += (size_t)n;
        } else if (n == 0 || (errno != EINTR && errno != EAGAIN) ||
                   (errno == EAGAIN && !wait_for_room(fd))) {
            break;
        }
    }
    return done;
}

static uint64_t count_lines(struct bits_text text)
{
    uint64_t lines = 0;

    for (size_t i = 0; i < text.len; i++) {
        lines += text.ptr[i] == '\n';
    }
    return lines;
}

/* Ends a half-written line before the next one starts. */
static bool end_torn_line(struct logger *logger)
{
    if (logger->torn && write_some(logger->fd, TEXT("\n")) == 0) {
        return false;
    }
    logger->torn = false;
    return true;
}

/* Returns the number of lines that were not written completely. */
static uint64_t write_lines(struct logger *logger, struct bits_text lines)
{
    size_t done;

    if (!end_torn_line(logger)) {
        return count_lines(lines);
    }
    done = write_some(logger->fd, lines);
    logger->torn = done > 0 && lines.ptr[done - 1] != '\n';
    return count_lines((struct bits_text){lines.ptr + done, lines.len - done});
}

/* Writes the number of lost lines in their place, if any were lost.  Returns
 * false if that failed. */
static bool write_lost(struct logger *logger)
{
    const struct log_field field = LOG_NUMBER("lines", logger->lost);
    struct logline line;

    if (logger->lost == 0) {
        return true;
    }
    make_line(logger, &line,
              &(struct log_event){
                  .level = LOG_WARNING,
                  .event = "log",
                  .words = "standard error took no more; lines are missing",
                  .fields = &field,
                  .field_count = 1,
              });
    if (write_lines(logger, (struct bits_text){line.text, line.len}) > 0) {
        return false;
    }
    logger->lost = 0;
    return true;
}

/* Whole lines, as many as a pipe accepts atomically, so that other programs
 * that write to the same pipe do not split them.  Each line is shorter than
 * that. */
static struct bits_text next_piece(struct bits_text lines)
{
    struct bits_text piece = {lines.ptr,
                              lines.len < PIPE_BUF ? lines.len : PIPE_BUF};

    while (piece.ptr[piece.len - 1] != '\n') {
        piece.len--;
    }
    return piece;
}

static void write_all(struct logger *logger, struct bits_text lines)
{
    while (lines.len > 0) {
        struct bits_text piece = next_piece(lines);

        logger->lost += write_lost(logger) ? write_lines(logger, piece)
                                           : count_lines(piece);
        lines.ptr += piece.len;
        lines.len -= piece.len;
    }
}

/* Sleeps until a line waits, and a moment longer: under load more lines follow,
 * and a wake-up for each would cost more than writing it. */
static void sleep_until_woken(struct logger *logger)
{
    atomic_store(&logger->settled, true);
    (void)pthread_cond_wait(&logger->wake, &logger->mutex);
    (void)pthread_mutex_unlock(&logger->mutex);
    (void)poll(NULL, 0, GATHER_MS);
    (void)pthread_mutex_lock(&logger->mutex);
}

/* Waits for lines.  Returns false if no line waits and the logger is ending. */
static bool take_lines(struct logger *logger, struct bits_text *ret_lines,
                       uint64_t *ret_dropped)
{
    char *lines = logger->waiting;
    bool any;

    (void)pthread_mutex_lock(&logger->mutex); /* fails in misuse only */
    while (logger->size == 0 && !logger->finishing) {
        sleep_until_woken(logger);
    }
    any = logger->size > 0;
    atomic_store(&logger->settled, !any);
    *ret_lines = (struct bits_text){lines, logger->size};
    *ret_dropped = logger->dropped;
    logger->waiting = logger->writing;
    logger->writing = lines;
    logger->size = 0;
    logger->dropped = 0;
    (void)pthread_mutex_unlock(&logger->mutex);
    return any;
}

static void *run(void *argument)
{
    struct logger *logger = argument;
    struct bits_text lines;
    uint64_t dropped;

    while (take_lines(logger, &lines, &dropped)) {
        write_all(logger, lines);
        logger->lost += dropped;
        (void)write_lost(logger); /* on failure, with the next line */
    }
    return NULL;
}

/* --- logging ------------------------------------------------------------- */

/* After a dropped line all lines are dropped until the buffers are swapped, so
 * that one line can report the number in its place. */
static void add_line(struct logger *logger, const struct logline *line)
{
    (void)pthread_mutex_lock(&logger->mutex);
    if (logger->finishing || logger->dropped > 0 ||
        line->len > LOGGER_ROOM - logger->size) {
        logger->dropped++;
    } else {
        memcpy(logger->waiting + logger->size, line->text, line->len);
        logger->size += line->len;
        if (atomic_exchange(&logger->settled, false)) {
            (void)pthread_cond_signal(&logger->wake);
        }
    }
    (void)pthread_mutex_unlock(&logger->mutex);
}

static void write_event(struct log_sink *sink, const struct log_event *event)
{
    struct logger *logger = CONTAINER_OF(sink, struct logger, sink);
    struct logline line;

    make_line(logger, &line, event);
    add_line(logger, &line);
}

void logger_configure(struct logger *logger, enum log_level level,
                      enum logger_form form)
{
    atomic_store_explicit(&logger->sink.level, level, memory_order_relaxed);
    atomic_store_explicit(&logger->form, form, memory_order_relaxed);
}

void logger_say(struct logger *logger, const struct log_event *event)
{
    struct logline line;

    make_plain_line(logger, &line, event);
    add_line(logger, &line);
}

/* --- life ---------------------------------------------------------------- */

static int start_thread(struct logger *logger)
{
    sigset_t all;
    sigset_t before;
    int error;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&logger->thread, NULL, run, logger);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static void release(struct logger *logger)
{
    free(logger->waiting);
    free(logger->writing);
    logger->waiting = NULL;
    logger->writing = NULL;
}

int logger_start(struct logger *logger, int fd)
{
    int error;

    *logger = (struct logger){
        .sink.write = write_event,
        .fd = fd,
        .priorities = os_is_journal(fd),
        .settled = true,
        .waiting = malloc(LOGGER_ROOM),
        .writing = malloc(LOGGER_ROOM),
    };
    logger_configure(logger, LOG_INFO, LOGGER_TEXT);
    (void)pthread_mutex_init(&logger->mutex, NULL); /* never fails here */
    (void)pthread_cond_init(&logger->wake, NULL);
    error = logger->waiting && logger->writing ? start_thread(logger) : ENOMEM;
    if (error != 0) {
        release(logger);
    }
    return error;
}

bool logger_settle(const struct logger *logger, unsigned patience_ms)
{
    for (unsigned i = 0; i < patience_ms && !atomic_load(&logger->settled);
         i++) {
        (void)poll(NULL, 0, 1);
    }
    return atomic_load(&logger->settled);
}

bool logger_finish(struct logger *logger, unsigned patience_ms)
{
    (void)pthread_mutex_lock(&logger->mutex);
    logger->finishing = true;
    (void)pthread_cond_signal(&logger->wake);
    (void)pthread_mutex_unlock(&logger->mutex);
    if (!logger_settle(logger, patience_ms)) {
        return false;
    }
    (void)pthread_join(logger->thread, NULL);
    release(logger);
    return true;
}
