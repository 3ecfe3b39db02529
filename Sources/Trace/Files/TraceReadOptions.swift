/// What a reader may be told.
public struct TraceReadOptions: Equatable, Sendable {
  /// The lines of a sampled recording to decode, by name; `nil` takes those named after CC, and where there
  /// is none, every line that has a name.
  public var lines: [String]?
  /// Bytes that an archive may unpack to, so that a hostile one ends. Default: 1 TiB.
  public var unpackedLimit: UInt64

  public init(lines: [String]? = nil, unpackedLimit: UInt64 = 1 << 40) {
    self.lines = lines
    self.unpackedLimit = unpackedLimit
  }
}
