/* cmd_patient_export.c -- all that is stored of a patient as one JSON document, as of
 * one moment. Rows are written as they are read. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/actor.h"
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

static int export_row(void *ctx, const char *json)
{
    struct printing *printing = ctx;
    char *harmless = sw_json_harmless(strdup(json));
    if (!harmless)
        return -ENOMEM;
    int n = fprintf(printing->out, "%s%s", printing->n++ > 0 ? ",\n" : "\n", harmless);
    free(harmless);
    return n < 0 ? -errno : 0;
}

static int audit_export(struct cli *cli, void *ctx)
{
    const struct sw_patient *patient = ctx;
    return cli_audit(cli, SW_AUDIT_PATIENT_EXPORTED, patient->id.str, NULL);
}

/* What cannot be written down is not given away. */
static int find_and_print(struct cli *cli, FILE *out, const char *word)
{
    struct sw_patient patient;
    const char *section;
    int code = cli_open_existing(cli);
    if (code == CLI_OK)
        code = cli_find_patient(cli, word, &patient);
    if (code == CLI_OK)
        code = cli_at_once(cli, audit_export, &patient);
    if (code != CLI_OK)
        return code;
    int r = sw_store_begin_reading(cli->store);
    if (r < 0)
        return cli_store_failed(cli, r);
    fputs("{\"v\":1", out);
    for (size_t i = 0; r >= 0 && (section = sw_store_export_section(i)); i++) {
        struct printing printing = {.out = out};
        fprintf(out, ",\n\"%s\":[", section);
        r = sw_store_export(cli->store, patient.key, i, export_row, &printing);
        fputs("]", out);
    }
    fputs("}\n", out);
    sw_store_rollback(cli->store);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
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

/* The file is created before the store is opened: as the caller, not as the gateway. It
 * and its folder are synced before success is reported. */
static int write_file(struct cli *cli, const char *path, const char *word)
{
    FILE *out = create(path);
    if (!out)
        return report_not_created(cli, path, -errno);
    int code = find_and_print(cli, out, word), r = 0;
    if (code == CLI_OK) {
        errno = 0;
        bool is_written = fflush(out) == 0 && !ferror(out) && fsync(fileno(out)) == 0;
        r = is_written ? sw_file_sync_folder(path) : errno ? -errno : -EIO;
    }
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
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_patient_id(cli, args.words[0], &id);
    if (code != CLI_OK)
        return code;
    const char *path = cli_value(cli, &args, "out");
    return path ? write_file(cli, path, args.words[0])
                : find_and_print(cli, cli->out, args.words[0]);
}
