"""How a network came to be what it is: its weights, its activations and its map of digits after each saved epoch."""
