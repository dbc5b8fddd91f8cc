"""Benches of vmatcore: against its pure-Python baseline here, against its peers in `peers`."""
