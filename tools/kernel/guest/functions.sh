# What the scripts of the guest share. Sourced, not run.

# load MODULE…: in this order; those that are there already stay.
load() {
  for module in "$@"; do
    grep -q "^$(echo "$module" | tr - _) " /proc/modules || insmod "/modules/$module.ko"
  done
}

# within SECONDS COMMAND…: until it succeeds.
within() {
  local turns=$(($1 * 20))
  shift
  while ! "$@"; do
    turns=$((turns - 1))
    [ "$turns" -gt 0 ] || return 1
    sleep 0.05
  done
}

# twin ROLE OPTION…: Linux' USB-PD stack in that role on the model of the chip, and our side at the far end.
twin() {
  local role=$1
  shift
  load usb-common roles extcon-core typec tcpm fusb302
  insmod /modules/ofc_twin.ko role="$role" source_pdos=0x0001912c,0x0002d12c,0x0003c12c \
    sink_pdos=0x0001912c,0x0002d12c,0xc0dc213c
  rm -f /tmp/chip
  /ofc twin fusb302 "$@" --listen unix:/tmp/chip > /tmp/partner.log 2>&1 &
  twin=$!
  within 10 test -S /tmp/chip
  /bridge /tmp/chip &
  bridge=$!
  sleep 0.2
  echo 1 > /dev/ofc-twin-plug
  port=$(echo /sys/class/typec/port*)
}

# What both sides have to tell; then everything is gone again.
untwin() {
  echo "== partner"
  cat /tmp/partner.log
  echo "== tcpm"
  cat /sys/kernel/debug/usb/tcpm*/log
  echo 0 > /dev/ofc-twin-plug
  kill "$bridge" "$twin"
  wait "$bridge" "$twin" 2>/dev/null
  rmmod ofc_twin
}

# reached FILE VALUE: waits until the first line of a file of sysfs is that.
reached() {
  if within 10 stands "$1" "$2"; then
    echo "reached: ${1##*/} $2"
  else
    echo "not reached: ${1##*/} $2, but $(cat "$1")"
  fi
}
stands() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

# chosen FILE VALUE: waits until a choice of sysfs is that: `source [sink]`.
chosen() {
  if within 10 grep -q "\[$2\]" "$port/$1"; then
    echo "reached: $1 $2"
  else
    echo "not reached: $1 $2, but $(cat "$port/$1")"
  fi
}

# said COUNT TEXT: waits until our side has said it so many times.
said() {
  if within 10 told "$1" "$2"; then
    echo "said: $2 ($1)"
  else
    echo "not said: $2 ($1)"
  fi
}
told() { [ "$(grep -c "partner: $2" /tmp/partner.log)" -ge "$1" ]; }
