"""Options that several commands have: each is declared once, and means the same wherever it stands."""
