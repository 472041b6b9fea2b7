/* site.c -- clear what was published below a site that was left.
 *
 * Only topics of our own patients and therapists are cleared, because another gateway
 * may use that site; it will publish its own `status` and `health` again. Open alerts,
 * days, digests and overviews are published below the new site like those a broker has lost. */
#include "records/site.h"

#include <stdlib.h>
#include <string.h>

#include "records/digest.h"
#include "stepward/wire.h"
#include "util/array.h"

/* ---- which site it is ---- */

bool sw_site_of_topic(const char *topic, size_t len, char ret[static SW_SITE_MAX + 1])
{
    static const char start[] = "clinic/";
    size_t begin = strlen(start), n = 0;
    if (len < begin || memcmp(topic, start, begin) != 0)
        return false;
    while (begin + n < len && topic[begin + n] != '/')
        n++;
    if (n == 0 || n > SW_SITE_MAX || begin + n == len)
        return false;
    memcpy(ret, topic + begin, n);
    ret[n] = '\0';
    return true;
}

/* A database that does not know its site has it in the filter
 * "clinic/SITE/patient/+/steps". */
int sw_records_site(struct sw_store *store, char ret[static SW_SITE_MAX + 1])
{
    char *text = NULL;
    int r = sw_store_get_meta(store, SW_META_SITE, &text);
    bool is_known = r == 0 && *text != '\0' && strlen(text) <= SW_SITE_MAX;
    if (is_known)
        strcpy(ret, text);
    free(text);
    if (r < 0 || is_known)
        return r;
    text = NULL;
    r = sw_store_get_meta(store, SW_META_FILTERS, &text);
    if (r == 0 && !sw_site_of_topic(text, strlen(text), ret))
        r = SW_STORE_NONE;
    free(text);
    return r;
}

/* ---- clearing ---- */

int sw_site_clear_today(struct sw_store *store, const char *site,
                        struct sw_patient_id patient)
{
    sw_topic_text topic;
    sw_topic_today(topic, site, patient);
    return sw_store_put_outbound(store, topic, "", "");
}

int sw_site_clear_therapist(struct sw_store *store, const char *site,
                            struct sw_therapist_id therapist)
{
    sw_topic_text topic;
    sw_topic_digest(topic, site, &therapist);
    int r = sw_store_put_outbound(store, topic, "", "");
    sw_topic_digest_text(topic, site, &therapist);
    if (r >= 0)
        r = sw_store_put_outbound(store, topic, "", "");
    sw_topic_patients(topic, site, &therapist);
    if (r >= 0)
        r = sw_store_put_outbound(store, topic, "", "");
    return r < 0 ? r : sw_records_resend_digest(store, &therapist);
}

int sw_site_clear_board(struct sw_store *store, const char *site,
                        struct sw_therapist_id therapist, struct sw_patient_id patient)
{
    sw_topic_text topic;
    sw_topic_board(topic, site, &therapist, &patient);
    return sw_store_put_outbound(store, topic, "", "");
}

int sw_site_clear_waiting(struct sw_store *store, int64_t seq, const char *topic)
{
    sw_topic_text text = ""; /* the row's own text ends with the row */
    strncpy(text, topic, sizeof text - 1);
    int r = sw_store_outbound_done(store, seq);
    return r < 0 ? r : sw_store_put_outbound(store, text, "", "");
}

/* ---- leaving a site ---- */

struct leaving {
    struct sw_store *store;
    const char *site;
};

static int leave_waiting(void *ctx, int64_t seq, const char *topic)
{
    const struct leaving *leaving = ctx;
    char site[SW_SITE_MAX + 1];
    bool is_below = sw_site_of_topic(topic, strlen(topic), site) &&
                    strcmp(site, leaving->site) == 0;
    return is_below ? sw_site_clear_waiting(leaving->store, seq, topic) : 0;
}

static int leave_published(void *ctx, const char *therapist, const char *patient,
                           const char *word)
{
    const struct leaving *leaving = ctx;
    struct sw_topic words = {.patient = {""}};
    sw_topic_text topic;
    strncpy(words.therapist.str, therapist, SW_ID_MAX);
    strncpy(words.patient.str, patient, SW_ID_MAX);
    strncpy(words.word, word, SW_ID_MAX);
    sw_topic_alert_words(topic, leaving->site, &words);
    int r = sw_store_put_outbound(leaving->store, topic, "", "");
    bool is_test = strcmp(word, SW_ALERT_TEST) == 0; /* once a therapist and patient */
    return r >= 0 && is_test ? sw_site_clear_board(leaving->store, leaving->site,
                                                   words.therapist, words.patient)
                             : r;
}

static int leave_patient(void *ctx, const struct sw_patient *patient)
{
    const struct leaving *leaving = ctx;
    return sw_site_clear_today(leaving->store, leaving->site, patient->id);
}

static int leave_erased(void *ctx, const char *patient)
{
    const struct leaving *leaving = ctx;
    struct sw_patient_id id = {""};
    strncpy(id.str, patient, SW_ID_MAX);
    return sw_site_clear_today(leaving->store, leaving->site, id);
}

static int leave_therapist(void *ctx, const char *therapist)
{
    const struct leaving *leaving = ctx;
    struct sw_therapist_id id = {""};
    strncpy(id.str, therapist, SW_ID_MAX);
    return sw_site_clear_therapist(leaving->store, leaving->site, id);
}

static int leave(struct sw_store *store, const char *site)
{
    static const char *const words[] = {"status", "health"};
    struct leaving leaving = {store, site};
    sw_topic_text topic;
    int r = sw_store_each_outbound(store, leave_waiting, &leaving);
    if (r >= 0)
        r = sw_store_each_published(store, leave_published, &leaving);
    if (r >= 0)
        r = sw_store_each_patient(store, leave_patient, &leaving);
    if (r >= 0)
        r = sw_store_each_tombstone(store, leave_erased, &leaving);
    if (r >= 0)
        r = sw_store_each_therapist(store, 0, leave_therapist, &leaving);
    for (size_t i = 0; r >= 0 && i < 2; i++) {
        sw_topic_gateway(topic, site, words[i]);
        r = sw_store_put_outbound(store, topic, "", "");
    }
    return r;
}

int sw_records_move_site(struct sw_store *store, const char *site, bool *ret_moved)
{
    char before[SW_SITE_MAX + 1] = "";
    *ret_moved = false;
    int r = sw_records_site(store, before);
    bool is_moved = r == 0 && strcmp(before, site) != 0;
    if (r == 0 && !is_moved)
        return 0;
    if (r >= 0)
        r = sw_store_begin(store);
    if (r < 0)
        return r;
    r = is_moved ? leave(store, before) : 0;
    if (r >= 0)
        r = sw_store_put_meta(store, SW_META_SITE, site);
    if (r < 0) {
        sw_store_rollback(store);
        return r;
    }
    r = sw_store_commit(store);
    *ret_moved = r >= 0 && is_moved;
    return r < 0 ? r : 0;
}

/* ---- what is still to be cleared ---- */

struct left {
    struct {
        char str[SW_SITE_MAX + 1];
    } * sites;
    size_t n, cap;
    const char *now; /* the present site */
};

static int add_left(struct left *left, const char *site)
{
    bool is_known = strcmp(site, left->now) == 0;
    for (size_t i = 0; i < left->n && !is_known; i++)
        is_known = strcmp(left->sites[i].str, site) == 0;
    if (is_known || !sw_id_is_valid(site, strlen(site)))
        return 0;
    int r = GROW(left->sites, left->n, left->cap);
    if (r >= 0)
        strcpy(left->sites[left->n++].str, site);
    return r;
}

static int add_waiting(void *ctx, int64_t seq, const char *topic)
{
    char site[SW_SITE_MAX + 1];
    (void)seq;
    return sw_site_of_topic(topic, strlen(topic), site) ? add_left(ctx, site) : 0;
}

int sw_records_each_left(struct sw_store *store, const char *site,
                         int (*each)(void *ctx, const char *left), void *ctx)
{
    struct left left = {.now = site};
    char before[SW_SITE_MAX + 1] = "";
    int r = sw_records_site(store, before);
    if (r == 0)
        r = add_left(&left, before);
    if (r >= 0)
        r = sw_store_each_outbound(store, add_waiting, &left);
    for (size_t i = 0; i < left.n && r >= 0; i++)
        r = each(ctx, left.sites[i].str);
    free(left.sites);
    return r < 0 ? r : 0;
}
