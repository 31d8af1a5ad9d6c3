/* protocol/version.c: the version of this library. */
#include <openbits/version.h>

uint32_t bits_version_number(void)
{
    return BITS_VERSION_NUMBER;
}
