import Instruments
import LineCode
import Quantities

/// Turns the USB transfers between a host and one KM003C into records.
///
/// Packets and events carry the meter's own millisecond clock, measurements without one the host's. The meter's clock is
/// tied to the host's at the first PD reply.
struct KM003CSession {
  /// What the transfer at hand gave.
  private var records: [TraceRecord] = []
  /// What to add to device time; `nil` until the first PD reply.
  private var deviceOffset: Nanoseconds?
  private var lastDeviceTime: Milliseconds?
  private var rate: KM003CSampleRate?
  private var lastSample: (sequence: UInt16, time: Nanoseconds)?

  /// Takes a transfer of the bulk endpoints 0x01 (to the meter) or 0x81 (from it), made at `time` of the recording.
  ///
  /// Returns its records, of which those of the meter's queues are older than `time`, up to about a second.
  mutating func take(_ transfer: [UInt8], fromMeter: Bool, at time: Nanoseconds) -> [TraceRecord] {
    records.removeAll(keepingCapacity: true)
    guard let packet = try? KM003CPacket(transfer.span) else {
      // Parts of the encrypted exchanges have no header; a data packet has one that should have been right.
      if fromMeter && transfer.first == KM003CPacketKind.putData.rawValue {
        records.append(event(.other, "a USB reply of \(transfer.count) bytes cannot be read", at: time))
      }
      return records
    }
    switch packet {
    case .control(let control) where !fromMeter && control.kind == .startGraph:
      rate = KM003CSampleRate(rawValue: UInt8(truncatingIfNeeded: control.attribute))
      lastSample = nil
    case .data(_, _, let packets) where fromMeter:
      for packet in packets { take(packet, at: time) }
    default: break
    }
    return records
  }

  private mutating func take(_ packet: KM003CPacket.LogicalPacket, at time: Nanoseconds) {
    let payload = packet.payload
    do throws(KM003CError) {
      switch KM003CAttributes(rawValue: packet.attribute) {
      case .adc: takeMeasurement(try KM003CMeasurement(payload.span), at: time)
      case .adcQueue: takeSamples(try KM003CSample.samples(of: packet), at: time)
      case .powerDelivery: takePowerDelivery(try KM003CPowerDelivery(payload.span), at: time)
      default: break
      }
    } catch {
      records.append(event(.other, "a USB reply cannot be read: \(error)", at: time))
    }
  }

  private mutating func takeMeasurement(_ adc: KM003CMeasurement, at time: Nanoseconds) {
    let measurement = TraceMeasurement(
      vbus: Millivolts(adc.vbus), current: Milliamperes(adc.current), cc1: Millivolts(adc.cc1),
      cc2: Millivolts(adc.cc2), dPlus: Millivolts(adc.dPlus), dMinus: Millivolts(adc.dMinus),
      temperature: adc.temperature)
    records.append(TraceRecord(time: time, content: .measurement(measurement)))
  }

  /// The queue numbers its samples in ms. Its last sample is as old as the transfer when the graph starts; from then
  /// on the numbers count, unless they drift from the host's clock by more than a second.
  private mutating func takeSamples(_ samples: [KM003CSample], at time: Nanoseconds) {
    guard let last = samples.last else { return }
    var end = time
    if let known = lastSample {
      let counted = known.time + Self.milliseconds(last.sequence &- known.sequence)
      if Self.isNear(counted, time, Nanoseconds(Milliseconds(1000))) { end = counted }
    }
    lastSample = (last.sequence, end)
    for sample in samples {
      let age = Self.milliseconds(last.sequence &- sample.sequence)
      records.append(
        TraceRecord(time: max(end - age, .zero), content: .measurement(measurement(of: sample))))
    }
  }

  private func measurement(of sample: KM003CSample) -> TraceMeasurement {
    var measurement = TraceMeasurement(
      vbus: Millivolts(sample.vbus), current: Milliamperes(sample.current))
    if let rate {
      func potential(_ counts: UInt16) -> Millivolts {
        Millivolts(Microvolts(Int32(counts) * rate.potentialPerCount.rawValue))
      }
      measurement.cc1 = potential(sample.cc1Counts)
      measurement.cc2 = potential(sample.cc2Counts)
      measurement.dPlus = potential(sample.dPlusCounts)
      measurement.dMinus = potential(sample.dMinusCounts)
    }
    return measurement
  }

  private static func isNear(_ time: Nanoseconds, _ other: Nanoseconds, _ limit: Nanoseconds) -> Bool {
    time - other <= limit && other - time <= limit
  }

  private static func milliseconds(_ count: UInt16) -> Nanoseconds { Nanoseconds(Milliseconds(Int64(count))) }

  private mutating func takePowerDelivery(_ reading: KM003CPowerDelivery, at time: Nanoseconds) {
    let offset = offset(for: reading, at: time)
    for event in reading.events {
      records.append(Self.record(of: event, at: Nanoseconds(event.time) + offset))
    }
    let measurement = TraceMeasurement(
      vbus: reading.vbus, current: reading.current, cc1: reading.cc1, cc2: reading.cc2)
    let readingTime = Nanoseconds(reading.time) + offset
    records.append(TraceRecord(time: readingTime, content: .measurement(measurement)))
    if let damage = reading.damage {
      records.append(event(.other, "a list of events breaks off: \(damage)", at: readingTime))
    }
  }

  /// What to add to device time. Tied anew where the meter's clock went back, because it was started again, or is more
  /// than 1.5 s off the host's.
  private mutating func offset(for reading: KM003CPowerDelivery, at time: Nanoseconds) -> Nanoseconds {
    defer { lastDeviceTime = reading.time }
    if let deviceOffset, let lastDeviceTime, reading.time >= lastDeviceTime,
      Self.isNear(Nanoseconds(reading.time) + deviceOffset, time, Nanoseconds(Milliseconds(1500)))
    {
      return deviceOffset
    }
    let oldest = reading.events.reduce(reading.time) { min($0, $1.time) }
    let offset = max(time - Nanoseconds(reading.time), .zero - Nanoseconds(oldest))
    deviceOffset = offset
    return offset
  }

  private func event(_ kind: TraceEvent.Kind, _ text: String, at time: Nanoseconds) -> TraceRecord {
    TraceRecord(time: time, content: .event(TraceEvent(kind, text: text)))
  }

  /// A record of the meter's event list at its place on the time line.
  static func record(of event: KM003CPowerDelivery.Event, at time: Nanoseconds) -> TraceRecord {
    TraceRecord(time: time, content: content(of: event.content))
  }

  static func content(of content: KM003CPowerDelivery.Content) -> TraceRecord.Content {
    switch content {
    case .packet(let set, let bytes):
      .packet(TracePacket(orderedSet: set, bytes: bytes, validity: .notChecked))
    case .attach: .event(TraceEvent(.attach))
    case .detach: .event(TraceEvent(.detach))
    case .hardResetSent, .hardResetReceived: .reset(.hardReset)
    case .receiveError(let error):
      .event(TraceEvent(.receiveError, text: "the meter reports: \(words(error))"))
    case .unknown(let flags, let bytes):
      .event(TraceEvent(.other, text: "the meter reports \(HexText.text([flags] + bytes))"))
    }
  }

  private static func words(_ error: KM003CPowerDelivery.ReceiveError) -> String {
    switch error {
    case .orderedSet: "error in the ordered set"
    case .endOfPacket: "no end of packet"
    case .crc: "CRC wrong"
    case .dataCount: "wrong number of data"
    case .unknown: "unknown error"
    case .retries: "no answer after all retries"
    }
  }
}
