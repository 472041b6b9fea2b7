/* openapi.c -- the description of the API, made of the routes and of the command line's
 * tables of options, so that it cannot say anything else than they do. */
#include "web/openapi.h"

#include <string.h>

#include "web/command.h"
#include "web/json.h"
#include "web/web.h"

#define API "/api/v1/"

/* "description": what it is. */
static void put_help(FILE *out, const char *key, const char *help)
{
    fprintf(out, "\"%s\":", key);
    web_json_text(out, help);
}

static void put_query(FILE *out, const struct cli_command *command, const char **comma)
{
    for (size_t i = 0; command && command->options[i].name; i++) {
        const struct cli_option *option = &command->options[i];
        if (strcmp(option->name, "format") == 0 || strcmp(option->name, "wide") == 0)
            continue;
        fprintf(out, "%s{\"name\":\"%s\",\"in\":\"query\",", *comma, option->name);
        put_help(out, "description", option->help);
        fprintf(out, ",\"schema\":{\"type\":\"%s\"}}",
                option->value ? "string" : "boolean");
        *comma = ",";
    }
}

static void put_parameters(FILE *out, const struct web_route *route)
{
    const char *comma = "";
    fputs(",\"parameters\":[", out);
    for (const char *at = route->pattern; (at = strchr(at, '{')); at++) {
        fprintf(out,
                "%s{\"name\":\"%.*s\",\"in\":\"path\",\"required\":true,"
                "\"schema\":{\"type\":\"string\"}}",
                comma, (int)strcspn(at + 1, "}"), at + 1);
        comma = ",";
    }
    if (route->answer == web_api)
        put_query(out, cli_command_named(route->command), &comma);
    if (route->answer == web_events) {
        fprintf(out, "%s{\"name\":\"page\",\"in\":\"query\",", comma);
        put_help(out, "description", "the page's path, as in /patient/p017");
        fputs(",\"schema\":{\"type\":\"string\"}}", out);
    }
    fputc(']', out);
}

static void put_answers(FILE *out, const struct web_route *route)
{
    const char *type =
        route->answer == web_events ? "text/event-stream" : "application/json";
    fprintf(
        out,
        ",\"responses\":{\"200\":{\"description\":\"done\",\"content\":{\"%s\":{}}},"
        "\"default\":{\"description\":\"not done: {\\\"error\\\": why}\","
        "\"content\":{\"application/json\":{}}}}",
        type);
}

static void put_operation(FILE *out, const struct web_route *route)
{
    bool is_post = strcmp(route->method, "POST") == 0;
    fprintf(out, "\"%s\":{", is_post ? "post" : "get");
    put_help(out, "summary", route->help);
    put_parameters(out, route);
    if (is_post) {
        fputs(",\"requestBody\":{\"required\":true,\"content\":{"
              "\"application/x-www-form-urlencoded\":{\"schema\":{\"type\":\"object\","
              "\"properties\":{",
              out);
        web_act_fields(out, route->command);
        fputs("}}}}}", out);
    }
    put_answers(out, route);
    fputc('}', out);
}

void web_openapi_write(FILE *out)
{
    const struct web_route *route;
    const char *comma = "";
    fputs(
        "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Stepward\",\"version\":"
        "\"" STEPWARD_VERSION "\"},\"security\":[{\"token\":[]},{\"session\":[]}],"
        "\"components\":{\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":"
        "\"bearer\"},\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":"
        "\"__Host-stepward\"}}},\"paths\":{",
        out);
    for (size_t i = 0; (route = web_route(i)); i++) {
        if (strncmp(route->pattern, API, strlen(API)) != 0)
            continue;
        fprintf(out, "%s\"%s\":{", comma, route->pattern);
        put_operation(out, route);
        fputc('}', out);
        comma = ",\n";
    }
    fputs("}}\n", out);
}

enum MHD_Result web_openapi(struct web_request *request)
{
    char *bytes = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&bytes, &n);
    if (!out)
        return MHD_NO;
    web_openapi_write(out);
    return fclose(out) == 0
               ? web_reply(request, MHD_HTTP_OK, "application/json", bytes, n)
               : MHD_NO;
}
