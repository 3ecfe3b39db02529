import AllocationCounter
import Foundation

/// A measured rate: the median of several runs, with the allocations of one.
struct Measurement {
  var rate: Double
  var best: Double
  var allocationsPerItem: Double

  /// Runs `body` several times; it does its work and returns how many items it worked on.
  static func run(rounds: Int = 7, _ body: () -> Int) -> Measurement {
    _ = body()
    var rates: [Double] = []
    var allocations = 0.0
    for _ in 0..<rounds {
      let before = ofc_allocation_count()
      let start = clock()
      let items = body()
      let seconds = clock() - start
      allocations = Double(ofc_allocation_count() - before) / Double(items)
      rates.append(Double(items) / seconds)
    }
    rates.sort()
    return Measurement(
      rate: rates[rates.count / 2], best: rates[rates.count - 1], allocationsPerItem: allocations)
  }

  /// Seconds of a clock that only goes forward.
  static func clock() -> Double {
    Double(DispatchTime.now().uptimeNanoseconds) / 1e9
  }

  /// `rate` with a unit that suits it: `31.2 M`, `512 k`, `1.20 G`.
  static func text(_ rate: Double) -> String {
    switch rate {
    case 1e9...: String(format: "%.2f G", rate / 1e9)
    case 1e6...: String(format: "%.1f M", rate / 1e6)
    case 1e3...: String(format: "%.0f k", rate / 1e3)
    default: String(format: "%.1f ", rate)
    }
  }
}
