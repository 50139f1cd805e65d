"""What tools/race consists of: `case` for making and timing a case, `table` for the report, and one module per family of operators,
whose `cases()` lists graphs of one operator each."""
