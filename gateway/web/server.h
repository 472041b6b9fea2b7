/* server.h -- the board over HTTP. */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

int web_main(int argc, char **argv); /* the exit code */

#endif
