/* users.h -- who may log in to the board: users, their log-ins, invitations and tokens,
 * in a database of their own, data_dir/web.db.
 *
 *     struct sw_users *users;
 *     r = sw_users_open(&users, data_dir, SW_STORE_WRITE, why);
 *     …
 *     r = sw_users_log_in(users, &(struct sw_login){.id = id, .password = password,
 *                                                   .address = address, .now_s = now_s},
 *                         &secret, &wait_s);      // 0: secret goes into the cookie
 *     …
 *     r = sw_users_find_session(users, cookie, idle_s, now_s, &user);
 *     sw_csrf_token(cookie, token);               // goes with every form
 *     …
 *     sw_users_close(users);
 *
 * Functions return 0 or a positive code documented at the function; a negative return is
 * an errno, as in store.h, and sw_users_why() has words for it. What arrives from outside,
 * an id, a password, a secret, may be any text. Users belong to one thread. Other
 * processes may read and write meanwhile: what `stepward user lock` changed counts at the
 * next call. Acts are written to the audit by whoever calls, see store.h.
 */
#ifndef STEPWARD_USERS_H
#define STEPWARD_USERS_H

#include "stepward/store.h"

enum {
    SW_PASSWORD_MIN = 8,          /* characters */
    SW_PASSWORD_CHARS_MAX = 1024, /* a longer one is only work to hash */
    SW_PASSWORD_BYTES_MAX = 4 * SW_PASSWORD_CHARS_MAX,
    SW_USERS_MAX = 1000,    /* each is a row; a loop that adds them must end */
    SW_SESSIONS_MAX = 32,   /* of one user; one more ends the one used longest ago */
    SW_TOKENS_MAX = 32,     /* of one user */
    SW_TOKEN_NAME_MAX = 60, /* bytes */
    SW_TOKEN_DAYS_MAX = 3650,
    SW_INVITE_SECONDS = 24 * 3600,
    SW_USED_STEP_S = 300, /* a use is written when the last one written is older */
    SW_SECRET_LEN = 32,   /* 128 random bits as hexadecimal digits */
};

struct sw_users;

/* The modes of a store, of which CHECK and VERIFY are WRITE here. -ENOENT: there is no
 * database, so there are no users. */
int sw_users_open(struct sw_users **ret, const char *data_dir, enum sw_store_mode mode,
                  char why[static SW_WHY_MAX]);
void sw_users_close(struct sw_users *users); /* takes NULL */
const char *sw_users_why(const struct sw_users *users, int r);
/* A number that grows when another process changed something: open streams ask again
 * whether their session still holds. */
uint64_t sw_users_poll(struct sw_users *users);

/* ---- users ---- */

enum sw_role {
    SW_ROLE_THERAPIST, /* the patients whose plan names them; with sees_team all */
    SW_ROLE_ADMIN,     /* everybody and everything */
    SW_ROLE_WALL,      /* the list of now, without names, nothing to press */
};
const char *sw_role_name(enum sw_role role); /* "therapist" */
bool sw_role_parse(const char *name, enum sw_role *ret);

struct sw_user {
    char id[SW_ID_MAX + 1]; /* like a therapist's, who it is if the plans name it */
    enum sw_role role;
    bool sees_team;
    bool hides_names; /* the user's own switch */
    bool is_locked;
    bool has_password; /* false until an invitation is taken; set by the functions */
    int64_t created_at_s;
    int64_t logged_in_at_s; /* last; 0: never */
};
/* Add a user without a password. SW_STORE_EXISTS leaves the stored one alone; -EINVAL: the
 * id is none; -ENOSPC: there are SW_USERS_MAX. */
int sw_users_add(struct sw_users *users, const struct sw_user *user);
/* Nothing was changed: no other admin could log in any more. */
enum { SW_USERS_LAST_ADMIN = 3 };
/* Change role, sees_team and hides_names. SW_STORE_NONE; SW_USERS_LAST_ADMIN. */
int sw_users_put(struct sw_users *users, const struct sw_user *user);
/* The user's own switch: hides_names becomes what it was not. SW_STORE_NONE. */
int sw_users_switch_names(struct sw_users *users, const char *id);
int sw_users_find(struct sw_users *users, const char *id,
                  struct sw_user *ret); /* SW_STORE_NONE */
/* In order of id; stops at the first non-zero return and returns it. */
int sw_users_each(struct sw_users *users,
                  int (*each)(void *ctx, const struct sw_user *user), void *ctx);
int64_t sw_users_count(struct sw_users *users); /* or a negative errno */
/* Each of these ends the user's sessions and invitation; SW_STORE_NONE. A locked user's
 * tokens are refused until it is unlocked; those of a removed one are gone. Of the last
 * admin: SW_USERS_LAST_ADMIN. */
int sw_users_lock(struct sw_users *users, const char *id, bool is_locked);
int sw_users_remove(struct sw_users *users, const char *id);
/* -EINVAL: see sw_password_unfit(). It takes as long as a log-in. */
int sw_users_set_password(struct sw_users *users, const char *id, const char *password);
/* NULL, or what is wrong with it: "a password has at least 8 characters". */
const char *sw_password_unfit(const char *password);

/* ---- logging in ---- */

struct sw_secret { /* what a cookie or a link holds; the database has its hash alone */
    char str[SW_SECRET_LEN + 1];
};
struct sw_login {
    const char *id, *password;
    const char *address; /* of the browser, without its port */
    int64_t now_s;
};
enum { SW_LOGIN_WRONG = 1, SW_LOGIN_WAIT = 2 };
/* Check the password, and begin a session: 0 with *ret_secret. SW_LOGIN_WRONG: user or
 * password are wrong, the user is locked or has no password; all of them take the same
 * time. SW_LOGIN_WAIT: too many wrong ones came for this user or from this address; the
 * password was not looked at, and the next one may be tried in *ret_wait_s seconds.
 *
 * A check takes tens of milliseconds (on a Pi about 0.2 s) and 16 MiB that are given back
 * after it. Of all together ten wrong ones are checked at once, then one a second. */
int sw_users_log_in(struct sw_users *users, const struct sw_login *login,
                    struct sw_secret *ret_secret, int64_t *ret_wait_s);

/* ---- sessions ---- */

/* Begin a session without a password, as after an invitation was taken. SW_STORE_NONE. */
int sw_users_new_session(struct sw_users *users, const char *id, int64_t now_s,
                         struct sw_secret *ret);
/* Whose session it is: 0, or SW_STORE_NONE: there is none, it was idle for longer than
 * idle_s, or the user is locked. It does not count as a use. */
int sw_users_find_session(struct sw_users *users, const char *secret, int64_t idle_s,
                          int64_t now_s, struct sw_user *ret);
/* The session is in use. It is written every SW_USED_STEP_S at most, and an idle session
 * lasts at least idle_s and at most that much longer. What cannot be written (a full disk,
 * another writer) is tried again after a minute; the session holds meanwhile. */
int sw_users_touch_session(struct sw_users *users, const char *secret, int64_t now_s);
int sw_users_end_session(struct sw_users *users, const char *secret);
int sw_users_end_sessions(struct sw_users *users, const char *id); /* all of the user */
/* The token of the session's forms; nothing about the secret follows from it. */
void sw_csrf_token(const char *secret, char ret[static SW_SECRET_LEN + 1]);
/* Whether two texts are equal, in a time that does not tell where they differ. */
bool sw_secret_is_equal(const char *given, const char *right);

/* ---- invitations: a link that works once, for a day ---- */

/* A new one replaces an older one of the user. SW_STORE_NONE. */
int sw_users_invite(struct sw_users *users, const char *id, int64_t now_s,
                    struct sw_secret *ret);
/* Whose it is, as the page behind the link asks before it is taken: SW_STORE_NONE. */
int sw_users_find_invite(struct sw_users *users, const char *secret, int64_t now_s,
                         struct sw_user *ret);
/* Take it: set the password, or with NULL keep the one there is, and end the invitation
 * and the user's sessions. SW_STORE_NONE; -EINVAL leaves the invitation as it was. */
int sw_users_take_invite(struct sw_users *users, const char *secret,
                         const char *password, int64_t now_s, struct sw_user *ret);

/* ---- tokens of the API ---- */

struct sw_token {
    int64_t key;
    char user[SW_ID_MAX + 1];
    char name[SW_TOKEN_NAME_MAX + 1];
    int64_t created_at_s, ends_at_s;
    int64_t used_at_s; /* 0: never; up to an hour behind */
};
/* SW_STORE_NONE: no such user; SW_STORE_EXISTS: the name is taken; -ENOSPC: it has
 * SW_TOKENS_MAX. */
int sw_users_new_token(struct sw_users *users, const char *id, const char *name,
                       int32_t days, int64_t now_s, struct sw_secret *ret);
/* Whose token it is: 0, or SW_STORE_NONE: there is none, it has ended, or the user is
 * locked. */
int sw_users_find_token(struct sw_users *users, const char *secret, int64_t now_s,
                        struct sw_user *ret);
/* By user, then name; id NULL: of all users. */
int sw_users_each_token(struct sw_users *users, const char *id,
                        int (*each)(void *ctx, const struct sw_token *token),
                        void *ctx);
int sw_users_remove_token(struct sw_users *users, const char *id,
                          const char *name); /* SW_STORE_NONE */

#endif
