/* lose_write.c -- a broker that hangs up just when something is published: LD_PRELOAD
 * this, and if there is a file $LOSE_WRITE, the next publication at QoS 1 ends the
 * connection and is not written. The file is removed then. */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PUBLISH_QOS_1 = 0x32, TYPE_AND_QOS = 0xF6 };

static bool loses(unsigned char first)
{
    const char *path = getenv("LOSE_WRITE");
    return (first & TYPE_AND_QOS) == PUBLISH_QOS_1 && path && unlink(path) == 0;
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
    ssize_t (*next)(int, const struct iovec *, int);
    *(void **)&next = dlsym(RTLD_NEXT, "writev");
    if (n > 0 && parts[0].iov_len > 0 &&
        loses(*(const unsigned char *)parts[0].iov_base)) {
        shutdown(fd, SHUT_RDWR);
        errno = ECONNRESET;
        return -1;
    }
    return next(fd, parts, n);
}

int SSL_write(void *tls, const void *bytes, int n)
{
    int (*next)(void *, const void *, int);
    int (*tls_fd)(const void *);
    *(void **)&next = dlsym(RTLD_NEXT, "SSL_write");
    *(void **)&tls_fd = dlsym(RTLD_DEFAULT, "SSL_get_fd");
    if (n > 0 && loses(*(const unsigned char *)bytes))
        shutdown(tls_fd(tls), SHUT_RDWR);
    return next(tls, bytes, n);
}
