/* trace.c -- a patient's days as a script, the alerts that come of it as a trace.
 *
 *     trace <unworn.in | diff unworn.ok -
 *
 * Ingest, patients, commit and outbox run as in the gateway, minute by minute in virtual
 * time; there is no broker and no clock. Each publication of an alert is one line:
 * local time, kind and number, state, level and revision, message. A line of a script:
 *
 *     zone Europe/Berlin              at first; it is UTC else
 *     DATE HH:MM VERB …               time passes until then; DATE: else that of before
 *
 *     wait                            nothing more
 *     still N, walk N STEPS, off N    N minutes pass, and each is told when it is over
 *     late [DATE] HH:MM still|walk|off …   the same, told now in one batch
 *     total N STEPS                   one reading of the N minutes that end now
 *     refused N fast|slow MINUTES     N minutes pass, and each is told by a device whose
 *                                     clock is so wrong that it is refused
 *     refused N garbled               or is nothing that can be read
 *     pain SCORE [flare] [at [DATE] HH:MM]
 *     battery PERCENT [DEVICE]        comes with a still minute
 *     plan KEY VALUE                  from this day on, as by the command line
 *     restart                         as after a crash: what is stored is all there is
 *     down [DATE] HH:MM               it is not running until then
 *     offline, online                 whether the gateway hears its broker
 *     lateness                        prints whether data comes too late to see a rest
 *     clock [DATE] HH:MM              the gateway's wall clock jumps, and later lines
 *                                     are by it; devices and patients know the true time
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "daemon/commit.h"
#include "records/change.h"
#include "stepward/host.h"
#include "stepward/wire.h"

enum {
    LINE_LEN = 200,
    WORDS_MAX = 8,
    PAYLOAD_LEN = 16 * 1024, /* a day of minutes */
    COMMIT_EVERY_S = 300,    /* the alerts themselves do not wait for it */
    IDS_MAX = 64,
};

struct trace {
    char folder[32], path[64];
    struct sw_zone zone;
    struct sw_config config;
    struct sw_store *store;
    struct patients patients;
    struct ingest ingest;
    struct online_spans online_spans;
    struct incidents incidents;
    struct sw_health health;
    struct commit commit;
    int64_t now_s;   /* by the wall clock; 0: the first line sets it */
    int64_t ahead_s; /* of the true time */
    struct sw_clock_watch clock;
    int64_t monotonic_ms;
    int32_t day; /* of the last line */
    bool is_online;
    char ids[IDS_MAX][SW_ALERT_ID_MAX + 1]; /* alerts in order of appearance */
    size_t n_ids;
    char **words; /* of the line, NULL at its end */
};

#define MUST(condition)                                                                \
    do {                                                                               \
        if (!(condition)) {                                                            \
            fprintf(stderr, "%s:%d: not %s\n", __FILE__, __LINE__, #condition);        \
            exit(1);                                                                   \
        }                                                                              \
    } while (0)

/* ---- the gateway, as far as it needs no outside ---- */

static void load(struct trace *t)
{
    char why[SW_WHY_MAX];
    MUST(sw_store_open(&t->store, t->path, SW_STORE_WRITE, why) == 0);
    t->patients =
        (struct patients){.store = t->store, .zone = &t->zone, .now_s = t->now_s};
    t->ingest = (struct ingest){
        .config = &t->config, .patients = &t->patients, .clock_trusted = true};
    t->commit = (struct commit){.config = &t->config,
                                .patients = &t->patients,
                                .ingest = &t->ingest,
                                .online_spans = &t->online_spans,
                                .incidents = &t->incidents,
                                .health = &t->health};
    MUST(online_spans_load(&t->online_spans, t->store) >= 0);
    MUST(patients_load(&t->patients, sw_day_of(&t->zone, t->now_s)) >= 0);
}

static void unload(struct trace *t)
{
    commit_fini(&t->commit);
    ingest_fini(&t->ingest);
    patients_fini(&t->patients);
    sw_store_close(t->store);
    t->online_spans = (struct online_spans){.n = 0};
}

/* ---- what is published ---- */

/* "rest#2": the second alert of this trace; the same id is the same number. */
static size_t number_of(struct trace *t, const char *id)
{
    size_t i = 0;
    while (i < t->n_ids && strcmp(t->ids[i], id) != 0)
        i++;
    if (i == t->n_ids) {
        MUST(i < IDS_MAX);
        snprintf(t->ids[t->n_ids++], sizeof(t->ids[0]), "%s", id);
    }
    return i + 1;
}

static const char *text_of(const cJSON *alert, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(alert, key));
    return text ? text : "";
}

static void print_alert(struct trace *t, const char *payload)
{
    char date[SW_DATE_LEN + 1], time[SW_HHMM_LEN + 1];
    cJSON *alert = cJSON_Parse(payload);
    MUST(alert);
    const char *reason = text_of(alert, "reason");
    sw_date_format(sw_day_of(&t->zone, t->now_s), date);
    sw_hhmm_format(sw_local_minute(&t->zone, t->now_s), time);
    printf("%s %s %s#%zu %s %s%s%s r%d: %s\n", date, time, text_of(alert, "kind"),
           number_of(t, text_of(alert, "id")), text_of(alert, "state"),
           text_of(alert, "level"), *reason ? " " : "", reason,
           (int)cJSON_GetNumberValue(cJSON_GetObjectItem(alert, "rev")),
           text_of(alert, "message"));
    cJSON_Delete(alert);
}

static void print_publications(struct trace *t)
{
    struct sw_outbound out;
    int r;
    while ((r = sw_store_next_outbound(t->store, 0, &out)) == 0) {
        bool is_alert = strstr(out.topic, "/alerts/") != NULL;
        if (is_alert)
            print_alert(t, out.payload);
        MUST(sw_store_outbound_done(t->store, out.seq) == 0);
        free(out.payload);
    }
    MUST(r == SW_STORE_NONE);
}

/* ---- time ---- */

static void judge(struct trace *t, bool due)
{
    struct eval_time eval_time = {t->now_s, t->clock.trusted, &t->online_spans};
    int32_t today = sw_day_of(&t->zone, t->now_s);
    bool is_new_day = today != t->patients.today, committed;
    t->commit.minute_due = true;
    MUST(commit_attempt(&t->commit, &eval_time, due || is_new_day, &committed) == 0);
    print_publications(t);
    if (!is_new_day)
        return;
    MUST(ingest_load(&t->ingest, today) >= 0);
    judge(t, false);
}

/* As the gateway does at every turn. */
static void look_at_clock(struct trace *t)
{
    struct sw_clock now = {t->now_s * 1000, t->monotonic_ms, true};
    bool was_trusted = t->clock.trusted;
    t->ingest.clock_trusted = sw_clock_check(&t->clock, &now, 0);
    if (t->clock.trusted && !was_trusted)
        online_spans_cut(&t->online_spans, t->now_s);
}

static void pass_minute(struct trace *t)
{
    t->now_s += 60;
    t->monotonic_ms += 60 * 1000;
    look_at_clock(t);
    online_spans_tick(&t->online_spans, t->now_s, t->is_online && t->clock.trusted);
    for (size_t i = 0; i < t->patients.n; i++)
        t->patients.all[i]->judge = JUDGE_SOON;
    judge(t, t->now_s % COMMIT_EVERY_S == 0);
}

/* ---- the verbs ---- */

static const char *word(struct trace *t)
{
    MUST(*t->words);
    return *t->words++;
}
static long number(struct trace *t)
{
    return strtol(word(t), NULL, 10);
}
static bool next_is(struct trace *t, const char *expected)
{
    bool is = *t->words && strcmp(*t->words, expected) == 0;
    t->words += is;
    return is;
}

/* [DATE] HH:MM; an hour that the clocks repeat is its first. */
static int64_t moment(struct trace *t)
{
    int hour, minute;
    if (strchr(*t->words, '-'))
        MUST(sw_date_parse(word(t), SW_DATE_LEN, &t->day));
    MUST(sscanf(word(t), "%d:%d", &hour, &minute) == 2);
    int64_t at_s = sw_day_begin(&t->zone, t->day);
    while (sw_local_minute(&t->zone, at_s) != hour * 60 + minute)
        at_s += 60;
    return at_s;
}

/* Returns how many rows of refused messages came of it. */
static size_t hear(struct trace *t, const char *leaf, const char *payload)
{
    char topic[64];
    snprintf(topic, sizeof(topic), "clinic/t/patient/p1/%s", leaf);
    struct sw_inbox_record record = {.received_at_s = t->now_s,
                                     .topic = topic,
                                     .topic_len = strlen(topic),
                                     .payload = payload,
                                     .payload_len = strlen(payload)};
    size_t n_refused = t->ingest.n_refused;
    MUST(t->clock.trusted); /* it would wait in the inbox */
    MUST(ingest_take(&t->ingest, &record, t->now_s) == 0);
    return t->ingest.n_refused - n_refused;
}

static void say(struct trace *t, const char *leaf, const char *payload)
{
    MUST(hear(t, leaf, payload) == 0);
}

struct minutes {
    long n, steps;
    bool is_worn;
};

static struct minutes minutes_of(struct trace *t)
{
    struct minutes minutes = {.is_worn = true};
    if (next_is(t, "walk")) {
        minutes.n = number(t);
        minutes.steps = number(t);
        return minutes;
    }
    minutes.is_worn = next_is(t, "still");
    MUST(minutes.is_worn || next_is(t, "off"));
    minutes.n = number(t);
    return minutes;
}

static void tell(struct trace *t, int64_t from_s, const struct minutes *minutes)
{
    char payload[PAYLOAD_LEN];
    size_t n = (size_t)snprintf(
        payload, sizeof(payload), "{\"start\":%lld,\"worn\":%s,\"steps\":[%ld",
        (long long)from_s, minutes->is_worn ? "true" : "false", minutes->steps);
    for (long i = 1; i < minutes->n; i++)
        n += (size_t)snprintf(payload + n, sizeof(payload) - n, ",%ld", minutes->steps);
    snprintf(payload + n, sizeof(payload) - n, "]}");
    say(t, "steps", payload);
}

static void tell_live(struct trace *t)
{
    struct minutes all = minutes_of(t), one = {1, all.steps, all.is_worn};
    for (long i = 0; i < all.n; i++) {
        int64_t from_s = t->now_s - t->ahead_s;
        t->now_s += 60;
        tell(t, from_s, &one);
        t->now_s -= 60;
        pass_minute(t);
    }
}

static void tell_late(struct trace *t)
{
    int32_t day = t->day;
    int64_t from_s = moment(t);
    struct minutes minutes = minutes_of(t);
    t->day = day;
    tell(t, from_s, &minutes);
    judge(t, true);
}

static void tell_refused(struct trace *t)
{
    char payload[128] = "walked a little";
    long n = number(t), by_s = 0;
    bool is_fast = next_is(t, "fast"), is_garbled = !is_fast && !next_is(t, "slow");
    if (is_garbled)
        MUST(next_is(t, "garbled"));
    else
        by_s = (is_fast ? 60 : -60) * number(t);
    for (long i = 0; i < n; i++) {
        if (!is_garbled)
            snprintf(payload, sizeof(payload), "{\"start\":%lld,\"steps\":5}",
                     (long long)(t->now_s - t->ahead_s + by_s));
        t->now_s += 60;
        MUST(hear(t, "steps", payload) == 1);
        t->now_s -= 60;
        pass_minute(t);
    }
}

static void tell_total(struct trace *t)
{
    char payload[128];
    long minutes = number(t), steps = number(t);
    snprintf(payload, sizeof(payload), "{\"start\":%lld,\"seconds\":%ld,\"steps\":%ld}",
             (long long)(t->now_s - t->ahead_s - 60 * minutes), 60 * minutes, steps);
    say(t, "steps", payload);
    judge(t, true);
}

static void print_lateness(struct trace *t)
{
    const struct patient *patient = patients_find(&t->patients, "p1");
    char date[SW_DATE_LEN + 1], time[SW_HHMM_LEN + 1];
    char text[SW_LATENESS_TEXT_MAX] = "data does not come late";
    MUST(patient);
    int32_t late_min =
        sw_lateness_min(&patient->lateness, patient->plan.fresh_min, t->now_s);
    if (late_min > 0)
        sw_lateness_text(late_min, text);
    sw_date_format(sw_day_of(&t->zone, t->now_s), date);
    sw_hhmm_format(sw_local_minute(&t->zone, t->now_s), time);
    printf("%s %s %s\n", date, time, text);
}

static void tell_pain(struct trace *t)
{
    char payload[128];
    int32_t day = t->day;
    const char *score = word(t);
    bool flare = next_is(t, "flare");
    int64_t at_s = next_is(t, "at") ? moment(t) : t->now_s - t->ahead_s;
    t->day = day;
    snprintf(payload, sizeof(payload), "{\"at\":%lld,\"score\":%s,\"flare\":%s}",
             (long long)at_s, score, flare ? "true" : "false");
    say(t, "pain", payload);
    judge(t, true);
}

static void tell_battery(struct trace *t)
{
    char payload[160];
    long percent = number(t);
    const char *device = *t->words ? word(t) : "";
    snprintf(payload, sizeof(payload),
             "{\"start\":%lld,\"steps\":0,\"device\":\"%s\",\"battery\":%ld}",
             (long long)(t->now_s - t->ahead_s - 60), device, percent);
    say(t, "steps", payload);
    judge(t, true);
}

static void change_plan(struct trace *t)
{
    struct sw_patient patient;
    struct sw_plan plan;
    char why[SW_WHY_MAX];
    const char *key = word(t), *value = word(t);
    bool is_first = t->patients.n == 0;
    if (is_first) { /* the patients to come */
        MUST(sw_plan_set(&t->config.plan, key, value, why));
        return;
    }
    MUST(sw_store_find_patient(t->store, t->patients.all[0]->known.id, &patient) == 0);
    MUST(sw_store_plan_on(t->store, patient.key, t->patients.today, &plan) == 0);
    MUST(sw_plan_set(&plan, key, value, why));
    MUST(sw_records_change_plan(t->store, &t->zone, &patient, t->patients.today,
                                &plan) == 0);
    MUST(ingest_load(&t->ingest, t->patients.today) == 0);
    judge(t, true);
}

static void restart_at(struct trace *t, int64_t at_s)
{
    judge(t, true); /* what is not yet in the store, the inbox would say again */
    unload(t);
    t->monotonic_ms += (at_s - t->now_s) * 1000;
    t->now_s = at_s;
    t->clock = (struct sw_clock_watch){.begun = false};
    load(t);
    look_at_clock(t);
    judge(t, true);
}

static void move_clock(struct trace *t)
{
    int64_t before_s = t->now_s;
    t->now_s = moment(t);
    t->ahead_s += t->now_s - before_s;
    look_at_clock(t);
    MUST(!t->clock.trusted);
    online_spans_tick(&t->online_spans, t->now_s, false);
    judge(t, true);
}

static void act(struct trace *t)
{
    const char *verb = *t->words;
    bool tells = strcmp(verb, "still") == 0 || strcmp(verb, "walk") == 0 ||
                 strcmp(verb, "off") == 0;
    if (tells)
        tell_live(t);
    else if (next_is(t, "lateness"))
        print_lateness(t);
    else if (next_is(t, "late"))
        tell_late(t);
    else if (next_is(t, "refused"))
        tell_refused(t);
    else if (next_is(t, "total"))
        tell_total(t);
    else if (next_is(t, "pain"))
        tell_pain(t);
    else if (next_is(t, "battery"))
        tell_battery(t);
    else if (next_is(t, "plan"))
        change_plan(t);
    else if (next_is(t, "restart"))
        restart_at(t, t->now_s);
    else if (next_is(t, "down"))
        restart_at(t, moment(t));
    else if (next_is(t, "clock"))
        move_clock(t);
    else if (next_is(t, "offline"))
        t->is_online = false;
    else if (next_is(t, "online"))
        t->is_online = true;
    else
        MUST(next_is(t, "wait"));
    MUST(!*t->words);
}

/* ---- the script ---- */

static void run_line(struct trace *t)
{
    if (next_is(t, "zone")) {
        sw_zone_fini(&t->zone);
        MUST(sw_zone_load(&t->zone, word(t)) == 0);
        return;
    }
    int64_t at_s = moment(t);
    if (t->now_s == 0) {
        t->now_s = at_s;
        load(t);
        look_at_clock(t);
    }
    MUST(at_s >= t->now_s);
    while (t->now_s < at_s)
        pass_minute(t);
    act(t);
}

static void run(struct trace *t, FILE *script)
{
    char line[LINE_LEN], *words[WORDS_MAX + 1];
    while (fgets(line, sizeof(line), script)) {
        size_t n = 0;
        char *rest = line;
        line[strcspn(line, "#\n")] = '\0';
        for (char *part; (part = strtok_r(rest, " ", &rest)) && n < WORDS_MAX;)
            words[n++] = part;
        words[n] = NULL;
        t->words = words;
        if (n > 0)
            run_line(t);
    }
}

static void open_trace(struct trace *t)
{
    static char site[] = "t";
    *t = (struct trace){.folder = "/tmp/stepward-XXXXXX", .is_online = true};
    MUST(mkdtemp(t->folder));
    snprintf(t->path, sizeof(t->path), "%s/t.db", t->folder);
    MUST(sw_zone_load(&t->zone, "UTC") == 0);
    t->config.site = site;
    t->config.max_age_s = 31 * 86400;
    t->config.max_future_s = 600;
    t->config.auto_enroll = true;
    t->config.plan = sw_plan_default();
}

static void close_trace(struct trace *t)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[80];
    unload(t);
    sw_zone_fini(&t->zone);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        snprintf(path, sizeof(path), "%s%s", t->path, suffixes[i]);
        unlink(path);
    }
    rmdir(t->folder);
}

int main(void)
{
    static struct trace trace;
    open_trace(&trace);
    run(&trace, stdin);
    close_trace(&trace);
    return 0;
}
