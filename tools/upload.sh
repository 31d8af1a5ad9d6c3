#!/bin/sh
# Uploads one file to a BITS server with nothing but curl: Create-Session, one
# Fragment, Close-Session.  With -v it shows each curl command, ready to be
# pasted, and the head of the answer.
#
#     tools/upload.sh [-v] FILE URL
#
# A URL that ends with / gets the name of the file.
set -eu

verbose=
session=
protocol='{7df0354d-249b-430f-820d-3d2a9bef4931}'

die() {
    printf '%s\n' "upload.sh: $*" >&2
    exit 1
}

usage() {
    echo "usage: tools/upload.sh [-v] FILE URL" >&2
    exit 2
}

# The arguments as a shell would read them.
quoted() {
    for word in "$@"; do
        case $word in
        *[!A-Za-z0-9_./:@%+,=-]*)
            printf " '%s'" "$(printf %s "$word" | sed "s/'/'\\\\''/g")"
            ;;
        *) printf ' %s' "$word" ;;
        esac
    done
}

# The name as it stands in a URL.
encoded() {
    case $1 in
    *[!A-Za-z0-9._~-]*)
        printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g'
        ;;
    *) printf %s "$1" ;;
    esac
}

# The value of a header of the last answer.
header() {
    printf '%s\n' "$answer" | tr -d '\r' |
        sed -n "s/^$1: *//Ip" | head -n 1
}

# explain EXIT: why curl got no answer, by its exit code.
explain() {
    case $1 in
    35) echo "the TLS handshake failed; if the port speaks plain HTTP, write http:// in the URL" ;;
    60) echo "the certificate is not trusted; if it is self-signed, set CURL_CA_BUNDLE to its file" ;;
    *) echo "the server cannot be reached" ;;
    esac
}

# packet TYPE [CURL-ARGUMENT...]: sends it; *answer* is the head of what came
# back, *status* its number.
packet() {
    type=$1
    shift
    set -- curl -gsS --path-as-is -X BITS_POST -D - -o /dev/null \
        -H "BITS-Packet-Type: $type" "$@" "$url"
    if [ -n "$verbose" ]; then
        printf '%s\n' "\$$(quoted "$@")" >&2
    fi
    answer=$("$@") || die "$type: $(explain $?)"
    # A 100 Continue has a head of its own before the answer's.
    status=$(printf '%s\n' "$answer" |
        sed -n 's|^HTTP/[0-9.]* \([0-9]*\).*|\1|p' | tail -n 1)
    if [ -n "$verbose" ]; then
        printf '%s\n' "$answer" >&2
    fi
}

# packet_or_die TYPE...: the server must take it.
packet_or_die() {
    packet "$@"
    case $status in
    200 | 201) return ;;
    esac
    code=$(header BITS-Error-Code)
    words=$(header BITS-Error-Text | tr -cd ' -~')
    # A port for TLS answers plain HTTP with 400 and without BITS headers.
    case $url:$status:$code in
    [Hh][Tt][Tt][Pp]:*:400:) words="if the port speaks TLS, write https:// in the URL" ;;
    esac
    refusal="refused with $status${code:+ $code}${words:+: $words}"
    refused=$type
    if [ "$refused" = Fragment ]; then
        packet Cancel-Session -H "BITS-Session-Id: $session" \
            -H 'Content-Length: 0'
    fi
    die "$refused: $refusal"
}

if [ "${1-}" = -v ]; then
    verbose=1
    shift
fi
[ $# -eq 2 ] || usage
file=$1
url=$2
[ -f "$file" ] || die "$file is not a file"
[ -r "$file" ] || die "cannot read $file"
command -v curl >/dev/null || die "needs curl"
case $url in
*/) url=$url$(encoded "$(basename -- "$file")") ;;
esac
size=$(wc -c <"$file" | tr -d ' ')

packet_or_die Create-Session -H "BITS-Supported-Protocols: $protocol" \
    -H 'Content-Length: 0'
session=$(header BITS-Session-Id)
[ -n "$session" ] || die "$url: no BITS server, it gave no session"

# An empty file has no bytes and no Fragment.
if [ "$size" -gt 0 ]; then
    packet_or_die Fragment -H "BITS-Session-Id: $session" \
        -H "Content-Range: bytes 0-$((size - 1))/$size" -T "$file"
fi
packet_or_die Close-Session -H "BITS-Session-Id: $session" \
    -H 'Content-Length: 0'
echo "$file: $size bytes were taken at $url"
