/*
 * bits/progress/news.h: notices and packets in words.  Pure.
 */
#ifndef BITS_PROGRESS_NEWS_H
#define BITS_PROGRESS_NEWS_H

#include <stdbool.h>

#include "client/transfer/watcher.h"

/* A sentence without a full stop; empty: not worth showing to a person. */
const char *news_words(enum bits_notice notice);

/* A stable name for programs: "session-lost". */
const char *news_name(enum bits_notice notice);

bool news_is_warning(enum bits_notice notice);

#define NEWS_PACKET_MAX 8800

/* "Fragment 0-1048575 to URL: 200 in 85 ms from 127.0.0.1" */
void news_packet(const struct watch_packet *packet,
                 char words[NEWS_PACKET_MAX]);

/* "Fragment", "GET" */
const char *news_packet_name(const struct watch_packet *packet);

/* The result: "answered", "broken", "unsent", "stopped", "aborted". */
const char *news_end_name(enum agent_end end);

#endif
