/* health.h -- the gateway's report about itself, published and shown
 * by `stepward status`.
 */
#ifndef STEPWARD_HEALTH_H
#define STEPWARD_HEALTH_H

#include "stepward/types.h"

/* The gateway's counters since its database was created; names as in the contract. */
#define SW_HEALTH_COUNTERS(X)                                                          \
    X(messages, "messages received")                                                   \
    X(readings, "readings accepted")                                                   \
    X(rejected, "messages refused, whole or in part")                                  \
    X(inbox_pending, "messages in the inbox that are not yet in the database")         \
    X(commits, "transactions")                                                         \
    X(open_alerts, "alerts open or acknowledged")                                      \
    X(uptime_s, "seconds since the gateway started")
enum { SW_CLIENT_ID_MAX = 64, SW_INSTANCE_LEN = 16 };
struct sw_health {
#define X(name, help) int64_t name;
    SW_HEALTH_COUNTERS(X)
#undef X
    char version[24];
    /* for `status` only */
    bool connected;
    bool clock_trusted;
    int64_t written_at_s, last_message_at_s, last_commit_at_s;
    /* published too: "" becomes null */
    char problem[SW_WHY_MAX];  /* what keeps it from its job now; "": nothing */
    char incident[SW_WHY_MAX]; /* the newest within SW_INCIDENT_SHOWN_S; "": none */
    /* Published but not stored: when it was published, and by which gateway. */
    int64_t at_s; /* 0, published as null: the clock is not trusted */
    char client_id[SW_CLIENT_ID_MAX + 1];
    char instance[SW_INSTANCE_LEN + 1]; /* random at each start, so no two are alike */
};

/* What can happen to the gateway itself, the worst first. Some incidents last
 * (the disk is full); others are of a moment (the database was damaged) and
 * remain worth knowing. */
#define SW_INCIDENTS(X)                                                                \
    X(DATABASE_DAMAGED, "database_damaged",                                            \
      "check the SD card; let the devices send again what they keep")                  \
    X(INBOX_DAMAGED, "inbox_damaged", "check the SD card")                             \
    X(CANNOT_RECEIVE, "cannot_receive",                                                \
      "free space or mend the disk, the broker keeps the messages")                    \
    X(CANNOT_STORE, "cannot_store", "free space or mend the disk, nothing is lost")    \
    X(DISK_LOW, "disk_low", "free space: soon nothing can be stored")                  \
    X(CLIENT_ID_TAKEN, "client_id_taken",                                              \
      "give each client of the broker its own client_id")                              \
    X(DEAF, "deaf",                                                                    \
      "let the gateway's user read and write at the broker clinic/SITE/# and the "     \
      "topics of the configuration's sources")                                         \
    X(MUTE, "mute",                                                                    \
      "let the gateway's user read and write clinic/SITE/alerts/# at the broker, at "  \
      "any size (mosquitto: message_size_limit)")                                      \
    X(DOTS_LOST, "dots_lost",                                                          \
      "give patients and therapists ids without a dot, or take another broker")        \
    X(TOO_LARGE, "too_large",                                                          \
      "raise the broker's limit (mosquitto: max_packet_size, message_size_limit)")     \
    X(PUBLICATION_REFUSED, "publication_refused",                                      \
      "let the gateway's user write clinic/SITE/# at the broker")                      \
    X(SITE_SHARED, "site_shared",                                                      \
      "stop the other gateway, or give each a site of its own")                        \
    X(SUBSCRIPTION_REFUSED, "subscription_refused",                                    \
      "let the gateway's user read at the broker what it subscribes")                  \
    X(QOS_LOWERED, "qos_lowered", "let the broker grant QoS 1 (mosquitto: max_qos)")   \
    X(SESSION_CUT, "session_cut",                                                      \
      "let the broker keep sessions longer (ejabberd: session_expiry of mod_mqtt), "   \
      "or lower max_age")                                                              \
    X(NOTIFY_FAILED, "notify_failed",                                                  \
      "mend the program that notify { run } names; what waits is told for a day")      \
    X(MESSAGES_DROPPED, "messages_dropped",                                            \
      "mosquitto's log names whose queue was full: end the flood, or raise "           \
      "max_queued_messages; let the devices send again what they keep")                \
    X(SESSION_LOST, "session_lost",                                                    \
      "let the devices send again what they keep; check the broker's persistence")     \
    X(NOTIFY_DROPPED, "notify_dropped",                                                \
      "mend the programs that notify { run } names; `stepward alerts --all` has what " \
      "they were not told")                                                            \
    X(CLOCK_WRONG, "clock_wrong",                                                      \
      "see that something sets this machine's clock: `timedatectl`")                   \
    X(BEGUN_FROM_BACKUP, "begun_from_backup",                                          \
      "nothing, if this machine is new: let the devices send again what they keep")
enum sw_incident_kind {
#define X(name, code, remedy) SW_INCIDENT_##name,
    SW_INCIDENTS(X)
#undef X
        SW_INCIDENT_KINDS,
};
/* All zero: none. */
struct sw_incident {
    enum sw_incident_kind kind;
    int64_t at_s;
    int64_t over_at_s; /* at_s: of a moment; 0: it still lasts */
    char text[SW_WHY_MAX];
};
enum { SW_INCIDENT_SHOWN_S = 7 * 24 * 3600 }; /* a week, so that rare visitors see it */

const char *sw_incident_code(enum sw_incident_kind kind);
const char *sw_incident_remedy(enum sw_incident_kind kind);
/* SW_INCIDENT_KINDS for an unknown code. */
enum sw_incident_kind sw_incident_kind(const char *code);

#endif
