/* digests.c -- look up when the next digest is due, and store those that are.
 * What is in one, and that it is told once, is the book's business. */
#include "daemon/digests.h"

#include "records/digest.h"

void digests_look_again(struct digests *digests)
{
    digests->due_s = 0;
    digests->stored = false;
}

/* If it cannot be looked up, the next turn looks again. */
bool digests_are_due(struct digests *digests, const struct ward *ward,
                     const struct judging *judging)
{
    if (!judging->clock_trusted)
        return false;
    if (digests->epoch != sw_store_epoch(ward->store)) {
        digests_look_again(digests);
        digests->epoch = sw_store_epoch(ward->store);
    }
    if (digests->due_s == 0 && sw_book_next_digest(ward->store, ward->zone,
                                                   judging->now_s, &digests->due_s) < 0)
        return false;
    return judging->now_s >= digests->due_s;
}

int digests_store(struct digests *digests, const struct ward *ward,
                  const struct sw_config *config, const struct judging *judging)
{
    if (!digests_are_due(digests, ward, judging))
        return 0;
    digests->stored = true;
    return sw_book_put_digests(ward->store, ward->zone, config->site,
                               config->alert_budget, judging->now_s);
}

void digests_settle(struct digests *digests)
{
    if (digests->stored)
        digests_look_again(digests);
}
