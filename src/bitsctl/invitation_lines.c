/*
 * bitsctl/invitation_lines.c: see invitation_lines.h.
 */
#include "bitsctl/invitation_lines.h"

#include <stdio.h>

#include <openbits/packet.h>

#define POST "curl -sS -X " BITS_METHOD " -H 'BITS-Packet-Type: "
#define CHECKED_POST                                                           \
    "  curl -sS --fail -X " BITS_METHOD " -H 'BITS-Packet-Type: "

static void print_curl(const char *url)
{
    (void)printf("\ncurl, for a file that is not empty:\n"
                 "file='FILE'; url='%s'\n"
                 "size=$(wc -c < \"$file\" | tr -d ' ')\n",
                 url);
    (void)printf("answer=$(" POST "Create-Session' \\\n"
                 "  -H 'BITS-Supported-Protocols: "
                 "{7df0354d-249b-430f-820d-3d2a9bef4931}' \\\n"
                 "  -o /dev/null -D - \"$url\" | tr -d '\\r')\n"
                 "id=$(printf '%%s\\n' \"$answer\" | "
                 "sed -n 's/^BITS-Session-Id: //p')\n"
                 "if [ -n \"$id\" ]; then\n");
    (void)printf(CHECKED_POST
                 "Fragment' -H \"BITS-Session-Id: $id\" \\\n"
                 "    -H \"Content-Range: bytes 0-$((size - 1))/$size\" "
                 "--data-binary @\"$file\" \"$url\" &&\n");
    (void)printf(CHECKED_POST
                 "Close-Session' -H \"BITS-Session-Id: $id\" \"$url\"\n"
                 "else\n"
                 "  printf '%%s\\n' \"$answer\"; false\n"
                 "fi\n");
}

void invitation_lines_print(const char *url, const char *note)
{
    (void)printf("%s\n\n", url);
    (void)printf("Everybody with this URL can upload: send it like a "
                 "password.\n");
    if (note) {
        (void)printf("%s\n", note);
    }
    (void)printf("\nPowerShell:\n"
                 "Start-BitsTransfer -TransferType Upload -Source 'FILE' "
                 "-Destination '%s'\n",
                 url);
    (void)printf("\nbitsadmin:\n"
                 "bitsadmin /transfer upload /upload /priority foreground "
                 "\"%s\" \"FILE\"\n",
                 url);
    (void)printf("\nbits:\nbits upload 'FILE' '%s'\n", url);
    print_curl(url);
}
