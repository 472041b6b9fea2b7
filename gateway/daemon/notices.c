/* notices.c -- datagrams between two threads. receive.c decides which messages are
 * notices; the loop decides what they mean. */
#include "daemon/notices.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const size_t HEAD_LEN = offsetof(struct notice, payload);

int notices_init(struct notices *notices)
{
    struct timeval wait = {.tv_sec = NOTICES_WAIT_S};
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
        return -errno;
    *notices = (struct notices){.fd = fds[0], .put_fd = fds[1]};
    if (setsockopt(notices->put_fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) < 0)
        return -errno;
    return 0;
}

bool notices_put(struct notices *notices, enum notice_kind kind, const char *payload,
                 size_t len)
{
    struct notice notice;
    ssize_t n;
    if (len == 0 || len > NOTICE_MAX)
        return true;
    memset(&notice, 0, HEAD_LEN); /* its padding is sent too */
    notice.kind = kind;
    notice.len = len;
    memcpy(notice.payload, payload, len);
    bool vouches_falsely = kind == NOTICE_MARK && notices->has_lost;
    if (kind == NOTICE_MARK)
        notices->has_lost = false;
    if (vouches_falsely)
        return false;
    do
        n = send(notices->put_fd, &notice, HEAD_LEN + len,
                 MSG_NOSIGNAL | (notices->is_jammed ? MSG_DONTWAIT : 0));
    while (n < 0 && errno == EINTR);
    notices->is_jammed = n < 0;
    notices->has_lost |= n < 0 && kind == NOTICE_ALERT;
    return n >= 0;
}

bool notices_take(struct notices *notices, struct notice *ret)
{
    return recv(notices->fd, ret, sizeof *ret, MSG_DONTWAIT) > 0;
}

void notices_clear(struct notices *notices)
{
    struct notice notice;
    while (notices_take(notices, &notice))
        continue;
}

void notices_fini(struct notices *notices)
{
    if (notices->fd == notices->put_fd) /* it was never opened */
        return;
    close(notices->fd);
    close(notices->put_fd);
    *notices = (struct notices){0};
}
