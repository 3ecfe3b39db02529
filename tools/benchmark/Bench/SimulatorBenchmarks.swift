import Quantities
import Simulator

/// Handshakes in the simulated world: both engines, wire, VBUS, supervisor, cable and referee.
enum SimulatorBenchmarks {
  static func configuration(_ charger: ChargerModel.Kind, _ phone: PhoneModel) -> LinkConfiguration {
    LinkConfiguration(
      charger: ChargerModel(charger, power: Milliwatts(charger == .epr ? 140_000 : 45_000)).setup,
      phone: phone.setup, cable: Cable(.epr))
  }

  /// From attach to the explicit contract, each run with another seed.
  static func handshakes(_ charger: ChargerModel.Kind, _ phone: PhoneModel) -> Measurement {
    var run = HandshakeRun(configuration(charger, phone))
    var seed: UInt64 = 0
    return Measurement.run(rounds: 5) {
      var reached = 0
      for _ in 0..<20_000 {
        seed += 1
        if run.handshake(seed: seed) != nil { reached += 1 }
      }
      return reached
    }
  }

  /// Whole runs with faults, random events and the proof that a contract comes back.
  static func seeds(_ charger: ChargerModel.Kind, _ phone: PhoneModel) -> Measurement {
    var run = HandshakeRun(configuration(charger, phone))
    var seed: UInt64 = 0
    return Measurement.run(rounds: 3) {
      for _ in 0..<2_000 {
        seed += 1
        _ = run.run(seed: seed)
      }
      return 2_000
    }
  }
}
