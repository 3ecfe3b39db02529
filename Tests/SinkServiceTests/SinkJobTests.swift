import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Simulator
import SinkService
import Testing

@Suite struct SinkJobTests {
  /// 5, 9, 15 and 20 V fixed, PPS 3.3 to 21 V.
  static let offer = ChargerModel(.pps, power: Milliwatts(45_000)).policy(power: Milliwatts(45_000))
    .capabilities

  private static func contract(_ supply: PowerContract.Supply, _ voltage: Int32) -> PortNotice {
    .contract(PowerContract(supply: supply, voltage: Millivolts(voltage), current: Milliamperes(2_000)))
  }

  private static func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

  /// Tells a job what happens, each after so many milliseconds, and gives what it reports.
  private func outcomes(
    _ plan: SinkJob.Plan, _ happenings: [(Int64, PortNotice?)]
  ) -> (SinkJob, [SinkJob.Result.Outcome]) {
    var job = SinkJob(plan, at: .zero)
    for (time, notice) in happenings {
      if let notice { job.handle(notice, offer: Self.offer, at: Self.at(time)) }
      job.tick(at: Self.at(time))
      while job.nextAction() != nil {}
    }
    return (job, job.results.map(\.outcome))
  }

  @Test func granted() {
    var job = SinkJob(.wish(.pps(Millivolts(9_000), Milliamperes(2_000))), at: .zero)
    job.handle(Self.contract(.fixed, 5_000), offer: Self.offer, at: Self.at(300))
    #expect(job.nextAction() == .offer(Self.offer))
    #expect(
      job.nextAction() == .choose(.pps(voltage: Millivolts(9_000), current: Milliamperes(2_000)), .zero))
    job.noteAccept(at: Self.at(304))
    job.noteAccept(at: Self.at(310))
    job.handle(Self.contract(.sprPPS, 9_000), offer: Self.offer, at: Self.at(340))
    #expect(
      job.results.first?.accepted == Nanoseconds(4_000_000)
        && job.results.first?.ready == Nanoseconds(40_000_000))
    #expect(job.results.first?.isMet == true && job.phase == .dwelling(0))
    job.tick(at: Self.at(541))
    #expect(job.phase == .holding && !job.isEnded)
    job.tick(at: Self.at(541))
    #expect(job.phase == .ended(.done) && job.isContent)
  }

  @Test func notGranted() {
    let first = (Int64(300), Self.contract(.fixed, 5_000) as PortNotice?)
    let wish = SinkJob.Plan.wish(.pps(Millivolts(9_000), Milliamperes(2_000)))
    let cases: [([(Int64, PortNotice?)], SinkJob.Result.Outcome)] = [
      ([first, (310, .requestRejected)], .rejected), ([first, (310, .requestDeferred)], .deferred),
      ([first, (2_301, nil)], .noAnswer), ([first, (310, .hardReset(bySelf: false, .received))], .reset),
      (
        [first, (340, Self.contract(.fixed, 9_000))],
        .other(PowerContract(supply: .fixed, voltage: Millivolts(9_000), current: Milliamperes(2_000)))
      ),
    ]
    for (happenings, outcome) in cases {
      let (job, found) = outcomes(wish, happenings)
      #expect(found == [outcome] && !job.isContent)
    }
    let (job, found) = outcomes(.wish(.avs(Millivolts(12_000), Milliamperes(2_000))), [first])
    // What is not offered is not asked for, and not held.
    #expect(found == [.notOffered] && job.phase == .ended(.done) && !job.isContent)
  }

  /// A reset in the middle costs one wish; the next ones are asked for on the new connection.
  @Test func resetInTheMiddle() {
    let (job, found) = outcomes(
      .sweep(SinkSweep(.fixed)),
      [
        (300, Self.contract(.fixed, 5_000)), (310, Self.contract(.fixed, 5_000)), (511, nil),
        (520, .hardReset(bySelf: false, .received)), (1_900, Self.contract(.fixed, 5_000)),
        (1_910, Self.contract(.fixed, 15_000)), (2_120, nil), (2_130, Self.contract(.fixed, 20_000)),
        (2_400, nil),
        (2_401, nil),
      ])
    #expect(found.count == 4 && job.results.map(\.isMet) == [true, false, true, true])
    #expect(found[1] == .reset && job.phase == .ended(.done) && !job.isContent)
  }

  @Test func ends() {
    #expect(outcomes(.look, [(9_999, nil)]).0.phase == .waitingForCharger)
    #expect(outcomes(.look, [(10_000, nil)]).0.phase == .ended(.noCharger))
    #expect(outcomes(.look, [(300, .detached), (301, nil)]).0.phase == .waitingForCharger)
    let first = (Int64(300), Self.contract(.fixed, 5_000) as PortNotice?)
    #expect(outcomes(.look, [first, (301, nil)]).0.phase == .ended(.done))
    #expect(outcomes(.sweep(SinkSweep(.pps)), [first, (310, .detached)]).0.phase == .ended(.detached))
    // Nothing of the kind is offered: no sweep is content with that.
    #expect(!outcomes(.sweep(SinkSweep(.avs)), [first, (301, nil)]).0.isContent)
  }

  @Test func sweeps() {
    func voltages(_ change: (inout SinkSweep) -> Void, _ kind: SinkSweep.Kind = .pps) -> [Int32] {
      var sweep = SinkSweep(kind, step: Millivolts(1_000))
      change(&sweep)
      return sweep.wishes(Self.offer).map(\.voltage.rawValue)
    }
    #expect(
      voltages { _ in }.first == 3_300 && voltages { _ in }.last == 21_000 && voltages { _ in }.count == 19)
    #expect(
      voltages {
        $0.from = Millivolts(5_010)
        $0.to = Millivolts(7_000)
      } == [5_020, 6_020, 7_000])
    // PPS goes in steps of 20 mV.
    #expect(
      voltages {
        $0.step = Millivolts(30)
        $0.from = Millivolts(5_000)
        $0.to = Millivolts(5_050)
      } == [5_000, 5_020, 5_040])
    #expect(voltages({ _ in }, .fixed) == [5_000, 9_000, 15_000, 20_000])
    #expect(voltages({ $0.from = Millivolts(22_000) }).isEmpty && voltages({ _ in }, .avs).isEmpty)
  }
}
