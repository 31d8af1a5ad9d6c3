/*
 * What config_load() makes of a sound file: values, layers, origins; and what
 * is done with configurations afterwards.
 */
#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/table.h"
#include "config_file.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Every option of both sections, with another value than its default if it has
 * one; every_option_can_be_set() repeats the values. */
static const char everything[] =
    "server {\n"
    " listen = {\"*:1\", '[::1]:0', \"unix:/run/a b\"}\n"
    " listen += 127.0.0.1:2\n"
    " trusted_proxies = {10.0.0.0/8, '::1', unix} public_url = 'https://a/'\n"
    " tls_cert = {/a.pem, /b.pem} tls_key = {/a.key, /b.key} "
    "tls_ocsp = /a.der client_ca = /ca.pem client_crl = {/1.crl, /2.crl}\n"
    " tls_min_version = 1.3 tls_ciphers = TLS_AES_128_GCM_SHA256\n"
    " state_dir = \"/var/\\\"quoted\\\\ \\$HOME\"\n"
    " threads = 256 log_format = json log_level = debug\n"
    " max_connections = 1 max_connections_per_address = 7\n"
    " header_timeout = 1 body_timeout = 61 idle_timeout = 3h\n"
    " grace_time = 0 linger_timeout = 2d max_header_size = 1M\n"
    " method_override = no\n"
    " max_rate_per_connection = 2k max_rate_per_user = 3k max_rate = 4k\n"
    " min_body_rate = 1k max_ended_sessions = 8 state_min_free_space = 9%\n"
    " password_threads = 64 max_password_checks = 3 password_cache_time = 0\n"
    " max_cached_passwords = 1 max_failed_sign_ins = 1000000\n"
    " keytab = /etc/http.keytab max_negotiate_checks = 9\n"
    "}\n"
    "upload \"/a b/\\\"c\" {\n"
    " enabled = drain access = {basic, basic} user_header = U_1\n"
    " root = '/srv/#a' temp_dir = /srv//tmp\n"
    " max_upload_size = 10G max_fragment_size = 1025\n"
    " on_exists = keep-both create_folders = yes create_folders_depth = 64\n"
    " max_folder_depth = 0 head = yes store_as = '{name}'\n"
    " names = windows-safe allowed_names = {'*.zip', 'a?'}\n"
    " max_name_length = 9 file_mode = 0 folder_mode = 777 inherit_rights = no\n"
    " session_timeout = 3h empty_session_timeout = 90\n"
    " max_sessions = 5 max_sessions_per_user = 6 min_free_space = 7%\n"
    " max_files_per_user = 11 max_bytes_per_user = 12 max_files = 13\n"
    " max_bytes = 14 quota_period = 1h\n"
    " host_id = 2001:db8::1 host_id_fallback_timeout = 4294967295\n"
    " zero_length = refuse durability = none\n"
    " certificate_user = san-upn\n"
    " password_file = /etc/passwords basic_without_tls = yes\n"
    " token_file = /etc/tokens invite_key_file = /etc/keys\n"
    " realms = {A.EXAMPLE, B.EXAMPLE} users = {ann, '@b*'} group_file = "
    "/etc/groups\n"
    "}\n";

static void every_option_can_be_set(void **state)
{
    struct config *config = config_file_load_sound(everything);
    const struct config_server *server = &config->server;
    const struct config_upload *upload = &config->uploads[0];

    (void)state;
    assert_int_equal(server->listen.count, 4);
    assert_string_equal(server->listen.items[0], "*:1");
    assert_string_equal(server->listen.items[1], "[::1]:0");
    assert_string_equal(server->listen.items[2], "unix:/run/a b");
    assert_string_equal(server->listen.items[3], "127.0.0.1:2");
    assert_int_equal(server->trusted_proxies.count, 3);
    assert_string_equal(server->public_url.items[0], "https://a/");
    assert_string_equal(server->trusted_proxies.items[0], "10.0.0.0/8");
    assert_int_equal(server->tls_cert.count, 2);
    assert_string_equal(server->tls_cert.items[1], "/b.pem");
    assert_string_equal(server->tls_key.items[1], "/b.key");
    assert_int_equal(server->tls_ocsp.count, 1);
    assert_string_equal(server->client_ca.items[0], "/ca.pem");
    assert_int_equal(server->client_crl.count, 2);
    assert_int_equal(server->tls_min_version, CONFIG_TLS_1_3);
    assert_string_equal(server->tls_ciphers, "TLS_AES_128_GCM_SHA256");
    assert_string_equal(server->state_dir, "/var/\"quoted\\ $HOME");
    assert_int_equal(server->threads, 256);
    assert_int_equal(server->log_format, CONFIG_LOG_JSON);
    assert_int_equal(server->log_level, CONFIG_LOG_DEBUG);
    assert_int_equal(server->max_connections, 1);
    assert_int_equal(server->max_connections_per_address, 7);
    assert_int_equal(server->header_timeout, 1);
    assert_int_equal(server->body_timeout, 61);
    assert_int_equal(server->idle_timeout, 10800);
    assert_int_equal(server->grace_time, 0);
    assert_int_equal(server->linger_timeout, 172800);
    assert_int_equal(server->max_header_size, 1048576);
    assert_false(server->method_override);
    assert_int_equal(server->min_body_rate, 1024);
    assert_int_equal(server->max_rate_per_connection, 2048);
    assert_int_equal(server->max_rate_per_user, 3072);
    assert_int_equal(server->max_rate, 4096);
    assert_int_equal(server->max_ended_sessions, 8);
    assert_int_equal(server->state_min_free_space.bytes, UINT64_MAX);
    assert_int_equal(server->state_min_free_space.percent, 9);
    assert_int_equal(server->password_threads, 64);
    assert_int_equal(server->max_password_checks, 3);
    assert_int_equal(server->password_cache_time, 0);
    assert_int_equal(server->max_cached_passwords, 1);
    assert_string_equal(server->keytab, "/etc/http.keytab");
    assert_int_equal(server->max_negotiate_checks, 9);
    assert_int_equal(server->max_failed_sign_ins, 1000000);

    assert_int_equal(config->upload_count, 1);
    assert_string_equal(upload->prefix, "/a b/\"c");
    assert_int_equal(upload->enabled, CONFIG_ENABLED_DRAIN);
    assert_true(option_chosen(upload->access, CONFIG_ACCESS_BASIC));
    assert_string_equal(upload->user_header, "U_1");
    assert_false(option_chosen(upload->access, CONFIG_ACCESS_ANONYMOUS));
    assert_string_equal(upload->password_file, "/etc/passwords");
    assert_true(upload->basic_without_tls);
    assert_int_equal(upload->certificate_user, CONFIG_USER_SAN_UPN);
    assert_string_equal(upload->token_file, "/etc/tokens");
    assert_int_equal(upload->realms.count, 2);
    assert_string_equal(upload->realms.items[1], "B.EXAMPLE");
    assert_int_equal(upload->users.count, 2);
    assert_string_equal(upload->users.items[1], "@b*");
    assert_string_equal(upload->group_file, "/etc/groups");
    assert_string_equal(upload->invite_key_file, "/etc/keys");
    assert_string_equal(upload->root, "/srv/#a");
    assert_string_equal(upload->temp_dir, "/srv//tmp");
    assert_int_equal(upload->max_upload_size, UINT64_C(10) << 30);
    assert_int_equal(upload->max_fragment_size, 1025);
    assert_int_equal(upload->on_exists, CONFIG_EXISTS_KEEP_BOTH);
    assert_true(upload->create_folders);
    assert_int_equal(upload->create_folders_depth, 64);
    assert_int_equal(upload->max_folder_depth, 0);
    assert_true(upload->head);
    assert_string_equal(upload->store_as, "{name}");
    assert_int_equal(upload->names, CONFIG_NAMES_WINDOWS_SAFE);
    assert_int_equal(upload->allowed_names.count, 2);
    assert_string_equal(upload->allowed_names.items[0], "*.zip");
    assert_int_equal(upload->max_name_length, 9);
    assert_int_equal(upload->file_mode, 0);
    assert_false(upload->inherit_rights);
    assert_int_equal(upload->folder_mode, 0777);
    assert_int_equal(upload->session_timeout, 10800);
    assert_int_equal(upload->empty_session_timeout, 90);
    assert_int_equal(upload->max_sessions, 5);
    assert_int_equal(upload->max_sessions_per_user, 6);
    assert_int_equal(upload->max_files_per_user, 11);
    assert_int_equal(upload->max_bytes_per_user, 12);
    assert_int_equal(upload->max_files, 13);
    assert_int_equal(upload->max_bytes, 14);
    assert_int_equal(upload->quota_period, 3600);
    assert_int_equal(upload->min_free_space.bytes, UINT64_MAX);
    assert_int_equal(upload->min_free_space.percent, 7);
    assert_string_equal(upload->host_id, "2001:db8::1");
    assert_int_equal(upload->host_id_fallback_timeout, UINT32_MAX);
    assert_int_equal(upload->zero_length, CONFIG_EMPTY_REFUSE);
    assert_int_equal(upload->durability, CONFIG_DURABLE_NONE);
    config_unref(config);
}

static void options_that_are_not_set_have_their_default(void **state)
{
    struct config *config =
        config_file_load_sound("upload \"/\" { root = /srv/ }");
    const struct config_server *server = &config->server;
    const struct config_upload *upload = &config->uploads[0];

    (void)state;
    assert_int_equal(server->listen.count, 1);
    assert_string_equal(server->listen.items[0], "127.0.0.1:8080");
    assert_int_equal(server->tls_cert.count, 0);
    assert_int_equal(server->client_ca.count, 0);
    assert_int_equal(server->tls_min_version, CONFIG_TLS_1_2);
    assert_string_equal(server->state_dir, "/var/lib/bitsd");
    assert_int_equal(server->threads, 2);
    assert_int_equal(server->log_format, CONFIG_LOG_TEXT);
    assert_int_equal(server->log_level, CONFIG_LOG_INFO);
    assert_int_equal(server->max_connections, 10000);
    assert_int_equal(server->max_connections_per_address, UINT64_MAX);
    assert_int_equal(server->header_timeout, 30);
    assert_int_equal(server->body_timeout, 300);
    assert_int_equal(server->idle_timeout, 120);
    assert_int_equal(server->grace_time, 20);
    assert_int_equal(server->linger_timeout, 30);
    assert_int_equal(server->max_header_size, 65536);
    assert_int_equal(server->min_body_rate, 0);
    assert_int_equal(server->max_rate_per_connection, UINT64_MAX);
    assert_int_equal(server->max_rate_per_user, UINT64_MAX);
    assert_int_equal(server->max_rate, UINT64_MAX);
    assert_int_equal(server->max_ended_sessions, 100000);
    assert_int_equal(server->state_min_free_space.bytes, UINT64_C(256) << 20);
    assert_int_equal(server->state_min_free_space.percent, 5);
    assert_true(server->method_override);

    assert_int_equal(upload->enabled, CONFIG_ENABLED_YES);
    assert_string_equal(upload->root, "/srv/");
    assert_string_equal(upload->temp_dir, "/srv/.bitsd");
    assert_int_equal(upload->max_upload_size, UINT64_MAX);
    assert_int_equal(upload->max_fragment_size, UINT64_MAX);
    assert_int_equal(upload->on_exists, CONFIG_EXISTS_REFUSE);
    assert_false(upload->create_folders);
    assert_int_equal(upload->create_folders_depth, 8);
    assert_int_equal(upload->max_folder_depth, 64);
    assert_false(upload->head);
    assert_int_equal(upload->names, CONFIG_NAMES_ANY);
    assert_int_equal(upload->allowed_names.count, 0);
    assert_int_equal(upload->max_name_length, 255);
    assert_int_equal(upload->file_mode, 0640);
    assert_true(upload->inherit_rights);
    assert_int_equal(upload->folder_mode, 0750);
    assert_int_equal(upload->session_timeout, 1209600);
    assert_int_equal(upload->empty_session_timeout, 86400);
    assert_int_equal(upload->max_sessions, 250000);
    assert_int_equal(upload->max_sessions_per_user, UINT64_MAX);
    assert_int_equal(upload->max_files_per_user, UINT64_MAX);
    assert_int_equal(upload->max_bytes_per_user, UINT64_MAX);
    assert_int_equal(upload->max_files, UINT64_MAX);
    assert_int_equal(upload->max_bytes, UINT64_MAX);
    assert_int_equal(upload->quota_period, 86400);
    assert_int_equal(upload->min_free_space.bytes, UINT64_C(1) << 30);
    assert_int_equal(upload->min_free_space.percent, 5);
    assert_null(upload->host_id);
    assert_int_equal(upload->host_id_fallback_timeout, 86400);
    assert_int_equal(upload->zero_length, CONFIG_EMPTY_ALLOW);
    assert_int_equal(upload->durability, CONFIG_DURABLE_FINAL);
    config_unref(config);
}

static void defaults_hold_wherever_they_stand(void **state)
{
    struct config *config = config_file_load_sound(
        "upload \"/a\" { root = /a }\n"
        "defaults { max_sessions_per_user = 3 on_exists = replace }\n"
        "upload \"/b\" { root = /b max_sessions_per_user = none }\n");

    (void)state;
    assert_int_equal(config->upload_count, 2);
    assert_string_equal(config->uploads[0].prefix, "/a");
    assert_int_equal(config->uploads[0].max_sessions_per_user, 3);
    assert_int_equal(config->uploads[0].on_exists, CONFIG_EXISTS_REPLACE);
    assert_string_equal(config->uploads[1].prefix, "/b");
    assert_int_equal(config->uploads[1].max_sessions_per_user, UINT64_MAX);
    assert_int_equal(config->uploads[1].on_exists, CONFIG_EXISTS_REPLACE);
    config_unref(config);
}

static void the_default_for_empty_sessions_is_never_the_longer_one(void **state)
{
    struct config *config = config_file_load_sound(
        "upload \"/\" { root = /a session_timeout = 23h }\n");

    (void)state;
    assert_int_equal(config->uploads[0].empty_session_timeout, 82800);
    config_unref(config);
}

static void the_command_line_goes_before_the_file(void **state)
{
    static const char *const listen[] = {"*:1", "*:2"};
    const struct config_overrides overrides = {listen, 2, "/s"};
    char *errors;
    struct config *config = config_file_load(
        "server { listen = \"*:3\" state_dir = /t threads = 9 }\n"
        "upload \"/\" { root = /a access = anonymous }\n",
        &overrides, &errors);

    (void)state;
    assert_string_equal(errors, "");
    free(errors);
    assert_int_equal(config->server.listen.count, 2);
    assert_string_equal(config->server.listen.items[0], "*:1");
    assert_string_equal(config->server.listen.items[1], "*:2");
    assert_string_equal(config->server.state_dir, "/s");
    assert_int_equal(config->server.threads, 9);
    config_unref(config);
}

static void a_folder_alone_is_a_configuration(void **state)
{
    static const char *const listen[] = {"127.0.0.1:0"};
    const struct config_overrides overrides = {listen, 1, "/state"};
    struct string_list errors = {0};
    struct config *config = config_new_simple("/srv/in", NULL, &errors);

    (void)state;
    assert_non_null(config);
    assert_int_equal(config->upload_count, 1);
    assert_string_equal(config->uploads[0].prefix, "/");
    assert_string_equal(config->uploads[0].root, "/srv/in");
    assert_string_equal(config->uploads[0].temp_dir, "/srv/in/.bitsd");
    assert_string_equal(config->server.state_dir, "/srv/in/.bitsd");
    assert_string_equal(config->server.listen.items[0], "127.0.0.1:8080");
    config_unref(config);

    config = config_new_simple("/", &overrides, &errors);
    assert_non_null(config);
    assert_string_equal(config->uploads[0].temp_dir, "/.bitsd");
    assert_string_equal(config->server.state_dir, "/state");
    assert_string_equal(config->server.listen.items[0], "127.0.0.1:0");
    config_unref(config);
    assert_int_equal(errors.count, 0);

    assert_null(config_new_simple("in", &overrides, &errors));
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.items[0],
                        "command line: root: \"in\" is not an absolute path; "
                        "begin it with '/'");
    string_list_done(&errors);
}

/* --- dump --- */

static char *dump(const struct config *config)
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    assert_non_null(stream);
    assert_true(config_dump(config, stream));
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void assert_same(enum config_home home, const void *a, const void *b)
{
    for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++) {
        if (config_options[i].home == home &&
            !option_is_same(&config_options[i].option, a, b)) {
            fail_msg("%s differs", config_options[i].option.name);
        }
    }
}

static void assert_round_trip(const char *text)
{
    struct config *first = config_file_load_sound(text);
    char *dumped = dump(first);
    struct config *second = config_file_load_sound(dumped);

    assert_same(CONFIG_HOME_SERVER, &first->server, &second->server);
    assert_int_equal(first->upload_count, second->upload_count);
    for (size_t i = 0; i < first->upload_count; i++) {
        assert_string_equal(first->uploads[i].prefix,
                            second->uploads[i].prefix);
        assert_same(CONFIG_HOME_UPLOAD, &first->uploads[i],
                    &second->uploads[i]);
    }
    free(dumped);
    config_unref(first);
    config_unref(second);
}

static void a_dump_loads_to_the_same_values(void **state)
{
    (void)state;
    assert_round_trip(everything);
    assert_round_trip("upload \"/\" { root = /srv }");
    assert_round_trip("defaults { max_sessions = 3 session_timeout = 1h }\n"
                      "upload \"/a\" { root = /a }\n"
                      "upload '/b${HOME}' { root = '/b${HOME}' }\n");
}

static void a_dump_says_where_each_value_came_from(void **state)
{
    static const char *const lines[] = {
        "    listen = {\"*:1\"} # command line\n",
        "    state_dir = \"/var/lib/bitsd\" # default\n",
        "    threads = 4 # bitsd.conf:2\n",
        "upload \"/a\" {\n",
        "    root = \"/srv\" # bitsd.conf:6\n",
        "    temp_dir = \"/srv/.bitsd\" # default\n",
        "    max_upload_size = 5k # defaults, bitsd.conf:4\n",
        "    max_fragment_size = none # default\n",
        "    access = {anonymous, basic} # bitsd.conf:7\n",
        "    file_mode = 0640 # default\n",
        "    min_free_space = \"1G 5%\" # default\n",
        "    # host_id is not set # default\n",
    };
    static const char *const listen[] = {"*:1"};
    const struct config_overrides overrides = {listen, 1, NULL};
    char *errors;
    char *text;
    struct config *config = config_file_load("server {\n"
                                             " threads = 4 }\n"
                                             "defaults {\n"
                                             " max_upload_size = 5120 }\n"
                                             "upload \"/a\" {\n"
                                             " root = /srv\n"
                                             " access = {basic, anonymous}\n"
                                             " password_file = /p }\n",
                                             &overrides, &errors);

    (void)state;
    assert_string_equal(errors, "");
    free(errors);
    text = dump(config);
    for (size_t i = 0; i < COUNT(lines); i++) {
        if (!strstr(text, lines[i])) {
            fail_msg("no line %s in:\n%s", lines[i], text);
        }
    }
    free(text);
    config_unref(config);
}

/* Else an option of options.def could be missing above. */
static void the_test_sets_every_option(void **state)
{
    struct config *config = config_file_load_sound(everything);
    char *text = dump(config);
    char *found = strstr(text, " # default\n");

    (void)state;
    if (found) {
        *found = '\0';
        fail_msg("`everything` of this test lacks:%s", strrchr(text, '\n'));
    }
    free(text);
    config_unref(config);
}

static void a_dump_has_every_option_once_for_each_section(void **state)
{
    struct config *config = config_file_load_sound(
        "upload \"/a\" { root = /a }\nupload \"/b\" { root = /b }\n");
    char *text = dump(config);
    size_t lines = 0;
    size_t expected = 6 + 1 + 1; /* braces, empty lines */

    (void)state;
    for (const char *c = text; *c; c++) {
        lines += *c == '\n';
    }
    for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++) {
        expected += config_options[i].home == CONFIG_HOME_UPLOAD ? 2 : 1;
    }
    assert_int_equal(lines, expected);
    free(text);
    config_unref(config);
}

static void a_dump_that_cannot_be_written_fails(void **state)
{
    struct config *config =
        config_file_load_sound("upload \"/\" { root = /a }\n");
    FILE *full = fopen("/dev/full", "w");

    (void)state;
    assert_non_null(full);
    assert_false(config_dump(config, full));
    (void)fclose(full);
    config_unref(config);
}

/* --- reload, suggestion, count --- */

static void only_what_a_reload_cannot_change_is_named(void **state)
{
    struct config *old = config_file_load_sound(
        "server { log_level = info }\n"
        "upload \"/a\" { root = /a }\nupload \"/gone\" { root = /g }\n");
    struct config *live = config_file_load_sound(
        "server { log_level = debug max_connections = 5 }\n"
        "upload \"/new\" { root = /n }\n"
        "upload \"/a\" { root = /a on_exists = replace }\n");
    struct config *other = config_file_load_sound(
        "server { listen = {\"127.0.0.1:8080\", \"[::1]:1\"} state_dir = /s\n"
        " threads = 3 }\n"
        "upload \"/gone\" { root = /g temp_dir = /t }\n"
        "upload \"/a\" { root = /b }\n");
    struct string_list errors = {0};
    char *joined;

    (void)state;
    assert_int_equal(config_compare(old, old, &errors), 0);
    assert_int_equal(config_compare(old, live, &errors), 0);
    assert_int_equal(errors.count, 0);
    assert_int_equal(config_compare(old, other, &errors), 3);
    joined = config_file_join(&errors);
    assert_string_equal(
        joined, "@:1: listen cannot change on reload; restart bitsd\n"
                "@:1: state_dir cannot change on reload; restart "
                "bitsd\n"
                "@:2: threads cannot change on reload; restart bitsd\n");
    free(joined);
    config_unref(old);
    config_unref(live);
    config_unref(other);
}

static void the_nearest_prefix_is_suggested(void **state)
{
    static const struct {
        const char *path;
        const char *prefix;
    } rows[] = {
        {"/upload", "/uploads"},
        {"/upload/a/b.zip", "/uploads"},
        {"/Uploads/x", "/uploads"},
        {"/uplaods/x", "/uploads"},
        {"/uploadsxy/x", "/uploads"},
        {"/uploadsxyz/x", NULL},
        {"/backup/site/x", "/backups/site"},
        {"/backups/sites/x", "/backups/site"},
        {"/backups", NULL},
        {"/download/x", NULL},
        {"/x", NULL},
        {"/", NULL},
        {"", NULL},
        {"//", NULL},
    };
    struct config *config = config_file_load_sound(
        "upload \"/uploads\" { root = /u }\n"
        "upload \"/backups/site\" { root = /b }\nupload \"/y\" { root = /y }");

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *near = config_nearest_prefix(config, rows[i].path);

        if (near != rows[i].prefix &&
            (!near || !rows[i].prefix || strcmp(near, rows[i].prefix) != 0)) {
            fail_msg("%s: %s", rows[i].path, near ? near : "none");
        }
    }
    config_unref(config);
}

static void a_path_of_any_length_gets_an_answer(void **state)
{
    struct config *config =
        config_file_load_sound("upload \"/uploads\" { root = /u }\n");
    char path[3000];

    (void)state;
    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    assert_null(config_nearest_prefix(config, path));
    memcpy(path, "/uploadz/", 9);
    assert_string_equal(config_nearest_prefix(config, path), "/uploads");
    config_unref(config);
}

static void a_configuration_lives_as_long_as_a_reference_is_held(void **state)
{
    struct config *config =
        config_file_load_sound("upload \"/\" { root = /u }\n");

    (void)state;
    assert_ptr_equal(config_ref(config), config);
    config_unref(config);
    assert_string_equal(config->uploads[0].root, "/u");
    config_unref(config);
    config_unref(NULL);
}

static void the_example_is_sound(void **state)
{
    struct string_list errors = {0};
    struct config *config =
        config_load(SOURCE_ROOT "/packaging/bitsd.conf", NULL, &errors);

    (void)state;
    assert_int_equal(errors.count, 0);
    assert_non_null(config);
    assert_string_equal(config->uploads[0].prefix, "/uploads");
    assert_int_equal(config->uploads[0].max_upload_size, UINT64_C(100) << 30);
    config_unref(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_can_be_set),
        cmocka_unit_test(options_that_are_not_set_have_their_default),
        cmocka_unit_test(defaults_hold_wherever_they_stand),
        cmocka_unit_test(
            the_default_for_empty_sessions_is_never_the_longer_one),
        cmocka_unit_test(the_command_line_goes_before_the_file),
        cmocka_unit_test(a_folder_alone_is_a_configuration),
        cmocka_unit_test(a_dump_loads_to_the_same_values),
        cmocka_unit_test(a_dump_says_where_each_value_came_from),
        cmocka_unit_test(the_test_sets_every_option),
        cmocka_unit_test(a_dump_has_every_option_once_for_each_section),
        cmocka_unit_test(a_dump_that_cannot_be_written_fails),
        cmocka_unit_test(only_what_a_reload_cannot_change_is_named),
        cmocka_unit_test(the_nearest_prefix_is_suggested),
        cmocka_unit_test(a_path_of_any_length_gets_an_answer),
        cmocka_unit_test(a_configuration_lives_as_long_as_a_reference_is_held),
        cmocka_unit_test(the_example_is_sound),
    };

    return cmocka_run_group_tests(tests, config_file_setup,
                                  config_file_teardown);
}
