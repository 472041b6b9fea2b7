/* guard.h -- whether a request is meant for us, and whether a page of ours sent it.
 *
 * A page of another site may send a browser to us by any name that it makes resolve to our
 * address (DNS rebinding), and may post forms to us. So a request has to name a host of
 * ours, and a POST has to come from the page of that host. Texts in, verdicts out; who
 * the user is is request.c's business.
 */
#ifndef WEB_GUARD_H
#define WEB_GUARD_H

#include <stdbool.h>
#include <stddef.h>

enum { WEB_HOST_MAX = 256 }; /* a DNS name has at most 253 characters */

/* Cut the port off a Host header, small letters: "[::1]:8080" is "[::1]". False: it is no
 * host. */
bool web_host_name(const char *header, char out[static WEB_HOST_MAX]);
/* Whether it is localhost, 127.0.0.1, [::1], stepward.local, this machine's own name or
 * that with .local behind it, own_address (where the connection came in; may be NULL), or
 * one of the names in hosts, which have blanks between. */
bool web_host_is_ours(const char *name, const char *machine, const char *own_address,
                      const char *hosts);

/* What a POST says of where it comes from: header values, or NULL. */
struct web_post_origin {
    const char *host;   /* "stepward.local:8443" */
    const char *origin; /* "https://stepward.local:8443" */
    const char *fetch_site;
    bool is_tls; /* the browser speaks it, to us or to the server in front of us */
};
bool web_post_is_ours(const struct web_post_origin *post);

#endif
