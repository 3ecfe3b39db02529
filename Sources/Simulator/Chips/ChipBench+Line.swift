import LineCode
import PortEngine
import PowerDelivery
import Quantities

// The CC wire between the two chips: who hears whom, and which voltages stand on the pins.

extension ChipBench {
  /// 300 kbit/s.
  static var bitsPerSecond: Int64 { 300_000 }

  func begin(_ transmission: ChipTransmission, from side: Side) {
    let duration = Nanoseconds(
      Int64(transmission.signal.bitCount) * 1_000_000_000 / ChipBench.bitsPerSecond)
    let collides = active[side.other.index] != nil
    if collides { active[side.other.index]?.isDamaged = true }
    active[side.index] = Active(
      signal: transmission.signal, pin: transmission.pin, start: now, end: now + duration,
      isDamaged: collides)
  }

  func end(_ ended: Active, from side: Side) {
    active[side.index] = nil
    var isSound = !ended.isDamaged
    if case .packet = ended.signal {
      if damagedPackets.contains(packetCount) { isSound = false }
      packetCount += 1
    }
    log.append(LogEntry(end: now, sender: side, signal: ended.signal, isSound: isSound))
    chips[side.index].transmissionEnded(at: now)
    let other = side.other
    guard isPlugged, ended.pin == pin(of: side), chips[other.index].measuredPin == pin(of: other) else {
      return
    }
    chips[other.index].hear(ended.signal, isSound: isSound, at: now)
  }

  /// Forgets what was on the line.
  func forget() { log.removeAll(keepingCapacity: true) }

  /// Shows all chips the line, their pins and VBUS as they are now.
  func settle() {
    for side in Side.both {
      if let active = active[side.index], active.signal == .carrier, chips[side.index].wantsToStopCarrier {
        self.active[side.index]?.end = now
      }
      let other = side.other
      let isHeard =
        isPlugged && active[other.index]?.pin == pin(of: other)
        && chips[side.index].measuredPin == pin(of: side)
      chips[side.index].setLine(busy: active[other.index] != nil && isHeard)
      chips[side.index].setPins(voltage(on: .cc1, of: side), voltage(on: .cc2, of: side), at: now)
      chips[side.index].setVBUS(vbus(at: side), at: now)
    }
  }

  private func voltage(on pin: CCPin, of side: Side) -> Millivolts {
    let own = chips[side.index].termination(of: pin)
    var far = PinTermination.open
    if isPlugged, pin == self.pin(of: side) {
      far = chips[side.other.index].termination(of: self.pin(of: side.other))
    }
    let isRa = hasMarker && side == .charger && pin != chargerPin
    switch (own, far) {
    case (.rp(let current), .rd): return current.drop(over: 5_100)
    case (.rd, .rp(let current)): return current.drop(over: 5_100)
    case (.rp(let current), .open) where isRa: return current.drop(over: 1_000)
    case (.rp, _), (.open, .rp): return Millivolts(3_300)
    case (.vconn, _): return Millivolts(5_000)
    case (.rd, _), (.open, _): return .zero
    }
  }
}

extension RpCurrent {
  /// The voltage of the current source over a resistor of so many ohms.
  fileprivate func drop(over ohms: Int32) -> Millivolts {
    let microamperes: Int32 =
      switch self {
      case .usbDefault: 80
      case .current1500: 180
      case .current3000: 330
      }
    return Millivolts(microamperes * ohms / 1_000)
  }
}
