/*
 * upload/windows_name.h: names = windows-safe: whether a program or a person on
 * Windows can handle a name.
 *
 * Pure; any thread.
 */
#ifndef UPLOAD_WINDOWS_NAME_H
#define UPLOAD_WINDOWS_NAME_H

#include "cause/cause.h"
#include "upload/naming.h"

/* Returns true if the text is UTF-8 in which people see every character. */
bool windows_name_shows(struct bits_text text);

/* Checks the name of a file or folder: UTF-8, not empty, without a slash.  If
 * the cause is not BITS_CAUSE_OK, ret_fault may be set. */
enum bits_cause windows_name_check(struct bits_text name,
                                   char ret_fault[NAMING_FAULT_MAX]);

#endif
