import ArgumentParser
import Trace

/// `ofc convert`: a recording from one format into another.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Converts a recording into another format.",
    discussion: """
      The format of the output follows its name: .pcapng (opens in Wireshark, loses nothing), .jsonl, .csv, or .sr
      (opens in sigrok and PulseView: the packets are drawn as a sampled CC line).

      examples
        ofc convert meter.csv negotiation.pcapng
        ofc convert negotiation.pcapng picture.sr
      """)

  @Argument(help: "The recording to read.", completion: .file()) var input: String
  @Argument(help: "The file to write.", completion: .file()) var output: String
  @Option(help: ArgumentHelp("The format of the input.", valueName: "name")) var from: TraceFormat?
  @Option(help: ArgumentHelp("The format of the output.", valueName: "name")) var to: TraceWriteFormat?
  @Option(
    name: .customLong("line"), help: ArgumentHelp("Read only this line (may be repeated).", valueName: "name")
  )
  var lines: [String] = []

  func run() throws {
    guard let format = to ?? TraceWriteFormat(fileName: output) else {
      Output.complain(
        "`\(output)` does not tell the format; name it .pcapng, .jsonl, .csv or .sr, or give --to")
      throw ExitStatus.unusableArgument
    }
    let progress = Progress(input)
    defer { progress.finish() }
    var reader: any TraceReader
    do {
      reader = try TraceFile.open(
        input, format: from, options: TraceReadOptions(lines: lines.isEmpty ? nil : lines),
        progress: progress.update)
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.unusableFile
    }
    var count = 0
    let fault: TraceFault?
    do {
      var writer = try TraceFile.create(output, format: format)
      fault = try reader.read { record in
        try writer.write(record)
        count += 1
      }
      try writer.finish()
    } catch {
      Output.complain(error is TraceWriteError ? "\(error)" : "\(output): \(error)")
      throw ExitStatus.unusableArgument
    }
    print("\(count) records written to \(output)")
    if let fault {
      Output.complain("\(fault)")
      throw fault.kind == .unusable ? ExitStatus.unusableFile : ExitStatus.damagedRecording
    }
  }
}
