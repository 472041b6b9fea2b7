/* clinic_fixture.h -- store, patients, ingest and commit together, in virtual time, without
 * a broker: one day of UTC, patients enrolled when they are first heard.
 */
#ifndef CLINIC_FIXTURE_H
#define CLINIC_FIXTURE_H

#include <stdio.h>
#include <unistd.h>

#include "draw.h"

#include "daemon/commit.h"

enum { TODAY = 20522 };
static const int64_t DAY_S = 20522 * (int64_t)86400;

struct clinic {
    char folder[32], path[64];
    struct sw_config config;
    struct sw_store *store;
    struct patients patients;
    struct ingest ingest;
    struct online_spans online_spans;
    struct incidents incidents;
    struct sw_health health;
    struct commit commit;
};

static inline void open_clinic(struct clinic *c)
{
    char why[SW_WHY_MAX];
    static char site[] = "t";
    *c = (struct clinic){.folder = "/tmp/stepward-XXXXXX"};
    assert_non_null(mkdtemp(c->folder));
    snprintf(c->path, sizeof(c->path), "%s/t.db", c->folder);
    assert_int_equal(sw_store_open(&c->store, c->path, SW_STORE_WRITE, why), 0);
    c->config.site = site;
    c->config.max_age_s = 31 * 86400;
    c->config.max_future_s = 600;
    c->config.auto_enroll = true;
    c->config.plan = sw_plan_default();
    c->config.plan.rest_limit_min = 60;
    c->patients.store = c->store;
    c->patients.zone = &utc;
    c->ingest = (struct ingest){
        .config = &c->config, .patients = &c->patients, .clock_trusted = true};
    c->commit = (struct commit){.config = &c->config,
                                .patients = &c->patients,
                                .ingest = &c->ingest,
                                .online_spans = &c->online_spans,
                                .incidents = &c->incidents,
                                .health = &c->health};
    assert_int_equal(patients_load(&c->patients, TODAY), 0);
}

static inline void close_clinic(struct clinic *c)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[80];
    commit_fini(&c->commit);
    ingest_fini(&c->ingest);
    patients_fini(&c->patients);
    sw_store_close(c->store);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s%s", c->path, suffixes[i]);
        unlink(path);
    }
    rmdir(c->folder);
}

static inline bool judge(struct clinic *c, int64_t now_s, bool due)
{
    struct eval_time eval_time = {now_s, true, &c->online_spans};
    bool committed;
    c->commit.minute_due = due;
    assert_int_equal(commit_attempt(&c->commit, &eval_time, due, &committed), 0);
    return committed;
}

#endif
