"""Exported networks beside the runs that they were written from."""
