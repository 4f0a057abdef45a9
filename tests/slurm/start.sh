#!/usr/bin/env bash
# Starts a real SLURM on this one machine, for tests: munge, slurmctld and a few slurmd, without systemd or cgroups.
#
#   tests/slurm/start.sh                      installs what is missing (Debian, Ubuntu), starts what does not run
#   export SLURM_CONF=/var/lib/nas-slurm/slurm.conf
#   sbatch --wrap hostname
#   tests/slurm/stop.sh [--purge]
#
# Everything lies in SLURM_TEST_ROOT (/var/lib/nas-slurm), apart from a line per node in /etc/hosts. All daemons listen
# on 127.0.0.1 only. SLURM_NODES (2), SLURM_NODE_CPUS (4), SLURM_NODE_GPUS (2, fake ones) and SLURM_PORT (16917) set its shape.
set -euo pipefail

root=${SLURM_TEST_ROOT:-/var/lib/nas-slurm}
nodes=${SLURM_NODES:-2}
cpus=${SLURM_NODE_CPUS:-4}
gpus=${SLURM_NODE_GPUS:-2}
port=${SLURM_PORT:-16917}
packages=(munge slurm-client slurmctld slurmd)

fail() { echo "tests/slurm/start.sh: $*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || fail "SLURM's daemons need root here: run it as root, for example in a Debian container"

install_packages() {
  command -v apt-get >/dev/null || fail "install munge, slurmctld, slurmd and the SLURM client commands first: only apt is known here"
  # policy-rc.d keeps the packages from starting services of their own
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    trap "rm -f $policy" EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o DPkg::Lock::Timeout=300 update -qq
  apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${packages[@]}" >/dev/null || fail "apt-get could not install: ${packages[*]}"
}
for program in munged slurmctld slurmd sbatch; do
  command -v "$program" >/dev/null || { install_packages; break; }
done

mkdir -p "$root"/{munge,state,gpu}
chmod 755 "$root" "$root/munge"
for node in $(seq "$nodes"); do
  mkdir -p "$root/spool/n$node"
  # distributed training looks up the first node of a job by its name
  getent hosts "n$node" >/dev/null || echo "127.0.0.1 n$node" >>/etc/hosts
done

{
  cat <<CONF
ClusterName=nastest
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$port
SrunPortRange=$((port + 100))-$((port + 1099))
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# a requeued job waits for cred_expire seconds, 120 by default
AuthInfo=socket=$root/munge/socket,cred_expire=5
StateSaveLocation=$root/state
SlurmdSpoolDir=$root/spool/%n
SlurmctldPidFile=$root/slurmctld.pid
SlurmdPidFile=$root/slurmd.%n.pid
SlurmctldLogFile=$root/slurmctld.log
SlurmdLogFile=$root/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
# nodes may claim more processors and memory than the machine has
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=512
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=5
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
SlurmdTimeout=20
SlurmctldTimeout=30
KillWait=5
UnkillableStepTimeout=180
MinJobAge=300
CONF
  if [ "$gpus" -gt 0 ]; then echo GresTypes=gpu; fi
  for node in $(seq "$nodes"); do
    echo "NodeName=n$node NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((port + node)) CPUs=$cpus RealMemory=8192$([ "$gpus" = 0 ] || echo " Gres=gpu:$gpus")"
  done
  echo "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE DefaultTime=60 PriorityTier=10 PreemptMode=OFF"
  echo "PartitionName=low Nodes=ALL MaxTime=INFINITE DefaultTime=60 PriorityTier=1"
} >"$root/slurm.conf"
echo "CgroupAutomount=no" >"$root/cgroup.conf"
: >"$root/gres.conf"
if [ "$gpus" -gt 0 ]; then
  # a GPU must be a character device whose name ends in a number
  for gpu in $(seq 0 $((gpus - 1))); do ln -sfn /dev/null "$root/gpu/nvidia$gpu"; done
  echo "NodeName=n[1-$nodes] Name=gpu File=$root/gpu/nvidia[0-$((gpus - 1))]" >"$root/gres.conf"
fi
export SLURM_CONF=$root/slurm.conf

# a pid file counts only while that process is still that program
runs() { [ -s "$1" ] && [ "$(cat "/proc/$(cat "$1")/comm" 2>/dev/null)" = "$2" ]; }
until_ok() {
  for _ in $(seq 300); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done
  fail "waited 30 s in vain for: $* (logs are in $root)"
}

if ! runs "$root/munged.pid" munged; then
  [ -s "$root/munge/key" ] || (umask 077 && head -c 1024 /dev/urandom >"$root/munge/key")
  munged --key-file="$root/munge/key" --socket="$root/munge/socket" --pid-file="$root/munged.pid" \
    --log-file="$root/munged.log" --seed-file="$root/munge/seed"
fi
until_ok munge --socket="$root/munge/socket" --no-input
runs "$root/slurmctld.pid" slurmctld || slurmctld
until_ok scontrol ping
for node in $(seq "$nodes"); do
  runs "$root/slurmd.n$node.pid" slurmd || slurmd -N "n$node"
done
# a node that was down or drained when the cluster was stopped comes back
scontrol update nodename="n[1-$nodes]" state=resume 2>/dev/null || true
all_up() { [ "$(sinfo --noheader --Node --partition=main --format='%t' | grep -cE '^(idle|mix|alloc)')" -ge "$nodes" ]; }
until_ok all_up
echo "SLURM runs: export SLURM_CONF=$SLURM_CONF"
