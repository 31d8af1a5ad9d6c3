/*
 * client_responder_test.c: names and pages of those who answer in the server's
 * place, in one line.
 */
#include "client/http/responder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

struct page {
    const char *bytes;
    const char *sentence; /* NULL: none */
};

static void takes_the_title_or_the_first_words(void **state)
{
    static const struct page pages[] = {
        {"", NULL},
        {" \r\n\t ", NULL},
        {"<p><b></b>", NULL},
        {"<html><head><title>413 Request\r\n Entity Too Large</title></head>",
         "413 Request Entity Too Large"},
        {"<TITLE>Blocked</TITLE>", "Blocked"},
        {"<title></title><h1>Gone</h1>", "Gone"},
        {"<title>cut off", "cut off"},
        {"Client sent an HTTP request to an HTTPS server.\n",
         "Client sent an HTTP request to an HTTPS server."},
        {"<h1>a</h1><p>b  c</p>", "a b c"},
        {"a < b", "a"},
    };
    char sentence[RESPONDER_SENTENCE_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        struct responder responder;
        bool some;

        responder_begin(&responder);
        /* in two pieces, as it may come */
        responder_page(&responder, pages[i].bytes, strlen(pages[i].bytes) / 2);
        responder_page(&responder, pages[i].bytes + strlen(pages[i].bytes) / 2,
                       strlen(pages[i].bytes) - strlen(pages[i].bytes) / 2);
        some = responder_sentence(&responder, sentence);
        assert_int_equal(some, pages[i].sentence != NULL);
        assert_string_equal(sentence,
                            pages[i].sentence ? pages[i].sentence : "");
    }
}

static void cuts_long_pages_and_names(void **state)
{
    char sentence[RESPONDER_SENTENCE_MAX + 1];
    char bytes[5000];
    struct responder responder;

    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    bytes[10] = '\0';
    responder_begin(&responder);
    responder_field(&responder, TEXT("server"),
                    (struct bits_text){bytes + 20, 300});
    responder_page(&responder, bytes, sizeof(bytes));
    responder_page(&responder, bytes, sizeof(bytes));
    assert_int_equal(strlen(responder.server), RESPONDER_NAME_MAX);
    assert_true(responder_sentence(&responder, sentence));
    assert_in_range(strlen(sentence), RESPONDER_SENTENCE_MAX - 1,
                    RESPONDER_SENTENCE_MAX);
    assert_memory_equal(sentence, "xxxxxxxxxx x", 12);
}

static void forgets_what_came_before_a_head(void **state)
{
    char sentence[RESPONDER_SENTENCE_MAX + 1];
    struct responder responder;

    (void)state;
    responder_begin(&responder);
    responder_field(&responder, TEXT("Via"), TEXT("1.1 squid"));
    responder_field(&responder, TEXT("BITS-Packet-Type"), TEXT("ack"));
    responder_page(&responder, "x", 1);
    assert_true(responder.acked);
    assert_string_equal(responder.via, "1.1 squid");
    responder_begin(&responder);
    assert_false(responder.acked);
    assert_string_equal(responder.via, "");
    assert_false(responder_sentence(&responder, sentence));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_title_or_the_first_words),
        cmocka_unit_test(cuts_long_pages_and_names),
        cmocka_unit_test(forgets_what_came_before_a_head),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
