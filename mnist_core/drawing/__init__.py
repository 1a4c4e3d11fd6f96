"""From pen strokes or any picture to the 28x28 image MNIST would have held; what is no digit is rejected; a person's
kept digits; synthetic ones.
"""
