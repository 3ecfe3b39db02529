import PortEngine
import PowerDelivery
import Quantities

// What the comparators are compared with, and what they say.

extension RpCurrent {
  var hostCurrent: FUSB302HostCurrent {
    switch self {
    case .usbDefault: .usbDefault
    case .current1500: .current1500
    case .current3000: .current3000
    }
  }

  /// MDAC between Rd and an open pin: 1.6 V, at 3 A 2.6 V.
  var openThreshold: UInt8 { self == .current3000 ? 0x3E : 0x26 }

  /// MDAC between Ra and Rd: 0.2, 0.4 and 0.8 V.
  var rdThreshold: UInt8 {
    switch self {
    case .usbDefault: 0x05
    case .current1500: 0x0A
    case .current3000: 0x13
    }
  }
}

extension FUSB302BatteryLevel {
  /// What a sink sees.
  var sinkLevel: CCLevel {
    switch self {
    case .below660mV: .rpDefault
    case .below1230mV: .rp1500
    case .above1230mV: .rp3000
    default: .open
    }
  }
}

extension FUSB302Measure {
  /// VBUS against so many millivolts, rounded down to steps of 420 mV.
  init(vbus threshold: Millivolts) {
    self.init(rawValue: 0)
    measuresVBUS = true
    self.threshold = UInt8(clamping: min(63, max(0, threshold.rawValue / 420 &- 1)))
  }

  /// A CC pin against a code.
  init(pin code: UInt8) {
    self.init(rawValue: 0)
    threshold = code
  }
}

/// The times of the chip.
enum FUSB302Timing {
  /// After SW_RES nothing is asked for so long.
  static var reset: Nanoseconds { Nanoseconds(5_000_000) }
  /// Comparators settle in 250 µs on a pin and 350 µs on VBUS, counted from the end of a call of the bus, of which only
  /// the beginning is known here.
  static var settle: Nanoseconds { Nanoseconds(1_000_000) }
  /// tErrorRecovery: the partner sees open pins and takes the connection for ended.
  static var openPins: Nanoseconds { Timing.errorRecoverySourcingVCONN.minimum ?? Nanoseconds(240_000_000) }
  /// How long a packet may be under way: four times a frame and its wait for GoodCRC, and a busy line before it.
  static var transmission: Nanoseconds { Nanoseconds(20_000_000) }
  /// The first and the longest wait before a chip that failed is tried again.
  static var shortestRetry: Nanoseconds { Nanoseconds(10_000_000) }
  static var longestRetry: Nanoseconds { Nanoseconds(1_000_000_000) }
  /// The window in which interrupts are counted, and how long a storm is kept out.
  static var stormWindow: Nanoseconds { Nanoseconds(50_000_000) }
  static var stormQuiet: Nanoseconds { Nanoseconds(50_000_000) }
  /// How often VBUS is measured by MDAC during a contract below the range of VBUSOK.
  static var lowVBUSPoll: Nanoseconds { Nanoseconds(50_000_000) }
}
