/* audit.c -- who looked at which patient, and who came and went, as rows of the audit.
 * Acts are noted by the commands that do them.
 *
 * One thread serves everybody, and the gateway may be writing: a row that has to wait for
 * that waits in memory, and is written in one of the next turns. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util/array.h"
#include "util/fingerprint.h"
#include "web/web.h"

enum {
    LOOK_S = 15 * 60,    /* a look at the same patient within so long is the same */
    FAILED_S = 60,       /* and log-ins that fail from one address */
    WAIT_MS = 20,        /* for another writer, while browsers wait for us */
    LAST_WAIT_MS = 5000, /* when we stop */
    AGAIN_MS = 200,      /* until the next try */
    BROKEN_MS = 5000,    /* where it is not another writer that is in the way */
    LOG_MS = 60 * 1000,  /* between two complaints */
};

struct web_audit_row {
    int64_t at_s;
    enum sw_audit_act act;
    char who[SW_ID_MAX + 1];
    char patient[SW_ID_MAX + 1], detail[WEB_HOST_MAX]; /* "": none */
};

bool web_may_log(struct web_server *server, int64_t *logged_ms)
{
    if (*logged_ms && server->now_ms - *logged_ms < LOG_MS)
        return false;
    *logged_ms = server->now_ms;
    return true;
}

/* ---- rows ---- */

/* 0 or a negative errno with why. A database that is not there is the gateway's to make. */
static int open_store(const struct web_server *server, struct cli *cli,
                      char why[static SW_WHY_MAX])
{
    char path[WEB_PATH_BYTES_MAX * 4];
    struct stat st;
    *cli = (struct cli){.config = server->config,
                        .zone = server->zone,
                        .now_s = server->now_s,
                        .out = stdout,
                        .err = stderr};
    snprintf(path, sizeof path, "%s/stepward.db", server->config.data_dir);
    if (stat(path, &st) < 0) {
        int r = -errno;
        snprintf(why, SW_WHY_MAX, "%.150s: %s", path, strerror(-r));
        return r;
    }
    return cli_reach_store(cli, SW_STORE_WRITE, why);
}

static int put_rows(struct sw_store *store, const struct web_audit_row *rows, size_t n)
{
    int r = sw_store_begin(store);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n && r == 0; i++) {
        const struct web_audit_row *row = &rows[i];
        r = sw_store_put_audit(store,
                               &(struct sw_audit){
                                   .at_s = row->at_s,
                                   .who = row->who,
                                   .how = SW_AUDIT_BOARD,
                                   .act = row->act,
                                   .patient = *row->patient ? row->patient : NULL,
                                   .detail = *row->detail ? row->detail : NULL,
                               });
    }
    if (r == 0)
        return sw_store_commit(store);
    sw_store_rollback(store);
    return r;
}

/* Write all that waits, or nothing. */
static int write_rows(struct web_server *server, int wait_ms,
                      char why[static SW_WHY_MAX])
{
    struct cli cli;
    int r = open_store(server, &cli, why);
    if (r < 0)
        return r;
    sw_store_limit_wait(cli.store, wait_ms);
    r = put_rows(cli.store, server->audit, server->n_audit);
    if (r < 0)
        snprintf(why, SW_WHY_MAX, "%s", sw_store_why(cli.store, r));
    else
        server->n_audit = 0;
    sw_store_close(cli.store);
    return r;
}

static void log_lost(const struct web_audit_row *row, const char *why)
{
    sw_log(SW_LOG_ERROR, "%s %s %s, which cannot be noted: %s", row->who,
           sw_audit_name(row->act), row->patient, why);
}

int web_audit_turn(struct web_server *server)
{
    char why[SW_WHY_MAX] = "";
    if (server->n_audit == 0)
        return -1;
    if (server->now_ms < server->audit_next_ms)
        return (int)(server->audit_next_ms - server->now_ms);
    int r = write_rows(server, WAIT_MS, why);
    if (r == 0)
        return -1;
    int again_ms = r == -EBUSY ? AGAIN_MS : BROKEN_MS;
    server->audit_next_ms = server->now_ms + again_ms;
    if (r != -EBUSY && web_may_log(server, &server->audit_logged_ms))
        sw_log(SW_LOG_ERROR, "the audit waits, as it cannot be written: %s", why);
    return again_ms;
}

void web_audit_end(struct web_server *server)
{
    char why[SW_WHY_MAX] = "";
    if (server->n_audit > 0 && write_rows(server, LAST_WAIT_MS, why) < 0)
        for (size_t i = 0; i < server->n_audit; i++)
            log_lost(&server->audit[i], why);
    free(server->audit);
    server->audit = NULL;
    server->n_audit = server->cap_audit = 0;
}

/* What cannot be noted is no reason to show or do nothing: a therapist waits. It goes to
 * the log then. */
static void put_row(struct web_server *server, const struct web_audit_row *row)
{
    if (server->n_audit == WEB_AUDIT_MAX) {
        log_lost(&server->audit[0], "too many wait");
        memmove(server->audit, server->audit + 1,
                --server->n_audit * sizeof *server->audit);
    }
    if (RESERVE(server->audit, server->n_audit + 1, server->cap_audit) < 0) {
        log_lost(row, strerror(ENOMEM));
        return;
    }
    server->audit[server->n_audit++] = *row;
    web_audit_turn(server);
}

/* ---- what is noted ---- */

/* Whether the same was noted less than `within_s` ago; from now on it was. The one that
 * was noted longest ago makes room, so that whoever goes through all patients again and
 * again is noted once for each. */
static bool is_noted(struct web_server *server, const char *who, const char *what,
                     int64_t within_s)
{
    uint64_t print = sw_fingerprint(who, strlen(who), what, strlen(what));
    struct web_look *oldest = server->looks;
    print = print ? print : 1;
    for (struct web_look *look = server->looks; look < server->looks + WEB_LOOKS;
         look++) {
        if (look->what == print) {
            oldest = look;
            break;
        }
        if (look->at_s < oldest->at_s)
            oldest = look;
    }
    int64_t past_s = server->now_s - oldest->at_s;
    if (oldest->what == print && past_s >= 0 && past_s < within_s)
        return true;
    *oldest = (struct web_look){print, server->now_s};
    return false;
}

void web_note_log_in(struct web_request *request, enum sw_audit_act act,
                     const char *who)
{
    struct web_audit_row row = {.at_s = request->server->now_s, .act = act};
    /* No user's id begins with a blank. */
    if (act == SW_AUDIT_LOGIN_FAILED &&
        is_noted(request->server, " log-in", request->address, FAILED_S))
        return;
    /* Of a log-in that failed it may be anything that somebody typed. */
    snprintf(row.who, sizeof row.who, "%s",
             sw_id_is_valid(who, strlen(who)) ? who : "somebody");
    snprintf(row.detail, sizeof row.detail, "%s", request->address);
    put_row(request->server, &row);
}

void web_note_look(struct web_request *request, const char *patient)
{
    struct web_server *server = request->server;
    struct web_audit_row row = {.at_s = server->now_s, .act = SW_AUDIT_LOOKED};
    if (is_noted(server, request->user.id, patient, LOOK_S))
        return;
    snprintf(row.who, sizeof row.who, "%s", request->user.id);
    snprintf(row.patient, sizeof row.patient, "%s", patient);
    put_row(server, &row);
}

void web_note_listing(struct web_request *request, const char *command, size_t n)
{
    struct web_server *server = request->server;
    struct web_audit_row row = {.at_s = server->now_s, .act = SW_AUDIT_LOOKED};
    char what[SW_ID_MAX + 1];
    snprintf(what, sizeof what, " %s", command); /* no patient's id has a blank */
    if (is_noted(server, request->user.id, what, LOOK_S))
        return;
    snprintf(row.who, sizeof row.who, "%s", request->user.id);
    snprintf(row.detail, sizeof row.detail, "%zu patient%s: %.40s", n,
             n == 1 ? "" : "s", command);
    put_row(server, &row);
}
