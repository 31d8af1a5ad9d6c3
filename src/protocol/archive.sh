#!/bin/sh
# Makes libopenbits.a: one object in which only the symbols that the shared
# library exports are global, so that a program which links it statically meets
# no names but bits_*.
#
#     archive.sh OUTPUT AR OBJCOPY OBJECT... -- COMPILER...
set -eu

output=$1 ar=$2 objcopy=$3
shift 3
objects=
while [ "$1" != -- ]; do
    objects="$objects $1"
    shift
done
shift

whole=$output.o
# Paths below a build directory hold no blanks: Ninja would not take them.
# shellcheck disable=SC2086
"$@" -r -nostdlib -o "$whole" $objects
"$objcopy" --localize-hidden "$whole"
rm -f "$output"
"$ar" rcD "$output" "$whole"
rm -f "$whole"
