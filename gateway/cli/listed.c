/* listed.c -- the alerts that `alerts` printed last in this terminal.
 *
 * Each terminal has a file, in the first of $XDG_RUNTIME_DIR, $XDG_STATE_HOME and
 * ~/.local/state that can be written. Its first line says whose session it was, and the
 * alerts follow line by line. Two terminals of one person, or two people who both
 * become the user stepward, do not see each other's. A session without a list, such as
 * a new login for each command, is answered if all of the user's lists agree on the
 * line.
 */
#include "cli/listed.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stepward/host.h"
#include "util/file.h"

enum {
    PATH_BYTES_MAX = 4096,
    NAME_BYTES_MAX = 64,
    HEAD_BYTES_MAX = 128,
    OLD_S = 12 * 3600,      /* nobody acts on an older listing... */
    KEPT_S = 7 * 24 * 3600, /* ...but it may still be on a screen */
    N_PLACES = 3,           /* of our environment, and one more */
    ANCESTORS_MAX = 8,
};
#define PREFIX    "alerts-"
#define LAST_LINE "end"

struct cli_listed {
    FILE *file;
    int64_t n;
};

/* ---- whose terminal it is ---- */

struct process {
    char name[32];
    int parent, session;
    unsigned long long began; /* ticks since boot */
};

static bool read_process(int pid, struct process *ret)
{
    char path[NAME_BYTES_MAX], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    bool is_read = file && fgets(line, sizeof line, file);
    if (file)
        fclose(file);
    const char *open = is_read ? strchr(line, '(') : NULL;
    const char *close = open ? strrchr(line, ')') : NULL; /* a name may have its own */
    if (!close || close - open > (int)sizeof ret->name)
        return false;
    *ret = (struct process){.parent = 0};
    memcpy(ret->name, open + 1, (size_t)(close - open - 1));
    /* state ppid pgrp session tty tpgid flags 4 faults 4 times prio nice threads 0
     * start */
    return sscanf(close + 1,
                  " %*c %d %*d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
                  "%*d %*d %llu",
                  &ret->parent, &ret->session, &ret->began) == 3;
}

/* sudo may begin a session, and open a terminal, of its own for every command; the one
 * it was called in is meant. */
static int session_of_who_asks(void)
{
    struct process process, parent;
    if (!read_process((int)getpid(), &process))
        return (int)getsid(0);
    for (int i = 0; i < ANCESTORS_MAX; i++) {
        if (!read_process(process.parent, &parent) || strcmp(parent.name, "sudo") != 0)
            break;
        process = parent;
    }
    return process.session;
}

/* The first line: the session, and when it began, since process numbers are reused. */
static void put_owner(const struct cli *cli, char out[static HEAD_BYTES_MAX])
{
    struct process leader = {.began = 0};
    int session = session_of_who_asks();
    read_process(session, &leader);
    snprintf(out, HEAD_BYTES_MAX, "stepward 1 %" PRIu32 " %d %llu %.32s ",
             sw_clock_boot(), session, leader.began, cli->config.site);
}

/* What the names of the files of who asks begin with. */
static void put_prefix(char out[static NAME_BYTES_MAX])
{
    const char *sudo = getenv("SUDO_UID");
    int64_t uid = (int64_t)getuid();
    if (sudo)
        sw_number_parse(sudo, 0, UINT32_MAX, &uid);
    snprintf(out, NAME_BYTES_MAX, PREFIX "%" PRId64 "-", uid);
}

/* ---- where it is ---- */

/* The folder at this place; false if there is none. The one after the last of who asks
 * is at the home of the user we act as just now. */
static bool put_folder(size_t place, char out[static PATH_BYTES_MAX])
{
    static const struct {
        const char *variable, *below;
    } places[] = {{"XDG_RUNTIME_DIR", ""},
                  {"XDG_STATE_HOME", ""},
                  {"HOME", "/.local/state"},
                  {NULL, "/.local/state"}};
    const char *variable = places[place].variable;
    const char *base = variable ? getenv(variable) : NULL;
    const struct passwd *user = variable ? NULL : getpwuid(geteuid());
    if (user)
        base = user->pw_dir;
    int n = snprintf(out, PATH_BYTES_MAX - NAME_BYTES_MAX, "%s%s/stepward",
                     base ? base : "", places[place].below);
    return base && base[0] == '/' && n < PATH_BYTES_MAX - NAME_BYTES_MAX;
}

/* A walk through the files of the first places whose names begin with the prefix. */
struct walk {
    const char *prefix;
    size_t n_places, place;
    DIR *folder;
    const char *name; /* of the file in the folder */
};

/* The next file; false after the last, and then nothing is open. */
static bool next_file(struct walk *walk)
{
    char path[PATH_BYTES_MAX];
    struct dirent *entry;
    for (;;) {
        while (walk->folder && sw_folder_next(walk->folder, &entry) > 0)
            if (strncmp(entry->d_name, walk->prefix, strlen(walk->prefix)) == 0) {
                walk->name = entry->d_name;
                return true;
            }
        if (walk->folder)
            closedir(walk->folder);
        walk->folder = NULL;
        if (walk->place == walk->n_places)
            return false;
        if (put_folder(walk->place++, path))
            walk->folder = opendir(path);
    }
}

/* Open a file only if it belongs to us, and nobody else can write to it. */
static FILE *listed_open_own(int folder, const char *name, int flags)
{
    struct stat st;
    int fd = openat(folder, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    bool is_own = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
                  st.st_uid == geteuid() && (st.st_mode & 022) == 0;
    FILE *file = is_own ? fdopen(fd, "r+") : NULL;
    if (fd >= 0 && !file)
        close(fd);
    return file;
}

/* ---- writing it ---- */

static void remove_old(const char *prefix, int64_t now_s)
{
    struct walk walk = {.prefix = prefix, .n_places = N_PLACES};
    struct stat st;
    while (next_file(&walk))
        if (fstatat(dirfd(walk.folder), walk.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(st.st_mode) && now_s - st.st_mtime > KEPT_S)
            unlinkat(dirfd(walk.folder), walk.name, 0);
}

static FILE *open_new(int64_t now_s)
{
    char path[PATH_BYTES_MAX], prefix[NAME_BYTES_MAX];
    FILE *file = NULL;
    put_prefix(prefix);
    remove_old(prefix, now_s);
    for (size_t i = 0; i < N_PLACES && !file; i++) {
        if (!put_folder(i, path))
            continue;
        for (char *at = path; (at = strchr(at + 1, '/'));) {
            *at = '\0';
            mkdir(path, 0700); /* if this fails, opening the file will */
            *at = '/';
        }
        mkdir(path, 0700);
        size_t n = strlen(path);
        snprintf(path + n, sizeof path - n, "/%s%d", prefix, session_of_who_asks());
        file = listed_open_own(AT_FDCWD, path, O_RDWR | O_CREAT);
    }
    return file;
}

struct cli_listed *cli_listed_new(struct cli *cli)
{
    char owner[HEAD_BYTES_MAX];
    FILE *file = open_new(cli->now_s);
    struct cli_listed *listed = file ? calloc(1, sizeof *listed) : NULL;
    if (!listed || ftruncate(fileno(file), 0) < 0) {
        if (file)
            fclose(file);
        free(listed);
        return NULL;
    }
    listed->file = file;
    put_owner(cli, owner);
    fprintf(file, "%s%" PRId64 "\n", owner, cli->now_s);
    return listed;
}

int64_t cli_listed_add(struct cli_listed *listed, const struct sw_alert *alert)
{
    char id[SW_ALERT_ID_MAX + 1];
    if (!listed)
        return 0;
    sw_alert_id_format(alert, id);
    if (listed->n < CLI_LISTED_MAX)
        fprintf(listed->file, "%s %s\n", sw_alert_level_name(alert->level), id);
    return ++listed->n;
}

void cli_listed_keep(struct cli_listed *listed, bool is_meant)
{
    if (!listed)
        return;
    if (is_meant)
        fprintf(listed->file, LAST_LINE "\n");
    fclose(listed->file);
    free(listed);
}

/* ---- reading it ---- */

/* What a file has in line n. */
struct listing {
    bool is_there, is_whole, is_of_this_terminal;
    int64_t at_s, n_lines;
    struct cli_listed_line line; /* id "": there is no such line */
};

static struct listing read_listing(const struct cli *cli, FILE *file, int64_t n)
{
    struct listing found = {.n_lines = 0};
    char line[HEAD_BYTES_MAX], owner[HEAD_BYTES_MAX];
    const char *last = fgets(line, sizeof line, file) ? strrchr(line, ' ') : NULL;
    if (!last)
        return found;
    put_owner(cli, owner);
    found.is_there = true;
    found.at_s = strtoll(last, NULL, 10);
    found.is_of_this_terminal = strncmp(line, owner, strlen(owner)) == 0;
    while (!found.is_whole && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        char *id = strchr(line, ' ');
        found.is_whole = strcmp(line, LAST_LINE) == 0;
        if (!id || ++found.n_lines != n)
            continue;
        *id++ = '\0';
        if (sw_alert_level_parse(line, &found.line.level))
            snprintf(found.line.id, sizeof found.line.id, "%s", id);
    }
    return found;
}

bool cli_listed_find(const struct cli *cli, int64_t n, struct cli_listed_line *ret,
                     char why[static SW_WHY_MAX])
{
    char prefix[NAME_BYTES_MAX];
    struct walk walk = {.prefix = prefix, .n_places = N_PLACES};
    /* The newest of this terminal, since there may be one at two places; the newest of
     * others, and whether they disagree. */
    struct listing own = {.n_lines = 0}, other = {.n_lines = 0};
    bool is_disputed = false;
    put_prefix(prefix);
    while (next_file(&walk)) {
        FILE *file = listed_open_own(dirfd(walk.folder), walk.name, O_RDWR);
        if (!file)
            continue;
        struct listing next = read_listing(cli, file, n);
        fclose(file);
        struct listing *newest = next.is_of_this_terminal ? &own : &other;
        if (!next.is_there)
            continue;
        bool is_same = strcmp(next.line.id, other.line.id) == 0 &&
                       next.line.level == other.line.level;
        if (newest == &other && (!next.is_whole || (other.is_there && !is_same)))
            is_disputed = true;
        if (!newest->is_there || next.at_s > newest->at_s)
            *newest = next;
    }
    const struct listing *found = own.is_there ? &own : &other;
    bool is_clear = own.is_there || (other.is_there && !is_disputed);
    bool is_old = cli->now_s - found->at_s > OLD_S;
    if (!is_clear || is_old || !found->is_whole) {
        snprintf(why, SW_WHY_MAX,
                 "which one is %" PRId64 "? No alerts were listed here lately: see "
                 "`stepward alerts`, then `stepward %s %" PRId64
                 "`, or name the alert by its id",
                 n, cli->command->name, n);
        return false;
    }
    if (!*found->line.id) {
        snprintf(why, SW_WHY_MAX,
                 "there was no line %" PRId64 " in the list of %" PRId64
                 " alert%s: see `stepward alerts`",
                 n, found->n_lines, sw_plural(found->n_lines));
        return false;
    }
    *ret = found->line;
    return true;
}

/* ---- a patient is erased ---- */

/* The first line stays: without it another terminal's list would be taken for this
 * one's. */
void cli_listed_drop(struct sw_patient_id patient)
{
    struct walk walk = {.prefix = PREFIX, .n_places = N_PLACES + 1};
    size_t n = strlen(patient.str);
    char line[HEAD_BYTES_MAX];
    while (next_file(&walk)) {
        FILE *file = listed_open_own(dirfd(walk.folder), walk.name, O_RDWR);
        bool is_named = false;
        if (!file)
            continue;
        off_t head = fgets(line, sizeof line, file) ? (off_t)strlen(line) : 0;
        while (!is_named && fgets(line, sizeof line, file)) {
            const char *id = strchr(line, ' '); /* in "low p017-rest-1773140000" */
            is_named = id && strncmp(id + 1, patient.str, n) == 0 && id[1 + n] == '-';
        }
        if (is_named && ftruncate(fileno(file), head) < 0)
            unlinkat(dirfd(walk.folder), walk.name, 0);
        fclose(file);
    }
}
