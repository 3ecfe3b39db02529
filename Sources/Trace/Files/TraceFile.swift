/// Recordings as files.
public enum TraceFile {
  /// Opens a recording.
  /// - Parameters:
  ///   - path: the file; `-` is the standard input.
  ///   - format: its format; `nil` finds it out from the content, whatever the name.
  ///   - options: what the reader is to know.
  ///   - progress: is told the share of the file that was read, 0 to 1, while it is read.
  /// - Throws: `.unusable` where the file is missing, unreadable, a directory, empty, of no known format, or holds
  ///   nothing that can be read.
  public static func open(
    _ path: String, format: TraceFormat? = nil, options: TraceReadOptions = TraceReadOptions(),
    progress: ((Double) -> Void)? = nil
  ) throws(TraceFault) -> any TraceReader {
    let file = try InputFile(path: path, progress: progress)
    let detected = format == nil ? try TraceFormat.detect(file) : format
    guard let format = detected else {
      if try file.bytes(at: 0, count: 8) == Array("{\"type\":".utf8) {
        throw TraceFault(
          .unusable, file: file.name,
          "is what a decoding printed, not a recording; `ofc convert` writes recordings as JSON lines")
      }
      let names = TraceFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw TraceFault(.unusable, file: file.name, "is of no known format; the known ones are \(names)")
    }
    switch format {
    case .sigrok: return SourceReader(source: try SigrokSource(file, options: options))
    case .pcapng: return SourceReader(source: PcapngSource(file))
    case .pcap: return SourceReader(source: try PcapSource(file))
    case .km003cTransfers: return SourceReader(source: KM003CTransferSource(file))
    case .km003cEvents: return SourceReader(source: KM003CEventSource(file))
    case .messageList: return SourceReader(source: MessageListSource(file))
    case .drpdExport: return SourceReader(source: DrPDExportSource(file))
    case .drpdLines: return SourceReader(source: DrPDLineSource(file))
    case .drpdBlocks: return SourceReader(source: DrPDBlockSource(file))
    case .drpdHex: return SourceReader(source: DrPDHexSource(file))
    case .jsonLines: return SourceReader(source: JSONLineSource(file))
    case .hexText: return SourceReader(source: HexTextSource(file))
    }
  }

  /// The format of a file by its content; `nil` where it is none of the known ones.
  /// - Throws: `.unusable` where the file cannot be read.
  public static func format(of path: String) throws(TraceFault) -> TraceFormat? {
    try TraceFormat.detect(try InputFile(path: path))
  }

  /// Creates a recording.
  /// - Parameters:
  ///   - path: the file, which is emptied if it exists; `-` is the standard output.
  ///   - format: its format; `nil` takes the ending of the name.
  ///   - samplesPerSecond: for a sigrok session, 2,000,000 to 200,000,000.
  /// - Throws: `TraceWriteError`.
  public static func create(
    _ path: String, format: TraceWriteFormat? = nil, samplesPerSecond: UInt64 = 4_000_000
  ) throws -> any TraceWriter {
    guard let format = format ?? TraceWriteFormat(fileName: path) else {
      let names = TraceWriteFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw TraceWriteError(file: path, reason: "the ending names no format; the known ones are \(names)")
    }
    switch format {
    case .pcapng: return try PcapngWriter(path: path)
    case .csv: return try CSVWriter(path: path)
    case .sigrok: return try SigrokWriter(path: path, samplesPerSecond: samplesPerSecond)
    case .jsonLines: return try JSONLinesWriter(path: path)
    }
  }
}
