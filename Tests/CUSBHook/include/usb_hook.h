// Devices inside the process: this target defines `ioctl`, so that libusb's calls to the kernel come here first.
#ifndef OFC_USB_HOOK_H
#define OFC_USB_HOOK_H
#include <linux/ioctl.h>
#include <linux/usbdevice_fs.h>
#include <stdint.h>

/// Answers a usbfs request; a negative result is an error number.
typedef int (*ofc_usb_handler)(void *context, unsigned long request, void *argument);

/// From now on requests to `descriptor` go to `handler`; 0 where there is room for it.
int ofc_usb_hook(int descriptor, ofc_usb_handler handler, void *context);
/// Requests to `descriptor` go to the kernel again. No handler runs for it any more when this returns.
void ofc_usb_unhook(int descriptor);

/// A counter whose readiness for writing is ours: not writable while `ready` is 0.
int ofc_usb_make_signal(void);
void ofc_usb_set_signal(int descriptor, int ready);

static const unsigned long ofc_control = USBDEVFS_CONTROL;
static const unsigned long ofc_submit = USBDEVFS_SUBMITURB;
static const unsigned long ofc_discard = USBDEVFS_DISCARDURB;
static const unsigned long ofc_reap = USBDEVFS_REAPURBNDELAY;
static const unsigned long ofc_claim = USBDEVFS_CLAIMINTERFACE;
static const unsigned long ofc_release = USBDEVFS_RELEASEINTERFACE;
static const unsigned long ofc_set_interface = USBDEVFS_SETINTERFACE;
static const unsigned long ofc_get_driver = USBDEVFS_GETDRIVER;
static const unsigned long ofc_connect_info = USBDEVFS_CONNECTINFO;
static const unsigned long ofc_driver_ioctl = USBDEVFS_IOCTL;
static const unsigned long ofc_connect = USBDEVFS_CONNECT;
static const unsigned long ofc_disconnect = USBDEVFS_DISCONNECT;
static const unsigned long ofc_clear_halt = USBDEVFS_CLEAR_HALT;
static const unsigned long ofc_capabilities = USBDEVFS_GET_CAPABILITIES;
static const unsigned long ofc_speed = USBDEVFS_GET_SPEED;
#endif
