"""The sections of the Mistakes page. They know nothing of the other pages' sections."""
