"""What a run says while it trains: its measurements, what a person did meanwhile, and the rows of both files."""
