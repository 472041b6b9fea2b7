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

/* What is said where there is no row. */
static void explain_nothing(const struct sw_samples *samples, enum sw_value_state said,
                            enum sw_refusal refusal, char out[static SW_WHY_MAX])
{
    if (refusal != SW_ACCEPTED)
        snprintf(out, SW_WHY_MAX, "nothing is taken");
    else if (said == SW_VALUE_AWAY)
        snprintf(out, SW_WHY_MAX, "no data: the sender says that it has none");
    else if (samples->n_seen == 0)
        snprintf(out, SW_WHY_MAX, "no data: the payload has no item of this source");
    else if (samples->n_missed > 0)
        snprintf(out, SW_WHY_MAX, "no data: %.180s", samples->missed);
    else
        snprintf(out, SW_WHY_MAX, "no data: the value is null or negative");
}

static int print_result(struct cli *cli, const struct sw_origin *origin,
                        const struct sw_samples *samples, enum sw_value_state said,
                        enum sw_refusal refusal)
{
    char none[SW_WHY_MAX], why[SW_WHY_MAX];
    explain_nothing(samples, said, refusal, none);
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < samples->n; i++)
        print_sample(table, &samples->items[i], origin->patient.str);
    int code = cli_table_end(table, none);
    if (code == CLI_OK && samples->n > 0 && samples->n_missed > 0)
        fprintf(cli->err, "%zu of %zu items say nothing: %s\n", samples->n_missed,
                samples->n_seen, samples->missed);
    for (size_t i = 0; i < samples->n_refused; i++) {
        sw_refused_why(&samples->refused[i], why);
        code = cli_fail(cli, "refused (%s): %s",
                        sw_refusal_code(samples->refused[i].refusal), why);
    }
    return code;
}

/* A message is taken by every section of its topic. What the others make of it goes to
 * standard error: it is not asked for. */
static void print_others(struct cli *cli, const struct sw_origin *origin,
                         const char *payload, size_t len,
                         const struct sw_receipt *receipt, struct sw_samples *samples)
{
    const struct sw_config *config = &cli->config;
    for (size_t i = 0; i < config->n_sources; i++) {
        struct sw_origin other = *origin;
        enum sw_value_state said;
        char why[SW_WHY_MAX];
        other.source = &config->sources[i];
        if (other.source == origin->source ||
            strcmp(other.source->topic, origin->source->topic) != 0)
            continue;
        sw_decode_source(&other, payload, len, receipt, samples, &said, why);
        fprintf(cli->err, "source %s has the same topic, and takes %zu of it%s\n",
                other.source->name, samples->n,
                samples->n_refused > 0 ? ", and refuses some" : "");
    }
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
    print_others(cli, origin, payload, len, &receipt, &samples);
    sw_samples_fini(&samples);
    return code;
}

/* Match the topic with n of the configuration's sources, of which *origin is set to the
 * first that it is of. False without memory. */
static bool match_sources(const struct sw_source *sources, size_t n, const char *topic,
                          enum sw_match *ret_match, struct sw_origin *ret_origin)
{
    struct sw_adapters *adapters;
    if (sw_adapters_new(&adapters, sources, n) < 0)
        return false;
    *ret_match = sw_adapters_match(adapters, topic, strlen(topic), ret_origin);
    sw_adapters_free(adapters);
    return true;
}

/* Fill in what the topic says of patient and device. Of sections whose topics differ
 * only the first that fits sees a message, and none sees one on a native topic. */
static int match_topic(struct cli *cli, const char *topic, struct sw_origin *origin)
{
    const struct sw_source *source = origin->source;
    struct sw_origin first = *origin;
    struct sw_topic native;
    enum sw_match match, any;
    if (!match_sources(source, 1, topic, &match, origin) ||
        !match_sources(cli->config.sources, cli->config.n_sources, topic, &any, &first))
        return cli_fail(cli, "out of memory");
    if (match != SW_MATCH_SOURCE)
        return cli_fail(cli, "%s is not of source %s: its topic is %s", topic,
                        source->name, source->topic);
    if (sw_topic_parse(cli->config.site, topic, strlen(topic), &native) !=
        SW_TOPIC_OTHER)
        return cli_fail(cli,
                        "source %s never sees %s: it is a topic of Stepward's own, "
                        "for native payloads",
                        source->name, topic);
    if (strcmp(first.source->topic, source->topic) != 0)
        return cli_fail(cli,
                        "source %s never sees %s: source %s stands before it, and its "
                        "topic %s takes it; change one of the topics, or their order",
                        source->name, topic, first.source->name, first.source->topic);
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
