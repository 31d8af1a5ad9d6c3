/*
 * transfer_judge_test.c: what answers mean, for every packet: C17 to C25 in
 * their order (step 0 is C19), C27, and how answers are read, C5.
 */
#include "transfer_world.h"

#include "protocol/transfer_answer.h"
#include "protocol/transfer_judge.h"

#define SIZE 100

enum { P, C, F, L, X, TYPES }; /* Ping, Create, Fragment, cLose, cancel: X */

static const char letters[] = {
    [VERDICT_SUCCESS] = '+',    [VERDICT_NOT_ACK] = '?',
    [VERDICT_RESYNC] = 'r',     [VERDICT_SHRINK] = 's',
    [VERDICT_TOO_LARGE] = 'l',  [VERDICT_CHALLENGE] = 'a',
    [VERDICT_NO_SESSION] = 'n', [VERDICT_TRANSIENT] = 't',
    [VERDICT_FINAL] = 'F',
};

static struct transfer_answer answer_of(unsigned status, const char *fields)
{
    struct transfer_answer answer;

    answer_init(&answer, status);
    while (*fields != '\0') {
        const char *end = strchr(fields, '\n');
        const char *colon = strstr(fields, ": ");

        answer_field(&answer,
                     (struct bits_text){fields, (size_t)(colon - fields)},
                     (struct bits_text){colon + 2, (size_t)(end - colon) - 2});
        fields = end + 1;
    }
    return answer;
}

struct row {
    unsigned status;
    const char *fields;
    const char *verdicts; /* Ping, Create, Fragment, Close, Cancel */
};

static void assert_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct transfer_answer answer =
            answer_of(rows[i].status, rows[i].fields);

        for (unsigned type = P; type < TYPES; type++) {
            char got =
                letters[judge((enum bits_packet_type)type, &answer, SIZE)];

            if (got != rows[i].verdicts[type]) {
                fail_msg("%u %s: %s is judged %c, not %c", rows[i].status,
                         rows[i].fields,
                         bits_packet_type_name((enum bits_packet_type)type),
                         got, rows[i].verdicts[type]);
            }
        }
    }
}

/* C17 */
static void a_2xx_with_ack_is_success_whatever_else_it_carries(void **state)
{
    static const struct row rows[] = {
        {200, ACK, "+++++"},
        {201, ACK, "+++++"},
        {204, ACK, "+++++"},
        {200, "bits-packet-type: ACK\n", "+++++"},
        {200, ACK CODE("1"), "+++++"},
        {200, NO_SESSION, "+++++"},
        {200, ACK APPLICATION, "+++++"},
    };

    (void)state;
    assert_rows(rows, COUNT(rows));
}

/* C17, C5 [MC-BUP 3.1.5.2.2] */
static void a_2xx_without_ack_is_from_another_server(void **state)
{
    static const struct row rows[] = {
        {200, "", "?????"},
        {200, "Server: nginx\n", "?????"},
        {200, "BITS-Packet-Type: Nak\n", "?????"},
        {204, "", "?????"},
        {200, ACK ACK, "?????"},
        {200, ACK NEXT("1") NEXT("2"), "?????"},
        {200, NO_SESSION NEXT("1") NEXT("1"), "?????"},
    };

    (void)state;
    assert_rows(rows, COUNT(rows));
}

/* C19 */
static void step_0_context_7_leaves_the_class_table_only(void **state)
{
    static const struct row rows[] = {
        {401, APPLICATION, "FFFFF"},
        {407, APPLICATION, "FFFFF"},
        {413, APPLICATION, "FFFFF"},
        {416, APPLICATION, "FFFFF"},
        {408, APPLICATION CODE("0x80070112"), "ttttt"},
        {409, APPLICATION, "ttttt"},
        {500, APPLICATION CODE("0x8020001F"), "ttttt"},
        {500, APPLICATION CODE("0x80070057"), "ttttt"},
        {500, APPLICATION CODE("0x80200020"), "ttttt"},
        {501, APPLICATION, "FFFFF"},
        {502, APPLICATION, "ttttt"},
        {505, APPLICATION, "FFFFF"},
        {403, APPLICATION, "FFFFF"},
        {302, APPLICATION, "FFFFF"},
        {999, APPLICATION, "ttttt"},
    };

    (void)state;
    assert_rows(rows, COUNT(rows));
}

/* C20 */
static void step_1_401_and_407_ask_for_credentials(void **state)
{
    static const struct row rows[] = {
        {401, "", "aaaaa"},
        {407, "", "aaaaa"},
        {401, NO_SESSION, "aaaaa"},
        {407, CODE("0x80070057"), "aaaaa"},
    };

    (void)state;
    assert_rows(rows, COUNT(rows));
}

/* C21, D-03 */
static void step_2_a_lost_session_counts_with_any_status(void **state)
{
    static const struct row rows[] = {
        {500, NO_SESSION, "nnnnn"},
        {404, NO_SESSION, "nnnnn"},
        {413, NO_SESSION, "nnnnn"},
        {416, NO_SESSION NEXT("7"), "nnnnn"},
        {501, NO_SESSION, "nnnnn"},
        {302, CODE("8020001f"), "nnnnn"},
        {500, "BITS-Error: 0x8020001F\n", "nnnnn"},
        {500, "BITS-Error: 0x80070057\n" CODE("0x8020001F"), "nnnnn"},
        {500, CODE("0x8020001F") "BITS-Error: 0x80070057\n", "nnnnn"},
    };

    (void)state;
    assert_rows(rows, COUNT(rows));
}

/* C22, C24 [MC-BUP 3.1.5.2.1] */
static void step_3_other_error_codes(void **state)
{
    static const struct row rows[] = {
        {400, CODE("0x80070057"), "FFFFF"}, {503, CODE("0x80070057"), "FFFFF"},
        {500, CODE("0x80200020"), "FFltt"}, {501, CODE("0x80070005"), "FFFFF"},
        {403, CODE("0x80070005"), "FFFFF"}, {500, CODE("0x80070070"), "ttttt"},
        {500, CODE("0x80070112"), "ttttt"}, {500, CODE("0x80004005"), "ttttt"},
        {500, CODE("nonsense"), "ttttt"},
    };

    (void)state;
    assert_rows(rows, COUNT(rows));
}

/* C18, C14 */
static void a_416_is_for_fragments_and_its_error_headers_do_not_count(void **s)
{
    static const struct row rows[] = {
        {416, ACK NEXT("7"), "FFrFF"},
        {416, NEXT("7"), "FFrFF"},
        {416, "", "FFrFF"},
        {416, ACK NEXT("7") CODE("0x80070057"), "FFrFF"},
        {416, ACK NEXT("7") CODE("0x80070057") APPLICATION, "FFrFF"},
        {416, ACK NEXT("100") APPLICATION, "FFFFF"},
    };

    (void)s;
    assert_rows(rows, COUNT(rows));
}

/* C23, C24, C25 */
static void step_4_every_status(void **state)
{
    static const struct row rows[] = {
        {300, "", "FFFFF"}, {301, "", "FFFFF"}, {302, "", "FFFFF"},
        {303, "", "FFFFF"}, {304, "", "FFFFF"}, {305, "", "FFFFF"},
        {306, "", "FFFFF"}, {307, "", "FFFFF"}, {308, "", "FFFFF"},
        {399, "", "FFFFF"}, {400, "", "FFFFF"}, {402, "", "FFFFF"},
        {403, "", "FFFFF"}, {404, "", "FFFFF"}, {405, "", "FFFFF"},
        {406, "", "FFFFF"}, {408, "", "tttFF"}, {409, "", "tFtFF"},
        {410, "", "FFFFF"}, {411, "", "FFFFF"}, {412, "", "FFFFF"},
        {413, "", "FFsFF"}, {414, "", "FFFFF"}, {415, "", "FFFFF"},
        {417, "", "FFFFF"}, {418, "", "FFFFF"}, {421, "", "ttttt"},
        {422, "", "FFFFF"}, {423, "", "FFFFF"}, {425, "", "ttttt"},
        {426, "", "FFFFF"}, {428, "", "FFFFF"}, {429, "", "ttttt"},
        {431, "", "FFFFF"}, {451, "", "FFFFF"}, {499, "", "FFFFF"},
        {500, "", "ttttt"}, {501, "", "FFFtt"}, {502, "", "ttttt"},
        {503, "", "ttttt"}, {504, "", "ttttt"}, {505, "", "FFFtt"},
        {507, "", "ttttt"}, {511, "", "ttttt"}, {599, "", "ttttt"},
        {600, "", "ttttt"}, {999, "", "ttttt"}, {0, "", "ttttt"},
        {99, "", "ttttt"},
    };

    (void)state;
    assert_rows(rows, COUNT(rows));
}

static void the_status_alone_decides_with_or_without_an_ack(void **state)
{
    (void)state;
    for (unsigned status = 300; status < 600; status++) {
        for (unsigned type = P; type < TYPES; type++) {
            struct transfer_answer bare = answer_of(status, "");
            struct transfer_answer ack = answer_of(status, ACK);

            assert_int_equal(judge((enum bits_packet_type)type, &bare, SIZE),
                             judge((enum bits_packet_type)type, &ack, SIZE));
        }
    }
}

/* C44 */
static void a_reply_is_plain_http(void **state)
{
    static const struct {
        unsigned status;
        enum verdict verdict;
    } rows[] = {
        {200, VERDICT_SUCCESS},   {206, VERDICT_SUCCESS},
        {401, VERDICT_CHALLENGE}, {407, VERDICT_CHALLENGE},
        {404, VERDICT_FINAL},     {302, VERDICT_FINAL},
        {503, VERDICT_TRANSIENT}, {408, VERDICT_TRANSIENT},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct transfer_answer answer = answer_of(rows[i].status, "");

        assert_int_equal(judge_reply(&answer), rows[i].verdict);
    }
}

/* C5 */
static void error_codes_are_hexadecimal_in_many_spellings(void **state)
{
    static const struct {
        const char *text;
        uint32_t value; /* 0: refused */
    } rows[] = {
        {"0x80070057", 0x80070057},
        {"0X8007005f", 0x8007005f},
        {"x80070057", 0x80070057},
        {"80070057", 0x80070057},
        {"080070057", 0x80070057},
        {"0x5", 5},
        {"7", 7},
        {"0x", 0},
        {"", 0},
        {"0x800700570", 0},
        {"x", 0},
        {"0x8007005g", 0},
        {"-1", 0},
        {"0080070057", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bits_text text = {rows[i].text, strlen(rows[i].text)};
        uint32_t value = 0;

        assert_int_equal(answer_parse_hex(text, &value), rows[i].value != 0);
        assert_int_equal(value, rows[i].value);
    }
}

/* C27 */
static void reports_the_servers_code_or_that_of_the_status(void **state)
{
    struct transfer_answer code = answer_of(500, CODE("0x80070070"));
    struct transfer_answer bare = answer_of(404, "");
    struct transfer_answer no_error = answer_of(404, CODE("0x1"));
    struct transfer_answer application = answer_of(408, APPLICATION);

    (void)state;
    assert_int_equal(judge_hresult(&code), 0x80070070);
    assert_int_equal(judge_context(&code), BITS_ERROR_CONTEXT_SERVER);
    assert_int_equal(judge_hresult(&bare), 0x80190194);
    assert_int_equal(judge_context(&bare), BITS_ERROR_CONTEXT_SERVER);
    assert_int_equal(judge_hresult(&no_error), 0x80190194);
    assert_int_equal(judge_context(&application),
                     BITS_ERROR_CONTEXT_APPLICATION);
}

/* C5 */
static void values_that_do_not_fit_count_as_absent(void **state)
{
    struct transfer_answer answer = answer_of(
        200, "BITS-Session-Id: two words\n"
             "BITS-Host-Id: http://h/\n" NEXT(
                 "-1") "BITS-Host-Id-Fallback-Timeout: 4294967296\n"
                       "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\n");

    (void)state;
    assert_string_equal(answer.session_id, "");
    assert_string_equal(answer.host_id, "");
    assert_true(answer.host_id_invalid);
    assert_false(answer.has_next);
    assert_true(answer.next_malformed);
    assert_int_equal(answer.fallback_timeout_s, 0);
    assert_int_equal(answer.retry_after_s, 0);
}

static void the_longest_session_id_host_id_and_reply_url_fit(void **state)
{
    static const struct {
        const char *name;
        size_t max;
        size_t offset;
    } rows[] = {
        {"BITS-Session-Id", 100, offsetof(struct transfer_answer, session_id)},
        {"BITS-Host-Id", 300, offsetof(struct transfer_answer, host_id)},
        {"BITS-Reply-URL", 2200, offsetof(struct transfer_answer, reply_url)},
    };
    char value[2201];

    (void)state;
    memset(value, 'a', sizeof(value));
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bits_text name = {rows[i].name, strlen(rows[i].name)};
        struct transfer_answer answer;
        const char *room = (const char *)&answer + rows[i].offset;

        answer_init(&answer, 200);
        answer_field(&answer, name, (struct bits_text){value, rows[i].max});
        assert_int_equal(strlen(room), rows[i].max);
        answer_init(&answer, 200);
        answer_field(&answer, name, (struct bits_text){value, rows[i].max + 1});
        assert_int_equal(strlen(room), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_2xx_with_ack_is_success_whatever_else_it_carries),
        cmocka_unit_test(a_2xx_without_ack_is_from_another_server),
        cmocka_unit_test(step_0_context_7_leaves_the_class_table_only),
        cmocka_unit_test(step_1_401_and_407_ask_for_credentials),
        cmocka_unit_test(step_2_a_lost_session_counts_with_any_status),
        cmocka_unit_test(step_3_other_error_codes),
        cmocka_unit_test(
            a_416_is_for_fragments_and_its_error_headers_do_not_count),
        cmocka_unit_test(step_4_every_status),
        cmocka_unit_test(the_status_alone_decides_with_or_without_an_ack),
        cmocka_unit_test(a_reply_is_plain_http),
        cmocka_unit_test(error_codes_are_hexadecimal_in_many_spellings),
        cmocka_unit_test(reports_the_servers_code_or_that_of_the_status),
        cmocka_unit_test(values_that_do_not_fit_count_as_absent),
        cmocka_unit_test(the_longest_session_id_host_id_and_reply_url_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
