/* ingest.h -- from a message in the inbox to what the next commit stores.
 *
 * Decodes messages, refuses some, and keeps what was accepted until commit.c has stored
 * it. Nothing is lost: a message is either pending here or listed among the refused.
 */
#ifndef DAEMON_INGEST_H
#define DAEMON_INGEST_H

#include "daemon/alert_commands.h"
#include "daemon/commit_policy.h"
#include "daemon/patients.h"
#include "stepward/config.h"
#include "stepward/inbox.h"
#include "stepward/wire.h"

enum {
    /* When reached, a commit is due: 150,000 single readings. With batches, the limit
     * of message bytes comes first. */
    INGEST_PENDING_BYTES_MAX = 14 * 1024 * 1024,
    INGEST_BYTES_MAX = 4 * 1024 * 1024, /* of messages: far below the inbox's limit */
    AGAIN_MAX = 1024, /* retries per commit, so that new ones come in between */
};

struct refused {
    struct sw_rejected row; /* .topic and .payload are ours; .id 0: it is new */
    size_t topic_len;
    char why[SW_WHY_MAX];
};

/* A row of earlier refused messages that was taken once more. */
struct again {
    int64_t id;
    bool refused; /* once more; otherwise its row goes */
};

struct ingest {
    const struct sw_config *config;
    const struct sw_adapters
        *adapters; /* of the configuration's sources; may be NULL */
    struct patients *patients;
    struct sw_samples samples;
    /* A bit per source: a value came; a message without one was logged; an item. */
    uint64_t spoken, hinted, hinted_item;
    struct sw_missed
        *missed; /* a row a source that missed items since the last commit */
    size_t n_missed, cap_missed;
    struct refused *refused;
    size_t n_refused, cap_refused;
    struct again again[AGAIN_MAX];
    size_t n_again;
    uint64_t serial; /* of the message being taken: messages so far */
    /* Of the message being taken: its patient, or NULL; its payload; and whether that is
     * among the refused as it came, so that no more of it has to be. */
    struct patient *about;
    const char *payload;
    bool is_refused;
    int64_t again_id;          /* the row being taken; 0: the message is new */
    enum sw_stamp again_stamp; /* of that row */
    bool maybe_marked;         /* the store may have rows to take once more */
    struct actions actions;
    bool clock_trusted;         /* otherwise no reading is too old or in the future */
    size_t bytes;               /* of the messages taken since the last commit */
    int64_t taken;              /* records of the inbox since the last commit */
    int64_t messages;           /* those that are not copies of another */
    int64_t readings, rejected; /* since the last commit */
    int64_t last_message_at_s;
    /* A score is pending: most patients send few, and an alert may rest on one. */
    bool is_urgent;
};

/* Take one message. Future readings are judged against now_s. Returns 0 or -ENOMEM. */
int ingest_take(struct ingest *ingest, const struct sw_inbox_record *record,
                int64_t now_s);
/* Take refused messages that are marked in the store, as many as fit into one commit;
 * the next ones follow after it. Returns how many, or a negative errno. */
int ingest_take_again(struct ingest *ingest, int64_t now_s);
/* What came by the clock of this boot really came by_s seconds later (< 0: earlier).
 * What is stored has been redated already. Call ingest_load() afterwards. */
void ingest_redate(struct ingest *ingest, int64_t by_s);
/* Call patients_load(), and give pending readings to whoever wears their device now. */
int ingest_load(struct ingest *ingest, int32_t today);
bool ingest_is_empty(const struct ingest *ingest);
bool ingest_is_full(const struct ingest *ingest);
/* Want the commits for which what was taken in is a reason. */
void ingest_want_commit(const struct ingest *ingest, struct commit_policy *policy,
                        int64_t now_ms);
/* Everything is stored: begin again. */
void ingest_clear(struct ingest *ingest);
void ingest_fini(struct ingest *ingest);

#endif
