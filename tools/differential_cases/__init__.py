"""What tools/differential consists of: `draw` and `case` for drawing, `voices` and `verdict` for judging, and one module per
family of operators, whose functions draw a case of an operator each."""
