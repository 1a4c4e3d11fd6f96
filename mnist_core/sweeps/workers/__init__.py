"""What a worker does: claim a trial, train it, watch over it, hand its run to the machine that started the sweep."""
