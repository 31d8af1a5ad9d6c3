/*
 * client/files/url_names.c: see url_names.h.
 */
#include "client/files/url_names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* --- URLs ----------------------------------------------------------------- */

static const char *behind_authority(const char *url)
{
    const char *authority = strstr(url, "://");

    authority = authority ? authority + 3 : url;
    return authority + strcspn(authority, "/?#");
}

bool url_wants_name(const char *url)
{
    const char *path = behind_authority(url);

    return *path == '\0' || path[strlen(path) - 1] == '/';
}

static bool is_unreserved(char c)
{
    char lower = text_lower(c);

    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~", c));
}

static bool may_stand_in_name(char c)
{
    return is_unreserved(c) || c == '/';
}

static bool may_stand_in_url(char c)
{
    unsigned char byte = (unsigned char)c;

    return byte > 0x20 && byte < 0x7f && !strchr("\"<>\\^`{|}", c);
}

static char *put_escaped(char *room, const char *text, bool (*may_stand)(char))
{
    static const char digits[] = "0123456789ABCDEF";

    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if (may_stand(*text)) {
            *room++ = *text;
        } else {
            *room++ = '%';
            *room++ = digits[byte >> 4];
            *room++ = digits[byte & 15];
        }
    }
    *room = '\0';
    return room;
}

char *url_clean(const char *url)
{
    char *clean = malloc(3 * strlen(url) + 1);

    if (clean) {
        (void)put_escaped(clean, url, may_stand_in_url);
    }
    return clean;
}

char *url_append_name(const char *url, const char *relative)
{
    char *whole = malloc(3 * strlen(url) + 1 + 3 * strlen(relative) + 1);
    char *end;

    if (!whole) {
        return NULL;
    }
    end = put_escaped(whole, url, may_stand_in_url);
    if (end[-1] != '/' || *behind_authority(url) == '\0') {
        *end++ = '/';
    }
    (void)put_escaped(end, relative, may_stand_in_name);
    return whole;
}

/* --- IIS ------------------------------------------------------------------ */

struct segment {
    const char *at;
    size_t len;
};

/* Takes the next segment of "a/b/c".  Returns false if none is left. */
static bool take_segment(const char **text, struct segment *ret_segment)
{
    *text += strspn(*text, "/");
    *ret_segment = (struct segment){*text, strcspn(*text, "/")};
    *text += ret_segment->len;
    return ret_segment->len > 0;
}

static bool is_one_of(const char *text, size_t len, const char *const *words)
{
    for (; *words; words++) {
        if (strlen(*words) == len && strncasecmp(text, *words, len) == 0) {
            return true;
        }
    }
    return false;
}

/* requestFiltering/hiddenSegments */
static bool is_hidden(const struct segment *segment)
{
    static const char *const words[] = {"web.config",
                                        "bin",
                                        "App_Code",
                                        "App_Data",
                                        "App_GlobalResources",
                                        "App_LocalResources",
                                        "App_WebReferences",
                                        "App_Browsers",
                                        NULL};

    return is_one_of(segment->at, segment->len, words);
}

/* requestFiltering/fileExtensions */
static bool has_denied_extension(const struct segment *segment)
{
    static const char *const words[] = {
        "asa",       "asax",        "ascx",         "master",  "skin",
        "browser",   "sitemap",     "config",       "cs",      "csproj",
        "vb",        "vbproj",      "webinfo",      "licx",    "resx",
        "resources", "mdb",         "vjsproj",      "java",    "jsl",
        "ldb",       "dsdgm",       "ssdgm",        "lsad",    "ssmap",
        "cd",        "dsprototype", "lsaprototype", "sdm",     "sdmDocument",
        "mdf",       "ldf",         "ad",           "dd",      "ldd",
        "sd",        "adprototype", "lddprototype", "exclude", "refresh",
        "compiled",  "msgx",        "vsdisco",      "rules",   NULL};
    size_t dot = segment->len;

    while (dot > 0 && segment->at[dot - 1] != '.') {
        dot--;
    }
    return dot > 0 && is_one_of(segment->at + dot, segment->len - dot, words);
}

static bool is_device(const struct segment *segment)
{
    static const char *const words[] = {"CON", "PRN", "AUX", "NUL", NULL};
    size_t stem = 0;

    while (stem < segment->len && segment->at[stem] != '.') {
        stem++;
    }
    return is_one_of(segment->at, stem, words) ||
           (stem == 4 && segment->at[3] >= '1' && segment->at[3] <= '9' &&
            (strncasecmp(segment->at, "COM", 3) == 0 ||
             strncasecmp(segment->at, "LPT", 3) == 0));
}

static bool holds(const struct segment *segment, const char *characters)
{
    for (size_t i = 0; i < segment->len; i++) {
        if (strchr(characters, segment->at[i])) {
            return true;
        }
    }
    return false;
}

static const char *segment_fault(const struct segment *segment)
{
    char last = segment->at[segment->len - 1];

    if (holds(segment, "<>*%&:\\?\"|")) {
        return "IIS refuses names with < > * % & : \\ ? \" or |";
    }
    if (holds(segment, "+")) {
        return "IIS refuses names with + (404.11) unless allowDoubleEscaping "
               "is set";
    }
    if (last == '.' || last == ' ') {
        return "Windows drops the dot or the blank at the end of the name";
    }
    if (is_device(segment)) {
        return "on Windows this is the name of a device";
    }
    if (is_hidden(segment)) {
        return "IIS refuses this name (404.8), see hiddenSegments";
    }
    return NULL;
}

const char *url_name_iis_fault(const char *relative)
{
    struct segment segment;
    struct segment last = {"", 0};

    while (take_segment(&relative, &segment)) {
        const char *fault = segment_fault(&segment);

        if (fault) {
            return fault;
        }
        last = segment;
    }
    return has_denied_extension(&last)
               ? "IIS refuses names with this ending (404.7), see "
                 "fileExtensions"
               : NULL;
}
