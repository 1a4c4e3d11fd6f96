"""The networks, their weights on disk, and running them over many images."""
