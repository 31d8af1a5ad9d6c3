/*
 * access/gate.c: see gate.h.
 */
#include "access/gate.h"

#include <stdlib.h>

#include "access/basic.h"
#include "base/compiler.h"
#include "base/text.h"
#include "cause/cause.h"
#include "http1/field.h"
#include "options/option.h"

struct gate {
    struct access access;
    struct basic *basic;
};

static bool allows(const struct access_check *check, enum config_choice way)
{
    return option_chosen(check->section->access, way);
}

/* The value of Authorization; empty without that field, and *ret_count says how
 * often it is there. */
static struct bits_text authorization(const struct http1_head *head,
                                      unsigned *ret_count)
{
    struct bits_text cursor = head->fields;
    struct bits_text found = {"", 0};
    struct bits_text name;
    struct bits_text value;

    *ret_count = 0;
    while (http1_next_field(&cursor, &name, &value)) {
        if (text_equal_nocase(name, TEXT("Authorization"))) {
            found = value;
            ++*ret_count;
        }
    }
    return found;
}

/* bitsd asks for no password that others could read on its way. */
static bool is_safe(const struct access_check *check)
{
    return check->section->basic_without_tls ||
           text_equal(check->facts.scheme, TEXT("https"));
}

static enum access_verdict ask_for_password(struct gate *gate,
                                            struct access_check *check)
{
    unsigned count;
    struct bits_text value = authorization(check->head, &count);

    if (count == 0 && allows(check, CONFIG_ACCESS_ANONYMOUS)) {
        return ACCESS_GRANTED;
    }
    if (!is_safe(check)) {
        check->outcome = cause_outcome(CAUSE_SIGN_IN_NEEDS_TLS);
        return ACCESS_DENIED;
    }
    if (count != 1) {
        check->challenge = BASIC_CHALLENGE;
        return ACCESS_REFUSED;
    }
    return basic_ask(gate->basic, check, value);
}

static enum access_verdict ask(struct access_check *check)
{
    struct gate *gate = CONTAINER_OF(check->access, struct gate, access);

    return allows(check, CONFIG_ACCESS_BASIC) ? ask_for_password(gate, check)
                                              : ACCESS_GRANTED;
}

static void forget(struct access_check *check)
{
    basic_forget(CONTAINER_OF(check->access, struct gate, access)->basic,
                 check);
}

bool gate_prepare(struct gate *gate, const struct config *config,
                  struct string_list *errors)
{
    return basic_prepare(gate->basic, config, errors);
}

void gate_configure(struct gate *gate, const struct config *config)
{
    basic_configure(gate->basic, config);
}

struct access *gate_access(struct gate *gate)
{
    return &gate->access;
}

struct gate *gate_new(struct log_sink *log, const struct config *config)
{
    static const struct access_ops ops = {.ask = ask, .forget = forget};
    struct gate *gate = calloc(1, sizeof(*gate));

    if (!gate) {
        return NULL;
    }
    gate->access.ops = &ops;
    gate->basic = basic_new(log, config);
    if (!gate->basic) {
        free(gate);
        return NULL;
    }
    return gate;
}

void gate_free(struct gate *gate)
{
    if (gate) {
        basic_free(gate->basic);
        free(gate);
    }
}
