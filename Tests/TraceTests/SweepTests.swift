import Foundation
import PowerDelivery
import TestSupport
import Testing

@testable import Trace

/// Every recording of the repository as a conversation, with pinned counts and the contract at the end.
@Suite struct SweepTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var file: String
    /// Messages, GoodCRC, retries, damaged packets, Hard Resets, errors, warnings.
    var counts: [Int]
    var contract: String

    var testDescription: String { file }

    init(_ file: String, _ counts: [Int], _ contract: String = "none") {
      self.file = file
      self.counts = counts
      self.contract = contract
    }
  }

  static let rows = [
    Row("km003c/expected_pd_events.csv", [181, 163, 16, 0, 0, 0, 15], "28.00 V 5.00 A (object 8)"),
    Row("km003c/usb_orig_adc_1000hz_6.csv", [0, 0, 0, 0, 0, 0, 0], "none"),
    Row("km003c/usb_orig_adc_50hz_6.csv", [0, 0, 0, 0, 0, 0, 0], "none"),
    Row("km003c/usb_orig_new_adcsimple0_12.csv", [0, 0, 0, 0, 0, 0, 0], "none"),
    Row("km003c/usb_orig_open_close_16.csv", [0, 0, 0, 0, 0, 0, 0], "none"),
    Row("km003c/usb_orig_with_pd_13.csv", [7, 4, 2, 0, 0, 0, 0], "lost: 9.00 V 2.20 A (object 2)"),
    Row("km003c/usb_pd_adcqueue_new_11.csv", [0, 0, 0, 0, 0, 0, 0], "none"),
    Row("km003c/usb_pd_capture_new_9.csv", [7, 4, 2, 0, 0, 0, 0], "lost: 9.00 V 2.20 A (object 2)"),
    Row("km003c/usb_pd_epr0_9.csv", [167, 155, 12, 0, 0, 0, 12], "28.00 V 5.00 A (object 8)"),
    Row("km003c/usb_rust_simple_logger_16.csv", [0, 0, 0, 0, 0, 0, 0], "none"),
    Row("pd/briansune/epr_entry_refused_cut.sr", [14, 14, 0, 0, 0, 0, 0], "5.00 V 3.00 A (object 1)"),
    Row("pd/jimknopf/Bosch36V_ebike-SLS2_PD-sync.sr", [7, 4, 3, 0, 0, 0, 3], "20.00 V 3.25 A (object 5)"),
    Row(
      "pd/jimknopf/Bosch36V_ebike-xperia10iii_PD-sync.sr", [6, 6, 0, 0, 0, 0, 0], "5.00 V 3.00 A (object 1)"),
    Row("pd/jimknopf/Bosch_ebike-Sony_headset_WH-1000XM4-PD-sync.sr", [63, 0, 42, 0, 0, 0, 62], "none"),
    Row("pd/jimknopf/INIU-B63-SLS2_PD-sync.sr", [20, 12, 6, 2, 0, 2, 8], "20.00 V 5.00 A (object 5)"),
    Row(
      "pd/jimknopf/PinePower-Fuji_Lifebook_PD-sync.sr", [6, 6, 0, 0, 0, 0, 0], "20.00 V 3.25 A (object 5)"),
    Row("pd/jimknopf/PinePower-SLS2_PD-sync.sr", [7, 4, 3, 0, 0, 0, 3], "20.00 V 3.25 A (object 5)"),
    Row(
      "pd/jimknopf/PinePower-xperia10iii_3_PD-sync.sr", [12, 9, 2, 0, 2, 0, 3], "5.00 V 3.00 A (object 1)"),
    Row("pd/km003c/km003c_epr_session.csv", [61, 48, 12, 0, 0, 0, 12], "28.00 V 5.00 A (object 8)"),
    Row("pd/km003c/km003c_spr_9v_session.csv", [7, 4, 2, 0, 0, 0, 0], "lost: 9.00 V 2.20 A (object 2)"),
    Row("pd/km003c/pd_capture_new.9.pcapng", [7, 4, 2, 0, 0, 0, 0], "lost: 9.00 V 2.20 A (object 2)"),
    Row("pd/sigrok-dumps/apple_power_brick.sr", [32, 29, 3, 0, 0, 0, 3], "14.80 V 2.00 A (object 2)"),
    Row("pd/sigrok-dumps/hdmi_dongle.sr", [29, 25, 4, 0, 0, 0, 4], "5.00 V 0.30 A (object 1)"),
    Row(
      "pd/sigrok-dumps/thinkpad_yoga_370-anker_powerbank-both_orientations.sr", [22, 20, 0, 0, 0, 0, 2],
      "15.00 V 2.00 A (object 4)"),
    Row(
      "pd/sigrok-dumps/thinkpad_yoga_370-aukey_45w.sr", [4, 4, 0, 0, 0, 0, 0], "20.00 V 2.25 A (object 5)"),
    Row(
      "pd/sigrok-dumps/zy12pds_sink_module-65w_noname_supply.sr", [6, 4, 2, 0, 0, 0, 2],
      "9.00 V 3.00 A (object 2)"),
  ]

  @Test(arguments: rows) func recording(_ row: Row) throws {
    let recording = try Recording("Tests/Captures/\(row.file)")
    let statistics = recording.statistics
    let counts = [
      statistics.messageCount, statistics.goodCRCCount, statistics.retryCount, statistics.damagedCount,
      statistics.hardResetCount, recording.count(.error), recording.count(.warning),
    ]
    #expect(counts == row.counts)
    #expect(recording.contract == row.contract)
    #expect(recording.fault == nil)
    #expect(
      zip(recording.entries, recording.entries.dropFirst()).allSatisfy { $0.record.time <= $1.record.time })
  }

  @Test func everyRecordingHasARow() throws {
    let folder = ProjectFiles.url("Tests/Captures")
    let all = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    let recordings = all.filter { path in
      [".sr", ".csv", ".pcapng", ".pcap", ".jsonl", ".json", ".bin"].contains { path.hasSuffix($0) }
        && path != "pd/packets.csv"
    }
    #expect(Set(recordings) == Set(Self.rows.map(\.file)))
  }
}
