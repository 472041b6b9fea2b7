/* rejected_owner.c -- which patient a refused message belongs to, as far as it
 * can be known. */
#include <string.h>

#include "records/erase.h"

struct wearing {
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

static bool came_from_device_of(struct sw_store *store, struct sw_patient_id patient,
                                const struct sw_device_id *device, int64_t at_s)
{
    struct wearing wearing = {patient, at_s, false};
    int r = sw_store_each_assignment(store, device, check_assignment, &wearing);
    return r >= 0 && wearing.found;
}

/* Topics of any site count: the site may have been another when the message came. */
static bool is_native(const char *topic, size_t len, struct sw_topic *ret)
{
    static const char start[] = "clinic/";
    char site[SW_SITE_MAX + 1];
    size_t n = strlen(start), end = n;
    while (end < len && topic[end] != '/')
        end++;
    if (len < n || memcmp(topic, start, n) != 0 || end - n > SW_SITE_MAX)
        return false;
    memcpy(site, topic + n, end - n);
    site[end - n] = '\0';
    return sw_topic_parse(site, topic, len, ret) != SW_TOPIC_OTHER;
}

bool sw_records_is_rejected_of(struct sw_store *store,
                               const struct sw_adapters *adapters,
                               struct sw_patient_id patient,
                               const struct sw_rejected *rejected)
{
    struct sw_topic topic;
    struct sw_origin origin;
    if (is_native(rejected->topic, rejected->topic_len, &topic))
        return strcmp(topic.patient.str, patient.str) == 0;
    bool is_from_source =
        sw_adapters_match(adapters, rejected->topic, rejected->topic_len, &origin) ==
            SW_MATCH_SOURCE &&
        !origin.invalid;
    if (is_from_source && origin.patient.str[0] != '\0')
        return strcmp(origin.patient.str, patient.str) == 0;
    return is_from_source &&
           came_from_device_of(store, patient, &origin.device, rejected->at_s);
}
