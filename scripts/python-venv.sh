#!/usr/bin/env bash
# Makes the Python environment that tests use, once per requirements file, and prints the path of its interpreter.
# usage: scripts/python-venv.sh [requirements.txt] [folder]; the folder defaults to .cache/python. Safe to call from several tests at once.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
requirements="${1:-$root/test/python/requirements.txt}"
venv="${2:-$root/.cache/python}"
python="${PYTHON:-python3}"

mkdir -p "$(dirname "$venv")"
wanted="$("$python" --version) $(cksum <"$requirements")"
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
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$requirements" >&2
    printf '%s' "$wanted" >"$stamp"
  fi
fi
printf '%s\n' "$venv/bin/python"
