/* listen.h -- where stepward-web listens, and with which certificate. */
#ifndef WEB_LISTEN_H
#define WEB_LISTEN_H

#include "stepward/config.h"

struct web_listener {
    int fd;
    bool is_unix;
    char *cert, *key; /* the files' texts; NULL: without TLS */
};
/* Check the section and its files: 0, or -EINVAL with "FILE:LINE: what and why" in why. */
int web_listener_check(const struct sw_config *config, struct web_listener *ret,
                       char why[static SW_WHY_MAX]);
/* Bind and listen; a negative errno with why. */
int web_listener_open(const struct sw_config *config, struct web_listener *listener,
                      char why[static SW_WHY_MAX]);
void web_listener_fini(struct web_listener *listener);

#endif
