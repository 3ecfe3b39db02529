import Foundation
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing
import Trace

@testable import Simulator

/// The same seed gives the same bytes; another gives others.
struct DeterminismTests {
  private static var configuration: LinkConfiguration {
    var charger = ChargerModel(.epr, power: Milliwatts(140_000)).setup
    charger.phy.jitter = Nanoseconds(400_000)
    var phone = PhoneModel.eprLaptop.setup
    phone.phy.jitter = Nanoseconds(900_000)
    return LinkConfiguration(charger: charger, phone: phone, cable: Cable(.epr))
  }

  /// The recording of a run as a file of a format.
  private func file(seed: UInt64, format: TraceWriteFormat) throws -> Data {
    var run = HandshakeRun(DeterminismTests.configuration, faults: .wild, eventCount: 6)
    run.withLink { $0.recorder.isOn = true }
    _ = run.run(seed: seed)
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("ofc-simulator-\(UUID().uuidString).\(format.rawValue)")
    defer { try? FileManager.default.removeItem(at: url) }
    var writer = try TraceFile.create(url.path, format: format)
    for record in run.withLink({ $0.recorder.drain() }) { try writer.write(record) }
    try writer.finish()
    return try Data(contentsOf: url)
  }

  @Test(arguments: [TraceWriteFormat.pcapng, .jsonLines, .csv])
  func theSameSeedGivesTheSameBytes(format: TraceWriteFormat) throws {
    let first = try file(seed: 4_711, format: format)
    #expect(first.count > 5_000)
    #expect(try first == file(seed: 4_711, format: format))
    #expect(try first != file(seed: 4_712, format: format))
  }

  /// What is written can be read, and says the same.
  @Test func aRecordingCanBeReadAgain() throws {
    var scene = Scene()
    scene.run(milliseconds: 600)
    let records = scene.link.recorder.drain()
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("ofc-simulator-\(UUID().uuidString).pcapng")
    defer { try? FileManager.default.removeItem(at: url) }
    var writer = try TraceFile.create(url.path)
    for record in records { try writer.write(record) }
    try writer.finish()
    var reader = try TraceFile.open(url.path)
    var read = 0
    let fault = reader.read { record in
      if case .packet(let packet) = record.content, packet.validity == .crcHolds { read += 1 }
    }
    #expect(fault == nil)
    let written = records.count { if case .packet = $0.content { true } else { false } }
    #expect(read == written)
    #expect(written >= 8)
  }

  /// A run that follows others is the run that stands alone.
  @Test func aRestartForgetsEverything() {
    var run = HandshakeRun(DeterminismTests.configuration, faults: .wild, eventCount: 6)
    for seed in 0..<20 { _ = run.run(seed: UInt64(seed)) }
    let late = run.run(seed: 99)
    var fresh = HandshakeRun(DeterminismTests.configuration, faults: .wild, eventCount: 6)
    let alone = fresh.run(seed: 99)
    #expect(alone == late)
  }

  /// Switching observers on changes nothing.
  @Test func watchingChangesNothing() {
    var run = HandshakeRun(DeterminismTests.configuration)
    let unwatched = run.run(seed: 12)
    run.withLink {
      $0.recorder.isOn = true
      $0.watcher.isOn = true
      $0.coverage.isOn = true
    }
    let watched = run.run(seed: 12)
    #expect(watched == unwatched)
  }

  /// The first numbers of xoshiro256** whose state SplitMix64 fills from 1, computed apart from this code.
  @Test func theGeneratorIsTheOneItSaysItIs() {
    var random = SeededRandom(seed: 1)
    let first = (0..<3).map { _ in random.next() }
    #expect(first == [0xB3F2_AF6D_0FC7_10C5, 0x853B_5596_4736_4CEA, 0x92F8_9756_082A_4514])
  }

  @Test func chanceIsFairEnough() {
    var random = SeededRandom(seed: 3)
    let hits = (0..<10_000).count { _ in random.chance(PerMille(250)) }
    #expect(hits > 2_300 && hits < 2_700)
    let before = random
    let certain = [random.chance(.zero), random.chance(PerMille(1_000))]
    #expect(certain == [false, true])
    #expect(random == before)
    let numbers = (0..<1_000).map { _ in random.number(in: -2...2) }
    #expect(Set(numbers) == [-2, -1, 0, 1, 2])
  }
}
