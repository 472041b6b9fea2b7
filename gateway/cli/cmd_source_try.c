/* cmd_source_try.c -- what a section `source` of the configuration makes of a payload
 * on standard input, and why not more. Nothing is sent and nothing is stored; who wears
 * a device is `device list`'s business.
 *
 * What a payload means is translate.c's business. */
#include <string.h>

#include "cli/table.h"
#include "stepward/wire.h"

const struct cli_option cmd_source_try_options[] = {
    {"topic", "TOPIC", "the message's topic, for {patient} and {device}"},
    {"retained", NULL, "as a copy that the broker retained: it has no time of receipt"},
    CLI_FORMAT_OPTION,
    {0},
};

static const struct cli_column columns[] = {
    {"what", "what", CLI_TEXT, 0, 0},         {"at", "at", CLI_WORDS, 0, 0},
    {"seconds", "seconds", CLI_NUMBER, 0, 1}, {"value", "value", CLI_NUMBER, 0, 0},
    {"device", "device", CLI_TEXT, 0, 0},     {"patient", "patient", CLI_TEXT, 0, 2},
    {"worn", "worn", CLI_TEXT, 0, 3},         {"battery", "battery", CLI_NUMBER, 0, 4},
};

static void print_sample(struct cli_table *table, const struct sw_sample *sample,
                         const char *patient)
{
    static const char *const whats[] = {"steps", "total", "pain"};
    char score[16]; /* "10", "4.5", "1.23457e-06" */
    bool is_reading = sample->kind == SW_SAMPLE_READING;
    cli_cell_text(table, whats[sample->kind]);
    cli_cell_time(table, is_reading                        ? sample->reading.start_s
                         : sample->kind == SW_SAMPLE_TOTAL ? sample->total.at_s
                                                           : sample->pain.at_s);
    if (is_reading)
        cli_cell_number(table, sample->reading.seconds);
    else
        cli_cell_none(table);
    snprintf(score, sizeof score, "%g", sample->pain.score);
    if (sample->kind == SW_SAMPLE_PAIN)
        cli_cell_text(table, score);
    else
        cli_cell_number(table,
                        is_reading ? sample->reading.steps : sample->total.total);
    cli_cell_text(table, sample->device.str);
    cli_cell_text(table, patient);
    cli_cell_text(table, is_reading && !sample->reading.worn ? "no" : "");
    if (sample->battery >= 0)
        cli_cell_number(table, sample->battery);
    else
        cli_cell_none(table);
}

static const char *pointer_of(const struct sw_source *source)
{
    return source->has_score   ? source->score
           : source->has_total ? source->total
                               : source->steps;
}

/* What is said where there is no row. */
static void explain_nothing(const struct sw_source *source,
                            const struct sw_samples *samples, enum sw_value_state said,
                            enum sw_refusal refusal, char out[static SW_WHY_MAX])
{
    if (refusal != SW_ACCEPTED)
        snprintf(out, SW_WHY_MAX, "nothing is taken");
    else if (said == SW_VALUE_AWAY)
        snprintf(out, SW_WHY_MAX, "no data: the sender says that it has none");
    else if (samples->n_seen == 0)
        snprintf(out, SW_WHY_MAX, "no data: the payload has no item of this source");
    else if (samples->n_missed > 0)
        snprintf(out, SW_WHY_MAX, "no data: nothing at \"%.100s\"", pointer_of(source));
    else
        snprintf(out, SW_WHY_MAX, "no data: the value is null or negative");
}

static int print_result(struct cli *cli, const struct sw_origin *origin,
                        const struct sw_samples *samples, enum sw_value_state said,
                        enum sw_refusal refusal)
{
    char none[SW_WHY_MAX], why[SW_WHY_MAX];
    explain_nothing(origin->source, samples, said, refusal, none);
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < samples->n; i++)
        print_sample(table, &samples->items[i], origin->patient.str);
    int code = cli_table_end(table, none);
    if (code == CLI_OK && samples->n > 0 && samples->n_missed > 0)
        fprintf(cli->err, "%zu of %zu items have nothing at \"%s\"\n",
                samples->n_missed, samples->n_seen, pointer_of(origin->source));
    for (size_t i = 0; i < samples->n_refused; i++) {
        sw_refused_why(&samples->refused[i], why);
        code = cli_fail(cli, "refused (%s): %s",
                        sw_refusal_code(samples->refused[i].refusal), why);
    }
    return code;
}

static int decode(struct cli *cli, const struct sw_origin *origin, bool is_retained)
{
    static char payload[SW_PAYLOAD_MAX + 1]; /* one more shows that it is too much */
    const struct sw_config *config = &cli->config;
    const struct sw_receipt receipt = {
        .at_s = cli->now_s,
        .retained = is_retained,
        .stamp = SW_STAMP_RECEIPT,
        .oldest_s = cli->now_s - config->max_age_s,
        .newest_s = cli->now_s + config->max_future_s,
        .cut_s = cli->now_s + config->max_future_s,
    };
    struct sw_samples samples = {0};
    enum sw_value_state said;
    char why[SW_WHY_MAX] = "";
    size_t len = fread(payload, 1, sizeof payload, stdin);
    if (ferror(stdin))
        return cli_fail(cli, "cannot read the payload on standard input");
    int r = sw_decode_source(origin, payload, len, &receipt, &samples, &said, why);
    int code = r < 0 ? cli_fail(cli, "out of memory")
                     : print_result(cli, origin, &samples, said, (enum sw_refusal)r);
    sw_samples_fini(&samples);
    return code;
}

/* Fill in what the topic says of patient and device. */
static int match_topic(struct cli *cli, const char *topic, struct sw_origin *origin)
{
    struct sw_adapters *adapters;
    const struct sw_source *source = origin->source;
    if (sw_adapters_new(&adapters, source, 1) < 0)
        return cli_fail(cli, "out of memory");
    enum sw_match match = sw_adapters_match(adapters, topic, strlen(topic), origin);
    sw_adapters_free(adapters);
    if (match != SW_MATCH_SOURCE)
        return cli_fail(cli, "%s is not of source %s: its topic is %s", topic,
                        source->name, source->topic);
    if (origin->invalid)
        return cli_fail(cli, "source %s: what stands for %s is no id", source->name,
                        origin->invalid);
    return CLI_OK;
}

int cmd_source_try(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_origin origin = {0};
    const char *name = "";
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &name);
    for (size_t i = 0; code == CLI_OK && i < cli->config.n_sources; i++)
        if (strcmp(cli->config.sources[i].name, name) == 0)
            origin.source = &cli->config.sources[i];
    if (code == CLI_OK && !origin.source)
        code = cli_usage(cli, "the configuration has no source %s", name);
    const char *topic = code == CLI_OK ? cli_value(cli, &args, "topic") : NULL;
    if (topic)
        code = match_topic(cli, topic, &origin);
    if (code != CLI_OK)
        return code;
    return decode(cli, &origin, cli_value(cli, &args, "retained") != NULL);
}
