"""The engine: data, networks, training, runs, evaluation and drawings. It never imports Streamlit."""

import os

# Torch's threads (GNU OpenMP) wait for one another hundreds of times a step. By default each spins for milliseconds,
# which starves them all as soon as another program wants a core: on two cores at a load of six an update of the
# tutorial's network took 135 to 344 ms instead of 3.7. Spinning for about 0.1 ms it took 39 to 60, and 3.84 on an idle
# machine. It is read when torch is loaded, so it stands before everything; a person's own choice is left alone.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
