# Builds what QEMU boots. Sourced by tools/kernel-test, not run.

# Takes the kernel out of its self-extracting file: emulated, that would take seconds (setup_sects, payload_offset and
# payload_length of the x86 boot protocol).
unpack_kernel() {
  [ -f "$folder/vmlinux" ] && [ "$(cat "$folder/vmlinux.version" 2>/dev/null)" = "$version" ] && return
  local image="$folder/$package/boot/vmlinuz-$version" start length
  field() { od -An -t "u$2" -j "$1" -N "$2" "$image" | tr -d ' '; }
  start=$((($(field 497 1) + 1) * 512 + $(field 584 4)))
  length=$(field 588 4)
  head -c "$((start + length))" "$image" | tail -c "$length" | xz -dc --single-stream > "$folder/vmlinux"
  echo "$version" > "$folder/vmlinux.version"
}

build_guest() {
  local guest="$folder/guest" module="$folder/module" program library
  rm -rf "$guest" "$module"
  mkdir -p "$module" "$guest"/{bin,modules,lib64,lib/x86_64-linux-gnu}
  cp tools/kernel/module/* "$module/"
  make -s -C "/usr/src/linux-headers-$version" M="$module" modules 2>/dev/null
  strip -d -o "$guest/modules/ofc_twin.ko" "$module/ofc_twin.ko"
  for name in usb-common roles extcon-core typec tcpm fusb302 usbcore usbip-core vhci-hcd usbserial ftdi_sio i2c-dev \
    i2c-tiny-usb; do
    cp "$(find "$folder/$package/lib" -name "$name.ko")" "$guest/modules/"
  done
  gcc -O2 -Wall -Wextra -static -o "$guest/bridge" tools/kernel/guest/bridge.c
  cp /bin/busybox "$guest/bin/"
  cp -L /lib64/ld-linux-x86-64.so.2 "$guest/lib64/"
  for program in ofc usb-plug; do
    strip -o "$guest/$program" ".build/debug/$program"
    for library in $(ldd ".build/debug/$program" | grep -o '/[^ ]*'); do
      cp -L "$library" "$guest/lib/x86_64-linux-gnu/"
    done
  done
  cp -r tools/kernel/guest/scripts tools/kernel/guest/functions.sh "$guest/"
  install -m 755 tools/kernel/guest/init "$guest/init"
  cp Tests/Captures/km003c/usb_orig_with_pd_13.csv "$guest/recording.csv"
  (cd "$guest" && find . | cpio -o -H newc --quiet) > "$folder/guest.cpio"
}
