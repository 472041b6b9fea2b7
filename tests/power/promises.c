/* promises.c -- learn promises from a journal, and hold a state of the disk against
 * them. What a state holds is state.c's business. */
#include "promises.h"

#include <cJSON.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt_tap.h"
#include "stepward/wire.h"

enum {
    NEVER = -1,
    NOTE_MAX = 120,
    NEWEST_S = INT32_MAX, /* the clock is no concern here */
};

struct message {
    bool is_own_voice; /* of the gateway: no promise lies in its acknowledgement */
    uint64_t as_is;    /* in the inbox, or refused */
    struct fact *samples;
    size_t n_samples;
    int64_t acknowledged_ns; /* or NEVER */
    int32_t run;             /* the process that acknowledged it */
    char text[PROMISE_TEXT_MAX / 2];
};

/* Anything else: this fact, with at least this number. */
struct claim {
    struct fact fact;
    char text[NOTE_MAX];
};

struct promises {
    const char *site;
    int64_t within_ns;
    int32_t run; /* of the gateway: its process */
    int64_t run_began_ns, now_ns;
    struct tap *tap;
    struct message *messages;
    size_t n_messages, cap_messages;
    struct claim *claims;
    size_t n_claims, cap_claims;
    struct sw_samples samples;
    struct facts received;
};

static void *grow(void *items, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return items;
    *cap = *cap ? 2 * *cap : 64;
    void *more = realloc(items, *cap * size);
    if (!more)
        err(2, "memory");
    return more;
}

/* ---- what is heard ---- */

static void add_sample(struct message *message, uint64_t key, int64_t number)
{
    struct fact *samples =
        realloc(message->samples, (message->n_samples + 1) * sizeof *samples);
    if (!samples)
        err(2, "memory");
    message->samples = samples;
    samples[message->n_samples++] = (struct fact){key, number};
}

static void add_steps(struct promises *promises, struct message *message,
                      const struct sw_topic *topic, const char *payload, size_t len)
{
    static const struct sw_receipt receipt = {.newest_s = NEWEST_S};
    char why[SW_WHY_MAX];
    if (sw_decode_steps(payload, len, &receipt, &promises->samples, why) < 0)
        errx(2, "memory");
    for (size_t i = 0; i < promises->samples.n; i++) {
        const struct sw_sample *sample = &promises->samples.items[i];
        if (sample->kind == SW_SAMPLE_READING)
            add_sample(message,
                       fact_key("reading|%s|%s|%lld|%d", topic->patient.str,
                                sample->device.str, (long long)sample->reading.start_s,
                                sample->reading.seconds),
                       sample->reading.steps);
        else
            add_sample(message,
                       fact_key("total|%s|%s|%lld", topic->patient.str,
                                sample->device.str, (long long)sample->total.at_s),
                       sample->total.total);
    }
}

static void add_pain(struct message *message, const struct sw_topic *topic,
                     const char *payload, size_t len)
{
    static const struct sw_receipt receipt = {.newest_s = NEWEST_S};
    struct sw_pain pain;
    char why[SW_WHY_MAX];
    if (sw_decode_pain(payload, len, &receipt, &pain, why) == SW_ACCEPTED)
        add_sample(message,
                   fact_key("pain|%s|%lld", topic->patient.str, (long long)pain.at_s),
                   0);
}

static bool is_text(const char *bytes, size_t len, const char *text)
{
    return len == strlen(text) && memcmp(bytes, text, len) == 0;
}

static int received(void *ctx, const char *topic, size_t topic_len, const char *payload,
                    size_t payload_len)
{
    struct promises *promises = ctx;
    struct sw_topic parsed;
    promises->messages = grow(promises->messages, promises->n_messages,
                              &promises->cap_messages, sizeof(struct message));
    struct message *message = &promises->messages[promises->n_messages];
    *message = (struct message){
        .as_is = fact_message(topic, topic_len, payload, payload_len),
        .acknowledged_ns = NEVER,
    };
    snprintf(message->text, sizeof message->text, "%.*s %.*s", (int)topic_len, topic,
             (int)(payload_len < 50 ? payload_len : 50), payload);
    enum sw_topic_kind kind = sw_topic_parse(promises->site, topic, topic_len, &parsed);
    message->is_own_voice = kind == SW_TOPIC_ALERT || kind == SW_TOPIC_ECHO_END ||
                            kind == SW_TOPIC_STATUS || kind == SW_TOPIC_HEALTH ||
                            kind == SW_TOPIC_PROBE || kind == SW_TOPIC_BOARD ||
                            kind == SW_TOPIC_PATIENTS ||
                            is_text(topic, topic_len, SW_TOPIC_DROPPED);
    if (kind == SW_TOPIC_STEPS)
        add_steps(promises, message, &parsed, payload, payload_len);
    if (kind == SW_TOPIC_PAIN)
        add_pain(message, &parsed, payload, payload_len);
    for (size_t i = 0; i < message->n_samples; i++)
        facts_put(&promises->received, message->samples[i].key,
                  message->samples[i].number);
    return (int)promises->n_messages++;
}

static void acknowledged(void *ctx, int message)
{
    struct promises *promises = ctx;
    if (promises->messages[message].is_own_voice) /* heard again at every connect */
        return;
    promises->messages[message].acknowledged_ns = promises->now_ns;
    promises->messages[message].run = promises->run;
}

static void claim(struct promises *promises, uint64_t key, int64_t number,
                  const char *text)
{
    promises->claims = grow(promises->claims, promises->n_claims, &promises->cap_claims,
                            sizeof(struct claim));
    struct claim *claim = &promises->claims[promises->n_claims++];
    claim->fact = (struct fact){key, number};
    snprintf(claim->text, sizeof claim->text, "%s", text);
}

static bool is_alert(const char *topic, size_t len, const char *site)
{
    struct sw_topic parsed;
    return sw_topic_parse(site, topic, len, &parsed) == SW_TOPIC_ALERT;
}

static void published(void *ctx, const char *topic, size_t topic_len,
                      const char *payload, size_t payload_len)
{
    struct promises *promises = ctx;
    char text[NOTE_MAX];
    if (!is_alert(topic, topic_len, promises->site))
        return;
    cJSON *alert = cJSON_ParseWithLength(payload, payload_len);
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItem(alert, "id"));
    int rev = (int)cJSON_GetNumberValue(cJSON_GetObjectItem(alert, "rev"));
    if (!id)
        errx(2, "an alert without an id was published");
    snprintf(text, sizeof text, "%s, revision %d", id, rev);
    claim(promises, fact_key("alert|%s", id), rev, text);
    cJSON_Delete(alert);
}

/* "goal p1 5000" claims goal|p1 of at least 5000, "patient p1" patient|p1 of 0. */
static void noted(struct promises *promises, const struct journal_entry *entry)
{
    char text[NOTE_MAX], kind[16], id[64];
    long long number = 0;
    snprintf(text, sizeof text, "%.*s", (int)entry->head.name_len, entry->name);
    if (sscanf(text, "%15s %63s %lld", kind, id, &number) < 2)
        errx(2, "a note that claims nothing: %s", text);
    claim(promises, fact_key("%s|%s", kind, id), number, text);
}

static void started(struct promises *promises, const struct journal_entry *entry)
{
    static const char gateway[] = "stepward-gateway";
    bool is_gateway = entry->head.name_len >= sizeof gateway - 1 &&
                      memcmp(entry->name, gateway, sizeof gateway - 1) == 0;
    if (!is_gateway)
        return;
    promises->run = entry->head.pid;
    promises->run_began_ns = entry->head.at_ns;
}

void promises_hear(struct promises *promises, const struct journal_entry *entry)
{
    promises->now_ns = entry->head.at_ns;
    tap_hear(promises->tap, entry);
    if (entry->head.kind == JOURNAL_START)
        started(promises, entry);
    if (entry->head.kind == JOURNAL_NOTE)
        noted(promises, entry);
}

/* ---- what is kept ---- */

static bool is_held(const struct message *message, struct facts *state)
{
    bool has_all = message->n_samples > 0;
    if (facts_get(state, message->as_is) != FACT_NONE)
        return true;
    for (size_t i = 0; has_all && i < message->n_samples; i++)
        has_all =
            facts_get(state, message->samples[i].key) >= message->samples[i].number;
    return has_all;
}

/* What a run that was killed left unsaid counts from when the next one began. */
static int64_t due_ns(const struct promises *promises, const struct message *message)
{
    int64_t from_ns = message->acknowledged_ns;
    bool is_left_over = message->run != promises->run;
    if (is_left_over && promises->run_began_ns > from_ns)
        from_ns = promises->run_began_ns;
    return from_ns + promises->within_ns;
}

static void missed(struct broken *ret, const char *what)
{
    if (ret->lost++ == 0)
        snprintf(ret->text, sizeof ret->text, "%s", what);
}

static void check_messages(const struct promises *promises, struct facts *state,
                           int64_t now_ns, struct broken *ret)
{
    for (size_t i = 0; i < promises->n_messages; i++) {
        const struct message *message = &promises->messages[i];
        if (message->acknowledged_ns == NEVER || is_held(message, state))
            continue;
        bool is_due = promises->within_ns == 0 || due_ns(promises, message) < now_ns;
        int64_t age_ns = now_ns - message->acknowledged_ns;
        if (age_ns > ret->worst_loss_ns)
            ret->worst_loss_ns = age_ns;
        if (is_due)
            missed(ret, message->text);
        else
            ret->lost_in_time++;
    }
}

void promises_check(const struct promises *promises, struct facts *state,
                    int64_t now_ns, struct broken *ret)
{
    *ret = (struct broken){0};
    check_messages(promises, state, now_ns, ret);
    for (size_t i = 0; i < promises->n_claims; i++) {
        const struct claim *claim = &promises->claims[i];
        if (facts_get(state, claim->fact.key) < claim->fact.number)
            missed(ret, claim->text);
    }
}

struct facts *promises_received(struct promises *promises)
{
    return &promises->received;
}

int32_t promises_run(const struct promises *promises)
{
    return promises->run;
}

long promises_count(const struct promises *promises)
{
    long n = (long)promises->n_claims;
    for (size_t i = 0; i < promises->n_messages; i++)
        n += promises->messages[i].acknowledged_ns != NEVER;
    return n;
}

struct promises *promises_new(const char *site, int64_t within_ns)
{
    struct promises *promises = calloc(1, sizeof *promises);
    if (!promises)
        err(2, "memory");
    promises->site = site;
    promises->within_ns = within_ns;
    promises->tap = tap_new(&(struct tap_listener){
        .received = received,
        .acknowledged = acknowledged,
        .published = published,
        .ctx = promises,
    });
    return promises;
}

void promises_free(struct promises *promises)
{
    for (size_t i = 0; i < promises->n_messages; i++)
        free(promises->messages[i].samples);
    free(promises->messages);
    free(promises->claims);
    facts_fini(&promises->received);
    sw_samples_fini(&promises->samples);
    tap_free(promises->tap);
    free(promises);
}
