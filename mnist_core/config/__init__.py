"""Every hyper-parameter once (`TrainConfig`), what a slider or an option needs to know of it, the networks as a person
reads of them, presets, sharing. No torch.
"""
