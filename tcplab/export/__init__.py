"""What is taken away from a session or a capture: text, Mermaid, SVG. One writer a file, all over one `Subject`."""
