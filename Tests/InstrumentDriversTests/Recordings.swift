import Foundation
import InstrumentDrivers
import Quantities
import Simulator
import TestSupport
import USBSupport

/// Recorded USB traffic of a KM003C.
enum Recording {
  /// The transfers of `Tests/Captures/km003c/NAME.csv`.
  static func transfers(_ name: String) throws -> [KM003CModel.Transfer] {
    let text = String(decoding: try ProjectFiles.bytes("Tests/Captures/km003c/\(name).csv"), as: UTF8.self)
    return KM003CModel.transfers(csv: text)
  }

  static func path(_ name: String) -> String { ProjectFiles.url("Tests/Captures/km003c/\(name).csv").path }
}

/// The clock of the recording that a model plays, without any waiting; ends when `isFinished`.
struct ReplayPace: InstrumentPace {
  let plugged: PluggedDevice<KM003CModel>
  var isFinished: @Sendable (KM003CModel) -> Bool = { $0.isFinished }

  func now() -> Nanoseconds { plugged.model.clock }
  func wait(until time: Nanoseconds) -> Bool { !isFinished(plugged.model) }
}
