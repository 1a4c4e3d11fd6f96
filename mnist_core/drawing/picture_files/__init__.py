"""Picture files as people have them, read with bounds: what each is, how large it may be, and its pixels."""
