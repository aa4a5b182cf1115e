"""A captured file on the screen: the same log, ladder, diagram, plots and inspector, and a list of connections."""
