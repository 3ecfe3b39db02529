import Foundation
import Glibc
import Simulator
import Threading

/// A port of the kernel's virtual host controller (vhci_hcd) with a device model in it.
enum VirtualPort {
  struct Failure: Error, CustomStringConvertible { var description: String }

  /// Plugs a model in and waits until the kernel shows it to programs. It stays until this process ends.
  static func plug(_ model: any USBDeviceModel, unplugAfter limit: Int?) throws {
    var ends: [Int32] = [0, 0]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw Failure(description: "no socket: \(unsafe String(cString: strerror(errno)))")
    }
    let socket = ends[1]
    let isHighSpeed = model.descriptors.isHighSpeed
    // It serves as long as the process lives.
    _ = WorkThread(name: "device") {
      var device = USBIPDevice(model, socket: socket, unplugAfter: limit)
      device.serve()
    }
    // Port 0, the kernel's end, device 1 of bus 1, full speed (2) or high speed (3).
    try "0 \(ends[0]) 65537 \(isHighSpeed ? 3 : 2)".write(toFile: attach, atomically: false, encoding: .utf8)
    close(ends[0])
    for _ in 0..<1_000 {
      if let number = deviceNumber, FileManager.default.fileExists(atPath: node(number)) { return }
      usleep(10_000)
    }
    throw Failure(description: "the kernel does not show the device")
  }

  private static let attach = "/sys/devices/platform/vhci_hcd.0/attach"

  /// What the kernel calls it on the bus; the root hub is device 1.
  private static var deviceNumber: Int? {
    let text = try? String(contentsOfFile: "/sys/bus/usb/devices/1-1/devnum", encoding: .utf8)
    return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  private static func node(_ number: Int) -> String {
    "/dev/bus/usb/001/" + String(format: "%03d", number)
  }
}
