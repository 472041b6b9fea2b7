/* workload.c -- the same morning of the same patients through the gateway's intake, for
 * guard, which counts what it takes. No broker, no clock, nothing random.
 *
 *     workload live|backlog FOLDER
 *
 * A message is appended to the inbox, read from it, decoded, judged and committed, as
 * the gateway does it: live judged every minute and committed every ten, of a backlog
 * when so much was taken in. FOLDER must be empty. Prints how many readings were
 * stored.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/commit.h"
#include "steps.h"

enum {
    PATIENTS = 100,
    LIVE_MIN = 30,
    LIVE_COMMIT_MIN = 10,
    BACKLOG_MIN = 240,
    BACKLOG_COMMIT_MIN = 60,
    TODAY = 20522,
    BEGIN_MIN = 8 * 60,
};
#define BEGIN_S (TODAY * (int64_t)86400 + BEGIN_MIN * 60)

static const struct sw_zone_shift utc_shifts[] = {{INT64_MIN, 0}};
static const struct sw_zone utc = {utc_shifts, 1};

struct workload {
    int minutes, take_min, commit_min; /* each so many minutes of the patients' day */
    struct sw_config config;
    struct sw_inbox *inbox;
    struct sw_store *store;
    struct patients patients;
    struct ingest ingest;
    struct online_spans online_spans;
    struct incidents incidents;
    struct sw_health health;
    struct commit commit;
};

static int add_patients(struct workload *w)
{
    struct sw_plan plan = sw_plan_default();
    int r = sw_store_begin(w->store);
    for (int i = 0; r == 0 && i < PATIENTS; i++) {
        struct sw_patient patient = {.added_at_s = BEGIN_S};
        int64_t key;
        snprintf(patient.id.str, sizeof(patient.id.str), "p%04d", i);
        r = sw_store_add_patient(w->store, &patient, &plan, &key);
    }
    return r == 0 ? sw_store_commit(w->store) : r;
}

static int open_all(struct workload *w, const char *folder)
{
    static char site[] = "main";
    char path[512], why[SW_WHY_MAX];
    w->config.site = site;
    w->config.max_age_s = 31 * 86400;
    w->config.max_future_s = 600;
    w->config.plan = sw_plan_default();
    snprintf(path, sizeof(path), "%s/inbox", folder);
    int r = sw_inbox_open(&w->inbox, path, SW_INBOX_LIMIT, false, why);
    snprintf(path, sizeof(path), "%s/stepward.db", folder);
    if (r == 0)
        r = sw_store_open(&w->store, path, SW_STORE_WRITE, why);
    if (r == 0)
        r = add_patients(w);
    if (r == 0) /* as the gateway does */
        sw_store_ignore_notes(w->store);
    w->patients = (struct patients){.store = w->store, .zone = &utc, .now_s = BEGIN_S};
    w->ingest = (struct ingest){
        .config = &w->config, .patients = &w->patients, .clock_trusted = true};
    w->commit = (struct commit){.config = &w->config,
                                .patients = &w->patients,
                                .ingest = &w->ingest,
                                .online_spans = &w->online_spans,
                                .incidents = &w->incidents,
                                .health = &w->health};
    return r == 0 ? patients_load(&w->patients, TODAY) : r;
}

static void close_all(struct workload *w)
{
    commit_fini(&w->commit);
    ingest_fini(&w->ingest);
    patients_fini(&w->patients);
    sw_store_close(w->store);
    sw_inbox_close(w->inbox);
}

static int receive(struct workload *w, int patient, int minute)
{
    char topic[64], payload[128];
    int64_t start_s = BEGIN_S + minute * 60;
    int topic_len =
        snprintf(topic, sizeof(topic), "clinic/main/patient/p%04d/steps", patient);
    int len = snprintf(payload, sizeof(payload),
                       "{\"start\":%" PRId64 ",\"seconds\":60,\"steps\":%" PRIu32 "}",
                       start_s, steps_of(patient, start_s / 60));
    struct sw_inbox_record record = {.received_at_s = start_s + 60,
                                     .topic = topic,
                                     .topic_len = (size_t)topic_len,
                                     .payload = payload,
                                     .payload_len = (size_t)len};
    return sw_inbox_append(w->inbox, &record);
}

static int take_all(struct workload *w, int64_t now_s)
{
    struct sw_inbox_record record;
    int r;
    while ((r = sw_inbox_read(w->inbox, &record)) == 1) {
        r = ingest_take(&w->ingest, &record, now_s);
        if (r < 0)
            break;
    }
    return r;
}

static int pass_minute(struct workload *w, int minute)
{
    int64_t now_s = BEGIN_S + (minute + 1) * 60;
    struct eval_time eval_time = {now_s, true, &w->online_spans};
    bool committed, due = (minute + 1) % w->commit_min == 0;
    int r = 0;
    for (int patient = 0; r == 0 && patient < PATIENTS; patient++)
        r = receive(w, patient, minute);
    online_spans_tick(&w->online_spans, now_s, true);
    if (r < 0 || (minute + 1) % w->take_min != 0)
        return r;
    r = take_all(w, now_s);
    if (r == 0)
        r = commit_attempt(&w->commit, &eval_time, due, &committed);
    if (r == 0 && committed)
        r = sw_inbox_trim(w->inbox);
    return r;
}

static int run(struct workload *w, const char *folder)
{
    int r = open_all(w, folder);
    for (int minute = 0; r == 0 && minute < w->minutes; minute++)
        r = pass_minute(w, minute);
    printf("%" PRId64 "\n", w->health.readings);
    close_all(w);
    if (r < 0)
        fprintf(stderr, "workload: %s\n", strerror(-r));
    return r < 0 || w->health.readings != PATIENTS * w->minutes;
}

int main(int argc, char **argv)
{
    static struct workload live = {.minutes = LIVE_MIN,
                                   .take_min = 1,
                                   .commit_min = LIVE_COMMIT_MIN},
                           backlog = {.minutes = BACKLOG_MIN,
                                      .take_min = BACKLOG_COMMIT_MIN,
                                      .commit_min = BACKLOG_COMMIT_MIN};
    if (argc == 3 && strcmp(argv[1], "live") == 0)
        return run(&live, argv[2]);
    if (argc == 3 && strcmp(argv[1], "backlog") == 0)
        return run(&backlog, argv[2]);
    fprintf(stderr, "usage: workload live|backlog FOLDER\n");
    return 2;
}
