/* tls.h -- whether the certificates and the key of the configuration are what they
 * should be. Only programs with TLS can load them.
 *
 *     if (sw_tls_check(&config, now_s, why) < 0)
 *         …"FILE:LINE: ca_file = "…": what and why" is in why
 *
 * Whether the broker accepts them shows when we connect.
 */
#ifndef STEPWARD_TLS_H
#define STEPWARD_TLS_H

#include "stepward/config.h"

/* 0; or -EINVAL: ca_file, cert_file or key_file is something else, is expired or not
 * valid yet at now_s, or is encrypted, or the key does not belong to the
 * certificate. */
int sw_tls_check(const struct sw_config *config, int64_t now_s,
                 char why[static SW_WHY_MAX]);

#endif
