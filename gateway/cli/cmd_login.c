/* cmd_login.c -- logins at the broker: `device add|renew|lock`, `therapist
 * add|renew|lock`, and `setup`, which makes the broker ask for them.
 * What is done to the machine is scripts/lib/setup's business. The password comes through a
 * pipe, is printed once, and is neither stored nor told to the audit. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chart/qr.h"
#include "cli/actor.h"
#include "cli/login.h"
#include "cli/out_file.h"
#include "cli/patient.h"
#include "cli/user.h"
#include "stepward/host.h"
#include "stepward/wire.h"
#include "util/file.h"

#define HELPER "/usr/lib/stepward/setup"

enum { LINE_BYTES_MAX = SW_PATH_BYTES_MAX };

#define LOGIN_OPTIONS                                                                  \
    {"host", "NAME",                                                                   \
     "how they reach the broker (default NAME.local, or this machine's address)"},     \
        {"sheet", "FILE",                                                              \
         "also a page to print (A5), for its maker alone to read: it has the "         \
         "password"},                                                                  \
    {                                                                                  \
        0                                                                              \
    }
const struct cli_option cmd_device_add_options[] = {LOGIN_OPTIONS};
const struct cli_option cmd_device_renew_options[] = {LOGIN_OPTIONS};
const struct cli_option cmd_device_lock_options[] = {{0}};
const struct cli_option cmd_therapist_add_options[] = {LOGIN_OPTIONS};
const struct cli_option cmd_therapist_renew_options[] = {LOGIN_OPTIONS};
const struct cli_option cmd_therapist_lock_options[] = {{0}};
const struct cli_option cmd_setup_options[] = {
    {"site", "NAME", "the clinic, as it stands in every topic"},
    {"timezone", "ZONE", "whose midnight divides the days, as Europe/Berlin"},
    {"therapist", "ID", "who gets a login for the phone's app; may be repeated"},
    {"network", "WHICH",
     "from where devices come: all, none, eth0, 192.168.1.0/24 or an own address"},
    {"broker", "WHERE", "here, or the address of another: mqtts://HOST:8883"},
    {"ca", "FILE", "of a broker elsewhere: who vouches for it, as PEM"},
    {"user", "NAME", "of a broker elsewhere: the gateway's login there"},
    {"password-file", "FILE", "of that login: its first line"},
    {"yes", NULL, "ask nothing: what is not given stays as it is"},
    {"renew", NULL, "make new certificates where they end soon, and nothing else"},
    {"new-ca", NULL, "a new authority: every device needs its certificate again"},
    {0},
};

/* ---- the helper ---- */

/* Root alone sets the environment that says where a test's machine is. */
static void helper_path(char ret[static SW_PATH_BYTES_MAX])
{
    const char *root = getenv("STEPWARD_ROOT");
    snprintf(ret, SW_PATH_BYTES_MAX, "%s" HELPER, root ? root : "");
}

static int require_root(struct cli *cli)
{
    const char *root = getenv("STEPWARD_ROOT");
    if (getuid() == 0 || (root && *root))
        return CLI_OK;
    return cli_fail(cli, "run it as root: sudo stepward %s ...", cli->command->name);
}

static void set_environment(const struct cli *cli)
{
    char program[SW_PATH_BYTES_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    program[n > 0 ? n : 0] = '\0';
    setenv("STEPWARD_PROGRAM", program, 1);
    setenv("STEPWARD_CONFIG", cli->config.path, 1);
}

static int cannot_run(struct cli *cli, const char *path)
{
    return cli_fail(cli, "cannot run %s: %s: sudo scripts/install puts it there", path,
                    strerror(errno));
}

int cli_become_setup(struct cli *cli, const char *const *words)
{
    char path[SW_PATH_BYTES_MAX];
    helper_path(path);
    set_environment(cli);
    fflush(cli->out);
    execv(path, (char *const *)(uintptr_t)words);
    return cannot_run(cli, path);
}

/* What the helper says on standard output, line by line; what it says to people goes to
 * standard error by itself. Returns its exit code, or -errno. */
static int run_helper(struct cli *cli, const char *const *words,
                      struct cli_login *login)
{
    int fds[2], status;
    char line[LINE_BYTES_MAX];
    helper_path(line);
    if (access(line, X_OK) < 0)
        return cannot_run(cli, line);
    if (pipe(fds) < 0)
        return -errno;
    fflush(cli->out);
    fflush(cli->err);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], STDOUT_FILENO);
        close(fds[0]);
        close(fds[1]);
        _exit(cli_become_setup(cli, words));
    }
    int r = pid < 0 ? -errno : 0;
    close(fds[1]);
    FILE *said = fdopen(fds[0], "r");
    while (pid > 0 && said && fgets(line, sizeof line, said)) {
        line[strcspn(line, "\n")] = '\0';
        if (!cli_login_take(login, line))
            r = -EBADMSG;
    }
    explicit_bzero(line, sizeof line);
    if (said)
        fclose(said);
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return r < 0 ? r : -errno;
    return WIFEXITED(status) ? (WEXITSTATUS(status) != 0 ? CLI_FAILED : r) : CLI_FAILED;
}

bool cli_login_take(struct cli_login *login, const char *line)
{
    const struct {
        const char *name;
        char *at;
        size_t size;
    } fields[] = {
        {"user=", login->user, sizeof login->user},
        {"host=", login->host, sizeof login->host},
        {"port=", login->port, sizeof login->port},
        {"password=", login->password, sizeof login->password},
        {"ca=", login->ca, sizeof login->ca},
        {"fingerprint=", login->fingerprint, sizeof login->fingerprint},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        size_t n = strlen(fields[i].name);
        if (strncmp(line, fields[i].name, n) != 0)
            continue;
        int len = snprintf(fields[i].at, fields[i].size, "%s", line + n);
        return len > 0 && (size_t)len < fields[i].size;
    }
    login->has_tls |= strcmp(line, "tls=yes") == 0;
    return strcmp(line, "tls=yes") == 0 || strcmp(line, "tls=no") == 0;
}

/* ---- what is shown ---- */

/* The fingerprint's digits, without what people need between them. */
static void put_fingerprint(FILE *out, const char *fingerprint)
{
    for (const char *at = fingerprint; *at; at++)
        if (isxdigit((unsigned char)*at))
            fputc(tolower((unsigned char)*at), out);
}

bool cli_login_uri(const struct cli_login *login, const char *topic,
                   char ret[static LOGIN_URI_MAX])
{
    bool is_v6 = strchr(login->host, ':') != NULL;
    FILE *out = fmemopen(ret, LOGIN_URI_MAX, "w");
    if (!out)
        return false;
    fprintf(out, "%s://%s:%s@%s%s%s:%s/", login->has_tls ? "mqtts" : "mqtt",
            login->user, login->password, is_v6 ? "[" : "", login->host,
            is_v6 ? "]" : "", login->port);
    for (const char *at = topic; *at; at++)
        fputs(*at == '#' ? "%23" : *at == '+' ? "%2B" : (const char[]){*at, '\0'}, out);
    if (login->has_tls) {
        fputs("?ca=sha256:", out);
        put_fingerprint(out, login->fingerprint);
    }
    long n = ftell(out);
    return fclose(out) == 0 && n > 0 && n < LOGIN_URI_MAX - 1;
}

struct topics {
    struct {
        const char *what;
        sw_topic_text text;
    } of[LOGIN_TOPICS];
    size_t n;
};

static char *add_topic(struct topics *topics, const char *what)
{
    topics->of[topics->n].what = what;
    return topics->of[topics->n++].text;
}

static void list_topics(const struct cli *cli, const struct cli_login *login,
                        struct topics *ret)
{
    const char *site = cli->config.site;
    struct sw_therapist_id therapist = {.str = ""};
    struct sw_patient_id patient = {.str = ""};
    ret->n = 0;
    if (login->is_therapist) {
        strcpy(therapist.str, login->user);
        snprintf(add_topic(ret, "alerts"), sizeof(sw_topic_text),
                 "clinic/%s/alerts/%s/#", site, login->user);
        sw_topic_patients(add_topic(ret, "patients"), site, &therapist);
        sw_topic_digest(add_topic(ret, "digest"), site, &therapist);
        return;
    }
    strcpy(patient.str, login->user);
    sw_topic_steps(add_topic(ret, "steps"), site, patient);
    sw_topic_pain(add_topic(ret, "pain"), site, patient);
    sw_topic_today(add_topic(ret, "today"), site, patient);
    sw_topic_nudge(add_topic(ret, "nudge"), site, patient);
}

static void print_authority(struct cli *cli, const char *path)
{
    char line[LINE_BYTES_MAX];
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        fputs(line, cli->out);
    if (file)
        fclose(file);
}

static int print_login(struct cli *cli, const struct cli_login *login,
                       const struct topics *topics, const char *uri)
{
    FILE *out = cli->out;
    fprintf(out, "the login of %s, which is shown this once:\n\n", login->user);
    fprintf(out, "  broker     %s, port %s, %s\n", login->host, login->port,
            login->has_tls ? "with TLS" : "without TLS, from this machine alone");
    fprintf(out, "  user       %s    (also the client id)\n", login->user);
    fprintf(out, "  password   %s\n", login->password);
    for (size_t i = 0; i < topics->n; i++)
        fprintf(out, "  %-10s %s\n", topics->of[i].what, topics->of[i].text);
    if (login->has_tls) {
        fprintf(out, "  CA         %s, below; its SHA-256 is\n             %s\n\n",
                login->ca, login->fingerprint);
        print_authority(cli, login->ca);
    }
    fputc('\n', out);
    int r = qr_print(out, uri, cli->color);
    fprintf(out, "\n%s\n", uri);
    return r < 0 ? cli_fail(cli, "cannot draw the QR code: %s", strerror(-r)) : CLI_OK;
}

/* ---- the sheet ---- */

static const char sheet_css[] =
    "@page{size:A5;margin:12mm}body{font:11pt/1.4 sans-serif;max-width:124mm;"
    "margin:auto;color:#000;background:#fff}h1{font-size:16pt;margin:0 0 2mm}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:1mm 4mm;margin:3mm 0}"
    "dt{font-weight:bold}dd{margin:0;font-family:monospace;overflow-wrap:anywhere}"
    ".qr{width:66mm;display:block;margin:3mm auto}p{margin:2mm 0}";

static void sheet_row(struct mk *m, const char *name, const char *value)
{
    mk_element(m, "dt", name);
    mk_element(m, "dd", value);
}

static int write_sheet(struct cli *cli, const char *path, const struct cli_login *login,
                       const struct topics *topics, const char *uri)
{
    struct mk m = {0};
    char *bytes = NULL;
    size_t n = 0;
    mk_doctype(&m);
    mk_open(&m, "html");
    mk_attr(&m, "lang", "en");
    mk_open(&m, "head");
    mk_open(&m, "meta");
    mk_attr(&m, "charset", "utf-8");
    mk_close(&m);
    mk_open(&m, "title");
    mk_textf(&m, "Stepward: the login of %s", login->user);
    mk_close(&m);
    mk_style(&m, sheet_css);
    mk_close(&m);
    mk_open(&m, "body");
    mk_open(&m, "h1");
    mk_textf(&m, "%s of %s", login->is_therapist ? "The phone's app" : "The device",
             login->user);
    mk_close(&m);
    mk_element(&m, "p",
               "Scan this, or enter what is below. Whoever has this sheet can log in: "
               "destroy it when it is done.");
    int r = qr_svg(&m, uri);
    mk_open(&m, "dl");
    sheet_row(&m, "broker", login->host);
    sheet_row(&m, "port", login->port);
    sheet_row(&m, "TLS", login->has_tls ? "yes" : "no");
    sheet_row(&m, "user", login->user);
    sheet_row(&m, "client id", login->user);
    sheet_row(&m, "password", login->password);
    for (size_t i = 0; i < topics->n; i++)
        sheet_row(&m, topics->of[i].what, topics->of[i].text);
    if (login->has_tls)
        sheet_row(&m, "SHA-256 of the CA", login->fingerprint);
    mk_close(&m);
    if (r == 0)
        r = mk_end(&m, &bytes, &n);
    else
        mk_fini(&m);
    int code = r < 0 ? cli_fail(cli, "cannot make the sheet: %s", strerror(-r))
                     : cli_write_file(cli, path, bytes, n);
    if (bytes)
        explicit_bzero(bytes, n);
    free(bytes);
    if (code == CLI_OK)
        fprintf(cli->out, "wrote %s: print it, then remove it\n", path);
    return code;
}

/* ---- the commands ---- */

enum act { ADD, RENEW, LOCK };
static const struct {
    const char *word;
    enum sw_audit_act audit;
} acts[] = {
    [ADD] = {"add", SW_AUDIT_BROKER_LOGIN_ADDED},
    [RENEW] = {"renew", SW_AUDIT_BROKER_LOGIN_RENEWED},
    [LOCK] = {"lock", SW_AUDIT_BROKER_LOGIN_LOCKED},
};

struct acted {
    enum act act;
    const struct cli_login *login;
};

static int audit_login(struct cli *cli, void *ctx)
{
    const struct acted *acted = ctx;
    const struct cli_login *login = acted->login;
    return cli_audit(cli, acts[acted->act].audit,
                     login->is_therapist ? NULL : login->user, "%s%s",
                     login->is_therapist ? "therapist " : "device of the patient",
                     login->is_therapist ? login->user : "");
}

/* A patient needs to be there, or what the device sends is refused; a therapist must not be
 * one, for the broker knows both by their names. The store stays open. */
static int check_name(struct cli *cli, const struct cli_login *login, enum act act)
{
    struct sw_patient patient;
    struct sw_patient_id id;
    int code = cli_patient_id(cli, login->user, &id);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_WRITE);
    if (code != CLI_OK || act == LOCK)
        return code;
    int r = sw_store_find_patient(cli->store, id, &patient);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (r == 0 && login->is_therapist)
        return cli_fail(cli, "%s is a patient: a therapist needs another id", id.str);
    if (r != 0 && !login->is_therapist)
        return cli_fail(cli, "no patient %s yet: `stepward patient add %s` first",
                        id.str, id.str);
    r = login->is_therapist ? SW_STORE_NONE
                            : sw_store_find_therapist(cli->store, login->user);
    if (r < 0)
        return cli_store_failed(cli, r);
    return r == 0 ? cli_fail(cli,
                             "%s is a therapist too: a patient with a device "
                             "needs another id",
                             id.str)
                  : CLI_OK;
}

static int show_login(struct cli *cli, const struct cli_args *args,
                      const struct cli_login *login)
{
    struct topics topics;
    char uri[LOGIN_URI_MAX];
    const char *sheet = cli_value(cli, args, "sheet");
    list_topics(cli, login, &topics);
    if (!cli_login_uri(login, topics.of[0].text, uri))
        return cli_fail(cli, "the login does not fit into a QR code");
    int code = print_login(cli, login, &topics, uri);
    if (code == CLI_OK && sheet)
        code = write_sheet(cli, sheet, login, &topics, uri);
    explicit_bzero(uri, sizeof uri);
    return code;
}

/* Root from here on, for the helper and the sheet; the store is the owner's. */
static int as_root(struct cli *cli, const char *const *words, struct cli_login *login)
{
    int r = getuid() == 0 && geteuid() != 0 ? sw_owner_be_root() : 0;
    if (r == 0)
        r = run_helper(cli, words, login);
    if (r == CLI_FAILED)
        return CLI_FAILED; /* it said why */
    return r < 0 ? cli_fail(cli, "cannot make the login: %s", strerror(-r)) : CLI_OK;
}

static int as_owner(struct cli *cli)
{
    struct sw_owner owner;
    if (getuid() != 0 || !sw_owner_of(cli->config.data_dir, &owner) || owner.uid == 0)
        return CLI_OK;
    int r = sw_owner_become(&owner);
    return r < 0 ? cli_fail(cli, "cannot act as %s: %s", owner.name, strerror(-r))
                 : CLI_OK;
}

static int change_login(struct cli *cli, int argc, char **argv, enum act act,
                        bool is_therapist)
{
    struct cli_args args;
    struct cli_login login = {.is_therapist = is_therapist};
    struct acted acted = {act, &login};
    int code = cli_parse(cli, argc, argv, &args);
    if (code != CLI_OK)
        return code;
    const char *id = args.words[0],
               *host = act == LOCK ? NULL : cli_value(cli, &args, "host");
    if (!sw_id_is_valid(id, strlen(id)))
        return cli_usage(cli, "%s is no id: 1 to %d of A-Z a-z 0-9 _ . -", id,
                         SW_ID_MAX);
    strcpy(login.user, id);
    code = require_root(cli);
    if (code == CLI_OK)
        code = check_name(cli, &login, act);
    const char *const words[] = {HELPER,
                                 "login",
                                 acts[act].word,
                                 is_therapist ? "therapist" : "device",
                                 id,
                                 host ? host : "",
                                 NULL};
    if (code == CLI_OK)
        code = as_root(cli, words, &login);
    if (code == CLI_OK && act != LOCK)
        code = show_login(cli, &args, &login);
    else if (code == CLI_OK)
        fprintf(cli->out,
                "%s is let in no more: `stepward %s add %s` makes a new login\n", id,
                is_therapist ? "therapist" : "device", id);
    bool is_done = *login.password || (act == LOCK && code == CLI_OK);
    explicit_bzero(login.password, sizeof login.password);
    if (is_done && as_owner(cli) == CLI_OK &&
        cli_at_once(cli, audit_login, &acted) != CLI_OK)
        code = CLI_FAILED;
    if (code == CLI_OK && act == ADD && is_therapist && cli->config.web.is_on)
        code = cli_invite_therapist(cli, id);
    return code;
}

int cmd_device_add(struct cli *cli, int argc, char **argv)
{
    return change_login(cli, argc, argv, ADD, false);
}

int cmd_device_renew(struct cli *cli, int argc, char **argv)
{
    return change_login(cli, argc, argv, RENEW, false);
}

int cmd_device_lock(struct cli *cli, int argc, char **argv)
{
    return change_login(cli, argc, argv, LOCK, false);
}

int cmd_therapist_add(struct cli *cli, int argc, char **argv)
{
    return change_login(cli, argc, argv, ADD, true);
}

int cmd_therapist_renew(struct cli *cli, int argc, char **argv)
{
    return change_login(cli, argc, argv, RENEW, true);
}

int cmd_therapist_lock(struct cli *cli, int argc, char **argv)
{
    return change_login(cli, argc, argv, LOCK, true);
}

/* ---- setup ---- */

int cmd_setup(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    const char *words[2 * (CLI_OPTIONS_MAX + CLI_REPEATED_MAX) + 3] = {HELPER, "setup"};
    char options[CLI_OPTIONS_MAX][32];
    size_t n = 2;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = require_root(cli);
    if (code != CLI_OK)
        return code;
    for (size_t i = 0; cmd_setup_options[i].name; i++) {
        snprintf(options[i], sizeof options[i], "--%s", cmd_setup_options[i].name);
        bool repeats = strcmp(cmd_setup_options[i].name, "therapist") == 0;
        for (size_t j = 0; repeats && j < args.n_repeated; j++) {
            words[n++] = options[i];
            words[n++] = args.repeated[j];
        }
        if (repeats || !args.values[i])
            continue;
        words[n++] = options[i];
        if (cmd_setup_options[i].value)
            words[n++] = args.values[i];
    }
    return cli_become_setup(cli, words);
}
