/* certificate.h -- when the certificates in a file end. Whether they are what a broker or
 * a browser wants is said by those who use them.
 */
#ifndef STEPWARD_CERTIFICATE_H
#define STEPWARD_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

struct sw_certificates {
    size_t n;
    int64_t first_end_s, last_end_s; /* of those that end first and last */
};

/* Of the certificates (X.509) in a text as PEM; other things in it are passed over. 0;
 * -ENOENT: there is none; -EINVAL: one of them cannot be read; -ENOMEM. */
int sw_certificates_read(const char *pem, size_t len, struct sw_certificates *ret);

#endif
