"""The only room with networkx: the table of transitions as a graph. Imported when first used."""
