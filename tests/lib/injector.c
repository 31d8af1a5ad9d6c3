/*
 * tests/lib/injector.c: see injector.h.
 *
 * The rules lie in memory that the tester may share, and which its victim may
 * leave at any time (SIGKILL): there is no lock.
 */
#include "injector.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "injected.h"

#define RULES_MAX 32
#define PATH_SIZE 1024
#define PLACE_SIZE 64

static const char *const call_words[] = {
    [CALL_WRITE] = "write",         [CALL_SPLICE] = "splice",
    [CALL_READ] = "read",           [CALL_SYNC] = "sync",
    [CALL_RENAME] = "rename",       [CALL_OPEN] = "open",
    [CALL_FALLOCATE] = "fallocate", [CALL_TRUNCATE] = "truncate",
    [CALL_UNLINK] = "unlink",       [CALL_MKDIR] = "mkdir",
    [CALL_FSTAT] = "fstat",         [CALL_FSTATAT] = "fstatat",
    [CALL_SEEK] = "seek",           [CALL_MEMORY] = "memory",
    [CALL_CLOCK] = "clock",         NULL,
};

enum action {
    ACTION_NOTE,
    ACTION_HOLD,
    ACTION_TEAR,
    ACTION_FAIL,
    ACTION_DELAY,
    ACTION_LIE,
    ACTION_NONE
};

static const char *const action_words[] = {
    [ACTION_NOTE] = "note", [ACTION_HOLD] = "hold",   [ACTION_TEAR] = "tear",
    [ACTION_FAIL] = "fail", [ACTION_DELAY] = "delay", [ACTION_LIE] = "lie",
    [ACTION_NONE] = NULL,
};

/* The files of bitsd.  A session's file is named by its id. */
static const char *const places[][2] = {
    {"data", "*/.bitsd/[0-9a-f][0-9a-f]/*-*"},
    {"staging", "*/.bitsd|*/.bitsd/[0-9a-f][0-9a-f]"},
    {"index", "*/index.db*|*/state*"},
    {"elsewhere", "!*/.bitsd*|*/index.db*|*/state*"},
};

struct rule {
    _Atomic uint32_t serial; /* 0: no rule */
    uint32_t calls;          /* a bit for each enum call */
    char place[PLACE_SIZE];  /* globs; empty: any */
    uint32_t after;
    uint32_t times;
    enum action action;
    int64_t value; /* errno, microseconds or seconds */
    _Atomic uint32_t seen;
    _Atomic uint32_t held;
    _Atomic uint32_t first;
    _Atomic uint32_t last;
};

struct injector {
    _Atomic uint32_t end; /* of the rules in use */
    _Atomic uint32_t serial;
    _Atomic uint32_t now; /* counts spoiled calls */
    struct rule rules[RULES_MAX];
};

static struct injector own;
static struct injector *injector = &own;

__attribute__((constructor)) static void take_orders(void)
{
    const char *path = getenv("INJECTOR");
    struct injector *shared = path ? injector_open(path) : NULL;

    if (shared) {
        injector = shared;
    }
}

/* --- the language --- */

static int index_of(const char *const *words, const char *word)
{
    int i = 0;

    while (words[i] && strcmp(words[i], word) != 0) {
        i++;
    }
    return words[i] ? i : -1;
}

static bool read_calls(struct rule *rule, char *list)
{
    char *rest = NULL;

    for (char *word = strtok_r(list, ",", &rest); word;
         word = strtok_r(NULL, ",", &rest)) {
        int call = index_of(call_words, word);

        if (call < 0) {
            return false;
        }
        rule->calls |= 1u << call;
    }
    return true;
}

static bool read_number(const char *word, int64_t *number)
{
    char *end;

    *number = word ? strtoll(word, &end, 10) : 0;
    return word && *word && !*end;
}

static bool read_count(const char *word, uint32_t *count)
{
    int64_t number;
    bool good = read_number(word, &number) && number >= 0;

    *count = (uint32_t)number;
    return good;
}

static bool read_errno(const char *word, int64_t *error)
{
    for (int e = 1; word && e < 256; e++) {
        const char *name = strerrorname_np(e);

        if (name && strcmp(name, word) == 0) {
            *error = e;
            return true;
        }
    }
    return false;
}

static bool read_place(struct rule *rule, const char *word)
{
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (strcmp(word, places[i][0]) == 0) {
            word = places[i][1];
        }
    }
    return snprintf(rule->place, sizeof(rule->place), "%s", word) <
           (int)sizeof(rule->place);
}

static bool read_action(struct rule *rule, enum action action, char **rest)
{
    rule->action = action;
    if (action < ACTION_FAIL) {
        return true;
    }
    return action == ACTION_FAIL
               ? read_errno(strtok_r(NULL, " ", rest), &rule->value)
               : read_number(strtok_r(NULL, " ", rest), &rule->value);
}

static bool read_rule(struct rule *rule, char *text)
{
    char *rest = NULL;
    char *word = strtok_r(text, " ", &rest);
    bool good = word && read_calls(rule, word);

    while (good && (word = strtok_r(NULL, " ", &rest))) {
        int action = index_of(action_words, word);

        if (action >= 0) {
            good = read_action(rule, (enum action)action, &rest);
        } else if (strcmp(word, "once") == 0) {
            rule->times = 1;
        } else if (strcmp(word, "times") == 0) {
            good = read_count(strtok_r(NULL, " ", &rest), &rule->times);
        } else if (strcmp(word, "after") == 0) {
            good = read_count(strtok_r(NULL, " ", &rest), &rule->after);
        } else {
            good = !rule->place[0] && read_place(rule, word);
        }
    }
    return good && rule->action != ACTION_NONE;
}

/* --- the rules --- */

static void die(const char *why, const char *what)
{
    (void)fprintf(stderr, "injector: %s: %s\n", why, what);
    abort();
}

EXPORT struct injector *injector_open(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *map = MAP_FAILED;

    if (fd >= 0 && ftruncate(fd, sizeof(struct injector)) == 0) {
        map = mmap(NULL, sizeof(struct injector), PROT_READ | PROT_WRITE,
                   MAP_SHARED, fd, 0);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return map == MAP_FAILED ? NULL : map;
}

EXPORT void injector_close(struct injector *shared)
{
    (void)munmap(shared, sizeof(*shared));
}

/* A rule stands behind all that are in use; one at which calls wait still is
 * after its end. */
EXPORT struct rule *injector_add(struct injector *to, const char *text)
{
    struct rule rule = {.times = UINT32_MAX, .action = ACTION_NONE};
    char copy[256];
    uint32_t i = RULES_MAX;

    (void)snprintf(copy, sizeof(copy), "%s", text);
    if (!read_rule(&rule, copy)) {
        die("not a rule", text);
    }
    while (i > 0 && !to->rules[i - 1].serial && !to->rules[i - 1].held) {
        i--;
    }
    if (i == RULES_MAX) {
        die("too many rules", text);
    }
    to->rules[i] = rule;
    to->rules[i].serial = ++to->serial;
    to->end = i + 1;
    return &to->rules[i];
}

EXPORT void injector_clear(struct injector *of)
{
    for (size_t i = 0; i < RULES_MAX; i++) {
        rule_end(&of->rules[i]);
    }
}

EXPORT struct rule *inject(const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return injector_add(injector, text);
}

EXPORT void inject_nothing(void)
{
    injector_clear(injector);
}

EXPORT void rule_end(struct rule *rule)
{
    rule->serial = 0;
}

EXPORT void rule_wait_held(struct rule *rule, uint32_t count)
{
    while (rule->held != count) {
        (void)usleep(1000);
    }
}

EXPORT uint32_t rule_held(struct rule *rule)
{
    return rule->held;
}

EXPORT uint32_t rule_hits(struct rule *rule)
{
    uint32_t seen = rule->seen;
    uint32_t hits = seen > rule->after ? seen - rule->after : 0;

    return hits < rule->times ? hits : rule->times;
}

EXPORT uint32_t rule_first(struct rule *rule)
{
    if (!rule->first) {
        die("it never happened", rule->place);
    }
    return rule->first;
}

EXPORT uint32_t rule_last(struct rule *rule)
{
    (void)rule_first(rule);
    return rule->last;
}

/* --- what happens to a call --- */

/* The path of a descriptor, or of a name in its folder. */
static void find_path(int fd, const char *name, char *path)
{
    char link[64];
    ssize_t len = 0;

    if (fd >= 0 && !(name && name[0] == '/')) {
        (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        len = readlink(link, path, PATH_SIZE - 1);
    }
    len = len < 0 ? 0 : len;
    (void)snprintf(path + len, PATH_SIZE - (size_t)len, "%s%s",
                   len && name ? "/" : "", name ? name : "");
}

/* One glob after the other: those of FNM_EXTMATCH need memory, and a sanitizer
 * asks the clock while its heap is locked. */
static bool matches(struct rule *rule, int fd, const char *name)
{
    bool inverse = rule->place[0] == '!';
    const char *globs = rule->place + inverse;
    bool found = !*globs;
    char path[PATH_SIZE];

    if (!found) {
        find_path(fd, name, path);
    }
    while (*globs && !found) {
        char glob[PLACE_SIZE];
        size_t len = strcspn(globs, "|");

        memcpy(glob, globs, len);
        glob[len] = '\0';
        found = fnmatch(glob, path, 0) == 0;
        globs += len + (globs[len] == '|');
    }
    return found != inverse;
}

/* Counts the call.  Is it one of those that the rule spoils? */
static bool is_due(struct rule *rule)
{
    uint32_t before = atomic_fetch_add(&rule->seen, 1);
    uint32_t none = 0;
    uint32_t now;

    if (before < rule->after || before - rule->after >= rule->times) {
        return false;
    }
    now = atomic_fetch_add(&injector->now, 1) + 1;
    atomic_compare_exchange_strong(&rule->first, &none, now);
    rule->last = now;
    return true;
}

static void hold(struct rule *rule, uint32_t serial)
{
    rule->held++;
    while (rule->serial == serial) {
        (void)usleep(1000);
    }
    rule->held--;
}

static void apply(struct rule *rule, uint32_t serial, struct verdict *verdict)
{
    switch (rule->action) {
    case ACTION_HOLD:
        hold(rule, serial);
        break;
    case ACTION_DELAY:
        (void)usleep((useconds_t)rule->value);
        break;
    case ACTION_FAIL:
        verdict->error = (int)rule->value;
        break;
    case ACTION_TEAR:
        verdict->torn = true;
        break;
    case ACTION_LIE:
        verdict->lie += rule->value;
        break;
    case ACTION_NOTE:
    case ACTION_NONE:
        break;
    }
}

struct verdict judge(enum call call, int fd, const char *name)
{
    struct verdict verdict = {0};
    int error = errno;
    bool held = false;

    for (uint32_t i = 0; i < injector->end; i++) {
        struct rule *rule = &injector->rules[i];
        uint32_t serial = rule->serial;
        bool decides =
            rule->action == ACTION_FAIL || rule->action == ACTION_TEAR;

        if (serial && rule->calls & (1u << call) &&
            !(rule->action == ACTION_HOLD && held) &&
            !(decides && (verdict.error || verdict.torn)) &&
            matches(rule, fd, name) && is_due(rule)) {
            held = held || rule->action == ACTION_HOLD;
            apply(rule, serial, &verdict);
        }
    }
    errno = error;
    return verdict;
}
