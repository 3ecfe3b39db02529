public import Bridges
public import ChargerSettings
import Quantities
import RegisterBus
import USBTransport

/// The bus of a port of chips: shared by controller and stage, and found again when its device returns.
public typealias PortBus = SharedBus<ReopeningBus<OpenBridge>>

/// The buses of the ports of a charger, opened before anything runs, so that what is missing is said at once.
public struct HardwareBay {
  /// Why a port's chips cannot be reached.
  public struct Failure: Error, CustomStringConvertible {
    public var port: String
    public var problem: BridgeError
    public var description: String { "\(port): \(problem)" }
  }

  public typealias Opening = @Sendable (BridgeSelection) throws(BridgeError) -> OpenBridge

  private let open: Opening
  private var opened: [String: OpenBridge] = [:]

  /// - Parameter open: opens a bridge; a device of this machine unless something else is wanted.
  public init(open: @escaping Opening = HardwareBay.openDevice) { self.open = open }

  /// A bridge of this machine, with a context of its own for the port's thread.
  @Sendable public static func openDevice(_ selection: BridgeSelection) throws(BridgeError) -> OpenBridge {
    let context: USBContext
    do throws(USBError) {
      context = try USBContext()
    } catch {
      throw BridgeError(.usb(error))
    }
    return try selection.open(context)
  }

  /// The only bridge of this machine that is fit for a port controller, with a FUSB302 behind it.
  /// - Throws: what is there instead.
  public static func onlyBridge() throws(BridgeError) -> HardwareSettings {
    let devices: [USBDeviceInfo]
    do throws(USBError) {
      devices = try USBContext().devices()
    } catch {
      throw BridgeError(.usb(error))
    }
    let found = BridgeSelection.list(devices).map(\.selection).filter {
      $0.kind.traits.isFitForPortController
    }
    guard let first = found.first else { throw BridgeError(.notPlugged(.ft232h, unit: nil, instead: [])) }
    guard found.count == 1 else { throw BridgeError(.ambiguous(first.kind, found.map(\.description))) }
    return HardwareSettings(.fusb302, behind: first)
  }

  /// Opens the bridges of all ports that have chips.
  /// - Throws: `Failure` of the first that cannot be opened.
  public mutating func open(_ settings: ChargerSettings) throws(Failure) {
    for port in settings.ports {
      guard let hardware = port.hardware, opened[port.name] == nil else { continue }
      do throws(BridgeError) {
        opened[port.name] = try open(hardware.bridge)
      } catch {
        throw Failure(port: port.name, problem: error)
      }
    }
  }

  /// The bus of a port for its thread. One that was not opened before is opened by its first call.
  public mutating func take(_ hardware: HardwareSettings, of port: String) -> PortBus {
    let open = open
    let bridge = opened.removeValue(forKey: port)
    let selection = bridge?.selection ?? hardware.bridge
    return SharedBus(ReopeningBus(bridge) { () throws(BridgeError) in try open(selection) })
  }

  /// The chips of a port, their bridge named by what is opened: the same unit is meant whatever is plugged in later.
  /// `nil` for a port without.
  public func pinned(_ port: PortSettings) -> HardwareSettings? {
    guard var hardware = port.hardware else { return nil }
    if let bridge = opened[port.name] { hardware.bridge = bridge.selection }
    return hardware
  }
}

extension SharedBus where Bus == ReopeningBus<OpenBridge> {
  /// Whether the interrupt line that hangs on the bridge is low; false where nobody can see it.
  public func interruptIsLow() -> Bool {
    do throws(RegisterBusError) {
      return try bus.use { (bridge: inout OpenBridge) throws(RegisterBusError) in try bridge.interruptIsLow()
      }
        ?? false
    } catch {
      return false
    }
  }
}
