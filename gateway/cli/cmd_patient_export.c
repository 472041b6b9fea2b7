/* cmd_patient_export.c -- all that is stored of a patient as one JSON document, as of
 * one moment. Rows are written as they are read. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/patient.h"
#include "util/file.h"
#include "wire/listing.h"

const struct cli_option cmd_patient_export_options[] = {
    {"out", "FILE",
     "into this new file, for its maker alone to read (default: print it)"},
    {0},
};

struct printing {
    FILE *out;
    int64_t n; /* rows of this section so far */
};

static int patient_export_print_row(void *ctx, const char *json)
{
    struct printing *printing = ctx;
    char *harmless = strdup(json);
    harmless = sw_json_harmless(harmless);
    if (!harmless)
        return -ENOMEM;
    int n = fprintf(printing->out, "%s%s", printing->n++ > 0 ? ",\n" : "\n", harmless);
    free(harmless);
    return n < 0 ? -errno : 0;
}

static int print_section(struct cli *cli, FILE *out, int64_t key, size_t section)
{
    struct printing printing = {.out = out};
    fprintf(out, ",\n\"%s\":[", sw_store_export_section(section));
    int r =
        sw_store_export(cli->store, key, section, patient_export_print_row, &printing);
    fputs("]", out);
    return r;
}

static int print_document(struct cli *cli, FILE *out, int64_t key)
{
    int r = sw_store_begin_reading(cli->store);
    if (r < 0)
        return cli_store_failed(cli, r);
    fputs("{\"v\":1", out);
    for (size_t i = 0; r >= 0 && sw_store_export_section(i); i++)
        r = print_section(cli, out, key, i);
    fputs("}\n", out);
    sw_store_rollback(cli->store);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

/* Sync the file and its folder before success is reported. */
static int sync_file(FILE *out, const char *path)
{
    if (fflush(out) != 0 || ferror(out) || fsync(fileno(out)) < 0)
        return errno ? -errno : -EIO;
    return sw_file_sync_folder(path);
}

static FILE *create(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    if (fd >= 0 && !out) {
        unlink(path);
        close(fd);
    }
    return out;
}

static int find_and_print(struct cli *cli, FILE *out, const char *word)
{
    struct sw_patient patient;
    int code = cli_open_store(cli, SW_STORE_READ);
    if (code == CLI_OK)
        code = cli_find_patient(cli, word, &patient);
    return code == CLI_OK ? print_document(cli, out, patient.key) : code;
}

/* Under sudo the gateway's user creates the file; the caller's shell can do more. */
static int report_not_created(struct cli *cli, const char *path, int error)
{
    const char *remedy = "";
    if (error == -EEXIST)
        remedy =
            ", and nothing is overwritten: choose another name, or remove it first";
    else if (error == -EACCES || error == -EPERM)
        remedy = ": put `> FILE` in place of `--out FILE`, then your shell makes it";
    return cli_fail(cli, "cannot create %s: %s%s", path, strerror(-error), remedy);
}

/* The file is created before the store is opened: as the caller, not as the gateway. */
static int write_file(struct cli *cli, const char *path, const char *word)
{
    FILE *out = create(path);
    if (!out)
        return report_not_created(cli, path, -errno);
    int code = find_and_print(cli, out, word);
    int r = code == CLI_OK ? sync_file(out, path) : 0;
    fclose(out);
    if (r < 0)
        code = cli_fail(cli, "cannot write %s: %s", path, strerror(-r));
    if (code != CLI_OK)
        unlink(path);
    return code;
}

int cmd_patient_export(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_patient_id id;
    const char *word;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &word);
    if (code == CLI_OK)
        code = cli_patient_id(cli, word, &id);
    if (code != CLI_OK)
        return code;
    const char *path = cli_value(cli, &args, "out");
    return path ? write_file(cli, path, word) : find_and_print(cli, cli->out, word);
}
