/* fault.c -- end the gateway by SIGKILL at the pass of a point that the environment
 * names: STEPWARD_FAULT=POINT:N, or STEPWARD_FAULT=list for the names of all points.
 * Linked into stepward-gateway-faults only; where the points are the gateway says. */
#include "stepward/fault.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, FAULT_NONE = -1 };

#define POINT_NAME(name) #name,
static const char *const names[] = {SW_FAULT_POINTS(POINT_NAME)};

static int armed = FAULT_NONE;
static unsigned long kill_at;
static atomic_ulong passes;

void sw_fault_pass(enum sw_fault_point point)
{
    bool is_armed = (int)point == armed;
    if (is_armed && atomic_fetch_add(&passes, 1) + 1 == kill_at)
        kill(getpid(), SIGKILL);
}

static void list(void)
{
    for (size_t i = 0; i < SW_FAULT_POINTS_N; i++)
        puts(names[i]);
    exit(0);
}

static void arm(const char *text)
{
    size_t len = strcspn(text, ":");
    char *end = NULL;
    for (int i = 0; i < SW_FAULT_POINTS_N; i++)
        if (strlen(names[i]) == len && strncmp(names[i], text, len) == 0)
            armed = i;
    if (text[len] == ':')
        kill_at = strtoul(text + len + 1, &end, 10);
    if (armed == FAULT_NONE || kill_at == 0 || *end != '\0') {
        fprintf(stderr, "STEPWARD_FAULT=%s: not POINT:N\n", text);
        exit(EXIT_USAGE);
    }
}

/* Before main: the gateway's own arguments and exit codes stay as they are. */
__attribute__((constructor)) static void read_environment(void)
{
    const char *text = getenv("STEPWARD_FAULT");
    if (text && strcmp(text, "list") == 0)
        list();
    if (text)
        arm(text);
}
