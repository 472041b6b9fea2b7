/* patient.h -- what the commands about patients share. */
#ifndef CLI_PATIENT_H
#define CLI_PATIENT_H

#include "cli/cli.h"

/* The id as given; CLI_USAGE if it cannot be one. */
int cli_patient_id(struct cli *cli, const char *word, struct sw_patient_id *ret);
/* The stored patient; CLI_FAILED if there is none. */
int cli_find_patient(struct cli *cli, const char *word, struct sw_patient *ret);
/* The same for a command that shows the patient, which the audit says then. */
int cli_show_patient(struct cli *cli, const char *word, struct sw_patient *ret);

#endif
