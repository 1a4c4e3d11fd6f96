"""The section "Why": the evidence in the digit, and where it lies among others."""
