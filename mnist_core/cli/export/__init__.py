"""A run for other programs: `export`, and `--log-to` of `train` and `resume`."""
