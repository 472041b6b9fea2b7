/* clinic_fixture.h -- store, ward, intake and commit together, in virtual time, without
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
    struct ward ward;
    struct intake intake;
    struct watched watched;
    struct trouble trouble;
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
    c->ward.store = c->store;
    c->ward.zone = &utc;
    c->intake =
        (struct intake){.config = &c->config, .ward = &c->ward, .clock_trusted = true};
    c->commit = (struct commit){.config = &c->config,
                                .ward = &c->ward,
                                .intake = &c->intake,
                                .watched = &c->watched,
                                .trouble = &c->trouble,
                                .health = &c->health};
    assert_int_equal(ward_load(&c->ward, TODAY), 0);
}

static inline void close_clinic(struct clinic *c)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[80];
    commit_fini(&c->commit);
    intake_fini(&c->intake);
    ward_fini(&c->ward);
    sw_store_close(c->store);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s%s", c->path, suffixes[i]);
        unlink(path);
    }
    rmdir(c->folder);
}

static inline bool judge(struct clinic *c, int64_t now_s, bool due)
{
    struct judging judging = {now_s, true, &c->watched};
    bool committed;
    c->commit.minute_due = due;
    assert_int_equal(commit_attempt(&c->commit, &judging, due, &committed), 0);
    return committed;
}

#endif
