"""Digits changed on purpose so that a network reads them as something else."""
