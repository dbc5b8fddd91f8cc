"""The pure-Python oracle: one readable file for each stage of the Rust core."""
