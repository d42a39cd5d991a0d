"""Documents of proofs by exhaustion: apart from results documents, which hold the largest error seen."""
