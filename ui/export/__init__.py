"""Take a run away: the dialog that the pages share, with every format that can be handed over as a file."""
