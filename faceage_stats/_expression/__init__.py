"""The small language of formulas and schema rules: names, numbers, operators, listed functions."""
