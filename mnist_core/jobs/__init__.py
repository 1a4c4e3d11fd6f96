"""Training processes: start, queue, steer, run (worker), verify, fine-tune, guided experiments."""
