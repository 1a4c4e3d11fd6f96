"""Which pixels of a picture are ink: in scans, in uneven light, on ruled paper and in printed boxes."""
