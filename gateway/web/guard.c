/* guard.c -- whether a request is meant for us; see guard.h. */
#include "web/guard.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

bool web_host_name(const char *header, char out[static WEB_HOST_MAX])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-._";
    size_t len = header ? strcspn(header, *header == '[' ? "]" : ":") : 0;
    if (header && *header == '[' && header[len] == ']')
        len++;
    if (len == 0 || len >= WEB_HOST_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        out[i] = (char)tolower((unsigned char)header[i]);
    out[len] = '\0';
    const char *port = header + len;
    if (*port && (*port != ':' || strspn(port + 1, "0123456789") != strlen(port + 1)))
        return false;
    if (*out == '[')
        return len > 2 && out[len - 1] == ']' &&
               strspn(out + 1, "0123456789abcdef:.") == len - 2;
    return strspn(out, letters) == len;
}

static bool is_in_list(const char *name, const char *hosts)
{
    size_t n = strlen(name);
    for (const char *at = hosts; *(at += strspn(at, " ")); at += strcspn(at, " "))
        if (strcspn(at, " ") == n && strncasecmp(at, name, n) == 0)
            return true;
    return false;
}

bool web_host_is_ours(const char *name, const char *machine, const char *own_address,
                      const char *hosts)
{
    size_t n = machine ? strlen(machine) : 0;
    if (is_in_list(name, "localhost 127.0.0.1 [::1] stepward.local"))
        return true;
    if (own_address && strcmp(name, own_address) == 0)
        return true;
    if (n > 0 && strncasecmp(name, machine, n) == 0 &&
        (name[n] == '\0' || strcmp(name + n, ".local") == 0))
        return true;
    return is_in_list(name, hosts);
}

bool web_post_is_ours(const struct web_post_origin *post)
{
    const char *rest = post->origin;
    if (!rest)
        return post->fetch_site && strcmp(post->fetch_site, "same-origin") == 0;
    if (strncmp(rest, "https://", 8) == 0)
        rest += 8;
    else if (strncmp(rest, "http://", 7) == 0 && !post->is_tls)
        rest += 7;
    else
        return false;
    return post->host && strcasecmp(rest, post->host) == 0;
}
