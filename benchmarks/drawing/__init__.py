"""How well drawings are read, and what is no digit rejected."""
