# What the other scripts share: the packages of the system, and the way to get them.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# Installs Debian packages or Homebrew formulae, or says which ones are missing.
install_packages() {
  local packages=("$@")
  if [[ $(uname) == Darwin ]]; then
    if command -v brew > /dev/null; then
      brew install "${packages[@]}" && return
    fi
    echo "Backstep needs: ${packages[*]} (install Homebrew, or these by hand)" >&2
    return 1
  fi
  local run=()
  if [[ $(id -u) != 0 ]]; then
    if ! command -v sudo > /dev/null; then
      echo "Backstep needs these packages: ${packages[*]} (install them as root)" >&2
      return 1
    fi
    run=(sudo)
  fi
  if ! command -v apt-get > /dev/null; then
    echo "Backstep needs, under Debian's names: ${packages[*]} (no apt-get here)" >&2
    return 1
  fi
  echo "Backstep installs ${packages[*]}" >&2
  # The package lists may be missing or old: a first try without, a second with new ones.
  "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}" \
    > /dev/null 2>&1 && return
  "${run[@]}" apt-get update -qq >&2
  "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}" >&2
}

# The toolchain cannot be had from a package: say where it is.
need_swift() {
  if ! command -v swift > /dev/null; then
    echo "Backstep needs Swift 6.2 or newer: https://www.swift.org/install" >&2
    exit 1
  fi
}

# libedit, for the prompt. Its header tells whether it is there.
need_libedit() {
  [[ $(uname) == Darwin ]] && return
  [[ -e /usr/include/histedit.h ]] || install_packages libedit-dev
}

# OpenBLAS, for large products of matrices; the program does without it, more slowly.
need_openblas() {
  [[ $(uname) == Darwin ]] && return
  compgen -G '/usr/lib*/libopenblas.so.0' > /dev/null && return
  compgen -G '/usr/lib*/*/libopenblas.so.0' > /dev/null && return
  install_packages libopenblas0 || echo "without OpenBLAS large matrices take longer" >&2
}

# Graphviz, which draws what export writes as .svg, .png and .pdf.
need_graphviz() {
  command -v dot > /dev/null || install_packages graphviz
}

# Puts the archive of the C++ library, which Swift's own needs, where Package.swift has the linker look
# first: looking up its symbols would take a quarter of every start. Fails where there is none.
link_statically() {
  local compiler archive
  rm -f "$root/.build/static/libstdc++.a"
  [[ $(uname) != Darwin ]] || return 1
  compiler="$(dirname "$(readlink -f "$(command -v swift)")")/clang"
  [[ -x $compiler ]] || compiler=cc
  # Where one is missing its bare name comes back.
  [[ $("$compiler" -print-file-name=libgcc_eh.a 2> /dev/null) == /* ]] || return 1
  archive=$("$compiler" -print-file-name=libstdc++.a 2> /dev/null) || return 1
  [[ $archive == /* ]] || return 1
  mkdir -p "$root/.build/static"
  ln -sf "$archive" "$root/.build/static/libstdc++.a"
}

# Writes a program anew. The linker fills a mapping, a page at a time; what was written as a whole lies in
# memory in larger pieces, so that a start has fewer page faults and takes a fifth less.
write_anew() {
  [[ $(uname) != Darwin ]] || return 0
  if cp -p "$1" "$1.new" 2> /dev/null; then mv -f "$1.new" "$1"; else rm -f "$1.new"; fi
}

# Builds the release program, or another product, and says where it is, in $program.
build_release() {
  local product=${1:-backstep}
  local options=(-c release --disable-local-rpath --product "$product")
  [[ $(uname) == Darwin ]] || options+=(--static-swift-stdlib)
  program="$root/.build/release/$product"
  # An archive may be there and not be made for programs such as this: then without it.
  local log
  if ! { link_statically && LINK_STATICALLY=1 swift build "${options[@]}" > /dev/null 2>&1; } \
    && ! log=$(swift build "${options[@]}" 2>&1); then
    echo "$log" >&2
    exit 1
  fi
  write_anew "$program"
}
