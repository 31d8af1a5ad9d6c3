/*
 * client/transfer/record.c: see record.h; record_json.c has the text of the
 * file.
 */
#include "client/transfer/record.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "client/cleanup.h"
#include "client/transfer/record_json.h"
#include "os/file.h"
#include "os/lock.h"

#define NAME_MAX_LEN (RECORD_KEY_MAX + 8)

/* State and cookies, with escapes. */
#define TEXT_LIMIT ((size_t)256 * 1024)

/* --- names ---------------------------------------------------------------- */

/* The file name for a URL and a path, which may contain any byte except NUL. */
static bool make_key(char key[RECORD_KEY_MAX + 1], const char *url,
                     const char *path)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    CLEANUP(free_string) char *text = NULL;
    size_t size = 0;
    int len = asprintf(&text, "%s%c%s", url, '\0', path);

    if (len < 0) {
        text = NULL;
        return false;
    }
    if (!EVP_Q_digest(NULL, "SHA256", NULL, text, (size_t)len, digest, &size)) {
        return false;
    }
    for (size_t i = 0; i < size && i < RECORD_KEY_MAX / 2; i++) {
        (void)snprintf(key + 2 * i, 3, "%02x", digest[i]);
    }
    return true;
}

static void name_of(const struct record *record, const char *ending,
                    char name[NAME_MAX_LEN])
{
    (void)snprintf(name, NAME_MAX_LEN, "%s%s", record->key, ending);
}

/* --- reading -------------------------------------------------------------- */

static char *slurp(int folder, const char *name)
{
    CLEANUP(close_file)
    int fd = os_open_regular(folder, name, O_RDONLY | O_NOFOLLOW);
    char *text = fd < 0 ? NULL : malloc(TEXT_LIMIT + 1);
    size_t len = 0;
    ssize_t n = 1;

    while (text && n > 0 && len < TEXT_LIMIT) {
        n = read(fd, text + len, TEXT_LIMIT - len);
        len += n > 0 ? (size_t)n : 0;
    }
    if (text && n != 0) {
        free(text);
        return NULL;
    }
    if (text) {
        text[len] = '\0';
    }
    return text;
}

static void read_record(struct record *record)
{
    char name[NAME_MAX_LEN];
    CLEANUP(free_string) char *text = NULL;

    name_of(record, ".json", name);
    text = slurp(record->folder, name);
    if (!text || !record_from_json(record, text)) {
        free(record->cookies);
        record->cookies = NULL;
        record->state = RECORD_NONE;
    }
}

bool record_peek(struct record *record, int folder, const char *url,
                 const char *path)
{
    *record = (struct record){.folder = folder, .lock = -1};
    if (!make_key(record->key, url, path)) {
        return false;
    }
    read_record(record);
    return record->state != RECORD_NONE;
}

/* --- the lock ------------------------------------------------------------- */

/* An earlier owner of the lock may have removed the file after it was
 * opened. */
static bool is_current(const struct record *record, const char *name)
{
    struct stat held;
    struct stat named;

    return fstat(record->lock, &held) == 0 &&
           fstatat(record->folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

static enum record_result lock(struct record *record, long *ret_pid)
{
    char name[NAME_MAX_LEN];

    name_of(record, ".lock", name);
    for (;;) {
        record->lock = os_lock_open(record->folder, name, ret_pid);
        if (record->lock < 0) {
            return errno == EWOULDBLOCK ? RECORD_BUSY : RECORD_FAILED;
        }
        if (is_current(record, name)) {
            return RECORD_OPENED;
        }
        (void)close(record->lock);
    }
}

enum record_result record_open(struct record *record, int folder,
                               const char *url, const char *path, long *ret_pid)
{
    enum record_result result;

    *ret_pid = 0;
    *record = (struct record){.folder = folder, .lock = -1};
    if (!make_key(record->key, url, path)) {
        errno = ENOMEM;
        return RECORD_FAILED;
    }
    result = lock(record, ret_pid);
    if (result == RECORD_OPENED) {
        record->url = url;
        record->path = path;
        read_record(record);
    }
    return result;
}

void record_close(struct record *record)
{
    char name[NAME_MAX_LEN];

    if (record->lock >= 0) {
        name_of(record, ".lock", name);
        (void)unlinkat(record->folder, name, 0);
        (void)close(record->lock);
        record->lock = -1;
    }
    free(record->cookies);
    record->cookies = NULL;
}

/* --- writing -------------------------------------------------------------- */

/* Returns 0 or an errno value. */
static int write_file(int folder, const char *name, const char *text)
{
    CLEANUP(close_file)
    int fd = os_open_regular(folder, name,
                             O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    size_t written;

    return fd < 0 ? errno : os_write_at(fd, text, strlen(text), 0, &written);
}

/* After the death of the process the file has the old or the new text.  After a
 * power cut it may have any text: the reader checks it. */
int record_save(struct record *record, enum record_state state)
{
    CLEANUP(free_string) char *text = NULL;
    char name[NAME_MAX_LEN];
    char temporary[NAME_MAX_LEN];
    int error;

    record->state = state;
    text = record_to_json(record);
    if (!text) {
        return ENOMEM;
    }
    name_of(record, ".json", name);
    name_of(record, ".tmp", temporary);
    error = write_file(record->folder, temporary, text);
    if (!error &&
        renameat(record->folder, temporary, record->folder, name) != 0) {
        error = errno;
    }
    if (error) {
        (void)unlinkat(record->folder, temporary, 0);
    }
    return error;
}

void record_forget(struct record *record)
{
    char name[NAME_MAX_LEN];

    record->state = RECORD_NONE;
    free(record->cookies);
    record->cookies = NULL;
    name_of(record, ".json", name);
    (void)unlinkat(record->folder, name, 0);
    name_of(record, ".tmp", name);
    (void)unlinkat(record->folder, name, 0);
}
