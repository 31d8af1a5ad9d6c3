/*
 * bits/say.c: see say.h.
 */
#include "bits/say.h"

#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bits/say_text.h"

#define DEFAULT_WIDTH 80

/* A terminal may already be narrower than it reports. */
#define NO_WRAP "\033[?7l"
#define WRAP "\033[?7h"

/* No terminal shows a longer live line. */
#define LIVE_BYTES_MAX 4096

void say_init(struct say *say, FILE *out, FILE *err)
{
    *say = (struct say){.out = out, .err = err};
    say->terminal = isatty(fileno(err));
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    (void)setvbuf(out, NULL, _IOFBF, BUFSIZ);
    (void)setvbuf(err, NULL, _IOFBF, BUFSIZ);
}

unsigned say_width(const struct say *say)
{
    struct winsize size;

    if (ioctl(fileno(say->err), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    return DEFAULT_WIDTH;
}

unsigned say_out_width(const struct say *say)
{
    struct winsize size;

    if (!isatty(fileno(say->out))) {
        return 0;
    }
    if (ioctl(fileno(say->out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    return DEFAULT_WIDTH;
}

/* The cursor stays at the start of the live line, so that neither an echoed ^C
 * nor a narrower window moves it to another row.  If a narrower window broke
 * the line into several rows, each is erased separately: tmux keeps lines in
 * its history that "erase down to the end" removes at the top. */
static void clear_live(struct say *say)
{
    unsigned rows = say->live > 0 ? (say->live - 1) / say_width(say) : 0;

    if (say->live == 0) {
        return;
    }
    (void)fputs("\r\033[K", say->err);
    for (unsigned i = 0; i < rows; i++) {
        (void)fputs("\033[B\033[K", say->err);
    }
    if (rows > 0) {
        (void)fprintf(say->err, "\033[%uA", rows);
    }
    say->live = 0;
}

void say_live(struct say *say, const char *line)
{
    char text[LIVE_BYTES_MAX];

    if (!say->terminal || say->quiet) {
        return;
    }
    say_fit(text, sizeof(text), line, say_width(say) - 1);
    if (say->live > say_width(say) || text[0] == '\0') {
        clear_live(say);
    }
    if (text[0] != '\0') {
        (void)fprintf(say->err, "\r" NO_WRAP "%s\033[K" WRAP "\r", text);
    }
    (void)fflush(say->err);
    say->live = say_columns(text);
}

static void put_escaped(FILE *stream, const char *string)
{
    while (*string) {
        (void)fputs(say_take(&string).text, stream);
    }
}

/* The formatted text, to free.  Returns NULL if memory ran out. */
__attribute__((format(printf, 1, 0))) static char *compose(const char *format,
                                                           va_list arguments)
{
    char *text = NULL;

    return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}

/* Writes a line to standard error.  Takes ownership of the text. */
static void put_err(struct say *say, const char *prefix, char *text)
{
    clear_live(say);
    if (say->beside_live) {
        (void)fputs("\r\033[K", say->err);
    }
    (void)fputs(prefix, say->err);
    put_escaped(say->err, text ? text : "out of memory");
    (void)putc('\n', say->err);
    (void)fflush(say->err);
    free(text);
}

void say_note(struct say *say, const char *format, ...)
{
    va_list arguments;

    if (say->quiet) {
        return;
    }
    va_start(arguments, format);
    put_err(say, "bits: ", compose(format, arguments));
    va_end(arguments);
}

void say_warning(struct say *say, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_err(say, "bits: warning: ", compose(format, arguments));
    va_end(arguments);
}

void say_error(struct say *say, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_err(say, "bits: ", compose(format, arguments));
    va_end(arguments);
}

/* Flushes each line, because programs wait for it. */
static void end_out_line(struct say *say)
{
    if (putc('\n', say->out) == EOF || fflush(say->out) != 0) {
        say->out_failed = true;
    }
}

void say_out(struct say *say, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = compose(format, arguments);
    va_end(arguments);
    if (!text) {
        say->out_failed = true;
        return;
    }
    clear_live(say);
    (void)fflush(say->err);
    put_escaped(say->out, text);
    end_out_line(say);
    free(text);
}

static void put_blanks(FILE *stream, unsigned count)
{
    (void)fprintf(stream, "%*s", (int)count, "");
}

/* Writes one word, after a line end if the line is full.  Advances *text to the
 * next word. */
static void put_word(struct say *say, const char **text, unsigned margin,
                     unsigned *column)
{
    size_t len = strcspn(*text, " ");
    char *word = strndup(*text, len);
    unsigned columns = word ? say_columns(word) : 0;

    if (*column > margin && *column + 1 + columns >= DEFAULT_WIDTH) {
        end_out_line(say);
        put_blanks(say->out, margin);
        *column = margin;
    } else if (*column > margin) {
        (void)putc(' ', say->out);
        (*column)++;
    }
    put_escaped(say->out, word ? word : "");
    *column += columns;
    *text += len;
    *text += strspn(*text, " ");
    free(word);
}

void say_paragraph(struct say *say, const char *label, unsigned label_columns,
                   const char *text)
{
    unsigned used = say_columns(label);
    unsigned column = label_columns;

    clear_live(say);
    (void)fflush(say->err);
    put_escaped(say->out, label);
    if (used >= label_columns && used > 0) {
        end_out_line(say);
        used = 0;
    }
    put_blanks(say->out, label_columns - used);
    while (*text) {
        put_word(say, &text, label_columns, &column);
    }
    end_out_line(say);
}

void say_json(struct say *say, json_t *object)
{
    clear_live(say);
    (void)fflush(say->err);
    if (!object ||
        json_dumpf(object, say->out, JSON_COMPACT | JSON_ENSURE_ASCII) != 0) {
        say->out_failed = true;
    }
    end_out_line(say);
    json_decref(object);
}

/* The text with escapes for bytes that are not UTF-8. */
static json_t *escaped_json(struct bits_text text)
{
    char *copy = strndup(text.ptr, text.len);
    char *escaped = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&escaped, &size);
    json_t *value = NULL;

    if (copy && stream) {
        put_escaped(stream, copy);
    }
    if (stream && fclose(stream) == 0 && copy) {
        value = json_stringn(escaped, size);
    }
    free(escaped);
    free(copy);
    return value;
}

json_t *say_json_text(struct bits_text text)
{
    json_t *value = json_stringn(text.len > 0 ? text.ptr : "", text.len);

    return value ? value : escaped_json(text);
}

bool say_out_arrived(struct say *say)
{
    if (ferror(say->out) || fflush(say->out) != 0) {
        say->out_failed = true;
    }
    if (say->out_failed) {
        say_error(say, "standard output: not everything could be written");
    }
    return !say->out_failed;
}
