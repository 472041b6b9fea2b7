/* server.c -- the board over HTTP. */
#include "web/server.h"

#include <stdio.h>

int web_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    fputs("stepward-web: nothing is served yet\n", stderr);
    return 1;
}
