"""Take a run away, by the dialog that the pages share, and bring one in."""
