"""What tools/networks consists of: `packages` and `exports` say which networks there are, `trial` runs one, `table` writes the report."""
