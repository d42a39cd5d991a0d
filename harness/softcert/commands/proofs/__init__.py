"""Commands about proofs by exhaustion: run, merge, verify."""
