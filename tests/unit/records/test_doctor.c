/* test_doctor.c -- each check says what is wrong and what to do; by a machine that is made
 * up, in a folder that is taken for /. */
#include "store_fixture.h"

#include <sys/sysmacros.h>

#include "records/doctor.h"
#include "stepward/host.h"

static const int64_t NOW_S = INT64_C(1774785600); /* 2026-03-29T12:00:00Z */

struct scene {
    struct fixture *f;
    struct sw_config config;
    struct sw_zone zone;
    struct sw_doctor doctor;
    char data_dir[96], root[96];
    int64_t key;
};

/* A command of the shell; $F in it is the folder. */
static void run(const char *folder, const char *text)
{
    char command[600];
    snprintf(command, sizeof command, "F='%s'; %s", folder, text);
    assert_int_equal(system(command), 0);
}

static int open_scene(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    char path[128], why[SW_WHY_MAX];
    void *fixture;
    assert_non_null(scene);
    fixture_open(&fixture);
    scene->f = fixture;
    snprintf(scene->data_dir, sizeof scene->data_dir, "%s/data", scene->f->folder);
    snprintf(scene->root, sizeof scene->root, "%s/root", scene->f->folder);
    run(scene->root, "mkdir -p $F/etc $F/sys/dev/block");
    snprintf(path, sizeof path, "%s/stepward.conf", scene->f->folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "data_dir = \"%s\"\n", scene->data_dir);
    fclose(file);
    assert_int_equal(sw_config_load(&scene->config, path, SW_CONFIG_OF_OTHERS, why), 0);
    assert_int_equal(sw_zone_load(&scene->zone, "Europe/Berlin"), 0);
    scene->doctor = (struct sw_doctor){.config = &scene->config,
                                       .zone = &scene->zone,
                                       .store = scene->f->store,
                                       .now_s = NOW_S,
                                       .clock = {.synchronised = true},
                                       .root = scene->root};
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;
    char folder[64];
    strcpy(folder, scene->f->folder);
    sw_config_fini(&scene->config);
    sw_zone_fini(&scene->zone);
    sw_store_close(scene->f->store);
    free(scene->f);
    free(scene);
    run(folder, "rm -rf $F");
    return 0;
}

static const char *wanted;
static struct sw_finding got;

static int keep(void *ctx, const struct sw_finding *finding)
{
    (void)ctx;
    if (strcmp(finding->check, wanted) == 0)
        got = *finding;
    return 0;
}

static void check(struct scene *scene, const char *name, enum sw_found found,
                  const char *text)
{
    wanted = name;
    got = (struct sw_finding){.check = "none"};
    assert_true(sw_doctor_each(&scene->doctor, keep, NULL) >= 0);
    assert_string_equal(got.check, name);
    if (got.found != found || !strstr(got.text, text))
        fail_msg("%s: %s: %s", name, sw_found_name(got.found), got.text);
    assert_true(found == SW_WRONG || got.remedy[0] == '\0');
}

static void remedy(const char *text)
{
    if (!strstr(got.remedy, text))
        assert_string_equal(got.remedy, text);
}

/* ---- the machine ---- */

static void test_clock__that_nothing_sets_is_wrong(void **state)
{
    struct scene *scene = *state;
    check(scene, "clock", SW_WELL, "synchronised");
    scene->doctor.clock.synchronised = false;
    check(scene, "clock", SW_WRONG, "nothing sets it");
    remedy("timedatectl set-ntp true");
}

static void link_zone(const struct scene *scene, const char *name)
{
    char path[128], target[128];
    snprintf(path, sizeof path, "%s/etc/localtime", scene->root);
    snprintf(target, sizeof target, "/usr/share/zoneinfo/%s", name);
    unlink(path);
    assert_int_equal(symlink(target, path), 0);
}

static void test_zone__differs_from_the_machine_s(void **state)
{
    struct scene *scene = *state;
    check(scene, "zone", SW_WELL, "the machine's own is not set");
    link_zone(scene, "Europe/Berlin");
    check(scene, "zone", SW_WELL, "Europe/Berlin");
    link_zone(scene, "Arctic/Longyearbyen"); /* the same by another name */
    check(scene, "zone", SW_WELL, "Europe/Berlin");
    link_zone(scene, "Europe/London");
    check(scene, "zone", SW_WRONG, "this machine is in Europe/London");
    remedy("timedatectl set-timezone");
    link_zone(scene, "Etc/UTC");
    check(scene, "zone", SW_WELL, "not set");
    strcpy(scene->config.timezone, "UTC");
    check(scene, "zone", SW_WRONG, "midnight UTC");
}

/* data_dir is on a part of a disk that says this of itself. */
static void make_disk(const struct scene *scene, const char *life, const char *eol)
{
    char command[700];
    struct stat st;
    assert_int_equal(stat(scene->data_dir, &st), 0);
    snprintf(command, sizeof command,
             "cd %s/sys && rm -rf devices && mkdir -p devices/mmcblk0/mmcblk0p2 "
             "devices/mmcblk0/device && echo 2 >devices/mmcblk0/mmcblk0p2/partition && "
             "ln -sfn ../../devices/mmcblk0/mmcblk0p2 dev/block/%u:%u && "
             "printf '%s' >devices/mmcblk0/device/life_time && "
             "printf '%s' >devices/mmcblk0/device/pre_eol_info",
             scene->root, major(st.st_dev), minor(st.st_dev), life, eol);
    assert_int_equal(system(command), 0);
}

static void test_wear__is_what_the_disk_says(void **state)
{
    struct scene *scene = *state;
    check(scene, "wear", SW_UNKNOWN, "does not say");
    make_disk(scene, "0x02 0x03", "0x01");
    check(scene, "wear", SW_WELL, "mmcblk0p2 has lived up to 30 %");
    make_disk(scene, "0x0A 0x01", "0x01");
    check(scene, "wear", SW_WRONG, "90 to 100 %");
    remedy("replace the card");
    make_disk(scene, "0x0b 0x0b", "0x01");
    check(scene, "wear", SW_WRONG, "outlived");
    make_disk(scene, "0x01 0x01", "0x02");
    check(scene, "wear", SW_WRONG, "spare blocks but for a fifth");
    make_disk(scene, "0x01 0x01", "0x03");
    check(scene, "wear", SW_WRONG, "used up its spare blocks");
    make_disk(scene, "0x00 0x00", "0x00");
    check(scene, "wear", SW_WELL, "reports no wear");
    make_disk(scene, "rubbish", "");
    check(scene, "wear", SW_UNKNOWN, "does not say");
    run(scene->root, "mkdir -p $F/sys/fs/ext4/mmcblk0p2 && echo 3 "
                     ">$F/sys/fs/ext4/mmcblk0p2/errors_count");
    check(scene, "wear", SW_WRONG, "counts 3 errors");
}

static void test_files__that_others_may_read_are_named(void **state)
{
    struct scene *scene = *state;
    run(scene->f->folder,
        "chmod 700 $F/data && touch $F/data/other && chmod 666 $F/data/other");
    check(scene, "files", SW_WELL, scene->data_dir);
    run(scene->f->folder, "chmod 644 $F/data/stepward.db");
    check(scene, "files", SW_WRONG, "stepward.db is open to others");
    run(scene->f->folder, "chmod 600 $F/data/stepward.db && chmod 755 $F/data");
    check(scene, "files", SW_WRONG, "/data is open to others");
}

static void test_disk__must_take_the_next_backup(void **state)
{
    struct scene *scene = *state;
    check(scene, "disk", SW_WELL, "free");
}

/* ---- the programs ---- */

static void test_gateway__that_never_ran_is_started(void **state)
{
    struct scene *scene = *state;
    check(scene, "gateway", SW_WRONG, "systemctl enable --now");
    check(scene, "in force", SW_UNKNOWN, "does not run");
    check(scene, "inbox", SW_UNKNOWN, "does not run");
    check(scene, "session", SW_UNKNOWN, "no gateway was ever connected");
    check(scene, "rights", SW_UNKNOWN, "not connected");
}

static void put_incident(struct scene *scene, enum sw_incident_kind kind, int64_t at_s,
                         int64_t over_at_s)
{
    struct sw_incident incident = {kind, at_s, over_at_s, "what happened"};
    assert_int_equal(sw_store_put_incident(scene->f->store, &incident), 0);
}

static void test_session__lost_lately_is_wrong_and_long_ago_is_told(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(
        sw_store_put_online(scene->f->store, (struct sw_span){NOW_S - 90, NOW_S}), 0);
    put_incident(scene, SW_INCIDENT_SESSION_LOST, NOW_S - 5 * 86400, NOW_S - 5 * 86400);
    check(scene, "session", SW_WELL, "kept since; 5 days ago: what happened");
    put_incident(scene, SW_INCIDENT_SESSION_LOST, NOW_S - 600, NOW_S - 600);
    check(scene, "session", SW_WRONG, "what happened");
    remedy("persistence");
    put_incident(scene, SW_INCIDENT_DEAF, NOW_S - 600, NOW_S - 500);
    check(scene, "rights", SW_UNKNOWN, "not connected"); /* that one was mended */
    put_incident(scene, SW_INCIDENT_DEAF, NOW_S - 400, 0);
    check(scene, "rights", SW_WRONG, "what happened");
    remedy("clinic/SITE/#");
}

static void test_certificates__say_when_the_first_ends(void **state)
{
    struct scene *scene = *state;
    char path[128];
    check(scene, "certificates", SW_WELL, "names none");
    snprintf(path, sizeof path, "%s/ca.pem", scene->f->folder);
    free(scene->config.broker.ca_file);
    scene->config.broker.ca_file = strdup(path);
    check(scene, "certificates", SW_WRONG, "ca.pem");
    run(scene->f->folder,
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
        "-keyout $F/k -subj /CN=t -days 3000 -out $F/ca.pem 2>/dev/null");
    check(scene, "certificates", SW_WELL, "1, the first ends on 20");
    scene->doctor.now_s += INT64_C(86400) * 36500;
    check(scene, "certificates", SW_WRONG, "ended on");
    scene->doctor.now_s = NOW_S;
    run(scene->f->folder, "echo rubbish >$F/ca.pem");
    check(scene, "certificates", SW_WRONG, "holds no certificate");
}

static void test_broker__that_nobody_answers_for_is_wrong(void **state)
{
    struct scene *scene = *state;
    free(scene->config.broker.uri);
    scene->config.broker.uri = strdup("mqtt://127.0.0.1:1"); /* tcpmux: nobody has it */
    check(scene, "broker", SW_WRONG,
          "nothing answers at mqtt://127.0.0.1:1: Connection");
    remedy("systemctl status mosquitto");
    check(scene, "board", SW_WELL, "off");
    scene->config.web.is_on = true;
    free(scene->config.web.listen);
    scene->config.web.listen = strdup("unix:/nonexistent/web.sock");
    check(scene, "board", SW_WRONG, "No such file");
    remedy("stepward-web");
}

static void test_notify__says_what_is_wrong_with_the_folder_and_what_waits(void **state)
{
    struct scene *scene = *state;
    struct sw_alert alert = {.patient = {"p1"},
                             .therapist = {"anna"},
                             .state = SW_STATE_OPEN,
                             .opened_at_s = NOW_S,
                             .updated_at_s = NOW_S - 7200};
    struct sw_patient patient = {.id = {"p1"}, .added_at_s = NOW_S};
    struct sw_plan plan = sw_plan_default();
    char folder[128];
    check(scene, "notify", SW_WELL, "off");
    snprintf(folder, sizeof folder, "%s/notify.d", scene->f->folder);
    free(scene->config.notify.run);
    scene->config.notify.run = strdup(folder);
    check(scene, "notify", SW_WRONG, "No such file");
    run(scene->f->folder,
        "mkdir -m 755 $F/notify.d && ln -s /bin/true $F/notify.d/one");
    check(scene, "notify", SW_WELL, "1 program in");
    assert_int_equal(
        sw_store_add_patient(scene->f->store, &patient, &plan, &scene->key), 0);
    assert_int_equal(
        sw_store_put_notification(scene->f->store, scene->key, &alert, "words"), 0);
    check(scene, "notify", SW_WRONG, "1 publication of alerts waits to be told");
}

/* ---- what is stored ---- */

static void admit(struct scene *scene, const char *id, const char *therapist,
                  int64_t added_at_s, int64_t heard_at_s)
{
    struct sw_patient patient = {.added_at_s = added_at_s};
    struct sw_plan plan = sw_plan_default();
    strcpy(patient.id.str, id);
    strcpy(plan.therapist.str, therapist);
    assert_int_equal(
        sw_store_add_patient(scene->f->store, &patient, &plan, &scene->key), 0);
    if (heard_at_s != 0)
        assert_int_equal(sw_store_put_heard(scene->f->store, scene->key, heard_at_s,
                                            SW_STAMP_UNSURE),
                         0);
}

static void test_patients__without_therapist_or_data_are_named_or_counted(void **state)
{
    struct scene *scene = *state;
    char id[16];
    check(scene, "patients", SW_WRONG, "there is none yet");
    remedy("stepward patient add");
    admit(scene, "p1", "anna", NOW_S - 30 * 86400, NOW_S - 60);
    admit(scene, "p2", "anna", NOW_S - 60, 0); /* just added */
    check(scene, "patients", SW_WELL, "of none of 2");
    check(scene, "therapists", SW_WELL, "every patient has one");
    admit(scene, "p3", "anna", NOW_S - 30 * 86400, NOW_S - 8 * 86400);
    admit(scene, "p4", "unassigned", NOW_S - 2 * 86400, 0);
    check(scene, "patients", SW_WRONG,
          "of 2 of 4 nothing came for a week, or ever: p3, p4");
    check(scene, "therapists", SW_WRONG, "1 patient has none, and nobody is told: p4");
    remedy("stepward patient set ID --therapist NAME");
    for (int i = 0; i < 9; i++) {
        snprintf(id, sizeof id, "q%d", i);
        admit(scene, id, "unassigned", NOW_S, NOW_S);
    }
    check(scene, "therapists", SW_WRONG, ": p4, q0, q1, q2, q3 and 5 more");
    scene->doctor.hides_patients = true;
    check(scene, "therapists", SW_WRONG, "10 patients have none, and nobody is told");
    assert_null(strstr(got.text, "p4"));
}

static void test_clocks__of_devices_are_told_with_their_minutes(void **state)
{
    struct scene *scene = *state;
    struct sw_refusing refusing = {
        .n = 3, .from_s = NOW_S - 60, .to_s = NOW_S, .fast_s = 720};
    admit(scene, "p1", "anna", NOW_S, NOW_S);
    check(scene, "clocks", SW_WELL, "no device");
    assert_int_equal(sw_store_put_refusing(scene->f->store, scene->key, &refusing), 0);
    check(scene, "clocks", SW_WRONG,
          "1 device is refused for its clock: p1 12 min fast");
}

static void refuse(struct scene *scene, enum sw_refusal refusal, int64_t at_s)
{
    struct sw_rejected row = {.at_s = at_s,
                              .refusal = refusal,
                              .why = "device d1 is nobody's",
                              .topic = "t",
                              .payload = "x",
                              .payload_len = 1};
    assert_int_equal(sw_store_put_rejected(scene->f->store, &row, 1), 0);
}

static void test_refused__counts_the_last_day_by_reason(void **state)
{
    struct scene *scene = *state;
    refuse(scene, SW_REFUSED_JSON, NOW_S - 3 * 86400);
    check(scene, "refused", SW_WELL, "nothing in the last day");
    refuse(scene, SW_REFUSED_JSON, NOW_S - 60);
    refuse(scene, SW_REFUSED_PATIENT, NOW_S - 50);
    refuse(scene, SW_REFUSED_PATIENT, NOW_S - 40);
    check(scene, "refused", SW_WRONG,
          "3 messages in the last day, 2 of them for `patient`");
    remedy("stepward patient add ID");
    check(scene, "devices", SW_WELL, "nobody wears");
    refuse(scene, SW_REFUSED_DEVICE, NOW_S - 30);
    check(scene, "devices", SW_WRONG,
          "1 message of devices that nobody wears came in "
          "the last day: device d1 is nobody's");
    remedy("stepward device assign");
}

static void test_backups__that_are_old_or_failed_are_wrong(void **state)
{
    struct scene *scene = *state;
    check(scene, "backups", SW_WELL, "none yet");
    assert_int_equal(sw_store_put_online(scene->f->store,
                                         (struct sw_span){NOW_S - 5 * 86400, NOW_S}),
                     0);
    check(scene, "backups", SW_WRONG, "there is none");
    remedy("stepward backup");
    run(scene->f->folder,
        "mkdir -p $F/data/backup && touch $F/data/backup/stepward-20260324T030000Z.db");
    check(scene, "backups", SW_WRONG, "the newest of 1 is 5 days old");
    run(scene->f->folder, "touch $F/data/backup/stepward-20260329T030000Z.db");
    check(scene, "backups", SW_WELL, "2, the newest 9 h old");
}

static void test_database__is_checked_and_damaged_files_are_named(void **state)
{
    struct scene *scene = *state;
    check(scene, "database", SW_WELL, "sound");
    run(scene->f->folder, "touch $F/data/stepward.db.damaged-20260329T030000Z");
    check(scene, "database", SW_WRONG, "1 damaged file was set aside: ");
    scene->doctor.store = NULL;
    scene->doctor.store_why = "no rights";
    check(scene, "database", SW_WRONG, "no rights");
    check(scene, "patients", SW_UNKNOWN, "not known without the database");
}

static void test_doctor__without_a_configuration_says_so_once(void **state)
{
    struct scene *scene = *state;
    scene->doctor.config = NULL;
    scene->doctor.store = NULL;
    scene->doctor.config_why = "stepward.conf:3: unknown key x";
    check(scene, "configuration", SW_WRONG, "stepward.conf:3: unknown key x");
    wanted = "";
    assert_int_equal(sw_doctor_each(&scene->doctor, keep, NULL), 1);
}

static int count(void *ctx, const struct sw_finding *finding)
{
    int *n = ctx;
    assert_string_not_equal(finding->text, "");
    assert_null(strchr(finding->text, '\n'));
    assert_null(strchr(finding->remedy, '\n'));
    assert_true(finding->found == SW_WRONG || finding->remedy[0] == '\0');
    ++*n;
    return 0;
}

/* It has no connection, no program and no secret of the machine's to look at. */
static void test_board__is_told_what_its_process_may_know(void **state)
{
    struct scene *scene = *state;
    int n_of_board = 0, n = 0;
    size_t n_checks = 0;
    sw_doctor_each(&scene->doctor, count, &n);
    while (sw_doctor_check(n_checks))
        n_checks++;
    assert_int_equal(n, n_checks);
    scene->doctor.is_board = true;
    sw_doctor_each(&scene->doctor, count, &n_of_board);
    assert_true(n_of_board >= 12 && n_of_board < n);
    wanted = "broker";
    got.check = "none";
    sw_doctor_each(&scene->doctor, keep, NULL);
    assert_string_equal(got.check, "none");
}

#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_clock__that_nothing_sets_is_wrong),
        TEST(test_zone__differs_from_the_machine_s),
        TEST(test_wear__is_what_the_disk_says),
        TEST(test_files__that_others_may_read_are_named),
        TEST(test_disk__must_take_the_next_backup),
        TEST(test_gateway__that_never_ran_is_started),
        TEST(test_session__lost_lately_is_wrong_and_long_ago_is_told),
        TEST(test_certificates__say_when_the_first_ends),
        TEST(test_broker__that_nobody_answers_for_is_wrong),
        TEST(test_notify__says_what_is_wrong_with_the_folder_and_what_waits),
        TEST(test_patients__without_therapist_or_data_are_named_or_counted),
        TEST(test_clocks__of_devices_are_told_with_their_minutes),
        TEST(test_refused__counts_the_last_day_by_reason),
        TEST(test_backups__that_are_old_or_failed_are_wrong),
        TEST(test_database__is_checked_and_damaged_files_are_named),
        TEST(test_doctor__without_a_configuration_says_so_once),
        TEST(test_board__is_told_what_its_process_may_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
