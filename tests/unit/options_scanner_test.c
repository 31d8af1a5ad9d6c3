/*
 * options_scanner_test.c: the tokens of a configuration file:
 * options/scanner.h.
 */
#include "options/scanner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct row {
    const char *text;
    const char *tokens; /* "LINE:TOKEN" each, a blank between */
};

static const char *sign_of(enum token token)
{
    switch (token) {
    case TOKEN_EQUAL:
        return "=";
    case TOKEN_APPEND:
        return "+=";
    case TOKEN_OPEN:
        return "{";
    case TOKEN_CLOSE:
        return "}";
    case TOKEN_COMMA:
        return ",";
    case TOKEN_END:
        return "end";
    case TOKEN_WORD:
    case TOKEN_WRONG:
        break;
    }
    return NULL;
}

/* Up to the end or what is wrong; words stand in < >. */
static void write_tokens(const char *text, char *tokens, size_t size)
{
    struct scanner scanner;
    enum token token;
    size_t used = 0;

    scanner_init(&scanner, text);
    do {
        token = scanner_take(&scanner);
        used += (size_t)snprintf(tokens + used, size - used,
                                 "%s%u:", used > 0 ? " " : "", scanner.line);
        if (token == TOKEN_WORD) {
            used += (size_t)snprintf(tokens + used, size - used, "<%s>",
                                     scanner.text);
        } else {
            used += (size_t)snprintf(tokens + used, size - used, "%s",
                                     token == TOKEN_WRONG ? scanner.fault.text
                                                          : sign_of(token));
        }
    } while (token != TOKEN_END && token != TOKEN_WRONG);
    scanner_done(&scanner);
}

static void check(const struct row *rows, size_t count)
{
    char tokens[400];

    for (size_t i = 0; i < count; i++) {
        write_tokens(rows[i].text, tokens, sizeof(tokens));
        assert_string_equal(tokens, rows[i].tokens);
    }
}

static void words_and_signs_need_no_blanks_between(void **state)
{
    static const struct row rows[] = {
        {"", "1:end"},
        {"a=1", "1:<a> 1:= 1:<1> 1:end"},
        {"a{b+={c,'d'}}", "1:<a> 1:{ 1:<b> 1:+= 1:{ 1:<c> 1:, 1:<d> 1:} 1:} "
                          "1:end"},
        {"a\tb\r\nc\n", "1:<a> 1:<b> 2:<c> 3:end"},
        {"\"a\"'b'c", "1:<a> 1:<b> 1:<c> 1:end"},
        {"a\\b$c \303\274", "1:<a\\b$c> 1:<\303\274> 1:end"},
    };

    (void)state;
    check(rows, COUNT(rows));
}

static void comments_are_passed_over_and_lines_counted(void **state)
{
    static const struct row rows[] = {
        {"# x\na", "2:<a> 2:end"},
        {"a#x\nb", "1:<a> 2:<b> 2:end"},
        {"#", "1:end"},
        {"a =//x", "1:<a> 1:= 1:end"},
        {"{//x\n}", "1:{ 2:} 2:end"},
        {"/a//b", "1:</a//b> 1:end"},
        {"a /* x\n# */ b", "1:<a> 2:<b> 2:end"},
        {"a /**/ b", "1:<a> 1:<b> 1:end"},
        {"\"# // /*\" # x", "1:<# // /*> 1:end"},
        {"'# \"' # \"", "1:<# \"> 1:end"},
        {"\"a\\\"#\" #", "1:<a\"#> 1:end"},
        {"\"\"//x", "1:<> 1:end"},
        {"# \"\n\"x\"", "2:<x> 2:end"},
    };

    (void)state;
    check(rows, COUNT(rows));
}

static void escapes_are_those_of_c_in_double_quotes_only(void **state)
{
    static const struct row rows[] = {
        {"\"\\n\\t\\r\\b\\f\\a\\e\\v\"", "1:<\n\t\r\b\f\a\033\v> 1:end"},
        {"\"\\x41\\x4g\\xg\\101\\12\\$\\q\\\\\"", "1:<A\004gxgA\n$q\\> 1:end"},
        {"'a\\'b\\\\c\\d\\x41'", "1:<a'b\\c\\d\\x41> 1:end"},
        {"\"a\\\nb\" 'c\\\nd' e", "1:<ab> 2:<cd> 3:<e> 3:end"},
        {"\"a\nb\" c", "1:<a\nb> 2:<c> 2:end"},
        {"\"\\777\"", "1:invalid octal number '\\777'"},
        {"\"\\1234\"", "1:bad escape sequence '\\1234'"},
        {"\"\\9\"", "1:bad escape sequence '\\9'"},
        {"\"a\\0b\"", "1:a string cannot have a NUL byte"},
        {"\"a\\x0\"", "1:a string cannot have a NUL byte"},
    };

    (void)state;
    check(rows, COUNT(rows));
}

static void variables_are_replaced_but_in_single_quotes(void **state)
{
    static const struct row rows[] = {
        {"\"/${SCANNER}/x\"", "1:</a \"b/x> 1:end"},
        {"${SCANNER} c", "1:<a \"b> 1:<c> 1:end"},
        {"'${SCANNER}'", "1:<${SCANNER}> 1:end"},
        {"\"${NO_SUCH}\" ${NO_SUCH}", "1:<> 1:<> 1:end"},
        {"\"${NO_SUCH:-a b}\" ${NO_SUCH:-c d}", "1:<a b> 1:<c d> 1:end"},
        {"${SCANNER:-x}", "1:<a \"b> 1:end"},
        {"\"\\${SCANNER}\"", "1:<${SCANNER}> 1:end"},
        {"\"${SCANNER\"", "1:<${SCANNER> 1:end"},
        {"a$ $", "1:<a$> 1:<$> 1:end"},
    };

    (void)state;
    assert_int_equal(setenv("SCANNER", "a \"b", 1), 0);
    assert_int_equal(unsetenv("NO_SUCH"), 0);
    check(rows, COUNT(rows));
}

static void
an_unterminated_section_or_string_is_named_where_it_begins(void **state)
{
    static const struct row rows[] = {
        {"\"", "1:the string that begins here has no end"},
        {"a\n'b\n\n", "1:<a> 2:the string that begins here has no end"},
        {"\"a\" \"b\\\"", "1:<a> 1:the string that begins here has no end"},
        {"'\\'", "1:the string that begins here has no end"},
        {"\"a\\", "1:the string that begins here has no end"},
        {"a\n/* b *\n", "1:<a> 2:the comment that begins here has no end"},
        {"/*/", "1:the comment that begins here has no end"},
        {"# \"\n /*", "2:the comment that begins here has no end"},
    };

    (void)state;
    check(rows, COUNT(rows));
}

static void nothing_is_left_out_without_a_word(void **state)
{
    static const struct row rows[] = {
        {"*:80", "1:unexpected '*'; put a value that has it into quotes"},
        {"a*b", "1:<a> 1:unexpected '*'; put a value that has it into quotes"},
        {"a+b", "1:<a> 1:unexpected '+'; put a value that has it into quotes"},
        {"(", "1:unexpected '('; put a value that has it into quotes"},
    };

    (void)state;
    check(rows, COUNT(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_signs_need_no_blanks_between),
        cmocka_unit_test(comments_are_passed_over_and_lines_counted),
        cmocka_unit_test(escapes_are_those_of_c_in_double_quotes_only),
        cmocka_unit_test(variables_are_replaced_but_in_single_quotes),
        cmocka_unit_test(
            an_unterminated_section_or_string_is_named_where_it_begins),
        cmocka_unit_test(nothing_is_left_out_without_a_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
