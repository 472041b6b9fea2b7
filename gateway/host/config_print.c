/* config_print.c -- the effective configuration in its own syntax, every key of it.
 * The password itself stays where it is. */
#include "stepward/config.h"

#include <inttypes.h>
#include <string.h>

/* Double quotes escape \ and "; text that holds ${ can only stand in single ones. */
static void print_quoted(FILE *out, const char *text)
{
    char quote = strstr(text, "${") ? '\'' : '"';
    fputc(quote, out);
    for (; *text; text++) {
        if (*text == quote || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc(quote, out);
}

static void print_text(FILE *out, const char *indent, const char *key, const char *text)
{
    fprintf(out, "%s%s = ", indent, key);
    print_quoted(out, text);
    fputc('\n', out);
}

static void print_duration(FILE *out, const char *key, int64_t seconds)
{
    char text[SW_DURATION_TEXT_MAX];
    sw_duration_format(seconds, text);
    print_text(out, "", key, text);
}

static void print_broker(const struct sw_config *config, FILE *out)
{
    fputs("broker {\n", out);
    print_text(out, "    ", "uri", config->broker.uri);
    print_text(out, "    ", "client_id", config->broker.client_id);
    fprintf(out, "    protocol = %d\n", config->broker.protocol);
    print_text(out, "    ", "username", config->broker.username);
    print_text(out, "    ", "password_file", config->broker.password_file);
    print_text(out, "    ", "ca_file", config->broker.ca_file);
    print_text(out, "    ", "cert_file", config->broker.cert_file);
    print_text(out, "    ", "key_file", config->broker.key_file);
    fputs("}\n", out);
}

static void print_plan(const struct sw_plan *plan, FILE *out)
{
    const struct sw_plan_field *field;
    char text[SW_PLAN_TEXT_MAX];
    fputs("plan {\n", out);
    for (size_t i = 0; (field = sw_plan_field(i)); i++) {
        sw_plan_get(plan, field->key, text);
        if (field->type == SW_PLAN_NUMBER)
            fprintf(out, "    %s = %s\n", field->key, text);
        else
            print_text(out, "    ", field->key, text);
    }
    fputs("}\n", out);
}

static void print_pointers(const struct sw_source *source, FILE *out)
{
    const struct {
        const char *key, *text;
    } pointers[] = {{"start", source->start}, {"from", source->from},
                    {"to", source->to},       {"at", source->at},
                    {"worn", source->worn},   {"battery", source->battery}};
    for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++)
        if (pointers[i].text[0] != '\0')
            print_text(out, "    ", pointers[i].key, pointers[i].text);
}

/* Of the periods that have no end of their own; else only what was written. */
static void print_seconds(const struct sw_source *source, FILE *out)
{
    bool has_period = source->has_steps && source->to[0] == '\0';
    int32_t fallback = has_period ? SW_DEFAULT_SECONDS : 0;
    int32_t seconds = source->seconds > 0 ? source->seconds : fallback;
    if (seconds > 0)
        fprintf(out, "    seconds = %" PRId32 "\n", seconds);
}

static void print_source(const struct sw_source *source, FILE *out)
{
    fprintf(out, "source %s {\n", source->name);
    print_text(out, "    ", "topic", source->topic);
    if (source->has_total)
        print_text(out, "    ", "total", source->total);
    if (source->has_steps)
        print_text(out, "    ", "steps", source->steps);
    print_pointers(source, out);
    print_text(out, "    ", "unit", source->unit_ms ? "ms" : "s");
    print_text(out, "    ", "stamp", source->stamp_end ? "end" : "start");
    print_seconds(source, out);
    fputs("}\n", out);
}

void sw_config_print(const struct sw_config *config, FILE *out)
{
    print_text(out, "", "site", config->site);
    print_text(out, "", "timezone", config->timezone);
    print_text(out, "", "data_dir", config->data_dir);
    print_duration(out, "max_age", config->max_age_s);
    print_duration(out, "max_future", config->max_future_s);
    fprintf(out, "auto_enroll = %s\n", config->auto_enroll ? "true" : "false");
    print_duration(out, "commit_interval", config->commit_interval_s);
    fprintf(out, "alert_budget = %" PRId32 "\n", config->alert_budget);
    print_broker(config, out);
    print_plan(&config->plan, out);
    for (size_t i = 0; i < config->n_sources; i++)
        print_source(&config->sources[i], out);
}
