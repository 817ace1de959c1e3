"""A sweep on a Ray cluster: a task for each shard.

    pip install ray
    python ray_sweep.py --shards 64 cargo tesser replay chase.wasm --sweep runs.toml --quantity 2 --out /shared/results

It runs on the cluster that RAY_ADDRESS names, or on this machine. Each node needs the tool, and the same folders under the same paths.
A shard that fails or whose node is lost is tried again, and finds the parts that it made. Run the same command again to finish a
sweep that was stopped, with any number of shards.
"""

import argparse
import os
import shlex
import subprocess
import sys

import ray

parser = argparse.ArgumentParser(description="A sweep on a Ray cluster: a task for each shard.")
parser.add_argument("--shards", type=int, required=True, help="number of tasks")
parser.add_argument("--cpus", type=int, default=1, help="cores of each task (default: 1)")
parser.add_argument("--retries", type=int, default=3, help="how often a task is tried again (default: 3)")
parser.add_argument("command", nargs=argparse.REMAINDER, help="cargo tesser replay ... --sweep FILE --out DIR")
arguments = parser.parse_args()
if "--out" not in arguments.command:
    parser.error("the command needs `--out DIR`: a folder that all nodes share")
out = arguments.command[arguments.command.index("--out") + 1]


@ray.remote(max_retries=arguments.retries, retry_exceptions=True, num_cpus=arguments.cpus)
def run(number, folder):
    """Makes the parts of one shard; returns the node that did."""
    words = [*arguments.command, "--shard", f"{number}/{arguments.shards}", "--jobs", str(arguments.cpus)]
    done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{shlex.join(words)}: exit code {done.returncode}\n{done.stderr}")
    return number, ray.get_runtime_context().get_node_id()


ray.init()
waiting = [run.remote(number, os.getcwd()) for number in range(1, arguments.shards + 1)]
nodes = set()
failed = 0
while waiting:
    done, waiting = ray.wait(waiting)
    try:
        number, node = ray.get(done[0])
        nodes.add(node)
        print(f"shard {number}/{arguments.shards} is done, {len(waiting)} to go", file=sys.stderr)
    except (ray.exceptions.RayError, RuntimeError) as error:
        failed += 1
        print(error, file=sys.stderr)
print(f"{len(nodes)} nodes made {arguments.shards - failed} of {arguments.shards} shards", file=sys.stderr)
if failed:
    sys.exit(1)

# The command without the words of `replay`: `cargo tesser sweep merge DIR`.
tool = arguments.command[: arguments.command.index("replay")]
sys.exit(subprocess.run([*tool, "sweep", "merge", out]).returncode)
