"""Raw tables to analysis sets: schemas, reading, curation, synthetic cohorts, disclosure."""
