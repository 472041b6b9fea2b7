/* audit.c -- who looked at which patient, and who came and went, as rows of the audit.
 * Acts are noted by the commands that do them. */
#include <string.h>

#include "web/web.h"

enum { LOOK_S = 15 * 60 }; /* a look at the same patient within so long is the same */

/* The look's place among those that are remembered; it may be another's, whose next look
 * is then noted once more. */
static struct web_look *place_of(struct web_server *server, const char *user,
                                 const char *patient)
{
    uint32_t hash = 5381;
    for (const char *at = user; *at; at++)
        hash = hash * 33 + (unsigned char)*at;
    for (const char *at = patient; *at; at++)
        hash = hash * 33 + (unsigned char)*at;
    return &server->looks[hash % WEB_LOOKS];
}

/* What cannot be noted is no reason to show or do nothing: a therapist waits. */
static void put_row(struct web_server *server, const struct sw_audit *audit)
{
    struct cli cli = {.config = server->config,
                      .zone = server->zone,
                      .now_s = server->now_s,
                      .out = stdout,
                      .err = stderr};
    char why[SW_WHY_MAX];
    int r = cli_reach_store(&cli, SW_STORE_WRITE, why);
    if (r == 0) {
        r = sw_store_put_audit(cli.store, audit);
        if (r < 0)
            snprintf(why, sizeof why, "%s", sw_store_why(cli.store, r));
    }
    if (r < 0)
        sw_log(SW_LOG_ERROR, "%s %s %s, which cannot be noted: %s", audit->who,
               sw_audit_name(audit->act), audit->patient ? audit->patient : "", why);
    sw_store_close(cli.store);
}

void web_note_log_in(struct web_request *request, enum sw_audit_act act,
                     const char *who)
{
    const struct sw_audit audit = {
        .at_s = request->server->now_s,
        /* Of a log-in that failed it may be anything that somebody typed. */
        .who = sw_id_is_valid(who, strlen(who)) ? who : "somebody",
        .how = SW_AUDIT_BOARD,
        .act = act,
        .detail = *request->address ? request->address : NULL,
    };
    put_row(request->server, &audit);
}

void web_note_look(struct web_request *request, const char *patient)
{
    struct web_server *server = request->server;
    struct web_look *look = place_of(server, request->user.id, patient);
    bool is_same = strcmp(look->user, request->user.id) == 0 &&
                   strcmp(look->patient, patient) == 0 &&
                   server->now_s - look->at_s < LOOK_S && server->now_s >= look->at_s;
    if (is_same)
        return;
    look->at_s = server->now_s;
    snprintf(look->user, sizeof look->user, "%s", request->user.id);
    snprintf(look->patient, sizeof look->patient, "%s", patient);
    put_row(server, &(struct sw_audit){.at_s = server->now_s,
                                       .who = request->user.id,
                                       .how = SW_AUDIT_BOARD,
                                       .act = SW_AUDIT_LOOKED,
                                       .patient = patient});
}

void web_note_listing(struct web_request *request, const char *command, size_t n)
{
    struct web_server *server = request->server;
    char what[SW_ID_MAX + 1], detail[96];
    snprintf(what, sizeof what, " %s", command); /* no patient's id has a blank */
    struct web_look *look = place_of(server, request->user.id, what);
    bool is_same = strcmp(look->user, request->user.id) == 0 &&
                   strcmp(look->patient, what) == 0 &&
                   server->now_s - look->at_s < LOOK_S && server->now_s >= look->at_s;
    if (is_same)
        return;
    look->at_s = server->now_s;
    snprintf(look->user, sizeof look->user, "%s", request->user.id);
    snprintf(look->patient, sizeof look->patient, "%s", what);
    snprintf(detail, sizeof detail, "%zu patient%s: %.40s", n, n == 1 ? "" : "s",
             command);
    put_row(server, &(struct sw_audit){.at_s = server->now_s,
                                       .who = request->user.id,
                                       .how = SW_AUDIT_BOARD,
                                       .act = SW_AUDIT_LOOKED,
                                       .detail = detail});
}
