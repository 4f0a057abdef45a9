#!/usr/bin/env bash
# Starts a real SLURM on this one machine, for tests: munge, slurmctld and a few slurmd, without systemd or cgroups.
#
#   tests/slurm/start.sh                      installs what is missing (Debian, Ubuntu), starts what does not run
#   export SLURM_CONF=/var/lib/nas-slurm/slurm.conf
#   sbatch --wrap hostname
#   tests/slurm/stop.sh [--purge]
#
# Everything lies in SLURM_TEST_ROOT (/var/lib/nas-slurm), apart from a line per node in /etc/hosts. All daemons listen
# on 127.0.0.1 only, but slurmdbd, which has no such setting; it wants this cluster's key. SLURM_NODES (2, those of
# partition main), SLURM_NODE_CPUS (16), SLURM_NODE_GPUS (2, fake ones), SLURM_PORT (16917) and SLURM_ACCOUNTING
# (1: MariaDB and slurmdbd, so that sacct answers; 0: a site without) set its shape.
#
# Partitions: main, the default; low, lowgrace and lowcancel, a node each, whose jobs lose it to jobs of partition high:
# requeued, requeued after 10 s, cancelled; fragile, two nodes for tests that kill one. Account few may have two jobs.
set -euo pipefail

root=${SLURM_TEST_ROOT:-/var/lib/nas-slurm}
nodes=${SLURM_NODES:-2}
cpus=${SLURM_NODE_CPUS:-16}
gpus=${SLURM_NODE_GPUS:-2}
port=${SLURM_PORT:-16917}
accounting=${SLURM_ACCOUNTING:-1}
packages=(munge slurm-client slurmctld slurmd)
programs=(munged slurmctld slurmd sbatch)
if [ "$accounting" = 1 ]; then packages+=(slurmdbd mariadb-server); programs+=(slurmdbd mariadbd); fi
all=$((nodes + 5)) # and those of the other partitions

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
for program in "${programs[@]}"; do
  command -v "$program" >/dev/null || { install_packages; break; }
done

mkdir -p "$root"/{munge,state,gpu}
chmod 755 "$root" "$root/munge"
for node in $(seq "$all"); do
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
# without cgroups this is what ends a job that takes more memory than it asked for
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=2
JobAcctGatherParams=OverMemoryKill
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
SlurmdTimeout=10
SlurmctldTimeout=30
KillWait=3
UnkillableStepTimeout=180
MinJobAge=300
CONF
  if [ "$accounting" = 1 ]; then
    cat <<CONF
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$((port + 50))
AccountingStoragePass=$root/munge/socket
AccountingStorageEnforce=limits
AccountingStoreFlags=job_comment
CONF
    [ "$gpus" = 0 ] || echo "AccountingStorageTRES=gres/gpu"
  else
    echo "AccountingStorageType=accounting_storage/none"
  fi
  if [ "$gpus" -gt 0 ]; then echo GresTypes=gpu; fi
  for node in $(seq "$all"); do
    echo "NodeName=n$node NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((port + node)) CPUs=$cpus RealMemory=65536$([ "$gpus" = 0 ] || echo " Gres=gpu:$gpus")"
  done
  times="MaxTime=INFINITE DefaultTime=60"
  echo "PartitionName=main Nodes=n[1-$nodes] Default=YES $times PriorityTier=10 PreemptMode=OFF"
  echo "PartitionName=low Nodes=n$((nodes + 1)) $times PriorityTier=1 PreemptMode=REQUEUE GraceTime=0"
  echo "PartitionName=lowgrace Nodes=n$((nodes + 2)) $times PriorityTier=1 PreemptMode=REQUEUE GraceTime=10"
  echo "PartitionName=lowcancel Nodes=n$((nodes + 3)) $times PriorityTier=1 PreemptMode=CANCEL GraceTime=0"
  echo "PartitionName=high Nodes=n[$((nodes + 1))-$((nodes + 3))] $times PriorityTier=20 PreemptMode=OFF"
  echo "PartitionName=fragile Nodes=n[$((nodes + 4))-$all] $times PriorityTier=10 PreemptMode=OFF"
} >"$root/slurm.conf.new"
# another shape than the one that runs
if [ -e "$root/slurm.conf" ] && ! cmp -s "$root/slurm.conf" "$root/slurm.conf.new"; then
  SLURM_TEST_ROOT=$root "$(dirname "$0")/stop.sh"
  rm -f "$root"/state/{node,part,last_config}_* "$root/state/last_config_lite"
fi
mv "$root/slurm.conf.new" "$root/slurm.conf"
echo "CgroupAutomount=no" >"$root/cgroup.conf"
: >"$root/gres.conf"
if [ "$gpus" -gt 0 ]; then
  # a GPU must be a character device whose name ends in a number
  for gpu in $(seq 0 $((gpus - 1))); do ln -sfn /dev/null "$root/gpu/nvidia$gpu"; done
  echo "NodeName=n[1-$all] Name=gpu File=$root/gpu/nvidia[0-$((gpus - 1))]" >"$root/gres.conf"
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

sql() { mariadb --no-defaults --socket="$root/mariadb.socket" --execute="$1"; }
if [ "$accounting" = 1 ]; then
  if ! runs "$root/mariadb.pid" mariadbd; then
    [ -d "$root/mariadb/mysql" ] || mariadb-install-db --no-defaults --user=root --datadir="$root/mariadb" \
      --auth-root-authentication-method=socket --skip-test-db >"$root/mariadb.log" 2>&1
    setsid mariadbd --no-defaults --user=root --datadir="$root/mariadb" --socket="$root/mariadb.socket" \
      --pid-file="$root/mariadb.pid" --bind-address=127.0.0.1 --port=$((port + 51)) --skip-name-resolve \
      --innodb-buffer-pool-size=64M --innodb-log-file-size=32M --innodb-lock-wait-timeout=900 \
      --innodb-flush-log-at-trx-commit=0 --performance-schema=OFF </dev/null >>"$root/mariadb.log" 2>&1 &
    until_ok sql "select 1"
    sql "create database if not exists slurm; create user if not exists 'slurm'@'127.0.0.1' identified by 'slurm';
      grant all on slurm.* to 'slurm'@'127.0.0.1'"
  fi
  if ! runs "$root/slurmdbd.pid" slurmdbd; then
    (umask 077 && cat >"$root/slurmdbd.conf") <<CONF
AuthType=auth/munge
AuthInfo=socket=$root/munge/socket
DbdHost=$(hostname -s)
DbdAddr=127.0.0.1
DbdPort=$((port + 50))
SlurmUser=root
LogFile=$root/slurmdbd.log
PidFile=$root/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=$((port + 51))
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm
CommitDelay=1
CONF
    slurmdbd
    until_ok sacctmgr --noheader list cluster
  fi
  if ! sacctmgr --noheader --parsable2 list associations user=root account=few format=user | grep -q root; then
    sacctmgr --immediate --quiet add cluster nastest >/dev/null || true
    sacctmgr --immediate --quiet add account many,few >/dev/null
    sacctmgr --immediate --quiet add user root account=many defaultaccount=many >/dev/null
    sacctmgr --immediate --quiet add user root account=few maxsubmitjobs=2 >/dev/null
  fi
fi
runs "$root/slurmctld.pid" slurmctld || slurmctld
until_ok scontrol ping
for node in $(seq "$all"); do
  runs "$root/slurmd.n$node.pid" slurmd || slurmd -N "n$node"
done
# a node that was down or drained when the cluster was stopped comes back
scontrol update nodename="n[1-$all]" state=resume 2>/dev/null || true
all_up() { [ "$(sinfo --noheader --Node --format='%N %t' | grep -E ' (idle|mix|alloc)\*?$' | grep -v '\*' | sort -u | wc -l)" -ge "$all" ]; }
until_ok all_up
echo "SLURM runs: export SLURM_CONF=$SLURM_CONF"
