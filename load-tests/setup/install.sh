#!/usr/bin/env bash
# install.sh build|test ... : installs what is missing and only that, starts nothing, says in one sentence what it could not do.
#   build   a C compiler, Node of the age the web build needs
#   test    the programs of others that the tests talk to
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=target/tools
node_major=22 node_least=20.19.0

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 69; }
has() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif has sudo && sudo -n true 2>/dev/null; then sudo -n "$@"
  else return 1
  fi
}

# Installs Debian packages without the services they bring: their start is forbidden while they are unpacked, and units
# that were not on this machine before are taken off its boot list, or they would hold the SIP ports after a restart.
packages() {
  [ $# -gt 0 ] || return 0
  has apt-get || die "this is no Debian: install what the packages $* contain, then call make again"
  as_root true || die "no right to install: as root, run: apt-get install --no-install-recommends $*"
  say "installing $*"
  local guard=/usr/sbin/policy-rc.d log=$tools/apt.log unit
  mkdir -p "$tools"
  if [ ! -e "$guard" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root sh -c "cat > $guard && chmod 755 $guard"
    trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  local get=(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300)
  if ! "${get[@]}" install --no-install-recommends "$@" >"$log" 2>&1; then
    "${get[@]}" update >>"$log" 2>&1 || die "apt-get update failed, see $log"
    "${get[@]}" install --no-install-recommends "$@" >>"$log" 2>&1 \
      || die "apt-get could not install $*, see $log"
  fi
  if [ -d /run/systemd/system ]; then
    for unit in kamailio prometheus rtpengine-daemon; do
      case " $* " in *" $unit "*) as_root systemctl disable --quiet "$unit" 2>/dev/null || true ;; esac
    done
  fi
}

# True when `node` on the path is at least $node_least.
node_fits() {
  has node || return 1
  local have
  have=$(node --version) || return 1
  [ "$(printf '%s\n%s\n' "$node_least" "${have#v}" | sort -V | head -n 1)" = "$node_least" ]
}


# Debian 12 has Node 18; the web build wants a newer one, which the npm registry carries as a package.
newer_node() {
  local arch dir=$tools/node
  PATH=$PWD/$dir/bin:$PATH
  node_fits && has npm && return 0
  has npm || packages nodejs npm
  case $(uname -m) in
    x86_64) arch=x64 ;;
    aarch64) arch=arm64 ;;
    *) die "the web build needs Node $node_least or newer; install it, then call make again" ;;
  esac
  say "installing Node $node_major into $dir"
  mkdir -p "$dir/bin"
  npm install --silent --no-save --no-audit --no-fund --prefix "$dir" \
    "node-linux-$arch@$node_major" npm@10 >"$tools/node.log" 2>&1 \
    || die "npm could not install Node $node_major (see $tools/node.log); install Node $node_least or newer, then call make again"
  ln -sf "../node_modules/node-linux-$arch/bin/node" "$dir/bin/node"
  ln -sf ../node_modules/npm/bin/npm-cli.js "$dir/bin/npm"
  hash -r
  node_fits || die "Node in $dir does not start; install Node $node_least or newer, then call make again"
}

# The plain relays that Tandem is measured beside, as their lock file has them.
relays() {
  local dir=load-tests/peers/node
  cmp -s "$dir/package-lock.json" "$dir/node_modules/.installed" && return 0
  has npm || newer_node
  say "installing the relays' packages into $dir"
  mkdir -p "$tools"
  npm ci --silent --prefix "$dir" >"$tools/relays.log" 2>&1 || die "npm could not install the relays' packages, see $tools/relays.log"
  cp "$dir/package-lock.json" "$dir/node_modules/.installed"
}

# A Python program of PyPI, in a folder of its own; only the program itself comes onto the path.
from_pypi() {
  local program=$1 version=$2 dir=$tools/python-$1
  has "$program" || [ -x "$tools/bin/$program" ] && return 0
  python3 -c 'import ensurepip' 2>/dev/null || packages python3-venv
  say "installing $program into $dir"
  mkdir -p "$tools/bin"
  { python3 -m venv "$dir" && "$dir/bin/pip" install --quiet --disable-pip-version-check "$program==$version"; } >"$tools/$program.log" 2>&1 \
    || die "pip could not install $program $version, see $tools/$program.log"
  ln -sf "../python-$program/bin/$program" "$tools/bin/$program"
}

for_build() {
  has cargo || die "Rust is missing: install cargo and rustc 1.90 or newer (rustup), then call make again"
  local missing=()
  has cc || missing+=(gcc libc6-dev)
  packages "${missing[@]}"
  newer_node
}

for_test() {
  local missing=() program package
  while read -r program package; do
    has "$program" || missing+=("$package")
  done <<'LIST'
python3 python3
sipp sip-tester
baresip baresip-core
linphonec linphone-cli
kamailio kamailio
rtpengine rtpengine-daemon
promtool prometheus
chromium chromium
openssl openssl
svmap sipvicious
LIST
  python3 -c 'import cryptography' 2>/dev/null || missing+=(python3-cryptography)
  packages "${missing[@]}"
  from_pypi schemathesis 4.32.5
  from_pypi openapi-spec-validator 0.9.0
  PATH=$PWD/$tools/node/bin:$PATH relays
  # Without nextest the tests run all the same, by cargo test; building it would take longer than it saves.
}

[ $# -gt 0 ] || die "say what for: build, test"
for what in "$@"; do
  case $what in
    build) for_build ;;
    test) for_test ;;
    *) die "unknown: $what; known: build, test" ;;
  esac
done
