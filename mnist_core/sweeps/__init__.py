"""Sweeps: many trainings whose settings Optuna chooses, by workers on one machine or many.

The storage is all that workers share. Optuna is an extra of the package (`tune`), imported where it is used.
"""
