import ChargerSettings
import Quantities
import Settings
import Testing
import XiaomiKeys

@Suite struct PhoneReaderTests {
  private static func phone(_ text: String) throws(SettingsFailure) -> PhoneSettings {
    try YAMLDocument.read(Array("phone: \(text)\n".utf8), file: "p.yaml") { root in
      root.mapping { $0.required("phone").flatMap { PhoneReader.phone($0) } }
    }
  }

  @Test(
    arguments: [
      ("xiaomi", .reference, .synthetic, nil), ("{model: xiaomi}", .reference, .synthetic, nil),
      ("{model: xiaomi, family: mediatek, keys: none}", .mediatek, .none, nil),
      ("{model: xiaomi, family: 17, charge: 20 %}", .xiaomi17, .synthetic, 20),
      ("{model: xiaomi, family: tester, keys: synthetic wrong}", .communityTester, .syntheticWrong, nil),
      ("{model: xiaomi, family: daemon, keys: {file: k}, charge: 0 %}", .communityDaemon, .file("k"), 0),
      ("{model: xiaomi, family: qualcomm}", .qualcomm, .synthetic, nil),
      ("{model: xiaomi, family: maxim, charge: 100 %}", .maxim, .synthetic, 100),
    ] as [(String, PhoneSettings.XiaomiFamily, KeySource, Int32?)])
  func xiaomi(_ text: String, _ family: PhoneSettings.XiaomiFamily, _ keys: KeySource, _ charge: Int32?)
    throws
  {
    let phone = try Self.phone(text)
    #expect(phone.model == .xiaomi && phone.xiaomi.family == family && phone.xiaomi.keys == keys)
    #expect(phone.charge == charge.map { Percent($0) })
  }

  @Test(arguments: PhoneSettings.Model.allCases) func everyModelHasABattery(_ model: PhoneSettings.Model)
    throws
  {
    #expect(try Self.phone("{model: \(model.rawValue), charge: 55 %}").charge == Percent(55))
  }

  @Test(
    arguments: [
      (
        "{model: pps, family: maxim}",
        "1:29: phone.family: the model `pps` has no `family`; only `model: xiaomi` has"
      ),
      (
        "{model: pd2, keys: none}",
        "1:27: phone.keys: the model `pd2` has no `keys`; only `model: xiaomi` has"
      ),
      (
        "{model: xiaomi, family: maxi}",
        "1:32: phone.family: `maxi` is none of reference, qualcomm, mediatek, maxim, 17, tester, daemon; did you mean `maxim`?"
      ),
      (
        "{model: xiaomi, keys: {program: a}}",
        "1:31: phone.keys: `program` is not known here; allowed here: file"
      ),
      ("{model: xiaomi, keys: {file: }}", "1:30: phone.keys: it is not said where the keys are; give `file`"),
      ("{model: pps, charge: 101 %}", "1:29: phone.charge: 101 % is outside 0 % to 100 %"),
      (
        "{model: pps, charge: 20}",
        "1:29: phone.charge: `20` has no unit; write `20 %` if that is what is meant"
      ),
    ] as [(String, String)])
  func oneMistake(_ text: String, _ mistake: String) {
    var mistakes: [String] = []
    do { _ = try Self.phone(text) } catch { mistakes = error.errors.map(\.description) }
    #expect(mistakes == ["p.yaml:\(mistake)"])
  }
}
