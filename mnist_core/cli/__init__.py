"""`python -m mnist_core COMMAND`, a file for each group of commands, and the exit statuses."""
