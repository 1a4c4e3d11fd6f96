"""Runs beside one another: all of them as a table to sort and filter, curves of several, which is better and whether
that could be luck, and what nothing beats. No torch but where answers must be computed again.
"""
