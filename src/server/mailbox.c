/*
 * server/mailbox.c: see mailbox.h.
 */
#include "server/mailbox.h"

#include <stddef.h>

int mailbox_init(struct mailbox *mailbox, uv_async_t *wake)
{
    *mailbox = (struct mailbox){.wake = wake};
    return uv_mutex_init(&mailbox->mutex);
}

void mailbox_done(struct mailbox *mailbox)
{
    uv_mutex_destroy(&mailbox->mutex);
}

static void append(struct mailbox *mailbox, struct mail *mail)
{
    mail->next = NULL;
    mail->previous = mailbox->last;
    if (mailbox->last) {
        mailbox->last->next = mail;
    } else {
        mailbox->first = mail;
    }
    mailbox->last = mail;
}

static void take_out(struct mailbox *mailbox, struct mail *mail)
{
    if (mail->previous) {
        mail->previous->next = mail->next;
    } else {
        mailbox->first = mail->next;
    }
    if (mail->next) {
        mail->next->previous = mail->previous;
    } else {
        mailbox->last = mail->previous;
    }
    mail->words = 0;
}

void mailbox_post(struct mailbox *mailbox, struct mail *mail,
                  enum mail_word word)
{
    bool was_empty;

    uv_mutex_lock(&mailbox->mutex);
    was_empty = mailbox->first == NULL;
    if (mail->words == 0) {
        append(mailbox, mail);
    }
    mail->words |= word;
    uv_mutex_unlock(&mailbox->mutex);
    if (was_empty) {
        (void)uv_async_send(mailbox->wake);
    }
}

struct mail *mailbox_take(struct mailbox *mailbox, unsigned *ret_words)
{
    struct mail *mail;

    uv_mutex_lock(&mailbox->mutex);
    mail = mailbox->first;
    if (mail) {
        *ret_words = mail->words;
        take_out(mailbox, mail);
    }
    uv_mutex_unlock(&mailbox->mutex);
    return mail;
}

void mailbox_forget(struct mailbox *mailbox, struct mail *mail)
{
    uv_mutex_lock(&mailbox->mutex);
    if (mail->words != 0) {
        take_out(mailbox, mail);
    }
    uv_mutex_unlock(&mailbox->mutex);
}
