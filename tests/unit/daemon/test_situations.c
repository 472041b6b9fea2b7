/* test_situations.c -- what devices do that others have reported as bugs, by kind: each
 * is a day's messages and what must come of them. Every message comes a second time in
 * another order, and changes nothing.
 *
 * In a message "@10:00" is that time of the day, and "@-10:00" of the day before, in Unix
 * seconds; "@@" the same in milliseconds. */
#include "clinic_fixture.h"

enum { MESSAGES = 8, RECEIVED_S = 20 * 3600, NOT_CHECKED = -1 };
static char bare_topic[] = "bare/{patient}/{device}",
            records_topic[] = "records/{patient}", epochs_topic[] = "epochs/{patient}";
static char nothing[] = "", whole[] = "", n[] = "/n", t[] = "/t", f[] = "/f",
            id[] = "/id", items[] = "/r";

struct situation {
    const char *kind, *name;
    int steps, rest_min, refused; /* refused: rows; rest_min may be NOT_CHECKED */
    const char *messages; /* a line each: "TOPIC PAYLOAD"; without a topic p's steps */
};

static const struct situation situations[] = {
    /* ---- counters ---- */
    {"counter", "a reset in the morning", 250, NOT_CHECKED, 0,
     "{\"at\":@07:00,\"total\":9000}\n"
     "{\"at\":@08:00,\"total\":50}\n"
     "{\"at\":@09:00,\"total\":250}"},
    {"counter", "takes some back, and goes on from there", 800, NOT_CHECKED, 0,
     "{\"at\":@07:00,\"total\":9000}\n"
     "{\"at\":@08:00,\"total\":9500}\n"
     "{\"at\":@09:00,\"total\":9100}\n"
     "{\"at\":@10:00,\"total\":9400}"},
    {"counter", "takes some back, and makes it good", 500, NOT_CHECKED, 0,
     "{\"at\":@07:00,\"total\":9000}\n"
     "{\"at\":@08:00,\"total\":9500}\n"
     "{\"at\":@09:00,\"total\":9100}\n"
     "{\"at\":@10:00,\"total\":9500}"},
    {"counter", "one total of zero between two", 500, NOT_CHECKED, 0,
     "{\"at\":@07:00,\"total\":9000}\n"
     "{\"at\":@08:00,\"total\":0}\n"
     "{\"at\":@08:01,\"total\":9500}"},
    {"counter", "wraps at 65,536", 100, NOT_CHECKED, 0,
     "{\"at\":@07:00,\"total\":65500}\n"
     "{\"at\":@09:00,\"total\":100}"},
    {"counter", "a jump that no person walks says nothing", 100, NOT_CHECKED, 0,
     "{\"at\":@07:00,\"total\":100}\n"
     "{\"at\":@07:01,\"total\":900000}\n"
     "{\"at\":@09:00,\"total\":900100}"},
    {"counter", "resets at midnight, told a minute later", 30, NOT_CHECKED, 0,
     "{\"at\":@-23:50,\"total\":8000}\n"
     "{\"at\":@00:01,\"total\":30}"},
    {"counter", "its number at midnight is of the day that ended", 0, NOT_CHECKED, 0,
     "{\"at\":@-23:00,\"total\":8000}\n"
     "{\"at\":@00:00,\"total\":8400}"},
    {"counter", "the first number of all is a beginning", 0, NOT_CHECKED, 0,
     "{\"at\":@09:00,\"total\":4711}"},
    {"counter", "two numbers of one second: the larger", 70, NOT_CHECKED, 0,
     "{\"at\":@07:00,\"total\":100}\n"
     "{\"at\":@08:00,\"total\":150}\n"
     "{\"at\":@08:00,\"total\":170}"},
    {"counter", "days that came late and backwards", 300, NOT_CHECKED, 0,
     "{\"at\":@10:00,\"total\":600}\n"
     "{\"at\":@09:00,\"total\":500}\n"
     "{\"at\":@08:00,\"total\":300}"},
    /* ---- sums of what is told in parts, too ---- */
    {"sum", "a quarter and its fifteen minutes", 150, NOT_CHECKED, 0,
     "{\"start\":@10:00,\"seconds\":60,\"steps\":[10,10,10,10,10,10,10,10,10,10,10,10,"
     "10,10,10]}\n"
     "{\"start\":@10:00,\"seconds\":900,\"steps\":150}"},
    {"sum", "an hour that knows of more than its minutes", 400, NOT_CHECKED, 0,
     "{\"start\":@10:00,\"seconds\":60,\"steps\":[100,100]}\n"
     "{\"start\":@10:00,\"seconds\":3600,\"steps\":400}"},
    {"sum", "today so far, three times", 900, NOT_CHECKED, 0,
     "{\"start\":@00:00,\"seconds\":28800,\"steps\":200}\n"
     "{\"start\":@00:00,\"seconds\":36000,\"steps\":500}\n"
     "{\"start\":@00:00,\"seconds\":64800,\"steps\":900}"},
    {"sum", "the day, and one of its walks", 5000, NOT_CHECKED, 0,
     "{\"start\":@00:00,\"seconds\":72000,\"steps\":5000}\n"
     "{\"start\":@10:00,\"seconds\":1800,\"steps\":2000}"},
    {"sum", "the same span again with fewer, then with more", 120, NOT_CHECKED, 0,
     "{\"start\":@10:00,\"seconds\":900,\"steps\":100}\n"
     "{\"start\":@10:00,\"seconds\":900,\"steps\":90}\n"
     "{\"start\":@10:00,\"seconds\":900,\"steps\":120}"},
    {"sum", "halves of hours that overlap", 300, NOT_CHECKED, 0,
     "{\"start\":@10:00,\"seconds\":1800,\"steps\":200}\n"
     "{\"start\":@10:30,\"seconds\":1800,\"steps\":100}\n"
     "{\"start\":@10:00,\"seconds\":3600,\"steps\":290}"},
    /* ---- days and their ends ---- */
    {"day", "the day before it is over ends when it came", 700, NOT_CHECKED, 0,
     "{\"start\":@00:00,\"seconds\":86400,\"steps\":700}"},
    {"day", "a night's reading is shared by its days", 50, NOT_CHECKED, 0,
     "{\"start\":@-23:00,\"seconds\":7200,\"steps\":100}"},
    {"day", "longer than one of 25 hours", 0, NOT_CHECKED, 1,
     "{\"start\":@-00:00,\"seconds\":90001,\"steps\":100}"},
    /* ---- what is wrong costs nothing else ---- */
    {"item", "a battery of 255", 90, NOT_CHECKED, 0,
     "{\"start\":@10:00,\"steps\":90,\"battery\":255}"},
    {"item", "a battery in words", 90, NOT_CHECKED, 0,
     "{\"start\":@10:00,\"steps\":90,\"battery\":\"full\"}"},
    {"item", "worn in words", 90, NOT_CHECKED, 0,
     "{\"start\":@10:00,\"steps\":90,\"worn\":\"maybe\"}"},
    {"item", "a record of no length among others", 180, NOT_CHECKED, 1,
     "[{\"start\":@10:00,\"steps\":90},{\"start\":@10:01,\"seconds\":0,\"steps\":90},"
     "{\"start\":@10:02,\"steps\":90}]"},
    {"item", "a text in a batch", 180, NOT_CHECKED, 1,
     "{\"start\":@10:00,\"steps\":[90,\"x\",90]}"},
    {"item", "900 in a minute of a batch", 180, NOT_CHECKED, 1,
     "{\"start\":@10:00,\"steps\":[90,900,90]}"},
    {"item", "years ago, and now", 90, NOT_CHECKED, 1,
     "[{\"start\":946684800,\"steps\":90},{\"start\":@10:00,\"steps\":90}]"},
    {"item", "tomorrow, and now", 90, NOT_CHECKED, 1,
     "[{\"start\":@21:00,\"steps\":90},{\"start\":@10:00,\"steps\":90}]"},
    {"item", "fractions are rounded, halves up", 93, NOT_CHECKED, 0,
     "{\"start\":@10:00,\"steps\":[90.4,2.5]}"},
    {"item", "a name too long, and a good one", 90, NOT_CHECKED, 1,
     "[{\"start\":@10:00,\"steps\":90},{\"start\":@10:01,\"steps\":90,\"device\":"
     "\"a-name-of-more-than-thirty-six-letters-\"}]"},
    {"item", "encoded twice", 90, NOT_CHECKED, 0,
     "\"{\\\"start\\\":@10:00,\\\"steps\\\":90}\""},
    {"item", "fields that nobody knows", 90, NOT_CHECKED, 0,
     "{\"start\":@10:00,\"steps\":90,\"v\":{\"a\":[1]},\"steps_\":1e9}"},
    /* ---- no data is no rest, and no error ---- */
    {"no data", "null in a batch", 90, 0, 0,
     "{\"start\":@10:00,\"seconds\":900,\"steps\":[90,null,null,null]}"},
    {"no data", "-1 in a batch", 90, 0, 0,
     "{\"start\":@10:00,\"seconds\":900,\"steps\":[90,-1,-1,-1]}"},
    {"no data", "zeros are a rest", 0, 60, 0,
     "{\"start\":@10:00,\"seconds\":900,\"steps\":[0,0,0,0]}"},
    {"no data", "not worn is no rest", 0, 0, 0,
     "{\"start\":@10:00,\"seconds\":900,\"steps\":[0,0,0,0],\"worn\":false}"},
    {"no data", "words for it", 0, NOT_CHECKED, 0,
     "bare/p/d NaN\n"
     "bare/p/d none\n"
     "bare/p/d Unavailable\n"
     "bare/p/d \n"
     "bare/p/d null\n"
     "bare/p/d UNDEF\n"
     "bare/p/d -1"},
    {"no data", "a source's items without a value", 40, NOT_CHECKED, 0,
     "records/p "
     "{\"r\":[{\"f\":@10:00,\"t\":@10:15,\"n\":40},{\"f\":@10:15,\"t\":@10:30},"
     "{\"f\":@10:30,\"t\":@10:45,\"n\":null}]}"},
    /* ---- told only of changes ---- */
    {"changes", "twelve steps in three hours are a rest", 12, 180, 0,
     "{\"start\":@13:00,\"seconds\":3600,\"steps\":[4,4,4]}"},
    {"changes", "a counter that stands still with times of its own", 0, 60, 0,
     "{\"at\":@13:00,\"total\":50}\n"
     "{\"at\":@14:00,\"total\":50}"},
    {"changes", "a day's sum says nothing of minutes", 3000, 0, 0,
     "{\"start\":@08:00,\"seconds\":36000,\"steps\":3000}"},
    /* ---- times ---- */
    {"time", "milliseconds", 90, NOT_CHECKED, 0, "{\"start\":@@10:00,\"steps\":90}"},
    {"time", "an offset without a colon, behind a blank", 90, NOT_CHECKED, 0,
     "{\"start\":\"2026-03-10 11:00:00 +0100\",\"steps\":90}"},
    {"time", "a fraction of a second", 90, NOT_CHECKED, 0,
     "{\"start\":\"2026-03-10T10:00:00.999Z\",\"steps\":90}"},
    {"time", "no offset at all", 0, NOT_CHECKED, 1,
     "{\"start\":\"2026-03-10T10:00:00\",\"steps\":90}"},
    {"time", "none", 0, NOT_CHECKED, 1, "{\"steps\":90}"},
    {"time", "seconds as a text", 0, NOT_CHECKED, 1,
     "{\"start\":\"1773136800\",\"steps\":90}"},
    /* ---- depth and size ---- */
    {"depth", "seventeen levels", 0, NOT_CHECKED, 1,
     "{\"start\":@10:00,\"steps\":90,\"x\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}"},
    {"depth", "twelve levels", 90, NOT_CHECKED, 0,
     "{\"start\":@10:00,\"steps\":90,\"x\":[[[[[[[[[[[1]]]]]]]]]]]}"},
    /* ---- several devices ---- */
    {"devices", "band and phone on the same walk", 850, NOT_CHECKED, 0,
     "{\"device\":\"band\",\"start\":@10:00,\"steps\":[85,85,85,85,85,85,85,85,85,85]"
     "}\n"
     "{\"device\":\"phone\",\"start\":@10:00,\"seconds\":900,\"steps\":840}"},
    {"devices", "one is left at home", 850, NOT_CHECKED, 0,
     "{\"device\":\"band\",\"start\":@10:00,\"steps\":[85,85,85,85,85,85,85,85,85,85]"
     "}\n"
     "{\"device\":\"phone\",\"start\":@10:00,\"seconds\":3600,\"steps\":0}"},
    {"devices", "each hour is one's", 1200, NOT_CHECKED, 0,
     "{\"device\":\"band\",\"start\":@10:00,\"seconds\":3600,\"steps\":[700,100]}\n"
     "{\"device\":\"phone\",\"start\":@10:00,\"seconds\":3600,\"steps\":[100,500]}"},
    {"devices", "a clock that is five minutes ahead", 850, NOT_CHECKED, 0,
     "{\"device\":\"a\",\"start\":@10:00,\"steps\":[85,85,85,85,85,85,85,85,85,85]}\n"
     "{\"device\":\"b\",\"start\":@10:05,\"steps\":[85,85,85,85,85,85,85,85,85,85]}"},
    {"devices", "phone and watch in one payload", 90, NOT_CHECKED, 0,
     "epochs/p {\"r\":[{\"id\":\"i "
     "Phone\",\"t\":@10:00,\"n\":80},{\"id\":\"Watch\",\"t\":"
     "@10:00,\"n\":90}]}"},
};

/* ---- the clinic ---- */

struct scene {
    struct clinic clinic;
    struct sw_source sources[3];
    struct sw_adapters *adapters;
    int n_wrong;
};

static struct sw_source source_of(char *name)
{
    return (struct sw_source){.name = name,
                              .topic = name,
                              .total = nothing,
                              .steps = nothing,
                              .start = nothing,
                              .from = nothing,
                              .to = nothing,
                              .at = nothing,
                              .worn = nothing,
                              .battery = nothing};
}

static void scene_open(struct scene *scene)
{
    struct sw_source *sources = scene->sources;
    sources[0] = source_of(bare_topic);
    sources[0].total = whole;
    sources[0].has_total = true;
    for (size_t i = 1; i < 3; i++) {
        sources[i] = source_of(i == 1 ? records_topic : epochs_topic);
        sources[i].each = items;
        sources[i].has_each = sources[i].has_steps = true;
        sources[i].steps = n;
    }
    sources[1].from = f;
    sources[1].to = t;
    sources[2].start = t;
    sources[2].device = id;
    open_clinic(&scene->clinic);
    assert_int_equal(sw_adapters_new(&scene->adapters, sources, 3), 0);
    scene->clinic.config.sources = sources;
    scene->clinic.config.n_sources = 3;
    scene->clinic.ingest.adapters = scene->adapters;
}

static void scene_close(struct scene *scene)
{
    close_clinic(&scene->clinic);
    sw_adapters_free(scene->adapters);
}

/* Fill in the times of the day. */
static void fill_times(const char *message, char *out, size_t size)
{
    size_t len = 0;
    while (*message && len + 32 < size) {
        int hour, minute;
        bool in_ms = message[0] == '@' && message[1] == '@';
        const char *at = message + 1 + in_ms;
        bool is_before = message[0] == '@' && *at == '-';
        at += is_before;
        if (message[0] != '@' || sscanf(at, "%2d:%2d", &hour, &minute) != 2) {
            out[len++] = *message++;
            continue;
        }
        int64_t at_s = DAY_S - is_before * 86400 + hour * 3600 + minute * 60;
        len += (size_t)snprintf(out + len, size - len, "%lld%s", (long long)at_s,
                                in_ms ? "000" : "");
        message = at + strlen("10:00");
    }
    out[len] = '\0';
}

static void scene_send(struct scene *scene, const char *message)
{
    char text[2000], topic[64] = "clinic/t/patient/p/steps";
    fill_times(message, text, sizeof text);
    const char *payload = text;
    bool has_topic = strchr("ber", *text) && strchr(text, '/');
    if (has_topic) {
        size_t len = strcspn(text, " ");
        snprintf(topic, sizeof topic, "%.*s", (int)len, text);
        payload = text + len + 1;
    }
    struct sw_inbox_record record = {.received_at_s = DAY_S + RECEIVED_S,
                                     .topic = topic,
                                     .topic_len = strlen(topic),
                                     .payload = payload,
                                     .payload_len = strlen(payload)};
    assert_int_equal(ingest_take(&scene->clinic.ingest, &record, DAY_S + RECEIVED_S),
                     0);
}

static int keep_row(void *ctx, const struct sw_day_row *row)
{
    *(struct sw_day_row *)ctx = *row;
    return 0;
}
static int count_row(void *ctx, const struct sw_rejected *rejected)
{
    (void)rejected;
    ++*(int *)ctx;
    return 0;
}

static void scene_wrong(struct scene *scene, const struct situation *s,
                        const char *what, int number)
{
    print_error("%s, %s: %d %s\n", s->kind, s->name, number, what);
    scene->n_wrong++;
}

static void check(struct scene *scene, const struct situation *s, int n_times)
{
    struct sw_patient_id patient = {"p"};
    struct sw_day_row row;
    int n_refused = 0;
    memset(&row, 0, sizeof row);
    assert_true(judge(&scene->clinic, DAY_S + RECEIVED_S, true));
    sw_store_each_day(scene->clinic.store, &patient, TODAY, TODAY, keep_row, &row);
    sw_store_each_rejected(scene->clinic.store, 99, count_row, &n_refused);
    if (row.steps != s->steps)
        scene_wrong(scene, s, "steps", (int)row.steps);
    if (s->rest_min != NOT_CHECKED && row.longest_rest_min != s->rest_min)
        scene_wrong(scene, s, "minutes of rest", (int)row.longest_rest_min);
    if (n_refused != n_times * s->refused)
        scene_wrong(scene, s, "rows refused", n_refused);
}

static void test_situations__come_out_right_in_any_order(void **state)
{
    (void)state;
    int n_wrong = 0; /* all of them are told */
    for (size_t i = 0; i < sizeof situations / sizeof *situations; i++) {
        const struct situation *s = &situations[i];
        static struct scene scene;
        char text[2000], *rest = text, *messages[MESSAGES], *line;
        int n_messages = 0;
        snprintf(text, sizeof text, "%s", s->messages);
        while ((line = strsep(&rest, "\n")))
            messages[n_messages++] = line;
        memset(&scene, 0, sizeof scene);
        scene_open(&scene);
        for (int k = 0; k < n_messages; k++)
            scene_send(&scene, messages[k]);
        check(&scene, s, 1);
        for (int k = n_messages - 1; k >= 0; k--)
            scene_send(&scene, messages[k]);
        check(&scene, s, 2);
        n_wrong += scene.n_wrong;
        scene_close(&scene);
    }
    assert_int_equal(n_wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_situations__come_out_right_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
