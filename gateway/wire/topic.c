/* topic.c -- the topics of the contract, read and built.
 * Adapters' topics are adapter.c's business, and payloads are the codecs'. */
#include <stdio.h>
#include <string.h>

#include "stepward/wire.h"
#include "util/line.h"

enum {
    LEVELS_MAX = 7, /* clinic/S/alerts/T/P/K/set */
};

#define ECHO     "echo"
#define BOARD    "board"
#define PATIENTS "patients"

struct level {
    const char *str;
    size_t len;
};

/* Returns the number of levels; LEVELS_MAX + 1 stands for more. */
static size_t split(const char *topic, size_t len, struct level levels[LEVELS_MAX])
{
    const char *end = topic + len;
    for (size_t n = 0; n < LEVELS_MAX; n++) {
        const char *slash = memchr(topic, '/', (size_t)(end - topic));
        levels[n] = (struct level){topic, (size_t)((slash ? slash : end) - topic)};
        if (!slash)
            return n + 1;
        topic = slash + 1;
    }
    return LEVELS_MAX + 1;
}

static bool topic_is(struct level level, const char *word)
{
    return level.len == strlen(word) && memcmp(level.str, word, level.len) == 0;
}

static bool topic_take_id(struct level level, char out[static SW_ID_MAX + 1])
{
    if (!sw_id_is_valid(level.str, level.len))
        return false;
    memcpy(out, level.str, level.len);
    out[level.len] = '\0';
    return true;
}

static enum sw_topic_kind parse_patient(const struct level *levels, size_t n,
                                        struct sw_topic *topic)
{
    if (n != 2 || !topic_take_id(levels[0], topic->patient.str))
        return SW_TOPIC_OTHER;
    if (topic_is(levels[1], "steps"))
        return SW_TOPIC_STEPS;
    return topic_is(levels[1], "pain") ? SW_TOPIC_PAIN : SW_TOPIC_OTHER;
}

static enum sw_topic_kind parse_alert(const struct level *levels, size_t n,
                                      struct sw_topic *topic)
{
    bool is_set = n == 4 && topic_is(levels[3], "set");
    bool has_ids = n >= 3 && topic_take_id(levels[0], topic->therapist.str) &&
                   topic_take_id(levels[1], topic->patient.str) &&
                   topic_take_id(levels[2], topic->word);
    bool is_known = has_ids && sw_alert_kind_parse(topic->word, &topic->kind);
    if (n == 3 && has_ids && topic_is(levels[2], SW_ALERT_TEST))
        return SW_TOPIC_ALERT_TEST;
    if (n == 3)
        return is_known ? SW_TOPIC_ALERT : SW_TOPIC_ALERT_UNKNOWN;
    if (!is_set || !has_ids)
        return SW_TOPIC_OTHER;
    return is_known ? SW_TOPIC_ALERT_SET : SW_TOPIC_SET_UNKNOWN;
}

/* board/THERAPIST/PATIENT, patients/THERAPIST */
static enum sw_topic_kind parse_overview(const struct level *levels, size_t n,
                                         bool is_list, struct sw_topic *topic)
{
    if (n != (is_list ? 1 : 2))
        return SW_TOPIC_OTHER;
    bool has_ids = topic_take_id(levels[0], topic->therapist.str) &&
                   (is_list || topic_take_id(levels[1], topic->patient.str));
    if (!has_ids)
        *topic = (struct sw_topic){0};
    return is_list ? SW_TOPIC_PATIENTS : SW_TOPIC_BOARD;
}

enum sw_topic_kind sw_topic_parse(const char *site, const char *topic, size_t len,
                                  struct sw_topic *ret)
{
    struct level levels[LEVELS_MAX];
    struct sw_topic parsed = {0};
    enum sw_topic_kind kind = SW_TOPIC_OTHER;
    if (len == 0) /* and topic may be NULL */
        return SW_TOPIC_OTHER;
    size_t n = split(topic, len, levels);
    if (n <= 3 || n > LEVELS_MAX || !topic_is(levels[0], "clinic") ||
        !topic_is(levels[1], site))
        return SW_TOPIC_OTHER;
    bool is_tree = topic_is(levels[2], "patient") || topic_is(levels[2], "alerts");
    if (is_tree &&
        (topic_is(levels[3], SW_PROBE_ID) || topic_is(levels[3], SW_PROBE_DOTTED)))
        kind = SW_TOPIC_PROBE;
    else if (topic_is(levels[2], "patient"))
        kind = parse_patient(levels + 3, n - 3, &parsed);
    else if (topic_is(levels[2], "alerts"))
        kind = parse_alert(levels + 3, n - 3, &parsed);
    else if (topic_is(levels[2], BOARD) || topic_is(levels[2], PATIENTS))
        kind =
            parse_overview(levels + 3, n - 3, topic_is(levels[2], PATIENTS), &parsed);
    else if (topic_is(levels[2], "gateway") && n == 4)
        kind = topic_is(levels[3], ECHO)       ? SW_TOPIC_ECHO_END
               : topic_is(levels[3], "status") ? SW_TOPIC_STATUS
               : topic_is(levels[3], "health") ? SW_TOPIC_HEALTH
                                               : SW_TOPIC_OTHER;
    if (kind != SW_TOPIC_OTHER)
        *ret = parsed;
    return kind;
}

bool sw_topic_is_test_alert(const char *topic)
{
    struct level levels[LEVELS_MAX];
    size_t n = split(topic, strlen(topic), levels);
    return n == LEVELS_MAX - 1 && topic_is(levels[0], "clinic") &&
           topic_is(levels[2], "alerts") && topic_is(levels[5], SW_ALERT_TEST);
}

bool sw_topic_is_status(const char *topic, size_t len)
{
    struct level levels[LEVELS_MAX];
    return len > 0 && split(topic, len, levels) == 4 && topic_is(levels[0], "clinic") &&
           topic_is(levels[2], "gateway") && topic_is(levels[3], "status");
}

bool sw_topic_is_steps(const char *topic)
{
    struct level levels[LEVELS_MAX];
    size_t n = split(topic, strlen(topic), levels);
    return n == 5 && topic_is(levels[0], "clinic") && topic_is(levels[2], "patient") &&
           topic_is(levels[4], "steps");
}

/* ---- in a text ---- */

static const char *skip_id(const char *at)
{
    while (sw_id_is_valid(at, 1))
        at++;
    return at;
}

/* Where the patient begins in the topic that begins here; NULL: none does, or it has no
 * patient. */
static const char *patient_in(const char *at)
{
    static const struct tree {
        const char *name;
        bool has_therapist;
    } trees[] = {{"/patient/", false}, {"/alerts/", true}, {"/" BOARD "/", true}};
    static const char root[] = "clinic/";
    if (strncmp(at, root, sizeof root - 1) != 0)
        return NULL;
    at += sizeof root - 1;
    at += strcspn(at, "/");
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        size_t len = strlen(trees[i].name);
        if (strncmp(at, trees[i].name, len) != 0)
            continue;
        const char *end = trees[i].has_therapist ? skip_id(at + len) : at + len - 1;
        return *end == '/' ? end + 1 : NULL;
    }
    return NULL;
}

void sw_topic_omit_patients(const char *text, char *out, size_t size)
{
    struct sw_line line = sw_line(out, size);
    while (*text) {
        const char *patient = patient_in(text);
        const char *end = patient ? skip_id(patient) : text + 1;
        bool is_named = patient && end > patient;
        int kept = (int)((is_named ? patient : end) - text);
        sw_line_add(&line, "%.*s%s", kept, text, is_named ? "…" : "");
        text = end;
    }
}

/* ---- topics, built ---- */

static void put_patient_topic(char *out, const char *site,
                              const struct sw_patient_id *patient, const char *leaf)
{
    snprintf(out, SW_TOPIC_MAX, "clinic/%s/patient/%s/%s", site, patient->str, leaf);
}

void sw_topic_today(sw_topic_text out, const char *site, struct sw_patient_id patient)
{
    put_patient_topic(out, site, &patient, "today");
}

void sw_topic_nudge(sw_topic_text out, const char *site, struct sw_patient_id patient)
{
    put_patient_topic(out, site, &patient, "nudge");
}

void sw_topic_steps(sw_topic_text out, const char *site, struct sw_patient_id patient)
{
    put_patient_topic(out, site, &patient, "steps");
}

void sw_topic_pain(sw_topic_text out, const char *site, struct sw_patient_id patient)
{
    put_patient_topic(out, site, &patient, "pain");
}

/* end is what stands behind the alert's own topic. */
static void put_alert_topic(char *out, const char *site, const struct sw_topic *words,
                            const char *end)
{
    snprintf(out, SW_TOPIC_MAX, "clinic/%s/alerts/%s/%s/%s%s", site,
             words->therapist.str, words->patient.str, words->word, end);
}

void sw_topic_alert_words(sw_topic_text out, const char *site,
                          const struct sw_topic *words)
{
    put_alert_topic(out, site, words, "");
}

void sw_topic_set(sw_topic_text out, const char *site, const struct sw_topic *words)
{
    put_alert_topic(out, site, words, "/set");
}

void sw_topic_alert(sw_topic_text out, const char *site, const struct sw_alert *alert)
{
    snprintf(out, SW_TOPIC_MAX, "clinic/%s/alerts/%s/%s/%s", site, alert->therapist.str,
             alert->patient.str, sw_alert_kind_name(alert->kind));
}

void sw_topic_digest_text(sw_topic_text out, const char *site,
                          const struct sw_therapist_id *therapist)
{
    snprintf(out, SW_TOPIC_MAX, "clinic/%s/digest/%s/text", site, therapist->str);
}

void sw_topic_digest(sw_topic_text out, const char *site,
                     const struct sw_therapist_id *therapist)
{
    snprintf(out, SW_TOPIC_MAX, "clinic/%s/digest/%s", site, therapist->str);
}

void sw_topic_board(sw_topic_text out, const char *site,
                    const struct sw_therapist_id *therapist,
                    const struct sw_patient_id *patient)
{
    snprintf(out, SW_TOPIC_MAX, "clinic/%s/" BOARD "/%s/%s", site, therapist->str,
             patient->str);
}

void sw_topic_patients(sw_topic_text out, const char *site,
                       const struct sw_therapist_id *therapist)
{
    snprintf(out, SW_TOPIC_MAX, "clinic/%s/" PATIENTS "/%s", site, therapist->str);
}

void sw_topic_echo_end(sw_topic_text out, const char *site)
{
    sw_topic_gateway(out, site, ECHO);
}

void sw_topic_set_error(sw_topic_text out, const char *site, const struct sw_topic *set)
{
    put_alert_topic(out, site, set, "/set/error");
}

void sw_topic_gateway(sw_topic_text out, const char *site, const char *leaf)
{
    snprintf(out, SW_TOPIC_MAX, "clinic/%s/gateway/%s", site, leaf);
}

void sw_topic_probe(sw_topic_text out, const char *filter, const char *id)
{
    size_t n = 0;
    out[0] = '\0';
    for (const char *at = filter; *at && n < SW_TOPIC_MAX - 1; at++) {
        bool is_plus = *at == '+';
        n += (size_t)snprintf(out + n, SW_TOPIC_MAX - n, "%.*s",
                              is_plus ? (int)strlen(id) : 1, is_plus ? id : at);
    }
}

/* Our own too, to learn what is retained. */
#define OVERVIEWS BOARD "/+/+"
#define LISTS     PATIENTS "/+"

static const char *const filters[] = {
    "patient/+/steps",  "patient/+/pain",
    "alerts/+/+/+/set", "alerts/+/+/+", /* our own, to hear what is retained */
    "gateway/" ECHO,    "gateway/status",
    "gateway/health", /* another gateway's of the same site */
    OVERVIEWS,          LISTS,
};

bool sw_topic_filter(sw_topic_text out, const char *site, size_t i)
{
    if (i >= sizeof(filters) / sizeof(filters[0]))
        return false;
    snprintf(out, SW_TOPIC_MAX, "clinic/%s/%s", site, filters[i]);
    return true;
}

static bool ends_with(const char *filter, const char *end)
{
    size_t len = strlen(filter), end_len = strlen(end);
    return len > end_len && strcmp(filter + len - end_len, end) == 0;
}

bool sw_topic_filter_is_live(const char *filter)
{
    return ends_with(filter, "/set");
}

bool sw_topic_filter_is_no_local(const char *filter)
{
    return strncmp(filter, "clinic/", strlen("clinic/")) == 0 &&
           (ends_with(filter, "/" OVERVIEWS) || ends_with(filter, "/" LISTS));
}
