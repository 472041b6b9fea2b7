/* main.c -- the program `stepward-web`. */
#include "web/server.h"

int main(int argc, char **argv)
{
    return web_main(argc, argv);
}
