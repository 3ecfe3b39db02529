import PowerSupervision
import PowerDelivery
import Quantities

// Built-in self test (USB-PD R3.2 §6.4.3, §8.3.3.27): only at vSafe5V, for testers.

extension PortEngine {
  mutating func receivedBIST(_ message: ShortMessage) {
    // Elsewhere, and for a mode that the port does not have, a BIST message is acknowledged and ignored.
    guard contract?.voltage == Millivolts(5_000), hasExplicitContract else { return }
    switch BISTDataObject(rawValue: message.object(0)).mode {
    case .carrierMode:
      step(to: .bistCarrierMode)
      actions.append(.notify(.bistStarted))
      actions.append(.startBISTCarrier)
      startTimer(.bistContMode, Timing.bistContMode)
    case .testData:
      step(to: .bistTestMode)
      actions.append(.notify(.bistStarted))
    default: break
    }
  }

  /// BISTContModeTimer: the carrier ends, and the port goes to its defaults.
  mutating func bistCarrierEnded() {
    guard state == .bistCarrierMode else { return }
    actions.append(.stopBISTCarrier)
    actions.append(.notify(.bistEnded))
    if powerRole == .source {
      protocolLayer.isResetting = true
      hasExplicitContract = false
      srcTransitionToDefault()
    } else {
      hasExplicitContract = false
      snkTransitionToDefault()
    }
  }

  /// Tester: asks the partner for a test.
  mutating func sendBIST() {
    step(to: .vdmVendorMessage)
    send(.bist, requests.bist.rawValue, startsAMS: true)
  }
}
