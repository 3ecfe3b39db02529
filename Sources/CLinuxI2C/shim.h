// The kernel's I2C character devices for Swift, which imports neither their macros nor ioctl's open arguments.
#ifndef OFC_CLINUXI2C_SHIM_H
#define OFC_CLINUXI2C_SHIM_H
#include <errno.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <sys/ioctl.h>

static const unsigned long ofc_i2c_functions_request = I2C_FUNCS;
static const unsigned long ofc_i2c_transfer_request = I2C_RDWR;
/// Plain messages, which I2C_RDWR needs.
static const unsigned long ofc_i2c_can_transfer = I2C_FUNC_I2C;
static const unsigned short ofc_i2c_read = I2C_M_RD;

/// What the adapter can do; 0 or an error number.
static inline int ofc_i2c_functions(int descriptor, unsigned long *functions) {
  return ioctl(descriptor, I2C_FUNCS, functions) < 0 ? errno : 0;
}

/// Carries out `count` messages with a repeated START between them and one STOP; 0 or an error number.
static inline int ofc_i2c_transfer(int descriptor, struct i2c_msg *messages, unsigned count) {
  struct i2c_rdwr_ioctl_data data = {messages, count};
  int done = ioctl(descriptor, I2C_RDWR, &data);
  if (done < 0) return errno;
  return (unsigned)done == count ? 0 : EIO;
}
#endif
