/* erase.c -- remove a patient's rows, refused messages and publications in one
 * transaction, and clear what the broker retains about the patient.
 *
 * The running gateway notices that the patient is gone and sends the clearing messages.
 * The files beside the database (inbox, backups) are the caller's business.
 */
#include "records/erase.h"

#include <errno.h>
#include <string.h>

#include "records/digest.h"
#include "records/site.h"

struct erasing {
    struct sw_store *store;
    const struct sw_erasure *erasure;
    const char *site; /* whose topics are being cleared */
};

/* ---- refused messages ---- */

static int drop_rejected(void *ctx, const struct sw_rejected *rejected)
{
    const struct erasing *erasing = ctx;
    const struct sw_erasure *erasure = erasing->erasure;
    if (!sw_records_is_rejected_of(erasing->store, erasure->adapters, erasure->patient,
                                   rejected))
        return 0;
    return sw_store_drop_rejected(erasing->store, rejected->id);
}

/* ---- publications ---- */

static bool begins(const char **text, const char *start)
{
    size_t len = strlen(start);
    if (strncmp(*text, start, len) != 0)
        return false;
    *text += len;
    return true;
}

/* True for clinic/SITE/patient/PATIENT/… and clinic/SITE/alerts/THERAPIST/PATIENT/… of
 * any site. In a backup also for digests: they may name the patient, and nobody waits
 * for them there. */
static bool is_topic_of(const struct sw_erasure *erasure, const char *topic)
{
    if (!begins(&topic, "clinic/"))
        return false;
    topic += strcspn(topic, "/");
    if (begins(&topic, "/digest/"))
        return !erasure->is_live;
    if (begins(&topic, "/alerts/")) {
        topic = strchr(topic, '/');
        if (!topic || !begins(&topic, "/"))
            return false;
    } else if (!begins(&topic, "/patient/")) {
        return false;
    }
    return begins(&topic, erasure->patient.str) && *topic == '/';
}

/* The clearing message gets a new row, as the old one may be on its way
 * to the broker. */
static int clear_outbound(void *ctx, int64_t seq, const char *topic)
{
    const struct erasing *erasing = ctx;
    sw_topic_text text;
    if (!is_topic_of(erasing->erasure, topic))
        return 0;
    size_t len = strlen(topic);
    memcpy(text, topic, len < sizeof(text) ? len + 1 : sizeof(text));
    text[sizeof(text) - 1] = '\0';
    int r = sw_store_outbound_done(erasing->store, seq);
    if (r < 0 || !erasing->erasure->is_live)
        return r;
    return sw_store_put_outbound(erasing->store, text, "", "");
}

/* Clear the patient's alerts and the therapist's digest; the gateway then sends the
 * last digest again, without the patient. */
static int erase_clear_published(void *ctx, const char *therapist)
{
    const struct erasing *erasing = ctx;
    struct sw_topic words = {.patient = erasing->erasure->patient};
    sw_topic_text topic;
    int r = 0;
    strncpy(words.therapist.str, therapist, SW_ID_MAX);
    for (int kind = 0; r >= 0 && kind <= SW_ALERT_KINDS; kind++) {
        bool is_test = kind == SW_ALERT_KINDS;
        strcpy(words.word,
               is_test ? SW_ALERT_TEST : sw_alert_kind_name((enum sw_alert_kind)kind));
        sw_topic_alert_words(topic, erasing->site, &words);
        r = sw_store_put_outbound(erasing->store, topic, "", "");
    }
    if (r < 0)
        return r;
    sw_topic_digest(topic, erasing->site, &words.therapist);
    r = sw_store_put_outbound(erasing->store, topic, "", "");
    return r < 0 ? r : sw_records_resend_digest(erasing->store, &words.therapist);
}

static int erase_clear_today(struct erasing *erasing)
{
    sw_topic_text topic;
    sw_topic_today(topic, erasing->site, erasing->erasure->patient);
    return sw_store_put_outbound(erasing->store, topic, "", "");
}

static int clear_below(struct erasing *erasing, const char *site, int64_t patient_key)
{
    erasing->site = site;
    int r = sw_store_each_therapist(erasing->store, patient_key, erase_clear_published,
                                    erasing);
    return r < 0 ? r : erase_clear_today(erasing);
}

/* Clear the topics of the configured site and, if the gateway has not started since the
 * site was changed, those of the site before. */
static int clear_topics(struct erasing *erasing, int64_t patient_key)
{
    const char *site = erasing->erasure->site;
    char before[SW_SITE_MAX + 1] = "";
    int r = sw_store_each_outbound(erasing->store, clear_outbound, erasing);
    if (r < 0 || !erasing->erasure->is_live)
        return r;
    r = clear_below(erasing, site, patient_key);
    if (r >= 0)
        r = sw_records_site(erasing->store, before);
    bool is_another = r == 0 && strcmp(before, site) != 0;
    return is_another ? clear_below(erasing, before, patient_key) : r;
}

static int erase_erase(struct erasing *erasing)
{
    struct sw_patient patient = {.key = 0};
    int r = sw_store_find_patient(erasing->store, erasing->erasure->patient, &patient);
    patient.id = erasing->erasure->patient;
    if (r >= 0) /* first, while the assignments are stored */
        r = sw_store_each_rejected(erasing->store, SW_REJECTED_MAX, drop_rejected,
                                   erasing);
    if (r >= 0) /* and those known as the patient's when they came: their source may be
                 * gone from the configuration */
        r = sw_store_drop_held(erasing->store, patient.id);
    if (r >= 0)
        r = clear_topics(erasing, patient.key);
    if (r >= 0)
        r = sw_store_erase_patient_row(erasing->store, &patient,
                                       erasing->erasure->now_s);
    return r;
}

int sw_records_erase(struct sw_store *store, const struct sw_erasure *erasure)
{
    struct erasing erasing = {.store = store, .erasure = erasure};
    int r = sw_store_begin_erasing(store);
    if (r < 0)
        return r;
    r = erase_erase(&erasing);
    if (r < 0) {
        sw_store_rollback(store);
        return r;
    }
    return sw_store_commit_erasing(store);
}
