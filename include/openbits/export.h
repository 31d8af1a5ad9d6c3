/* openbits/export.h: which symbols a shared libopenbits exports. */
#ifndef OPENBITS_EXPORT_H
#define OPENBITS_EXPORT_H

#if defined(__GNUC__)
#define BITS_API __attribute__((visibility("default")))
#else
#define BITS_API
#endif

#endif
