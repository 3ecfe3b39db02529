import ChargerSettings
import HardwareAccess
import PortControllers
import Quantities
import RegisterBus

/// Makes the thread of a port of chips, with the driver of its controller.
struct HardwareThread<Clock: PaceClock> {
  let settings: PortSettings
  let hardware: HardwareSettings
  let power: Milliwatts
  let digests: DigestExchange
  let pacer: Pacer
  let clock: Clock

  init(
    _ settings: PortSettings, _ hardware: HardwareSettings, power: Milliwatts, digests: DigestExchange,
    pacer: Pacer, clock: Clock
  ) {
    self.settings = settings
    self.hardware = hardware
    self.power = power
    self.digests = digests
    self.pacer = pacer
    self.clock = clock
  }

  func start(_ bus: PortBus, _ outlets: PortThread.Outlets) -> PortThread {
    switch hardware.controller {
    case .fusb302: start(bus, outlets) { FUSB302(bus: $0, options: FUSB302Options($1)) }
    case .tcpci: start(bus, outlets) { TCPCI(bus: $0, options: TCPCIOptions($1)) }
    }
  }

  private func start<Controller: PortController>(
    _ bus: PortBus, _ outlets: PortThread.Outlets,
    _ makeController: @escaping (PortBus, HardwareSettings) -> Controller
  ) -> PortThread {
    let driver = HardwarePortDriver(
      settings, hardware, power: power, bus: bus, clock: DriverClock(clock: clock, pacer: pacer),
      digests: digests, makeController: makeController)
    return PortThread(driver, pacer: pacer, clock: clock, outlets: outlets)
  }
}
