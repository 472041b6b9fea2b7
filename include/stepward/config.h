/* config.h -- the configuration file (libconfuse syntax), whole and checked.
 *
 *     struct sw_config config;
 *     if (sw_config_load(&config, path, SW_CONFIG_OF_GATEWAY, why) < 0)
 *         …"FILE:LINE: what and why" is in why; exit 2
 *     sw_config_fini(&config);
 */
#ifndef STEPWARD_CONFIG_H
#define STEPWARD_CONFIG_H

#include <stdio.h>

#include "stepward/plan.h"
#include "stepward/source.h"
#include "stepward/types.h"

/* The lines that name the files; 0: none does. */
struct sw_config_lines {
    int password_file, ca_file, cert_file, key_file;
};

struct sw_config {
    char *path;
    char *site;
    char *timezone;
    char *data_dir;
    int64_t max_age_s;
    int64_t max_future_s;
    bool auto_enroll;
    int64_t commit_interval_s;
    int32_t alert_budget; /* alerts a therapist and day; 0: no limit */
    struct {
        char *uri;
        char *client_id;
        int protocol; /* 5 or 4 (MQTT 3.1.1) */
        char *username;
        char *password; /* first line of password_file; "" without one */
        char *password_file, *ca_file, *cert_file, *key_file;
        struct sw_config_lines lines;
    } broker;
    struct {
        bool is_on; /* the section is there: the board is wanted */
        char *listen;
        char *cert_file, *key_file; /* "": without TLS */
        char *hosts;                /* further names of ours, with blanks between */
        int64_t idle_s;
        struct {
            int listen, cert_file, key_file;
        } lines;
    } web;
    struct { /* how long, see store.h; 0: for ever */
        int64_t readings_s, alerts_s, audit_s;
        int readings_line;
    } keep;
    struct {
        char *run;  /* the folder of programs that are told of alerts; "": none are */
        bool names; /* they are told the patients' names, too */
        struct {
            int run;
        } lines;
    } notify;
    struct {
        char *to;        /* a folder that is not on the card; "": none */
        char *recipient; /* "age1…": copies there are encrypted; "": they are not */
    } backup;
    struct sw_plan plan; /* for new patients */
    struct sw_source *sources;
    size_t n_sources;
};

/* $STEPWARD_CONFIG, then /etc/stepward/stepward.conf. */
const char *sw_config_default_path(void);

/* Who reads the configuration. The password, the certificates and the key are the
 * gateway's alone. Others may have no right to read these files, so for them they are
 * not looked at, and the password stays empty. */
enum sw_config_reader { SW_CONFIG_OF_GATEWAY, SW_CONFIG_OF_OTHERS };

/* Whether programs are told of the alerts that are published. */
static inline bool sw_config_notifies(const struct sw_config *config)
{
    return config->notify.run && *config->notify.run;
}

/* 0, or a negative errno with "FILE:LINE: what and why" in why and *ret empty. */
int sw_config_load(struct sw_config *ret, const char *path,
                   enum sw_config_reader reader, char why[static SW_WHY_MAX]);
void sw_config_fini(struct sw_config *config); /* all zero is fine */

/* The first line of a file, 1 to SW_PASSWORD_MAX characters, which the caller frees.
 * -EINVAL: there is none that can be read; -ENOMEM. */
enum { SW_PASSWORD_MAX = 1024 }; /* a token of a broker's service may be long */
int sw_password_read(char **ret, const char *path);

/* Whether the gateway's user (see sw_owner_of()) can read the configuration and the
 * files that it names, and write to data_dir if that is there. Only root can find out;
 * for others it returns 0. -EACCES with "FILE:LINE: what and why". */
int sw_config_check_rights(const struct sw_config *config, char why[static SW_WHY_MAX]);

/* The effective configuration in its own syntax; reading it back gives the same. */
void sw_config_print(const struct sw_config *config, FILE *out);

/* Of the service that scripts/install sets up: the configuration it reads, and where it
 * may write without more. */
#define SW_SERVICE_CONFIG   "/etc/stepward/stepward.conf"
#define SW_SERVICE_DATA_DIR "/var/lib/stepward"
/* False: this is the service's configuration, and its data_dir is not there, or systemd
 * does not let it write there: `sudo scripts/install` mends that. True where there is no
 * such service. root: "", or the folder that a test takes for /. */
bool sw_service_may_write(const char *root, const struct sw_config *config);

#endif
