/* device.c -- what the commands about devices share: ids, times, the transaction. */
#include "cli/device.h"

#include <string.h>

#include "records/assign.h"

int cli_device_id(struct cli *cli, const char *word, struct sw_device_id *ret)
{
    if (!sw_id_is_valid(word, strlen(word)))
        return cli_usage(cli, "%s is no id: 1 to %d of A-Z a-z 0-9 _ . -", word,
                         SW_ID_MAX);
    strcpy(ret->str, word);
    return CLI_OK;
}

/* "HH:MM" */
static bool parse_minute(const char *text, int32_t *ret)
{
    int64_t hour, minute;
    char hours[3] = "", minutes[3] = "";
    if (strlen(text) != SW_HHMM_LEN || text[2] != ':')
        return false;
    memcpy(hours, text, 2);
    memcpy(minutes, text + 3, 2);
    if (!sw_number_parse(hours, 0, 23, &hour) ||
        !sw_number_parse(minutes, 0, 59, &minute))
        return false;
    *ret = (int32_t)(hour * 60 + minute);
    return true;
}

static bool parse_local(const struct sw_zone *zone, const char *text, int64_t *ret_s)
{
    int32_t day, minute = 0;
    size_t len = strlen(text);
    bool has_time = len > SW_DATE_LEN;
    if (len < SW_DATE_LEN || !sw_date_parse(text, SW_DATE_LEN, &day))
        return false;
    if (has_time && ((text[SW_DATE_LEN] != ' ' && text[SW_DATE_LEN] != 'T') ||
                     !parse_minute(text + SW_DATE_LEN + 1, &minute)))
        return false;
    *ret_s = sw_minute_begin(zone, day, minute);
    return true;
}

int cli_since(struct cli *cli, const struct cli_args *args, const char *option,
              int64_t *ret_s)
{
    const char *text = cli_value(cli, args, option);
    int64_t at_s = cli->now_s;
    bool is_time = !text || parse_local(&cli->zone, text, &at_s) ||
                   sw_instant_parse(text, strlen(text), &at_s);
    if (!is_time)
        return cli_usage(cli, "--%s %s: it is YYYY-MM-DD or 'YYYY-MM-DD HH:MM'", option,
                         text);
    if (at_s > cli->now_s)
        return cli_usage(cli, "--%s %s: it lies in the future", option, text);
    *ret_s = at_s;
    return CLI_OK;
}

struct wearing {
    const struct sw_device_id *device;
    int64_t patient_key, from_s;
};

static int assign(struct cli *cli, void *ctx)
{
    const struct wearing *wearing = ctx;
    int r = sw_records_assign(cli->store, &cli->zone, wearing->device,
                              wearing->patient_key, wearing->from_s);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

int cli_assign(struct cli *cli, const struct sw_device_id *device, int64_t patient_key,
               int64_t from_s)
{
    struct wearing wearing = {device, patient_key, from_s};
    return cli_at_once(cli, assign, &wearing);
}
