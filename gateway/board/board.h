/* board.h -- the screens of the board: what is stored, as pages.
 *
 *     struct board_view view = {.store = store, .config = &config, .zone = &zone,
 *                               .now_s = now_s, .user = "anna", .role = BOARD_THERAPIST};
 *     struct mk page = {0};
 *     r = board_now(&view, &page);         // 0, -ENOENT, or another negative errno
 *
 * A screen is a file, screen_*.c. It reads the store, of one moment, and writes a page; it
 * knows nothing of HTTP, and changes nothing. Its forms go to /act/NAME, see web/.
 * Numbers come from records/, by the same calls as the command line's.
 */
#ifndef BOARD_BOARD_H
#define BOARD_BOARD_H

#include "chart/markup.h"
#include "records/glance.h"
#include "stepward/civil.h"
#include "stepward/config.h"
#include "stepward/store.h"

enum board_role {
    BOARD_THERAPIST, /* the patients whose plan names them; with sees_team all */
    BOARD_ADMIN,     /* everybody and everything */
    BOARD_WALL,      /* the list of now, without names, nothing to press */
};
enum { BOARD_DAYS_MAX = 366 }; /* of the screen of a patient: "days" of the query */
enum board_tab {
    BOARD_NOW,
    BOARD_ALERTS,
    BOARD_CLINIC,
    BOARD_DEVICES,
    BOARD_SYSTEM,
    BOARD_NO_TAB
};

/* The numbers of rows as they were drawn last, which change less often than pages are
 * drawn. All zero is empty; keep it as long as the glances. */
enum { BOARD_ROWS_MAX = 2048 }; /* of more patients some are drawn each time */
struct board_rows {
    struct board_row_kept *of[BOARD_ROWS_MAX];
};
void board_rows_fini(struct board_rows *rows); /* leaves it empty */
/* Forget what was not looked at for some minutes: they may have been erased since. */
void board_rows_drop_old(struct board_rows *rows, int64_t now_s);

/* What is asked, and by whom. */
struct board_view {
    struct sw_store *store;
    const struct sw_config *config;
    const struct sw_zone *zone;
    int64_t now_s;
    /* Of the board, and the therapist whose caseload is theirs; NULL: nobody yet, so the
     * page has no tabs. */
    const char *user;
    enum board_role role;
    bool sees_team;
    bool hides_names; /* the user's switch */
    /* The gateway is not doing its job since then, so what is shown is out of date; 0: it
     * is current; below 0: it never was. */
    int64_t stale_since_s;
    struct sw_glances *glances; /* kept by who draws again and again; NULL: none are */
    struct board_rows *rows;    /* likewise */
    bool is_file; /* stands alone, as `stepward report` writes it: no links, no forms */
    const char *token; /* goes with every form; NULL: the page has none */
    const char *path;  /* of this page, "/patient/p017": forms come back to it */
    /* A value of the address's query, or NULL; decoded. */
    const char *(*query)(void *ctx, const char *name);
    void *ctx;
};
const char *board_query(const struct board_view *view, const char *name);

/* True if the view's user may see and act on every patient: admins, and therapists who see
 * the team's. A wall has the list of now alone. */
bool board_sees_all(const struct board_view *view);
/* True if the view's user may see and act on a patient with this plan. */
bool board_may_see(const struct board_view *view, const struct sw_plan *plan);
/* Find the patient and the plan in force today: 0; -ENOENT also if the view's user may
 * not see them, so that nobody learns who is a patient. */
int board_find_patient(const struct board_view *view, const char *id,
                       struct sw_patient *ret, struct sw_plan *ret_plan);

/* The frame of every page: head, tabs and footer around one <main>. */
void board_begin(const struct board_view *view, struct mk *m, const char *title,
                 enum board_tab tab);
void board_end(const struct board_view *view, struct mk *m);
/* A form with the token and the way back; what is inside, and mk_close(), follow. */
void board_form(const struct board_view *view, struct mk *m, const char *action);
/* The same; it leads back to the page as it is after that was done about the alert. */
void board_alert_form(const struct board_view *view, struct mk *m, const char *action,
                      const char *alert);
void board_hidden(struct mk *m, const char *name,
                  const char *value); /* a field of it */

/* ---- the screens: 0, -ENOENT, or another negative errno with the page unfinished ---- */

int board_now(const struct board_view *view, struct mk *m);
int board_patient(const struct board_view *view, const char *id, struct mk *m);
int board_day(const struct board_view *view, const char *id, const char *day,
              struct mk *m);
int board_alerts(const struct board_view *view, struct mk *m);
int board_clinic(const struct board_view *view, struct mk *m);
int board_plan(const struct board_view *view, const char *id, struct mk *m);
int board_devices(const struct board_view *view, struct mk *m);
int board_system(const struct board_view *view, struct mk *m);

extern const char sw_board_css[]; /* board.css */
extern const char sw_board_mjs[]; /* board.mjs */

#endif
