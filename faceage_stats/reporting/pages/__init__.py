"""Pages of the book from stored results; one module per part of a page."""
