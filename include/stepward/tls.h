/* tls.h -- the certificates and the key of the configuration, loaded to see whether
 * they are what they should be. Programs with TLS alone can.
 *
 *     if (sw_tls_check(&config, now_s, why) < 0)
 *         …"FILE:LINE: ca_file = "…": what and why" is in why
 *
 * Whether the broker likes them shows at the connection.
 */
#ifndef STEPWARD_TLS_H
#define STEPWARD_TLS_H

#include "stepward/config.h"

/* 0; or -EINVAL: ca_file, cert_file or key_file is no such thing, expired or not valid
 * yet at now_s, encrypted, or the key is not the certificate's. */
int sw_tls_check(const struct sw_config *config, int64_t now_s,
                 char why[static SW_WHY_MAX]);

#endif
