/* secret.c -- passwords by crypt(3), yescrypt; secrets of 128 random bits, and their
 * SHA-256. SHA-256 is nettle's, which the web server's TLS has loaded anyway.
 *
 * A secret needs no salt and no slow hash: nobody can guess 128 bits. A password does. */
#include "store/secret.h"

#include <crypt.h>
#include <errno.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

_Static_assert(SW_HASH_BYTES == SHA256_DIGEST_SIZE, "a hash is a SHA-256");
_Static_assert(SW_PASSWORD_HASH_MAX == CRYPT_OUTPUT_SIZE,
               "a hash has room for crypt's");

enum { SECRET_BYTES = SW_SECRET_LEN / 2, COST_DEFAULT = 0 };
#define METHOD "$y$"
/* As expensive as a new hash; nothing hashes to it, since it has no hash. */
#define SETTING_OF_NOBODY "$y$j9T$stepwardstepwardstepw."

/* ---- secrets ---- */

static void format_hex(const uint8_t *bytes, char ret[static SW_SECRET_LEN + 1])
{
    for (size_t i = 0; i < SECRET_BYTES; i++)
        sprintf(ret + 2 * i, "%02x", bytes[i]);
}

int sw_secret_new(struct sw_secret *ret)
{
    uint8_t bytes[SECRET_BYTES];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return -EIO;
    format_hex(bytes, ret->str);
    explicit_bzero(bytes, sizeof bytes);
    return 0;
}

bool sw_secret_hash(const char *kind, const char *secret,
                    uint8_t ret[static SW_HASH_BYTES])
{
    struct sha256_ctx sha;
    bool is_shaped = strlen(secret) == SW_SECRET_LEN &&
                     strspn(secret, "0123456789abcdef") == SW_SECRET_LEN;
    if (!is_shaped)
        return false;
    sha256_init(&sha);
    sha256_update(&sha, strlen(kind) + 1, (const uint8_t *)kind);
    sha256_update(&sha, SW_SECRET_LEN, (const uint8_t *)secret);
    sha256_digest(&sha, SW_HASH_BYTES, ret);
    return true;
}

void sw_csrf_token(const char *secret, char ret[static SW_SECRET_LEN + 1])
{
    uint8_t hash[SW_HASH_BYTES];
    ret[0] = '\0';
    if (sw_secret_hash("form", secret, hash))
        format_hex(hash, ret);
}

bool sw_secret_is_equal(const char *given, const char *right)
{
    size_t len = strlen(right);
    volatile unsigned char differs = 0;
    if (strlen(given) != len) /* lengths are no secret */
        return false;
    for (size_t i = 0; i < len; i++)
        differs = (unsigned char)(differs | (given[i] ^ right[i]));
    return differs == 0;
}

/* ---- passwords ---- */

/* Characters, however many bytes each has. */
static size_t count_characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

const char *sw_password_unfit(const char *password)
{
    size_t n = strlen(password) <= SW_PASSWORD_BYTES_MAX ? count_characters(password)
                                                         : SW_PASSWORD_CHARS_MAX + 1;
    if (n < SW_PASSWORD_MIN)
        return "a password has at least 8 characters";
    if (n > SW_PASSWORD_CHARS_MAX)
        return "a password has at most 1,024 characters";
    return NULL;
}

/* What crypt() takes: a phrase that is too long for it is hashed first. */
static const char *phrase_of(const char *password,
                             char hashed[static 2 * SW_HASH_BYTES + 1])
{
    struct sha256_ctx sha;
    uint8_t hash[SW_HASH_BYTES];
    if (strlen(password) < CRYPT_MAX_PASSPHRASE_SIZE)
        return password;
    sha256_init(&sha);
    sha256_update(&sha, strlen(password), (const uint8_t *)password);
    sha256_digest(&sha, SW_HASH_BYTES, hash);
    for (size_t i = 0; i < SW_HASH_BYTES; i++)
        sprintf(hashed + 2 * i, "%02x", hash[i]);
    return hashed;
}

/* crypt() with memory of its own, which is cleared. */
static int hash_by(const char *setting, const char *password,
                   char ret[static SW_PASSWORD_HASH_MAX])
{
    char hashed[2 * SW_HASH_BYTES + 1];
    struct crypt_data *data = calloc(1, sizeof *data);
    if (!data)
        return -ENOMEM;
    errno = 0;
    const char *hash = crypt_r(phrase_of(password, hashed), setting, data);
    int r = hash && hash[0] != '*' ? 0 : errno ? -errno : -EINVAL;
    if (r == 0)
        strcpy(ret, hash);
    explicit_bzero(data, sizeof *data);
    explicit_bzero(hashed, sizeof hashed);
    free(data);
    return r;
}

int sw_password_hash(const char *password, char ret[static SW_PASSWORD_HASH_MAX])
{
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    if (!crypt_gensalt_rn(METHOD, COST_DEFAULT, NULL, 0, setting, sizeof setting))
        return errno ? -errno : -EIO;
    return hash_by(setting, password, ret);
}

int sw_password_check(const char *password, const char *hash)
{
    char computed[SW_PASSWORD_HASH_MAX];
    bool is_somebodys = hash[0] != '\0';
    int r = hash_by(is_somebodys ? hash : SETTING_OF_NOBODY, password, computed);
    if (r < 0)
        return r;
    return is_somebodys && sw_secret_is_equal(computed, hash);
}
