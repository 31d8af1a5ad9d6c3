/*
 * server/mailbox.h: word from any thread to the thread of a loop.
 *
 * A mail is embedded in what it is about and lies in its mailbox at most
 * once; words that come meanwhile are added to it.
 */
#ifndef SERVER_MAILBOX_H
#define SERVER_MAILBOX_H

#include <stdbool.h>

#include <uv.h>

enum mail_word {
    MAIL_READY = 1, /* what the connection waits for is there */
    MAIL_CUT = 2,   /* the connection shall close */
};

struct mail {
    struct mail *previous;
    struct mail *next;
    unsigned words; /* of enum mail_word; 0: not in the mailbox */
};

struct mailbox {
    uv_mutex_t mutex;
    uv_async_t *wake;
    struct mail *first;
    struct mail *last;
};

/* wake is sent whenever the mailbox stops being empty.  0 or a negative error
 * of libuv. */
int mailbox_init(struct mailbox *mailbox, uv_async_t *wake);
void mailbox_done(struct mailbox *mailbox);

/* Any thread. */
void mailbox_post(struct mailbox *mailbox, struct mail *mail,
                  enum mail_word word);

/* The oldest mail and its words; NULL: none. */
struct mail *mailbox_take(struct mailbox *mailbox, unsigned *ret_words);

/* Takes a mail out, if it is in. */
void mailbox_forget(struct mailbox *mailbox, struct mail *mail);

#endif
