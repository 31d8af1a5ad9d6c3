/*
 * access/kerberos.c: see kerberos.h.
 */
#include "access/kerberos.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

/* A sign-in needs one step, or three if the client guessed the mechanism
 * wrong. */
#define STEPS_MAX 8

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct kerberos {
    atomic_uint references;
    gss_cred_id_t keys;
};

/* 1.2.840.113554.1.2.2 and 1.3.6.1.5.5.2.  GSSAPI knows no const. */
static char kerberos_oid[] = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
static char spnego_oid[] = "\x2b\x06\x01\x05\x05\x02";
static gss_OID_desc mechanisms[] = {
    {sizeof(kerberos_oid) - 1, kerberos_oid},
    {sizeof(spnego_oid) - 1, spnego_oid},
};
static gss_OID_set_desc kerberos_alone = {1, &mechanisms[0]};
static gss_OID_set_desc kerberos_and_spnego = {COUNT(mechanisms), mechanisms};

/* --- words --------------------------------------------------------------- */

/* Adds what GSSAPI says about a status. */
static void say(struct fault *fault, OM_uint32 status, int kind)
{
    OM_uint32 minor;
    OM_uint32 context = 0;
    gss_buffer_desc words = GSS_C_EMPTY_BUFFER;

    do {
        if (GSS_ERROR(gss_display_status(&minor, status, kind, GSS_C_NO_OID,
                                         &context, &words))) {
            return;
        }
        (void)fault_set(fault, "%s%s%.*s", fault->text,
                        fault->text[0] ? ": " : "", (int)words.length,
                        (const char *)words.value);
        (void)gss_release_buffer(&minor, &words);
    } while (context != 0);
}

static bool fail(struct fault *fault, OM_uint32 major, OM_uint32 minor)
{
    fault->text[0] = '\0';
    say(fault, major, GSS_C_GSS_CODE);
    if (minor != 0) {
        say(fault, minor, GSS_C_MECH_CODE);
    }
    return false;
}

/* --- the keytab ---------------------------------------------------------- */

static const char *open_remedy(int error)
{
    switch (error) {
    case ENOENT:
        return "; correct the path, or make the keytab";
    case EACCES:
        return "; give the user that bitsd runs as the right to read it";
    default:
        return "";
    }
}

/* Who reads a keytab can pretend to be the server, and any user to it. */
static bool check_mode(int fd, struct fault *ret_fault)
{
    struct stat status;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        return fault_set(ret_fault, "is not a regular file");
    }
    return (status.st_mode & 0027) == 0 ||
           fault_set(ret_fault,
                     "has mode %04o, so that others can %s it; run chmod 600, "
                     "or 640 for a group that may read it",
                     (unsigned)(status.st_mode & 07777),
                     status.st_mode & 0004 ? "read" : "change");
}

/* The library would name neither errno nor a remedy. */
static bool check_file(const char *path, struct fault *ret_fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool done;

    int error = fd < 0 ? errno : 0;
    if (fd < 0) {
        return fault_set(ret_fault, "cannot be opened: %s%s", strerror(error),
                         open_remedy(error));
    }
    done = check_mode(fd, ret_fault);
    (void)close(fd);
    return done;
}

/* Without a host: clients may use any name of this machine for which the keytab
 * has a key. */
static bool name_service(gss_name_t *ret_name, struct fault *ret_fault)
{
    char text[] = "HTTP";
    gss_buffer_desc service = {sizeof(text) - 1, text};
    OM_uint32 minor;
    OM_uint32 major =
        gss_import_name(&minor, &service, GSS_C_NT_HOSTBASED_SERVICE, ret_name);

    return !GSS_ERROR(major) || fail(ret_fault, major, minor);
}

static bool acquire(const char *keytab, gss_name_t name,
                    gss_cred_id_t *ret_keys, struct fault *ret_fault)
{
    gss_key_value_element_desc elements[] = {{"keytab", keytab},
                                             {"rcache", "none:"}};
    const gss_key_value_set_desc store = {COUNT(elements), elements};
    struct fault reason;
    OM_uint32 minor;
    OM_uint32 major = gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE,
                                            &kerberos_and_spnego, GSS_C_ACCEPT,
                                            &store, ret_keys, NULL, NULL);

    if (!GSS_ERROR(major)) {
        major = gss_set_neg_mechs(&minor, *ret_keys, &kerberos_alone);
    }
    if (!GSS_ERROR(major)) {
        return true;
    }
    (void)fail(&reason, major, minor);
    return fault_set(ret_fault,
                     "has no key for HTTP that can be used; add one for "
                     "HTTP/HOST, where HOST is the name in the URLs (%s)",
                     reason.text);
}

static bool read_keys(const char *path, struct kerberos *kerberos,
                      struct fault *ret_fault)
{
    gss_name_t name = GSS_C_NO_NAME;
    char *keytab = NULL;
    OM_uint32 minor;
    bool done;

    if (asprintf(&keytab, "FILE:%s", path) < 0) {
        return fault_set(ret_fault, "out of memory");
    }
    done = name_service(&name, ret_fault) &&
           acquire(keytab, name, &kerberos->keys, ret_fault);
    (void)gss_release_name(&minor, &name);
    free(keytab);
    return done;
}

struct kerberos *kerberos_open(const char *keytab, struct fault *ret_fault)
{
    struct kerberos *kerberos = calloc(1, sizeof(*kerberos));

    if (!kerberos) {
        (void)fault_set(ret_fault, "out of memory");
        return NULL;
    }
    atomic_init(&kerberos->references, 1);
    if (!check_file(keytab, ret_fault) ||
        !read_keys(keytab, kerberos, ret_fault)) {
        kerberos_unref(kerberos);
        return NULL;
    }
    return kerberos;
}

struct kerberos *kerberos_ref(struct kerberos *kerberos)
{
    if (kerberos) {
        (void)atomic_fetch_add(&kerberos->references, 1);
    }
    return kerberos;
}

void kerberos_unref(struct kerberos *kerberos)
{
    OM_uint32 minor;

    if (kerberos && atomic_fetch_sub(&kerberos->references, 1) == 1) {
        (void)gss_release_cred(&minor, &kerberos->keys);
        free(kerberos);
    }
}

/* --- a sign-in ----------------------------------------------------------- */

void kerberos_context_done(struct kerberos_context *context)
{
    gss_ctx_id_t handle = context->handle;
    OM_uint32 minor;

    (void)gss_delete_sec_context(&minor, &handle, GSS_C_NO_BUFFER);
    *context = (struct kerberos_context){0};
}

/* Copies a buffer with a terminator behind it.  NULL: no memory. */
static char *copy(const gss_buffer_desc *buffer)
{
    char *text = malloc(buffer->length + 1);

    if (text) {
        memcpy(text, buffer->value, buffer->length);
        text[buffer->length] = '\0';
    }
    return text;
}

/* The library escapes NUL, so that the text is a string. */
static char *display(gss_name_t name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    char *copied = NULL;

    if (!GSS_ERROR(gss_display_name(&minor, name, &text, NULL))) {
        copied = copy(&text);
        (void)gss_release_buffer(&minor, &text);
    }
    return copied;
}

static enum kerberos_result judge(struct kerberos_step *step, OM_uint32 major,
                                  OM_uint32 minor,
                                  const struct kerberos_context *context)
{
    if (GSS_ERROR(major)) {
        (void)fail(&step->fault, major, minor);
        return KERBEROS_FAILED;
    }
    if ((major & GSS_S_CONTINUE_NEEDED) == 0) {
        if (step->principal) {
            return KERBEROS_DONE;
        }
        (void)fault_set(&step->fault, "the client has no name");
        return KERBEROS_FAILED;
    }
    if (!step->reply || context->steps >= STEPS_MAX) {
        (void)fault_set(&step->fault, "the sign-in has too many steps");
        return KERBEROS_FAILED;
    }
    return KERBEROS_CONTINUES;
}

enum kerberos_result kerberos_accept(struct kerberos *kerberos,
                                     struct kerberos_context *context,
                                     struct kerberos_step *step)
{
    gss_ctx_id_t handle = context->handle;
    gss_buffer_desc token = {step->token_size, step->token};
    struct gss_channel_bindings_struct bindings = {
        .application_data = {step->end_point_size, step->end_point},
    };
    gss_buffer_desc reply = GSS_C_EMPTY_BUFFER;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 seconds = 0;
    OM_uint32 minor;
    OM_uint32 unused;
    OM_uint32 major = gss_accept_sec_context(
        &minor, &handle, kerberos->keys, &token,
        step->end_point ? &bindings : GSS_C_NO_CHANNEL_BINDINGS, &name, NULL,
        &reply, NULL, &seconds, NULL);

    context->handle = handle;
    context->steps++;
    if (reply.length > 0) {
        step->reply = copy(&reply);
        step->reply_size = reply.length;
    }
    if (major == GSS_S_COMPLETE) {
        step->principal = display(name);
        step->seconds = seconds;
    }
    (void)gss_release_buffer(&unused, &reply);
    (void)gss_release_name(&unused, &name);
    return judge(step, major, minor, context);
}

void kerberos_step_done(struct kerberos_step *step)
{
    free(step->reply);
    free(step->principal);
}
