/* connection.h -- how much a client's connection to a port of 127.0.0.1 has received,
 * as the kernel counts it: the client is not asked, and nothing of it is held.
 *
 *     struct connection connection;
 *     connection_init(&connection, port);
 *     bytes = connection_received(&connection); // over all connections, one at a time
 *     connection_fini(&connection);
 */
#ifndef BENCH_CONNECTION_H
#define BENCH_CONNECTION_H

#include <stdint.h>

struct connection {
    int fd; /* netlink */
    int port;
    uint16_t own_port; /* of the client's end, 0: none is open */
    int64_t received;  /* by the one that is open */
    int64_t before;    /* by those that are over */
    int n_over;
};

int connection_init(struct connection *connection, int port); /* negative errno */
int64_t connection_received(struct connection *connection);
void connection_fini(struct connection *connection);

#endif
