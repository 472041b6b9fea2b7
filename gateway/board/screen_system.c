/* screen_system.c -- whether all is well with the gateway, its database and its backups,
 * what happened to them, who may log in, and who looked and acted. At first: what is still
 * to be done. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/board.h"
#include "chart/words.h"
#include "records/doctor.h"
#include "records/gateway_state.h"
#include "stepward/backup.h"
#include "stepward/users.h"
#include "stepward/wire.h"
#include "util/line.h"
#include "util/number.h"

enum { INCIDENT_DAYS = 28, AUDIT_ROWS = 100, DAY_S = 24 * 3600 };

struct system {
    const struct board_view *view;
    struct mk *m;
    size_t n_patients, n_of_nobody, n_heard, n_items;
};

static void put_when(const struct board_view *view, struct mk *m, int64_t at_s)
{
    char when[SW_WHEN_LEN + 1];
    sw_when_format(view->zone, at_s, sw_day_of(view->zone, view->now_s), when);
    mk_text(m, when);
}

static void open_section(struct mk *m, const char *key, const char *title)
{
    mk_open_keyed(m, "section", key);
    mk_attr(m, "class", "card");
    mk_element(m, "h2", title);
}

/* ---- what is still to be done ---- */

static int count_patient(void *ctx, const struct sw_patient *patient,
                         const struct sw_plan *plan)
{
    struct system *system = ctx;
    system->n_patients++;
    system->n_of_nobody += strcmp(plan->therapist.str, "unassigned") == 0;
    system->n_heard += patient->heard_at_s != 0;
    return 0;
}

static void put_step(struct mk *m, bool is_done, const char *words)
{
    mk_open(m, "li");
    mk_textf(m, "%s %s", is_done ? "✓" : "○", words);
    if (is_done)
        mk_element(m, "span", W_SYSTEM_DONE);
    mk_close(m);
}

static int put_first_steps(struct system *system)
{
    const struct board_view *view = system->view;
    struct mk *m = system->m;
    int r = sw_store_each_patient_on(view->store, sw_day_of(view->zone, view->now_s),
                                     count_patient, system);
    bool has_therapists = system->n_patients > system->n_of_nobody;
    bool has_zone = strcmp(view->config->timezone, "UTC") != 0;
    if (r < 0 || (has_zone && has_therapists && system->n_heard > 0))
        return r;
    open_section(m, "first", W_SYSTEM_FIRST);
    mk_open(m, "ol");
    put_step(m, has_zone, W_SYSTEM_ZONE);
    put_step(m, system->n_patients > 0, W_SYSTEM_PATIENT);
    put_step(m, has_therapists, W_SYSTEM_THERAPIST);
    put_step(m, system->n_heard > 0, W_SYSTEM_DEVICE);
    mk_close(m);
    mk_close(m);
    return 0;
}

/* ---- the gateway ---- */

/* A time and a size as people say them. */
static void put_number(struct mk *m, const char *name, const char *help, int64_t number)
{
    char text[SW_COUNT_TEXT_MAX + SW_LENGTH_TEXT_MAX];
    if (strcmp(name, "uptime_s") == 0) {
        sw_length_format(number / 60, text);
        help = W_SYSTEM_UPTIME;
    } else if (strcmp(name, "db_bytes") == 0) {
        snprintf(text, sizeof text, W_SYSTEM_MB, (double)number / 1e6);
    } else {
        sw_count_format(number, text);
    }
    mk_open(m, "div");
    mk_open(m, "dt");
    mk_attr(m, "title", name);
    mk_text(m, help);
    mk_close(m);
    mk_element(m, "dd", text);
    mk_close(m);
}

static void put_moment(const struct system *system, const char *name, int64_t at_s)
{
    struct mk *m = system->m;
    mk_open(m, "div");
    mk_element(m, "dt", name);
    mk_open(m, "dd");
    if (at_s != 0)
        put_when(system->view, m, at_s);
    else
        mk_text(m, W_PATIENT_NEVER);
    mk_close(m);
    mk_close(m);
}

static int put_status(struct system *system)
{
    const struct board_view *view = system->view;
    struct mk *m = system->m;
    struct sw_gateway_state gateway = {.config = view->config, .now_s = view->now_s};
    char why[SW_GATEWAY_WHY_MAX];
    int r = sw_gateway_inspect(&gateway);
    if (r >= 0)
        r = sw_gateway_read(&gateway, view->store);
    if (r < 0)
        return r;
    bool is_well = sw_gateway_is_well(&gateway, why);
    char *local = is_well ? NULL : sw_local_times(view->zone, why, view->now_s);
    open_section(m, "status", W_SYSTEM_STATUS);
    mk_open(m, "p");
    mk_attr(m, "class", is_well ? "well" : "level-medium");
    mk_textf(m, "%s %s", is_well ? "✓" : "◆",
             is_well ? W_SYSTEM_WELL
             : local ? local
                     : why);
    mk_close(m);
    free(local);
    mk_open(m, "dl");
    mk_attr(m, "class", "numbers");
#define X(name, help) put_number(m, #name, help, gateway.health.name);
    SW_HEALTH_COUNTERS(X)
#undef X
    put_number(m, "db_bytes", W_SYSTEM_BYTES, sw_store_bytes(view->store));
    put_moment(system, W_SYSTEM_LAST_MESSAGE, gateway.health.last_message_at_s);
    put_moment(system, W_SYSTEM_LAST_COMMIT, gateway.health.last_commit_at_s);
    mk_close(m);
    mk_close(m);
    return 0;
}

/* ---- what usually goes wrong: what is, with what to do; the rest by name ---- */

struct findings {
    const struct board_view *view;
    struct mk *m;
    struct sw_line well, hidden;
    char well_text[400], hidden_text[400];
};

static void add_name(struct sw_line *line, const char *name)
{
    sw_line_add(line, "%s%s", line->n > 0 ? ", " : "", name);
}

static int put_finding(void *ctx, const struct sw_finding *finding)
{
    struct findings *findings = ctx;
    struct mk *m = findings->m;
    if (finding->found == SW_WELL)
        add_name(&findings->well, finding->check);
    if (finding->found == SW_UNKNOWN)
        add_name(&findings->hidden, finding->check);
    if (finding->found != SW_WRONG)
        return 0;
    const struct board_view *view = findings->view;
    char *text = sw_local_times(view->zone, finding->text, view->now_s);
    mk_open(m, "li");
    mk_open(m, "span");
    mk_attr(m, "class", "level-medium");
    mk_textf(m, "◆ %s: ", finding->check);
    mk_close(m);
    mk_text(m, text ? text : finding->text);
    if (*finding->remedy) {
        mk_text(m, ": ");
        mk_element(m, "small", finding->remedy);
    }
    mk_close(m);
    free(text);
    return 0;
}

static void put_names(struct mk *m, const char *title, const char *names)
{
    if (*names == '\0')
        return;
    mk_open(m, "p");
    mk_textf(m, "%s%s", title, names);
    mk_close(m);
}

static void put_doctor(const struct system *system)
{
    const struct board_view *view = system->view;
    struct mk *m = system->m;
    struct findings findings = {.view = view, .m = m};
    struct sw_doctor doctor = {.config = view->config,
                               .zone = view->zone,
                               .store = view->store,
                               .now_s = view->now_s,
                               .root = "",
                               .is_board = true,
                               .hides_patients = !board_sees_all(view)};
    findings.well = sw_line(findings.well_text, sizeof findings.well_text);
    findings.hidden = sw_line(findings.hidden_text, sizeof findings.hidden_text);
    open_section(m, "doctor", W_SYSTEM_DOCTOR);
    mk_open(m, "ul");
    mk_attr(m, "class", "events");
    if (sw_doctor_each(&doctor, put_finding, &findings) == 0)
        mk_element(m, "li", W_SYSTEM_NO_INCIDENTS);
    mk_close(m);
    put_names(m, W_SYSTEM_DOCTOR_WELL, findings.well_text);
    put_names(m, W_SYSTEM_DOCTOR_HIDDEN, findings.hidden_text);
    mk_element(m, "p", W_SYSTEM_DOCTOR_WORDS);
    mk_close(m);
}

static int put_incident(void *ctx, const struct sw_incident *incident)
{
    struct system *system = ctx;
    struct mk *m = system->m;
    char *text =
        sw_local_times(system->view->zone, incident->text, system->view->now_s);
    system->n_items++;
    mk_open(m, "li");
    mk_open(m, "small");
    put_when(system->view, m, incident->at_s);
    if (incident->over_at_s == 0)
        mk_text(m, W_SYSTEM_STILL);
    mk_close(m);
    mk_textf(m, " %s", text ? text : incident->text);
    mk_close(m);
    free(text);
    return 0;
}

static int put_incidents(struct system *system)
{
    const struct board_view *view = system->view;
    struct mk *m = system->m;
    open_section(m, "incidents", W_SYSTEM_INCIDENTS);
    mk_open(m, "ul");
    mk_attr(m, "class", "events");
    int r = sw_store_each_incident(view->store,
                                   view->now_s - (int64_t)INCIDENT_DAYS * DAY_S,
                                   put_incident, system);
    if (system->n_items == 0)
        mk_element(m, "li", W_SYSTEM_NO_INCIDENTS);
    mk_close(m);
    mk_close(m);
    return r;
}

static void put_backups(const struct system *system)
{
    struct mk *m = system->m;
    struct sw_backups backups;
    int r = sw_backup_list(system->view->config->data_dir, &backups);
    open_section(m, "backups", W_SYSTEM_BACKUPS);
    mk_open(m, "p");
    if (r < 0) {
        mk_text(m, strerror(-r));
    } else if (backups.n == 0) {
        mk_text(m, W_SYSTEM_NO_BACKUPS);
    } else {
        mk_textf(m, W_SYSTEM_BACKUPS_WORDS, backups.n);
        put_when(system->view, m, backups.newest_s);
    }
    mk_close(m);
    if (r >= 0 && backups.failed_at_s > 0) {
        mk_open(m, "p");
        mk_attr(m, "class", "level-medium");
        mk_textf(m, W_SYSTEM_BACKUP_FAILED, backups.failure);
        mk_close(m);
    }
    mk_close(m);
}

/* ---- who may log in, and who looked ---- */

static int put_user(void *ctx, const struct sw_user *user)
{
    struct system *system = ctx;
    struct mk *m = system->m;
    mk_open(m, "li");
    mk_element(m, "b", user->id);
    mk_textf(m, " %s%s%s", sw_role_name(user->role),
             user->sees_team ? W_SYSTEM_TEAM : "",
             user->is_locked ? W_SYSTEM_LOCKED : "");
    mk_open(m, "small");
    if (user->logged_in_at_s != 0) {
        mk_text(m, W_SYSTEM_LOGGED_IN);
        put_when(system->view, m, user->logged_in_at_s);
    } else {
        mk_text(m, user->has_password ? W_SYSTEM_NEVER_IN : W_SYSTEM_INVITED);
    }
    mk_close(m);
    mk_close(m);
    return 0;
}

static int put_users(struct system *system)
{
    struct mk *m = system->m;
    struct sw_users *users;
    char why[SW_WHY_MAX];
    int r = sw_users_open(&users, system->view->config->data_dir, SW_STORE_READ, why);
    if (r == -ENOENT) /* a board without users is only drawn by a program */
        return 0;
    if (r < 0)
        return r;
    open_section(m, "users", W_SYSTEM_USERS);
    mk_open(m, "ul");
    mk_attr(m, "class", "events");
    r = sw_users_each(users, put_user, system);
    mk_close(m);
    mk_element(m, "p", W_SYSTEM_USERS_WORDS);
    mk_close(m);
    sw_users_close(users);
    return r;
}

static int put_audit_row(void *ctx, const struct sw_audit_row *row)
{
    struct system *system = ctx;
    struct mk *m = system->m;
    system->n_items++;
    mk_open(m, "tr");
    mk_open(m, "td");
    put_when(system->view, m, row->at_s);
    mk_close(m);
    mk_element(m, "td", row->who);
    mk_element(m, "td", row->how);
    mk_element(m, "td", row->what);
    mk_element(m, "td", row->patient);
    mk_element(m, "td", row->detail);
    mk_close(m);
    return 0;
}

static int put_audit(struct system *system)
{
    static const char *const columns[] = W_SYSTEM_AUDIT_COLUMNS;
    struct mk *m = system->m;
    struct sw_audit_filter filter = {.limit = AUDIT_ROWS};
    open_section(m, "audit", W_SYSTEM_AUDIT);
    mk_open(m, "div");
    mk_attr(m, "class", "wide");
    mk_attr(m, "tabindex", "0");
    mk_open(m, "table");
    mk_open(m, "tr");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        mk_element(m, "th", columns[i]);
    mk_close(m);
    int r = sw_store_each_audit(system->view->store, &filter, put_audit_row, system);
    mk_close(m);
    mk_close(m);
    mk_close(m);
    return r;
}

int board_system(const struct board_view *view, struct mk *m)
{
    struct system system = {.view = view, .m = m};
    board_begin(view, m, W_SYSTEM, BOARD_SYSTEM);
    int r = put_first_steps(&system);
    if (r >= 0)
        r = put_status(&system);
    if (r >= 0)
        put_doctor(&system);
    if (r >= 0)
        r = put_incidents(&system);
    put_backups(&system);
    if (r >= 0 && view->role == BOARD_ADMIN)
        r = put_users(&system);
    if (r >= 0 && view->role == BOARD_ADMIN)
        r = put_audit(&system);
    mk_open(m, "p");
    mk_attr(m, "class", "quiet");
    mk_textf(m, W_SYSTEM_VERSION, STEPWARD_VERSION, view->config->site,
             view->config->timezone);
    mk_close(m);
    board_end(view, m);
    return r < 0 ? r : 0;
}
