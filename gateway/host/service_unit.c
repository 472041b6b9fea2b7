/* service_unit.c -- whether systemd lets the gateway's service write to data_dir.
 *
 * The unit lets it write to /var/lib/stepward alone. For another folder scripts/install
 * adds a file to the unit; what an administrator added of their own is trusted. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stepward/config.h"
#include "stepward/host.h"
#include "util/file.h"

#define UNIT     "systemd/system/stepward-gateway.service"
#define KEY      "ReadWritePaths="
#define OWN_FILE "/data_dir.conf"

/* As scripts/install writes it: "-PATH" with \\, \" and %% in it. */
static bool is_own_line(const char *line, const char *data_dir)
{
    static const char start[] = KEY "\"-";
    if (strncmp(line, start, strlen(start)) != 0)
        return false;
    for (line += strlen(start); *line && *data_dir; line++, data_dir++) {
        bool is_escape = *line == '\\' || (*line == '%' && line[1] == '%');
        line += is_escape;
        if (*line != *data_dir)
            return false;
    }
    return *data_dir == '\0' && *line == '"';
}

static bool lets_write(const char *path, const char *data_dir)
{
    const char *name = strrchr(path, '/');
    bool is_own = name && strcmp(name, OWN_FILE) == 0, has_found = false;
    char *line = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "re");
    while (file && !has_found && getline(&line, &size, file) >= 0)
        has_found =
            is_own ? is_own_line(line, data_dir) : strncmp(line, KEY, strlen(KEY)) == 0;
    if (file)
        fclose(file);
    free(line);
    return has_found;
}

bool sw_service_may_write(const char *root, const struct sw_config *config)
{
    char path[SW_PATH_BYTES_MAX];
    glob_t files = {0};
    bool is_services = strcmp(config->path, SW_SERVICE_CONFIG) == 0 &&
                       strcmp(config->data_dir, SW_SERVICE_DATA_DIR) != 0;
    snprintf(path, sizeof path, "%s/lib/" UNIT, root);
    if (!is_services || access(path, F_OK) < 0)
        return true;
    if (access(config->data_dir, F_OK) < 0 && errno == ENOENT)
        return false;
    snprintf(path, sizeof path, "%s/{lib,etc}/" UNIT ".d/*.conf", root);
    bool may = false;
    if (glob(path, GLOB_BRACE, NULL, &files) == 0)
        for (size_t i = 0; i < files.gl_pathc; i++)
            may |= lets_write(files.gl_pathv[i], config->data_dir);
    globfree(&files);
    return may;
}
