/*
 * config/comments.h: takes the comments out of a configuration's text.
 *
 * libconfuse 3.3 counts a line with a comment two or three times, and all
 * errors behind it would name the wrong line.
 */
#ifndef CONFIG_COMMENTS_H
#define CONFIG_COMMENTS_H

/* Overwrites #, // and C comments with blanks; line ends stay.  Quoted
 * strings are left alone, and so is // in the middle of a word, which is
 * part of it.  NULL, or where a string or a C comment without an end begins;
 * that one and what follows are left alone. */
const char *comments_blank(char *text);

#endif
