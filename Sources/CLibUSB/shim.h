// libusb for Swift: what its header says with macros, which Swift does not import.
#ifndef OFC_CLIBUSB_SHIM_H
#define OFC_CLIBUSB_SHIM_H
#include <libusb.h>

/// Any vendor, product or class in a hot-plug filter.
static const int ofc_usb_match_any = LIBUSB_HOTPLUG_MATCH_ANY;
#endif
