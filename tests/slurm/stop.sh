#!/usr/bin/env bash
# Stops what tests/slurm/start.sh started; --purge also removes its folder. Packages stay installed.
set -u

root=${SLURM_TEST_ROOT:-/var/lib/nas-slurm}
export SLURM_CONF=$root/slurm.conf

stop() { # PIDFILE PROGRAM
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 0
  running() { [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$1" ] && ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null; }
  if running "$2"; then
    kill "$pid"
    for _ in $(seq 100); do running "$2" || break; sleep 0.1; done
    running "$2" && kill -KILL "$pid"
  fi
  rm -f "$1"
}

# jobs first: a step that ends while the daemons are down drains its node
if timeout 5 scontrol ping >/dev/null 2>&1; then
  squeue --noheader --format=%A | sort -u | xargs --no-run-if-empty scancel
  for _ in $(seq 100); do [ -z "$(squeue --noheader)" ] && break; sleep 0.1; done
fi
stop "$root/slurmctld.pid" slurmctld
for file in "$root"/slurmd.*.pid; do stop "$file" slurmd; done
stop "$root/slurmdbd.pid" slurmdbd
stop "$root/mariadb.pid" mariadbd
stop "$root/munged.pid" munged
[ "${1:-}" != --purge ] || rm -rf "$root"
exit 0
