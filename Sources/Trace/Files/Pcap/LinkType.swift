/// The link types that are read (the numbers are those of the tcpdump group's list).
enum LinkType: UInt16 {
  /// Our own records.
  case user0 = 147
  /// usbmon with a header of 48 bytes.
  case usbLinux = 189
  /// usbmon with a header of 64 bytes.
  case usbLinuxMapped = 220
}
