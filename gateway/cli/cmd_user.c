/* cmd_user.c -- who may log in to the board: add, list, give a password or a link, lock,
 * remove. What is stored, and how, is store/users.c's business; what each role may see is
 * the board's. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/actor.h"
#include "cli/password.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/user.h"

enum { BOARD_ADDRESS_MAX = 1100 }; /* `hosts` may be one name, and there is a port */

/* ---- the two databases ---- */

int cli_open_users(struct cli *cli, enum sw_store_mode mode, struct sw_users **ret)
{
    char why[SW_WHY_MAX];
    *ret = NULL;
    int code = cli_open_store(cli, mode);
    if (code != CLI_OK)
        return code;
    int r = sw_users_open(ret, cli->config.data_dir, mode, why);
    if (r == -ENOENT && mode == SW_STORE_READ)
        return CLI_OK;
    if (r == -EACCES || r == -EPERM)
        return cli_cannot_data(cli, "open", "web.db", r);
    return r < 0 ? cli_fail(cli, "%s", why) : CLI_OK;
}

int cli_users_failed(struct cli *cli, const struct sw_users *users, int error)
{
    if (error == -EBUSY)
        return cli_fail(cli, "the database is busy: try again");
    return cli_fail(cli, "%s/web.db: %s", cli->config.data_dir,
                    sw_users_why(users, error));
}

int cli_no_such_user(struct cli *cli, const char *id)
{
    return cli_fail(cli, "no user %s: see `stepward user list`", id);
}

struct acting {
    const struct cli_user_act *act;
    int r;
};

static int audit_and_act(struct cli *cli, void *ctx)
{
    struct acting *acting = ctx;
    const struct cli_user_act *act = acting->act;
    bool has_detail = act->detail && *act->detail;
    int code = cli_audit(cli, act->act, NULL, "%s%s%s", act->id, has_detail ? ": " : "",
                         has_detail ? act->detail : "");
    if (code != CLI_OK)
        return code;
    acting->r = act->work(act->users, act->ctx);
    return acting->r == 0 ? CLI_OK : CLI_FAILED;
}

int cli_act_on_user(struct cli *cli, const struct cli_user_act *act, int *ret_r)
{
    struct acting acting = {.act = act};
    int code = cli_at_once(cli, audit_and_act, &acting);
    if (ret_r)
        *ret_r = acting.r;
    if (acting.r < 0)
        return cli_users_failed(cli, act->users, acting.r);
    if (acting.r == SW_USERS_LAST_ADMIN)
        return cli_fail(cli,
                        "%s is the last admin who can log in: `stepward user add NAME "
                        "--role admin` first",
                        act->id);
    if (acting.r == SW_STORE_NONE && !ret_r)
        return cli_no_such_user(cli, act->id);
    return code;
}

/* ---- links ---- */

/* Where browsers reach the board: with TLS by a name that its certificate may have. Empty
 * behind another server, whose address is not known here, and where the board is off. */
static void board_address(const struct sw_config *config,
                          char out[static BOARD_ADDRESS_MAX])
{
    const char *listen = config->web.listen, *port = strrchr(listen, ':'),
               *hosts = config->web.hosts;
    char machine[HOST_NAME_MAX + 1] = "localhost";
    out[0] = '\0';
    if (!config->web.is_on || strncmp(listen, "unix:", 5) == 0 || !port)
        return;
    if (!*config->web.cert_file) {
        snprintf(out, BOARD_ADDRESS_MAX, "http://%s", listen);
        return;
    }
    gethostname(machine, sizeof machine - 1);
    size_t n = strcspn(hosts, " ");
    snprintf(out, BOARD_ADDRESS_MAX, "https://%.*s%s", n > 0 ? (int)n : HOST_NAME_MAX,
             n > 0 ? hosts : machine, strcmp(port, ":443") == 0 ? "" : port);
}

static void print_invitation(struct cli *cli, const char *id,
                             const struct sw_secret *secret)
{
    char until[CLI_WHEN_MAX], address[BOARD_ADDRESS_MAX];
    cli_when_format(&cli->zone, cli->now_s + SW_INVITE_SECONDS, cli->now_s, until);
    board_address(&cli->config, address);
    fprintf(cli->out, "%s/invite/%s\n", address, secret->str);
    fprintf(cli->err,
            "for %s%s: it works once, until %s, and asks for a new password\n", id,
            *address ? "" : ", behind the board's address", until);
}

struct invitation {
    const char *id;
    int64_t now_s;
    struct sw_secret secret;
};

static int invite(struct sw_users *users, void *ctx)
{
    struct invitation *invitation = ctx;
    return sw_users_invite(users, invitation->id, invitation->now_s,
                           &invitation->secret);
}

static int invite_user(struct cli *cli, struct sw_users *users, const char *id)
{
    struct invitation invitation = {.id = id, .now_s = cli->now_s};
    struct cli_user_act act = {users, id,     SW_AUDIT_USER_INVITED,
                               NULL,  invite, &invitation};
    struct sw_user user;
    int r = sw_users_find(users, id, &user);
    if (r == 0 && user.is_locked)
        return cli_fail(cli, "%s is locked: `stepward user unlock %s` first", id, id);
    int code = cli_act_on_user(cli, &act, NULL);
    if (code == CLI_OK)
        print_invitation(cli, id, &invitation.secret);
    return code;
}

/* ---- user add ---- */

const struct cli_option cmd_user_add_options[] = {
    {"role", "therapist|admin|wall", "what the user may see; see below"},
    {"team", NULL, "a therapist sees the patients of all therapists"},
    {"invite", NULL,
     "print a link that asks for the password; it works once, for a day"},
    {0},
};

struct addition {
    struct sw_user user;
    const char *password; /* NULL: the link asks for it */
};

static int add_user(struct sw_users *users, void *ctx)
{
    const struct addition *addition = ctx;
    int r = sw_users_add(users, &addition->user);
    if (r == 0 && addition->password)
        r = sw_users_set_password(users, addition->user.id, addition->password);
    return r;
}

static int read_user(struct cli *cli, const struct cli_args *args, struct sw_user *ret)
{
    const char *id = args->words[0], *role = cli_value(cli, args, "role");
    ret->created_at_s = cli->now_s;
    ret->sees_team = cli_value(cli, args, "team") != NULL;
    if (!sw_id_is_valid(id, strlen(id)))
        return cli_usage(cli, "%s is no id: 1 to %d of A-Z a-z 0-9 _ . -", id,
                         SW_ID_MAX);
    strcpy(ret->id, id);
    if (!role)
        return cli_usage(cli, "say what the user may see: --role therapist, admin or "
                              "wall");
    if (!sw_role_parse(role, &ret->role))
        return cli_usage(cli, "--role %s: it is therapist, admin or wall", role);
    if (ret->sees_team && ret->role != SW_ROLE_THERAPIST)
        return cli_usage(cli, "--team is for therapists: %s",
                         ret->role == SW_ROLE_ADMIN
                             ? "an admin sees all patients"
                             : "a wall shows all, without names");
    return CLI_OK;
}

/* A mistyped id would look like a therapist whose patients are well. */
static int warn_without_patients(struct cli *cli, const struct sw_user *user)
{
    if (user->role != SW_ROLE_THERAPIST || user->sees_team)
        return CLI_OK;
    int r = sw_store_find_therapist(cli->store, user->id);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (r == SW_STORE_NONE)
        fprintf(cli->err,
                "no patient's plan names %s, so the board will show nobody: `stepward "
                "patient set PATIENT --therapist %s`\n",
                user->id, user->id);
    return CLI_OK;
}

/* What is left to do until the new user can open the board. */
static void print_next(const struct cli *cli)
{
    const struct sw_config *config = &cli->config;
    const char *start = "`sudo systemctl enable --now stepward-web`";
    if (!config->web.is_on)
        fprintf(cli->err,
                "the board is switched off: add `web { }` to %s, then start it: %s\n",
                config->path, start);
    else if (strncmp(config->web.listen, "unix:", strlen("unix:")) == 0)
        fprintf(cli->err, "the board listens at %s for a server in front of it: %s\n",
                config->web.listen, start);
    else
        fprintf(cli->err, "the board is at %s://%s: %s\n",
                *config->web.cert_file ? "https" : "http", config->web.listen, start);
}

static int add_and_print(struct cli *cli, struct sw_users *users,
                         struct addition *addition)
{
    const char *id = addition->user.id;
    struct cli_user_act act = {
        users,    id,      SW_AUDIT_USER_ADDED, sw_role_name(addition->user.role),
        add_user, addition};
    int r = 0;
    int code = cli_act_on_user(cli, &act, &r);
    if (r == SW_STORE_EXISTS)
        return cli_fail(cli,
                        "%s exists already: `stepward user password %s` gives a new "
                        "password",
                        id, id);
    if (code == CLI_OK)
        fprintf(addition->password ? cli->out : cli->err, "added %s, %s%s\n", id,
                sw_role_name(addition->user.role),
                addition->user.sees_team ? " who sees the patients of all" : "");
    if (code == CLI_OK)
        code = warn_without_patients(cli, &addition->user);
    if (code == CLI_OK)
        print_next(cli);
    return code == CLI_OK && !addition->password ? invite_user(cli, users, id) : code;
}

int cli_invite_therapist(struct cli *cli, const char *id)
{
    struct addition addition = {
        .user = {.created_at_s = cli->now_s, .role = SW_ROLE_THERAPIST}};
    struct sw_users *users = NULL;
    struct sw_user stored;
    strcpy(addition.user.id, id);
    int code = cli_open_users(cli, SW_STORE_WRITE, &users);
    int r = code == CLI_OK ? sw_users_find(users, id, &stored) : 0;
    if (r < 0)
        code = cli_users_failed(cli, users, r);
    else if (code == CLI_OK && r == SW_STORE_NONE)
        code = add_and_print(cli, users, &addition);
    else if (code == CLI_OK && !stored.has_password)
        code = invite_user(cli, users, id);
    sw_users_close(users);
    return code;
}

int cmd_user_add(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct addition addition = {.password = NULL};
    struct sw_users *users = NULL;
    struct sw_user stored;
    char password[CLI_PASSWORD_SIZE];
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = read_user(cli, &args, &addition.user);
    if (code == CLI_OK)
        code = cli_open_users(cli, SW_STORE_WRITE, &users);
    bool asks = code == CLI_OK && !cli_value(cli, &args, "invite") &&
                sw_users_find(users, addition.user.id, &stored) == SW_STORE_NONE;
    if (asks) {
        code = cli_ask_password(cli, addition.user.id, password);
        addition.password = password;
    }
    if (code == CLI_OK)
        code = add_and_print(cli, users, &addition);
    explicit_bzero(password, sizeof password);
    sw_users_close(users);
    return code;
}

/* ---- user password, lock, unlock, remove ---- */

const struct cli_option cmd_user_password_options[] = {
    {"invite", NULL, "print a link that asks for it; it works once, for a day"},
    {0},
};
const struct cli_option cmd_user_lock_options[] = {{0}};
const struct cli_option cmd_user_unlock_options[] = {{0}};
const struct cli_option cmd_user_remove_options[] = {{0}};

static int open_one(struct cli *cli, int argc, char **argv, struct cli_args *args,
                    struct sw_users **ret)
{
    *ret = NULL;
    int code = cli_parse(cli, argc, argv, args);
    return code == CLI_OK ? cli_open_users(cli, SW_STORE_WRITE, ret) : code;
}

struct new_password {
    const char *id;
    char text[CLI_PASSWORD_SIZE];
};

static int set_password(struct sw_users *users, void *ctx)
{
    const struct new_password *password = ctx;
    return sw_users_set_password(users, password->id, password->text);
}

static int change_password(struct cli *cli, struct sw_users *users, const char *id)
{
    struct new_password password = {.id = id};
    struct cli_user_act act = {users, id,           SW_AUDIT_USER_PASSWORD,
                               NULL,  set_password, &password};
    struct sw_user user;
    int r = sw_users_find(users, id, &user);
    if (r < 0)
        return cli_users_failed(cli, users, r);
    if (r == SW_STORE_NONE)
        return cli_no_such_user(cli, id);
    int code = cli_ask_password(cli, id, password.text);
    if (code == CLI_OK)
        code = cli_act_on_user(cli, &act, NULL);
    if (code == CLI_OK)
        fprintf(cli->out, "%s has a new password, and is logged out everywhere\n", id);
    explicit_bzero(&password, sizeof password);
    return code;
}

int cmd_user_password(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_users *users;
    int code = open_one(cli, argc, argv, &args, &users);
    if (code == CLI_OK)
        code = cli_value(cli, &args, "invite")
                   ? invite_user(cli, users, args.words[0])
                   : change_password(cli, users, args.words[0]);
    sw_users_close(users);
    return code;
}

static int lock(struct sw_users *users, void *ctx)
{
    return sw_users_lock(users, ctx, true);
}

static int unlock(struct sw_users *users, void *ctx)
{
    return sw_users_lock(users, ctx, false);
}

static int remove_user(struct sw_users *users, void *ctx)
{
    return sw_users_remove(users, ctx);
}

static int act_by(struct cli *cli, int argc, char **argv, enum sw_audit_act act,
                  int (*work)(struct sw_users *users, void *ctx), const char *done,
                  const char *after)
{
    struct cli_args args;
    struct sw_users *users;
    int code = open_one(cli, argc, argv, &args, &users);
    if (code == CLI_OK) {
        struct cli_user_act one = {users, args.words[0], act,
                                   NULL,  work,          args.words[0]};
        code = cli_act_on_user(cli, &one, NULL);
    }
    if (code == CLI_OK)
        fprintf(cli->out, "%s %s%s\n", done, args.words[0], after);
    sw_users_close(users);
    return code;
}

int cmd_user_lock(struct cli *cli, int argc, char **argv)
{
    return act_by(cli, argc, argv, SW_AUDIT_USER_LOCKED, lock, "locked",
                  ": logged out everywhere, and tokens are refused");
}

int cmd_user_unlock(struct cli *cli, int argc, char **argv)
{
    return act_by(cli, argc, argv, SW_AUDIT_USER_UNLOCKED, unlock, "unlocked",
                  ": the password is as it was");
}

int cmd_user_remove(struct cli *cli, int argc, char **argv)
{
    return act_by(cli, argc, argv, SW_AUDIT_USER_REMOVED, remove_user, "removed",
                  ", with all log-ins and tokens");
}

/* ---- user list ---- */

const struct cli_option cmd_user_list_options[] = {CLI_FORMAT_OPTION, {0}};

static const struct cli_column columns[] = {
    {"user", "user", CLI_TEXT, 0, 0},
    {"role", "role", CLI_TEXT, 0, 0},
    {"team", "team", CLI_TEXT, 0, 1},
    {"state", "state", CLI_TEXT, 0, 0},
    {"created_at", "added", CLI_TEXT, 0, 3},
    {"logged_in_at", "last log-in", CLI_TEXT, 0, 2},
};

static int print_user(void *ctx, const struct sw_user *user)
{
    struct cli_table *table = ctx;
    cli_cell_text(table, user->id);
    cli_cell_text(table, sw_role_name(user->role));
    cli_cell_bool(table, user->sees_team || user->role == SW_ROLE_ADMIN);
    if (user->is_locked)
        cli_cell_text(table, "locked");
    else if (user->has_password)
        cli_cell_text(table, "active");
    else
        cli_cell_either(table, "no password yet", "no_password");
    cli_cell_time(table, user->created_at_s);
    cli_cell_time(table, user->logged_in_at_s);
    return 0;
}

int cmd_user_list(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_users *users = NULL;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_open_users(cli, SW_STORE_READ, &users);
    if (code != CLI_OK)
        return code;
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    int r = users ? sw_users_each(users, print_user, table) : 0;
    code = r < 0 ? cli_table_drop(table, cli_users_failed(cli, users, r))
                 : cli_table_end(table, "nobody may log in to the board yet: `stepward "
                                        "user add ID --role therapist`");
    sw_users_close(users);
    return code;
}
