/*
 * bitsctl/invitation_lines.h: how to use an invitation.
 */
#ifndef BITSCTL_INVITATION_LINES_H
#define BITSCTL_INVITATION_LINES_H

/* Prints the URL, a note about it (may be NULL), and commands for the usual
 * clients. */
void invitation_lines_print(const char *url, const char *note);

#endif
