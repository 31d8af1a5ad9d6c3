/*
 * access/failures.c: see failures.h.
 */
#include "access/failures.h"

#define SECOND_NS 1e9

static struct failures_budget *find(struct failures *failures, uint64_t who,
                                    uint64_t most, uint64_t now)
{
    struct failures_budget *row = failures->budgets[who % FAILURES_ROWS];
    struct failures_budget *oldest = row;

    for (unsigned i = 0; i < FAILURES_WIDTH; i++) {
        if (row[i].who == who) {
            return &row[i];
        }
        if (row[i].used < oldest->used) {
            oldest = &row[i];
        }
    }
    *oldest = (struct failures_budget){who, now, (double)most};
    return oldest;
}

/* The budget as it is now. */
static struct failures_budget *fill(struct failures *failures, uint64_t who,
                                    uint64_t most, double each_second,
                                    uint64_t now)
{
    struct failures_budget *budget = find(failures, who, most, now);

    budget->left += (double)(now - budget->used) / SECOND_NS * each_second;
    if (budget->left > (double)most) {
        budget->left = (double)most;
    }
    budget->used = now;
    return budget;
}

static struct failures_budget *budget_of_name(struct failures *failures,
                                              struct failures_who who,
                                              uint64_t burst, uint64_t now)
{
    return fill(failures, who.name, burst, 1, now);
}

static struct failures_budget *budget_of_address(struct failures *failures,
                                                 struct failures_who who,
                                                 uint64_t burst, uint64_t now)
{
    return fill(failures, who.address, burst * FAILURES_NAMES, FAILURES_NAMES,
                now);
}

bool failures_take(struct failures *failures, struct failures_who who,
                   uint64_t burst, uint64_t now)
{
    struct failures_budget *name = budget_of_name(failures, who, burst, now);
    struct failures_budget *address;

    if (name->left < 1) {
        return false;
    }
    address = budget_of_address(failures, who, burst, now);
    if (address->left < 1) {
        return false;
    }
    address->left -= 1;
    budget_of_name(failures, who, burst, now)->left -= 1;
    return true;
}

void failures_return(struct failures *failures, struct failures_who who,
                     uint64_t burst, uint64_t now)
{
    budget_of_name(failures, who, burst, now)->left += 1;
    budget_of_address(failures, who, burst, now)->left += 1;
}
