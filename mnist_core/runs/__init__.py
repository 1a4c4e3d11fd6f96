"""The run folder, which any process can read: record, status, curve, notes, commands left for its trainer, cached
analyses. No torch.
"""
