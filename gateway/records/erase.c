/* erase.c -- remove a patient's rows, refused messages and publications in one
 * transaction, and clear what the broker retains about the patient.
 *
 * What the gateway says of itself loses the patients that it names.
 * The running gateway notices that the patient is gone and sends the clearing messages.
 * The files beside the database (inbox, backups) are the caller's business.
 */
#include "records/erase.h"

#include <string.h>

#include "records/site.h"
#include "stepward/wire.h"

struct erasing {
    struct sw_store *store;
    const struct sw_erasure *erasure;
    const char *site; /* whose topics are being cleared */
};

/* ---- refused messages ---- */

struct wearing {
    struct sw_store *store;
    struct sw_patient_id patient;
    int64_t at_s;
    bool found;
};

static int check_assignment(void *ctx, const struct sw_assignment *assignment)
{
    struct wearing *wearing = ctx;
    bool is_then =
        assignment->from_s <= wearing->at_s && wearing->at_s < assignment->to_s;
    bool is_theirs = strcmp(assignment->patient.str, wearing->patient.str) == 0;
    wearing->found = wearing->found || (is_then && is_theirs);
    return 0;
}

static int check_device(void *ctx, const struct sw_device_id *device)
{
    struct wearing *wearing = ctx;
    return sw_store_each_assignment(wearing->store, device, check_assignment, wearing);
}

/* 1: an item of the payload is of a device that the patient wore, by any section of its
 * topic; 0 or a negative errno. */
static int names_device_of(struct wearing *wearing, const struct sw_adapters *adapters,
                           struct sw_origin origin, const struct sw_rejected *rejected)
{
    int r;
    do
        r = sw_source_each_device(origin.source, rejected->payload,
                                  rejected->payload_len, check_device, wearing);
    while (r >= 0 && !wearing->found && sw_adapters_next(adapters, &origin));
    return r < 0 ? r : wearing->found;
}

/* Topics of any site count: the site may have been another when the message came. */
int sw_records_is_rejected_of(struct sw_store *store,
                              const struct sw_adapters *adapters,
                              struct sw_patient_id patient,
                              const struct sw_rejected *rejected, bool in_part)
{
    struct wearing wearing = {store, patient, rejected->at_s, false};
    char site[SW_SITE_MAX + 1];
    struct sw_topic topic;
    struct sw_origin origin;
    bool is_native = sw_site_of_topic(rejected->topic, rejected->topic_len, site) &&
                     sw_topic_parse(site, rejected->topic, rejected->topic_len,
                                    &topic) != SW_TOPIC_OTHER;
    if (is_native)
        return strcmp(topic.patient.str, patient.str) == 0;
    bool is_from_source =
        sw_adapters_match(adapters, rejected->topic, rejected->topic_len, &origin) ==
            SW_MATCH_SOURCE &&
        !origin.invalid;
    if (!is_from_source)
        return false;
    if (origin.patient.str[0] != '\0')
        return strcmp(origin.patient.str, patient.str) == 0;
    if (origin.device.str[0] != '\0') {
        int r = check_device(&wearing, &origin.device);
        return r < 0 ? r : wearing.found;
    }
    /* The payload names it. */
    if (strcmp(rejected->patient.str, patient.str) == 0)
        return true;
    bool is_held = rejected->patient.str[0] != '\0';
    return in_part || !is_held ? names_device_of(&wearing, adapters, origin, rejected)
                               : 0;
}

static int drop_rejected(void *ctx, const struct sw_rejected *rejected)
{
    const struct erasing *erasing = ctx;
    const struct sw_erasure *erasure = erasing->erasure;
    int r = sw_records_is_rejected_of(erasing->store, erasure->adapters,
                                      erasure->patient, rejected, true);
    return r > 0 ? sw_store_drop_rejected(erasing->store, rejected->id) : r;
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

/* True for clinic/SITE/patient/PATIENT/…, clinic/SITE/alerts/THERAPIST/PATIENT/… and
 * clinic/SITE/board/THERAPIST/PATIENT of any site. In a backup also for digests: they
 * may name the patient, and nobody waits for them there. */
static bool is_topic_of(const struct sw_erasure *erasure, const char *topic)
{
    if (!begins(&topic, "clinic/"))
        return false;
    topic += strcspn(topic, "/");
    if (begins(&topic, "/digest/"))
        return !erasure->is_live;
    if (begins(&topic, "/alerts/") || begins(&topic, "/board/")) {
        topic = strchr(topic, '/');
        if (!topic || !begins(&topic, "/"))
            return false;
    } else if (!begins(&topic, "/patient/")) {
        return false;
    }
    return begins(&topic, erasure->patient.str) && (*topic == '/' || *topic == '\0');
}

static int clear_outbound(void *ctx, int64_t seq, const char *topic)
{
    const struct erasing *erasing = ctx;
    if (!is_topic_of(erasing->erasure, topic))
        return 0;
    return erasing->erasure->is_live ? sw_site_clear_waiting(erasing->store, seq, topic)
                                     : sw_store_outbound_done(erasing->store, seq);
}

/* Clear the patient's alerts and overview, and the therapist's digest and list; the
 * gateway then sends the last digest, and the list, again, without the patient. */
static int clear_published(void *ctx, const char *therapist)
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
    if (r >= 0)
        r = sw_site_clear_board(erasing->store, erasing->site, words.therapist,
                                words.patient);
    return r < 0 ? r
                 : sw_site_clear_therapist(erasing->store, erasing->site,
                                           words.therapist);
}

static int clear_below(struct erasing *erasing, const char *site, int64_t patient_key)
{
    erasing->site = site;
    int r =
        sw_store_each_therapist(erasing->store, patient_key, clear_published, erasing);
    return r < 0 ? r
                 : sw_site_clear_today(erasing->store, site, erasing->erasure->patient);
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

/* ---- what the gateway says of itself ---- */

static int omit_in_incident(void *ctx, const struct sw_incident *incident)
{
    struct sw_incident told = *incident;
    sw_topic_omit_patients(incident->text, told.text, sizeof told.text);
    bool is_same = strcmp(told.text, incident->text) == 0;
    return is_same ? 0 : sw_store_put_incident(ctx, &told);
}

/* Earlier versions named patients in the topics that the broker refused. */
static int omit_in_incidents(struct sw_store *store)
{
    struct sw_health health = {.written_at_s = 0}, told;
    int r = sw_store_each_incident(store, 0, omit_in_incident, store);
    if (r >= 0)
        r = sw_store_get_health(store, &health);
    if (r != 0)
        return r < 0 ? r : 0;
    told = health;
    sw_topic_omit_patients(health.problem, told.problem, sizeof told.problem);
    sw_topic_omit_patients(health.incident, told.incident, sizeof told.incident);
    return sw_store_put_health(store, &told);
}

int sw_records_erase(struct sw_store *store, const struct sw_erasure *erasure)
{
    struct erasing erasing = {.store = store, .erasure = erasure};
    struct sw_patient patient = {.key = 0};
    int r = sw_store_begin_erasing(store);
    if (r < 0)
        return r;
    r = sw_store_find_patient(store, erasure->patient, &patient);
    patient.id = erasure->patient;
    if (r >= 0) /* first, while the assignments are stored */
        r = sw_store_each_rejected(store, SW_REJECTED_MAX, drop_rejected, &erasing);
    if (r >= 0) /* and those known as the patient's when they came: their source may be
                 * gone from the configuration */
        r = sw_store_drop_held(store, patient.id);
    if (r >= 0)
        r = clear_topics(&erasing, patient.key);
    if (r >= 0)
        r = omit_in_incidents(store);
    if (r >= 0)
        r = sw_store_erase_patient_row(store, &patient, erasure->now_s);
    if (r >= 0) /* who did what stays, and the tombstone alone says of whom */
        r = sw_store_erase_audit(
            store, erasure->patient,
            &(struct sw_audit){.at_s = erasure->now_s,
                               .who = erasure->by ? erasure->by : "",
                               .how = erasure->how ? erasure->how : "",
                               .act = SW_AUDIT_PATIENT_ERASED});
    if (r < 0) {
        sw_store_rollback(store);
        return r;
    }
    return sw_store_commit_erasing(store);
}
