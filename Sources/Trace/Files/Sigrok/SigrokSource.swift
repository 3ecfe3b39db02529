import LineCode
import Quantities

/// Packets of a sampled CC line: a sigrok session (`.sr`).
struct SigrokSource: RecordSource {
  private var samples: SigrokSamples
  /// One for every sixteen lines.
  private var scanners: [SampleScanner]
  private let rate: TickRate
  private let names: [Int: String]
  private var ready = RecordQueue()
  private var order = TimeOrder(window: longestTransmission)
  private var hasEnded = false
  private var fault: TraceFault?

  /// No line reports a transmission later than this after its beginning.
  private static let longestTransmission = Nanoseconds(Milliseconds(50))

  init(_ file: InputFile, options: TraceReadOptions) throws(TraceFault) {
    samples = try SigrokSamples(file, options: options)
    let metadata = samples.metadata
    let lines: [SigrokMetadata.Line]
    do throws(SigrokMetadataError) {
      lines = try metadata.lines(options.lines)
    } catch {
      throw TraceFault(.unusable, file: file.name, error.reason)
    }
    rate = TickRate(hertz: metadata.sampleRate)
    scanners = []
    for first in stride(from: 0, to: lines.count, by: SampleScanner.maximumLines) {
      let group = lines[first..<min(first + SampleScanner.maximumLines, lines.count)]
      let set = group.reduce(into: LineSet()) { $0.insert(LineSet(line: $1.bit)) }
      guard let scanner = SampleScanner(rate: rate, unitSize: metadata.unitSize, lines: set) else {
        throw TraceFault(.unusable, file: file.name, "samples of \(metadata.unitSize) bytes cannot be read")
      }
      scanners.append(scanner)
    }
    names = lines.reduce(into: [:]) { $0[$1.bit] = $1.name }
  }

  mutating func next() throws(TraceFault) -> TraceRecord? {
    while true {
      if let record = ready.popFirst() { return record }
      if hasEnded {
        if let fault { throw fault }
        return nil
      }
      do throws(TraceFault) {
        hasEnded = try !readChunk()
      } catch {
        hasEnded = true
        fault = error
      }
      if hasEnded { finish() }
    }
  }

  private mutating func readChunk() throws(TraceFault) -> Bool {
    let hasMore = try samples.nextChunk { chunk in
      for index in scanners.indices {
        scanners[index].scan(chunk) { line, event in
          order.insert(TraceRecord(event, rate: rate, line: names[line] ?? ""))
        }
      }
    }
    order.pass(rate.nanoseconds(scanners[0].time))
    order.release(to: &ready)
    return hasMore
  }

  private mutating func finish() {
    for index in scanners.indices {
      scanners[index].finish { line, event in
        order.insert(TraceRecord(event, rate: rate, line: names[line] ?? ""))
      }
    }
    order.releaseAll(to: &ready)
  }
}
