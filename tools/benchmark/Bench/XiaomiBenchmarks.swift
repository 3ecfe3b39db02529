import PowerSupervision
import Quantities
import Simulator
import XiaomiCharge
import XiaomiKeys

/// The whole of Xiaomi's dialogue in the simulated world.
enum XiaomiBenchmarks {
  /// From attach over the first contract and the dialogue to the contract of 120 W.
  static func dialogues() -> Measurement {
    let keys = SyntheticKeys.right
    var link = Link(
      .xiaomi(.watts120, keys: .provider(keys), phone: XiaomiPhoneProfile(), phoneKeys: keys), seed: 0)
    var seed: UInt64 = 0
    return Measurement.run(rounds: 5) {
      var reached = 0
      for _ in 0..<5_000 {
        seed += 1
        link.restart(seed: seed)
        link.perform(.plugIn)
        while link.ports[1].engine.contract?.supply != .sprPPS {
          guard link.step(), link.now < Instant(nanoseconds: 1_000_000_000) else { break }
        }
        if link.ports[1].engine.contract?.supply == .sprPPS { reached += 1 }
      }
      return reached
    }
  }
}
