/* doctor_machine.c -- the checks of what the gateway stands on: clock, zone, disk and its
 * wear, who may read its files. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "records/doctor_checks.h"
#include "stepward/backup.h"
#include "util/file.h"

enum {
    LOW_INODES = 1000,
    LIFE_WORN = 10, /* of life_time: 90 to 100 % of what it was made for */
    LIFE_STEP_PCT = 10,
    EOL_WARNING = 2, /* of pre_eol_info: 80 % of the spare blocks are used */
    EOL_URGENT = 3,
    TEXT_MAX = 64,
    DAYS_COMPARED = 366,
    DAYS_STEP = 30,
};

/* ---- clock and zone ---- */

/* The board's process may not ask the kernel; the gateway has told. */
enum sw_found doctor_clock(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    const struct sw_gateway_state *gateway = &doctor->gateway;
    bool is_judged = doctor->gateway_error >= 0 && gateway->running &&
                     gateway->note.state.is_known && !gateway->note.state.is_starting;
    if (is_judged && !gateway->health.clock_trusted)
        return doctor_wrong(finding, "the gateway does not trust it, so alerts wait");
    if (doctor->is_board)
        return is_judged ? doctor_well(finding, "the gateway trusts it")
                         : doctor_unknown(finding, "the gateway does not run");
    if (!doctor->clock.synchronised)
        return doctor_wrong(finding, "nothing sets it: it may be wrong by any time");
    return doctor_well(finding, "synchronised");
}

/* "Europe/Berlin"; "": it is not set. */
static void zone_of_machine(const struct sw_doctor *doctor, char out[static TEXT_MAX])
{
    char path[SW_PATH_BYTES_MAX], target[SW_PATH_BYTES_MAX];
    static const char folder[] = "/zoneinfo/";
    snprintf(path, sizeof path, "%s/etc/localtime", doctor->root);
    ssize_t n = readlink(path, target, sizeof target - 1);
    out[0] = '\0';
    if (n <= 0)
        return;
    target[n] = '\0';
    const char *name = strstr(target, folder);
    if (name)
        snprintf(out, TEXT_MAX, "%.60s", name + strlen(folder));
}

static bool is_utc(const char *name)
{
    static const char *const names[] = {"",        "UTC",       "Etc/UTC",
                                        "Etc/UCT", "Universal", "Etc/Universal",
                                        "Zulu",    "Etc/Zulu"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Two names may be of one zone: Europe/Berlin and Arctic/Longyearbyen. */
static bool are_alike(const struct sw_doctor *doctor, const char *name)
{
    struct sw_zone other;
    bool is_same = true;
    if (strcmp(name, doctor->config->timezone) == 0)
        return true;
    if (sw_zone_load(&other, name) < 0)
        return false;
    int32_t today = sw_day_of(doctor->zone, doctor->now_s);
    for (int32_t day = 0; is_same && day < DAYS_COMPARED; day += DAYS_STEP)
        is_same = sw_day_begin(doctor->zone, today + day) ==
                  sw_day_begin(&other, today + day);
    sw_zone_fini(&other);
    return is_same;
}

enum sw_found doctor_zone(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    const char *ours = doctor->config->timezone;
    char machine[TEXT_MAX];
    zone_of_machine(doctor, machine);
    if (is_utc(ours))
        return doctor_wrong(finding,
                            "%s: the clinic's days would begin at midnight UTC", ours);
    if (is_utc(machine))
        return doctor_well(finding, "%s; the machine's own is not set", ours);
    if (are_alike(doctor, machine))
        return doctor_well(finding, "%s", ours);
    return doctor_wrong(finding,
                        "the clinic's days are those of %s, but this machine is in %s",
                        ours, machine);
}

/* ---- the disk ---- */

static void format_bytes(int64_t bytes, char out[static TEXT_MAX])
{
    if (bytes >= INT64_C(10000000000))
        snprintf(out, TEXT_MAX, "%" PRId64 " GB", bytes / 1000000000);
    else
        snprintf(out, TEXT_MAX, "%" PRId64 " MB", bytes / 1000000);
}

/* The next backup needs as much as the database has, and leaves some. */
enum sw_found doctor_disk(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    const char *data_dir = doctor->config->data_dir;
    char has[TEXT_MAX], wants[TEXT_MAX];
    struct statvfs fs;
    if (statvfs(data_dir, &fs) < 0)
        return doctor_unknown(finding, "%s: %s", data_dir, strerror(errno));
    int64_t free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    int64_t bytes = doctor->store ? sw_store_bytes(doctor->store) : 0;
    int64_t wanted = SW_BACKUP_SPARE_BYTES + (bytes > 0 ? bytes : 0);
    format_bytes(free_bytes, has);
    format_bytes(wanted, wants);
    if (!doctor->is_board && (fs.f_flag & ST_RDONLY)) {
        doctor_remedy(finding, "check the card (`dmesg`), then make it writable again");
        return doctor_wrong(finding, "the disk of %s is read-only", data_dir);
    }
    if (free_bytes < wanted)
        return doctor_wrong(finding,
                            "%s are free where %s is, and the next backup wants %s",
                            has, data_dir, wants);
    if (fs.f_files > 0 && fs.f_favail < LOW_INODES)
        return doctor_wrong(finding, "%lu more files fit on the disk of %s",
                            (unsigned long)fs.f_favail, data_dir);
    return doctor_well(finding, "%s free", has);
}

/* ---- its wear ---- */

/* A number or several of a file of /sys, as in "0x01 0x02"; how many there are. */
static int read_numbers(const char *folder, const char *name, int out[static 2])
{
    char path[SW_PATH_BYTES_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return 0;
    FILE *file = fopen(path, "re");
    int n = file ? fscanf(file, "%i %i", &out[0], &out[1]) : 0;
    if (file)
        fclose(file);
    return n > 0 ? n : 0;
}

/* The folder of /sys of the disk that data_dir is on, whole though data_dir is on a part
 * of it; and the name of that part. */
static bool find_disk(const struct sw_doctor *doctor,
                      char disk[static SW_PATH_BYTES_MAX], char part[static TEXT_MAX])
{
    char path[SW_PATH_BYTES_MAX], probe[SW_PATH_BYTES_MAX + 16];
    struct stat st;
    if (stat(doctor->config->data_dir, &st) < 0)
        return false;
    snprintf(path, sizeof path, "%s/sys/dev/block/%u:%u", doctor->root,
             major(st.st_dev), minor(st.st_dev));
    char *real = realpath(path, NULL);
    if (!real)
        return false;
    snprintf(disk, SW_PATH_BYTES_MAX, "%s", real);
    free(real);
    const char *name = strrchr(disk, '/');
    snprintf(part, TEXT_MAX, "%.60s", name ? name + 1 : disk);
    snprintf(probe, sizeof probe, "%s/partition", disk);
    if (access(probe, F_OK) == 0)
        dirname(disk);
    return true;
}

static int errors_of(const struct sw_doctor *doctor, const char *part)
{
    char folder[SW_PATH_BYTES_MAX];
    int n[2] = {0, 0};
    snprintf(folder, sizeof folder, "%s/sys/fs/ext4/%s", doctor->root, part);
    return read_numbers(folder, "errors_count", n) > 0 ? n[0] : 0;
}

/* What eMMC says of itself; most SD cards say nothing. */
enum sw_found doctor_wear(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    char disk[SW_PATH_BYTES_MAX], part[TEXT_MAX];
    int life[2] = {0, 0}, eol[2] = {0, 0};
    if (!find_disk(doctor, disk, part))
        return doctor_unknown(finding, "the disk of data_dir does not say");
    int n_errors = errors_of(doctor, part);
    if (n_errors > 0) {
        doctor_remedy(finding,
                      "copy the backups to another machine, then have it checked "
                      "(`fsck.mode=force` at the next start)");
        return doctor_wrong(finding, "the file system of %s counts %d errors", part,
                            n_errors);
    }
    bool knows_life = read_numbers(disk, "device/life_time", life) > 0;
    bool knows_eol = read_numbers(disk, "device/pre_eol_info", eol) > 0;
    int worst = life[0] > life[1] ? life[0] : life[1];
    if (eol[0] >= EOL_WARNING)
        return doctor_wrong(finding, "%s has used up its spare blocks%s", part,
                            eol[0] >= EOL_URGENT ? "" : " but for a fifth");
    if (worst > LIFE_WORN)
        return doctor_wrong(finding, "%s has outlived what it was made for", part);
    if (worst == LIFE_WORN)
        return doctor_wrong(finding,
                            "%s has lived 90 to 100 %% of what it was made for", part);
    if (worst > 0)
        return doctor_well(finding, "%s has lived up to %d %% of what it was made for",
                           part, worst * LIFE_STEP_PCT);
    if (knows_life || knows_eol)
        return doctor_well(finding, "%s reports no wear", part);
    return doctor_unknown(finding, "%s does not say", part);
}

/* ---- who owns and who may read the files ---- */

struct look {
    struct sw_finding *finding;
    struct sw_owner owner;
    bool has_owner;
    int n_wrong;
    char first[SW_FINDING_MAX / 2];
};

static void note_wrong(struct look *look, const char *path, const char *why)
{
    if (look->n_wrong++ == 0)
        snprintf(look->first, sizeof look->first, "%.200s %s", path, why);
}

static void look_at_file(struct look *look, const char *path, mode_t closed)
{
    struct stat st;
    char why[96];
    if (lstat(path, &st) < 0)
        return;
    if (look->has_owner && st.st_uid != look->owner.uid) {
        snprintf(why, sizeof why, "does not belong to %.40s", look->owner.name);
        note_wrong(look, path, why);
    } else if (!S_ISLNK(st.st_mode) && (st.st_mode & closed)) {
        note_wrong(look, path, "is open to others");
    }
}

static void look_at_folder(struct look *look, const char *path)
{
    char name[SW_PATH_BYTES_MAX];
    struct dirent *entry;
    DIR *folder = opendir(path);
    look_at_file(look, path, 007);
    while (folder && sw_folder_next(folder, &entry) > 0) {
        bool is_ours = strncmp(entry->d_name, "stepward", 8) == 0 ||
                       strncmp(entry->d_name, "inbox", 5) == 0 ||
                       strncmp(entry->d_name, "web.db", 6) == 0 ||
                       strcmp(entry->d_name, "gateway.lock") == 0;
        bool fits = snprintf(name, sizeof name, "%s/%s", path, entry->d_name) <
                    (int)sizeof name;
        if (is_ours && fits)
            look_at_file(look, name, 007);
    }
    if (folder)
        closedir(folder);
}

enum sw_found doctor_files(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    const struct sw_config *config = doctor->config;
    const struct {
        const char *path;
        mode_t closed;
    } secrets[] = {{config->broker.password_file, 077},
                   {config->broker.key_file, 007},
                   {config->web.key_file, 007}};
    struct look look = {.finding = finding};
    char backups[SW_PATH_BYTES_MAX];
    struct stat st;
    if (access(config->data_dir, R_OK | X_OK) < 0)
        return doctor_unknown(finding, "%s: %s", config->data_dir, strerror(errno));
    look.has_owner = sw_owner_of(config->data_dir, &look.owner);
    if (stat(config->data_dir, &st) == 0 && st.st_uid == 0)
        look.has_owner = false; /* root runs it */
    look_at_folder(&look, config->data_dir);
    if (snprintf(backups, sizeof backups, "%s/backup", config->data_dir) <
        (int)sizeof backups)
        look_at_folder(&look, backups);
    if (look.n_wrong > 1)
        return doctor_wrong(finding, "%s, and %d more", look.first, look.n_wrong - 1);
    if (look.n_wrong == 1)
        return doctor_wrong(finding, "%s", look.first);
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        const char *path = secrets[i].path;
        if (*path && stat(path, &st) == 0 && (st.st_mode & secrets[i].closed)) {
            doctor_remedy(finding, "`sudo chmod o= %s`, and g= if it holds a password",
                          path);
            return doctor_wrong(finding, "%s can be read by others", path);
        }
    }
    return doctor_well(finding, "%s is %s's alone", config->data_dir,
                       look.has_owner ? look.owner.name : "root");
}
