/// Where digests come from, as a configuration says it. No key stands here, only where it is to be found.
public enum KeySource: Hashable, Sendable {
  /// From nowhere: the port offers what everybody gets.
  case none
  /// The invented key of the test vectors, bytes 00 to 1F, for every seed. No real device accepts it.
  case synthetic
  /// Another invented key, bytes 01 to 20: what a charger or a phone with a wrong key does.
  case syntheticWrong
  /// A file that only its owner can read.
  case file(String)
  /// A program that is started once and asked on its standard input: the agent of a secure element.
  case program([String])
  /// The same, already running, behind a Unix socket.
  case socket(String)
}
