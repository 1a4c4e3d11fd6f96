"""The training process itself: it waits for its turn, trains, reports, obeys commands, and writes its run folder."""
