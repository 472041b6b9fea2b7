/* ingest.h -- from a message in the inbox to what the next commit stores.
 *
 * Decodes, refuses, and keeps what was accepted until commit.c has stored it. Nothing
 * is dropped: a message is either pending here or written among the refused.
 */
#ifndef DAEMON_INGEST_H
#define DAEMON_INGEST_H

#include "daemon/alert_commands.h"
#include "daemon/patients.h"
#include "stepward/config.h"
#include "stepward/inbox.h"
#include "stepward/wire.h"

enum {
    /* Then it is time to commit: 150,000 single readings. Of batches the bytes of the
     * messages come first. */
    INGEST_PENDING_BYTES_MAX = 14 * 1024 * 1024,
    INGEST_BYTES_MAX = 4 * 1024 * 1024, /* of messages: far below the inbox's limit */
    AGAIN_MAX = 1024, /* refused ones a commit: new ones come in between */
};

struct refused {
    struct sw_rejected row; /* .topic and .payload are ours; .id 0: it is new */
    size_t topic_len;
    char why[SW_WHY_MAX];
};

/* A row of those refused before that was taken once more. */
struct again {
    int64_t id;
    bool refused; /* again; else it goes */
};

struct ingest {
    const struct sw_config *config;
    const struct sw_adapters
        *adapters; /* of the configuration's sources; may be NULL */
    struct patients *patients;
    struct sw_samples samples;
    uint64_t spoken, hinted; /* a bit a source: a value came; that none did was said */
    struct refused *refused;
    size_t n_refused, cap_refused;
    struct again again[AGAIN_MAX];
    size_t n_again;
    struct patient *about; /* whose the message is that is being taken; NULL: unknown */
    int64_t again_id;      /* the row being taken; 0: the message is new */
    enum sw_stamp again_stamp; /* of that row */
    bool maybe_marked;         /* the store may have rows to take once more */
    struct actions actions;
    bool clock_trusted;         /* else no reading is too old or in the future */
    size_t bytes;               /* of the messages taken since the last commit */
    int64_t taken;              /* records of the inbox since the last commit */
    int64_t messages;           /* of them those that are no copy of another */
    int64_t readings, rejected; /* since the last commit */
    int64_t last_message_at_s;
    bool is_urgent; /* a score is pending: most are rare, and an alert may rest on it */
};

/* Take one message; now_s is the time to hold future readings against. 0, or -ENOMEM.
 */
int ingest_take(struct ingest *ingest, const struct sw_inbox_record *record,
                int64_t now_s);
/* Take what was refused before and is marked in the store, so many that they fill a
 * commit; the next ones after that. How many, or a negative errno. */
int ingest_take_again(struct ingest *ingest, int64_t now_s);
/* What came by the clock of this boot came so many seconds later, or earlier; what is
 * stored of it was dated anew already. ingest_load() after that. */
void ingest_redate(struct ingest *ingest, int64_t by_s);
/* patients_load(), and what is pending goes to whoever wears its device now. */
int ingest_load(struct ingest *ingest, int32_t today);
bool ingest_is_empty(const struct ingest *ingest);
bool ingest_is_full(const struct ingest *ingest);
/* Everything is stored: begin anew. */
void ingest_clear(struct ingest *ingest);
void ingest_fini(struct ingest *ingest);

#endif
