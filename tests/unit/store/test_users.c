/* test_users.c -- who may log in: nothing that opens a door is stored as it is, what ends
 * has ended, and guessing takes time. */
#include "store_fixture.h"

#include <time.h>

#include "stepward/users.h"
#include "store/secret.h"

#define T0    INT64_C(1792936800)
#define IDLE  INT64_C(28800)
#define RIGHT "correct horse"

struct house {
    char folder[64], data[96], path[128];
    struct sw_users *users;
};

static struct sw_users *open_users(const struct house *h, enum sw_store_mode mode)
{
    struct sw_users *users = NULL;
    char why[SW_WHY_MAX];
    if (sw_users_open(&users, h->data, mode, why) < 0)
        fail_msg("%s", why);
    return users;
}

static int house_open(void **state)
{
    struct house *h = calloc(1, sizeof *h);
    assert_non_null(h);
    umask(0007); /* as the programs do */
    strcpy(h->folder, "/tmp/stepward-users-XXXXXX");
    assert_non_null(mkdtemp(h->folder));
    snprintf(h->data, sizeof h->data, "%s/data", h->folder);
    snprintf(h->path, sizeof h->path, "%s/web.db", h->data);
    h->users = open_users(h, SW_STORE_WRITE);
    *state = h;
    return 0;
}

static int house_close(void **state)
{
    struct house *h = *state;
    sw_users_close(h->users);
    nftw(h->folder, fixture_remove, 8, FTW_DEPTH | FTW_PHYS);
    free(h);
    return 0;
}

static void add(struct house *h, const char *id, const char *password)
{
    struct sw_user user = {.created_at_s = T0};
    strcpy(user.id, id);
    assert_int_equal(sw_users_add(h->users, &user), 0);
    if (password)
        assert_int_equal(sw_users_set_password(h->users, id, password), 0);
}

static int64_t wait_s; /* of the last log-in that has to wait */

static int log_in_from(struct house *h, const char *address, const char *id,
                       const char *password, int64_t now_s, struct sw_secret *ret)
{
    struct sw_secret secret;
    struct sw_login login = {id, password, address, now_s};
    return sw_users_log_in(h->users, &login, ret ? ret : &secret, &wait_s);
}

static int log_in(struct house *h, const char *id, const char *password, int64_t now_s)
{
    return log_in_from(h, "192.0.2.1", id, password, now_s, NULL);
}

static struct sw_secret session_of(struct house *h, const char *id, int64_t now_s)
{
    struct sw_secret secret;
    assert_int_equal(sw_users_new_session(h->users, id, now_s, &secret), 0);
    return secret;
}

static int find(struct house *h, struct sw_secret secret, int64_t now_s)
{
    struct sw_user user;
    return sw_users_find_session(h->users, secret.str, IDLE, now_s, &user);
}

/* ---- users ---- */

static void test_users__what_is_put_is_found(void **state)
{
    struct house *h = *state;
    struct sw_user user = {.id = "anna", .sees_team = true, .created_at_s = T0}, found;
    assert_int_equal(sw_users_add(h->users, &user), 0);
    assert_int_equal(sw_users_add(h->users, &user), SW_STORE_EXISTS);
    user.role = SW_ROLE_WALL;
    user.hides_names = true;
    user.sees_team = false;
    assert_int_equal(sw_users_put(h->users, &user), 0);
    assert_int_equal(sw_users_find(h->users, "anna", &found), 0);
    assert_int_equal(found.role, SW_ROLE_WALL);
    assert_true(found.hides_names && !found.sees_team && !found.is_locked);
    assert_false(found.has_password);
    assert_int_equal(found.created_at_s, T0);
    assert_int_equal(sw_users_find(h->users, "Anna", &found), SW_STORE_NONE);
    assert_int_equal(sw_users_switch_names(h->users, "anna"), 0);
    assert_int_equal(sw_users_find(h->users, "anna", &found), 0);
    assert_true(!found.hides_names && found.role == SW_ROLE_WALL);
    assert_int_equal(sw_users_switch_names(h->users, "nobody"), SW_STORE_NONE);
    strcpy(user.id, "nobody");
    assert_int_equal(sw_users_put(h->users, &user), SW_STORE_NONE);
    strcpy(user.id, "no body");
    assert_int_equal(sw_users_add(h->users, &user), -EINVAL);
    assert_int_equal(sw_users_count(h->users), 1);
    assert_int_equal(sw_users_remove(h->users, "anna"), 0);
    assert_int_equal(sw_users_remove(h->users, "anna"), SW_STORE_NONE);
}

static void test_users__the_last_admin_stays(void **state)
{
    struct house *h = *state;
    struct sw_user user = {.id = "anna", .role = SW_ROLE_ADMIN, .created_at_s = T0};
    assert_int_equal(sw_users_add(h->users, &user), 0);
    assert_int_equal(sw_users_set_password(h->users, "anna", RIGHT), 0);
    strcpy(user.id, "ben"); /* nobody knows whether he will take his invitation */
    assert_int_equal(sw_users_add(h->users, &user), 0);
    strcpy(user.id, "anna");
    assert_int_equal(sw_users_lock(h->users, "anna", true), SW_USERS_LAST_ADMIN);
    assert_int_equal(sw_users_remove(h->users, "anna"), SW_USERS_LAST_ADMIN);
    assert_int_equal(sw_users_put(h->users, &user), 0);
    user.role = SW_ROLE_THERAPIST;
    assert_int_equal(sw_users_put(h->users, &user), SW_USERS_LAST_ADMIN);
    assert_int_equal(sw_users_find(h->users, "anna", &user), 0);
    assert_true(user.role == SW_ROLE_ADMIN && !user.is_locked);
    assert_int_equal(sw_users_lock(h->users, "ben", true), 0);
    assert_int_equal(sw_users_lock(h->users, "ben", false), 0);
    assert_int_equal(sw_users_set_password(h->users, "ben", RIGHT), 0);
    assert_int_equal(sw_users_lock(h->users, "anna", true), 0);
    assert_int_equal(sw_users_remove(h->users, "ben"), SW_USERS_LAST_ADMIN);
    assert_int_equal(sw_users_remove(h->users, "anna"), 0);
}

static void test_users__the_file_is_the_group_s_and_of_no_others(void **state)
{
    struct house *h = *state;
    struct stat st;
    assert_int_equal(stat(h->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0660);
}

static void test_users__a_database_of_others_or_later_is_left_alone(void **state)
{
    struct house *h = *state;
    char why[SW_WHY_MAX], main_path[160];
    struct sw_users *users = NULL;
    struct sw_store *store = NULL;
    sqlite3 *db;
    sw_users_close(h->users);
    h->users = NULL;
    /* each is not taken for the other */
    assert_int_equal(sw_store_open(&store, h->path, SW_STORE_WRITE, why), -EPROTO);
    assert_int_equal(sqlite3_open(h->path, &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA user_version = 2", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_int_equal(sw_users_open(&users, h->data, SW_STORE_WRITE, why), -EPROTO);
    assert_non_null(strstr(why, "newer"));
    snprintf(main_path, sizeof main_path, "%s/web.db", h->folder);
    assert_int_equal(sw_store_open(&store, main_path, SW_STORE_WRITE, why), 0);
    sw_store_close(store);
    assert_int_equal(sw_users_open(&users, h->folder, SW_STORE_WRITE, why), -EPROTO);
    assert_int_equal(sw_users_open(&users, "/nowhere", SW_STORE_READ, why), -ENOENT);
}

/* ---- what the file holds ---- */

static char *bytes_of(const char *path, size_t *ret_n)
{
    FILE *file = fopen(path, "rb");
    char *bytes = calloc(1, 1 << 20);
    assert_non_null(bytes);
    *ret_n = file ? fread(bytes, 1, 1 << 20, file) : 0;
    if (file)
        fclose(file);
    return bytes;
}

static void check_absent(const struct house *h, const char *secret)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < N_OF(suffixes); i++) {
        char path[160];
        size_t n;
        snprintf(path, sizeof path, "%s%s", h->path, suffixes[i]);
        char *bytes = bytes_of(path, &n);
        if (memmem(bytes, n, secret, strlen(secret)))
            fail_msg("%s holds %s", path, secret);
        free(bytes);
    }
}

static void test_file__holds_no_password_and_no_secret(void **state)
{
    struct house *h = *state;
    struct sw_secret session, invite, token;
    char csrf[SW_SECRET_LEN + 1];
    size_t n;
    add(h, "anna", RIGHT);
    assert_int_equal(log_in_from(h, "::1", "anna", RIGHT, T0, &session), 0);
    assert_int_equal(sw_users_invite(h->users, "anna", T0, &invite), 0);
    assert_int_equal(sw_users_new_token(h->users, "anna", "x", 90, T0, &token), 0);
    sw_csrf_token(session.str, csrf);
    check_absent(h, RIGHT);
    check_absent(h, session.str);
    check_absent(h, invite.str);
    check_absent(h, token.str);
    check_absent(h, csrf);
    /* the bytes that the digits stand for are not there either */
    char raw[SW_SECRET_LEN / 2 + 1] = "";
    for (size_t i = 0; i < SW_SECRET_LEN / 2; i++)
        sscanf(session.str + 2 * i, "%2hhx", (unsigned char *)&raw[i]);
    char *bytes = bytes_of(h->path, &n);
    assert_null(memmem(bytes, n, raw, SW_SECRET_LEN / 2));
    free(bytes);
    assert_int_equal(find(h, session, T0), 0);
}

static void test_secret__of_one_kind_opens_nothing_of_another(void **state)
{
    struct house *h = *state;
    struct sw_secret session, invite, token;
    struct sw_user user;
    add(h, "anna", NULL);
    session = session_of(h, "anna", T0);
    assert_int_equal(sw_users_invite(h->users, "anna", T0, &invite), 0);
    assert_int_equal(sw_users_new_token(h->users, "anna", "x", 90, T0, &token), 0);
    assert_int_equal(find(h, invite, T0), SW_STORE_NONE);
    assert_int_equal(find(h, token, T0), SW_STORE_NONE);
    assert_int_equal(sw_users_find_token(h->users, session.str, T0, &user),
                     SW_STORE_NONE);
    assert_int_equal(sw_users_find_invite(h->users, session.str, T0, &user),
                     SW_STORE_NONE);
    assert_int_equal(sw_users_find_session(h->users, "", IDLE, T0, &user),
                     SW_STORE_NONE);
    assert_int_equal(sw_users_find_session(h->users, "' OR 1 --", IDLE, T0, &user),
                     SW_STORE_NONE);
}

static void test_csrf__is_the_session_s_alone(void **state)
{
    struct house *h = *state;
    char a[SW_SECRET_LEN + 1], b[SW_SECRET_LEN + 1], again[SW_SECRET_LEN + 1];
    add(h, "anna", NULL);
    struct sw_secret one = session_of(h, "anna", T0), two = session_of(h, "anna", T0);
    sw_csrf_token(one.str, a);
    sw_csrf_token(two.str, b);
    sw_csrf_token(one.str, again);
    assert_true(sw_secret_is_equal(again, a));
    assert_false(sw_secret_is_equal(b, a) || sw_secret_is_equal(one.str, a));
    assert_false(sw_secret_is_equal("", a) || sw_secret_is_equal(a, ""));
}

/* ---- passwords ---- */

static void test_password__is_of_8_to_1024_characters(void **state)
{
    struct house *h = *state;
    char text[4 * SW_PASSWORD_CHARS_MAX + 8] = "";
    add(h, "anna", NULL);
    assert_non_null(sw_password_unfit("seven77"));
    assert_null(sw_password_unfit("eight888"));
    assert_non_null(sw_password_unfit("äöüßäöü")); /* 7, of 14 bytes */
    assert_null(sw_password_unfit("äöüßäöüß"));
    for (int i = 0; i < SW_PASSWORD_CHARS_MAX; i++)
        strcat(text, "€");
    assert_null(sw_password_unfit(text));
    assert_int_equal(sw_users_set_password(h->users, "anna", text), 0);
    assert_int_equal(log_in(h, "anna", text, T0), 0);
    text[strlen(text) - 3] = '\0'; /* its end counts, too */
    strcat(text, "!");
    assert_int_equal(log_in(h, "anna", text, T0), SW_LOGIN_WRONG);
    strcat(text, "!");
    assert_non_null(sw_password_unfit(text));
    assert_int_equal(sw_users_set_password(h->users, "anna", text), -EINVAL);
    assert_int_equal(sw_users_set_password(h->users, "bert", RIGHT), SW_STORE_NONE);
}

static double check_ms(const char *hash)
{
    double best = 1e9;
    for (int i = 0; i < 3; i++) {
        struct timespec a, b;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
        assert_int_equal(sw_password_check("wrong horse", hash), 0);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
        double ms =
            (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
        best = ms < best ? ms : best;
    }
    return best;
}

static void test_password__an_unknown_user_takes_as_long(void **state)
{
    char hash[SW_PASSWORD_HASH_MAX];
    (void)state;
    assert_int_equal(sw_password_hash(RIGHT, hash), 0);
    assert_int_equal(strncmp(hash, "$y$", 3), 0);
    assert_int_equal(sw_password_check(RIGHT, hash), 1);
    double known_ms = check_ms(hash), nobody_ms = check_ms("");
    print_message("a check: %.1f ms, of nobody: %.1f ms\n", known_ms, nobody_ms);
    assert_true(nobody_ms > known_ms / 2 && nobody_ms < known_ms * 2);
}

static void test_login__only_by_the_password_of_a_user_who_is_not_locked(void **state)
{
    struct house *h = *state;
    struct sw_secret secret;
    struct sw_user user;
    add(h, "anna", RIGHT);
    add(h, "bert", NULL);
    assert_int_equal(log_in(h, "anna", "wrong horse", T0), SW_LOGIN_WRONG);
    assert_int_equal(log_in(h, "bert", RIGHT, T0), SW_LOGIN_WRONG);
    assert_int_equal(log_in(h, "bert", "", T0), SW_LOGIN_WRONG);
    assert_int_equal(log_in(h, "carl", RIGHT, T0), SW_LOGIN_WRONG);
    assert_int_equal(log_in_from(h, "::1", "anna", RIGHT, T0, &secret), 0);
    assert_int_equal(sw_users_find_session(h->users, secret.str, IDLE, T0, &user), 0);
    assert_string_equal(user.id, "anna");
    assert_int_equal(user.logged_in_at_s, T0);
    assert_true(user.has_password);
    assert_int_equal(sw_users_lock(h->users, "anna", true), 0);
    assert_int_equal(find(h, secret, T0), SW_STORE_NONE);
    assert_int_equal(log_in(h, "anna", RIGHT, T0), SW_LOGIN_WRONG);
    assert_int_equal(sw_users_new_session(h->users, "anna", T0, &secret),
                     SW_STORE_NONE);
    assert_int_equal(sw_users_lock(h->users, "anna", false), 0);
    assert_int_equal(find(h, secret, T0), SW_STORE_NONE); /* it does not come back */
    assert_int_equal(log_in(h, "anna", RIGHT, T0), 0);
}

/* ---- sessions ---- */

static void test_session__ends_when_it_is_idle(void **state)
{
    struct house *h = *state;
    add(h, "anna", NULL);
    struct sw_secret secret = session_of(h, "anna", T0);
    assert_int_equal(find(h, secret, T0 + IDLE), 0);
    assert_int_equal(find(h, secret, T0 + IDLE + SW_USED_STEP_S + 1), SW_STORE_NONE);
    assert_int_equal(sw_users_touch_session(h->users, secret.str, T0 + 10), 0);
    assert_int_equal(find(h, secret, T0 + IDLE + SW_USED_STEP_S + 1), SW_STORE_NONE);
    assert_int_equal(sw_users_touch_session(h->users, secret.str, T0 + IDLE), 0);
    assert_int_equal(find(h, secret, T0 + 2 * IDLE), 0);
    /* a clock that was set back is followed */
    assert_int_equal(sw_users_touch_session(h->users, secret.str, T0), 0);
    assert_int_equal(find(h, secret, T0 + 2 * IDLE), SW_STORE_NONE);
}

static void test_session__is_the_same_after_a_restart(void **state)
{
    struct house *h = *state;
    add(h, "anna", NULL);
    struct sw_secret secret = session_of(h, "anna", T0);
    sw_users_close(h->users);
    h->users = open_users(h, SW_STORE_WRITE);
    assert_int_equal(find(h, secret, T0), 0);
}

static void test_session__ends_by_itself_or_with_all_of_the_user(void **state)
{
    struct house *h = *state;
    add(h, "anna", NULL);
    add(h, "bert", NULL);
    struct sw_secret a = session_of(h, "anna", T0), b = session_of(h, "anna", T0);
    struct sw_secret other = session_of(h, "bert", T0);
    assert_int_equal(sw_users_end_session(h->users, a.str), 0);
    assert_int_equal(find(h, a, T0), SW_STORE_NONE);
    assert_int_equal(find(h, b, T0), 0);
    assert_int_equal(sw_users_end_sessions(h->users, "anna"), 0);
    assert_int_equal(find(h, b, T0), SW_STORE_NONE);
    b = session_of(h, "anna", T0);
    assert_int_equal(sw_users_set_password(h->users, "anna", RIGHT), 0);
    assert_int_equal(find(h, b, T0), SW_STORE_NONE);
    b = session_of(h, "anna", T0);
    assert_int_equal(sw_users_remove(h->users, "anna"), 0);
    assert_int_equal(find(h, b, T0), SW_STORE_NONE);
    assert_int_equal(find(h, other, T0), 0);
}

static void test_session__one_more_ends_the_one_used_longest_ago(void **state)
{
    struct house *h = *state;
    struct sw_secret secrets[SW_SESSIONS_MAX + 1];
    add(h, "anna", NULL);
    for (int i = 0; i < SW_SESSIONS_MAX; i++)
        secrets[i] = session_of(h, "anna", T0 + i * 1000);
    assert_int_equal(sw_users_touch_session(h->users, secrets[0].str, T0 + 50000), 0);
    secrets[SW_SESSIONS_MAX] = session_of(h, "anna", T0 - 5); /* a clock set back */
    assert_int_equal(find(h, secrets[0], T0), 0);
    for (int i = 2; i < SW_SESSIONS_MAX; i++)
        assert_int_equal(find(h, secrets[i], T0), 0);
    assert_int_equal(find(h, secrets[SW_SESSIONS_MAX], T0), 0);
    assert_int_equal(find(h, secrets[1], T0), SW_STORE_NONE);
}

/* ---- invitations ---- */

static void test_invite__works_once_and_for_a_day(void **state)
{
    struct house *h = *state;
    struct sw_secret first, second;
    struct sw_user user;
    add(h, "anna", NULL);
    assert_int_equal(sw_users_invite(h->users, "nobody", T0, &first), SW_STORE_NONE);
    assert_int_equal(sw_users_invite(h->users, "anna", T0, &first), 0);
    assert_int_equal(sw_users_invite(h->users, "anna", T0, &second), 0);
    assert_int_equal(sw_users_find_invite(h->users, first.str, T0, &user),
                     SW_STORE_NONE);
    assert_int_equal(
        sw_users_find_invite(h->users, second.str, T0 + SW_INVITE_SECONDS, &user),
        SW_STORE_NONE);
    assert_int_equal(sw_users_take_invite(h->users, second.str, "short", T0, &user),
                     -EINVAL);
    struct sw_secret session = session_of(h, "anna", T0);
    assert_int_equal(sw_users_take_invite(h->users, second.str, RIGHT,
                                          T0 + SW_INVITE_SECONDS - 1, &user),
                     0);
    assert_string_equal(user.id, "anna");
    assert_int_equal(find(h, session, T0), SW_STORE_NONE);
    assert_int_equal(sw_users_take_invite(h->users, second.str, RIGHT, T0, &user),
                     SW_STORE_NONE);
    assert_int_equal(log_in(h, "anna", RIGHT, T0), 0);
    assert_int_equal(sw_users_invite(h->users, "anna", T0, &first), 0);
    assert_int_equal(sw_users_take_invite(h->users, first.str, NULL, T0, &user), 0);
    assert_int_equal(log_in(h, "anna", RIGHT, T0), 0); /* NULL keeps the password */
    assert_int_equal(sw_users_invite(h->users, "anna", T0, &first), 0);
    assert_int_equal(sw_users_lock(h->users, "anna", true), 0);
    assert_int_equal(sw_users_take_invite(h->users, first.str, RIGHT, T0, &user),
                     SW_STORE_NONE);
}

/* ---- tokens ---- */

static int count_token(void *ctx, const struct sw_token *token)
{
    struct sw_token *last = ctx;
    int64_t n = last->key + 1;
    *last = *token;
    last->key = n; /* how many there were */
    return 0;
}

static void test_token__works_until_its_end(void **state)
{
    struct house *h = *state;
    struct sw_secret secret, other;
    struct sw_user user;
    struct sw_token last = {.key = 0};
    int64_t end_s = T0 + 90 * 86400;
    add(h, "anna", NULL);
    assert_int_equal(sw_users_new_token(h->users, "nobody", "x", 90, T0, &secret),
                     SW_STORE_NONE);
    assert_int_equal(sw_users_new_token(h->users, "anna", "x", 0, T0, &secret),
                     -EINVAL);
    assert_int_equal(sw_users_new_token(h->users, "anna", "x", 90, T0, &secret), 0);
    assert_int_equal(sw_users_new_token(h->users, "anna", "x", 90, T0, &other),
                     SW_STORE_EXISTS);
    assert_int_equal(sw_users_find_token(h->users, secret.str, T0 + 60, &user), 0);
    assert_string_equal(user.id, "anna");
    assert_int_equal(sw_users_each_token(h->users, "anna", count_token, &last), 0);
    assert_int_equal(last.key, 1);
    assert_int_equal(last.used_at_s, T0 + 60);
    assert_int_equal(last.ends_at_s, end_s);
    assert_int_equal(sw_users_find_token(h->users, secret.str, T0 + 120, &user), 0);
    last.key = 0;
    sw_users_each_token(h->users, NULL, count_token, &last);
    assert_int_equal(last.used_at_s, T0 + 60); /* once an hour is enough */
    assert_int_equal(sw_users_find_token(h->users, secret.str, end_s, &user),
                     SW_STORE_NONE);
    assert_int_equal(sw_users_lock(h->users, "anna", true), 0);
    assert_int_equal(sw_users_find_token(h->users, secret.str, T0, &user),
                     SW_STORE_NONE);
    assert_int_equal(sw_users_lock(h->users, "anna", false), 0);
    assert_int_equal(sw_users_find_token(h->users, secret.str, T0, &user), 0);
    assert_int_equal(sw_users_remove_token(h->users, "anna", "x"), 0);
    assert_int_equal(sw_users_remove_token(h->users, "anna", "x"), SW_STORE_NONE);
    assert_int_equal(sw_users_find_token(h->users, secret.str, T0, &user),
                     SW_STORE_NONE);
}

static void test_token__a_user_has_so_many(void **state)
{
    struct house *h = *state;
    struct sw_secret secret;
    char name[16];
    add(h, "anna", NULL);
    for (int i = 0; i < SW_TOKENS_MAX; i++) {
        snprintf(name, sizeof name, "t%d", i);
        assert_int_equal(
            sw_users_new_token(h->users, "anna", name, i == 0 ? 1 : 90, T0, &secret),
            0);
    }
    assert_int_equal(sw_users_new_token(h->users, "anna", "more", 90, T0, &secret),
                     -ENOSPC);
    /* those that have ended make room */
    assert_int_equal(
        sw_users_new_token(h->users, "anna", "more", 90, T0 + 86400, &secret), 0);
}

/* ---- others write meanwhile ---- */

static void in_a_child(const struct house *h, void (*work)(struct house *h, int i),
                       int i)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid != 0)
        return;
    struct house other = *h;
    other.users = open_users(h, SW_STORE_WRITE);
    work(&other, i);
    sw_users_close(other.users);
    _exit(0);
}

static void await_children(int n)
{
    int status;
    for (int i = 0; i < n; i++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
}

static void lock_anna(struct house *h, int i)
{
    (void)i;
    if (sw_users_lock(h->users, "anna", true) != 0)
        _exit(1);
}

static void add_some(struct house *h, int i)
{
    for (int j = 0; j < 20; j++) {
        struct sw_user user = {.created_at_s = T0};
        struct sw_secret secret;
        snprintf(user.id, sizeof user.id, "u%d-%d", i, j);
        if (sw_users_add(h->users, &user) != 0 ||
            sw_users_new_session(h->users, user.id, T0, &secret) != 0)
            _exit(1);
    }
}

static void test_users__another_process_counts_at_once(void **state)
{
    struct house *h = *state;
    add(h, "anna", NULL);
    struct sw_secret secret = session_of(h, "anna", T0);
    uint64_t before = sw_users_poll(h->users);
    assert_int_equal(find(h, secret, T0), 0);
    in_a_child(h, lock_anna, 0);
    await_children(1);
    assert_int_equal(find(h, secret, T0), SW_STORE_NONE);
    assert_true(sw_users_poll(h->users) > before);
}

static void test_users__many_processes_lose_nothing(void **state)
{
    struct house *h = *state;
    for (int i = 0; i < 4; i++)
        in_a_child(h, add_some, i);
    await_children(4);
    assert_int_equal(sw_users_count(h->users), 80);
}

/* ---- how often a password may be tried ---- */

static void test_limit__a_user_waits_ever_longer(void **state)
{
    struct house *h = *state;
    int64_t now_s = T0, waits[] = {1, 2, 4, 8, 16, 32, 60, 60};
    add(h, "anna", RIGHT);
    for (int i = 0; i < 5; i++)
        assert_int_equal(log_in_from(h, "192.0.2.9", "anna", "wrong one", now_s, NULL),
                         SW_LOGIN_WRONG);
    for (size_t i = 0; i < N_OF(waits); i++) {
        char address[32]; /* each from elsewhere: it is the user who waits */
        snprintf(address, sizeof address, "198.51.100.%zu", i);
        assert_int_equal(log_in_from(h, address, "anna", RIGHT, now_s, NULL),
                         SW_LOGIN_WAIT);
        assert_int_equal(wait_s, waits[i]);
        now_s += wait_s;
        assert_int_equal(log_in_from(h, address, "anna", "wrong one", now_s, NULL),
                         SW_LOGIN_WRONG);
    }
    assert_int_equal(log_in(h, "anna", RIGHT, now_s + 60), 0);
    assert_int_equal(log_in(h, "anna", "wrong one", now_s + 60), SW_LOGIN_WRONG);
    assert_int_equal(log_in(h, "anna", RIGHT, now_s + 60), 0); /* all is free again */
}

static void test_limit__an_unknown_user_waits_as_a_known_one(void **state)
{
    struct house *h = *state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(log_in(h, "nobody", "wrong one", T0), SW_LOGIN_WRONG);
    assert_int_equal(log_in(h, "nobody", "wrong one", T0), SW_LOGIN_WAIT);
}

static void try_users(struct house *h, const char *address, int64_t from_s)
{
    for (int i = 0; i < 10; i++) {
        char id[16];
        snprintf(id, sizeof id, "u%d", i);
        assert_int_equal(log_in_from(h, address, id, "wrong one", from_s + 2 * i, NULL),
                         SW_LOGIN_WRONG);
    }
}

static void test_limit__an_address_waits_whoever_it_tries(void **state)
{
    struct house *h = *state;
    add(h, "anna", RIGHT);
    try_users(h, "2001:db8:1:2::1", T0);
    assert_int_equal(
        log_in_from(h, "2001:db8:1:2:ffff::9", "anna", RIGHT, T0 + 18, NULL),
        SW_LOGIN_WAIT); /* the same network */
    assert_int_equal(log_in_from(h, "2001:db8:1:3::1", "anna", RIGHT, T0 + 18, NULL),
                     0);
    try_users(h, "::ffff:192.0.2.7", T0 + 100);
    assert_int_equal(log_in_from(h, "::ffff:192.0.2.8", "anna", RIGHT, T0 + 118, NULL),
                     0);
    assert_int_equal(log_in_from(h, "::ffff:192.0.2.7", "anna", RIGHT, T0 + 118, NULL),
                     SW_LOGIN_WAIT);
    /* after an hour it begins anew, and a clock set far back keeps nobody waiting */
    assert_int_equal(
        log_in_from(h, "::ffff:192.0.2.7", "anna", RIGHT, T0 + 118 + 3601, NULL), 0);
}

static void test_limit__all_together_cost_little(void **state)
{
    struct house *h = *state;
    int n_checked = 0;
    for (int i = 0; i < 40; i++) {
        char id[16], address[32];
        snprintf(id, sizeof id, "v%d", i);
        snprintf(address, sizeof address, "10.0.0.%d", i);
        n_checked +=
            log_in_from(h, address, id, "wrong one", T0, NULL) == SW_LOGIN_WRONG;
    }
    assert_int_equal(n_checked, 10);
    assert_int_equal(log_in_from(h, "10.1.0.1", "w", "wrong one", T0 + 1, NULL),
                     SW_LOGIN_WRONG); /* one a second */
    assert_int_equal(log_in_from(h, "10.1.0.2", "x", "wrong one", T0 + 1, NULL),
                     SW_LOGIN_WAIT);
    assert_int_equal(wait_s, 1);
    assert_int_equal(log_in_from(h, "10.1.0.2", "x", "wrong one", T0 - 5000, NULL),
                     SW_LOGIN_WRONG); /* the clock was set back */
}

static void test_limit__strangers_do_not_keep_out_who_was_here_before(void **state)
{
    struct house *h = *state;
    add(h, "anna", RIGHT);
    assert_int_equal(log_in_from(h, "192.0.2.5", "anna", RIGHT, T0, NULL), 0);
    for (int i = 0; i < 20; i++) {
        char id[16], address[32];
        snprintf(id, sizeof id, "v%d", i);
        snprintf(address, sizeof address, "10.0.0.%d", i);
        log_in_from(h, address, id, "wrong one", T0, NULL);
    }
    assert_int_equal(log_in_from(h, "192.0.2.6", "anna", RIGHT, T0, NULL),
                     SW_LOGIN_WAIT);
    assert_int_equal(log_in_from(h, "192.0.2.5", "anna", RIGHT, T0, NULL), 0);
    try_users(h, "192.0.2.5", T0); /* its own limit holds */
    assert_int_equal(log_in_from(h, "192.0.2.5", "anna", RIGHT, T0 + 18, NULL),
                     SW_LOGIN_WAIT);
}

/* Somebody else is writing to web.db. */
static void test_touch__waits_for_nobody_and_ends_nothing(void **state)
{
    struct house *h = *state;
    struct sw_secret secret, session;
    struct sw_user user;
    sqlite3 *other = NULL;
    add(h, "anna", NULL);
    assert_int_equal(sw_users_new_token(h->users, "anna", "x", 90, T0, &secret), 0);
    session = session_of(h, "anna", T0);
    assert_int_equal(sqlite3_open(h->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    assert_int_equal(sw_users_find_token(h->users, secret.str, T0 + 9000, &user), 0);
    assert_true(sw_users_touch_session(h->users, session.str, T0 + 9000 + 61) < 0);
    assert_int_equal(sw_users_touch_session(h->users, session.str, T0 + 9000 + 62), 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_true(after.tv_sec - before.tv_sec < 3);
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sw_users_touch_session(h->users, session.str, T0 + 9000 + 200), 0);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    /* Nothing is locked where nothing changes. */
    assert_int_equal(sw_users_touch_session(h->users, session.str, T0 + 9000 + 201), 0);
    sqlite3_close(other);
}

#define TEST_HOUSE(name) cmocka_unit_test_setup_teardown(name, house_open, house_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_HOUSE(test_users__what_is_put_is_found),
        TEST_HOUSE(test_users__the_last_admin_stays),
        TEST_HOUSE(test_users__the_file_is_the_group_s_and_of_no_others),
        TEST_HOUSE(test_users__a_database_of_others_or_later_is_left_alone),
        TEST_HOUSE(test_file__holds_no_password_and_no_secret),
        TEST_HOUSE(test_secret__of_one_kind_opens_nothing_of_another),
        TEST_HOUSE(test_csrf__is_the_session_s_alone),
        TEST_HOUSE(test_password__is_of_8_to_1024_characters),
        TEST_HOUSE(test_password__an_unknown_user_takes_as_long),
        TEST_HOUSE(test_login__only_by_the_password_of_a_user_who_is_not_locked),
        TEST_HOUSE(test_session__ends_when_it_is_idle),
        TEST_HOUSE(test_session__is_the_same_after_a_restart),
        TEST_HOUSE(test_session__ends_by_itself_or_with_all_of_the_user),
        TEST_HOUSE(test_session__one_more_ends_the_one_used_longest_ago),
        TEST_HOUSE(test_invite__works_once_and_for_a_day),
        TEST_HOUSE(test_token__works_until_its_end),
        TEST_HOUSE(test_token__a_user_has_so_many),
        TEST_HOUSE(test_users__another_process_counts_at_once),
        TEST_HOUSE(test_users__many_processes_lose_nothing),
        TEST_HOUSE(test_limit__a_user_waits_ever_longer),
        TEST_HOUSE(test_limit__an_unknown_user_waits_as_a_known_one),
        TEST_HOUSE(test_limit__an_address_waits_whoever_it_tries),
        TEST_HOUSE(test_limit__all_together_cost_little),
        TEST_HOUSE(test_limit__strangers_do_not_keep_out_who_was_here_before),
        TEST_HOUSE(test_touch__waits_for_nobody_and_ends_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
