import ArgumentParser
import Bridges
import InstrumentDrivers
import Trace
import USBTransport

/// `ofc devices`: what is plugged in.
struct Devices: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the instruments and bridges that are plugged in: what each can do, and what blocks it.",
    discussion: """
      The first column names a device for --device. Devices that ofc does not know are left out but with --all. --scan
      asks the bus behind each bridge which chips answer; it reads identification registers and writes nothing.

      examples
        ofc devices
        ofc devices --scan
        ofc devices --all --json
      """)

  @Flag(help: "One JSON object a line instead of text.") var json = false
  @Flag(help: "Also devices that ofc does not know.") var all = false
  @Flag(help: "Also the chips behind the bridges.") var scan = false

  func run() throws {
    let found: [USBDeviceInfo]
    do {
      found = try USBContext().devices().filter { all || KnownDevice($0) != nil }
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.deviceFailed
    }
    var output = Output()
    for info in found {
      let chips = scan ? BusScan(info) : nil
      output.line(json ? Self.json(info, chips) : Self.text(info, chips))
      output.flush()
    }
    if found.isEmpty, !json {
      let names = KnownDevice.allCases.map(\.rawValue).joined(separator: ", ")
      output.line("No device that ofc knows is plugged in. It knows \(names).")
    }
    output.flush()
  }

  private static func text(_ info: USBDeviceInfo, _ chips: BusScan?) -> String {
    let known = KnownDevice(info)
    var lines = [
      "\(pad("\(info.place)", 10))\(info.identity)  \(pad(known?.rawValue ?? info.product ?? "?", 18))"
        + (known?.abilities.words.joined(separator: ", ") ?? "not known to ofc")
    ]
    if known != nil {
      lines += notes(info).map { "          \($0)" }
      if isReady(info) {
        lines.append("          ready\(uses(info).map { ": \($0)" } ?? "")")
      }
      if let kind = BridgeKind(info.identity), !kind.traits.isFitForPortController {
        lines.append("          not for port controllers: \(kind.traits.reason)")
      }
      lines += (chips?.words ?? []).map { "          \($0)" }
    }
    return lines.joined(separator: "\n")
  }

  /// The commands that use a device; `nil` for none.
  private static func uses(_ info: USBDeviceInfo) -> String? {
    if let kind = BridgeKind(info.identity), let word = kind.word {
      return kind.traits.isFitForPortController ? "ofc sink --port fusb302@\(word)=\(info.place)" : nil
    }
    guard let known = KnownDevice(info) else { return nil }
    let commands = (known.listens ? ["sniff"] : []) + (known.measures ? ["meter"] : [])
    return commands.isEmpty
      ? nil : commands.map { "ofc \($0) --device \(info.place)" }.joined(separator: ", ")
  }

  private static func json(_ info: USBDeviceInfo, _ chips: BusScan?) -> String {
    var json = JSONText()
    let known = KnownDevice(info)
    json.object {
      $0.field("type", "device" as StaticString)
      $0.field("device", "\(info.place)")
      $0.field("usb", "\(info.identity)")
      $0.field("model", known?.rawValue)
      $0.field("product", info.product)
      $0.field("serial", info.serialNumber)
      $0.field("speed", info.speed.rawValue)
      if let known { $0.field("can", known.abilities.words.joined(separator: ", ")) }
      if let traits = BridgeKind(info.identity)?.traits {
        $0.field("fit_for_port_controllers", traits.isFitForPortController)
        $0.field("because", traits.reason)
      }
      if let chips { $0.field("chips", chips.words.joined(separator: ", ")) }
      $0.field("may_be_opened", info.mayBeOpened ?? true)
      $0.field("ready", known != nil && isReady(info))
      if info.mayBeOpened == false { $0.field("udev_rule", UdevRule.line(info.identity)) }
      let drivers = Self.drivers(info)
      if !drivers.isEmpty { $0.field("kernel_drivers", drivers.joined(separator: ", ")) }
    }
    return json.text
  }

  private static func isReady(_ info: USBDeviceInfo) -> Bool { info.mayBeOpened != false }

  private static func drivers(_ info: USBDeviceInfo) -> [String] {
    info.interfaces.compactMap(\.driver).filter { $0 != "usbfs" }
  }

  /// What stands in the way, and what will happen to what stands in the way.
  private static func notes(_ info: USBDeviceInfo) -> [String] {
    var notes: [String] = []
    if info.mayBeOpened == false {
      notes.append("blocked: this user may not open \(info.place.node)")
      notes.append("put this line into \(UdevRule.file), then run")
      notes.append("`sudo udevadm control --reload && sudo udevadm trigger` and plug the device in again:")
      notes.append("  \(UdevRule.line(info.identity))")
    }
    if info.interfaces.contains(where: { $0.driver == "usbfs" }) {
      notes.append("in use by another program")
    }
    for driver in drivers(info) {
      notes.append("the kernel driver \(driver) holds an interface; it steps aside while ofc uses that")
    }
    return notes
  }
}

/// Fills up with spaces.
private func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(2, width - text.count))
}
