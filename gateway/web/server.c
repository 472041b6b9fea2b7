/* server.c -- the program stepward-web: its arguments, and the loop that is all it does:
 * requests, open pages, and what the database has to say. */
#include "web/server.h"

#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "util/file.h"
#include "web/listen.h"
#include "web/request.h"
#include "web/web.h"

#define DATABASE "stepward.db"
#define USERS    "web.db"
/* gnutls' names: nothing older than TLS 1.2. */
static char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

enum {
    EXIT_USAGE = 2,
    TURN_MS = 1000,       /* between two looks at who is slow */
    IDLE_TURN_MS = 10000, /* where nobody is: the service manager wants to know of us */
    CONNECTION_BYTES_MAX = 16 * 1024, /* of headers, and of what is on its way */
    ALIVE_MS = 1000,                  /* between two words to the service manager */
    LAST_TURNS = 8,                   /* for streams to end */
    QUIET_MS = 50,                    /* without a request or a page */
    HELD_BYTES = 16 * 1024 * 1024,    /* until then; of a page of 2,000 patients */
};

static const char help[] =
    "usage: stepward-web [-c FILE] [--check]\n"
    "\n"
    "Shows therapists the board: who needs them now, why, and whether it gets better,\n"
    "as web pages from this machine. The section `web` of the configuration switches "
    "it\n"
    "on; `stepward user add` says who may log in.\n"
    "\n"
    "  -c, --config FILE  the configuration (default $STEPWARD_CONFIG, then\n"
    "                     /etc/stepward/stepward.conf)\n"
    "      --check        check the configuration, print the effective one, and exit\n"
    "      --version      print the version and exit\n"
    "  -h, --help         print this and exit\n"
    "\n"
    "Exit codes: 0 done, 1 it failed, 2 wrong usage or configuration.\n";

/* ---- what is stored ---- */

/* False: it is not there. */
static bool find_file(const char *path, struct web_file *ret)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return false;
    *ret = (struct web_file){st.st_dev, st.st_ino};
    return true;
}

/* Another database may have taken the place of ours, as when a backup was brought back. */
static bool is_current(const struct web_file *file, const char *path)
{
    struct web_file now;
    return find_file(path, &now) && now.device == file->device &&
           now.inode == file->inode;
}

static void store_path(const struct web_server *server,
                       char out[static SW_PATH_BYTES_MAX])
{
    snprintf(out, SW_PATH_BYTES_MAX, "%s/" DATABASE, server->config.data_dir);
}

static void store_close(struct web_server *server)
{
    sw_store_close(server->store);
    server->store = NULL;
    sw_glances_fini(&server->glances); /* they know patients by this database's keys */
    board_rows_fini(&server->rows);
    if (server->has_watch)
        sw_store_watch_fini(&server->watch);
    server->has_watch = false;
}

/* Another database may have taken the place of ours, as when a backup was brought back.
 * Between two turns no request holds the store. */
static void drop_replaced_store(struct web_server *server)
{
    char path[SW_PATH_BYTES_MAX];
    store_path(server, path);
    if (server->store && !is_current(&server->store_file, path))
        store_close(server);
}

struct sw_store *web_reach_store(struct web_server *server, char why[static SW_WHY_MAX])
{
    char path[SW_PATH_BYTES_MAX];
    struct cli cli = {.config = server->config,
                      .zone = server->zone,
                      .now_s = server->now_s,
                      .out = stdout,
                      .err = stderr};
    store_path(server, path);
    if (!server->store) {
        web_streams_mark(server);
        server->store_file = (struct web_file){0};
        find_file(path, &server->store_file); /* one put there meanwhile differs */
        if (cli_reach_store(&cli, SW_STORE_READ, why) < 0)
            return NULL;
        server->store = cli.store;
        sw_store_watch_init(&server->watch, path); /* blind, it looks every second */
        server->has_watch = true;
    }
    sw_store_limit_newest(server->store, server->now_s + server->config.max_future_s);
    return server->store;
}

struct sw_users *web_reach_users(struct web_server *server, char why[static SW_WHY_MAX])
{
    char path[WEB_PATH_BYTES_MAX * 4];
    struct web_file *file = &server->users_file;
    snprintf(path, sizeof path, "%s/" USERS, server->config.data_dir);
    if (server->users && is_current(file, path))
        return server->users;
    struct web_file now = {0};
    struct sw_users *users;
    /* What was there and is gone is being replaced: a new one would be in the way. */
    if (!find_file(path, &now) && server->users) {
        snprintf(why, SW_WHY_MAX,
                 "%.120s is gone: put it back, or begin anew: stepward user add", path);
        return NULL;
    }
    if (sw_users_open(&users, server->config.data_dir, SW_STORE_WRITE, why) < 0)
        return NULL;
    if (now.inode == 0)
        find_file(path, &now);
    sw_users_close(server->users);
    server->users = users;
    *file = now;
    web_streams_mark(server);
    return users;
}

/* ---- the loop ---- */

static void read_clock(struct web_server *server)
{
    int64_t minute = server->now_s / 60;
    server->now_s = sw_clock_now_s();
    server->now_ms = sw_clock_monotonic_ms();
    if (server->now_s / 60 == minute)
        return;
    web_streams_mark(server);
    /* Whoever was erased is forgotten though nobody looks at the board any more. */
    sw_glances_drop_old(&server->glances, server->now_s);
    board_rows_drop_old(&server->rows, server->now_s);
}

/* Whether other programs wrote: to the database, or to the users. */
static void look_for_changes(struct web_server *server)
{
    char why[SW_WHY_MAX];
    if (server->n_streams == 0)
        return; /* whoever asks later reads what there is then */
    struct sw_users *users = web_reach_users(server, why);
    if (!users || !web_reach_store(server, why)) {
        web_streams_mark(server); /* they have to say so */
        return;
    }
    uint64_t epoch = sw_store_epoch(server->store);
    if (sw_store_watch_is_due(&server->watch, server->now_ms) &&
        sw_store_poll(server->store) != epoch)
        web_streams_mark(server);
    uint64_t users_epoch = sw_users_poll(users);
    if (users_epoch != server->users_epoch)
        web_streams_mark(server);
    server->users_epoch = users_epoch;
}

void web_report_alive(struct web_server *server)
{
    int64_t now_ms = sw_clock_monotonic_ms();
    if (server->alive_ms && now_ms - server->alive_ms < ALIVE_MS)
        return;
    server->alive_ms = now_ms;
    sd_notify(0, "WATCHDOG=1");
}

static int next_turn_ms(struct web_server *server, int streams_ms, int audit_ms)
{
    MHD_UNSIGNED_LONG_LONG daemon_ms;
    int64_t wait_ms = server->n_connections > 0 ? TURN_MS : IDLE_TURN_MS;
    if (MHD_get_timeout(server->daemon, &daemon_ms) == MHD_YES &&
        (int64_t)daemon_ms < wait_ms)
        wait_ms = (int64_t)daemon_ms;
    if (streams_ms >= 0 && streams_ms < wait_ms)
        wait_ms = streams_ms;
    if (audit_ms >= 0 && audit_ms < wait_ms)
        wait_ms = audit_ms;
    if (server->quiet_ms && QUIET_MS < wait_ms)
        wait_ms = QUIET_MS;
    int64_t watch_ms = server->watch.next_ms - server->now_ms;
    if (server->has_watch && server->n_streams > 0 && watch_ms < wait_ms)
        wait_ms = watch_ms > 0 ? watch_ms : 0;
    return (int)wait_ms;
}

/* Where all connections were taken, libmicrohttpd listens again only in the call after the
 * one that ended some. */
static void run_daemon(struct web_server *server)
{
    size_t n;
    do {
        n = server->n_connections;
        MHD_run(server->daemon);
    } while (server->n_connections < n);
}

/* Pages are large, and their time is short: while one follows another, malloc() keeps what
 * they need, which would cost a fifth of their time to get anew. */
static void hold_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, HELD_BYTES);
    mallopt(M_TRIM_THRESHOLD, HELD_BYTES);
}

/* Called at the end of a turn, which may have taken longer than QUIET_MS itself. */
static void give_back(struct web_server *server)
{
    if (server->is_used)
        server->quiet_ms = sw_clock_monotonic_ms();
    server->is_used = false;
    if (server->quiet_ms == 0 || server->now_ms - server->quiet_ms < QUIET_MS)
        return;
    if (server->store)
        sw_store_drop_cache(server->store);
    malloc_trim(0);
    server->quiet_ms = 0;
}

static void serve(struct web_server *server, int stop_fd)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    int streams_ms = -1, audit_ms = -1;
    for (;;) {
        bool watches = server->has_watch && server->n_streams > 0;
        struct pollfd fds[] = {
            {.fd = stop_fd, .events = POLLIN},
            {.fd = info->epoll_fd, .events = POLLIN},
            {.fd = watches ? sw_store_watch_fd(&server->watch) : -1, .events = POLLIN},
        };
        poll(fds, sizeof fds / sizeof *fds, next_turn_ms(server, streams_ms, audit_ms));
        if (fds[0].revents)
            return;
        read_clock(server);
        drop_replaced_store(server);
        run_daemon(server);
        look_for_changes(server);
        streams_ms = web_streams_turn(server);
        if (server->has_woken) /* libmicrohttpd does not wake itself for that */
            run_daemon(server);
        server->has_woken = false;
        audit_ms = web_audit_turn(server);
        web_connections_check(server);
        web_report_alive(server);
        give_back(server);
    }
}

/* ---- begin and end ---- */

static struct MHD_Daemon *start_daemon(struct web_server *server,
                                       struct web_listener *listener)
{
    const struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, listener->cert},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, listener->key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, priorities},
        {MHD_OPTION_END, 0, NULL},
    };
    const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    /* Behind another server all come from that one's; 0: any number. */
    unsigned per_address = server->is_tls && !server->is_unix ? WEB_PER_ADDRESS_MAX : 0;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_PEDANTIC_CHECKS;
    return MHD_start_daemon(
        flags | (server->is_tls ? MHD_USE_TLS : 0), 0, NULL, NULL, web_request_handle,
        server, MHD_OPTION_LISTEN_SOCKET, listener->fd, MHD_OPTION_URI_LOG_CALLBACK,
        web_request_begin, server, MHD_OPTION_NOTIFY_COMPLETED, web_request_end, server,
        MHD_OPTION_NOTIFY_CONNECTION, web_connection_changed, server,
        MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)(WEB_CONNECTIONS_MAX + WEB_SPARE_CONNECTIONS),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)WEB_IDLE_S,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, per_address, MHD_OPTION_ARRAY,
        server->is_tls ? tls : none, MHD_OPTION_END);
}

/* Streams end before the daemon does: it cannot end what is suspended. */
static void stop_daemon(struct web_server *server)
{
    web_streams_end(server);
    for (int i = 0; i < LAST_TURNS; i++)
        MHD_run(server->daemon);
    MHD_stop_daemon(server->daemon);
    web_audit_end(server);
}

/* Root serves nobody: from here on we are who owns the data. */
static int become_owner(const struct sw_config *config)
{
    struct sw_owner owner;
    if (geteuid() != 0 || !sw_owner_of(config->data_dir, &owner) || owner.uid == 0)
        return 0;
    return sw_owner_become(&owner);
}

static int stop_signals(void)
{
    sigset_t stops;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is a full disk, no death */
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigprocmask(SIG_BLOCK, &stops, NULL);
    return signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int run(struct web_server *server, struct web_listener *listener)
{
    char why[SW_WHY_MAX] = "";
    int stop_fd = stop_signals();
    int r = stop_fd < 0 ? -errno : web_listener_open(&server->config, listener, why);
    if (r == 0)
        r = become_owner(&server->config);
    if (r == 0)
        r = sw_zone_load(&server->zone, server->config.timezone);
    if (r < 0) {
        fprintf(stderr, "stepward-web: %s\n", *why ? why : strerror(-r));
        return 1;
    }
    server->is_tls = listener->cert;
    server->is_unix = listener->is_unix;
    gethostname(server->machine, sizeof server->machine - 1);
    read_clock(server);
    hold_memory();
    server->daemon = start_daemon(server, listener);
    web_listener_fini(listener);
    if (!server->daemon) {
        fprintf(stderr, "stepward-web: %s\n",
                server->is_tls ? "cannot serve with this cert_file and key_file: they "
                                 "must be PEM, and belong together"
                               : "cannot serve");
        return 1;
    }
    sw_log(SW_LOG_NOTICE, "the board is served at %s%s", server->config.web.listen,
           server->is_tls ? ", with TLS" : "");
    sd_notify(0, "READY=1");
    serve(server, stop_fd);
    sd_notify(0, "STOPPING=1");
    stop_daemon(server);
    store_close(server);
    sw_users_close(server->users);
    sw_zone_fini(&server->zone);
    close(stop_fd);
    return 0;
}

static int load_and_run(const char *path, bool is_check)
{
    struct web_server *server = calloc(1, sizeof *server);
    struct web_listener listener = {.fd = -1};
    char why[SW_WHY_MAX];
    int code = EXIT_USAGE;
    if (!server)
        return 1;
    if (sw_config_load(&server->config, path, SW_CONFIG_OF_OTHERS, why) < 0 ||
        web_listener_check(&server->config, &listener, why) < 0) {
        fprintf(stderr, "%s\n", why);
    } else if (is_check) {
        sw_config_print(&server->config, stdout);
        puts("# all is well: the board can be served with this");
        code = 0;
    } else {
        code = run(server, &listener);
    }
    web_listener_fini(&listener);
    sw_config_fini(&server->config);
    free(server);
    return code;
}

int web_main(int argc, char **argv)
{
    enum { CHECK = 256, VERSION };
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"check", no_argument, NULL, CHECK},
                                            {"version", no_argument, NULL, VERSION},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    const char *path = sw_config_default_path();
    bool is_check = false;
    umask(S_IRWXO); /* data_dir's files are for its group too */
    for (int key; (key = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
        switch (key) {
        case 'c':
            path = optarg;
            break;
        case CHECK:
            is_check = true;
            break;
        case VERSION:
            puts("stepward-web " STEPWARD_VERSION);
            return 0;
        case 'h':
            fputs(help, stdout);
            return 0;
        default:
            fputs("see stepward-web --help\n", stderr);
            return EXIT_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "stepward-web takes no argument \"%s\": see --help\n",
                argv[optind]);
        return EXIT_USAGE;
    }
    return load_and_run(path, is_check);
}
