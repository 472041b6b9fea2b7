/* connection.h -- how much a client's connection to a port of 127.0.0.1 has carried, as
 * the kernel counts it: the client is not asked, and nothing of it is held.
 *
 *     struct connection connection;
 *     connection_init(&connection, port);
 *     traffic = connection_look(&connection); // of all connections, one at a time
 *     connection_fini(&connection);
 */
#ifndef BENCH_CONNECTION_H
#define BENCH_CONNECTION_H

#include <stdint.h>

struct traffic {
    int64_t received; /* bytes that came, read by the client or not */
    int64_t sent;     /* bytes that the other end has */
};

struct connection {
    int fd; /* netlink */
    int port;
    uint16_t own_port;     /* of the client's end, 0: none is open */
    struct traffic now;    /* of the one that is open */
    struct traffic before; /* of those that are over */
    int n_over;
};

int connection_init(struct connection *connection, int port); /* negative errno */
struct traffic connection_look(struct connection *connection);
void connection_fini(struct connection *connection);

#endif
