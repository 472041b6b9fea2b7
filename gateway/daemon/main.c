/* main.c -- stepward-gateway's arguments and exit code. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/gateway.h"
#include "stepward/config.h"
#include "stepward/host.h"
#include "stepward/programs.h"
#include "stepward/session.h"
#include "stepward/tls.h"
#include "util/file.h"

#define SUFFIX "-tls"

enum { EXIT_USAGE = 2 };

static const char help[] =
    "usage: stepward-gateway [-c FILE] [--check | --print]\n"
    "\n"
    "Turns step counters' readings (MQTT) into each patient's day, stores it, and\n"
    "tells the patient's therapist about long rests and silent devices.\n"
    "\n"
    "  -c, --config FILE  the configuration (default $STEPWARD_CONFIG, then\n"
    "                     /etc/stepward/stepward.conf)\n"
    "      --check        check the configuration, print the effective one, and exit\n"
    "      --print        print it without looking at the files it names, and exit\n"
    "      --version      print the version and exit\n"
    "  -h, --help         print this and exit\n"
    "\n"
    "Exit codes: 0 done, 1 it failed, 2 wrong usage or configuration.\n"
    "It supports a therapist's plan. It is not an emergency or diagnostic device.\n";

enum job { RUN, CHECK, PRINT, VERSION };

static const struct option options[] = {
    {"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, CHECK},
    {"print", no_argument, NULL, PRINT},      {"version", no_argument, NULL, VERSION},
    {"help", no_argument, NULL, 'h'},         {0},
};

#ifdef STEPWARD_HAS_TLS
static const bool has_tls = true;
#else
static const bool has_tls = false;
#endif

/* Replace this process by the same program with TLS, which lies beside it wherever it
 * was put. Returns only if that cannot be run. */
static int become_tls(char **argv)
{
    char path[SW_PATH_BYTES_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - sizeof SUFFIX);
    if (n > 0) {
        strcpy(path + n, SUFFIX);
        execv(path, argv);
    }
    fprintf(stderr, "cannot run %s, which has TLS: %s\n", n > 0 ? path : argv[0],
            strerror(errno));
    return 1;
}

/* The verdict is printed as a comment, so that the printed configuration can be read
 * back. */
static int main_check_all(const struct sw_config *config, char **argv)
{
    char why[SW_WHY_MAX];
    bool wants_tls = sw_uri_is_tls(config->broker.uri) || *config->broker.ca_file ||
                     *config->broker.cert_file || *config->broker.key_file;
    if (wants_tls && !has_tls) /* which loads certificates */
        return become_tls(argv);
    int r = sw_config_check_rights(config, why);
#ifdef STEPWARD_HAS_TLS
    if (r == 0)
        r = sw_tls_check(config, sw_clock_now_s(), why);
#endif
    if (r < 0) {
        fprintf(stderr, "%s\n", *why ? why : strerror(-r));
        return EXIT_USAGE;
    }
    int n = sw_owner_mend(config->data_dir);
    if (n > 0)
        fprintf(stderr,
                "in %s %d file%s not the gateway's, or open to others: mended\n",
                config->data_dir, n, n == 1 ? " was" : "s were");
    sw_config_print(config, stdout);
    if (!sw_service_may_write("", config)) {
        fprintf(stderr,
                "%s: data_dir: the service cannot write to %s: `sudo scripts/install` "
                "makes the folder, and lets it\n",
                config->path, config->data_dir);
        return 1;
    }
    if (sw_config_notifies(config)) {
        struct sw_programs programs;
        sw_programs_find(config, &programs);
        if (*sw_programs_fault(&programs)) {
            fprintf(stderr, "%s:%d: run = \"%.60s\": %s\n", config->path,
                    config->notify.lines.run, config->notify.run,
                    sw_programs_fault(&programs));
            return EXIT_USAGE;
        }
    }
    puts("# all is well: the gateway can start with this");
    return 0;
}

static int main_run(const char *path, enum job job, char **argv)
{
    enum sw_config_reader reader =
        job == PRINT ? SW_CONFIG_OF_OTHERS : SW_CONFIG_OF_GATEWAY;
    struct sw_config config = {0};
    char why[SW_WHY_MAX];
    int code = 0;
    if (sw_config_load(&config, path, reader, why) < 0) {
        fprintf(stderr, "%s\n", why);
        return EXIT_USAGE;
    }
    if (job == PRINT)
        sw_config_print(&config, stdout);
    else if (job == CHECK)
        code = main_check_all(&config, argv);
    else if (sw_uri_is_tls(config.broker.uri) && !has_tls)
        code = become_tls(argv);
    else
        code = gateway_run(&config);
    sw_config_fini(&config);
    return code;
}

int main(int argc, char **argv)
{
    const char *path = sw_config_default_path();
    enum job job = RUN;
    umask(S_IRWXO); /* data_dir's files are for its group too */
    for (int key; (key = getopt_long(argc, argv, "c:h", options, NULL)) != -1;) {
        switch (key) {
        case 'c':
            path = optarg;
            break;
        case CHECK:
        case PRINT:
            job = (enum job)key;
            break;
        case VERSION:
            puts("stepward-gateway " STEPWARD_VERSION);
            return 0;
        case 'h':
            fputs(help, stdout);
            return 0;
        default:
            fputs("see stepward-gateway --help\n", stderr);
            return EXIT_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "stepward-gateway takes no argument \"%s\": see --help\n",
                argv[optind]);
        return EXIT_USAGE;
    }
    return main_run(path, job, argv);
}
