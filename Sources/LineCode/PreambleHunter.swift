/// Looks for the rhythm of the preamble, long short short, in the pulses of an idle or lost line.
///
/// Twelve pulses hold eight bits. Sums of every third pulse tell which of three phases it is, whatever the
/// thresholds do; distances of six pulses are four unit intervals, whatever the level; high minus low
/// pulses are twelve times the skew. Then every edge has to stand where this says.
struct PreambleHunter {
  /// What is known where the rhythm was found.
  struct Lock {
    var clock: BitClock
    /// The last whole bit of the preamble.
    var lastBit: Bool
    /// From the first edge of the preamble to the last edge, in ticks.
    var age: UInt64
    /// From the last cell boundary to the last edge, in ticks.
    var sinceBoundary: UInt64
    /// Bits of the rhythm, as far as it is in order.
    var bits: UInt32
  }

  private var pulses = InlineArray<16, Int32>(repeating: 0)
  /// Where the next pulse goes.
  private var next = 0
  /// Pulses since the line was idle.
  private(set) var count: UInt32 = 0
  /// From the edge after the line was idle to the last edge, in ticks.
  private(set) var active: UInt64 = 0
  /// The length of the first of these pulses, in ticks.
  private var first: UInt64 = 0
  /// How many pulses in a row completed the rhythm.
  private(set) var streak: UInt32 = 0
  /// From where the rhythm began to the last edge, in ticks; means something while `streak` is not 0.
  private var rhythmAge: UInt64 = 0

  private let shortestUnit: Int32
  private let longestUnit: Int32

  /// `shortest` and `longest` bound the unit interval, in whole ticks.
  init(shortest: Int32, longest: Int32) {
    shortestUnit = shortest
    longestUnit = longest
  }

  /// Pulses from here on belong to a new transmission.
  mutating func restart() {
    count = 0
    active = 0
    streak = 0
  }

  /// Counts fits from here on only.
  mutating func breakRhythm() { streak = 0 }

  /// Forgets the last pulse, of `ticks`, because it was cut by a glitch.
  mutating func takeBack(_ ticks: Int32) {
    guard count > 0 else { return }
    count &-= 1
    next = (next &- 1) & 15
    active &-= UInt64(truncatingIfNeeded: ticks)
    guard streak > 0 else { return }
    streak &-= 1
    rhythmAge &-= UInt64(truncatingIfNeeded: ticks)
  }

  /// Takes a pulse in ticks; `endsHigh` tells whether the line was high during it.
  ///
  /// A pulse of 10 µs or more, three bits at 300 kbit/s, is idle time.
  mutating func take(_ pulse: Int32, endsHigh: Bool) -> Lock? {
    guard pulse < longestUnit &* 9 / 5 else {
      restart()
      return nil
    }
    if count == 0 { first = UInt64(truncatingIfNeeded: pulse) }
    pulses[next] = pulse
    next = (next &+ 1) & 15
    if count < .max { count &+= 1 }
    active &+= UInt64(truncatingIfNeeded: pulse)
    guard count >= 12, var lock = fit(endsHigh: endsHigh) else {
      streak = 0
      return nil
    }
    rhythmAge = streak == 0 ? lock.age : rhythmAge &+ UInt64(truncatingIfNeeded: pulse)
    if streak < .max { streak &+= 1 }
    lock.age = age(unit: lock.clock.unit)
    lock.bits = min(streak &+ 11, 1 &<< 30) &* 2 / 3
    return lock
  }

  /// The pulse `back` pulses ago, 0 being the last one.
  private func pulse(_ back: Int) -> Int32 { pulses[(next &- 1 &- back) & 15] }

  private func fit(endsHigh: Bool) -> Lock? {
    var total: Int32 = 0
    var thirds = InlineArray<3, Int32>(repeating: 0)
    var skewSum: Int32 = 0
    var third = 0
    for index in 0..<12 {
      let pulse = pulse(11 &- index)
      total &+= pulse
      thirds[third] &+= pulse
      third = third == 2 ? 0 : third &+ 1
      skewSum &+= (index & 1 == 1) == endsHigh ? pulse : 0 &- pulse
    }
    guard total >= shortestUnit &* 8, total <= longestUnit &* 8 &+ longestUnit else { return nil }
    // Every third pulse is a long one: half the time is in one phase, a quarter in each of the others.
    var long = thirds[0] >= thirds[1] ? 0 : 1
    if thirds[2] > thirds[long] { long = 2 }
    for phase in 0..<3 {
      let share = thirds[phase] &* 16
      guard share >= (phase == long ? total &* 6 : total &* 2),
        share <= (phase == long ? total &* 10 : total &* 6)
      else { return nil }
    }
    return place(long: long, skewSum: skewSum, endsHigh: endsHigh)
  }

  /// Measures unit interval, skew and phase, and checks every edge against them.
  private func place(long: Int, skewSum: Int32, endsHigh: Bool) -> Lock? {
    // Thirteen edges make seven distances of six pulses, together 28 unit intervals.
    var distances: Int32 = 0
    for index in 0..<12 {
      let weight = Int32(truncatingIfNeeded: min(index &+ 1, 12 &- index))
      distances &+= pulse(11 &- index) &* weight
    }
    let unit = (distances &<< (BitClock.fractionBits &- 2)) / 7
    let skew = fixed(skewSum) / 24
    guard unit >= fixed(shortestUnit), unit <= fixed(longestUnit), abs(skew) <= unit / 5
    else { return nil }

    var errors = InlineArray<12, Int32>(repeating: 0)
    var seen: Int32 = 0
    var expected: Int32 = 0
    var sum: Int32 = 0
    for index in 0..<12 {
      seen &+= fixed(pulse(11 &- index))
      expected &+= index % 3 == long ? unit : unit / 2
      let isFalling = (index & 1 == 1) == endsHigh
      errors[index] = seen &- expected &+ (isFalling ? 0 &- skew : skew)
      sum &+= errors[index]
    }
    let mean = sum / 12
    var unsteadiness: Int32 = 0
    for index in 0..<12 {
      let error = abs(errors[index] &- mean)
      guard error <= unit &* 6 / 25 else { return nil }
      unsteadiness &+= error
    }
    let isPastMiddle = long == 1
    let elapsed = seen &- expected &- mean &+ (isPastMiddle ? unit / 2 : 0)
    let clock = BitClock(
      elapsed: elapsed, unit: unit, skew: skew, unsteadiness: unsteadiness / 12, isPastMiddle: isPastMiddle,
      units: fixed(shortestUnit)...fixed(longestUnit))
    return Lock(
      clock: clock, lastBit: long == 0, age: rhythmAge(long: long, unit: unit),
      sinceBoundary: isPastMiddle ? UInt64(truncatingIfNeeded: pulse(0)) : 0, bits: 0)
  }

  /// How far back the preamble began, in ticks: at the first edge after idle if the pulses since then keep
  /// the rhythm on the whole, else where the rhythm began. The first pulse counts if it is at most three
  /// bits long: the sender's driver may have come on early, or late in it.
  private func age(unit: Int32) -> UInt64 {
    guard count <= 112 else { return rhythmAge }
    let rest = active &- first
    let rhythm = Int64(count &- 1) &* Int64(unit) &* 2 / 3
    guard abs(fixed64(rest) &- rhythm) <= Int64(unit) &* 4 / 5 else { return rhythmAge }
    return fixed64(first) <= Int64(unit) &* 3 ? active : rest
  }

  /// As far back from the last edge as single pulses can belong to the rhythm, at most sixteen, in ticks.
  private func rhythmAge(long: Int, unit: Int32) -> UInt64 {
    var age: UInt64 = 0
    var back = 0
    while back < 16, back < Int(truncatingIfNeeded: count) {
      let pulse = pulse(back)
      if back >= 12 {
        let expected = (11 &- back &- long) % 3 == 0 ? unit : unit / 2
        guard fixed(pulse) <= expected &+ unit / 3, fixed(pulse) >= unit / 6 else { break }
      }
      age &+= UInt64(truncatingIfNeeded: pulse)
      back &+= 1
    }
    return age
  }

  private func fixed(_ ticks: Int32) -> Int32 { ticks &<< BitClock.fractionBits }
  private func fixed64(_ ticks: UInt64) -> Int64 { Int64(truncatingIfNeeded: ticks) &<< 12 }
}
