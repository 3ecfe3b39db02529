# Shared by the scripts of this folder: where the project is, and what it needs. Sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

say() { printf '\n==> %s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# The Debian packages that a build and its tests need: zlib and libusb with their headers, pkg-config to find them, and
# `size`.
packages=(zlib1g-dev libusb-1.0-0-dev pkg-config binutils)

# Installs what is missing; says so. Needs root or sudo only when something is missing.
set_up() {
  command -v swift >/dev/null || fail "the Swift tool chain (6.2 or later) is not in PATH; see https://www.swift.org/install"
  local missing=() package
  for package in "${packages[@]}" "$@"; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    say "Set up: nothing to install (${packages[*]} $*)"
    return
  fi
  say "Set up: installing ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "installing ${missing[*]} needs root or sudo"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -q >/dev/null || fail "apt-get update did not work"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "apt-get install ${missing[*]} did not work"
}
