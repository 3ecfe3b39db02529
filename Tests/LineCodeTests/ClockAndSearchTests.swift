@testable import LineCode
import Testing

/// The two parts whose faults a whole decoder mostly hides.
@Suite struct ClockAndSearchTests {
  /// High pulses 0.3 UI longer than low ones: a falling edge 0.77 UI behind the boundary is still the
  /// middle, a rising one at 0.73 UI is the end of the cell.
  @Test func skewIsTakenOff() {
    let unit: Int32 = 100 << 12
    func clock() -> BitClock {
      BitClock(
        elapsed: 0, unit: unit, skew: unit * 15 / 100, unsteadiness: 0, isPastMiddle: false,
        units: (unit / 2)...(unit * 2))
    }
    var falling = clock()
    #expect(falling.take(unit * 77 / 100, endsHigh: true) == .middle)
    var rising = clock()
    #expect(rising.take(unit * 73 / 100, endsHigh: false) == .zero)
  }

  /// A single change is found wherever it stands, and changes on other lines are not.
  @Test(arguments: 1...8) func everyChangeIsFound(_ unitSize: Int) {
    let count = 200
    let line: UInt64 = 1 << UInt64(unitSize * 8 - 2)
    var wrong: [Int] = []
    for place in 0...count {
      var bytes: [UInt8] = []
      for index in 0..<count {
        let value = UInt64(truncatingIfNeeded: index &* 0x9E37) & ~line | (index >= place ? line : 0)
        for byte in 0..<unitSize { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * byte))) }
      }
      let search = SampleSearch(unitSize: unitSize, mask: line)
      unsafe bytes.withUnsafeBytes { raw in
        guard let base = raw.baseAddress else { return }
        if unsafe search.next(base, base + raw.count) - base != place * unitSize { wrong.append(place) }
      }
    }
    #expect(wrong == [])
  }
}
