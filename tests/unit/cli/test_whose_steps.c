/* test_whose_steps.c -- which of a patient's devices gave which hour: `minutes` and
 * `explain` say so. */
#include "cli_fixture.h"

static int set_up(void **state)
{
    static struct clinic clinic;
    clinic_init(&clinic);
    assert_int_equal(RUN(&clinic, "patient", "add", "p1"), CLI_OK);
    *state = &clinic;
    return 0;
}

static int tear_down(void **state)
{
    clinic_fini(*state);
    return 0;
}

static void put_hour(struct clinic *clinic, const char *device, int hour, int steps)
{
    struct sw_device_id id = {0};
    struct sw_reading reading = {TODAY_S + hour * 3600, 600, steps, true};
    strcpy(id.str, device);
    assert_true(sw_store_put_reading(clinic_store(clinic), patient_key(clinic, "p1"),
                                     &id, &reading) >= 0);
}

static void test_device__of_an_hour_is_told(void **state)
{
    struct clinic *clinic = *state;
    put_hour(clinic, "phone", 9, 300);
    put_hour(clinic, "phone", 10, 300);
    put_hour(clinic, "phone", 11, 10);
    put_hour(clinic, "watch", 10, 100);
    put_hour(clinic, "watch", 11, 400);
    assert_int_equal(RUN(clinic, "minutes", "p1"), CLI_OK);
    assert_says(clinic->out, "steps by");
    assert_int_equal(RUN(clinic, "minutes", "p1", "--format", "csv"), CLI_OK);
    assert_says(clinic->out, "minute,steps,class,device\n");
    assert_says(clinic->out, "07:59,0,unknown,\n");
    assert_says(clinic->out, "08:00,30,active,phone\n");
    assert_says(clinic->out, "09:59,0,unknown,phone\n");
    assert_says(clinic->out, "10:00,40,active,watch\n");
    assert_int_equal(RUN(clinic, "explain", "p1"), CLI_OK);
    assert_says(clinic->out, "08:00  10:00  device            steps by phone\n");
    assert_says(clinic->out, "10:00  11:00  device            steps by watch\n");
}

static void test_device__is_no_news_where_there_is_one(void **state)
{
    struct clinic *clinic = *state;
    put_hour(clinic, "phone", 9, 300);
    assert_int_equal(RUN(clinic, "minutes", "p1"), CLI_OK);
    assert_silent_about(clinic->out, "phone");
    assert_int_equal(RUN(clinic, "minutes", "p1", "--format", "json"), CLI_OK);
    assert_says(clinic->out, "{\"minute\":\"08:00\",\"steps\":30,\"class\":\"active\","
                             "\"device\":\"phone\"");
    assert_int_equal(RUN(clinic, "explain", "p1"), CLI_OK);
    assert_silent_about(clinic->out, "phone");
}

#define DEVICE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DEVICE_TEST(test_device__of_an_hour_is_told),
        DEVICE_TEST(test_device__is_no_news_where_there_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
