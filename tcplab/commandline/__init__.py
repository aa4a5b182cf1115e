"""Commands of the command line by family, where one file would not do; `cli` gathers them all."""
