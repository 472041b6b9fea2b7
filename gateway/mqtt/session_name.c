/* session_name.c -- whether the broker's name has an address.
 *
 * Asked in the link's own thread before each attempt to connect: the answer may take as
 * long as the resolver likes. */
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "mqtt/paho_client.h"

enum { NAME_LEN = 254 }; /* of a host, with its NUL */

/* The host of scheme://host:port, scheme://[address]:port or without a port. */
static void host_of(const char *uri, char out[static NAME_LEN])
{
    const char *host = strstr(uri, "://");
    host = host ? host + strlen("://") : uri;
    bool is_bracketed = *host == '[';
    host += is_bracketed;
    size_t len = strcspn(host, is_bracketed ? "]" : ":/");
    snprintf(out, NAME_LEN, "%.*s", (int)len, host);
}

const char *sw_paho_look_up(const struct sw_paho *link)
{
    char host[NAME_LEN];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    host_of(link->options.uri, host);
    int r = getaddrinfo(host, NULL, &hints, &found);
    if (r != 0)
        return gai_strerror(r);
    freeaddrinfo(found);
    return NULL;
}
