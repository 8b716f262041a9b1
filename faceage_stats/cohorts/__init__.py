"""Raw tables to analysis sets: schemas, reading, curation, synthetic cohorts, disclosure."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "curation": ["curate"],
        "disclosure": ["suppress"],
        "plausibility": ["plausibility"],
        "prepare": ["add_scores", "prepare"],
        "remote": ["fetch_utk"],
        "schema": ["data_dictionary", "load_schema", "schema_names", "validate"],
        "synthetic": ["simulate"],
        "tables": ["read_table", "write_table"],
    },
)
