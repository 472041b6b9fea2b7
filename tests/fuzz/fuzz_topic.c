/* fuzz_topic.c -- any bytes as a topic: ours have valid ids and are what we build. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "stepward/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool equals(const char *built, const uint8_t *data, size_t size)
{
    return strlen(built) == size && memcmp(built, data, size) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sw_topic topic;
    sw_topic_text built;
    enum sw_topic_kind kind = sw_topic_parse("main", (const char *)data, size, &topic);
    if (kind == SW_TOPIC_ECHO_END) {
        sw_topic_echo_end(built, "main");
        assert(equals(built, data, size));
    }
    if (kind == SW_TOPIC_OTHER || kind == SW_TOPIC_ECHO_END ||
        kind == SW_TOPIC_ALERT_UNKNOWN || kind == SW_TOPIC_PROBE ||
        kind == SW_TOPIC_STATUS || kind == SW_TOPIC_HEALTH)
        return 0;
    assert(sw_id_is_valid(topic.patient.str, strlen(topic.patient.str)));
    if (kind == SW_TOPIC_STEPS) {
        sw_topic_steps(built, "main", topic.patient);
        assert(equals(built, data, size));
    }
    if (kind == SW_TOPIC_SET_UNKNOWN) {
        sw_topic_set_error(built, "main", &topic);
        assert(strlen(built) == size + strlen("/error") &&
               memcmp(built, data, size) == 0);
    }
    if (kind == SW_TOPIC_ALERT_TEST) {
        sw_topic_alert_words(built, "main", &topic);
        assert(equals(built, data, size) && sw_topic_is_test_alert(built));
    }
    if (kind == SW_TOPIC_ALERT_SET || kind == SW_TOPIC_ALERT) {
        struct sw_alert alert = {
            .patient = topic.patient, .therapist = topic.therapist, .kind = topic.kind};
        sw_topic_alert(built, "main", &alert);
        if (kind == SW_TOPIC_ALERT_SET)
            strcat(built, "/set");
        assert(sw_id_is_valid(topic.therapist.str, strlen(topic.therapist.str)));
        assert(equals(built, data, size));
    }
    return 0;
}
