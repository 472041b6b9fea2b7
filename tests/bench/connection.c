/* connection.c -- asks the kernel by netlink (sock_diag), as ss does.
 *
 * To look through all sockets takes long; once an end of the connection is known it is
 * asked for by its name.
 */
#include "connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ESTABLISHED = 1, ANSWER_MAX = 32 * 1024 };

struct request {
    struct nlmsghdr head;
    struct inet_diag_req_v2 body;
};

int connection_init(struct connection *connection, int port)
{
    *connection = (struct connection){.port = port};
    connection->fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    return connection->fd < 0 ? -errno : 0;
}

void connection_fini(struct connection *connection)
{
    close(connection->fd);
}

/* own_port 0: each connection to the port. */
static int ask(const struct connection *connection)
{
    struct request request = {
        .head = {.nlmsg_len = sizeof(request),
                 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                 .nlmsg_flags = NLM_F_REQUEST},
        .body = {.sdiag_family = AF_INET,
                 .sdiag_protocol = IPPROTO_TCP,
                 .idiag_ext = 1 << (INET_DIAG_INFO - 1),
                 .idiag_states = 1 << ESTABLISHED},
    };
    struct inet_diag_sockid *id = &request.body.id;
    id->idiag_dport = htons((uint16_t)connection->port);
    id->idiag_sport = htons(connection->own_port);
    id->idiag_src[0] = id->idiag_dst[0] = htonl(INADDR_LOOPBACK);
    id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    if (connection->own_port == 0)
        request.head.nlmsg_flags |= NLM_F_DUMP;
    return send(connection->fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

/* The kernel's own macros mix signs. */
static struct nlmsghdr *next_of(struct nlmsghdr *head, int *left)
{
    int len = (int)NLMSG_ALIGN(head->nlmsg_len);
    *left -= len;
    return (struct nlmsghdr *)((char *)head + len);
}

static struct rtattr *next_attr(struct rtattr *attr, int *left)
{
    int len = (int)RTA_ALIGN(attr->rta_len);
    *left -= len;
    return (struct rtattr *)((char *)attr + len);
}

static struct traffic traffic_of(const struct nlmsghdr *head)
{
    struct inet_diag_msg *body = NLMSG_DATA(head);
    int len = (int)head->nlmsg_len - (int)NLMSG_LENGTH(sizeof(*body));
    struct rtattr *attr = (struct rtattr *)(body + 1);
    for (; RTA_OK(attr, len); attr = next_attr(attr, &len)) {
        struct tcp_info info = {0};
        size_t n = RTA_PAYLOAD(attr);
        if (attr->rta_type != INET_DIAG_INFO)
            continue;
        memcpy(&info, RTA_DATA(attr), n < sizeof(info) ? n : sizeof(info));
        return (struct traffic){.received = (int64_t)info.tcpi_bytes_received,
                                .sent = (int64_t)info.tcpi_bytes_acked};
    }
    return (struct traffic){0};
}

/* Take the first that is open; true if there was one. */
static bool take(struct connection *connection, const struct nlmsghdr *head)
{
    const struct inet_diag_msg *body = NLMSG_DATA(head);
    bool is_ours = head->nlmsg_type == SOCK_DIAG_BY_FAMILY &&
                   body->idiag_state == ESTABLISHED &&
                   ntohs(body->id.idiag_dport) == connection->port;
    if (!is_ours)
        return false;
    connection->own_port = ntohs(body->id.idiag_sport);
    connection->now = traffic_of(head);
    return true;
}

static bool hear(struct connection *connection, bool is_dump)
{
    static _Alignas(struct nlmsghdr) char answer[ANSWER_MAX];
    bool found = false, is_over = false;
    while (!is_over) {
        ssize_t n = recv(connection->fd, answer, sizeof(answer), 0);
        if (n <= 0)
            return found;
        int left = (int)n;
        struct nlmsghdr *head = (struct nlmsghdr *)answer;
        for (; NLMSG_OK(head, left); head = next_of(head, &left)) {
            found = found || take(connection, head);
            is_over |=
                head->nlmsg_type == NLMSG_DONE || head->nlmsg_type == NLMSG_ERROR;
        }
        is_over |= !is_dump;
    }
    return found;
}

static struct traffic sum(struct traffic a, struct traffic b)
{
    return (struct traffic){a.received + b.received, a.sent + b.sent};
}

struct traffic connection_look(struct connection *connection)
{
    bool is_known = connection->own_port != 0;
    bool found = ask(connection) == 0 && hear(connection, !is_known);
    if (is_known && !found) {
        connection->before = sum(connection->before, connection->now);
        connection->now = (struct traffic){0};
        connection->own_port = 0;
        connection->n_over++;
    }
    return sum(connection->before, connection->now);
}
