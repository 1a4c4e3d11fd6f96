"""Streamlit components with JavaScript of their own."""
