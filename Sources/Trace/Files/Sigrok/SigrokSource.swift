import LineCode
import Quantities

/// Packets of a sampled CC line: a sigrok session (`.sr`).
struct SigrokSource: RecordSource {
  private var samples: SigrokSamples
  private var lines: [SampledLine]
  private let rate: TickRate
  private let width: Int
  private var ready = RecordQueue()
  private var order = TimeOrder(window: longestTransmission)
  private var taken: UInt64 = 0
  private var hasEnded = false
  private var fault: TraceFault?

  /// No line reports a transmission later than this after its beginning.
  private static let longestTransmission = Nanoseconds(Milliseconds(50))

  init(_ file: InputFile, options: TraceReadOptions) throws(TraceFault) {
    samples = try SigrokSamples(file, options: options)
    rate = TickRate(hertz: samples.metadata.sampleRate)
    width = samples.metadata.unitSize
    do throws(SigrokMetadataError) {
      let rate = rate
      lines = try samples.metadata.lines(options.lines).map { SampledLine($0, rate: rate) }
    } catch {
      throw TraceFault(.unusable, file: file.name, error.reason)
    }
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
    let width = width
    var lines = self.lines
    self.lines = []
    defer { self.lines = lines }
    var count = 0
    let hasMore = try samples.nextChunk { chunk in
      count += chunk.count / width
      for index in lines.indices { lines[index].take(chunk, width: width) }
    }
    taken += UInt64(count)
    for index in lines.indices { lines[index].moveRecords(to: &order) }
    order.pass(rate.nanoseconds(Ticks(taken)))
    order.release(to: &ready)
    return hasMore
  }

  private mutating func finish() {
    for index in lines.indices {
      lines[index].finish()
      lines[index].moveRecords(to: &order)
    }
    order.releaseAll(to: &ready)
  }
}
