"""Gene sets from GMT files, and an example."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

from faceage_stats._call import checked_call
from faceage_stats.errors import InputError

__all__ = ["read_gmt", "senescence_example"]


@checked_call
def read_gmt(path: str | Path) -> dict[str, tuple[str, ...]]:
    r"""Read gene sets from a GMT file: one set per line, tab-separated name, description, genes.

    Parameters
    ----------
    path : path
        A ``.gmt`` file, as MSigDB and others give them out. Lines that start with # are notes.

    Returns
    -------
    dict of str to tuple of str
        Set name to its genes, each once, in the order of the file.

    Raises
    ------
    InputError
        A line without genes, a name that occurs twice, or no sets at all.

    See Also
    --------
    gene_set_test : tests of the sets.
    senescence_example : sets that come with the package.

    Notes
    -----
    In R: ``qusage::read.gmt("sets.gmt")``

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "sets.gmt"
    ...     _ = file.write_text("cycle\tan example\tCDK4\tCDK6\n")
    ...     read_gmt(file)
    {'cycle': ('CDK4', 'CDK6')}
    """
    sets: dict[str, tuple[str, ...]] = {}
    if not isinstance(path, str | os.PathLike) or not Path(path).is_file():
        raise InputError(f"read_gmt(): {path!r:.80} is not the path of a file.")
    text = Path(path).read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, *cells = (cell.strip() for cell in line.split("\t"))
        genes = tuple(dict.fromkeys(gene for gene in cells[1:] if gene))
        if not name or not genes:
            raise InputError(
                f"line {number} of {Path(path).name} has no genes: a line holds name, "
                "description and genes, separated by tabs."
            )
        if name in sets:
            raise InputError(f"{Path(path).name}: the set '{name}' occurs twice.")
        sets[name] = genes
    if not sets:
        raise InputError(f"{Path(path).name} holds no gene sets.")
    return sets


@checked_call
def senescence_example() -> dict[str, tuple[str, ...]]:
    """Read the example sets that come with the package: genes involved in senescence.

    Two short lists of gene symbols, cell-cycle arrest and the secretory phenotype, put together by
    hand; the file names reviews for background. They show the format; a study should use curated
    sets.

    Returns
    -------
    dict of str to tuple of str
        As :func:`read_gmt`.

    See Also
    --------
    read_gmt : the sets of a study.

    References
    ----------
    Gorgoulis V, Adams PD, Alimonti A, and others (2019). Cellular senescence: defining a path
    forward. Cell 179:813-827. doi:10.1016/j.cell.2019.10.005

    Examples
    --------
    >>> "CDK6" in senescence_example()["SENESCENCE_CELL_CYCLE_EXAMPLE"]
    True
    """
    file = resources.files("faceage_stats.association.genomics").joinpath(
        "data/senescence_example.gmt"
    )
    with resources.as_file(file) as path:
        return read_gmt(path)
