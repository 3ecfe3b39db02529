/// The rule by which udev lets ordinary users open a device.
public enum UdevRule {
  /// Where the project's rules belong; the project has them in `hardware/udev`.
  public static let file = "/etc/udev/rules.d/60-openfastcharge.rules"

  /// Identities that many devices share, with the product string of the one that the project knows: a Dr. PD has that
  /// of every Raspberry Pi Pico.
  public static let products = [USBIdentity(vendor: 0x2E8A, product: 0x000A): "Dr. PD"]

  /// The line for one kind of device.
  public static func line(_ identity: USBIdentity) -> String {
    let vendor = hexadecimal(identity.vendor, 4).lowercased()
    let product = hexadecimal(identity.product, 4).lowercased()
    let test = products[identity].map { ", ATTRS{product}==\"\($0)\"" } ?? ""
    return "SUBSYSTEM==\"usb\", ATTR{idVendor}==\"\(vendor)\", ATTR{idProduct}==\"\(product)\"\(test),"
      + " MODE=\"0660\", GROUP=\"plugdev\", TAG+=\"uaccess\""
  }

  /// What to do where the device may not be opened.
  static func advice(_ identity: USBIdentity) -> String {
    """
    put this line into \(file), then run \
    `sudo udevadm control --reload && sudo udevadm trigger` and plug the device in again:
      \(line(identity))
    """
  }
}
