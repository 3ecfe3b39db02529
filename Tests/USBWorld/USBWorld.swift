import CUSBWorld
import Foundation
import Quantities
import Simulator
import Threading
import USBTransport

/// Runs a program, which knows nothing of it, in a world where a KM003C is plugged in that plays a recording, or an
/// FT232H with a board behind it: a FUSB302 and a TPS55288, and a charger or a phone at the far end of its cable.
///
///     umockdev-wrapper usb-world RECORDING.csv [--unplug-after TRANSFERS] -- PROGRAM ARGUMENT…
///     umockdev-wrapper usb-world board:charger [--unplug-after TRANSFERS] -- PROGRAM ARGUMENT…
///     umockdev-wrapper usb-world board:phone [--unplug-after TRANSFERS] -- PROGRAM ARGUMENT…
///     umockdev-wrapper usb-world --hot-plug
///
/// Ends with the status of the program. The last form tells what a watch says of a device that comes and goes twice.
@main
enum USBWorld {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments == ["--hot-plug"] { return try hotPlug() }
    guard let device = arguments.first, let split = arguments.firstIndex(of: "--"),
      split + 1 < arguments.count
    else { return complain("usage: usb-world RECORDING.csv [--unplug-after TRANSFERS] -- PROGRAM ARGUMENT…") }
    let limit = arguments[..<split].contains("--unplug-after") ? Int(arguments[split - 1]) : nil
    guard ofc_world_make() != 0 else { return complain("must be run by umockdev-wrapper") }
    let player = Player(try model(device), limit: limit)
    guard unsafe ofc_world_add(description(player.descriptors)) != 0,
      unsafe ofc_world_answer(answer, Unmanaged.passRetained(player).toOpaque()) != 0
    else { return complain("umockdev does not take the device") }
    let process = Process()
    process.executableURL = URL(filePath: arguments[split + 1])
    process.arguments = Array(arguments[(split + 2)...])
    try process.run()
    // An interrupt from the keyboard, or from a test, is meant for the program.
    signal(SIGINT, SIG_IGN)
    signal(SIGTERM) { _ in }
    process.waitUntilExit()
    exit(process.terminationStatus)
  }

  private static func model(_ device: String) throws -> any USBDeviceModel {
    switch device {
    case "board:charger": BoardInRealTime(.charger(ChargerModel(.pps, power: Milliwatts(45_000)).setup))
    case "board:phone": BoardInRealTime(.phone(PhoneModel.pps.setup))
    default:
      KM003CModel(
        KM003CModel.transfers(csv: try String(contentsOfFile: device, encoding: .utf8)), order: .byAttribute)
    }
  }

  private static func hotPlug() throws {
    guard ofc_world_make() != 0 else { return complain("must be run by umockdev-wrapper") }
    let context = try USBContext()
    let watch = try context.watch()
    for _ in 0..<2 {
      _ = unsafe ofc_world_add(description(KM003CModel([]).descriptors))
      tell(watch)
      unsafe ofc_world_remove(place)
      tell(watch)
    }
  }

  private static func tell(_ watch: USBPlugWatch) {
    switch watch.events.take(until: .max).items.first {
    case .arrived(let info): print("arrived \(info.identity) at \(info.place): \(info.product ?? "?")")
    case .left(let identity, let place): print("left \(identity) at \(place)")
    case nil: print("nothing")
    }
  }

  private static func complain(_ text: String) {
    FileHandle.standardError.write(Data("usb-world: \(text)\n".utf8))
    exit(64)
  }

  static let place = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1"

  private static func description(_ descriptors: USBModelDescriptors) -> String {
    let texts = zip(["manufacturer", "product", "serial"], descriptors.strings)
      .map { "A: \($0)=\($1)\\n\n" }.joined()
    let bytes = (descriptors.device + descriptors.configuration).map { String(format: "%02X", $0) }.joined()
    return """
      P: /devices/pci0000:00/0000:00:14.0/usb1/1-1
      N: bus/usb/001/002=\(bytes)
      E: DEVNAME=/dev/bus/usb/001/002
      E: DEVTYPE=usb_device
      E: SUBSYSTEM=usb
      E: BUSNUM=001
      E: DEVNUM=002
      E: MAJOR=189
      E: MINOR=1
      A: busnum=1\\n
      A: devnum=2\\n
      A: speed=\(descriptors.isHighSpeed ? 480 : 12)\\n
      A: bConfigurationValue=1\\n
      \(texts)H: descriptors=\(bytes)

      """
  }
}

/// The model behind a lock, and when it is unplugged.
private final class Player: @unchecked Sendable {
  private let lock = ThreadLock()
  private var model: any USBDeviceModel
  private var left: Int?

  init(_ model: any USBDeviceModel, limit: Int?) {
    self.model = model
    left = limit
  }

  func transfer(_ endpoint: UInt8, _ bytes: [UInt8], capacity: Int) -> (USBModelAnswer, isUnplugged: Bool) {
    lock.with {
      if let count = left {
        left = count - 1
        if count <= 0 { return (.stall, true) }
      }
      if endpoint & 0x80 != 0 { return (model.send(from: endpoint, capacity: capacity), false) }
      return (model.receive(bytes, at: endpoint), false)
    }
  }

  var descriptors: USBModelDescriptors { lock.with { model.descriptors } }

  /// A class or vendor request.
  /// - Parameter bytes: the set-up stage, and the data towards the device behind it.
  func request(_ bytes: [UInt8]) -> (USBModelAnswer, isIn: Bool) {
    let setUp = USBModelSetUp(bytes)
    let isIn = setUp.requestType & 0x80 != 0
    return (lock.with { model.control(setUp, isIn ? [] : Array(bytes.dropFirst(8))) }, isIn)
  }
}

private let answer: ofc_world_transfer = { context, endpoint, buffer, length in
  guard let context = unsafe context else { return -ENODEV }
  let player = unsafe Unmanaged<Player>.fromOpaque(context).takeUnretainedValue()
  let bytes =
    endpoint & 0x80 == 0 ? unsafe [UInt8](UnsafeBufferPointer(start: buffer, count: Int(length))) : []
  guard endpoint != 0 else {
    // Standard requests: the strings stand in sysfs, nothing else is asked.
    guard bytes.count >= 8, bytes[0] & 0x60 != 0 else { return -EPIPE }
    let (answer, isIn) = player.request(bytes)
    guard case .done(let sent) = answer else { return -EPIPE }
    for (index, byte) in sent.prefix(Int(length) - 8).enumerated() { unsafe buffer?[8 + index] = byte }
    return isIn ? Int32(min(sent.count, Int(length) - 8)) : length - 8
  }
  let (answer, isUnplugged) = player.transfer(endpoint, bytes, capacity: Int(length))
  if isUnplugged { return -ESHUTDOWN }
  switch answer {
  case .done(let sent):
    for (index, byte) in sent.prefix(Int(length)).enumerated() { unsafe buffer?[index] = byte }
    return endpoint & 0x80 != 0 ? Int32(min(sent.count, Int(length))) : length
  case .notYet: return -EAGAIN
  case .stall: return -EPIPE
  }
}
