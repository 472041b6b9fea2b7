/* child.h -- run another program, without waiting for it: it gets its input whole, what
 * it prints is read as far as anybody wants to know it, and it ends in time.
 *
 *     r = sw_child_start(&child, path, argv, env, input, n, now_ms + 60000);
 *     …                                    // poll child.fds, and child_next_ms
 *     if (sw_child_turn(&child, now_ms))   // it has ended
 *         … child.status, sw_child_said(&child, line)
 *     sw_child_kill(&child);               // or it must end now
 *
 * It runs in / and in a process group of its own, which goes with it: nothing that it
 * began outlives it, unless it took care to. It has the environment that it is given, its
 * three streams, and no other file of ours.
 */
#ifndef STEPWARD_CHILD_H
#define STEPWARD_CHILD_H

#include <sys/types.h>

#include "stepward/types.h"

enum {
    SW_CHILD_INPUT_MAX = 32 * 1024,  /* a pipe takes 64 KiB, and nobody has to wait */
    SW_CHILD_FREE_BYTES = 64 * 1024, /* so much it may print at full speed… */
    SW_CHILD_BYTES_MAX = 16 * 1024 * 1024, /* …and so much until it is ended */
    SW_CHILD_SLOW_MS = 20,    /* between two looks at one that prints more */
    SW_CHILD_TAIL_MAX = 1024, /* of what it printed, the last that is kept */
};

/* All zero: none runs. */
struct sw_child {
    pid_t pid;   /* 0: none */
    int exit_fd; /* readable when it has ended; -1: this kernel cannot say */
    int out_fd;  /* what it prints */
    int64_t end_by_ms;
    int64_t read_at_ms; /* it prints much: not read before then; 0: when it comes */
    int64_t n_read;
    size_t n_tail;
    char tail[SW_CHILD_TAIL_MAX];
    bool is_late, is_loud; /* it was ended, because of its time or of what it printed */
    int status;            /* as waitpid() has it, once it has ended */
};

/* 0, or a negative errno: that of execve(), too. argv[0] is its name. */
int sw_child_start(struct sw_child *child, const char *path, char *const argv[],
                   char *const env[], const char *input, size_t len, int64_t end_by_ms);
/* Read what it printed, end it if it is time. True once it has ended. */
bool sw_child_turn(struct sw_child *child, int64_t now_ms);
/* When it wants a turn though none of its descriptors is readable. */
int64_t sw_child_next_ms(const struct sw_child *child, int64_t now_ms);
void sw_child_kill(struct sw_child *child);

/* How it ended: "" if with exit code 0. */
enum { SW_CHILD_END_MAX = 64 };
void sw_child_end(const struct sw_child *child, char out[static SW_CHILD_END_MAX]);
/* The last line it printed that is not blank, without control characters. */
void sw_child_said(const struct sw_child *child, char *out, size_t size);

#endif
