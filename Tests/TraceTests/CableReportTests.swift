import PowerDelivery
import TestSupport
import Testing

@testable import Trace

/// What the report says of fifteen real cables.
@Suite struct CableReportTests {
  private static func report(_ vector: MessageVector) throws -> CableReport? {
    var context = ReadingContext()
    let message = try Message(wireBytes: vector.wire.span, orderedSet: vector.orderedSet)
    guard case .vendorDefined(let body) = context.read(message).value else { return nil }
    return CableReport(body)
  }

  /// Vector, words of the headline, vendor, remarks.
  @Test(
    arguments: [
      ("E01", ["Passive", "5 A", "480 Mb/s", "240 W"], "2B01", []),
      ("E02", ["Passive", "5 A", "10 Gb/s", "100 W"], "0000", ["cable-vid-0"]),
      ("E03", ["Passive", "5 A", "10 Gb/s", "100 W"], "7880", []),
      ("E04", ["Passive", "5 A", "480 Mb/s", "100 W"], "36E9", ["cable-epr-20v"]),
      ("E05", ["Passive", "3 A", "10 Gb/s", "60 W"], "2109", ["cable-3a"]),
      ("E06", ["Passive", "5 A", "80 Gb/s", "240 W"], "01B6", []),
      ("E07", ["Active", "5 A", "80 Gb/s", "240 W"], "2B1D", []),
      ("E08", ["Passive", "5 A", "10 Gb/s", "100 W"], "2B1D", ["cable-passive-vconn"]),
      ("E09", ["Passive", "5 A", "40 Gb/s", "240 W"], "32EB", []),
      ("E10", ["Passive", "5 A", "40 Gb/s", "240 W"], "315C", []),
      ("E11", ["Passive", "5 A", "80 Gb/s", "240 W"], "1E4E", ["cable-passive-vconn"]),
      ("E12", ["Passive", "5 A", "480 Mb/s", "240 W"], "291A", []),
      ("E13", ["Passive", "5 A", "480 Mb/s", "240 W"], "291A", []),
      ("E14", ["Passive", "5 A", "480 Mb/s", "100 W"], "0000", ["cable-vid-0", "cable-passive-vconn"]),
      ("E15", ["Passive", "5 A", "480 Mb/s", "100 W"], "201C", []),
    ] as [(String, [String], String, [String])])
  func cables(id: String, headline: [String], vendor: String, remarks: [String]) throws {
    let vector = try #require(MessageVector.byID[id])
    let report = try #require(try Self.report(vector))
    #expect(headline.allSatisfy { report.headline.contains($0) }, "\(report.headline)")
    #expect(report.facts.contains { $0.hasPrefix("vendor \(vendor)") }, "\(report.facts)")
    #expect(report.remarks.map(\.code) == remarks)
  }

  @Test func everyCableHasARow() {
    #expect(MessageVector.all.count { $0.id.hasPrefix("E") } == 15)
  }

  /// Questions and other answers are no report.
  @Test(arguments: ["O", "R", "C"]) func otherMessagesGiveNone(_ prefix: String) throws {
    let reports = try MessageVector.all.filter { $0.id.hasPrefix(prefix) }.compactMap { vector in
      try Self.report(vector).map { _ in vector }
    }
    #expect(reports.allSatisfy { $0.fields.contains { $0.field == "command" && $0.value == .number(1) } })
  }
}
