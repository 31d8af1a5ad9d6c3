/*
 * os/file.h: whole writes, true lengths and small files.
 *
 * Functions return 0 or a positive errno value.
 */
#ifndef OS_FILE_H
#define OS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes all of it at offset.  *ret_written says how much arrived, after a
 * failure too. */
int os_write_at(int fd, const void *data, size_t size, uint64_t offset,
                size_t *ret_written);

/* Bytes up to the first hole at or above `known`, or up to the end of the file.
 * A block whose write-back failed is a hole, although the file has kept its
 * length: what the page cache still has of it is dropped.  Bytes that are not
 * written yet count; if that fails, a later fdatasync of `fd` says so. */
int os_measure(int fd, uint64_t known, uint64_t *ret_bytes);

/* The length of the file. */
int os_file_length(int fd, uint64_t *ret_bytes);

/* Does the file have a name, and this length? */
bool os_is_linked(int fd, uint64_t length);

/* Makes the file this long. */
int os_truncate(int fd, uint64_t length);

/* How long the process may make a file; UINT64_MAX: as long as it likes. */
uint64_t os_file_size_limit(void);

/* Reserves disk space behind the end of the file without making it longer. */
int os_reserve(int fd, uint64_t offset, uint64_t length);

/* Gives back the disk space behind the end of the file, if there is any.
 * The caller keeps others from writing to the file meanwhile. */
int os_trim(int fd);

/* Opens a regular file like openat(2), close-on-exec, with mode 0600 if it
 * makes one; never waits for the other end of a named pipe.  -1: errno, which
 * os_open_words() explains. */
int os_open_regular(int folder, const char *name, int flags);

/* The same for what was opened with O_NONBLOCK: a descriptor of anything else
 * is closed.  -1 and errno as it is stays -1. */
int os_keep_regular(int fd);

/* Why os_open_regular() failed: "this is a folder", "permission denied". */
const char *os_open_words(int error);

/* Makes an empty file in one folder, moves it to the other without replacing
 * anything, and removes it.  Blocks. */
int os_try_move(int from, int to);

/* Reads a file to its end and terminates what was read.  EFBIG: `size` bytes
 * have no room for that. */
int os_read_whole(int fd, char *text, size_t size, size_t *ret_length);

/* Reads a small text file into a terminated string without its line end.
 * EFBIG: it does not fit. */
int os_read_text(int folder, const char *name, char *text, size_t size);

/* Writes a new small file and makes it durable.  EEXIST: it is there. */
int os_write_text(int folder, const char *name, const char *text);

/* Which start of the machine this is: a text that differs after each boot. */
int os_boot_id(char *text, size_t size);

#endif
