"""The engine: data, networks, training, runs, evaluation and drawings. It never imports Streamlit."""
