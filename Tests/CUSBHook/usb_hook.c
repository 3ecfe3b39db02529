#define _GNU_SOURCE
#include "usb_hook.h"
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { capacity = 256 };

static struct {
  int descriptor;
  ofc_usb_handler handler;
  void *context;
  int running;
} table[capacity];
static int used;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t quiet = PTHREAD_COND_INITIALIZER;

int ofc_usb_hook(int descriptor, ofc_usb_handler handler, void *context) {
  pthread_mutex_lock(&lock);
  int place = 0;
  while (place < used && table[place].handler) place++;
  int fits = place < capacity;
  if (fits) {
    table[place].descriptor = descriptor;
    table[place].handler = handler;
    table[place].context = context;
    table[place].running = 0;
    if (place == used) used++;
  }
  pthread_mutex_unlock(&lock);
  return fits ? 0 : -1;
}

void ofc_usb_unhook(int descriptor) {
  pthread_mutex_lock(&lock);
  for (int place = 0; place < used; place++) {
    if (table[place].descriptor != descriptor || !table[place].handler) continue;
    table[place].descriptor = -1;
    while (table[place].running) pthread_cond_wait(&quiet, &lock);
    table[place].handler = 0;
  }
  pthread_mutex_unlock(&lock);
}

int ioctl(int descriptor, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  pthread_mutex_lock(&lock);
  int place = 0;
  while (place < used && !(table[place].descriptor == descriptor && table[place].handler)) place++;
  int is_ours = place < used;
  ofc_usb_handler handler = 0;
  void *context = 0;
  if (is_ours) {
    handler = table[place].handler;
    context = table[place].context;
    table[place].running++;
  }
  pthread_mutex_unlock(&lock);
  if (!is_ours) return ((int (*)(int, unsigned long, void *))dlsym(RTLD_NEXT, "ioctl"))(descriptor, request, argument);
  int result = handler(context, request, argument);
  pthread_mutex_lock(&lock);
  table[place].running--;
  pthread_cond_broadcast(&quiet);
  pthread_mutex_unlock(&lock);
  if (result >= 0) return result;
  errno = -result;
  return -1;
}

int ofc_usb_make_signal(void) {
  int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (descriptor >= 0) ofc_usb_set_signal(descriptor, 0);
  return descriptor;
}

void ofc_usb_set_signal(int descriptor, int ready) {
  uint64_t value = UINT64_MAX - 1;
  ssize_t count = ready ? read(descriptor, &value, sizeof value) : write(descriptor, &value, sizeof value);
  (void)count;
}
