// umockdev: devices for programs that know nothing of it. Its headers are used from C only.
#ifndef OFC_CUMOCKDEV_SHIM_H
#define OFC_CUMOCKDEV_SHIM_H
#endif
