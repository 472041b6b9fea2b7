/* fuzz_config.c -- any bytes as a configuration file: refused in one line, or loaded,
 * and then what is printed loads to the same. */
#include "stepward/config.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 0 and *ret loaded, if the bytes are a configuration. */
static int load(struct sw_config *ret, const void *data, size_t size)
{
    char path[64], why[SW_WHY_MAX];
    int fd = memfd_create("config", MFD_CLOEXEC);
    assert(fd >= 0);
    assert(write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int r = sw_config_load(ret, path, SW_CONFIG_OF_GATEWAY, why);
    close(fd);
    assert((r == 0) == (why[0] == '\0'));
    assert(!strchr(why, '\n'));
    return r;
}

static char *printed(const struct sw_config *config)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert(out);
    sw_config_print(config, out);
    fclose(out);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sw_config config, again;
    if (load(&config, data, size) < 0)
        return 0;
    char *once = printed(&config);
    assert(load(&again, once, strlen(once)) == 0);
    char *twice = printed(&again);
    assert(strcmp(once, twice) == 0);
    free(once);
    free(twice);
    sw_config_fini(&config);
    sw_config_fini(&again);
    return 0;
}
