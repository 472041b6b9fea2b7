/* real_broker.h -- a mosquitto of our own on a free port, and the time to wait for it.
 *
 *     broker_setup(&broker);          // a directory and a configuration
 *     broker_start(&broker);          // listens on broker.uri
 *     broker_stop(&broker, SIGTERM);  // start it again, or
 *     broker_remove(&broker);
 */
#ifndef REAL_BROKER_H
#define REAL_BROKER_H

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "fake_broker.h"

enum { PATIENCE_MS = 20 * 1000 };

struct broker {
    char dir[64], conf[128], uri[64];
    int port;
    pid_t pid;
};

static inline int free_port(void)
{
    struct fake fake;
    fake_open(&fake);
    fake_close(&fake);
    return fake.port;
}

static inline int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline bool is_listening(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_open = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return is_open;
}

static inline void broker_start(struct broker *broker)
{
    broker->pid = fork();
    if (broker->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO); /* it warns of being root */
        execl("/usr/sbin/mosquitto", "mosquitto", "-c", broker->conf, (char *)NULL);
        _exit(127);
    }
    assert_true(broker->pid > 0);
    int64_t deadline_ms = now_ms() + PATIENCE_MS;
    while (!is_listening(broker->port)) {
        assert_true(now_ms() < deadline_ms);
        poll(NULL, 0, 5);
    }
}

static inline void broker_stop(struct broker *broker, int signal)
{
    kill(broker->pid, signal);
    waitpid(broker->pid, NULL, 0);
}

static inline void broker_setup(struct broker *broker)
{
    strcpy(broker->dir, "/tmp/stepward-session-XXXXXX");
    assert_non_null(mkdtemp(broker->dir));
    broker->port = free_port();
    snprintf(broker->conf, sizeof broker->conf, "%s/broker.conf", broker->dir);
    snprintf(broker->uri, sizeof broker->uri, "mqtt://127.0.0.1:%d", broker->port);
    FILE *conf = fopen(broker->conf, "w");
    assert_non_null(conf);
    fprintf(conf,
            "listener %d 127.0.0.1\nallow_anonymous true\nuser root\nlog_dest none\n"
            "persistence true\npersistence_location %s/\nmax_queued_messages 0\n",
            broker->port, broker->dir);
    fclose(conf);
}

static inline void broker_remove(struct broker *broker)
{
    char db[128];
    snprintf(db, sizeof db, "%s/mosquitto.db", broker->dir);
    unlink(db);
    unlink(broker->conf);
    rmdir(broker->dir);
}

#endif
