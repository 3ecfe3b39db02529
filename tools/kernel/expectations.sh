# What the guests must have said, in this order. Sourced by tools/kernel-test, not run.

expect first "Linux as a phone, our charger at the far end: 9 V, PPS 9.00 V, PPS 8.40 V" sink \
  "reached: voltage_now 9000000" "reached: online 2" "reached: voltage_now 8400000" \
  "partner: contract Fixed 9 V" "partner: contract PPS 9 V" "partner: contract PPS 8.4 V" \
  "Requesting PDO 1: 9000 mV" "SNK_TRANSITION_SINK -> SNK_READY" \
  "Requesting APDO 4: 9000 mV" "SNK_TRANSITION_SINK -> SNK_READY" \
  "Requesting APDO 4: 8400 mV" "SNK_TRANSITION_SINK -> SNK_READY"
expect first "Linux as a charger, our phone at the far end: 9 V" source \
  "partner: contract Fixed 9 V" "Requested 9000 mV" "SRC_TRANSITION_SUPPLY -> SRC_READY"
expect second "Linux asks our charger for the other data role, and back" data-swap \
  "reached: power_role sink" "reached: data_role device" "reached: data_role host" "reached: data_role device" \
  "partner: roles changed, source and device" "partner: roles changed, source and host" \
  "SNK_READY" "DR_SWAP_SEND" "DR_SWAP_CHANGE_DR -> SNK_READY" "DR_SWAP_SEND" "DR_SWAP_CHANGE_DR -> SNK_READY"
expect second "Linux asks for the other power role, and back; then our side asks" power-swap \
  "reached: power_role sink" "reached: power_role source" "reached: power_role sink" "reached: power_role source" \
  "partner: roles changed, sink" "partner: contract Fixed 9 V" \
  "partner: roles changed, source" "partner: contract Fixed 9 V" \
  "partner: roles changed, sink" "partner: contract Fixed 9 V" \
  "SNK_TRANSITION_SINK -> SNK_READY" \
  "PR_SWAP_SEND -> PR_SWAP_START" "PR_SWAP_START -> PR_SWAP_SNK_SRC_SINK_OFF" "VBUS off" \
  "PR_SWAP_SNK_SRC_SINK_OFF -> PR_SWAP_SNK_SRC_SOURCE_ON" "VBUS on" \
  "PR_SWAP_SNK_SRC_SOURCE_ON_VBUS_RAMPED_UP -> SRC_STARTUP" "SRC_TRANSITION_SUPPLY -> SRC_READY" \
  "PR_SWAP_SEND -> PR_SWAP_START" "PR_SWAP_START -> PR_SWAP_SRC_SNK_TRANSITION_OFF" "VBUS off" \
  "PR_SWAP_SRC_SNK_SOURCE_OFF_CC_DEBOUNCED -> PR_SWAP_SRC_SNK_SINK_ON" "VBUS on" \
  "SNK_TRANSITION_SINK -> SNK_READY" \
  "SNK_READY -> PR_SWAP_ACCEPT" "PR_SWAP_ACCEPT -> PR_SWAP_START" \
  "PR_SWAP_SNK_SRC_SINK_OFF -> PR_SWAP_SNK_SRC_SOURCE_ON" \
  "PR_SWAP_SNK_SRC_SOURCE_ON_VBUS_RAMPED_UP -> SRC_STARTUP" "SRC_TRANSITION_SUPPLY -> SRC_READY"
expect third "A KM003C behind the kernel's USB: ofc devices, ofc sniff" usb \
  "1-1  *5FC9:0063  POWER-Z KM003C" "ready: ofc sniff --device 1-1" "status 0" \
  "== sniff" "status 0" "heard: 9 lines, all of the recording" "written: all of the recording"
expect third "It is unplugged while ofc sniff listens" usb \
  "== unplugged" "5FC9:0063 at 1-1 (POWER-Z KM003C).*the device is gone; plug it in again" "status 6" \
  "the file is whole"
expect third "Our bridge on an FT232H; ftdi_sio steps aside and comes back" usb \
  "== bridge" "driver before: ftdi_sio" "the kernel driver ftdi_sio holds an interface" \
  "registers: 10 ee 12 5a c3 ea 16 e8 18 e6 1a e4 1c e2 1e e0" "driver meanwhile: usbfs" \
  "driver afterwards: ftdi_sio" "status 0"
expect third "The kernel's own driver on the model of an i2c-tiny-usb" usb \
  "== i2c-tiny-usb" "found: 0x2a$" "registers: 0x20 0xde 0x22 0xdc" "registers: 0x20 0x5a 0xc3 0xdc" "status 0"
for name in first second third; do
  expect "$name" "The $name guest came to its end without a complaint of the kernel" "" "the kernel is content" "== end at"
done
