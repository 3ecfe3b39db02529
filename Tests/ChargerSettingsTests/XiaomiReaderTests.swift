import ChargerSettings
import PortEngine
import PowerDelivery
import Quantities
import Settings
import TestSupport
import Testing
import XiaomiCharge
import XiaomiKeys

@Suite struct XiaomiReaderTests {
  private static func text(_ lines: String) -> String {
    "ports:\n  - name: A\n" + lines.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n") + "\n"
  }

  private static func port(_ lines: String) throws -> PortSettings {
    try ChargerSettings.read(Array(text(lines).utf8), file: "c.yaml").ports[0]
  }

  private static func mistakes(_ lines: String) -> [String] {
    do {
      _ = try port(lines)
      return []
    } catch {
      return (error as? SettingsFailure)?.errors.map(\.description) ?? []
    }
  }

  /// `5 V 3 A`, `3.3–11 V 6.1 A`, with `!` where the power limits the object.
  private static func list(_ offer: PowerOffer) -> [String] {
    (0..<offer.objects.count).compactMap { index in
      switch offer.objects.source(at: index + 1) {
      case .fixed(let object): "\(object.voltage.settingsText) \(object.maximumCurrent.settingsText)"
      case .sprPPS(let object):
        "\(object.minimumVoltage.settingsText)–\(object.maximumVoltage.settingsText) "
          + "\(object.maximumCurrent.settingsText)\(object.ppsPowerLimited ? "!" : "")"
      case .sprAVS: "AVS"
      default: nil
      }
    }
  }

  private static let open67 = ["5 V 3 A", "9 V 3 A", "15 V 3 A", "20 V 3.25 A", "3.3 V–11 V 3 A"]

  @Test func theExample() throws {
    let path = ProjectFiles.url("hardware/serve/xiaomi-car-charger.yaml").path
    let settings = try ChargerSettings.read(file: path)
    #expect(
      settings.budget == Milliwatts(150_000)
        && settings.ports.map(\.xiaomi?.keys) == [.synthetic, .synthetic])
    #expect(settings.ports.map(\.highestPower) == [Milliwatts(120_000), Milliwatts(67_100)])
    let phones = settings.ports.flatMap { $0.visits.map(\.phone) }
    #expect(phones.map(\.xiaomi.keys) == [.synthetic, .syntheticWrong, .synthetic])
    #expect(phones.map(\.xiaomi.family) == [.reference, .reference, .mediatek])
  }

  @Test func everyKey() throws {
    let port = try Self.port(
      """
      cable: {captive: {current: 6.2 A}}
      xiaomi:
        class: 120 W
        adapter: 0xA819
        product: 0x1234
        version: 0x00030002
        identity: 0x05802717
        keys: synthetic
        enforcement: lenient
        voltage-step: 10 mV
        zmi: true
        reset: refuse
      """)
    let xiaomi = try #require(port.xiaomi)
    var charger = XiaomiChargerSettings(adapterID: XiaomiAdapterID(rawValue: 0xA819))
    charger.version = XiaomiChargerVersion(rawValue: 0x0003_0002)
    charger.enforcement = .lenient
    charger.voltageStep = .tenMillivolts
    charger.answersZMI = true
    charger.obeysReset = false
    #expect(xiaomi.charger == charger)
    #expect(
      xiaomi.identity.productID == 0x1234 && xiaomi.identity.header.rawValue == 0x0580_2717
        && xiaomi.keys == .synthetic)
    #expect(port.cable == .captive(current: Milliamperes(6_200), isEPR: false))
    #expect(port.configuration.captiveCableCurrent == Milliamperes(6_200))
    #expect(port.stage == .xiaomi(isEPR: false))
    #expect(port.stage.current == Milliamperes(6_350) && port.stage.power == Milliwatts(130_000))
    let budget = try ChargerSettings.read(
      Array(Self.text("xiaomi: {class: 67 W, adapter: 1}").utf8), file: "c.yaml"
    ).budget
    #expect(budget == Milliwatts(67_000))
  }

  @Test func defaults() throws {
    let xiaomi = try #require(try Self.port("xiaomi: {class: 67 W, adapter: 43033}").xiaomi)
    #expect(xiaomi.charger == XiaomiChargerSettings(adapterID: XiaomiAdapterID(rawValue: 0xA819)))
    #expect(
      xiaomi.identity.productID == 0 && xiaomi.identity.header.rawValue == 0x05C0_2717 && xiaomi.keys == .none
    )
  }

  @Test(
    arguments: [
      ("none", KeySource.none), ("synthetic", .synthetic), ("Synthetic wrong", .syntheticWrong),
      ("{file: /etc/ofc/xiaomi.keys}", .file("/etc/ofc/xiaomi.keys")),
      ("{program: [/usr/bin/agent, --arg]}", .program(["/usr/bin/agent", "--arg"])),
      ("{program: agent}", .program(["agent"])), ("{socket: /run/agent.sock}", .socket("/run/agent.sock")),
    ] as [(String, KeySource)])
  func keys(_ text: String, _ keys: KeySource) throws {
    #expect(try Self.port("xiaomi: {class: 27 W, adapter: 1, keys: \(text)}").xiaomi?.keys == keys)
  }

  /// Each class through each cable, with the power of each stage in mW; `nil` where the cable lets nothing more through.
  private static let cables = [
    "{captive: {current: 6.2 A}}", "{captive: {current: 5 A}}", "receptacle", "none",
  ]

  @Test(
    arguments: [
      ("27 W", 0, [], [], [27_000, 27_000, 27_000]), ("27 W", 3, [], [], [27_000, 27_000, 27_000]),
      ("33 W", 0, [], [], [33_000, 33_000, 33_000]), ("33 W", 3, [], [], [33_000, 33_000, 33_000]),
      ("33 W", 2, [], [], [33_000, 33_000, 33_000]),
      ("67 W", 0, ["3.3 V–11 V 6.1 A"], [], [65_000, 67_100, 67_100]),
      ("67 W", 1, ["3.3 V–11 V 5 A"], [], [65_000, 67_000, 67_000]),
      ("67 W", 2, ["3.3 V–11 V 5 A"], [], [65_000, 67_000, 67_000]),
      ("90 W", 0, ["3.3 V–11 V 6.1 A"], ["5 V–20 V 4.5 A"], [65_000, 67_100, 90_000]),
      ("90 W", 2, ["3.3 V–11 V 5 A"], ["5 V–20 V 4.5 A"], [65_000, 67_000, 90_000]),
      ("90 W", 3, [], ["5 V–20 V 3 A"], [65_000, 65_000, 90_000]),
      ("120 W", 0, ["3.3 V–11 V 6.1 A"], ["5 V–20 V 6 A"], [65_000, 67_100, 120_000]),
      ("120 W", 1, ["3.3 V–11 V 5 A"], ["5 V–20 V 5 A"], [65_000, 67_000, 120_000]),
      ("120 W", 2, ["3.3 V–11 V 5 A"], ["5 V–20 V 5 A"], [65_000, 67_000, 120_000]),
      ("120 W", 3, [], ["5 V–20 V 3 A"], [65_000, 65_000, 120_000]),
    ] as [(String, Int, [String], [String], [Int32])])
  func classes(
    _ name: String, _ cable: Int, _ verified: [String], _ mutual: [String], _ powers: [Int32]
  ) throws {
    let lines = cable == 3 ? "vconn: no" : "cable: \(Self.cables[cable])"
    let port = try Self.port("\(lines)\nxiaomi: {class: \(name), adapter: 1}")
    let open = Self.list(port.offer)
    let offers = [XiaomiStage.standard, .verified, .mutual].map { port.offer(at: $0) }
    #expect(Self.list(offers[1]) == open + verified)
    #expect(Self.list(offers[2]) == open + verified + mutual)
    #expect(offers.map(\.pdp.rawValue) == powers)
    #expect(offers.allSatisfy { $0.highestPower <= $0.pdp && OfferCheck.diagnostics($0.objects).isEmpty })
    if cable != 3, powers[0] == 65_000 { #expect(open == Self.open67) }
  }

  /// The port's own list, with what the class or the file adds, each object in its place.
  @Test(
    arguments: [
      (
        "pdp: 45 W\nxiaomi: {class: 67 W, adapter: 1}",
        ["5 V 3 A", "9 V 3 A", "15 V 3 A", "AVS", "3.3 V–11 V 5 A", "5 V–16 V 3 A!"], [], 45_000, 67_000,
        67_000
      ),
      (
        "offer: {fixed: [5 V 3 A, 9 V 3 A], pps: [3.3–11 V 2.5 A]}\nxiaomi: {adapter: 1, verified: {pps: [5–11 V 3 A]}}",
        ["5 V 3 A", "9 V 3 A", "3.3 V–11 V 2.5 A!", "5 V–11 V 3 A"], [], 27_000, 33_000, 33_000
      ),
      (
        "offer: {fixed: [5 V 3 A, 9 V 3 A]}\nxiaomi: {adapter: 1, verified: {pps: [5–11 V 3 A], power: 30 W}}",
        ["5 V 3 A", "9 V 3 A", "5 V–11 V 3 A!"], [], 27_000, 30_000, 30_000
      ),
      (
        "cable: {captive: {current: 6.1 A}}\noffer: {fixed: [5 V 3 A, 9 V 3 A]}\nxiaomi: {class: 120 W, adapter: 1, verified: {pps: [5–11 V 3 A]}}",
        ["5 V 3 A", "9 V 3 A", "5 V–11 V 3 A"], ["3.3 V–11 V 6.1 A", "5 V–20 V 6 A"], 27_000, 67_000,
        120_000
      ),
      (
        "cable: {captive: {current: 6.1 A}}\nxiaomi:\n  class: 120 W\n  adapter: 1\n  mutual: {pps: [5–20 V 6 A], power: 125 W}",
        ["5 V 3 A", "9 V 3 A", "15 V 3 A", "20 V 3.25 A", "3.3 V–11 V 3 A", "3.3 V–11 V 6.1 A"], nil, 65_000,
        67_100, 125_000
      ),
    ] as [(String, [String], [String]?, Int32, Int32, Int32)])
  func ownOffers(
    _ lines: String, _ verified: [String], _ more: [String]?, _ open: Int32, _ trusted: Int32, _ proved: Int32
  ) throws {
    let port = try Self.port(lines)
    #expect(Self.list(port.offer(at: .verified)) == verified)
    let mutual = Self.list(port.offer(at: .mutual))
    #expect(mutual == (more.map { verified + $0 } ?? Self.open67 + ["5 V–20 V 6 A"]))
    let powers = [XiaomiStage.standard, .verified, .mutual].map { port.offer(at: $0).pdp.rawValue }
    #expect(powers == [open, trusted, proved])
  }

  /// What a class adds is left out where the port's own list gives it to everybody.
  @Test func whatEverybodyGetsIsNotAddedAgain() throws {
    let port = try Self.port("pdp: 100 W\nxiaomi: {class: 90 W, adapter: 1}")
    #expect(
      Self.list(port.offer(at: .mutual)).filter { $0.contains("–") } == ["3.3 V–11 V 5 A", "5 V–21 V 5 A!"])
    // 45 W say that they are limited: 90 W are more.
    let small = try Self.port(
      "offer: {fixed: [5 V 3 A, 9 V 3 A, 15 V 3 A], pps: [5–21 V 4.5 A]}\nxiaomi: {class: 90 W, adapter: 1}")
    #expect(
      Self.list(small.offer(at: .mutual)).suffix(3) == [
        "3.3 V–11 V 5 A", "5 V–20 V 4.5 A", "5 V–21 V 4.5 A!",
      ])
  }

  /// A current that is rounded up to 10 mA is granted as it is offered: 15 V 1.87 A are more than 28 W.
  @Test func whatIsRoundedUpIsGranted() throws {
    let port = try Self.port(
      "pdp: 28 W\noffer: {fixed: [5 V 3 A, 9 V 3 A, 15 V 1.87 A]}\nxiaomi: {class: 33 W, adapter: 1}")
    #expect(port.offer.pdp == Milliwatts(28_050))
  }

  /// Objects that are written take the place of those of the class, which the cable would make useless.
  @Test func whatIsWrittenMakesTheClassUseful() throws {
    let port = try Self.port("vconn: no\nxiaomi: {class: 67 W, adapter: 1, verified: {pps: [5–20 V 3 A]}}")
    #expect(Self.list(port.offer(at: .verified)).last == "5 V–20 V 3 A")
  }

  @Test func extendedPowerRangeStays() throws {
    let port = try Self.port("pdp: 140 W\nxiaomi: {class: 67 W, adapter: 1}")
    #expect(port.xiaomi?.verified.eprObjects == port.offer.eprObjects && port.offer.isEPR)
    #expect(port.stage == .xiaomi(isEPR: true) && port.xiaomi?.verified.pdp == Milliwatts(140_000))
  }

  /// A port, and the only mistake in it (behind the file name).
  @Test(
    arguments: [
      (
        "xiaomi: {class: 67 W}",
        "3:13: ports[0].xiaomi: `adapter` is missing; digests depend on the adapter id; give its 16 bits, for example `adapter: 0xA819`"
      ),
      (
        "xiaomi: {adapter: 1}",
        "3:13: ports[0].xiaomi: `class` is missing; give 27 W, 33 W, 67 W, 90 W or 120 W, or `verified` with objects of its own"
      ),
      (
        "xiaomi:",
        "3:5: ports[0].xiaomi: nothing stands behind `xiaomi:`; give at least `class` and `adapter`"
      ),
      (
        "xiaomi: {adapter: 1, verified: {pps: [5–11 V 3 A]}}",
        "3:13: ports[0].xiaomi: without `class` it is not known what everybody is offered; give `class`, or the port's `offer` or `pdp`"
      ),
      (
        "xiaomi: {class: 100 W, adapter: 1}",
        "3:21: ports[0].xiaomi.class: there is no class of 100 W; the classes are 27 W, 33 W, 67 W, 90 W, 120 W"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 0x1A819}",
        "3:36: ports[0].xiaomi.adapter: 0x1A819 is outside 0x0 to 0xFFFF"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 0xZZ}", "3:36: ports[0].xiaomi.adapter: `0xZZ` is no whole number"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 1, keys: synthetik}",
        "3:45: ports[0].xiaomi.keys: `synthetik` is none of none, synthetic, synthetic wrong; did you mean `synthetic`?"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 1, keys: {file: a, socket: b}}",
        "3:45: ports[0].xiaomi.keys: keys come from one place, and 2 are given; keep one of them"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 1, keys: {}}",
        "3:45: ports[0].xiaomi.keys: it is not said where the keys are; give one of `file`, `program`, `socket`"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 1, keys: {fil: a}}",
        "3:46: ports[0].xiaomi.keys: `fil` is not known here; did you mean `file`?"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 1, keys: {program: []}}",
        "3:55: ports[0].xiaomi.keys.program: no program is named; write for example `program: [/usr/bin/agent, --quiet]`"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 1, keys: {file: \"\"}}",
        "3:52: ports[0].xiaomi.keys.file: a text is expected here, and there is nothing"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 1, enforcement: strikt}",
        "3:52: ports[0].xiaomi.enforcement: `strikt` is none of strict, lenient; did you mean `strict`?"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 1, voltage-step: 1 V}",
        "3:53: ports[0].xiaomi.voltage-step: `1 V` is none of 100 mV, 10 mV"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 1, reset: never}",
        "3:46: ports[0].xiaomi.reset: `never` is none of obey, refuse"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 1, colour: red}",
        "3:39: ports[0].xiaomi: `colour` is not known here; allowed here: class, adapter, version, enforcement, voltage-step, zmi, reset, product, identity, keys, verified, mutual"
      ),
      (
        "vconn: no\nxiaomi: {class: 67 W, adapter: 1}",
        "4:21: ports[0].xiaomi.class: a charger of 67 W gives nobody more through this cable: without VCONN no e-marker is read, and a cable without e-marker carries 3 A; fit another cable, or give a lower `class`"
      ),
      (
        "cable: captive\nxiaomi: {class: 67 W, adapter: 1}",
        "4:21: ports[0].xiaomi.class: a charger of 67 W gives nobody more through this cable: the captive cable carries 3 A; fit another cable, or give a lower `class`"
      ),
      (
        "pdp: 27 W\ncable: {captive: {current: 6.2 A}}",
        "4:32: ports[0].cable.captive.current: 6.2 A is above 5 A, where USB-C ends; only a port with `xiaomi` may use more"
      ),
      (
        "cable: {captive: {current: 6.4 A}}\nxiaomi: {class: 67 W, adapter: 1}",
        "3:32: ports[0].cable.captive.current: 6.4 A is outside 1.5 A to 6.35 A"
      ),
      (
        "pdp: 27 W\ncable: {captive: {current: 6.4 A}}",
        "4:32: ports[0].cable.captive.current: 6.4 A is outside 1.5 A to 5 A"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 1, verified: {pps: [3.3–11 V 6.1 A]}}",
        "3:56: ports[0].xiaomi.verified.pps[0]: 6.1 A cannot be offered here: more than 5 A need a captive cable that is made for them"
      ),
      (
        "cable: {captive: {current: 6.35 A}}\nxiaomi: {class: 67 W, adapter: 1, verified: {pps: [3.3–11 V 6.4 A]}}",
        "4:56: ports[0].xiaomi.verified.pps[0]: 6.4 A is above 6.35 A; the current of a PPS object ends there"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 1, verified: {power: 67 W}}",
        "3:49: ports[0].xiaomi.verified: `pps` is missing; name what is added, for example `pps: [3.3–11 V 5 A]`"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 1, mutual: {pps: [5–20 V 4 A, 5–11 V 5 A]}}",
        "3:66: ports[0].xiaomi.mutual.pps[1]: PPS objects stand in the order of their highest voltage"
      ),
      (
        "xiaomi: {class: 67 W, adapter: 1, mutual: {pps: [5–20 V 4 A], power: 60 W}}",
        "3:74: ports[0].xiaomi.mutual.power: 60 W is less than the 65 W that everybody is offered"
      ),
      (
        "pdp: 100 W\nxiaomi: {class: 120 W, adapter: 1, mutual: {pps: [5–11 V 5 A, 5–20 V 5 A]}}",
        "4:48: ports[0].xiaomi.mutual: the list of the stage `mutual` has 8 objects; Source_Capabilities holds at most 7 (USB-PD R3.2 §6.4.1)"
      ),
      (
        "stage: {power: 66 W}\nxiaomi: {class: 67 W, adapter: 1}",
        "3:20: ports[0].stage.power: the stage's 66 W do not fit the 67 W that are offered at the stage of trust `verified`"
      ),
      (
        "stage: {power: 60 W}\nxiaomi: {class: 67 W, adapter: 1}",
        "3:20: ports[0].stage.power: the stage's 60 W do not fit the port's 65 W"
      ),
      (
        "stage: {power: 100 W}\ncable: {captive: {current: 6 A}}\nxiaomi: {class: 120 W, adapter: 1}",
        "3:20: ports[0].stage.power: the stage's 100 W do not fit the 120 W that are offered at the stage of trust `mutual`"
      ),
      (
        "stage: {current: 5 A}\ncable: {captive: {current: 6 A}}\nxiaomi: {class: 67 W, adapter: 1}",
        "3:22: ports[0].stage.current: the stage's 5 A do not fit the 6 A that are offered at the stage of trust `verified`"
      ),
      (
        "stage: {current: 6.4 A}\nxiaomi: {class: 67 W, adapter: 1}",
        "3:22: ports[0].stage.current: the stage's 6.4 A do not fit the offer's 3.25 A"
      ),
      (
        "stage: {current: 6 A}\npdp: 27 W",
        "3:22: ports[0].stage.current: the stage's 6 A do not fit the offer's 3 A"
      ),
      (
        "cable: {captive: {current: 6.35 A}}\nxiaomi: {class: 67 W, adapter: 1, mutual: {pps: [5–21 V 6.35 A]}}",
        "4:13: ports[0].xiaomi: the stage's 130 W do not fit the 133.35 W that are offered at the stage of trust `mutual`; give `stage`, or offer less"
      ),
    ] as [(String, String)])
  func oneMistake(_ port: String, _ mistake: String) {
    #expect(Self.mistakes(port) == ["c.yaml:\(mistake)"])
  }

  /// Mistakes of the port's own offer do not hide those behind `xiaomi`.
  @Test func mistakesOfBothAtOnce() {
    let places = Self.mistakes("offer: {fixed: [9 V 3 A]}\nxiaomi: {class: 67 W, adapter: x}").map {
      $0.split(separator: " ").prefix(2).joined(separator: " ")
    }
    #expect(places == ["c.yaml:3:21: ports[0].offer.fixed[0]:", "c.yaml:4:36: ports[0].xiaomi.adapter:"])
  }

  /// Other keys or rules begin anew; a new list does not.
  @Test func whatBeginsThePortAnew() throws {
    let port = try Self.port("xiaomi: {class: 67 W, adapter: 1, keys: synthetic}")
    func becomes(_ change: (inout XiaomiPortSettings) -> Void) -> Bool {
      var other = port
      if var xiaomi = port.xiaomi {
        change(&xiaomi)
        other.xiaomi = xiaomi
      }
      return port.needsNewPort(toBecome: other)
    }
    #expect(becomes { $0.keys = .syntheticWrong })
    #expect(becomes { $0.charger.enforcement = .lenient })
    #expect(becomes { $0.identity.productID = 7 })
    #expect(!becomes { $0.mutual.pdp = Milliwatts(60_000) })
  }
}
