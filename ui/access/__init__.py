"""Who may do what on the pages: sign-in where it is configured, its two roles, and all that a page can change."""
