public import XiaomiCharge
public import XiaomiKeys

/// The keys of simulated chargers and phones, opened once for many runs.
///
/// Virtual time does not wait for anybody, so only keys in this process are of use here.
public struct KeyRing: Sendable {
  private var files: [KeySource: KeyTable] = [:]

  /// The invented keys only.
  public init() {}

  /// Those, and the files that are named.
  /// - Throws: what is wrong with a file, or that an agent is named.
  public init(_ sources: some Sequence<KeySource>) throws(KeyError) {
    for source in sources where files[source] == nil {
      switch source {
      case .none, .synthetic, .syntheticWrong: break
      case .file(let file): files[source] = try KeyFile.read(file)
      case .program(let words):
        throw KeyRing.agentError(words.first ?? "program")
      case .socket(let path): throw KeyRing.agentError(path)
      }
    }
  }

  /// The keys that a scenario names.
  /// - Throws: what is wrong with a file, or that an agent is named.
  public init(_ scenario: Scenario) throws(KeyError) {
    try self.init(
      scenario.links.compactMap { $0.port.xiaomi?.keys } + scenario.links.map(\.phone.xiaomi.keys))
  }

  private static func agentError(_ name: String) -> KeyError {
    KeyError(
      source: name,
      mistakes: [
        KeyError.Mistake(
          "an agent answers in real time, a simulated phone or a scenario does not wait; "
            + "use `synthetic` or a key file here, and agents with `ofc serve`")
      ])
  }

  /// Who computes digests; `nil`: nobody.
  public func provider(_ source: KeySource) -> (any XiaomiDigestProvider)? {
    switch source {
    case .none, .program, .socket: nil
    case .synthetic: SyntheticKeys.right
    case .syntheticWrong: SyntheticKeys.wrong
    case .file: files[source]
    }
  }

  /// The seeds that a phone with these keys chooses from; `nil` where any will do.
  func seeds(_ source: KeySource) -> [XiaomiOctets]? { files[source]?.seeds }
}
