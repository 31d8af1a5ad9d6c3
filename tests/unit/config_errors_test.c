/*
 * What config_load() says about files that are wrong, word by word.
 */
#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config_file.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define UPLOAD "upload \"/\" { root = /srv/up access = anonymous }\n"

struct row {
    const char *text;
    const char *errors;
};

/* Each is refused with these words, and the next file is read as if nothing
 * had been. */
static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *errors;

        assert_null(config_file_load(rows[i].text, NULL, &errors));
        assert_string_equal(errors, rows[i].errors);
        free(errors);
        config_unref(config_file_load_sound(UPLOAD));
    }
}

static void a_wrong_value_is_named_with_its_line_and_a_remedy(void **state)
{
    static const struct row rows[] = {
        {UPLOAD "server {\n threads = 257\n}",
         "@:3: threads: \"257\" is out of range; write 1 to 256\n"},
        {UPLOAD "server { threads = 0 }",
         "@:2: threads: \"0\" is out of range; write 1 to 256\n"},
        {UPLOAD "server { threads = two }",
         "@:2: threads: \"two\" is not a number; write 1 to 256\n"},
        {UPLOAD "server { max_connections_per_address = off }",
         "@:2: max_connections_per_address: \"off\" is not a number; write "
         "1 to 2147483647, or none\n"},
        {UPLOAD "server { max_connections = none }",
         "@:2: max_connections: \"none\" is not a number; write 1 to "
         "2147483647\n"},
        {UPLOAD "server { max_header_size = 1023 }",
         "@:2: max_header_size: \"1023\" is out of range; write 1k to 1M\n"},
        {UPLOAD "server { max_header_size = 1025k }",
         "@:2: max_header_size: \"1025k\" is out of range; write 1k to 1M\n"},
        {UPLOAD "server { header_timeout = soon }",
         "@:2: header_timeout: \"soon\" is not a time; write a number with s, "
         "m, "
         "h or d\n"},
        {UPLOAD "server { method_override = true }",
         "@:2: method_override: \"true\" is neither yes nor no\n"},
        {UPLOAD "server { log_level = loud }",
         "@:2: log_level: \"loud\" is not one of: error, warning, info, "
         "debug\n"},
        {UPLOAD "server { state_dir = var/lib }",
         "@:2: state_dir: \"var/lib\" is not an absolute path; begin it with "
         "'/'\n"},
        {UPLOAD "server { listen = localhost:80 }",
         "@:2: listen: \"localhost:80\" is not an address to listen on; write "
         "\"ADDRESS:PORT\", \"[IPV6]:PORT\", \"*:PORT\" or \"unix:/PATH\", in "
         "quotes\n"},
        {UPLOAD "server { listen = {127.0.0.1:99999, \"[::1]:65536\"} }",
         "@:2: listen: \"127.0.0.1:99999\" has no valid port; write 1 to "
         "65535, or 0 for a free one\n"
         "@:2: listen: \"[::1]:65536\" has no valid port; write 1 to "
         "65535, or 0 for a free one\n"},
        {UPLOAD "server { listen = \"[::1]\" }",
         "@:2: listen: \"[::1]\" is not an address to listen on; write "
         "\"ADDRESS:PORT\", \"[IPV6]:PORT\", \"*:PORT\" or \"unix:/PATH\", in "
         "quotes\n"},
        {"defaults { max_upload_size = 10x }\n" UPLOAD,
         "@:1: max_upload_size: \"10x\" is not a size; write a number with k, "
         "M, "
         "G or T, or none\n"},
        {"defaults { max_upload_size = 0 }\n" UPLOAD,
         "@:1: max_upload_size: \"0\" is out of range; write 1 to "
         "9223372036854775807, or none\n"},
        {"defaults { max_upload_size = 8388608T }\n" UPLOAD,
         "@:1: max_upload_size: \"8388608T\" is out of range; write 1 to "
         "9223372036854775807, or none\n"},
        {"defaults { max_fragment_size = 0 }\n" UPLOAD,
         "@:1: max_fragment_size: \"0\" is out of range; write 1 to "
         "9223372036854775807, or none\n"},
        {"defaults { session_timeout = 0 }\n" UPLOAD,
         "@:1: session_timeout: \"0\" is out of range; write 1s to "
         "4294967295s\n"},
        {"defaults { host_id_fallback_timeout = 4294967296 }\n" UPLOAD,
         "@:1: host_id_fallback_timeout: \"4294967296\" is out of range; "
         "write 0 to 4294967295s\n"},
        {"defaults { create_folders_depth = 65 }\n" UPLOAD,
         "@:1: create_folders_depth: \"65\" is out of range; write 1 to 64\n"},
        {"defaults { file_mode = 04640 }\n" UPLOAD,
         "@:1: file_mode: \"04640\" is out of range; write 0000 to 0777\n"},
        {"defaults { file_mode = rw }\n" UPLOAD,
         "@:1: file_mode: \"rw\" is not a set of permission bits; write octal "
         "digits\n"},
        {"defaults { folder_mode = 0677 }\n" UPLOAD,
         "@:1: folder_mode: \"0677\" is out of range; write 0700 to 0777\n"},
        {"defaults { min_free_space = \"1G 101%\" }\n" UPLOAD,
         "@:1: min_free_space: \"1G 101%\" is not a disk space; write a size, "
         "a "
         "percentage, or \"SIZE N%\" in quotes\n"},
        {"defaults { host_id = \"http://a\" }\n" UPLOAD,
         "@:1: host_id: \"http://a\" is not a host name or address; write it "
         "without scheme, port and brackets\n"},
        {"defaults { on_exists = maybe }\n" UPLOAD,
         "@:1: on_exists: \"maybe\" is not one of: refuse, replace, "
         "keep-both\n"},
        {"upload \"/\" { root = \"/a\\nb\" }",
         "@:1: root: \"/a?b\" has a control character; write it without\n"},
    };

    (void)state;
    check(rows, COUNT(rows));
}

static void repeated_options_and_sections_are_refused(void **state)
{
    static const struct row rows[] = {
        {UPLOAD "server {\n threads = 1\n threads = 1\n}",
         "@:4: threads is set a second time; the first is on line 3\n"},
        {UPLOAD "server {\n threads = x\n threads = 1\n}",
         "@:3: threads: \"x\" is not a number; write 1 to 256\n"
         "@:4: threads is set a second time; the first is on line 3\n"},
        {UPLOAD "server {\n listen = {\"*:1\", \"*:2\"}\n listen = \"*:3\"\n}",
         "@:4: listen is set a second time; the first is on line 3\n"},
        {"server {\n}\n\nserver { }\n" UPLOAD,
         "@:4: a second section server; the first is on line 1\n"},
        {"defaults { }\n" UPLOAD "defaults { }",
         "@:3: a second section defaults; the first is on line 1\n"},
        {"upload \"/a\" { root = /a }\nupload \"/a\" { root = /b }",
         "@:2: a second section upload \"/a\"; the first is on line 1\n"},
        {UPLOAD "server { listen = {\"127.0.0.1:80\", \"127.0.0.1:080\"} }",
         "@:2: listen: \"127.0.0.1:80\" and \"127.0.0.1:080\" overlap; remove "
         "one of them\n"},
        {UPLOAD "server { listen = {\"127.0.0.1:80\", \"0.0.0.0:80\"} }",
         "@:2: listen: \"127.0.0.1:80\" and \"0.0.0.0:80\" overlap; remove one "
         "of them\n"},
    };

    (void)state;
    check(rows, COUNT(rows));
}

static void contradictions_are_refused(void **state)
{
    static const struct row rows[] = {
        {"", "@: there is no upload section; add: upload \"/\" { root = "
             "\"/srv/uploads\" }\n"},
        {"\n\nupload \"/a\" {\n}\n",
         "@:3: upload \"/a\": root is not set; name the folder that files are "
         "delivered into\n"},
        {"upload \"/a\" { root = srv }",
         "@:1: root: \"srv\" is not an absolute path; begin it with '/'\n"},
        {"upload \"/a\" {\n root = /srv\n}\nupload \"/b\" {\n root = /srv/\n}",
         "@:4: upload \"/b\": temp_dir \"/srv/.bitsd\" is also that of upload "
         "\"/a\"; give one of them another\n"},
        {"defaults { temp_dir = /tmp/x }\nupload \"/a\" { root = /a }\n"
         "upload \"/b\" { root = /b }",
         "@:1: upload \"/b\": temp_dir \"/tmp/x\" is also that of upload "
         "\"/a\"; give one of them another\n"},
        {"upload \"/a\" {\n root = /a\n temp_dir = /a/\n}",
         "@:3: upload \"/a\": temp_dir is root itself; name a folder of its "
         "own\n"},
        {"server { state_dir = /srv/up/ }\n" UPLOAD,
         "@:2: upload \"/\": root is also state_dir; name a folder of its "
         "own\n"},
        {"upload \"/a\" {\n root = /a\n empty_session_timeout = 15d\n}",
         "@:3: upload \"/a\": empty_session_timeout is longer than "
         "session_timeout; make it shorter\n"},
        {"upload \"/a/\" { root = /a }",
         "@:1: upload \"/a/\": a prefix has no '/' at its end; take it "
         "away\n"},
        {UPLOAD "server { listen = {} }",
         "@:2: listen is an empty list; give it a value or leave it out\n"},
    };

    (void)state;
    check(rows, COUNT(rows));
}

#define SAYS_NOT_WHO(prefix, address)                                          \
    "upload \"" prefix "\": other machines reach " address                     \
    ", and nothing says who may upload; if everybody may, add: access = "      \
    "anonymous\n"

/* Only where other machines reach the server. */
static void a_section_must_say_who_may_upload(void **state)
{
    static const struct row rows[] = {
        {"server { listen = \"*:80\" }\nupload \"/a\" { root = /a }",
         "@:2: " SAYS_NOT_WHO("/a", "*:80")},
        {"server { listen = {127.0.0.1:1, 192.0.2.1:2, \"*:3\"} }\n"
         "upload \"/a\" { root = /a }\n"
         "upload \"/b\" { root = /b access = anonymous }\n"
         "upload \"/c\" { root = /c }",
         "@:2: " SAYS_NOT_WHO("/a", "192.0.2.1:2") "@:4: " SAYS_NOT_WHO(
             "/c", "192.0.2.1:2")},
        {"server { listen = \"*:80\" }\n"
         "upload \"/a\" { root = /a access = all }",
         "@:2: access: \"all\" is not one of: anonymous, basic, negotiate, "
         "certificate, token, header, invite\n"},
        {"defaults { access = basic }\n"
         "upload \"/a\" { root = /a }\n"
         "upload \"/b\" { root = /b password_file = /p }",
         "@:1: upload \"/a\": access has basic, and password_file is not set; "
         "name the file that bitsctl passwd writes\n"},
        {"upload \"/a\" { root = /a access = invite }",
         "@:1: upload \"/a\": access has invite, and invite_key_file is not "
         "set; name the file that bitsctl invite writes\n"},
        {"upload \"/a\" { root = /a access = token }",
         "@:1: upload \"/a\": access has token, and token_file is not set; "
         "name the file that bitsctl token writes\n"},
        {UPLOAD "defaults { access = {} }",
         "@:2: access is an empty list; give it a value or leave it out\n"},
    };
    static const char *const sound[] = {
        "upload \"/a\" { root = /a }",
        "server { listen = {127.0.0.1:1, \"[::1]:2\", \"unix:/run/s\"} }\n"
        "upload \"/a\" { root = /a }",
        "server { listen = \"*:80\" }\ndefaults { access = anonymous }\n"
        "upload \"/a\" { root = /a }",
    };

    (void)state;
    check(rows, COUNT(rows));
    for (size_t i = 0; i < COUNT(sound); i++) {
        config_unref(config_file_load_sound(sound[i]));
    }
}

static void the_command_line_may_expose_a_section(void **state)
{
    static const char *const listen[] = {"[::]:80"};
    const struct config_overrides overrides = {listen, 1, NULL};
    char *errors;

    (void)state;
    assert_null(
        config_file_load("upload \"/a\" { root = /a }", &overrides, &errors));
    assert_string_equal(errors, "@:1: " SAYS_NOT_WHO("/a", "[::]:80"));
    free(errors);
}

static void everything_that_is_wrong_is_said_at_once(void **state)
{
    static const struct row rows[] = {
        {"# Comments\n"
         "// of every kind,\n"
         "/* which must not\n"
         "   disturb the count of lines */\n"
         "defaults {\n"
         "    session_timeout = x # here\n"
         "    file_mode = 9\n"
         "}\n"
         "upload \"/a/\" {\n"
         "    max_sessions = -1\n"
         "}\n"
         "upload \"/b\" { root = /b temp_dir = /b }\n",
         "@:6: session_timeout: \"x\" is not a time; write a number with s, m, "
         "h "
         "or d\n"
         "@:7: file_mode: \"9\" is not a set of permission bits; write octal "
         "digits\n"
         "@:9: upload \"/a/\": a prefix has no '/' at its end; take it away\n"
         "@:10: max_sessions: \"-1\" is not a number; write 1 to "
         "9223372036854775807\n"
         "@:9: upload \"/a/\": root is not set; name the folder that files "
         "are delivered into\n"
         "@:12: upload \"/b\": temp_dir is root itself; name a folder of its "
         "own\n"},
    };

    (void)state;
    check(rows, COUNT(rows));
}

static void a_syntax_error_ends_the_reading(void **state)
{
    static const struct row rows[] = {
        {"server { threads = 0 }\nserver\n",
         "@:1: threads: \"0\" is out of range; write 1 to 256\n"
         "@:3: the file ends in the middle of a section's head\n"},
        {"server {\n thread = 1\n threads = 0\n}",
         "@:2: a section server has no option 'thread'\n"},
        {"server { root = /x }", "@:1: a section server has no option 'root'; "
                                 "write it into a section upload\n"},
        {"upload \"/\" { threads = 1 }",
         "@:1: a section upload has no option 'threads'; write it into a "
         "section server\n"},
        {"serve { }", "@:1: no such section 'serve'\n"},
        {"threads = 1", "@:1: option 'threads' is outside of a section; write "
                        "it into a section server\n"},
        {"upload { }", "@:1: missing title for section 'upload'\n"},
        {UPLOAD "\"\" = 1", "@:2: the name of a section is empty\n"},
        {"server {\n\n \"\" = 1 }", "@:3: the name of an option is empty\n"},
        {"server x { }", "@:1: missing opening brace for section 'server'\n"},
        {"server { threads 1 }",
         "@:1: missing equal sign after option 'threads'\n"},
        {"server { threads = }", "@:1: unexpected token '}'\n"},
        {"server { threads += 1 }",
         "@:1: attempt to append to non-list option 'threads'\n"},
        {UPLOAD "}", "@:2: unexpected closing brace\n"},
        {"server { state_dir = \"\\777\" }",
         "@:1: invalid octal number '\\777'\n"},
        {"server { state_dir = \"\\9\" }", "@:1: bad escape sequence '\\9'\n"},
    };

    (void)state;
    check(rows, COUNT(rows));
}

static void names_the_value_that_lacks_quotes(void **state)
{
    static const struct row rows[] = {
        {"upload \"/\" { session_timeout = 14 d\n}",
         "@:1: unexpected 'd' after the value of session_timeout; a value with "
         "a blank needs quotes\n"},
        {"defaults { min_free_space = 1G 5% }",
         "@:1: unexpected '5%' after the value of min_free_space; a value with "
         "a blank needs quotes\n"},
        {"upload \"/\" {\n root = ${NOWHERE:-/srv}/x\n}",
         "@:2: unexpected '/x' after the value of root; a value with a blank "
         "needs quotes\n"},
        {"server {\n listen = {\"*:80\"} tls\n}",
         "@:2: unexpected 'tls' after the value of listen; a value with a "
         "blank "
         "needs quotes\n"},
        {"server { threads = 1 thread = 2 }",
         "@:1: a section server has no option 'thread'\n"},
        {"server { threads = 1\n 2 }",
         "@:2: a section server has no option '2'\n"},
        {"server { threads = 1 upload \"/\" { root = /srv } }",
         "@:1: no such option 'upload' here; does the section that begins on "
         "line 1 lack its }?\n"},
    };

    (void)state;
    check(rows, COUNT(rows));
}

static void a_file_that_was_cut_off_is_refused(void **state)
{
    static const struct row rows[] = {
        {UPLOAD "server {\n threads = 1\n",
         "@:4: the file ends inside a section; close it with } (it begins on "
         "line 2)\n"},
        {"server { threads = 1\n" UPLOAD,
         "@:2: no such option 'upload' here; does the section that begins on "
         "line 1 lack its }?\n"},
        {"server { threads =",
         "@:1: the file ends inside a section; close it with } (it begins on "
         "line 1)\n"},
        {"server { threads",
         "@:1: the file ends inside a section; close it with } (it begins on "
         "line 1)\n"},
        {UPLOAD "server { listen = {\"*:80\",",
         "@:2: the file ends inside a section; close it with } (it begins on "
         "line 2)\n"},
        {"upload", "@:1: the file ends in the middle of a section's head\n"},
        {"upload \"/\"",
         "@:1: the file ends in the middle of a section's head\n"},
        {"server {\n state_dir = \"/x }\n\n",
         "@:2: the string that begins here has no end\n"},
        {"server {\n state_dir = '/x }\n\n",
         "@:2: the string that begins here has no end\n"},
        {UPLOAD "/* \n\n", "@:2: the comment that begins here has no end\n"},
    };

    (void)state;
    check(rows, COUNT(rows));
}

static void names_that_are_ours_are_unknown_to_a_file(void **state)
{
    static const struct row rows[] = {
        {UPLOAD "end-of-file = here\n", "@:2: no such section 'end-of-file'\n"},
        {"server { \"the start of a section\" = x }",
         "@:1: a section server has no option 'the start of a section'\n"},
    };

    (void)state;
    check(rows, COUNT(rows));
}

static void refuses_files_that_are_not_text(void **state)
{
    struct string_list errors = {0};
    char *big = malloc((1 << 20) + 1);
    char *joined;

    (void)state;
    config_file_write("server\0", 7);
    assert_null(config_load(config_file_path(), NULL, &errors));
    joined = config_file_join(&errors);
    assert_string_equal(
        joined,
        "@: cannot read it: it has a NUL byte; is it the right file?\n");
    free(joined);

    assert_non_null(big);
    memset(big, ' ', (1 << 20) + 1);
    config_file_write(big, (1 << 20) + 1);
    free(big);
    assert_null(config_load(config_file_path(), NULL, &errors));
    joined = config_file_join(&errors);
    assert_string_equal(joined, "@: cannot read it: it has more than 1 MiB; "
                                "is it the right file?\n");
    free(joined);
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
    struct string_list errors = {0};
    char *joined;

    (void)state;
    assert_null(config_load("nowhere/bitsd.conf", NULL, &errors));
    assert_null(config_load("/", NULL, &errors));
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_null(config_load("pipe", NULL, &errors));
    assert_int_equal(unlink("pipe"), 0);
    joined = config_file_join(&errors);
    assert_string_equal(joined,
                        "nowhere/bitsd.conf: cannot open it: No such file or "
                        "directory\n"
                        "/: cannot open it: this is a folder\n"
                        "pipe: cannot open it: this is not a regular file\n");
    free(joined);
}

static void wrong_overrides_are_blamed_on_the_command_line(void **state)
{
    static const char *const listen[] = {"*:80", "x", "*:080"};
    const struct config_overrides overrides = {listen, 3, "var"};
    const struct config_overrides twins = {&listen[0], 1, "/srv/up"};
    char *errors;

    (void)state;
    assert_null(config_file_load(UPLOAD, &overrides, &errors));
    assert_string_equal(
        errors,
        "command line: listen: \"x\" is not an address to listen on; write "
        "\"ADDRESS:PORT\", \"[IPV6]:PORT\", \"*:PORT\" or \"unix:/PATH\", in "
        "quotes\n"
        "command line: state_dir: \"var\" is not an absolute path; begin it "
        "with "
        "'/'\n");
    free(errors);
    assert_null(config_file_load(UPLOAD, &twins, &errors));
    assert_string_equal(errors,
                        "@:1: upload \"/\": root is also state_dir; name a "
                        "folder of its own\n");
    free(errors);
}

static void a_long_value_is_quoted_in_part(void **state)
{
    char text[600];
    char expected[300];
    char *errors;

    (void)state;
    (void)snprintf(text, sizeof(text), "server { threads = %0400d }\n", 0);
    (void)snprintf(expected, sizeof(expected),
                   "@:1: threads: \"%0120d\" is out of range; write 1 to 256\n"
                   "@: there is no upload section; add: upload \"/\" { root = "
                   "\"/srv/uploads\" }\n",
                   0);
    assert_null(config_file_load(text, NULL, &errors));
    assert_string_equal(errors, expected);
    free(errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_value_is_named_with_its_line_and_a_remedy),
        cmocka_unit_test(repeated_options_and_sections_are_refused),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(a_section_must_say_who_may_upload),
        cmocka_unit_test(the_command_line_may_expose_a_section),
        cmocka_unit_test(everything_that_is_wrong_is_said_at_once),
        cmocka_unit_test(a_syntax_error_ends_the_reading),
        cmocka_unit_test(names_the_value_that_lacks_quotes),
        cmocka_unit_test(a_file_that_was_cut_off_is_refused),
        cmocka_unit_test(names_that_are_ours_are_unknown_to_a_file),
        cmocka_unit_test(refuses_files_that_are_not_text),
        cmocka_unit_test(a_file_that_cannot_be_read_is_named),
        cmocka_unit_test(wrong_overrides_are_blamed_on_the_command_line),
        cmocka_unit_test(a_long_value_is_quoted_in_part),
    };

    return cmocka_run_group_tests(tests, config_file_setup,
                                  config_file_teardown);
}
