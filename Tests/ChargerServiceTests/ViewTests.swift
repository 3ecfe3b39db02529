import ChargerService
import ChargerSettings
import Foundation
import Quantities
import Synchronization
import Testing

/// What the views write of a port that has negotiated.
@Suite struct ViewTests {
  /// Takes what a view writes.
  private final class Paper: Sendable {
    private let pieces = Mutex<[String]>([])
    func write(_ text: String) { pieces.withLock { $0.append(text) } }
    var lines: [String] { pieces.withLock { $0 } }
  }

  private static let budget = Milliwatts(60_000)

  private static func session() -> (reports: [PortReport], status: PortStatus) {
    var port = PortSettings(name: "driver", offer: StandardOffer.offer(pdp: Milliwatts(45_000)))
    port.visits = [PhoneVisit(phone: PhoneSettings(.pd3), arrival: Nanoseconds(500_000_000))]
    var driver = SimulatedPortDriver(port, power: Milliwatts(45_000), at: .zero, seed: 1)
    driver.advance(to: Instant(nanoseconds: 2_000_000_000))
    return (driver.drain(), driver.status)
  }

  @Test func lines() {
    let paper = Paper()
    var view = LineView(names: ["driver"], usesColour: false, output: paper.write)
    let (reports, status) = Self.session()
    view.show(reports, [status], budget: Self.budget, lost: 0)
    view.show([], [status], budget: Self.budget, lost: 3)
    view.finish([status], budget: Self.budget)
    let text = paper.lines.joined(separator: "\n")
    #expect(
      text.contains("driver source → sink SOP    0 ✓ Source_Capabilities 1: 5.00 V 3.00 A, 2: 9.00 V 3.00 A"))
    #expect(text.contains("contract Fixed 9 V 2.78 A") && text.contains("-- 3 lines were not shown"))
  }

  @Test func json() throws {
    let paper = Paper()
    var view = JSONView(output: paper.write)
    let (reports, status) = Self.session()
    view.show(reports, [status], budget: Self.budget, lost: 0)
    // Nothing has changed: no line. Another offer: one.
    let count = paper.lines.count
    view.show([], [status], budget: Self.budget, lost: 0)
    #expect(paper.lines.count == count)
    var changed = status
    changed.offered = Milliwatts(15_000)
    view.show([], [changed], budget: Self.budget, lost: 0)
    #expect(paper.lines.count == count + 1)
    let objects = try paper.lines.map { line in
      try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    let types = objects.compactMap { $0["type"] as? String }
    #expect(
      types.count == objects.count
        && Set(types).isSuperset(of: ["message", "attached", "contract", "status"]))
    let contract = objects.first { $0["type"] as? String == "contract" }
    #expect(contract?["voltage_mv"] as? Int == 9_000 && contract?["port"] as? String == "driver")
    #expect(
      objects.last?["state"] as? String == "PE_SRC_Ready" && objects.last?["offered_mw"] as? Int == 15_000)
  }

  /// The picture is as wide as the terminal, has the same height every time, and is drawn over itself.
  @Test(arguments: [40, 80, 200]) func live(_ width: Int) {
    let paper = Paper()
    var view = LiveView(width: { width }, output: paper.write)
    let (reports, status) = Self.session()
    view.show([], [status], budget: Self.budget, lost: 0)
    view.show(reports, [status], budget: Self.budget, lost: 0)
    let frames = paper.lines
    #expect(frames.count == 2 && frames[1].hasPrefix("\u{1B}[9A"))
    let lines = frames[1].split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.replacing(/\u{1B}\[[0-9]*[A-Z]/, with: "").replacing("\r", with: "")
    }
    #expect(lines.count == 10 && lines.allSatisfy { $0.count < width })
    if width >= 80 {
      #expect(lines[2].hasPrefix("driver     PE_SRC_Ready") && lines[2].hasSuffix("Fixed 9.00 V 2.78 A"))
    }
    if width == 200 {
      #expect(
        lines[3].contains(/VBUS (8.9|9.0)/) && lines[3].contains("offers 45 W")
          && lines[3].hasSuffix("of 60 W"))
      #expect(lines[3].contains("██████████████████······") && lines[8].contains("contract Fixed 9 V"))
    }
  }
}
