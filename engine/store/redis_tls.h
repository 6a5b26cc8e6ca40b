/**
 * TLS to a Redis, where the installed hiredis has it (from 1.0 on, with libhiredis_ssl). Elsewhere
 * creating it says so, and what to do instead.
 */
#ifndef WEIR_STORE_REDIS_TLS_H
#define WEIR_STORE_REDIS_TLS_H

#include "engine/base/error.h"

struct redisAsyncContext;
struct weir_redis_tls;

/** Paths; NULL or "" = none. */
struct weir_redis_tls_files {
    const char *ca_file;   // whom to believe; none: the system's
    const char *cert_file; // who we are, for a Redis that asks its clients (tls-auth-clients)
    const char *key_file;
};

/** Reads the files. NULL with one clause. */
struct weir_redis_tls *weir_redis_tls_create(const struct weir_redis_tls_files *files,
                                             struct weir_error *err);
void weir_redis_tls_destroy(struct weir_redis_tls **tls);

/** Before anything is sent on it: the context speaks TLS to `host`, and only to one whose
 * certificate names that host. */
bool weir_redis_tls_begin(struct weir_redis_tls *tls, struct redisAsyncContext *context,
                          const char *host, struct weir_error *err);

#endif
