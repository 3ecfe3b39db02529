public import HardwarePorts
public import Quantities

/// The time of a bench, in which the calls of a bus pass.
public struct BenchClock: PortClock {
  private let bench: ChipBench

  public init(_ bench: ChipBench) { self.bench = bench }

  public var now: Instant { bench.now }
}
