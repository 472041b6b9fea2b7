/* watch.c -- run a client of the broker while it drains its backlog, and measure it.
 *
 *     watch -p PORT -n MESSAGES -b BYTES [-d DATABASE] [-g BYTES] -- COMMAND…
 *
 * BYTES is what the backlog takes on the wire (load prints it); the kernel tells how
 * many the client's connection to PORT has received and sent, so that nothing has to be
 * asked of the client: it has acknowledged when all BYTES came and it has sent what so
 * many acknowledgements take (of a client that says more of its own, a little before;
 * what came may wait unread by the megabyte). With -d: until the database counts
 * MESSAGES more than before. The last commit is asked for by SIGTERM as soon as all is
 * acknowledged and no thread has anything to do, instead of sitting out the
 * commit_interval. Prints, of the seconds from the first message on and of the whole
 * life of the process
 *
 *     ACKNOWLEDGED_S STORED_S CPU_S RSS_KIB WRITTEN_BYTES FIRST_S
 *
 * FIRST_S is from the start of the process to the first message: to so many bytes (-g),
 * as it stands more than the broker's greeting has. Ends with 1 if anything is missing.
 * Making the backlog is load.c's business.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "connection.h"
#include "stepward/host.h"
#include "stepward/store.h"
#include "util/file.h"

enum {
    LOOK_US = 1000,
    STORE_LOOKS = 5,      /* looks between two at the database */
    IDLE_LOOKS = 20,      /* in a row without work: it is done */
    GREETING_BYTES = 512, /* more than the broker's answers before the first message */
    PATIENCE_S = 900,     /* for all of it */
    STALL_S = 60,         /* without a byte either way */
    PUBACK_BYTES = 4,
};

struct watch {
    int port;
    int64_t messages, bytes, greeting;
    const char *database;
    pid_t pid;
    struct connection connection;
    struct sw_store *store;
    int64_t stored_before;
    double launched_s, first_s, acknowledged_s, stored_s;
};

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void pause_us(long us)
{
    struct timespec t = {0, us * 1000};
    nanosleep(&t, NULL);
}

/* ---- the process ---- */

/* Whether a thread runs or waits for a disk. */
static bool is_thread_busy(int folder, const char *tid)
{
    char path[32], text[256], *state;
    snprintf(path, sizeof(path), "%.16s/stat", tid);
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    state = strrchr(text, ')');
    return state && strchr("RD", state[2]);
}

static bool is_busy(pid_t pid)
{
    char path[32];
    bool busy = false;
    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *folder = opendir(path);
    struct dirent *at;
    while (folder && !busy && sw_folder_next(folder, &at) > 0)
        busy = at->d_name[0] != '.' && is_thread_busy(dirfd(folder), at->d_name);
    if (folder)
        closedir(folder);
    return busy;
}

static bool has_ended(pid_t pid)
{
    siginfo_t info = {0};
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid == pid;
}

/* ---- the database ---- */

static int64_t count_stored(struct watch *watch)
{
    struct sw_health health;
    char why[SW_WHY_MAX];
    if (!watch->store &&
        sw_store_open(&watch->store, watch->database, SW_STORE_READ, why) < 0)
        return 0;
    return sw_store_get_health(watch->store, &health) == 0 ? health.messages : 0;
}

static void let_go(struct watch *watch)
{
    sw_store_close(watch->store);
    watch->store = NULL;
}

static bool is_stored(struct watch *watch)
{
    return !watch->database ||
           count_stored(watch) - watch->stored_before >= watch->messages;
}

/* ---- the stages ---- */

/* Until the connection has carried so much; the time of that. */
static double wait_for_traffic(struct watch *watch, struct traffic wanted)
{
    double began_s = now_s(), moved_s = began_s, at_s = began_s;
    struct traffic before = {0};
    while (at_s - moved_s < STALL_S && at_s - began_s < PATIENCE_S &&
           !has_ended(watch->pid)) {
        struct traffic now = connection_look(&watch->connection);
        at_s = now_s();
        if (now.received >= wanted.received && now.sent >= wanted.sent)
            return at_s;
        if (now.received != before.received || now.sent != before.sent)
            moved_s = at_s;
        before = now;
        pause_us(LOOK_US);
    }
    fprintf(stderr,
            "watch: received %" PRId64 " of %" PRId64 " bytes, sent %" PRId64
            " of %" PRId64 "\n",
            before.received, wanted.received, before.sent, wanted.sent);
    return -1;
}

/* Until the database has all, or nothing happens any more. */
static void wait_for_work(struct watch *watch)
{
    int idle = 0;
    double until_s = now_s() + PATIENCE_S;
    for (int look = 0; idle < IDLE_LOOKS && now_s() < until_s; look++) {
        idle = is_busy(watch->pid) ? 0 : idle + 1;
        if (watch->database && look % STORE_LOOKS == 0 && is_stored(watch))
            break;
        pause_us(LOOK_US);
    }
}

static int finish(struct watch *watch, struct rusage *ret_usage)
{
    int status = -1;
    double until_s = now_s() + PATIENCE_S;
    if (is_stored(watch))
        watch->stored_s = watch->database ? now_s() : watch->acknowledged_s;
    kill(watch->pid, SIGTERM);
    while (!has_ended(watch->pid) && now_s() < until_s) {
        if (watch->stored_s == 0 && is_stored(watch))
            watch->stored_s = now_s();
        pause_us(LOOK_US);
    }
    kill(watch->pid, SIGKILL);
    if (wait4(watch->pid, &status, 0, ret_usage) < 0)
        return -errno;
    let_go(watch);
    if (watch->stored_s == 0 && is_stored(watch))
        watch->stored_s = now_s();
    let_go(watch);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static int measure(struct watch *watch)
{
    struct rusage usage = {0};
    struct traffic first = {.received = watch->greeting};
    struct traffic all = {watch->bytes, PUBACK_BYTES * watch->messages};
    watch->first_s = wait_for_traffic(watch, first);
    if (watch->first_s > 0)
        watch->acknowledged_s = wait_for_traffic(watch, all);
    if (watch->acknowledged_s > 0)
        wait_for_work(watch);
    int r = finish(watch, &usage);
    if (watch->connection.n_over > 0)
        fprintf(stderr, "watch: it lost its connection %d times\n",
                watch->connection.n_over);
    if (r < 0 || watch->acknowledged_s <= 0 || watch->stored_s == 0) {
        fprintf(stderr, "watch: %s\n", r < 0 ? "it failed" : "not all of it arrived");
        return 1;
    }
    printf("%.4f %.4f %.3f %ld %lld %.4f\n", watch->acknowledged_s - watch->first_s,
           watch->stored_s - watch->first_s,
           seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss,
           (long long)usage.ru_oublock * 512, watch->first_s - watch->launched_s);
    return 0;
}

static pid_t launch(char **command)
{
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);   /* nothing is left behind */
        dup2(STDERR_FILENO, STDOUT_FILENO); /* our output is for the figures */
        execvp(command[0], command);
        _exit(127);
    }
    return pid;
}

static int usage(void)
{
    fprintf(stderr, "usage: watch -p PORT -n MESSAGES -b BYTES [-d DATABASE] "
                    "[-g BYTES] -- COMMAND…\n");
    return 2;
}

int main(int argc, char **argv)
{
    struct watch watch = {.greeting = GREETING_BYTES};
    for (int key; (key = getopt(argc, argv, "+p:n:b:d:g:")) != -1;) {
        if (key == 'p')
            watch.port = atoi(optarg);
        else if (key == 'n')
            watch.messages = atoll(optarg);
        else if (key == 'b')
            watch.bytes = atoll(optarg);
        else if (key == 'g')
            watch.greeting = atoll(optarg);
        else if (key == 'd')
            watch.database = optarg;
        else
            return usage();
    }
    if (watch.port == 0 || watch.bytes == 0 || optind == argc)
        return usage();
    if (watch.database)
        watch.stored_before = count_stored(&watch);
    let_go(&watch);
    if (connection_init(&watch.connection, watch.port) < 0)
        return 1;
    watch.launched_s = now_s();
    watch.pid = launch(argv + optind);
    int code = watch.pid < 0 ? 1 : measure(&watch);
    connection_fini(&watch.connection);
    return code;
}
