import InstrumentDrivers
import Quantities
import Simulator
import Testing
import Trace
import USBSupport
import USBTransport

/// Every transfer of a listening fails once in every way.
@Suite struct DrPDFaultTests {
  private static let polls: DrPDPolls = {
    var polls = DrPDPolls()
    polls.answerTime = Milliseconds(40)
    return polls
  }()

  private func listen(
    until end: Nanoseconds = .milliseconds(200), _ faults: @escaping @Sendable (Int) -> USBFault?
  ) throws -> (Heard, DrPDBench, DrPDTalk) {
    var talk = DrPDTalk()
    let habits = DrPDModel.Habits()
    talk.hear(.sop, [0xA3, 0x03], 60_000, habits)
    talk.hear(.hardReset, [], 90_000, habits)
    talk.hear(.sop, [0xA6, 0x05], 130_000, habits)
    var bench = try DrPDBench(talk.records, faults: faults)
    bench.end = end
    return (try bench.listen(Self.polls), bench, talk)
  }

  @Test(arguments: [
    USBFault.goneBefore, .goneDuring, .stall, .silence, .short(0), .short(5), .short(11), .short(14),
    .overflow,
    .protocolError, .garbage(7), .garbage(0x57),
  ])
  func everyTransfer(_ fault: USBFault) throws {
    let (clean, bench, talk) = try listen { _ in nil }
    #expect(clean.error == nil && talk.differences(clean.talk) == [])
    let total = bench.plugged.transfers.count
    #expect((60...120).contains(total))
    let isGone = fault == .goneBefore || fault == .goneDuring
    for transfer in 0..<total {
      let (heard, bench, talk) = try listen { $0 == transfer ? fault : nil }
      if isGone {
        // The last of them is the goodbye, which nobody waits for.
        guard transfer < total - 2 else { continue }
        guard case .usb(let error)? = heard.error, error.cause == .gone else {
          Issue.record("transfer \(transfer): \(String(describing: heard.error))")
          continue
        }
      } else {
        #expect(heard.error == nil, "transfer \(transfer): \(String(describing: heard.error))")
        #expect(heard.isInOrder && bench.plugged.transfers.count >= 40, "transfer \(transfer)")
        // One answer may have been a record's; no fault costs more.
        #expect(heard.talk.count >= talk.expected.count - 1, "transfer \(transfer): \(heard.talk)")
        // What was heard is what was said.
        let strangers = heard.talk.map(\.content).filter { content in !talk.contains(content) }
        #expect(strangers == [], "transfer \(transfer)")
      }
    }
  }

  /// One answer that is no frame: the session is begun anew and the question asked once more, without a word.
  @Test func lostStream() throws {
    let (_, clean, _) = try listen { _ in nil }
    let transfers = clean.plugged.transfers
    let answer = try #require(transfers.indices.first { $0 > 44 && transfers[$0].endpoint == 0x86 })
    let (heard, bench, talk) = try listen { $0 == answer ? .garbage(7) : nil }
    #expect(heard.error == nil && heard.complaints == [] && talk.differences(heard.talk) == [])
    let resets = bench.plugged.transfers.filter {
      $0.endpoint == 0x06 && $0.sent.count > 3 && $0.sent[3] == 2
    }
    #expect(resets.count == 2)
  }

  /// A device that never answers again is given up.
  @Test func silence() throws {
    let (heard, _, _) = try listen(until: .milliseconds(5000)) { $0 >= 60 ? .silence : nil }
    guard case .usb(let error)? = heard.error else {
      Issue.record("\(String(describing: heard.error))")
      return
    }
    #expect(error.cause == .timedOut(Milliseconds(40), done: 0))
    #expect(heard.complaints.count > 3 && !heard.records.isEmpty)
  }

  /// A device that is silent from the beginning, and no updater either.
  @Test func silenceAtOnce() throws {
    let (heard, _, _) = try listen { _ in .silence }
    guard case .usb(let error)? = heard.error, case .timedOut = error.cause else {
      Issue.record("\(String(describing: heard.error))")
      return
    }
  }

  /// Bytes of somebody else in front of ours cost the device its buffer, and the host a session reset.
  @Test func garbageForever() throws {
    let (heard, _, _) = try listen(until: .milliseconds(5000)) { $0 > 50 ? .garbage(3) : nil }
    #expect(heard.error != nil && heard.isInOrder)
  }
}
