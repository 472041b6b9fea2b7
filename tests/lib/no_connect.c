/* no_connect.c -- connect() is forbidden, as it is to the board's service: LD_PRELOAD
 * this. */
#include <errno.h>
#include <sys/socket.h>

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
    (void)fd, (void)address, (void)len;
    errno = EPERM;
    return -1;
}
