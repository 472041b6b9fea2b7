/* test_routes.c -- addresses find their places, and the API's description is the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "web/openapi.h"
#include "web/web.h"

static int find(const char *method, const char *address, struct web_place *place,
                const char **allowed)
{
    int r = web_place_find(place, method, address, allowed);
    web_place_fini(place);
    return r;
}

static void test_route__patterns_and_their_values(void **state)
{
    struct web_place place;
    const char *allowed;
    (void)state;
    assert_int_equal(find("GET", "/", &place, &allowed), 0);
    assert_int_equal(place.route->screen, WEB_NOW);
    assert_int_equal(find("HEAD", "/?hidden=1", &place, &allowed), 0);
    assert_int_equal(place.route->screen, WEB_NOW);
    assert_int_equal(find("GET", "/patient/p%31/day/2026-03-29", &place, &allowed), 0);
    assert_int_equal(place.route->screen, WEB_DAY);
    assert_string_equal(place.args[0], "p1");
    assert_string_equal(place.args[1], "2026-03-29");
    assert_int_equal(find("POST", "/act/ack", &place, &allowed), 0);
    assert_string_equal(place.args[0], "ack");
}

static void test_route__the_address_of_a_screen_has_what_it_understands(void **state)
{
    char out[64];
    (void)state;
    assert_true(web_place_address("/patient/p1?x=1&days=365&days&&y=days=7#", out, 64));
    assert_string_equal(out, "/patient/p1?days=365&days");
    assert_true(web_place_address("/?x=1", out, sizeof out));
    assert_string_equal(out, "/");
    assert_true(web_place_address("/clinic?show=pain&sort=steps", out, sizeof out));
    assert_string_equal(out, "/clinic?show=pain&sort=steps");
    assert_false(web_place_address("/clinic?show=pain", out, 12));
    assert_false(web_place_address("/clinic", out, 7));
}

static void test_route__what_is_not_there(void **state)
{
    struct web_place place;
    const char *allowed;
    char longest[5 * WEB_PATH_BYTES_MAX];
    (void)state;
    assert_int_equal(find("GET", "/patient", &place, &allowed), -ENOENT);
    assert_int_equal(find("GET", "/patient/p1/week", &place, &allowed), -ENOENT);
    assert_int_equal(find("GET", "/patient/p1/day/d/x", &place, &allowed), -ENOENT);
    assert_int_equal(find("GET", "/Alerts", &place, &allowed), -ENOENT);
    assert_int_equal(find("GET", "/api/v1", &place, &allowed), -ENOENT);
    assert_int_equal(find("GET", "/act/ack", &place, &allowed), -EACCES);
    assert_string_equal(allowed, "POST");
    assert_int_equal(find("PUT", "/login", &place, &allowed), -EACCES);
    assert_string_equal(allowed, "GET, HEAD, POST");
    assert_int_equal(find("DELETE", "/", &place, &allowed), -EACCES);
    assert_string_equal(allowed, "GET, HEAD");
    assert_int_equal(find("GET", "/patient/../alerts", &place, &allowed), -EINVAL);
    assert_int_equal(find("GET", "/?a=%", &place, &allowed), -EINVAL);
    assert_int_equal(find("GET", "http://evil/", &place, &allowed), -EINVAL);
    memset(longest, 'a', sizeof longest);
    longest[0] = '/';
    longest[1] = '?';
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(find("GET", longest, &place, &allowed), -EINVAL);
}

/* Nothing that shows or changes a patient's data is for anybody. */
static void test_route__who_may(void **state)
{
    const struct web_route *route;
    (void)state;
    for (size_t i = 0; (route = web_route(i)); i++) {
        bool is_open = route->answer == web_asset || route->answer == web_log_in ||
                       route->answer == web_invite;
        assert_int_equal(route->who == WEB_ANYONE, is_open);
        if (route->screen != WEB_NO_SCREEN && route->screen != WEB_NOW)
            assert_int_equal(route->who, WEB_THERAPIST);
        if (route->answer == web_act || route->answer == web_api)
            assert_int_equal(route->who, WEB_THERAPIST);
    }
}

/* An act without a command, or one that names a field twice, could not be done. */
static void assert_names_its_fields(const cJSON *operation)
{
    static const char *const path[] = {"requestBody", "content",
                                       "application/x-www-form-urlencoded", "schema",
                                       "properties"};
    for (size_t i = 0; i < sizeof path / sizeof *path; i++)
        operation = cJSON_GetObjectItemCaseSensitive(operation, path[i]);
    assert_true(cJSON_GetArraySize(operation) > 0);
    for (const cJSON *field = operation->child; field; field = field->next)
        for (const cJSON *other = field->next; other; other = other->next)
            assert_string_not_equal(field->string, other->string);
}

static void test_openapi__equals_the_routes(void **state)
{
    static const char *const acts[] = {
        "/api/v1/ack",     "/api/v1/unack",   "/api/v1/shelve", "/api/v1/unshelve",
        "/api/v1/outcome", "/api/v1/contact", "/api/v1/plan",   "/api/v1/plan-accept"};
    char *bytes = NULL;
    size_t n = 0, n_routes = 0, n_operations = 0;
    const struct web_route *route;
    FILE *out = open_memstream(&bytes, &n);
    (void)state;
    web_openapi_write(out);
    assert_int_equal(fclose(out), 0);
    cJSON *json = cJSON_Parse(bytes), *path;
    assert_non_null(json);
    const cJSON *paths = cJSON_GetObjectItem(json, "paths");
    for (size_t i = 0; (route = web_route(i)); i++) {
        if (strncmp(route->pattern, "/api/", 5) != 0)
            continue;
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(paths, route->pattern);
        bool is_post = strcmp(route->method, "POST") == 0;
        const cJSON *operation = cJSON_GetObjectItem(item, is_post ? "post" : "get");
        assert_non_null(operation);
        assert_string_equal(
            cJSON_GetStringValue(cJSON_GetObjectItem(operation, "summary")),
            route->help);
        if (is_post)
            assert_names_its_fields(operation);
        n_routes++;
    }
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(paths, acts[i]);
        assert_non_null(cJSON_GetObjectItem(item, "post"));
    }
    cJSON_ArrayForEach(path, paths) n_operations += (size_t)cJSON_GetArraySize(path);
    assert_int_equal(n_operations, n_routes);
    cJSON_Delete(json);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_route__patterns_and_their_values),
        cmocka_unit_test(test_route__the_address_of_a_screen_has_what_it_understands),
        cmocka_unit_test(test_route__what_is_not_there),
        cmocka_unit_test(test_route__who_may),
        cmocka_unit_test(test_openapi__equals_the_routes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
