"""What a class did: graded results gathered step by step, as a table, as CSV, and as a page with plots."""
