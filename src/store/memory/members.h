/*
 * store/memory/members.h: store calls that only memory.c names. store/store.h
 * documents them.
 */
#ifndef STORE_MEMORY_MEMBERS_H
#define STORE_MEMORY_MEMBERS_H

#include "store/memory/inside.h"

/* rows */
enum store_when memory_create(struct store_place *place,
                              struct store_session *session,
                              struct store_keeper *keeper, struct store_op *op);
enum store_when memory_find(struct store *store, const struct bits_guid *id,
                            struct store_session *ret_session,
                            struct store_op *op);
enum store_when memory_learn(struct store_place *place,
                             const struct store_session *session,
                             struct store_op *op);
enum store_when memory_record(struct store_place *place,
                              const struct store_session *session,
                              const struct bits_outcome *outcome,
                              struct store_op *op);
void memory_touch(struct store_place *place, struct store_session *session);
enum store_when memory_end(struct store_place *place,
                           struct store_session *session,
                           const struct store_ending *ending,
                           struct store_op *op);

/* bytes */
enum store_when memory_file_open(struct store_place *place,
                                 struct store_session *session,
                                 struct store_file **ret_file,
                                 struct store_op *op);
enum store_when memory_begin(struct store_file *file, uint64_t stored,
                             uint64_t length, struct store_op *op);
enum store_when memory_append(struct store_file *file, struct os_bytes bytes,
                              struct store_op *op);
void memory_settle(struct store_file *file);
bool memory_is_saved(const struct store_place *place,
                     const struct store_file *file);
enum store_when memory_save(struct store_file *file, struct store_op *op);
void memory_file_close(struct store_file *file);

/* names and delivery */
enum store_when memory_check_name(struct store_place *place, const char *name,
                                  uint64_t own_folders, struct store_op *op);
enum store_when memory_look(struct store_place *place, const char *name,
                            bool *ret_found, uint64_t *ret_size,
                            struct store_op *op);
enum store_when memory_deliver(struct store_place *place,
                               struct store_session *session,
                               struct store_file *file, struct store_op *op);

/* many sessions */
enum store_when memory_expired(struct store_place *place,
                               struct store_page *page, struct store_op *op);
enum store_when memory_list(struct store *store, struct store_cursor *cursor,
                            struct store_page *page, struct store_op *op);
enum store_when memory_count(struct store *store, const char *prefix,
                             uint64_t *ret_count, struct store_op *op);
enum store_when memory_prefixes(struct store *store,
                                struct store_listing *listing,
                                struct store_op *op);
enum store_when memory_expire_removed(struct store *store,
                                      struct store_listing *listing,
                                      struct store_op *op);

#endif
