// hiredis_ssl would make a context of OpenSSL's by itself, but then nobody compares the name in the
// certificate with the host's: any certificate that the authority ever gave would do. So the
// context is ours and hiredis gets a connection of it.

#include "engine/store/redis_tls.h"

#include "engine/base/alloc.h"

#include <arpa/inet.h>
#include <hiredis/async.h>
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

struct weir_redis_tls {
    SSL_CTX *context;
};

static bool is_given(const char *path)
{
    return path && *path;
}

static bool refuse(struct weir_error *err, const char *what, const char *path)
{
    const char *why = ERR_reason_error_string(ERR_peek_last_error());
    return weir_error_set(err, "%s %s: %s", what, path, why ? why : "unknown");
}

static bool read_files(SSL_CTX *context, const struct weir_redis_tls_files *files,
                       struct weir_error *err)
{
    if (is_given(files->ca_file)) {
        if (SSL_CTX_load_verify_locations(context, files->ca_file, NULL) != 1) {
            return refuse(err, "can't use the certificates of", files->ca_file);
        }
    } else if (SSL_CTX_set_default_verify_paths(context) != 1) {
        return weir_error_set(err, "this system has no certificates to verify a Redis with");
    }
    if (is_given(files->cert_file) != is_given(files->key_file)) {
        return weir_error_set(err, "a certificate for Redis needs its key, and a key its "
                                   "certificate");
    }
    if (is_given(files->cert_file) &&
        SSL_CTX_use_certificate_chain_file(context, files->cert_file) != 1) {
        return refuse(err, "can't use the certificate", files->cert_file);
    }
    if (is_given(files->key_file) &&
        SSL_CTX_use_PrivateKey_file(context, files->key_file, SSL_FILETYPE_PEM) != 1) {
        return refuse(err, "can't use the key", files->key_file);
    }
    return true;
}

struct weir_redis_tls *weir_redis_tls_create(const struct weir_redis_tls_files *files,
                                             struct weir_error *err)
{
    WEIR_AUTO(weir_redis_tls_destroy) struct weir_redis_tls *tls = weir_new(struct weir_redis_tls);
    ERR_clear_error();
    tls->context = SSL_CTX_new(TLS_client_method());
    if (!tls->context || SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION) != 1) {
        weir_error_set(err, "OpenSSL gives no context for TLS");
        return NULL;
    }
    SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
    return read_files(tls->context, files, err) ? weir_take(tls) : NULL;
}

void weir_redis_tls_destroy(struct weir_redis_tls **tls)
{
    if (*tls) {
        SSL_CTX_free((*tls)->context);
        free(weir_take(*tls));
    }
}

// A number is no name: it must stand in the certificate as an address, and is not asked for by SNI.
static bool expect_host(SSL *ssl, const char *host)
{
    unsigned char address[16];
    if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    }
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

bool weir_redis_tls_begin(struct weir_redis_tls *tls, struct redisAsyncContext *context,
                          const char *host, struct weir_error *err)
{
    SSL *ssl = SSL_new(tls->context);
    if (!ssl || !expect_host(ssl, host)) {
        SSL_free(ssl);
        return weir_error_set(err, "can't begin TLS");
    }
    if (redisInitiateSSL(&context->c, ssl) != REDIS_OK) {
        SSL_free(ssl);
        return weir_error_set(err, "can't begin TLS: %s", context->c.errstr);
    }
    return true;
}
