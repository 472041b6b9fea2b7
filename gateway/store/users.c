/* users.c -- who may log in to the board: users, sessions, invitations and tokens, in
 * web.db. What is hashed how is secret.c's business, how often a password may be tried
 * login_limit.c's; that page and cookie are what they should be is the web server's.
 *
 * The database is a store with other tables, so that opening, statements and errors are
 * those of store_open.c and store.c. */
#include "stepward/users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/host.h"
#include "store/login_limit.h"
#include "store/secret.h"
#include "store/store_private.h"
#include "util/file.h"

#define DATABASE "web.db"
#define SESSION  "session"
#define INVITE   "invite"
#define TOKEN    "token"

enum {
    TOKEN_STEP_S = 3600, /* how often a token's use is written */
    TOUCH_WAIT_MS = 20,  /* for others that write */
    TOUCH_AGAIN_S = 60,  /* after a use could not be written */
};

struct sw_users {
    struct sw_store *db;
    struct login_limit limit;
    int64_t touch_failed_at_s; /* 0: it did not */
};

int sw_users_open(struct sw_users **ret, const char *data_dir, enum sw_store_mode mode,
                  char why[static SW_WHY_MAX])
{
    char path[SW_PATH_BYTES_MAX];
    int n = snprintf(path, sizeof path, "%s/" DATABASE, data_dir);
    if (n >= (int)sizeof path)
        return sw_store_format_error(-ENAMETOOLONG, why, data_dir,
                                     "the name is too long");
    struct sw_users *users = calloc(1, sizeof *users);
    if (!users)
        return sw_store_format_errno(-ENOMEM, why, path, "cannot open the database");
    int r = sw_store_open_as(&users->db, &sw_schema_web, path, mode, why);
    if (r < 0) {
        free(users);
        return r;
    }
    *ret = users;
    return 0;
}

void sw_users_close(struct sw_users *users)
{
    if (!users)
        return;
    sw_store_close(users->db);
    free(users);
}

const char *sw_users_why(const struct sw_users *users, int r)
{
    return sw_store_why(users->db, r);
}

uint64_t sw_users_poll(struct sw_users *users)
{
    return sw_store_poll(users->db);
}

/* ---- users ---- */

static const char *const role_names[] = {
    [SW_ROLE_THERAPIST] = "therapist",
    [SW_ROLE_ADMIN] = "admin",
    [SW_ROLE_WALL] = "wall",
};
enum { N_ROLES = sizeof role_names / sizeof *role_names };

const char *sw_role_name(enum sw_role role)
{
    return role_names[role];
}

bool sw_role_parse(const char *name, enum sw_role *ret)
{
    for (int role = 0; role < N_ROLES; role++) {
        if (strcmp(role_names[role], name) != 0)
            continue;
        *ret = (enum sw_role)role;
        return true;
    }
    return false;
}

/* A role that came with a later version gives no right that this one knows: -EPROTO. */
static int read_user(const struct sw_query *q, struct sw_user *ret)
{
    struct sw_user user = {
        .sees_team = sw_column_int(q, 2) != 0,
        .hides_names = sw_column_int(q, 3) != 0,
        .is_locked = sw_column_int(q, 4) != 0,
        .has_password = sw_column_int(q, 5) != 0,
        .created_at_s = sw_column_int(q, 6),
        .logged_in_at_s = sw_column_int(q, 7),
    };
    sw_column_text(q, 0, user.id, sizeof user.id);
    if (!sw_role_parse(sw_column_str(q, 1), &user.role)) {
        snprintf(q->store->error, sizeof q->store->error,
                 "user %s has a role that this version does not know", user.id);
        q->store->error_r = -EPROTO;
        return -EPROTO;
    }
    *ret = user;
    return 0;
}

/* The user in the only row: 0, SW_STORE_NONE, or a negative errno. */
static int find_user(struct sw_query q, struct sw_user *ret)
{
    int r = sw_query_row(&q);
    if (r <= 0)
        return sw_query_one(&q, r);
    return sw_query_end(&q, read_user(&q, ret));
}

int sw_users_add(struct sw_users *users, const struct sw_user *user)
{
    bool own;
    if (!sw_id_is_valid(user->id, strlen(user->id)))
        return -EINVAL;
    int r = sw_atomic_begin(users->db, &own);
    if (r < 0)
        return r;
    int64_t n = sw_users_count(users);
    r = n < 0 ? (int)n : n >= SW_USERS_MAX ? -ENOSPC : 0;
    if (r == 0)
        r = sw_run_with(users->db, SQL_ADD_USER, sw_text(user->id),
                        sw_text(role_names[user->role]), sw_int(user->sees_team),
                        sw_int(user->hides_names), sw_int(user->created_at_s));
    if (r == 0 && sw_changes(users->db) == 0)
        r = SW_STORE_EXISTS;
    return sw_atomic_end(users->db, own, r);
}

/* 0: another admin can log in, or the user is none; SW_USERS_LAST_ADMIN: nobody else could
 * name one; or a negative errno. */
static int check_admin(struct sw_users *users, const char *id)
{
    int64_t n = 0;
    int r =
        sw_query_number(sw_query_with(users->db, SQL_IS_LAST_ADMIN, sw_text(id)), &n);
    return r == 0 && n > 0 ? SW_USERS_LAST_ADMIN : r;
}

int sw_users_put(struct sw_users *users, const struct sw_user *user)
{
    bool own;
    int r = sw_atomic_begin(users->db, &own);
    if (r < 0)
        return r;
    r = user->role == SW_ROLE_ADMIN ? 0 : check_admin(users, user->id);
    if (r == 0)
        r = sw_run_on_one(sw_query_with(
            users->db, SQL_PUT_USER, sw_text(user->id), sw_text(role_names[user->role]),
            sw_int(user->sees_team), sw_int(user->hides_names)));
    return sw_atomic_end(users->db, own, r);
}

int sw_users_switch_names(struct sw_users *users, const char *id)
{
    return sw_run_on_one(sw_query_with(users->db, SQL_SWITCH_NAMES, sw_text(id)));
}

int sw_users_find(struct sw_users *users, const char *id, struct sw_user *ret)
{
    return find_user(sw_query_with(users->db, SQL_FIND_USER, sw_text(id)), ret);
}

int sw_users_each(struct sw_users *users,
                  int (*each)(void *ctx, const struct sw_user *user), void *ctx)
{
    struct sw_user user;
    struct sw_query q = sw_query(users->db, SQL_EACH_USER);
    int r = 0;
    while (sw_query_next(&q, &r)) {
        r = read_user(&q, &user);
        if (r == 0)
            r = each(ctx, &user);
    }
    return sw_query_end(&q, r);
}

int64_t sw_users_count(struct sw_users *users)
{
    int64_t n = 0;
    int r = sw_query_number(sw_query(users->db, SQL_COUNT_USERS), &n);
    return r < 0 ? r : n;
}

static int end_all(struct sw_users *users, const char *id)
{
    int r = sw_run_with(users->db, SQL_END_SESSIONS, sw_text(id));
    return r < 0 ? r : sw_run_with(users->db, SQL_END_INVITE, sw_text(id));
}

/* What changes the user's row, and then ends what they began before. */
static int change(struct sw_users *users, const char *id, enum sw_sql sql,
                  struct sw_value value)
{
    bool own;
    int r = sw_atomic_begin(users->db, &own);
    if (r < 0)
        return r;
    r = sql == SQL_LOCK_USER && value.number != 0 ? check_admin(users, id) : 0;
    if (r == 0)
        r = sw_run_on_one(sw_query_with(users->db, sql, sw_text(id), value));
    if (r == 0)
        r = end_all(users, id);
    return sw_atomic_end(users->db, own, r);
}

int sw_users_lock(struct sw_users *users, const char *id, bool is_locked)
{
    return change(users, id, SQL_LOCK_USER, sw_int(is_locked));
}

int sw_users_remove(struct sw_users *users, const char *id)
{
    bool own;
    int r = sw_atomic_begin(users->db, &own);
    if (r < 0)
        return r;
    r = check_admin(users, id);
    if (r == 0)
        r = sw_run_on_one(sw_query_with(users->db, SQL_REMOVE_USER, sw_text(id)));
    return sw_atomic_end(users->db, own, r);
}

int sw_users_set_password(struct sw_users *users, const char *id, const char *password)
{
    char hash[SW_PASSWORD_HASH_MAX];
    if (sw_password_unfit(password))
        return -EINVAL;
    int r = sw_password_hash(password, hash);
    if (r == 0)
        r = change(users, id, SQL_PUT_PASSWORD, sw_text(hash));
    explicit_bzero(hash, sizeof hash);
    return r;
}

/* A use is written when the last one that was is long ago: `due` asks that, so that nothing
 * is locked where nothing changes. A full disk or another writer ends nobody's session, and
 * keeps nobody waiting. */
static int touch(struct sw_users *users, enum sw_sql due, enum sw_sql sql,
                 struct sw_value hash, int64_t now_s, int64_t step_s)
{
    int64_t n_due = 0, failed_s = users->touch_failed_at_s;
    if (failed_s && now_s >= failed_s && now_s - failed_s < TOUCH_AGAIN_S)
        return 0;
    int r = sw_query_number(
        sw_query_with(users->db, due, hash, sw_int(now_s), sw_int(step_s)), &n_due);
    if (r == 0 && n_due > 0) {
        sw_store_limit_wait(users->db, TOUCH_WAIT_MS);
        r = sw_run_with(users->db, sql, hash, sw_int(now_s), sw_int(step_s));
        sw_store_limit_wait(users->db, -1);
    }
    users->touch_failed_at_s = r < 0 ? now_s : 0;
    return r;
}

/* ---- logging in ---- */

/* 1: it is the user's password; 0: it is not, or there is none; or a negative errno. */
static int check_password(struct sw_users *users, const struct sw_login *login)
{
    char hash[SW_PASSWORD_HASH_MAX] = "";
    struct sw_query q = sw_query_with(users->db, SQL_GET_PASSWORD, sw_text(login->id));
    int r = sw_query_row(&q);
    if (r > 0)
        sw_column_text(&q, 0, hash, sizeof hash);
    sw_query_end(&q, r);
    if (r >= 0)
        r = sw_password_check(login->password, hash);
    explicit_bzero(hash, sizeof hash);
    return r;
}

int sw_users_log_in(struct sw_users *users, const struct sw_login *login,
                    struct sw_secret *ret_secret, int64_t *ret_wait_s)
{
    bool is_fit = strlen(login->password) <= SW_PASSWORD_BYTES_MAX;
    int64_t wait_s =
        login_limit_wait(&users->limit, login->id, login->address, login->now_s);
    *ret_wait_s = wait_s;
    if (wait_s > 0)
        return SW_LOGIN_WAIT;
    int r = is_fit ? check_password(users, login) : 0;
    if (r < 0)
        return r;
    login_limit_note(&users->limit, login->id, login->address, login->now_s, r > 0);
    if (r == 0)
        return SW_LOGIN_WRONG;
    r = sw_users_new_session(users, login->id, login->now_s, ret_secret);
    return r == SW_STORE_NONE ? SW_LOGIN_WRONG : r; /* removed meanwhile */
}

/* ---- sessions ---- */

int sw_users_new_session(struct sw_users *users, const char *id, int64_t now_s,
                         struct sw_secret *ret)
{
    struct sw_secret secret;
    uint8_t hash[SW_HASH_BYTES];
    bool own;
    int r = sw_secret_new(&secret);
    if (r == 0)
        r = sw_atomic_begin(users->db, &own);
    if (r < 0)
        return r;
    sw_secret_hash(SESSION, secret.str, hash);
    r = sw_run_on_one(sw_query_with(users->db, SQL_ADD_SESSION,
                                    sw_blob(hash, sizeof hash), sw_text(id),
                                    sw_int(now_s)));
    if (r == 0)
        r = sw_run_with(users->db, SQL_LOGGED_IN, sw_text(id), sw_int(now_s));
    if (r == 0)
        r = sw_run_with(users->db, SQL_PRUNE_SESSIONS, sw_text(id),
                        sw_int(SW_SESSIONS_MAX), sw_blob(hash, sizeof hash));
    r = sw_atomic_end(users->db, own, r);
    if (r == 0)
        *ret = secret;
    return r;
}

int sw_users_find_session(struct sw_users *users, const char *secret, int64_t idle_s,
                          int64_t now_s, struct sw_user *ret)
{
    uint8_t hash[SW_HASH_BYTES];
    if (!sw_secret_hash(SESSION, secret, hash))
        return SW_STORE_NONE;
    return find_user(sw_query_with(users->db, SQL_FIND_SESSION,
                                   sw_blob(hash, sizeof hash),
                                   sw_int(now_s - idle_s - SW_USED_STEP_S)),
                     ret);
}

int sw_users_touch_session(struct sw_users *users, const char *secret, int64_t now_s)
{
    uint8_t hash[SW_HASH_BYTES];
    if (!sw_secret_hash(SESSION, secret, hash))
        return 0;
    return touch(users, SQL_SESSION_IS_DUE, SQL_TOUCH_SESSION,
                 sw_blob(hash, sizeof hash), now_s, SW_USED_STEP_S);
}

int sw_users_end_session(struct sw_users *users, const char *secret)
{
    uint8_t hash[SW_HASH_BYTES];
    if (!sw_secret_hash(SESSION, secret, hash))
        return 0;
    return sw_run_with(users->db, SQL_END_SESSION, sw_blob(hash, sizeof hash));
}

int sw_users_end_sessions(struct sw_users *users, const char *id)
{
    return sw_run_with(users->db, SQL_END_SESSIONS, sw_text(id));
}

/* ---- invitations ---- */

int sw_users_invite(struct sw_users *users, const char *id, int64_t now_s,
                    struct sw_secret *ret)
{
    struct sw_secret secret;
    uint8_t hash[SW_HASH_BYTES];
    int r = sw_secret_new(&secret);
    if (r < 0)
        return r;
    sw_secret_hash(INVITE, secret.str, hash);
    r = sw_run_on_one(sw_query_with(users->db, SQL_PUT_INVITE, sw_text(id),
                                    sw_blob(hash, sizeof hash),
                                    sw_int(now_s + SW_INVITE_SECONDS)));
    if (r == 0)
        *ret = secret;
    return r;
}

int sw_users_find_invite(struct sw_users *users, const char *secret, int64_t now_s,
                         struct sw_user *ret)
{
    uint8_t hash[SW_HASH_BYTES];
    if (!sw_secret_hash(INVITE, secret, hash))
        return SW_STORE_NONE;
    return find_user(sw_query_with(users->db, SQL_FIND_INVITE,
                                   sw_blob(hash, sizeof hash), sw_int(now_s)),
                     ret);
}

/* The password is hashed before the transaction begins: others would wait for it. */
int sw_users_take_invite(struct sw_users *users, const char *secret,
                         const char *password, int64_t now_s, struct sw_user *ret)
{
    char hash[SW_PASSWORD_HASH_MAX] = "";
    struct sw_user user;
    bool own;
    if (password && sw_password_unfit(password))
        return -EINVAL;
    int r = sw_users_find_invite(users, secret, now_s, &user); /* else no work for it */
    if (r == 0 && password)
        r = sw_password_hash(password, hash);
    if (r != 0 || (r = sw_atomic_begin(users->db, &own)) < 0)
        return r;
    r = sw_users_find_invite(users, secret, now_s, &user);
    if (r == 0 && password)
        r = sw_run_with(users->db, SQL_PUT_PASSWORD, sw_text(user.id), sw_text(hash));
    if (r == 0)
        r = end_all(users, user.id);
    r = sw_atomic_end(users->db, own, r);
    user.has_password = user.has_password || password;
    if (r == 0)
        *ret = user;
    return r;
}

/* ---- tokens ---- */

static int put_token(struct sw_users *users, const struct sw_token *token,
                     const uint8_t hash[static SW_HASH_BYTES])
{
    struct sw_user user;
    int64_t n = 0;
    struct sw_value id = sw_text(token->user);
    int r = sw_users_find(users, token->user, &user);
    if (r == 0)
        r = sw_run_with(users->db, SQL_END_TOKENS, id, sw_int(token->created_at_s));
    if (r == 0)
        r = sw_query_number(sw_query_with(users->db, SQL_COUNT_TOKENS, id), &n);
    if (r == 0 && n >= SW_TOKENS_MAX)
        r = -ENOSPC;
    if (r == 0)
        r = sw_run_with(users->db, SQL_ADD_TOKEN, id, sw_blob(hash, SW_HASH_BYTES),
                        sw_text(token->name), sw_int(token->created_at_s),
                        sw_int(token->ends_at_s));
    return r == 0 && sw_changes(users->db) == 0 ? SW_STORE_EXISTS : r;
}

int sw_users_new_token(struct sw_users *users, const char *id, const char *name,
                       int32_t days, int64_t now_s, struct sw_secret *ret)
{
    struct sw_token token = {.created_at_s = now_s,
                             .ends_at_s = now_s + days * INT64_C(86400)};
    struct sw_secret secret;
    uint8_t hash[SW_HASH_BYTES];
    bool own;
    if (strlen(name) > SW_TOKEN_NAME_MAX || days < 1 || days > SW_TOKEN_DAYS_MAX)
        return -EINVAL;
    snprintf(token.user, sizeof token.user, "%s", id);
    strcpy(token.name, name);
    int r = sw_secret_new(&secret);
    if (r == 0)
        r = sw_atomic_begin(users->db, &own);
    if (r < 0)
        return r;
    sw_secret_hash(TOKEN, secret.str, hash);
    r = sw_atomic_end(users->db, own, put_token(users, &token, hash));
    if (r == 0)
        *ret = secret;
    return r;
}

int sw_users_find_token(struct sw_users *users, const char *secret, int64_t now_s,
                        struct sw_user *ret)
{
    uint8_t hash[SW_HASH_BYTES];
    if (!sw_secret_hash(TOKEN, secret, hash))
        return SW_STORE_NONE;
    struct sw_value value = sw_blob(hash, sizeof hash);
    int r =
        find_user(sw_query_with(users->db, SQL_FIND_TOKEN, value, sw_int(now_s)), ret);
    if (r == 0) /* that a use cannot be written is no reason to refuse it */
        touch(users, SQL_TOKEN_IS_DUE, SQL_TOUCH_TOKEN, value, now_s, TOKEN_STEP_S);
    return r;
}

int sw_users_each_token(struct sw_users *users, const char *id,
                        int (*each)(void *ctx, const struct sw_token *token), void *ctx)
{
    struct sw_query q = sw_query_with(users->db, SQL_EACH_TOKEN, sw_text(id ? id : ""));
    int r = 0;
    while (sw_query_next(&q, &r)) {
        struct sw_token token = {
            .key = sw_column_int(&q, 0),
            .created_at_s = sw_column_int(&q, 3),
            .ends_at_s = sw_column_int(&q, 4),
            .used_at_s = sw_column_int(&q, 5),
        };
        sw_column_text(&q, 1, token.user, sizeof token.user);
        sw_column_text(&q, 2, token.name, sizeof token.name);
        r = each(ctx, &token);
    }
    return sw_query_end(&q, r);
}

int sw_users_remove_token(struct sw_users *users, const char *id, const char *name)
{
    return sw_run_on_one(
        sw_query_with(users->db, SQL_REMOVE_TOKEN, sw_text(id), sw_text(name)));
}
