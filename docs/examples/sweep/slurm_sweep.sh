#!/bin/sh
# A sweep on a Slurm cluster: an array job with a task for each shard.
#
#   sbatch --array=1-64 --cpus-per-task=4 slurm_sweep.sh 64 \
#     cargo tesser replay chase.wasm --sweep runs.toml --quantity 2 --out /shared/results
#
# The first argument is the number of shards, however many tasks the array has: `--array=7,9` makes two of them again. Each node
# needs the tool, and the same folders under the same paths. When all are done:
#
#   cargo tesser sweep status /shared/results
#   cargo tesser sweep merge /shared/results
#SBATCH --job-name=sweep
#SBATCH --requeue
#SBATCH --output=sweep-%A-%a.log
set -eu
shards=$1
shift
# A task that is requeued finds the parts that it made.
exec "$@" --shard "$SLURM_ARRAY_TASK_ID/$shards" --jobs "${SLURM_CPUS_PER_TASK:-1}"
