# Runs the Slurm recipe on a cluster of this machine, in a network without other machines.
#
#   unshare -n sh slurm.sh RECIPE COMMAND...
set -eu
recipe=$1
shift
ip link set lo up
# Names are looked up only where there is more than the loopback device.
ip link add name net0 type veth peer name net1
ip address add 192.0.2.1/24 dev net0
ip link set net0 up
ip link set net1 up
dir=$PWD/slurm
mkdir -p "$dir/state" "$dir/spool"
# munge wants folders that only its owner may write to.
chmod 755 "$dir" "$PWD"
head -c 1024 /dev/urandom >"$dir/munge.key"
chmod 400 "$dir/munge.key"
cpus=$(nproc)
cat >"$dir/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket
CryptoType=crypto/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
ReturnToService=2
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
NodeName=n1 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 CPUs=$cpus State=UNKNOWN
PartitionName=all Nodes=n1 Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$dir/slurm.conf
started=
trap 'kill $started 2>/dev/null || true; wait' EXIT
munged --foreground --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
    --log-file="$dir/munged.log" --seed-file="$dir/munged.seed" --force &
started=$!
waited=0
until test -S "$dir/munge.socket"; do
    waited=$((waited + 1))
    test $waited -lt 100 || { cat "$dir/munged.log"; exit 1; }
    sleep 0.1
done
slurmctld -D >/dev/null 2>&1 &
started="$started $!"
slurmd -D -N n1 >/dev/null 2>&1 &
started="$started $!"
until sinfo -h -o %t 2>/dev/null | grep -q idle; do
    waited=$((waited + 1))
    test $waited -lt 300 || { cat "$dir"/*.log; exit 1; }
    sleep 0.1
done
job=$(sbatch --parsable --array=1-8 "$recipe" 8 "$@")
while squeue -h -j "$job" 2>/dev/null | grep -q .; do sleep 1; done
cat "$PWD"/sweep-"$job"-*.log
# The words before `replay` are the tool.
tool=
for word in "$@"; do
    test "$word" != replay || break
    tool="$tool $word"
done
while test "$1" != --out; do shift; done
$tool sweep status "$2"
$tool sweep merge "$2"
