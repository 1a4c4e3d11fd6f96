"""Pictures in uneven light: shade, shadows' edges, lamps, folds, boards, pencil and coloured ink, and empty paper."""
