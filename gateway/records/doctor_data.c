/* doctor_data.c -- the checks of what is stored: the database itself, inbox and backups,
 * patients and their devices, what was refused. */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "records/doctor_checks.h"
#include "stepward/backup.h"
#include "stepward/inbox.h"
#include "stepward/wire.h"
#include "util/file.h"

enum {
    DAY_S = 86400,
    CHECKED_BYTES = 64 * 1024 * 1024, /* of more the check takes minutes on a card */
    STUCK_S = 10 * 60,                /* what came is stored within commit_interval */
    OLD_BACKUP_S = 48 * 3600,         /* two nights in a row were missed */
    NEW_S = DAY_S, /* a patient who was added may have no device yet */
    UNHEARD_S = 7 * DAY_S,
    RECENT_S = DAY_S,
    REJECTED_LOOKED_AT = 2000,
    REJECTED_DRAWN = 200, /* on a page that is drawn again and again */
};

/* ---- database, inbox, backups ---- */

/* The first file that was moved aside as damaged, and how many there are. */
static int count_damaged(const char *data_dir, char first[static SW_FINDING_MAX])
{
    DIR *folder = opendir(data_dir);
    struct dirent *entry;
    int n = 0;
    while (folder && sw_folder_next(folder, &entry) > 0) {
        if (fnmatch("*.damaged-*", entry->d_name, 0) != 0)
            continue;
        if (n++ == 0)
            snprintf(first, SW_FINDING_MAX, "%.200s/%.200s", data_dir, entry->d_name);
    }
    if (folder)
        closedir(folder);
    return n;
}

enum sw_found doctor_database(const struct sw_doctor *doctor,
                              struct sw_finding *finding)
{
    char why[SW_WHY_MAX], path[SW_PATH_BYTES_MAX], first[SW_FINDING_MAX];
    if (!doctor->config)
        return doctor_unknown(finding, "not known without the configuration");
    if (!doctor->store) {
        finding->remedy[0] = '\0'; /* it is in the words */
        return doctor_wrong(finding, "%s", doctor->store_why);
    }
    int n = count_damaged(doctor->config->data_dir, first);
    if (n > 0) {
        doctor_remedy(finding, "`stepward incidents` says when; copy them elsewhere or "
                               "remove them");
        return doctor_wrong(finding, "%d damaged file%s %s set aside: %.300s", n,
                            sw_plural(n), n == 1 ? "was" : "were", first);
    }
    int64_t bytes = sw_store_bytes(doctor->store);
    if (doctor->is_board || bytes > CHECKED_BYTES)
        return doctor_well(finding, "%" PRId64 " MB, which were not checked now",
                           bytes / 1000000);
    snprintf(path, sizeof path, "%s/stepward.db", doctor->config->data_dir);
    int r = sw_store_check(doctor->store, path, why);
    if (r == -EUCLEAN)
        return doctor_wrong(finding, "it is damaged: %s", why);
    if (r < 0)
        return doctor_unknown(finding, "it cannot be checked: %s", why);
    return doctor_well(finding, "sound, %" PRId64 " kB", bytes / 1000);
}

enum sw_found doctor_inbox(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    const struct sw_health *health = &doctor->gateway.health;
    char path[SW_PATH_BYTES_MAX];
    struct stat st;
    snprintf(path, sizeof path, "%s/inbox", doctor->config->data_dir);
    int64_t bytes = stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
    if (bytes > SW_INBOX_LIMIT / 2)
        return doctor_wrong(finding,
                            "%" PRId64 " MB wait in it, of %d: the others wait at the "
                            "broker",
                            bytes / 1000000, SW_INBOX_LIMIT / 1000000);
    bool is_running = doctor->gateway_error >= 0 && doctor->gateway.running;
    bool is_stuck = is_running && health->inbox_pending > 0 &&
                    doctor->now_s - health->last_commit_at_s > STUCK_S;
    if (is_stuck)
        return doctor_wrong(finding,
                            "%" PRId64 " messages wait in it, and nothing was "
                            "stored for 10 minutes",
                            health->inbox_pending);
    if (!is_running)
        return doctor_unknown(finding, "the gateway does not run");
    return doctor_well(finding, "%" PRId64 " message%s wait%s", health->inbox_pending,
                       sw_plural(health->inbox_pending),
                       health->inbox_pending == 1 ? "s" : "");
}

enum sw_found doctor_backups(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    struct sw_backups backups;
    char ago[DOCTOR_AGO_MAX];
    int64_t begun_s = 0;
    int r = sw_backup_list(doctor->config->data_dir, &backups);
    if (r < 0)
        return doctor_unknown(finding, "%s/backup: %s", doctor->config->data_dir,
                              strerror(-r));
    if (backups.failed_at_s > 0)
        return doctor_wrong(finding, "the last one could not be made: %s",
                            backups.failure);
    r = sw_store_online_since(doctor->store, &begun_s);
    if (r < 0)
        return doctor_store_failed(doctor, finding, r);
    bool is_young = begun_s == 0 || doctor->now_s - begun_s < OLD_BACKUP_S;
    doctor_ago(doctor->now_s - backups.newest_s, ago);
    if (backups.n == 0)
        return is_young ? doctor_well(finding, "none yet")
                        : doctor_wrong(finding, "there is none");
    if (!is_young && doctor->now_s - backups.newest_s > OLD_BACKUP_S)
        return doctor_wrong(finding, "the newest of %zu is %s old", backups.n, ago);
    return doctor_well(finding, "%zu, the newest %s old", backups.n, ago);
}

/* ---- patients ---- */

struct patients_looked {
    const struct sw_doctor *doctor;
    size_t n;
    struct doctor_list unassigned, unheard, wrong_clocks;
};

static int look_at_patient(void *ctx, const struct sw_patient *patient,
                           const struct sw_plan *plan)
{
    struct patients_looked *looked = ctx;
    int64_t now_s = looked->doctor->now_s, fast_s = patient->refusing.fast_s;
    char text[SW_ID_MAX + SW_APART_TEXT_MAX + 16], apart[SW_APART_TEXT_MAX];
    int64_t heard_s = patient->heard_at_s;
    looked->n++;
    if (strcmp(plan->therapist.str, "unassigned") == 0)
        doctor_list_add(&looked->unassigned, patient->id.str);
    if (heard_s == 0 ? now_s - patient->added_at_s > NEW_S
                     : now_s - heard_s > UNHEARD_S)
        doctor_list_add(&looked->unheard, patient->id.str);
    if (patient->refusing.n == 0 || fast_s == 0)
        return 0;
    sw_apart_format(fast_s, apart);
    snprintf(text, sizeof text, "%s %s %s", patient->id.str, apart,
             fast_s > 0 ? "fast" : "slow");
    doctor_list_add(&looked->wrong_clocks, text);
    return 0;
}

static int look_at_patients(const struct sw_doctor *doctor,
                            struct patients_looked *looked)
{
    *looked = (struct patients_looked){.doctor = doctor};
    doctor_list_init(&looked->unassigned);
    doctor_list_init(&looked->unheard);
    doctor_list_init(&looked->wrong_clocks);
    return sw_store_each_patient_on(
        doctor->store, sw_day_of(doctor->zone, doctor->now_s), look_at_patient, looked);
}

enum sw_found doctor_therapists(const struct sw_doctor *doctor,
                                struct sw_finding *finding)
{
    struct patients_looked looked;
    int r = look_at_patients(doctor, &looked);
    if (r < 0)
        return doctor_store_failed(doctor, finding, r);
    size_t n = looked.unassigned.n;
    if (n > 0)
        return doctor_wrong(finding, "%zu patient%s ha%s none, and nobody is told%s", n,
                            sw_plural((int64_t)n), n == 1 ? "s" : "ve",
                            doctor_list_end(&looked.unassigned, doctor));
    return doctor_well(finding, "every patient has one");
}

enum sw_found doctor_patients(const struct sw_doctor *doctor,
                              struct sw_finding *finding)
{
    struct patients_looked looked;
    int r = look_at_patients(doctor, &looked);
    if (r < 0)
        return doctor_store_failed(doctor, finding, r);
    if (looked.n == 0) {
        doctor_remedy(finding, "`stepward patient add ID --therapist NAME`");
        return doctor_wrong(finding, "there is none yet");
    }
    size_t n = looked.unheard.n;
    if (n > 0)
        return doctor_wrong(finding, "of %zu of %zu nothing came for a week, or ever%s",
                            n, looked.n, doctor_list_end(&looked.unheard, doctor));
    return doctor_well(finding, "of none of %zu nothing came for a week", looked.n);
}

enum sw_found doctor_clocks(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    struct patients_looked looked;
    int r = look_at_patients(doctor, &looked);
    if (r < 0)
        return doctor_store_failed(doctor, finding, r);
    size_t n = looked.wrong_clocks.n;
    if (n > 0)
        return doctor_wrong(finding, "%zu device%s refused for %s clock%s", n,
                            n == 1 ? " is" : "s are", n == 1 ? "its" : "their",
                            doctor_list_end(&looked.wrong_clocks, doctor));
    return doctor_well(finding, "no device is refused for its clock");
}

/* ---- refused messages ---- */

struct refusals {
    int64_t from_s;
    size_t n, n_of_nobody, n_by[SW_REFUSALS_END];
    char nobody_why[SW_WHY_MAX];
};

static int look_at_rejected(void *ctx, const struct sw_rejected *rejected)
{
    struct refusals *refusals = ctx;
    if (rejected->at_s < refusals->from_s)
        return 1; /* and so are the rest */
    if (rejected->refusal == SW_REFUSED_DEVICE) {
        if (refusals->n_of_nobody++ == 0)
            snprintf(refusals->nobody_why, sizeof refusals->nobody_why, "%s",
                     rejected->why);
        return 0;
    }
    refusals->n++;
    if ((size_t)rejected->refusal < SW_REFUSALS_END)
        refusals->n_by[rejected->refusal]++;
    return 0;
}

static int look_at_refusals(const struct sw_doctor *doctor, struct refusals *refusals)
{
    *refusals = (struct refusals){.from_s = doctor->now_s - RECENT_S};
    return sw_store_each_rejected(
        doctor->store, doctor->is_board ? REJECTED_DRAWN : REJECTED_LOOKED_AT,
        look_at_rejected, refusals);
}

enum sw_found doctor_devices(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    struct refusals refusals;
    int r = look_at_refusals(doctor, &refusals);
    if (r < 0)
        return doctor_store_failed(doctor, finding, r);
    if (refusals.n_of_nobody > 0)
        return doctor_wrong(finding,
                            "%zu message%s of devices that nobody wears came "
                            "in the last day%s%s",
                            refusals.n_of_nobody,
                            sw_plural((int64_t)refusals.n_of_nobody),
                            doctor->hides_patients ? "" : ": ",
                            doctor->hides_patients ? "" : refusals.nobody_why);
    return doctor_well(finding, "nothing comes of devices that nobody wears");
}

enum sw_found doctor_refused(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    struct refusals refusals;
    size_t most = 0;
    int r = look_at_refusals(doctor, &refusals);
    if (r < 0)
        return doctor_store_failed(doctor, finding, r);
    if (refusals.n == 0)
        return doctor_well(finding, "nothing in the last day");
    for (size_t i = 1; i < SW_REFUSALS_END; i++)
        if (refusals.n_by[i] > refusals.n_by[most])
            most = i;
    doctor_remedy(finding, "`stepward rejected` says more; of most: %s",
                  sw_refusal_remedy((enum sw_refusal)most));
    return doctor_wrong(finding, "%zu message%s in the last day, %zu of them for `%s`",
                        refusals.n, sw_plural((int64_t)refusals.n), refusals.n_by[most],
                        sw_refusal_code((enum sw_refusal)most));
}

struct missed {
    size_t n;
    struct sw_missed first;
};

static int look_at_missed(void *ctx, const struct sw_missed *missed)
{
    struct missed *all = ctx;
    if (all->n++ == 0)
        all->first = *missed;
    return 0;
}

enum sw_found doctor_sources(const struct sw_doctor *doctor, struct sw_finding *finding)
{
    struct missed all = {.n = 0};
    if (doctor->config->n_sources == 0)
        return doctor_well(finding, "the configuration has none");
    int r = sw_store_each_missed(doctor->store, doctor->now_s - RECENT_S,
                                 look_at_missed, &all);
    if (r < 0)
        return doctor_store_failed(doctor, finding, r);
    if (all.n > 0)
        return doctor_wrong(
            finding, "source %s: %" PRId64 " of %" PRId64 " items said nothing: %s",
            all.first.source, all.first.n_missed, all.first.n_seen, all.first.example);
    return doctor_well(finding, "%zu, and their pointers find what they look for",
                       doctor->config->n_sources);
}
