"""The lines of docs/numerics.md: nodes with inputs, and who says what comes out."""
