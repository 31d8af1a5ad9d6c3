/*
 * logline_test.c: what a log line looks like, in both forms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "os/logline.h"

#define WHEN "2026-11-21T05:28:28.007Z"
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct log_event event_with(const struct log_field *fields, size_t count)
{
    return (struct log_event){
        .level = LOG_INFO,
        .event = "created",
        .words = "session created",
        .fields = fields,
        .field_count = count,
    };
}

static void assert_line(const struct logline *line, const char *expected)
{
    assert_int_equal(line->len, strlen(expected));
    assert_memory_equal(line->text, expected, line->len);
}

/* --- the text form --- */

static void a_line_has_time_level_event_words_and_fields(void **state)
{
    const struct log_field fields[] = {
        LOG_TEXT("session", TEXT("{7DF0354D-249B-430F-820D-3D2A9BEF4931}")),
        LOG_TEXT("path", TEXT("/up/a b.txt")),
        {.key = "user", .kind = LOG_VALUE_NONE},
        LOG_NUMBER("bytes", UINT64_MAX),
    };
    struct log_event event = event_with(fields, COUNT(fields));
    struct logline line;

    (void)state;
    logline_text(&line, WHEN, &event);
    assert_line(&line, WHEN " info created: session created "
                            "session={7DF0354D-249B-430F-820D-3D2A9BEF4931} "
                            "path=\"/up/a b.txt\" "
                            "bytes=18446744073709551615\n");
}

static void levels_have_names(void **state)
{
    static const struct {
        enum log_level level;
        const char *line;
    } rows[] = {
        {LOG_ERROR, WHEN " error e: w\n"},
        {LOG_WARNING, WHEN " warning e: w\n"},
        {LOG_INFO, WHEN " info e: w\n"},
        {LOG_DEBUG, WHEN " debug e: w\n"},
    };
    struct logline line;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct log_event event = {
            .level = rows[i].level, .event = "e", .words = "w"};

        logline_text(&line, WHEN, &event);
        assert_line(&line, rows[i].line);
    }
}

static void values_are_quoted_and_escaped_when_they_need_it(void **state)
{
    static const struct {
        struct bits_text value;
        const char *shown;
    } rows[] = {
        {TEXT_INIT("/up/a.txt"), "/up/a.txt"},
        {TEXT_INIT("127.0.0.1:4711"), "127.0.0.1:4711"},
        {TEXT_INIT(""), "\"\""},
        {{NULL, 0}, "\"\""},
        {TEXT_INIT("a b"), "\"a b\""},
        {TEXT_INIT("a=b"), "\"a=b\""},
        {TEXT_INIT("a\"b"), "\"a\\\"b\""},
        {TEXT_INIT("a\\b"), "\"a\\\\b\""},
        {TEXT_INIT("a\r\nb\tc"), "\"a\\x0d\\x0ab\\x09c\""},
        {TEXT_INIT("\x1b[31m"), "\"\\x1b[31m\""},
        {TEXT_INIT("a\0b"), "\"a\\x00b\""},
        {TEXT_INIT("\x7f\x80\xff"), "\"\\x7f\\x80\\xff\""},
        {TEXT_INIT("\xc3\xa4"), "\"\\xc3\\xa4\""},
    };
    char expected[200];
    struct logline line;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct log_field field = LOG_TEXT("v", rows[i].value);
        struct log_event event = event_with(&field, 1);

        logline_text(&line, WHEN, &event);
        (void)snprintf(expected, sizeof(expected),
                       WHEN " info created: session created v=%s\n",
                       rows[i].shown);
        assert_line(&line, expected);
    }
}

static void words_are_escaped_too(void **state)
{
    struct log_event event = {
        .level = LOG_ERROR, .event = "failed", .words = "two\nlines"};
    struct logline line;

    (void)state;
    logline_text(&line, WHEN, &event);
    assert_line(&line, WHEN " error failed: two\\x0alines\n");
}

static void a_long_value_is_cut_in_its_middle(void **state)
{
    char value[1000];
    char room[LOGLINE_VALUE_MAX];
    struct bits_text shown;

    (void)state;
    memset(value, 'h', 500);
    memset(value + 500, 't', 500);
    shown = logline_cut((struct bits_text){value, 300}, room);
    assert_ptr_equal(shown.ptr, value);
    assert_int_equal(shown.len, 300);

    shown = logline_cut((struct bits_text){value, 1000}, room);
    assert_int_equal(shown.len, 200 + strlen("[700 bytes cut]") + 100);
    assert_memory_equal(shown.ptr, value, 200);
    assert_memory_equal(shown.ptr + 200, "[700 bytes cut]ttt", 18);
    assert_memory_equal(shown.ptr + shown.len - 100, value + 900, 100);
}

static void a_cut_falls_between_characters(void **state)
{
    char value[LOGLINE_HEAD + LOGLINE_TAIL + 100];
    char room[LOGLINE_VALUE_MAX];
    struct bits_text shown;

    (void)state;
    /* Characters of four bytes, out of step with both cuts. */
    for (size_t shift = 0; shift < 4; shift++) {
        size_t len = shift + (sizeof(value) - 4) / 4 * 4;
        json_t *string;

        memset(value, 'x', shift);
        for (size_t i = shift; i + 4 <= len; i += 4) {
            memcpy(value + i, "\xf0\x9f\x98\x80", 4);
        }
        shown = logline_cut((struct bits_text){value, len}, room);
        assert_true(shown.len < len);
        string = json_stringn(shown.ptr, shown.len);
        assert_non_null(string);
        json_decref(string);
    }
}

/* Ten long values of the bytes that take the most room. */
static void fill_with_the_worst(struct log_field fields[10], char value[5000],
                                char c)
{
    static const char *const keys[10] = {"a", "b", "c", "d", "e",
                                         "f", "g", "h", "i", "j"};

    memset(value, c, 5000);
    for (size_t i = 0; i < 9; i++) {
        fields[i] = LOG_TEXT(keys[i], ((struct bits_text){value, 5000}));
    }
    fields[9] = LOG_NUMBER(keys[9], 7);
}

static void fields_that_do_not_fit_are_left_out_and_the_line_says_so(void **st)
{
    static const char end[] = " j=7 [fields left out]\n";
    struct log_field fields[10];
    char value[5000];
    struct log_event event = event_with(fields, 10);
    struct logline line;

    (void)st;
    fill_with_the_worst(fields, value, '\xff');
    logline_text(&line, WHEN, &event);
    assert_in_range(line.len, 2000, LOGLINE_MAX - 1);
    for (size_t i = 0; i + 1 < line.len; i++) {
        assert_in_range(line.text[i], 0x20, 0x7e);
    }
    assert_memory_equal(line.text + line.len - strlen(end), end, strlen(end));
}

/* --- JSON --- */

static json_t *load(const struct logline *line)
{
    json_error_t error;
    json_t *object;

    assert_in_range(line->len, 2, LOGLINE_MAX - 1);
    assert_int_equal(line->text[line->len - 1], '\n');
    assert_null(memchr(line->text, '\n', line->len - 1));
    object = json_loadb(line->text, line->len,
                        JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    assert_non_null(object);
    return object;
}

static void json_is_one_object_in_the_order_of_the_text_form(void **state)
{
    const struct log_field fields[] = {
        LOG_TEXT("path", TEXT("/a\"[b.bin")),
        {.key = "user", .kind = LOG_VALUE_NONE},
        LOG_NUMBER("bytes", 100),
        LOG_NUMBER("most", INT64_MAX),
        LOG_NUMBER("more", UINT64_MAX),
    };
    struct log_event event = event_with(fields, COUNT(fields));
    struct logline line;

    (void)state;
    assert_true(logline_json(&line, WHEN, &event));
    assert_line(&line, "{\"time\":\"" WHEN "\",\"level\":\"info\","
                       "\"event\":\"created\",\"message\":\"session created\","
                       "\"path\":\"/a\\\"[b.bin\",\"bytes\":100,"
                       "\"most\":9223372036854775807,"
                       "\"more\":\"18446744073709551615\"}\n");
}

static void json_keeps_utf8_and_escapes_other_bytes(void **state)
{
    static const struct {
        struct bits_text value;
        struct bits_text shown;
    } rows[] = {
        {TEXT_INIT(""), TEXT_INIT("")},
        {{NULL, 0}, TEXT_INIT("")},
        {TEXT_INIT("a\\b"), TEXT_INIT("a\\b")},
        {TEXT_INIT("\xc3\xa4 \xf0\x9f\x98\x80"),
         TEXT_INIT("\xc3\xa4 \xf0\x9f\x98\x80")},
        {TEXT_INIT("a\0b\x1b\n"), TEXT_INIT("a\0b\x1b\n")},
        {TEXT_INIT("\xc3("), TEXT_INIT("\\xc3(")},
        {TEXT_INIT("\xff\"\\\n"), TEXT_INIT("\\xff\\\"\\\\\\x0a")},
        {TEXT_INIT("a\x7f"), TEXT_INIT("a\\x7f")},
        {TEXT_INIT("\xed\xa0\x80"), TEXT_INIT("\\xed\\xa0\\x80")},
    };
    struct logline line;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct log_field field = LOG_TEXT("v", rows[i].value);
        struct log_event event = event_with(&field, 1);
        json_t *object;
        json_t *value;

        assert_true(logline_json(&line, WHEN, &event));
        for (size_t j = 0; j + 1 < line.len; j++) {
            assert_in_range(line.text[j], 0x20, 0x7e);
        }
        object = load(&line);
        value = json_object_get(object, "v");
        assert_int_equal(json_string_length(value), rows[i].shown.len);
        assert_memory_equal(json_string_value(value), rows[i].shown.ptr,
                            rows[i].shown.len);
        json_decref(object);
    }
}

static void a_long_json_line_loses_fields_and_says_so(void **state)
{
    static const char bytes[] = {'\xff', '\x01', 'y'};

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        struct log_field fields[10];
        char value[5000];
        struct log_event event = event_with(fields, 10);
        struct logline line;
        json_t *object;

        fill_with_the_worst(fields, value, bytes[i]);
        assert_true(logline_json(&line, WHEN, &event));
        object = load(&line);
        assert_string_equal(json_string_value(json_object_get(object, "event")),
                            "created");
        assert_true(json_is_string(json_object_get(object, "a")));
        assert_null(json_object_get(object, "j"));
        assert_true(json_is_true(json_object_get(object, "fields_left_out")));
        json_decref(object);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_level_event_words_and_fields),
        cmocka_unit_test(levels_have_names),
        cmocka_unit_test(values_are_quoted_and_escaped_when_they_need_it),
        cmocka_unit_test(words_are_escaped_too),
        cmocka_unit_test(a_long_value_is_cut_in_its_middle),
        cmocka_unit_test(a_cut_falls_between_characters),
        cmocka_unit_test(
            fields_that_do_not_fit_are_left_out_and_the_line_says_so),
        cmocka_unit_test(json_is_one_object_in_the_order_of_the_text_form),
        cmocka_unit_test(json_keeps_utf8_and_escapes_other_bytes),
        cmocka_unit_test(a_long_json_line_loses_fields_and_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
