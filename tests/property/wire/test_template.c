/* test_template.c -- topics and templates of few letters, at random: matching agrees
 * with a slow obvious matcher, and its filter takes what the template takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/adapter.h"

enum { ROUNDS = 200000, TEXT_MAX = 64 };

static uint32_t draw(uint32_t below)
{
    static uint64_t state = 20260329;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

/* Few parts, so that many topics fit, or nearly. */
static void draw_text(char *out, const char *const *parts, uint32_t n)
{
    out[0] = '\0';
    for (uint32_t i = draw(6) + 1; i > 0; i--)
        strcat(out, parts[draw(n)]);
}

/* '?' a hole that takes at least one byte, '+' one that takes any; levels apart. */
static bool obviously_fits(const char *template, const char *topic)
{
    if (*template == '\0')
        return *topic == '\0';
    bool is_any = *template == '+', is_hole = *template == '{';
    if (!is_any && !is_hole)
        return *topic == *template && obviously_fits(template + 1, topic + 1);
    const char *after = is_any ? template + 1 : strchr(template, '}') + 1;
    for (const char *end = is_any ? topic : topic + 1;; end++) {
        if (is_hole && end == topic + 1 && (*topic == '\0' || *topic == '/'))
            return false;
        if (obviously_fits(after, end))
            return true;
        if (*end == '\0' || *end == '/')
            return false;
    }
}

static bool is_filter_for(const char *filter, const char *topic)
{
    return obviously_fits(filter, topic);
}

/* As the configuration takes them: at most one hole a level, + alone, each once. */
static bool is_template(const char *text)
{
    const char *patient = strstr(text, "{patient}"), *device = strstr(text, "{device}");
    bool has_two = (patient && strstr(patient + 1, "{patient}")) ||
                   (device && strstr(device + 1, "{device}"));
    const char *slash =
        patient && device ? strchr(patient < device ? patient : device, '/') : NULL;
    bool is_shared =
        patient && device && (!slash || slash > (patient > device ? patient : device));
    for (const char *plus = text; (plus = strchr(plus, '+')); plus++) {
        bool is_alone =
            (plus == text || plus[-1] == '/') && (plus[1] == '/' || plus[1] == '\0');
        if (!is_alone)
            return false;
    }
    return !has_two && !is_shared && (patient || device);
}

static void test_template__agrees_with_the_obvious_matcher(void **state)
{
    (void)state;
    static const char *const in_templates[] = {"a", "b",         "/",       "/",
                                               "+", "{patient}", "{device}"};
    static const char *const in_topics[] = {"a", "b", "/", "ab", "a/b"};
    int n_fits = 0, n_stray = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char text[TEXT_MAX], topic[TEXT_MAX];
        sw_topic_text filter;
        struct sw_filling fillings[SW_HOLES];
        struct sw_template template;
        draw_text(text, in_templates, 7);
        draw_text(topic, in_topics, 5);
        if (!is_template(text))
            continue;
        assert_int_equal(sw_template_init(&template, text), 0);
        enum sw_match match =
            sw_template_match(&template, topic, strlen(topic), fillings);
        sw_template_filter(&template, filter);
        enum sw_match expected = obviously_fits(text, topic)    ? SW_MATCH_SOURCE
                                 : is_filter_for(filter, topic) ? SW_MATCH_STRAY
                                                                : SW_MATCH_NONE;
        if (match != expected)
            fail_msg("%s, %s: %d, not %d", text, topic, match, expected);
        n_fits += match == SW_MATCH_SOURCE;
        n_stray += match == SW_MATCH_STRAY;
        sw_template_fini(&template);
    }
    assert_true(n_fits > ROUNDS / 100 && n_stray > ROUNDS / 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_template__agrees_with_the_obvious_matcher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
