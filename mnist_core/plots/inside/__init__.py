"""Figures of the page "Look inside"."""
