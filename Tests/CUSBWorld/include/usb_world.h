// A world with one USB device, for programs that are started in it: sysfs, udev's messages and usbfs by umockdev.
#ifndef OFC_USB_WORLD_H
#define OFC_USB_WORLD_H
#include <stdint.h>

/// Carries out a transfer: `buffer` begins with the set-up stage for a control transfer (endpoint 0).
/// Gives how many bytes went, -EAGAIN for a transfer that waits, or another negative error number.
typedef int (*ofc_world_transfer)(void *context, uint8_t endpoint, uint8_t *buffer, int length);

/// Makes the world. Only under umockdev-wrapper: 0 where it is not.
int ofc_world_make(void);
/// Adds devices as umockdev describes them.
int ofc_world_add(const char *description);
/// Answers usbfs requests for the device at bus 1, address 2.
int ofc_world_answer(ofc_world_transfer transfer, void *context);
/// Takes the device at this place of sysfs away.
void ofc_world_remove(const char *syspath);
#endif
