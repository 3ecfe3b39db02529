import LineCode
import Quantities
import Testing

@testable import Trace

@Suite struct KM003CFileTests {
  /// Packets and events from the attach on, with times in ms counted from it.
  private func session(_ name: String) -> [String] {
    let records = Reading(Captures.path(name)).records.filter {
      if case .measurement = $0.content { false } else { true }
    }
    guard let first = records.firstIndex(where: { $0.content == .event(TraceEvent(.attach)) }) else {
      return []
    }
    return records[first...].map { record in
      let time = (record.time - records[first].time).rawValue / 1_000_000
      switch record.content {
      case .packet(let packet):
        return
          "\(time) \(packet.orderedSet.map { "\($0)" } ?? "?") \(HexText.text(packet.bytes)) \(packet.validity)"
      case .event(let event): return "\(time) \(event.kind)"
      default: return "\(time) ?"
      }
    }
  }

  /// The transfers give what the list of messages says, which was made from the same session by other means.
  @Test(arguments: [
    ("pd/km003c/km003c_epr_session.csv", "km003c/usb_pd_epr0_9.csv", 110),
    ("pd/km003c/km003c_spr_9v_session.csv", "km003c/usb_orig_with_pd_13.csv", 13),
  ])
  func sameSession(_ list: String, _ transfers: String, _ count: Int) {
    let expected = session(list)
    #expect(expected.count == count)
    #expect(Array(session(transfers).prefix(count)) == expected)
  }

  /// usbmon and the table made from it agree in everything but the zero of time.
  @Test func pcapngAndTable() {
    let table = Reading(Captures.path("km003c/usb_pd_capture_new_9.csv")).records
    let capture = Reading(Captures.path("pd/km003c/pd_capture_new.9.pcapng")).records
    #expect(table.map(\.content) == capture.map(\.content))
    let shift = zip(table, capture).map { abs(($0.time - $1.time).rawValue) }.max() ?? 0
    #expect(shift < 2_000_000)
  }

  @Test func timesAndMeasurements() throws {
    let reading = try Reading(
      text: """
        time_s,dir,hex
        100.000000,OUT,0c002000
        100.200000,IN,41a9020510000005 8bfa1200de1300007506020087 81fa1200004102
        100.300000,IN,411182020100000beb0f00000e000000d30f000010000000371000006e000000dd0f817ed7042e031603897e0080780051004f00
        100.400000,OUT,0e010600
        100.500000,IN,413e0202020002050de80800d5c38c00598ce8ffdc401f015b17581701ea08000bac8c000255e9ff92401e0158175417
        """.replacing(" ", with: ""))
    #expect(reading.fault == nil)
    let lines = reading.records.map { record in
      switch record.content {
      case .packet(let packet): "\(record.time.rawValue / 1000) \(HexText.text(packet.bytes))"
      case .measurement(let values):
        "\(record.time.rawValue / 1000) \(values.vbus?.rawValue ?? 0) \(values.current?.rawValue ?? 0) \(values.cc1?.rawValue ?? -1)"
      default: "?"
      }
    }
    #expect(
      lines == [
        "0 9225 -1537 16604", "190000 4102", "200000 5086 0 1653", "300000 4 0 3239",
        "500000 9219 -1486 16530",
      ])
  }

  @Test func badLine() throws {
    let reading = try Reading(text: "time_s,dir,hex\n0.5,IN,410000020100000b\n0.6,IN,4\n0.7,OUT,0c002000\n")
    #expect(
      reading.fault == TraceFault(.damaged, file: "FILE", at: .line(3), "is not “time in s,IN or OUT,hex”"))
    #expect(reading.events.map(\.kind) == [.other])
  }

  @Test func messageList() throws {
    let reading = try Reading(
      text:
        "time_ms,event,sop_index,message_hex\n0,connect,,\n1.5,message,2,4100\n2,hard_reset,,\n3,disconnect,,\n4,x,,\n5,,,\n"
    )
    #expect(
      reading.records.map(\.content) == [
        .event(TraceEvent(.attach)),
        .packet(TracePacket(orderedSet: .sopDoublePrime, bytes: [0x41, 0], validity: .notChecked)),
        .reset(.hardReset), .event(TraceEvent(.detach)), .event(TraceEvent(.other, text: "x")),
      ])
    #expect(reading.records.map(\.time.rawValue) == [0, 1_500_000, 2_000_000, 3_000_000, 4_000_000])
    #expect(reading.fault?.place == .line(7))
  }

  @Test func eventList() throws {
    let header =
      "session,usb_time_s,preamble_ts_ms,vbus_mV,ibus_mA,cc1_mV,cc2_mV,size_flag_hex,event_ts_ms,code_hex,pd_frame_hex_no_crc\n"
    let reading = try Reading(
      text: header + "a,1,1010,5000,-20,1600,3,45,1000,11,\na,1,1010,5000,-20,1600,3,87,1004,00,4100\n"
        + "b,1,20,0,0,0,0,05,10,04,\nb,1,20,0,0,0,0,05,zz,04,\n")
    #expect(reading.fault?.place == .line(5))
    #expect(reading.records.map { $0.time.rawValue / 1_000_000 } == [0, 4, 10, 1010])
    #expect(reading.counts == [1, 0, 1, 1, 1])
  }
}
