import LineCode
import PowerDelivery
import Quantities
import Testing

@testable import Trace

/// How records become a conversation: GoodCRC, retries, resets, and the order of what comes out.
@Suite struct ConversationTests {
  private static func read(_ write: (inout Script) -> Void) -> Recording {
    var script = Script()
    write(&script)
    return Recording(script.records)
  }

  private static func codes(_ reading: ConversationEntry.Reading) -> [DiagnosticCode] {
    (0..<reading.diagnostics.count).compactMap { reading.diagnostics[$0]?.code }
  }

  // MARK: - GoodCRC

  @Test func goodCRCIsFoldedIntoItsMessage() {
    let recording = Self.read { $0.exchange("9204") }
    #expect(recording.readings.map(\.goodCRC) == [.received(delay: Nanoseconds(100_000))])
    #expect(recording.entries.map(\.number) == [1])
    #expect(recording.statistics.goodCRCCount == 1 && recording.statistics.messageCount == 1)
    #expect(recording.readings.allSatisfy { $0.diagnostics.isEmpty })
  }

  @Test func goodCRCWithAnotherIDIsNone() {
    let recording = Self.read {
      $0.say("9204")
      $0.goodCRC(5)
      $0.exchange("940a")
    }
    #expect(recording.readings.prefix(2).map(\.goodCRC) == [.missing, .notApplicable])
    #expect(recording.readings.map(Self.codes) == [[.noGoodCRC], [.strayGoodCRC], []])
  }

  @Test func goodCRCOnAnotherKindOfSOPIsNone() {
    let recording = Self.read {
      $0.say("9204")
      $0.goodCRC(2, .sopPrime)
      $0.exchange("940a")
    }
    #expect(recording.readings.map(Self.codes) == [[.noGoodCRC], [.strayGoodCRC], []])
  }

  /// Where the recording ends behind a message, nobody knows whether its GoodCRC came.
  @Test func theLastMessageIsNotBlamed() {
    let recording = Self.read {
      $0.exchange("9204")
      $0.say("940a")
    }
    #expect(recording.readings.last?.goodCRC == .notApplicable)
    #expect(recording.readings.last.map(Self.codes) == [])
  }

  @Test(arguments: [(195, []), (250, [.lateGoodCRC])] as [(Int64, [DiagnosticCode])])
  func lateGoodCRC(microseconds: Int64, codes: [DiagnosticCode]) {
    let recording = Self.read {
      $0.say("9204")
      $0.goodCRC(2, after: microseconds)
    }
    #expect(recording.readings.map(\.goodCRC) == [.received(delay: Nanoseconds(microseconds * 1_000))])
    #expect(recording.readings.map(Self.codes) == [codes])
  }

  @Test func goodCRCAfterTheReceiveTimerBelongsToNothing() {
    let recording = Self.read {
      $0.say("9204")
      $0.goodCRC(2, after: 6_000)
    }
    #expect(recording.readings.map(\.goodCRC) == [.missing, .notApplicable])
  }

  /// A meter's list without GoodCRC is not full of complaints; with the first GoodCRC it is held to it.
  @Test func sourcesWithoutGoodCRCAreNotBlamed() {
    let silent = Self.read {
      $0.validity = .notChecked
      for hex in [Hex.capabilities, Hex.requestFixed, Hex.accept, Hex.psRDY] { $0.say(hex) }
    }
    #expect(
      silent.readings.map(\.goodCRC) == [.notApplicable, .notApplicable, .notApplicable, .notApplicable])
    #expect(silent.statistics.unacknowledgedCount == 0 && silent.contract == "9.00 V 3.00 A (object 2)")
    let speaking = Self.read {
      $0.validity = .notChecked
      $0.exchange("9204")
      $0.say("940a")
      $0.say("9502")
      $0.exchange("970c")
    }
    #expect(speaking.readings[1...2].map(\.goodCRC) == [.missing, .missing])
  }

  // MARK: - Retries, damage, resets

  @Test func repetitionsWithoutGoodCRCAreRetries() {
    let recording = Self.read {
      $0.exchange(Hex.capabilities)
      $0.say(Hex.requestPPS)
      $0.say(Hex.requestPPS, after: 1_000)
      $0.exchange(Hex.requestPPS, after: 1_000)
      // After its GoodCRC the same bytes are a new message.
      $0.exchange(Hex.requestPPS)
    }
    #expect(recording.readings.map(\.isRetry) == [false, false, true, true, false])
    #expect(recording.statistics.retryCount == 2 && recording.statistics.unacknowledgedCount == 2)
  }

  /// The repeated chunk is read like the first copy, and the message still comes together once.
  @Test func aRetriedChunkIsTakenOnce() {
    let recording = Self.read {
      let chunk = "b1fb20802c91812b2cd102002cc103002cb10400f44106006421a4c90000"
      $0.say(chunk)
      $0.exchange(chunk, after: 1_000)
      $0.exchange("9194008c0000")
      $0.say("b1ad20880000f4c10800")
      $0.exchange("b1ad20880000f4c10800", after: 1_000)
    }
    let lists = recording.readings.compactMap { reading in
      if case .eprSourceCapabilities(let objects) = reading.body { objects.count } else { nil }
    }
    #expect(lists.first == 8)
    #expect(recording.count(.error) == 0)
  }

  @Test func aDamagedPacketChangesNothing() {
    let recording = Self.read {
      $0.exchange(Hex.capabilities)
      $0.say("a1332c9101082cc103002cd10200", validity: .crcWrong)
      $0.say("a1", validity: .damaged(reason: "cut"))
      $0.exchange(Hex.requestPPS)
      $0.exchange(Hex.accept)
      $0.exchange(Hex.psRDY)
    }
    #expect(recording.statistics.damagedCount == 2 && recording.contract == "PPS 9.00 V 3.00 A (object 5)")
    #expect(recording.entries.map { $0.severity == .error } == [false, true, true, false, false, false])
    #expect(recording.entries[2].reading == nil && recording.entries[1].reading != nil)
  }

  @Test func resetSignalsAreEntries() {
    let recording = Self.read {
      $0.exchange(Hex.capabilities)
      $0.signal(.cableReset)
      $0.exchange(Hex.requestPPS)
      $0.signal(.hardReset)
      $0.exchange(Hex.requestPPS)
    }
    #expect(recording.entries.count == 5)
    #expect(recording.entries[1].record.content == .reset(.cableReset))
    #expect(recording.entries[3].record.content == .reset(.hardReset))
    #expect(recording.statistics.cableResetCount == 1 && recording.statistics.hardResetCount == 1)
    // Cable Reset leaves the ports alone; after Hard Reset the offer holds no longer.
    #expect(!recording.readings[1].diagnostics.contains(.capabilitiesUnknown))
    #expect(recording.readings[2].diagnostics.contains(.capabilitiesUnknown))
  }

  // MARK: - Order and memory

  @Test func twoLinesComeOutInTheOrderOfTime() {
    var scripts = [Script(), Script()]
    scripts[1].line = "CC2"
    for round in 0..<40 {
      scripts[0].exchange("9204", after: 2_000)
      // The second line answers late, so that the first one has to wait for it.
      scripts[1].say("940a", after: 1_500)
      if round % 3 != 0 { scripts[1].goodCRC(5, after: 400) }
    }
    let records = (scripts[0].records + scripts[1].records).sorted { $0.time < $1.time }
    let recording = Recording(records)
    #expect(
      zip(recording.entries, recording.entries.dropFirst()).allSatisfy { $0.record.time <= $1.record.time })
    #expect(recording.entries.map(\.number) == Array(1...80))
    #expect(recording.statistics.goodCRCCount == 66 && recording.statistics.unacknowledgedCount == 14)
  }

  /// Records that carry no times (all zero) on two lines: what waits for a GoodCRC must not hold back all others.
  @Test(arguments: [TraceRecord.Content.measurement(TraceMeasurement(vbus: Millivolts(5_000)))])
  func littleIsHeldBackWithoutTimes(_ content: TraceRecord.Content) {
    var script = Script()
    script.say("9204", after: 0)
    let other = TraceRecord(time: .zero, line: "CC2", content: content)
    let recording = Recording(script.records + [TraceRecord](repeating: other, count: 5_000))
    #expect(recording.mostHeldBack <= 1_000)
    #expect(recording.entries.count == 5_001)
  }

  @Test func memoryOfALongSessionIsBounded() {
    var script = Script()
    script.exchange(Hex.capabilities)
    for _ in 0..<1_500 {
      script.exchange(Hex.requestPPS, after: 400_000)
      script.exchange(Hex.accept)
      script.exchange(Hex.psRDY)
    }
    let recording = Recording(script.records)
    let contracts = recording.contracts[0]
    #expect(contracts.contractCount == 1_500 && contracts.first.count + contracts.last.count <= 8)
    #expect(recording.mostHeldBack <= 2)
    #expect(recording.statistics.findings.count <= 2)
  }
}
