#!/usr/bin/env bash
# Makes the Python environment that tests use, once per requirements file, and prints the path of its interpreter.
# usage: scripts/python-venv.sh [requirements.txt] [folder] [base]; the folder defaults to .cache/python. Safe to call from several tests at once.
# base: the folder of an environment that this one stands on. Its packages are seen, those of the requirements go before them, and nothing
# is installed that the requirements do not list, whatever they say that they need.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
requirements="${1:-$root/test/python/requirements.txt}"
venv="${2:-$root/.cache/python}"
base="${3:-}"
python="${PYTHON:-python3}"

mkdir -p "$(dirname "$venv")"
wanted="$("$python" --version) $(cksum <"$requirements")"
[ -z "$base" ] || wanted="$wanted on $base $(cat "$base/.complete")"
stamp="$venv/.complete"
is_complete() { [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; }

if ! is_complete; then
  if command -v flock >/dev/null; then
    exec 9>"$venv.lock"
    flock 9
  fi
  if ! is_complete; then
    rm -rf "$venv"
    "$python" -m venv "$venv" >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes ${base:+--no-deps} -r "$requirements" >&2
    if [ -n "$base" ]; then
      packages='import sysconfig; print(sysconfig.get_path("purelib"))'
      # The last of its kind: files of this name are read in alphabetical order.
      "$base/bin/python" -c "$packages" >"$("$venv/bin/python" -c "$packages")/zz-base.pth"
    fi
    printf '%s' "$wanted" >"$stamp"
  fi
fi
printf '%s\n' "$venv/bin/python"
