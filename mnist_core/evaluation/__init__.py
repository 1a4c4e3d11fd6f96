"""What a network gets right and wrong: predictions, intervals, comparison, calibration, robustness, label issues,
diagnosis of a training.
"""
