/*
 * server/conversation.h: what the bytes of a connection mean: requests one
 * after another, and the answers that the upload service gives.
 */
#ifndef SERVER_CONVERSATION_H
#define SERVER_CONVERSATION_H

#include <stdbool.h>
#include <stdint.h>

#include <openbits/text.h>

struct connection;
struct os_pipe;

/* Takes input from the front of *input as far as the conversation can go on
 * now; what is left is offered again. */
void conversation_take(struct connection *connection, struct bits_text *input);

/* How many bytes are worth reading at once; UINT64_MAX: any number. */
uint64_t conversation_wants(const struct connection *connection);

/* Is what comes next content that need not be looked at? */
bool conversation_wants_pipe(const struct connection *connection);

/* The pipe holds content; what is left in it is nobody's. */
void conversation_take_pipe(struct connection *connection,
                            struct os_pipe *pipe);

/* What lay in the mailbox for the running request. */
void conversation_hear(struct connection *connection, unsigned words);

/* The deadline has passed. */
void conversation_time_out(struct connection *connection);

/* The server stops, or its grace is over. */
void conversation_stop(struct connection *connection);

/* Refuses a connection that has just begun. */
void conversation_turn_away(struct connection *connection,
                            const char *sentence);

/* The running request is over, answered or not. */
void conversation_release(struct connection *connection);

#endif
