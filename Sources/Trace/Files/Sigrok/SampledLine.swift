import LineCode
import Quantities

/// One line of a sampled recording on its way from samples to records.
struct SampledLine {
  private let name: String
  private let rate: TickRate
  private let bit: Int
  private var receiver: BMCReceiver
  private var level: UInt8?
  private var sinceEdge: UInt64 = 0
  private var records: [TraceRecord] = []

  init(_ line: SigrokMetadata.Line, rate: TickRate) {
    name = line.name
    bit = line.bit
    self.rate = rate
    receiver = BMCReceiver(rate: rate)
  }

  mutating func take(_ samples: Span<UInt8>, width: Int) {
    let byte = bit / 8
    let mask: UInt8 = 1 << UInt8(bit % 8)
    var index = byte
    var level = self.level ?? (samples[byte] & mask)
    while index < samples.count {
      let now = samples[index] & mask
      if now != level {
        if let event = receiver.edge(after: Ticks(sinceEdge)) { keep(event) }
        level = now
        sinceEdge = 0
      }
      sinceEdge += 1
      index += width
    }
    self.level = level
    if let event = receiver.still(for: Ticks(sinceEdge)) { keep(event) }
  }

  mutating func finish() {
    if let event = receiver.finish() { keep(event) }
  }

  mutating func moveRecords(to order: inout TimeOrder) {
    for record in records { order.insert(record) }
    records.removeAll(keepingCapacity: true)
  }

  private mutating func keep(_ event: LineEvent) {
    records.append(TraceRecord(event, rate: rate, line: name))
  }
}
