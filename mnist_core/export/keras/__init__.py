"""A run for Keras 3: its weights as a .keras file, and beside it the same network and settings as a Keras script."""
