/* secret.h -- what users prove themselves by, as web.db keeps it: of a password what
 * crypt(3) makes of it, of a random secret a hash.
 *
 *     struct sw_secret secret;
 *     uint8_t hash[SW_HASH_BYTES];
 *     r = sw_secret_new(&secret);                 // for the cookie
 *     sw_secret_hash("session", secret.str, hash);  // for the database
 */
#ifndef STORE_SECRET_H
#define STORE_SECRET_H

#include "stepward/users.h"

enum {
    SW_HASH_BYTES = 32,         /* SHA-256 */
    SW_PASSWORD_HASH_MAX = 384, /* bytes with the NUL: CRYPT_OUTPUT_SIZE */
};

int sw_secret_new(struct sw_secret *ret); /* 0 or a negative errno */
/* The hash of a secret of that kind: one of another kind has another hash. False if the
 * text is not shaped as a secret. */
bool sw_secret_hash(const char *kind, const char *secret,
                    uint8_t ret[static SW_HASH_BYTES]);

/* 0, or a negative errno. */
int sw_password_hash(const char *password, char ret[static SW_PASSWORD_HASH_MAX]);
/* 1: it is the password that was hashed; 0: it is not; or a negative errno. It takes
 * the same time whatever the texts; "" stands for the hash of a user who does not exist
 * or has none, and nothing is right for it. */
int sw_password_check(const char *password, const char *hash);

#endif
