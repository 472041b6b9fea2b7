/* doctor_gateway.c -- the checks of the programs: configuration, gateway, broker, board, the
 * clinic's own, and of what they need of each other. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "records/doctor_checks.h"
#include "stepward/certificate.h"
#include "stepward/child.h"
#include "stepward/programs.h"
#include "util/file.h"

enum {
    PROGRAM_LIMIT_MS = 20 * 1000, /* to check the configuration, to ask dpkg */
    CONNECT_LIMIT_MS = 3 * 1000,
    LINE_BYTES = 300,
    PEM_BYTES_MAX = 1024 * 1024,
    BUNDLE_MIN = 20, /* so many certificates are a system's authorities: some do end */
    DAY_S = 86400,
    END_SOON_S = 21 * DAY_S, /* time to have a new one made */
    RECENT_S = DAY_S,        /* what happened before is told as over */
    WEEK_S = 7 * DAY_S,
    WAITS_LONG_S = 3600, /* to be told by the clinic's programs */
    UNIX_PREFIX = 5,     /* "unix:" */
};

/* ---- other programs ---- */

/* Run it and wait; -1, or its exit code, and the last line it printed. */
static int run_program(char *const argv[], char line[static LINE_BYTES])
{
    char path[] = "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
         lang[] = "LANG=C.UTF-8";
    char *env[] = {path, lang, NULL};
    struct sw_child child;
    int64_t now_ms = sw_clock_monotonic_ms();
    line[0] = '\0';
    if (sw_child_start(&child, argv[0], argv, env, "", 0, now_ms + PROGRAM_LIMIT_MS) <
        0)
        return -1;
    while (!sw_child_turn(&child, now_ms)) {
        struct pollfd fds[] = {{child.exit_fd, POLLIN, 0},
                               {child.read_at_ms ? -1 : child.out_fd, POLLIN, 0}};
        int64_t wait_ms = sw_child_next_ms(&child, now_ms) - now_ms;
        poll(fds, 2, wait_ms > 0 ? (int)wait_ms : 0);
        now_ms = sw_clock_monotonic_ms();
    }
    sw_child_said(&child, line, LINE_BYTES);
    bool has_exited = !child.is_late && !child.is_loud && (child.status & 0x7f) == 0;
    return has_exited ? child.status >> 8 & 0xff : -1;
}

/* The program that was installed beside this one. */
static bool find_sibling(const char *name, char out[static SW_PATH_BYTES_MAX])
{
    char self[SW_PATH_BYTES_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        return false;
    self[n] = '\0';
    return snprintf(out, SW_PATH_BYTES_MAX, "%s/%s", dirname(self), name) <
               SW_PATH_BYTES_MAX &&
           access(out, X_OK) == 0;
}

/* ---- configuration and versions ---- */

static bool may_check(const struct sw_config *config)
{
    struct sw_owner owner;
    return geteuid() == 0 ||
           (sw_owner_of(config->data_dir, &owner) && owner.uid == geteuid());
}

/* As the gateway itself checks it, with the files that it names. */
enum sw_found doctor_configuration(const struct sw_doctor *doctor,
                                   struct sw_finding *finding)
{
    char shell[] = "/bin/sh", c[] = "-c",
         script[] = "exec \"$0\" -c \"$1\" --check 2>&1 >/dev/null";
    char program[SW_PATH_BYTES_MAX], path[SW_PATH_BYTES_MAX], line[LINE_BYTES];
    char *argv[] = {shell, c, script, program, path, NULL};
    if (!doctor->config)
        return doctor_wrong(finding, "%s", doctor->config_why);
    char *real = realpath(doctor->config->path, NULL); /* programs run in / */
    snprintf(path, sizeof path, "%s", real ? real : doctor->config->path);
    free(real);
    if (!may_check(doctor->config))
        return doctor_unknown(
            finding, "%s can be read; root can check the files that it names", path);
    if (!find_sibling("stepward-gateway", program))
        return doctor_unknown(finding, "%s can be read; no gateway is installed here",
                              path);
    int code = run_program(argv, line);
    if (code < 0)
        return doctor_unknown(finding, "%s can be read, but the check did not end",
                              path);
    if (code != 0)
        return doctor_wrong(finding, "%s", *line ? line : "the gateway refuses it");
    return doctor_well(finding, "%s", path);
}

enum sw_found doctor_in_force(const struct sw_doctor *doctor,
                              struct sw_finding *finding)
{
    if (doctor->gateway_error < 0 || !doctor->gateway.running)
        return doctor_unknown(finding, "the gateway does not run");
    if (sw_gateway_is_outdated(&doctor->gateway))
        return doctor_wrong(finding,
                            "%s was changed, and the gateway runs with what it said "
                            "before",
                            doctor->config->path);
    return doctor_well(finding, "the gateway runs with it");
}

/* Programs or libraries that were replaced while it runs: it still has the old ones. */
static bool runs_what_is_gone(const struct sw_doctor *doctor, int64_t pid)
{
    char path[SW_PATH_BYTES_MAX], line[SW_PATH_BYTES_MAX + 128];
    bool is_gone = false;
    snprintf(path, sizeof path, "%s/proc/%" PRId64 "/maps", doctor->root, pid);
    FILE *file = fopen(path, "re");
    while (file && !is_gone && fgets(line, sizeof line, file)) {
        bool is_code = strstr(line, " r-xp ") != NULL;
        is_gone = is_code && strstr(line, " (deleted)\n") && strchr(line, '/');
    }
    if (file)
        fclose(file);
    return is_gone;
}

/* "mosquitto 2.0.11-1.2, libsqlite3-0 3.40.1-2", as far as dpkg knows. */
static void versions_of_packages(char line[static LINE_BYTES])
{
    char shell[] = "/bin/sh", c[] = "-c",
         script[] = "dpkg-query -W -f '${Package} ${Version}, ' mosquitto "
                    "libpaho-mqtt1.3 libsqlite3-0 2>/dev/null | sed 's/, $//'";
    char *argv[] = {shell, c, script, NULL};
    if (run_program(argv, line) != 0)
        line[0] = '\0';
}

enum sw_found doctor_versions(const struct sw_doctor *doctor,
                              struct sw_finding *finding)
{
    const struct sw_gateway_state *gateway = &doctor->gateway;
    const char *runs = gateway->health.version;
    char packages[LINE_BYTES];
    bool is_known = doctor->gateway_error >= 0 && gateway->is_of_this_run;
    if (is_known && strcmp(runs, STEPWARD_VERSION) != 0)
        return doctor_wrong(finding, "the gateway that runs is %s, and %s is installed",
                            runs, STEPWARD_VERSION);
    if (is_known && runs_what_is_gone(doctor, gateway->note.pid))
        return doctor_wrong(finding, "the gateway runs with programs or libraries that "
                                     "an update has replaced");
    versions_of_packages(packages);
    return doctor_well(finding, "stepward %s%s%s", STEPWARD_VERSION,
                       *packages ? ", " : "", packages);
}

/* ---- the gateway ---- */

enum sw_found doctor_gateway(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    char why[SW_GATEWAY_WHY_MAX];
    bool is_well = doctor->gateway_error >= 0 && doctor->store
                       ? sw_gateway_is_well(&doctor->gateway, why)
                       : sw_gateway_may_be_well(&doctor->gateway, why);
    if (!is_well)
        return doctor_wrong(finding, "%s", why);
    if (doctor->gateway_error < 0 || !doctor->store)
        return doctor_unknown(finding, "not known without the database");
    return doctor_well(finding, "runs, and does its job");
}

/* ---- the broker ---- */

/* 0, or the errno of a connection that is closed again at once. */
static int try_address(int family, const struct sockaddr *address, socklen_t len)
{
    int error = 0, fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t size = sizeof error;
    if (fd < 0)
        return -errno;
    if (connect(fd, address, len) < 0)
        error = errno;
    if (error == EINPROGRESS) {
        struct pollfd wait = {fd, POLLOUT, 0};
        int n = poll(&wait, 1, CONNECT_LIMIT_MS);
        if (n > 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
            error = errno;
        else if (n <= 0)
            error = ETIMEDOUT;
    }
    close(fd);
    return -error;
}

/* HOST:PORT, [HOST]:PORT or HOST; the reason in words if it does not answer. */
static const char *try_host(const char *where, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    char host[SW_PATH_BYTES_MAX];
    bool is_bracketed = *where == '[';
    size_t len = is_bracketed ? strcspn(where, "]") : strcspn(where, ":");
    const char *rest = where + len + is_bracketed;
    snprintf(host, sizeof host, "%.*s", (int)(len - is_bracketed),
             where + is_bracketed);
    if (where[len] && *rest == ':')
        port = rest + 1;
    int code = getaddrinfo(host, port, &hints, &found);
    if (code != 0)
        return gai_strerror(code);
    int r = -ENOENT;
    for (struct addrinfo *at = found; at && r != 0; at = at->ai_next)
        r = try_address(at->ai_family, at->ai_addr, at->ai_addrlen);
    freeaddrinfo(found);
    return r == 0 ? NULL : strerror(-r);
}

/* A connection as its client is taken for a second gateway by some; one that says nothing
 * disturbs nobody. */
enum sw_found doctor_broker(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    const struct sw_gateway_state *gateway = &doctor->gateway;
    const char *uri = doctor->config->broker.uri;
    const char *where = strstr(uri, "://");
    bool is_tls = strncmp(uri, "mqtts:", 6) == 0 || strncmp(uri, "ssl:", 4) == 0;
    if (doctor->gateway_error >= 0 && gateway->running && gateway->health.connected)
        return doctor_well(finding, "the gateway is connected to %s", uri);
    const char *why = try_host(where ? where + 3 : uri, is_tls ? "8883" : "1883");
    if (why)
        return doctor_wrong(finding, "nothing answers at %s: %s", uri, why);
    if (doctor->gateway_error >= 0 && gateway->running) {
        doctor_remedy(finding, "see what `gateway` says");
        return doctor_wrong(finding, "%s answers, but the gateway is not connected",
                            uri);
    }
    return doctor_well(finding, "%s answers", uri);
}

/* The newest incident of some kinds that lasts or is recent; else the newest. */
struct incidents_of {
    uint64_t kinds; /* bits */
    int64_t recent_s;
    struct sw_incident wrong, last; /* at_s 0: none */
};

static int look_at_incident(void *ctx, const struct sw_incident *incident)
{
    struct incidents_of *of = ctx;
    if (!(of->kinds >> incident->kind & 1))
        return 0;
    int64_t over_s = incident->over_at_s;
    if (of->wrong.at_s == 0 && (over_s == 0 || over_s >= of->recent_s))
        of->wrong = *incident;
    if (of->last.at_s == 0)
        of->last = *incident;
    return 0;
}

#define KIND(name) (UINT64_C(1) << SW_INCIDENT_##name)

static int find_incidents(const struct sw_doctor *doctor, struct incidents_of *of)
{
    return sw_store_each_incident(doctor->store, doctor->now_s - WEEK_S,
                                  look_at_incident, of);
}

enum sw_found doctor_session(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    struct incidents_of of = {.kinds = KIND(SESSION_LOST) | KIND(SESSION_CUT) |
                                       KIND(CLIENT_ID_TAKEN) | KIND(MESSAGES_DROPPED),
                              .recent_s = doctor->now_s - RECENT_S};
    char ago[DOCTOR_AGO_MAX];
    int r = find_incidents(doctor, &of);
    if (r < 0)
        return doctor_store_failed(doctor, finding, r);
    if (of.wrong.at_s != 0) {
        doctor_remedy(finding, "%s", sw_incident_remedy(of.wrong.kind));
        return doctor_wrong(finding, "%s", of.wrong.text);
    }
    int64_t online_s = 0;
    bool is_connected = doctor->gateway_error >= 0 && doctor->gateway.health.connected;
    if (!is_connected && sw_store_online_since(doctor->store, &online_s) >= 0 &&
        online_s == 0)
        return doctor_unknown(finding, "no gateway was ever connected");
    if (of.last.at_s == 0)
        return doctor_well(finding, "the broker keeps what comes while the gateway is "
                                    "away");
    doctor_ago(doctor->now_s - of.last.at_s, ago);
    return doctor_well(finding, "kept since; %s ago: %.300s", ago, of.last.text);
}

enum sw_found doctor_rights(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    struct incidents_of of = {
        .kinds = KIND(DEAF) | KIND(MUTE) | KIND(DOTS_LOST) | KIND(TOO_LARGE) |
                 KIND(PUBLICATION_REFUSED) | KIND(SITE_SHARED) |
                 KIND(SUBSCRIPTION_REFUSED) | KIND(QOS_LOWERED),
        .recent_s = INT64_MAX}; /* those that are over were mended */
    int r = find_incidents(doctor, &of);
    if (r < 0)
        return doctor_store_failed(doctor, finding, r);
    if (of.wrong.at_s != 0) {
        doctor_remedy(finding, "%s", sw_incident_remedy(of.wrong.kind));
        return doctor_wrong(finding, "%s", of.wrong.text);
    }
    if (doctor->gateway_error < 0 || !doctor->gateway.health.connected)
        return doctor_unknown(finding, "not known while the gateway is not connected");
    return doctor_well(finding, "what the gateway sends around comes back");
}

/* ---- the board ---- */

static const char *try_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >=
        (int)sizeof address.sun_path)
        return strerror(ENAMETOOLONG);
    int r = try_address(AF_UNIX, (struct sockaddr *)&address, sizeof address);
    return r == 0 ? NULL : strerror(-r);
}

/* "0.0.0.0:8443" listens here, too. */
enum sw_found doctor_board(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    const char *listen = doctor->config->web.listen, *port = strrchr(listen, ':');
    char here[64];
    if (!doctor->config->web.is_on)
        return doctor_well(finding, "off: the configuration has no section web");
    bool is_any = strncmp(listen, "0.0.0.0:", 8) == 0;
    bool is_any_6 = strncmp(listen, "[::]:", 5) == 0;
    snprintf(here, sizeof here, "%s%.8s", is_any_6 ? "[::1]" : "127.0.0.1",
             port ? port : "");
    const char *why = strncmp(listen, "unix:", UNIX_PREFIX) == 0
                          ? try_unix(listen + UNIX_PREFIX)
                          : try_host(is_any || is_any_6 ? here : listen, "8080");
    if (why)
        return doctor_wrong(finding, "nothing answers at %s: %s", listen, why);
    return doctor_well(finding, "answers at %s", listen);
}

/* ---- certificates ---- */

struct certificates {
    const struct sw_doctor *doctor;
    struct sw_finding *finding;
    enum sw_found found;
    int64_t first_end_s; /* of all; INT64_MAX: there is none */
    size_t n;
};

/* 0, or a negative errno. */
static int read_pem(const char *path, char **ret, size_t *ret_len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    char *text = malloc(PEM_BYTES_MAX);
    int r = text ? 0 : -ENOMEM;
    size_t len = 0;
    for (ssize_t n = 1; r == 0 && n > 0 && len < PEM_BYTES_MAX; len += (size_t)n) {
        n = read(fd, text + len, PEM_BYTES_MAX - len);
        if (n < 0)
            r = -errno;
        n = n < 0 ? 0 : n;
    }
    close(fd);
    *ret = r == 0 ? text : NULL;
    *ret_len = len;
    if (r < 0)
        free(text);
    return r;
}

static void look_at_certificates(struct certificates *all, const char *path)
{
    struct sw_certificates read;
    char *pem = NULL, date[SW_INSTANT_LEN + 1];
    size_t len = 0;
    if (!path || *path == '\0' || all->found == SW_WRONG)
        return;
    int r = read_pem(path, &pem, &len);
    if (r == 0)
        r = sw_certificates_read(pem, len, &read);
    free(pem);
    if (r == -EACCES || r == -EPERM) {
        all->found = doctor_unknown(all->finding, "%s: %s", path, strerror(-r));
        return;
    }
    if (r < 0) {
        all->found = doctor_wrong(
            all->finding, "%s: %s", path,
            r == -ENOENT ? "it is missing, or holds no certificate" : strerror(-r));
        return;
    }
    int64_t end_s = read.n >= BUNDLE_MIN ? read.last_end_s : read.first_end_s;
    all->n += read.n;
    if (end_s < all->first_end_s)
        all->first_end_s = end_s;
    if (end_s - all->doctor->now_s >= END_SOON_S)
        return;
    sw_instant_format(end_s, date);
    all->found =
        doctor_wrong(all->finding, "%s %s %.10s", path,
                     end_s < all->doctor->now_s ? "ended on" : "ends on", date);
}

enum sw_found doctor_certificates(const struct sw_doctor *doctor,
                                  struct sw_finding *finding)
{
    const struct sw_config *config = doctor->config;
    struct certificates all = {.doctor = doctor,
                               .finding = finding,
                               .found = SW_WELL,
                               .first_end_s = INT64_MAX};
    char date[SW_INSTANT_LEN + 1];
    look_at_certificates(&all, config->broker.ca_file);
    look_at_certificates(&all, config->broker.cert_file);
    look_at_certificates(&all, config->web.cert_file);
    if (all.found != SW_WELL)
        return all.found;
    if (all.n == 0)
        return doctor_well(finding, "the configuration names none");
    if (all.first_end_s == INT64_MAX)
        return doctor_well(finding, "%zu, which do not end", all.n);
    sw_instant_format(all.first_end_s, date);
    return doctor_well(finding, "%zu, the first ends on %.10s", all.n, date);
}

/* ---- the clinic's own programs ---- */

enum sw_found doctor_notify(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    struct incidents_of of = {.kinds = KIND(NOTIFY_FAILED), .recent_s = INT64_MAX};
    struct sw_programs programs;
    char ago[DOCTOR_AGO_MAX];
    int64_t n = 0, oldest_s = 0;
    if (!sw_config_notifies(doctor->config))
        return doctor_well(finding, "off: the configuration has no section notify");
    sw_programs_find(doctor->config, &programs);
    if (*sw_programs_fault(&programs)) {
        finding->remedy[0] = '\0'; /* it is in the words */
        return doctor_wrong(finding, "%s", sw_programs_fault(&programs));
    }
    int r = find_incidents(doctor, &of);
    if (r >= 0)
        r = sw_store_count_notifications(doctor->store, &n, &oldest_s);
    if (r < 0)
        return doctor_store_failed(doctor, finding, r);
    if (of.wrong.at_s != 0)
        return doctor_wrong(finding, "%s", of.wrong.text);
    doctor_ago(doctor->now_s - oldest_s, ago);
    if (n > 0 && doctor->now_s - oldest_s > WAITS_LONG_S)
        return doctor_wrong(finding,
                            "%" PRId64
                            " publication%s of alerts wait%s to be told, the "
                            "oldest for %s",
                            n, sw_plural(n), n == 1 ? "s" : "", ago);
    return doctor_well(finding, "%zu program%s in %s", programs.n,
                       sw_plural((int64_t)programs.n), doctor->config->notify.run);
}
