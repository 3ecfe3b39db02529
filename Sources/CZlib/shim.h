// zlib for Swift: `inflateInit2` and `deflateInit2` are macros, which Swift does not import.
#ifndef OFC_CZLIB_SHIM_H
#define OFC_CZLIB_SHIM_H
#include <zlib.h>

/// Starts a raw inflate (no zlib header), as a ZIP member needs it.
static inline int ofc_inflate_init_raw(z_streamp stream) { return inflateInit2(stream, -MAX_WBITS); }

/// Starts a raw deflate (no zlib header) at the given level (0 to 9).
static inline int ofc_deflate_init_raw(z_streamp stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
}
#endif
