/* board_clinic.h -- a believable clinic in a folder of its own, for looking at screens and
 * for testing them.
 *
 *     struct board_clinic clinic;
 *     board_clinic_open(&clinic, 12);          // so many patients, of 12 kinds
 *     struct board_view view = board_clinic_view(&clinic, "anna", BOARD_THERAPIST);
 *     …
 *     board_clinic_close(&clinic);
 *
 * It is Thursday, 2026-10-22, 15:40 in Berlin; a gateway runs and is well.
 */
#ifndef TESTS_BOARD_CLINIC_H
#define TESTS_BOARD_CLINIC_H

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board/board.h"
#include "records/records.h"
#include "stepward/host.h"
#include "stepward/lock.h"
#include "stepward/store.h"

#define BOARD_CLINIC_NOW_S INT64_C(1792676400) /* 2026-10-22T13:40:00Z */
enum { BOARD_CLINIC_PATH_MAX = 128, BOARD_CLINIC_KINDS = 12 };

struct board_clinic {
    char folder[64], path[BOARD_CLINIC_PATH_MAX];
    struct sw_config config;
    struct sw_zone zone;
    struct sw_store *store;
    int lock_fd;
};

struct board_clinic_alert {
    enum sw_alert_kind kind;
    enum sw_alert_level level;
    enum sw_alert_state state;
    int64_t evidence[SW_EVIDENCE_MAX];
    int32_t ago_min, rest_min; /* opened; span back from now */
    int32_t shelved_min;
    const char *by;
};

/* A kind of patient. */
struct board_clinic_kind {
    const char *id, *name, *therapist;
    int32_t goal, floor, ceiling;
    const char *today; /* as a strip; the present half hour is the last letter */
    int32_t steps_a_cell;
    const char *week; /* six days: m met, b below, o over, t thin, _ none */
    int32_t pain, pain_usual, heard_min, battery_pct;
    struct board_clinic_alert alerts[2];
};

/* clang-format off */
#define ALERT(kind, level, state, ...) {SW_ALERT_##kind, SW_LEVEL_##level, SW_STATE_##state, __VA_ARGS__}
#define NO_ALERT {.by = ""}
static const struct board_clinic_kind board_clinic_kinds[BOARD_CLINIC_KINDS] = {
    {"p003", "Karin Öztürk-Lindqvist", "anna", 6000, 3000, 9000,
     "ssasassssaasssss", 420, "mbmmbb", 4, 4, 2, 71,
     {ALERT(REST, MEDIUM, OPEN, {146, 60, 1680}, 28, 148, 0, "")}},
    {"p011", "Bernd Vogel", "anna", 4000, 2000, 0,
     "saassasasaassaas", 380, "mmbmmt", 8, 4, 5, 64,
     {ALERT(PAIN, MEDIUM, OPEN, {8000, 4000, 1}, 55, 0, 0, "")}},
    {"p017", "Anna-Maria Sönnichsen", "anna", 5000, 2500, 8000,
     "ssssasssssss----", 300, "bbtbbm", 3, 3, 131, 17,
     {ALERT(SILENT, LOW, OPEN, {131, 120, 0}, 11, 131, 0, ""),
      ALERT(BATTERY, LOW, OPEN, {17, 20, 0}, 300, 0, 0, "")}},
    {"p020", "Jürgen Maier", "anna", 7000, 3500, 10000,
     "assasaasssaassss", 610, "mmmmbm", 2, 3, 1, 88,
     {ALERT(REST, LOW, ACKNOWLEDGED, {75, 60, 4200}, 15, 75, 0, "anna")}},
    {"p021", "Elif Kaya", "anna", 8000, 4000, 0,
     "saasaasaasaasasa", 720, "mmmmmm", 1, 2, 1, 93, {NO_ALERT}},
    {"p024", "Rolf Steinhauser", "anna", 6000, 3000, 0,
     "ssasssssassssssa", 330, "bbmbtb", 5, 5, 3, 55, {NO_ALERT}},
    {"p028", "Ingrid Petersen", "anna", 0, 0, 0,
     "uusaassasssa----", 260, "mm_tmm", 0, 0, 100, 41, {NO_ALERT}},
    {"p031", "Tomasz Wiśniewski", "anna", 5500, 0, 0,
     "----------------", 0, "mbm___", 6, 4, 1800, 33, {NO_ALERT}},
    {"p005", "山田太郎", "ben", 6500, 3000, 9000,
     "sasaasasaasaasas", 1038, "mmbmmm", 2, 2, 2, 76,
     {ALERT(OVER, LOW, OPEN, {9342, 9000, 0}, 20, 0, 0, "")}},
    {"p009", "Maximiliane von Hohenberg", "ben", 4500, 2000, 0,
     "suuuuuuusassssas", 350, "bbbmbb", 4, 5, 6, 60,
     {ALERT(UNWORN, LOW, OPEN, {210, 180, 0}, 240, 210, 90, "ben")}},
    {"p014", "", "ben", 6000, 3000, 9000,
     "saassasssasasasa", 560, "mbommo", 3, 3, 1, 82, {NO_ALERT}},
    {"p033", "Oskar Lind", "ben", 3000, 1500, 0,
     "----sssasssassss", 210, "tbbtbm", 7, 5, 9, 28, {NO_ALERT}},
};
#undef ALERT
#undef NO_ALERT
/* clang-format on */

static inline void board_clinic_must(int r, const char *what)
{
    if (r >= 0)
        return;
    fprintf(stderr, "%s: %s\n", what, strerror(-r));
    abort();
}

/* Minutes of today, half hour by half hour from 08:00 on. */
static inline void board_clinic_put_today(struct board_clinic *clinic, int64_t key,
                                          const struct board_clinic_kind *kind)
{
    static struct sw_reading readings[SW_DAY_MINUTES_MAX];
    static bool changed[SW_DAY_MINUTES_MAX];
    const struct sw_device_id device = {"band"};
    int32_t today = sw_day_of(&clinic->zone, BOARD_CLINIC_NOW_S);
    int64_t at_s = sw_day_begin(&clinic->zone, today) + 8 * 3600;
    int64_t until_s = BOARD_CLINIC_NOW_S - 60 * (int64_t)kind->heard_min;
    size_t n = 0;
    for (const char *cell = kind->today; *cell; cell++)
        for (int minute = 0; minute < SW_STRIP_CELL_MIN; minute++, at_s += 60) {
            bool moves = *cell == 'a' && minute >= 6 && minute < 12;
            if (*cell == '-' || at_s >= until_s)
                continue;
            readings[n++] =
                (struct sw_reading){.start_s = at_s,
                                    .seconds = 60,
                                    .steps = moves ? kind->steps_a_cell / 6 : 0,
                                    .worn = *cell != 'u'};
        }
    board_clinic_must(
        sw_store_put_readings(clinic->store, key, &device, readings, n, changed),
        "readings");
}

static inline void board_clinic_put_week(struct board_clinic *clinic, int64_t key,
                                         const struct board_clinic_kind *kind)
{
    int32_t today = sw_day_of(&clinic->zone, BOARD_CLINIC_NOW_S);
    for (int32_t i = 0; kind->week[i]; i++) {
        char day = kind->week[i];
        struct sw_day_row row = {.day = today - 6 + i,
                                 .active_min = 95,
                                 .still_min = day == 't' ? 200 : 600,
                                 .unknown_min = day == 't' ? 485 : 85,
                                 .coverage_pct = day == 't' ? 37 : 89,
                                 .valid = day != 't',
                                 .longest_rest_from = -1,
                                 .goal = kind->goal};
        row.steps = (kind->goal > 0 ? kind->goal : 4000) * (day == 'm' ? 11 : 7) / 10;
        if (day == 'o')
            row.steps = kind->ceiling * 11 / 10;
        row.goal_pct = kind->goal > 0 ? row.steps * 100 / kind->goal : 0;
        if (day != '_')
            board_clinic_must(sw_store_put_day(clinic->store, key, row.day, &row),
                              "day");
    }
}

static inline void board_clinic_put_pains(struct board_clinic *clinic, int64_t key,
                                          const struct board_clinic_kind *kind)
{
    for (int32_t i = 5; i >= 0 && kind->pain_usual > 0; i--) {
        struct sw_pain pain = {.at_s = BOARD_CLINIC_NOW_S - 55 * 60 - i * 86400,
                               .score = i > 0 ? kind->pain_usual : kind->pain};
        board_clinic_must(sw_store_put_pain(clinic->store, key, &pain), "pain");
    }
}

static inline void board_clinic_put_alerts(struct board_clinic *clinic, int64_t key,
                                           struct sw_patient_id id,
                                           const struct board_clinic_kind *kind)
{
    for (size_t i = 0; i < 2; i++) {
        const struct board_clinic_alert *like = &kind->alerts[i];
        int64_t now_s = BOARD_CLINIC_NOW_S;
        struct sw_alert alert = {
            .patient = id,
            .kind = like->kind,
            .level = like->level,
            .state = like->state,
            .rev = 1,
            .opened_at_s = now_s - 60 * (int64_t)like->ago_min,
            .updated_at_s = now_s - 60 * (int64_t)like->ago_min,
            .shelved_until_s =
                like->shelved_min > 0 ? now_s + 60 * (int64_t)like->shelved_min : 0,
        };
        if (like->state == SW_STATE_NONE)
            continue;
        if (like->rest_min > 0)
            alert.span = (struct sw_span){now_s - 60 * (int64_t)like->rest_min, now_s};
        strcpy(alert.therapist.str, kind->therapist);
        strcpy(alert.by, like->by);
        memcpy(alert.evidence, like->evidence, sizeof alert.evidence);
        board_clinic_must(sw_store_put_alert(clinic->store, key, &alert, SW_STATE_NONE,
                                             "gateway", "opened"),
                          "alert");
    }
}

/* Of more patients than there are kinds each is another one: `today` lives as long as
 * what is returned. */
static inline struct board_clinic_kind board_clinic_kind_of(int i,
                                                            char today[static 64])
{
    struct board_clinic_kind kind = board_clinic_kinds[i % BOARD_CLINIC_KINDS];
    int turn = i / BOARD_CLINIC_KINDS, n = (int)strlen(kind.today);
    for (int k = 0; k < n; k++)
        today[k] = kind.today[(k + turn * 5) % n];
    today[n] = '\0';
    kind.today = today;
    kind.steps_a_cell += turn * 13 % 200;
    kind.heard_min += turn * 3 % 20;
    kind.battery_pct = (kind.battery_pct + turn * 11) % 100;
    return kind;
}

static inline void board_clinic_put(struct board_clinic *clinic, int i)
{
    char today_drawn[64];
    const struct board_clinic_kind own = board_clinic_kind_of(i, today_drawn),
                                   *kind = &own;
    struct sw_patient patient = {.added_at_s = BOARD_CLINIC_NOW_S - 90 * 86400};
    struct sw_battery battery = {.device = {"band"},
                                 .pct = kind->battery_pct,
                                 .at_s = BOARD_CLINIC_NOW_S - 60 * kind->heard_min};
    struct sw_plan plan = sw_plan_default();
    int64_t key = 0;
    int32_t today = sw_day_of(&clinic->zone, BOARD_CLINIC_NOW_S);
    snprintf(patient.id.str, sizeof patient.id.str,
             i < BOARD_CLINIC_KINDS ? "%s" : "%s.%d", kind->id, i / BOARD_CLINIC_KINDS);
    strcpy(patient.name, kind->name);
    strcpy(plan.therapist.str, kind->therapist);
    plan.goal = kind->goal;
    plan.floor = kind->floor;
    plan.ceiling = kind->ceiling;
    board_clinic_must(sw_store_add_patient(clinic->store, &patient, &plan, &key),
                      "patient");
    board_clinic_must(
        sw_store_put_heard(clinic->store, key, battery.at_s, SW_STAMP_OWN), "heard");
    board_clinic_put_today(clinic, key, kind);
    board_clinic_put_week(clinic, key, kind);
    board_clinic_put_pains(clinic, key, kind);
    board_clinic_put_alerts(clinic, key, patient.id, kind);
    board_clinic_must(sw_store_put_battery(clinic->store, key, &battery), "battery");
    board_clinic_must(sw_records_refresh(clinic->store, &clinic->zone, key, today),
                      "today");
}

static inline void board_clinic_open(struct board_clinic *clinic, int n_patients)
{
    char why[SW_WHY_MAX], data_dir[96], path[128];
    struct sw_lock_note last, note = {.pid = getpid()};
    struct sw_health health = {.connected = true,
                               .clock_trusted = true,
                               .version = "0.1.0",
                               .written_at_s = BOARD_CLINIC_NOW_S - 20};
    *clinic = (struct board_clinic){.folder = "/tmp/stepward-board-XXXXXX"};
    if (!mkdtemp(clinic->folder))
        abort();
    snprintf(data_dir, sizeof data_dir, "%s/data", clinic->folder);
    snprintf(clinic->path, sizeof clinic->path, "%s/stepward.db", data_dir);
    snprintf(path, sizeof path, "%s/stepward.conf", clinic->folder);
    FILE *file = fopen(path, "w");
    if (!file)
        abort();
    fprintf(file, "site = \"main\"\ntimezone = \"Europe/Berlin\"\ndata_dir = \"%s\"\n",
            data_dir);
    fclose(file);
    if (sw_config_load(&clinic->config, path, SW_CONFIG_OF_OTHERS, why) < 0)
        abort();
    board_clinic_must(sw_zone_load(&clinic->zone, "Europe/Berlin"), "zone");
    board_clinic_must(sw_store_open(&clinic->store, clinic->path, SW_STORE_WRITE, why),
                      "store");
    note.state = (struct sw_lock_state){.is_known = true,
                                        .has_reported = true,
                                        .connected = true,
                                        .clock_trusted = true,
                                        .is_current = true};
    board_clinic_must(sw_lock_take(data_dir, &clinic->lock_fd, &last, why), "lock");
    board_clinic_must(sw_lock_write(clinic->lock_fd, &note), "lock");
    sw_store_begin(clinic->store);
    board_clinic_must(sw_store_put_health(clinic->store, &health), "health");
    for (int i = 0; i < n_patients; i++)
        board_clinic_put(clinic, i);
    board_clinic_must(sw_store_commit(clinic->store), "commit");
}

static inline struct board_view
board_clinic_view(struct board_clinic *clinic, const char *user, enum board_role role)
{
    return (struct board_view){.store = clinic->store,
                               .config = &clinic->config,
                               .zone = &clinic->zone,
                               .now_s = BOARD_CLINIC_NOW_S,
                               .user = user,
                               .role = role,
                               .sees_team = true,
                               .token = role == BOARD_WALL ? NULL : "0123456789abcdef",
                               .path = "/"};
}

static inline int board_clinic_remove(const char *path, const struct stat *st, int type,
                                      struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static inline void board_clinic_close(struct board_clinic *clinic)
{
    sw_store_close(clinic->store);
    sw_zone_fini(&clinic->zone);
    close(clinic->lock_fd);
    sw_config_fini(&clinic->config);
    nftw(clinic->folder, board_clinic_remove, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
