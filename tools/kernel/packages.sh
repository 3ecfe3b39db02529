# What tools/kernel-test needs from Debian. Sourced, not run.

# Installs it and sets `package` and `version` of the kernel; otherwise says why in `missing_reason`.
install_packages() {
  missing_reason=""
  if [ "$(uname -m)" != x86_64 ] || ! command -v apt-get >/dev/null; then
    missing_reason="it runs on x86-64 Debian only"
    return 1
  fi
  (set_up qemu-system-x86 busybox-static cpio xz-utils gcc make libc6-dev) 2>/dev/null || {
    missing_reason="QEMU and what builds its guest cannot be installed"
    return 1
  }
  package=$(apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends:/ { print $2; exit }')
  version=${package#linux-image-}
  if [ -z "$version" ] || ! (set_up "linux-headers-$version") 2>/dev/null; then
    missing_reason="there is no package of the kernel with its headers"
    return 1
  fi
  [ -f "$folder/$package/ready" ] && return 0
  rm -rf "$folder/$package"
  mkdir -p "$folder/$package"
  if ! (cd "$folder/$package" && apt-get download -q "$package" >/dev/null 2>&1 && dpkg -x "$package"_*.deb .); then
    missing_reason="$package cannot be loaded"
    return 1
  fi
  rm "$folder/$package"/*.deb
  touch "$folder/$package/ready"
}
