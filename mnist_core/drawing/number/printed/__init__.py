"""What print has that handwriting has not: ruled strokes, digits of one height, points of a pixel."""
