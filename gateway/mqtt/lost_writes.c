/* lost_writes.c -- what Paho is told when it writes to a connection that is broken.
 *
 * If a publication cannot be written, Paho 1.3.12 to 1.3.14 frees its topic and payload
 * and keeps pointers to both in the list of what it sends again, so that the next
 * connection reads or frees them once more (github.com/eclipse-paho/paho.mqtt.c, issues
 * 1621 and 1622). A broker that goes away while we publish is enough for that.
 *
 * So Paho never learns that a write failed. The two functions by which it writes stand
 * here, and the dynamic linker takes those of the program before those of a library.
 * They end the connection and say that all was written. Paho's next read finds the end,
 * and what was published is still in its list, whole, to be sent again. */
#include <dlfcn.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <openssl/ssl.h>

#include "mqtt/paho_client.h"

/* The library's functions. Those of TLS are looked for by name, because the program
 * without TLS has none. */
static struct {
    ssize_t (*writev)(int fd, const struct iovec *parts, int n);
    int (*tls_write)(SSL *tls, const void *bytes, int n);
    int (*tls_error)(const SSL *tls, int result);
    int (*tls_fd)(const SSL *tls);
} library;

/* POSIX has a pointer to a function read through one to data. */
static void find(void *ret_function, const char *name)
{
    *(void **)ret_function = dlsym(RTLD_NEXT, name);
}

static void find_all(void)
{
    find(&library.writev, "writev");
    find(&library.tls_write, "SSL_write");
    find(&library.tls_error, "SSL_get_error");
    find(&library.tls_fd, "SSL_get_fd");
}

void sw_paho_hide_lost_writes(void)
{
    static pthread_once_t once =
        PTHREAD_ONCE_INIT; /* a client's threads write already */
    pthread_once(&once, find_all);
}

/* False: there was none, for it is no socket. */
static bool end_connection(int fd)
{
    return shutdown(fd, SHUT_RDWR) == 0 || errno == ENOTCONN;
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
    sw_paho_hide_lost_writes();
    ssize_t result;
    do
        result = library.writev(fd, parts, n);
    while (result < 0 && errno == EINTR);
    int error = errno;
    if (result < 0 && error != EAGAIN && end_connection(fd)) {
        result = 0;
        for (int i = 0; i < n; i++)
            result += (ssize_t)parts[i].iov_len;
    }
    errno = error;
    return result;
}

int SSL_write(SSL *tls, const void *bytes, int n)
{
    sw_paho_hide_lost_writes();
    int result = library.tls_write(tls, bytes, n);
    /* Paho waits until it can write, and for nothing else. */
    if (result > 0 || library.tls_error(tls, result) == SSL_ERROR_WANT_WRITE)
        return result;
    return end_connection(library.tls_fd(tls)) ? n : result;
}
