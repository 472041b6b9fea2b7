/* tls_check.c -- what is wrong with a file of certificates or of a key, in words for
 * whoever can replace it. Only this file and Paho use OpenSSL. Whether the files can be
 * read is config_parse.c's business. */
#include "stepward/tls.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "host/config_parse.h"
#include "stepward/civil.h"

enum { DAY_S = 86400 };

/* One of the three files. */
struct file {
    const struct sw_config *config;
    const char *key, *path;
    int line;
    int64_t now_s;
    char *why;
};

__attribute__((format(printf, 2, 3))) static int tls_complain(const struct file *file,
                                                              const char *format, ...)
{
    char text[SW_WHY_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    config_error(file->why, file->config->path, file->line, "%s = \"%.60s\": %s",
                 file->key, file->path, text);
    ERR_clear_error();
    return -EINVAL;
}

static BIO *tls_open_file(const struct file *file)
{
    return BIO_new_file(file->path, "r");
}

/* ---- what else it may be ---- */

/* Whether the first block of PEM says that it is this; false if there is none. */
static bool begins_with(const struct file *file, const char *word)
{
    char *name = NULL, *header = NULL;
    unsigned char *data = NULL;
    long len;
    BIO *bio = tls_open_file(file);
    bool is_it = bio && PEM_read_bio(bio, &name, &header, &data, &len) == 1 &&
                 strstr(name, word);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    BIO_free(bio);
    ERR_clear_error();
    return is_it;
}

static bool is_der(const struct file *file)
{
    BIO *bio = tls_open_file(file);
    X509 *cert = bio ? d2i_X509_bio(bio, NULL) : NULL;
    EVP_PKEY *key = NULL;
    if (bio && !cert && BIO_reset(bio) == 0)
        key = d2i_PrivateKey_bio(bio, NULL);
    bool is_it = cert || key;
    X509_free(cert);
    EVP_PKEY_free(key);
    BIO_free(bio);
    ERR_clear_error();
    return is_it;
}

/* ---- certificates ---- */

static int64_t tls_time_of(const ASN1_TIME *time)
{
    struct tm tm = {0};
    return ASN1_TIME_to_tm(time, &tm) == 1 ? timegm(&tm) : 0;
}

static void format_day(int64_t at_s, char out[static SW_DATE_LEN + 1])
{
    sw_date_format((int32_t)(at_s / DAY_S), out);
}

static int judge_times(const struct file *file, const X509 *cert)
{
    char day[SW_DATE_LEN + 1];
    int64_t from_s = tls_time_of(X509_get0_notBefore(cert)),
            to_s = tls_time_of(X509_get0_notAfter(cert));
    if (to_s < file->now_s) {
        format_day(to_s, day);
        return tls_complain(file, "expired on %s: put a new one there", day);
    }
    if (from_s > file->now_s) {
        format_day(from_s, day);
        return tls_complain(file, "not valid before %s: is this machine's clock right?",
                            day);
    }
    return 0;
}

static int no_certificate(const struct file *file)
{
    if (is_der(file))
        return tls_complain(file,
                            "is in DER, not in PEM: openssl x509 -inform DER -in FILE "
                            "-out FILE.pem");
    if (begins_with(file, "PRIVATE KEY"))
        return tls_complain(file, "is a private key, not a certificate");
    return tls_complain(file,
                        "is not a certificate (in PEM, -----BEGIN CERTIFICATE-----)");
}

/* One valid authority is enough, for a bundle has old ones, too. In a file of our own
 * the first certificate is ours. *ret_first, if asked for, is the caller's to free. */
static int check_certificates(const struct file *file, bool is_bundle, X509 **ret_first)
{
    BIO *bio = tls_open_file(file);
    int n = 0, r = 0;
    if (!bio)
        return tls_complain(file, "cannot read it");
    for (X509 *cert; (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)); n++) {
        bool is_judged = n == 0 || (is_bundle && r < 0);
        if (is_judged)
            r = judge_times(file, cert);
        if (n == 0 && ret_first)
            *ret_first = cert;
        else
            X509_free(cert);
    }
    unsigned long error = ERR_peek_last_error();
    bool has_ended = error == 0 || (ERR_GET_LIB(error) == ERR_LIB_PEM &&
                                    ERR_GET_REASON(error) == PEM_R_NO_START_LINE);
    if (!has_ended && n > 0)
        r = tls_complain(file, "certificate %d in it is broken: copy it again", n + 1);
    else if (n == 0)
        r = no_certificate(file);
    BIO_free(bio);
    ERR_clear_error();
    return r;
}

/* ---- the key ---- */

/* OpenSSL asks for a password, but nobody is there to type it. */
static int note_question(char *buffer, int size, int is_to_encrypt, void *is_asked)
{
    (void)buffer;
    (void)size;
    (void)is_to_encrypt;
    *(bool *)is_asked = true;
    return -1;
}

static int no_key(const struct file *file, bool is_encrypted)
{
    if (is_encrypted)
        return tls_complain(file,
                            "is encrypted, and nobody is there to type its password: "
                            "openssl pkey -in FILE -out FILE.plain");
    if (is_der(file))
        return tls_complain(file,
                            "is in DER, not in PEM: openssl pkey -inform DER -in FILE "
                            "-out FILE.pem");
    if (begins_with(file, "CERTIFICATE"))
        return tls_complain(file, "is a certificate without a private key");
    return tls_complain(file,
                        "is not a private key (in PEM, -----BEGIN PRIVATE KEY-----)");
}

static int check_key(const struct file *file, X509 *cert)
{
    bool is_encrypted = false;
    BIO *bio = tls_open_file(file);
    EVP_PKEY *key =
        bio ? PEM_read_bio_PrivateKey(bio, NULL, note_question, &is_encrypted) : NULL;
    int r = 0;
    if (!bio)
        r = tls_complain(file, "cannot read it");
    else if (!key)
        r = no_key(file, is_encrypted);
    else if (X509_check_private_key(cert, key) != 1)
        r = tls_complain(file, "is not the key of the certificate in cert_file");
    EVP_PKEY_free(key);
    BIO_free(bio);
    ERR_clear_error();
    return r;
}

int sw_tls_check(const struct sw_config *config, int64_t now_s,
                 char why[static SW_WHY_MAX])
{
    const struct sw_config_lines *lines = &config->broker.lines;
    struct file ca = {config,         "ca_file", config->broker.ca_file,
                      lines->ca_file, now_s,     why},
                cert = {config,           "cert_file", config->broker.cert_file,
                        lines->cert_file, now_s,       why},
                key = {config,          "key_file", config->broker.key_file,
                       lines->key_file, now_s,      why};
    X509 *own = NULL;
    int r = 0;
    why[0] = '\0';
    if (*ca.path)
        r = check_certificates(&ca, true, NULL);
    if (r == 0 && *key.path && !*cert.path)
        r = tls_complain(&key, "needs cert_file, too");
    if (r == 0 && *cert.path)
        r = check_certificates(&cert, false, &own);
    if (r == 0 && *cert.path) /* without key_file the key is in the same file */
        r = check_key(*key.path ? &key : &cert, own);
    X509_free(own);
    return r;
}
