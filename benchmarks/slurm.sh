#!/usr/bin/env bash
# Score photographs in shards on a one-node SLURM cluster made for this run, and compare the
# gathered table with an undisturbed run. Needs root and Debian's packages slurm-wlm and munge.
#
#   bash benchmarks/slurm.sh [PHOTOGRAPHS] [SHARDS]
set -euo pipefail
cd "$(dirname "$0")/.."
photographs=${1:-40} shards=${2:-4}
python=$PWD/.venv/bin/python
work=$(mktemp -d)
conf=/etc/slurm/slurm.conf # where the jobs themselves look for it
[ ! -e "$conf" ] || { echo "$conf exists: this machine has a cluster already" >&2; exit 2; }
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work" "$conf"
}
trap finish EXIT

for program in munged slurmctld slurmd sbatch; do
  command -v "$program" >/dev/null || { echo "$program is missing: apt-get install slurm-wlm munge" >&2; exit 2; }
done

# A cluster of one node: this machine.
mkdir -p "$work"/{state,spool,photos} /run/munge
chown munge: /run/munge
pgrep -x munged >/dev/null || { setpriv --reuid=munge --regid=munge --clear-groups munged --foreground & pids+=($!); }
node=$(hostname -s)
cat >"$conf" <<CONF
ClusterName=faceage
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$(awk '/MemTotal/ {print int($2 / 1200)}' /proc/meminfo) State=UNKNOWN
PartitionName=all Nodes=$node Default=YES MaxTime=INFINITE State=UP
CONF
slurmctld -D >"$work/slurmctld.log" 2>&1 & pids+=($!)
sleep 2
slurmd -D -N "$node" >"$work/slurmd.log" 2>&1 & pids+=($!)
for _ in $(seq 30); do sinfo -h -o %T 2>/dev/null | grep -q idle && break; sleep 1; done
sinfo || { tail -n 20 "$work"/*.log >&2; exit 1; }

# Photographs: the public-domain portrait that scikit-image ships, turned and darkened.
"$python" - "$work" "$photographs" <<'PY'
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

from faceage_stats.scoring.demo import write_demo_model

work, count = Path(sys.argv[1]), int(sys.argv[2])
portrait = Image.fromarray(data.astronaut())
for i in range(count):
    turned = portrait.rotate(i % 7 - 3)
    shade = np.asarray(turned) * (0.6 + 0.4 * (i % 5) / 4)
    Image.fromarray(shade.astype(np.uint8)).save(work / "photos" / f"{i:05d}.jpg", quality=90)
write_demo_model(work)
PY

seconds() { local start=$SECONDS; "$@" >"$work/run.log" 2>&1 || { cat "$work/run.log" >&2; return 1; }; echo $((SECONDS - start)); }
model=$work/demo.onnx
echo "one process:   $(seconds "$python" -m faceage_stats.cli score "$work/photos" --model "$model" --out "$work/whole.parquet" --quiet) s"
echo "SLURM, $shards jobs: $(seconds "$python" -m snakemake --snakefile analysis/score.smk \
  --directory "$work" --profile analysis/profiles/slurm --set-resources "score:slurm_extra=''" \
  --slurm-status-command squeue --slurm-init-seconds-before-status-checks 5 --latency-wait 5 --jobs "$shards" --config photos="$work/photos" model="$model" \
  out="$work/gathered.parquet" shards="$shards" threads=1) s"

"$python" - "$work" <<'PY'
import sys
from pathlib import Path

import pandas as pd

work = Path(sys.argv[1])
whole, gathered = (
    pd.read_parquet(work / f"{name}.parquet").drop(columns="seconds") for name in ("whole", "gathered")
)
pd.testing.assert_frame_equal(whole, gathered)
print(f"{len(whole)} photographs: the gathered table equals the undisturbed one")
PY
