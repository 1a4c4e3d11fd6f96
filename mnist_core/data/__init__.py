"""MNIST as arrays and tensors, downloaded and verified; batches and their order; augmentation for training, corruptions
for testing; known label errors.
"""
