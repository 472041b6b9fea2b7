/* listen.c -- where stepward-web listens, and with which certificate; see listen.h. */
#include "web/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/line.h"

#define UNIX "unix:"

enum {
    WEB_LISTEN_MAX = 300,       /* see host/config_keys.c */
    PEM_BYTES_MAX = 256 * 1024, /* a chain of certificates is a few KB */
    WAITING_MAX = 64,           /* connections that are not accepted yet */
};

__attribute__((format(printf, 4, 5))) static int refuse(const struct sw_config *config,
                                                        int line,
                                                        char why[static SW_WHY_MAX],
                                                        const char *format, ...)
{
    va_list args;
    struct sw_line text = sw_line(why, SW_WHY_MAX);
    if (line > 0)
        sw_line_add(&text, "%.100s:%d: ", config->path, line);
    else
        sw_line_add(&text, "%.100s: ", config->path);
    va_start(args, format);
    sw_line_vadd(&text, format, args);
    va_end(args);
    return -EINVAL;
}

/* ---- the address ---- */

static struct addrinfo *resolve(const char *listen, const char **ret_problem)
{
    char host[WEB_LISTEN_MAX];
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                                   .ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM};
    snprintf(host, sizeof host, "%s", listen);
    char *port = strrchr(host, ':');
    char *name = host;
    if (!port)
        return NULL;
    *port++ = '\0';
    if (*name == '[') {
        name++;
        name[strcspn(name, "]")] = '\0';
    }
    int r = getaddrinfo(name, port, &hints, &found);
    *ret_problem = r == 0 ? NULL : gai_strerror(r);
    return r == 0 ? found : NULL;
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        return ntohl(in->sin_addr.s_addr) >> 24 == 127;
    }
    const struct sockaddr_in6 *in = (const void *)address;
    return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in->sin6_addr);
}

/* ---- the certificate ---- */

/* The file's text, which the caller frees; NULL with errno. */
static char *read_pem(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = file ? calloc(1, PEM_BYTES_MAX + 1) : NULL;
    size_t n = text ? fread(text, 1, PEM_BYTES_MAX, file) : 0;
    bool ok = text && n > 0 && !ferror(file);
    int error = ok ? 0 : errno ? errno : EINVAL;
    if (file)
        fclose(file);
    if (ok)
        return text;
    free(text);
    errno = error;
    return NULL;
}

static int read_certificate(const struct sw_config *config, struct web_listener *ret,
                            char why[static SW_WHY_MAX])
{
    const char *cert = config->web.cert_file, *key = config->web.key_file;
    int cert_line = config->web.lines.cert_file, key_line = config->web.lines.key_file;
    struct stat st;
    if (!*cert || !*key)
        return refuse(config, *cert ? cert_line : key_line, why,
                      "cert_file and key_file go together: one of them is missing");
    errno = 0;
    if (stat(key, &st) == 0 && (st.st_mode & 007) != 0)
        return refuse(config, key_line, why,
                      "key_file: others can read it (mode %04o): sudo chmod 640 %.80s",
                      (unsigned)st.st_mode & 07777, key);
    ret->cert = read_pem(cert);
    if (!ret->cert)
        return refuse(config, cert_line, why, "cert_file: cannot read %.80s: %s", cert,
                      strerror(errno));
    errno = 0;
    ret->key = read_pem(key);
    if (!ret->key)
        return refuse(config, key_line, why, "key_file: cannot read %.80s: %s", key,
                      strerror(errno));
    return 0;
}

int web_listener_check(const struct sw_config *config, struct web_listener *ret,
                       char why[static SW_WHY_MAX])
{
    const char *listen = config->web.listen, *problem;
    int line = config->web.lines.listen;
    *ret = (struct web_listener){.fd = -1};
    if (!config->web.is_on)
        return refuse(config, 0, why,
                      "the board is switched off: add the section `web { }` to it, and "
                      "yourself by `stepward user add NAME --role admin`");
    ret->is_unix = strncmp(listen, UNIX, strlen(UNIX)) == 0;
    bool has_files = *config->web.cert_file || *config->web.key_file;
    if (has_files)
        return read_certificate(config, ret, why);
    if (ret->is_unix)
        return 0;
    struct addrinfo *found = resolve(listen, &problem);
    if (!found)
        return refuse(config, line, why, "listen = \"%.80s\": %s", listen,
                      problem ? problem : "no such address");
    bool is_local = true;
    for (const struct addrinfo *at = found; at; at = at->ai_next)
        is_local = is_local && is_loopback(at->ai_addr);
    freeaddrinfo(found);
    if (is_local)
        return 0;
    return refuse(config, line, why,
                  "listen = \"%.80s\": others on the network could read names and "
                  "passwords on their way there: set cert_file and key_file, or listen "
                  "at 127.0.0.1:8080 behind a server with TLS",
                  listen);
}

/* ---- the socket ---- */

/* Whoever listens at the path has the file beside it locked, until it ends in whatever
 * way: the descriptor stays open. -1: it is another's, or the folder is read-only. */
static int lock_beside(const char *path)
{
    char lock[sizeof(struct sockaddr_un) + 8];
    snprintf(lock, sizeof lock, "%.*s.lock", (int)sizeof(struct sockaddr_un), path);
    int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Whether it was left behind by a server that was killed. The service may not connect
 * (EPERM, see stepward-web.service); then the lock tells. */
static bool is_stale(int fd, const struct sockaddr_un *address, bool is_locked)
{
    struct stat st;
    if (lstat(address->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
        return false;
    return connect(fd, (const void *)address, sizeof *address) < 0 &&
           (errno == ECONNREFUSED || (errno == EPERM && is_locked));
}

/* A socket that was left behind is in the way; one that answers is not ours. */
static int open_unix(const char *path, char why[static SW_WHY_MAX])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (fd >= 0 && is_stale(fd, &address, lock_beside(path) >= 0))
        unlink(path);
    if (fd >= 0 && bind(fd, (void *)&address, sizeof address) == 0 &&
        /* As open as a port of this machine: who speaks to it has to log in. */
        chmod(path, 0666) == 0 && listen(fd, WAITING_MAX) == 0)
        return fd;
    int r = -errno;
    snprintf(why, SW_WHY_MAX, "cannot listen at %.100s: %s", path, strerror(-r));
    if (fd >= 0)
        close(fd);
    return r;
}

static int open_address(const struct addrinfo *at)
{
    const int yes = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, WAITING_MAX) == 0)
        return fd;
    int r = -errno;
    close(fd);
    return r;
}

int web_listener_open(const struct sw_config *config, struct web_listener *listener,
                      char why[static SW_WHY_MAX])
{
    const char *listen = config->web.listen, *problem = NULL;
    if (listener->is_unix) {
        listener->fd = open_unix(listen + strlen(UNIX), why);
        return listener->fd < 0 ? listener->fd : 0;
    }
    struct addrinfo *found = resolve(listen, &problem);
    int r = found ? -EADDRNOTAVAIL : -ENOENT;
    for (const struct addrinfo *at = found; at && r < 0; at = at->ai_next)
        r = open_address(at);
    if (found)
        freeaddrinfo(found);
    if (r < 0) {
        snprintf(why, SW_WHY_MAX, "cannot listen at %.100s: %s", listen,
                 problem ? problem : strerror(-r));
        return r;
    }
    listener->fd = r;
    return 0;
}

void web_listener_fini(struct web_listener *listener)
{
    if (listener->key)
        explicit_bzero(listener->key, strlen(listener->key));
    free(listener->cert);
    free(listener->key);
    listener->cert = listener->key = NULL;
}
