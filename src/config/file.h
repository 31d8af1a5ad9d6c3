/*
 * config/file.h: the text of a configuration file as the parser gets it, for
 * bitsd.conf and for those of bits.
 */
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include <stddef.h>

#define CONFIG_FILE_FAULT_MAX 128

struct config_file_fault {
    unsigned line; /* 0: the file as a whole */
    char words[CONFIG_FILE_FAULT_MAX];
};

/* Reads the file whole and takes the comments out.  The text is terminated, has
 * `room` bytes more behind its end, and belongs to the caller.  NULL: the fault
 * says why. */
char *config_file_read(const char *path, size_t room,
                       struct config_file_fault *ret_fault);

/* The lines of a text; one that ends without a line end counts. */
unsigned config_file_lines(const char *text);

#endif
