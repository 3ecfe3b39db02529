import Instruments
import LineCode
import Quantities
import Testing

@Suite struct DrPDTests {
  /// Builds a payload as the device sends it.
  private func payload(result: UInt32, kCodes: [UInt8], pulses: [UInt16], data: [UInt8]) -> [UInt8] {
    func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
      (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
    return bytes(UInt64(1_000_000)) + bytes(UInt64(1_000_500)) + bytes(result) + kCodes
      + bytes(UInt32(pulses.count)) + pulses.flatMap { bytes($0) } + bytes(UInt32(data.count)) + data
  }

  @Test func packet() throws {
    let record = try DrPDCaptureRecord(
      payload: payload(result: 0, kCodes: [0x18, 0x18, 0x18, 0x11], pulses: [5, 6, 7], data: [0xA3, 3]).span)
    #expect(
      record
        == DrPDCaptureRecord(
          start: Microseconds(1_000_000), end: Microseconds(1_000_500), result: .ok,
          kCodes: [0x18, 0x18, 0x18, 0x11], pulses: [5, 6, 7], data: [0xA3, 3]))
    #expect(record.orderedSet == .sop && record.event == nil)
  }

  @Test(arguments: [
    ([0x18, 0x18, 0x18, 0x11], OrderedSet.sop), ([0x18, 0x18, 0x06, 0x06], .sopPrime),
    ([0x18, 0x06, 0x18, 0x06], .sopDoublePrime), ([0x18, 0x19, 0x19, 0x06], .sopPrimeDebug),
    ([0x18, 0x19, 0x06, 0x11], .sopDoublePrimeDebug), ([0x07, 0x07, 0x07, 0x19], .hardReset),
    ([0x07, 0x18, 0x07, 0x06], .cableReset), ([0x07, 0x18, 0x00, 0x06], .cableReset),
    ([0, 0, 0x18, 0x11], nil), ([], nil),
  ])
  func orderedSets(_ kCodes: [UInt8], _ set: OrderedSet?) {
    #expect(DrPDCaptureRecord.orderedSet(kCodes: kCodes) == set)
  }

  @Test func cableResetReportedAsTimeout() throws {
    let record = try DrPDCaptureRecord(
      payload: payload(result: 3, kCodes: [0x07, 0x18, 0x07, 0x06], pulses: [], data: []).span)
    #expect(
      record.orderedSet == .cableReset && record.result == .timeout && record.result.reason == "timeout")
  }

  @Test func firmwareEvent() throws {
    let record = try DrPDCaptureRecord(
      payload: payload(
        result: 0xFFFF_FFFF, kCodes: [0, 0, 0, 0], pulses: [], data: [1, 0, 0, 0] + Array("VBUS OVP".utf8)
      ).span)
    #expect(record.event?.type == 1 && record.event?.text == "VBUS OVP")
  }

  @Test func unknownStartTime() throws {
    var bytes = payload(result: 0, kCodes: [0, 0, 0, 0], pulses: [], data: [])
    for index in 0..<8 { bytes[index] = 0xFF }
    #expect(try DrPDCaptureRecord(payload: bytes.span).start == nil)
  }

  @Test func everyOtherLengthIsRefused() {
    let bytes = payload(result: 0, kCodes: [0x18, 0x18, 0x18, 0x11], pulses: [1, 2], data: [1, 2, 3])
    let accepted = (0...bytes.count + 3).filter { length in
      let changed = Array((bytes + [0, 0, 0]).prefix(length))
      return (try? DrPDCaptureRecord(payload: changed.span)) != nil
    }
    #expect(accepted == [bytes.count])
    for (offset, value) in [(24, [0xFF, 0xFF, 0xFF, 0xFF]), (32, [0xFF, 0xFF, 0xFF, 0xFF])]
      as [(Int, [UInt8])]
    {
      var changed = bytes
      changed.replaceSubrange(offset..<offset + 4, with: value)
      #expect(throws: DrPDError.length(bytes.count)) { try DrPDCaptureRecord(payload: changed.span) }
    }
  }

  @Test(arguments: [
    ("#240", 4, 40), ("#3129", 5, 129), ("#9999999999", 11, 999_999_999), ("#", nil, nil), ("#31", nil, nil),
  ])
  func blockHeader(_ text: String, _ head: Int?, _ payload: Int?) throws {
    let header = try DrPDBlockHeader(Array(text.utf8).span)
    #expect(header?.headLength == head && header?.payloadLength == payload)
  }

  @Test(arguments: ["x", "#0", "#2x1", "#A"])
  func notABlock(_ text: String) {
    #expect(throws: DrPDError.blockHeader) { _ = try DrPDBlockHeader(Array(text.utf8).span) }
  }
}
