// A hiredis without TLS (Debian 12's).

#include "engine/store/redis_tls.h"

struct weir_redis_tls *weir_redis_tls_create(const struct weir_redis_tls_files *files,
                                             struct weir_error *err)
{
    (void)files;
    weir_error_set(err, "rediss:// needs a hiredis with TLS, and this weir was built with one that "
                        "has none; put stunnel before Redis and use redis://");
    return NULL;
}

void weir_redis_tls_destroy(struct weir_redis_tls **tls)
{
    *tls = NULL;
}

bool weir_redis_tls_begin(struct weir_redis_tls *tls, struct redisAsyncContext *context,
                          const char *host, struct weir_error *err)
{
    (void)tls;
    (void)context;
    (void)host;
    return weir_error_set(err, "no TLS");
}
