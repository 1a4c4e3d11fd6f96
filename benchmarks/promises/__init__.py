"""Campaigns that try to break docs/promises.md: `python -m benchmarks.promises.NAME --n N --seed S`, for NAME in kills,
damage, inputs, hostile, imports and trouble. Each prints a line for each finding, with its trial: `--only` repeats it.
"""
