# What the guests must have said. Sourced by tools/kernel-test, not run.

expect first "Linux as a phone, our charger at the far end" sink \
  "reached: voltage_now 9000000" "reached: online 2" "reached: voltage_now 8400000" \
  "partner: contract PPS 8.4 V" "Requesting PDO 1: 9000 mV" "Requesting APDO 4: 9000 mV" \
  "SNK_TRANSITION_SINK -> SNK_READY" "Requesting APDO 4: 8400 mV" "SNK_TRANSITION_SINK -> SNK_READY"
