/*
 * answer_fuzz.c: any answer as the head that the server sends.
 *
 * Input: 24 bytes for the numbers, see read_answer(), then the session id and,
 * behind a byte 0xff, the host id.  Oracles: what comes out is exactly one
 * head, whose lines can be read in one way only; ids stand in it as they are
 * or not at all; and its size is counted, whether there is room for it or not.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openbits/session.h>

#include "base/compiler.h"
#include "base/text.h"
#include "server/date.h"
#include "server/http/answer.h"

#define NUMBERS_SIZE 24
#define FIELDS_MAX 32

/* Enough for a response without ids, not for each with ids. */
#define ROOM 2048

struct head {
    struct bits_text status_line;
    struct bits_text names[FIELDS_MAX];
    struct bits_text values[FIELDS_MAX];
    size_t count;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool held)
{
    if (!held) {
        abort();
    }
}

/* --- the answer ----------------------------------------------------------- */

struct sending {
    struct bits_answer answer;
    struct http_answer http;
    enum http_connection connection;
    char date[DATE_SIZE];
};

static void read_ids(struct bits_answer *answer, const char *data, size_t size)
{
    const char *mark = size > 0 ? memchr(data, 0xff, size) : NULL;
    size_t len = mark ? (size_t)(mark - data) : size;

    answer->session_id = (struct bits_text){data, len};
    if (mark) {
        answer->host_id = (struct bits_text){mark + 1, size - len - 1};
    }
}

static void read_answer(const uint8_t *data, size_t size,
                        struct sending *ret_sending)
{
    struct bits_answer *answer = &ret_sending->answer;
    int64_t now;

    *answer = (struct bits_answer){
        .outcome = bits_cause_outcome(data[0] % BITS_CAUSE_COUNT),
        .type = data[1] % (BITS_PACKET_CANCEL_SESSION + 1),
        .has_next = (data[2] & 1) != 0,
    };
    ret_sending->connection = data[3] % (HTTP_CLOSES + 1);
    memcpy(&answer->host_id_fallback_timeout, data + 4, 4);
    memcpy(&answer->next, data + 8, 8);
    memcpy(&now, data + 16, 8);
    date_write(now, ret_sending->date);
    read_ids(answer, (const char *)data + NUMBERS_SIZE, size - NUMBERS_SIZE);
}

static bool is_success(const struct bits_answer *answer)
{
    unsigned status = answer->outcome.status;

    return status == 200 || status == 201;
}

static bool splits(struct bits_text value)
{
    return value.len > 0 && (memchr(value.ptr, '\r', value.len) != NULL ||
                             memchr(value.ptr, '\n', value.len) != NULL ||
                             memchr(value.ptr, '\0', value.len) != NULL);
}

static void emit(void *context, const char *name, struct bits_text value)
{
    http1_response_field(context, name, value);
}

static void write_fields(struct http_answer *answer,
                         struct http1_response *response)
{
    const struct sending *sending = CONTAINER_OF(answer, struct sending, http);

    bits_answer_fields(&sending->answer, emit, response);
}

static void write_ack(struct sending *sending, struct http1_response *response)
{
    sending->http = (struct http_answer){
        .status = sending->answer.outcome.status,
        .kind = HTTP_ANSWER_FIELDS,
        .write = write_fields,
    };
    http_answer_write(&sending->http, sending->connection, sending->date,
                      response);
}

/* --- the head ------------------------------------------------------------- */

/* Up to CRLF, with neither of the two nor NUL in it. */
static struct bits_text take_line(struct bits_text *text)
{
    struct bits_text line;

    require(text_take_until(text, '\n', &line));
    require(line.len > 0 && line.ptr[line.len - 1] == '\r');
    line.len--;
    require(!splits(line));
    return line;
}

static void add_field(struct head *head, struct bits_text line)
{
    struct bits_text name;

    require(head->count < FIELDS_MAX);
    require(text_take_until(&line, ':', &name));
    require(text_is_visible(name));
    require(text_take_char(&line, ' '));
    for (size_t i = 0; i < head->count; i++) {
        require(!text_equal_nocase(head->names[i], name));
    }
    head->names[head->count] = name;
    head->values[head->count] = line;
    head->count++;
}

/* One head with its empty line, and nothing behind it. */
static void read_head(struct head *head, const struct http1_response *response)
{
    struct bits_text rest = {response->data, response->size};
    struct bits_text line;

    head->count = 0;
    head->status_line = take_line(&rest);
    for (line = take_line(&rest); line.len > 0; line = take_line(&rest)) {
        add_field(head, line);
    }
    require(rest.len == 0);
}

static const struct bits_text *find(const struct head *head, const char *name)
{
    for (size_t i = 0; i < head->count; i++) {
        if (text_equal_nocase(head->names[i], text_of(name))) {
            return &head->values[i];
        }
    }
    return NULL;
}

static void require_value(const struct head *head, const char *name,
                          struct bits_text value)
{
    const struct bits_text *found = find(head, name);

    require(found && text_equal(*found, value));
}

/* An id of a peer or of a configuration file: as it is, or not at all. */
static void require_id(const struct head *head, const char *name,
                       struct bits_text id, bool wanted)
{
    if (wanted && id.len > 0 && !splits(id)) {
        require_value(head, name, id);
    } else {
        require(!find(head, name));
    }
}

static void check_status_line(const struct head *head,
                              const struct bits_answer *answer)
{
    char line[128];
    unsigned status = answer->outcome.status;
    int len = snprintf(line, sizeof(line), "HTTP/1.1 %03u %s", status,
                       http1_reason(status));

    require(len > 0 && (size_t)len < sizeof(line));
    require(text_equal(head->status_line, text_of(line)));
}

static void check_ids(const struct head *head, const struct bits_answer *answer)
{
    bool created =
        answer->type == BITS_PACKET_CREATE_SESSION && is_success(answer);
    bool has_session = answer->type != BITS_PACKET_PING &&
                       (answer->type != BITS_PACKET_CREATE_SESSION || created);

    require_id(head, "BITS-Session-Id", answer->session_id, has_session);
    require_id(head, "BITS-Host-Id", answer->host_id, created);
}

static void check_numbers(const struct head *head,
                          const struct bits_answer *answer)
{
    const struct bits_text *next = find(head, "BITS-Received-Content-Range");
    uint64_t number;

    require((next != NULL) == answer->has_next);
    if (next) {
        require(text_to_u64(*next, &number) && number == answer->next);
    }
}

static void check_error(const struct head *head,
                        const struct bits_answer *answer)
{
    uint32_t hresult = answer->outcome.hresult;
    char code[16];

    (void)snprintf(code, sizeof(code), "0x%08X", hresult);
    if (!is_success(answer) && hresult != 0) {
        require_value(head, "BITS-Error-Code", text_of(code));
        require_value(head, "BITS-Error-Context", TEXT("0x5"));
        require(find(head, "BITS-Error-Text") != NULL);
    } else {
        require(!find(head, "BITS-Error-Text"));
        require(!find(head, "BITS-Error-Code"));
        require(!find(head, "BITS-Error-Context"));
    }
}

static void check_head(const struct head *head, const struct sending *sending)
{
    check_status_line(head, &sending->answer);
    check_ids(head, &sending->answer);
    check_numbers(head, &sending->answer);
    check_error(head, &sending->answer);
    require_value(head, "BITS-Packet-Type", TEXT("Ack"));
    require_value(head, "Content-Length", TEXT("0"));
    require_value(head, "Date", text_of(sending->date));
    require((find(head, "Connection") != NULL) ==
            (sending->connection != HTTP_STAYS));
}

/* --- room ----------------------------------------------------------------- */

static void count_field(void *context, const char *name, struct bits_text value)
{
    size_t *size = context;

    if (!splits(value)) {
        *size += strlen(name) + strlen(": ") + value.len + strlen("\r\n");
    }
}

static size_t size_of_fields(const struct bits_answer *answer)
{
    size_t size = 0;

    bits_answer_fields(answer, count_field, &size);
    return size;
}

/* The same with ids that need no room. */
static size_t size_without_ids(const struct sending *sending)
{
    struct sending shorter = *sending;
    struct http1_response response;
    char room[ROOM];

    shorter.answer.session_id = TEXT("");
    shorter.answer.host_id = TEXT("");
    http1_response_init(&response, room, sizeof(room));
    write_ack(&shorter, &response);
    require(http1_response_fits(&response));
    return response.size - size_of_fields(&shorter.answer);
}

static void check_room(const struct http1_response *response,
                       const struct sending *sending)
{
    size_t size = size_without_ids(sending) + size_of_fields(&sending->answer);

    require(response->size == size);
    require(http1_response_fits(response) == (size <= response->capacity));
}

/* --- answers that are not an Ack ------------------------------------------ */

/* Ends behind the head; returns what follows it. */
static struct bits_text split(struct http1_response *response)
{
    const char *end =
        memmem(response->data, response->size, "\r\n\r\n", strlen("\r\n\r\n"));
    size_t head_size;
    struct bits_text body;

    require(end != NULL);
    head_size = (size_t)(end - response->data) + strlen("\r\n\r\n");
    body = (struct bits_text){response->data + head_size,
                              response->size - head_size};
    response->size = head_size;
    return body;
}

/* The head and a body of as many bytes as it says; without, after HEAD. */
static void check_plain(const struct sending *sending, uint8_t way)
{
    struct http_answer plain = {
        .status = 201u + way,
        .kind = way & 2 ? HTTP_ANSWER_HEAD : HTTP_ANSWER_TEXT,
        .sentence = bits_cause_sentence(sending->answer.outcome.cause),
        .allow = way & 1 ? BITS_METHOD : NULL,
        .challenges = {way & 4 ? "Basic realm=\"a\"" : NULL},
    };
    struct http1_response response;
    char room[ROOM];
    struct bits_text body;
    struct head head;
    uint64_t length;

    http1_response_init(&response, room, sizeof(room));
    http_answer_write(&plain, sending->connection, sending->date, &response);
    require(http1_response_fits(&response));
    body = split(&response);
    read_head(&head, &response);
    require((find(&head, "Allow") != NULL) == (plain.allow != NULL));
    require((find(&head, "WWW-Authenticate") != NULL) ==
            (plain.challenges[0] != NULL));
    require((find(&head, "Content-Length") == NULL) ==
            (plain.kind == HTTP_ANSWER_HEAD));
    require(plain.kind == HTTP_ANSWER_HEAD
                ? body.len == 0
                : text_to_u64(*find(&head, "Content-Length"), &length) &&
                      length == body.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sending sending;
    struct http1_response response;
    struct head head;
    char room[ROOM];

    if (size < NUMBERS_SIZE) {
        return 0;
    }
    read_answer(data, size, &sending);
    memset(room, 0x55, sizeof(room));
    http1_response_init(&response, room, sizeof(room));
    write_ack(&sending, &response);
    check_room(&response, &sending);
    if (http1_response_fits(&response)) {
        read_head(&head, &response);
        check_head(&head, &sending);
    }
    check_plain(&sending, data[2]);
    return 0;
}
