/* test_session_end.c -- goodbye: said when there is time, and never waited for long. */
#include "session_fixture.h"

#include <sys/wait.h>

static void watch_status(struct client *watcher, const struct broker *broker, size_t n,
                         const char *last)
{
    const char *filters[] = {"status"};
    struct sw_session_options options = options_for(broker->uri, "watcher", 5);
    options.filters = filters;
    options.n_filters = 1;
    options.clean = true;
    client_open(watcher, &options);
    expect(watcher, SW_SESSION_UP);
    await_messages(watcher, n);
    assert_string_equal(watcher->payloads[n - 1], last);
}

static void test_free__says_offline_by_itself(void **state)
{
    (void)state;
    struct broker broker;
    struct client watcher, client;
    broker_setup(&broker);
    broker_start(&broker);
    struct sw_session_options options = options_for(broker.uri, "polite", 5);
    options.will_topic = "status";
    client_open(&client, &options);
    expect(&client, SW_SESSION_UP);
    say(&client, "status", "online", true, 0);
    watch_status(&watcher, &broker, 1, "online");
    client_close(&client);
    await_messages(&watcher, 2);
    assert_string_equal(watcher.payloads[1], "offline");
    client_close(&watcher);
    broker_stop(&broker, SIGTERM);
    broker_remove(&broker);
}

/* In a process of its own, because what is stuck stays stuck. */
static void free_while_a_message_is_stuck(const struct broker *broker)
{
    static struct client client;
    sem_t never;
    const char *filters[] = {"t"};
    struct sw_session_options options = options_for(broker->uri, "stuck", 5);
    alarm(15);
    sem_init(&never, 0, 0);
    options.filters = filters;
    options.n_filters = 1;
    client_open(&client, &options);
    client.hold = &never;
    expect(&client, SW_SESSION_UP);
    say(&client, "t", "x", false, 0);
    while (!client.is_holding)
        turn(&client, &(struct sw_session_event){0});
    _exit(sw_session_free(client.session, 200) ? 1 : 0);
}

static void test_free__is_bounded_when_a_message_is_stuck(void **state)
{
    (void)state;
    struct broker broker;
    struct client next;
    const char *filters[] = {"t"};
    int status = -1;
    broker_setup(&broker);
    broker_start(&broker);
    pid_t pid = fork();
    if (pid == 0)
        free_while_a_message_is_stuck(&broker);
    waitpid(pid, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    struct sw_session_options options = options_for(broker.uri, "stuck", 5);
    options.filters = filters;
    options.n_filters = 1;
    client_open(&next, &options);
    expect(&next, SW_SESSION_UP);
    await_messages(&next, 1); /* it was not acknowledged */
    client_close(&next);
    broker_stop(&broker, SIGTERM);
    broker_remove(&broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_free__says_offline_by_itself),
        cmocka_unit_test(test_free__is_bounded_when_a_message_is_stuck),
    };
    return cmocka_run_group_tests_name("session_end", tests, NULL, NULL);
}
