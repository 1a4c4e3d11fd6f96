"""One HTML file that reads what a person draws.

`program` says what a network computes, `packing` rounds its weights, `simulation` answers as the page will, `page` puts
the parts together with the engine in `static/engine/`, and `file` writes.
"""
