"""A run as plain PyTorch: one script (`python_file.py`), a notebook, or four small scripts, all put together from the
pieces of text in `parts/`, of which a run gets those that it uses."""
