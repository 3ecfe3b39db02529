import Testing
import Trace

/// Every recording of the repository, with pinned counts.
@Suite struct SweepTests {
  /// Packets, bad ones among them, resets, events, measurements.
  @Test(arguments: [
    ("pd/briansune/epr_entry_refused_cut.sr", [28, 0, 0, 0, 0]),
    ("pd/jimknopf/Bosch36V_ebike-SLS2_PD-sync.sr", [11, 0, 0, 0, 0]),
    ("pd/jimknopf/Bosch36V_ebike-xperia10iii_PD-sync.sr", [12, 0, 0, 0, 0]),
    ("pd/jimknopf/Bosch_ebike-Sony_headset_WH-1000XM4-PD-sync.sr", [63, 0, 0, 0, 0]),
    ("pd/jimknopf/INIU-B63-SLS2_PD-sync.sr", [34, 2, 0, 0, 0]),
    ("pd/jimknopf/PinePower-Fuji_Lifebook_PD-sync.sr", [12, 0, 0, 0, 0]),
    ("pd/jimknopf/PinePower-SLS2_PD-sync.sr", [11, 0, 0, 0, 0]),
    ("pd/jimknopf/PinePower-xperia10iii_3_PD-sync.sr", [21, 0, 2, 0, 0]),
    ("pd/sigrok-dumps/apple_power_brick.sr", [61, 0, 0, 0, 0]),
    ("pd/sigrok-dumps/hdmi_dongle.sr", [54, 0, 0, 0, 0]),
    ("pd/sigrok-dumps/thinkpad_yoga_370-anker_powerbank-both_orientations.sr", [42, 0, 0, 0, 0]),
    ("pd/sigrok-dumps/thinkpad_yoga_370-aukey_45w.sr", [8, 0, 0, 0, 0]),
    ("pd/sigrok-dumps/zy12pds_sink_module-65w_noname_supply.sr", [10, 0, 0, 0, 0]),
    ("pd/km003c/km003c_epr_session.csv", [109, 0, 0, 1, 0]),
    ("pd/km003c/km003c_spr_9v_session.csv", [11, 0, 0, 2, 0]),
    ("pd/km003c/pd_capture_new.9.pcapng", [11, 0, 0, 2, 1747]),
    ("km003c/expected_pd_events.csv", [344, 0, 0, 5, 96]),
    ("km003c/usb_orig_adc_1000hz_6.csv", [0, 0, 0, 0, 9307]),
    ("km003c/usb_orig_adc_50hz_6.csv", [0, 0, 0, 0, 402]),
    ("km003c/usb_orig_new_adcsimple0_12.csv", [0, 0, 0, 0, 77]),
    ("km003c/usb_orig_open_close_16.csv", [0, 0, 0, 0, 19]),
    ("km003c/usb_orig_with_pd_13.csv", [11, 0, 0, 2, 511]),
    ("km003c/usb_pd_adcqueue_new_11.csv", [0, 0, 0, 0, 9300]),
    ("km003c/usb_pd_capture_new_9.csv", [11, 0, 0, 2, 1747]),
    ("km003c/usb_pd_epr0_9.csv", [322, 0, 0, 1, 993]),
    ("km003c/usb_rust_simple_logger_16.csv", [0, 0, 0, 0, 10]),
  ])
  func counts(_ name: String, _ counts: [Int]) async {
    let reading = await KnownReadings.shared.reading(name)
    #expect(reading.counts == counts)
    #expect(reading.fault == nil)
    #expect(zip(reading.records, reading.records.dropFirst()).allSatisfy { $0.time <= $1.time })
  }
}
