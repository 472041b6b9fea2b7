/* main.c -- the program `stepward`. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    struct cli cli = {.out = NULL};
    return cli_main(&cli, argc, argv);
}
