public import Quantities

/// The one source of chance in a simulated world: xoshiro256** (Blackman, Vigna), its state filled by SplitMix64.
///
/// The same seed gives the same sequence on every machine and in every build.
public struct SeededRandom: RandomNumberGenerator, Equatable, Sendable {
  private var s0: UInt64
  private var s1: UInt64
  private var s2: UInt64
  private var s3: UInt64

  public init(seed: UInt64) {
    var state = seed
    s0 = SeededRandom.splitMix(&state)
    s1 = SeededRandom.splitMix(&state)
    s2 = SeededRandom.splitMix(&state)
    s3 = SeededRandom.splitMix(&state)
  }

  private static func splitMix(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word &>> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word &>> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word &>> 31
  }

  public mutating func next() -> UInt64 {
    let product = s1 &* 5
    let result = (product &<< 7 | product &>> 57) &* 9
    let shifted = s1 &<< 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = s3 &<< 45 | s3 &>> 19
    return result
  }

  /// A number from 0 to `bound` − 1; 0 for a bound below 2.
  public mutating func below(_ bound: Int) -> Int {
    guard bound > 1 else { return 0 }
    return Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A number from `range`, both ends included.
  public mutating func number(in range: ClosedRange<Int>) -> Int {
    range.lowerBound &+ below(range.upperBound &- range.lowerBound &+ 1)
  }

  /// A span between two others, both included.
  public mutating func span(from least: Nanoseconds, to most: Nanoseconds) -> Nanoseconds {
    guard most > least else { return least }
    return least + Nanoseconds(Int64(below(Int((most - least).rawValue) &+ 1)))
  }

  /// True so many times in a thousand. Nothing is drawn where the answer is certain, so that a fault that is switched
  /// off leaves the sequence as it is.
  public mutating func chance(_ perMille: PerMille) -> Bool {
    guard perMille.rawValue > 0 else { return false }
    guard perMille.rawValue < 1000 else { return true }
    return below(1000) < Int(perMille.rawValue)
  }
}

/// A probability in thousandths, 0 to 1000.
public struct PerMille: Quantity {
  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int32) { rawValue = count }
}
