/* names.c -- whether a word may still become a patient's or a therapist's id. Ids of
 * erased patients count as taken, because their logins may still exist. */
#include "records/names.h"

#include <stdio.h>
#include <string.h>

static bool is_gateway(const struct sw_config *config, const char *word)
{
    return config->broker.username && strcmp(config->broker.username, word) == 0;
}

static int taken(char *why, const char *word, const char *what, const char *remedy)
{
    snprintf(why, SW_WHY_MAX, "%s is %s, and the broker tells logins by name: %s", word,
             what, remedy);
    return 1;
}

int sw_records_check_patient_name(struct sw_store *store,
                                  const struct sw_config *config, const char *word,
                                  char why[static SW_WHY_MAX])
{
    static const char remedy[] = "choose another id for the patient";
    bool is_default = strcmp(config->plan.therapist.str, word) == 0;
    if (is_gateway(config, word))
        return taken(why, word, "the gateway's login", remedy);
    int r = is_default ? 0 : sw_store_find_therapist(store, word);
    if (r < 0)
        return r;
    return r == SW_STORE_NONE ? 0 : taken(why, word, "a therapist", remedy);
}

int sw_records_check_therapist_name(struct sw_store *store,
                                    const struct sw_config *config, const char *word,
                                    char why[static SW_WHY_MAX])
{
    static const char remedy[] = "choose another id for the therapist";
    struct sw_patient_id id = {""};
    struct sw_patient patient;
    int64_t erased_at_s;
    if (is_gateway(config, word))
        return taken(why, word, "the gateway's login", remedy);
    strncpy(id.str, word, SW_ID_MAX);
    int r = sw_store_find_patient(store, id, &patient);
    if (r == 0)
        return taken(why, word, "a patient", remedy);
    if (r == SW_STORE_NONE)
        r = sw_store_find_tombstone(store, id, &erased_at_s);
    if (r < 0)
        return r;
    return r == SW_STORE_NONE ? 0
                              : taken(why, word, "a patient who was erased", remedy);
}
