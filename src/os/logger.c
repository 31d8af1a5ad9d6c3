/*
 * os/logger.c: see logger.h.  What a line looks like is logline.h's affair.
 */
#include "os/logger.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "os/logline.h"

/* How long the rest of a line that was begun waits for a descriptor that
 * does not block. */
#define REST_TIMEOUT_MS 5000

#define WHEN_MAX 40

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

static void make_line(struct logger *logger, struct logline *line,
                      const struct log_event *event)
{
    char when[WHEN_MAX];

    write_time(when);
    if (!atomic_load_explicit(&logger->json, memory_order_relaxed) ||
        !logline_json(line, when, event)) {
        /* Without memory for JSON, too: this form needs none. */
        logline_text(line, when, event);
    }
}

static bool wait_for_room(int fd)
{
    struct pollfd wanted = {.fd = fd, .events = POLLOUT};
    int n = poll(&wanted, 1, REST_TIMEOUT_MS);

    return n > 0 || (n < 0 && errno == EINTR);
}

/* How much of it was written.  A line that was begun is worth a bounded wait;
 * one that was not is not: nobody waits for a reader who does not read. */
static size_t write_some(int fd, struct bits_text text)
{
    size_t done = 0;

    while (done < text.len) {
        ssize_t n = write(fd, text.ptr + done, text.len - done);

        if (n > 0) {
            done += (size_t)n;
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else if (n == 0 || errno != EAGAIN || done == 0 ||
                   !wait_for_room(fd)) {
            break;
        }
    }
    return done;
}

/* False: not all of the line was written.  Half a line gets its end before
 * the next one starts. */
static bool write_whole(struct logger *logger, const struct logline *line)
{
    size_t done;

    if (logger->torn && write_some(logger->fd, TEXT("\n")) == 0) {
        return false;
    }
    done = write_some(logger->fd, (struct bits_text){line->text, line->len});
    logger->torn = done > 0 && done < line->len;
    return done == line->len;
}

/* Says that lines were lost.  False: this line is lost, too. */
static bool write_lost(struct logger *logger)
{
    const struct log_field field = LOG_NUMBER("lines", logger->lost);
    struct logline line;

    make_line(logger, &line,
              &(struct log_event){
                  .level = LOG_WARNING,
                  .event = "log",
                  .words = "standard error took no more; lines are missing",
                  .fields = &field,
                  .field_count = 1,
              });
    return write_whole(logger, &line);
}

static void write_line(struct logger *logger, const struct logline *line)
{
    (void)pthread_mutex_lock(&logger->writing); /* fails in misuse only */
    if (logger->lost > 0 && write_lost(logger)) {
        logger->lost = 0;
    }
    if (logger->lost > 0 || !write_whole(logger, line)) {
        logger->lost++;
    }
    (void)pthread_mutex_unlock(&logger->writing);
}

static void write_event(struct log_sink *sink, const struct log_event *event)
{
    struct logger *logger = CONTAINER_OF(sink, struct logger, sink);
    struct logline line;

    make_line(logger, &line, event);
    write_line(logger, &line);
}

void logger_init(struct logger *logger, int fd)
{
    atomic_init(&logger->sink.level, LOG_INFO);
    logger->sink.write = write_event;
    logger->fd = fd;
    atomic_init(&logger->json, false);
    (void)pthread_mutex_init(&logger->writing, NULL); /* never fails here */
    logger->lost = 0;
    logger->torn = false;
}

void logger_configure(struct logger *logger, enum log_level level, bool json)
{
    atomic_store_explicit(&logger->sink.level, level, memory_order_relaxed);
    atomic_store_explicit(&logger->json, json, memory_order_relaxed);
}

void logger_say(struct logger *logger, const char *format, ...)
{
    struct logline line;
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(line.text, sizeof(line.text), format, arguments);
    va_end(arguments);
    if (n < 0) {
        return;
    }
    line.len =
        (size_t)n < sizeof(line.text) ? (size_t)n : sizeof(line.text) - 1;
    line.text[line.len++] = '\n';
    write_line(logger, &line);
}
