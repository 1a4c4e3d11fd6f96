"""Commands that look inside a network, and change what it sees."""
