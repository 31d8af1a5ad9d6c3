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

/* Writes everything at offset. *ret_written is the number of bytes written,
 * also after a failure. */
int os_write_at(int fd, const void *data, size_t size, uint64_t offset,
                size_t *ret_written);

/* Returns the bytes up to the first hole at or above `known`, or up to the end
 * of the file.  A block whose write-back failed is a hole although the file
 * keeps its length: its cached pages are dropped first.  Bytes that are not on
 * disk yet count; if writing them fails, a later fdatasync of `fd` reports
 * it. */
int os_measure(int fd, uint64_t known, uint64_t *ret_bytes);

/* The length of the file. */
int os_file_length(int fd, uint64_t *ret_bytes);

/* Returns true if the file has a name, and this length. */
bool os_is_linked(int fd, uint64_t length);

/* Sets the length of the file. */
int os_truncate(int fd, uint64_t length);

/* The longest file that the process may make; UINT64_MAX: unlimited. */
uint64_t os_file_size_limit(void);

/* Reserves disk space after the end of the file without changing its length. */
int os_reserve(int fd, uint64_t offset, uint64_t length);

/* Frees disk space reserved after the end of the file, if any.  No other thread
 * may write to the file meanwhile. */
int os_trim(int fd);

/* Opens a regular file like openat(2), close-on-exec, creating it with mode
 * 0600; never waits for the other end of a named pipe.  Returns -1 with errno,
 * which os_open_words() explains. */
int os_open_regular(int folder, const char *name, int flags);

/* The same check for a descriptor opened with O_NONBLOCK: closes it if it is
 * not a regular file.  Passes -1 and errno through. */
int os_keep_regular(int fd);

/* Why os_open_regular() failed: "this is a folder", "permission denied". */
const char *os_open_words(int error);

/* Creates an empty file in one folder, moves it to the other without replacing
 * a file, and removes it.  Blocks. */
int os_try_move(int from, int to);

/* Reads a file to its end and adds a terminator.  Returns EFBIG if both do not
 * fit into `size` bytes. */
int os_read_whole(int fd, char *text, size_t size, size_t *ret_length);

/* Reads a small text file into a terminated string without its line end.
 * Returns EFBIG if it does not fit. */
int os_read_text(int folder, const char *name, char *text, size_t size);

/* Writes a new small file and makes it durable.  Returns EEXIST if the name is
 * taken. */
int os_write_text(int folder, const char *name, const char *text);

/* Identifies this boot of the machine: the text differs after each boot. */
int os_boot_id(char *text, size_t size);

#endif
