import Glibc

extension BridgeError {
  /// What to do where a node cannot be opened.
  static func advice(_ path: String, _ number: Int32) -> String {
    let isI2C = path.hasPrefix("/dev/i2c-")
    switch number {
    case EACCES, EPERM:
      let group = isI2C ? "i2c" : "dialout"
      return "; run `sudo usermod -aG \(group) $USER`, then log in again"
    case ENOENT, ENXIO, ENODEV:
      return isI2C
        ? "; run `sudo modprobe i2c-dev`, and see what is there with `ls /dev/i2c-*`"
        : "; plug it in, and see what is there with `ls /dev/serial/by-id`"
    case EBUSY: return "; end the other program that uses it"
    default: return ""
    }
  }
}
