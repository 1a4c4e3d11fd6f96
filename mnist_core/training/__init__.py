"""One readable loop in plain PyTorch: `loop.py`, its optimizer, its device, its per-layer measurements. `kernels/` is
an optional fast path for the tutorial's network.
"""
