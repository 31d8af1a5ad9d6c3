/* openbits/openbits.h: the whole of libopenbits. */
#ifndef OPENBITS_OPENBITS_H
#define OPENBITS_OPENBITS_H

#include <openbits/cause.h>
#include <openbits/export.h>
#include <openbits/guid.h>
#include <openbits/packet.h>
#include <openbits/session.h>
#include <openbits/target.h>
#include <openbits/text.h>
#include <openbits/transfer.h>

#endif
