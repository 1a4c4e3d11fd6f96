"""Where state lives (`MNIST_HOME`), files replaced in one step, processes started and recognised, signals, and how fast
this machine computes. Knows nothing of MNIST.
"""
