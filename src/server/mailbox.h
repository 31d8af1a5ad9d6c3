/*
 * server/mailbox.h: messages from any thread to the thread of a loop.
 *
 * A mail is embedded in its recipient and is in the mailbox at most once;
 * further words are added to it.
 */
#ifndef SERVER_MAILBOX_H
#define SERVER_MAILBOX_H

#include <stdbool.h>

#include <uv.h>

enum mail_word {
    MAIL_READY = 1, /* the connection need not wait any longer */
    MAIL_CUT = 2,   /* the connection must close */
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

/* Sends wake whenever the mailbox stops being empty.  Returns 0 or a negative
 * error of libuv. */
int mailbox_init(struct mailbox *mailbox, uv_async_t *wake);
void mailbox_done(struct mailbox *mailbox);

/* Any thread. */
void mailbox_post(struct mailbox *mailbox, struct mail *mail,
                  enum mail_word word);

/* The oldest mail and its words; NULL if the mailbox is empty. */
struct mail *mailbox_take(struct mailbox *mailbox, unsigned *ret_words);

/* Removes the mail if it is in the mailbox. */
void mailbox_forget(struct mailbox *mailbox, struct mail *mail);

#endif
