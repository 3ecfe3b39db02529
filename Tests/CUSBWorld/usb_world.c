#define _GNU_SOURCE
#include "usb_world.h"
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <umockdev.h>
#include <unistd.h>
// After the standard headers: it uses their types.
#include <linux/usbdevice_fs.h>

enum { most = 64 };

typedef struct {
  UMockdevIoctlData *urb;
  UMockdevIoctlData *buffer;
} urb_pair;

static UMockdevTestbed *testbed;
static ofc_world_transfer transfer_of_model;
static void *context_of_model;
static urb_pair waiting[most], done[most];
static int waiting_count, done_count, signal_pipe = -1;
static GMutex lock;

int ofc_world_make(void) {
  testbed = umockdev_testbed_new();
  return umockdev_in_mock_environment();
}

int ofc_world_add(const char *description) {
  return umockdev_testbed_add_from_string(testbed, description, NULL);
}

void ofc_world_remove(const char *syspath) {
  umockdev_testbed_uevent(testbed, syspath, "remove");
  umockdev_testbed_remove_device(testbed, syspath);
}

static struct usbdevfs_urb *fields(urb_pair pair) { return (struct usbdevfs_urb *)pair.urb->data; }

/// The node is a pipe that can be written to while a transfer is done: that is what libusb waits for.
static void set_signal(void) {
  static char block[4096];
  if (signal_pipe < 0) return;
  if (done_count > 0) {
    while (read(signal_pipe, block, sizeof block) > 0) {}
  } else {
    while (write(signal_pipe, block, sizeof block) > 0) {}
  }
}

static void finish(urb_pair pair, int status, int count) {
  fields(pair)->status = status;
  fields(pair)->actual_length = count;
  if (done_count < most) done[done_count++] = pair;
}

/// Offers a transfer to the model; 0 where it must wait.
static int try_transfer(urb_pair pair) {
  struct usbdevfs_urb *urb = fields(pair);
  int is_control = urb->type == USBDEVFS_URB_TYPE_CONTROL;
  int count = transfer_of_model(context_of_model, is_control ? 0 : urb->endpoint,
                                pair.buffer ? (uint8_t *)pair.buffer->data : NULL, urb->buffer_length);
  if (count == -EAGAIN) return 0;
  finish(pair, count < 0 ? count : 0, count < 0 ? 0 : count);
  return 1;
}

static void pump(void) {
  int kept = 0;
  for (int i = 0; i < waiting_count; i++)
    if (!try_transfer(waiting[i])) waiting[kept++] = waiting[i];
  waiting_count = kept;
}

static int submit(UMockdevIoctlData *argument) {
  urb_pair pair = {umockdev_ioctl_data_resolve(argument, 0, sizeof(struct usbdevfs_urb), NULL), NULL};
  if (!pair.urb || waiting_count == most || done_count == most) return -ENOMEM;
  int length = fields(pair)->buffer_length;
  if (length > 0)
    pair.buffer = umockdev_ioctl_data_resolve(pair.urb, offsetof(struct usbdevfs_urb, buffer), (gsize)length, NULL);
  if (!try_transfer(pair)) waiting[waiting_count++] = pair;
  pump();
  return 0;
}

static int discard(UMockdevIoctlData *argument) {
  gulong address;
  memcpy(&address, argument->data, sizeof address);
  for (int i = 0; i < waiting_count; i++) {
    if (waiting[i].urb->client_addr != address) continue;
    urb_pair pair = waiting[i];
    waiting[i] = waiting[--waiting_count];
    finish(pair, -ENOENT, 0);
    return 0;
  }
  return -EINVAL;
}

static int reap(UMockdevIoctlData *argument) {
  if (done_count == 0) return -EAGAIN;
  urb_pair pair = done[0];
  memmove(done, done + 1, sizeof done[0] * (size_t)--done_count);
  UMockdevIoctlData *slot = umockdev_ioctl_data_resolve(argument, 0, sizeof(void *), NULL);
  umockdev_ioctl_data_set_ptr(slot, 0, pair.urb);
  g_object_unref(slot);
  if (pair.buffer) g_object_unref(pair.buffer);
  g_object_unref(pair.urb);
  return 0;
}

static int capabilities(UMockdevIoctlData *argument) {
  UMockdevIoctlData *word = umockdev_ioctl_data_resolve(argument, 0, sizeof(uint32_t), NULL);
  *(uint32_t *)word->data =
      USBDEVFS_CAP_BULK_CONTINUATION | USBDEVFS_CAP_NO_PACKET_SIZE_LIM | USBDEVFS_CAP_BULK_SCATTER_GATHER;
  g_object_unref(word);
  return 0;
}

static int carry_out(gulong request, UMockdevIoctlData *argument) {
  if (request == (gulong)USBDEVFS_REAPURBNDELAY || request == (gulong)USBDEVFS_REAPURB) return reap(argument);
  switch (request) {
    case USBDEVFS_GET_CAPABILITIES: return capabilities(argument);
    case USBDEVFS_SUBMITURB: return submit(argument);
    case USBDEVFS_DISCARDURB: return discard(argument);
    case USBDEVFS_GETDRIVER: return -ENODATA;
    case USBDEVFS_CLAIMINTERFACE:
    case USBDEVFS_RELEASEINTERFACE:
    case USBDEVFS_SETINTERFACE:
    case USBDEVFS_CLEAR_HALT:
    case USBDEVFS_RESET: return 0;
    default: return -ENOTTY;
  }
}

static gboolean answer(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer unused) {
  (void)base;
  (void)unused;
  g_mutex_lock(&lock);
  int result = carry_out(umockdev_ioctl_client_get_request(client), umockdev_ioctl_client_get_arg(client));
  set_signal();
  g_mutex_unlock(&lock);
  umockdev_ioctl_client_complete(client, result < 0 ? -1 : result, result < 0 ? -result : 0);
  return TRUE;
}

int ofc_world_answer(ofc_world_transfer transfer, void *context) {
  static const char node[] = "/dev/bus/usb/001/002";
  transfer_of_model = transfer;
  context_of_model = context;
  UMockdevIoctlBase *base = umockdev_ioctl_base_new();
  g_signal_connect(base, "handle-ioctl", G_CALLBACK(answer), NULL);
  if (!umockdev_testbed_attach_ioctl(testbed, node, base, NULL)) return 0;
  char path[512], root[400];
  gchar *folder = umockdev_testbed_get_root_dir(testbed);
  snprintf(root, sizeof root, "%s", folder);
  g_free(folder);
  snprintf(path, sizeof path, "%s%s", root, node);
  unlink(path);
  if (mkfifo(path, 0660) != 0) return 0;
  signal_pipe = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (signal_pipe < 0) return 0;
  fcntl(signal_pipe, F_SETPIPE_SZ, 4096);
  set_signal();
  return 1;
}
