/* backup_away.c -- copy backups off the card, check what arrived, and bring one back.
 * Encrypting is the work of `age`, a program of Debian: what it writes can be opened
 * wherever it runs, without Stepward. Its secret key is never on this machine. */
#include "stepward/backup_away.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stepward/host.h"
#include "store/store_private.h"
#include "util/file.h"

#define NAME_FORMAT "stepward-%Y%m%dT%H%M%SZ.db"
#define OURS        "stepward-"
#define USERS       "web-" /* in place of that */
#define PART_SUFFIX ".part"
#define AGE_MAGIC   "age-encryption.org/v1"
enum {
    NAME_LEN = sizeof "stepward-20261123T124100Z.db" - 1,
    NAME_MAX_LEN = NAME_LEN + sizeof SW_AWAY_SUFFIX,
    LISTED_MAX = 4096,
    CHUNK = 64 * 1024,
    KEY_FILE_MAX = 64 * 1024,
    SPARE_BYTES = 1024 * 1024, /* age adds 200 bytes, and 16 for each 64 KiB */
};

extern char **environ;

static int join(char out[static SW_BACKUP_PATH_MAX], const char *folder,
                const char *name, const char *suffix)
{
    int n = snprintf(out, SW_BACKUP_PATH_MAX, "%s/%s%s", folder, name, suffix);
    return n < 0 || n >= SW_BACKUP_PATH_MAX ? -ENAMETOOLONG : 0;
}

/* web-… for stepward-…, the copy of the board's users that goes with it: of a name or of a
 * path. */
static int users_name(const char *backup, char out[static SW_BACKUP_PATH_MAX])
{
    const char *slash = strrchr(backup, '/');
    const char *name = slash ? slash + 1 : backup;
    if (strncmp(name, OURS, strlen(OURS)) != 0)
        return -EINVAL;
    int n = snprintf(out, SW_BACKUP_PATH_MAX, "%.*s" USERS "%s", (int)(name - backup),
                     backup, name + strlen(OURS));
    return n < 0 || n >= SW_BACKUP_PATH_MAX ? -ENAMETOOLONG : 0;
}

static bool is_backup_name(const char *name)
{
    char stem[NAME_LEN + 1];
    struct tm tm = {0};
    size_t len = strlen(name);
    bool is_plain = len == NAME_LEN;
    bool is_encrypted = len == NAME_LEN + strlen(SW_AWAY_SUFFIX) &&
                        strcmp(name + NAME_LEN, SW_AWAY_SUFFIX) == 0;
    if (!is_plain && !is_encrypted)
        return false;
    memcpy(stem, name, NAME_LEN);
    stem[NAME_LEN] = '\0';
    const char *end = strptime(stem, NAME_FORMAT, &tm);
    return end && *end == '\0';
}

/* ---- is the folder there? ---- */

int sw_away_is_there(const struct sw_away *away, const char *data_dir,
                     char why[static SW_WHY_MAX])
{
    char marker[SW_BACKUP_PATH_MAX];
    struct stat to, data, root, st;
    why[0] = '\0';
    if (stat(away->to, &to) < 0)
        return sw_store_format_errno(-errno, why, away->to,
                                     "the folder for backups is not there: is it "
                                     "mounted?");
    if (!S_ISDIR(to.st_mode))
        return sw_store_format_error(-ENOTDIR, why, away->to, "is no folder");
    int r = join(marker, away->to, SW_AWAY_MARKER, "");
    if (r < 0)
        return sw_store_format_errno(r, why, away->to, "cannot keep backups");
    bool is_meant = lstat(marker, &st) == 0;
    bool is_on_card = stat(data_dir, &data) < 0 || stat("/", &root) < 0 ||
                      to.st_dev == data.st_dev || to.st_dev == root.st_dev;
    if (is_meant || !is_on_card)
        return 0;
    return sw_store_format_error(-ENODEV, why, away->to,
                                 "is on the card itself: is it mounted? If it is meant "
                                 "as it is, put an empty file " SW_AWAY_MARKER
                                 " there");
}

/* ---- age ---- */

/* Wait for the child; the first line that it said is why it failed. */
static int end_of(pid_t pid, int said_fd, const char *program,
                  char why[static SW_WHY_MAX])
{
    char said[200] = "", rest[256];
    size_t n = 0;
    ssize_t got;
    int status = 0;
    while ((got = read(said_fd, n + 1 < sizeof said ? said + n : rest,
                       n + 1 < sizeof said ? sizeof said - 1 - n : sizeof rest)) > 0)
        if (n + 1 < sizeof said)
            n += (size_t)got;
    said[n] = '\0';
    said[strcspn(said, "\r\n")] = '\0';
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    const char *words = strncmp(said, "age: error: ", 12) == 0 ? said + 12 : said;
    snprintf(why, SW_WHY_MAX, "%.20s failed: %.150s", program, words);
    return -EIO;
}

/* What a program reads and writes, by descriptors, as whom it runs may not open the files
 * by their names; -1: /dev/null, or what is ours. */
struct streams {
    int in_fd, out_fd, key_fd;
};

enum { KEY_FD = 3 };
#define KEY_PATH "/dev/fd/3"

static int run(char *const argv[], const struct streams *streams,
               char why[static SW_WHY_MAX])
{
    posix_spawn_file_actions_t actions;
    int said[2];
    pid_t pid;
    if (pipe2(said, O_CLOEXEC) < 0)
        return -errno;
    posix_spawn_file_actions_init(&actions);
    if (streams->in_fd >= 0)
        posix_spawn_file_actions_adddup2(&actions, streams->in_fd, STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY,
                                         0);
    if (streams->out_fd >= 0)
        posix_spawn_file_actions_adddup2(&actions, streams->out_fd, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, said[1], STDERR_FILENO);
    if (streams->key_fd >= 0)
        posix_spawn_file_actions_adddup2(&actions, streams->key_fd, KEY_FD);
    int r = -posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(said[1]);
    if (r == -ENOENT)
        snprintf(why, SW_WHY_MAX, "%s is not installed: sudo apt-get install age",
                 argv[0]);
    else if (r < 0)
        snprintf(why, SW_WHY_MAX, "cannot run %s: %s", argv[0], strerror(-r));
    else
        r = end_of(pid, said[0], argv[0], why);
    close(said[0]);
    return r;
}

/* argv is not changed by who is run; the words are not const in POSIX. */
static char *word(const char *text)
{
    union {
        const char *in;
        char *out;
    } both = {text};
    return both.out;
}

/* A new file at path, whatever was there: no link is followed. Returns its descriptor. */
static int create_new(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                  SW_DATA_FILE_MODE);
    return fd < 0 ? -errno : fd;
}

static int encrypt(const char *from, const char *to, const char *recipient,
                   char why[static SW_WHY_MAX])
{
    char *argv[] = {word("age"), word("-r"), word(recipient),
                    word("--"),  word(from), NULL};
    int fd = create_new(to);
    if (fd < 0)
        return fd;
    int r = run(argv, &(struct streams){-1, fd, -1}, why);
    if (close(fd) < 0 && r == 0)
        r = -errno;
    return r;
}

/* The key in memory, as a file of ours: who runs age may not open that of root. Returns a
 * descriptor. */
static int hold_key(int key_fd)
{
    char text[KEY_FILE_MAX];
    ssize_t got = 1;
    size_t n = 0;
    while (n < sizeof text && (got = read(key_fd, text + n, sizeof text - n)) > 0)
        n += (size_t)got;
    int fd = got < 0 ? -errno : n == sizeof text ? -EFBIG : 0;
    if (fd == 0 && (fd = memfd_create("key", MFD_CLOEXEC)) < 0)
        fd = -errno;
    int r = fd < 0 ? 0 : sw_file_write_all(fd, text, n, 0);
    explicit_bzero(text, sizeof text);
    if (r < 0)
        close(fd);
    return r < 0 ? r : fd;
}

static int decrypt(int from_fd, int to_fd, int key_fd, char why[static SW_WHY_MAX])
{
    char *argv[] = {word("age"), word("-d"), word("-i"), word(KEY_PATH), NULL};
    int held_fd = hold_key(key_fd);
    if (held_fd < 0)
        return sw_store_format_errno(held_fd, why, "the key", "cannot read it");
    int r = run(argv, &(struct streams){from_fd, to_fd, held_fd}, why);
    close(held_fd);
    return r;
}

int sw_away_new_key(char secret[static SW_AWAY_KEY_MAX],
                    char recipient[static SW_AWAY_KEY_MAX], char why[static SW_WHY_MAX])
{
    char text[1024] = "", *argv[] = {word("age-keygen"), NULL};
    int out[2];
    why[0] = secret[0] = recipient[0] = '\0';
    if (pipe2(out, O_CLOEXEC) < 0)
        return -errno;
    int r = run(argv, &(struct streams){-1, out[1], -1},
                why); /* what it says fits into a pipe */
    close(out[1]);
    ssize_t n = r == 0 ? read(out[0], text, sizeof text - 1) : 0;
    close(out[0]);
    if (r < 0)
        return r;
    text[n > 0 ? n : 0] = '\0';
    const char *public = strstr(text, "age1"),
               *private = strstr(text, "AGE-SECRET-KEY-1");
    bool is_known = public && private && strcspn(public, "\n") < SW_AWAY_KEY_MAX &&
                    strcspn(private, "\n") < SW_AWAY_KEY_MAX;
    if (is_known) {
        snprintf(recipient, SW_AWAY_KEY_MAX, "%.*s", (int)strcspn(public, "\n"),
                 public);
        snprintf(secret, SW_AWAY_KEY_MAX, "%.*s", (int)strcspn(private, "\n"), private);
    } else {
        snprintf(why, SW_WHY_MAX, "age-keygen did not make a key");
    }
    explicit_bzero(text, sizeof text);
    return is_known ? 0 : -EIO;
}

/* ---- files ---- */

/* from_medium: not what is still in memory. */
static int hash_file(const char *path, bool from_medium,
                     uint8_t ret[static SHA256_DIGEST_SIZE])
{
    struct sha256_ctx sha;
    int fd = open(path, O_RDONLY | O_CLOEXEC), r = 0;
    uint8_t *chunk = fd < 0 ? NULL : malloc(CHUNK);
    if (fd < 0)
        return -errno;
    if (!chunk)
        r = -ENOMEM;
    sha256_init(&sha);
    if (from_medium)
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    for (ssize_t n = 1; r == 0 && n > 0;) {
        n = read(fd, chunk, CHUNK);
        if (n < 0 && errno != EINTR)
            r = -errno;
        if (n > 0)
            sha256_update(&sha, (size_t)n, chunk);
        else if (n < 0)
            n = 1;
    }
    if (r == 0)
        sha256_digest(&sha, SHA256_DIGEST_SIZE, ret);
    free(chunk);
    close(fd);
    return r;
}

static int copy_plain(int from_fd, int to_fd)
{
    struct stat st;
    if (fstat(from_fd, &st) < 0)
        return -errno;
    return S_ISREG(st.st_mode) ? sw_file_copy(from_fd, 0, st.st_size, to_fd, 0)
                               : -EINVAL;
}

static int copy_to(const char *from, const char *to)
{
    int from_fd = open(from, O_RDONLY | O_CLOEXEC);
    if (from_fd < 0)
        return -errno;
    int to_fd = create_new(to);
    int r = to_fd < 0 ? to_fd : copy_plain(from_fd, to_fd);
    if (to_fd >= 0)
        close(to_fd);
    close(from_fd);
    return r;
}

/* ---- there ---- */

struct name {
    char str[NAME_MAX_LEN + 1];
};

static int newest_first(const void *a, const void *b)
{
    return strcmp(((const struct name *)b)->str, ((const struct name *)a)->str);
}

/* The caller frees *ret, also on failure. What a copy that failed left is removed. */
static int list(const char *folder, bool removes_parts, struct name **ret,
                size_t *ret_n)
{
    char path[SW_BACKUP_PATH_MAX], stem[NAME_MAX_LEN + 1];
    struct dirent *entry;
    int r = 0;
    *ret_n = 0;
    *ret = calloc(LISTED_MAX, sizeof **ret);
    DIR *dir = opendir(folder);
    if (!dir || !*ret) {
        r = dir ? -ENOMEM : -errno;
        if (dir)
            closedir(dir);
        return r;
    }
    while (*ret_n < LISTED_MAX && (r = sw_folder_next(dir, &entry)) > 0) {
        size_t len = strlen(entry->d_name), part = strlen(PART_SUFFIX);
        bool is_part = len > part && len - part <= NAME_MAX_LEN &&
                       strcmp(entry->d_name + len - part, PART_SUFFIX) == 0;
        if (is_part && removes_parts) {
            snprintf(stem, sizeof stem, "%.*s", (int)(len - part), entry->d_name);
            if (is_backup_name(stem) && join(path, folder, entry->d_name, "") == 0)
                unlink(path);
        }
        if (is_backup_name(entry->d_name))
            strcpy((*ret)[(*ret_n)++].str, entry->d_name);
    }
    closedir(dir);
    qsort(*ret, *ret_n, sizeof **ret, newest_first);
    return r < 0 ? r : 0;
}

int sw_away_newest(const char *folder, char ret[static SW_BACKUP_PATH_MAX])
{
    struct name *names;
    size_t n;
    int r = list(folder, false, &names, &n);
    if (r == 0)
        r = n > 0 ? join(ret, folder, names[0].str, "") : -ENOENT;
    free(names);
    return r;
}

static int check_room(const struct sw_away *away, const char *backup,
                      char why[static SW_WHY_MAX])
{
    struct statvfs fs;
    struct stat st;
    char text[SW_WHAT_BYTES_MAX];
    if (statvfs(away->to, &fs) < 0 || stat(backup, &st) < 0)
        return sw_store_format_errno(-errno, why, away->to, "cannot look at it");
    int64_t room = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    if (room >= st.st_size + SPARE_BYTES)
        return 0;
    snprintf(text, sizeof text,
             "a backup needs %lld MiB free there, there are %lld: make room",
             (long long)((st.st_size + SPARE_BYTES) >> 20) + 1,
             (long long)(room >> 20));
    return sw_store_format_error(-ENOSPC, why, away->to, text);
}

/* Write it, and read it back from where it is now. */
static int write_part(const struct sw_away *away, const char *backup, const char *part,
                      char why[static SW_WHY_MAX])
{
    uint8_t written[SHA256_DIGEST_SIZE], there[SHA256_DIGEST_SIZE];
    bool is_encrypted = *away->recipient;
    int r = is_encrypted ? encrypt(backup, part, away->recipient, why)
                         : copy_to(backup, part);
    if (r == 0)
        r = hash_file(is_encrypted ? part : backup, false, written);
    if (r == 0)
        r = sw_file_sync(part);
    if (r == 0)
        r = hash_file(part, true, there);
    if (r < 0 && !*why)
        sw_store_format_errno(r, why, part, "cannot write it");
    if (r == 0 && memcmp(written, there, sizeof there) != 0)
        r = sw_store_format_error(-EIO, why, part,
                                  "what was written does not read back the same: "
                                  "replace that disk");
    return r;
}

static int prune(const struct sw_away *away, size_t keep, const char *but)
{
    char path[SW_BACKUP_PATH_MAX], users[SW_BACKUP_PATH_MAX];
    struct name *names;
    size_t n;
    int r = list(away->to, false, &names, &n);
    for (size_t i = keep; r == 0 && i < n; i++) {
        if (but && strcmp(names[i].str, but) == 0)
            continue;
        r = join(path, away->to, names[i].str, "");
        if (r == 0 && unlink(path) < 0)
            r = -errno;
        if (r == 0 && users_name(path, users) == 0 && unlink(users) < 0 &&
            errno != ENOENT)
            r = -errno;
    }
    free(names);
    return r;
}

/* One file, under its name, which is *ret_name. */
static int put_file(const struct sw_away *away, const char *file,
                    char ret_name[static NAME_MAX_LEN + 1], char why[static SW_WHY_MAX])
{
    char path[SW_BACKUP_PATH_MAX], part[SW_BACKUP_PATH_MAX];
    const char *slash = strrchr(file, '/');
    snprintf(ret_name, NAME_MAX_LEN + 1, "%.*s%s", NAME_LEN, slash ? slash + 1 : file,
             *away->recipient ? SW_AWAY_SUFFIX : "");
    int r = check_room(away, file, why);
    if (r == 0 && (join(part, away->to, ret_name, PART_SUFFIX) < 0 ||
                   join(path, away->to, ret_name, "") < 0))
        r = sw_store_format_errno(-ENAMETOOLONG, why, away->to, "cannot keep backups");
    if (r < 0)
        return r;
    unlink(part); /* of a copy that was cut short */
    r = write_part(away, file, part, why);
    if (r == 0 && (rename(part, path) < 0 || sw_file_sync_folder(path) < 0))
        r = sw_store_format_errno(-errno, why, path, "cannot give it its name");
    if (r < 0)
        unlink(part);
    return r;
}

/* keep: how many of the others stay. The users come first, so that no backup is there
 * without its own. */
static int put_there(const struct sw_away *away, const char *data_dir,
                     const char *backup, size_t keep, char why[static SW_WHY_MAX])
{
    char name[NAME_MAX_LEN + 1], users[SW_BACKUP_PATH_MAX];
    struct name *names = NULL;
    size_t n;
    int r = sw_away_is_there(away, data_dir, why);
    if (r < 0)
        return r;
    r = list(away->to, true, &names, &n);
    free(names);
    if (r < 0)
        return sw_store_format_errno(r, why, away->to, "cannot read the folder");
    if (users_name(backup, users) == 0 && access(users, F_OK) == 0)
        r = put_file(away, users, name, why);
    if (r == 0)
        r = put_file(away, backup, name, why);
    if (r < 0)
        return r;
    r = prune(away, keep, name);
    return r < 0 ? sw_store_format_errno(r, why, away->to, "cannot remove old copies")
                 : 0;
}

/* ---- what came of it, for `status` ---- */

static void note(const char *data_dir, const char *name, int64_t now_s,
                 const char *text)
{
    char path[SW_BACKUP_PATH_MAX], folder[SW_BACKUP_PATH_MAX];
    int r = join(folder, data_dir, "backup", "");
    if (r == 0)
        r = join(path, folder, name, "");
    int fd = r < 0 ? -1
                   : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                          SW_DATA_FILE_MODE);
    if (fd < 0)
        return;
    dprintf(fd, "%lld\n%s\n", (long long)now_s, text);
    close(fd);
}

static int64_t read_note(const char *data_dir, const char *name,
                         char text[static SW_WHY_MAX])
{
    char path[SW_BACKUP_PATH_MAX], folder[SW_BACKUP_PATH_MAX], line[SW_WHY_MAX];
    long long at_s = 0;
    int r = join(folder, data_dir, "backup", "");
    if (r == 0)
        r = join(path, folder, name, "");
    FILE *file = r < 0 ? NULL : fopen(path, "re");
    text[0] = '\0';
    if (!file)
        return 0;
    bool is_whole = fgets(line, sizeof line, file) &&
                    sscanf(line, "%lld", &at_s) == 1 && fgets(text, SW_WHY_MAX, file);
    text[strcspn(text, "\n")] = '\0';
    fclose(file);
    return is_whole ? at_s : 0;
}

void sw_away_state(const char *data_dir, struct sw_away_state *ret)
{
    char name[SW_WHY_MAX];
    ret->copied_at_s = read_note(data_dir, "away", name);
    ret->failed_at_s = read_note(data_dir, "away-failed", ret->failure);
    if (ret->failed_at_s < ret->copied_at_s)
        ret->failed_at_s = 0;
}

static int put_and_note(const struct sw_away *away, const char *data_dir,
                        const char *backup, size_t keep, int64_t now_s,
                        char why[static SW_WHY_MAX])
{
    why[0] = '\0';
    int r = put_there(away, data_dir, backup, keep, why);
    if (r < 0 && !*why)
        snprintf(why, SW_WHY_MAX, "%.100s: %s", away->to, strerror(-r));
    if (r < 0)
        note(data_dir, "away-failed", now_s, why);
    else
        note(data_dir, "away", now_s, backup);
    return r;
}

int sw_away_copy(const struct sw_away *away, const char *data_dir, const char *backup,
                 int64_t now_s, char why[static SW_WHY_MAX])
{
    return put_and_note(away, data_dir, backup, away->keep, now_s, why);
}

int sw_away_replace(const struct sw_away *away, const char *data_dir,
                    const char *backup, int64_t now_s, char why[static SW_WHY_MAX])
{
    return put_and_note(away, data_dir, backup, 0, now_s, why);
}

/* ---- bringing one back ---- */

int sw_away_open(const char *path, struct sw_away_file *ret)
{
    char start[sizeof AGE_MAGIC] = "";
    *ret = (struct sw_away_file){.path = path, .key_fd = -1};
    ret->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (ret->fd < 0)
        return -errno;
    ssize_t n = pread(ret->fd, start, sizeof start - 1, 0);
    ret->is_encrypted = n == sizeof start - 1 && strcmp(start, AGE_MAGIC) == 0;
    return 0;
}

void sw_away_close(struct sw_away_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    if (file->key_fd >= 0)
        close(file->key_fd);
}

static int fetch(const struct sw_away_file *file, const struct sw_schema *schema,
                 const char *to, char why[static SW_WHY_MAX])
{
    why[0] = '\0';
    unlink(to); /* of a try before */
    int fd = create_new(to), r = fd < 0 ? fd : 0;
    if (r < 0)
        return sw_store_format_errno(r, why, to, "cannot create it");
    r = file->is_encrypted ? decrypt(file->fd, fd, file->key_fd, why)
                           : copy_plain(file->fd, fd);
    if (r < 0 && !*why)
        sw_store_format_errno(r, why, file->path, "cannot copy it");
    if (r == 0 && fchmod(fd, SW_DATA_FILE_MODE) < 0)
        r = sw_store_format_errno(-errno, why, to, "cannot set its mode");
    if (r == 0 && fsync(fd) < 0)
        r = sw_store_format_errno(-errno, why, to, "cannot write it to the disk");
    close(fd);
    if (r == 0)
        r = sw_store_inspect_as(schema, to, why);
    if (r < 0)
        unlink(to);
    return r;
}

int sw_away_fetch(const struct sw_away_file *file, const char *to,
                  char why[static SW_WHY_MAX])
{
    return fetch(file, &sw_schema_main, to, why);
}

int sw_away_open_users(const char *backup, char path[static SW_BACKUP_PATH_MAX],
                       struct sw_away_file *ret)
{
    int r = users_name(backup, path);
    return r < 0 ? r : sw_away_open(path, ret);
}

int sw_away_fetch_users(const struct sw_away_file *file, const char *data_dir,
                        char why[static SW_WHY_MAX])
{
    char part[SW_BACKUP_PATH_MAX];
    int r = join(part, data_dir, "web.db", PART_SUFFIX);
    if (r == 0)
        r = fetch(file, &sw_schema_web, part, why);
    return r == 0 ? sw_backup_take_users(data_dir, part, why) : r;
}
