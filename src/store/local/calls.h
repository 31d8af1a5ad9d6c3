/*
 * store/local/calls.h: store calls that only open.c names. store/store.h
 * documents them.
 */
#ifndef STORE_LOCAL_CALLS_H
#define STORE_LOCAL_CALLS_H

#include "store/local/private.h"

enum bits_cause local_place_open(struct store *store,
                                 const struct store_section *section,
                                 struct store_place **ret_place,
                                 bool *ret_may_come, struct fault *ret_fault);

void local_place_reconfigure(struct store_place *place,
                             const struct store_section *section);
void local_place_close(struct store_place *place);
enum store_when local_place_visit(struct store *store,
                                  struct store_place *place,
                                  struct store_visit *visit,
                                  struct store_op *op);

enum store_when local_check_name(struct store_place *place, const char *name,
                                 uint64_t own_folders, struct store_op *op);

enum store_when local_look_up(struct store_place *place, const char *name,
                              bool *ret_found, uint64_t *ret_size,
                              struct store_op *op);
enum store_when local_create(struct store_place *place,
                             struct store_session *session,
                             struct store_keeper *keeper, struct store_op *op);
enum store_when local_find(struct store *store, const struct bits_guid *id,
                           struct store_session *ret_session,
                           struct store_op *op);
enum store_when local_learn(struct store_place *place,
                            const struct store_session *session,
                            struct store_op *op);
enum store_when local_record(struct store_place *place,
                             const struct store_session *session,
                             const struct bits_outcome *outcome,
                             struct store_op *op);
enum store_when local_count(struct store *store, const char *prefix,
                            uint64_t *ret_count, struct store_op *op);
enum store_when local_list(struct store *store, struct store_cursor *cursor,
                           struct store_page *page, struct store_op *op);
enum store_when local_prefixes(struct store *store,
                               struct store_listing *listing,
                               struct store_op *op);
enum store_when local_expire_removed(struct store *store,
                                     struct store_listing *listing,
                                     struct store_op *op);

enum store_when local_file_open(struct store_place *place,
                                struct store_session *session,
                                struct store_file **ret_file,
                                struct store_op *op);
enum store_when local_begin(struct store_file *file, uint64_t stored,
                            uint64_t length, struct store_op *op);
enum store_when local_append(struct store_file *file, struct os_bytes bytes,
                             struct store_op *op);
void local_settle(struct store_file *file);
void local_complete_file(struct store_file *file);
enum store_when local_give_back_stalled(struct store *store,
                                        struct store_op *op);
bool local_file_is_sound(const struct store_file *file);
bool local_is_saved(const struct store_place *place,
                    const struct store_file *file);
enum store_when local_save(struct store_file *file, struct store_op *op);
void local_file_close(struct store_file *file);

enum store_when local_deliver(struct store_place *place,
                              struct store_session *session,
                              struct store_file *file, struct store_op *op);
enum store_when local_end(struct store_place *place,
                          struct store_session *session,
                          const struct store_ending *ending,
                          struct store_op *op);
enum store_when local_expired(struct store_place *place,
                              struct store_page *page, struct store_op *op);
enum store_when local_sweep(struct store_place *place, struct store_op *op);

#endif
