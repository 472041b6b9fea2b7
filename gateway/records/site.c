/* site.c -- clear what was published below a site that was left.
 *
 * Only topics of our own patients and therapists are cleared, because another gateway
 * may use that site; it will publish its own `status` and `health` again. Open alerts,
 * days and digests are published below the new site like those a broker has lost. */
#include "records/site.h"

#include <stdlib.h>
#include <string.h>

#include "records/digest.h"
#include "stepward/wire.h"
#include "util/array.h"

struct leaving {
    struct sw_store *store;
    const char *site;
};

/* ---- which site it is ---- */

/* The site of "clinic/SITE/..."; false for any other topic. */
static bool site_of(const char *topic, char ret[static SW_SITE_MAX + 1])
{
    static const char start[] = "clinic/";
    bool is_ours = strncmp(topic, start, strlen(start)) == 0;
    const char *site = is_ours ? topic + strlen(start) : "";
    size_t len = strcspn(site, "/");
    if (len == 0 || len > SW_SITE_MAX || site[len] != '/')
        return false;
    memcpy(ret, site, len);
    ret[len] = '\0';
    return true;
}

/* For databases that do not know their site: from
 * the filter "clinic/SITE/patient/+/steps". */
static int site_of_filters(struct sw_store *store, char ret[static SW_SITE_MAX + 1])
{
    char *filters = NULL;
    int r = sw_store_get_meta(store, SW_META_FILTERS, &filters);
    if (r == 0 && !site_of(filters, ret))
        r = SW_STORE_NONE;
    free(filters);
    return r;
}

int sw_records_site(struct sw_store *store, char ret[static SW_SITE_MAX + 1])
{
    char *site = NULL;
    int r = sw_store_get_meta(store, SW_META_SITE, &site);
    bool is_known = r == 0 && *site != '\0' && strlen(site) <= SW_SITE_MAX;
    if (is_known)
        strcpy(ret, site);
    free(site);
    return r < 0 || is_known ? r : site_of_filters(store, ret);
}

/* ---- leaving one ---- */

static int clear(const struct leaving *leaving, const char *topic)
{
    return sw_store_put_outbound(leaving->store, topic, "", "");
}

/* The clearing message gets a new row, as the old one may be on its way
 * to the broker. */
static int clear_waiting(void *ctx, int64_t seq, const char *topic)
{
    const struct leaving *leaving = ctx;
    char root[SW_TOPIC_MAX];
    sw_topic_text text = "";
    sw_topic_gateway(root, leaving->site, "");
    size_t len = strlen(root) - strlen("gateway/");
    if (strncmp(topic, root, len) != 0)
        return 0;
    strncpy(text, topic, sizeof text - 1);
    int r = sw_store_outbound_done(leaving->store, seq);
    return r < 0 ? r : clear(leaving, text);
}

static int site_clear_published(void *ctx, const char *therapist, const char *patient,
                                const char *word)
{
    struct sw_topic words = {.patient = {""}};
    sw_topic_text topic;
    strncpy(words.therapist.str, therapist, SW_ID_MAX);
    strncpy(words.patient.str, patient, SW_ID_MAX);
    strncpy(words.word, word, SW_ID_MAX);
    sw_topic_alert_words(topic, ((const struct leaving *)ctx)->site, &words);
    return clear(ctx, topic);
}

static int site_clear_today(void *ctx, const char *patient)
{
    struct sw_patient_id id = {""};
    sw_topic_text topic;
    strncpy(id.str, patient, SW_ID_MAX);
    sw_topic_today(topic, ((const struct leaving *)ctx)->site, id);
    return clear(ctx, topic);
}

static int clear_patient(void *ctx, const struct sw_patient *patient)
{
    return site_clear_today(ctx, patient->id.str);
}

static int clear_digest(void *ctx, const char *therapist)
{
    const struct leaving *leaving = ctx;
    struct sw_therapist_id id = {""};
    sw_topic_text topic;
    strncpy(id.str, therapist, SW_ID_MAX);
    sw_topic_digest(topic, leaving->site, &id);
    int r = clear(leaving, topic);
    return r < 0 ? r : sw_records_resend_digest(leaving->store, &id);
}

static int clear_gateway(const struct leaving *leaving)
{
    sw_topic_text topic;
    sw_topic_gateway(topic, leaving->site, "status");
    int r = clear(leaving, topic);
    sw_topic_gateway(topic, leaving->site, "health");
    return r < 0 ? r : clear(leaving, topic);
}

static int leave(struct leaving *leaving)
{
    struct sw_store *store = leaving->store;
    int r = sw_store_each_outbound(store, clear_waiting, leaving);
    if (r >= 0)
        r = sw_store_each_published(store, site_clear_published, leaving);
    if (r >= 0)
        r = sw_store_each_patient(store, clear_patient, leaving);
    if (r >= 0)
        r = sw_store_each_tombstone(store, site_clear_today, leaving);
    if (r >= 0)
        r = sw_store_each_therapist(store, 0, clear_digest, leaving);
    return r < 0 ? r : clear_gateway(leaving);
}

int sw_records_move_site(struct sw_store *store, const char *site, bool *ret_moved)
{
    char before[SW_SITE_MAX + 1] = "";
    struct leaving leaving = {store, before};
    *ret_moved = false;
    int r = sw_records_site(store, before);
    bool is_moved = r == 0 && strcmp(before, site) != 0;
    if (r == 0 && !is_moved)
        return 0;
    if (r >= 0)
        r = sw_store_begin(store);
    if (r < 0)
        return r;
    r = is_moved ? leave(&leaving) : 0;
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
    return site_of(topic, site) ? add_left(ctx, site) : 0;
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
