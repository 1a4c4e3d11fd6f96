"""The section "Kernels": pictures over the epochs, the digits that excite a unit, distances and histograms."""
