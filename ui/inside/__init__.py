"""The sections of the page "Look inside": a network drawn, its kernels, why it answered so, broken and fooled."""
