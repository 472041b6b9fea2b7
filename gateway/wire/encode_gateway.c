/* encode_gateway.c -- what the gateway says of itself, and its nudge to a wearer. */
#include "stepward/wire.h"
#include "wire/compose.h"

char *sw_encode_nudge(int32_t rest_min)
{
    struct sw_json_object object = sw_json_object();
    sw_json_number(&object, "rest_min", rest_min);
    return sw_json_finish(&object);
}

char *sw_encode_health(const struct sw_health *health)
{
    struct sw_json_object object = sw_json_object();
#define X(name, help) sw_json_number(&object, #name, health->name);
    SW_HEALTH_COUNTERS(X)
#undef X
    sw_json_text(&object, "version", health->version);
    sw_json_text_or_null(&object, "problem", health->problem);
    sw_json_text_or_null(&object, "incident", health->incident);
    return sw_json_finish(&object);
}
