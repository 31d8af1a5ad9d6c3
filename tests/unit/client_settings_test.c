/*
 * client_settings_test.c: settings keep what the user set, and can be stored
 * and read back.
 */
#include "client/settings/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <openbits/transfer.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct given {
    enum setting_id id;
    const char *text;
};

static const struct given given[] = {
    {SETTING_growing, "yes"},
    {SETTING_user, "ann"},
    {SETTING_cacert, "/etc/ca.pem"},
    {SETTING_header, "A: 1"},
    {SETTING_header, "B: 2"},
    {SETTING_limit_rate, "2M"},
    {SETTING_jobs, "8"},
    {SETTING_fragment_size, "auto"},
    {SETTING_retry_time, "3h"},
    {SETTING_auth, "ntlm"},
    {SETTING_method, "post"},
    {SETTING_trust_host, "h.example"},
    {SETTING_proxy, "p.example:3128"},
};

static void set_all(struct settings *settings)
{
    struct fault fault;

    settings_init(settings);
    for (size_t i = 0; i < COUNT(given); i++) {
        assert_true(settings_set(settings, given[i].id, given[i].text,
                                 SETTING_FROM_COMMAND, &fault));
    }
}

static void check_all(const struct settings *settings)
{
    assert_true(settings->growing);
    assert_false(settings->once);
    assert_string_equal(settings->user, "ann");
    assert_string_equal(settings->cacert, "/etc/ca.pem");
    assert_int_equal(settings->header.count, 2);
    assert_string_equal(settings->header.items[1], "B: 2");
    assert_int_equal(settings->limit_rate, 2 << 20);
    assert_int_equal(settings->jobs, 8);
    assert_int_equal(settings->fragment_size, 0);
    assert_int_equal(settings->retry_time, 3 * 3600);
    assert_int_equal(settings->auth, SETTINGS_AUTH_NTLM);
    assert_int_equal(settings->method, SETTINGS_METHOD_POST);
    assert_true(settings_is_set(settings, SETTING_retry_time));
    assert_false(settings_is_set(settings, SETTING_once));
}

static void values_are_what_was_said(void **state)
{
    struct settings settings;

    (void)state;
    set_all(&settings);
    check_all(&settings);
    settings_done(&settings);
}

static void settings_survive_writing_and_reading(void **state)
{
    struct fault fault;
    struct settings first;
    struct settings second;

    (void)state;
    set_all(&first);
    settings_init(&second);
    for (unsigned id = 0; id < SETTING_COUNT; id++) {
        const struct string_list *texts =
            settings_text(&first, (enum setting_id)id);

        for (size_t i = 0; i < texts->count; i++) {
            assert_true(settings_set(&second, (enum setting_id)id,
                                     texts->items[i], SETTING_FROM_QUEUE,
                                     &fault));
        }
    }
    settings_done(&first);
    check_all(&second);
    settings_done(&second);
}

static void a_setting_that_is_set_is_not_inherited(void **state)
{
    struct fault fault;
    struct settings own;
    struct settings other;

    (void)state;
    set_all(&other);
    settings_init(&own);
    assert_true(
        settings_set(&own, SETTING_user, "bob", SETTING_FROM_COMMAND, &fault));
    assert_true(settings_set(&own, SETTING_header, "C: 3", SETTING_FROM_COMMAND,
                             &fault));
    assert_true(settings_inherit(&own, &other));
    settings_done(&other);
    assert_string_equal(own.user, "bob");
    assert_int_equal(own.header.count, 1);
    assert_string_equal(own.cacert, "/etc/ca.pem");
    settings_done(&own);
}

static void a_path_of_the_command_line_becomes_absolute(void **state)
{
    struct fault fault;
    char *folder = getcwd(NULL, 0);
    struct settings settings;

    (void)state;
    settings_init(&settings);
    assert_true(settings_set(&settings, SETTING_cert, "x.pem",
                             SETTING_FROM_COMMAND, &fault));
    assert_memory_equal(settings.cert, folder, strlen(folder));
    assert_string_equal(settings.cert + strlen(folder), "/x.pem");
    assert_false(settings_set(&settings, SETTING_cert, "x.pem",
                              SETTING_FROM_FILE, &fault));
    settings_done(&settings);
    free(folder);
}

static void every_option_has_a_name_of_its_own(void **state)
{
    bool letters[128] = {false};

    (void)state;
    for (unsigned i = 0; i < SETTING_COUNT; i++) {
        const struct setting *setting = &settings_table[i];
        enum setting_id id;

        assert_true(settings_find(setting->option.name, &id));
        assert_int_equal(id, i);
        assert_true(setting->commands != 0);
        assert_int_equal(setting->argument == NULL,
                         setting->option.kind == OPTION_FLAG);
        if (setting->letter != 0) {
            assert_false(letters[(unsigned char)setting->letter]);
            letters[(unsigned char)setting->letter] = true;
        }
    }
}

static void settings_that_are_not_given_have_their_default(void **state)
{
    struct settings settings;

    (void)state;
    settings_init(&settings);
    assert_int_equal(settings.retry_time * 1000,
                     bits_retry_foreground.give_up_ms);
    assert_int_equal(settings.fragment, BITS_FRAGMENT_MAX);
    assert_int_equal(settings.fragment_size, 0);
    assert_int_equal(settings.limit_rate, 0);
    assert_int_equal(settings.auth, SETTINGS_AUTH_AUTO);
    assert_int_equal(settings.method, SETTINGS_METHOD_BITS);
    assert_null(settings.user);
    assert_false(settings.insecure);
    for (unsigned id = 0; id < SETTING_COUNT; id++) {
        assert_false(settings_is_set(&settings, (enum setting_id)id));
        assert_int_equal(settings_text(&settings, (enum setting_id)id)->count,
                         0);
    }
    settings_done(&settings);
}

static void the_default_of_the_queue_is_the_time_that_it_takes(void **state)
{
    const char *queued = settings_table[SETTING_retry_time].queued;
    struct fault fault;
    struct settings settings;

    (void)state;
    settings_init(&settings);
    assert_true(settings_set(&settings, SETTING_retry_time, queued,
                             SETTING_FROM_COMMAND, &fault));
    assert_int_equal(settings.retry_time * 1000, bits_retry_queue.give_up_ms);
    settings_done(&settings);
}

static void every_default_can_be_written(void **state)
{
    struct fault fault;
    struct settings settings;
    unsigned count = 0;

    (void)state;
    settings_init(&settings);
    for (unsigned id = 0; id < SETTING_COUNT; id++) {
        const char *usual = settings_table[id].option.def;

        if (usual) {
            count++;
            assert_true(settings_set(&settings, (enum setting_id)id, usual,
                                     SETTING_FROM_COMMAND, &fault));
        }
    }
    assert_int_equal(count, 7);
    settings_done(&settings);
}

static void help_ends_with_the_default(void **state)
{
    char help[SETTINGS_HELP_MAX];

    (void)state;
    settings_help(&settings_table[SETTING_fragment], help);
    assert_string_equal(help, "The largest fragment to try.  Default: 8M.");
    settings_help(&settings_table[SETTING_retry_time], help);
    assert_string_equal(help, "Give up after this time without progress; 0: at "
                              "the first error.  Default: 1h, in the queue "
                              "14d.");
    settings_help(&settings_table[SETTING_once], help);
    assert_string_equal(help, settings_table[SETTING_once].help);
}

struct refused {
    enum setting_id id;
    const char *text;
    const char *fault;
};

static void values_out_of_range_are_refused(void **state)
{
    static const struct refused rows[] = {
        {SETTING_limit_rate, "0",
         "\"0\" is out of range; write 1 to 9223372036854775807"},
        {SETTING_jobs, "0", "\"0\" is out of range; write 1 to 64"},
        {SETTING_jobs, "65", "\"65\" is out of range; write 1 to 64"},
        {SETTING_jobs, "4k", "\"4k\" is not a number; write 1 to 64"},
        {SETTING_fragment_size, "0",
         "\"0\" is out of range; write 1 to 9223372036854775807, or auto"},
        {SETTING_fragment, "8388608T",
         "\"8388608T\" is out of range; write 1 to 9223372036854775807"},
        {SETTING_retry_time, "49711d",
         "\"49711d\" is out of range; write 0 to 4294967295s"},
        {SETTING_name, "..", "\"..\" is not a name of a file"},
        {SETTING_auth, "magic",
         "\"magic\" is not one of: auto, basic, digest, negotiate, ntlm, none"},
    };
    struct fault fault;
    struct settings settings;

    (void)state;
    settings_init(&settings);
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_false(settings_set(&settings, rows[i].id, rows[i].text,
                                  SETTING_FROM_COMMAND, &fault));
        assert_string_equal(fault.text, rows[i].fault);
        assert_false(settings_is_set(&settings, rows[i].id));
    }
    assert_int_equal(settings.retry_time, 3600);
    settings_done(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_what_was_said),
        cmocka_unit_test(settings_survive_writing_and_reading),
        cmocka_unit_test(a_setting_that_is_set_is_not_inherited),
        cmocka_unit_test(a_path_of_the_command_line_becomes_absolute),
        cmocka_unit_test(every_option_has_a_name_of_its_own),
        cmocka_unit_test(settings_that_are_not_given_have_their_default),
        cmocka_unit_test(the_default_of_the_queue_is_the_time_that_it_takes),
        cmocka_unit_test(every_default_can_be_written),
        cmocka_unit_test(help_ends_with_the_default),
        cmocka_unit_test(values_out_of_range_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
