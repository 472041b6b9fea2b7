/* test_connect_failure.c -- what a broker refuses is told with the key of the
 * configuration that it is about. */
#include "session_fixture.h"

static bool has_own_remedy;

/* The reason for which the broker's CONNACK of this code is told. */
static struct sw_session_event refused_with(uint8_t code, const char *username,
                                            const char *password)
{
    static struct fake fake;
    struct client client;
    char uri[64];
    fake_open(&fake);
    fake.connect_code = code;
    snprintf(uri, sizeof uri, "tcp://127.0.0.1:%d", fake.port);
    struct sw_session_options options = options_for(uri, "victim", 5);
    options.username = username;
    options.password = password;
    options.has_own_remedy = has_own_remedy;
    client_open(&client, &options);
    client.fake = &fake;
    struct sw_session_event event = expect(&client, SW_SESSION_DOWN);
    client_close(&client);
    fake_close(&fake);
    return event;
}

static void assert_tells(struct sw_session_event event, const char *words)
{
    if (!strstr(event.why, words))
        fail_msg("no \"%s\" in: %s", words, event.why);
    assert_non_null(strstr(event.why, "the broker refused the connection: "));
}

static void test_remedy__of_a_login_names_its_keys(void **state)
{
    static const uint8_t codes[] = {0x86, 0x87, 0x8c, 4, 5};
    (void)state;
    for (size_t i = 0; i < sizeof codes; i++) {
        assert_tells(refused_with(codes[i], "", ""), "set username and password_file");
        assert_tells(refused_with(codes[i], "gateway", ""), "set password_file");
        assert_tells(refused_with(codes[i], "gateway", "x"),
                     ": check username and password_file");
    }
}

static void test_remedy__of_an_old_broker_is_its_protocol(void **state)
{
    (void)state;
    assert_tells(refused_with(1, "", ""),
                 "protocol version not supported: set protocol = 4");
    assert_tells(refused_with(0x84, "", ""), ": set protocol = 4");
}

static void test_remedy__of_a_client_id_names_it(void **state)
{
    (void)state;
    assert_tells(refused_with(0x85, "", ""), ": change client_id");
    assert_tells(refused_with(2, "", ""), "client id rejected: change client_id");
}

static void test_remedy__is_left_to_who_has_another(void **state)
{
    (void)state;
    has_own_remedy = true;
    struct sw_session_event event = refused_with(0x86, "gateway", "x");
    has_own_remedy = false;
    assert_string_equal(event.why,
                        "the broker refused the connection: Bad User Name or "
                        "Password");
}

static void test_remedy__there_is_none_for_a_broker_that_is_busy(void **state)
{
    (void)state;
    struct sw_session_event event = refused_with(0x89, "", "");
    assert_string_equal(event.why, "the broker refused the connection: Server busy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_remedy__of_a_login_names_its_keys),
        cmocka_unit_test(test_remedy__of_an_old_broker_is_its_protocol),
        cmocka_unit_test(test_remedy__of_a_client_id_names_it),
        cmocka_unit_test(test_remedy__is_left_to_who_has_another),
        cmocka_unit_test(test_remedy__there_is_none_for_a_broker_that_is_busy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
