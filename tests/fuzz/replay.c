/* replay.c -- run a fuzz target over the files of its corpus, without the fuzzer.
 * Each argument is a file or a folder of files; a corpus that is empty is a failure. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return -1;
    }
    uint8_t *data = NULL;
    size_t size = 0, got;
    uint8_t chunk[4096];
    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        uint8_t *grown = realloc(data, size + got);
        if (!grown)
            abort();
        data = grown;
        memcpy(data + size, chunk, got);
        size += got;
    }
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

static int replay_path(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder)
        return replay_file(path);
    struct dirent *entry;
    int n = 0;
    while ((errno = 0, entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        char inner[4096];
        snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
        int r = replay_file(inner);
        if (r < 0) {
            closedir(folder);
            return r;
        }
        n += r;
    }
    int r = -errno; /* 0 at the end of the folder */
    closedir(folder);
    return r < 0 ? r : n;
}

int main(int argc, char **argv)
{
    int n = 0;
    for (int i = 1; i < argc; i++) {
        int r = replay_path(argv[i]);
        if (r < 0)
            return 1;
        n += r;
    }
    printf("%d inputs replayed\n", n);
    return n > 0 ? 0 : 1;
}
