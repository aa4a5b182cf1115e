"""Pure drawing: views in, rows out. A row is a list of (text, style) runs; `theme` says what a style looks like."""
