/* wire.h -- bytes to nouns and back: topics and payloads. No I/O, no clock.
 *
 *     struct sw_topic topic;
 *     if (sw_topic_parse("main", bytes, len, &topic) == SW_TOPIC_STEPS)
 *         refusal = sw_decode_steps(payload, n, &receipt, &samples, why);
 *
 * Encoders return a NUL-terminated string the caller frees, or NULL without memory.
 */
#ifndef STEPWARD_WIRE_H
#define STEPWARD_WIRE_H

#include "stepward/civil.h"
#include "stepward/day.h"
#include "stepward/digest.h"
#include "stepward/health.h"
#include "stepward/lateness.h"
#include "stepward/progress.h"
#include "stepward/rule.h"
#include "stepward/source.h"
#include "stepward/types.h"

enum sw_topic_kind {
    SW_TOPIC_OTHER,      /* not one of ours, or with an invalid id */
    SW_TOPIC_STEPS,      /* clinic/<site>/patient/<patient>/steps */
    SW_TOPIC_PAIN,       /* clinic/<site>/patient/<patient>/pain */
    SW_TOPIC_ALERT_SET,  /* clinic/<site>/alerts/<therapist>/<patient>/<kind>/set */
    SW_TOPIC_ALERT,      /* the same without /set: what we publish */
    SW_TOPIC_ALERT_TEST, /* a test alert's */
    /* Ours, see stepward/overview.h; with empty ids if those of the topic are none: */
    SW_TOPIC_BOARD,    /* clinic/<site>/board/<therapist>/<patient> */
    SW_TOPIC_PATIENTS, /* clinic/<site>/patients/<therapist> */
    SW_TOPIC_ECHO_END, /* sw_topic_echo_end() */
    SW_TOPIC_STATUS,   /* clinic/<site>/gateway/status: ours, or another gateway's */
    SW_TOPIC_HEALTH,   /* clinic/<site>/gateway/health */
    SW_TOPIC_PROBE,    /* of no patient, for the gateway alone: sw_topic_probe() */
    /* The topics of alerts with a kind that does not exist; the second with any ids. */
    SW_TOPIC_SET_UNKNOWN,
    SW_TOPIC_ALERT_UNKNOWN,
};
struct sw_topic {
    struct sw_patient_id patient;
    struct sw_therapist_id therapist; /* of alerts, SW_TOPIC_BOARD and _PATIENTS */
    enum sw_alert_kind kind;          /* of alerts only, so the next */
    char word[SW_ID_MAX + 1];         /* the kind's, as it stands in the topic */
};
/* The len bytes may hold anything, even a NUL. *ret is set unless SW_TOPIC_OTHER, and
 * is of no use for SW_TOPIC_ECHO_END, _STATUS, _HEALTH, _PROBE and
 * SW_TOPIC_ALERT_UNKNOWN. */
enum sw_topic_kind sw_topic_parse(const char *site, const char *topic, size_t len,
                                  struct sw_topic *ret);

typedef char sw_topic_text[SW_TOPIC_MAX];
void sw_topic_today(sw_topic_text out, const char *site, struct sw_patient_id patient);
void sw_topic_nudge(sw_topic_text out, const char *site, struct sw_patient_id patient);
void sw_topic_alert(sw_topic_text out, const char *site, const struct sw_alert *alert);
void sw_topic_digest_text(sw_topic_text out, const char *site,
                          const struct sw_therapist_id *therapist);
void sw_topic_digest(sw_topic_text out, const char *site,
                     const struct sw_therapist_id *therapist);
/* See stepward/overview.h. */
void sw_topic_board(sw_topic_text out, const char *site,
                    const struct sw_therapist_id *therapist,
                    const struct sw_patient_id *patient);
void sw_topic_patients(sw_topic_text out, const char *site,
                       const struct sw_therapist_id *therapist);
/* Our own message there comes back when the broker has sent all alerts that it
 * retains. */
void sw_topic_echo_end(sw_topic_text out, const char *site);
/* An alert's topic by its words, whether they are ids or not; and the one that acts on
 * it. */
void sw_topic_alert_words(sw_topic_text out, const char *site,
                          const struct sw_topic *words);
void sw_topic_set(sw_topic_text out, const char *site, const struct sw_topic *words);
/* Where we say that an action failed, to whoever asked for it. */
void sw_topic_set_error(sw_topic_text out, const char *site,
                        const struct sw_topic *set);
void sw_topic_gateway(sw_topic_text out, const char *site,
                      const char *leaf);        /* status */
bool sw_topic_is_test_alert(const char *topic); /* of any site; so the next */
bool sw_topic_is_steps(const char *topic);
bool sw_topic_is_status(const char *topic, size_t len);
/* The text with "…" for every patient in a topic that it names, of any site: who reads a
 * text about the gateway need not know them, and it stays when a patient is erased. */
void sw_topic_omit_patients(const char *text, char *out, size_t size);
/* Ids that nobody can have, because '~' is in no id. The one with a dot is for brokers
 * that make a level of it, as RabbitMQ does. */
#define SW_PROBE_ID     "~stepward-probe"
#define SW_PROBE_DOTTED "~stepward.probe"
/* A topic that the filter lets in: the id replaces every +. */
void sw_topic_probe(sw_topic_text out, const char *filter, const char *id);
/* The i-th topic filter the gateway subscribes to; false after the last. */
bool sw_topic_filter(sw_topic_text out, const char *site, size_t i);
/* Whether messages there only hold for the moment, so that retained ones are not
 * wanted. */
bool sw_topic_filter_is_live(const char *filter);
/* Whether we publish there so often that only what is retained is wanted back. */
bool sw_topic_filter_is_no_local(const char *filter);
/* Where mosquitto counts the messages that it dropped since it started, for all
 * clients. */
#define SW_TOPIC_DROPPED "$SYS/broker/publish/messages/dropped"
/* The topics that devices and apps publish to, for simulating one or naming the
 * topic. */
void sw_topic_steps(sw_topic_text out, const char *site, struct sw_patient_id patient);
void sw_topic_pain(sw_topic_text out, const char *site, struct sw_patient_id patient);

/* How a message came in. */
struct sw_receipt {
    int64_t at_s;        /* when it was received */
    bool retained;       /* a retained copy: no time of receipt for its counters */
    enum sw_stamp stamp; /* of what takes this time, having none of its own */
    int64_t oldest_s;    /* at_s - max_age: readings that start before are refused */
    int64_t newest_s;    /* at_s + max_future: readings that end after are refused */
    int64_t cut_s; /* but if they have begun they are cut at at_s; 0: they are not */
};

/* Where an item stands in its message: an object of an array, a number of a batch. */
struct sw_place {
    int32_t object; /* of a source: the item of the payload; -1: it is the message */
    int32_t item;   /* in the object's batch; -1: it is the object */
    int32_t nth;    /* of all items that say something, so that neighbours are known */
};

enum sw_sample_kind { SW_SAMPLE_READING, SW_SAMPLE_TOTAL, SW_SAMPLE_PAIN };
struct sw_sample {
    struct sw_place place;
    struct sw_device_id device; /* "" if the message names none */
    enum sw_sample_kind kind;
    int8_t battery; /* percent; -1: not said */
    union {
        struct sw_reading reading;
        struct sw_total total;
        struct sw_pain pain; /* of a source: native scores come by themselves */
    };
};

/* What is wrong in a message is refused by itself: an item, or neighbours for the same
 * reason, such as all minutes of a device whose clock is wrong. What has a wrong shape is
 * always named alone. */
struct sw_refused_items {
    enum sw_refusal refusal;
    struct sw_place from, to;
    int32_t n; /* of them */
    /* By so much the last of them lies ahead of its receipt, below 0: behind; 0: they are
     * not refused for their time. */
    int64_t fast_s;
    char why[SW_WHY_MAX]; /* of the first: what and where */
    /* Whose they are, if the payload names the device; else "". What is of two devices is
     * refused by itself, too. */
    struct sw_device_id device;
};
/* Of a message. The last takes in what is beyond, of whatever device: then it has none. */
enum { SW_REFUSED_ITEMS_MAX = 16 };

/* The caller's buffer, kept between messages; all zero is valid. */
struct sw_samples {
    struct sw_sample *items;
    size_t n, cap;
    struct sw_refused_items refused[SW_REFUSED_ITEMS_MAX];
    size_t n_refused;
    int32_t n_items; /* of the message: those that say something, right or wrong */
    /* Of sw_decode_source(): the items of the payload that its section takes, of these
     * the ones that have nothing where it looks for the value, or a word that its map
     * lacks, and those that its `when` leaves to other sections. */
    size_t n_seen, n_missed, n_others;
    char missed[SW_WHY_MAX]; /* the first of n_missed: "[3]: nothing at "/qty"" */
    /* Of the object being read, so of what is refused next; "" if it names none. */
    struct sw_device_id device;
};
void sw_samples_fini(struct sw_samples *samples);
void sw_samples_refuse(struct sw_samples *samples, struct sw_place place,
                       enum sw_refusal refusal, const char *why);
/* "[3].seconds: 0 is not in 1..90000", of several "…; and 2 more, up to [5]". */
void sw_refused_why(const struct sw_refused_items *refused,
                    char out[static SW_WHY_MAX]);
/* "[2].steps[5]: ", to stand in front of what is wrong there; "" for the message. */
enum { SW_PLACE_MAX = 64 };
void sw_place_format(const struct sw_place *place, char out[static SW_PLACE_MAX]);

/* Decode a native payload: one object or an array of them.
 *
 * What is right is in out; each item that is wrong, or the message if it is nothing we
 * can read, is in out->refused. Returns SW_ACCEPTED or the first refusal; why says what
 * and where. */
enum sw_refusal sw_decode_steps(const char *payload, size_t len,
                                const struct sw_receipt *receipt,
                                struct sw_samples *out, char why[static SW_WHY_MAX]);
/* The message without what is not among these items, to be refused or taken again by
 * itself. NULL without memory. */
char *sw_steps_part(const char *payload, size_t len,
                    const struct sw_refused_items *refused);

/* {"at": T, "score": 0..10, "flare": true}, with the same returns, too old and in the
 * future among them. */
enum sw_refusal sw_decode_pain(const char *payload, size_t len,
                               const struct sw_receipt *receipt,
                               struct sw_pain *ret_pain, char why[static SW_WHY_MAX]);

/* ---- other devices' payloads ----
 *
 *     sw_adapters_new(&adapters, config.sources, config.n_sources);
 *     if (sw_adapters_match(adapters, topic, len, &origin) == SW_MATCH_SOURCE)
 *         refusal = sw_decode_source(&origin, payload, n, &receipt, &samples, &said,
 *                                    why);
 *     sw_adapters_free(adapters);
 */

struct sw_adapters; /* it is read-only once it is made, so threads may share it */
/* The sources must live as long. 0 or -ENOMEM. */
int sw_adapters_new(struct sw_adapters **ret, const struct sw_source *sources,
                    size_t n);
void sw_adapters_free(struct sw_adapters *adapters); /* NULL is fine */
/* The topic filter of the i-th source; false after the last. */
bool sw_adapters_filter(const struct sw_adapters *adapters, size_t i,
                        sw_topic_text out);

enum sw_match {
    SW_MATCH_NONE,
    SW_MATCH_STRAY, /* a filter, which takes whole levels, lets it in; no template does */
    SW_MATCH_SOURCE,
};
/* Where a message came from. */
struct sw_origin {
    const struct sw_source *source;
    struct sw_patient_id patient; /* "": whoever the device is assigned to */
    struct sw_device_id device;   /* "" if the topic names none */
    const char *invalid; /* "{device}" if what stands there is no id; or NULL */
};
/* Find the first source whose template the topic fits. *ret is set only for
 * SW_MATCH_SOURCE. */
enum sw_match sw_adapters_match(const struct sw_adapters *adapters, const char *topic,
                                size_t len, struct sw_origin *ret);
/* The next source with the same topic as origin's, for payloads with values of several
 * kinds; false if there is none. */
bool sw_adapters_next(const struct sw_adapters *adapters, struct sw_origin *origin);

enum sw_value_state {
    SW_VALUE_GIVEN,
    SW_VALUE_NONE, /* no item has a value: it is absent, null or negative */
    SW_VALUE_AWAY, /* an empty payload, "unavailable" or the like: another program says
                     that it has not heard from the device */
};
/* Decode a payload as its source describes it, by the rules of sw_decode_steps() and
 * sw_decode_pain() and with their returns. Only SW_VALUE_GIVEN leaves samples.
 *
 * A payload, unpacked, takes SW_PAYLOAD_MAX bytes and 16 levels; of it at most 8192
 * items are taken and 4 million values looked at (see wire/payload.h and
 * wire/pointer.h). A message beyond that is refused as a whole. */
enum sw_refusal sw_decode_source(const struct sw_origin *origin, const char *payload,
                                 size_t len, const struct sw_receipt *receipt,
                                 struct sw_samples *out, enum sw_value_state *ret_said,
                                 char why[static SW_WHY_MAX]);
char *sw_source_part(const struct sw_source *source, const char *payload, size_t len,
                     const struct sw_refused_items *refused); /* like sw_steps_part() */
/* Every device that the payload names in the items of a source, as often as it does.
 * Stops at, and returns, what is not 0; -ENOMEM. A payload that cannot be read has
 * none. */
int sw_source_each_device(const struct sw_source *source, const char *payload,
                          size_t len,
                          int (*each)(void *ctx, const struct sw_device_id *device),
                          void *ctx);

/* ---- recordings: messages as lines of JSON ----
 *
 *     {"patient": "p1", "received": T, "payload": {"start": T, "steps": 0}}
 *
 * Without "received" the recording does not say when the message came. A payload with a
 * "score" is a score of pain; any other is of steps. */
struct sw_recorded {
    struct sw_patient_id patient;
    bool has_received;
    int64_t received_s;
    bool is_pain;
    char *payload; /* to be decoded like one that came in; the caller frees it */
};
/* A refusal comes with why. */
enum sw_refusal sw_decode_recorded(const char *line, size_t len,
                                   struct sw_recorded *ret,
                                   char why[static SW_WHY_MAX]);

/* {"action": "ack"|"unack"|"shelve"|"unshelve", "id": …, "by": …, "minutes": 120,
 * "note": …}, as received on a therapist's `…/set`. Without `by` it is the therapist who
 * acts. The returns are the same. */
enum sw_refusal sw_decode_set(const char *payload, size_t len,
                              struct sw_therapist_id therapist, struct sw_action *ret,
                              char why[static SW_WHY_MAX]);
/* The answer on `…/set/error`: {"v":1,"error":"…"} */
char *sw_encode_set_error(const char *error);

/* One summary row as JSON: the CSV header's names as keys, empty fields null. */
char *sw_encode_day(const struct sw_day_row *row);
/* The CSV header of a summary, without newline. Static. */
const char *sw_day_csv_header(void);
/* The row's fields as text in the header's order, for CSV and tables. */
enum { SW_DAY_FIELDS = 18, SW_DAY_FIELD_MAX = 48 };
void sw_day_fields(const struct sw_day_row *row,
                   char out[static SW_DAY_FIELDS][SW_DAY_FIELD_MAX]);

/* The alert payload of version 1. */
char *sw_encode_alert(const char *site, const struct sw_alert *alert);
/* The same for a test alert, SW_ALERT_TEST, whatever the alert's kind; and its id. */
char *sw_encode_test_alert(const char *site, const struct sw_alert *alert);
void sw_test_alert_id_format(const struct sw_alert *alert,
                             char out[static SW_ALERT_ID_MAX + 1]);
/* Read it back; false for anything else, a test alert too. What is not published (the
 * device, the span, until when it is shelved) stays empty. */
bool sw_decode_alert(const char *payload, size_t len, struct sw_alert *ret);
/* {"rest_min":125,"limit_min":120,"steps":1204} */
char *sw_encode_evidence(const struct sw_alert *alert);
/* "p017 has been resting for 2 h 5 min (limit 2 h). 1,204 steps today." */
enum { SW_MESSAGE_MAX = 400 };
void sw_alert_message(const struct sw_alert *alert, char out[static SW_MESSAGE_MAX]);
/* "resting 2 h 5 min, limit 2 h": an open alert beside its patient's name. */
void sw_alert_brief(enum sw_alert_kind kind,
                    const int64_t evidence[static SW_EVIDENCE_MAX],
                    char out[static SW_MESSAGE_MAX]);
/* A sentence of the core with its numbers written out. What does not fit is cut off.
 * zone may be NULL for a sentence without SW_CLOCK. */
void sw_sentence_format(const struct sw_sentence *sentence, const struct sw_zone *zone,
                        char *out, size_t size);

enum { SW_LATENESS_TEXT_MAX = 64, SW_LATENESS_ADVICE_MAX = 300 };
/* "data comes 25 min late: no rest can be seen"; late_min of sw_lateness_min(), > 0. */
void sw_lateness_text(int32_t late_min, char out[static SW_LATENESS_TEXT_MAX]);
/* The same, with what `fresh` is now and the value to set, or that the device has to
 * send sooner. */
void sw_lateness_advice(struct sw_patient_id patient, const struct sw_plan *plan,
                        const struct sw_lateness *lateness, int32_t late_min,
                        char out[static SW_LATENESS_ADVICE_MAX]);

/* How far two times are apart, to the nearest minute and whichever is first: "12 min",
 * "3 h 5 min", from two days on "412 days". */
enum { SW_APART_TEXT_MAX = 32 };
void sw_apart_format(int64_t seconds, char out[static SW_APART_TEXT_MAX]);

/* A publication of the alert for people who have no app for it: a line that is its
 * subject, then what it is about, with instants in UTC. The patient is named by the id,
 * and with the name before it if that is not NULL; only then are the words of those who
 * acted in it, which may hold names. The caller frees it; NULL: out of memory. */
char *sw_alert_words(const struct sw_alert *alert, const char *name);

/* The text for people: UTC instants in it, "2026-03-29T10:15:00Z", are written as by
 * sw_when_format(). The caller frees it; NULL: out of memory. */
char *sw_local_times(const struct sw_zone *zone, const char *text, int64_t now_s);

/* The digest payload of version 1; and its lines alone, which '\n' separates. */
char *sw_encode_digest(const char *site, const struct sw_digest *digest);
char *sw_digest_message(const struct sw_digest *digest);
/* The day and these lines, as a text that is published beside the payload. */
char *sw_digest_text(const struct sw_digest *digest);
/* The same lines for people who may see names; they are never published. name() returns
 * "" where no name is known. */
char *sw_digest_message_named(const struct sw_digest *digest,
                              const char *(*name)(void *ctx,
                                                  const struct sw_patient_id *id),
                              void *ctx);

/* Why this goal is suggested, in one sentence. */
void sw_suggestion_message(const struct sw_suggestion *suggestion,
                           char out[static SW_MESSAGE_MAX]);

char *sw_encode_nudge(int32_t rest_min);

/* The retained health payload: when, the counters, the version, and whose it is. */
char *sw_encode_health(const struct sw_health *health);
/* Read it back: when, the version, and whose it is. What is missing or invalid is
 * empty. */
bool sw_decode_health(const char *payload, size_t len, struct sw_health *ret);

#endif
