# Runs the Ray recipe on a cluster of two nodes with a core each, in a network without other machines.
#
#   unshare -n sh ray.sh PYTHON RECIPE COMMAND...
set -eu
python=$1
recipe=$2
shift 2
ip link set lo up
export RAY_USAGE_STATS_ENABLED=0 RAY_DEDUP_LOGS=0
bin=$(dirname "$python")
node() {
    "$bin/ray" start "$@" --num-cpus=1 --node-ip-address=127.0.0.1 --object-store-memory=100000000 --disable-usage-stats --block >"ray-$node.log" 2>&1 &
    started="$started $!"
}
started=
node=1
# All children end with their parent.
trap 'kill $started 2>/dev/null || true; wait' EXIT
node --head --port=6379 --include-dashboard=false --temp-dir="$PWD/ray"
waited=0
until "$bin/ray" status --address=127.0.0.1:6379 >/dev/null 2>&1; do
    waited=$((waited + 1))
    test $waited -lt 60 || { cat ray-1.log; exit 1; }
    sleep 1
done
node=2
node --address=127.0.0.1:6379
until "$bin/ray" status --address=127.0.0.1:6379 2>/dev/null | grep -q '/2.0 CPU'; do
    waited=$((waited + 1))
    test $waited -lt 120 || { cat ray-2.log; exit 1; }
    sleep 1
done
RAY_ADDRESS=127.0.0.1:6379 "$python" "$recipe" --shards 8 "$@"
