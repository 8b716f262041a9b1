# Score many photographs in shards, here or on a cluster, and gather one biomarkers table:
#
#   snakemake --snakefile analysis/score.smk --cores 2 \
#     --config photos=manifest.csv model=faceage out=biomarkers.parquet shards=8
#   ... --profile analysis/profiles/slurm     to run each shard as a SLURM job
#
# A shard that is interrupted continues where it stopped when it is run again.

import shlex
import sys
from pathlib import Path

REQUIRED = ("photos", "model", "out")
missing = [name for name in REQUIRED if name not in config]
if missing:
    sys.exit(f"score.smk needs --config {' '.join(f'{name}=...' for name in missing)}")

OUT = Path(config["out"])
SHARDS = int(config.get("shards", 4))
PARTS = OUT.parent / f"{OUT.stem}_shards"
OPTIONS = shlex.split(str(config.get("options", "")))
FACEAGE = [sys.executable, "-m", "faceage_stats.cli"]

# Exit code 3 says that some photographs failed: each is a row with its reason.

rule gather:
    input:
        [f"{PARTS.as_posix()}/{i}_of_{SHARDS}.parquet" for i in range(1, SHARDS + 1)],
    output:
        OUT.as_posix(),
    resources:
        slurm_extra="",
        mem_mb=4000,
        runtime=60,
    shell:
        "{FACEAGE:q} merge {input:q} --out {output:q} --quiet || [ $? -eq 3 ]"

rule score:
    input:
        photos=config["photos"],
    output:
        f"{PARTS.as_posix()}/{{shard}}_of_{SHARDS}.parquet",
    threads: int(config.get("threads", 2))
    resources:
        slurm_extra=config.get("slurm_extra", ""),
        mem_mb=4000,
        runtime=24 * 60,
    shell:
        "{FACEAGE:q} score {input.photos:q} --model {config[model]:q} --out {output:q} "
        "--shard {wildcards.shard}/{SHARDS} --workers {threads} --quiet {OPTIONS:q} "
        "|| [ $? -eq 3 ]"
